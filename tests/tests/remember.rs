//! Rules with `remember`: where an accepted code spares the next one, and where it does not.

#![allow(
    clippy::expect_used,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use countersign_tests::{
    FalseClock, LET_IN, Lab, Login, Outcome, PamLogin, Program, Road, Secret, Stage, Visit, in_lab,
    on_both_roads, tool,
};

const PASSWORD: &str = "her password";
const CONFIG: &str = "[totp]\nwindow = 10\n\
                      [[rule]]\nrequire = \"if-enrolled\"\nremember = \"10m\"\n";
const HERE: &str = "127.0.0.1";
const ELSEWHERE: &str = "127.0.0.2";

/// Alice is enrolled, and codes are remembered for ten minutes.
fn alice(stage: Stage) -> (Lab, Secret) {
    let lab = stage
        .config(CONFIG)
        .user("alice", PASSWORD)
        .user("bob", PASSWORD)
        .user("carol", PASSWORD)
        .start();
    install_let_in();
    let secret = lab.enroll("alice");
    (lab, secret)
}

/// A program that says who was let in, short to name inside other commands.
fn install_let_in() {
    let path = "/usr/bin/let-in";
    fs::write(path, format!("#!/bin/sh\n{LET_IN}\n")).expect("a program that says who is in");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("anybody may run it");
}

fn ssh(lab: &Lab, from: &str) -> Login {
    lab.ssh_from(from, "alice", "let-in").password(PASSWORD)
}

/// Checks that the person got in, and how many codes were asked for on the way.
fn let_in(visit: &Visit, user: &str, codes: usize) {
    visit.let_in_as(user);
    assert_eq!(visit.code_prompts(), codes, "{}", visit.transcript());
}

/// Checks that a code is asked for. The person hangs up.
fn asks(login: Login) {
    let visit = login.go();
    assert_eq!(visit.outcome(), Outcome::Refused, "{}", visit.transcript());
    assert_eq!(visit.code_prompts(), 1, "{}", visit.transcript());
}

#[test]
fn a_second_login_from_the_same_address_takes_no_code_and_one_from_another_does() {
    on_both_roads(|stage| {
        let (lab, mut secret) = alice(stage);
        let_in(&ssh(&lab, HERE).code(&secret.next_code()).go(), "alice", 1);
        for _ in 0..2 {
            let visit = ssh(&lab, HERE).go();
            let_in(&visit, "alice", 0);
            assert_eq!(visit.password_prompts(), 1, "{}", visit.transcript());
        }
        let log = lab.log();
        let told = log.lines().find(|line| line.contains("remembered"));
        let told = told.expect("the log says why no code was asked for");
        assert!(
            told.contains("prepare user=\"alice\" service=\"sshd\"")
                && told.contains(": none (remembered for another "),
            "{told}"
        );

        asks(ssh(&lab, ELSEWHERE));
        let visit = ssh(&lab, ELSEWHERE).code(&secret.next_code()).go();
        let_in(&visit, "alice", 1);
        // Each of the two counts by itself.
        let_in(&ssh(&lab, ELSEWHERE).go(), "alice", 0);
        let_in(&ssh(&lab, HERE).go(), "alice", 0);
        // The password still counts.
        let stranger = lab.ssh_from(HERE, "alice", "let-in").password("a guess");
        assert_eq!(stranger.go().outcome(), Outcome::Refused);
    });
}

#[test]
fn without_the_word_in_the_rule_nothing_is_remembered() {
    in_lab(|stage| {
        let lab = stage
            .config(
                "[totp]\nwindow = 10\n\
                 [[rule]]\nservices = [\"su\"]\nrequire = \"always\"\nremember = \"10m\"\n\
                 [[rule]]\nrequire = \"if-enrolled\"\n",
            )
            .user("alice", PASSWORD)
            .start();
        install_let_in();
        let mut secret = lab.enroll("alice");
        let_in(&ssh(&lab, HERE).code(&secret.next_code()).go(), "alice", 1);
        asks(ssh(&lab, HERE));
        let twice = "sudo -k true; sudo -k let-in";
        let sudo = lab
            .shell("alice", twice)
            .password(PASSWORD)
            .password(PASSWORD);
        let visit = sudo
            .code(&secret.next_code())
            .code(&secret.next_code())
            .go();
        let_in(&visit, "root", 2);
    });
}

#[test]
fn sudo_asks_once_in_a_login_session_and_again_in_the_next_at_the_same_terminal() {
    on_both_roads(|stage| {
        let (lab, mut secret) = alice(stage);
        // sudo remembers nothing itself with -k, as the password shows.
        let thrice = "tty; sudo -k true; sudo -k true; sudo -k let-in";
        let shell = || {
            lab.shell("alice", thrice)
                .password(PASSWORD)
                .password(PASSWORD)
                .password(PASSWORD)
        };
        let mut terminals = Vec::new();
        for _ in 0..2 {
            let visit = shell().code(&secret.next_code()).go();
            let_in(&visit, "root", 1);
            assert_eq!(visit.password_prompts(), 3, "{}", visit.transcript());
            let terminal = visit
                .transcript()
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned();
            wait_until_gone(&terminal);
            terminals.push(terminal);
        }
        assert_eq!(terminals[0], terminals[1], "not the same terminal");
    });
}

