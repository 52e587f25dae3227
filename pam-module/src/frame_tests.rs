//! Messages as a hostile other end might send them.

use std::collections::HashMap;

use zbus::message::Message as Zbus;
use zbus::{OwnedVariant, Variant};

use super::*;
use crate::dbus::Details;
use crate::ffi;

const STEP: Step = Step::Verify;

fn head(order: u8, version: u8, body: u32, fields: u32) -> [u8; HEAD_BYTES] {
    let number = |n: u32| {
        if order == b'B' {
            n.to_be_bytes()
        } else {
            n.to_le_bytes()
        }
    };
    let mut head = [0; HEAD_BYTES];
    head[0] = order;
    head[1] = 2;
    head[3] = version;
    head[4..8].copy_from_slice(&number(body));
    head[8] = 1;
    head[12..16].copy_from_slice(&number(fields));
    head
}

fn reply() -> Vec<u8> {
    let call = Zbus::method_call("/", "Ask").build(&()).unwrap();
    let details: HashMap<&str, Variant<'_>> = HashMap::from([("retry-after", 30_u32.into())]);
    let reply = Zbus::method_return(&call.header())
        .build(&("accepted", details))
        .unwrap();
    reply.data().to_vec()
}

#[test]
fn a_message_says_how_long_it_is_in_either_byte_order() {
    for order in [b'l', b'B'] {
        assert_eq!(length(head(order, 1, 5, 9), STEP).unwrap(), 16 + 16 + 5);
        assert_eq!(length(head(order, 1, 0, 0), STEP).unwrap(), 16);
        assert_eq!(length(head(order, 1, 65_520, 0), STEP).unwrap(), 65_536);
    }
}

