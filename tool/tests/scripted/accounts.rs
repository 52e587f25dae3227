use serde_json::Value;

use crate::daemon::{Lab, URI};
use crate::{run, scan};

#[test]
fn status_is_told_to_people_and_to_programs() {
    let lab = Lab::enrolled();
    let told = run(&lab.address, &["status"], "");
    assert_eq!((told.status, told.err.as_str()), (0, ""));
    assert!(told.out.contains("phone"), "{}", told.out);
    assert!(
        told.out
            .contains("50 failed attempts since the last login, 45 of them turned away")
    );
    let json = run(&lab.address, &["status", "--json"], "");
    let json: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["enrolled"], true);
    assert_eq!(json["recovery_codes_left"], 7);
    assert_eq!(json["tokens"][0]["last_used"], 1_795_438_860_u64);
}

#[test]
fn what_needs_an_enrollment_says_so_before_it_asks_for_a_code() {
    let lab = Lab::new();
    for args in [
        &["export", "--show"][..],
        &["disable"],
        &["recovery-codes"],
        &["verify"],
        &["resync"],
    ] {
        let run = run(&lab.address, args, "");
        assert_eq!(run.status, 1);
        assert!(run.err.contains("`countersign enroll`"), "{}", run.err);
    }
    assert!(
        lab.calls().iter().all(|call| call.starts_with("Status")),
        "{:?}",
        lab.calls()
    );
}

#[test]
fn export_takes_a_code_and_gives_the_key_or_the_picture() {
    let lab = Lab::enrolled();
    let shown = run(
        &lab.address,
        &["export", "--show", "--name", "phone"],
        "123 456\n",
    );
    assert_eq!(shown.status, 0);
    assert!(shown.out.contains(URI));
    assert!(
        lab.calls()[1].ends_with("[123456] phone"),
        "{:?}",
        lab.calls()
    );

    let dir = tempfile::tempdir().unwrap();
    let picture = dir.path().join("qr.svg");
    let args = ["export", "--json", "--save", picture.to_str().unwrap()];
    let saved = run(&lab.address, &args, "123456\n");
    assert_eq!(saved.status, 0);
    assert!(!saved.out.contains("secret"), "{}", saved.out);
    assert_eq!(scan(&picture), URI);

    let other = dir.path().join("other.png");
    let refused = run(
        &lab.address,
        &["export", "--save", other.to_str().unwrap()],
        "000000\n",
    );
    assert_eq!((refused.status, other.exists()), (1, false));
}

#[test]
fn a_replaced_picture_stays_until_the_new_one_is_there() {
    let lab = Lab::enrolled();
    let dir = tempfile::tempdir().unwrap();
    let picture = dir.path().join("qr.png");
    std::fs::write(&picture, "old").unwrap();
    let args = ["export", "--force", "--save", picture.to_str().unwrap()];
    assert_eq!(run(&lab.address, &args, "000000\n").status, 1);
    assert_eq!(std::fs::read(&picture).unwrap(), b"old");
    assert_eq!(run(&lab.address, &args, "123456\n").status, 0);
    assert_eq!(scan(&picture), URI);
}

#[test]
fn verify_ends_well_only_when_the_code_is_accepted() {
    let lab = Lab::enrolled();
    for (code, status, word) in [
        ("123456", 0, "Accepted"),
        ("000000", 1, "not right"),
        ("999999", 1, "used already"),
        ("99999t", 1, "Try again in 30 s"),
        ("99999l", 1, "locked"),
        ("99999x", 1, "does not know"),
    ] {
        let run = run(&lab.address, &["verify"], &format!("{code}\n"));
        assert_eq!(run.status, status, "{code}");
        assert!(
            format!("{}{}", run.out, run.err).contains(word),
            "{}",
            run.err
        );
    }
    let json = run(&lab.address, &["verify", "--json"], "99999t\n");
    assert_eq!(
        (json.status, json.out.as_str()),
        (1, "{\"verdict\":\"throttled\",\"retry_after\":30}\n")
    );
}

#[test]
fn codes_prove_an_owner_and_none_is_asked_of_an_administrator() {
    let lab = Lab::enrolled();
    assert_eq!(
        run(&lab.address, &["disable", "--name", "phone"], "123456\n").status,
        0
    );
    assert_eq!(run(&lab.address, &["recovery-codes"], "123456\n").status, 0);
    assert_eq!(run(&lab.address, &["resync"], "123456\n234567\n").status, 0);
    assert_eq!(
        run(&lab.address, &["disable", "--user", "alice"], "").status,
        0
    );
    assert_eq!(
        run(&lab.address, &["recovery-codes", "--user", "alice"], "").status,
        0
    );
    let mut calls = lab.calls();
    // Whether there is an enrollment, and which tokens there are, is asked first.
    calls.retain(|call| !call.starts_with("Status "));
    assert!(
        calls[0].starts_with("Disable ") && calls[0].ends_with("[123456] phone"),
        "{calls:?}"
    );
    assert!(calls[1].ends_with("[123456]"), "{calls:?}");
    assert!(calls[2].ends_with("123456 234567"), "{calls:?}");
    assert_eq!(
        calls[3..],
        [
            "Disable alice []  interactive",
            "RenewRecoveryCodes alice [] interactive"
        ]
    );
}

