use std::fmt::Write;

use crate::account::{Account, Token};
use crate::caller::{Role, Subject};
use crate::cli::Status;
use crate::error::ToolError;
use crate::output::{print, print_json};
use crate::paint::{Look, Paint};
use crate::printable::Printable;
use crate::run::Session;
use crate::screen::Screen;
use crate::table::{Cell, Column, Give, Table};
use crate::utc::Utc;
use crate::words::tell;

/// Shows whether codes are asked for, and what is left.
pub async fn run(args: &Status, session: &Session) -> Result<(), ToolError> {
    let subject = Subject::of(args.who.user.as_ref())?;
    let account = session.daemon().await?.status(&subject).await?;
    if args.json {
        print_json(&account)
    } else {
        print(&describe(&account, subject.role, session.screen))
    }
}

/// Few enough that it is time for new ones.
const FEW_CODES: u32 = 2;

fn describe(account: &Account, role: Role, screen: Screen) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_description(&mut out, account, role, screen);
    out
}

fn write_description(
    out: &mut String,
    account: &Account,
    role: Role,
    screen: Screen,
) -> std::fmt::Result {
    let user = Printable(&account.user).to_string();
    let paint = Paint::of(screen);
    if account.enrolled {
        let enrolled = tell!("tool-status-enrolled", "user" = user);
        writeln!(out, "{}\n", paint.on(Look::Good, &enrolled))?;
        out.push_str(&tokens(&account.tokens, screen));
        let left = account.recovery_codes_left;
        let left = tell!("tool-status-recovery-codes", "left" = left);
        writeln!(out, "\n{left}")?;
    } else {
        let none = tell!("tool-status-not-enrolled", "user" = user);
        writeln!(out, "{}", paint.on(Look::Warning, &none))?;
    }
    for (look, remark) in remarks(account) {
        writeln!(out, "{}", paint.on(look, &remark))?;
    }
    for advice in advice(account, role) {
        writeln!(out, "\n{advice}")?;
    }
    Ok(())
}

/// What is unusual about the account.
fn remarks(account: &Account) -> Vec<(Look, String)> {
    let mut remarks = Vec::new();
    if account.temporary_code {
        remarks.push((Look::Warning, tell!("tool-status-temporary-code")));
    }
    match (account.failed_attempts, account.throttled_attempts) {
        (0, _) => {}
        (failed, 0) => {
            remarks.push((Look::Warning, tell!("tool-status-failed", "count" = failed)));
        }
        (failed, unread) => remarks.push((
            Look::Warning,
            tell!(
                "tool-status-failed-unread",
                "count" = failed,
                "unread" = unread
            ),
        )),
    }
    if account.locked {
        remarks.push((Look::Bad, tell!("tool-status-locked")));
    }
    if account.foreign {
        remarks.push((Look::Bad, tell!("tool-status-foreign")));
    }
    remarks
}

/// Columns before the table, and those of a moment.
const INDENT: usize = 2;
const MOMENT: usize = 20;

fn tokens(tokens: &[Token], screen: Screen) -> String {
    let time = |at: Option<u64>, none: String| at.map_or(none, |at| Utc(at).to_string());
    let rows: Vec<[Cell; 4]> = tokens
        .iter()
        .map(|token| {
            [
                Printable(&token.name).to_string(),
                time(token.created, tell!("tool-status-unknown")),
                time(token.last_used, tell!("tool-status-never")),
                codes(token),
            ]
            .map(Cell::from)
        })
        .collect();
    let columns = vec![
        Column::new(tell!("tool-status-token"), Give::Fold(8)),
        Column::new(tell!("tool-status-added"), Give::Never).at_least(MOMENT),
        Column::new(tell!("tool-status-last-used"), Give::Never).at_least(MOMENT),
        Column::new(tell!("tool-status-codes"), Give::Fold(8)),
    ];
    let room = screen.columns().map(|all| all.saturating_sub(INDENT));
    let all = rows.iter().map(<[Cell; 4]>::as_slice);
    let table = Table::fit_within(columns, all, room, Paint::of(screen));
    let rows: String = rows.iter().map(|row| table.row(row)).collect();
    let text = table.head() + &rows;
    text.trim_end()
        .lines()
        .map(|line| match line {
            "" => "\n".to_owned(),
            _ => format!("{:INDENT$}{line}\n", ""),
        })
        .collect()
}

/// The form of the codes, told only where it is not the usual one.
fn codes(token: &Token) -> String {
    let mut parts = vec![match token.kind.as_str() {
        "totp" => tell!("tool-status-by-time"),
        "hotp" => tell!("tool-status-by-counter"),
        other => Printable(other).to_string(),
    }];
    if token.digits != 6 {
        parts.push(tell!("tool-status-digits", "digits" = token.digits));
    }
    if token.kind == "totp" && token.period != 30 {
        parts.push(tell!("tool-status-period", "period" = token.period));
    }
    if token.algorithm != "SHA1" {
        parts.push(Printable(&token.algorithm).to_string());
    }
    parts.join(", ")
}

