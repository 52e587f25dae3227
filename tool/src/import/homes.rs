//! Every user of the host, and where each keeps their file.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

use super::reading::{Contents, Place, Reading, read_as};
use super::why::Why;

/// Lists the user database with all its sources, where the C library has the call for it alone.
const GETENT: &str = "/usr/bin/getent";
/// The longest file that google-authenticator reads, in bytes.
pub const LONGEST: u64 = 64 * 1024;
/// Where a file is unless a site has moved it.
const ORDINARY: &str = "${HOME}/.google_authenticator";

/// A user, as the database has them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The uid.
    pub uid: u32,
    /// The gid of the first group.
    pub gid: u32,
    /// The home directory.
    pub home: PathBuf,
    /// Can they log in at all?
    pub shell: Shell,
}

/// What a user's shell is good for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shell {
    /// A session.
    Session,
    /// Turning people away: `nologin` and `false`.
    None,
}

/// All users, in the order of the database. Blocks.
pub fn everybody() -> Result<Vec<Person>, String> {
    let listed = Command::new(GETENT)
        .arg("passwd")
        .env_clear()
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .map_err(|error| format!("{GETENT}: {error}"))?;
    if !listed.status.success() {
        return Err(format!("{GETENT}: {}", listed.status));
    }
    Ok(people(&listed.stdout))
}

/// One user by name. Blocks.
pub fn somebody(name: &str) -> Result<Option<Person>, String> {
    let found = nix::unistd::User::from_name(name).map_err(|error| error.to_string())?;
    Ok(found.map(|user| Person {
        name: user.name,
        uid: user.uid.as_raw(),
        gid: user.gid.as_raw(),
        home: user.dir,
        shell: Shell::Session,
    }))
}

/// The lines of passwd(5). What is no line of it is passed over.
fn people(passwd: &[u8]) -> Vec<Person> {
    passwd
        .split(|byte| *byte == b'\n')
        .filter_map(person)
        .collect()
}

fn person(line: &[u8]) -> Option<Person> {
    let mut fields = line.split(|byte| *byte == b':');
    let mut text = || Some(String::from_utf8_lossy(fields.next()?).into_owned());
    let (name, _password) = (text()?, text()?);
    let (uid, gid, _gecos) = (text()?.parse().ok()?, text()?.parse().ok()?, text()?);
    let home = PathBuf::from(OsString::from_vec(fields.next()?.to_vec()));
    let shell = fields.next().unwrap_or_default();
    let turns_away = shell.ends_with(b"/nologin") || shell.ends_with(b"/false");
    (!name.is_empty()).then_some(Person {
        name,
        uid,
        gid,
        home,
        shell: if turns_away {
            Shell::None
        } else {
            Shell::Session
        },
    })
}

/// Where users keep their file: a path with `${USER}` and `${HOME}`, or `~`, as the module's `secret=`
/// has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pattern(String);

impl Pattern {
    /// Checks what was typed.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let begins = ["/", "~/", "${HOME}/"]
            .iter()
            .any(|it| text.starts_with(it));
        let names_user =
            ["~/", "${HOME}/"].iter().any(|it| text.starts_with(it)) || text.contains("${USER}");
        let climbs = Path::new(text)
            .components()
            .any(|it| it == Component::ParentDir);
        if begins && names_user && !climbs {
            Ok(Self(text.to_owned()))
        } else {
            Err("not a path with ${HOME} at its beginning or ${USER} in it, and without `..`")
        }
    }

    /// The directory to begin in, which is an administrator's or the home, and the way from there.
    fn place(&self, person: &Person) -> Option<(PathBuf, PathBuf)> {
        let rest = ["~/", "${HOME}/"]
            .iter()
            .find_map(|it| self.0.strip_prefix(it));
        let with_name = |text: &str| text.replace("${USER}", &person.name);
        // A name that is a way up would lead out.
        if matches!(person.name.as_str(), "." | "..") {
            return None;
        }
        if let Some(rest) = rest {
            return Some((person.home.clone(), with_name(rest).into()));
        }
        let fixed = self.0.find("${USER}").and_then(|at| self.0.get(..at))?;
        let base = fixed.rfind('/').and_then(|at| self.0.get(..=at))?;
        let rest = self.0.get(base.len()..)?;
        Some((base.into(), with_name(rest).into()))
    }

    /// The whole path, to be shown.
    pub fn path(&self, person: &Person) -> PathBuf {
        match self.place(person) {
            Some((base, rest)) => base.join(rest),
            None => PathBuf::from(&self.0),
        }
    }

    /// Reads the file of a user, who may have none. Blocks as long as the disk does.
    pub fn read(&self, person: &Person) -> Result<Option<Contents>, Why> {
        let (base, rest) = self.place(person).ok_or(Why::BadUser)?;
        let place = Place {
            base: &base,
            rest: &rest,
            owner: Some(person.uid),
            longest: LONGEST,
        };
        match read_as(&place, person.uid, person.gid)? {
            Reading::File(contents) => Ok(Some(contents)),
            // It may not be mounted. Those who never log in have none in the first place.
            Reading::NoBase if base == person.home && person.shell == Shell::Session => {
                Err(Why::NoHome)
            }
            Reading::NoBase | Reading::NoFile => Ok(None),
        }
    }
}

