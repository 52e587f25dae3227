//! Sessions as a made-up `/proc` shows them.

use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use super::*;

const PID: u32 = 812;
const LEADER: u32 = 700;
const UID: u32 = 1000;

/// A `/proc` of its own, which goes when it is dropped.
struct Proc(PathBuf);

impl Proc {
    /// sudo on a terminal, below a shell that leads the session.
    fn of_sudo() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "countersign-session-{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Relaxed)
        );
        let proc = Self(std::env::temp_dir().join(name));
        for directory in ["self/ns", "700", "sys/kernel/random"] {
            fs::create_dir_all(proc.0.join(directory)).unwrap();
        }
        proc.write("self/stat", &stat(PID, "sudo", LEADER, 34_819, 99_000));
        proc.write("700/stat", &stat(LEADER, "sh", LEADER, 34_819, 5_000));
        proc.write("self/sessionid", "7");
        proc.write(
            "sys/kernel/random/boot_id",
            "6a4b9f06-bd75-48b2-bb2f-8d4a6ee1b5d0\n",
        );
        symlink("pid:[4026531836]", proc.0.join("self/ns/pid")).unwrap();
        proc
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.0.join(path), text).unwrap();
    }

    fn session(&self) -> Option<String> {
        find(&self.0, PID, UID)
    }
}

