use std::fs;
use std::path::Path;

use super::*;
use crate::doctor::host::Shell;

const PASSWORD: &str = "auth [success=1 default=ignore] pam_unix.so nullok\n\
     auth requisite pam_deny.so\nauth required pam_permit.so\n";
const OURS_REQUIRED: &str = "auth required pam_countersign.so\n";

/// A machine with these stacks, and nothing else.
fn found(files: &[(&str, &str)]) -> Vec<Finding> {
    found_with(files, |_| {})
}

fn found_with(files: &[(&str, &str)], change: impl FnOnce(&mut Facts)) -> Vec<Finding> {
    let root = tempfile::tempdir().unwrap();
    let directory = root.path().join("etc/pam.d");
    fs::create_dir_all(&directory).unwrap();
    put(&directory, "common-auth", PASSWORD);
    for (name, text) in files {
        put(&directory, name, text);
    }
    let host = Host::new(root.path(), &Shell, true);
    let services = services(&host);
    let mut facts = Facts {
        modules: modules(&host, &services),
        services,
        enrolled: Enrolled::Somebody,
        keys_before_pam: KeysBeforePam::Sometimes,
        relaxed: Vec::new(),
        exposed: Vec::new(),
        on_trial: None,
        reinstall: "dnf reinstall countersign",
    };
    change(&mut facts);
    check(&facts)
}

fn put(directory: &Path, name: &str, text: &str) {
    fs::write(directory.join(name), text).unwrap();
}

fn ids(found: &[Finding]) -> Vec<&'static str> {
    found.iter().map(|it| it.id).collect()
}

#[test]
fn a_code_after_the_password_is_well() {
    let sound = format!("@include common-auth\n{OURS_REQUIRED}");
    let found = found(&[("sudo", &sound), ("sudo-i", &sound)]);
    assert_eq!(found, []);
}

#[test]
fn a_stack_that_goes_round_the_code_is_told_with_its_line() {
    let fedora = "auth sufficient pam_unix.so\nauth required pam_deny.so\n";
    let skipped = format!("auth include system-auth\n{OURS_REQUIRED}");
    let found = found(&[("system-auth", fedora), ("sshd", &skipped)]);
    assert_eq!(ids(&found), ["stack-skipped"]);
    assert!(
        found[0].what.contains("/etc/pam.d/sshd:2"),
        "{}",
        found[0].what
    );
    assert!(
        found[0].what.contains("/etc/pam.d/system-auth:1"),
        "{}",
        found[0].what
    );
    let substack = format!("auth substack system-auth\n{OURS_REQUIRED}");
    assert_eq!(
        super::tests::found(&[("system-auth", fedora), ("sshd", &substack)]),
        []
    );
}

#[test]
fn a_code_that_does_not_count_is_told_and_the_line_made_required() {
    let optional = "@include common-auth\nauth optional pam_countersign.so\n";
    let found = found(&[("sshd", optional)]);
    assert_eq!(ids(&found), ["stack-fails-open"]);
    let mend = found[0].mend.as_deref().unwrap();
    assert!(mend.starts_with("sed -i -E '2s/"), "{mend}");
}

#[test]
fn a_code_alone_is_told_unless_a_key_came_first() {
    let alone = format!("{OURS_REQUIRED}auth required pam_permit.so\n");
    let told = ids(&found(&[("sshd", &alone)]));
    assert_eq!(told, ["stack-anybody", "stack-code-alone"]);
    let with_keys = found_with(&[("sshd", &alone)], |facts| {
        facts.keys_before_pam = KeysBeforePam::Always;
    });
    assert_eq!(with_keys, []);
}

#[test]
fn options_that_mean_nothing_or_too_much_are_told() {
    let options = "@include common-auth\n\
         auth required pam_countersign.so retry=3 unavailable=ignore debug\n";
    let found = found(&[("sshd", options)]);
    assert_eq!(ids(&found), ["option-open", "option-unknown"]);
    assert_eq!(
        found[1].mend.as_deref(),
        Some("sed -i '2s/[[:space:]]*retry=3//' /etc/pam.d/sshd")
    );
}

