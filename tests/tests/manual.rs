//! The installed manual, as people call it up.

use countersign_tests::{Program, in_lab};

#[test]
fn man_finds_every_page_where_it_is_installed() {
    in_lab(|stage| {
        let _lab = stage.start();
        for (page, section, said) in [
            ("countersign", "1", "countersign pam try"),
            ("countersignd", "8", "SIGHUP"),
            ("pam_countersign", "8", "PAM_AUTHINFO_UNAVAIL"),
            ("countersign.toml", "5", "enroll_by"),
            ("org.countersign1", "5", "BeginEnrollment"),
        ] {
            // No index is made first: it is found by its place.
            let shown = Program::new("man")
                .env("LC_ALL", "C.UTF-8")
                .env("MANWIDTH", "80")
                .args(["-P", "cat", page])
                .output();
            let text = String::from_utf8_lossy(&shown.stdout);
            assert!(shown.status.success(), "{page}: {shown:?}");
            assert_eq!(String::from_utf8_lossy(&shown.stderr), "", "{page}");
            let title = format!("{}({section})", page.to_uppercase());
            assert!(text.starts_with(&title), "{page}: {text}");
            assert!(text.contains(said), "{page} has no {said}: {text}");
            assert!(text.contains("2026-"), "{page} has no date");
            assert!(!text.contains("S@"), "{page} has a gap in it: {text}");
        }
    });
}
