use std::fmt::Write;

use crate::account::{Account, Token};
use crate::caller::{Role, Subject};
use crate::cli::Status;
use crate::error::ToolError;
use crate::output::{print, print_json};
use crate::printable::Printable;
use crate::run::Session;
use crate::utc::Utc;

/// Shows whether codes are asked for, and what is left.
pub async fn run(args: &Status, session: &Session) -> Result<(), ToolError> {
    let subject = Subject::of(args.who.user.as_ref())?;
    let account = session.daemon().await?.status(&subject).await?;
    if args.json {
        print_json(&account)
    } else {
        print(&describe(&account, subject.role))
    }
}

/// Few enough that it is time for new ones.
const FEW_CODES: u32 = 2;

fn describe(account: &Account, role: Role) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_description(&mut out, account, role);
    out
}

fn write_description(out: &mut String, account: &Account, role: Role) -> std::fmt::Result {
    let user = Printable(&account.user);
    if account.enrolled {
        writeln!(out, "{user} is enrolled.\n")?;
        tokens(out, &account.tokens)?;
        writeln!(
            out,
            "\nRecovery codes left: {}",
            account.recovery_codes_left
        )?;
    } else {
        writeln!(out, "{user} is not enrolled.")?;
    }
    if account.temporary_code {
        writeln!(out, "A temporary code of an administrator is valid.")?;
    }
    match (account.failed_attempts, account.throttled_attempts) {
        (0, _) => {}
        (failed, 0) => writeln!(out, "{} since the last login.", attempts(failed))?,
        (failed, turned) => writeln!(
            out,
            "{} since the last login, {turned} of them turned away unread.",
            attempts(failed)
        )?,
    }
    if account.locked {
        writeln!(
            out,
            "LOCKED after too many wrong codes: only a recovery code helps."
        )?;
    }
    if account.foreign {
        writeln!(
            out,
            "FOREIGN: this enrollment belongs to an earlier user of the name."
        )?;
    }
    for advice in advice(account, role) {
        writeln!(out, "\n{advice}")?;
    }
    Ok(())
}

fn attempts(count: u32) -> String {
    if count == 1 {
        "1 failed attempt".to_owned()
    } else {
        format!("{count} failed attempts")
    }
}

fn tokens(out: &mut String, tokens: &[Token]) -> std::fmt::Result {
    let names: Vec<_> = tokens
        .iter()
        .map(|token| Printable(&token.name).to_string())
        .collect();
    let width = names
        .iter()
        .map(|name| name.chars().count())
        .max()
        .unwrap_or(0)
        .max(5);
    writeln!(
        out,
        "  {:width$}  {:20}  {:20}  CODES",
        "TOKEN", "ADDED", "LAST USED"
    )?;
    for (token, name) in tokens.iter().zip(&names) {
        let time =
            |at: Option<u64>, none: &str| at.map_or(none.to_owned(), |at| Utc(at).to_string());
        writeln!(
            out,
            "  {name:width$}  {:20}  {:20}  {}",
            time(token.created, "unknown"),
            time(token.last_used, "never"),
            codes(token)
        )?;
    }
    Ok(())
}

/// The form of the codes, told only where it is not the usual one.
fn codes(token: &Token) -> String {
    let mut parts = vec![match token.kind.as_str() {
        "totp" => "by time".to_owned(),
        "hotp" => "by counter".to_owned(),
        other => Printable(other).to_string(),
    }];
    if token.digits != 6 {
        parts.push(format!("{} digits", token.digits));
    }
    if token.kind == "totp" && token.period != 30 {
        parts.push(format!("every {} s", token.period));
    }
    if token.algorithm != "SHA1" {
        parts.push(Printable(&token.algorithm).to_string());
    }
    parts.join(", ")
}

/// What to do next, the most pressing first.
fn advice(account: &Account, role: Role) -> Vec<String> {
    let user = Printable(&account.user);
    let mut advice = Vec::new();
    if account.foreign {
        advice.push(format!(
            "Remove it with `countersign disable --user {user}`."
        ));
        return advice;
    }
    if account.locked {
        advice.push(match role {
            Role::Owner => "Log in with a recovery code, or ask an administrator to run\n\
                            `countersign unlock` for you."
                .to_owned(),
            Role::Administrator => format!("Unlock it with `countersign unlock {user}`."),
        });
    }
    if account.failed_attempts > 0 && role == Role::Owner {
        advice.push(
            "If these attempts were not yours, somebody may know your password: change it."
                .to_owned(),
        );
    }
    if !account.enrolled && role == Role::Owner {
        advice.push("Set up an authenticator app with `countersign enroll`.".to_owned());
    }
    if account.enrolled && account.recovery_codes_left <= FEW_CODES && role == Role::Owner {
        advice.push("Make new recovery codes with `countersign recovery-codes`.".to_owned());
    }
    advice
}

#[cfg(test)]
mod tests {
    use super::*;

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
            describe(&alice(), Role::Owner),
            "alice is enrolled.\n\n\
             \x20 TOKEN  ADDED                 LAST USED             CODES\n\
             \x20 phone  2026-11-23 12:01 UTC  never                 by time\n\
             \x20 key    2026-11-23 12:01 UTC  2026-11-23 13:01 UTC  by counter, 8 digits, SHA256\n\
             \nRecovery codes left: 8\n"
        );
    }

    #[test]
    fn an_attack_is_told_with_its_measure() {
        let account = Account {
            failed_attempts: 50,
            throttled_attempts: 45,
            ..alice()
        };
        let said = describe(&account, Role::Owner);
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
        assert!(describe(&locked, Role::Owner).contains("recovery code, or ask an administrator"));
        assert!(describe(&locked, Role::Administrator).contains("`countersign unlock alice`"));
        let few = Account {
            recovery_codes_left: 2,
            ..alice()
        };
        assert!(describe(&few, Role::Owner).contains("`countersign recovery-codes`"));
        let none = Account {
            enrolled: false,
            tokens: vec![],
            ..alice()
        };
        assert!(describe(&none, Role::Owner).contains("`countersign enroll`"));
        let foreign = Account {
            foreign: true,
            ..alice()
        };
        assert!(describe(&foreign, Role::Administrator).contains("disable --user alice"));
    }
}
