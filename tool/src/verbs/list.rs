use std::io::ErrorKind;

use countersign_bus::UserName;

use crate::account::{Account, Entry};
use crate::cli::List;
use crate::daemon::Daemon;
use crate::error::{ToolError, user_name};
use crate::output::{print, print_json, print_line};
use crate::pager::Pager;
use crate::paint::Look;
use crate::printable::Printable;
use crate::refusal::Task;
use crate::run::Session;
use crate::screen::Screen;
use crate::table::{Cell, Column, Give, Table};
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
    let first: Vec<_> = page.iter().map(cells).collect();
    let table = table(&first, session.screen);
    if !args.json {
        print(&table.head())?;
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

/// Columns of a moment.
const MOMENT: usize = 20;
/// What a state may take where there is room, and what it goes below itself rather than under.
const STATE: (usize, usize) = (60, 12);
/// The least of a name that is shown.
const USER: usize = 8;

/// The widths are those of the first page.
fn table(page: &[[Cell; 5]], screen: Screen) -> Table {
    let (wide, narrow) = STATE;
    let columns = vec![
        Column::new(tell!("tool-list-user"), Give::Cut(USER)).at_least(USER),
        Column::numbers(tell!("tool-list-tokens")),
        Column::new(tell!("tool-list-last-used"), Give::Never).at_least(MOMENT),
        Column::numbers(tell!("tool-list-codes-left")),
        Column::new(tell!("tool-list-state"), Give::Fold(narrow)).at_least(wide),
    ];
    Table::fit(columns, page.iter().map(<[Cell; 5]>::as_slice), screen)
}

fn cells(entry: &Entry) -> [Cell; 5] {
    let user = Printable(entry.user()).to_string();
    let account = match entry {
        Entry::Account(account) => account,
        Entry::Unreadable { .. } => {
            let [tokens, last_used, left] = ["-"; 3].map(|it| Cell::from(it.to_owned()));
            let state = Cell::new(Look::Bad, tell!("tool-list-unreadable"));
            return [user.into(), tokens, last_used, left, state];
        }
    };
    let last_used = account
        .last_used()
        .map_or_else(|| tell!("tool-list-never"), |at| Utc(at).to_string());
    [
        user.into(),
        account.tokens.len().to_string().into(),
        last_used.into(),
        account.recovery_codes_left.to_string().into(),
        state(account),
    ]
}

fn state(account: &Account) -> Cell {
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
    let look = if account.locked || account.foreign {
        Look::Bad
    } else {
        Look::Warning
    };
    if words.is_empty() {
        Cell::new(Look::Good, tell!("tool-list-ok"))
    } else {
        Cell::new(look, words.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::{Glyphs, Ink, Terminal};
    use crate::table::width;
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

    fn wide(columns: usize) -> Screen {
        Screen::Terminal(Terminal {
            columns,
            lines: 24,
            ink: Ink::None,
            glyphs: Glyphs::Blocks,
        })
    }

    fn rows(page: &[Entry], screen: Screen) -> Vec<String> {
        let page: Vec<_> = page.iter().map(cells).collect();
        let table = table(&page, screen);
        page.iter().map(|row| table.row(row)).collect()
    }

    #[test]
    fn a_row_has_everything_in_its_place() {
        let mut alice = account("alice");
        (alice.locked, alice.failed_attempts) = (true, 100);
        assert_eq!(
            rows(&[Entry::Account(alice)], wide(80)),
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
            rows(&[bob, Entry::Account(carol)], wide(80)),
            [
                "bob            -  -                              -  unreadable\n",
                "carol          0  never                          8  FOREIGN, no token\n"
            ]
        );
    }

    #[test]
    fn rows_fit_the_terminal_and_are_whole_elsewhere() {
        let mut long = account(&"日".repeat(100));
        (long.locked, long.temporary_code, long.failed_attempts) = (true, true, 123_456);
        let page = [account("bob"), long].map(Entry::Account);
        for columns in [40, 80, 200] {
            let shown = rows(&page, wide(columns)).concat();
            for line in shown.lines() {
                assert!(width(line) <= columns, "{columns}: {line}");
            }
            assert!(shown.contains("123456"), "{columns}: {shown}");
        }
        assert!(rows(&page, wide(80))[1].contains("日~  "));
        let whole = &rows(&page, Screen::Stream)[1];
        assert!(whole.contains(&"日".repeat(100)));
        assert!(whole.ends_with("locked, temporary code, 123456 failed\n"));
    }

    #[test]
    fn in_french_the_columns_fit_as_well() {
        let mut alice = account("alice");
        (alice.locked, alice.temporary_code) = (true, true);
        (alice.enrolled, alice.failed_attempts) = (false, 1);
        let page = [Entry::Account(alice)];
        speaking(Language::French, || {
            let fitted = table(&[cells(&page[0])], wide(80));
            assert_eq!(
                fitted.head(),
                "COMPTE    JETONS  DERNIER USAGE         SECOURS  ÉTAT\n"
            );
            assert_eq!(
                rows(&page, Screen::Stream),
                ["alice          0  jamais                      8  \
                  bloqué, aucun jeton, code temporaire, 1 échec\n"]
            );
            for line in rows(&page, wide(80)).concat().lines() {
                assert!(width(line) <= 80, "{line}");
            }
        });
    }

    #[test]
    fn names_cannot_write_to_the_terminal() {
        assert_eq!(
            cells(&Entry::Account(account("a\u{202e}b")))[0],
            "a\\u{202e}b".to_owned().into()
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