/// Waits until a terminal is free for the next who opens one: a moment after its session has ended.
fn wait_until_gone(terminal: &str) {
    let begun = Instant::now();
    while Path::new(terminal).exists() {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "{terminal} stays"
        );
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn no_way_into_a_session_from_outside_and_none_out_of_it() {
    on_both_roads(|stage| {
        let (lab, mut secret) = alice(stage);
        // Alice's own programs try, while her session with its accepted code is open.
        for attempt in [
            "sudo -k true; script -qec 'sudo -k let-in' /dev/null",
            // Without a controlling terminal there is no session to recognise.
            "sudo -k true; setsid --wait sudo -k -S let-in",
        ] {
            let shell = lab.shell("alice", attempt);
            let shell = shell.password(PASSWORD).password(PASSWORD);
            let visit = shell.code(&secret.next_code()).go();
            assert_eq!(visit.outcome(), Outcome::Refused, "{}", visit.transcript());
            assert_eq!(visit.code_prompts(), 2, "{}", visit.transcript());
        }
    });
}

#[test]
fn what_runs_without_a_terminal_shows_a_code_each_time() {
    on_both_roads(|stage| {
        let (_lab, mut secret) = alice(stage);
        let job = |answers: &[&str]| {
            let answers: String = answers.iter().flat_map(|answer| [*answer, "\n"]).collect();
            let output = Program::as_user("alice", "setsid")
                .args(["--wait", "sudo", "-k", "-S", "-p", "", "let-in"])
                .input(&answers)
                .output();
            String::from_utf8_lossy(&output.stdout).contains("let-in:root")
        };
        for _ in 0..2 {
            assert!(job(&[PASSWORD, &secret.next_code()]));
            assert!(!job(&[PASSWORD]), "no code, and let in");
        }
    });
}

#[test]
fn a_code_for_one_program_opens_no_other() {
    on_both_roads(|stage| {
        let (lab, mut secret) = alice(stage);
        // Over SSH to a shell; there sudo twice, then su.
        let inside = "sudo -k true; sudo -k true; su alice -c let-in";
        let login = ssh_to(&lab, inside)
            .code(&secret.next_code())
            .code(&secret.next_code())
            .code(&secret.next_code());
        let_in(&login.go(), "alice", 3);
        // The next login from there takes no code for SSH, and one for sudo.
        let visit = ssh_to(&lab, "sudo -k let-in")
            .code(&secret.next_code())
            .go();
        let_in(&visit, "root", 1);
    });
}

/// Over SSH, with the password for it and three more times for what is run there.
fn ssh_to(lab: &Lab, commands: &str) -> Login {
    (0..4).fold(lab.ssh_from(HERE, "alice", commands), |login, _| {
        login.password(PASSWORD)
    })
}

#[test]
fn su_goes_by_who_calls_it_too() {
    in_lab(|stage| {
        let (lab, mut secret) = alice(stage);
        let shell = |commands| {
            (0..4).fold(lab.shell("bob", commands), |login, _| {
                login.password(PASSWORD)
            })
        };
        let twice = "su alice -c true; su alice -c let-in";
        let_in(&shell(twice).code(&secret.next_code()).go(), "alice", 1);
        // Carol gets into bob's session by his leave, and does not profit by alice's code there. (Plain
        // `-c` would begin a new session.)
        let by_carol = "su alice -c true; su carol --session-command 'su alice -c let-in'";
        let visit = shell(by_carol).code(&secret.next_code()).go();
        assert_eq!(visit.outcome(), Outcome::Refused, "{}", visit.transcript());
        assert_eq!(visit.code_prompts(), 2, "{}", visit.transcript());
    });
}

#[test]
fn what_is_remembered_outlives_the_daemon_and_ends_with_its_time() {
    in_lab(|stage| {
        let (mut lab, mut secret) = alice(stage.road(Road::Bus));
        // The daemon runs since the enrollment: it ends, and the next one has another clock.
        lab.daemon().stop();
        let clock = FalseClock::install();
        let_in(&ssh(&lab, HERE).code(&secret.next_code()).go(), "alice", 1);
        lab.daemon().kill();
        let_in(&ssh(&lab, HERE).go(), "alice", 0);
        lab.daemon().stop();
        clock.set(570);
        let_in(&ssh(&lab, HERE).go(), "alice", 0);
        // How long is what the rule says today.
        for (remember, codes) in [("remember = \"5m\"", 1), ("", 1), ("remember = \"10m\"", 0)] {
            let config = CONFIG.replace("remember = \"10m\"", remember);
            fs::write("/etc/countersign/countersign.toml", config).expect("another rule");
            lab.daemon().stop();
            let visit = ssh(&lab, HERE).go();
            assert_eq!(
                visit.code_prompts(),
                codes,
                "{remember}: {}",
                visit.transcript()
            );
        }
        // A login without a code stretched nothing.
        clock.set(601);
        asks(ssh(&lab, HERE));
        // Before the code was shown, nobody had shown one.
        clock.set(-60);
        asks(ssh(&lab, HERE));
        clock.set(0);
        let_in(&ssh(&lab, HERE).go(), "alice", 0);
        // Somebody tries a code in the past, so the clock was put back: it is over for good.
        clock.set(-60);
        let wrong = secret.wrong_code();
        let visit = ssh(&lab, HERE).code(&wrong).go();
        assert_eq!(visit.outcome(), Outcome::Refused, "{}", visit.transcript());
        clock.set(0);
        asks(ssh(&lab, HERE));
    });
}

#[test]
fn what_is_remembered_outlives_the_daemon_at_the_socket() {
    in_lab(|stage| {
        let (mut lab, mut secret) = alice(stage);
        let_in(&ssh(&lab, HERE).code(&secret.next_code()).go(), "alice", 1);
        lab.daemon().kill();
        let_in(&ssh(&lab, HERE).go(), "alice", 0);
    });
}

#[test]
fn unlock_and_disable_forget_it() {
    on_both_roads(|stage| {
        let (lab, mut secret) = alice(stage);
        let_in(&ssh(&lab, HERE).code(&secret.next_code()).go(), "alice", 1);
        tool("root", &["unlock", "alice"], &[]).done();
        asks(ssh(&lab, HERE));

        let_in(&ssh(&lab, HERE).code(&secret.next_code()).go(), "alice", 1);
        let_in(&ssh(&lab, HERE).go(), "alice", 0);
        tool("alice", &["disable"], &[&secret.next_code()]).done();
        let_in(&ssh(&lab, HERE).go(), "alice", 0);
        let mut secret = lab.enroll("alice");
        asks(ssh(&lab, HERE));
        let_in(&ssh(&lab, HERE).code(&secret.next_code()).go(), "alice", 1);
        let_in(&ssh(&lab, HERE).go(), "alice", 0);
    });
}

#[test]
fn recovery_and_temporary_codes_are_one_login_each() {
    on_both_roads(|stage| {
        let (lab, secret) = alice(stage);
        let recovery = secret.recovery_codes().first().expect("a recovery code");
        let_in(&ssh(&lab, HERE).code(recovery).go(), "alice", 1);
        asks(ssh(&lab, HERE));
        let issue = ["unlock", "alice", "--temporary-code", "--json"];
        let issued: serde_json::Value =
            serde_json::from_str(&tool("root", &issue, &[]).out).expect("JSON");
        let temporary = issued
            .get("temporary_code")
            .and_then(serde_json::Value::as_str)
            .expect("a temporary code");
        let_in(&ssh(&lab, HERE).code(temporary).go(), "alice", 1);
        asks(ssh(&lab, HERE));
    });
}

#[test]
fn an_address_is_remembered_and_a_name_never() {
    in_lab(|stage| {
        let (lab, _secret) = alice(stage);
        let mut secret = lab.enroll_with("bob", &["--kind", "hotp"]);
        let mut codes_asked = |rhost: &str| {
            let verdict = PamLogin::of("bob")
                .from(rhost)
                .code(&secret.next_code())
                .go();
            verdict.let_in();
            verdict.asked.len()
        };
        for (rhost, first, second) in [
            ("192.0.2.7", 1, 0),
            ("::ffff:192.0.2.7", 0, 0),
            ("2001:db8::7", 1, 0),
            ("2001:db8:0:0::7", 0, 0),
            ("2001:db8::8", 1, 0),
            ("host.example.org", 1, 1),
            ("localhost", 1, 1),
            ("fe80::1%lo", 1, 1),
            ("0.0.0.0", 1, 1),
            // A program without a terminal that tells of no other host.
            ("", 1, 1),
        ] {
            let asked = (codes_asked(rhost), codes_asked(rhost));
            assert_eq!(asked, (first, second), "{rhost:?}");
        }
    });
}

#[test]
fn whoever_is_not_root_tells_no_place() {
    on_both_roads(|stage| {
        let (lab, mut secret) = alice(stage);
        let_in(&ssh(&lab, HERE).code(&secret.next_code()).go(), "alice", 1);
        let word = |caller: &str| {
            let said = Program::as_user(caller, "busctl")
                .args(["call", "org.countersign1", "/org/countersign1"])
                .args(["org.countersign1.Login", "Prepare", "sa{sv}", "alice", "2"])
                .args(["service", "s", "sshd", "rhost", "s", HERE])
                .text();
            said.split('"').nth(1).unwrap_or_default().to_owned()
        };
        assert_eq!(
            (word("root"), word("alice")),
            ("none".into(), "code".into())
        );
        // Nor is what they prove remembered anywhere.
        let locker = || PamLogin::of("alice").by("alice").from(ELSEWHERE);
        for _ in 0..2 {
            let verdict = locker().code(&secret.next_code()).go();
            verdict.let_in();
            assert_eq!(verdict.asked.len(), 1, "{verdict:?}");
        }
        asks(ssh(&lab, ELSEWHERE));
    });
}
