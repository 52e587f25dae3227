//! Which login session a local program asks in.
//!
//! Policy may let a code that was typed at a terminal count there for a while. The number of a terminal
//! will not do to recognise it: the next login gets the same `/dev/pts/3`. So the daemon gets what the
//! kernel knows of the session of processes that this one belongs to, none of which its user can choose:
//!
//! - the session's leader, by its number and the moment when it was started, for numbers come again;
//! - the controlling terminal, for `su` takes the name of whatever its input is;
//! - the audit session, which stays when several logins come one after the other below one leader;
//! - whose program asks, for a session goes on through `su` to another user;
//! - the boot and the namespace of processes, without which the rest is not unique.
//!
//! A program can leave its session (setsid(2)) but join none. Whatever is missing or does not fit makes
//! an absent session, and where that is absent nothing is remembered.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use crate::ffi;

/// More than the kernel writes into any of these files.
const MAX_BYTES: u64 = 4096;

/// The login session of this process, as a text that is equal for equal ones and says nothing else.
/// `None` where there is no terminal or no leader any more, or the kernel does not tell.
pub fn of_this_process() -> Option<String> {
    find(Path::new("/proc"), std::process::id(), ffi::real_uid())
}

fn find(proc: &Path, pid: u32, real_uid: u32) -> Option<String> {
    let own = Stat::parse(&read(&proc.join("self/stat"))?)?;
    // In a /proc of other namespaces this process has another number or none.
    if own.pid != pid || own.terminal == 0 {
        return None;
    }
    let leader = Stat::parse(&read(&proc.join(own.session.to_string()).join("stat"))?)?;
    if leader.pid != own.session || leader.session != own.session || leader.terminal != own.terminal
    {
        return None;
    }
    let boot = read(&proc.join("sys/kernel/random/boot_id"))?;
    let namespace = fs::read_link(proc.join("self/ns/pid")).ok()?;
    // Absent from kernels that do not audit.
    let audit = read(&proc.join("self/sessionid")).unwrap_or_default();
    Some(format!(
        "boot={} {} audit={} leader={} started={} terminal={} uid={real_uid}",
        boot.trim_ascii(),
        namespace.to_str()?,
        audit.trim_ascii(),
        leader.pid,
        leader.started,
        leader.terminal,
    ))
}

/// What `/proc/PID/stat` tells of a process (`proc_pid_stat(5)`).
struct Stat {
    /// (1) Its number.
    pid: u32,
    /// (6) The number of its session's leader.
    session: u32,
    /// (7) The device of its controlling terminal; 0 for none.
    terminal: i32,
    /// (22) When it was started, in clock ticks after boot.
    started: u64,
}

impl Stat {
    fn parse(text: &str) -> Option<Self> {
        // The program's name, which is for its user to choose, stands in parentheses and may hold more.
        let (pid, rest) = text.split_once(" (")?;
        let (_name, rest) = rest.rsplit_once(") ")?;
        let mut fields = rest.split_ascii_whitespace();
        Some(Self {
            pid: pid.parse().ok()?,
            // `rest` begins with field 3.
            session: fields.nth(3)?.parse().ok()?,
            terminal: fields.next()?.parse().ok()?,
            started: fields.nth(14)?.parse().ok()?,
        })
    }
}

/// The text of a small file. One that is larger than such files are is none of them.
fn read(path: &Path) -> Option<String> {
    let mut text = String::new();
    let file = File::open(path).ok()?;
    let length = file.take(MAX_BYTES + 1).read_to_string(&mut text).ok()?;
    let longest = usize::try_from(MAX_BYTES).ok()?;
    (1..=longest).contains(&length).then_some(text)
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
