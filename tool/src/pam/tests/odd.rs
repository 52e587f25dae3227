//! Stacks that somebody wrote, and stacks that are broken.

use super::*;
use crate::stack::tests::tree;

fn login(text: &str) -> Memory {
    tree(&[
        ("login", text),
        (
            "system-auth",
            "auth sufficient pam_unix.so\nauth required pam_deny.so\n",
        ),
    ])
}

#[test]
fn a_stack_of_modules_gets_the_line_where_everybody_passes_it() {
    for stack in [
        "auth required pam_unix.so\naccount required pam_unix.so\n",
        "auth [success=1 default=ignore] pam_unix.so\nauth requisite pam_deny.so\nauth required pam_permit.so\n",
        "auth [success=2 default=ignore] pam_unix.so\nauth [success=1 default=ignore] pam_sss.so\nauth requisite pam_deny.so\nauth required pam_permit.so\n",
        "auth required \\\n  pam_unix.so \\\n  nullok\n",
        "  AUTH required pam_unix.so # the password\n",
    ] {
        let (enabled, _) = there_and_back(&login(stack), &["login"]);
        assert!(
            sound(&enabled, "login").is_sound(),
            "{}",
            text(&enabled, "/etc/pam.d/login")
        );
    }
}

#[test]
fn what_is_not_understood_is_refused_with_the_line_to_add() {
    for stack in [
        // Whoever is let in leaves the stack before any place of ours.
        "auth sufficient pam_unix.so\nauth required pam_deny.so\n",
        "auth sufficient pam_sss.so\nauth required pam_unix.so\n",
        "auth include \\\n system-auth\n",
        "@include system-auth\n",
        // libpam reads neither.
        "auth required pam_unix.so\n@include nowhere\n",
        "auth required pam_unix.so \\\n",
        // A carriage return is part of the module's name.
        "@include common-auth\r\n",
    ] {
        let error = refused(&login(stack), &["login"]);
        assert!(
            matches!(error, PamError::NotUnderstood(_)),
            "{stack}: {error:?}"
        );
        assert!(error.to_string().contains(LINE.trim_end()), "{error}");
    }
}

#[test]
fn a_stack_at_which_nobody_shows_anything_is_refused_without_a_line_to_add() {
    for stack in [
        "account required pam_unix.so\n",
        "auth required pam_permit.so\n",
    ] {
        let error = refused(&login(stack), &["login"]);
        assert!(matches!(error, PamError::NoFirstFactor(_)), "{error:?}");
        assert!(!error.to_string().contains("pam_countersign"), "{error}");
    }
}

#[test]
fn the_stack_of_all_other_services_is_refused() {
    let tree = tree(&[("other", "auth required pam_unix.so\n")]);
    let error = refused(&tree, &["other"]);
    assert!(matches!(error, PamError::Other(_)), "{error:?}");
}

#[test]
fn a_line_that_belongs_to_another_question_is_named_and_not_doubled() {
    for kind in ["account", "session", "password"] {
        let stack = format!("auth required pam_unix.so\n{kind} required pam_countersign.so\n");
        let error = refused(&login(&stack), &["login"]);
        assert!(error.to_string().contains("asks nobody"), "{error}");
    }
}

#[test]
fn a_line_that_is_there_and_wrong_is_named_and_not_doubled() {
    for stack in [
        "auth required pam_unix.so\nauth optional pam_countersign.so\n",
        "auth include system-auth\nauth required pam_countersign.so\n",
        "auth sufficient pam_countersign.so\nauth required pam_unix.so\n",
    ] {
        let error = refused(&login(stack), &["login"]);
        assert!(matches!(error, PamError::Unsound { .. }), "{error:?}");
    }
}

#[test]
fn a_line_is_not_taken_out_where_anybody_would_come_in_or_a_jump_counts_it() {
    for stack in [
        "auth required pam_countersign.so\nauth required pam_permit.so\n",
        "auth required pam_unix.so\nauth [success=1 default=ignore] pam_succeed_if.so user = x\nauth required pam_countersign.so\nauth optional pam_permit.so\n",
    ] {
        let error = disable(&login(stack), &services(&["login"])).expect_err("should be refused");
        assert!(matches!(error, PamError::Needed(_)), "{error:?}");
    }
}

#[test]
fn a_line_is_not_taken_out_where_nobody_would_come_in_any_more() {
    let alone = |others: &str| {
        tree(&[
            (
                "sudo",
                "auth required pam_countersign.so\naccount required pam_unix.so\n",
            ),
            ("other", others),
        ])
    };
    let closed = alone("auth required pam_deny.so\n");
    for error in [
        disable(&closed, &services(&["sudo"])).expect_err("should be refused"),
        super::super::plan::disable_all(&closed).expect_err("should be refused"),
    ] {
        assert!(matches!(error, PamError::Needed(_)), "{error:?}");
        assert!(error.to_string().contains("or nobody"), "{error}");
    }
    // A password asked for in its place, and a stack through which nobody came before.
    let asks = alone("auth required pam_unix.so\n");
    assert!(disable(&asks, &services(&["sudo"])).is_ok());
    let shut = login("auth required pam_countersign.so\nauth requisite pam_deny.so\n");
    assert!(disable(&shut, &services(&["login"])).is_ok());
}

#[test]
fn lines_written_by_hand_are_taken_out_wherever_they_stand() {
    let stack = "auth required pam_unix.so\n-auth required /lib/security/pam_countersign.so echo # mine\nauth optional pam_cap.so\nauth [success=ok ignore=ignore default=die] pam_countersign.so retries=1\n";
    let tree = login(stack);
    let plan = super::super::plan::disable_all(&tree).unwrap();
    let left = text(&after(&tree, &plan.changes), "/etc/pam.d/login");
    assert_eq!(
        left,
        "auth required pam_unix.so\nauth optional pam_cap.so\n"
    );
}

#[test]
fn bytes_that_are_no_text_stay() {
    let mut tree = login("");
    let stack = b"# caf\xe9\nauth required pam_unix.so\n# \xff\n".to_vec();
    tree.insert("/etc/pam.d/login".into(), stack);
    there_and_back(&tree, &["login"]);
}
