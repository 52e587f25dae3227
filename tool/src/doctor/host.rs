//! The machine that is looked at: its files, and programs that tell of it.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::stack::files::Root;
use crate::system_program::system_program;
use crate::words::tell;

/// Runs programs that tell something and change nothing.
pub trait Runner {
    /// Runs one to its end. `None` when it is not there, or cannot be run.
    fn run(&self, program: &str, arguments: &[&str]) -> Option<Ran>;
}

/// How a program ended.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Ran {
    /// Did it succeed?
    pub success: bool,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// The machine's own programs.
pub struct Shell;

impl Runner for Shell {
    fn run(&self, program: &str, arguments: &[&str]) -> Option<Ran> {
        let output = system_program(program)
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .ok()?;
        Some(Ran {
            success: output.status.success(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }
}

/// The machine, or a copy of its files below a directory, of which programs can tell nothing.
pub struct Host<'a> {
    root: Root,
    runner: &'a dyn Runner,
    /// Is it root who looks?
    pub sees_all: bool,
}

impl<'a> Host<'a> {
    /// The machine's files from `root` on.
    pub fn new(root: &Path, runner: &'a dyn Runner, sees_all: bool) -> Self {
        Self {
            root: Root::new(root),
            runner,
            sees_all,
        }
    }

    /// Where the files are.
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// Is it the machine itself?
    pub fn is_live(&self) -> bool {
        self.root.is_host()
    }

    /// Runs a program, where the files are this machine's own.
    pub fn run(&self, program: &str, arguments: &[&str]) -> Option<Ran> {
        self.is_live()
            .then(|| self.runner.run(program, arguments))
            .flatten()
    }

    /// What is known of a file; a link counts for what it leads to.
    pub fn about(&self, path: &str) -> Option<Metadata> {
        fs::metadata(self.at(path)).ok()
    }

    /// Is there something at that path?
    pub fn has(&self, path: &str) -> bool {
        self.about(path).is_some()
    }

    /// A file's text.
    pub fn text(&self, path: &str) -> Option<String> {
        let bytes = fs::read(self.at(path)).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// A file's bytes.
    pub fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        fs::read(self.at(path)).ok()
    }

    /// The names in a directory, in order.
    pub fn names(&self, directory: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.at(directory)) else {
            return Vec::new();
        };
        let mut names: Vec<String> = entries
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        names.sort_unstable();
        names
    }

    /// Where a path of the machine really is.
    pub fn at(&self, path: &str) -> PathBuf {
        self.root.at(Path::new(path))
    }

    /// The command that puts back what was installed: by the package manager where it knows of us.
    pub fn reinstall(&self) -> String {
        let (manager, asked, again) = if self.has("/etc/debian_version") {
            let asked = ["-S", "pam_countersign.so"];
            ("dpkg", asked, "apt-get install --reinstall countersign")
        } else if self.has("/etc/arch-release") {
            ("pacman", ["-Q", "countersign"], "pacman -S countersign")
        } else {
            ("rpm", ["-q", "countersign"], "dnf reinstall countersign")
        };
        if self.is_live() && !self.run(manager, &asked).is_some_and(|ran| ran.success) {
            return format!("make install  # {}", tell!("doctor-from-source"));
        }
        again.to_owned()
    }
}
