//! When the daemon cannot be asked, or the person cannot.

use std::time::{Duration, Instant};

use countersign_tests::{PamTester, in_lab};

use crate::{AUTH_ERR, Alice, CONV_ERR, GOOGLE, PASSWORD, Root, SUCCESS, UNAVAIL, alone, counting};

const WRONG: &str = "That code is not right.";
const UNAVAILABLE: &str = "The second factor cannot be checked right now.";

#[test]
fn without_a_daemon_the_login_is_refused_unless_the_administrator_said_otherwise() {
    in_lab(|stage| {
        let mut lab = stage.user("alice", PASSWORD).start();
        let secret = counting(GOOGLE, 1);
        lab.daemon().remove();
        let relaxed = PamTester::new(
            "relaxed",
            &[
                "auth required pam_permit.so",
                "auth required pam_countersign.so unavailable=ignore",
            ],
        );
        for by in [Root, Alice] {
            let report = by.run(&alone(""), &[&secret.code(0)]);
            assert_eq!(report.results, [UNAVAIL], "{report:?}");
            assert_eq!(report.shown.trim_end(), UNAVAILABLE);
            let mark = lab.log_mark();
            let report = by.run(&relaxed, &[]);
            assert_eq!(
                (report.results, report.shown),
                (vec![SUCCESS.to_owned()], String::new())
            );
            lab.logged(
                mark,
                &["passed WITHOUT a second factor (unavailable=ignore)"],
            );
        }
    });
}

#[test]
fn a_daemon_that_hangs_is_waited_for_no_longer_than_the_timeout() {
    in_lab(|stage| {
        let mut lab = stage.user("alice", PASSWORD).start();
        counting(GOOGLE, 1);
        lab.daemon().freeze();
        for by in [Root, Alice] {
            let begun = Instant::now();
            let report = by.run(&alone("timeout=1"), &["123456"]);
            let took = begun.elapsed();
            assert_eq!(report.results, [UNAVAIL], "{report:?}");
            assert!(
                (Duration::from_secs(1)..Duration::from_secs(5)).contains(&took),
                "{took:?}"
            );
        }
        lab.daemon().thaw();
        let log = lab.log();
        assert_eq!(log.matches("timed out after 1 s").count(), 2, "{log}");
    });
}

#[test]
fn who_cannot_be_asked_is_refused() {
    in_lab(|stage| {
        let lab = stage.user("alice", PASSWORD).start();
        counting(GOOGLE, 1);
        for by in [Root, Alice] {
            let report = by.run(&alone(""), &[]);
            assert_eq!(report.results, [CONV_ERR], "{report:?}");
            assert!(!report.shown.contains(WRONG), "{report:?}");
            let report = by.run(&alone("use_first_pass"), &[]);
            assert_eq!(
                (report.results, report.shown),
                (vec![AUTH_ERR.to_owned()], String::new())
            );
        }
        let log = lab.log();
        assert!(
            log.contains("use_first_pass is set, but no module before this one asked"),
            "{log}"
        );
    });
}
