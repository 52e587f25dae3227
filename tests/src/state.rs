use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::program::Program;

/// The daemon's state directory.
pub const STATE: &str = "/var/lib/countersign";
/// Where a copy of it is kept.
const COPY: &str = "/root/countersign-state";
/// What takes up the space.
const BALLAST: &str = "ballast";

/// A file of the daemon's state.
pub fn state_file(name: &str) -> PathBuf {
    Path::new(STATE).join(name)
}

/// Keeps a copy of the daemon's state as it is now, with owners and modes.
pub fn keep_state() {
    Program::new("rm").args(["-rf", COPY]).text();
    Program::new("cp").args(["-a", STATE, COPY]).text();
}

/// Puts the daemon's state back as it was kept.
pub fn restore_state() {
    Program::new("rm").args(["-rf", STATE]).text();
    Program::new("cp").args(["-a", COPY, STATE]).text();
}

/// A disk for the daemon's state directory alone, so small that nothing can be set aside on it.
pub struct SmallDisk {
    /// Where it is mounted.
    at: PathBuf,
}

impl SmallDisk {
    /// Mounts it over the state directory, with what is in there already. The daemon must not run.
    pub fn under_the_state() -> Self {
        let contents = fs::read_dir(STATE).expect("the state directory is there");
        let kept = contents.count() > 0;
        if kept {
            keep_state();
        }
        let disk = Self::at(STATE, "countersign");
        if kept {
            // What is written ahead becomes a hole, so that the disk has no room set aside for the store.
            Program::new("cp")
                .args(["-a", "--sparse=always", &format!("{COPY}/."), STATE])
                .text();
        }
        disk
    }

    /// Mounts it at a directory, for a user.
    pub fn at(directory: &str, user: &str) -> Self {
        fs::create_dir_all(directory).expect("a place to mount a disk at");
        let id = |flag| {
            let number = Program::new("id").args([flag, user]).text();
            number.trim().to_owned()
        };
        let options = format!("size=128k,mode=0700,uid={},gid={}", id("-u"), id("-g"));
        Program::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "tmpfs", directory])
            .text();
        Self {
            at: PathBuf::from(directory),
        }
    }

    /// Fills it up to the last block. What files have left of their own last block stays theirs.
    pub fn fill(&self) {
        let mut ballast = File::create(self.at.join(BALLAST)).expect("the last file of a disk");
        let block = [0; 512];
        loop {
            match ballast.write_all(&block) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => return,
                Err(error) => panic!("a disk should be full and not say: {error}"),
            }
        }
    }

    /// Ends [`Self::fill`].
    pub fn make_room(&self) {
        fs::remove_file(self.at.join(BALLAST)).expect("it was filled");
    }

    /// Takes no writes any more. Nobody may have a file of it open for writing.
    pub fn read_only(&self) {
        self.remount("remount,ro");
    }

    /// Ends [`Self::read_only`].
    pub fn writable(&self) {
        self.remount("remount,rw");
    }

    fn remount(&self, options: &str) {
        Program::new("mount")
            .args(["-o", options])
            .arg(&self.at)
            .text();
    }
}
