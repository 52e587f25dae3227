//! What a login is told, case by case.

use super::fixtures::{NOW, SeededRandom, accepted, alice, code, code_now, hotp, totp};
use super::{
    Accepts, Account, Kind, Offset, Outcome, PlainCode, Proof, Source, StepWindow, TemporaryCode,
    TokenName, UnixSeconds, Uses, ValidSeconds, decide, decide_only, issue_temporary_code, otp,
    renew_recovery_codes,
};

const SECRET: &str = "2SH3V3GDW7ZNMGYE";
const OTHER: &str = "JBSWY3DPEB3W64TMMQXC4LQA";
const WRONG: &str = "000000";

fn address(number: u32) -> Source {
    Source::from_rhost(&format!("198.51.{}.{}", number / 256, number % 256))
}

fn enrolled() -> (Account, Vec<PlainCode>) {
    let account = alice(vec![totp("phone", SECRET)]);
    renew_recovery_codes(&account, 10, &mut SeededRandom::new(1)).unwrap()
}

fn after_wrong(mut account: Account, count: u32, source: impl Fn(u32) -> Source) -> Account {
    for number in 0..count {
        account = decide(&account, &code(WRONG), NOW, &source(number)).account;
    }
    account
}

/// Ninety-nine or a hundred wrong codes, none of which was turned away.
fn after_wrong_from_everywhere(account: Account, count: u32) -> Account {
    after_wrong(account, count, |number| address(number / 4))
}

#[test]
fn codes_of_two_steps_and_of_two_tokens_both_pass() {
    let (phone, tablet) = (totp("phone", SECRET), totp("tablet", OTHER));
    let mut account = alice(vec![phone.clone(), tablet.clone()]);
    let next = code(&otp::code_at(&phone, NOW.0 / 30 + 1));
    for typed in [code_now(&phone, NOW), next, code_now(&tablet, NOW)] {
        let decision = decide(&account, &typed, NOW, &Source::Local);
        assert!(accepted(&decision));
        account = decision.account;
    }
    assert!(
        account
            .tokens()
            .iter()
            .all(|token| token.last_used == Some(NOW))
    );
}

#[test]
fn a_code_older_than_the_last_accepted_one_counts_as_used() {
    let phone = totp("phone", SECRET);
    let account = alice(vec![phone.clone()]);
    let newer = code(&otp::code_at(&phone, NOW.0 / 30 + 1));
    let account = decide(&account, &newer, NOW, &Source::Local).account;
    let decision = decide(&account, &code_now(&phone, NOW), NOW, &Source::Local);
    let proof = Proof::Token(TokenName::parse("phone").unwrap());
    assert_eq!(decision.outcome, Outcome::Used { proof });
    assert_eq!(decision.account.budgets().failed_attempts(), 1);
}

#[test]
fn the_same_digits_in_an_old_and_a_new_step_are_new() {
    let (old, new) = (56_758_103, 56_758_110);
    let mut phone = totp("phone", SECRET);
    assert_eq!(
        otp::code_at(&phone, old),
        otp::code_at(&phone, new),
        "a rare pair, looked for"
    );
    if let Kind::Totp { window, .. } = &mut phone.kind {
        *window = StepWindow::constant::<10>();
    }
    let (typed, now) = (code(&otp::code_at(&phone, new)), UnixSeconds(new * 30));
    phone.spend(old, now);
    let decision = decide(&alice(vec![phone]), &typed, now, &Source::Local);
    assert!(accepted(&decision));
    let Kind::Totp { last_step, .. } = decision.account.tokens()[0].kind else {
        panic!("a clock")
    };
    assert_eq!(last_step, Some(new));
}

#[test]
fn an_offset_moves_the_window_with_it() {
    let mut phone = totp("phone", SECRET);
    if let Kind::Totp { offset, .. } = &mut phone.kind {
        *offset = Offset::constant::<-100>();
    }
    let account = alice(vec![phone.clone()]);
    let here = NOW.0 / 30;
    for (step, expected) in [
        (here - 102, false),
        (here - 101, true),
        (here - 99, true),
        (here, false),
    ] {
        let typed = code(&otp::code_at(&phone, step));
        assert_eq!(
            accepted(&decide(&account, &typed, NOW, &Source::Local)),
            expected
        );
    }
}

