//! What was confirmed in one login counts in no other, and no login of strangers stands in its way.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use countersign_tests::{Caller, Refused, in_lab, on_both_roads};
use zbus::Variant;

use super::{
    CODE, LATER, NOTED, NOW, PASSWORD, QUESTION, QUESTION_NOW, Talk, is_enrolled, typed_key, uri_of,
};

/// A stack that goes on after a wrong password.
const GOES_ON: &str = "auth required pam_unix.so nodelay\nauth required pam_countersign.so\n\
                       account required pam_permit.so\nsession required pam_permit.so\n";
const SUDO: [&str; 9] = [
    "runuser",
    "-u",
    "alice",
    "--",
    "sudo",
    "-k",
    "sh",
    "-c",
    "echo let-in:$(id -un); env; echo end-of-it",
];

/// login(1), at which somebody without alice's password has just set up an app of their own for her. It asks
/// who is there once more.
fn after_a_stranger_at_the_console(question: &str) -> Talk {
    fs::write("/etc/pam.d/login", GOES_ON).expect("another stack");
    let mut talk = Talk::with(&["login"]);
    talk.hear("login: ");
    talk.say("alice");
    talk.hear("assword: ");
    talk.say("not her password");
    talk.hear(question);
    talk.say("key");
    let key = typed_key(&talk.hear(CODE));
    talk.confirm(&uri_of(&key));
    talk.hear("login: ");
    talk
}

#[test]
fn a_login_of_another_user_at_the_same_prompt_completes_nothing() {
    on_both_roads(|stage| {
        let config = "[totp]\nwindow = 10\n[[rule]]\nusers = [\"alice\"]\nrequire = \"enroll\"\n";
        let stage = stage.config(config).user("alice", PASSWORD);
        let lab = stage.user("bob", PASSWORD).start();
        let mut talk = after_a_stranger_at_the_console(QUESTION_NOW);
        talk.say("bob");
        talk.hear("assword: ");
        talk.say(PASSWORD);
        talk.hear("let-in:bob");
        assert!(!is_enrolled("alice"), "{}", lab.log());
    });
}

#[test]
fn a_login_in_which_the_same_user_says_later_completes_nothing() {
    in_lab(|stage| {
        let lab = stage.config(LATER).user("alice", PASSWORD).start();
        let mut talk = after_a_stranger_at_the_console(QUESTION);
        talk.say("alice");
        talk.hear("assword: ");
        talk.say(PASSWORD);
        talk.hear(QUESTION);
        talk.say("");
        talk.hear("let-in:alice");
        assert!(!is_enrolled("alice"), "{}", lab.log());
    });
}

/// sudo, up to the recovery codes.
fn sudo_up_to_the_codes() -> Talk {
    let mut talk = Talk::with(&SUDO);
    talk.hear("assword");
    talk.hear(": ");
    talk.say(PASSWORD);
    talk.hear(QUESTION_NOW);
    talk.say("key");
    let key = typed_key(&talk.hear(CODE));
    let mut secret = countersign_tests::Secret::from_uri(&uri_of(&key));
    talk.say(&secret.next_code());
    talk.hear(NOTED);
    talk
}

#[test]
fn sudo_which_does_not_look_at_credentials_refuses_what_could_not_be_kept() {
    on_both_roads(|stage| {
        let mut lab = stage.config(NOW).user("alice", PASSWORD).start();
        let mut talk = sudo_up_to_the_codes();
        lab.daemon().kill();
        talk.say("");
        talk.hear("assword");
        let log = lab.log();
        assert!(log.contains("was not kept; refused"), "{log}");
        drop(talk);
        assert!(!is_enrolled("alice"));
    });
}

#[test]
fn sudo_that_sets_no_credentials_enrolls_and_hands_no_receipt_on() {
    in_lab(|stage| {
        let _lab = stage.config(NOW).user("alice", PASSWORD).start();
        fs::write("/etc/sudoers.d/no-setcred", "Defaults !pam_setcred\n").expect("a setting");
        let mut talk = sudo_up_to_the_codes();
        talk.say("");
        talk.hear("let-in:root");
        let environment = talk.hear("end-of-it");
        assert!(!environment.contains("COUNTERSIGN"), "{environment}");
        assert!(is_enrolled("alice"));
    });
}

#[test]
fn sudo_with_an_askpass_program_shows_no_key_and_is_put_off_or_refused() {
    const HEARD: &str = "/tmp/heard";
    in_lab(|stage| {
        let mut lab = stage.config(LATER).user("alice", PASSWORD).start();
        let askpass = "/tmp/askpass";
        let script = format!("#!/bin/sh\nprintf '%s\\n' \"$1\" >>{HEARD}\necho '{PASSWORD}'\n");
        fs::write(askpass, script).expect("a program");
        fs::set_permissions(askpass, fs::Permissions::from_mode(0o755)).expect("it runs");
        let sudo = [
            &SUDO[..4],
            &["env", "SUDO_ASKPASS=/tmp/askpass", "sudo", "-kA"],
            &SUDO[6..],
        ]
        .concat();
        let before_the_day = Talk::with(&sudo).rest();
        assert!(before_the_day.contains("let-in:root"), "{before_the_day}");
        fs::write("/etc/countersign/countersign.toml", NOW).expect("another policy");
        lab.daemon().stop();
        let after_it = Talk::with(&sudo).rest();
        assert!(!after_it.contains("let-in"), "{after_it}");
        let log = lab.log();
        assert!(log.contains("asks for an enrollment before"), "{log}");
        let heard = fs::read_to_string(HEARD).expect("what it was asked");
        assert!(
            heard.lines().all(|line| line.contains("assword")),
            "{heard}"
        );
        assert!(!is_enrolled("alice"));
    });
}

/// A login from elsewhere that gets as far as a first enrollment, up to the key.
fn stranger(rhost: &str) -> Result<(Caller, countersign_tests::Secret), Refused> {
    let context = HashMap::from([
        ("service", Variant::from("sshd")),
        ("tty", "ssh".into()),
        ("rhost", rhost.into()),
    ]);
    let caller = Caller::on_login_socket();
    let begun = caller.begin("alice", &[("login", Variant::from(context))])?;
    Ok((caller, begun.secret))
}

/// As many as there are places for one source: half of them begun, half confirmed.
fn strangers(rhost: &str) -> Vec<Caller> {
    let mut all = Vec::new();
    for number in 0..8 {
        let (caller, mut secret) = stranger(rhost).expect("a place");
        if number % 2 == 0 {
            caller.confirm("alice", &secret.next_code()).expect("codes");
        }
        all.push(caller);
    }
    let Err(refused) = stranger(rhost) else {
        panic!("a ninth place for {rhost}");
    };
    assert_eq!(refused.name, "Busy");
    all
}

#[test]
fn strangers_who_fill_the_places_of_their_own_address_do_not_stop_the_owner() {
    in_lab(|stage| {
        let _lab = stage.config(NOW).user("alice", PASSWORD).start();
        let _before = strangers("192.0.2.66");
        let mut talk = Talk::ssh("C.UTF-8");
        talk.hear(QUESTION_NOW);
        talk.say("key");
        let key = typed_key(&talk.hear(CODE));
        let mut secret = countersign_tests::Secret::from_uri(&uri_of(&key));
        talk.say(&secret.next_code());
        talk.hear(NOTED);
        // What she confirmed makes way for nobody.
        let _after = strangers("198.51.100.66");
        talk.say("");
        talk.hear("let-in:alice");
        assert!(is_enrolled("alice"));
    });
}
