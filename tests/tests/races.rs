//! Many logins at the same moment: each is a process of its own, goes through PAM and the real
//! module, and has its prompt open before the first of them is answered.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use countersign_tests::{Crowd, End, Guest, Lab, Program, Secret, Stage, count};
use countersign_tests::{in_lab, on_both_roads};
use serde_json::Value;

/// Time steps run ahead of the clock, one for each login, so the window is as wide as it can be.
const CONFIG: &str = "[totp]\nwindow = 10\n";
/// How many codes of a time-based token are good at one moment, after the one that enrolled it.
const STEPS: usize = 10;
const HOTP: &[&str] = &["--kind", "hotp"];

/// So many users who are enrolled, with options of `countersign enroll`.
fn residents(stage: Stage, count: usize, options: &[&str]) -> (Lab, Vec<(String, Secret)>) {
    let lab = stage.config(CONFIG).start();
    let names = lab.add_residents(count);
    let enrolled = names.into_iter().map(|name| {
        let secret = lab.enroll_with(&name, options);
        (name, secret)
    });
    let enrolled = enrolled.collect();
    (lab, enrolled)
}

/// One user with a token that has any number of codes at one moment.
fn alice(stage: Stage) -> (Lab, String, Secret) {
    let (lab, mut residents) = residents(stage, 1, HOTP);
    let (name, secret) = residents.pop().expect("one resident");
    (lab, name, secret)
}

/// The failed attempts since the last login, and how many of them were not looked at.
fn failures(user: &str) -> (u64, u64) {
    let status = Program::new("countersign")
        .args(["status", "--json", "--user", user])
        .text();
    let status: Value = serde_json::from_str(&status).expect("`status --json` prints JSON");
    let number = |key: &str| status[key].as_u64().expect("a number");
    (number("failed_attempts"), number("throttled_attempts"))
}

/// The same code from eight places at once. All of them are looked at: none of these sources has
/// failed often enough to be turned away.
fn eight_with(user: &str, code: &str, trial: usize) -> Vec<Guest> {
    (0..8)
        .map(|place| Guest::new(user, code).from(8 * trial + place))
        .collect()
}

fn one_is_in_and_seven_are_told_why(ends: &[End]) {
    assert_eq!(
        (count(ends, End::Accepted), count(ends, End::Used)),
        (1, 7),
        "{ends:?}"
    );
}

#[test]
fn the_same_code_from_eight_logins_at_once_lets_one_in() {
    on_both_roads(|stage| {
        let (lab, mut residents) = residents(stage, 1, &[]);
        let hotp = lab.add_residents(2).pop().expect("one more resident");
        residents.push((hotp.clone(), lab.enroll_with(&hotp, HOTP)));
        let mut crowd = Crowd::gather();
        for (name, secret) in &mut residents {
            for trial in 0..STEPS {
                let ends = crowd.at_once(&eight_with(name, &secret.next_code(), trial));
                one_is_in_and_seven_are_told_why(&ends);
            }
        }
    });
}

#[test]
fn one_recovery_code_from_eight_logins_at_once_lets_one_in() {
    on_both_roads(|stage| {
        let (_lab, name, secret) = alice(stage);
        let mut crowd = Crowd::gather();
        assert_eq!(secret.recovery_codes().len(), 10);
        for (trial, code) in secret.recovery_codes().iter().enumerate() {
            let ends = crowd.at_once(&eight_with(&name, code, trial));
            one_is_in_and_seven_are_told_why(&ends);
        }
    });
}

#[test]
fn codes_of_two_tokens_at_the_same_moment_both_let_in() {
    in_lab(|stage| {
        let (lab, name, mut phone) = alice(stage);
        let second = ["--user", &name, "--name", "second", "--kind", "hotp"];
        let mut key = lab.enroll_with("root", &second);
        let mut crowd = Crowd::gather();
        for _ in 0..20 {
            let both = [phone.next_code(), key.next_code()].map(|code| Guest::new(&name, &code));
            assert_eq!(crowd.at_once(&both), [End::Accepted; 2]);
        }
    });
}

/// Who has two prompts open and answers both in the order in which the app showed the codes.
#[test]
fn two_codes_of_one_token_answered_in_their_order_both_let_in() {
    in_lab(|stage| {
        let (_lab, mut residents) = residents(stage, 4, &[]);
        let mut crowd = Crowd::gather();
        for (name, secret) in &mut residents {
            for _ in 0..STEPS / 2 {
                let earlier = [Guest::new(name, &secret.next_code())];
                let later = [Guest::new(name, &secret.next_code())];
                let ends = crowd.in_waves(&[&earlier, &later]);
                assert_eq!(ends.concat(), [End::Accepted; 2]);
            }
        }
    });
}

