//! A disk in memory that can fill up, fail and lose power, with the guarantees that Linux gives
//! and not one more: content lives through a crash once its file was synced, a name once its
//! directory was, and after a failed sync the kernel takes what was written for clean.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard};

use nix::libc::{EIO, EROFS};

use super::fake_file::{FakeFile, Held};
use crate::store::{Access, Disk, DiskFile, Facts, FileKind, Owner};

/// What outlives a loss of power of all that was never synced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Remains {
    /// Nothing.
    Nothing,
    /// The names.
    Names,
    /// Names, and of bytes that were appended or written over others this share in percent.
    Part(usize),
    /// Names, and the right lengths, but zeros for bytes.
    Zeros,
    /// Everything: only the process died.
    Everything,
}

#[derive(Clone)]
pub(super) struct Inode {
    pub(super) now: Vec<u8>,
    pub(super) durable: Vec<u8>,
    pub(super) facts: Facts,
    /// A sync failed: no later one helps.
    pub(super) lost: bool,
    /// The blocks under it are bad: no write succeeds.
    pub(super) broken: bool,
    /// Up to where space is its own already.
    pub(super) set_aside: usize,
}

impl Inode {
    /// Of what was written over synced bytes, this share in percent is on the disk as well.
    fn write_over(&mut self, percent: usize) {
        let differs = |(_, (now, durable)): &(usize, (&u8, &u8))| now != durable;
        let mut pairs = self
            .now
            .iter()
            .zip(&self.durable)
            .enumerate()
            .filter(differs);
        let Some((first, _)) = pairs.next() else {
            return;
        };
        let end = pairs.next_back().map_or(first, |(last, _)| last) + 1;
        let kept = first + (end - first) * percent / 100;
        self.durable[first..kept].copy_from_slice(&self.now[first..kept]);
    }
}

#[derive(Default)]
pub(super) struct World {
    inodes: BTreeMap<u64, Inode>,
    names: BTreeMap<String, u64>,
    durable_names: BTreeMap<String, u64>,
    pub(super) locked: bool,
    directory: Option<Facts>,
    /// How many operations that change anything there were.
    pub(super) steps: u64,
    /// How many bytes of files were read.
    pub(super) bytes_read: u64,
    /// How many syncs of files.
    pub(super) syncs: u64,
    /// From this step on nothing works.
    pub(super) power_off_at: Option<u64>,
    /// How many bytes are free, if that is bounded.
    pub(super) free: Option<usize>,
    pub(super) read_only: bool,
    /// How many of the next syncs of files fail.
    pub(super) failing_syncs: u32,
    /// How many of the next truncations fail.
    pub(super) failing_cuts: u32,
    /// Tells that a sync began, and lets it end.
    pub(super) gate: Option<(Sender<()>, Receiver<()>)>,
}

/// A directory on such a disk.
#[derive(Clone, Default)]
pub(super) struct FakeDisk(Arc<Mutex<World>>);

impl FakeDisk {
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    /// The disk as the next start finds it.
    pub(super) fn after_crash(&self, remains: Remains) -> Self {
        let world = self.world();
        let names = if remains == Remains::Nothing {
            &world.durable_names
        } else {
            &world.names
        };
        let mut inodes = world.inodes.clone();
        for inode in inodes.values_mut() {
            if let Remains::Part(percent) = remains {
                inode.write_over(percent);
            }
            let tail = inode.now.get(inode.durable.len()..).unwrap_or_default();
            let kept = match remains {
                Remains::Nothing | Remains::Names => Vec::new(),
                Remains::Part(percent) => tail[..tail.len() * percent / 100].to_vec(),
                Remains::Zeros => vec![0; tail.len()],
                Remains::Everything => {
                    inode.durable.clone_from(&inode.now);
                    Vec::new()
                }
            };
            inode.durable.extend(kept);
            inode.now.clone_from(&inode.durable);
            inode.lost = false;
            inode.set_aside = 0;
        }
        let (names, durable_names) = (names.clone(), names.clone());
        let after = World {
            inodes,
            names,
            durable_names,
            ..World::default()
        };
        Self(Arc::new(Mutex::new(after)))
    }

    /// The content of a file as a reader sees it.
    pub(super) fn content(&self, name: &str) -> Option<Vec<u8>> {
        let world = self.world();
        world
            .names
            .get(name)
            .map(|inode| world.inodes[inode].now.clone())
    }

    /// Puts a file there, synced, in place of any other.
    pub(super) fn put(&self, name: &str, content: Vec<u8>, mode: u32) {
        let facts = Facts {
            kind: FileKind::Regular,
            mode,
            owner: Owner::Us,
        };
        let durable = content.clone();
        let inode = Inode {
            now: content,
            durable,
            facts,
            lost: false,
            broken: false,
            set_aside: 0,
        };
        let mut world = self.world();
        let number = world.add(inode);
        world.names.insert(name.to_owned(), number);
        world.durable_names.insert(name.to_owned(), number);
    }

