//! A message that came.

use std::num::NonZeroU32;

use zeroize::Zeroizing;

use super::reader::{Order, Reader, Unreadable};
use super::skip::skip;
use super::values::Read;

/// The only version there is.
pub const PROTOCOL_VERSION: u8 = 1;

// Message types and header fields (D-Bus specification, "Message Format" and "Header Fields").
pub const METHOD_CALL: u8 = 1;
const METHOD_RETURN: u8 = 2;
const ERROR: u8 = 3;
pub const PATH: u8 = 1;
pub const INTERFACE: u8 = 2;
pub const MEMBER: u8 = 3;
const ERROR_NAME: u8 = 4;
const REPLY_SERIAL: u8 = 5;
pub const DESTINATION: u8 = 6;
const SENDER: u8 = 7;
pub const SIGNATURE: u8 = 8;

/// The longest name that D-Bus has ("Valid Names").
const MAX_NAME: usize = 255;

/// What a message is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// The answer to a call.
    Return,
    /// That there is none.
    Error,
    /// Anything that nobody waits for.
    Other,
}

/// A message whose header was read. All of it is wiped, since it may hold a key.
pub struct Message {
    bytes: Zeroizing<Vec<u8>>,
    order: Order,
    kind: Kind,
    body_at: usize,
    header: Header,
}

#[derive(Default)]
struct Header {
    error_name: Option<String>,
    reply_serial: Option<NonZeroU32>,
    sender: Option<String>,
    signature: Option<String>,
}

impl Message {
    /// Reads the header. The body is read when it is asked for.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, Unreadable> {
        let bytes = Zeroizing::new(bytes);
        let order = match bytes.first() {
            Some(b'l') => Order::Little,
            Some(b'B') => Order::Big,
            _ => return Err(Unreadable::Type),
        };
        let mut reader = Reader::new(&bytes, order);
        let [_, kind, _flags, version] = reader.fixed()?;
        let body = reader.number()?;
        let serial = reader.number()?;
        let kind = match kind {
            0 => return Err(Unreadable::Type),
            METHOD_RETURN => Kind::Return,
            ERROR => Kind::Error,
            _ => Kind::Other,
        };
        if version != PROTOCOL_VERSION {
            return Err(Unreadable::Type);
        }
        if serial == 0 {
            return Err(Unreadable::Field);
        }
        let mut header = Header::default();
        reader.array(8, &mut |reader| header.field(reader))?;
        reader.align(8)?;
        let body_at = reader.at();
        match bytes.len().checked_sub(body_at) {
            Some(rest) if u32::try_from(rest) == Ok(body) => {}
            Some(_) => return Err(Unreadable::Rest),
            None => return Err(Unreadable::Cut),
        }
        Ok(Self {
            bytes,
            order,
            kind,
            body_at,
            header,
        })
    }

    /// What it is for.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Which call it answers.
    pub fn reply_serial(&self) -> Option<NonZeroU32> {
        self.header.reply_serial
    }

    /// Who sent it, by the bus's word; nobody where there is no broker.
    pub fn sender(&self) -> Option<&str> {
        self.header.sender.as_deref()
    }

    /// The name of an error.
    pub fn error_name(&self) -> Option<&str> {
        self.header.error_name.as_deref()
    }

    /// The types of the body.
    pub fn signature(&self) -> &str {
        self.header.signature.as_deref().unwrap_or_default()
    }

    /// Reads the body, all of it. Of what types it is has been looked at.
    pub fn body<T: Read>(&self) -> Result<T, Unreadable> {
        let body = self.bytes.get(self.body_at..).unwrap_or_default();
        let mut reader = Reader::new(body, self.order);
        let value = T::read(&mut reader)?;
        reader.end()?;
        Ok(value)
    }
}

impl Header {
    /// Reads a field. One that is unknown is to be passed over, says the specification.
    fn field(&mut self, reader: &mut Reader<'_>) -> Result<(), Unreadable> {
        reader.align(8)?;
        let field = reader.byte()?;
        let signature = reader.signature()?;
        match (field, signature) {
            (ERROR_NAME, "s") => once(&mut self.error_name, name(reader)?),
            (SENDER, "s") => once(&mut self.sender, name(reader)?),
            (REPLY_SERIAL, "u") => {
                let serial = NonZeroU32::new(reader.number()?);
                once(&mut self.reply_serial, serial.ok_or(Unreadable::Field)?)
            }
            (SIGNATURE, "g") => once(&mut self.signature, reader.signature()?.to_owned()),
            (0 | ERROR_NAME | SENDER | REPLY_SERIAL | SIGNATURE, _) => Err(Unreadable::Field),
            _ => skip(reader, signature),
        }
    }
}

fn name(reader: &mut Reader<'_>) -> Result<String, Unreadable> {
    match reader.text()? {
        name if name.len() <= MAX_NAME => Ok(name.to_owned()),
        _ => Err(Unreadable::Field),
    }
}

fn once<T>(field: &mut Option<T>, value: T) -> Result<(), Unreadable> {
    match field.replace(value) {
        None => Ok(()),
        Some(_) => Err(Unreadable::Field),
    }
}