#[test]
fn a_large_message_is_refused_by_its_head_alone() {
    for (body, fields, bytes) in [
        (65_521, 0, 65_537),
        (u32::MAX, u32::MAX, 16 + 4_294_967_296 + 4_294_967_295),
    ] {
        match length(head(b'l', 1, body, fields), STEP) {
            Err(Failure::TooLarge { bytes: got, .. }) => assert_eq!(got, bytes),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn another_protocol_is_refused_by_its_head_alone() {
    for head in [
        head(b'x', 1, 0, 0),
        head(b'l', 2, 0, 0),
        *b"HTTP/1.1 400 Bad",
    ] {
        assert!(matches!(length(head, STEP), Err(Failure::Malformed { .. })));
    }
}

#[test]
fn a_reply_reads_back_whole_and_truncated_it_does_not() {
    let good = reply();
    assert_eq!(
        length(*good.first_chunk().unwrap(), STEP).unwrap(),
        good.len()
    );
    let message = parse(good.clone(), STEP).unwrap();
    let (word, details): (String, Details) = body(&message, "sa{sv}", STEP).unwrap();
    assert_eq!(word, "accepted");
    assert_eq!(details.number("retry-after"), Some(30));

    for end in 0..good.len() {
        let whole = parse(good[..end].to_vec(), STEP)
            .and_then(|message| body::<(String, Details)>(&message, "sa{sv}", STEP));
        assert!(whole.is_err(), "cut after {end} of {} bytes", good.len());
    }
}

#[test]
fn no_flipped_byte_panics_or_reads_as_another_word() {
    let good = reply();
    for (place, flip) in (0..good.len()).flat_map(|place| (0..8).map(move |bit| (place, 1 << bit)))
    {
        let mut bytes = good.clone();
        bytes[place] ^= flip;
        let Ok(message) = parse(bytes, STEP) else {
            continue;
        };
        if let Ok((word, _)) = body::<(String, Details)>(&message, "sa{sv}", STEP) {
            let known = word.parse::<countersign_bus::Verdict>();
            assert!(known.is_err() || word == "accepted", "{word}");
        }
    }
}

#[test]
fn noise_is_never_a_message() {
    // A fixed sequence (xorshift), so that a failure can be repeated.
    let mut state = 0x2545_f491_u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state
    };
    for _ in 0..2000 {
        let mut bytes = head(b'l', 1, next() % 200, next() % 200).to_vec();
        let whole = length(*bytes.first_chunk().unwrap(), STEP).unwrap();
        bytes.extend((16..whole).map(|_| next().to_le_bytes()[0]));
        if let Ok(message) = parse(bytes, STEP) {
            assert!(body::<(String, Details)>(&message, "sa{sv}", STEP).is_err());
        }
    }
}

#[test]
fn a_body_of_another_type_is_refused() {
    let call = Zbus::method_call("/", "Ask").build(&()).unwrap();
    for (message, found) in [
        (
            Zbus::method_return(&call.header())
                .build(&"accepted")
                .unwrap(),
            "\"s\"",
        ),
        (
            Zbus::method_return(&call.header()).build(&()).unwrap(),
            "\"\"",
        ),
        (
            Zbus::method_return(&call.header())
                .build(&("accepted", true))
                .unwrap(),
            "\"sb\"",
        ),
    ] {
        let message = parse(message.data().to_vec(), STEP).unwrap();
        let error = body::<(String, Details)>(&message, "sa{sv}", STEP)
            .map(drop)
            .unwrap_err()
            .to_string();
        assert!(error.contains(found), "{error}");
    }
}

#[test]
fn zbus_reads_every_question_as_it_was_put_whatever_the_lengths() {
    let context = Context {
        service: Some("sshd".into()),
        tty: None,
        rhost: Some(String::new()),
        session: Some("leader=7".into()),
    };
    let expect_context = |found: &HashMap<String, OwnedVariant>| {
        assert_eq!(found.len(), 3);
        for (key, value) in [("service", "sshd"), ("rhost", ""), ("session", "leader=7")] {
            let sent = String::try_from(found[key].try_clone().unwrap());
            assert_eq!(sent.as_deref(), Ok(value));
        }
    };
    let serial = NonZeroU32::new(77).unwrap();
    for length in 1..=20 {
        let user = UserName::parse(&"u".repeat(length)).unwrap();
        let code = Code::parse(&"050548"[..length.min(6)]).unwrap();
        let receipt = Receipt::from("r".repeat(length));
        let asked = |question: Question<'_>, destination, member: &str| {
            let frame = question.call(serial, destination, &user, &context).unwrap();
            assert_eq!(length_of(&frame), frame.len());
            let message = ffi::zbus_message(frame.to_vec()).unwrap();
            assert_eq!(message.primary_header().serial_num(), serial);
            let header = message.header();
            let found = header.destination().map(|name| name.as_str().to_owned());
            assert_eq!(found.as_deref(), destination);
            assert_eq!(header.path().unwrap().as_str(), OBJECT_PATH);
            assert_eq!(header.member().unwrap().as_str(), member);
            let interface = header.interface().unwrap().as_str().to_owned();
            (message, interface)
        };

        let (message, interface) = asked(Question::Prepare, None, "Prepare");
        assert_eq!(interface, LOGIN_INTERFACE);
        let (u, c): (String, HashMap<String, OwnedVariant>) = message.body().deserialize().unwrap();
        assert_eq!(u, user.as_str());
        expect_context(&c);

        let (message, interface) = asked(Question::Verify(&code), Some(":1.7"), "Verify");
        assert_eq!(interface, LOGIN_INTERFACE);
        let (u, typed, c): (String, String, HashMap<String, OwnedVariant>) =
            message.body().deserialize().unwrap();
        assert_eq!((u.as_str(), typed.as_str()), (user.as_str(), code.expose()));
        expect_context(&c);

        let (message, interface) = asked(Question::Begin, Some(":1.7"), "BeginEnrollment");
        assert_eq!(interface, ACCOUNT_INTERFACE);
        let (u, mut o): (String, HashMap<String, OwnedVariant>) =
            message.body().deserialize().unwrap();
        assert_eq!((u.as_str(), o.len()), (user.as_str(), 2));
        let name = String::try_from(o.remove(keys::NAME).unwrap());
        assert_eq!(name.as_deref(), Ok(TOKEN_NAME));
        expect_context(&o.remove(keys::LOGIN).unwrap().try_into().unwrap());

        for (question, member, second) in [
            (Question::Confirm(&code), "ConfirmEnrollment", code.expose()),
            (Question::Complete(&receipt), "CompleteEnrollment", &receipt),
        ] {
            let (message, interface) = asked(question, None, member);
            assert_eq!(interface, ACCOUNT_INTERFACE);
            let body = message.body();
            assert_eq!(
                body.deserialize::<(&str, &str)>().unwrap(),
                (user.as_str(), second)
            );
        }
    }
}

fn length_of(frame: &Frame) -> usize {
    length(*frame.first_chunk().unwrap(), STEP).unwrap()
}

#[test]
fn zbus_reads_every_call_of_the_bus_as_it_was_put() {
    let serial = NonZeroU32::new(u32::MAX).unwrap();
    let none = bus_call(serial, "Hello", &(), Step::Hello).unwrap();
    let one = bus_call(serial, "GetNameOwner", &"org.x", Step::Owner).unwrap();
    let two = bus_call(serial, "StartServiceByName", &("org.x", 7), Step::Start).unwrap();
    for (frame, member) in [
        (&none, "Hello"),
        (&one, "GetNameOwner"),
        (&two, "StartServiceByName"),
    ] {
        assert_eq!(length_of(frame), frame.len());
        let message = ffi::zbus_message(frame.to_vec()).unwrap();
        let header = message.header();
        assert_eq!(message.primary_header().serial_num(), serial);
        assert_eq!(header.member().unwrap().as_str(), member);
        for bus in [
            header.interface().unwrap().as_str(),
            header.destination().unwrap().as_str(),
        ] {
            assert_eq!(bus, "org.freedesktop.DBus");
        }
        assert_eq!(header.path().unwrap().as_str(), "/org/freedesktop/DBus");
    }
    let read = |frame: Frame| ffi::zbus_message(frame.to_vec()).unwrap().body();
    assert_eq!(read(none).signature().to_string_no_parens(), "");
    assert_eq!(read(one).deserialize::<&str>().unwrap(), "org.x");
    assert_eq!(
        read(two).deserialize::<(&str, u32)>().unwrap(),
        ("org.x", 7)
    );
}

#[test]
fn the_longest_question_there_can_be_is_put_and_a_longer_one_is_not() {
    let user = UserName::parse(&"u".repeat(UserName::MAX_BYTES)).unwrap();
    let code = Code::parse(&"7".repeat(Code::MAX_BYTES)).unwrap();
    let item = Some("x".repeat(255));
    let mut context = Context {
        service: item.clone(),
        tty: item.clone(),
        rhost: item.clone(),
        session: item,
    };
    let serial = NonZeroU32::MIN;
    let bus_name = ":".repeat(255);
    let verify = Question::Verify(&code);
    for question in [verify, Question::Begin] {
        question
            .call(serial, Some(&bus_name), &user, &context)
            .unwrap();
    }
    context.session = Some("x".repeat(4096));
    let failure = verify.call(serial, None, &user, &context).unwrap_err();
    assert_eq!(
        failure.to_string(),
        "before waiting for the daemon to answer Verify: cannot encode the question: it is longer \
         than any question needs to be"
    );
    context.session = Some("a\0b".to_owned());
    let failure = verify.call(serial, None, &user, &context).unwrap_err();
    assert!(failure.to_string().ends_with("there is a NUL in a text"));
}
