//! What was taken and what was not, as a table or as JSON.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use super::delivery::End;
use super::found::{Found, LeftOut};
use super::stored::{Novelty, Stored, StoredCodes};
use super::why::Why;
use crate::error::ToolError;
use crate::output::{print, print_json};
use crate::paint::Look;
use crate::printable::Printable;
use crate::screen::Screen;
use crate::table::{Cell, Column, Give, Table, width};
use crate::words::tell;

/// The columns of what was found; what is longer is cut.
const WHAT: usize = 22;
/// The least and the most columns of a user's name.
const USER: (usize, usize) = (8, 16);
/// The least and the most columns for the reasons.
const REASONS: (usize, usize) = (16, 160);

/// How it is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// A table on that screen.
    Table(Screen),
    /// One object a line.
    Json,
}

/// What became of one thing that was found. The words are those of `--json`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Fate {
    Taken,
    WouldBeTaken,
    AlreadyThere,
    NotTaken,
    /// Not meant to be taken.
    LeftOut,
}

impl Fate {
    const ALL: [Self; 5] = [
        Self::Taken,
        Self::WouldBeTaken,
        Self::AlreadyThere,
        Self::NotTaken,
        Self::LeftOut,
    ];

    const fn look(self) -> Look {
        match self {
            Self::Taken => Look::Good,
            Self::NotTaken => Look::Bad,
            Self::WouldBeTaken | Self::AlreadyThere | Self::LeftOut => Look::Plain,
        }
    }

    fn told(self) -> String {
        match self {
            Self::Taken => tell!("import-taken"),
            Self::WouldBeTaken => tell!("import-would-be-taken"),
            Self::AlreadyThere => tell!("import-already-there"),
            Self::NotTaken => tell!("import-not-taken"),
            Self::LeftOut => tell!("import-left-out"),
        }
    }
}

/// What a line of the table is about.
#[derive(Clone, PartialEq, Eq, Debug)]
enum What {
    Token(String),
    Codes(usize),
    Source,
}

/// A line of the table.
struct Row {
    what: What,
    line: Option<usize>,
    fate: Fate,
    why: Vec<Why>,
}

/// The same in JSON.
#[derive(Serialize)]
struct JsonRow<'a> {
    user: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_codes: Option<usize>,
    result: Fate,
    why: Vec<&'static str>,
}

/// How often each thing happened. The field names are those of `--json`.
#[derive(Clone, Default, Serialize)]
pub(super) struct Counts {
    pub(super) users: usize,
    pub(super) taken: usize,
    pub(super) would_be_taken: usize,
    pub(super) already_there: usize,
    pub(super) not_taken: usize,
    pub(super) recovery_codes: usize,
    pub(super) without_file: usize,
}

/// The report of one run. It is written as it comes, so that an interruption leaves no gap in it.
pub struct Report {
    pub(super) form: Form,
    table: Table,
    pub(super) begun: bool,
    pub(super) counts: Counts,
    pub(super) left: BTreeMap<LeftOut, usize>,
    pub(super) files: Vec<PathBuf>,
}

