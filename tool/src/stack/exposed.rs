//! Stacks that others than root may write to: whoever can, is root at the next login.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::file::{PamFile, Request};
use super::files::{Files, OWN, Root, VENDOR, open};
use crate::printable::quoted;

/// Who may write to a file or directory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rights {
    /// Its owner.
    pub uid: u32,
    /// Its mode, as `stat(2)` has it.
    pub mode: u32,
}

impl Rights {
    /// May somebody besides root write to it?
    pub const fn are_wide(self) -> bool {
        self.uid != 0 || self.mode & 0o022 != 0
    }
}

/// The directories of stacks, and the files that libpam reads for these services, to which others
/// than root may write. In a copy of a machine the owners are not that machine's: nothing is told.
pub fn exposed(root: &Root, services: &[String]) -> Vec<PathBuf> {
    if !root.is_host() {
        return Vec::new();
    }
    let rights = |path: &Path| {
        let about = fs::metadata(root.at(path)).ok()?;
        Some(Rights {
            uid: about.uid(),
            mode: about.mode(),
        })
    };
    let directories = [OWN, VENDOR].map(PathBuf::from).into_iter();
    let paths = directories.chain(read_for(root, services));
    paths
        .filter(|path| rights(path).is_some_and(Rights::are_wide))
        .collect()
}

/// The files that libpam reads for these services, with all that they include for whatever
/// question.
pub fn read_for(files: &dyn Files, services: &[String]) -> BTreeSet<PathBuf> {
    let mut open_names = services.to_vec();
    let mut read = BTreeSet::new();
    while let Some(name) = open_names.pop() {
        let Some((path, text)) = open(files, &name) else {
            continue;
        };
        if !read.insert(path) {
            continue;
        }
        let entries = PamFile::parse(&text).entries.into_iter();
        open_names.extend(entries.filter_map(|entry| match entry.request {
            Request::File { name, .. } => name,
            _ => None,
        }));
    }
    read
}

/// The line of shell that leaves it to root.
pub fn mend(path: &Path) -> String {
    let path = quoted(&path.to_string_lossy());
    format!("chown root: {path} && chmod go-w {path}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::tests::tree;

    #[test]
    fn a_stack_is_roots_alone_to_write() {
        let rights = |uid, mode| Rights { uid, mode };
        assert!(!rights(0, 0o100_644).are_wide());
        assert!(!rights(0, 0o100_600).are_wide());
        for wide in [rights(1000, 0o644), rights(0, 0o664), rights(0, 0o646)] {
            assert!(wide.are_wide(), "{wide:?}");
        }
    }

    #[test]
    fn what_is_included_for_any_question_is_read_and_circles_end() {
        let files = tree(&[
            ("login", "@include common-auth\nsession include /opt/site\n"),
            ("common-auth", "auth substack login\nauth include nowhere\n"),
            ("/opt/site", "session required pam_exec.so x\n"),
            ("other", "auth required pam_deny.so\n"),
        ]);
        let read = read_for(&files, &["login".to_owned()]);
        let expected = ["/etc/pam.d/common-auth", "/etc/pam.d/login", "/opt/site"];
        assert!(
            read.iter()
                .map(PathBuf::as_path)
                .eq(expected.map(Path::new))
        );
    }

    #[test]
    fn the_mend_is_one_line_of_shell() {
        assert_eq!(
            mend(Path::new("/etc/pam.d/a b")),
            "chown root: '/etc/pam.d/a b' && chmod go-w '/etc/pam.d/a b'"
        );
    }
}
