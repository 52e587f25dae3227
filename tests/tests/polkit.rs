//! Who else administers is for polkit to say: the real polkitd, with the shipped action.

#![allow(
    clippy::expect_used,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use std::fs;

use countersign_tests::{Heard, Lab, Program, Secret, Stage, Terminal, in_lab, tool};

/// A rule as an administrator writes it: members of the group staff administer, without a dialog.
const RULE: &str = r#"polkit.addRule(function(action, subject) {
    if (action.id == "org.countersign1.administer" && subject.isInGroup("staff")) {
        return polkit.Result.YES;
    }
});"#;

/// A host on which alice is in that group, bob is not, and carol is enrolled.
fn start(stage: Stage) -> (Lab, Secret) {
    fs::create_dir_all("/etc/polkit-1/rules.d").expect("a directory for rules");
    fs::write("/etc/polkit-1/rules.d/50-lab.rules", RULE).expect("a rule of polkit");
    let lab = stage
        .user("alice", "a")
        .user("bob", "b")
        .user("carol", "c")
        .start();
    Program::new("gpasswd")
        .args(["--add", "alice", "staff"])
        .text();
    let secret = lab.enroll("carol");
    (lab, secret)
}

#[test]
fn whom_polkit_lets_administer_need_not_be_root() {
    in_lab(|stage| {
        let (lab, _) = start(stage);
        let list = tool("alice", &["list"], &[]);
        assert!(list.status == 0 && list.out.contains("carol"), "{list:?}");
        let unlock = tool("alice", &["unlock", "carol"], &[]);
        assert_eq!(unlock.status, 0, "{unlock:?}");
        let disable = tool("alice", &["disable", "--user", "carol"], &[]);
        assert_eq!(disable.status, 0, "{disable:?}");
        assert!(
            lab.log().contains("\"alice\": done"),
            "the log says who did it"
        );
    });
}

#[test]
fn whom_polkit_does_not_let_is_refused_and_the_log_says_so() {
    in_lab(|stage| {
        let (lab, _) = start(stage);
        for arguments in [
            &["list"][..],
            &["unlock", "carol"],
            &["status", "--user", "carol"],
        ] {
            let told = tool("bob", arguments, &[]);
            assert_eq!((told.status, told.out.as_str()), (1, ""), "{told:?}");
            assert!(
                told.err.contains("only an administrator may do this"),
                "{told:?}"
            );
        }
        assert!(
            lab.log()
                .contains("only an administrator may, and polkit says no")
        );
    });
}

#[test]
fn without_polkit_only_root_administers() {
    in_lab(|stage| {
        fs::remove_file("/usr/lib/polkit-1/polkitd").unwrap();
        let (lab, _) = start(stage);
        assert_eq!(tool("alice", &["list"], &[]).status, 1);
        assert_eq!(tool("root", &["list"], &[]).status, 0);
        assert!(lab.log().contains("and polkit cannot be asked: "));
    });
}

#[test]
fn polkit_s_word_is_not_asked_for_a_login() {
    in_lab(|stage| {
        let (lab, secret) = start(stage);
        let denied = Program::as_user("alice", "busctl")
            .args(["call", "--system", "--allow-interactive-authorization=yes"])
            .args([
                "org.countersign1",
                "/org/countersign1",
                "org.countersign1.Login",
                "Verify",
            ])
            .args(["ssa{sv}", "carol", &secret.code(0), "0"])
            .output();
        assert!(!denied.status.success(), "{denied:?}");
        let log = lab.log();
        assert!(
            log.contains("login denied: ") && !log.contains("polkit"),
            "{log}"
        );
    });
}

/// Whom polkit asks for a password: dora, who has a code as well.
const ADMINISTRATOR: &str =
    r#"polkit.addAdminRule(function(action, subject) { return ["unix-user:dora"]; });"#;

/// A host on which bob has a terminal, dora administers by password and code, and carol and alice are
/// enrolled. Codes go by counter, so that none has to be waited for.
fn start_with_dialog(stage: Stage) -> (Lab, Secret, Secret) {
    fs::create_dir_all("/etc/polkit-1/rules.d").expect("a directory for rules");
    fs::write("/etc/polkit-1/rules.d/10-lab.rules", ADMINISTRATOR).expect("a rule of polkit");
    let shipped = fs::read_to_string("/usr/lib/pam.d/polkit-1").expect("polkit's own stack");
    let line = "@include common-auth";
    assert!(shipped.contains(line), "{shipped}");
    let with_code = format!("{line}\nauth required pam_countersign.so");
    fs::write("/etc/pam.d/polkit-1", shipped.replacen(line, &with_code, 1)).expect("a stack");
    let lab = stage
        .user("alice", "a")
        .user("bob", "b")
        .user("carol", "c")
        .user("dora", "d")
        .start();
    lab.enroll("carol");
    let dora = lab.enroll_with("dora", &["--kind", "hotp"]);
    let alice = lab.enroll_with("alice", &["--kind", "hotp"]);
    (lab, dora, alice)
}

/// Bob at his terminal.
fn type_as_bob(command: &str) -> Terminal {
    let command = ["runuser", "-u", "bob", "--", "sh", "-c", command].map(str::to_owned);
    Terminal::start(&command)
}

