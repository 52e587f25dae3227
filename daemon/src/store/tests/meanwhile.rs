//! Something happens while keys are moved: before the n-th thing that is done on either disk.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use super::fake_disk::FakeDisk;
use crate::store::{Access, Disk, DiskFile, Facts};

type Act = Box<dyn FnOnce() + Send>;

struct Count {
    left: u64,
    act: Option<Act>,
}

/// What happens, and when.
#[derive(Clone)]
pub(super) struct Meanwhile(Arc<Mutex<Count>>);

impl Meanwhile {
    pub(super) fn new(at: u64, act: impl FnOnce() + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(Count {
            left: at,
            act: Some(Box::new(act)),
        })))
    }

    /// A disk on which it happens.
    pub(super) fn on(&self, disk: &FakeDisk) -> Watched {
        Watched {
            disk: disk.clone(),
            meanwhile: self.clone(),
        }
    }

    /// Did it happen? What would have acted is dropped.
    pub(super) fn end(&self) -> bool {
        self.0.lock().unwrap().act.take().is_none()
    }

    fn tick(&self) {
        let mut count = self.0.lock().unwrap();
        if count.left > 0 {
            count.left -= 1;
        } else if let Some(act) = count.act.take() {
            act();
        }
    }
}

pub(super) struct Watched {
    disk: FakeDisk,
    meanwhile: Meanwhile,
}

impl Watched {
    fn next(&self) -> &FakeDisk {
        self.meanwhile.tick();
        &self.disk
    }
}

impl Disk for Watched {
    fn path(&self) -> &Path {
        self.disk.path()
    }

    fn facts(&self) -> io::Result<Facts> {
        self.disk.facts()
    }

    fn lock(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        self.next().lock(name)
    }

    fn open(&self, name: &str) -> io::Result<Option<Box<dyn DiskFile>>> {
        self.next().open(name)
    }

    fn create(&self, name: &str, access: Access) -> io::Result<Box<dyn DiskFile>> {
        self.next().create(name, access)
    }

    fn overwrite(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.next().overwrite(name, bytes)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.next().remove(name)
    }

    fn replace(&self, from: &str, to: &str) -> io::Result<()> {
        self.next().replace(from, to)
    }

    fn exchange(&self, one: &str, other: &str) -> io::Result<()> {
        self.next().exchange(one, other)
    }

    fn link(&self, name: &str, also: &str) -> io::Result<()> {
        self.next().link(name, also)
    }

    fn publish(&self, from: &str, to: &str) -> io::Result<()> {
        self.next().publish(from, to)
    }

    fn sync(&self) -> io::Result<()> {
        self.next().sync()
    }
}
