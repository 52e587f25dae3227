use std::fmt;
use std::str::FromStr;

#[cfg(any(test, feature = "catalogue"))]
use unic_langid::LanguageIdentifier;

/// A language that everything is said in.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Language {
    /// English, where nothing else is asked for.
    #[default]
    English,
    /// French.
    French,
}

impl Language {
    /// All of them.
    pub const ALL: &[Self] = &[Self::English, Self::French];

    /// Its code (ISO 639-1), as `language` in the configuration has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }

    /// The language of a locale's name (locale(7)), such as `fr_CA.UTF-8`; English for any other.
    pub fn of_locale(locale: &str) -> Self {
        Self::known(locale).unwrap_or_default()
    }

    fn known(locale: &str) -> Option<Self> {
        let code = locale.split(['_', '.', '@', '-']).next()?;
        code.parse().ok()
    }

    /// What a program's environment asks for, by its variables, as gettext has it: the first of
    /// `LC_ALL`, `LC_MESSAGES` and `LANG` that is set and not empty (locale(7)), but where that is a
    /// language at all, the first of the list `LANGUAGE` that there are words in. English where the
    /// terminal would not show another language's letters.
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let locale = first(&variable, ["LC_ALL", "LC_MESSAGES", "LANG"]);
        if locale.is_empty()
            || matches!(locale.split('.').next(), Some("C" | "POSIX"))
            || Charset::of_environment(&variable) == Charset::Other
        {
            return Self::English;
        }
        match variable("LANGUAGE").filter(|list| !list.is_empty()) {
            Some(list) => list.split(':').find_map(Self::known).unwrap_or_default(),
            None => Self::of_locale(&locale),
        }
    }

    #[cfg(any(test, feature = "catalogue"))]
    pub(crate) fn identifier(self) -> LanguageIdentifier {
        // Both are well formed; the default has no plural rules, and reads all the same.
        self.as_str().parse().unwrap_or_default()
    }
}

/// What the letters of a terminal are, as its program is told by the locale.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Charset {
    /// UTF-8: all of them.
    Utf8,
    /// Another. ASCII is safe.
    Other,
}

impl Charset {
    /// What the environment says, in the order of setlocale(3): the first of `LC_ALL`, `LC_CTYPE`
    /// and `LANG` that is set and not empty.
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let locale = first(&variable, ["LC_ALL", "LC_CTYPE", "LANG"]).to_ascii_lowercase();
        if locale.contains("utf-8") || locale.contains("utf8") {
            Self::Utf8
        } else {
            Self::Other
        }
    }
}

/// The first of these variables that is set and not empty, or nothing.
fn first<const N: usize>(variable: impl Fn(&str) -> Option<String>, names: [&str; N]) -> String {
    names
        .into_iter()
        .filter_map(variable)
        .find(|value| !value.is_empty())
        .unwrap_or_default()
}

/// A code of no language that there are words in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnknownLanguage;

impl fmt::Display for UnknownLanguage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the language is not one of en, fr")
    }
}

impl std::error::Error for UnknownLanguage {}

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(code: &str) -> Result<Self, UnknownLanguage> {
        Self::ALL
            .iter()
            .copied()
            .find(|language| language.as_str() == code)
            .ok_or(UnknownLanguage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_asks_for_its_language() {
        for (locale, language) in [
            ("fr_FR.UTF-8", Language::French),
            ("fr", Language::French),
            ("fr-CA", Language::French),
            ("fr@euro", Language::French),
            ("en_GB.UTF-8", Language::English),
            ("de_DE.UTF-8", Language::English),
            ("frr_DE", Language::English),
            ("C", Language::English),
            ("", Language::English),
        ] {
            assert_eq!(Language::of_locale(locale), language, "{locale}");
        }
    }

    fn environment<'a>(pairs: &'a [(&str, &str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| {
            let pair = pairs.iter().find(|(key, _)| *key == name);
            pair.map(|(_, value)| (*value).to_owned())
        }
    }

    #[test]
    fn the_environment_chooses_as_it_does_for_gettext() {
        let set = |pairs| Language::of_environment(environment(pairs));
        for pairs in [
            &[("LANG", "fr_FR.UTF-8")][..],
            &[("LANG", "fr_CA.utf8"), ("LC_ALL", "")],
            &[("LANG", "en_US.UTF-8"), ("LC_MESSAGES", "fr_FR.UTF-8")],
            &[("LANG", "en_US.UTF-8"), ("LANGUAGE", "fr")],
            &[("LANG", "de_DE.UTF-8"), ("LANGUAGE", "de:fr_BE:en")],
            &[("LANG", "fr_FR.UTF-8"), ("LANGUAGE", "")],
        ] {
            assert_eq!(set(pairs), Language::French, "{pairs:?}");
        }
        for pairs in [
            &[][..],
            &[("LANG", "C.UTF-8"), ("LANGUAGE", "fr")],
            &[("LANG", "POSIX"), ("LANGUAGE", "fr")],
            &[("LANGUAGE", "fr")],
            &[("LANG", "fr_FR.UTF-8"), ("LC_ALL", "C.UTF-8")],
            &[("LANG", "fr_FR.UTF-8"), ("LANGUAGE", "en:fr")],
            &[("LANG", "fr_FR.UTF-8"), ("LANGUAGE", "de")],
            &[("LANG", "de_DE.UTF-8")],
        ] {
            assert_eq!(set(pairs), Language::English, "{pairs:?}");
        }
    }

    #[test]
    fn a_terminal_that_does_not_show_its_letters_is_not_spoken_to_in_french() {
        let set = |pairs| Language::of_environment(environment(pairs));
        for pairs in [
            &[("LANG", "fr")][..],
            &[("LANG", "fr_FR")],
            &[("LANG", "fr_FR.ISO-8859-1")],
            &[("LANG", "fr_FR@euro")],
            &[("LANG", "fr_FR.UTF-8"), ("LC_CTYPE", "C")],
            &[("LC_MESSAGES", "fr_FR.UTF-8")],
        ] {
            assert_eq!(set(pairs), Language::English, "{pairs:?}");
        }
        let charset = |pairs| Charset::of_environment(environment(pairs));
        assert_eq!(charset(&[("LC_CTYPE", "C.utf8")]), Charset::Utf8);
        assert_eq!(charset(&[("LANG", "C")]), Charset::Other);
    }
}