#[test]
fn a_counter_does_not_move_on_failure() {
    let key = hotp("key", 5);
    let account = after_wrong(alice(vec![key.clone()]), 4, |_| Source::Local);
    assert_eq!(account.tokens()[0].kind, key.kind);
    assert!(account.tokens()[0].last_used.is_none());
}

#[test]
fn fifty_wrong_guesses_from_one_source_are_five_looks() {
    let account = after_wrong(enrolled().0, 50, |_| address(1));
    assert_eq!(account.budgets().failed_attempts(), 50);
    assert_eq!(account.budgets().throttled_attempts(), 45);
    assert!(!account.budgets().is_locked());
}

#[test]
fn fifty_wrong_guesses_from_fifty_sources_all_count() {
    let account = after_wrong(enrolled().0, 50, address);
    assert_eq!(account.budgets().failed_attempts(), 50);
    assert_eq!(account.budgets().throttled_attempts(), 0);
}

#[test]
fn a_right_code_is_not_looked_at_while_throttled_and_passes_on_the_second_after() {
    let account = after_wrong(enrolled().0, 5, |_| Source::Local);
    let right = |now| code_now(&totp("phone", SECRET), now);
    let decision = decide(&account, &right(NOW), NOW, &Source::Local);
    assert_eq!(decision.outcome, Outcome::Throttled { retry_after: 30 });
    let later = NOW.plus(30);
    assert!(accepted(&decide(
        &decision.account,
        &right(later),
        later,
        &Source::Local
    )));
}

#[test]
fn the_owner_passes_while_a_stranger_is_throttled() {
    let account = after_wrong(enrolled().0, 60, |_| address(1));
    let right = code_now(&totp("phone", SECRET), NOW);
    for source in [Source::Local, Source::Own(1000), address(2)] {
        assert!(accepted(&decide(&account, &right, NOW, &source)));
    }
    let stranger = decide(&account, &right, NOW, &address(1));
    assert_eq!(stranger.outcome, Outcome::Throttled { retry_after: 30 });
}

#[test]
fn the_hundredth_wrong_code_locks_tokens_and_no_recovery_code() {
    let (account, recovery) = enrolled();
    let right = code_now(&totp("phone", SECRET), NOW);
    let before = after_wrong_from_everywhere(account.clone(), 99);
    assert!(accepted(&decide(&before, &right, NOW, &Source::Local)));

    let locked = after_wrong_from_everywhere(account, 100);
    for typed in [&right, &code(WRONG)] {
        let decision = decide(&locked, typed, NOW, &Source::Local);
        assert_eq!(decision.outcome, Outcome::Locked);
        assert_eq!(
            decision.account.budgets().failed_attempts(),
            101,
            "and it counts"
        );
    }
    let decision = decide(&locked, &code(recovery[0].expose()), NOW, &Source::Local);
    assert_eq!(
        decision.outcome,
        Outcome::Accepted {
            proof: Proof::RecoveryCode { left: 9 }
        }
    );
    assert!(accepted(&decide(
        &decision.account,
        &right,
        NOW,
        &Source::Local
    )));
}

#[test]
fn a_locked_account_still_slows_guesses_at_recovery_codes() {
    let (account, recovery) = enrolled();
    let locked = after_wrong_from_everywhere(account, 100);
    let locked = after_wrong(locked, 5, |_| Source::Local);
    let decision = decide(&locked, &code(recovery[0].expose()), NOW, &Source::Local);
    assert_eq!(decision.outcome, Outcome::Throttled { retry_after: 30 });
}

