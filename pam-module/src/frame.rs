//! D-Bus messages as bytes (D-Bus specification, "Message Protocol").

use std::collections::HashMap;
use std::num::NonZeroU32;

use countersign_bus::{ACCOUNT_INTERFACE, Code, LOGIN_INTERFACE, OBJECT_PATH, UserName, keys};
use zbus::message::{EndianSig, Message};
use zbus::wire::serialized::Data;
use zbus::wire::{self, DynamicDeserialize, Endian};
use zbus::{DynamicType, OwnedVariant, Variant};
use zeroize::Zeroizing;

use crate::daemon::{Context, Receipt};
use crate::failure::{Failure, Step};
use crate::ffi;

/// The largest message that is read. Real answers have a few hundred bytes; the bus itself would
/// pass on 128 MiB.
pub const MAX_BYTES: u64 = 64 * 1024;
/// The part of a message that tells how long it is.
pub const HEAD_BYTES: usize = 16;

/// The `a{sv}` of a reply.
pub type Details = HashMap<String, OwnedVariant>;

/// Bytes to send; wiped, since they may hold a code.
pub type Frame = Zeroizing<Vec<u8>>;

/// How long the message that begins with `head` is, head included. `step` is for the error.
pub fn length(head: [u8; HEAD_BYTES], step: Step) -> Result<usize, Failure> {
    let malformed = |what: &str| Failure::Malformed {
        step,
        what: what.to_owned(),
    };
    let [
        order,
        _,
        _,
        version,
        b0,
        b1,
        b2,
        b3,
        _,
        _,
        _,
        _,
        f0,
        f1,
        f2,
        f3,
    ] = head;
    let number = match order {
        b'l' => u32::from_le_bytes,
        b'B' => u32::from_be_bytes,
        _ => return Err(malformed("no byte order")),
    };
    if version != 1 {
        return Err(malformed("another protocol version"));
    }
    let fields = u64::from(number([f0, f1, f2, f3])).next_multiple_of(8);
    let bytes = HEAD_BYTES as u64 + fields + u64::from(number([b0, b1, b2, b3]));
    match usize::try_from(bytes) {
        Ok(length) if bytes <= MAX_BYTES => Ok(length),
        _ => Err(Failure::TooLarge { step, bytes }),
    }
}

/// Reads a whole message, as long as [`length`] says.
pub fn parse(bytes: Vec<u8>, step: Step) -> Result<Message, Failure> {
    let endian = if bytes.first() == Some(&b'B') {
        Endian::Big
    } else {
        Endian::Little
    };
    ffi::message(bytes, endian).map_err(|error| Failure::Malformed {
        step,
        what: error.to_string(),
    })
}

/// Reads the body of a reply, which must have exactly this signature.
pub fn body<T>(message: &Message, signature: &str, step: Step) -> Result<T, Failure>
where
    T: for<'b> DynamicDeserialize<'b>,
{
    let malformed = |what| Failure::Malformed { step, what };
    let body = message.body();
    let found = body.signature().to_string_no_parens();
    if found != signature {
        return Err(malformed(format!(
            "a body of type {found:?} instead of {signature:?}"
        )));
    }
    body.deserialize()
        .map_err(|error| malformed(error.to_string()))
}

/// Takes the body out of a message as long as [`length`] says, if it is an answer, and leaves zeros in
/// its place.
pub fn take_body(bytes: &mut [u8]) -> Zeroizing<Vec<u8>> {
    const METHOD_RETURN: u8 = 2;
    let Some([order, kind, _, _, b0, b1, b2, b3, ..]) = bytes.first_chunk::<HEAD_BYTES>() else {
        return Zeroizing::default();
    };
    let number = match order {
        b'B' => u32::from_be_bytes,
        _ => u32::from_le_bytes,
    };
    let body = usize::try_from(number([*b0, *b1, *b2, *b3])).unwrap_or(usize::MAX);
    let start = match bytes.len().checked_sub(body) {
        Some(start) if *kind == METHOD_RETURN => start,
        _ => return Zeroizing::default(),
    };
    let body = bytes.get_mut(start..).unwrap_or_default();
    let taken = Zeroizing::new(body.to_vec());
    body.fill(0);
    taken
}

/// Reads a body that was taken out of its message, which must have exactly this signature.
pub fn taken_body<'b, T>(
    message: &Message,
    taken: &'b Data<'_, '_>,
    signature: &str,
    step: Step,
) -> Result<T, Failure>
where
    T: zbus::export::serde::Deserialize<'b> + zbus::Type,
{
    let malformed = |what| Failure::Malformed { step, what };
    let found = message.body().signature().to_string_no_parens();
    if found != signature {
        return Err(malformed(format!(
            "a body of type {found:?} instead of {signature:?}"
        )));
    }
    // What the decoder says of it might quote it.
    match taken.deserialize() {
        Ok((body, _length)) => Ok(body),
        Err(_) => Err(malformed("a body that cannot be read".to_owned())),
    }
}

