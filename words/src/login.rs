//! What a login says, as code: the build makes it of `login.ftl` (see `build.rs`).

use crate::{Language, Value};

// fn english, fn french: say the message of that name, if there is one.
include!(concat!(env!("OUT_DIR"), "/login.rs"));

/// A message that is being said.
pub struct Speech<'v> {
    said: String,
    values: &'v [(&'static str, Value<'v>)],
    /// A value has a place, and was not given.
    lacks: bool,
}

impl<'v> Speech<'v> {
    /// The message of that name, if there is one.
    pub fn say(
        language: Language,
        name: &str,
        values: &'v [(&'static str, Value<'v>)],
    ) -> Option<Self> {
        let mut speech = Self {
            said: String::new(),
            values,
            lacks: false,
        };
        match language {
            Language::English => english(&mut speech, name)?,
            Language::French => french(&mut speech, name)?,
        }
        Some(speech)
    }

    /// The text. A value that was not given reads as its name, as Fluent has it.
    pub fn whole(self) -> String {
        self.said
    }

    /// The text, if each value was given.
    pub fn complete(self) -> Option<String> {
        (!self.lacks).then_some(self.said)
    }

    // Called from two hundred places.
    #[inline(never)]
    fn text(&mut self, text: &str) {
        self.said.push_str(text);
    }

    #[inline(never)]
    fn value(&mut self, key: &str) {
        match self.find(key) {
            Some(Value::Number(number)) => self.said.push_str(&number.to_string()),
            Some(Value::Text(text)) => self.said.push_str(text),
            None => {
                self.lacks = true;
                for part in ["{$", key, "}"] {
                    self.said.push_str(part);
                }
            }
        }
    }

    #[inline(never)]
    fn is(&mut self, key: &str, numbers: &[u64]) -> bool {
        let found = self.find(key);
        self.lacks |= found.is_none();
        matches!(found, Some(Value::Number(number)) if numbers.contains(number))
    }

    fn find(&self, key: &str) -> Option<&'v Value<'v>> {
        let found = self.values.iter().find(|(name, _)| *name == key);
        found.map(|(_, value)| value)
    }
}
