//! The language of this run, and what is said in it.
//!
//! No code and no key goes through the catalogue: the values of a message are copied, and the
//! copies are not wiped. What is secret is written beside the words.

/// The words of this run. The environment decides at the first call: the tool has no more rights
/// than whoever set it.
#[cfg(not(test))]
pub fn words() -> &'static countersign_words::Words {
    use std::sync::OnceLock;

    use countersign_words::{Language, Words};

    static WORDS: OnceLock<Words> = OnceLock::new();
    WORDS.get_or_init(|| {
        let variable = |name: &str| Some(std::env::var_os(name)?.to_string_lossy().into_owned());
        Words::of_tool(Language::of_environment(variable))
    })
}

/// A message of the tool by its name: `tell!("tool-key-saved", "file" = path)`.
macro_rules! tell {
    ($($said:tt)*) => { countersign_words::say!($crate::words::words(), $($said)*) };
}
pub(crate) use tell;
#[cfg(test)]
pub use tests::words;

/// Tests are spoken to in English, wherever they run, unless they choose another language.
#[cfg(test)]
pub mod tests {
    use std::cell::Cell;
    use std::sync::LazyLock;

    use countersign_words::{Language, Words};

    thread_local! {
        static SPOKEN: Cell<Language> = const { Cell::new(Language::English) };
    }

    static ENGLISH: LazyLock<Words> = LazyLock::new(|| Words::of_tool(Language::English));
    static FRENCH: LazyLock<Words> = LazyLock::new(|| Words::of_tool(Language::French));

    pub fn words() -> &'static Words {
        match SPOKEN.get() {
            Language::English => &ENGLISH,
            Language::French => &FRENCH,
        }
    }

    /// What is said in the middle of this is said in that language.
    pub fn speaking<T>(language: Language, act: impl FnOnce() -> T) -> T {
        SPOKEN.set(language);
        let done = act();
        SPOKEN.set(Language::English);
        done
    }
}