#[test]
fn an_option_makes_sense_as_far_as_its_value_does() {
    for (key, value) in [
        ("echo", None),
        ("prompt", Some("x")),
        ("retries", Some("20")),
        ("timeout", Some("1")),
        ("unavailable", Some("deny")),
    ] {
        assert!(makes_sense(key, value), "{key}={value:?}");
    }
    for (key, value) in [
        ("echo", Some("yes")),
        ("prompt", None),
        ("retries", Some("0")),
        ("timeout", Some("5s")),
        ("unavailable", Some("allow")),
        ("nullok", None),
    ] {
        assert!(!makes_sense(key, value), "{key}={value:?}");
    }
}

#[test]
fn two_codes_in_one_login_are_told() {
    let twice = format!("@include common-auth\n{OURS_REQUIRED}{OURS_REQUIRED}");
    assert_eq!(ids(&found(&[("sshd", &twice)])), ["stack-twice"]);
    let peer = format!(
        "@include common-auth\nauth required pam_google_authenticator.so nullok\n{OURS_REQUIRED}"
    );
    let found = found(&[("sshd", &peer)]);
    assert_eq!(ids(&found), ["stack-peer"]);
    assert_eq!(
        found[0].mend.as_deref(),
        Some("sed -i '2s/^/#/' /etc/pam.d/sshd")
    );
}

#[test]
fn a_service_that_comes_in_two_is_told_when_one_is_left_out() {
    let sound = format!("@include common-auth\n{OURS_REQUIRED}");
    let found = found(&[("sudo", &sound), ("sudo-i", "@include common-auth\n")]);
    assert_eq!(ids(&found), ["stack-pair"]);
    assert_eq!(
        found[0].mend.as_deref(),
        Some("countersign pam enable sudo-i")
    );
}

#[test]
fn a_display_manager_s_other_ways_in_are_told() {
    let sound = format!("@include common-auth\n{OURS_REQUIRED}");
    let found = found(&[
        ("gdm-password", &sound),
        ("gdm-autologin", "auth required pam_permit.so\n"),
    ]);
    assert_eq!(ids(&found), ["stack-beside"]);
}

#[test]
fn services_with_nobody_to_ask_are_told_unless_a_rule_lets_them_in() {
    let shared = format!("{PASSWORD}{OURS_REQUIRED}");
    let files = [
        ("common-auth", shared.as_str()),
        ("cron", "@include common-auth\n"),
    ];
    let told = found(&files);
    assert!(ids(&told).contains(&"stack-mute"), "{told:?}");
    let relaxed = found_with(&files, |facts| facts.relaxed.push("cron".to_owned()));
    assert!(!ids(&relaxed).contains(&"stack-mute"), "{relaxed:?}");
}

#[test]
fn the_code_before_the_password_is_noted() {
    let early = format!("{OURS_REQUIRED}@include common-auth\n");
    assert_eq!(ids(&found(&[("sshd", &early)])), ["stack-early"]);
}

#[test]
fn a_file_that_is_not_there_is_told() {
    let broken = format!("auth include nowhere\n{OURS_REQUIRED}");
    let found = found(&[("sshd", &broken)]);
    assert!(ids(&found).contains(&"stack-broken"), "{found:?}");
}

#[test]
fn a_change_on_trial_is_noted() {
    let sound = format!("@include common-auth\n{OURS_REQUIRED}");
    let found = found_with(&[("sshd", &sound)], |facts| {
        facts.on_trial = Some(vec!["sshd".to_owned()]);
    });
    assert_eq!(ids(&found), ["pam-trial"]);
    assert!(found[0].what.contains("sshd"), "{}", found[0].what);
}

#[test]
fn nothing_that_asks_is_a_warning_once_somebody_is_enrolled() {
    let told = found(&[("sshd", "@include common-auth\n")]);
    assert_eq!(ids(&told), ["pam-nowhere"]);
    assert_eq!(told[0].severity, crate::doctor::finding::Severity::Warning);
}
