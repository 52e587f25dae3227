//! The cases of the test suites of `pam_oath`, liboath and oathtool, each named after the case.
//!
//! Without a meaning here: users files with their locks, comments and passwords (there is no file
//! and no password in it), and hexadecimal secrets (only base32 comes in).

use super::fixtures::{accepted, alice, code};
use super::rfc_tests::token_of;
use super::{
    Account, Algorithm, Kind, LookAhead, Outcome, Secret, Source, StepWindow, Token, TokenName,
    UnixSeconds, decide, otp,
};

/// 2006-12-07 00:00 UTC, which their suite sets the clock to.
const NOW: UnixSeconds = UnixSeconds(1_165_449_600);
/// What their key of one zero byte shows from that time step on.
const STEPS: [&str; 11] = [
    "963013", "068866", "734019", "038980", "630208", "533058", "042289", "046988", "047407",
    "892423", "619507",
];
/// What the same key shows from counter 0 on.
const COUNTERS: [&str; 9] = [
    "328482", "812658", "073348", "887919", "320986", "435986", "964213", "267638", "985814",
];

fn counter_key(key: &[u8], digits: i64, ahead: i64) -> Token {
    let mut token = token_of(Algorithm::Sha1, digits, key);
    token.kind = Kind::Hotp {
        window: LookAhead::new(ahead).unwrap(),
        next_counter: 0,
    };
    token
}

fn clock_key(algorithm: Algorithm, key: &[u8], steps: i64) -> Token {
    let mut token = token_of(algorithm, 6, key);
    if let Kind::Totp { window, .. } = &mut token.kind {
        *window = StepWindow::new(steps).unwrap();
    }
    token
}

/// Types one answer after the other.
fn session(mut account: Account, now: UnixSeconds, answers: &[(&str, bool)]) -> Account {
    for (typed, expected) in answers {
        let decision = decide(&account, &code(typed), now, &Source::Local);
        let throttled = matches!(decision.outcome, Outcome::Throttled { .. });
        assert!(!throttled, "the suite must not run into the throttle");
        assert_eq!(accepted(&decision), *expected, "{typed}");
        account = decision.account;
    }
    account
}

#[test]
fn pam_oath_user1_hotp() {
    let account = session(
        alice(vec![counter_key(&[0], 6, 20)]),
        NOW,
        &[
            ("incorrectpassword", false),
            ("bad", false),
            ("123456", false),
            ("bad328482", false),
            ("328482", true),
            ("073348", true),
            ("073348", false),
            ("812658", false),
        ],
    );
    assert!(matches!(
        account.tokens()[0].kind,
        Kind::Hotp {
            next_counter: 3,
            ..
        }
    ));
}

#[test]
fn pam_oath_user2_hotp_with_password() {
    // Ours has no password beside the token, so the code counts alone; what is kept of the case is
    // that a failed try does not burn the code that follows.
    session(
        alice(vec![counter_key(&[0], 6, 20)]),
        NOW,
        &[
            ("pw328482", false),
            ("328482", true),
            ("073348", true),
            ("bad887919", false),
            ("887919", true),
        ],
    );
}

#[test]
fn pam_oath_user3_totp() {
    session(
        alice(vec![clock_key(Algorithm::Sha1, &[0], 10)]),
        NOW,
        &[
            ("bad", false),
            ("123456", false),
            ("068866", true),
            ("068866", false),
            ("963013", false),
            ("047407", true),
            ("533058", false),
            ("619507", true),
        ],
    );
}

#[test]
fn pam_oath_user4_not_in_the_file() {
    // Theirs lets everybody see who is unknown, by not prompting. Ours refuses like a wrong code.
    session(
        alice(Vec::new()),
        NOW,
        &[("328482", false), ("963013", false)],
    );
}

#[test]
fn usersfile_window_of_0_and_1() {
    let at = |steps| alice(vec![clock_key(Algorithm::Sha1, &[0], steps)]);
    session(at(0), NOW, &[(STEPS[1], false), (STEPS[0], true)]);
    session(at(1), NOW, &[(STEPS[2], false), (STEPS[1], true)]);
}

#[test]
fn usersfile_replay_of_the_last_the_one_before_and_an_older_one() {
    session(
        alice(vec![clock_key(Algorithm::Sha1, &[0], 10)]),
        NOW,
        &[
            (STEPS[1], true),
            (STEPS[3], true),
            (STEPS[5], true),
            (STEPS[5], false),
            (STEPS[3], false),
            (STEPS[1], false),
            (STEPS[4], false),
        ],
    );
}

