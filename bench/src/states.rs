//! The people who log in, and what each module keeps of them, all on one disk.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs::{self, OpenOptions, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use countersign_bus::keys;
use countersign_tests::{Caller, Program};

use crate::codes::{Codes, FIRST_COUNTER, Key};
use crate::daemon::Daemon;
use crate::dice::Dice;
use crate::rows::OATH_USERS;

/// Who logs in alone.
pub const ALICE: &str = "alice";
/// Whose codes are wrong at google-authenticator, which moves the counter on then.
pub const BOB: &str = "bob";
/// The first uid of those people.
const FIRST_UID: usize = 20_000;

/// Somebody with a key, the same at every module; each module's codes are used up by themselves.
#[derive(Clone, Debug)]
pub struct Person {
    /// The user name.
    pub name: String,
    /// The key.
    pub key: Key,
}

/// Everybody whom the host knows: alice, bob, and those who come at once.
pub struct People(Vec<Person>);

impl People {
    /// Makes them, with so many who come at once.
    pub fn arrive(crowd: usize, dice: &mut Dice) -> Self {
        let mut passwd = OpenOptions::new()
            .append(true)
            .open("/etc/passwd")
            .expect("the user database");
        let guests = (0..crowd).map(|number| format!("guest{number:02}"));
        let names = [ALICE, BOB].map(str::to_owned).into_iter().chain(guests);
        let people = names
            .zip(FIRST_UID..)
            .map(|(name, uid)| {
                writeln!(passwd, "{name}:x:{uid}:100::/:/bin/sh").expect("one more user");
                let key = Key::by(dice);
                Person { name, key }
            })
            .collect();
        Self(people)
    }

    /// Somebody, by name.
    pub fn find(&self, name: &str) -> &Person {
        let found = self.0.iter().find(|person| person.name == name);
        found.unwrap_or_else(|| panic!("there is no {name}"))
    }

    /// Those who come at once.
    pub fn crowd(&self) -> &[Person] {
        self.0.get(2..).unwrap_or_default()
    }

    /// Writes google-authenticator's files and those of `pam_oath`.
    pub fn move_into_peers(&self, disk: &Path, dice: &mut Dice) {
        let google = disk.join("google");
        fs::create_dir_all(&google).expect("a directory for google-authenticator's files");
        for person in &self.0 {
            let text = format!("{}\n\" HOTP_COUNTER {FIRST_COUNTER}\n", person.key.base32());
            write_secret(&google.join(&person.name), &text);
        }
        let oath = disk.join("oath");
        fs::create_dir_all(&oath).expect("a directory for the files of pam_oath");
        let alice = self.find(ALICE);
        for users in OATH_USERS {
            let mut text = String::new();
            for number in 0..users {
                // She is in the middle of them.
                if number == users / 2 {
                    writeln!(text, "HOTP {} - {}", alice.name, alice.key.hex())
                } else {
                    writeln!(text, "HOTP user{number:07} - {}", Key::by(dice).hex())
                }
                .expect("text grows");
            }
            write_secret(&oath.join(users.to_string()), &text);
        }
    }
}

fn write_secret(path: &Path, text: &str) {
    fs::write(path, text).expect("a file of keys");
    fs::set_permissions(path, Permissions::from_mode(0o600)).expect("it is root's alone");
}

/// A store with so many users, and the codes that are left of those who log in there.
pub struct Store {
    /// How many.
    pub users: usize,
    /// Its directory.
    pub path: PathBuf,
    codes: BTreeMap<String, Codes>,
}

impl Store {
    /// Fills one. Of those who log in, as many as fit are enrolled through the daemon, as an administrator imports
    /// them; the others are only there.
    pub fn fill(users: usize, codes: usize, people: &People, program: &Path, disk: &Path) -> Self {
        let path = disk.join(format!("countersign-{users}"));
        Daemon::make_state(&path);
        let guests = people.crowd();
        let guests = if guests.len() < users { guests } else { &[] };
        let here: Vec<&Person> = [people.find(ALICE)].into_iter().chain(guests).collect();
        let others = users - here.len();
        if others > 0 {
            seed(program, &path, others);
        }
        let daemon = Daemon::start(program, &path);
        let root = Caller::on_bus("root");
        for person in &here {
            let token = [
                (keys::SECRET, person.key.base32().into()),
                (keys::KIND, "hotp".into()),
                (keys::COUNTER, FIRST_COUNTER.into()),
            ];
            root.import(&person.name, &token)
                .unwrap_or_else(|refused| panic!("importing {}: {refused:?}", person.name));
        }
        drop(root);
        daemon.stop();
        let codes = here
            .into_iter()
            .map(|person| (person.name.clone(), person.key.codes(codes)))
            .collect();
        Self { users, path, codes }
    }

    /// The codes of somebody.
    pub fn codes(&mut self, name: &str) -> &mut Codes {
        let codes = self.codes.get_mut(name);
        codes.unwrap_or_else(|| panic!("{name} is not enrolled among {} users", self.users))
    }
}

fn seed(program: &Path, path: &Path, users: usize) {
    let seed = program.with_file_name("seed-store");
    Program::new(seed).arg(path).arg(users.to_string()).text();
    Program::new("chown")
        .args(["-R", "countersign:countersign"])
        .arg(path)
        .text();
}
