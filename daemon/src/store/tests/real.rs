//! The same on a real directory: what only the system can answer.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use super::setup::{content, opening, require};
use crate::store::{Access, Disk, KeyError, OpenError, RealDisk, Store, Vault, VaultError};

/// A new directory that goes when it is dropped.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("countersign-store-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o700)).unwrap();
        Self(path)
    }

    fn open(&self) -> Result<Store, OpenError> {
        Store::open(&opening(RealDisk::open(&self.0).unwrap()).0)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_store_on_a_real_disk_comes_back_and_is_for_its_owner_alone() {
    let directory = Directory::new();
    let opening = opening(RealDisk::open(&directory.0).unwrap()).0;
    drop(Vault::open(&opening, None).unwrap());
    let store = directory.open().unwrap();
    for turn in 0..50_u8 {
        require(&store, "alice", &[turn; 200]);
        require(&store, "bob", &[turn; 10]);
    }
    let before = content(&store);
    drop(store);
    assert_eq!(content(&directory.open().unwrap()), before);
    for (name, wanted) in [("journal", 0o600), ("lock", 0o600), ("key", 0o400)] {
        assert_eq!(mode(&directory.at(name)), wanted, "{name}");
    }
    let names = fs::read_dir(&directory.0).unwrap().count();
    assert_eq!(names, 3, "something was left behind");
}

#[test]
fn the_umask_has_no_say() {
    // In a process of its own: the umask is one for all threads.
    let test = module_path!().split_once("::").unwrap().1.to_owned()
        + "::a_store_on_a_real_disk_comes_back_and_is_for_its_owner_alone";
    for umask in ["0000", "0277"] {
        let ran = Command::new("sh")
            .arg("-c")
            .arg(format!("umask {umask}; exec \"$0\" --exact \"$1\""))
            .arg(std::env::current_exe().unwrap())
            .arg(&test)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ran.stdout);
        assert!(
            ran.status.success() && said.contains("1 passed"),
            "umask {umask}: {said}"
        );
    }
}

#[test]
fn a_second_store_on_the_same_directory_is_refused_until_the_first_is_dropped() {
    let directory = Directory::new();
    let first = directory.open().unwrap();
    assert!(matches!(
        directory.open().err(),
        Some(OpenError::InUse { .. })
    ));
    drop(first);
    assert!(directory.open().is_ok());
}

#[test]
fn links_pipes_and_directories_in_place_of_files_are_refused() {
    for name in ["journal", "lock"] {
        let directory = Directory::new();
        drop(directory.open().unwrap());
        fs::rename(directory.at(name), directory.at("elsewhere")).unwrap();
        symlink(directory.at("elsewhere"), directory.at(name)).unwrap();
        let refused = directory.open().err();
        assert!(
            matches!(refused, Some(OpenError::NotRegular { .. })),
            "{name}: {refused:?}"
        );
        fs::remove_file(directory.at(name)).unwrap();
        fs::create_dir(directory.at(name)).unwrap();
        let refused = directory.open().err();
        assert!(
            matches!(refused, Some(OpenError::NotRegular { .. })),
            "{name}: {refused:?}"
        );
    }
    let directory = Directory::new();
    nix::unistd::mkfifo(&directory.at("journal"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    assert!(matches!(
        directory.open().err(),
        Some(OpenError::NotRegular { .. })
    ));
}

#[test]
fn a_linked_key_is_refused() {
    let directory = Directory::new();
    symlink("/dev/null", directory.at("key")).unwrap();
    let opened = Vault::open(&opening(RealDisk::open(&directory.0).unwrap()).0, None);
    assert!(matches!(
        opened.err(),
        Some(VaultError::Key(KeyError::NotRegular { .. }))
    ));
}

#[test]
fn modes_that_let_others_in_are_refused() {
    let directory = Directory::new();
    drop(directory.open().unwrap());
    for (path, bad, good) in [
        (directory.0.clone(), 0o750, 0o700),
        (directory.at("journal"), 0o604, 0o600),
    ] {
        fs::set_permissions(&path, Permissions::from_mode(bad)).unwrap();
        assert!(matches!(
            directory.open().err(),
            Some(OpenError::Exposed { .. })
        ));
        fs::set_permissions(&path, Permissions::from_mode(good)).unwrap();
    }
    assert!(directory.open().is_ok());
}

#[test]
fn publishing_never_replaces_what_is_there() {
    let directory = Directory::new();
    let disk = RealDisk::open(&directory.0).unwrap();
    fs::write(directory.at("key"), b"precious").unwrap();
    disk.create("key.new", Access::OwnerReads).unwrap();
    assert!(disk.publish("key.new", "key").is_err());
    assert_eq!(fs::read(directory.at("key")).unwrap(), b"precious");
}

#[test]
fn a_leftover_of_an_interrupted_snapshot_is_in_nobodys_way() {
    let directory = Directory::new();
    let store = directory.open().unwrap();
    fs::write(directory.at("journal.new"), b"half").unwrap();
    for turn in 0..50_u8 {
        require(&store, "alice", &[turn; 200]);
    }
    drop(store);
    assert!(!directory.at("journal.new").exists());
}
