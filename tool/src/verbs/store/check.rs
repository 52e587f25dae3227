use serde_json::Value;

use super::{key_line, needs_root};
use crate::cli::StoreCheck;
use crate::error::ToolError;
use crate::output::{print, print_json, print_line};
use crate::printable::{Printable, quoted};
use crate::store::aside;
use crate::store::error::StoreError;
use crate::store::maintenance::{Report, maintain, number, parts, text};
use crate::words::tell;

/// `countersign store check`
pub fn run(args: &StoreCheck) -> Result<(), ToolError> {
    needs_root()?;
    let report = maintain(["check"], None)?;
    if args.json {
        print_json(&Value::Object(report.clone()))?;
    } else {
        print(&told(&report))?;
        for line in aside::told() {
            print_line(&line)?;
        }
    }
    match parts(&report, "problems").count() {
        0 => Ok(()),
        problems => Err(StoreError::Unsound { problems }.into()),
    }
}

fn told(report: &Report) -> String {
    let mut lines = Vec::new();
    if report.contains_key("records") {
        lines.push(tell!(
            "store-records",
            "records" = number(report, "records")
        ));
        lines.push(tell!("store-journal", "bytes" = number(report, "bytes")));
    }
    for (at, key) in parts(report, "keys").enumerate() {
        lines.push(key_line(
            at,
            text(key, "id"),
            text(key, "place"),
            number(key, "records"),
        ));
    }
    if number(report, "torn") > 0 {
        lines.push(tell!("store-torn", "bytes" = number(report, "torn")));
    }
    for problem in parts(report, "problems") {
        let why = Printable(text(problem, "text")).to_string();
        let user = text(problem, "user");
        lines.push(match text(problem, "part") {
            "record" => tell!(
                "store-problem-record",
                "user" = Printable(user).to_string(),
                "why" = why
            ),
            _ => tell!("store-problem", "why" = why),
        });
        lines.push(format!("  → {}", mend(problem, user)));
    }
    if parts(report, "problems").next().is_none() {
        lines.push(tell!("store-sound"));
    }
    lines.join("\n") + "\n"
}

/// What to do about it.
fn mend(problem: &Report, user: &str) -> String {
    match (text(problem, "part"), text(problem, "word")) {
        ("record", "unknown-key") => tell!("store-mend-key"),
        ("record", _) => tell!(
            "store-mend-record",
            "command" = format!("`countersign disable --user {}`", quoted(user))
        ),
        ("key", "decrypting") => tell!("store-mend-credential"),
        ("key", _) => tell!("store-mend-key"),
        _ => tell!("store-mend-journal"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(json: &str) -> String {
        told(&serde_json::from_str(json).unwrap())
    }

    #[test]
    fn a_sound_store_is_told_with_its_keys() {
        let said = said(
            r#"{"records":2,"bytes":900,"torn":0,"problems":[],
                "keys":[{"id":"aa","place":"key-file","records":2}]}"#,
        );
        assert!(
            said.ends_with("The store is whole, and every record opens.\n"),
            "{said}"
        );
        assert!(said.contains("Key aa seals"), "{said}");
    }

    #[test]
    fn each_problem_comes_with_what_to_do() {
        for (problem, next) in [
            (
                r#"{"part":"journal","word":"store","text":"x"}"#,
                "store restore FILE --force",
            ),
            (
                r#"{"part":"key","word":"decrypting","text":"x"}"#,
                "countersign.key",
            ),
            (r#"{"part":"key","word":"key","text":"x"}"#, "key.old"),
            (
                r#"{"part":"record","word":"unknown-key","text":"x","user":"a"}"#,
                "key.old",
            ),
            (
                r#"{"part":"record","word":"broken","text":"x","user":"o'k"}"#,
                r"`countersign disable --user 'o'\''k'`",
            ),
        ] {
            let said = said(&format!(r#"{{"problems":[{problem}]}}"#));
            assert!(said.contains(next), "{problem}: {said}");
            assert!(!said.contains("is whole"), "{said}");
        }
    }
}
