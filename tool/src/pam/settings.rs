//! What sshd's files say before our drop-in is read: the first value counts.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::PamError;
use super::sshd::DIRECTORY;
use crate::stack::files::{Files, Root};

const MAIN: &str = "/etc/ssh/sshd_config";

/// Does each list of `AuthenticationMethods` have PAM ask, and none have sshd ask for the password?
pub fn leaves_to_pam(methods: &str) -> bool {
    methods.split_whitespace().all(|list| {
        let mut of_pam = false;
        for method in list.split(',') {
            of_pam |= method.starts_with("keyboard-interactive");
            if method == "password" {
                return false;
            }
        }
        of_pam
    })
}

/// A line that is read earlier and says otherwise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Earlier {
    /// Which file.
    pub path: PathBuf,
    /// Which line, from 1.
    pub line: usize,
    /// What it says.
    pub text: String,
}

/// The drop-ins that sshd reads, in its order.
pub fn drop_ins(root: &Root) -> Vec<PathBuf> {
    let directory = Path::new(DIRECTORY);
    let Ok(entries) = fs::read_dir(root.at(directory)) else {
        return Vec::new();
    };
    let names = entries.filter_map(|it| it.ok()?.file_name().into_string().ok());
    let mut paths: Vec<PathBuf> = names
        .filter(|name| !name.starts_with('.'))
        .map(|name| directory.join(name))
        .filter(|path| path.extension().is_some_and(|it| it == "conf"))
        .collect();
    paths.sort();
    paths
}

/// What in a drop-in that sorts before this one stands against ours.
pub fn in_the_way(root: &Root, place: &Path) -> Option<Earlier> {
    let earlier = drop_ins(root).into_iter().filter(|path| path < place);
    earlier.into_iter().find_map(|path| {
        let text = root.read(&path)?;
        scan(&path, &String::from_utf8_lossy(&text)).0
    })
}

/// Why the drop-in in this place does not do what it says, if the files tell.
pub fn conflict(root: &Root, place: &Path) -> Option<PamError> {
    let main = Path::new(MAIN);
    let text = root.read(main)?;
    let (earlier, includes) = scan(main, &String::from_utf8_lossy(&text));
    let earlier = earlier.or_else(|| includes.then(|| in_the_way(root, place)).flatten());
    match earlier {
        Some(earlier) => Some(PamError::SshdEarlier(earlier)),
        None if includes => None,
        None => Some(PamError::SshdNoInclude),
    }
}

/// The first line that says otherwise than ours, up to where drop-ins are included, and whether
/// they are. What stands below `Match` is not for everybody.
fn scan(path: &Path, text: &str) -> (Option<Earlier>, bool) {
    for (index, line) in text.lines().enumerate() {
        let bare = line.split('#').next().unwrap_or_default().trim();
        let cut = bare.find(|it: char| it.is_whitespace() || it == '=');
        let (keyword, value) = bare.split_at(cut.unwrap_or(bare.len()));
        let value = value.trim_start_matches(|it: char| it.is_whitespace() || it == '=');
        let value = value.trim_matches('"');
        let is_against = match keyword.to_ascii_lowercase().as_str() {
            "match" => break,
            "include" if value.contains("sshd_config.d") => return (None, true),
            "usepam" | "kbdinteractiveauthentication" | "challengeresponseauthentication" => {
                value != "yes"
            }
            "authenticationmethods" => !leaves_to_pam(value),
            _ => false,
        };
        if is_against {
            let earlier = Earlier {
                path: path.to_owned(),
                line: index + 1,
                text: bare.to_owned(),
            };
            return (Some(earlier), false);
        }
    }
    (None, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> Option<usize> {
        scan(Path::new(MAIN), text).0.map(|it| it.line)
    }

    #[test]
    fn the_line_that_stands_in_the_way_is_found() {
        assert_eq!(first("# no\nkbdinteractiveauthentication=no\n"), Some(2));
        assert_eq!(
            first("ChallengeResponseAuthentication \"no\" # x\n"),
            Some(1)
        );
        assert_eq!(first("AuthenticationMethods publickey\n"), Some(1));
        assert_eq!(
            first("UsePAM yes\nKbdInteractiveAuthentication yes\n"),
            None
        );
        assert_eq!(
            first("Match User backup\nAuthenticationMethods publickey\n"),
            None
        );
        let below = "Include /etc/ssh/sshd_config.d/*.conf\nKbdInteractiveAuthentication no\n";
        assert_eq!(scan(Path::new(MAIN), below), (None, true));
    }

    #[test]
    fn only_lists_in_which_pam_asks_leave_the_questions_to_it() {
        assert!(leaves_to_pam(
            "publickey,keyboard-interactive:pam keyboard-interactive"
        ));
        for methods in [
            "any",
            "publickey",
            "publickey keyboard-interactive",
            "password,keyboard-interactive",
        ] {
            assert!(!leaves_to_pam(methods), "{methods}");
        }
    }
}
