//! The cases of the test suite of google-authenticator's PAM module, each named after the case.
//!
//! Its eight modes (`forward_pass`, `try_first_pass` and so on) say where the code comes from. That
//! is the PAM module's part, as are the prompts it counts.

use countersign_bus::Code;

use super::fixtures::{SeededRandom, accepted, alice, code, hotp, totp};
use super::{
    Account, Digits, Kind, LookAhead, Outcome, Period, Proof, Secret, Source, StepWindow, Token,
    UnixSeconds, decide, import_recovery_codes, otp, resync,
};

const SECRET: &str = "2SH3V3GDW7ZNMGYE";
/// The code of that secret at time step 10,000.
const RIGHT: &str = "050548";
const NOW: UnixSeconds = UnixSeconds(10_000 * 30);

fn phone() -> Token {
    totp("phone", SECRET)
}

fn phone_with(seconds: i64, steps: i64) -> Account {
    let mut token = phone();
    token.kind = Kind::totp(Period::new(seconds).unwrap());
    if let Kind::Totp { window, .. } = &mut token.kind {
        *window = StepWindow::new(steps).unwrap();
    }
    alice(vec![token])
}

fn outcome_at(account: &Account, typed: &str, now: UnixSeconds) -> Outcome {
    decide(account, &code(typed), now, &Source::Local).outcome
}

fn lets_in(account: &Account, typed: &str, now: UnixSeconds) -> bool {
    matches!(outcome_at(account, typed, now), Outcome::Accepted { .. })
}

#[test]
fn invalid_code() {
    assert_eq!(
        outcome_at(&alice(vec![phone()]), "123456", NOW),
        Outcome::Wrong
    );
}

#[test]
fn code_of_the_wrong_length() {
    // Leading zeros matter.
    for typed in ["50548", "0050548", "00050548"] {
        assert_eq!(
            outcome_at(&alice(vec![phone()]), typed, NOW),
            Outcome::Wrong,
            "{typed}"
        );
    }
}

#[test]
fn more_than_the_longest_code() {
    let mut token = phone();
    token.digits = Digits::constant::<8>();
    let right = otp::code_at(&token, 10_000);
    let account = alice(vec![token]);
    assert!(lets_in(&account, &right, NOW));
    for typed in [format!("{}0", *right), format!("{}12345678", *right)] {
        assert_eq!(outcome_at(&account, &typed, NOW), Outcome::Wrong);
    }
}

#[test]
fn blank_answer() {
    assert!(Code::parse("").is_err());
}

#[test]
fn missing_secret_file() {
    // The user is prompted all the same, and refused. What `nullok` does is a matter of policy.
    assert_eq!(outcome_at(&alice(Vec::new()), RIGHT, NOW), Outcome::Wrong);
}

#[test]
fn right_code() {
    assert!(lets_in(&alice(vec![phone()]), RIGHT, NOW));
}

#[test]
fn step_size_60() {
    let account = phone_with(60, 1);
    for (step, expected) in [
        (9_998, false),
        (9_999, true),
        (10_001, true),
        (10_002, false),
        (10_000, true),
    ] {
        assert_eq!(
            lets_in(&account, RIGHT, UnixSeconds(step * 60)),
            expected,
            "step {step}"
        );
    }
}

#[test]
fn default_window() {
    let account = alice(vec![phone()]);
    for (step, expected) in [
        (9_998, false),
        (9_999, true),
        (10_001, true),
        (10_002, false),
        (10_000, true),
    ] {
        assert_eq!(
            lets_in(&account, RIGHT, UnixSeconds(step * 30)),
            expected,
            "step {step}"
        );
    }
}

#[test]
fn window_size_6() {
    // Theirs counts codes, and 6 of them lie unevenly: 3 ahead and 2 behind. Ours counts steps both
    // ways, so its 3 allows one more behind, step 10,003, which theirs refuses.
    let account = phone_with(30, 3);
    for (step, expected) in [
        (9_996, false),
        (9_997, true),
        (10_002, true),
        (10_003, true),
        (10_004, false),
    ] {
        assert_eq!(
            lets_in(&account, RIGHT, UnixSeconds(step * 30)),
            expected,
            "step {step}"
        );
    }
}

#[test]
fn disallow_reuse() {
    // Theirs is an option; ours cannot be switched off.
    let first = decide(&alice(vec![phone()]), &code(RIGHT), NOW, &Source::Local);
    assert!(accepted(&first));
    let second = decide(&first.account, &code(RIGHT), NOW, &Source::Local);
    assert!(matches!(second.outcome, Outcome::Used { .. }));
}

