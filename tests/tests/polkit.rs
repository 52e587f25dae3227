//! Who else administers is for polkit to say: the real polkitd, with the shipped action.

#![allow(
    clippy::expect_used,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use std::fs;

use countersign_tests::{Lab, Program, Secret, Stage, in_lab, tool};

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
            lab.log().contains("unlock user=\"carol\" caller=1"),
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
            log.contains("Login denied: ") && !log.contains("polkit"),
            "{log}"
        );
    });
}
