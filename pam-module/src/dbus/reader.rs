//! Reads values as D-Bus has them on the wire (D-Bus specification, "Marshaling"). The bytes may come
//! from anybody: nothing is taken without having been looked at, and no more than there is.

use std::{fmt, str};

/// Why bytes are not what they should be. Says nothing of what is in them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unreadable {
    /// They end before the value does.
    Cut,
    /// They go on behind the last value.
    Rest,
    /// There is something between two values.
    Padding,
    /// A text is not UTF-8 without NUL, closed by a NUL.
    Text,
    /// A type is unknown, or none at all.
    Type,
    /// Types within types, deeper than any bus lets through.
    Depth,
    /// A truth value is neither 0 nor 1.
    Bool,
    /// A field of the header has another type than it must have, comes twice, or cannot be zero and is.
    Field,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cut => "it ends too early",
            Self::Rest => "it goes on behind its end",
            Self::Padding => "there are bytes between two values",
            Self::Text => "a text is no UTF-8, or not closed",
            Self::Type => "a type that there is none of",
            Self::Depth => "it is nested too deep",
            Self::Bool => "a truth value that is neither",
            Self::Field => "a field of the header that cannot be",
        })
    }
}

impl std::error::Error for Unreadable {}

/// In which order the bytes of a number stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// The lowest first.
    Little,
    /// The highest first.
    Big,
}

/// Bytes, and how far they were read. The first one stands at a multiple of eight.
pub struct Reader<'m> {
    bytes: &'m [u8],
    at: usize,
    order: Order,
}

impl<'m> Reader<'m> {
    /// From the beginning.
    pub fn new(bytes: &'m [u8], order: Order) -> Self {
        Self {
            bytes,
            at: 0,
            order,
        }
    }

    /// How many bytes were read.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Nothing may be left.
    pub fn end(&self) -> Result<(), Unreadable> {
        if self.at == self.bytes.len() {
            Ok(())
        } else {
            Err(Unreadable::Rest)
        }
    }

    /// `y`
    pub fn byte(&mut self) -> Result<u8, Unreadable> {
        self.fixed().map(|[byte]| byte)
    }

    /// `u`
    pub fn number(&mut self) -> Result<u32, Unreadable> {
        let bytes = self.fixed()?;
        Ok(match self.order {
            Order::Little => u32::from_le_bytes(bytes),
            Order::Big => u32::from_be_bytes(bytes),
        })
    }

    /// `t`
    pub fn big_number(&mut self) -> Result<u64, Unreadable> {
        let bytes = self.fixed()?;
        Ok(match self.order {
            Order::Little => u64::from_le_bytes(bytes),
            Order::Big => u64::from_be_bytes(bytes),
        })
    }

    /// `s`, and `o`, which has the same form.
    pub fn text(&mut self) -> Result<&'m str, Unreadable> {
        let length = self.length()?;
        self.closed(length)
    }

    /// `g`
    pub fn signature(&mut self) -> Result<&'m str, Unreadable> {
        let length = self.byte()?;
        self.closed(length.into())
    }

    /// `a` of elements that begin at multiples of `alignment`. `element` reads one, from what the array
    /// has and nothing behind it.
    pub fn array(
        &mut self,
        alignment: usize,
        element: &mut dyn FnMut(&mut Self) -> Result<(), Unreadable>,
    ) -> Result<(), Unreadable> {
        let length = self.length()?;
        self.align(alignment)?; // not counted into the length
        let end = self.at.checked_add(length).ok_or(Unreadable::Cut)?;
        let mut inside = Self {
            bytes: self.bytes.get(..end).ok_or(Unreadable::Cut)?,
            at: self.at,
            order: self.order,
        };
        // There is no value without a byte, so this comes to an end.
        while inside.at < end {
            element(&mut inside)?;
        }
        self.at = end;
        Ok(())
    }

    /// Goes on to the next multiple of so many bytes. Only zeros may stand between.
    pub fn align(&mut self, to: usize) -> Result<(), Unreadable> {
        let padding = self.take(self.at.next_multiple_of(to) - self.at)?;
        if padding.iter().all(|byte| *byte == 0) {
            Ok(())
        } else {
            Err(Unreadable::Padding)
        }
    }

    /// A value that takes as many bytes as it is aligned to.
    pub fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Unreadable> {
        self.align(N)?;
        let bytes = self.take(N)?.first_chunk();
        bytes.copied().ok_or(Unreadable::Cut)
    }

    fn length(&mut self) -> Result<usize, Unreadable> {
        usize::try_from(self.number()?).map_err(|_| Unreadable::Cut)
    }

    fn closed(&mut self, length: usize) -> Result<&'m str, Unreadable> {
        let text = self.take(length)?;
        if self.byte()? != 0 || text.contains(&0) {
            return Err(Unreadable::Text);
        }
        str::from_utf8(text).map_err(|_| Unreadable::Text)
    }

    fn take(&mut self, length: usize) -> Result<&'m [u8], Unreadable> {
        let end = self.at.checked_add(length).ok_or(Unreadable::Cut)?;
        let taken = self.bytes.get(self.at..end).ok_or(Unreadable::Cut)?;
        self.at = end;
        Ok(taken)
    }
}
