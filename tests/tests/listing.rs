//! `countersign list` on a host with many users: everybody once, in order, as it comes.

#![allow(
    clippy::expect_used,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use countersign_tests::{Caller, Heard, Lab, Program, Stage, Terminal, in_lab, tool};

/// In no order of their uids. Every third has wide or combining letters.
fn name(number: usize) -> String {
    match number % 3 {
        0 => format!("u{number:06}"),
        1 => format!("人{number:06}"),
        _ => format!("e\u{301}{number:06}"),
    }
}

fn passwd(numbers: impl Iterator<Item = usize>) -> String {
    numbers.fold(String::new(), |lines, number| {
        let uid = 100_000 + number;
        lines + &name(number) + &format!(":x:{uid}:{uid}::/:/bin/false\n")
    })
}

/// A host on which so many are enrolled: all their names, in the order of the list.
fn start(stage: Stage, count: usize) -> (Lab, Vec<String>) {
    /// glibc reads the file from its beginning for each of them.
    const AT_ONCE: usize = 2_000;
    let lab = stage.start();
    let before = fs::read_to_string("/etc/passwd").expect("the users");
    let all: Vec<usize> = (0..count).collect();
    for some in all.chunks(AT_ONCE) {
        let users = before.clone() + &passwd(some.iter().copied());
        fs::write("/etc/passwd", users).expect("more users");
        // Several connections: what waits is written with one sync.
        std::thread::scope(|scope| {
            for part in some.chunks(AT_ONCE / 8) {
                scope.spawn(move || {
                    let root = Caller::on_bus("root");
                    for number in part {
                        root.import(&name(*number), &[("secret", "2SH3V3GDW7ZNMGYE".into())])
                            .expect("a token");
                    }
                });
            }
        });
    }
    fs::write("/etc/passwd", before + &passwd(0..count)).expect("all users");
    let mut names: Vec<String> = all.into_iter().map(name).collect();
    names.sort_unstable();
    (lab, names)
}

/// What one list cost.
#[derive(Debug)]
struct Cost {
    took: Duration,
    /// The most memory that the tool had, in KiB: by the end of the first page, and in all.
    first_page: u64,
    peak: u64,
}

