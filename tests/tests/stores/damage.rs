//! Ways to spoil a store, and what everybody then meets.

#![allow(
    clippy::expect_used,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use countersign_tests::{
    Lab, LogMark, PamCode, PamLogin, Program, Road, Secret, Stage, keep_state, restore_state,
    state_file, tool,
};

pub const PASSWORD: &str = "her password";
pub const UNAVAILABLE: &str = "The second factor cannot be checked right now.";
pub const RULES: &str = "[[rule]]\nusers = [\"rescue\"]\nrequire = \"never\"\n";
pub const JOURNALCTL: &str = "`journalctl -u countersignd` says why";
/// Syslog's mark of a line of facility auth that somebody has to act on.
const ALERT: &str = "<33>";

/// Alice is enrolled, bob is not, and rescue needs no code. A copy of the state is kept.
pub fn alice_bob_and_rescue(stage: Stage) -> (Lab, Secret) {
    let mut lab = stage
        .road(Road::Bus)
        .config(RULES)
        .user("alice", PASSWORD)
        .user("bob", PASSWORD)
        .user("rescue", PASSWORD)
        .start();
    // By counter, so that no code has to be waited for.
    let mut secret = lab.enroll_with("alice", &["--kind", "hotp"]);
    log_in("alice", &mut secret);
    lab.daemon().stop();
    keep_state();
    (lab, secret)
}

/// A login with the next code.
pub fn log_in(user: &str, secret: &mut Secret) {
    PamLogin::of(user).code(&secret.next_code()).go().let_in();
}

/// The daemon runs on a store that it cannot use: checks what everybody then meets.
fn nobody_with_a_code_gets_in(lab: &Lab, secret: &mut Secret, mark: LogMark, why: &[&str]) {
    let code = secret.next_code();
    for user in ["alice", "bob"] {
        let verdict = PamLogin::of(user).code(&code).go();
        verdict.refused_with(PamCode::AuthinfoUnavail, UNAVAILABLE);
        assert_eq!(verdict.asked.len(), 0, "{why:?}: {verdict:?}");
    }
    PamLogin::of("rescue").go().let_in();
    let alert = lab.logged(mark, &["every login that needs a code is refused"]);
    assert!(alert.starts_with(ALERT), "{alert}");
    for part in why {
        assert!(alert.contains(part), "no {part:?} in: {alert}");
    }
    lab.logged(mark, &["prepare user=\"alice\"", "the store is not open"]);
    every_verb_says_so(&["status"]);
    let starts = lab.log_since(mark).matches(" serves on ").count();
    assert_eq!(starts, 1, "the daemon stays up: {}", lab.log_since(mark));
    no_secret(&lab.log_since(mark), secret, &code);
}

/// Every verb of the tool ends with a sentence that says where the cause is told. That of those that
/// change nothing does not speak of a change.
pub fn every_verb_says_so(verbs: &[&str]) {
    for verb in verbs {
        let user = if *verb == "list" { "root" } else { "alice" };
        let arguments: Vec<&str> = verb.split(' ').collect();
        let told = tool(user, &arguments, &["123456"]);
        told.failed_with(&["cannot ", "the store cannot be used", JOURNALCTL]);
    }
}

fn no_secret(log: &str, secret: &Secret, code: &str) {
    let hidden = |line: &&str| line.contains(secret.base32()) || line.contains(code);
    assert_eq!(log.lines().find(hidden), None);
}

/// One way to spoil a store, and what the log must say of it.
pub struct Damage {
    /// Spoils it.
    pub spoil: fn(),
    /// Parts of the line that tells an administrator.
    pub said: &'static [&'static str],
}

/// Every damage in turn, each to the good state, each followed by the good state again.
pub fn each_is_survived(stage: Stage, damages: &[Damage]) {
    let (mut lab, mut secret) = alice_bob_and_rescue(stage);
    for Damage { spoil, said } in damages {
        spoil();
        let mark = lab.log_mark();
        nobody_with_a_code_gets_in(&lab, &mut secret, mark, said);
        lab.daemon().stop();
        restore_state();
        log_in("alice", &mut secret);
        PamLogin::of("bob").go().let_in();
        lab.daemon().stop();
        keep_state();
    }
}

/// Changes a file of the store in place.
pub fn edit(name: &str, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(state_file(name)).expect("a file of the store");
    change(&mut bytes);
    // In place, so that owner and mode stay.
    fs::write(state_file(name), bytes).expect("a file of the store");
}

/// Gives a file another mode.
pub fn chmod(path: impl AsRef<Path>, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a new mode");
}

/// Gives a file to somebody else.
pub fn chown(owner: &str, path: impl AsRef<Path>) {
    Program::new("chown")
        .args(["-h", owner])
        .arg(path.as_ref())
        .text();
}

/// Moves a file elsewhere and leaves a link to it.
pub fn link(name: &str) {
    let elsewhere = Path::new("/var/lib/elsewhere");
    fs::create_dir_all(elsewhere).expect("another directory");
    chmod(elsewhere, 0o755);
    Program::new("mv")
        .arg(state_file(name))
        .arg(elsewhere.join(name))
        .text();
    symlink(elsewhere.join(name), state_file(name)).expect("a link");
    chown("countersign:", state_file(name));
}

/// Turns one bit.
pub fn flip(bytes: &mut [u8], at: usize) {
    let byte = bytes.get_mut(at).expect("a journal of some length");
    *byte ^= 1;
}
