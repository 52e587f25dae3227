use std::io;

use nix::libc::{EIO, ENOSPC};

use super::fake_disk::FakeDisk;
use crate::store::{DiskFile, Facts};

/// What goes when a file is dropped.
pub(super) enum Held {
    Open,
    Locked,
}

/// A file of a [`FakeDisk`].
pub(super) struct FakeFile {
    pub(super) disk: FakeDisk,
    pub(super) number: u64,
    pub(super) held: Held,
}

impl DiskFile for FakeFile {
    fn facts(&self) -> io::Result<Facts> {
        Ok(self.disk.world().inode(self.number).facts)
    }

    fn read(&self) -> io::Result<Vec<u8>> {
        Ok(self.disk.world().inode(self.number).now.clone())
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.disk.world().inode(self.number).now.len() as u64)
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        let mut world = self.disk.world();
        world.bytes_read += bytes.len() as u64;
        let inode = world.inode(self.number);
        let begin = usize::try_from(offset).unwrap();
        let found = inode.now.get(begin..begin + bytes.len());
        bytes.copy_from_slice(found.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut world = self.disk.world();
        let stepped = world.step();
        let cut_short = world.power_off_at.is_some_and(|at| world.steps == at + 1);
        if stepped.is_err() && !cut_short {
            return stepped;
        }
        if world.inode(self.number).broken {
            return Err(io::Error::from_raw_os_error(EIO));
        }
        let offset = usize::try_from(offset).unwrap();
        let fits = world
            .take_space(self.number, offset + bytes.len())
            .saturating_sub(offset);
        let inode = world.inode(self.number);
        let written = &bytes[..fits.min(bytes.len())];
        inode
            .now
            .resize(inode.now.len().max(offset + written.len()), 0);
        inode.now[offset..offset + written.len()].copy_from_slice(written);
        stepped?; // power fails in the middle of a write: the page cache had it
        if written.len() < bytes.len() {
            return Err(io::Error::from_raw_os_error(ENOSPC));
        }
        Ok(())
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        let mut world = self.disk.world();
        world.step()?;
        if world.failing_cuts > 0 {
            world.failing_cuts -= 1;
            return Err(io::Error::from_raw_os_error(EIO));
        }
        let length = usize::try_from(length).unwrap();
        let inode = world.inode(self.number);
        let had = inode.now.len().max(inode.set_aside);
        inode.now.resize(length, 0);
        inode.set_aside = 0;
        world.free = world.free.map(|free| free + had.saturating_sub(length));
        Ok(())
    }

    fn reserve(&self, offset: u64, length: u64) -> io::Result<()> {
        let mut world = self.disk.world();
        world.step()?;
        let end = usize::try_from(offset + length).unwrap();
        let inode = world.inode(self.number);
        let needed = end.saturating_sub(inode.now.len().max(inode.set_aside));
        if world.free.is_some_and(|free| free < needed) {
            return Err(io::Error::from_raw_os_error(ENOSPC));
        }
        world.free = world.free.map(|free| free - needed);
        world.inode(self.number).set_aside = end;
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let gate = self.disk.world().gate.take();
        if let Some((entered, go_on)) = gate {
            entered.send(()).unwrap();
            go_on.recv().unwrap();
        }
        let mut world = self.disk.world();
        world.step()?;
        world.syncs += 1;
        let fails = world.failing_syncs > 0;
        world.failing_syncs = world.failing_syncs.saturating_sub(1);
        let inode = world.inode(self.number);
        inode.lost |= fails;
        if fails {
            return Err(io::Error::from_raw_os_error(EIO));
        }
        if !inode.lost {
            inode.durable.clone_from(&inode.now);
        }
        Ok(())
    }
}

impl Drop for FakeFile {
    fn drop(&mut self) {
        if matches!(self.held, Held::Locked) {
            self.disk.world().locked = false;
        }
    }
}
