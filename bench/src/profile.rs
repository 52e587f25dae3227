//! What a login does: the system calls and the instructions of its own process and of the daemon. They are counted, not
//! timed, so that they are the same on a busy machine.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::codes::Key;
use crate::daemon::Daemon;
use crate::dice::Dice;
use crate::harness::{Harness, Login};
use crate::modules::Modules;
use crate::rows::{Row, Typed, Way};
use crate::states::{ALICE, Member, Store, UserDatabase, move_into_google, move_into_oath};

/// How many logins the daemon is watched over.
const LOGINS: usize = 20;
/// How many users the store has.
const USERS: usize = 1_000;
const PATIENCE: Duration = Duration::from_secs(20);

/// Prints it, as tables in Markdown.
pub fn profile(build: &Path) {
    let disk = Path::new("/disk");
    let mut dice = Dice::new(1);
    let harness = Harness::build(disk);
    let modules = Modules::gather(build, disk.join("modules"));
    Row::set_up(&harness, &modules, disk);
    Daemon::prepare();
    let alice = Key::by(&mut dice);
    move_into_google(disk, ALICE, &alice);
    move_into_oath(disk, &alice, &mut dice);
    let program = build.join("countersignd");
    let mut store = Store::fill(USERS, &program, disk);
    let members: Vec<Member> = (0..400).map(|_| store.next_member()).collect();
    UserDatabase::find().lists(&members, 0);
    let mut bench = Bench {
        harness,
        members,
        store,
        at_google: alice.codes(20),
        next: 0,
    };

    println!("| a login's own process | instructions | system calls | of them most |");
    println!("|---|---:|---:|---|");
    let daemon = Daemon::start(&program, &bench.store.path);
    let ours = |way, typed| Row::Countersign(way, typed);
    let rows = [
        (Row::Floor, "pam_permit"),
        (Row::Google(Typed::Right), "google-authenticator, accepted"),
        (ours(Way::Socket, Typed::Right), "login socket, accepted"),
        (ours(Way::Socket, Typed::Wrong), "login socket, refused"),
        (ours(Way::Bus, Typed::Right), "bus, accepted"),
    ];
    for (row, name) in rows {
        let calls = bench.calls_of_login(row);
        let instructions = bench.instructions_of_login(row);
        println!(
            "| {name} | {instructions} | {} | {} |",
            calls.all(),
            calls.most()
        );
    }
    println!("\n| the daemon, for each login | system calls | of them most |\n|---|---:|---|");
    for (row, name) in rows.iter().skip(2) {
        let calls = bench.calls_of_daemon(*row, &daemon);
        println!("| {name} | {} | {} |", calls.all(), calls.most());
    }
    daemon.stop();
}

struct Bench {
    harness: Harness,
    members: Vec<Member>,
    store: Store,
    at_google: crate::codes::Codes,
    next: usize,
}

/// How often which system call was made.
#[derive(Default)]
struct Calls {
    counts: BTreeMap<String, usize>,
    over: usize,
}

impl Calls {
    /// Reads what strace wrote of `over` logins: a line each, `pid name(…`. What was resumed was counted already.
    fn read<'l>(lines: impl Iterator<Item = &'l str>, over: usize) -> Self {
        let mut counts = BTreeMap::new();
        for line in lines {
            let call = line
                .split_once(' ')
                .map_or("", |(_, call)| call.trim_start());
            let name = call.split('(').next().unwrap_or_default();
            let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if is_name && !name.is_empty() && call.contains('(') {
                *counts.entry(name.to_owned()).or_default() += 1;
            }
        }
        Self { counts, over }
    }

    fn all(&self) -> usize {
        self.counts.values().sum::<usize>().div_ceil(self.over)
    }

    fn most(&self) -> String {
        let mut counts: Vec<_> = self.counts.iter().collect();
        counts.sort_by_key(|(name, count)| (usize::MAX - **count, name.as_str()));
        let said = counts.into_iter().take(8).map(|(name, count)| {
            let tenths = count * 10 / self.over;
            match (tenths / 10, tenths % 10) {
                (whole, 0) => format!("{name} {whole}"),
                (whole, tenth) => format!("{name} {whole}.{tenth}"),
            }
        });
        said.collect::<Vec<_>>().join(", ")
    }
}

impl Bench {
    fn login(&mut self, row: Row) -> Login {
        let (user, code) = match row {
            Row::Countersign(_, typed) => {
                let member = self.members.get(self.next).expect("enough members");
                self.next += 1;
                let codes = self.store.codes(member);
                let code = match typed {
                    Typed::Right => codes.next_code(),
                    Typed::Wrong => codes.wrong(),
                };
                (member.name.clone(), code)
            }
            _ => (ALICE.to_owned(), self.at_google.next_code()),
        };
        Login {
            person: 0,
            service: row.service(),
            user,
            rhost: "198.18.0.1".to_owned(),
            code,
        }
    }

