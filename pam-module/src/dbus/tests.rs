//! Against zbus, and against bytes that nobody means well with.

use std::collections::HashMap;

use zbus::message::Message as Zbus;
use zbus::names::UniqueName;
use zbus::wire::Endian;
use zbus::{OwnedVariant, Variant};
use zeroize::Zeroizing;

use super::message::{Kind, Message};
use super::reader::{Order, Reader, Unreadable};
use super::skip::skip;
use super::values::{Details, Read};
use crate::ffi;

const ORDERS: [Endian; 2] = [Endian::Little, Endian::Big];

/// An answer as zbus writes it.
fn answer<B>(endian: Endian, body: &B) -> Vec<u8>
where
    B: zbus::export::serde::Serialize + zbus::DynamicType,
{
    let call = Zbus::method_call("/", "Ask").build(&()).unwrap();
    let reply = Zbus::method_return(&call.header()).sender(":1.7");
    let reply = reply.endian(endian).build(body).unwrap();
    reply.data().to_vec()
}

fn parse(bytes: &[u8]) -> Result<Message, Unreadable> {
    Message::parse(bytes.to_vec())
}

/// A fixed sequence (xorshift), so that a failure can be repeated.
struct Noise(u32);

impl Noise {
    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }

    fn below(&mut self, end: u32) -> u32 {
        self.next() % end
    }

    fn text(&mut self) -> String {
        let length = self.below(12);
        (0..length)
            .map(|_| ['a', 'é', '█', ' '][self.below(4) as usize])
            .collect()
    }

    /// A value of any type.
    fn variant(&mut self, depth: u32) -> Variant<'static> {
        let kinds = if depth == 0 { 13 } else { 18 };
        match self.below(kinds) {
            0 => Variant::from(self.next().to_le_bytes()[0]),
            1 => (self.below(2) == 0).into(),
            2 => i16::from_le_bytes([7, self.next().to_le_bytes()[0]]).into(),
            3 => u16::from_le_bytes([7, self.next().to_le_bytes()[0]]).into(),
            4 => self.next().cast_signed().into(),
            5 => self.next().into(),
            6 => i64::from(self.next()).into(),
            7 => (u64::from(self.next()) << 20).into(),
            8 => f64::from(self.next()).into(),
            9 => self.text().into(),
            10 => zbus::ObjectPath::try_from("/a/b").unwrap().into(),
            11 => zbus::Signature::try_from("a{sv}u").unwrap().into(),
            12 => {
                let length = self.below(4);
                let all: Vec<u32> = (0..length).map(|_| self.next()).collect();
                all.into()
            }
            13 => {
                let length = self.below(4);
                let all: Vec<String> = (0..length).map(|_| self.text()).collect();
                all.into()
            }
            14 => Variant::Variant(Box::new(self.variant(depth - 1))),
            15 => {
                let length = self.below(4);
                let all = (0..length).map(|_| (self.text(), self.variant(depth - 1)));
                all.collect::<HashMap<String, Variant<'_>>>().into()
            }
            16 => (self.text(), self.variant(depth - 1), self.below(9)).into(),
            _ => {
                let length = self.below(3);
                let all = (0..length).map(|_| (self.next().to_le_bytes()[0], 7_u64, self.text()));
                all.collect::<Vec<(u8, u64, String)>>().into()
            }
        }
    }
}

