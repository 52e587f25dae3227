//! A method call as bytes.

use std::num::NonZeroU32;

use zeroize::Zeroizing;

use super::message::{
    DESTINATION, INTERFACE, MEMBER, METHOD_CALL, PATH, PROTOCOL_VERSION, SIGNATURE,
};
use super::writer::{Unwritable, Writer, Written};

/// What is asked of whom.
pub struct Call<'c> {
    /// The number that the answer will name.
    pub serial: NonZeroU32,
    /// To whom; nobody where there is no broker.
    pub destination: Option<&'c str>,
    /// Of which object.
    pub path: &'c str,
    /// The interface of the method.
    pub interface: &'c str,
    /// The method.
    pub member: &'c str,
    /// The types of the arguments.
    pub signature: &'c str,
}

impl Call<'_> {
    /// The whole message, with the arguments that `body` writes.
    pub fn write(
        &self,
        body: &mut dyn FnMut(&mut Writer) -> Written,
    ) -> Result<Zeroizing<Vec<u8>>, Unwritable> {
        const FLAGS: u8 = 0;
        const LENGTH_AT: usize = 4;
        let mut writer = Writer::new();
        for byte in [b'l', METHOD_CALL, FLAGS, PROTOCOL_VERSION] {
            writer.byte(byte)?;
        }
        writer.number(0)?; // the length of the body
        writer.number(self.serial.get())?;
        writer.array(8, &mut |fields| self.fields(fields))?;
        writer.align(8)?;
        let start = writer.len();
        body(&mut writer)?;
        writer.fill_in(LENGTH_AT, writer.len() - start)?;
        Ok(writer.finish())
    }

    fn fields(&self, writer: &mut Writer) -> Written {
        let fields = [
            (PATH, "o", Some(self.path)),
            (INTERFACE, "s", Some(self.interface)),
            (MEMBER, "s", Some(self.member)),
            (DESTINATION, "s", self.destination),
        ];
        for (field, kind, value) in fields {
            if let Some(value) = value {
                writer.align(8)?;
                writer.byte(field)?;
                writer.signature(kind)?;
                writer.text(value)?;
            }
        }
        if self.signature.is_empty() {
            return Ok(());
        }
        writer.align(8)?;
        writer.byte(SIGNATURE)?;
        writer.signature("g")?;
        writer.signature(self.signature)
    }
}

/// What a method of the bus takes.
pub trait Arguments {
    /// The types.
    const SIGNATURE: &'static str;

    /// Writes the values.
    fn write(&self, writer: &mut Writer) -> Written;
}

impl Arguments for () {
    const SIGNATURE: &'static str = "";

    fn write(&self, _: &mut Writer) -> Written {
        Ok(())
    }
}

impl Arguments for &str {
    const SIGNATURE: &'static str = "s";

    fn write(&self, writer: &mut Writer) -> Written {
        writer.text(self)
    }
}

impl Arguments for (&str, u32) {
    const SIGNATURE: &'static str = "su";

    fn write(&self, writer: &mut Writer) -> Written {
        writer.text(self.0)?;
        writer.number(self.1)
    }
}
