//! Stacks as distributions ship them, and as they go wrong.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::chain::{Chain, Trouble};
use super::control::{Action, Control, Returned};
use super::line::{Unreadable, Words, lines};
use super::reach::Reach;
use super::run::run;

pub fn tree(files: &[(&str, &str)]) -> BTreeMap<PathBuf, Vec<u8>> {
    let file = |(path, text): &(&str, &str)| {
        let path = if path.starts_with('/') {
            PathBuf::from(path)
        } else {
            Path::new("/etc/pam.d").join(path)
        };
        (path, text.as_bytes().to_vec())
    };
    files.iter().map(file).collect()
}

/// Debian's, without what belongs to other questions.
const COMMON_AUTH: &str = "\
auth\t[success=1 default=ignore]\tpam_unix.so nullok
auth\trequisite\t\t\tpam_deny.so
auth\trequired\t\t\tpam_permit.so
auth\toptional\t\t\tpam_cap.so
";
/// authselect's, of the profile `local`.
const SYSTEM_AUTH: &str = "\
auth        required                                     pam_env.so
auth        required                                     pam_faildelay.so delay=2000000
auth        sufficient                                   pam_unix.so nullok
auth        required                                     pam_deny.so
";
const OURS: &str = "auth required pam_countersign.so\n";

fn reach(text: &str) -> Reach {
    let files = tree(&[
        ("login", text),
        ("common-auth", COMMON_AUTH),
        ("system-auth", SYSTEM_AUTH),
    ]);
    Reach::of(&Chain::read(&files, "login"))
}

#[test]
fn a_line_behind_common_auth_asks_everybody_who_has_proven_themselves() {
    let reach = reach(&format!("@include common-auth\n{OURS}"));
    assert!(reach.is_sound(), "{reach:?}");
    assert_eq!(reach.named.len(), 1);
}

#[test]
fn a_sufficient_module_in_an_include_passes_over_what_stands_behind_it_and_one_in_a_substack_does_not()
 {
    let included = reach(&format!("auth include system-auth\n{OURS}"));
    assert!(!included.asked && !included.is_sound());
    let skips: Vec<&str> = included.skipped_by.iter().map(|it| &*it.module).collect();
    assert_eq!(skips, ["pam_unix"]);
    let substack = reach(&format!("auth substack system-auth\n{OURS}"));
    assert!(substack.is_sound(), "{substack:?}");
    let before = reach(&format!("{OURS}auth include system-auth\n"));
    assert!(before.is_sound(), "{before:?}");
}

#[test]
fn who_the_administrator_has_named_is_exempt_and_no_hole() {
    let root = reach(&format!(
        "auth sufficient pam_rootok.so\n@include common-auth\n{OURS}"
    ));
    assert!(root.is_sound(), "{root:?}");
    assert_eq!(root.exempt.first().unwrap().module, "pam_rootok");
    let finger = reach(&format!(
        "auth sufficient pam_fprintd.so\n@include common-auth\n{OURS}"
    ));
    assert_eq!(finger.skipped_by.first().unwrap().module, "pam_fprintd");
    assert!(finger.asked && !finger.is_sound());
}

#[test]
fn whom_a_condition_lets_by_is_exempt_wherever_it_stands() {
    for exemption in [
        "auth [success=1 default=ignore] pam_succeed_if.so user = bob\n",
        "auth sufficient pam_succeed_if.so user = bob\n",
        "auth [default=1 success=ignore] pam_succeed_if.so user ingroup codes\n",
    ] {
        let reach = reach(&format!("@include common-auth\n{exemption}{OURS}"));
        assert!(reach.is_sound(), "{exemption}: {reach:?}");
        assert_eq!(reach.exempt.first().unwrap().module, "pam_succeed_if");
    }
    // Where the others are not asked either, nobody is an exception.
    let all = reach(&format!(
        "@include common-auth\nauth [default=1] pam_succeed_if.so user = bob\n{OURS}"
    ));
    assert!(!all.asked && !all.is_sound(), "{all:?}");
}

#[test]
fn what_a_wrong_control_does_is_told() {
    let control = |word: &str| {
        reach(&format!(
            "@include common-auth\nauth {word} pam_countersign.so\n"
        ))
    };
    assert!(control("optional").fails_open);
    assert!(control("sufficient").fails_open);
    assert!(
        control("[success=ok module_unknown=ignore default=bad ignore=ignore]").opens_when_missing
    );
    assert!(control("[success=ok default=bad]").refuses_the_exempt);
    let first = reach("auth sufficient pam_countersign.so\n@include common-auth\n");
    assert!(first.code_alone);
    assert!(reach(&format!("@include common-auth\n{OURS}{OURS}")).twice);
    assert!(reach("auth required pam_permit.so\n").lets_anybody_in);
    assert!(!reach("@include common-auth\n").asked);
}

