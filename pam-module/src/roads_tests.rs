//! Both roads, against a server that does what a script says.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::{Duration, Instant};

use countersign_bus::{Requirement, Verdict};
use countersign_words::Language;
use zbus::message::Message;
use zbus::{OwnedVariant, Variant};

use super::*;
use crate::deadline::SystemClock;
use crate::scripted_server::{Peer, Script, Server};

const BUS: Option<&str> = Some("org.freedesktop.DBus");
const DAEMON: Option<&str> = Some(":1.7");
/// Short enough for a test, long enough for a busy machine to do what does not hang.
const SHORT: Duration = Duration::from_millis(400);
const LONG: Duration = Duration::from_secs(20);

fn machine() -> Machine {
    // The tests' own user plays the daemon's: the kernel's word cannot be scripted.
    Machine {
        effective_uid: ffi::effective_uid(),
        daemon_uid: || Some(ffi::effective_uid()),
        serial: unforeseeable,
    }
}

fn roads(route: Route, timeout: Duration) -> Roads<'static> {
    let budget = Budget::new(&SystemClock, timeout);
    Roads {
        machine: machine(),
        route,
        budget,
        detour: None,
        kept: None,
        held: None,
    }
}

fn nowhere() -> Address {
    Address::Path("/nonexistent/socket".to_owned())
}

fn direct(server: &Server, timeout: Duration) -> Roads<'static> {
    roads(
        Route::DirectThenBus {
            socket: server.address(),
            bus: nowhere(),
        },
        timeout,
    )
}

fn bus(server: &Server, timeout: Duration) -> Roads<'static> {
    roads(Route::Bus(server.address()), timeout)
}

fn script(script: impl FnOnce(&mut Peer) + Send + 'static) -> Script {
    Box::new(script)
}

fn alice() -> UserName {
    UserName::parse("alice").unwrap()
}

fn code() -> Code {
    Code::parse("050548").unwrap()
}

fn context() -> Context {
    Context {
        service: Some("sshd".into()),
        tty: Some("ssh".into()),
        rhost: None,
        session: None,
    }
}

fn details<'a>(pairs: &[(&'a str, Variant<'a>)]) -> HashMap<&'a str, Variant<'a>> {
    pairs
        .iter()
        .map(|(key, value)| (*key, value.try_clone().unwrap()))
        .collect()
}

/// What a bus does up to the question: greets, and says that uid `owner` is behind the name.
fn be_the_bus(peer: &mut Peer, owner: u32) {
    peer.accept();
    let hello = peer.expect("Hello");
    let get_owner = peer.expect("GetNameOwner");
    peer.answer(&hello, BUS, &":1.42");
    peer.answer(&get_owner, BUS, &":1.7");
    let user = peer.expect("GetConnectionUnixUser");
    assert_eq!(user.body().deserialize::<&str>().unwrap(), ":1.7");
    peer.answer(&user, BUS, &owner);
}

/// The bus with the daemon behind it, up to the question, which is returned.
fn be_asked(peer: &mut Peer, member: &str) -> Message {
    be_the_bus(peer, ffi::effective_uid());
    let call = peer.expect(member);
    assert_eq!(call.header().destination().unwrap().as_str(), ":1.7");
    call
}

fn verify(roads: &mut Roads<'_>) -> Result<Verified, Failure> {
    roads.verify(&alice(), &code(), &context())
}

