//! The files of Debian's packages, as they are shipped.

use super::*;
use crate::pam::plan::Note;
use crate::stack::tests::tree;

fn debian() -> Memory {
    let mut files = tree(&[
        ("cockpit", include_str!("debian/cockpit")),
        ("common-auth", include_str!("debian/common-auth")),
        ("gdm-password", include_str!("debian/gdm-password")),
        ("i3lock", include_str!("debian/i3lock")),
        ("lightdm", include_str!("debian/lightdm")),
        ("login", include_str!("debian/login")),
        ("lxdm", include_str!("debian/lxdm")),
        ("sddm", include_str!("debian/sddm")),
        ("sshd", include_str!("debian/sshd")),
        ("su", include_str!("debian/su")),
        ("su-l", include_str!("debian/su-l")),
        ("sudo", include_str!("debian/sudo")),
        ("sudo-i", include_str!("debian/sudo-i")),
        ("swaylock", include_str!("debian/swaylock")),
        ("xdm", include_str!("debian/xdm")),
        ("xscreensaver", include_str!("debian/xscreensaver")),
        ("/usr/lib/pam.d/polkit-1", include_str!("debian/polkit-1")),
    ]);
    for shared in [
        "common-account",
        "common-session",
        "common-password",
        "common-session-noninteractive",
    ] {
        files.insert(
            Path::new(OWN).join(shared),
            b"account required pam_permit.so\n".to_vec(),
        );
    }
    files
}

#[test]
fn every_login_service_is_enabled_and_comes_back_byte_for_byte() {
    let debian = debian();
    for service in [
        "sshd",
        "login",
        "cockpit",
        "gdm-password",
        "lightdm",
        "sddm",
        "lxdm",
        "xdm",
        "xscreensaver",
        "i3lock",
        "swaylock",
        "polkit-1",
        "sudo",
        "su",
    ] {
        let (enabled, plan) = there_and_back(&debian, &[service]);
        assert!(
            sound(&enabled, service).is_sound(),
            "{service}: {:?}",
            plan.notes
        );
    }
}

#[test]
fn the_line_stands_right_below_the_include_and_nothing_else_changes() {
    let debian = debian();
    let (enabled, _) = there_and_back(&debian, &["sshd"]);
    let include = "@include common-auth\n";
    let expected = include_str!("debian/sshd").replace(include, &format!("{include}{LINE}"));
    assert_eq!(text(&enabled, "/etc/pam.d/sshd"), expected);
}

#[test]
fn su_and_sudo_take_their_partners_along_and_no_one_asks_twice() {
    let debian = debian();
    let (enabled, plan) = there_and_back(&debian, &["sudo"]);
    assert!(
        plan.notes
            .contains(&Note::Partner("sudo-i".into(), "sudo".into()))
    );
    assert!(text(&enabled, "/etc/pam.d/sudo-i").contains(LINE));
    let (enabled, plan) = there_and_back(&debian, &["su-l"]);
    assert_eq!(plan.services, ["su", "su-l"]);
    // Debian's su-l includes su, so that one line does for both.
    assert!(!text(&enabled, "/etc/pam.d/su-l").contains(LINE));
    assert!(sound(&enabled, "su-l").is_sound());
    assert!(plan.notes.contains(&Note::Already("su-l".into())));
}

#[test]
fn lockers_that_include_login_are_told_of_and_not_asked_twice() {
    let debian = debian();
    let (enabled, plan) = there_and_back(&debian, &["login"]);
    assert!(
        plan.notes.contains(&Note::Also("i3lock".into())),
        "{:?}",
        plan.notes
    );
    assert!(
        enable(&enabled, &services(&["i3lock"]))
            .unwrap()
            .changes
            .is_empty()
    );
    let (locked, _) = there_and_back(&debian, &["i3lock"]);
    assert!(
        matches!(refused(&locked, &["login"]), PamError::Twice(service) if service == "i3lock")
    );
}

#[test]
fn a_file_of_the_distributions_is_copied_and_the_copy_goes_again() {
    let debian = debian();
    let (enabled, plan) = there_and_back(&debian, &["polkit-1"]);
    let copy = text(&enabled, "/etc/pam.d/polkit-1");
    assert!(
        copy.starts_with("# countersign: a copy of /usr/lib/pam.d/polkit-1\n"),
        "{copy}"
    );
    assert!(
        plan.notes
            .iter()
            .any(|note| matches!(note, Note::Copied(_)))
    );
    // An administrator's change to the copy keeps it.
    let mut edited = enabled.clone();
    let more = copy + "# mine\n";
    edited.insert("/etc/pam.d/polkit-1".into(), more.clone().into());
    let back = disable(&edited, &services(&["polkit-1"])).unwrap();
    let left = text(&after(&edited, &back.changes), "/etc/pam.d/polkit-1");
    assert_eq!(left, more.replace(LINE, ""));
}

#[test]
fn a_file_without_a_last_line_end_gets_none() {
    let mut debian = debian();
    let bare = include_str!("debian/sudo")
        .trim_end()
        .replace("@include common-auth\n", "")
        + "\n@include common-auth";
    debian.insert("/etc/pam.d/sudo".into(), bare.into());
    there_and_back(&debian, &["sudo"]);
}

#[test]
fn shared_files_and_links_out_of_the_directory_are_left_to_those_who_write_them() {
    let mut debian = debian();
    assert!(matches!(
        refused(&debian, &["common-auth"]),
        PamError::Managed { .. }
    ));
    debian.insert(
        "/etc/pam.d/linked".into(),
        include_bytes!("debian/sudo").to_vec(),
    );
    assert!(matches!(refused(&debian, &["linked"]), PamError::Link(_)));
    let asking = b"auth required pam_countersign.so\n".to_vec();
    debian.insert("/etc/pam.d/linked".into(), asking);
    let kept = super::super::plan::disable_all(&debian).unwrap_err();
    assert!(matches!(kept, PamError::LinkAsks(_)));
    assert!(kept.to_string().contains("countersign-authselect disable"));
    debian.insert(
        "/etc/pam.d/linked".into(),
        include_bytes!("debian/sudo").to_vec(),
    );
    assert!(matches!(
        refused(&debian, &["nowhere"]),
        PamError::NoService(_)
    ));
    assert!(matches!(
        refused(&debian, &["../shadow"]),
        PamError::NoService(_)
    ));
}

#[test]
fn where_a_key_and_a_code_stand_for_the_password_it_is_asked_for_again() {
    let debian = debian();
    let before = text(&debian, "/etc/pam.d/sshd");
    for pair in [
        "auth required pam_countersign.so\nauth required pam_permit.so\n",
        "auth    required    pam_countersign.so retries=1\n# for who needs none\nauth sufficient pam_permit.so\n",
    ] {
        let mut tree = debian.clone();
        let open = before.replace("@include common-auth\n", pair);
        assert_ne!(open, before);
        tree.insert("/etc/pam.d/sshd".into(), open.into_bytes());
        let plan = super::super::plan::disable_all(&tree).unwrap();
        let left = text(&after(&tree, &plan.changes), "/etc/pam.d/sshd");
        assert_eq!(left.replace("# for who needs none\n", ""), before);
        assert_eq!(plan.notes, [Note::PasswordAgain("/etc/pam.d/sshd".into())]);
    }
}
