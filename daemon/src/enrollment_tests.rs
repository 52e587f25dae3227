use super::*;
use zbus::names::OwnedUniqueName;
use zbus::{OwnedVariant, Variant};

use crate::account::fixtures::totp;
use crate::caller::Interaction;

const NOW: u64 = 1_700_000_000;

fn caller(uid: u32, connection: &str) -> Caller {
    let line = Line::Bus(OwnedUniqueName::try_from(connection).unwrap());
    Caller {
        uid,
        name: None,
        line,
        interaction: Interaction::None,
        place: None,
    }
}

fn alice() -> UserName {
    UserName::parse("alice").unwrap()
}

fn begin(all: &Enrollments, caller: &Caller, user: &UserName, now: u64) -> Result<(), Fault> {
    let token = totp("phone", "2SH3V3GDW7ZNMGYE");
    let watch = Watch(tokio::spawn(std::future::pending()));
    let begun = Begun {
        token,
        uid: 1000,
        claim: Claim::FirstToken,
        login: None,
    };
    all.begin(caller, user, begun, Some(watch), now)
        .map_err(|refusal| refusal.fault)
}

fn confirm(all: &Enrollments, caller: &Caller, now: u64) -> Result<(), Fault> {
    let begun = all.try_confirm(caller, &alice(), now);
    begun.map(drop).map_err(|refusal| refusal.fault)
}

#[tokio::test]
async fn an_enrollment_belongs_to_the_connection_that_began_it() {
    let all = Enrollments::default();
    let (mine, other) = (caller(1000, ":1.5"), caller(1000, ":1.6"));
    begin(&all, &mine, &alice(), NOW).unwrap();
    assert_eq!(confirm(&all, &other, NOW), Err(Fault::NoPendingEnrollment));
    assert_eq!(
        all.forget(&other, &alice()).unwrap_err().fault,
        Fault::NoPendingEnrollment
    );
    assert_eq!(confirm(&all, &mine, NOW), Ok(()));
    all.forget(&mine, &alice()).unwrap();
    assert_eq!(confirm(&all, &mine, NOW), Err(Fault::NoPendingEnrollment));
}

#[tokio::test]
async fn an_enrollment_ends_all_others_that_were_begun_for_the_user() {
    let all = Enrollments::default();
    let (mine, other) = (caller(1000, ":1.5"), caller(1000, ":1.6"));
    begin(&all, &mine, &alice(), NOW).unwrap();
    begin(&all, &other, &alice(), NOW).unwrap();
    all.forget_all(&alice());
    for caller in [mine, other] {
        assert_eq!(confirm(&all, &caller, NOW), Err(Fault::NoPendingEnrollment));
    }
}

#[tokio::test]
async fn it_ends_after_ten_minutes_and_when_the_clock_is_put_back() {
    let mine = caller(1000, ":1.5");
    for (now, expected) in [
        (NOW + 599, Ok(())),
        (NOW + 600, Err(Fault::NoPendingEnrollment)),
        (NOW - 1, Err(Fault::NoPendingEnrollment)),
    ] {
        let all = Enrollments::default();
        begin(&all, &mine, &alice(), NOW).unwrap();
        assert_eq!(confirm(&all, &mine, now), expected, "{now}");
    }
}

#[tokio::test]
async fn it_ends_after_ten_tries() {
    let all = Enrollments::default();
    let mine = caller(1000, ":1.5");
    begin(&all, &mine, &alice(), NOW).unwrap();
    for _ in 0..10 {
        assert_eq!(confirm(&all, &mine, NOW), Ok(()));
    }
    assert_eq!(confirm(&all, &mine, NOW), Err(Fault::NoPendingEnrollment));
}

#[tokio::test]
async fn one_uid_does_not_take_all_places() {
    let all = Enrollments::default();
    for number in 0..8 {
        begin(&all, &caller(1000, &format!(":1.{number}")), &alice(), NOW).unwrap();
    }
    assert_eq!(
        begin(&all, &caller(1000, ":1.8"), &alice(), NOW),
        Err(Fault::Busy)
    );
    assert_eq!(begin(&all, &caller(1000, ":1.7"), &alice(), NOW), Ok(()));
    assert_eq!(begin(&all, &caller(1001, ":1.9"), &alice(), NOW), Ok(()));
    assert_eq!(
        begin(&all, &caller(1000, ":1.8"), &alice(), NOW + 600),
        Ok(())
    );
}

fn root(number: u64) -> Caller {
    Caller {
        line: Line::Direct(number),
        ..caller(0, ":1.1")
    }
}

fn login(receipt: &str, rhost: &str) -> Login {
    let rhost = OwnedVariant::try_from(Variant::from(rhost)).unwrap();
    let sent = HashMap::from([("rhost".to_owned(), rhost)]);
    Login {
        circumstances: Circumstances::read(sent, &root(1)).unwrap(),
        receipt: Receipt::new(receipt.to_owned()),
    }
}