#[test]
fn an_edit_between_unix_and_deny_upsets_the_jump() {
    let spoiled = "auth [success=1 default=ignore] pam_unix.so\n\
                   auth required pam_countersign.so\n\
                   auth requisite pam_deny.so\n\
                   auth required pam_permit.so\n";
    let reach = reach(spoiled);
    assert!(!reach.asked, "{reach:?}");
}

#[test]
fn the_vendors_file_counts_where_there_is_none_of_the_administrators() {
    let files = tree(&[("/usr/lib/pam.d/polkit-1", OURS)]);
    let chain = Chain::read(&files, "polkit-1");
    assert_eq!(chain.file, Some(PathBuf::from("/usr/lib/pam.d/polkit-1")));
    let files = tree(&[
        ("/usr/lib/pam.d/polkit-1", OURS),
        ("polkit-1", "auth required pam_deny.so\n"),
    ]);
    assert!(Reach::of(&Chain::read(&files, "polkit-1")).named.is_empty());
    let conf = tree(&[(
        "/etc/pam.conf",
        "LOGIN auth required pam_countersign.so\nsu auth required pam_deny.so\n",
    )]);
    assert_eq!(Chain::read(&conf, "login").links.len(), 1);
}

#[test]
fn a_service_without_a_stack_takes_that_of_other() {
    let files = tree(&[("other", OURS)]);
    let chain = Chain::read(&files, "login");
    assert_eq!(
        (chain.links.len(), chain.file),
        (1, Some("/etc/pam.d/other".into()))
    );
}

#[test]
fn circles_and_holes_are_troubles_and_end_the_chain_as_libpam_does() {
    let circle = tree(&[("login", "auth include login\n")]);
    let chain = Chain::read(&circle, "login");
    assert!(chain.troubles.iter().any(|(_, it)| *it == Trouble::TooDeep));
    let hole = tree(&[(
        "login",
        "auth include nowhere\nauth required pam_permit.so\n",
    )]);
    let chain = Chain::read(&hole, "login");
    assert!(!chain.aborted);
    assert_eq!(
        run(&chain.links, |_| Returned::SUCCESS).1,
        Returned::PERM_DENIED
    );
    let debian = tree(&[("login", "@include nowhere\nauth required pam_permit.so\n")]);
    assert!(Chain::read(&debian, "login").aborted);
    let endless = tree(&[("login", "auth required pam_permit.so \\\n")]);
    let chain = Chain::read(&endless, "login");
    assert!(chain.aborted);
    assert_eq!(chain.troubles.first().unwrap().1, Trouble::Unfinished);
}

#[test]
fn lines_go_on_behind_a_backslash_and_end_at_a_comment() {
    let text = b"# a comment\nauth \\\n\n  # within\n required pam_unix.so # why\nauth required \\ # not on\n";
    let (lines, unreadable) = lines(text);
    assert_eq!(unreadable, None);
    let words = |at: usize| Words::of(&lines[at].text).collect::<Vec<_>>();
    assert_eq!(words(0), ["auth", "required", "pam_unix.so"]);
    assert_eq!(lines[0].number, 2);
    assert_eq!(words(1), ["auth", "required", "\\"]);
    assert_eq!(lines[1].span.end, text.len());
    let long = [b"# ".as_slice(), &[b'x'; 2000], b"\n"].concat();
    assert_eq!(super::line::lines(&long).1, Some(Unreadable::TooLong(1)));
}

#[test]
fn words_in_brackets_are_one() {
    let words = |text: &str| Words::of(text.as_bytes()).collect::<Vec<_>>();
    assert_eq!(
        words("auth [success=1 default=ignore] x.so [a b\\] c] d"),
        ["auth", "success=1 default=ignore", "x.so", "a b] c", "d"]
    );
    assert_eq!(words("a [open"), ["a", "open"]);
    assert_eq!(words(" \t"), Vec::<String>::new());
}

#[test]
fn controls_are_read_as_libpam_reads_them() {
    let action =
        |text: &str, value: &str| Control::parse(text).action(Returned::named(value).unwrap());
    assert_eq!(
        action("success=2 default=ignore", "success"),
        Action::Jump(2)
    );
    assert_eq!(action("default=ignore success=ok", "success"), Action::Ok);
    assert_eq!(action("success=ok", "auth_err"), Action::Bad);
    assert_eq!(action("success = ok default=die", "auth_err"), Action::Die);
    assert_eq!(action("REQUIRED", "success"), Action::Ok);
    assert_eq!(action("success=0 default=ok", "success"), Action::Bad);
    assert_eq!(action("sucess=ok default=ok", "success"), Action::Bad);
}
