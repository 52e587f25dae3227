//! One file of `/etc/pam.d`, or the lines of one service in `/etc/pam.conf`.

use super::control::Control;
use super::line::{Line, Unreadable, Words, lines};

/// Which question of PAM a line belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Facility {
    /// Who is it?
    Auth,
    /// May they?
    Account,
    /// A new password.
    Password,
    /// What belongs to being logged in.
    Session,
}

impl Facility {
    fn parse(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().as_str() {
            "auth" => Some(Self::Auth),
            "account" => Some(Self::Account),
            "password" => Some(Self::Password),
            "session" => Some(Self::Session),
            _ => None,
        }
    }
}

/// How another file is taken in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Inclusion {
    /// `@include FILE`: all lines of the file, in Debian's libpam.
    Debian,
    /// `auth include FILE`: its lines of this facility, as if they stood here.
    Include,
    /// `auth substack FILE`: the same, but what ends it ends no more than it.
    Substack,
}

/// What a line asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Request {
    /// A module.
    Module {
        /// What follows from its answers.
        control: Control,
        /// Its name or path; `None` when the line has none.
        module: Option<String>,
        /// Its arguments.
        arguments: Vec<String>,
    },
    /// Another file.
    File {
        /// How.
        inclusion: Inclusion,
        /// Its name or path; `None` when the line has none.
        name: Option<String>,
    },
    /// Nothing that makes sense: a refusal, when it is its turn.
    Nonsense,
}

/// A line and what it says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The line.
    pub line: Line,
    /// Its facility; `None` for `@include` and for one that there is not.
    pub facility: Option<Facility>,
    /// What it asks for.
    pub request: Request,
}

/// A file, read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PamFile {
    /// Its lines, in order.
    pub entries: Vec<Entry>,
    /// Why libpam would give it up.
    pub unreadable: Option<Unreadable>,
}

impl PamFile {
    /// Reads a file of a directory of stacks.
    pub fn parse(bytes: &[u8]) -> Self {
        let (lines, unreadable) = lines(bytes);
        let entries = lines.into_iter().map(|line| {
            let text = line.text.clone();
            Entry::of(line, Words::of(&text))
        });
        Self {
            entries: entries.collect(),
            unreadable,
        }
    }

    /// Reads the lines of one service, in any case, out of `/etc/pam.conf`.
    pub fn parse_conf(bytes: &[u8], service: &str) -> Self {
        let (lines, unreadable) = lines(bytes);
        let entries = lines.into_iter().filter_map(|line| {
            let text = line.text.clone();
            let mut words = Words::of(&text);
            words.next()?.eq_ignore_ascii_case(service).then_some(())?;
            Some(Entry::of(line, words))
        });
        Self {
            entries: entries.collect(),
            unreadable,
        }
    }
}

/// A module's name without directory and ending: `pam_unix`.
pub fn name_of(module: &str) -> &str {
    let file = module.rsplit('/').next().unwrap_or_default();
    file.rsplit_once('.').map_or(file, |(name, _)| name)
}

impl Entry {
    /// The name of the module that it calls.
    pub fn module(&self) -> Option<&str> {
        match &self.request {
            Request::Module { module, .. } => module.as_deref().map(name_of),
            Request::File { .. } | Request::Nonsense => None,
        }
    }

    fn of(line: Line, mut words: Words<'_>) -> Self {
        let kind = words.next().unwrap_or_default();
        // Keeps libpam from logging that the module is not there; it counts all the same.
        let kind = kind.strip_prefix('-').unwrap_or(&kind);
        if kind.eq_ignore_ascii_case("@include") {
            return Self {
                line,
                facility: None,
                request: Request::File {
                    inclusion: Inclusion::Debian,
                    name: words.next(),
                },
            };
        }
        let facility = Facility::parse(kind);
        let control = words.next();
        let file = |inclusion, words: &mut Words<'_>| Request::File {
            inclusion,
            name: words.next(),
        };
        let request = match control {
            None => Request::Nonsense,
            Some(word) if word.eq_ignore_ascii_case("include") => {
                file(Inclusion::Include, &mut words)
            }
            Some(word) if word.eq_ignore_ascii_case("substack") => {
                file(Inclusion::Substack, &mut words)
            }
            Some(word) => Request::Module {
                control: Control::parse(&word),
                module: words.next(),
                arguments: words.collect(),
            },
        };
        Self {
            line,
            facility,
            request,
        }
    }
}
