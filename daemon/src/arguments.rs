//! The `a{sv}` arguments: every key is known and of its type, or the call is refused.

use std::collections::HashMap;

use countersign_bus::Fault;
use zbus::{OwnedVariant, Variant};

use crate::refusal::Refusal;

/// An `a{sv}` as it arrives.
pub type Dict = HashMap<String, OwnedVariant>;

/// Takes the values out of an argument, one key after the other.
pub struct Arguments(Dict);

impl Arguments {
    /// Begins with all that was sent.
    pub fn new(sent: Dict) -> Self {
        Self(sent)
    }

    /// The text under `key`, if it was sent.
    pub fn text(&mut self, key: &str) -> Result<Option<String>, Refusal> {
        self.take(key, "a string", |value| match value {
            Variant::Str(text) => Some(text.to_string()),
            _ => None,
        })
    }

    /// The dictionary under `key`, if it was sent.
    pub fn dictionary(&mut self, key: &str) -> Result<Option<Dict>, Refusal> {
        self.take(key, "a dictionary", |value| {
            let value = value.try_clone().ok()?;
            matches!(value, Variant::Dict(_)).then_some(())?;
            Dict::try_from(OwnedVariant::try_from(value).ok()?).ok()
        })
    }

    /// Is there a yes under `key`? What was not sent is a no.
    pub fn flag(&mut self, key: &str) -> Result<bool, Refusal> {
        let sent = self.take(key, "a boolean", |value| match value {
            Variant::Bool(flag) => Some(*flag),
            _ => None,
        })?;
        Ok(sent.unwrap_or_default())
    }

    /// The number under `key`, if it was sent; any unsigned D-Bus type will do.
    pub fn number(&mut self, key: &str) -> Result<Option<u64>, Refusal> {
        self.take(key, "an unsigned number", |value| match value {
            Variant::U8(n) => Some(u64::from(*n)),
            Variant::U16(n) => Some(u64::from(*n)),
            Variant::U32(n) => Some(u64::from(*n)),
            Variant::U64(n) => Some(*n),
            _ => None,
        })
    }

    /// The number under `key`, if it was sent and fits `T`.
    pub fn small<T: TryFrom<u64>>(&mut self, key: &str) -> Result<Option<T>, Refusal> {
        let Some(number) = self.number(key)? else {
            return Ok(None);
        };
        T::try_from(number)
            .map(Some)
            .map_err(|_| Refusal::argument(format!("{key}: {number} is too large")))
    }

    /// The number under `key`, if it was sent; it may be negative.
    pub fn integer(&mut self, key: &str) -> Result<Option<i64>, Refusal> {
        self.take(key, "a number", |value| match value {
            Variant::I16(n) => Some(i64::from(*n)),
            Variant::I32(n) => Some(i64::from(*n)),
            Variant::I64(n) => Some(*n),
            Variant::U32(n) => Some(i64::from(*n)),
            _ => None,
        })
    }

    /// The texts under `key`; none when it was not sent.
    pub fn texts(&mut self, key: &str) -> Result<Vec<String>, Refusal> {
        Ok(self.whole(key, "a list of strings")?.unwrap_or_default())
    }

    /// The arguments in arguments under `key`, if it was sent.
    pub fn dicts(&mut self, key: &str) -> Result<Option<Vec<Self>>, Refusal> {
        let dicts: Option<Vec<Dict>> = self.whole(key, "a list of a{sv}")?;
        Ok(dicts.map(|dicts| dicts.into_iter().map(Self::new).collect()))
    }

    fn whole<T: TryFrom<OwnedVariant>>(
        &mut self,
        key: &str,
        wanted: &str,
    ) -> Result<Option<T>, Refusal> {
        let value = self.0.remove(key).map(T::try_from).transpose();
        value.map_err(|_| Refusal::argument(format!("{key} must be {wanted}")))
    }

    /// Refuses what is left: a key that this version does not know might mean "only if".
    pub fn finish(self) -> Result<(), Refusal> {
        match self.0.keys().min() {
            None => Ok(()),
            Some(key) => Err(Refusal::new(
                Fault::InvalidArgument,
                format!("unknown key {}", crate::audit::Quoted(key)),
            )),
        }
    }

    fn take<T>(
        &mut self,
        key: &str,
        wanted: &str,
        read: impl FnOnce(&Variant<'_>) -> Option<T>,
    ) -> Result<Option<T>, Refusal> {
        let Some(value) = self.0.remove(key) else {
            return Ok(None);
        };
        match read(&value) {
            Some(value) => Ok(Some(value)),
            None => Err(Refusal::argument(format!("{key} must be {wanted}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(pairs: &[(&str, Variant<'_>)]) -> Arguments {
        let dict = pairs.iter().map(|(key, value)| {
            (
                (*key).to_owned(),
                OwnedVariant::try_from(value.try_clone().unwrap()).unwrap(),
            )
        });
        Arguments::new(dict.collect())
    }

    #[test]
    fn values_come_out_by_type() {
        let mut arguments = sent(&[("name", "phone".into()), ("digits", 8u32.into())]);
        assert_eq!(arguments.text("name").unwrap().unwrap(), "phone");
        assert_eq!(arguments.small::<u8>("digits").unwrap(), Some(8));
        assert_eq!(arguments.number("period").unwrap(), None);
        arguments.finish().unwrap();
        let mut arguments = sent(&[
            ("offset", (-3i64).into()),
            ("unless-enrolled", true.into()),
            ("recovery-codes", vec!["1", "2"].into()),
        ]);
        assert_eq!(arguments.integer("offset").unwrap(), Some(-3));
        assert!(arguments.flag("unless-enrolled").unwrap());
        assert_eq!(arguments.texts("recovery-codes").unwrap(), ["1", "2"]);
        assert!(arguments.dicts("tokens").unwrap().is_none());
        assert!(!arguments.flag("unless-enrolled").unwrap(), "once");
        arguments.finish().unwrap();
    }

    #[test]
    fn each_bad_argument_has_its_message() {
        let mut arguments = sent(&[
            ("name", 1u32.into()),
            ("digits", "6".into()),
            ("period", u64::MAX.into()),
        ]);
        let texts = [
            arguments.text("name").unwrap_err().text,
            arguments.number("digits").unwrap_err().text,
            arguments.small::<u32>("period").unwrap_err().text,
        ];
        assert_eq!(
            texts,
            [
                "name must be a string",
                "digits must be an unsigned number",
                "period: 18446744073709551615 is too large",
            ]
        );
        let mut arguments = sent(&[
            ("offset", u64::MAX.into()),
            ("unless-enrolled", 1u32.into()),
            ("recovery-codes", "12345678".into()),
            ("tokens", vec!["one"].into()),
        ]);
        let texts = [
            arguments.integer("offset").unwrap_err().text,
            arguments.flag("unless-enrolled").unwrap_err().text,
            arguments.texts("recovery-codes").unwrap_err().text,
            arguments.dicts("tokens").err().unwrap().text,
        ];
        assert_eq!(
            texts,
            [
                "offset must be a number",
                "unless-enrolled must be a boolean",
                "recovery-codes must be a list of strings",
                "tokens must be a list of a{sv}",
            ]
        );
        let unknown = sent(&[("only-if\n", true.into())]).finish().unwrap_err();
        assert_eq!(unknown.text, "unknown key \"only-if\\n\"");
    }
}