/// Waits until the terminal shows this.
fn wait_for(terminal: &mut Terminal, what: &str) {
    while !terminal.text().contains(what) {
        assert!(
            terminal.listen() == Heard::More,
            "the program ended without {what:?}:\n{}",
            terminal.text()
        );
    }
}

/// Waits for the program's end.
fn end_of(mut terminal: Terminal) -> String {
    while terminal.listen() == Heard::More {}
    terminal.text()
}

#[test]
fn the_dialog_names_the_deed_asks_for_a_code_and_holds_up_no_other_login() {
    in_lab(|stage| {
        let (lab, mut dora, mut alice) = start_with_dialog(stage);
        let mut bob = type_as_bob("countersign unlock carol --temporary-code; echo ended: $?");
        wait_for(&mut bob, "Password: ");
        let asked = bob.text();
        for part in [
            "Authentication is needed to let carol in with a temporary code",
            "dora",
        ] {
            assert!(asked.contains(part), "{asked}");
        }
        bob.type_unseen("d");
        wait_for(&mut bob, "code: ");
        // The daemon waits for polkit, polkit for dora's code, and the code for the daemon.
        lab.ssh("alice")
            .password("a")
            .code(&alice.next_code())
            .go()
            .let_in_as("alice");
        tool("root", &["list"], &[]).done();
        bob.type_unseen(&dora.next_code());
        let told = end_of(bob);
        assert!(told.contains("ended: 0"), "{told}");
        assert!(told.contains("This temporary code lets carol in"), "{told}");
        assert_eq!(told.matches("Password: ").count(), 1, "asked once:\n{told}");
        let log = lab.log();
        assert!(log.contains("\"bob\": done"), "{log}");
        assert!(
            log.contains("verify user=\"dora\" service=\"polkit-1\""),
            "{log}"
        );
    });
}

#[test]
fn a_wrong_code_in_the_dialog_or_none_refuses_and_changes_nothing() {
    in_lab(|stage| {
        let (lab, mut dora, _alice) = start_with_dialog(stage);
        let mut bob = type_as_bob("countersign disable --user carol </dev/tty; echo ended: $?");
        wait_for(&mut bob, "[y/N] ");
        bob.type_line("y");
        wait_for(&mut bob, "Password: ");
        assert!(
            bob.text()
                .contains("needed to switch off the codes of carol")
        );
        bob.type_unseen("d");
        let wrong = dora.wrong_code();
        for asked in 1..=3 {
            while bob.text().matches("uthenticator code: ").count() < asked {
                assert!(bob.listen() == Heard::More, "{}", bob.text());
            }
            bob.type_unseen(&wrong);
        }
        wait_for(&mut bob, "ended: 1");
        assert!(
            bob.text().contains("only an administrator may do this"),
            "{}",
            bob.text()
        );

        // The agent goes away in the middle of the dialog.
        let mut bob = type_as_bob("countersign unlock carol; echo ended: $?; stty -a");
        wait_for(&mut bob, "Password: ");
        Program::new("pkill").args(["-x", "pkttyagent"]).text();
        let told = end_of(bob);
        assert!(told.contains("ended: 1"), "{told}");
        assert!(told.contains(" echo "), "the terminal echoes again: {told}");
        assert!(
            tool("root", &["status", "--user", "carol"], &[])
                .out
                .contains("is enrolled")
        );
        assert!(!lab.log().contains("\"bob\": done"));
        let _still_good = dora.next_code();
    });
}

#[test]
fn the_dialog_speaks_french_to_whoever_does() {
    in_lab(|stage| {
        let (_lab, _dora, _alice) = start_with_dialog(stage);
        let mut bob = type_as_bob("LANG=fr_FR.UTF-8 countersign unlock carol; echo ended: $?");
        wait_for(&mut bob, "Password: ");
        let told = bob.text();
        assert!(
            told.contains("Une authentification est nécessaire pour débloquer le compte carol"),
            "{told}"
        );
    });
}

#[test]
fn an_enrollment_by_an_administrator_asks_once() {
    in_lab(|stage| {
        let (lab, mut dora, _alice) = start_with_dialog(stage);
        lab.add_user("erin", "e");
        let mut bob =
            type_as_bob("countersign enroll --user erin --kind hotp --no-qr; echo ended: $?");
        wait_for(&mut bob, "Password: ");
        bob.type_unseen("d");
        wait_for(&mut bob, "Authenticator code: ");
        bob.type_unseen(&dora.next_code());
        wait_for(&mut bob, "Code that the app shows (not echoed): ");
        let text = bob.text();
        let key: String = text
            .lines()
            .filter_map(|line| line.strip_prefix("Key").map(str::trim))
            .flat_map(|line| line.chars().filter(|c| !c.is_whitespace()))
            .collect();
        let uri = format!("otpauth://hotp/lab:erin?secret={key}&issuer=lab");
        bob.type_unseen(&Secret::from_uri(&uri).next_code());
        let told = end_of(bob);
        assert!(told.contains("ended: 0"), "{told}");
        assert_eq!(told.matches("Password: ").count(), 1, "{told}");
    });
}
