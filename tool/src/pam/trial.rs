//! A change on trial: what to go back to is on the disk before anything changes, and whoever goes
//! back does no harm, whenever they come.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use super::disk::{Disk, Like, RealDisk};
use super::error::PamError;
use super::plan::{Changes, Tree};
use super::sshd;
use super::way_back::{Back, OnTrial, WayBack, over};
use super::write::{KEPT, Lock, place, put};
use crate::stack::chain::Chain;
use crate::stack::files::{Files, Root};
use crate::stack::reach::Reach;
use crate::system_program::system_program;

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
    /// The services that let anybody in before the trial.
    open: Vec<String>,
    /// The files.
    files: Vec<Kept>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Kept {
    path: PathBuf,
    before: Option<Vec<u8>>,
    after: Option<Vec<u8>>,
}

impl Record {
    /// What is to be remembered of these changes.
    pub fn new(
        id: u32,
        services: &[String],
        logins: BTreeMap<String, u64>,
        tree: &dyn Tree,
        changes: &Changes,
    ) -> Self {
        let lets_anybody_in =
            |service: &String| Reach::of(&Chain::read(tree, service)).lets_anybody_in;
        let kept = changes.iter().map(|(path, after)| Kept {
            path: path.clone(),
            before: tree.read(path),
            after: after.clone(),
        });
        Self {
            id,
            services: services.to_vec(),
            logins,
            open: tree
                .services()
                .into_iter()
                .filter(lets_anybody_in)
                .collect(),
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

    /// What going back would do, as the files stand.
    pub fn way_back(&self, tree: &dyn Tree) -> WayBack {
        let now = self.files.iter().map(|kept| tree.read(&kept.path));
        self.way_from(tree, &now.collect::<Vec<_>>())
    }

    fn way_from(&self, tree: &dyn Tree, now: &[Option<Vec<u8>>]) -> WayBack {
        let files = self.files.iter().zip(now).map(|(kept, now)| OnTrial {
            path: &kept.path,
            before: &kept.before,
            after: &kept.after,
            now,
        });
        WayBack::of(tree, &files.collect::<Vec<_>>(), &self.open)
    }

    /// Goes back, file by file, and ends the trial. An edit by somebody else stays. Where our line
    /// is all that keeps anybody out the file stays, and the trial is not over.
    pub fn roll_back(&self, disk: &mut impl Disk, root: &Root) -> Outcome {
        let mut now = Vec::new();
        for kept in &self.files {
            let bytes = disk.read(&root.at(&kept.path));
            now.push(bytes.map_err(PamError::at(&kept.path))?);
        }
        let way = self.way_from(root, &now);
        for (path, change) in &way.changes {
            put(disk, root, path, change.as_deref()).map_err(PamError::at(path))?;
        }
        if over(&way.files).is_ok() {
            Self::forget(disk, root)?;
        }
        Ok(way.files)
    }
}

/// Goes back from the trial of this id, or from any; waits for whoever is at the files.
pub fn end(root: &Root, id: Option<u32>) -> Outcome {
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

/// How going back went.
pub type Outcome = Result<Vec<Back>, PamError>;

/// Goes back when it is dropped, unless the trial was settled.
pub struct Guard<'a> {
    root: &'a Root,
    id: u32,
    /// Who is told of it then; nobody once it is settled.
    told: Option<Box<dyn FnOnce(Outcome) + 'a>>,
}

impl<'a> Guard<'a> {
    /// For the trial of this id. `told` hears how it went when the guard was dropped.
    pub fn new(root: &'a Root, id: u32, told: impl FnOnce(Outcome) + 'a) -> Self {
        Self {
            root,
            id,
            told: Some(Box::new(told)),
        }
    }

    /// There is nothing to go back from any more.
    pub fn settle(&mut self) {
        self.told = None;
    }

    /// Goes back now.
    pub fn end(mut self) -> Outcome {
        self.settle();
        end(self.root, Some(self.id))
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if let Some(told) = self.told.take() {
            // If this fails, the timer tries again.
            told(end(self.root, Some(self.id)));
        }
    }
}

/// Arranges for the way back, by a timer of systemd's; where systemd does not run, by a process
/// that waits and outlives the terminal.
pub fn schedule(root: &Root, id: u32, seconds: u32) -> Result<(), PamError> {
    let fail = |error: io::Error| PamError::NoRollback(error.to_string());
    let program = std::env::current_exe().map_err(fail)?;
    if root.is_host() && Path::new(SYSTEMD).is_dir() {
        let timer = system_program("systemd-run")
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
        let _ = system_program("systemctl")
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