impl Default for Pattern {
    fn default() -> Self {
        Self(ORDINARY.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    fn alice() -> Person {
        Person {
            name: "alice".into(),
            uid: 1000,
            gid: 1000,
            home: "/home/alice".into(),
            shell: Shell::Session,
        }
    }

    #[test]
    fn every_line_of_the_database_is_a_user_and_nothing_else_is() {
        let listed = people(
            b"root:x:0:0:root:/root:/bin/bash\nbin:x:2:2:bin:/bin:/usr/sbin/nologin\n\
              EXAMPLE\\zo\xc3\xab:*:70000:70000::/home/zo\xc3\xab:\nnonsense\n:x:1:1::/:\n\
              bad:x:y:1::/:\nodd:x:5:5::/home/\xff:/bin/false\n\n",
        );
        let told: Vec<_> = listed
            .iter()
            .map(|it| (it.name.as_str(), it.uid, it.shell))
            .collect();
        assert_eq!(
            told,
            [
                ("root", 0, Shell::Session),
                ("bin", 2, Shell::None),
                ("EXAMPLE\\zoë", 70_000, Shell::Session),
                ("odd", 5, Shell::None),
            ]
        );
        assert_eq!(listed[3].home.as_os_str().as_bytes(), b"/home/\xff");
        assert!(everybody().unwrap().iter().any(|it| it.uid == 0));
        assert_eq!(somebody("root").unwrap().unwrap().uid, 0);
        assert_eq!(somebody("nobody-s-cat").unwrap(), None);
    }

    #[test]
    fn a_pattern_leads_from_a_directory_that_is_trusted() {
        for (pattern, base, rest) in [
            (ORDINARY, "/home/alice", ".google_authenticator"),
            ("~/.ga/${USER}", "/home/alice", ".ga/alice"),
            ("${HOME}/x", "/home/alice", "x"),
            ("/var/lib/ga/${USER}", "/var/lib/ga/", "alice"),
            ("/var/ga-${USER}/secret", "/var/", "ga-alice/secret"),
        ] {
            let pattern = Pattern::parse(pattern).unwrap();
            assert_eq!(pattern.place(&alice()), Some((base.into(), rest.into())));
        }
        for pattern in [
            "",
            "x",
            "/etc/secret",
            "/var/../${USER}",
            "${HOME}",
            "~alice/x",
            "${USER}/x",
        ] {
            assert!(Pattern::parse(pattern).is_err(), "{pattern}");
        }
        let up = Person {
            name: "..".into(),
            ..alice()
        };
        let pattern = Pattern::parse("/var/ga/${USER}/secret").unwrap();
        assert_eq!(pattern.place(&up), None);
        assert!(matches!(pattern.read(&up), Err(Why::BadUser)));
    }

    #[test]
    fn a_home_that_is_not_there_is_told_of_those_who_log_in() {
        let pattern = Pattern::default();
        let mut away = Person {
            home: "/nonexistent/home".into(),
            ..alice()
        };
        assert!(matches!(pattern.read(&away), Err(Why::NoHome)));
        away.shell = Shell::None;
        assert!(matches!(pattern.read(&away), Ok(None)));
    }
}
