//! A second device beside the first: a tablet beside the phone.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use countersign_tests::{Lab, Secret, Stage, in_lab, on_both_roads, tool};
use serde_json::Value;

const PASSWORD: &str = "her password";
const PHONE: [&str; 4] = ["--name", "phone", "--kind", "hotp"];
const TABLET: [&str; 4] = ["--name", "tablet", "--kind", "hotp"];

/// Both by counter, so that no code has to be waited for.
fn alice(stage: Stage) -> (Lab, Secret, Secret) {
    let lab = stage.user("alice", PASSWORD).start();
    let mut phone = lab.enroll_with("alice", &PHONE);
    let tablet = Secret::enroll_beside("alice", &TABLET, &phone.next_code());
    (lab, phone, tablet)
}

fn status() -> Value {
    let told = tool("alice", &["status", "--json"], &[]);
    told.done();
    serde_json::from_str(&told.out).expect("JSON")
}

fn let_in(lab: &Lab, code: &str) {
    lab.ssh("alice")
        .password(PASSWORD)
        .code(code)
        .go()
        .let_in_as("alice");
}

#[test]
fn both_devices_let_in_in_turn_and_status_tells_them_apart() {
    on_both_roads(|stage| {
        let (lab, mut phone, mut tablet) = alice(stage);
        assert!(
            tablet.recovery_codes().is_empty(),
            "those of the first stay"
        );
        for _ in 0..2 {
            let_in(&lab, &phone.next_code());
            let_in(&lab, &tablet.next_code());
        }
        let status = status();
        let tokens = status["tokens"].as_array().expect("tokens");
        let names: Vec<_> = tokens.iter().filter_map(|it| it["name"].as_str()).collect();
        assert_eq!(names, ["phone", "tablet"]);
        assert!(tokens.iter().all(|it| it["last_used"].is_u64()), "{status}");
        let told = tool("alice", &["status"], &[]).out;
        assert!(
            told.contains("LAST USED") && told.contains("tablet"),
            "{told}"
        );
    });
}

#[test]
fn without_the_tablet_the_phone_goes_on_and_without_both_nothing_is_asked() {
    in_lab(|stage| {
        let (lab, mut phone, mut tablet) = alice(stage);
        let gone = ["disable", "--name", "tablet", "--json"];
        let told = tool("alice", &gone, &[&phone.next_code()]);
        told.done();
        let told: Value = serde_json::from_str(&told.out).expect("JSON");
        assert_eq!(
            (&told["token"], &told["enrolled"]),
            (&"tablet".into(), &true.into())
        );
        let visit = lab
            .ssh("alice")
            .password(PASSWORD)
            .code(&tablet.next_code())
            .code(&phone.next_code())
            .go();
        visit.let_in_as("alice");
        assert_eq!(visit.code_prompts(), 2);
        tool("alice", &["disable", "--name", "tablet"], &[])
            .failed_with(&["there is no token named \"tablet\"", "countersign status"]);
        let last = tool(
            "alice",
            &["disable", "--name", "phone"],
            &[&phone.next_code()],
        );
        last.done();
        for part in ["was the only token of alice", "recovery codes are void"] {
            assert!(last.out.contains(part), "{last:?}");
        }
        let visit = lab.ssh("alice").password(PASSWORD).go();
        visit.let_in_as("alice");
        assert_eq!(visit.code_prompts(), 0);
    });
}

#[test]
fn a_further_device_needs_a_code_a_name_of_its_own_and_a_place() {
    in_lab(|stage| {
        let (_lab, mut phone, _tablet) = alice(stage);
        let enroll = |name: &str, code: &str| tool("alice", &["enroll", "--name", name], &[code]);
        enroll("laptop", "zzzzzz").failed_with(&["that code is not right"]);
        enroll("tablet", &phone.next_code())
            .failed_with(&["there is a token of that name", "--name"]);
        tool("alice", &["enroll", "--name", "a:b"], &[&phone.next_code()])
            .failed_with(&["cannot enroll alice"]);
        for number in 3..=8 {
            let name = format!("device-{number}");
            let options = ["--name", &name, "--kind", "hotp"];
            Secret::enroll_beside("alice", &options, &phone.next_code());
        }
        enroll("ninth", &phone.next_code()).failed_with(&[
            "too many tokens",
            "remove one with `countersign disable --name TOKEN`",
        ]);
    });
}

#[test]
fn a_period_is_refused_where_a_counter_makes_the_codes() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let wrong = ["enroll", "--kind", "hotp", "--period", "60"];
        let told = tool("alice", &wrong, &[]);
        assert_eq!((told.status, told.out.as_str()), (2, ""), "{told:?}");
        assert!(
            told.err.contains("--period is for codes by time"),
            "{told:?}"
        );
    });
}
