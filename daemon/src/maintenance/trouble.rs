use std::fmt::Display;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::store::{BackupError, OpenError, RekeyError, RestoreError};

/// Why a job was not done: a word for programs, a sentence for the log, and what belongs to it.
pub struct Trouble {
    word: &'static str,
    text: String,
    more: Map<String, Value>,
}

impl Trouble {
    /// A job that failed in a way that programs tell apart.
    pub fn new(word: &'static str, text: impl Into<String>) -> Self {
        Self {
            word,
            text: text.into(),
            more: Map::new(),
        }
    }

    /// The operating system refused something.
    pub fn system(doing: &str, said: &dyn Display) -> Self {
        Self::new("system", format!("{doing}: {said}"))
    }

    /// A file could not be used.
    pub fn file(word: &'static str, path: &Path, said: &dyn Display) -> Self {
        Self::new(word, said.to_string()).with("path", path.to_string_lossy())
    }

    /// With one thing more to know.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.more.insert(key.to_owned(), value.into());
        self
    }

    /// As one of the things that are wrong with a part of the store.
    pub fn of(self, part: &str) -> Value {
        self.with("part", part).to_json()
    }

    /// As it is reported.
    pub fn to_json(&self) -> Value {
        let mut told = self.more.clone();
        told.insert("word".to_owned(), json!(self.word));
        told.insert("text".to_owned(), json!(self.text));
        Value::Object(told)
    }
}

impl From<RekeyError> for Trouble {
    fn from(error: RekeyError) -> Self {
        Self::new(error.word(), error.to_string())
    }
}

impl From<OpenError> for Trouble {
    fn from(error: OpenError) -> Self {
        Self::new("store", error.to_string())
    }
}

impl From<RestoreError> for Trouble {
    fn from(error: RestoreError) -> Self {
        Self::new("not-restored", error.to_string())
    }
}

impl From<BackupError> for Trouble {
    fn from(error: BackupError) -> Self {
        let told = Self::new(error.word(), error.to_string());
        match error {
            BackupError::WrongKey { needed, given } => {
                told.with("needed", needed).with("given", given)
            }
            BackupError::WrongLength { bytes, wanted } => {
                told.with("bytes", bytes).with("wanted", wanted)
            }
            BackupError::Record { user, .. } => told.with("user", user.as_str()),
            _ => told,
        }
    }
}