/// What to do next, the most pressing first.
fn advice(account: &Account, role: Role) -> Vec<String> {
    let user = Printable(&account.user).to_string();
    let mut advice = Vec::new();
    if account.foreign {
        advice.push(tell!("tool-status-remove-foreign", "user" = user));
        return advice;
    }
    if account.locked {
        advice.push(match role {
            Role::Owner => tell!("tool-status-unlock-own"),
            Role::Administrator => tell!("tool-status-unlock", "user" = user),
        });
    }
    if account.failed_attempts > 0 && role == Role::Owner {
        advice.push(tell!("tool-status-not-yours"));
    }
    if !account.enrolled && role == Role::Owner {
        advice.push(tell!("tool-status-enroll"));
    }
    if account.enrolled && account.recovery_codes_left <= FEW_CODES && role == Role::Owner {
        advice.push(tell!("tool-status-renew"));
    }
    advice
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::tests::speaking;
    use countersign_words::Language;

    fn alice() -> Account {
        Account {
            user: "alice".into(),
            enrolled: true,
            tokens: vec![
                Token {
                    name: "phone".into(),
                    kind: "totp".into(),
                    algorithm: "SHA1".into(),
                    digits: 6,
                    period: 30,
                    created: Some(1_795_435_260),
                    last_used: None,
                },
                Token {
                    name: "key".into(),
                    kind: "hotp".into(),
                    algorithm: "SHA256".into(),
                    digits: 8,
                    period: 0,
                    created: Some(1_795_435_260),
                    last_used: Some(1_795_438_860),
                },
            ],
            recovery_codes_left: 8,
            locked: false,
            failed_attempts: 0,
            throttled_attempts: 0,
            temporary_code: false,
            foreign: false,
        }
    }

    #[test]
    fn an_account_in_order_has_nothing_to_do() {
        assert_eq!(
            describe(&alice(), Role::Owner, Screen::Stream),
            "alice is enrolled.\n\n\
             \x20 TOKEN  ADDED                 LAST USED             CODES\n\
             \x20 phone  2026-11-23 12:01 UTC  never                 by time\n\
             \x20 key    2026-11-23 12:01 UTC  2026-11-23 13:01 UTC  by counter, 8 digits, SHA256\n\
             \nRecovery codes left: 8\n"
        );
    }

    #[test]
    fn in_french_the_table_is_as_narrow_and_one_is_singular() {
        let account = Account {
            failed_attempts: 1,
            ..alice()
        };
        let said = speaking(Language::French, || {
            describe(&account, Role::Owner, Screen::Stream)
        });
        assert_eq!(
            said,
            "L’inscription de alice est active.\n\n\
             \x20 JETON  AJOUTÉ                DERNIER USAGE         CODES\n\
             \x20 phone  2026-11-23 12:01 UTC  jamais                par l’heure\n\
             \x20 key    2026-11-23 12:01 UTC  2026-11-23 13:01 UTC  par compteur, 8\u{a0}chiffres, SHA256\n\
             \nCodes de secours restants\u{a0}: 8\n\
             1 tentative échouée depuis la dernière connexion.\n\n\
             Si ces tentatives ne sont pas de vous, quelqu’un connaît peut-être votre mot de\n\
             passe\u{a0}: changez-le.\n"
        );
    }

    #[test]
    fn an_attack_is_told_with_its_measure() {
        let account = Account {
            failed_attempts: 50,
            throttled_attempts: 45,
            ..alice()
        };
        let said = describe(&account, Role::Owner, Screen::Stream);
        assert!(
            said.contains(
                "50 failed attempts since the last login, 45 of them turned away unread.\n"
            )
        );
        assert!(said.contains("change it"));
    }

    #[test]
    fn each_state_says_what_to_do_next() {
        let locked = Account {
            locked: true,
            ..alice()
        };
        assert!(
            describe(&locked, Role::Owner, Screen::Stream)
                .contains("recovery code, or ask an administrator")
        );
        assert!(
            describe(&locked, Role::Administrator, Screen::Stream)
                .contains("`countersign unlock alice`")
        );
        let few = Account {
            recovery_codes_left: 2,
            ..alice()
        };
        assert!(
            describe(&few, Role::Owner, Screen::Stream).contains("`countersign recovery-codes`")
        );
        let none = Account {
            enrolled: false,
            tokens: vec![],
            ..alice()
        };
        assert!(describe(&none, Role::Owner, Screen::Stream).contains("`countersign enroll`"));
        let foreign = Account {
            foreign: true,
            ..alice()
        };
        assert!(
            describe(&foreign, Role::Administrator, Screen::Stream)
                .contains("disable --user alice")
        );
    }
}
