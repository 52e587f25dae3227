//! Which pages there are, and how each comes about.

use std::fs;
use std::io;
use std::path::Path;

use crate::{command, interface};

/// A page: a name, a section of the manual, and its text.
pub struct Page {
    /// As in `man NAME`.
    pub name: &'static str,
    /// 1, 5 or 8.
    pub section: char,
    /// In the language of man(7).
    pub text: String,
}

/// The folder's date in the pages' feet: that of the release, so that a build can be repeated.
pub const DATE: &str = "2026-11-23";

impl Page {
    fn made_of(name: &'static str, section: char, title: &str, body: &str) -> Self {
        let version = env!("CARGO_PKG_VERSION");
        let text = format!(
            ".TH {} {section} {DATE} \"countersign {version}\" \"{title}\"\n{body}",
            name.to_uppercase()
        );
        Self {
            name,
            section,
            text,
        }
    }
}

/// All pages.
pub fn all() -> Vec<Page> {
    vec![
        Page::made_of(
            "countersign",
            '1',
            "User Commands",
            &include_str!("../pages/countersign.1")
                .replace("@VERBS@\n", &command::verbs(countersign::command()))
                .replace("@OPTIONS@\n", &command::options(&countersign::command())),
        ),
        Page::made_of(
            "countersignd",
            '8',
            "System Administration",
            &include_str!("../pages/countersignd.8")
                .replace("@OPTIONS@\n", &command::options(&countersignd::command())),
        ),
        Page::made_of(
            "pam_countersign",
            '8',
            "System Administration",
            include_str!("../pages/pam_countersign.8"),
        ),
        Page::made_of(
            "countersign.toml",
            '5',
            "File Formats",
            include_str!("../pages/countersign.toml.5"),
        ),
        Page::made_of(
            "org.countersign1",
            '5',
            "D-Bus Interface",
            &include_str!("../pages/org.countersign1.5")
                .replace("@INTERFACES@\n", &interface::all()),
        ),
    ]
}

/// Writes every page as `man1/countersign.1` and so on below a folder, which is made.
pub fn write_all(folder: &Path) -> io::Result<()> {
    for page in all() {
        let section = folder.join(format!("man{}", page.section));
        fs::create_dir_all(&section)?;
        fs::write(
            section.join(format!("{}.{}", page.name, page.section)),
            page.text,
        )?;
    }
    Ok(())
}
