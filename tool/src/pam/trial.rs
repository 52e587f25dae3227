//! A change on trial: what to go back to is on the disk before anything changes, and whoever goes
//! back does no harm, whenever they come.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use super::disk::{Disk, Like, RealDisk};
use super::edit::{is_ours, take_out};
use super::error::PamError;
use super::plan::Changes;
use super::sshd;
use super::write::{KEPT, Lock, place, put};
use crate::stack::file::PamFile;
use crate::stack::files::{Files, Root};

const NAME: &str = "trial.json";
/// There where systemd is the one that starts programs (`sd_booted(3)`).
const SYSTEMD: &str = "/run/systemd/system";

/// What there is to know of a trial.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Record {
    /// Tells it from others.
    pub id: u32,
    /// The services that were changed.
    pub services: Vec<String>,
    /// When a code was last accepted for each service, before the trial. Seconds of Unix time.
    pub logins: BTreeMap<String, u64>,
    /// The files.
    files: Vec<Kept>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Kept {
    path: PathBuf,
    before: Option<Vec<u8>>,
    after: Option<Vec<u8>>,
}

/// What was done about one file on the way back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Back {
    /// It is as it was.
    Restored(PathBuf),
    /// Somebody else has changed it too; our line is out.
    TakenOut(PathBuf),
    /// Somebody else has changed it, and our line was not in it.
    Left(PathBuf),
}

impl Record {
    /// What is to be remembered of these changes.
    pub fn new(
        id: u32,
        services: &[String],
        logins: BTreeMap<String, u64>,
        files: &dyn Files,
        changes: &Changes,
    ) -> Self {
        let kept = changes.iter().map(|(path, after)| Kept {
            path: path.clone(),
            before: files.read(path),
            after: after.clone(),
        });
        Self {
            id,
            services: services.to_vec(),
            logins,
            files: kept.collect(),
        }
    }

    fn path(root: &Root) -> PathBuf {
        root.at(&Path::new(KEPT).join(NAME))
    }

    /// The trial that is under way, if there is one.
    pub fn load(root: &Root) -> Result<Option<Self>, PamError> {
        let path = Self::path(root);
        let bytes = RealDisk.read(&path).map_err(PamError::at(&path))?;
        let record = bytes
            .map(|bytes| serde_json::from_slice(&bytes))
            .transpose();
        record.map_err(|error| PamError::File {
            path,
            error: error.into(),
        })
    }

    /// Puts it on the disk.
    pub fn store(&self, disk: &mut impl Disk, root: &Root) -> Result<(), PamError> {
        let path = Self::path(root);
        let fail = PamError::at(&path);
        let bytes = serde_json::to_vec(self).map_err(|error| PamError::File {
            path: path.clone(),
            error: error.into(),
        })?;
        let temporary = path.with_file_name(".trial.json");
        place(disk, &temporary, &path, &bytes, Like::Private).map_err(fail)
    }

    /// Ends the trial; the files stay as they are.
    pub fn forget(disk: &mut impl Disk, root: &Root) -> Result<(), PamError> {
        let path = Self::path(root);
        let removed = disk
            .remove(&path)
            .and_then(|()| disk.sync(path.parent().unwrap_or(Path::new("/"))));
        removed.map_err(PamError::at(&path))
    }

