//! A client of the login socket that does what the module does and takes next to no time: for more logins than
//! there are processes to make them.

use std::collections::HashMap;
use std::io::{Error, Read, Result, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use countersign_bus::{LOGIN_INTERFACE, LOGIN_SOCKET, OBJECT_PATH, keys};
use zbus::DynamicType;
use zbus::Variant;
use zbus::export::serde::Serialize;
use zbus::message::Message;

/// As long as the module waits, and a while more.
const PATIENCE: Duration = Duration::from_secs(20);
/// The fixed part of a message (D-Bus specification, "Message Format").
const HEAD: usize = 16;
/// The type of a message that answers.
const METHOD_RETURN: u8 = 2;

/// A connection, as a login makes one for each question.
pub struct Light(UnixStream);

impl Light {
    /// Connects and shows that root is there.
    pub fn connect() -> Result<Self> {
        let mut stream = UnixStream::connect(LOGIN_SOCKET)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(b"\0AUTH EXTERNAL 30\r\n")?; // "0" in hexadecimal
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte)?;
            line.extend(byte);
        }
        if !line.starts_with(b"OK ") {
            return Err(Error::other("the handshake was not accepted"));
        }
        stream.write_all(b"BEGIN\r\n")?;
        Ok(Self(stream))
    }

    /// Does a login of that user need a code? The daemon's word.
    pub fn prepare(&mut self, user: &str, rhost: &str) -> Result<String> {
        self.ask("Prepare", &(user, context(rhost)))
    }

    /// Is the code right? The daemon's word.
    pub fn verify(&mut self, user: &str, code: &str, rhost: &str) -> Result<String> {
        self.ask("Verify", &(user, code, context(rhost)))
    }

    /// Asks whether the code is right, and leaves the answer for [`Self::answer`].
    pub fn send_verify(&mut self, user: &str, code: &str, rhost: &str) -> Result<()> {
        self.send("Verify", &(user, code, context(rhost)))
    }

    fn ask(&mut self, method: &str, body: &(impl Serialize + DynamicType)) -> Result<String> {
        self.send(method, body)?;
        self.answer()
    }

    fn send(&mut self, method: &str, body: &(impl Serialize + DynamicType)) -> Result<()> {
        let call = Message::method_call(OBJECT_PATH, method)
            .interface(LOGIN_INTERFACE)
            .build(body)
            .map_err(Error::other)?;
        self.0.write_all(call.data())
    }

    /// The daemon's word on what was asked.
    pub fn answer(&mut self) -> Result<String> {
        let mut head = [0; HEAD];
        self.0.read_exact(&mut head)?;
        let [_, kind, _, _, b0, b1, b2, b3, _, _, _, _, f0, f1, f2, f3] = head;
        let number = |bytes| usize::try_from(u32::from_le_bytes(bytes)).unwrap_or(usize::MAX);
        let (fields, body) = (number([f0, f1, f2, f3]), number([b0, b1, b2, b3]));
        let fields = fields.next_multiple_of(8);
        let mut rest = vec![0; (fields + body).min(64 * 1024)];
        self.0.read_exact(&mut rest)?;
        let text = first_text(rest.get(fields..).unwrap_or_default());
        match (kind, text) {
            (METHOD_RETURN, Some(word)) => Ok(word),
            (_, text) => Err(Error::other(text.unwrap_or_default())),
        }
    }
}

/// The text that a body begins with.
fn first_text(body: &[u8]) -> Option<String> {
    let (length, rest) = body.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    Some(String::from_utf8_lossy(rest.get(..length)?).into_owned())
}

fn context(rhost: &str) -> HashMap<&str, Variant<'_>> {
    HashMap::from([
        (keys::SERVICE, Variant::from("sshd")),
        (keys::RHOST, Variant::from(rhost)),
    ])
}