/// A body that was taken out of its message, for [`taken_body`].
pub fn data<'b>(message: &Message, taken: &'b [u8]) -> Data<'b, 'static> {
    // Bodies begin at a multiple of eight.
    let endian = match message.primary_header().endian_sig() {
        EndianSig::Little => Endian::Little,
        EndianSig::Big => Endian::Big,
    };
    Data::new(taken, wire::serialized::Context::new(endian, 0))
}

/// A call of one of the bus's own methods.
pub fn bus_call<B>(
    serial: NonZeroU32,
    member: &'static str,
    arguments: &B,
    step: Step,
) -> Result<Frame, Failure>
where
    B: zbus::export::serde::Serialize + DynamicType,
{
    Message::method_call("/org/freedesktop/DBus", member)
        .interface("org.freedesktop.DBus")
        .destination("org.freedesktop.DBus")
        .serial(serial)
        .build(arguments)
        .map(|message| Frame::new(message.data().to_vec()))
        .map_err(|error| Failure::NotSent {
            step,
            what: error.to_string(),
        })
}

/// A question to the daemon.
#[derive(Clone, Copy)]
pub enum Question<'q> {
    /// `Login.Prepare`
    Prepare,
    /// `Login.Verify`
    Verify(&'q Code),
    /// `Account.BeginEnrollment`, in the middle of this login
    Begin,
    /// `Account.ConfirmEnrollment`
    Confirm(&'q Code),
    /// `Account.CompleteEnrollment`
    Complete(&'q Receipt),
}

/// What the token is called that a login enrolls.
const TOKEN_NAME: &str = "phone";

impl Question<'_> {
    /// For messages.
    pub fn step(self) -> Step {
        match self {
            Self::Prepare => Step::Prepare,
            Self::Verify(_) => Step::Verify,
            Self::Begin => Step::Begin,
            Self::Confirm(_) => Step::Confirm,
            Self::Complete(_) => Step::Complete,
        }
    }

    /// Is there something in it that nobody else may see?
    pub fn holds_a_secret(self) -> bool {
        !matches!(self, Self::Prepare)
    }

    /// The call. Without a broker there is no destination.
    pub fn call(
        self,
        serial: NonZeroU32,
        destination: Option<&str>,
        user: &UserName,
        context: &Context,
    ) -> Result<Frame, Failure> {
        let step = self.step();
        let (interface, member) = match self {
            Self::Prepare => (LOGIN_INTERFACE, "Prepare"),
            Self::Verify(_) => (LOGIN_INTERFACE, "Verify"),
            Self::Begin => (ACCOUNT_INTERFACE, "BeginEnrollment"),
            Self::Confirm(_) => (ACCOUNT_INTERFACE, "ConfirmEnrollment"),
            Self::Complete(_) => (ACCOUNT_INTERFACE, "CompleteEnrollment"),
        };
        let mut call = Message::method_call(OBJECT_PATH, member)
            .interface(interface)
            .serial(serial);
        if let Some(destination) = destination {
            call = call.destination(destination);
        }
        let context = dictionary(context);
        let blank = |code: &Code| "0".repeat(code.expose().len());
        let built = match self {
            Self::Prepare => call.build(&(user.as_str(), context)),
            Self::Verify(code) => call.build(&(user.as_str(), blank(code).as_str(), context)),
            Self::Begin => {
                let name = Variant::from(TOKEN_NAME);
                let options = HashMap::from([(keys::NAME, name), (keys::LOGIN, context.into())]);
                call.build(&(user.as_str(), options))
            }
            Self::Confirm(code) => call.build(&(user.as_str(), blank(code).as_str())),
            Self::Complete(receipt) => call.build(&(user.as_str(), receipt.as_str())),
        };
        let not_sent = |what| Failure::NotSent { step, what };
        let message = built.map_err(|error| not_sent(error.to_string()))?;
        let mut frame = Frame::new(message.data().to_vec());
        if let Self::Verify(code) | Self::Confirm(code) = self {
            fill_in(&mut frame, &message, user, code)
                .ok_or_else(|| not_sent("the place of the code was not found".to_owned()))?;
        }
        Ok(frame)
    }
}

/// Writes the code over the zeros that stand in its place. zbus does not wipe its buffers, so the
/// code is never given to it.
fn fill_in(frame: &mut Frame, message: &Message, user: &UserName, code: &Code) -> Option<()> {
    let body = usize::try_from(message.primary_header().body_len()).ok()?;
    let start = frame.len().checked_sub(body)?;
    // A string is its length in four bytes, aligned to four, its bytes, and a NUL.
    let user_end = 4 + user.as_str().len() + 1;
    let place = start + user_end.next_multiple_of(4) + 4;
    let place = frame.get_mut(place..place + code.expose().len())?;
    if place.iter().any(|byte| *byte != b'0') {
        return None;
    }
    place.copy_from_slice(code.expose().as_bytes());
    Some(())
}

fn dictionary(context: &Context) -> HashMap<&'static str, Variant<'_>> {
    [
        (keys::SERVICE, &context.service),
        (keys::TTY, &context.tty),
        (keys::RHOST, &context.rhost),
        (keys::SESSION, &context.session),
    ]
    .into_iter()
    .filter_map(|(key, value)| Some((key, Variant::from(value.as_deref()?))))
    .collect()
}

#[cfg(test)]
#[path = "frame_tests.rs"]
mod tests;
