//! The types that answers are made of.

use zeroize::Zeroizing;

use super::reader::{Reader, Unreadable};
use super::skip::skip;

/// A type that can be read.
pub trait Read: Sized {
    /// Reads one.
    fn read(reader: &mut Reader<'_>) -> Result<Self, Unreadable>;
}

impl Read for u32 {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Unreadable> {
        reader.number()
    }
}

impl Read for String {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Unreadable> {
        reader.text().map(str::to_owned)
    }
}

impl Read for Zeroizing<String> {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Unreadable> {
        String::read(reader).map(Self::new)
    }
}

impl Read for Vec<u32> {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Unreadable> {
        list(reader)
    }
}

impl Read for Vec<Zeroizing<String>> {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Unreadable> {
        list(reader)
    }
}

/// Reads an array of what begins at multiples of four, as numbers and texts do.
fn list<T: Read>(reader: &mut Reader<'_>) -> Result<Vec<T>, Unreadable> {
    let mut all = Vec::new();
    reader.array(4, &mut |reader| {
        all.push(T::read(reader)?);
        Ok(())
    })?;
    Ok(all)
}

/// Two arguments.
impl<A: Read, B: Read> Read for (A, B) {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Unreadable> {
        Ok((A::read(reader)?, B::read(reader)?))
    }
}

/// The `a{sv}` of an answer. Its texts are wiped, since one may be a key.
pub struct Details(Vec<(String, Value)>);

enum Value {
    Number(u32),
    BigNumber(u64),
    Numbers(Vec<u32>),
    Text(Zeroizing<String>),
    Yes,
    /// Of a type that no key has which this module knows.
    Other,
}

impl Details {
    /// The `u` of this name, if there is one. Like the other questions, this overlooks a value of
    /// another type, and hears the last of several.
    pub fn number(&self, key: &str) -> Option<u32> {
        match self.find(key)? {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The `t` of this name.
    pub fn big_number(&self, key: &str) -> Option<u64> {
        match self.find(key)? {
            Value::BigNumber(number) => Some(*number),
            _ => None,
        }
    }

    /// The `au` of this name.
    pub fn numbers(&self, key: &str) -> Option<&[u32]> {
        match self.find(key)? {
            Value::Numbers(numbers) => Some(numbers),
            _ => None,
        }
    }

    /// The `s` of this name.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.find(key)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Is there a `b` of this name that says yes?
    pub fn says_yes(&self, key: &str) -> bool {
        matches!(self.find(key), Some(Value::Yes))
    }

    fn find(&self, key: &str) -> Option<&Value> {
        let found = self.0.iter().rev().find(|(name, _)| name == key);
        found.map(|(_, value)| value)
    }
}

impl Read for Details {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Unreadable> {
        let mut all = Vec::new();
        reader.array(8, &mut |reader| {
            reader.align(8)?;
            all.push((reader.text()?.to_owned(), Value::read(reader)?));
            Ok(())
        })?;
        Ok(Self(all))
    }
}

impl Value {
    /// Reads a variant.
    fn read(reader: &mut Reader<'_>) -> Result<Self, Unreadable> {
        match reader.signature()? {
            "u" => Read::read(reader).map(Self::Number),
            "t" => reader.big_number().map(Self::BigNumber),
            "au" => Read::read(reader).map(Self::Numbers),
            "s" => Read::read(reader).map(Self::Text),
            "b" => reader.number().and_then(|number| match number {
                0 => Ok(Self::Other),
                1 => Ok(Self::Yes),
                _ => Err(Unreadable::Bool),
            }),
            other => skip(reader, other).map(|()| Self::Other),
        }
    }
}
