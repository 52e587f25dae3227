use std::io::ErrorKind;

use countersign_bus::UserName;

use crate::account::{Account, Entry};
use crate::cli::List;
use crate::daemon::Daemon;
use crate::error::{ToolError, user_name};
use crate::output::{print, print_json, print_line};
use crate::pager::Pager;
use crate::printable::Printable;
use crate::refusal::Task;
use crate::run::Session;
use crate::utc::Utc;
use crate::words::tell;

/// Accounts that are asked for at once.
const PAGE: u32 = 500;

/// Lists who is enrolled, a page at a time, so that neither side holds all of a large host.
pub async fn run(args: &List, session: &Session) -> Result<(), ToolError> {
    let daemon = session.daemon().await?;
    // Before a pager has the terminal, since polkit may ask for a password on it.
    let first = daemon.list(None, PAGE).await?;
    if args.json || args.no_pager {
        return show(args, session, &daemon, first).await;
    }
    let pager = Pager::start(session.screen);
    match show(args, session, &daemon, first).await {
        // Whoever leaves the pager has seen enough.
        Err(ToolError::Output(error))
            if pager.is_some() && error.kind() == ErrorKind::BrokenPipe =>
        {
            Ok(())
        }
        shown => shown,
    }
}

/// Writes the pages, the first of which has come already.
async fn show(
    args: &List,
    session: &Session,
    daemon: &Daemon,
    mut page: Vec<Entry>,
) -> Result<(), ToolError> {
    if page.is_empty() && !args.json {
        return print_line(&tell!("tool-list-nobody"));
    }
    let table = Table::fit(&page, session.screen.columns());
    if !args.json {
        print(&table.row(&header()))?;
    }
    let mut after: Option<UserName> = None;
    while let Some(last) = page.last() {
        let last = advance(after.as_ref(), last.user())?;
        if args.json {
            page.iter().try_for_each(print_json)?;
        } else {
            let rows: String = page.iter().map(|entry| table.row(&cells(entry))).collect();
            print(&rows)?;
        }
        page = daemon.list(Some(&last), PAGE).await?;
        after = Some(last);
    }
    Ok(())
}

/// The name to go on from. Names that do not go up would have us ask for ever.
fn advance(after: Option<&UserName>, last: &str) -> Result<UserName, ToolError> {
    match UserName::parse(last) {
        Ok(last) if after.is_none_or(|after| *after < last) => Ok(last),
        Ok(_) => Err(ToolError::Unexpected {
            task: Task::list(),
            what: tell!("tool-answer-not-in-order"),
        }),
        Err(error) => Err(ToolError::Unexpected {
            task: Task::list(),
            what: user_name(error),
        }),
    }
}

fn header() -> [String; 5] {
    [
        tell!("tool-list-user"),
        tell!("tool-list-tokens"),
        tell!("tool-list-last-used"),
        tell!("tool-list-codes-left"),
        tell!("tool-list-state"),
    ]
}

/// Columns of a moment, and of the gaps.
const MOMENT: usize = 20;
const GAPS: usize = 2 * 4;
/// The state is not squeezed into less: `locked`, and what comes after.
const STATE: usize = 12;

fn cells(entry: &Entry) -> [String; 5] {
    let user = Printable(entry.user()).to_string();
    let account = match entry {
        Entry::Account(account) => account,
        Entry::Unreadable { .. } => {
            let [tokens, last_used, left] = ["-"; 3].map(str::to_owned);
            return [user, tokens, last_used, left, tell!("tool-list-unreadable")];
        }
    };
    [
        user,
        account.tokens.len().to_string(),
        account
            .last_used()
            .map_or_else(|| tell!("tool-list-never"), |at| Utc(at).to_string()),
        account.recovery_codes_left.to_string(),
        state(account),
    ]
}

fn state(account: &Account) -> String {
    let mut words = Vec::new();
    if account.locked {
        words.push(tell!("tool-list-locked"));
    }
    if account.foreign {
        words.push(tell!("tool-list-foreign"));
    }
    if !account.enrolled {
        words.push(tell!("tool-list-no-token"));
    }
    if account.temporary_code {
        words.push(tell!("tool-list-temporary-code"));
    }
    if account.failed_attempts > 0 {
        words.push(tell!("tool-list-failed", "count" = account.failed_attempts));
    }
    if words.is_empty() {
        tell!("tool-list-ok")
    } else {
        words.join(", ")
    }
}

/// The widths of the columns. Those of later pages are cut to the first one's.
struct Table {
    user: usize,
    /// Of the three in the middle: as wide as what is in them and above them.
    middle: [usize; 3],
    /// Nothing is cut where no terminal says how wide it is.
    state: Option<usize>,
}

