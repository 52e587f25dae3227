//! A store that cannot be used: the daemon stays up, whoever needs a code is refused, whoever needs
//! none gets in, the log says what is wrong with which file and what to do, and with the good files
//! back nothing is lost.

#![allow(
    clippy::expect_used,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use countersign_tests::{
    Lab, LogMark, Outcome, PamCode, PamLogin, Program, Road, STATE, Secret, Stage, in_lab,
    keep_state, on_both_roads, restore_state, state_file, tool,
};

const PASSWORD: &str = "her password";
const UNAVAILABLE: &str = "The second factor cannot be checked right now.";
const RULES: &str = "[[rule]]\nusers = [\"rescue\"]\nrequire = \"never\"\n";
/// Syslog's mark of a line of facility auth that somebody has to act on.
const ALERT: &str = "<33>";

/// Alice is enrolled, bob is not, and rescue needs no code. A copy of the state is kept.
fn alice_bob_and_rescue(stage: Stage) -> (Lab, Secret) {
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

fn log_in(user: &str, secret: &mut Secret) {
    PamLogin::of(user).code(&secret.next_code()).go().let_in();
}

/// The daemon runs on a store that it cannot use: checks what everybody then meets.
fn nobody_with_a_code_gets_in(lab: &Lab, secret: &mut Secret, mark: LogMark, why: &[&str]) {
    let pid = |lab: &Lab| lab.log_since(mark).matches(" serves on ").count();
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
    // For logins it is refused by name; the person at the tool reads where the cause is.
    lab.logged(mark, &["prepare user=\"alice\"", "the store is not open"]);
    for (user, arguments) in [
        ("alice", &["status"][..]),
        ("alice", &["enroll"]),
        ("alice", &["verify"]),
        ("root", &["list"]),
        ("root", &["disable", "--user", "alice"]),
    ] {
        tool(user, arguments, &[&code]).failed_with(&["cannot ", "`journalctl -u countersignd`"]);
    }
    let told = tool("alice", &["status"], &[]);
    told.failed_with(&["cannot show the state of alice: the store cannot be used"]);
    assert!(!told.err.contains("was not made"), "{told:?}");
    assert_eq!(pid(lab), 1, "the daemon stays up: {}", lab.log_since(mark));
    no_secret(&lab.log_since(mark), secret, &code);
}

fn no_secret(log: &str, secret: &Secret, code: &str) {
    let hidden = |line: &&str| line.contains(secret.base32()) || line.contains(code);
    assert_eq!(log.lines().find(hidden), None);
}

/// One way to spoil a store, and what the log must say of it.
struct Damage {
    spoil: fn(),
    said: &'static [&'static str],
}