/// Reads the list as it comes, a line a user.
fn stream(arguments: &[&str], mut each: impl FnMut(usize, &str)) -> Cost {
    const PAGE: usize = 500;
    let begun = Instant::now();
    let mut child = Command::new("countersign")
        .arg("list")
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the tool runs");
    let peak = |child: u32| {
        let status = fs::read_to_string(format!("/proc/{child}/status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok());
        kib.unwrap_or_default()
    };
    let mut cost = Cost {
        took: Duration::ZERO,
        first_page: 0,
        peak: 0,
    };
    let out = BufReader::new(child.stdout.take().expect("a pipe"));
    for (number, line) in out.lines().enumerate() {
        each(number, &line.expect("text"));
        if number % PAGE == 0 {
            cost.peak = cost.peak.max(peak(child.id()));
            if number <= 2 * PAGE {
                cost.first_page = cost.peak;
            }
        }
    }
    let mut complaint = String::new();
    let mut err = child.stderr.take().expect("a pipe");
    err.read_to_string(&mut complaint).expect("text");
    assert!(child.wait().expect("its end").success());
    assert_eq!(complaint, "");
    cost.took = begun.elapsed();
    cost
}

/// Everybody is listed once and in order, for people and for programs; nobody is called a stranger.
fn lists_everybody(names: &[String]) -> [Cost; 2] {
    let mut listed = 0;
    let for_people = stream(&[], |number, line| {
        let Some(number) = number.checked_sub(1) else {
            assert!(line.starts_with("USER "), "{line}");
            return;
        };
        let words: Vec<&str> = line.split_whitespace().collect();
        let [user, "1", "never", "0", "ok"] = words.as_slice() else {
            unreachable!("{line}")
        };
        assert_eq!(Some(*user), names.get(number).map(String::as_str));
        listed += 1;
    });
    assert_eq!(listed, names.len());
    let mut listed = 0;
    let for_programs = stream(&["--json"], |number, line| {
        let user: serde_json::Value = serde_json::from_str(line).expect("an object a line");
        let expected = names.get(number).map(String::as_str);
        assert_eq!(user.get("user").and_then(|name| name.as_str()), expected);
        assert_eq!(user.get("enrolled"), Some(&true.into()), "{line}");
        assert_eq!(user.get("foreign"), Some(&false.into()), "{line}");
        listed += 1;
    });
    assert_eq!(listed, names.len());
    [for_people, for_programs]
}

#[test]
fn a_thousand_users_are_listed_in_order_in_a_pipe_and_as_json() {
    in_lab(|stage| {
        let (_lab, names) = start(stage, 1_000);
        lists_everybody(&names);
        // Whoever has seen enough closes the pipe, and hears no complaint.
        let head = Program::new("sh")
            .args(["-c", "countersign list | head -3"])
            .output();
        assert_eq!(String::from_utf8_lossy(&head.stdout).lines().count(), 3);
        assert_eq!(String::from_utf8_lossy(&head.stderr), "");
        // One of them has another uid now.
        let users = fs::read_to_string("/etc/passwd").unwrap();
        let moved = users.replace("u000003:x:100003:", "u000003:x:99:");
        fs::write("/etc/passwd", moved).unwrap();
        let told = tool("root", &["list"], &[]);
        told.done();
        let foreign: Vec<&str> = told
            .out
            .lines()
            .filter(|it| it.contains("FOREIGN"))
            .collect();
        assert!(
            matches!(foreign.as_slice(), [it] if it.starts_with("u000003 ")),
            "{foreign:?}"
        );
    });
}

#[test]
fn a_pager_shows_everybody_and_may_be_left_at_any_time() {
    in_lab(|stage| {
        let (_lab, names) = start(stage, 1_000);
        let command = ["countersign", "list"].map(str::to_owned);
        // Left on the first page, when most has not come yet.
        let mut terminal = Terminal::start(&command);
        until(&mut terminal, &names[20]);
        terminal.type_line("q");
        let (status, shown) = end(terminal);
        assert_eq!(status, 0, "{shown}");
        assert!(!shown.contains("countersign:"), "{shown}");
        assert!(!shown.contains(&names[900]), "{shown}");
        // Read to the end.
        let mut terminal = Terminal::start(&command);
        until(&mut terminal, &names[20]);
        terminal.type_line(&" ".repeat(60));
        until(&mut terminal, names.last().expect("somebody"));
        terminal.type_line("q");
        let (status, shown) = end(terminal);
        assert_eq!(status, 0, "{shown}");
        let mut places = names.iter().map(|name| shown.find(name.as_str()));
        assert!(places.all(|place| place.is_some()), "{shown}");
        assert!(shown.contains("\u{1b}[32mok\u{1b}[0m"), "{shown}");
        // Without one it all comes at once.
        let command = ["countersign", "list", "--no-pager"].map(str::to_owned);
        let (status, shown) = end(Terminal::start(&command));
        assert_eq!(status, 0, "{shown}");
        assert_eq!(shown.lines().count(), names.len() + 1);
    });
}

fn until(terminal: &mut Terminal, shown: &str) {
    while !terminal.text().contains(shown) {
        assert_eq!(terminal.listen(), Heard::More, "{}", terminal.text());
    }
}

/// How it ended, and all that it showed.
fn end(mut terminal: Terminal) -> (i32, String) {
    while terminal.listen() == Heard::More {}
    (terminal.status(), terminal.text())
}

#[test]
#[ignore = "soak: make soak runs it"]
fn a_hundred_thousand_users_are_listed_in_constant_memory() {
    in_lab(|stage| {
        let begun = Instant::now();
        let (_lab, names) = start(stage, 100_000);
        println!("enrolled after {:?}", begun.elapsed());
        for cost in lists_everybody(&names) {
            println!("{cost:?}");
            // Pages of 500; the rest is the program itself.
            assert!(cost.peak < cost.first_page + 4 * 1024, "{cost:?}");
            assert!(cost.took < Duration::from_secs(300), "{cost:?}");
        }
    });
}