impl Table {
    fn fit(page: &[Entry], columns: Option<usize>) -> Self {
        let [_, tokens, last_used, left, _] = header().map(|text| text.chars().count());
        let middle = [tokens, last_used.max(MOMENT), left];
        let longest = page
            .iter()
            .map(|entry| Printable(entry.user()).to_string().chars().count())
            .max()
            .unwrap_or_default()
            .max(8);
        let Some(columns) = columns else {
            return Self {
                user: longest,
                middle,
                state: None,
            };
        };
        let room = columns.saturating_sub(middle.iter().sum::<usize>() + GAPS);
        let user = longest.min(room.saturating_sub(STATE)).max(8);
        Self {
            user,
            middle,
            state: Some(room.saturating_sub(user).max(STATE)),
        }
    }

    fn row(&self, [user, tokens, last_used, left, state]: &[String; 5]) -> String {
        let [tokens_width, used_width, left_width] = self.middle;
        let width = self.user;
        let (user, state) = match self.state {
            Some(most) => (cut(user, width), cut(state, most)),
            None => (user.clone(), state.clone()),
        };
        format!(
            "{user:width$}  {tokens:>tokens_width$}  {last_used:used_width$}  {left:>left_width$}  {state}\n"
        )
    }
}

/// At most so many characters; what is missing is marked.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars()
        .take(most.saturating_sub(1))
        .chain(['~'])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::tests::speaking;
    use countersign_words::Language;

    fn account(user: &str) -> Account {
        Account {
            user: user.into(),
            enrolled: true,
            tokens: vec![],
            recovery_codes_left: 8,
            locked: false,
            failed_attempts: 0,
            throttled_attempts: 0,
            temporary_code: false,
            foreign: false,
        }
    }

    fn table(page: &[Entry], columns: Option<usize>) -> Vec<String> {
        let table = Table::fit(page, columns);
        page.iter().map(|entry| table.row(&cells(entry))).collect()
    }

    #[test]
    fn a_row_has_everything_in_its_place() {
        let mut alice = account("alice");
        (alice.locked, alice.failed_attempts) = (true, 100);
        assert_eq!(
            table(&[Entry::Account(alice)], Some(80)),
            ["alice          0  never                          8  locked, 100 failed\n"]
        );
    }

    #[test]
    fn a_record_that_cannot_be_read_has_a_row_among_the_others() {
        let mut carol = account("carol");
        (carol.enrolled, carol.foreign) = (false, true);
        let bob = Entry::Unreadable {
            user: "bob".into(),
            unreadable: "bad sum".into(),
        };
        assert_eq!(
            table(&[bob, Entry::Account(carol)], Some(80)),
            [
                "bob            -  -                              -  unreadable\n",
                "carol          0  never                          8  FOREIGN, no token\n"
            ]
        );
    }

    #[test]
    fn rows_fit_the_terminal_and_are_whole_elsewhere() {
        let mut long = account(&"x".repeat(200));
        (long.locked, long.temporary_code, long.failed_attempts) = (true, true, 123_456);
        let page = [account("bob"), long].map(Entry::Account);
        for row in table(&page, Some(80)) {
            assert!(row.trim_end().chars().count() <= 80, "{row}");
        }
        assert!(table(&page, Some(80))[1].contains("xxx~  "));
        assert!(table(&page, None)[1].contains(&"x".repeat(200)));
        assert!(table(&page, None)[1].ends_with("locked, temporary code, 123456 failed\n"));
    }

    #[test]
    fn in_french_the_columns_fit_as_well() {
        let mut alice = account("alice");
        (alice.locked, alice.temporary_code) = (true, true);
        (alice.enrolled, alice.failed_attempts) = (false, 1);
        let page = [Entry::Account(alice)];
        speaking(Language::French, || {
            let fitted = Table::fit(&page, Some(80));
            assert_eq!(
                fitted.row(&header()),
                "COMPTE    JETONS  DERNIER USAGE         SECOURS  ÉTAT\n"
            );
            assert_eq!(
                table(&page, None),
                ["alice          0  jamais                      8  \
                  bloqué, aucun jeton, code temporaire, 1 échec\n"]
            );
            let row = table(&page, Some(80)).remove(0);
            assert!(row.trim_end().chars().count() <= 80, "{row}");
        });
    }

    #[test]
    fn names_cannot_write_to_the_terminal() {
        assert_eq!(
            cells(&Entry::Account(account("a\u{202e}b")))[0],
            "a\\u{202e}b"
        );
    }

    #[test]
    fn a_daemon_that_repeats_itself_is_not_asked_for_ever() {
        let bob = UserName::parse("bob").unwrap();
        assert!(advance(Some(&bob), "carol").is_ok());
        assert!(advance(Some(&bob), "bob").is_err());
        assert!(advance(Some(&bob), "alice").is_err());
        assert!(advance(None, "a\nb").is_err());
    }
}
