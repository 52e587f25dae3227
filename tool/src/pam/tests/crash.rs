//! A disk that ends at each of its steps: whatever it was, each file is the old one or the new one.

use std::fs;
use std::io;

use super::*;
use crate::pam::disk::{Disk, Like, RealDisk};
use crate::pam::trial::Record;
use crate::pam::way_back::{Back, over};
use crate::pam::write::{Lock, apply, back_up};
use crate::stack::files::Root;

/// Works for so many steps. The last one that it begins, if it writes, writes half.
struct Dying {
    steps: usize,
}

impl Dying {
    fn step(&mut self) -> io::Result<()> {
        match self.steps.checked_sub(1) {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => Err(io::Error::other("the power is gone")),
        }
    }
}

impl Disk for Dying {
    fn read(&mut self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        RealDisk.read(path)
    }

    fn create(&mut self, path: &Path, bytes: &[u8], like: Like<'_>) -> io::Result<()> {
        if let Err(error) = self.step() {
            let half = bytes.get(..bytes.len() / 2).unwrap_or_default();
            fs::write(path, half)?;
            return Err(error);
        }
        RealDisk.create(path, bytes, like)
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.step()?;
        RealDisk.rename(from, to)
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        if path.exists() {
            self.step()?;
        }
        RealDisk.remove(path)
    }

    fn sync(&mut self, directory: &Path) -> io::Result<()> {
        self.step()?;
        RealDisk.sync(directory)
    }
}

const SSHD: &str = "# mine\n@include common-auth\n";
const COMMON: &str = "auth required pam_unix.so\n";
const POLKIT: &str = "#%PAM-1.0\n@include common-auth\n";

fn machine() -> (tempfile::TempDir, Root) {
    let directory = tempfile::tempdir().unwrap();
    let at = |path: &str| directory.path().join(path.trim_start_matches('/'));
    for folder in ["etc/pam.d", "usr/lib/pam.d"] {
        fs::create_dir_all(at(folder)).unwrap();
    }
    for (path, text) in [
        ("etc/pam.d/sshd", SSHD),
        ("etc/pam.d/common-auth", COMMON),
        ("usr/lib/pam.d/polkit-1", POLKIT),
    ] {
        fs::write(at(path), text).unwrap();
    }
    let root = Root::new(directory.path());
    (directory, root)
}

fn plan(root: &Root) -> Plan {
    enable(root, &services(&["sshd", "polkit-1"])).unwrap()
}

/// Steps of a disk until `work` is done with it, with `check` after each end before that.
fn at_every_step(
    mut work: impl FnMut(&Root, &mut Dying) -> Result<(), PamError>,
    check: impl Fn(&Root),
) {
    for steps in 0.. {
        let (_directory, root) = machine();
        let _lock = Lock::take(&root).unwrap();
        let done = work(&root, &mut Dying { steps });
        check(&root);
        if done.is_ok() {
            assert!(steps > 5, "the disk was hardly used");
            return;
        }
        assert!(steps < 100, "it never gets done");
    }
}

#[test]
fn every_file_is_whole_whenever_writing_ends() {
    at_every_step(
        |root, disk| {
            let plan = plan(root);
            back_up(disk, root, &plan.changes)?;
            apply(disk, root, root, &plan.changes)
        },
        |root| {
            let sshd = String::from_utf8(root.read(Path::new("/etc/pam.d/sshd")).unwrap()).unwrap();
            let new = format!("{SSHD}{LINE}");
            assert!(sshd == SSHD || sshd == new, "{sshd}");
            let polkit = root.read(Path::new("/etc/pam.d/polkit-1"));
            let whole = polkit.is_none_or(|text| text.ends_with(LINE.as_bytes()));
            assert!(whole);
            // A service that begins with a dot is nobody's, so a rest does no harm; the next run
            // gets past it.
            let plan = plan(root);
            apply(&mut RealDisk, root, root, &plan.changes).unwrap();
            assert!(sound(root, "sshd").is_sound() && sound(root, "polkit-1").is_sound());
        },
    );
}

