use std::fmt;

use serde::{Deserialize, Serialize};

/// A number that is known to lie between `MIN` and `MAX`, both allowed. Checked where it comes in,
/// also out of a record, and trusted from there on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Bounded<const MIN: i64, const MAX: i64>(i64);

impl<const MIN: i64, const MAX: i64> Bounded<MIN, MAX> {
    /// Checks a number that came from outside.
    pub const fn new(value: i64) -> Result<Self, OutOfBounds> {
        if MIN <= value && value <= MAX {
            Ok(Self(value))
        } else {
            Err(OutOfBounds {
                value,
                min: MIN,
                max: MAX,
            })
        }
    }

    /// A number written in the source. The compiler checks it.
    pub const fn constant<const VALUE: i64>() -> Self {
        const {
            assert!(
                MIN <= VALUE && VALUE <= MAX,
                "outside the bounds of its type"
            );
        }
        Self(VALUE)
    }

    /// The number.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Its distance from zero, which is the number itself wherever `MIN` is not negative.
    pub const fn magnitude(self) -> u64 {
        self.0.unsigned_abs()
    }
}

impl<const MIN: i64, const MAX: i64> TryFrom<i64> for Bounded<MIN, MAX> {
    type Error = OutOfBounds;

    fn try_from(value: i64) -> Result<Self, OutOfBounds> {
        Self::new(value)
    }
}

impl<const MIN: i64, const MAX: i64> From<Bounded<MIN, MAX>> for i64 {
    fn from(bounded: Bounded<MIN, MAX>) -> Self {
        bounded.0
    }
}

/// A number outside its bounds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OutOfBounds {
    /// What came.
    pub value: i64,
    /// The least that is allowed.
    pub min: i64,
    /// The most that is allowed.
    pub max: i64,
}

impl fmt::Display for OutOfBounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} is not between {} and {}",
            self.value, self.min, self.max
        )
    }
}

impl std::error::Error for OutOfBounds {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_are_allowed_and_nothing_beyond() {
        type Digits = Bounded<6, 8>;
        assert_eq!(Digits::new(6).unwrap().get(), 6);
        assert_eq!(Digits::new(8).unwrap().get(), 8);
        for value in [i64::MIN, 5, 9, i64::MAX] {
            assert_eq!(
                Digits::new(value),
                Err(OutOfBounds {
                    value,
                    min: 6,
                    max: 8
                })
            );
        }
        assert_eq!(
            Digits::new(5).unwrap_err().to_string(),
            "5 is not between 6 and 8"
        );
    }
}
