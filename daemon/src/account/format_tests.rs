//! Records: what is written reads back, and nothing else is read.

use serde_json::{Value, json};

use super::fixtures::{NOW, SeededRandom, alice, hotp, totp};
use super::{
    Account, Decision, Outcome, Place, Proof, RecordError, Source, TemporaryCode,
    issue_temporary_code, remember, remembered, renew_recovery_codes,
};

/// An account with something in every field.
fn full() -> Account {
    let mut random = SeededRandom::new(1);
    let mut account = alice(vec![totp("phone", "2SH3V3GDW7ZNMGYE"), hotp("key", 5)]);
    account.tokens[0].spend(10_000, NOW);
    account = renew_recovery_codes(&account, 10, &mut random).unwrap().0;
    let (valid, uses) = (TemporaryCode::DEFAULT_VALID, TemporaryCode::DEFAULT_USES);
    account = issue_temporary_code(&account, valid, uses, NOW, &mut random)
        .unwrap()
        .0;
    for rhost in ["", "192.0.2.1", "2001:db8::1", "host.example"] {
        account.budgets.refused(&Source::from_rhost(rhost), NOW);
    }
    account.budgets.refused(&Source::Own(1000), NOW);
    for rhost in ["192.0.2.1", "2001:db8::1"] {
        let place = Place::of_login("sshd", "ssh", rhost, "").unwrap();
        let decision = Decision {
            outcome: Outcome::Accepted {
                proof: Proof::Token(account.tokens[0].name.clone()),
            },
            account,
        };
        account = remember(decision, place, NOW).account;
    }
    account
}

fn json_of(account: &Account) -> Value {
    serde_json::from_slice(&account.to_bytes().unwrap()).unwrap()
}

fn read(record: &Value) -> Result<Account, RecordError> {
    Account::from_bytes(&serde_json::to_vec(record).unwrap())
}

#[test]
fn every_field_reads_back() {
    for account in [full(), alice(Vec::new())] {
        let bytes = account.to_bytes().unwrap();
        let again = Account::from_bytes(&bytes).unwrap();
        assert_eq!(again.to_bytes().unwrap(), bytes);
        assert_eq!(again.user(), account.user());
        assert_eq!(again.budgets(), account.budgets());
    }
}

#[test]
fn a_record_larger_than_its_first_buffer_is_whole() {
    let mut account = full();
    for number in 0..120 {
        let host = format!("{number}.{}", "x".repeat(240));
        account.budgets.refused(&Source::from_rhost(&host), NOW);
    }
    let bytes = account.to_bytes().unwrap();
    assert!(bytes.len() > 32_768);
    assert_eq!(
        Account::from_bytes(&bytes).unwrap().budgets(),
        account.budgets()
    );
}

#[test]
fn what_is_remembered_reads_back_and_a_record_without_it_remembers_nothing() {
    let place = Place::of_login("sshd", "ssh", "2001:db8::1", "").unwrap();
    let mut record = json_of(&full());
    let account = read(&record).unwrap();
    assert_eq!(remembered(&account, place, NOW, 600), Some(600));
    record["account"]
        .as_object_mut()
        .unwrap()
        .remove("remembered")
        .unwrap();
    let account = read(&record).unwrap();
    assert_eq!(remembered(&account, place, NOW, 600), None);
    // And nobody with nothing to remember has the field.
    let nothing = json_of(&alice(Vec::new()));
    assert_eq!(nothing.pointer("/account/remembered"), None);
}

#[test]
fn another_version_is_refused_by_its_number() {
    let mut record = json_of(&full());
    record["version"] = json!(2);
    record["new"] = json!("unknown to us");
    assert_eq!(
        read(&record).unwrap_err(),
        RecordError::UnknownVersion { found: 2 }
    );
}

#[test]
fn every_cut_and_no_record_at_all_are_refused() {
    let bytes = full().to_bytes().unwrap();
    for end in 0..bytes.len() {
        assert!(Account::from_bytes(&bytes[..end]).is_err(), "cut at {end}");
    }
    for junk in [&b"null"[..], b"[]", b"{}", b"\xff\xfe", b"{\"version\":1}"] {
        assert!(Account::from_bytes(junk).is_err());
    }
}