#[test]
fn the_way_back_from_a_trial_is_there_whenever_it_was_cut_short() {
    at_every_step(
        |root, disk| {
            let plan = plan(root);
            let record = Record::new(1, &plan.services, BTreeMap::new(), root, &plan.changes);
            record.store(disk, root)?;
            apply(disk, root, root, &plan.changes)?;
            record.roll_back(disk, root).map(|_| ())
        },
        |root| {
            if let Some(record) = Record::load(root).unwrap() {
                record.roll_back(&mut RealDisk, root).unwrap();
            }
            assert_eq!(
                root.read(Path::new("/etc/pam.d/sshd")).unwrap(),
                SSHD.as_bytes()
            );
            assert_eq!(root.read(Path::new("/etc/pam.d/polkit-1")), None);
            assert_eq!(Record::load(root).unwrap(), None);
        },
    );
}

#[test]
fn going_back_keeps_what_somebody_else_has_written_meanwhile() {
    let (directory, root) = machine();
    let _lock = Lock::take(&root).unwrap();
    let plan = plan(&root);
    let record = Record::new(1, &plan.services, BTreeMap::new(), &root, &plan.changes);
    record.store(&mut RealDisk, &root).unwrap();
    apply(&mut RealDisk, &root, &root, &plan.changes).unwrap();
    let sshd = directory.path().join("etc/pam.d/sshd");
    fs::write(&sshd, format!("{SSHD}{LINE}# theirs\n")).unwrap();
    let back = record.roll_back(&mut RealDisk, &root).unwrap();
    assert!(
        back.contains(&Back::TakenOut("/etc/pam.d/sshd".into())),
        "{back:?}"
    );
    assert_eq!(
        fs::read_to_string(&sshd).unwrap(),
        format!("{SSHD}# theirs\n")
    );
}

/// A trial of sshd, with this in its file when it ends: how going back went, and what stands there.
fn back_from(edits: &[(&str, String)]) -> (Vec<Back>, String, Option<Record>) {
    let (directory, root) = machine();
    let at = |path: &str| directory.path().join(path.trim_start_matches('/'));
    let _lock = Lock::take(&root).unwrap();
    let plan = enable(&root, &services(&["sshd"])).unwrap();
    let record = Record::new(1, &plan.services, BTreeMap::new(), &root, &plan.changes);
    record.store(&mut RealDisk, &root).unwrap();
    apply(&mut RealDisk, &root, &root, &plan.changes).unwrap();
    for (path, text) in edits {
        fs::write(at(path), text).unwrap();
    }
    let thought = record.way_back(&root);
    let back = record.roll_back(&mut RealDisk, &root).unwrap();
    assert_eq!(thought.files, back);
    let sshd = fs::read_to_string(at("/etc/pam.d/sshd")).unwrap();
    (back, sshd, Record::load(&root).unwrap())
}

#[test]
fn going_back_leaves_our_line_where_it_is_all_that_asks() {
    let needed = vec![Back::Needed("/etc/pam.d/sshd".into())];
    let sshd = "/etc/pam.d/sshd";
    // In the trial's file in place of the password, by itself or with a jump; and in a file that
    // the trial never touched.
    let jump =
        "auth required pam_unix.so\nauth [success=1 default=ignore] pam_succeed_if.so user = x\n";
    for edits in [
        [(sshd, format!("# mine\n{LINE}auth required pam_permit.so\n"))],
        [(sshd, format!("{jump}{LINE}auth optional pam_permit.so\n"))],
        [(
            "/etc/pam.d/common-auth",
            "auth required pam_permit.so\n".to_owned(),
        )],
    ] {
        let (back, text, record) = back_from(&edits);
        assert_eq!(back, needed, "{edits:?}");
        assert!(text.contains(LINE), "{edits:?}: {text}");
        assert!(record.is_some(), "{edits:?}");
        let error = over(&back).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("/etc/pam.d/sshd anybody would be let in"),
            "{error}"
        );
    }
}

