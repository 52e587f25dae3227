use clap::ValueEnum;

/// A size of paper.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Paper {
    /// 210 by 297 mm (ISO 216).
    A4,
    /// 8.5 by 11 inches (ANSI A).
    Letter,
}

/// Where printers hold Letter paper: the territories whose `LC_PAPER` says so in glibc and CLDR.
const LETTER: [&str; 16] = [
    "BO", "BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE", "DO",
];

impl Paper {
    /// Width and height in points of 1/72 inch.
    pub const fn points(self) -> (f32, f32) {
        match self {
            Self::A4 => (595.28, 841.89),
            Self::Letter => (612.0, 792.0),
        }
    }

    /// What lies in the printer where the environment comes from: the first of `LC_ALL`, `LC_PAPER`
    /// and `LANG` that is set (locale(7)) names the territory.
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let locale = ["LC_ALL", "LC_PAPER", "LANG"]
            .into_iter()
            .filter_map(variable)
            .find(|value| !value.is_empty())
            .unwrap_or_default();
        let territory = locale
            .split(['.', '@'])
            .next()
            .and_then(|name| name.split_once('_'))
            .map(|(_, territory)| territory.to_ascii_uppercase())
            .unwrap_or_default();
        if LETTER.contains(&territory.as_str()) {
            Self::Letter
        } else {
            Self::A4
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Paper {
        Paper::of_environment(|name| {
            let found = pairs.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_territory_of_the_locale_decides_on_the_paper() {
        for (locale, paper) in [
            ("en_US.UTF-8", Paper::Letter),
            ("en_CA", Paper::Letter),
            ("fr_CA.UTF-8", Paper::Letter),
            ("es_MX.UTF-8@x", Paper::Letter),
            ("en_GB.UTF-8", Paper::A4),
            ("fr_FR.UTF-8", Paper::A4),
            ("C.UTF-8", Paper::A4),
            ("C", Paper::A4),
            ("en", Paper::A4),
            ("", Paper::A4),
        ] {
            assert_eq!(of(&[("LANG", locale)]), paper, "{locale}");
        }
        assert_eq!(of(&[]), Paper::A4);
    }

    #[test]
    fn the_variable_for_paper_goes_before_the_language() {
        let (us, fr) = ("en_US.UTF-8", "fr_FR.UTF-8");
        assert_eq!(of(&[("LC_PAPER", us), ("LANG", fr)]), Paper::Letter);
        assert_eq!(of(&[("LC_PAPER", fr), ("LANG", us)]), Paper::A4);
        assert_eq!(of(&[("LC_ALL", us), ("LC_PAPER", fr)]), Paper::Letter);
        assert_eq!(of(&[("LC_ALL", ""), ("LC_PAPER", us)]), Paper::Letter);
    }
}
