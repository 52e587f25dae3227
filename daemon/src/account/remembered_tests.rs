//! Where and for how long a code counts, and what ends that.

use super::super::fixtures::{NOW, SeededRandom, accepted, alice, code, code_now, totp};
use super::super::{
    Import, Onto, Source, TemporaryCode, Token, TokenName, UnixSeconds, activate, decide, import,
    issue_temporary_code, remove_all, remove_token, renew_recovery_codes, unlock,
};
use super::*;

const SECRET: &str = "2SH3V3GDW7ZNMGYE";
const OTHER: &str = "JBSWY3DPEB3W64TMMQXC4LQA";
const SPAN: u64 = 600;

fn ssh(rhost: &str) -> Place {
    Place::of_login("sshd", "ssh", rhost, "").unwrap()
}

/// Alice has shown a code of her phone at this place.
fn alice_at(place: Place) -> Account {
    let phone = totp("phone", SECRET);
    let account = alice(vec![phone.clone(), totp("tablet", OTHER)]);
    let decision = decide(&account, &code_now(&phone, NOW), NOW, &Source::Local);
    assert!(accepted(&decision));
    remember(decision, place, NOW).account
}

fn left(account: &Account, place: Place, now: UnixSeconds) -> Option<u64> {
    remembered(account, place, now, SPAN)
}

#[test]
fn a_code_counts_at_its_place_for_the_span_and_no_longer() {
    let account = alice_at(ssh("192.0.2.7"));
    for (later, expected) in [
        (0, Some(600)),
        (1, Some(599)),
        (599, Some(1)),
        (600, None),
        (86_400, None),
        (u64::MAX, None),
    ] {
        assert_eq!(left(&account, ssh("192.0.2.7"), NOW.plus(later)), expected);
    }
    // The span is that of the rule now, whatever it was when the code was shown.
    let at = NOW.plus(300);
    assert_eq!(remembered(&account, ssh("192.0.2.7"), at, 301), Some(1));
    assert_eq!(remembered(&account, ssh("192.0.2.7"), at, 300), None);
    assert_eq!(remembered(&account, ssh("192.0.2.7"), at, 0), None);
}

#[test]
fn a_login_without_a_code_does_not_stretch_the_span() {
    let account = alice_at(ssh("192.0.2.7"));
    assert_eq!(left(&account, ssh("192.0.2.7"), NOW.plus(599)), Some(1));
    assert_eq!(left(&account, ssh("192.0.2.7"), NOW.plus(600)), None);
    // A further code does.
    let now = NOW.plus(600);
    let code = code_now(&account.tokens()[0].clone(), now);
    let decision = decide(&account, &code, now, &Source::Local);
    let account = remember(decision, ssh("192.0.2.7"), now).account;
    assert_eq!(left(&account, ssh("192.0.2.7"), now), Some(600));
}

#[test]
fn a_code_counts_for_one_service_at_one_place() {
    let place = |service, tty, rhost, session| Place::of_login(service, tty, rhost, session);
    let places = [
        place("sshd", "ssh", "192.0.2.7", ""),
        place("cockpit", "ssh", "192.0.2.7", ""),
        place("sshd", "ssh", "192.0.2.8", ""),
        place("sshd", "ssh", "2001:db8::7", ""),
        // Of IPv6 the whole address, not the network that a budget of wrong codes is kept for.
        place("sshd", "ssh", "2001:db8::8", ""),
        place("sudo", "/dev/pts/1", "", "leader=1"),
        place("sudo-i", "/dev/pts/1", "", "leader=1"),
        place("su", "/dev/pts/1", "", "leader=1"),
        place("sudo", "/dev/pts/2", "", "leader=1"),
        place("sudo", "/dev/pts/1", "", "leader=2"),
        // Told in other words, and meant to pass for another.
        place("sudo", "/dev/pts/1leader=", "", "1"),
        place("terminal", "sudo", "", "/dev/pts/1leader=1"),
        place("sudo", "address", "", "192.0.2.7"),
    ]
    .map(Option::unwrap);
    for (index, here) in places.iter().enumerate() {
        let account = alice_at(*here);
        for (other, there) in places.iter().enumerate() {
            let expected = (index == other).then_some(SPAN);
            assert_eq!(left(&account, *there, NOW), expected, "{index} {other}");
        }
    }
}

#[test]
fn an_address_is_the_same_in_all_its_spellings_and_whatever_else_is_told() {
    let account = alice_at(ssh("192.0.2.7"));
    assert!(left(&account, ssh("::ffff:192.0.2.7"), NOW).is_some());
    let other_terminal = Place::of_login("sshd", "/dev/pts/3", "192.0.2.7", "leader=1").unwrap();
    assert!(left(&account, other_terminal, NOW).is_some());
    let account = alice_at(ssh("2001:DB8:0:0::7"));
    assert!(left(&account, ssh("2001:db8::7"), NOW).is_some());
}

