//! Messages as a hostile other end might send them.

use super::*;

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
    let call = Message::method_call("/", "Ask").build(&()).unwrap();
    let details: HashMap<&str, Variant<'_>> = HashMap::from([("retry-after", 30_u32.into())]);
    let reply = Message::method_return(&call.header())
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
    assert_eq!(
        u32::try_from(details["retry-after"].try_clone().unwrap()),
        Ok(30)
    );

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
    let call = Message::method_call("/", "Ask").build(&()).unwrap();
    for (message, found) in [
        (
            Message::method_return(&call.header())
                .build(&"accepted")
                .unwrap(),
            "\"s\"",
        ),
        (
            Message::method_return(&call.header()).build(&()).unwrap(),
            "\"\"",
        ),
        (
            Message::method_return(&call.header())
                .build(&("accepted", true))
                .unwrap(),
            "\"sb\"",
        ),
    ] {
        let error = body::<(String, Details)>(&message, "sa{sv}", STEP)
            .unwrap_err()
            .to_string();
        assert!(error.contains(found), "{error}");
    }
}

#[test]
fn the_code_stands_in_its_place_whatever_the_lengths() {
    let context = Context {
        service: Some("sshd".into()),
        tty: None,
        rhost: Some(String::new()),
        session: Some("leader=7".into()),
    };
    for user_length in 1..=20 {
        for code in ["050548", "12345678", "abcdefgh2345", "7"] {
            let user = UserName::parse(&"u".repeat(user_length)).unwrap();
            let code = Code::parse(code).unwrap();
            let serial = NonZeroU32::new(77).unwrap();
            let frame = Question::Verify(&code)
                .call(serial, Some(":1.7"), &user, &context)
                .unwrap();
            let message = parse(frame.to_vec(), STEP).unwrap();
            assert_eq!(message.primary_header().serial_num(), serial);
            assert_eq!(message.header().destination().unwrap().as_str(), ":1.7");
            assert_eq!(
                message.header().interface().unwrap().as_str(),
                LOGIN_INTERFACE
            );
            let (u, c, details): (String, String, Details) =
                body(&message, "ssa{sv}", STEP).unwrap();
            assert_eq!((u.as_str(), c.as_str()), (user.as_str(), code.expose()));
            assert_eq!(details.len(), 3);
            for (key, value) in [("service", "sshd"), ("session", "leader=7")] {
                let sent = String::try_from(details[key].try_clone().unwrap());
                assert_eq!(sent.as_deref(), Ok(value));
            }
        }
    }
}
