//! The host's own file of users, read at one go.
//!
//! glibc reads all of it for every name, so that a page of names on a host with 100,000 users takes seconds.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use countersign_bus::UserName;

use super::Person;

/// Users of `passwd`, each with the uid of the first line of that name.
pub type Uids = BTreeMap<String, u32>;

/// Those of a page of names who are local, where the name service switch asks the files before anything
/// else and takes their word. Elsewhere nobody: then the switch must be asked.
pub fn read<'a>(etc: &Path, page: impl Iterator<Item = &'a UserName>) -> io::Result<Uids> {
    let switch = fs::read_to_string(etc.join("nsswitch.conf"))?;
    if !files_come_first(&switch) {
        return Ok(Uids::new());
    }
    let passwd = fs::read(etc.join("passwd"))?;
    let names: Vec<&str> = page.map(UserName::as_str).collect();
    Ok(uids(&String::from_utf8_lossy(&passwd), &names))
}

/// So much of the file is read in passing, in bytes: what takes some ten microseconds.
const SMALL: u64 = 64 * 1024;

/// A local user, where the switch asks the files first and that file is small. `None` is no answer: then the
/// switch must be asked.
pub fn at_hand(etc: &Path, user: &UserName) -> Option<Person> {
    let passwd = etc.join("passwd");
    if fs::metadata(&passwd).ok()?.len() > SMALL {
        return None;
    }
    let switch = fs::read_to_string(etc.join("nsswitch.conf")).ok()?;
    if !files_come_first(&switch) {
        return None;
    }
    person(&fs::read_to_string(passwd).ok()?, user.as_str())
}

/// By the first line of that name, if it is as passwd(5) has it in every part.
fn person(passwd: &str, name: &str) -> Option<Person> {
    // Comments, and what glibc has for NIS: nobody's lines.
    if name.starts_with(['#', '+', '-']) {
        return None;
    }
    let mine = |line: &&str| line.trim_start().split(':').next() == Some(name);
    let mut fields = passwd.lines().find(mine)?.split(':').skip(2);
    let (uid, gid) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    let name = name.to_owned();
    (fields.count() == 3).then_some(Person { name, uid, gid })
}

/// Does the line for `passwd` begin with `files`, without a condition behind it? (nsswitch.conf(5))
fn files_come_first(switch: &str) -> bool {
    let mut lines = switch
        .lines()
        .filter_map(|line| line.split('#').next())
        .filter_map(|line| line.trim_start().strip_prefix("passwd:"));
    let (line, another) = (lines.next().unwrap_or_default(), lines.next());
    let mut sources = line.split_whitespace();
    another.is_none()
        && sources.next() == Some("files")
        && sources.next().is_none_or(|next| !next.starts_with('['))
}

/// As passwd(5) has them. A line that is none is passed over.
fn uids(passwd: &str, names: &[&str]) -> Uids {
    let mut uids = Uids::new();
    let (Some(first), Some(last)) = (names.iter().min(), names.iter().max()) else {
        return uids;
    };
    for line in passwd.lines() {
        let Some((name, rest)) = line.split_once(':') else {
            continue;
        };
        // A page is a stretch of the names in their order: most lines are done with here.
        if name < *first || name > *last || uids.contains_key(name) {
            continue;
        }
        if let Some(Ok(uid)) = rest.split(':').nth(1).map(str::parse) {
            uids.insert(name.to_owned(), uid);
        }
    }
    uids
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_count_only_where_they_are_asked_first_and_believed() {
        for switch in ["passwd: files systemd\n", "# x\n passwd:\tfiles # sss\n"] {
            assert!(files_come_first(switch), "{switch}");
        }
        for switch in [
            "",
            "passwd: sss files\n",
            "passwd: files\npasswd: sss files\n",
            "passwd: files [SUCCESS=continue] sss\n",
            "passwd: compat\n",
            "#passwd: files\n",
            "group: files\n",
        ] {
            assert!(!files_come_first(switch), "{switch}");
        }
    }

    #[test]
    fn a_user_is_at_hand_only_where_the_whole_line_is_in_order() {
        let passwd = "#x:x:1:1::/:\nal:x:5:6:A,,,:/home/al:/bin/sh\nal:x:7:7::/:\nbob:x:y:1::/:\nbob:x:1:1::/:\n\
                      short:x:1:1\nlong:x:1:1::/::\n+nis:x:1:1::/:";
        let al = Person {
            name: "al".to_owned(),
            uid: 5,
            gid: 6,
        };
        assert_eq!(person(passwd, "al"), Some(al));
        for name in ["bob", "short", "long", "nis", "+nis", "#x", "Al", "a", ""] {
            assert_eq!(person(passwd, name), None, "{name}");
        }
    }

    #[test]
    fn the_host_s_own_files_say_what_the_c_library_says() {
        let root = UserName::parse("root").unwrap();
        if let Some(found) = at_hand(Path::new("/etc"), &root) {
            assert_eq!((found.name.as_str(), found.uid), ("root", 0));
        }
        let etc = std::env::temp_dir().join(format!("countersignd-etc-{}", std::process::id()));
        fs::create_dir_all(&etc).unwrap();
        let write = |name, text: &str| fs::write(etc.join(name), text).unwrap();
        write("passwd", "root:x:0:0::/root:/bin/sh\n");
        write("nsswitch.conf", "passwd: sss files\n");
        assert_eq!(at_hand(&etc, &root), None);
        write("nsswitch.conf", "passwd: files sss\n");
        assert!(at_hand(&etc, &root).is_some());
        write("passwd", &"root:x:0:0::/root:/bin/sh\n".repeat(4_000));
        assert_eq!(at_hand(&etc, &root), None, "too much to read in passing");
        fs::remove_dir_all(etc).unwrap();
    }

    #[test]
    fn the_first_line_of_a_name_counts_and_broken_ones_do_not() {
        let passwd =
            "al:x:1:1::/:\nzoë:x:7:8::/:/bin/sh\nzoë:x:9:9::/:\nodd\n\nbob:x:y:1::/:\n+::::::\n";
        let expected = Uids::from([("zoë".to_owned(), 7)]);
        assert_eq!(uids(passwd, &["zoë", "bob", "odd"]), expected);
        assert_eq!(uids(passwd, &[]), Uids::new());
    }
}