/// Every damage in turn, each to the good state, each followed by the good state again.
fn each_is_survived(stage: Stage, damages: &[Damage]) {
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

fn edit(name: &str, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(state_file(name)).expect("a file of the store");
    change(&mut bytes);
    // In place, so that owner and mode stay.
    fs::write(state_file(name), bytes).expect("a file of the store");
}

fn chmod(path: impl AsRef<Path>, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a new mode");
}

fn chown(owner: &str, path: impl AsRef<Path>) {
    Program::new("chown")
        .args(["-h", owner])
        .arg(path.as_ref())
        .text();
}

/// Moves a file elsewhere and leaves a link to it.
fn link(name: &str) {
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

#[test]
fn a_spoiled_journal_is_refused_and_a_good_one_taken_back() {
    const JOURNAL: &str = "/var/lib/countersign/journal";
    in_lab(|stage| {
        each_is_survived(
            stage,
            &[
                Damage {
                    // Whole changes stand behind it, so that no crash explains it.
                    spoil: || edit("journal", |bytes| flip(bytes, 200)),
                    said: &[JOURNAL, "is damaged at byte ", "restore from a backup"],
                },
                Damage {
                    spoil: || edit("journal", |bytes| flip(bytes, 30)),
                    said: &[JOURNAL, "is damaged at byte 0 (its header)"],
                },
                Damage {
                    spoil: || edit("journal", |bytes| bytes.truncate(60)),
                    said: &[JOURNAL, "is damaged at byte 52 (its snapshot)"],
                },
                Damage {
                    spoil: || edit("journal", Vec::clear),
                    said: &[JOURNAL, "was not written by Countersign"],
                },
                Damage {
                    spoil: || edit("journal", |bytes| *bytes = b"Dear diary,\n".repeat(100)),
                    said: &[JOURNAL, "was not written by Countersign", "move it away"],
                },
                Damage {
                    // The format follows the 16 bytes that say whose file it is.
                    spoil: || edit("journal", |bytes| flip(bytes, 17)),
                    said: &[
                        JOURNAL,
                        "which a later version wrote",
                        "install that version",
                    ],
                },
                Damage {
                    spoil: || fs::remove_file(state_file("journal")).expect("a journal"),
                    said: &[JOURNAL, "is missing, but there was one", "from a backup"],
                },
            ],
        );
    });
}

fn flip(bytes: &mut [u8], at: usize) {
    let byte = bytes.get_mut(at).expect("a journal of some length");
    *byte ^= 1;
}

#[test]
fn a_spoiled_key_is_refused_and_a_good_one_taken_back() {
    const KEY: &str = "/var/lib/countersign/key";
    in_lab(|stage| {
        each_is_survived(
            stage,
            &[
                Damage {
                    spoil: || fs::remove_file(state_file("key")).expect("a key"),
                    said: &[KEY, "there are records", "restore the key"],
                },
                Damage {
                    spoil: || edit("key", |bytes| flip(bytes, 0)),
                    said: &[KEY, "were sealed under key ", "restore the right one"],
                },
                Damage {
                    spoil: || edit("key", |bytes| bytes.truncate(31)),
                    said: &[KEY, "has 31 bytes, and a key has 32"],
                },
                Damage {
                    spoil: || chmod(state_file("key"), 0o444),
                    said: &[KEY, "has mode 0444", "chmod 0400"],
                },
                Damage {
                    spoil: || {
                        chmod(state_file("key"), 0o640);
                        chown("root:countersign", state_file("key"));
                    },
                    said: &[KEY],
                },
                Damage {
                    spoil: || link("key"),
                    said: &[KEY, "is not a regular file"],
                },
            ],
        );
    });
}

#[test]
fn files_and_directories_that_others_could_change_are_refused() {
    in_lab(|stage| {
        each_is_survived(
            stage,
            &[
                Damage {
                    spoil: || chmod(STATE, 0o755),
                    said: &[STATE, "has mode 0755", "chmod 0700 /var/lib/countersign"],
                },
                Damage {
                    spoil: || chown("root:countersign", STATE),
                    said: &[
                        "Permission denied",
                        "chown countersign: /var/lib/countersign",
                    ],
                },
                Damage {
                    spoil: || {
                        chmod(STATE, 0o777);
                        chown("alice:", STATE);
                    },
                    said: &[STATE, "belongs to uid ", "chown countersign:"],
                },
                Damage {
                    spoil: || chmod(state_file("journal"), 0o644),
                    said: &["/var/lib/countersign/journal has mode 0644", "chmod 0600"],
                },
                Damage {
                    spoil: || {
                        chmod(state_file("journal"), 0o666);
                        chown("alice:", state_file("journal"));
                    },
                    said: &["/var/lib/countersign/journal belongs to uid "],
                },
                Damage {
                    spoil: || link("journal"),
                    said: &["/var/lib/countersign/journal is not a regular file"],
                },
                Damage {
                    spoil: || link("lock"),
                    said: &["/var/lib/countersign/lock is not a regular file"],
                },
                Damage {
                    spoil: || {
                        fs::remove_file(state_file("journal")).expect("a journal");
                        fs::create_dir(state_file("journal")).expect("a directory");
                        chown("countersign:", state_file("journal"));
                    },
                    said: &["/var/lib/countersign/journal is not a regular file"],
                },
                Damage {
                    spoil: || {
                        fs::remove_file(state_file("journal")).expect("a journal");
                        Program::new("mkfifo").arg(state_file("journal")).text();
                        chown("countersign:", state_file("journal"));
                    },
                    said: &["/var/lib/countersign/journal is not a regular file"],
                },
                Damage {
                    spoil: || fs::remove_dir_all(STATE).expect("a state directory"),
                    said: &["No such file or directory", "restore it from a backup"],
                },
            ],
        );
    });
}

#[test]
fn without_a_usable_store_sshd_refuses_and_the_person_reads_why() {
    on_both_roads(|stage| {
        let mut lab = stage
            .config(RULES)
            .user("alice", PASSWORD)
            .user("rescue", PASSWORD)
            .start();
        let mut secret = lab.enroll_with("alice", &["--kind", "hotp"]);
        log_in("alice", &mut secret);
        lab.daemon().stop();
        edit("journal", |bytes| flip(bytes, 200));
        let visit = lab.ssh("alice").password(PASSWORD).go();
        visit.refused_with(UNAVAILABLE);
        assert_eq!(visit.code_prompts(), 0, "{}", visit.transcript());
        lab.ssh("rescue")
            .password(PASSWORD)
            .go()
            .let_in_as("rescue");
        lab.daemon().stop();
        edit("journal", |bytes| flip(bytes, 200));
        lab.ssh("alice")
            .password(PASSWORD)
            .code(&secret.next_code())
            .go()
            .let_in_as("alice");
    });
}

#[test]
fn an_unfinished_write_at_the_end_is_cut_and_said_so() {
    in_lab(|stage| {
        let (lab, mut secret) = alice_bob_and_rescue(stage);
        let whole = fs::metadata(state_file("journal"))
            .expect("a journal")
            .len();
        edit("journal", |bytes| bytes.extend(b"\xF7CsF half a frame"));
        let mark = lab.log_mark();
        log_in("alice", &mut secret);
        lab.logged(
            mark,
            &[
                "cut 17 bytes of an unfinished write",
                &format!("at byte {whole};"),
                "nothing that was confirmed is lost",
            ],
        );
    });
}

#[test]
fn an_enrollment_of_an_earlier_user_of_the_name_is_nobodys_until_it_is_removed() {
    on_both_roads(|stage| {
        let lab = stage.user("alice", PASSWORD).start();
        let mut secret = lab.enroll_with("alice", &["--kind", "hotp"]);
        log_in("alice", &mut secret);
        Program::new("userdel").args(["-r", "alice"]).output();
        Program::new("useradd")
            .args(["-u", "4711", "someone"])
            .text();
        Program::new("usermod")
            .args(["-l", "alice", "someone"])
            .text();
        lab.add_user("alice", PASSWORD);

        let mark = lab.log_mark();
        let visit = lab.ssh("alice").password(PASSWORD).go();
        assert_eq!(visit.outcome(), Outcome::Refused, "{}", visit.transcript());
        PamLogin::of("alice")
            .code(&secret.next_code())
            .go()
            .refused_with(
                PamCode::PermDenied,
                "You may not log in here: ask your administrator.",
            );
        lab.logged(
            mark,
            &[
                "the enrollment of \"alice\" is of uid ",
                "it counts for nobody",
                "`countersign disable --user`",
            ],
        );
        // She cannot help herself, and nothing of the other's is told to her.
        tool("alice", &["enroll"], &[]).failed_with(&["Ask an administrator"]);
        let status = tool("alice", &["status"], &[]);
        assert!(!status.out.contains("FOREIGN"), "{status:?}");
        let status = tool("root", &["status", "--user", "alice"], &[]);
        status.done();
        assert!(
            status.out.contains("`countersign disable --user alice`"),
            "{status:?}"
        );

        tool("root", &["disable", "--user", "alice"], &[]).done();
        lab.ssh("alice").password(PASSWORD).go().let_in_as("alice");
        let mut own = lab.enroll_with("alice", &["--kind", "hotp"]);
        log_in("alice", &mut own);
    });
}

#[test]
fn the_enrollment_of_a_deleted_user_lets_nobody_in_and_can_be_removed() {
    in_lab(|stage| {
        let lab = stage.road(Road::Bus).user("alice", PASSWORD).start();
        let mut secret = lab.enroll_with("alice", &["--kind", "hotp"]);
        Program::new("userdel").args(["-r", "alice"]).output();
        PamLogin::of("alice")
            .code(&secret.next_code())
            .go()
            .refused_with(
                PamCode::PermDenied,
                "You may not log in here: ask your administrator.",
            );
        tool("root", &["disable", "--user", "alice"], &[]).done();
        let left = tool("root", &["list", "--json"], &[]);
        left.done();
        assert!(!left.out.contains("alice"), "{left:?}");
        drop(lab);
    });
}
