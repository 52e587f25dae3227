//! A store that cannot be used: the daemon stays up, whoever needs a code is refused, whoever needs
//! none gets in, the log says what is wrong with which file and what to do, and with the good files
//! back nothing is lost.

#![allow(
    clippy::expect_used,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

#[path = "stores/damage.rs"]
mod damage;

use std::fs;

use countersign_tests::{Program, STATE, in_lab, on_both_roads, state_file, tool};
use damage::{
    Damage, JOURNALCTL, PASSWORD, RULES, UNAVAILABLE, alice_bob_and_rescue, chmod, chown,
    each_is_survived, edit, every_verb_says_so, flip, link, log_in,
};

/// Where the last change ends: behind it are zeros, which are written ahead.
fn changes_end(journal: &[u8]) -> usize {
    let last = journal.iter().rposition(|byte| *byte != 0);
    last.map_or(0, |last| last + 1)
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
                    // The last change, which somebody was told is stored.
                    spoil: || {
                        edit("journal", |bytes| {
                            let at = changes_end(bytes) - 20;
                            flip(bytes, at);
                        });
                    },
                    said: &[JOURNAL, "is whole up to byte ", "restore from a backup"],
                },
                Damage {
                    spoil: || edit("journal", |bytes| bytes.truncate(changes_end(bytes) - 20)),
                    said: &[JOURNAL, "is whole up to byte ", "restore from a backup"],
                },
                Damage {
                    spoil: || edit("journal", |bytes| flip(bytes, 30)),
                    said: &[JOURNAL, "is damaged at byte 0 (its header)"],
                },
                Damage {
                    spoil: || edit("journal", |bytes| bytes.truncate(60)),
                    said: &[JOURNAL, "is damaged at byte 60 (the index of its snapshot)"],
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
fn without_a_usable_store_every_verb_of_the_tool_says_so() {
    in_lab(|stage| {
        let (_lab, _secret) = alice_bob_and_rescue(stage);
        fs::remove_file(state_file("key")).expect("a key");
        every_verb_says_so(&[
            "status",
            "status --json",
            "enroll",
            "export --show",
            "disable",
            "recovery-codes",
            "verify",
            "resync",
            "list",
        ]);
        for arguments in [
            &["disable", "--user", "alice"][..],
            &["recovery-codes", "--user", "alice"],
            &["unlock", "alice"],
        ] {
            tool("root", arguments, &[]).failed_with(&["was not made", JOURNALCTL]);
        }
    });
}

#[test]
fn an_unfinished_write_at_the_end_is_cut_and_said_so() {
    in_lab(|stage| {
        let (lab, mut secret) = alice_bob_and_rescue(stage);
        edit("journal", |bytes| {
            // A change can end with a zero, too.
            bytes.truncate(changes_end(bytes) + 8);
            bytes.extend(b"\xF7CsF half a frame");
        });
        let mark = lab.log_mark();
        log_in("alice", &mut secret);
        lab.logged(
            mark,
            &[
                "bytes of an unfinished write off the journal at byte ",
                "nothing that was confirmed is lost",
            ],
        );
    });
}
