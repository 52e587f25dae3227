use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::error::StoreError;

/// Only root writes here, and a restart of the machine forgets it.
const LOCK: &str = "/run/countersign-store.lock";

/// Keeps a second command that changes the store as a whole away as long as it lives, however its process
/// ends. Two changes of the key at once would each take the other's for an interrupted one.
#[derive(Debug)]
pub struct Turn {
    _file: File,
}

impl Turn {
    /// Takes the turn if nobody has it.
    pub fn take() -> Result<Self, StoreError> {
        let opened = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(LOCK);
        let failed = |why| StoreError::NoTurn {
            path: Path::new(LOCK).to_owned(),
            why,
        };
        let file = opened.map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::UnderWay),
            Err(TryLockError::Error(why)) => Err(failed(why)),
        }
    }
}
