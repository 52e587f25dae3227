//! D-Bus messages as bytes (D-Bus specification, "Message Protocol").

use std::num::NonZeroU32;

use countersign_bus::{ACCOUNT_INTERFACE, Code, LOGIN_INTERFACE, OBJECT_PATH, UserName, keys};
use zeroize::Zeroizing;

use crate::daemon::{Context, Receipt};
use crate::dbus::{Arguments, Call, Message, Read, Writer, Written};
use crate::failure::{Failure, Step};

/// The largest message that is read. Real answers have a few hundred bytes; the bus itself would
/// pass on 128 MiB.
pub const MAX_BYTES: u64 = 64 * 1024;
/// The part of a message that tells how long it is.
pub const HEAD_BYTES: usize = 16;

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
    Message::parse(bytes).map_err(|error| Failure::Malformed {
        step,
        what: error.to_string(),
    })
}

/// Reads the body of a reply, which must have exactly this signature. What a failure says quotes
/// nothing of it.
pub fn body<T: Read>(message: &Message, signature: &str, step: Step) -> Result<T, Failure> {
    let malformed = |what| Failure::Malformed { step, what };
    let found = message.signature();
    if found != signature {
        return Err(malformed(format!(
            "a body of type {found:?} instead of {signature:?}"
        )));
    }
    message.body().map_err(|error| malformed(error.to_string()))
}

/// A call of one of the bus's own methods.
pub fn bus_call<A: Arguments>(
    serial: NonZeroU32,
    member: &'static str,
    arguments: &A,
    step: Step,
) -> Result<Frame, Failure> {
    let call = Call {
        serial,
        destination: Some("org.freedesktop.DBus"),
        path: "/org/freedesktop/DBus",
        interface: "org.freedesktop.DBus",
        member,
        signature: A::SIGNATURE,
    };
    write(&call, step, &mut |body| arguments.write(body))
}

fn write(
    call: &Call<'_>,
    step: Step,
    body: &mut dyn FnMut(&mut Writer) -> Written,
) -> Result<Frame, Failure> {
    call.write(body).map_err(|error| Failure::NotSent {
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
        let (interface, member, signature) = match self {
            Self::Prepare => (LOGIN_INTERFACE, "Prepare", "sa{sv}"),
            Self::Verify(_) => (LOGIN_INTERFACE, "Verify", "ssa{sv}"),
            Self::Begin => (ACCOUNT_INTERFACE, "BeginEnrollment", "sa{sv}"),
            Self::Confirm(_) => (ACCOUNT_INTERFACE, "ConfirmEnrollment", "ss"),
            Self::Complete(_) => (ACCOUNT_INTERFACE, "CompleteEnrollment", "ss"),
        };
        let call = Call {
            serial,
            destination,
            path: OBJECT_PATH,
            interface,
            member,
            signature,
        };
        write(&call, self.step(), &mut |body| {
            body.text(user.as_str())?;
            match self {
                Self::Prepare => dictionary(body, context),
                Self::Verify(code) => {
                    body.text(code.expose())?;
                    dictionary(body, context)
                }
                Self::Begin => options(body, context),
                Self::Confirm(code) => body.text(code.expose()),
                Self::Complete(receipt) => body.text(receipt),
            }
        })
    }
}

/// `a{sv}`: where the login comes from, as far as it is known.
fn dictionary(writer: &mut Writer, context: &Context) -> Written {
    let pairs = [
        (keys::SERVICE, &context.service),
        (keys::TTY, &context.tty),
        (keys::RHOST, &context.rhost),
        (keys::SESSION, &context.session),
    ];
    writer.array(8, &mut |entries| {
        for (key, value) in &pairs {
            if let Some(value) = value {
                entries.entry(key, "s", &mut |writer| writer.text(value))?;
            }
        }
        Ok(())
    })
}

/// `a{sv}`: the options of an enrollment in the middle of a login.
fn options(writer: &mut Writer, context: &Context) -> Written {
    writer.array(8, &mut |entries| {
        entries.entry(keys::NAME, "s", &mut |writer| writer.text(TOKEN_NAME))?;
        entries.entry(keys::LOGIN, "a{sv}", &mut |writer| {
            dictionary(writer, context)
        })
    })
}

#[cfg(test)]
#[path = "frame_tests.rs"]
mod tests;
