use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::daemon::{Lab, RIGHT, URI};
use crate::{run, scan};

fn lines(out: &str) -> Vec<Value> {
    out.lines()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect()
}

#[test]
fn a_right_code_activates_and_brings_the_recovery_codes() {
    let lab = Lab::new();
    let run = run(&lab.address, &["enroll"], "123456\n");
    assert_eq!((run.status, run.err.as_str()), (0, ""));
    for part in [
        URI,
        "JBSW Y3DP",
        "alice@web1.example.org",
        "abcd-efgh-2340    abcd-efgh-2344",
    ] {
        assert!(run.out.contains(part), "{part}\n{}", run.out);
    }
    let calls = lab.calls();
    assert!(
        calls
            .iter()
            .any(|c| c.starts_with("ConfirmEnrollment") && c.ends_with(RIGHT))
    );
    assert!(
        calls.iter().all(|call| !call.contains("interactive")),
        "{calls:?}"
    );
}

#[test]
fn json_is_a_line_with_the_key_and_one_with_the_result() {
    let lab = Lab::new();
    let run = run(&lab.address, &["enroll", "--json"], "000000\n123456\n");
    assert_eq!((run.status, run.err.as_str()), (0, ""));
    let [key, result] = &lines(&run.out)[..] else {
        panic!("{}", run.out)
    };
    assert_eq!(key["otpauth_uri"], URI);
    assert_eq!(key["secret"], "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP");
    assert_eq!(
        (&key["account"], &key["digits"]),
        (&"alice@web1.example.org".into(), &6.into())
    );
    assert_eq!(key["expires"], 600);
    assert_eq!(result["activated"], true);
    assert_eq!(result["recovery_codes"].as_array().unwrap().len(), 8);
}

#[test]
fn options_travel_and_those_not_given_are_the_daemons_to_choose() {
    let lab = Lab::new();
    run(&lab.address, &["enroll"], "123456\n");
    let args = "enroll --name tablet --algorithm sha256 --digits 8 --period 60 --kind totp";
    run(
        &lab.address,
        &args.split(' ').collect::<Vec<_>>(),
        "123456\n123456\n",
    );
    let begun: Vec<_> = lab
        .calls()
        .into_iter()
        .filter(|call| call.starts_with("BeginEnrollment"))
        .collect();
    assert!(begun[0].ends_with(' '), "{begun:?}");
    assert!(
        begun[1].ends_with("algorithm,code,digits,kind,name,period"),
        "{begun:?}"
    );
}

#[test]
fn a_further_token_takes_a_current_code_first() {
    let lab = Lab::enrolled();
    let refused = run(&lab.address, &["enroll"], "000000\n");
    assert_eq!(refused.status, 1);
    assert!(
        refused.err.starts_with("countersign: cannot enroll"),
        "{}",
        refused.err
    );
    assert_eq!(refused.out, "");
    let taken = run(&lab.address, &["enroll"], "123456\n123456\n");
    assert_eq!(taken.status, 0);
    assert!(
        taken.out.contains("The recovery codes stay as they were."),
        "{}",
        taken.out
    );
}

#[test]
fn wrong_codes_end_it_and_leave_nothing() {
    let lab = Lab::new();
    let dir = tempfile::tempdir().unwrap();
    let picture = dir.path().join("qr.jpg");
    let args = ["enroll", "--save", picture.to_str().unwrap()];
    let one = run(&lab.address, &args, "000000\n");
    assert_eq!(one.status, 1);
    assert!(
        one.err.contains("not right or was used already"),
        "{}",
        one.err
    );
    let many = run(&lab.address, &args, &"000000\n".repeat(9));
    assert_eq!(many.status, 1);
    assert!(
        many.err
            .contains("5 wrong codes: the enrollment is given up"),
        "{}",
        many.err
    );
    let throttled = run(&lab.address, &args, "99999t\n123456\n");
    assert!(
        throttled
            .err
            .ends_with("too many wrong codes. Try again in 30 s\n")
    );
    for run in [&one, &many, &throttled] {
        assert!(
            !run.err.contains("000000") && !run.err.contains("99999t"),
            "{}",
            run.err
        );
    }
    assert!(!lab.script.lock().unwrap().enrolled);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn the_picture_is_saved_for_its_owner_alone() {
    let lab = Lab::new();
    let dir = tempfile::tempdir().unwrap();
    let picture = dir.path().join("qr.jpg");
    let run = run(
        &lab.address,
        &["enroll", "--save", picture.to_str().unwrap()],
        "123456\n",
    );
    assert_eq!((run.status, run.err.as_str()), (0, ""));
    assert!(run.out.contains("qr.jpg, readable by you alone"));
    assert_eq!(scan(&picture), URI);
    assert_eq!(
        picture.metadata().unwrap().permissions().mode() & 0o7777,
        0o600
    );
}

#[test]
fn a_picture_that_cannot_be_saved_is_refused_before_anything_is_begun() {
    let lab = Lab::new();
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("there.png"), "old").unwrap();
    std::os::unix::fs::symlink("there.png", path("link.png")).unwrap();
    for (name, why) in [
        ("there.png", "there is a file of that name"),
        ("link.png", "that is a symbolic link"),
        ("qr.gif", "the name must end in"),
        ("no/qr.png", "its directory does not exist"),
    ] {
        let run = run(&lab.address, &["enroll", "--save", &path(name)], "123456\n");
        assert_eq!(run.status, 1);
        assert!(run.err.contains(why), "{}", run.err);
    }
    assert_eq!(lab.calls(), [""; 0]);
    assert_eq!(std::fs::read(path("there.png")).unwrap(), b"old");
}

#[test]
fn an_administrator_enrolls_another_without_a_code() {
    let lab = Lab::enrolled();
    let run = run(&lab.address, &["enroll", "--user", "alice"], "123456\n");
    assert_eq!(run.status, 0);
    assert_eq!(
        lab.calls(),
        [
            "BeginEnrollment alice  interactive",
            "ConfirmEnrollment alice 123456 interactive"
        ]
    );
}
