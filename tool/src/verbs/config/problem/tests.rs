use std::fs;
use std::io;

use countersign_config::{Config, GroupName, NameError};
use countersign_words::Language;

use super::*;

/// Every kind of mistake that a text can have.
const MISTAKES: &str = r#"
isuer = 1
windw = 1
hosts = 1
window = 1
issuer = "a:b"
totp = 1
[recovery]
codes = 99
issuer = "x"
lenght = 1
[[rule]]
[[rule]]
require = "allways"
[[rule]]
require = "no-word-at-all"
users = []
[[rule]]
require = "never"
users = ["", "b/c"]
groups = ["", "b:c"]
services = ["*"]
networks = ["office", "::ffff:10.0.0.0/104", "::/129", "10.1.2.3/8"]
remember = "10m"
enroll_by = 2026-12-31
[[rule]]
require = "enroll"
enroll_by = 18:00:00
remember = "1y"
local = true
networks = ["::/0"]
[[rule]]
require = true
local = "yes"
users = [1]
services = 1.5
groups = 2026-12-31
"#;

/// The same of a shared store.
const SERVERS: &str = r#"
[store]
backend = "file"
urls = ["x", "postgresql://", "postgresql://a:0", "postgresql://a:b@c", "postgresql://a?b"]
tenant = "A"
cluster = 1
ca = "ca"
connections = 0
[[rule]]
require = "never"
"#;

fn mistakes() -> Vec<Wrong> {
    let dir = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for text in [
        MISTAKES,
        "issuer =",
        SERVERS,
        "[store]\nbackend = \"postgres\"",
        "rule = { }",
        "totp = []",
        "issuer = \" \"",
    ] {
        fs::write(dir.path().join("countersign.toml"), text).unwrap();
        let problems = Config::load(dir.path(), "host").unwrap_err();
        wrong.extend(problems.into_iter().map(|problem| problem.wrong));
    }
    let long = "x".repeat(300);
    wrong.extend([
        Wrong::Unreadable(io::Error::from_raw_os_error(13)),
        Wrong::NothingListed { key: "urls" },
        Wrong::ClusterWithout { key: "urls" },
        Wrong::NotAFile,
        Wrong::Exposed,
        Wrong::TooLarge { most: 1 << 20 },
        Wrong::NotUtf8,
        Wrong::Issuer(NameError::TooLong),
        Wrong::User(UserNameError::NotUtf8),
        Wrong::User(countersign_bus::UserName::parse(&long).unwrap_err()),
        Wrong::Group(GroupName::parse(&long).unwrap_err()),
    ]);
    wrong
}

#[test]
fn in_english_the_tool_says_what_the_daemon_logs() {
    let words = Words::of_tool(Language::English);
    let mistakes = mistakes();
    assert!(mistakes.len() > 40, "{}", mistakes.len());
    for wrong in mistakes {
        assert_eq!(say_wrong(&words, &wrong), wrong.to_string());
    }
}

#[test]
fn in_french_it_says_the_same_in_french() {
    let words = Words::of_tool(Language::French);
    for wrong in mistakes() {
        let (said, english) = (say_wrong(&words, &wrong), wrong.to_string());
        assert_ne!(said, english);
        assert!(!said.starts_with("config-"), "{said}");
        assert!(!said.contains("{ $"), "{said}");
    }
}

#[test]
fn a_problem_has_its_place_in_front() {
    let words = Words::of_tool(Language::English);
    let problem = |place| Problem {
        file: "/etc/\u{1b}[2J.toml".into(),
        place,
        wrong: Wrong::NotAFile,
    };
    for place in [None, Some(Place { line: 3, column: 7 })] {
        assert_eq!(
            say_problem(&words, &problem(place)),
            problem(place).to_string()
        );
    }
}
