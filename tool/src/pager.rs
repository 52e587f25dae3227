//! Long output through a pager, as people know it from systemctl and git.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::process::{Child, Command, Stdio};

use nix::unistd::Uid;
use rustix::stdio::dup2_stdout;

use crate::screen::Screen;

/// A pager that reads our standard output. It is waited for when this is dropped.
pub struct Pager(Child);

impl Pager {
    /// Starts one where a person reads at a terminal. `None`: there is none, and what is printed goes
    /// to where it would go anyway.
    pub fn start(screen: Screen) -> Option<Self> {
        let Screen::Terminal(_) = screen else {
            return None;
        };
        let choice = Choice::make(Uid::effective().is_root(), |name| std::env::var_os(name))?;
        let mut child = choice.command().stdin(Stdio::piped()).spawn().ok()?;
        let pipe = child.stdin.take()?;
        // From here on standard output is the pipe. The pager has its own hold of the terminal.
        if dup2_stdout(pipe.as_fd()).is_err() {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        Some(Self(child))
    }
}

impl Drop for Pager {
    fn drop(&mut self) {
        let _ = io::stdout().flush();
        // The pager ends when nobody holds the pipe any more.
        if let Ok(null) = File::options().write(true).open("/dev/null") {
            let _ = dup2_stdout(null.as_fd());
        }
        let _ = self.0.wait();
    }
}

/// Which program reads, and how freely.
#[derive(PartialEq, Eq, Debug)]
enum Choice {
    /// What the person wants, as the shell reads it.
    Wanted(OsString),
    /// `less`, for whoever runs as themselves.
    Less,
    /// `less` without its ways to run other programs and write files: whoever may run this as root
    /// by sudo may not therefore run anything.
    SecureLess,
}

impl Choice {
    /// Root's environment may be another one's, by way of sudo, so it does not choose.
    fn make(root: bool, variable: impl Fn(&str) -> Option<OsString>) -> Option<Self> {
        if root {
            return Some(Self::SecureLess);
        }
        let wanted = ["COUNTERSIGN_PAGER", "PAGER"]
            .into_iter()
            .find_map(variable);
        match wanted {
            // Set to nothing or to cat: no pager is wanted.
            Some(wanted) if wanted.is_empty() || wanted == "cat" => None,
            Some(wanted) => Some(Self::Wanted(wanted)),
            None => Some(Self::Less),
        }
    }

    /// One page is shown and left on the screen; colours stay; the screen is not cleared.
    fn command(&self) -> Command {
        let less = || {
            let mut less = Command::new("less");
            less.arg("-FRX").env_remove("LESS");
            less
        };
        match self {
            Self::Wanted(wanted) => {
                let mut shell = Command::new("sh");
                shell.arg("-c").arg(wanted);
                shell
            }
            Self::Less => less(),
            Self::SecureLess => {
                let mut less = less();
                less.env_remove("LESSOPEN")
                    .env_remove("LESSCLOSE")
                    .env_remove("LESSKEY")
                    .env_remove("LESSKEYIN")
                    .env("LESSSECURE", "1");
                less
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(root: bool, set: &[(&str, &str)]) -> Option<Choice> {
        Choice::make(root, |name| {
            let (_, value) = set.iter().find(|(key, _)| *key == name)?;
            Some(OsString::from(value))
        })
    }

    #[test]
    fn the_person_chooses_the_pager_and_roots_environment_does_not() {
        let wanted = |it: &str| Some(Choice::Wanted(it.into()));
        assert_eq!(choice(false, &[]), Some(Choice::Less));
        assert_eq!(choice(false, &[("PAGER", "most")]), wanted("most"));
        assert_eq!(
            choice(
                false,
                &[("PAGER", "most"), ("COUNTERSIGN_PAGER", "less -i")]
            ),
            wanted("less -i")
        );
        assert_eq!(choice(false, &[("PAGER", "cat")]), None);
        assert_eq!(
            choice(false, &[("PAGER", "most"), ("COUNTERSIGN_PAGER", "")]),
            None
        );
        assert_eq!(choice(true, &[("PAGER", "sh")]), Some(Choice::SecureLess));
    }
}
