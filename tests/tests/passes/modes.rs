//! Where the code comes from, and what is handed on: the eight modes of Google's module.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use countersign_tests::{Lab, PamTester, Stage, in_lab};

use crate::{AUTH_ERR, Alice, By, GOOGLE, PASSWORD, Root, SUCCESS, counting};

/// What the module before asked for, and what the one behind was given.
const RECORD: &str = "/run/record/password";
/// Asked by the modules around ours when they have no password: ours must not have touched it.
const OTHERS: &str = "Password: ";
const CODE: &str = "Authenticator code: ";
const BOTH: &str = "Password & code: ";
const WRONG: &str = "123456";

/// Does a module before ours ask for a password?
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    Password,
}

/// One of the modes.
struct Mode {
    options: &'static str,
    before: Before,
    /// What is typed: first for the module before, if there is one. `#` stands for the code.
    typed: &'static [&'static str],
    /// How ours asks.
    prompt: &'static str,
    /// How often, when the code is right.
    asked: usize,
    /// How often, when it is wrong three times.
    asked_in_vain: usize,
    /// What the module behind is given; nothing, if it has to ask.
    handed_on: Option<&'static str>,
}

const MODES: &[Mode] = &[
    Mode {
        options: "",
        before: Before::Nothing,
        typed: &["#"],
        prompt: CODE,
        asked: 1,
        asked_in_vain: 3,
        handed_on: None,
    },
    Mode {
        options: "forward_pass",
        before: Before::Nothing,
        typed: &["two words#"],
        prompt: BOTH,
        asked: 1,
        asked_in_vain: 3,
        handed_on: Some("two words"),
    },
    Mode {
        options: "use_first_pass",
        before: Before::Password,
        typed: &["secret#"],
        prompt: CODE,
        asked: 0,
        asked_in_vain: 0,
        handed_on: Some("secret#"),
    },
    Mode {
        options: "use_first_pass forward_pass",
        before: Before::Password,
        typed: &["sécret#"],
        prompt: BOTH,
        asked: 0,
        asked_in_vain: 0,
        handed_on: Some("sécret"),
    },
    Mode {
        options: "try_first_pass",
        before: Before::Password,
        typed: &["secret#"],
        prompt: CODE,
        asked: 0,
        asked_in_vain: 3,
        handed_on: Some("secret#"),
    },
    Mode {
        options: "try_first_pass forward_pass",
        before: Before::Password,
        typed: &["secret1#"],
        prompt: BOTH,
        asked: 0,
        asked_in_vain: 3,
        handed_on: Some("secret1"),
    },
    Mode {
        options: "try_first_pass",
        before: Before::Password,
        typed: &["secret", "#"],
        prompt: CODE,
        asked: 1,
        asked_in_vain: 3,
        handed_on: Some("secret"),
    },
    Mode {
        options: "try_first_pass forward_pass",
        before: Before::Password,
        typed: &["secret", "another#"],
        prompt: BOTH,
        asked: 1,
        asked_in_vain: 3,
        handed_on: Some("another"),
    },
];

impl Mode {
    fn service(&self) -> PamTester {
        let record =
            format!("auth required pam_exec.so expose_authtok quiet /usr/bin/tee {RECORD}");
        let ours = format!("auth requisite pam_countersign.so {}", self.options);
        match self.before {
            Before::Nothing => PamTester::new("mode", &[&ours, &record]),
            Before::Password => PamTester::new("mode", &[&record, &ours, &record]),
        }
    }

    fn lines(&self, code: &str) -> Vec<String> {
        self.typed
            .iter()
            .map(|line| line.replace('#', code))
            .collect()
    }

    /// A right code: how often is asked, and what is handed on?
    fn lets_in(&self, by: By, code: &str) {
        let mut lines = self.lines(code);
        // For the module behind, in case it asks.
        lines.push("nothing was handed on".to_owned());
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let report = by.run(&self.service(), &lines);
        let mode = format!(
            "{}, {} lines, by {by:?}: {report:?}",
            self.options,
            self.typed.len()
        );
        assert_eq!(report.results, [SUCCESS], "{mode}");
        assert_eq!(report.prompts("not right"), 0, "no reproach: {mode}");
        assert_eq!(report.prompts(self.prompt), self.asked, "{mode}");
        let others =
            usize::from(self.before == Before::Password) + usize::from(self.handed_on.is_none());
        assert_eq!(report.prompts(OTHERS), others, "{mode}");
        let expected = self
            .handed_on
            .unwrap_or("nothing was handed on")
            .replace('#', code);
        assert_eq!(fs::read_to_string(RECORD).unwrap(), expected, "{mode}");
    }

    /// A wrong code, as often as is asked for one.
    fn refuses(&self, by: By) {
        let mut lines = self.lines(WRONG);
        while lines.len() < 4 {
            lines.push(WRONG.to_owned());
        }
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let report = by.run(&self.service(), &lines);
        let mode = format!(
            "{}, {} lines, by {by:?}: {report:?}",
            self.options,
            self.typed.len()
        );
        assert_eq!(report.results, [AUTH_ERR], "{mode}");
        assert_eq!(report.prompts(self.prompt), self.asked_in_vain, "{mode}");
    }
}

fn stage(stage: Stage) -> Lab {
    let lab = stage.user("alice", PASSWORD).start();
    fs::create_dir("/run/record").unwrap();
    fs::write(RECORD, "").unwrap();
    fs::set_permissions(RECORD, fs::Permissions::from_mode(0o666)).unwrap();
    lab
}

#[test]
fn each_mode_asks_as_often_as_it_should_and_hands_the_password_on() {
    in_lab(|it| {
        let _lab = stage(it);
        let mut secret = counting(GOOGLE, 1);
        for mode in MODES {
            for by in [Root, Alice] {
                mode.refuses(by);
                mode.lets_in(by, &secret.next_code());
            }
        }
    });
}

#[test]
fn a_recovery_code_behind_the_password_is_taken_off_too() {
    in_lab(|it| {
        let lab = stage(it);
        let secret = lab.enroll("alice");
        let forward = &MODES[1];
        for (by, code) in [Root, Alice].into_iter().zip(secret.recovery_codes()) {
            forward.lets_in(by, code);
        }
    });
}

#[test]
fn the_login_password_is_handed_on_to_pam_unix() {
    in_lab(|it| {
        let _lab = stage(it);
        let mut secret = counting(GOOGLE, 1);
        let service = PamTester::new(
            "one-field",
            &[
                "auth required pam_countersign.so forward_pass retries=1",
                "auth required pam_unix.so use_first_pass nodelay",
            ],
        );
        for by in [Root, Alice] {
            let right = format!("{PASSWORD}{}", secret.next_code());
            let report = by.run(&service, &[&right]);
            assert!(report.succeeded(), "{by:?}: {report:?}");
            assert_eq!(report.prompts(BOTH), 1);
            for refused in [
                right,                                           // used
                format!("{PASSWORD}{WRONG}"),                    // wrong code
                format!("wrong password{}", secret.next_code()), // wrong password
                PASSWORD.to_owned(),                             // no code
                secret.next_code(),                              // no password
            ] {
                let report = by.run(&service, &[&refused]);
                assert_eq!(report.results, [AUTH_ERR], "{by:?}: {refused}: {report:?}");
            }
        }
    });
}