    /// Has a code been accepted since, for one of its services? Which?
    pub fn fresh<'a>(&'a self, logins: &BTreeMap<String, u64>) -> Option<&'a str> {
        self.services.iter().map(String::as_str).find(|service| {
            logins
                .get(*service)
                .is_some_and(|at| self.logins.get(*service) != Some(at))
        })
    }

    /// Do the files stand as the trial made them?
    pub fn stands(&self, root: &Root) -> bool {
        let mut files = self.files.iter();
        files.all(|kept| Files::read(root, &kept.path) == kept.after)
    }

    /// Goes back, file by file, and ends the trial. An edit by somebody else stays.
    pub fn roll_back(&self, disk: &mut impl Disk, root: &Root) -> Result<Vec<Back>, PamError> {
        let mut done = Vec::new();
        for kept in &self.files {
            let path = &kept.path;
            let now = disk.read(&root.at(path)).map_err(PamError::at(path))?;
            if now == kept.before {
                done.push(Back::Restored(path.clone()));
            } else if now == kept.after {
                put(disk, root, path, kept.before.as_deref()).map_err(PamError::at(path))?;
                done.push(Back::Restored(path.clone()));
            } else {
                let text = now.unwrap_or_default();
                if PamFile::parse(&text).entries.iter().any(is_ours) {
                    let text = take_out(&text);
                    put(disk, root, path, Some(&text)).map_err(PamError::at(path))?;
                    done.push(Back::TakenOut(path.clone()));
                } else {
                    done.push(Back::Left(path.clone()));
                }
            }
        }
        Self::forget(disk, root)?;
        Ok(done)
    }
}

/// Goes back from the trial of this id, or from any; waits for whoever is at the files.
pub fn end(root: &Root, id: Option<u32>) -> Result<Vec<Back>, PamError> {
    let _lock = Lock::wait(root)?;
    match Record::load(root)? {
        Some(record) if id.is_none_or(|id| record.id == id) => {
            let back = record.roll_back(&mut RealDisk, root);
            sshd::reload_for(root, record.files.iter().map(|it| it.path.as_path()));
            back
        }
        _ => Err(PamError::NoTrial),
    }
}

/// Goes back when it is dropped, unless the trial was settled.
#[derive(Debug)]
pub struct Guard<'a> {
    root: &'a Root,
    id: u32,
    is_armed: bool,
}

impl<'a> Guard<'a> {
    /// For the trial of this id.
    pub const fn new(root: &'a Root, id: u32) -> Self {
        Self {
            root,
            id,
            is_armed: true,
        }
    }

    /// There is nothing to go back from any more.
    pub const fn settle(&mut self) {
        self.is_armed = false;
    }

    /// Goes back now.
    pub fn end(mut self) -> Result<Vec<Back>, PamError> {
        self.settle();
        end(self.root, Some(self.id))
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if self.is_armed {
            // If this fails, the timer tries again.
            let _ = end(self.root, Some(self.id));
        }
    }
}

/// Arranges for the way back, by a timer of systemd's; where systemd does not run, by a process
/// that waits and outlives the terminal.
pub fn schedule(root: &Root, id: u32, seconds: u32) -> Result<(), PamError> {
    let fail = |error: io::Error| PamError::NoRollback(error.to_string());
    let program = std::env::current_exe().map_err(fail)?;
    if root.is_host() && Path::new(SYSTEMD).is_dir() {
        let timer = Command::new("systemd-run")
            .args(["--quiet", "--collect", "--timer-property=AccuracySec=1s"])
            .arg(format!("--on-active={seconds}s"))
            .arg(format!("--unit={}", unit(id)))
            .arg("--")
            .arg(&program)
            .args(["pam", "try", "--rollback", "--trial", &id.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if timer.is_ok_and(|status| status.success()) {
            return Ok(());
        }
    }
    let mut child = Command::new(program)
        .arg("--root")
        .arg(root.at(Path::new("/")))
        .args(["pam", "try", "--rollback", "--trial", &id.to_string()])
        .args(["--after", &seconds.to_string()])
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(fail)?;
    // It says when it is out of this terminal's reach.
    let mut ready = [0_u8; 1];
    match child.stdout.take() {
        Some(mut out) => out.read_exact(&mut ready).map_err(fail),
        None => Err(PamError::NoRollback(String::new())),
    }
}

/// Takes the timer away. Without it nothing would be done either: there is no record.
pub fn unschedule(root: &Root, id: u32) {
    if root.is_host() && Path::new(SYSTEMD).is_dir() {
        let _ = Command::new("systemctl")
            .arg("stop")
            .arg(format!("{}.timer", unit(id)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
}

fn unit(id: u32) -> String {
    format!("countersign-pam-rollback-{id}")
}