#[test]
fn usersfile_with_two_to_five_lines_matches_each_of_them() {
    for lines in 2..=5_u8 {
        for line in 0..lines {
            let token = |number: u8| Token {
                name: TokenName::parse(&format!("line {number}")).unwrap(),
                ..clock_key(Algorithm::Sha1, &[number + 1], 1)
            };
            let account = alice((0..lines).map(token).collect());
            let typed = otp::code_at(&token(line), NOW.0 / 30);
            let decision = decide(&account, &code(&typed), NOW, &Source::Local);
            assert!(accepted(&decision), "line {line} of {lines}");
            for (number, after) in (0..).zip(decision.account.tokens()) {
                assert_eq!(
                    after.last_used.is_some(),
                    number == line,
                    "only one is touched"
                );
            }
        }
    }
}

#[test]
fn hotp_validate_at_every_distance_with_6_7_and_8_digits() {
    for digits in 6..=8 {
        for ahead in 1..=20 {
            let token = counter_key(b"12345678901234567890", digits, ahead);
            for counter in 0..=20 {
                let typed = otp::code_at(&token, counter);
                let account = alice(vec![token.clone()]);
                let decision = decide(&account, &code(&typed), NOW, &Source::Local);
                let near = counter <= ahead.unsigned_abs();
                assert_eq!(
                    accepted(&decision),
                    near,
                    "{counter} of {ahead}, {digits} digits"
                );
            }
        }
    }
}

#[test]
fn totp_validate_tells_which_step_it_was() {
    let key = b"12345678901234567890";
    let key256 = b"12345678901234567890123456789012";
    let now = UnixSeconds(1_111_111_109);
    let sha1 = ["081804", "050471", "266759", "306183", "466594", "754889"];
    let sha256 = ["084774", "062674", "267535", "096086", "328915", "956967"];
    let tokens = [
        (clock_key(Algorithm::Sha1, key, 5), sha1),
        (clock_key(Algorithm::Sha256, key256, 5), sha256),
    ];
    for (token, codes) in tokens {
        for (ahead, typed) in (0..).zip(codes) {
            let decision = decide(
                &alice(vec![token.clone()]),
                &code(typed),
                now,
                &Source::Local,
            );
            assert!(accepted(&decision), "{ahead} ahead");
            let Kind::Totp { last_step, .. } = decision.account.tokens()[0].kind else {
                panic!("a clock")
            };
            assert_eq!(last_step, Some(now.0 / 30 + ahead));
        }
    }
}

#[test]
fn totp_validate_as_far_as_the_window_goes_both_ways() {
    // Theirs goes to 99 steps; more than 10 is for a resync here.
    let token = clock_key(Algorithm::Sha1, &[0], 10);
    for off in -30_i64..=30 {
        let typed = otp::code_at(&token, (NOW.0 / 30).saturating_add_signed(off));
        let decision = decide(
            &alice(vec![token.clone()]),
            &code(&typed),
            NOW,
            &Source::Local,
        );
        assert_eq!(accepted(&decision), off.abs() <= 10, "{off} steps off");
    }
}

#[test]
fn oathtool_vectors() {
    let zero = token_of(Algorithm::Sha1, 6, &[0]);
    let beef = token_of(Algorithm::Sha1, 6, &[0xDE, 0xAD, 0xBE, 0xEF]);
    for (counter, shown) in (0..).zip(COUNTERS) {
        assert_eq!(otp::code_at(&zero, counter).as_str(), shown);
    }
    for (step, shown) in (NOW.0 / 30..).zip(STEPS) {
        assert_eq!(otp::code_at(&zero, step).as_str(), shown);
    }
    assert_eq!(otp::code_at(&zero, 1 << 40).as_str(), "363425");
    assert_eq!(otp::code_at(&beef, 1 << 63).as_str(), "657352");
    assert_eq!(otp::code_at(&beef, u64::MAX).as_str(), "044040");
}

#[test]
fn oathtool_base32_with_blanks_lower_case_and_bits_left_over() {
    for (text, shown) in [
        ("gr6d 5br7 25s6 vnck v4vl hlao re", "993210"),
        ("XBK55CIOSR2TO6VUZX7KB2NJX2", "386584"),
    ] {
        let token = Token {
            secret: Secret::from_base32(text).unwrap(),
            ..token_of(Algorithm::Sha1, 6, &[0])
        };
        assert_eq!(otp::code_at(&token, 0).as_str(), shown);
    }
}
