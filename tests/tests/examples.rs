//! The shipped examples do what they say, line by line as an administrator would copy them.

#![allow(
    clippy::expect_used,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use std::fs;

use countersign_tests::{Outcome, Program, Stack, in_lab};

const PASSWORD: &str = "her password";
const EXAMPLES: &str = "/usr/share/doc/countersign/examples";

/// The settings below the comment with `words` in it, up to the next blank line, switched on. In
/// the examples prose begins with "# ", and a setting that is off with "#" alone or far in.
fn settings_below(example: &str, words: &str) -> String {
    let text = fs::read_to_string(format!("{EXAMPLES}/{example}")).expect("an installed example");
    let (_, below) = text.split_once(words).expect("a comment with these words");
    below
        .lines()
        .skip(1)
        .take_while(|line| !line.is_empty())
        .map(|line| line.strip_prefix('#').unwrap_or(line))
        .filter(|line| !line.starts_with(' ') || line.starts_with("    "))
        .flat_map(|line| [line, "\n"])
        .collect()
}

#[test]
fn the_lines_for_key_and_code_ask_who_is_enrolled_and_let_in_who_is_not() {
    in_lab(|stage| {
        let lab = stage
            .stack(Stack::KeyAndCode)
            .user("alice", PASSWORD)
            .user("bob", PASSWORD)
            .start();
        let mut secret = lab.enroll("alice");
        let stack = fs::read_to_string("/etc/pam.d/sshd").expect("the stack of sshd");
        let rest: String = stack
            .lines()
            .filter(|line| !line.starts_with("auth"))
            .flat_map(|line| [line, "\n"])
            .collect();
        let lines = settings_below("pam.d/sshd", "key, then code, no password");
        fs::write("/etc/pam.d/sshd", lines + &rest).expect("a new stack");

        lab.ssh_with_key("bob").go().let_in_as("bob");
        let visit = lab.ssh_with_key("alice").code(&secret.next_code()).go();
        visit.let_in_as("alice");
        let wrong = secret.wrong_code();
        let visit = lab
            .ssh_with_key("alice")
            .code(&wrong)
            .code(&wrong)
            .code(&wrong)
            .go();
        visit.refused_with("That code is not right.");
        assert_eq!(lab.ssh("bob").go().outcome(), Outcome::Refused);
    });
}

#[test]
fn the_drop_in_of_sshd_keeps_root_and_jobs_to_their_keys_and_nobody_else() {
    in_lab(|stage| {
        let _lab = stage
            .stack(Stack::KeyAndCode)
            .user("alice", PASSWORD)
            .user("deploy", PASSWORD)
            .start();
        let key = "/home/deploy/.ssh/id_ed25519";
        for home in ["/root", "/home/alice"] {
            fs::create_dir_all(format!("{home}/.ssh")).expect("a directory for keys");
            fs::copy(format!("{key}.pub"), format!("{home}/.ssh/authorized_keys"))
                .expect("the key lets in");
        }
        let drop_in = "sshd_config.d/10-countersign.conf";
        let keys_alone = settings_below(drop_in, "Accounts that no person uses");
        let config = format!(
            "HostKey /etc/ssh/lab_host_key\nListenAddress 127.0.0.1:2222\nPidFile none\n\
             Include {EXAMPLES}/{drop_in}\n{keys_alone}"
        );
        let file = "/etc/ssh/with-drop-in";
        fs::write(file, config).expect("a configuration");
        Program::new("/usr/sbin/sshd").args(["-f", file]).text();

        let lets_in = |user: &str| {
            Program::new("ssh")
                .args(["-F", "none", "-p", "2222", "-i", key])
                .args(["-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no"])
                .arg(format!("{user}@127.0.0.1"))
                .arg("true")
                .output()
                .status
                .success()
        };
        assert!(lets_in("deploy"));
        assert!(lets_in("root"));
        assert!(!lets_in("alice"), "a person needs a code besides the key");
    });
}