fn begin_from(all: &Enrollments, number: u64, user: &UserName, rhost: &str) -> Result<(), Fault> {
    let begun = Begun {
        token: totp("phone", "2SH3V3GDW7ZNMGYE"),
        uid: 1000,
        claim: Claim::FirstToken,
        login: Some(login("R", rhost)),
    };
    all.begin(&root(number), user, begun, None, NOW)
        .map_err(|refusal| refusal.fault)
}

fn begin_in_a_login(all: &Enrollments, number: u64) -> Result<(), Fault> {
    begin_from(all, number, &alice(), "")
}

fn confirm_in_a_login(all: &Enrollments, number: u64, receipt: &str) -> Result<(), Fault> {
    let confirmed = Confirmed {
        account: Account::new(alice(), 1000),
        login: login(receipt, ""),
    };
    all.confirmed(&root(number), &alice(), confirmed, NOW)
        .map_err(|refusal| refusal.fault)
}

#[test]
fn what_is_begun_on_the_login_socket_ends_with_its_connection_and_not_after_it() {
    let all = Enrollments::default();
    let gone = Err(Fault::NoPendingEnrollment);
    assert_eq!(begin_in_a_login(&all, 1), gone, "nobody connected");
    all.opened(Line::Direct(1));
    assert_eq!(begin_in_a_login(&all, 1), Ok(()));
    assert_eq!(confirm(&all, &root(1), NOW), Ok(()));
    all.closed(&Line::Direct(1));
    assert_eq!(confirm(&all, &root(1), NOW), gone);
    // A call that is answered after its connection has gone leaves nothing either.
    assert_eq!(begin_in_a_login(&all, 1), gone);
}

#[test]
fn logins_of_one_source_take_no_places_of_another_or_of_another_user() {
    let all = Enrollments::default();
    for number in 0..30 {
        all.opened(Line::Direct(number));
    }
    let (here, elsewhere) = ("", "192.0.2.66");
    for number in 0..8 {
        assert_eq!(begin_from(&all, number, &alice(), elsewhere), Ok(()));
    }
    // Confirming gives no place back.
    assert_eq!(confirm_in_a_login(&all, 0, "R0"), Ok(()));
    let full = Err(Fault::Busy);
    assert_eq!(begin_from(&all, 8, &alice(), elsewhere), full);
    assert_eq!(begin_from(&all, 9, &alice(), here), Ok(()));
    assert_eq!(begin_from(&all, 10, &alice(), "192.0.2.67"), Ok(()));
    let bob = UserName::parse("bob").unwrap();
    assert_eq!(begin_from(&all, 11, &bob, elsewhere), Ok(()));
    all.closed(&Line::Direct(7));
    assert_eq!(begin_from(&all, 12, &alice(), elsewhere), Ok(()));
}

#[tokio::test]
async fn all_logins_together_are_bounded_and_leave_the_others_their_places() {
    let all = Enrollments::default();
    for number in 0..1_000 {
        all.opened(Line::Direct(number));
        let rhost = format!("192.0.2.{}", number / 8);
        assert_eq!(begin_from(&all, number, &alice(), &rhost), Ok(()));
    }
    all.opened(Line::Direct(1_000));
    let full = begin_from(&all, 1_000, &alice(), "198.51.100.1");
    assert_eq!(full, Err(Fault::Busy));
    assert_eq!(begin(&all, &caller(1000, ":1.5"), &alice(), NOW), Ok(()));
}

#[test]
fn what_was_confirmed_in_a_login_is_there_for_its_receipt_for_ten_minutes() {
    let all = Enrollments::default();
    let found = |user: &UserName, receipt: &str, now| {
        let found = all.completed(user, receipt, now);
        found.map(drop).map_err(|refusal| refusal.fault)
    };
    let bob = UserName::parse("bob").unwrap();
    for number in 0..8 {
        all.opened(Line::Direct(number));
        begin_in_a_login(&all, number).unwrap();
        confirm_in_a_login(&all, number, &format!("R{number}")).unwrap();
        all.closed(&Line::Direct(number));
    }
    all.opened(Line::Direct(8));
    assert_eq!(begin_in_a_login(&all, 8), Err(Fault::Busy));
    let none = Err(Fault::NoPendingEnrollment);
    assert_eq!(
        found(&alice(), "R0", NOW),
        Ok(()),
        "it makes way for nobody"
    );
    assert_eq!(found(&alice(), "R7", NOW), Ok(()));
    assert_eq!(found(&alice(), "", NOW), none);
    assert_eq!(found(&bob, "R1", NOW), none);
    assert_eq!(found(&alice(), "R7", NOW + 599), Ok(()));
    assert_eq!(confirm_in_a_login(&all, 7, "R"), none, "once");
    assert_eq!(found(&alice(), "R7", NOW + 600), none);
    begin_in_a_login(&all, 8).unwrap();
    confirm_in_a_login(&all, 8, "R").unwrap();
    all.forget_all(&alice());
    assert_eq!(found(&alice(), "R", NOW), none);
}