#[test]
fn whatever_zbus_writes_is_read_in_either_byte_order_known_types_and_unknown_ones() {
    let mut noise = Noise(0x2545_f491);
    for round in 0..2000 {
        let length = noise.below(6);
        let mut written: Vec<(String, Variant<'_>)> = (0..length)
            .map(|key| (format!("key-{key}"), noise.variant(3)))
            .collect();
        written.push(("last".to_owned(), "here".into()));
        let body: HashMap<&str, &Variant<'_>> = written
            .iter()
            .map(|(key, value)| (key.as_str(), value))
            .collect();
        for endian in ORDERS {
            let bytes = answer(endian, &("word", &body));
            let message = parse(&bytes).unwrap();
            assert_eq!(message.kind(), Kind::Return);
            assert_eq!(message.sender(), Some(":1.7"));
            assert_eq!(message.signature(), "sa{sv}");
            let (word, details): (String, Details) = message.body().unwrap();
            assert_eq!(word, "word");
            assert_eq!(details.text("last"), Some("here"), "round {round}");
            for (key, value) in &written {
                let number = u32::try_from(value.try_clone().unwrap()).ok();
                assert_eq!(details.number(key), number, "{value:?}");
                let big = u64::try_from(value.try_clone().unwrap()).ok();
                assert_eq!(details.big_number(key), big, "{value:?}");
                let text = String::try_from(value.try_clone().unwrap()).ok();
                assert_eq!(details.text(key), text.as_deref(), "{value:?}");
                let numbers = Vec::<u32>::try_from(value.try_clone().unwrap());
                // zbus takes an empty array of anything for one of these.
                let numbers = numbers.ok().filter(|_| value.value_signature() == "au");
                assert_eq!(details.numbers(key), numbers.as_deref(), "{value:?}");
            }
        }
    }
}

#[test]
fn a_list_of_texts_and_a_number_read_back() {
    for endian in ORDERS {
        let message = parse(&answer(endian, &vec!["one", "", "three"])).unwrap();
        assert_eq!(message.signature(), "as");
        let texts: Vec<Zeroizing<String>> = message.body().unwrap();
        let texts: Vec<&str> = texts.iter().map(|text| text.as_str()).collect();
        assert_eq!(texts, ["one", "", "three"]);

        let message = parse(&answer(endian, &1000_u32)).unwrap();
        assert_eq!(message.body::<u32>(), Ok(1000));
        assert_eq!(message.body::<String>(), Err(Unreadable::Cut));
        assert_eq!(message.body::<(u32, u32)>(), Err(Unreadable::Cut));
        let message = parse(&answer(endian, &(1_u32, 2_u32))).unwrap();
        assert_eq!(message.body::<u32>(), Err(Unreadable::Rest));
    }
}

#[test]
fn an_error_says_its_name_and_what_it_answers() {
    let call = Zbus::method_call("/", "Ask").build(&()).unwrap();
    let error = Zbus::error(&call.header(), "org.x.Error.Y");
    let error = error.build(&"because").unwrap();
    let message = parse(error.data()).unwrap();
    assert_eq!(message.kind(), Kind::Error);
    assert_eq!(message.error_name(), Some("org.x.Error.Y"));
    assert_eq!(
        message.reply_serial(),
        Some(call.primary_header().serial_num())
    );
    assert_eq!(message.body::<String>().as_deref(), Ok("because"));
    let signal = Zbus::signal("/", "org.x.Y", "Z").build(&()).unwrap();
    for other in [signal, call] {
        let message = parse(other.data()).unwrap();
        assert_eq!(message.kind(), Kind::Other);
        assert_eq!((message.reply_serial(), message.sender()), (None, None));
        assert_eq!((message.error_name(), message.signature()), (None, ""));
    }
}

/// One bit turned over anywhere, or an end anywhere: what we then read, zbus reads too.
#[test]
fn spoiled_bytes_are_refused_or_read_as_zbus_reads_them() {
    let details: HashMap<&str, Variant<'_>> = HashMap::from([
        ("retry-after", 30_u32.into()),
        ("unknown", ("text", 7_u64, vec![1_u16, 2]).into()),
    ]);
    let mut read = 0;
    for endian in ORDERS {
        let good = answer(endian, &("accepted", &details));
        let cut = (0..good.len()).map(|end| good[..end].to_vec());
        let flipped = (0..good.len() * 8).map(|bit| {
            let mut bytes = good.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            bytes
        });
        for bytes in cut.chain(flipped) {
            let Ok(message) = parse(&bytes) else { continue };
            if message.signature() != "sa{sv}" {
                continue;
            }
            let Ok((word, details)) = message.body::<(String, Details)>() else {
                continue;
            };
            // zbus is stricter with names that nothing here depends on.
            let Ok(theirs) = ffi::zbus_message(bytes) else {
                continue;
            };
            let body = theirs.body();
            let Ok((other, others)) = body.deserialize::<(&str, HashMap<&str, OwnedVariant>)>()
            else {
                continue;
            };
            read += 1;
            assert_eq!(word, other);
            assert_eq!(
                theirs.header().sender().map(UniqueName::as_str),
                message.sender()
            );
            assert_eq!(theirs.header().reply_serial(), message.reply_serial());
            for (key, value) in others {
                assert_eq!(details.number(key), u32::try_from(value).ok(), "{key}");
            }
        }
    }
    assert!(read > 100, "only {read} were compared");
}

#[test]
fn no_bytes_make_it_panic_or_run_on() {
    let mut noise = Noise(0x9e37_79b9);
    let mut good = answer(
        Endian::Little,
        &("accepted", HashMap::from([("a", Variant::from(1))])),
    );
    for _ in 0..20_000 {
        for _ in 0..=noise.below(4) {
            let place = noise.next() as usize % good.len();
            good[place] = noise.next().to_le_bytes()[0];
        }
        if let Ok(message) = parse(&good) {
            let _ = message.body::<(String, Details)>();
        }
        let mut reader = Reader::new(&good, Order::Big);
        let _ = Details::read(&mut reader);
        if noise.below(50) == 0 {
            good = answer(
                Endian::Big,
                &("accepted", HashMap::from([("b", Variant::from("c"))])),
            );
        }
    }
}

