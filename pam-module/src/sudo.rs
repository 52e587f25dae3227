//! Where sudo puts its questions.
//!
//! With `-A` it is a program of the user's that asks them (askpass), and it gets them as an argument. Everybody
//! on the host reads arguments in the list of processes, so no key may stand in a question then. The command
//! line is the only place that tells; as the kernel keeps it, and no environment is looked at.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// A longer command line is not looked through.
const MAX_BYTES: u64 = 64 * 1024;
/// The options of one letter that have a value (sudo(8)).
const WITH_VALUE: &[u8] = b"CDRTUacghprtu";
/// The long ones.
const LONG_WITH_VALUE: [&[u8]; 13] = [
    b"auth-type",
    b"chdir",
    b"chroot",
    b"close-from",
    b"command-timeout",
    b"group",
    b"host",
    b"login-class",
    b"other-user",
    b"prompt",
    b"role",
    b"type",
    b"user",
];

/// Who shows the questions of a sudo.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Questions {
    /// sudo itself, on the terminal.
    OnTerminal,
    /// Another program, or nobody can tell.
    Elsewhere,
}

impl Questions {
    /// Of this process, which is a sudo.
    pub fn of_this_process() -> Self {
        match read(Path::new("/proc/self/cmdline")) {
            Some(line) => Self::of(&line),
            None => Self::Elsewhere,
        }
    }

    /// Of a command line, whose words end with NUL each. In doubt it is `Elsewhere`: the words are read as
    /// getopt(3) does, but what may be a value or may be an option counts as both.
    fn of(line: &[u8]) -> Self {
        let mut may_be_value = false;
        for word in line.split(|byte| *byte == 0).skip(1) {
            let after_option = std::mem::take(&mut may_be_value);
            match word {
                b"--" if !after_option => break,
                [b'-', b'-', long @ ..] => {
                    // Any beginning of a name stands for it.
                    if !long.is_empty() && b"askpass".starts_with(long) {
                        return Self::Elsewhere;
                    }
                    may_be_value = LONG_WITH_VALUE.iter().any(|name| name.starts_with(long));
                }
                [b'-', letters @ ..] => {
                    let value = letters.iter().position(|it| WITH_VALUE.contains(it));
                    let flags = letters.get(..value.unwrap_or(letters.len()));
                    if flags.is_none_or(|flags| flags.contains(&b'A')) {
                        return Self::Elsewhere;
                    }
                    may_be_value = value.is_some_and(|at| at + 1 == letters.len());
                }
                // A variable for the command's environment, after which options may go on.
                _ if after_option || word.contains(&b'=') => {}
                _command => break,
            }
        }
        Self::OnTerminal
    }
}

fn read(path: &Path) -> Option<Vec<u8>> {
    let mut line = Vec::new();
    let file = File::open(path).ok()?;
    let length = file.take(MAX_BYTES + 1).read_to_end(&mut line).ok()?;
    let longest = usize::try_from(MAX_BYTES).ok()?;
    (1..=longest).contains(&length).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Questions {
        Questions::of((line.to_owned() + " ").replace(' ', "\0").as_bytes())
    }

    #[test]
    fn an_askpass_program_is_found_wherever_sudo_finds_it() {
        for line in [
            "sudo -A id",
            "sudo --askpass id",
            "sudo --ask id",
            "sudo -nA id",
            "sudo -Ak id",
            "sudo -k -u bob -A id",
            "sudo -ubob -A id",
            "sudo --user bob -A id",
            "sudo --user=bob -A id",
            "sudo -h host -A id",
            "sudo -p -- -A id",
            "sudo --prompt -- -A id",
            "sudo LANG=C -A id",
            "sudoedit -A /etc/hosts",
        ] {
            assert_eq!(of(line), Questions::Elsewhere, "{line}");
        }
    }

    #[test]
    fn what_the_command_or_a_value_says_is_none() {
        for line in [
            "sudo",
            "sudo -k id",
            "sudo grep -A 3 x",
            "sudo -u Alice id",
            "sudo -uAlice id",
            "sudo -kpA id",
            "sudo --user=A id",
            "sudo -- -A",
            "sudo LANG=C grep -A 3 x",
            "sudo -i",
        ] {
            assert_eq!(of(line), Questions::OnTerminal, "{line}");
        }
    }

    #[test]
    fn a_command_line_that_is_not_read_whole_tells_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cmdline");
        assert_eq!(read(&path), None);
        for (length, is_read) in [(0, false), (65_536, true), (65_537, false)] {
            std::fs::write(&path, vec![b'x'; length]).unwrap();
            assert_eq!(read(&path).is_some(), is_read, "{length}");
        }
    }
}
