//! The people who log in, and what each module keeps of them, all on one disk.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use countersign_tests::{Program, programs};

use crate::codes::{Codes, FIRST_COUNTER, Key};
use crate::daemon::Daemon;
use crate::dice::Dice;
use crate::rows::OATH_USERS;

/// Who logs in at the peers.
pub const ALICE: &str = "alice";
/// Whose codes are wrong at google-authenticator, which moves the counter on then.
pub const BOB: &str = "bob";

const PASSWD: &str = "/etc/passwd";
/// The uids of the peers' users, and below all members'.
const PEERS_UID: u32 = 20_000;
const FIRST_UID: u32 = 100_000;
/// Names of members are spread over so many numbers, evenly.
const NUMBERS: usize = 10_000_000;
/// How many codes of a member are made at a time.
const BATCH: usize = 40;

/// A user of a store of Countersign: everything about them follows from their number, so that the programs that fill a
/// store and those that log in need not tell each other.
#[derive(Clone, Debug)]
pub struct Member {
    /// The user name.
    pub name: String,
    /// The uid.
    pub uid: u32,
    /// The key.
    pub key: Key,
}

impl Member {
    /// The counter of their first code.
    pub const FIRST_COUNTER: u64 = FIRST_COUNTER;

    /// One of so many users.
    pub fn of(number: usize, users: usize) -> Self {
        let spread = number * (NUMBERS / users.max(1)).max(1);
        let offset = u32::try_from(number).unwrap_or(u32::MAX - FIRST_UID);
        Self {
            name: format!("user{spread:07}"),
            uid: FIRST_UID + offset,
            key: Key::by(&mut Dice::new(u64::try_from(number).unwrap_or(u64::MAX))),
        }
    }
}

/// The host's user database: few users, and always about as many, so that it takes as long to find somebody there
/// for everybody.
pub struct UserDatabase(String);

impl UserDatabase {
    /// As it is, and the peers' users.
    pub fn find() -> Self {
        let mut text = fs::read_to_string(PASSWD).expect("the user database");
        for (name, uid) in [ALICE, BOB].into_iter().zip(PEERS_UID..) {
            text += &line(name, uid);
        }
        Self(text)
    }

    /// From now on these are the other users, in the middle of so many.
    pub fn lists(&self, members: &[Member], count: usize) {
        let mut lines: Vec<String> = Vec::new();
        for member in members {
            let line = line(&member.name, member.uid);
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        let others = count.saturating_sub(lines.len());
        let other = |number: usize| line(&format!("other{number:07}"), FIRST_UID - 1);
        let before: String = (0..others / 2).map(other).collect();
        let after: String = (others / 2..others).map(other).collect();
        let text = [self.0.as_str(), &before, &lines.concat(), &after].concat();
        fs::write(PASSWD, text).expect("the user database");
    }
}

fn line(name: &str, uid: u32) -> String {
    format!("{name}:x:{uid}:100::/:/bin/sh\n")
}

/// Writes google-authenticator's file of somebody.
pub fn move_into_google(disk: &Path, name: &str, key: &Key) {
    let google = disk.join("google");
    fs::create_dir_all(&google).expect("a directory for google-authenticator's files");
    let text = format!("{}\n\" HOTP_COUNTER {FIRST_COUNTER}\n", key.base32());
    write_secret(&google.join(name), &text);
}

/// Writes the files of `pam_oath`, with alice in the middle of each.
pub fn move_into_oath(disk: &Path, alice: &Key, dice: &mut Dice) {
    let oath = disk.join("oath");
    fs::create_dir_all(&oath).expect("a directory for the files of pam_oath");
    for users in OATH_USERS {
        let mut text = String::new();
        for number in 0..users {
            if number == users / 2 {
                writeln!(text, "HOTP {ALICE} - {}", alice.hex())
            } else {
                writeln!(text, "HOTP user{number:07} - {}", Key::by(dice).hex())
            }
            .expect("text grows");
        }
        write_secret(&oath.join(users.to_string()), &text);
    }
}

fn write_secret(path: &Path, text: &str) {
    fs::write(path, text).expect("a file of keys");
    fs::set_permissions(path, Permissions::from_mode(0o600)).expect("it is root's alone");
}

/// A store with so many users.
pub struct Store {
    /// How many.
    pub users: usize,
    /// Its directory.
    pub path: PathBuf,
    /// How many turns there were.
    turns: usize,
    /// The codes of those who had one.
    codes: BTreeMap<String, Codes>,
}

impl Store {
    /// Fills one, by the program that lies beside the daemon or beside this one.
    pub fn fill(users: usize, daemon: &Path, disk: &Path) -> Self {
        let path = disk.join(format!("countersign-{users}"));
        Daemon::make_state(&path);
        // The daemon's user may not get to where it was built.
        let program = disk.join("seed-store");
        let built = [daemon.to_owned(), programs().join("here")]
            .map(|beside| beside.with_file_name("seed-store"))
            .into_iter()
            .find(|program| program.is_file())
            .expect("the program that fills stores is built");
        fs::copy(built, &program).expect("a copy of it");
        Program::new("setpriv")
            .args(["--reuid=countersign", "--regid=countersign"])
            .args(["--clear-groups", "--"])
            .arg(&program)
            .arg(&path)
            .arg(users.to_string())
            .text();
        Self::at(users, path)
    }

    fn at(users: usize, path: PathBuf) -> Self {
        Self {
            users,
            path,
            turns: 0,
            codes: BTreeMap::new(),
        }
    }

    /// The member whose turn it is now.
    pub fn next_member(&mut self) -> Member {
        let member = self.member(self.turns);
        self.turns += 1;
        member
    }

    /// Somebody's codes.
    pub fn codes(&mut self, member: &Member) -> &mut Codes {
        let codes = self.codes.entry(member.name.clone());
        codes.or_insert_with(|| member.key.codes(BATCH))
    }

    /// The member who has the turn, of all whose turn comes: the names of those that follow each other lie far apart.
    fn member(&self, turn: usize) -> Member {
        // A prime: everybody has their turn.
        const STRIDE: usize = 7_368_787;
        Member::of(turn.wrapping_mul(STRIDE) % self.users, self.users)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn members_have_names_of_their_own_whatever_the_size() {
        for users in [1, 7, 1_000, 30_000] {
            let names: BTreeSet<String> = (0..users)
                .map(|number| Member::of(number, users).name)
                .collect();
            assert_eq!(names.len(), users);
        }
        assert_eq!(Member::of(999_999, 1_000_000).name, "user9999990");
    }

    #[test]
    fn everybody_has_their_turn_once_before_anybody_has_it_again() {
        for users in [1, 10, 1_000, 100_000] {
            let store = Store::at(users, PathBuf::new());
            let uids: BTreeSet<u32> = (0..users).map(|turn| store.member(turn).uid).collect();
            assert_eq!(uids.len(), users);
        }
    }
}