impl Report {
    /// A report on users of these names at most.
    pub fn new<'a>(form: Form, users: impl Iterator<Item = &'a str>) -> Self {
        let longest = users.map(width).max().unwrap_or_default();
        let (least, most) = USER;
        let (screen, user_width) = match form {
            Form::Table(screen) if screen.columns().is_some() => {
                (screen, longest.clamp(least, most))
            }
            Form::Table(_) | Form::Json => (Screen::Stream, longest.max(least)),
        };
        Self {
            form,
            table: table(user_width, screen),
            begun: false,
            counts: Counts::default(),
            left: BTreeMap::new(),
            files: Vec::new(),
        }
    }

    /// One more user who keeps no file.
    pub fn without_file(&mut self) {
        self.counts.without_file += 1;
    }

    /// One more user, or line without a user, with the file it was found in.
    pub fn found(
        &mut self,
        found: &Found,
        end: Option<&End>,
        file: Option<PathBuf>,
    ) -> Result<(), ToolError> {
        for left in &found.left {
            *self.left.entry(*left).or_default() += 1;
        }
        let rows = rows(found, end);
        self.count(found, &rows);
        let shown = file.as_ref().map(|it| it.to_string_lossy().into_owned());
        if let Some(file) = file.filter(|_| matches!(end, Some(End::Stored(_))))
            && self.files.last() != Some(&file)
        {
            self.files.push(file);
        }
        let user = found.user.as_deref();
        match self.form {
            Form::Json => rows
                .iter()
                .try_for_each(|row| print_json(&row.json(user, shown.as_deref()))),
            Form::Table(_) => {
                let mut text = String::new();
                if !std::mem::replace(&mut self.begun, true) {
                    text = self.table.head();
                }
                text.extend(rows.iter().map(|row| self.table.row(&row.cells(user))));
                print(&text)
            }
        }
    }

    /// How many things were not taken.
    pub fn not_taken(&self) -> usize {
        self.counts.not_taken
    }

    fn count(&mut self, found: &Found, rows: &[Row]) {
        let tokens = found.tokens.len();
        let counts = &mut self.counts;
        for row in rows {
            match (row.fate, &row.what) {
                (Fate::Taken, What::Token(_)) => counts.taken += 1,
                (Fate::WouldBeTaken, What::Token(_)) => counts.would_be_taken += 1,
                (Fate::AlreadyThere, What::Token(_)) => counts.already_there += 1,
                (Fate::Taken, What::Codes(codes)) => counts.recovery_codes += codes,
                (Fate::NotTaken, _) => counts.not_taken += 1,
                _ => {}
            }
        }
        let is_taken = |row: &Row| matches!(row.fate, Fate::Taken | Fate::WouldBeTaken);
        if tokens > 0 && rows.iter().any(is_taken) {
            counts.users += 1;
        }
    }
}

/// The columns. What stands in them is not known yet.
fn table(user_width: usize, screen: Screen) -> Table {
    let (least_user, _) = USER;
    let (narrow, wide) = REASONS;
    let results = Fate::ALL.map(|fate| width(&fate.told()));
    let columns = vec![
        Column::new(tell!("import-column-user"), Give::Cut(least_user)).at_least(user_width),
        Column::new(tell!("import-column-token"), Give::Cut(WHAT)).at_least(WHAT),
        Column::new(tell!("import-column-result"), Give::Never)
            .at_least(results.into_iter().max().unwrap_or_default()),
        Column::new(tell!("import-column-why"), Give::Fold(narrow)).at_least(wide),
    ];
    Table::fit(columns, [], screen)
}

fn rows(found: &Found, end: Option<&End>) -> Vec<Row> {
    let mut rows = match end {
        Some(End::Stored(stored)) => stored_rows(found, stored),
        Some(End::WouldBeTaken) => rows_of(found, Fate::WouldBeTaken, None),
        Some(End::NotTaken(why)) => rows_of(found, Fate::NotTaken, Some(why)),
        None => rows_of(found, Fate::NotTaken, None),
    };
    rows.extend(found.rejected.iter().map(|rejected| Row {
        what: What::Source,
        line: rejected.line,
        fate: match rejected.why {
            Why::Comment => Fate::LeftOut,
            _ => Fate::NotTaken,
        },
        why: vec![rejected.why.clone()],
    }));
    rows
}

/// All of a user's, which has one fate.
fn rows_of(found: &Found, fate: Fate, reason: Option<&Why>) -> Vec<Row> {
    let tokens = found.tokens.iter().map(|token| Row {
        what: What::Token(token.name.clone()),
        line: token.line,
        fate,
        why: reason.into_iter().chain(&token.remarks).cloned().collect(),
    });
    let codes = found.recovery_codes.len();
    let why = reason.into_iter().cloned().collect();
    tokens.chain(Row::of_codes(codes, fate, why)).collect()
}

