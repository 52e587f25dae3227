use std::fmt;
use std::io;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use countersign_bus::UserNameError;

use super::keys::Table;
use crate::GroupNameError;
use crate::name::NameError;
use crate::policy::NetworkError;
use crate::store::{Tenant, UrlError};

/// One thing that is wrong in the configuration, and where. Its text is a line of its own:
/// `/etc/countersign/countersign.toml:12:1: unknown key "windw" in [totp]; did you mean "window"?`
#[derive(Debug)]
pub struct Problem {
    /// The file or folder.
    pub file: PathBuf,
    /// Where in the file. None when all of it is meant.
    pub place: Option<Place>,
    /// What is wrong there.
    pub wrong: Wrong,
}

/// A place in a text file, as editors count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
}

impl Place {
    /// The place of the character at this offset in bytes. A byte order mark is no column.
    pub(super) fn of(text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before
            .rfind('\n')
            .map_or(0, |newline| newline.saturating_add(1));
        let on_line = before
            .get(line_start..)
            .unwrap_or_default()
            .trim_start_matches('\u{feff}');
        Self {
            line: before.matches('\n').count().saturating_add(1),
            column: on_line.chars().count().saturating_add(1),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A file name may hold what a terminal obeys, too.
        write!(f, "{}", self.file.to_string_lossy().escape_debug())?;
        if let Some(Place { line, column }) = self.place {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.wrong)
    }
}

impl std::error::Error for Problem {}

/// What can be wrong in the configuration.
#[derive(Debug)]
pub enum Wrong {
    /// It cannot be opened or read.
    Unreadable(io::Error),
    /// It is a folder, a device, a pipe or a socket.
    NotAFile,
    /// Somebody besides root may write to it.
    Exposed,
    /// It is larger than any configuration.
    TooLarge {
        /// The limit, in bytes.
        most: u64,
    },
    /// It is not UTF-8, as TOML must be.
    NotUtf8,
    /// It is not TOML.
    Syntax(String),
    /// There is no such key in this table.
    UnknownKey {
        /// The key as written.
        key: String,
        /// Where it stands.
        table: Table,
        /// The key of this table that was probably meant.
        nearest: Option<&'static str>,
    },
    /// The value is of another type.
    Type {
        /// The key.
        key: &'static str,
        /// What it takes.
        wanted: &'static str,
        /// What it has, in the words of TOML.
        found: &'static str,
    },
    /// The number is too small or too large.
    Range {
        /// The key.
        key: &'static str,
        /// What it may be.
        allowed: RangeInclusive<u32>,
    },
    /// The word is none of those that the key takes.
    Word {
        /// The key.
        key: &'static str,
        /// The word as written.
        word: String,
        /// All that it takes.
        known: Box<[&'static str]>,
        /// The one that was probably meant.
        nearest: Option<&'static str>,
    },
    /// The list has nothing in it, so the rule could never match.
    EmptyList {
        /// The key.
        key: &'static str,
    },
    /// The rule does not say what it requires.
    NoRequire,
    /// The rule is for local logins and for networks, so it could never match.
    LocalNetworks,
    /// No issuer.
    Issuer(NameError),
    /// No user name.
    User(UserNameError),
    /// No group name.
    Group(GroupNameError),
    /// No name of a PAM service.
    Service,
    /// No date.
    Date,
    /// No length of time, or one that is out of bounds.
    Remember,
    /// The rule gives a date for enrolling and does not ask anybody to enroll.
    EnrollByAlone {
        /// What it asks for.
        require: &'static str,
    },
    /// The rule remembers codes and asks for none.
    RememberNever,
    /// No network.
    Network {
        /// The text as written.
        text: String,
        /// Why it is none.
        error: NetworkError,
    },
    /// The list has nothing in it, and should.
    NothingListed {
        /// The key.
        key: &'static str,
    },
    /// No address of a server.
    Server(UrlError),
    /// No name of a tenant.
    Tenant,
    /// A path that depends on where somebody is.
    RelativePath {
        /// The key.
        key: &'static str,
    },
    /// The cluster lacks what makes it one.
    ClusterWithout {
        /// The key that is missing.
        key: &'static str,
    },
    /// The store is shared, and nobody has said where.
    NoServers {
        /// Whose enrollments are looked for.
        tenant: Tenant,
    },
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => write!(f, "cannot read this: {error}"),
            Self::NotAFile => f.write_str("this is not a regular file; move it elsewhere"),
            Self::Exposed => {
                f.write_str(
                    "somebody besides root may write to this, and so switch the second factor off; chown root: \
                 it and chmod go-w it",
                )
            }
            Self::TooLarge { most } => write!(f, "this is larger than {most} bytes"),
            Self::NotUtf8 => f.write_str("this is not UTF-8 text; save the file as UTF-8"),
            Self::Syntax(said) => write!(f, "this is not TOML: {said}"),
            Self::UnknownKey { key, table, nearest } => unknown_key(f, key, *table, *nearest),
            Self::Type { key, wanted, found } => {
                write!(f, "\"{key}\" takes {wanted}, and this is {}", with_article(found))
            }
            Self::Range { key, allowed } => write!(
                f,
                "\"{key}\" takes a whole number from {} to {}",
                allowed.start(),
                allowed.end()
            ),
            Self::Word { key, word, known, nearest } => {
                write!(f, "\"{key}\" takes one of {}, and not {}", quoted(known), Written(word))?;
                did_you_mean(f, *nearest)
            }
            Self::EmptyList { key } => write!(
                f,
                "\"{key}\" lists nothing, so the rule matches nobody; leave \"{key}\" out to match any"
            ),
            Self::NoRequire => f.write_str("this rule has no \"require\"; add one"),
            Self::LocalNetworks => f.write_str(
                "a local login comes from no network, so the rule matches nobody; leave \"networks\" or \"local\" out",
            ),
            Self::Issuer(error) => write!(f, "\"issuer\" cannot be used: {error}"),
            Self::User(error) => write!(f, "no such user can exist: {error}"),
            Self::Group(error) => write!(f, "no such group can exist: {error}"),
            Self::Date => f.write_str(
                "\"enroll_by\" takes a date such as 2026-12-31, which lasts until that day ends here, or a date \
                 and time such as 2026-12-31T18:00:00+01:00",
            ),
            Self::Remember => f.write_str(
                "\"remember\" takes a length of time such as \"10m\", \"8h\" or \"2d\", from 1 minute to 30 days",
            ),
            Self::EnrollByAlone { require } => write!(
                f,
                "\"enroll_by\" goes with require = \"enroll\", and this rule says \"{require}\"; change one or \
                 leave \"enroll_by\" out"
            ),
            Self::RememberNever => f.write_str(
                "\"remember\" spares a later code, and this rule asks for none; leave \"remember\" out",
            ),
            Self::NothingListed { key } => {
                write!(f, "\"{key}\" lists nothing; name one at least, or leave it out")
            }
            Self::Server(error) => error.fmt(f),
            Self::Tenant => f.write_str(
                "a tenant is named with a to z, digits, \".\", \"_\" and \"-\", in 63 characters at most",
            ),
            Self::RelativePath { key } => {
                write!(f, "\"{key}\" takes a whole path, which begins with \"/\"")
            }
            Self::ClusterWithout { key } => {
                write!(f, "this cluster has no \"{key}\"; add them")
            }
            Self::NoServers { tenant } => write!(
                f,
                "backend = \"postgres\" needs a server for the tenant \"{tenant}\"; add \"urls\" to [store]"
            ),
            Self::Service => f.write_str(
                "this is no PAM service; write the name of a file in /etc/pam.d, for example \"sshd\"",
            ),
            Self::Network { text, error } => {
                write!(f, "{} is not a network: {error}", Written(text))
            }
        }
    }
}