#[test]
fn what_can_not_be_recognised_is_no_place() {
    let long = "x".repeat(255);
    for (service, tty, rhost, session) in [
        ("", "ssh", "192.0.2.7", ""),
        (long.as_str(), "ssh", "192.0.2.7", ""),
        ("sshd", "ssh", "host.example.org", "leader=1"),
        ("sshd", "ssh", "localhost", "leader=1"),
        ("sshd", "ssh", "192.0.2.7 ", "leader=1"),
        ("sshd", "ssh", "192.0.2", "leader=1"),
        ("sshd", "ssh", "fe80::1%eth0", "leader=1"),
        ("sshd", "ssh", "0.0.0.0", "leader=1"),
        ("sshd", "ssh", "::", "leader=1"),
        ("sshd", "ssh", "::ffff:0.0.0.0", "leader=1"),
        ("sshd", "ssh", "UNKNOWN", "leader=1"),
        ("sudo", "", "", "leader=1"),
        ("sudo", "/dev/pts/1", "", ""),
        ("sudo", "", "", ""),
        ("sudo", long.as_str(), "", "leader=1"),
        ("sudo", "/dev/pts/1", "", long.as_str()),
    ] {
        let place = Place::of_login(service, tty, rhost, session);
        assert_eq!(place, None, "{service:?} {tty:?} {rhost:?} {session:?}");
    }
}

#[test]
fn a_place_in_the_future_does_not_count_and_is_forgotten() {
    let account = alice_at(ssh("192.0.2.7"));
    let earlier = UnixSeconds(NOW.0 - 1);
    assert_eq!(left(&account, ssh("192.0.2.7"), earlier), None);
    assert_eq!(left(&account, ssh("192.0.2.7"), UnixSeconds(0)), None);
    // Whatever becomes of the next attempt, it does not count when its moment comes.
    let account = decide(&account, &code("000000"), earlier, &Source::Local).account;
    assert_eq!(left(&account, ssh("192.0.2.7"), NOW), None);
}

fn imported(account: &Account, token: &Token) -> Account {
    let what = Import {
        tokens: vec![token.clone()],
        recovery_codes: Vec::new(),
        onto: Onto::Anybody,
    };
    let imported = import(account, &what, &mut SeededRandom::new(1));
    imported.unwrap().account
}

#[test]
fn changes_of_what_the_user_has_and_an_administrator_end_it() {
    let here = ssh("192.0.2.7");
    let account = alice_at(here);
    let phone = TokenName::parse("phone").unwrap();
    let tablet = TokenName::parse("tablet").unwrap();
    let key = totp("key", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    let right = code_now(&key, NOW);
    for (what, changed) in [
        ("one token", remove_token(&account, &phone).unwrap()),
        ("another token", remove_token(&account, &tablet).unwrap()),
        ("all", remove_all(&account)),
        ("unlock", unlock(&account, NOW).0),
        ("import", imported(&account, &key)),
        (
            "enroll",
            activate(&account, key.clone(), &right, NOW).unwrap(),
        ),
        (
            "disable and enroll anew",
            imported(&remove_all(&account), &key),
        ),
    ] {
        assert_eq!(left(&changed, here, NOW), None, "{what}");
    }
    // What changes nothing about the tokens does not.
    let random = &mut SeededRandom::new(1);
    let renewed = renew_recovery_codes(&account, 10, random).unwrap().0;
    assert!(left(&renewed, here, NOW).is_some());
}

#[test]
fn codes_that_stand_for_a_lost_token_are_not_remembered() {
    let here = ssh("192.0.2.7");
    let random = &mut SeededRandom::new(1);
    let account = alice(vec![totp("phone", SECRET)]);
    let (account, plain) = renew_recovery_codes(&account, 10, random).unwrap();
    let (valid, uses) = (TemporaryCode::DEFAULT_VALID, TemporaryCode::DEFAULT_USES);
    let (account, temporary) = issue_temporary_code(&account, valid, uses, NOW, random).unwrap();
    for typed in [plain[0].expose(), temporary.expose()] {
        let decision = decide(&account, &code(typed), NOW, &Source::Local);
        assert!(accepted(&decision));
        let decision = remember(decision, here, NOW);
        assert_eq!(left(&decision.account, here, NOW), None);
    }
}

#[test]
fn only_an_accepted_code_is_remembered() {
    let here = ssh("192.0.2.7");
    let phone = totp("phone", SECRET);
    let mut account = alice(vec![phone.clone()]);
    let right = code_now(&phone, NOW);
    account = decide(&account, &right, NOW, &Source::Local).account;
    // Used, wrong five times, and turned away.
    for typed in [right, code("000000")].iter().cycle().take(8) {
        let decision = decide(&account, typed, NOW, &Source::Local);
        assert!(!accepted(&decision));
        account = remember(decision, here, NOW).account;
        assert_eq!(left(&account, here, NOW), None);
    }
}

#[test]
fn while_the_tokens_are_locked_nothing_is_remembered() {
    let here = ssh("192.0.2.7");
    let mut account = alice_at(here);
    for number in 0..100 {
        assert!(left(&account, here, NOW).is_some(), "{number}");
        let source = Source::from_rhost(&format!("198.51.100.{}", number / 4));
        account = decide(&account, &code("000000"), NOW, &source).account;
    }
    assert_eq!(left(&account, here, NOW), None);
}

#[test]
fn the_newest_sixteen_places_are_kept_and_their_records_read_back() {
    let mut account = alice_at(ssh("192.0.2.0"));
    let phone = account.tokens()[0].clone();
    for number in 1..=20_u64 {
        let now = NOW.plus(30 * number);
        let decision = decide(&account, &code_now(&phone, now), now, &Source::Local);
        assert!(accepted(&decision));
        account = remember(decision, ssh(&format!("192.0.2.{number}")), now).account;
        account = Account::from_bytes(&account.to_bytes().unwrap()).unwrap();
    }
    let now = NOW.plus(600);
    let known: Vec<u64> = (0..=20)
        .filter(|number| {
            remembered(&account, ssh(&format!("192.0.2.{number}")), now, 86_400).is_some()
        })
        .collect();
    assert_eq!(known, (5..=20).collect::<Vec<u64>>());
}