/// All of a user's, as the daemon has it.
fn stored_rows(found: &Found, stored: &Stored) -> Vec<Row> {
    let tokens = found.tokens.iter().zip(&stored.tokens);
    let tokens = tokens.map(|(token, stored)| Row {
        what: What::Token(stored.name.clone()),
        line: token.line,
        fate: match stored.novelty {
            Novelty::New => Fate::Taken,
            Novelty::Known => Fate::AlreadyThere,
        },
        why: token.remarks.clone(),
    });
    let codes = found.recovery_codes.len();
    let (new, known, left) = match stored.recovery_codes {
        StoredCodes::New(new) => (new, codes.saturating_sub(new), 0),
        StoredCodes::Superseded => (0, 0, codes),
    };
    tokens
        .chain(Row::of_codes(new, Fate::Taken, Vec::new()))
        .chain(Row::of_codes(known, Fate::AlreadyThere, Vec::new()))
        .chain(Row::of_codes(left, Fate::LeftOut, vec![Why::NewerCodes]))
        .collect()
}

impl Row {
    /// One of so many recovery codes, if there are any.
    fn of_codes(count: usize, fate: Fate, why: Vec<Why>) -> Option<Self> {
        (count > 0).then_some(Self {
            what: What::Codes(count),
            line: None,
            fate,
            why,
        })
    }

    fn cells(&self, user: Option<&str>) -> [Cell; 4] {
        let what = match (&self.what, self.line) {
            (What::Token(name), None) => Printable(name).to_string(),
            (What::Token(name), Some(line)) => tell!(
                "import-token-on-line",
                "name" = Printable(name).to_string(),
                "line" = line
            ),
            (What::Codes(count), _) => tell!("import-codes", "count" = *count),
            (What::Source, Some(line)) => tell!("import-line", "line" = line),
            (What::Source, None) => tell!("import-file"),
        };
        let why: Vec<String> = self.why.iter().map(ToString::to_string).collect();
        let user = user.map_or_else(|| "-".to_owned(), |it| Printable(it).to_string());
        let fate = Cell::new(self.fate.look(), self.fate.told());
        [user.into(), what.into(), fate, why.join("; ").into()]
    }