#[test]
fn a_service_that_let_anybody_in_before_the_trial_does_not_keep_it_from_going_back() {
    let (directory, root) = machine();
    let open = directory.path().join("etc/pam.d/kiosk");
    fs::write(&open, "auth sufficient pam_permit.so\nauth include sshd\n").unwrap();
    let _lock = Lock::take(&root).unwrap();
    let plan = enable(&root, &services(&["sshd"])).unwrap();
    let record = Record::new(1, &plan.services, BTreeMap::new(), &root, &plan.changes);
    apply(&mut RealDisk, &root, &root, &plan.changes).unwrap();
    record.store(&mut RealDisk, &root).unwrap();
    let back = record.roll_back(&mut RealDisk, &root).unwrap();
    assert_eq!(back, [Back::Restored("/etc/pam.d/sshd".into())]);
    assert_eq!(Record::load(&root).unwrap(), None);
}

#[test]
fn a_link_to_a_stack_that_changes_changes_with_it() {
    let (directory, root) = machine();
    let stacks = directory.path().join("etc/pam.d");
    fs::write(stacks.join("sudo"), SSHD).unwrap();
    std::os::unix::fs::symlink("sudo", stacks.join("sudo-i")).unwrap();
    let linked = Note::Linked("sudo-i".into(), "/etc/pam.d/sudo".into());
    for named in ["sudo", "sudo-i"] {
        let plan = enable(&root, &services(&[named])).unwrap();
        assert!(plan.notes.contains(&linked), "{:?}", plan.notes);
        assert_eq!(plan.changes.len(), 1);
        apply(&mut RealDisk, &root, &root, &plan.changes).unwrap();
        assert!(sound(&root, "sudo").is_sound() && sound(&root, "sudo-i").is_sound());
        let back = disable(&root, &services(&[named])).unwrap();
        assert!(back.notes.contains(&linked), "{:?}", back.notes);
        apply(&mut RealDisk, &root, &root, &back.changes).unwrap();
        assert_eq!(fs::read_to_string(stacks.join("sudo")).unwrap(), SSHD);
        assert!(stacks.join("sudo-i").is_symlink());
    }
}

#[test]
fn a_file_that_changes_under_our_hands_is_not_written() {
    let (directory, root) = machine();
    let before = crate::stack::tests::tree(&[("sshd", "auth required pam_unix.so\n")]);
    let plan = plan(&root);
    let error = apply(&mut RealDisk, &root, &before, &plan.changes).unwrap_err();
    assert!(matches!(error, PamError::Changed(_)), "{error:?}");
    let sshd = fs::read_to_string(directory.path().join("etc/pam.d/sshd")).unwrap();
    assert_eq!(sshd, SSHD);
}

#[test]
fn mode_and_owner_stay() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let (directory, root) = machine();
    let sshd = directory.path().join("etc/pam.d/sshd");
    fs::set_permissions(&sshd, fs::Permissions::from_mode(0o640)).unwrap();
    let before = fs::metadata(&sshd).unwrap();
    let plan = plan(&root);
    apply(&mut RealDisk, &root, &root, &plan.changes).unwrap();
    let after = fs::metadata(&sshd).unwrap();
    assert_ne!(before.ino(), after.ino());
    assert_eq!(
        (before.mode(), before.uid(), before.gid()),
        (after.mode(), after.uid(), after.gid())
    );
}

#[test]
fn two_runs_keep_out_of_each_others_way() {
    let (_directory, root) = machine();
    let lock = Lock::take(&root).unwrap();
    assert!(matches!(Lock::take(&root), Err(PamError::Busy)));
    drop(lock);
    Lock::take(&root).unwrap();
}

#[test]
fn what_was_there_is_kept_once_and_for_root_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (directory, root) = machine();
    let _lock = Lock::take(&root).unwrap();
    let plan = plan(&root);
    let copies = back_up(&mut RealDisk, &root, &plan.changes).unwrap();
    assert_eq!(
        back_up(&mut RealDisk, &root, &plan.changes).unwrap(),
        copies
    );
    let [(path, copy)] = copies.as_slice() else {
        panic!("{copies:?}")
    };
    assert_eq!(path, Path::new("/etc/pam.d/sshd"));
    let copy = directory.path().join(copy.strip_prefix("/").unwrap());
    assert_eq!(fs::read_to_string(&copy).unwrap(), SSHD);
    assert_eq!(
        fs::metadata(&copy).unwrap().permissions().mode() & 0o777,
        0o600
    );
}