    /// Changes a file behind the store's back.
    pub(super) fn edit(&self, name: &str, edit: impl FnOnce(&mut Inode)) {
        let mut world = self.world();
        let number = world.names[name];
        edit(world.inodes.get_mut(&number).unwrap());
    }

    pub(super) fn set_directory(&self, facts: Facts) {
        self.world().directory = Some(facts);
    }

    fn file(&self, number: u64, held: Held) -> Box<dyn DiskFile> {
        Box::new(FakeFile {
            disk: self.clone(),
            number,
            held,
        })
    }
}

impl World {
    fn add(&mut self, inode: Inode) -> u64 {
        let number = self.inodes.len() as u64;
        self.inodes.insert(number, inode);
        number
    }

    /// One operation that changes something.
    pub(super) fn step(&mut self) -> io::Result<()> {
        self.steps += 1;
        if self.power_off_at.is_some_and(|at| self.steps > at) {
            return Err(io::Error::from_raw_os_error(EIO));
        }
        if self.read_only {
            Err(io::Error::from_raw_os_error(EROFS))
        } else {
            Ok(())
        }
    }

    fn number(&self, name: &str) -> io::Result<u64> {
        self.names
            .get(name)
            .copied()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub(super) fn inode(&mut self, number: u64) -> &mut Inode {
        self.inodes.get_mut(&number).unwrap()
    }

    fn make(&mut self, name: &str, mode: u32) -> u64 {
        let facts = Facts {
            kind: FileKind::Regular,
            mode,
            owner: Owner::Us,
        };
        let inode = Inode {
            now: Vec::new(),
            durable: Vec::new(),
            facts,
            lost: false,
            broken: false,
            set_aside: 0,
        };
        let number = self.add(inode);
        self.names.insert(name.to_owned(), number);
        number
    }

    /// Takes the space that a file needs to reach `end`, or what there is of it.
    pub(super) fn take_space(&mut self, number: u64, end: usize) -> usize {
        let inode = self.inode(number);
        let has = inode.now.len().max(inode.set_aside);
        let needed = end.saturating_sub(has);
        let given = self.free.map_or(needed, |free| needed.min(free));
        if let Some(free) = &mut self.free {
            *free -= given;
        }
        has + given
    }
}

impl Disk for FakeDisk {
    fn path(&self) -> &Path {
        Path::new("/state")
    }

    fn facts(&self) -> io::Result<Facts> {
        let ours = Facts {
            kind: FileKind::Directory,
            mode: 0o700,
            owner: Owner::Us,
        };
        Ok(self.world().directory.unwrap_or(ours))
    }

    fn lock(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let mut world = self.world();
        let number = if let Ok(number) = world.number(name) {
            number
        } else {
            world.step()?;
            world.make(name, 0o600)
        };
        if std::mem::replace(&mut world.locked, true) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        drop(world);
        Ok(self.file(number, Held::Locked))
    }

    fn open(&self, name: &str) -> io::Result<Option<Box<dyn DiskFile>>> {
        let number = self.world().number(name).ok();
        Ok(number.map(|number| self.file(number, Held::Open)))
    }

    fn create(&self, name: &str, access: Access) -> io::Result<Box<dyn DiskFile>> {
        let mut world = self.world();
        world.step()?;
        let number = world.make(name, access.mode());
        drop(world);
        Ok(self.file(number, Held::Open))
    }

    fn overwrite(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let number = self.world().number(name)?;
        let file = self.file(number, Held::Open);
        file.write_at(0, bytes)?;
        file.sync()
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut world = self.world();
        world.step()?;
        let number = world.number(name)?;
        world.names.remove(name);
        let given_back = world.inode(number).now.len();
        world.free = world.free.map(|free| free + given_back);
        Ok(())
    }

    fn replace(&self, from: &str, to: &str) -> io::Result<()> {
        let mut world = self.world();
        world.step()?;
        let number = world.number(from)?;
        world.names.remove(from);
        world.names.insert(to.to_owned(), number);
        Ok(())
    }

    fn exchange(&self, one: &str, other: &str) -> io::Result<()> {
        let mut world = self.world();
        world.step()?;
        let (first, second) = (world.number(one)?, world.number(other)?);
        world.names.insert(one.to_owned(), second);
        world.names.insert(other.to_owned(), first);
        Ok(())
    }

    fn link(&self, name: &str, also: &str) -> io::Result<()> {
        let mut world = self.world();
        world.step()?;
        let number = world.number(name)?;
        if world.names.contains_key(also) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        world.names.insert(also.to_owned(), number);
        Ok(())
    }

    fn publish(&self, from: &str, to: &str) -> io::Result<()> {
        if self.world().names.contains_key(to) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        self.replace(from, to)
    }

    fn sync(&self) -> io::Result<()> {
        let mut world = self.world();
        world.step()?;
        world.durable_names = world.names.clone();
        Ok(())
    }
}
