//! sshd's configuration files, line by line, in the order in which sshd reads them: where a value
//! comes from, and whether a file of ours would be read before it.
//!
//! The reference is `sshd_config(5)`: the first value counts, `Match` blocks go before all others,
//! and `Include` is read where it stands.

use crate::doctor::host::Host;

/// The file that everything begins with.
pub const MAIN: &str = "/etc/ssh/sshd_config";
/// Relative names are relative to this.
const DIRECTORY: &str = "/etc/ssh";
/// How deep files may include each other (`SERVCONF_MAX_DEPTH`).
const DEEPEST: usize = 16;

/// For whom a line counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Scope {
    /// For everybody.
    Global,
    /// For those whom this `Match` is about.
    Match(String),
}

/// A line that sets something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// What, in small letters.
    pub keyword: String,
    /// To what.
    pub value: String,
    /// For whom.
    pub scope: Scope,
    /// The file.
    pub path: String,
    /// The line in it, from 1.
    pub number: usize,
}

/// All lines. `added` is a file that is not there and would be empty but for itself: where an
/// `Include` takes it in, a line with its path and no keyword stands.
pub fn lines(host: &Host<'_>, added: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    read(host, MAIN, added, &Scope::Global, 0, &mut lines);
    lines
}

fn read(
    host: &Host<'_>,
    path: &str,
    added: &str,
    outer: &Scope,
    depth: usize,
    lines: &mut Vec<Line>,
) {
    if depth >= DEEPEST {
        return;
    }
    let line = |keyword: &str, value: &str, scope: &Scope, number| Line {
        keyword: keyword.to_owned(),
        value: value.to_owned(),
        scope: scope.clone(),
        path: path.to_owned(),
        number,
    };
    if path == added {
        lines.push(line("", "", outer, 1));
        return;
    }
    let text = host.text(path).unwrap_or_default();
    // A `Match` ends with its file.
    let mut scope = outer.clone();
    for (index, text) in text.lines().enumerate() {
        let text = text.trim();
        let Some((keyword, value)) = text.split_once([' ', '\t', '=']) else {
            continue;
        };
        let value = value.trim_start_matches([' ', '\t', '=']).trim_end();
        match keyword.to_ascii_lowercase().as_str() {
            _ if text.starts_with('#') => {}
            "match" => scope = Scope::Match(value.to_owned()),
            "include" => {
                for pattern in value.split_whitespace() {
                    for file in files(host, pattern.trim_matches('"'), added) {
                        read(host, &file, added, &scope, depth + 1, lines);
                    }
                }
            }
            keyword => lines.push(line(keyword, value, &scope, index + 1)),
        }
    }
}

/// The files of a pattern: one name, or a star in its last part, as all distributions have it.
fn files(host: &Host<'_>, pattern: &str, added: &str) -> Vec<String> {
    let pattern = if pattern.starts_with('/') {
        pattern.to_owned()
    } else {
        format!("{DIRECTORY}/{pattern}")
    };
    let Some((directory, last)) = pattern.rsplit_once('/') else {
        return Vec::new();
    };
    let Some((begin, end)) = last.split_once('*') else {
        return vec![pattern];
    };
    let mut names = host.names(directory);
    if let Some((_, name)) = added.rsplit_once('/').filter(|(at, _)| *at == directory) {
        names.push(name.to_owned());
        names.sort_unstable();
        names.dedup();
    }
    let fits = |name: &String| {
        name.len() >= last.len() - 1
            && name.starts_with(begin)
            && name.ends_with(end)
            && !name.starts_with('.')
    };
    let names = names.into_iter().filter(fits);
    names.map(|name| format!("{directory}/{name}")).collect()
}

impl Scope {
    /// Can it be about this user? Only what plainly names others is not.
    pub fn concerns(&self, user: &str) -> bool {
        let Self::Match(criteria) = self else {
            return true;
        };
        let mut words = criteria.split([' ', '\t', '=']).filter(|it| !it.is_empty());
        while let Some(word) = words.next() {
            if word.eq_ignore_ascii_case("user") {
                let listed = words.next().unwrap_or_default();
                return listed.contains(['*', '?', '!'])
                    || listed.split(',').any(|name| name == user);
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::doctor::host::Shell;

    const ADDED: &str = "/etc/ssh/sshd_config.d/05-ours.conf";

    fn read_from(main: &str, drop_ins: &[(&str, &str)]) -> Vec<(String, usize, Scope)> {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("etc/ssh");
        fs::create_dir_all(directory.join("sshd_config.d")).unwrap();
        fs::write(directory.join("sshd_config"), main).unwrap();
        for (name, text) in drop_ins {
            fs::write(directory.join("sshd_config.d").join(name), text).unwrap();
        }
        let host = Host::new(root.path(), &Shell, true);
        let lines = lines(&host, ADDED).into_iter();
        lines
            .map(|line| {
                let name = line.path.rsplit('/').next().unwrap_or_default();
                (format!("{name} {}", line.keyword), line.number, line.scope)
            })
            .collect()
    }

    #[test]
    fn drop_ins_are_read_in_order_where_they_are_included_and_ours_among_them() {
        let read = read_from(
            "# x\nInclude sshd_config.d/*.conf\nUsePAM=no\nMatch User alice\n MaxAuthTries 1\n",
            &[
                ("50-b.conf", "Match all\nUsePAM yes\n"),
                ("01-a.conf", "X y\n"),
                ("n.bak", "Z z\n"),
            ],
        );
        let of = |text: &str| Scope::Match(text.to_owned());
        assert_eq!(
            read,
            [
                ("01-a.conf x".to_owned(), 1, Scope::Global),
                ("05-ours.conf ".to_owned(), 1, Scope::Global),
                ("50-b.conf usepam".to_owned(), 2, of("all")),
                ("sshd_config usepam".to_owned(), 3, Scope::Global),
                ("sshd_config maxauthtries".to_owned(), 5, of("User alice")),
            ]
        );
    }

    #[test]
    fn files_that_include_themselves_come_to_an_end() {
        assert_eq!(read_from("Include sshd_config\n", &[]), []);
    }

    #[test]
    fn a_match_that_names_others_is_not_about_this_one() {
        let concerns = |text: &str| Scope::Match(text.to_owned()).concerns("alice");
        assert!(concerns("User bob,alice") && concerns("Group x") && concerns("user a*"));
        assert!(!concerns("Address 192.0.2.0/24 User bob"));
        assert!(Scope::Global.concerns("alice"));
    }
}