#[test]
fn values_that_are_not_allowed_are_refused() {
    let token = "/account/tokens/0";
    for (place, bad) in [
        ("/account/user", json!("a:b")),
        ("/account/user", json!("")),
        ("/account/uid", json!(-1)),
        ("/account/uid", json!(4_294_967_296_u64)),
        (&format!("{token}/name"), json!("a:b")),
        (&format!("{token}/name"), json!("")),
        (&format!("{token}/secret"), json!("AAAAAAAA")),
        (&format!("{token}/secret"), json!("!")),
        (&format!("{token}/secret"), json!("A".repeat(112))),
        (&format!("{token}/algorithm"), json!("MD5")),
        (&format!("{token}/digits"), json!(5)),
        (&format!("{token}/digits"), json!(9)),
        (&format!("{token}/kind/totp/period"), json!(0)),
        (&format!("{token}/kind/totp/period"), json!(86_401)),
        (&format!("{token}/kind/totp/window"), json!(11)),
        (&format!("{token}/kind/totp/offset"), json!(1_501)),
        (&format!("{token}/kind/totp/last_step"), json!(-1)),
        ("/account/tokens/1/kind/hotp/window", json!(0)),
        ("/account/tokens/1/kind/hotp/window", json!(101)),
        ("/account/recovery/salt", json!("00")),
        ("/account/recovery/codes/0/hash", json!("zz")),
        ("/account/recovery/codes/0/state", json!("maybe")),
        ("/account/temporary/uses_left", json!(11)),
        ("/account/budgets/wrong", json!(-1)),
        (
            "/account/budgets/sources/1/source",
            json!({ "address": "nowhere" }),
        ),
        ("/account/remembered/0/place", json!("192.0.2.1")),
        ("/account/remembered/0/since", json!(-1)),
    ] {
        let mut record = json_of(&full());
        *record.pointer_mut(place).unwrap() = bad.clone();
        let refusal = read(&record).expect_err(place);
        assert!(
            matches!(refusal, RecordError::BadValue { .. }),
            "{place} {bad}: {refusal}"
        );
    }
}

#[test]
fn unknown_fields_are_refused_wherever_they_are() {
    for place in [
        "",
        "/account",
        "/account/tokens/0",
        "/account/tokens/0/kind/totp",
        "/account/budgets",
        "/account/remembered/0",
    ] {
        let mut record = json_of(&full());
        record.pointer_mut(place).unwrap()["surprise"] = json!(1);
        assert!(
            matches!(read(&record), Err(RecordError::BadValue { .. })),
            "{place}"
        );
    }
}

#[test]
fn too_many_of_anything_and_the_same_twice_are_refused() {
    let with = |place: &str, change: &dyn Fn(&mut Vec<Value>)| {
        let mut record = json_of(&full());
        change(record.pointer_mut(place).unwrap().as_array_mut().unwrap());
        read(&record).map(|_| ()).unwrap_err()
    };
    let tokens = "/account/tokens";
    assert_eq!(
        with(tokens, &|it| it.push(it[0].clone())),
        RecordError::TokenTwice
    );
    assert_eq!(
        with(tokens, &|it| it.resize(9, it[0].clone())),
        RecordError::TooManyTokens
    );
    let codes = "/account/recovery/codes";
    let refusal = with(codes, &|it| it.resize(33, it[0].clone()));
    assert_eq!(refusal, RecordError::TooManyRecoveryCodes);
    let sources = "/account/budgets/sources";
    assert_eq!(
        with(sources, &|it| it.push(it[0].clone())),
        RecordError::BadBudgets
    );
    assert_eq!(
        with(sources, &|it| it.resize(129, it[0].clone())),
        RecordError::BadBudgets
    );
    let places = "/account/remembered";
    assert_eq!(
        with(places, &|it| it.push(it[0].clone())),
        RecordError::BadPlaces
    );
    let too_many = with(places, &|it| {
        let entry = it[0].clone();
        it.extend((0..15).map(|number| {
            let mut entry = entry.clone();
            entry["place"] = json!(format!("{number:064x}"));
            entry
        }));
    });
    assert_eq!(too_many, RecordError::BadPlaces);
}

#[test]
fn neither_debug_nor_errors_show_a_secret() {
    let account = full();
    let shown = format!("{account:?}");
    assert!(!shown.contains("2SH3V3GDW7ZNMGYE"));
    assert!(shown.contains("Secret(…)"));
    let mut record = json_of(&account);
    record["account"]["tokens"][0]["digits"] = json!("2SH3V3GDW7ZNMGYE");
    let refusal = read(&record).unwrap_err();
    assert!(!format!("{refusal} {refusal:?}").contains("2SH3"));
}
