//! Writes values as D-Bus has them on the wire (D-Bus specification, "Marshaling"), little-endian.

use std::fmt;

use zeroize::Zeroizing;

/// More than any call of ours, whose every text is bounded. The buffer never grows beyond what was
/// set aside for it: growing would leave a copy behind that is not wiped.
pub const MAX_BYTES: usize = 4096;

/// Why a value cannot be written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unwritable {
    /// The message gets longer than [`MAX_BYTES`].
    TooLong,
    /// There is a NUL in a text.
    Nul,
}

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "it is longer than any question needs to be",
            Self::Nul => "there is a NUL in a text",
        })
    }
}

impl std::error::Error for Unwritable {}

/// A value is there now, or cannot be.
pub type Written = Result<(), Unwritable>;

/// A message that is being written; wiped, since it may hold a code.
pub struct Writer {
    bytes: Zeroizing<Vec<u8>>,
}

impl Writer {
    /// Nothing yet.
    pub fn new() -> Self {
        Self {
            bytes: Zeroizing::new(Vec::with_capacity(MAX_BYTES)),
        }
    }

    /// What was written.
    pub fn finish(self) -> Zeroizing<Vec<u8>> {
        self.bytes
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// `y`
    pub fn byte(&mut self, byte: u8) -> Written {
        self.push(&[byte])
    }

    /// `u`
    pub fn number(&mut self, number: u32) -> Written {
        self.align(4)?;
        self.push(&number.to_le_bytes())
    }

    /// `s`, and `o`, which has the same form.
    pub fn text(&mut self, text: &str) -> Written {
        self.number(u32::try_from(text.len()).map_err(|_| Unwritable::TooLong)?)?;
        self.closed(text)
    }

    /// `g`
    pub fn signature(&mut self, signature: &str) -> Written {
        self.byte(u8::try_from(signature.len()).map_err(|_| Unwritable::TooLong)?)?;
        self.closed(signature)
    }

    /// `a` of elements that begin at multiples of `alignment`.
    pub fn array(
        &mut self,
        alignment: usize,
        elements: &mut dyn FnMut(&mut Self) -> Written,
    ) -> Written {
        self.number(0)?;
        let place = self.len() - 4;
        self.align(alignment)?; // not counted into the length
        let start = self.len();
        elements(self)?;
        self.fill_in(place, self.len() - start)
    }

    /// `{sv}`, of a type and a value.
    pub fn entry(
        &mut self,
        key: &str,
        signature: &str,
        value: &mut dyn FnMut(&mut Self) -> Written,
    ) -> Written {
        self.align(8)?;
        self.text(key)?;
        self.signature(signature)?;
        value(self)
    }

    /// Zeros up to the next multiple of so many bytes.
    pub fn align(&mut self, to: usize) -> Written {
        while !self.len().is_multiple_of(to) {
            self.byte(0)?;
        }
        Ok(())
    }

    /// Puts a length into the four bytes at `place` that were left for it.
    pub fn fill_in(&mut self, place: usize, length: usize) -> Written {
        let length = u32::try_from(length).map_err(|_| Unwritable::TooLong)?;
        let place = self.bytes.get_mut(place..);
        let place = place.and_then(|rest| rest.first_chunk_mut());
        *place.ok_or(Unwritable::TooLong)? = length.to_le_bytes();
        Ok(())
    }

    fn closed(&mut self, text: &str) -> Written {
        if text.contains('\0') {
            return Err(Unwritable::Nul);
        }
        self.push(text.as_bytes())?;
        self.byte(0)
    }

    fn push(&mut self, bytes: &[u8]) -> Written {
        if bytes.len() > MAX_BYTES - self.len() {
            return Err(Unwritable::TooLong);
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }
}