    fn json<'a>(&'a self, user: Option<&'a str>, file: Option<&'a str>) -> JsonRow<'a> {
        JsonRow {
            user,
            file,
            line: self.line,
            token: match &self.what {
                What::Token(name) => Some(name),
                _ => None,
            },
            recovery_codes: match self.what {
                What::Codes(count) => Some(count),
                _ => None,
            },
            result: self.fate,
            why: self.why.iter().map(Why::word).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::found::Rejected;
    use crate::import::google;
    use crate::import::stored::StoredToken;
    use crate::screen::{Glyphs, Ink, Terminal};

    fn wide(columns: usize) -> Screen {
        Screen::Terminal(Terminal {
            columns,
            lines: 24,
            ink: Ink::None,
            glyphs: Glyphs::Blocks,
        })
    }

    fn laid_out(found: &Found, end: Option<&End>, screen: Screen) -> String {
        let report = Report::new(Form::Table(screen), ["alice"].into_iter());
        let user = found.user.as_deref();
        let rows = rows(found, end);
        rows.iter()
            .map(|row| report.table.row(&row.cells(user)))
            .collect()
    }

    fn stored(found: &Found, novelty: Novelty) -> End {
        let token = |token: &crate::import::found::Token| StoredToken {
            name: token.name.clone(),
            novelty,
        };
        End::Stored(Stored {
            tokens: found.tokens.iter().map(token).collect(),
            recovery_codes: match novelty {
                Novelty::New => StoredCodes::New(found.recovery_codes.len()),
                Novelty::Known => StoredCodes::New(0),
            },
        })
    }

    fn taken() -> End {
        stored(&alice(), Novelty::New)
    }

    fn alice() -> Found {
        google::read(
            "alice",
            "2SH3V3GDW7ZNMGYE\n\" TOTP_AUTH\n\" WINDOW_SIZE 100\n\" FROBNICATE\n12345678\n",
            0,
        )
    }

    #[test]
    fn rows_fit_the_terminal_and_fold_their_reasons() {
        let why = End::NotTaken(Why::Enrolled);
        let known = stored(&alice(), Novelty::Known);
        for end in [taken(), known, End::WouldBeTaken, why] {
            for columns in [40, 200] {
                for line in laid_out(&alice(), Some(&end), wide(columns)).lines() {
                    assert!(width(line) <= columns, "{line}");
                }
            }
            let text = laid_out(&alice(), Some(&end), wide(80));
            for line in text.lines() {
                assert!(width(line) <= 80, "{line}");
            }
            let rows = text
                .lines()
                .filter(|line| line.starts_with("alice"))
                .count();
            assert_eq!(rows, 3, "{text}");
        }
        let whole = laid_out(&alice(), Some(&taken()), Screen::Stream);
        assert_eq!(whole.lines().count(), 3, "{whole}");
    }

    #[test]
    fn what_names_hold_is_shown_and_not_obeyed() {
        let found = Found::nothing(Some("a\u{1b}[2Jb".into()), Why::NoHome);
        assert!(!laid_out(&found, None, wide(80)).contains('\u{1b}'));
    }

    #[test]
    fn comments_are_no_failure_and_everything_else_that_stays_is() {
        let mut report = Report::new(Form::Json, [].into_iter());
        let mut found = Found::default();
        let line = Some(1);
        let why = Why::Comment;
        found.rejected.push(Rejected { line, why });
        report.count(&found, &rows(&found, None));
        assert_eq!(report.not_taken(), 0);
        let alice = alice();
        report.count(&alice, &rows(&alice, Some(&taken())));
        assert_eq!((report.not_taken(), report.counts.taken), (1, 1));
        let why = End::NotTaken(Why::Enrolled);
        report.count(&alice, &rows(&alice, Some(&why)));
        assert_eq!(report.not_taken(), 4);
    }

    #[test]
    fn each_token_and_code_is_told_as_the_account_has_it() {
        let found = google::read(
            "alice",
            "2SH3V3GDW7ZNMGYE\n\" TOTP_AUTH\n12345678\n87654321\n",
            0,
        );
        let named = |recovery_codes| {
            End::Stored(Stored {
                tokens: vec![StoredToken {
                    name: "phone".to_owned(),
                    novelty: Novelty::Known,
                }],
                recovery_codes,
            })
        };
        let mended = laid_out(&found, Some(&named(StoredCodes::New(1))), Screen::Stream);
        let squeezed: Vec<String> = mended
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(
            squeezed,
            [
                "alice phone already taken",
                "alice 1 recovery code taken",
                "alice 1 recovery code already taken"
            ]
        );
        let newer = laid_out(
            &found,
            Some(&named(StoredCodes::Superseded)),
            Screen::Stream,
        );
        assert!(
            newer.contains("2 recovery codes") && newer.contains("left out"),
            "{newer}"
        );
    }

    #[test]
    fn json_has_words_for_programs_in_every_language() {
        let alice = alice();
        let rows = rows(&alice, Some(&taken()));
        let json: Vec<String> = rows
            .iter()
            .map(|row| serde_json::to_string(&row.json(Some("alice"), Some("/f"))).unwrap())
            .collect();
        assert_eq!(
            json,
            [
                r#"{"user":"alice","file":"/f","token":"authenticator","result":"taken","why":["window-cut"]}"#,
                r#"{"user":"alice","file":"/f","recovery_codes":1,"result":"taken","why":[]}"#,
                r#"{"user":"alice","file":"/f","line":4,"result":"not-taken","why":["unknown-option"]}"#,
            ]
        );
    }
}