#[test]
fn no_code_and_what_is_no_code_are_refused_without_asking_the_daemon() {
    let lab = Lab::enrolled();
    for (input, why) in [
        ("", "no code was given"),
        ("\n", "no code was given"),
        ("12é\n", "a code has only"),
    ] {
        let run = run(&lab.address, &["disable"], input);
        assert_eq!(run.status, 1);
        assert!(run.err.contains(why), "{}", run.err);
    }
    assert!(lab.calls().iter().all(|call| call.starts_with("Status")));
}

#[test]
fn the_list_goes_on_until_there_is_no_more() {
    let lab = Lab::new();
    assert_eq!(
        run(&lab.address, &["list"], "").out,
        "Nobody is enrolled.\n"
    );
    let names = ["alice", "bob", "carol", "dave", "eve"];
    lab.script.lock().unwrap().users = names.map(str::to_owned).to_vec();
    let told = run(&lab.address, &["list"], "");
    let rows: Vec<_> = told.out.lines().collect();
    assert_eq!(rows.len(), 6, "{}", told.out);
    assert!(rows[0].starts_with("USER") && rows[5].starts_with("eve"));
    let json = run(&lab.address, &["list", "--json"], "");
    let users: Vec<_> = json
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["user"].clone())
        .collect();
    assert_eq!(users, names);
}

#[test]
fn one_record_that_cannot_be_read_does_not_hide_the_others() {
    let lab = Lab::new();
    {
        let mut script = lab.script.lock().unwrap();
        script.users = ["alice", "bob", "carol"].map(str::to_owned).to_vec();
        script.unreadable = vec!["alice".into()];
        script.foreign = vec!["bob".into()];
    }
    let told = run(&lab.address, &["list"], "");
    assert_eq!((told.status, told.err.as_str()), (0, ""));
    let rows: Vec<_> = told.out.lines().collect();
    assert_eq!(rows.len(), 4, "{}", told.out);
    assert!(rows[1].starts_with("alice ") && rows[1].ends_with("  unreadable"));
    assert!(rows[2].ends_with("  FOREIGN, 50 failed"), "{}", rows[2]);
    assert!(rows[3].ends_with("  50 failed"), "{}", rows[3]);
    let json = run(&lab.address, &["list", "--json"], "");
    assert!(
        json.out
            .starts_with("{\"user\":\"alice\",\"unreadable\":\"bad sum\"}\n"),
        "{}",
        json.out
    );
    assert_eq!(json.out.lines().count(), 3);
}

#[test]
fn an_earlier_users_enrollment_comes_with_the_command_that_removes_it() {
    let lab = Lab::new();
    lab.script.lock().unwrap().foreign = vec!["bob".into()];
    let run = run(&lab.address, &["enroll", "--user", "bob"], "");
    assert_eq!(
        (run.status, run.err.as_str()),
        (
            1,
            "countersign: cannot enroll bob: this enrollment is an earlier user's. Remove it with \
             `countersign disable --user bob`\n"
        )
    );
}

#[test]
fn nobody_is_told_to_become_root_for_what_only_the_owner_may() {
    let lab = Lab::enrolled();
    let run = run(&lab.address, &["resync", "--user", "denied"], "");
    assert_eq!(
        (run.status, run.err.as_str()),
        (
            1,
            "countersign: cannot adjust to the authenticator of denied: only the owner of the \
             account may do this. Ask denied to run `countersign resync`\n"
        )
    );
}

#[test]
fn unlocking_tells_what_was_cleared_and_gives_a_way_in() {
    let lab = Lab::enrolled();
    let plain = run(&lab.address, &["unlock", "alice"], "");
    assert_eq!(
        (plain.status, plain.out.as_str()),
        (0, "alice is unlocked; 100 failed attempts cleared.\n")
    );
    let args = [
        "unlock",
        "alice",
        "--temporary-code",
        "--valid",
        "8h",
        "--uses",
        "3",
    ];
    let code = run(&lab.address, &args, "");
    assert!(code.out.contains("    wxy-z23-456\n"), "{}", code.out);
    assert!(code.out.contains("in for 3 logins within 8 hours."));
    let json = run(
        &lab.address,
        &["unlock", "alice", "--disable", "--json"],
        "",
    );
    let json: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(
        (&json["locked"], &json["disabled"]),
        (&true.into(), &true.into())
    );
    assert_eq!(
        lab.calls(),
        [
            "Unlock alice interactive",
            "Unlock alice temporary-code 28800 3 interactive",
            "Unlock alice disable interactive",
        ]
    );
}

#[test]
fn a_fault_is_told_in_words_and_its_text_stays_in_the_log() {
    let lab = Lab::new();
    let run = run(&lab.address, &["status", "--user", "nosuch"], "");
    assert_eq!(run.status, 1);
    assert!(
        run.err
            .starts_with("countersign: cannot show the state of nosuch: there is no such user")
    );
}

#[test]
fn without_a_daemon_the_bus_is_named_and_what_to_start() {
    let lab = Lab::without_daemon();
    let run = run(&lab.address, &["status"], "");
    assert_eq!(run.status, 1);
    assert!(
        run.err.contains("`systemctl start countersignd`"),
        "{}",
        run.err
    );
}
