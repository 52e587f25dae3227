//! The program that logs people in, and what it says of each login.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use countersign_tests::Program;

const SOURCE: &str = include_str!("login.c");

/// PAM's word for a login that succeeded (`security/_pam_types.h`).
pub const PAM_SUCCESS: i32 = 0;
/// PAM's word for a login with a wrong code.
pub const PAM_AUTH_ERR: i32 = 7;

/// A login to be made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Login {
    /// Who logs in, as a number: one of many at once.
    pub person: usize,
    /// The PAM service.
    pub service: String,
    /// The user name.
    pub user: String,
    /// Where from, as `PAM_RHOST` has it.
    pub rhost: String,
    /// What is typed at the prompt.
    pub code: String,
}

/// How a login ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct End {
    /// PAM's status, or -1 where the login ended without any.
    pub status: i32,
    /// When it began, counted from the first login's beginning.
    pub began: Duration,
    /// When it ended, likewise.
    pub ended: Duration,
}

impl End {
    /// From its beginning to its end.
    pub fn took(&self) -> Duration {
        self.ended.saturating_sub(self.began)
    }
}

/// The program, compiled, and the directory that has the stacks of its services.
pub struct Harness {
    program: PathBuf,
    stacks: PathBuf,
}

impl Harness {
    /// Compiles the program into a directory, beside which stacks are then written.
    pub fn build(directory: &Path) -> Self {
        let (source, program) = (directory.join("login.c"), directory.join("login"));
        let stacks = directory.join("pam.d");
        fs::create_dir_all(&stacks).expect("a directory for stacks");
        fs::write(&source, SOURCE).expect("the program's source");
        Program::new("cc")
            .args(["-O2", "-Wall", "-Wextra", "-Werror", "-o"])
            .arg(&program)
            .arg(&source)
            .arg("-lpam")
            .text();
        let harness = Self { program, stacks };
        // What libpam takes for functions that a service has no line for.
        harness.service("other", "auth required pam_deny.so");
        harness
    }

    /// Writes a service's stack: what stands in its one line.
    pub fn service(&self, name: &str, line: &str) {
        fs::write(self.stacks.join(name), format!("{line}\n")).expect("a stack");
    }

    /// One login after the other.
    pub fn in_order(&self, logins: &[Login]) -> Vec<End> {
        self.run(logins, Program::new(&self.program).arg("in-order"), None)
    }

    /// The same under another program, which watches it.
    pub fn in_order_under(&self, watcher: &[&str], logins: &[Login]) -> Vec<End> {
        let (first, rest) = watcher.split_first().expect("a program");
        let program = Program::new(first).args(rest).arg(&self.program);
        self.run(logins, program.arg("in-order"), None)
    }

    /// Everybody at once, each with their logins one after the other.
    pub fn at_once(&self, logins: &[Login]) -> Vec<End> {
        self.run(logins, Program::new(&self.program).arg("at-once"), None)
    }

    /// So many logins a second begin, whatever becomes of those before.
    pub fn paced(&self, logins: &[Login], rate: u32) -> Vec<End> {
        self.run(logins, Program::new(&self.program).arg("paced"), Some(rate))
    }

    /// Loads modules, as libpam does, and nothing more.
    pub fn load(&self, modules: &[&Path]) -> Vec<End> {
        let lines: Vec<String> = modules
            .iter()
            .map(|module| format!("0\t{}\n", module.display()))
            .collect();
        let lines = lines.concat();
        let said = Program::new(&self.program).arg("load").input(&lines).text();
        read(&said)
    }

    fn run(&self, logins: &[Login], program: Program, rate: Option<u32>) -> Vec<End> {
        let lines: String = logins.iter().map(line).collect();
        let program = program.arg(&self.stacks);
        let program = match rate {
            Some(rate) => program.arg(rate.to_string()),
            None => program,
        };
        let ends = read(&program.input(&lines).text());
        assert_eq!(ends.len(), logins.len(), "each login has an end");
        ends
    }
}

fn line(login: &Login) -> String {
    let Login {
        person,
        service,
        user,
        rhost,
        code,
    } = login;
    format!("{person}\t{service}\t{user}\t{rhost}\t{code}\n")
}

fn read(said: &str) -> Vec<End> {
    said.lines()
        .map(|line| read_end(line).unwrap_or_else(|| panic!("the program said '{line}'")))
        .collect()
}

fn read_end(line: &str) -> Option<End> {
    let mut columns = line.split(' ');
    Some(End {
        status: columns.next()?.parse().ok()?,
        began: Duration::from_nanos(columns.next()?.parse().ok()?),
        ended: Duration::from_nanos(columns.next()?.parse().ok()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_read_as_the_program_writes_it() {
        let ends = read("0 0 1500\n-1 20 30\n");
        assert_eq!(ends[0].took(), Duration::from_nanos(1500));
        assert_eq!((ends[0].status, ends[1].status), (0, -1));
    }

    #[test]
    fn the_program_compiles_and_a_login_has_the_status_that_its_stack_gives() {
        let place = std::env::temp_dir().join(format!("bench-harness-{}", std::process::id()));
        fs::create_dir_all(&place).unwrap();
        let harness = Harness::build(&place);
        harness.service("yes", "auth required pam_permit.so");
        harness.service("no", "auth required pam_deny.so");
        let login = |person, service: &str| Login {
            person,
            service: service.to_owned(),
            user: "root".to_owned(),
            rhost: "192.0.2.1".to_owned(),
            code: "123456".to_owned(),
        };
        let logins = [login(0, "yes"), login(0, "no"), login(1, "yes")];
        let wanted = [PAM_SUCCESS, PAM_AUTH_ERR, PAM_SUCCESS];
        for ends in [
            harness.in_order(&logins),
            harness.at_once(&logins),
            harness.paced(&logins, 1000),
        ] {
            let statuses: Vec<i32> = ends.iter().map(|end| end.status).collect();
            assert_eq!(statuses, wanted);
            assert!(ends.iter().all(|end| end.took() > Duration::ZERO));
        }
        fs::remove_dir_all(place).unwrap();
    }
}