/// A code that is accepted ends all earlier ones of its token, so at the very same moment it is
/// chance whether the earlier one comes in time; but who is too late is told so, and the later
/// one is never hurt.
#[test]
fn the_later_of_two_codes_at_the_same_moment_always_lets_in() {
    in_lab(|stage| {
        let (_lab, name, mut secret) = alice(stage);
        let mut crowd = Crowd::gather();
        for trial in 0..20 {
            let both = [2 * trial, 2 * trial + 1]
                .map(|place| Guest::new(&name, &secret.next_code()).from(place));
            let ends = crowd.at_once(&both);
            assert_eq!(ends[1], End::Accepted, "{ends:?}");
            assert!(matches!(ends[0], End::Accepted | End::Used), "{ends:?}");
        }
    });
}

#[test]
fn fifty_wrong_codes_at_once_from_one_place_count_fifty_and_five_are_looked_at() {
    on_both_roads(|stage| {
        let (_lab, name, secret) = alice(stage);
        let guess = Guest::new(&name, &secret.wrong_code()).from(1);
        let ends = Crowd::gather().at_once(&vec![guess; 50]);
        assert_eq!(
            (count(&ends, End::Wrong), count(&ends, End::Throttled)),
            (5, 45),
            "{ends:?}"
        );
        assert_eq!(failures(&name), (50, 45));
    });
}

#[test]
fn fifty_wrong_codes_at_once_from_fifty_places_are_all_looked_at_and_counted() {
    in_lab(|stage| {
        let (_lab, name, secret) = alice(stage);
        let guess = Guest::new(&name, &secret.wrong_code());
        let guesses: Vec<Guest> = (0..50).map(|place| guess.clone().from(place)).collect();
        let ends = Crowd::gather().at_once(&guesses);
        assert_eq!(ends, [End::Wrong; 50]);
        assert_eq!(failures(&name), (50, 0));
    });
}

#[test]
fn a_right_code_among_fifty_guesses_beyond_the_budget_does_not_let_in() {
    in_lab(|stage| {
        let (_lab, name, mut secret) = alice(stage);
        let mut crowd = Crowd::gather();
        for trial in 0..6 {
            let wrong = Guest::new(&name, &secret.wrong_code()).from(trial);
            let right = Guest::new(&name, &secret.next_code()).from(trial);
            let budget = vec![wrong.clone(); 5];
            let mut beyond = vec![wrong; 44];
            beyond.insert(8 * trial, right.clone());
            // All fifty prompts are open before the first guess.
            let ends = crowd.in_waves(&[&budget, &beyond]);
            assert_eq!(ends[0], [End::Wrong; 5]);
            assert_eq!(ends[1], [End::Throttled; 45]);
            // It was not looked at, so it is not spent either.
            assert_eq!(crowd.at_once(&[right.from(100)]), [End::Accepted]);
        }
    });
}

#[test]
fn different_users_at_the_same_moment_all_get_in() {
    on_both_roads(|stage| {
        let (_lab, mut residents) = residents(stage, 64, &[]);
        let mut crowd = Crowd::gather();
        for together in [4, 64] {
            let guests: Vec<Guest> = residents
                .iter_mut()
                .take(together)
                .map(|(name, secret)| Guest::new(name, &secret.next_code()))
                .collect();
            assert_eq!(crowd.at_once(&guests), vec![End::Accepted; together]);
        }
    });
}

#[test]
fn a_stranger_who_fails_while_the_owners_prompt_is_open_does_not_stop_the_owner() {
    on_both_roads(|stage| {
        let (_lab, name, mut secret) = alice(stage);
        let mut crowd = Crowd::gather();
        for trial in 0..10 {
            let stranger = Guest::new(&name, &secret.wrong_code()).from(trial);
            let owner = Guest::new(&name, &secret.next_code()).from(1000);
            let ends = crowd.in_waves(&[&vec![stranger; 7], &[owner]]);
            assert_eq!(count(&ends[0], End::Accepted), 0);
            assert_eq!(ends[1], [End::Accepted]);
        }
    });
}

#[test]
fn a_hundred_wrong_codes_at_once_lock_and_a_recovery_code_opens() {
    on_both_roads(|stage| {
        let (_lab, name, mut secret) = alice(stage);
        let mut crowd = Crowd::gather();
        let guess = Guest::new(&name, &secret.wrong_code());
        let guesses: Vec<Guest> = (1..=100).map(|place| guess.clone().from(place)).collect();
        assert_eq!(crowd.at_once(&guesses[1..]), [End::Wrong; 99]);
        assert_eq!(crowd.at_once(&guesses[..1]), [End::Wrong]);
        let right = [Guest::new(&name, &secret.next_code())];
        assert_eq!(crowd.at_once(&right), [End::Locked]);
        let recovery = Guest::new(&name, &secret.recovery_codes()[0]);
        assert_eq!(crowd.at_once(&[recovery]), [End::Accepted]);
        assert_eq!(crowd.at_once(&right), [End::Accepted]);
    });
}
