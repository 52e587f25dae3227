use std::fs;
use std::io;
use std::path::Path;

/// The name service switch of the C library (nsswitch.conf(5)).
const SWITCH: &str = "/etc/nsswitch.conf";

/// What it is asked about groups: their names, who is in them, and both for `compat`.
const DATABASES: [&str; 3] = ["group", "initgroups", "group_compat"];

/// Sources that read this host's own files and ask nobody else: of the C library, systemd and the
/// distributions. `extrausers` is Debian's, `altfiles` ostree's, `usrfiles` SUSE's, `role` ALT's.
const LOCAL: [&str; 9] = [
    "files",
    "compat",
    "db",
    "systemd",
    "mymachines",
    "altfiles",
    "extrausers",
    "usrfiles",
    "role",
];

/// Where the host looks for groups.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NameSources {
    /// In its own files alone: a group that is not found does not exist.
    Local,
    /// Elsewhere too, by these sources. What is not found may be out of reach just now, which the C library
    /// does not always tell apart.
    Remote(Vec<String>),
}

impl NameSources {
    /// What this host's switch says of groups.
    pub fn of_groups() -> Self {
        Self::in_file(Path::new(SWITCH))
    }

    fn in_file(switch: &Path) -> Self {
        match fs::read(switch) {
            Ok(text) => Self::parse(&String::from_utf8_lossy(&text)),
            // The C library's default is the files.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::Local,
            Err(error) => Self::Remote(vec![format!("{SWITCH}: {error}")]),
        }
    }

    fn parse(text: &str) -> Self {
        let mut remote: Vec<String> = Vec::new();
        for line in text.lines() {
            let line = line.split('#').next().unwrap_or_default();
            let Some((database, sources)) = line.split_once(':') else {
                continue;
            };
            if !DATABASES.contains(&database.trim()) {
                continue;
            }
            // Reactions such as [NOTFOUND=return] stand between the sources.
            let mut reaction = false;
            for word in sources
                .replace('[', " [")
                .replace(']', "] ")
                .split_whitespace()
            {
                if word.starts_with('[') {
                    reaction = true;
                }
                if !reaction && !LOCAL.contains(&word) && !remote.iter().any(|it| it == word) {
                    remote.push(word.to_owned());
                }
                if word.ends_with(']') {
                    reaction = false;
                }
            }
        }
        if remote.is_empty() {
            Self::Local
        } else {
            Self::Remote(remote)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_that_ask_others_are_told_from_those_that_do_not() {
        let remote = |names: &[&str]| {
            NameSources::Remote(names.iter().map(|&name| name.to_owned()).collect())
        };
        for (text, sources) in [
            ("", NameSources::Local),
            ("group: files", NameSources::Local),
            (
                "group:files systemd\npasswd: files ldap",
                NameSources::Local,
            ),
            ("group: compat extrausers # sss", NameSources::Local),
            ("group: files [SUCCESS=merge] systemd", NameSources::Local),
            (
                "  group :\tfiles[!NOTFOUND=return SUCCESS=merge]sss",
                remote(&["sss"]),
            ),
            ("group: files [ NOTFOUND=return ] ldap", remote(&["ldap"])),
            (
                "group: files\ninitgroups: files winbind",
                remote(&["winbind"]),
            ),
            ("group: compat\ngroup_compat: nis", remote(&["nis"])),
            (
                "group: sss files\ninitgroups: sss ldap",
                remote(&["sss", "ldap"]),
            ),
        ] {
            assert_eq!(NameSources::parse(text), sources, "{text}");
        }
    }

    #[test]
    fn a_switch_that_is_not_there_means_the_files_and_one_that_cannot_be_read_anything() {
        let in_file = |file| NameSources::in_file(Path::new(file));
        assert_eq!(in_file("/nonexistent/nsswitch.conf"), NameSources::Local);
        assert!(matches!(in_file("/"), NameSources::Remote(_)));
    }
}