#[test]
fn the_direct_road_asks_and_hears() {
    let server = Server::new(vec![script(|peer| {
        peer.accept();
        let call = peer.expect("Prepare");
        assert_eq!(call.header().destination(), None);
        let body = call.body();
        let (user, context): (&str, HashMap<&str, Variant<'_>>) = body.deserialize().unwrap();
        assert_eq!((user, context.len()), ("alice", 2));
        let lengths = details(&[
            (keys::CODE_LENGTHS, vec![6_u32, 8].into()),
            (keys::LANGUAGE, "fr".into()),
        ]);
        peer.answer(&call, None, &("code", lengths));
        let call = peer.expect("Verify");
        let body = call.body();
        let (_, code, _): (&str, &str, HashMap<&str, Variant<'_>>) = body.deserialize().unwrap();
        assert_eq!(code, "050548");
        let left = details(&[(keys::RECOVERY_CODES_LEFT, 9_u32.into())]);
        peer.answer(&call, None, &("accepted", left));
    })]);
    let mut roads = direct(&server, LONG);
    let prepared = roads.prepare(&alice(), &context()).unwrap();
    assert_eq!(
        prepared,
        Prepared {
            requirement: Requirement::Code,
            enroll_by: None,
            code_lengths: vec![6, 8],
            language: Language::French,
        }
    );
    let verified = verify(&mut roads).unwrap();
    assert_eq!(verified.verdict, Verdict::Accepted);
    assert_eq!(verified.recovery_codes_left, Some(9));
    assert!(roads.detour().is_none());
    server.finish();
}

/// Answers `Prepare` with `code`, and returns with what else has come.
fn be_prepared(peer: &mut Peer, sender: Option<&str>, said: &[(&str, Variant<'_>)]) {
    let call = peer.expect("Prepare");
    peer.answer(&call, sender, &("code", details(said)));
}

#[test]
fn prepare_goes_with_the_handshake_and_the_code_by_the_same_connection() {
    let server = Server::new(vec![script(|peer| {
        let sent = peer.wait_for("Prepare");
        assert!(sent.starts_with(b"\0AUTH EXTERNAL "));
        peer.accept();
        be_prepared(peer, None, &[]);
        for answer in ["wrong", "accepted"] {
            let call = peer.expect("Verify");
            peer.answer(&call, None, &(answer, details(&[])));
        }
    })]);
    let mut roads = direct(&server, LONG);
    roads.prepare(&alice(), &context()).unwrap();
    for verdict in [Verdict::Wrong, Verdict::Accepted] {
        assert_eq!(verify(&mut roads).unwrap().verdict, verdict);
    }
    server.finish();
}

#[test]
fn a_connection_that_ended_while_the_person_typed_is_made_anew() {
    let server = Server::new(vec![
        script(|peer| {
            peer.accept();
            be_prepared(peer, None, &[]);
        }),
        script(|peer| {
            peer.accept();
            let call = peer.expect("Verify");
            peer.answer(&call, None, &("accepted", details(&[])));
        }),
    ]);
    let mut roads = direct(&server, LONG);
    roads.prepare(&alice(), &context()).unwrap();
    assert_eq!(verify(&mut roads).unwrap().verdict, Verdict::Accepted);
    server.finish();
}

#[test]
fn a_question_left_unread_on_a_kept_connection_is_put_again_and_one_that_was_read_is_not() {
    for read in [false, true] {
        let mut scripts = vec![script(move |peer| {
            peer.accept();
            be_prepared(peer, None, &[]);
            peer.first_byte();
            if read {
                peer.expect("Verify");
            }
        })];
        if !read {
            scripts.push(script(|peer| {
                peer.accept();
                let call = peer.expect("Verify");
                peer.answer(&call, None, &("accepted", details(&[])));
            }));
        }
        let server = Server::new(scripts);
        let mut roads = direct(&server, LONG);
        roads.prepare(&alice(), &context()).unwrap();
        match verify(&mut roads) {
            Ok(verified) => assert!(!read && verified.verdict == Verdict::Accepted),
            Err(failure) => {
                let closed = matches!(failure, Failure::Closed { step: Step::Verify });
                assert!(read && closed, "{failure}");
            }
        }
        server.finish();
    }
}

#[test]
fn a_kept_connection_to_which_a_stranger_writes_is_not_used_any_more() {
    let chatter = || {
        let signal = Message::signal("/", "org.x.Y", "Z").sender(":1.99");
        signal.build(&"x").unwrap().data().to_vec()
    };
    let (sent, written) = std::sync::mpsc::channel();
    let server = Server::new(vec![
        script(move |peer| {
            be_the_bus(peer, ffi::effective_uid());
            be_prepared(peer, DAEMON, &[]);
            peer.send(&chatter());
            sent.send(()).unwrap();
            assert_eq!(peer.hang(), b"");
        }),
        script(|peer| {
            let call = be_asked(peer, "Verify");
            peer.answer(&call, DAEMON, &("accepted", details(&[])));
        }),
    ]);
    let mut roads = bus(&server, LONG);
    roads.machine.effective_uid = 1000;
    roads.prepare(&alice(), &context()).unwrap();
    written.recv().unwrap();
    assert_eq!(verify(&mut roads).unwrap().verdict, Verdict::Accepted);
    server.finish();
}

#[test]
fn only_the_bus_says_that_a_question_reached_nobody() {
    let server = Server::new(vec![script(|peer| {
        let call = be_asked(peer, "Verify");
        let name = "org.freedesktop.DBus.Error.AccessDenied";
        peer.refuse(
            &call,
            DAEMON,
            name,
            "said by the daemon, which has heard it",
        );
    })]);
    let failure = verify(&mut bus(&server, LONG)).unwrap_err();
    assert!(!failure.is_undelivered(), "{failure}");
    server.finish();
}

#[test]
fn root_keeps_a_connection_to_the_bus_only_by_the_daemons_leave_and_others_always() {
    for (uid, said, kept) in [
        (0, None, false),
        (0, Some(false), false),
        (0, Some(true), true),
        (1000, None, true),
    ] {
        let said: Vec<_> = said.map(|it| (keys::KEEP, it.into())).into_iter().collect();
        let answer = |peer: &mut Peer| {
            let call = peer.expect("Verify");
            peer.answer(&call, DAEMON, &("accepted", details(&[])));
        };
        let mut scripts = vec![script(move |peer| {
            be_the_bus(peer, ffi::effective_uid());
            be_prepared(peer, DAEMON, &said);
            if kept {
                answer(peer);
            } else {
                assert_eq!(peer.hang(), b"");
            }
        })];
        if !kept {
            scripts.push(script(move |peer| {
                be_the_bus(peer, ffi::effective_uid());
                answer(peer);
            }));
        }
        let server = Server::new(scripts);
        let mut roads = bus(&server, LONG);
        roads.machine.effective_uid = uid;
        roads.prepare(&alice(), &context()).unwrap();
        assert_eq!(verify(&mut roads).unwrap().verdict, Verdict::Accepted);
        server.finish();
    }
}

#[test]
fn what_a_foreign_owner_says_to_a_question_that_went_ahead_does_not_count() {
    let server = Server::new(vec![script(|peer| {
        be_the_bus(peer, ffi::effective_uid() + 1);
        let call = peer.expect("Prepare");
        peer.answer(&call, DAEMON, &("none", details(&[])));
        assert_eq!(peer.hang(), b"");
    })]);
    let failure = bus(&server, LONG).prepare(&alice(), &context());
    let foreign = matches!(failure, Err(Failure::ForeignOwner { .. }));
    assert!(foreign, "{failure:?}");
    server.finish();
}

#[test]
fn a_language_that_there_are_no_words_in_is_english() {
    for named in [
        details(&[]),
        details(&[(keys::LANGUAGE, "eo".into())]),
        details(&[(keys::LANGUAGE, 1_u32.into())]),
    ] {
        let server = Server::new(vec![script(move |peer| {
            peer.accept();
            let call = peer.expect("Prepare");
            peer.answer(&call, None, &("code", named));
        })]);
        let prepared = direct(&server, LONG).prepare(&alice(), &context()).unwrap();
        assert_eq!(prepared.language, Language::English);
        server.finish();
    }
}

#[test]
fn the_bus_road_asks_the_pinned_owner() {
    let server = Server::new(vec![script(|peer| {
        let call = be_asked(peer, "Verify");
        let retry = details(&[(keys::RETRY_AFTER, 30_u32.into()), ("new-key", true.into())]);
        peer.answer(&call, DAEMON, &("throttled", retry));
    })]);
    let verified = verify(&mut bus(&server, LONG)).unwrap();
    assert_eq!(
        (verified.verdict, verified.retry_after),
        (Verdict::Throttled, Some(30))
    );
    server.finish();
}

#[test]
fn a_detail_of_the_wrong_type_is_left_out() {
    let server = Server::new(vec![script(|peer| {
        let call = be_asked(peer, "Verify");
        peer.answer(
            &call,
            DAEMON,
            &("throttled", details(&[(keys::RETRY_AFTER, "30".into())])),
        );
    })]);
    assert_eq!(verify(&mut bus(&server, LONG)).unwrap().retry_after, None);
    server.finish();
}

#[test]
fn a_daemon_that_does_not_run_is_started() {
    let server = Server::new(vec![script(|peer| {
        peer.accept();
        let hello = peer.expect("Hello");
        peer.answer(&hello, BUS, &":1.42");
        let owner = peer.expect("GetNameOwner");
        peer.refuse(
            &owner,
            BUS,
            "org.freedesktop.DBus.Error.NameHasNoOwner",
            "no owner",
        );
        let start = peer.expect("StartServiceByName");
        peer.answer(&start, BUS, &1_u32);
        let owner = peer.expect("GetNameOwner");
        peer.answer(&owner, BUS, &":1.7");
        let user = peer.expect("GetConnectionUnixUser");
        peer.answer(&user, BUS, &ffi::effective_uid());
        let call = peer.expect("Verify");
        peer.answer(&call, DAEMON, &("wrong", details(&[])));
    })]);
    assert_eq!(
        verify(&mut bus(&server, LONG)).unwrap().verdict,
        Verdict::Wrong
    );
    server.finish();
}

#[test]
fn a_foreign_owner_of_the_name_gets_no_code() {
    let server = Server::new(vec![script(|peer| {
        be_the_bus(peer, ffi::effective_uid() + 1);
        assert_eq!(peer.hang(), b"");
    })]);
    let failure = verify(&mut bus(&server, LONG)).unwrap_err();
    assert!(matches!(failure, Failure::ForeignOwner { .. }), "{failure}");
    server.finish();
}

#[test]
fn only_root_and_the_daemons_user_are_trusted() {
    let known = Machine {
        daemon_uid: || Some(998),
        ..machine()
    };
    assert!(known.trusts(0) && known.trusts(998));
    assert!(!known.trusts(1000) && !known.trusts(u32::MAX));
    let unknown = Machine {
        daemon_uid: || None,
        ..machine()
    };
    assert!(unknown.trusts(0));
    assert!(!unknown.trusts(998));
}

#[test]
fn root_goes_by_the_socket_first_and_a_named_bus_is_the_only_road() {
    assert_eq!(Route::choose(1000, None), Route::Bus(Address::system_bus()));
    assert_eq!(Route::choose(0, Some(&nowhere())), Route::Bus(nowhere()));
    let both = Route::DirectThenBus {
        socket: Address::login_socket(),
        bus: Address::system_bus(),
    };
    assert_eq!(Route::choose(0, None), both);
}

#[test]
fn without_a_login_socket_the_bus_is_asked_and_nothing_is_made_of_it() {
    let server = Server::new(vec![script(|peer| {
        let call = be_asked(peer, "Verify");
        peer.answer(&call, DAEMON, &("accepted", details(&[])));
    })]);
    let route = Route::DirectThenBus {
        socket: nowhere(),
        bus: server.address(),
    };
    let mut roads = roads(route, LONG);
    assert_eq!(verify(&mut roads).unwrap().verdict, Verdict::Accepted);
    assert!(roads.detour().is_none());
    server.finish();
}

#[test]
fn by_a_login_socket_that_leads_nowhere_the_bus_is_asked_and_the_reason_kept() {
    let server = Server::new(vec![script(|peer| {
        let call = be_asked(peer, "Verify");
        peer.answer(&call, DAEMON, &("accepted", details(&[])));
    })]);
    let route = Route::DirectThenBus {
        socket: Address::Path("/dev/null".to_owned()),
        bus: server.address(),
    };
    let mut roads = roads(route, LONG);
    assert_eq!(verify(&mut roads).unwrap().verdict, Verdict::Accepted);
    let why = roads.detour().unwrap().to_string();
    assert!(why.starts_with("cannot connect to /dev/null: "), "{why}");
    server.finish();
}

#[test]
fn without_any_road_both_reasons_are_given_at_once() {
    let begun = Instant::now();
    let route = Route::DirectThenBus {
        socket: nowhere(),
        bus: nowhere(),
    };
    let failure = verify(&mut roads(route, LONG)).unwrap_err();
    assert!(matches!(failure, Failure::BothRoads { .. }), "{failure}");
    assert!(begun.elapsed() < LONG / 2);
}

#[test]
fn a_code_that_was_sent_is_not_sent_again_by_the_other_road() {
    let server = Server::new(vec![script(|peer| {
        peer.accept();
        peer.expect("Verify");
    })]);
    let other = Server::new(vec![script(|_| panic!("the bus was asked as well"))]);
    let route = Route::DirectThenBus {
        socket: server.address(),
        bus: other.address(),
    };
    let failure = verify(&mut roads(route, LONG)).unwrap_err();
    assert!(
        matches!(failure, Failure::Closed { step: Step::Verify }),
        "{failure}"
    );
    server.finish();
}

#[test]
fn the_code_does_not_leave_before_the_other_end_has_answered() {
    let server = Server::new(vec![script(|peer| {
        let sent = peer.hang();
        assert!(sent.starts_with(b"\0AUTH EXTERNAL "));
        assert!(!sent.windows(6).any(|part| part == b"050548"));
    })]);
    assert!(verify(&mut direct(&server, SHORT)).is_err());
    server.finish();
}

/// Runs a script that hangs and checks that the wait ends in time, and what the log would say.
fn hangs(at: Step, bus_script: Script) {
    let server = Server::new(vec![bus_script]);
    let begun = Instant::now();
    let failure = verify(&mut bus(&server, SHORT)).unwrap_err();
    assert!(begun.elapsed() >= SHORT);
    assert!(begun.elapsed() < SHORT * 10);
    assert!(
        matches!(failure, Failure::TimedOut { step, .. } if step == at),
        "{failure}"
    );
    server.finish();
}

#[test]
fn a_bus_that_hangs_anywhere_is_left_in_time() {
    hangs(Step::Handshake, script(|peer| drop(peer.hang())));
    hangs(
        Step::Hello,
        script(|peer| {
            peer.accept();
            peer.hang();
        }),
    );
    hangs(
        Step::Owner,
        script(|peer| {
            peer.accept();
            let hello = peer.expect("Hello");
            peer.answer(&hello, BUS, &":1.42");
            peer.hang();
        }),
    );
    hangs(
        Step::Start,
        script(|peer| {
            peer.accept();
            let hello = peer.expect("Hello");
            peer.answer(&hello, BUS, &":1.42");
            let owner = peer.expect("GetNameOwner");
            peer.refuse(&owner, BUS, "org.freedesktop.DBus.Error.NameHasNoOwner", "");
            peer.hang();
        }),
    );
    hangs(
        Step::OwnerUser,
        script(|peer| {
            peer.accept();
            let hello = peer.expect("Hello");
            let owner = peer.expect("GetNameOwner");
            peer.answer(&hello, BUS, &":1.42");
            peer.answer(&owner, BUS, &":1.7");
            peer.hang();
        }),
    );
    hangs(
        Step::Verify,
        script(|peer| {
            be_asked(peer, "Verify");
            peer.hang();
        }),
    );
}

#[test]
fn a_daemon_that_hangs_on_the_direct_road_is_left_in_time() {
    let server = Server::new(vec![script(|peer| drop(peer.hang()))]);
    let begun = Instant::now();
    let failure = verify(&mut direct(&server, SHORT)).unwrap_err();
    assert!(
        matches!(
            failure,
            Failure::TimedOut {
                step: Step::Handshake,
                ..
            }
        ),
        "{failure}"
    );
    assert!(begun.elapsed() < SHORT * 10);
    server.finish();
}

#[test]
fn a_reply_that_drips_byte_by_byte_does_not_stretch_the_deadline() {
    let server = Server::new(vec![script(|peer| {
        peer.accept();
        // A head that promises 60,000 bytes, and then noise for as long as anybody listens.
        let mut drip = vec![b'l', 2, 0, 1];
        drip.extend_from_slice(&60_000_u32.to_le_bytes());
        drip.extend_from_slice(&[1, 0, 0, 0, 0, 0, 0, 0]);
        for byte in drip {
            peer.send(&[byte]);
        }
        peer.hang();
    })]);
    let begun = Instant::now();
    let failure = verify(&mut bus(&server, SHORT)).unwrap_err();
    assert!(
        matches!(
            failure,
            Failure::TimedOut {
                step: Step::Hello,
                ..
            }
        ),
        "{failure}"
    );
    assert!(begun.elapsed() < SHORT * 10);
    server.finish();
}

#[test]
fn one_time_limit_holds_for_all_questions_together() {
    let server = Server::new(vec![script(|peer| {
        be_asked(peer, "Verify");
        peer.hang();
    })]);
    let mut roads = bus(&server, SHORT);
    verify(&mut roads).unwrap_err();
    let begun = Instant::now();
    let failure = verify(&mut roads).unwrap_err();
    assert!(matches!(failure, Failure::TimedOut { .. }), "{failure}");
    assert!(begun.elapsed() < SHORT / 2);
    server.finish();
}

/// Sends bytes after the question and returns what the module makes of them.
fn after_the_question(bytes: Vec<u8>) -> Failure {
    let server = Server::new(vec![script(move |peer| {
        be_asked(peer, "Verify");
        peer.send(&bytes);
        peer.hang();
    })]);
    let failure = verify(&mut bus(&server, LONG)).unwrap_err();
    server.finish();
    failure
}

#[test]
fn bytes_that_are_no_reply_are_refused() {
    for bytes in [
        vec![0; 64],
        b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(),
        vec![b'l'; 16],
    ] {
        let failure = after_the_question(bytes);
        assert!(
            matches!(
                failure,
                Failure::Malformed { .. } | Failure::TooLarge { .. }
            ),
            "{failure}"
        );
    }
}

#[test]
fn a_reply_too_large_to_be_one_is_not_read() {
    let mut large = vec![b'l', 2, 0, 1];
    large.extend_from_slice(&70_000_u32.to_le_bytes());
    large.extend_from_slice(&[1, 0, 0, 0, 0, 0, 0, 0]);
    let over_the_bus = large.clone();
    let server = Server::new(vec![
        script(move |peer| {
            peer.accept();
            peer.expect("Verify");
            peer.send(&large);
            peer.hang();
        }),
        script(move |peer| {
            be_asked(peer, "Verify");
            peer.send(&over_the_bus);
            peer.hang();
        }),
    ]);
    let begun = Instant::now();
    // Without a broker it can only be the daemon's, and ends the wait.
    for failure in [
        verify(&mut direct(&server, LONG)).unwrap_err(),
        verify(&mut bus(&server, SHORT)).unwrap_err(),
    ] {
        assert!(
            matches!(failure, Failure::TooLarge { bytes: 70_016, .. }),
            "{failure}"
        );
    }
    assert!(begun.elapsed() < LONG);
    server.finish();
}

#[test]
fn a_refused_or_strange_handshake_is_told_apart_from_a_missing_one() {
    for line in [
        &b"REJECTED EXTERNAL\r\n"[..],
        b"OKAY\r\n",
        &[b'x'; 1000],
        b"220 mail ready\r\n",
    ] {
        let line = line.to_vec();
        let server = Server::new(vec![script(move |peer| {
            peer.send(&line);
            peer.hang();
        })]);
        let failure = verify(&mut bus(&server, LONG)).unwrap_err();
        assert!(matches!(failure, Failure::NotAuthenticated), "{failure}");
        server.finish();
    }
}

#[test]
fn a_daemon_that_disappears_is_a_failure_at_once() {
    let server = Server::new(vec![script(|peer| {
        be_asked(peer, "Verify");
    })]);
    let failure = verify(&mut bus(&server, LONG)).unwrap_err();
    assert!(
        matches!(failure, Failure::Closed { step: Step::Verify }),
        "{failure}"
    );
    server.finish();
}

/// The bus answers in the daemon's place when that is gone before its answer.
#[test]
fn a_daemon_that_leaves_the_bus_with_a_question_is_a_failure_at_once() {
    let name = "org.freedesktop.DBus.Error.NoReply";
    let server = Server::new(vec![script(move |peer| {
        let call = be_asked(peer, "Verify");
        peer.refuse(&call, BUS, name, "the recipient disconnected");
        peer.hang();
    })]);
    let begun = Instant::now();
    let failure = verify(&mut bus(&server, LONG)).unwrap_err().to_string();
    assert!(failure.ends_with(&format!("the error {name}")), "{failure}");
    assert!(begun.elapsed() < LONG / 2);
    server.finish();
}

/// As in an upgrade, when the daemon goes between being found and being asked.
#[test]
fn a_question_that_reached_nobody_is_put_to_the_next_daemon() {
    for error in ["ServiceUnknown", "AccessDenied"] {
        let name = format!("org.freedesktop.DBus.Error.{error}");
        let gone = script(move |peer| {
            let call = be_asked(peer, "Verify");
            peer.refuse(&call, BUS, &name, "nobody has that name");
        });
        let next = script(|peer| {
            let call = be_asked(peer, "Verify");
            peer.answer(&call, DAEMON, &("accepted", details(&[])));
        });
        let server = Server::new(vec![gone, next]);
        let verified = verify(&mut bus(&server, LONG)).unwrap();
        assert_eq!(verified.verdict, Verdict::Accepted);
        server.finish();
    }
}

#[test]
fn a_question_that_reaches_nobody_again_is_a_failure() {
    let gone = || {
        script(|peer| {
            let call = be_asked(peer, "Verify");
            let name = "org.freedesktop.DBus.Error.AccessDenied";
            peer.refuse(&call, BUS, name, "nobody has that name");
        })
    };
    let server = Server::new(vec![gone(), gone()]);
    let failure = verify(&mut bus(&server, LONG)).unwrap_err();
    assert!(failure.is_undelivered(), "{failure}");
    server.finish();
}

#[test]
fn an_error_from_a_stranger_does_not_count() {
    let server = Server::new(vec![script(|peer| {
        let call = be_asked(peer, "Verify");
        peer.refuse(&call, Some(":1.8"), "org.example.Error", "");
        peer.answer(&call, DAEMON, &("wrong", details(&[])));
    })]);
    let verified = verify(&mut bus(&server, LONG)).unwrap();
    assert_eq!(verified.verdict, Verdict::Wrong);
    server.finish();
}

#[test]
fn a_question_that_the_bus_cannot_deliver_is_a_failure_at_once() {
    let gone = "org.freedesktop.DBus.Error.NoReply";
    let server = Server::new(vec![script(move |peer| {
        let call = be_asked(peer, "Verify");
        peer.refuse(
            &call,
            Some(":1.8"),
            "org.x.Error.NotMine",
            "from a stranger",
        );
        peer.refuse(&call, BUS, gone, "recipient disconnected");
        peer.hang();
    })]);
    let failure = verify(&mut bus(&server, LONG)).unwrap_err();
    assert!(
        matches!(&failure, Failure::Refused { step: Step::Verify, name, .. } if name == gone),
        "{failure}"
    );
    server.finish();
}

#[test]
fn an_answer_of_another_type_or_word_is_refused() {
    let server = Server::new(vec![
        script(|peer| {
            let call = be_asked(peer, "Verify");
            peer.answer(&call, DAEMON, &"accepted");
        }),
        script(|peer| {
            let call = be_asked(peer, "Verify");
            peer.answer(&call, DAEMON, &("welcome", details(&[])));
        }),
    ]);
    let mut roads = bus(&server, LONG);
    let failure = verify(&mut roads).unwrap_err();
    assert!(matches!(failure, Failure::Malformed { .. }), "{failure}");
    let failure = verify(&mut roads).unwrap_err();
    assert!(
        matches!(failure, Failure::UnknownWord { step: Step::Verify }),
        "{failure}"
    );
    server.finish();
}

#[test]
fn an_error_is_named_and_its_text_kept_away_from_the_code() {
    let server = Server::new(vec![
        script(|peer| {
            let call = be_asked(peer, "Verify");
            peer.refuse(
                &call,
                DAEMON,
                "org.countersign1.Error.Busy",
                "the code was 050548",
            );
        }),
        script(|peer| {
            let call = be_asked(peer, "Prepare");
            peer.refuse(
                &call,
                DAEMON,
                "org.countersign1.Error.AccessDenied",
                "not root",
            );
        }),
    ]);
    let mut roads = bus(&server, LONG);
    let failure = verify(&mut roads).unwrap_err().to_string();
    assert!(
        failure.ends_with("the error org.countersign1.Error.Busy"),
        "{failure}"
    );
    let failure = roads.prepare(&alice(), &context()).unwrap_err().to_string();
    assert!(failure.ends_with("the error org.countersign1.Error.AccessDenied: not root"));
    server.finish();
}

#[test]
fn an_answer_from_anybody_but_the_pinned_owner_does_not_count() {
    let server = Server::new(vec![script(|peer| {
        let call = be_asked(peer, "Verify");
        for other in [Some(":1.8"), BUS, None, Some(":1.70")] {
            peer.answer(&call, other, &("accepted", details(&[])));
        }
        peer.answer(&call, DAEMON, &("wrong", details(&[])));
    })]);
    assert_eq!(
        verify(&mut bus(&server, LONG)).unwrap().verdict,
        Verdict::Wrong
    );
    server.finish();
}

#[test]
fn an_answer_that_comes_before_its_question_does_not_count() {
    let server = Server::new(vec![script(|peer| {
        peer.accept();
        let hello = peer.expect("Hello");
        let owner = peer.expect("GetNameOwner");
        peer.answer(&hello, BUS, &":1.42");
        peer.answer(&owner, BUS, &":1.7");
        let user = peer.expect("GetConnectionUnixUser");
        // The serials that come next if they are counted up, from the daemon's own name.
        for ahead in 1..10 {
            let serial = user.primary_header().serial_num().get().wrapping_add(ahead);
            let early = Message::method_call("/", "Guess")
                .serial(NonZeroU32::new(serial).unwrap_or(NonZeroU32::MIN))
                .build(&())
                .unwrap();
            peer.answer(&early, DAEMON, &("accepted", details(&[])));
        }
        peer.answer(&user, BUS, &ffi::effective_uid());
        let call = peer.expect("Verify");
        peer.answer(&call, DAEMON, &("wrong", details(&[])));
    })]);
    assert_eq!(
        verify(&mut bus(&server, LONG)).unwrap().verdict,
        Verdict::Wrong
    );
    server.finish();
}

#[test]
fn an_answer_to_another_question_does_not_count() {
    static NEXT: AtomicU32 = AtomicU32::new(100);
    let server = Server::new(vec![script(|peer| {
        peer.accept();
        let call = peer.expect("Verify");
        for serial in [1, call.primary_header().serial_num().get() - 1] {
            let other = Message::method_call("/", "Other")
                .serial(NonZeroU32::new(serial).unwrap())
                .build(&())
                .unwrap();
            peer.answer(&other, None, &("accepted", details(&[])));
        }
        peer.answer(&call, None, &("used", details(&[])));
    })]);
    let mut roads = direct(&server, LONG);
    roads.machine.serial = || NonZeroU32::new(NEXT.fetch_add(1, Relaxed)).unwrap();
    assert_eq!(verify(&mut roads).unwrap().verdict, Verdict::Used);
    server.finish();
}

#[test]
fn serials_cannot_be_foreseen() {
    let serials: Vec<_> = (0..4).map(|_| unforeseeable()).collect();
    for pair in serials.windows(2) {
        assert!(pair[0].get().abs_diff(pair[1].get()) > 16, "{serials:?}");
    }
}

#[test]
fn some_signals_are_skipped_and_a_flood_ends_the_wait() {
    let signal = || {
        Message::signal(
            "/org/freedesktop/DBus",
            "org.freedesktop.DBus",
            "NameAcquired",
        )
        .sender("org.freedesktop.DBus")
        .build(&":1.42")
        .unwrap()
        .data()
        .to_vec()
    };
    let server = Server::new(vec![
        script(move |peer| {
            let call = be_asked(peer, "Verify");
            for _ in 0..5 {
                peer.send(&signal());
            }
            peer.answer(&call, DAEMON, &("accepted", details(&[])));
        }),
        script(move |peer| {
            be_asked(peer, "Verify");
            for _ in 0..100 {
                peer.send(&signal());
            }
            peer.hang();
        }),
    ]);
    let mut roads = bus(&server, LONG);
    assert_eq!(verify(&mut roads).unwrap().verdict, Verdict::Accepted);
    let failure = verify(&mut roads).unwrap_err();
    assert!(
        matches!(failure, Failure::TooManyUnrelated { .. }),
        "{failure}"
    );
    server.finish();
}

#[test]
fn strangers_on_the_bus_do_not_end_the_wait_however_much_they_send() {
    let chatter = |size: usize| {
        Message::signal("/", "org.x.Y", "Z")
            .sender(":1.99")
            .build(&"x".repeat(size))
            .unwrap()
            .data()
            .to_vec()
    };
    let server = Server::new(vec![script(move |peer| {
        let call = be_asked(peer, "Verify");
        for _ in 0..1000 {
            peer.send(&chatter(1));
        }
        for _ in 0..50 {
            peer.send(&chatter(100_000));
        }
        peer.answer(&call, DAEMON, &("accepted", details(&[])));
    })]);
    let verified = verify(&mut bus(&server, LONG)).unwrap();
    assert_eq!(verified.verdict, Verdict::Accepted);
    server.finish();
}

#[test]
fn the_greeting_names_the_effective_user_in_hex() {
    assert_eq!(crate::bus_road::greeting(0), "\0AUTH EXTERNAL 30\r\n");
    assert_eq!(
        crate::bus_road::greeting(1000),
        "\0AUTH EXTERNAL 31303030\r\n"
    );
}

#[test]
fn an_enrollment_goes_on_on_the_connection_that_began_it() {
    let server = Server::new(vec![
        script(|peer| {
            peer.accept();
            let call = peer.expect("BeginEnrollment");
            let header = call.header();
            assert_eq!(
                header.interface().unwrap().as_str(),
                "org.countersign1.Account"
            );
            let body = call.body();
            let (user, options): (&str, HashMap<&str, Variant<'_>>) = body.deserialize().unwrap();
            assert_eq!(user, "alice");
            let login = options[keys::LOGIN].try_clone().unwrap();
            let login: HashMap<String, String> =
                HashMap::<String, OwnedVariant>::try_from(OwnedVariant::try_from(login).unwrap())
                    .unwrap()
                    .into_iter()
                    .map(|(key, value)| (key, value.try_into().unwrap()))
                    .collect();
            assert_eq!(login["service"], "sshd");
            let answer = details(&[("receipt", "R".into()), ("secret", "S".into())]);
            peer.answer(&call, None, &("otpauth://x", answer));
            for right in [false, true] {
                let call = peer.expect("ConfirmEnrollment");
                let body = call.body();
                let (_, code): (&str, &str) = body.deserialize().unwrap();
                assert_eq!(code, self::code().expose());
                if right {
                    peer.answer(&call, None, &vec!["one", "two"]);
                } else {
                    let name = "org.countersign1.Error.CodeNotAccepted";
                    peer.refuse(&call, None, name, "no");
                }
            }
        }),
        script(|peer| {
            peer.accept();
            let call = peer.expect("CompleteEnrollment");
            let body = call.body();
            assert_eq!(body.deserialize::<(&str, &str)>().unwrap(), ("alice", "R"));
            peer.answer(&call, None, &());
        }),
    ]);
    let mut roads = direct(&server, Duration::from_secs(5));
    let begun = roads.begin_enrollment(&alice(), &context()).unwrap();
    assert_eq!(
        (begun.uri.as_str(), begun.receipt.as_str()),
        ("otpauth://x", "R")
    );
    let first = roads.confirm_enrollment(&alice(), &code()).unwrap();
    assert!(matches!(first, Confirmed::WrongCode));
    let Confirmed::Yes(codes) = roads.confirm_enrollment(&alice(), &code()).unwrap() else {
        panic!("the daemon said yes");
    };
    assert_eq!(
        codes.iter().map(|it| it.as_str()).collect::<Vec<_>>(),
        ["one", "two"]
    );
    roads.complete_enrollment(&alice(), &begun.receipt).unwrap();
    server.finish();
}

#[test]
fn an_enrollment_whose_daemon_is_gone_is_a_failure_and_not_begun_anew() {
    let server = Server::new(vec![script(|peer| {
        peer.accept();
        let call = peer.expect("BeginEnrollment");
        peer.answer(
            &call,
            None,
            &("otpauth://x", details(&[("receipt", "R".into())])),
        );
    })]);
    let mut roads = direct(&server, Duration::from_secs(5));
    roads.begin_enrollment(&alice(), &context()).unwrap();
    for _ in 0..2 {
        let failure = roads
            .confirm_enrollment(&alice(), &code())
            .map(drop)
            .unwrap_err();
        assert!(
            failure.to_string().contains("ConfirmEnrollment"),
            "{failure}"
        );
    }
    server.finish();
}