    /// A login under a program that watches, and whatever that wrote of the login's process: the last of its files.
    fn watched(&mut self, row: Row, watcher: &[&str], wrote: &str) -> String {
        let login = self.login(row);
        let directory = PathBuf::from("/disk").join(wrote);
        drop(fs::remove_dir_all(&directory));
        fs::create_dir_all(&directory).expect("a directory for what is seen");
        let ends = self.harness.in_order_under(watcher, &[login]);
        let status = ends.first().map(|end| end.status);
        assert_eq!(status, Some(row.status()), "PAM's status of {}", row.name());
        let mut files: Vec<(u32, PathBuf)> = fs::read_dir(&directory)
            .expect("what was seen")
            .flatten()
            .filter_map(|file| {
                let path = file.path();
                Some((path.extension()?.to_str()?.parse().ok()?, path))
            })
            .collect();
        files.sort_unstable();
        let (_, last) = files.last().expect("a file of the login's process");
        fs::read_to_string(last).expect("what was seen is text")
    }

    fn calls_of_login(&mut self, row: Row) -> Calls {
        let strace = ["strace", "-ff", "-o", "/disk/strace/of"];
        let seen = self.watched(row, &strace, "strace");
        // Files of their own have no process's number.
        let lines: Vec<String> = seen.lines().map(|line| format!("0 {line}")).collect();
        Calls::read(lines.iter().map(String::as_str), 1)
    }

    fn instructions_of_login(&mut self, row: Row) -> String {
        let callgrind = [
            "valgrind",
            "--tool=callgrind",
            "--callgrind-out-file=/disk/callgrind/of.%p",
        ];
        let seen = self.watched(row, &callgrind, "callgrind");
        let total = seen.lines().find_map(|line| {
            line.strip_prefix("summary: ")
                .or_else(|| line.strip_prefix("totals: "))
        });
        let total = total.and_then(|total| total.trim().parse().ok());
        total.map_or_else(|| "unknown".to_owned(), crate::rows::grouped)
    }

    fn calls_of_daemon(&mut self, row: Row, daemon: &Daemon) -> Calls {
        let logins: Vec<Login> = (0..LOGINS).map(|_| self.login(row)).collect();
        let watcher = Watcher::begin(daemon.pid());
        let ends = self.harness.in_order(&logins);
        assert!(ends.iter().all(|end| end.status == row.status()));
        let seen = watcher.end();
        Calls::read(seen.lines(), LOGINS)
    }
}

/// strace on the daemon, all its threads.
struct Watcher(Child);

impl Watcher {
    const FILE: &str = "/disk/strace-daemon";

    fn begin(pid: u32) -> Self {
        let child = Command::new("strace")
            .args(["-f", "-o", Self::FILE, "-p", &pid.to_string()])
            .stderr(Stdio::null())
            .spawn()
            .expect("strace is installed");
        let began = Instant::now();
        // It holds every thread once the kernel says so.
        while Self::free_threads(pid) > 0 && began.elapsed() < PATIENCE {
            sleep(Duration::from_millis(5));
        }
        Self(child)
    }

    fn free_threads(pid: u32) -> usize {
        let tasks = fs::read_dir(format!("/proc/{pid}/task")).expect("the daemon's threads");
        tasks
            .flatten()
            .filter(|task| {
                let status = fs::read_to_string(task.path().join("status")).unwrap_or_default();
                status.contains("TracerPid:\t0\n")
            })
            .count()
    }

    fn end(mut self) -> String {
        let pid = Pid::from_raw(i32::try_from(self.0.id()).expect("a process's number"));
        kill(pid, Signal::SIGINT).expect("strace runs");
        self.0.wait().expect("strace's end");
        fs::read_to_string(Self::FILE).expect("what strace saw")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_by_name_and_resumed_ones_once() {
        let seen = "12 read(3, \"x\", 1) = 1\n12 futex(0x1, FUTEX_WAIT <unfinished ...>\n13  write(4, \"(\", 1) = 1\n\
                    12 <... futex resumed>) = 0\n12 +++ exited with 0 +++\n12 read(3, \"\", 1) = 0\n";
        let calls = Calls::read(seen.lines(), 2);
        assert_eq!(calls.all(), 2);
        assert_eq!(calls.most(), "read 1, futex 0.5, write 0.5");
    }
}
