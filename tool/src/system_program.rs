//! Programs of the system that run on our behalf, often as root.

use std::ffi::OsStr;
use std::process::Command;

/// Where the system's own programs lie.
const PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin";

/// A program of the system by its name or path. It is not looked for where the caller says, and
/// gets nothing of the caller's environment. What it prints is read by us, so it speaks English.
pub fn system_program(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", PATH).env("LC_ALL", "C");
    command
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// Set where the test runs once more, with another search path.
    const WITHIN: &str = "COUNTERSIGN_TEST_WITHIN";

    #[test]
    fn what_the_caller_put_first_in_the_search_path_is_not_run() {
        let ran = system_program("env").output().unwrap();
        let told = String::from_utf8(ran.stdout).unwrap();
        let mut told: Vec<&str> = told.lines().collect();
        told.sort_unstable();
        assert_eq!(told, ["LC_ALL=C", &format!("PATH={PATH}")]);
        if std::env::var_os(WITHIN).is_some() {
            return;
        }
        let directory = tempfile::tempdir().unwrap();
        let planted = directory.path().join("env");
        fs::write(&planted, "#!/bin/sh\necho planted\n").unwrap();
        fs::set_permissions(&planted, Permissions::from_mode(0o755)).unwrap();
        let of_caller = std::env::var("PATH").unwrap_or_default();
        let first = format!("{}:{of_caller}", directory.path().display());
        let seen = Command::new("env").env("PATH", &first).output().unwrap();
        assert_eq!(seen.stdout, b"planted\n", "the plant is found");
        let again = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--quiet"])
            .arg(std::thread::current().name().unwrap())
            .env(WITHIN, "1")
            .env("PATH", &first)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&again.stdout);
        assert!(
            again.status.success() && said.contains("1 passed"),
            "{said}"
        );
    }
}
