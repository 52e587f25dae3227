//! The language of this run, and what is said in it.

use std::sync::OnceLock;

use countersign_words::{Language, Words};

static WORDS: OnceLock<Words> = OnceLock::new();

/// The words of this run. The environment decides at the first call: the tool has no more rights
/// than whoever set it.
pub fn words() -> &'static Words {
    WORDS.get_or_init(|| {
        let variable = |name: &str| Some(std::env::var_os(name)?.to_string_lossy().into_owned());
        Words::of_tool(Language::of_environment(variable))
    })
}

/// A message of the tool by its name: `tell!("card-saved", "file" = path)`.
macro_rules! tell {
    ($($said:tt)*) => { countersign_words::say!($crate::words::words(), $($said)*) };
}
pub(crate) use tell;
