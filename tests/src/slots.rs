use std::env;
use std::fs::{self, File};
use std::path::PathBuf;
use std::thread;

/// The right to run one lab. There is one more than cores, over all test programs that run at
/// once: logins mostly wait, but too many at a time would run into each other's deadlines.
pub struct Slot {
    /// Locked until it is closed.
    _lock: File,
}

impl Slot {
    /// Waits for a free slot.
    pub fn take() -> Self {
        let directory = env::var_os("CARGO_TARGET_DIR")
            .map_or_else(
                || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target")),
                PathBuf::from,
            )
            .join("lab/slots");
        fs::create_dir_all(&directory).expect("the directory of the lab's slots");
        let slots = thread::available_parallelism().map_or(2, |cores| cores.get() + 1);
        let files: Vec<File> = (0..slots)
            .map(|slot| File::create(directory.join(slot.to_string())).expect("a slot's file"))
            .collect();
        let last = files.len() - 1;
        for (index, file) in files.into_iter().enumerate() {
            if index == last {
                // All are taken: stand in line for the last one.
                file.lock().expect("a lock on a slot");
                return Self { _lock: file };
            }
            if file.try_lock().is_ok() {
                return Self { _lock: file };
            }
        }
        unreachable!("the last slot is waited for")
    }
}