impl Drop for Proc {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn stat(pid: u32, name: &str, session: u32, terminal: i32, started: u64) -> String {
    format!(
        "{pid} ({name}) S 1 {pid} {session} {terminal} {pid} 4194304 99 0 0 0 0 0 0 0 20 0 1 0 \
         {started} 3133440 359 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0\n"
    )
}

#[test]
fn a_session_is_the_same_for_all_that_is_asked_in_it() {
    let proc = Proc::of_sudo();
    let session = proc.session().unwrap();
    assert_eq!(
        session,
        "boot=6a4b9f06-bd75-48b2-bb2f-8d4a6ee1b5d0 pid:[4026531836] audit=7 leader=700 \
         started=5000 terminal=34819 uid=1000"
    );
    // Another program of the session, started later.
    proc.write("self/stat", &stat(PID, "su", LEADER, 34_819, 99_500));
    assert_eq!(proc.session(), Some(session));
}

#[test]
fn each_thing_that_tells_sessions_apart_makes_another_one() {
    let first = Proc::of_sudo().session();
    // The number of the leader came again, after a reboot or in a container or not.
    let proc = Proc::of_sudo();
    proc.write("700/stat", &stat(LEADER, "sh", LEADER, 34_819, 5_001));
    assert!(proc.session().is_some_and(|it| Some(it) != first));
    let proc = Proc::of_sudo();
    proc.write("sys/kernel/random/boot_id", "another\n");
    assert!(proc.session().is_some_and(|it| Some(it) != first));
    let proc = Proc::of_sudo();
    fs::remove_file(proc.0.join("self/ns/pid")).unwrap();
    symlink("pid:[4026532000]", proc.0.join("self/ns/pid")).unwrap();
    assert!(proc.session().is_some_and(|it| Some(it) != first));
    // Another login below the same leader, and another user in the same session.
    let proc = Proc::of_sudo();
    proc.write("self/sessionid", "8");
    assert!(proc.session().is_some_and(|it| Some(it) != first));
    let other_user = find(&Proc::of_sudo().0, PID, UID + 1);
    assert!(other_user.is_some_and(|it| Some(it) != first));
    // Another terminal, and another leader.
    let proc = Proc::of_sudo();
    proc.write("self/stat", &stat(PID, "sudo", LEADER, 34_820, 99_000));
    proc.write("700/stat", &stat(LEADER, "sh", LEADER, 34_820, 5_000));
    assert!(proc.session().is_some_and(|it| Some(it) != first));
    let proc = Proc::of_sudo();
    fs::create_dir(proc.0.join("701")).unwrap();
    proc.write("self/stat", &stat(PID, "sudo", 701, 34_819, 99_000));
    proc.write("701/stat", &stat(701, "sh", 701, 34_819, 5_000));
    assert!(proc.session().is_some_and(|it| Some(it) != first));
}

#[test]
fn what_is_unclear_is_no_session() {
    let own = |text: &str| {
        let proc = Proc::of_sudo();
        proc.write("self/stat", text);
        proc.session()
    };
    // No terminal (cron), a leader outside of these namespaces, a /proc of others.
    assert_eq!(own(&stat(PID, "sudo", LEADER, 0, 99_000)), None);
    assert_eq!(own(&stat(PID, "sudo", 0, 34_819, 99_000)), None);
    assert_eq!(own(&stat(PID + 1, "sudo", LEADER, 34_819, 99_000)), None);
    // Not what the kernel writes.
    for nonsense in ["", "812", "812 (sudo) S 1", &"9".repeat(5_000)] {
        assert_eq!(own(nonsense), None, "{nonsense:?}");
    }
    let endless = stat(PID, "sudo", LEADER, 34_819, 99_000)
        .trim_end()
        .to_owned();
    assert_eq!(own(&format!("{endless}{}", " 0".repeat(3_000))), None);

    let leader = |text: &str| {
        let proc = Proc::of_sudo();
        proc.write("700/stat", text);
        proc.session()
    };
    // It leads no session, or one on another terminal.
    assert_eq!(leader(&stat(LEADER, "sh", 699, 34_819, 5_000)), None);
    assert_eq!(leader(&stat(LEADER, "sh", LEADER, 34_820, 5_000)), None);
    assert_eq!(leader(&stat(LEADER, "sh", LEADER, 0, 5_000)), None);

    // The leader has ended, or the kernel does not tell.
    for missing in [
        "700/stat",
        "self/stat",
        "sys/kernel/random/boot_id",
        "self/ns/pid",
    ] {
        let proc = Proc::of_sudo();
        fs::remove_file(proc.0.join(missing)).unwrap();
        assert_eq!(proc.session(), None, "{missing}");
    }
    let proc = Proc::of_sudo();
    proc.write("sys/kernel/random/boot_id", "");
    assert_eq!(proc.session(), None);
}

#[test]
fn a_kernel_that_does_not_audit_has_sessions_all_the_same() {
    let proc = Proc::of_sudo();
    fs::remove_file(proc.0.join("self/sessionid")).unwrap();
    assert!(proc.session().is_some_and(|it| it.contains("audit= ")));
}

#[test]
fn the_name_of_a_program_does_not_pass_for_its_fields() {
    let honest = Proc::of_sudo();
    let liar = Proc::of_sudo();
    let name = "x) S 1 700 700 34819 700 0";
    liar.write("700/stat", &stat(LEADER, name, LEADER, 34_819, 5_000));
    assert_eq!(liar.session(), honest.session());
}

#[test]
fn the_longest_session_is_sent_whole() {
    let proc = Proc::of_sudo();
    let (pid, leader) = (i32::MAX.unsigned_abs(), i32::MAX.unsigned_abs() - 1);
    fs::create_dir(proc.0.join(leader.to_string())).unwrap();
    proc.write("self/stat", &stat(pid, "sudo", leader, i32::MIN, u64::MAX));
    let path = format!("{leader}/stat");
    proc.write(&path, &stat(leader, "sh", leader, i32::MIN, u64::MAX));
    proc.write("self/sessionid", "4294967295");
    let session = find(&proc.0, pid, u32::MAX).unwrap();
    assert!(session.len() <= 255, "{session}");
}

#[test]
fn this_process_is_in_the_session_that_ps_shows() {
    let ps = std::process::Command::new("ps")
        .args(["-o", "sess=,tty=", "-p", &std::process::id().to_string()])
        .output();
    // A machine that only builds may have no ps; the lab's tests look at real terminals.
    let Ok(ps) = ps else { return };
    let said = String::from_utf8(ps.stdout).unwrap();
    let mut said = said.split_ascii_whitespace();
    let (leader, terminal) = (said.next().unwrap(), said.next().unwrap());
    match of_this_process() {
        Some(session) => assert!(session.contains(&format!(" leader={leader} "))),
        None => assert_eq!(terminal, "?", "a terminal, and no session"),
    }
}

#[test]
fn no_file_stays_open() {
    let proc = Proc::of_sudo();
    assert!(proc.session().is_some());
    for open in fs::read_dir("/proc/self/fd").unwrap().flatten() {
        let file = fs::read_link(open.path()).unwrap_or_default();
        assert!(!file.starts_with(&proc.0), "{}", file.display());
    }
}