fn unknown_key(
    f: &mut fmt::Formatter<'_>,
    key: &str,
    table: Table,
    nearest: Option<&'static str>,
) -> fmt::Result {
    write!(f, "unknown key {}", Written(key))?;
    if table != Table::Top {
        write!(f, " in {table}")?;
    }
    match (nearest, Table::owner_of(key)) {
        (Some(_), _) => did_you_mean(f, nearest),
        (None, Some(owner)) => write!(f, "; it belongs in {owner}"),
        (None, None) => write!(f, "; known here: {}", quoted(table.keys())),
    }
}

fn did_you_mean(f: &mut fmt::Formatter<'_>, nearest: Option<&'static str>) -> fmt::Result {
    nearest.map_or(Ok(()), |word| write!(f, "; did you mean \"{word}\"?"))
}

fn quoted(words: &[&str]) -> String {
    words
        .iter()
        .map(|word| format!("\"{word}\""))
        .collect::<Vec<_>>()
        .join(", ")
}

/// What somebody wrote, in quotes: one line, nothing that a terminal obeys, not endless.
pub struct Written<'a>(pub &'a str);

impl fmt::Display for Written<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST: usize = 40;
        let mut shown: String = self.0.chars().take(MOST).collect();
        if self.0.chars().nth(MOST).is_some() {
            shown.push('…');
        }
        write!(f, "\"{}\"", shown.escape_debug())
    }
}

fn with_article(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {kind}")
}