#[test]
fn a_type_that_cannot_be_is_refused() {
    let zeros = [0; 512];
    let skip = |signature: &str| skip(&mut Reader::new(&zeros, Order::Little), signature);
    for signature in [
        "y",
        "b",
        "n",
        "q",
        "i",
        "u",
        "x",
        "t",
        "d",
        "s",
        "o",
        "g",
        "h",
        "au",
        "a{sv}",
        "(u)",
        "a(sa{sv})",
        "((y)(t))",
        "a{ya{ys}}",
    ] {
        assert_eq!(skip(signature), Ok(()), "{signature}");
    }
    for signature in [
        "", "z", "uu", "a", "(", ")", "()", "(u", "u)", "{su}", "a{}", "a{s}", "a{suu}", "a{vs}",
        "a{su", "a(", "m", "r", "e", "au)", "v", "a{(s)u}",
    ] {
        assert_eq!(skip(signature), Err(Unreadable::Type), "{signature}");
    }
    let deep = |n| format!("{}y{}", "(".repeat(n), ")".repeat(n));
    assert_eq!(skip(&deep(64)), Ok(()));
    assert_eq!(skip(&format!("{}{}", "a".repeat(32), deep(32))), Ok(()));
    assert_eq!(skip(&deep(200)), Err(Unreadable::Depth));
    assert_eq!(
        skip(&format!("{}y", "a".repeat(200))),
        Err(Unreadable::Depth)
    );
    // A variant in a variant in a variant.
    let nested: Vec<u8> = b"\x01v\0".repeat(200);
    let mut reader = Reader::new(&nested, Order::Little);
    assert_eq!(super::skip::skip(&mut reader, "v"), Err(Unreadable::Depth));
}

#[test]
fn values_that_cannot_be_are_refused() {
    let read = |signature, bytes: &[u8]| skip(&mut Reader::new(bytes, Order::Little), signature);
    for (signature, bytes, error) in [
        ("s", &b"\x01\0\0\0a"[..], Unreadable::Cut),
        ("s", b"\x01\0\0\0aa", Unreadable::Text),
        ("s", b"\x02\0\0\0a\0\0", Unreadable::Text),
        ("s", b"\x01\0\0\0\xff\0", Unreadable::Text),
        ("s", b"\xff\xff\xff\xffa\0", Unreadable::Cut),
        ("b", b"\x02\0\0\0", Unreadable::Bool),
        ("(yu)", b"\x01\0\x01\0\x01\0\0\0", Unreadable::Padding),
        ("au", b"\x06\0\0\0\x01\0\0\0\0\0", Unreadable::Cut),
        ("au", b"\xff\xff\xff\xff", Unreadable::Cut),
        ("at", b"\x08\0\0\0\0\0\0\0\0\0\0\0", Unreadable::Cut),
    ] {
        assert_eq!(read(signature, bytes), Err(error), "{signature} {bytes:?}");
    }
}

/// A message without a body, with these header fields.
fn with_fields(fields: &[u8]) -> Vec<u8> {
    let mut bytes = b"l\x02\0\x01\0\0\0\0\x07\0\0\0".to_vec();
    bytes.extend(u32::try_from(fields.len()).unwrap().to_le_bytes());
    bytes.extend(fields);
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes
}

#[test]
fn a_header_that_cannot_be_is_refused() {
    const REPLY: &[u8] = b"\x05\x01u\0\x09\0\0\0";
    let twice = [REPLY, REPLY].concat();
    for (fields, error) in [
        (twice.as_slice(), Unreadable::Field),
        (b"\x05\x01u\0\0\0\0\0", Unreadable::Field),
        (b"\x05\x01s\0\0\0\0\0\0", Unreadable::Field),
        (b"\x07\x01u\0\0\0\0\0", Unreadable::Field),
        (b"\0\x01u\0\0\0\0\0", Unreadable::Field),
        (b"\x05\x01u\0\x09\0\0", Unreadable::Cut),
        (b"\x0a\x01z\0\x09\0\0", Unreadable::Type),
    ] {
        assert_eq!(parse(&with_fields(fields)).err(), Some(error), "{fields:?}");
    }
    let mut long = b"\x07\x01s\0\0\x01\0\0".to_vec();
    long.extend([b'x'; 256]);
    long.push(0);
    assert_eq!(parse(&with_fields(&long)).err(), Some(Unreadable::Field));

    let good = with_fields(REPLY);
    let message = parse(&good).unwrap();
    assert_eq!(message.reply_serial().map(Into::into), Some(9_u32));
    // Newer versions of D-Bus may add fields.
    assert!(parse(&with_fields(b"\x63\x01t\0\0\0\0\0\x09\0\0\0\0\0\0\0")).is_ok());
    for (place, value, error) in [
        (0, b'L', Unreadable::Type),
        (1, 0, Unreadable::Type),
        (3, 2, Unreadable::Type),
        (4, 1, Unreadable::Rest),
        (8, 0, Unreadable::Field),
    ] {
        let mut bytes = good.clone();
        bytes[place] = value;
        assert_eq!(parse(&bytes).err(), Some(error), "byte {place}");
    }
    let longer = [good.as_slice(), &[0]].concat();
    assert_eq!(parse(&longer).err(), Some(Unreadable::Rest));
}