#[test]
fn disallow_reuse_over_many_steps() {
    // Theirs keeps a list and prunes it to the window; one last step says the same.
    let mut account = alice(vec![phone()]);
    for step in 10_001..=10_007 {
        let typed = code(&otp::code_at(&phone(), step));
        let now = UnixSeconds(step * 30);
        let decision = decide(&account, &typed, now, &Source::Local);
        assert!(accepted(&decision), "step {step}");
        account = decision.account;
        assert!(matches!(
            outcome_at(&account, typed.expose(), now),
            Outcome::Used { .. }
        ));
    }
    let Kind::Totp { last_step, .. } = account.tokens()[0].kind else {
        panic!("a clock")
    };
    assert_eq!(last_step, Some(10_007));
}

#[test]
fn rate_limit() {
    // Theirs counts every attempt, so that a stranger who fails keeps the owner's right code out.
    // Ours counts failures: any number of right codes passes, and failures of a source delay it.
    let mut account = alice(vec![phone()]);
    for step in 10_000..10_020 {
        let typed = code(&otp::code_at(&phone(), step));
        let decision = decide(&account, &typed, UnixSeconds(step * 30), &Source::Local);
        assert!(accepted(&decision), "step {step}");
        account = decision.account;
    }
    let now = UnixSeconds(10_020 * 30);
    for _ in 0..5 {
        account = decide(&account, &code("123456"), now, &Source::Local).account;
    }
    assert_eq!(
        outcome_at(&account, "123456", now),
        Outcome::Throttled { retry_after: 30 }
    );
}

#[test]
fn rate_limit_line_with_a_trailing_blank() {
    // The format error of their file: ours refuses every byte that it would not write.
    let mut bytes = alice(vec![phone()]).to_bytes().unwrap();
    let end = bytes.len() - 1;
    bytes.insert(end, b'x');
    assert!(Account::from_bytes(&bytes).is_err());
}

#[test]
fn time_skew() {
    // Theirs learns the skew from three codes of a wrong clock, be they overheard and used ones.
    // Ours never learns from logins, as theirs with `noskewadj`; two fresh codes in a row and an
    // explicit wish are needed.
    let mut account = alice(vec![phone()]);
    for step in 11_000..11_003 {
        let typed = code(&otp::code_at(&phone(), step));
        let decision = decide(
            &account,
            &typed,
            UnixSeconds((step - 1_000) * 30),
            &Source::Local,
        );
        assert_eq!(decision.outcome, Outcome::Wrong);
        account = decision.account;
    }
    let shown = |step| code(&otp::code_at(&phone(), step));
    let now = UnixSeconds(10_004 * 30);
    let decision = resync(
        &account,
        &shown(11_003),
        &shown(11_004),
        now,
        &Source::Local,
    );
    assert!(accepted(&decision));
    let next = otp::code_at(&phone(), 11_005);
    assert!(lets_in(&decision.account, &next, UnixSeconds(10_005 * 30)));
}

#[test]
fn scratch_codes() {
    let account = alice(vec![phone()]);
    assert_eq!(outcome_at(&account, "12345678", NOW), Outcome::Wrong);
    let scratch = [code("12345678")];
    let account = import_recovery_codes(&account, &scratch, &mut SeededRandom::new(1)).unwrap();
    let first = decide(&account, &scratch[0], NOW, &Source::Local);
    assert_eq!(
        first.outcome,
        Outcome::Accepted {
            proof: Proof::RecoveryCode { left: 0 }
        }
    );
    let second = decide(&first.account, &scratch[0], NOW, &Source::Local);
    assert_eq!(
        second.outcome,
        Outcome::Used {
            proof: Proof::RecoveryCode { left: 0 }
        }
    );
}

#[test]
fn hotp_counter() {
    let mut token = hotp("key", 1);
    if let Kind::Hotp { window, .. } = &mut token.kind {
        *window = LookAhead::new(3).unwrap();
    }
    let counter = |account: &Account| match account.tokens()[0].kind {
        Kind::Hotp { next_counter, .. } => next_counter,
        Kind::Totp { .. } => panic!("no clock"),
    };
    let first = decide(&alice(vec![token]), &code("293240"), NOW, &Source::Local);
    assert!(accepted(&first));
    assert_eq!(counter(&first.account), 2);
    let again = decide(&first.account, &code("293240"), NOW, &Source::Local);
    assert!(matches!(again.outcome, Outcome::Used { .. }));
    // Theirs advances on failure, so that guesses push the counter out of the owner's reach.
    assert_eq!(counter(&again.account), 2);
    let ahead = decide(&again.account, &code("932068"), NOW, &Source::Local);
    assert!(accepted(&ahead));
    assert_eq!(counter(&ahead.account), 6);
}

#[test]
fn base32_of_hello_world() {
    let bytes = b"Hello world...\0";
    let text = "JBSWY3DPEB3W64TMMQXC4LQA";
    assert_eq!(Secret::from_base32(text).unwrap().expose(), bytes);
    assert_eq!(
        Secret::from_bytes(bytes).unwrap().to_base32().as_str(),
        text
    );
}

// Their HMAC-SHA-1 samples of FIPS 198 test an HMAC of their own; ours comes from a library that
// tests itself with them, and the vectors of the two RFCs run through it here.
