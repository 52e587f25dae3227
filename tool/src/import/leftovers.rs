//! The lines of PAM's configuration that still name a module that was moved away from.

use std::fs;
use std::path::{Path, PathBuf};

/// Where PAM keeps its stacks.
const STACKS: &str = "/etc/pam.d";
/// Longer files are no stacks, in bytes.
const LONGEST: u64 = 256 * 1024;

/// A line of a stack.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Line {
    /// The file.
    pub file: PathBuf,
    /// The line in it, counted from 1.
    pub number: usize,
}

/// All lines of this host's stacks that name the module. A stack that cannot be read has none.
pub fn of(module: &str) -> Vec<Line> {
    within(Path::new(STACKS), module)
}

fn within(directory: &Path, module: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    for file in fs::read_dir(directory)
        .into_iter()
        .flatten()
        .flatten()
        .map(|it| it.path())
    {
        let is_stack = fs::metadata(&file).is_ok_and(|it| it.is_file() && it.len() <= LONGEST);
        let text = fs::read(&file).ok().filter(|_| is_stack);
        let text = String::from_utf8_lossy(&text.unwrap_or_default()).into_owned();
        let named = |line: &str| !line.trim_start().starts_with('#') && line.contains(module);
        for (number, _) in (1..).zip(text.lines()).filter(|(_, line)| named(line)) {
            let file = file.clone();
            lines.push(Line { file, number });
        }
    }
    lines.sort();
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_count_are_found_and_comments_are_not() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(
            dir.path().join("sshd"),
            "auth include common-auth\nauth required pam_oath.so usersfile=/etc/users.oath\n\
             # auth required pam_oath.so\n",
        )
        .unwrap();
        fs::write(dir.path().join("login"), "auth required pam_unix.so\n").unwrap();
        fs::create_dir(dir.path().join("folder")).unwrap();
        let file = dir.path().join("sshd");
        assert_eq!(within(dir.path(), "pam_oath"), [Line { file, number: 2 }]);
        assert_eq!(within(&dir.path().join("nothing"), "pam_oath"), []);
    }
}
