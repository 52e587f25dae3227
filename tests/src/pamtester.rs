use std::fs;

use crate::program::Program;

/// A PAM service of the lab's own, and somebody who authenticates against it with pamtester.
pub struct PamTester {
    service: String,
    preload: Option<String>,
    items: Vec<String>,
}

/// How that went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// Everything that the person saw, prompts included, without what pamtester says itself.
    pub shown: String,
    /// What pamtester says of each operation, in the words of `pam_strerror(3)`.
    pub results: Vec<String>,
}

impl PamTester {
    /// Writes the service's stack. It is a line of the file each.
    pub fn new(service: &str, stack: &[&str]) -> Self {
        fs::write(format!("/etc/pam.d/{service}"), stack.join("\n") + "\n").expect("a PAM stack");
        Self {
            service: service.to_owned(),
            preload: None,
            items: Vec::new(),
        }
    }

    /// A service in a directory of its own, which `libpam_wrapper` has libpam read in place of
    /// `/etc/pam.d`.
    pub fn wrapped(service: &str, stack: &[&str]) -> Self {
        let directory = format!("/tmp/{service}-pam.d");
        fs::create_dir_all(&directory).expect("a directory for stacks");
        for (name, lines) in [(service, stack), ("other", &["auth required pam_deny.so"])] {
            fs::write(format!("{directory}/{name}"), lines.join("\n") + "\n").expect("a PAM stack");
        }
        Self {
            service: service.to_owned(),
            preload: Some(directory),
            items: Vec::new(),
        }
    }

    /// One more PAM item, for example `rhost=192.0.2.1`.
    #[must_use]
    pub fn item(mut self, item: &str) -> Self {
        self.items.push(item.to_owned());
        self
    }

    /// Authenticates as `user` in a process of that user's, and types these lines.
    pub fn by_user(&self, user: &str, answers: &[&str]) -> Report {
        self.for_user(user, user, answers)
    }

    /// The same in a process of somebody else's.
    pub fn for_user(&self, caller: &str, user: &str, answers: &[&str]) -> Report {
        let process = Program::new("setpriv").args(as_user(caller));
        self.run(process, user, &["authenticate"], answers)
    }

    /// Authenticates as `user` in a process of root's, and types these lines.
    pub fn by_root(&self, user: &str, answers: &[&str]) -> Report {
        self.operations(user, &["authenticate"], answers)
    }

    /// Operations in one PAM transaction of root's, for example `authenticate(PAM_SILENT)`.
    pub fn operations(&self, user: &str, operations: &[&str], answers: &[&str]) -> Report {
        self.run(Program::new("env"), user, operations, answers)
    }

    fn run(&self, by: Program, user: &str, operations: &[&str], answers: &[&str]) -> Report {
        let by = match &self.preload {
            Some(directory) => by.args([
                "env",
                "LD_PRELOAD=libpam_wrapper.so",
                "PAM_WRAPPER=1",
                &format!("PAM_WRAPPER_SERVICE_DIR={directory}"),
            ]),
            None => by,
        };
        let items = self.items.iter().flat_map(|item| ["-I", item.as_str()]);
        let lines: String = answers.iter().flat_map(|line| [*line, "\n"]).collect();
        let output = by
            .arg("pamtester")
            .args(items)
            .args([&self.service, user])
            .args(operations)
            .input(&lines)
            .output();
        let mut report = Report {
            shown: String::new(),
            results: Vec::new(),
        };
        // Prompts and errors come on one of them, success on the other.
        for stream in [output.stdout, output.stderr] {
            report.read(&String::from_utf8_lossy(&stream));
        }
        report
    }
}

fn as_user(user: &str) -> [String; 4] {
    [
        format!("--reuid={user}"),
        format!("--regid={user}"),
        "--clear-groups".to_owned(),
        "--".to_owned(),
    ]
}

impl Report {
    /// Takes pamtester's own lines out of a stream. One may stand behind a prompt.
    fn read(&mut self, stream: &str) {
        let mut pieces = stream.split("pamtester: ");
        self.shown.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let (result, shown) = piece.split_once('\n').unwrap_or((piece, ""));
            self.results.push(result.to_owned());
            self.shown.push_str(shown);
        }
    }

    /// How often this was asked.
    pub fn prompts(&self, prompt: &str) -> usize {
        self.shown.matches(prompt).count()
    }

    /// Did the one operation succeed?
    pub fn succeeded(&self) -> bool {
        self.results == ["successfully authenticated"]
    }
}
