use std::borrow::Cow;

/// What is put into a message: a number, after which its words may be chosen, or a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value<'v> {
    /// How many, or which.
    Number(u64),
    /// As it is.
    Text(Cow<'v, str>),
}

macro_rules! from_numbers {
    ($($number:ty)*) => {
        $(
            impl From<$number> for Value<'_> {
                fn from(number: $number) -> Self {
                    Self::Number(number.into())
                }
            }
        )*
    };
}

from_numbers! { u8 u16 u32 u64 }

impl From<usize> for Value<'_> {
    fn from(number: usize) -> Self {
        // No platform of Rust's has more than 64 bits.
        Self::Number(u64::try_from(number).unwrap_or(u64::MAX))
    }
}

impl<'v> From<&'v str> for Value<'v> {
    fn from(text: &'v str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl<'v> From<&'v String> for Value<'v> {
    fn from(text: &'v String) -> Self {
        Self::Text(text.into())
    }
}

impl<'v> From<Cow<'v, str>> for Value<'v> {
    fn from(text: Cow<'v, str>) -> Self {
        Self::Text(text)
    }
}
