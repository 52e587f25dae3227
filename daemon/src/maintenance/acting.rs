use std::io;
use std::path::Path;

use nix::sys::stat::Mode;
use nix::unistd::{chown, geteuid, mkdir};

use super::identity::Identity;
use super::trouble::Trouble;
use crate::store::{Access, Disk, DiskFile, Facts, RealDisk};

/// The state directory, as the daemon's user sees it.
pub struct ActingDisk<'a> {
    disk: RealDisk,
    identity: &'a Identity,
}

impl<'a> ActingDisk<'a> {
    /// Opens a directory that exists.
    pub fn open(path: &Path, identity: &'a Identity) -> Result<Self, Trouble> {
        let disk = identity
            .acting(|| RealDisk::open(path))
            .map_err(|e| Trouble::file("no-state", path, &e))?;
        Ok(Self { disk, identity })
    }

    /// Opens it, or makes it as the unit would: on a machine where no daemon has run.
    pub fn open_or_make(path: &Path, identity: &'a Identity) -> Result<Self, Trouble> {
        if geteuid().is_root() && !path.exists() {
            let (uid, gid) = identity.owner();
            mkdir(path, Mode::S_IRWXU)
                .and_then(|()| chown(path, Some(uid), Some(gid)))
                .map_err(|e| Trouble::file("no-state", path, &e))?;
        }
        Self::open(path, identity)
    }
}

impl Disk for ActingDisk<'_> {
    fn path(&self) -> &Path {
        self.disk.path()
    }

    fn facts(&self) -> io::Result<Facts> {
        self.disk.facts()
    }

    fn lock(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        self.identity.acting(|| self.disk.lock(name))
    }

    fn open(&self, name: &str) -> io::Result<Option<Box<dyn DiskFile>>> {
        self.identity.acting(|| self.disk.open(name))
    }

    fn create(&self, name: &str, access: Access) -> io::Result<Box<dyn DiskFile>> {
        self.identity.acting(|| self.disk.create(name, access))
    }

    fn overwrite(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.identity.acting(|| self.disk.overwrite(name, bytes))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.identity.acting(|| self.disk.remove(name))
    }

    fn replace(&self, from: &str, to: &str) -> io::Result<()> {
        self.identity.acting(|| self.disk.replace(from, to))
    }

    fn exchange(&self, one: &str, other: &str) -> io::Result<()> {
        self.identity.acting(|| self.disk.exchange(one, other))
    }

    fn link(&self, name: &str, also: &str) -> io::Result<()> {
        self.identity.acting(|| self.disk.link(name, also))
    }

    fn publish(&self, from: &str, to: &str) -> io::Result<()> {
        self.identity.acting(|| self.disk.publish(from, to))
    }

    fn sync(&self) -> io::Result<()> {
        self.disk.sync()
    }
}