#[test]
fn without_tokens_the_answers_are_those_of_wrong_codes() {
    let account = alice(Vec::new());
    let dummy = code_now(&totp("none", &"A".repeat(32)), NOW);
    assert_eq!(
        decide(&account, &dummy, NOW, &Source::Local).outcome,
        Outcome::Wrong
    );
    let throttled = after_wrong(account.clone(), 5, |_| Source::Local);
    let decision = decide(&throttled, &code(WRONG), NOW, &Source::Local);
    assert_eq!(decision.outcome, Outcome::Throttled { retry_after: 30 });
    let locked = after_wrong_from_everywhere(account, 100);
    assert_eq!(
        decide(&locked, &code(WRONG), NOW, &Source::Local).outcome,
        Outcome::Locked
    );
    assert_eq!(locked.code_lengths(), [6]);
}

#[test]
fn a_temporary_code_ends_with_its_uses_and_says_so() {
    let (account, plain) = issue_temporary_code(
        &enrolled().0,
        TemporaryCode::DEFAULT_VALID,
        Uses::constant::<2>(),
        NOW,
        &mut SeededRandom::new(2),
    )
    .unwrap();
    assert_eq!(plain.expose().len(), "xxx-xxx-xxx".len());
    let typed = code(plain.expose());
    let mut account = account;
    for left in [1, 0] {
        let decision = decide(&account, &typed, NOW, &Source::Local);
        assert_eq!(
            decision.outcome,
            Outcome::Accepted {
                proof: Proof::TemporaryCode
            }
        );
        account = decision.account;
        assert_eq!(
            account
                .temporary_code(NOW)
                .map_or(0, TemporaryCode::uses_left),
            left
        );
    }
    let decision = decide(&account, &typed, NOW, &Source::Local);
    assert_eq!(
        decision.outcome,
        Outcome::Used {
            proof: Proof::TemporaryCode
        }
    );
}

#[test]
fn a_temporary_code_ends_with_its_time_and_no_clock_put_back_revives_it() {
    let (valid, uses) = (
        ValidSeconds::constant::<3_600>(),
        TemporaryCode::DEFAULT_USES,
    );
    let mut random = SeededRandom::new(2);
    let (account, plain) =
        issue_temporary_code(&enrolled().0, valid, uses, NOW, &mut random).unwrap();
    let typed = code(plain.expose());
    assert!(accepted(&decide(
        &account,
        &typed,
        NOW.plus(3_599),
        &Source::Local
    )));
    let over = decide(&account, &typed, NOW.plus(3_600), &Source::Local);
    assert_eq!(over.outcome, Outcome::Wrong);
    let back = decide(&over.account, &typed, NOW, &Source::Local);
    assert_eq!(back.outcome, Outcome::Wrong);
    let year = 365 * 86_400;
    let back = decide(&account, &typed, UnixSeconds(NOW.0 - year), &Source::Local);
    assert_eq!(back.outcome, Outcome::Wrong);
}

#[test]
fn where_only_tokens_prove_no_other_code_is_spent() {
    let (account, recovery) = enrolled();
    let typed = code(recovery[0].expose());
    let decision = decide_only(Accepts::TokenCodes, &account, &typed, NOW, &Source::Local);
    assert_eq!(decision.outcome, Outcome::Wrong);
    assert_eq!(decision.account.recovery_codes_left(), 10);
    let right = code_now(&totp("phone", SECRET), NOW);
    assert!(accepted(&decide_only(
        Accepts::TokenCodes,
        &account,
        &right,
        NOW,
        &Source::Local
    )));
}

#[test]
fn outcomes_have_their_word_on_the_bus() {
    use countersign_bus::Verdict;
    let proof = Proof::TemporaryCode;
    for (outcome, verdict) in [
        (
            Outcome::Accepted {
                proof: proof.clone(),
            },
            Verdict::Accepted,
        ),
        (Outcome::Wrong, Verdict::Wrong),
        (Outcome::Used { proof }, Verdict::Used),
        (Outcome::Throttled { retry_after: 1 }, Verdict::Throttled),
        (Outcome::Locked, Verdict::Locked),
    ] {
        assert_eq!(outcome.verdict(), verdict);
    }
}
