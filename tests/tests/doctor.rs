//! `countersign doctor`: each of these broken set-ups is found, named, and told with the command that
//! mends it; where that command can run here it is run, and the finding is gone.
//!
//! The bus: its policy, its activation file and polkit's action are missing; no bus at all; the daemon
//! cannot be started; its program or its user is missing. sshd: a key alone lets in; PAM is not asked;
//! keyboard-interactive is off, by itself or by a drop-in that is read earlier; the configuration is
//! refused. PAM: the module is missing, is no module, or anybody may write to it; a stack, or what it
//! includes, is another's or anybody's to write; a `sufficient` skips it; a wrong code lets in; it asks twice, itself or beside another module; an option is unknown or
//! opens; sudo asks and sudo-i does not; cron asks. Rules: a file is broken, could be written by
//! others, or is newer than what the daemon has read; everybody must have a code and nobody can. The
//! store: others may read it, it is another's, it is damaged, its disk is full; an enrollment is an
//! earlier user's; a secret still lies in a home.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use countersign_tests::{Lab, Program, Road, SmallDisk, Stage, Told, in_lab, tool};
use serde_json::Value;

/// How the mending command is looked at.
#[derive(Clone, Copy)]
enum Mend {
    /// It is run, and the finding is gone.
    Runs,
    /// It has this in it, and needs what is not here: a package, systemd, an editor.
    Says(&'static str),
}
use Mend::{Runs, Says};

/// Shell that breaks something, what is found then, and shell that puts it back.
type Row = (&'static str, &'static str, Mend, &'static str);

/// A host on which nothing is wrong.
fn healthy(stage: Stage) -> Lab {
    let lab = stage.user("alice", "her password").start();
    lab.enroll_with("alice", &["--kind", "hotp"]);
    shell(
        "sed -i 's/^@include common-auth/&\\nauth required pam_countersign.so/' /etc/pam.d/sudo-i",
    );
    lab
}

/// Runs a line of shell as root.
fn shell(line: &str) -> Told {
    let told = Told::from(Program::new("bash").args(["-c", line]).output());
    assert_eq!(told.status, 0, "{line}: {told:?}");
    told
}

/// The findings, each with severity, name, sentence and mend.
fn doctor() -> Vec<[String; 4]> {
    let told = tool("root", &["doctor", "--json"], &[]);
    let report: Value = serde_json::from_str(&told.out).unwrap_or_else(|_| panic!("{told:?}"));
    let found = report.get("findings").and_then(Value::as_array);
    let found: Vec<[String; 4]> = found
        .expect("the findings")
        .iter()
        .map(|finding| {
            ["severity", "id", "what", "mend"].map(|key| {
                let text = finding.get(key).and_then(Value::as_str);
                text.unwrap_or_default().to_owned()
            })
        })
        .collect();
    let errors = found.iter().filter(|[severity, ..]| severity == "error");
    assert_eq!(told.status, i32::from(errors.count() > 0), "{told:?}");
    found
}

/// What is more than a note.
fn wrong() -> Vec<String> {
    let found = doctor().into_iter();
    found
        .filter(|[severity, ..]| severity != "note")
        .map(|[_, id, ..]| id)
        .collect()
}

fn goes_through(rows: &[Row]) {
    for (broken, id, mend, back) in rows {
        shell(broken);
        let found = doctor();
        let found = found
            .iter()
            .find(|finding| finding.get(1).is_some_and(|it| it == id))
            .unwrap_or_else(|| panic!("{broken}: no {id} in {found:#?}"));
        let [_, _, what, command] = found;
        assert!(what.ends_with('.') || what.contains(": "), "{what}");
        match mend {
            Runs => drop(shell(command)),
            Says(part) => assert!(command.contains(part), "{id}: {command}"),
        }
        if matches!(mend, Runs) {
            assert!(!wrong().contains(&(*id).to_owned()), "{id} after {command}");
        }
        shell(back);
    }
    assert_eq!(wrong(), Vec::<String>::new(), "all is put back");
}

#[test]
fn a_healthy_installation_has_neither_errors_nor_warnings() {
    in_lab(|stage| {
        let _lab = healthy(stage);
        let told = tool("root", &["doctor"], &[]);
        told.done();
        assert!(
            !told.out.contains("ERROR") && !told.out.contains("warning "),
            "{}",
            told.out
        );
        assert!(told.out.contains("ok message bus\n"), "{}", told.out);
        assert!(told.out.contains("0 errors, 0 warnings, "), "{}", told.out);
        assert_eq!(wrong(), Vec::<String>::new());
    });
}

#[test]
fn without_a_login_socket_all_is_well_too() {
    in_lab(|stage| {
        let _lab = healthy(stage.road(Road::Bus));
        assert_eq!(wrong(), Vec::<String>::new());
    });
}

#[test]
fn what_the_package_brought_is_missed_when_it_is_gone() {
    in_lab(|stage| {
        let _lab = healthy(stage);
        goes_through(&[
            (
                "mv /usr/share/dbus-1/system.d/org.countersign1.conf /root/policy",
                "bus-policy",
                Says("install"),
                "mv /root/policy /usr/share/dbus-1/system.d/org.countersign1.conf",
            ),
            (
                "mv /usr/share/dbus-1/system-services/org.countersign1.service /root/service",
                "bus-service",
                Says("install"),
                "mv /root/service /usr/share/dbus-1/system-services/org.countersign1.service
                 dbus-send --system --print-reply --dest=org.freedesktop.DBus / \
                   org.freedesktop.DBus.ReloadConfig",
            ),
            (
                "mv /usr/share/polkit-1/actions/org.countersign1.policy /root/action",
                "polkit-action",
                Says("install"),
                "mv /root/action /usr/share/polkit-1/actions/org.countersign1.policy",
            ),
            (
                "sed -i.back s,^Exec=.*,Exec=/nowhere/countersignd, \
                   /usr/share/dbus-1/system-services/org.countersign1.service",
                "daemon-program",
                Says("install"),
                "cd /usr/share/dbus-1/system-services
                 mv org.countersign1.service.back org.countersign1.service",
            ),
            (
                "sed -i.back /^countersign:/d /etc/passwd",
                "daemon-user",
                Runs,
                "mv /etc/passwd.back /etc/passwd",
            ),
        ]);
    });
}

#[test]
fn a_daemon_that_nothing_starts_and_a_bus_that_is_not_there_are_told() {
    in_lab(|stage| {
        let mut lab = healthy(stage.road(Road::Bus));
        let told = tool("root", &["doctor", "--bus", "unix:path=/nowhere"], &[]);
        assert_eq!(told.status, 1, "{told:?}");
        assert!(
            told.out.contains("The message bus cannot be reached"),
            "{}",
            told.out
        );
        assert!(
            told.out.contains("-> systemctl start dbus\n"),
            "{}",
            told.out
        );
        lab.daemon().remove();
        let told = tool("root", &["doctor"], &[]);
        assert!(
            told.out.contains("The daemon does not answer ("),
            "{}",
            told.out
        );
        assert!(
            told.out.contains("-> systemctl restart countersignd; "),
            "{}",
            told.out
        );
        told.failed_with(&["1 error was found; the report says what mends it"]);
    });
}

#[test]
fn settings_of_sshd_that_go_round_the_code_are_told() {
    in_lab(|stage| {
        let _lab = healthy(stage);
        shell("mkdir -p /etc/ssh/sshd_config.d; cp /etc/ssh/sshd_config /root/sshd_config");
        let back = "cp /root/sshd_config /etc/ssh/sshd_config; rm -f /etc/ssh/sshd_config.d/*";
        goes_through(&[
            (
                "echo 'Match User alice
                 AuthenticationMethods publickey' >>/etc/ssh/sshd_config
                 sed -i '0,/^AuthenticationMethods/{/^AuthenticationMethods/d}' \
                   /etc/ssh/sshd_config",
                "sshd-key-alone",
                Says("05-authenticationmethods.conf"),
                back,
            ),
            (
                "sed -i 's/^UsePAM yes/UsePAM no/' /etc/ssh/sshd_config",
                "sshd-usepam",
                Says("'UsePAM yes'"),
                back,
            ),
            (
                "sed -i 's/^KbdInteractiveAuthentication yes/KbdInteractiveAuthentication no/
                 s/^AuthenticationMethods.*//' /etc/ssh/sshd_config",
                "sshd-interactive",
                Says("'KbdInteractiveAuthentication yes'"),
                back,
            ),
            (
                "echo 'NoSuchWord yes' >>/etc/ssh/sshd_config",
                "sshd-refused",
                Says("sshd -t"),
                back,
            ),
            (
                "sed -i '1iInclude /etc/ssh/sshd_config.d/*.conf
                 s/^KbdInteractive.*//' /etc/ssh/sshd_config
                 echo 'KbdInteractiveAuthentication no' >/etc/ssh/sshd_config.d/50-vendor.conf
                 echo 'KbdInteractiveAuthentication yes' >/etc/ssh/sshd_config.d/60-codes.conf",
                "sshd-order",
                Runs,
                back,
            ),
            (
                "echo 'LoginGraceTime 20' >>/etc/ssh/sshd_config",
                "sshd-grace",
                Says("LoginGraceTime 120"),
                back,
            ),
            (
                "echo 'MaxAuthTries 1' >>/etc/ssh/sshd_config",
                "sshd-tries",
                Says("MaxAuthTries 6"),
                back,
            ),
        ]);
    });
}

#[test]
fn stacks_that_do_not_do_what_they_seem_to_are_told() {
    in_lab(|stage| {
        let lab = healthy(stage);
        let module = lab.module();
        let module = module.display();
        shell("cp -a /etc/pam.d /root/pam.d");
        let back = "cp -a /root/pam.d/. /etc/pam.d/";
        let put_back: &'static str = format!("cp -a /root/module {module}").leak();
        shell(&format!("cp -a {module} /root/module"));
        goes_through(&[
            (
                format!("rm {module}").leak(),
                "module-missing",
                Says("countersign pam disable --all"),
                put_back,
            ),
            (
                format!("echo '#!/bin/sh' >{module}").leak(),
                "module-other",
                Says("install"),
                put_back,
            ),
            (
                format!("chmod 0666 {module}").leak(),
                "module-exposed",
                Runs,
                put_back,
            ),
            (
                "chown alice /etc/pam.d/login; chmod 0666 /etc/pam.d/login",
                "stack-exposed",
                Runs,
                back,
            ),
            (
                "chmod 0664 /etc/pam.d/common-session",
                "stack-exposed",
                Runs,
                back,
            ),
            (
                "printf 'auth sufficient pam_unix.so\\nauth required pam_deny.so\\n' \
                   >/etc/pam.d/system-auth
                 printf 'auth include system-auth\\nauth required pam_countersign.so\\n' \
                   >/etc/pam.d/sshd",
                "stack-skipped",
                Says("countersign pam enable sshd"),
                "rm /etc/pam.d/system-auth; cp -a /root/pam.d/. /etc/pam.d/",
            ),
            (
                "sed -i 's/^auth required pam_countersign/auth optional pam_countersign/' \
                   /etc/pam.d/login",
                "stack-fails-open",
                Runs,
                back,
            ),
            (
                "sed -i 's/^auth required pam_countersign.*/&\\n&/' /etc/pam.d/su",
                "stack-twice",
                Says("countersign pam disable su"),
                back,
            ),
            (
                "sed -i 's/^auth required pam_countersign.*/auth required \
                   pam_google_authenticator.so\\n&/' /etc/pam.d/sshd",
                "stack-peer",
                Runs,
                back,
            ),
            (
                "sed -i 's/pam_countersign.so/& retry=3/' /etc/pam.d/sshd",
                "option-unknown",
                Runs,
                back,
            ),
            (
                "sed -i 's/pam_countersign.so/& unavailable=ignore debug/' /etc/pam.d/sshd",
                "option-open",
                Runs,
                back,
            ),
            (
                "sed -i /pam_countersign/d /etc/pam.d/sudo-i",
                "stack-pair",
                Says("countersign pam enable sudo-i"),
                back,
            ),
            (
                "printf 'auth required pam_unix.so\\nauth required pam_countersign.so\\n' \
                   >/etc/pam.d/cron",
                "stack-mute",
                Says("services = [\"cron\"]"),
                "rm /etc/pam.d/cron",
            ),
            (
                "echo 'auth include nowhere' >>/etc/pam.d/sshd",
                "stack-broken",
                Says("/etc/pam.d/sshd"),
                back,
            ),
            (
                "sed -i /pam_countersign/d /etc/pam.d/*",
                "pam-nowhere",
                Says("countersign pam enable"),
                back,
            ),
        ]);
    });
}

#[test]
fn a_configuration_that_does_not_hold_or_locks_out_is_told() {
    in_lab(|stage| {
        let _lab = healthy(stage);
        let file = "/etc/countersign/countersign.toml";
        shell(&format!("cp -a {file} /root/toml"));
        let back: &'static str = format!("cp -a /root/toml {file}").leak();
        goes_through(&[
            (
                format!("echo 'isuer = \"x\"' >>{file}").leak(),
                "policy-broken",
                Says("editor +"),
                back,
            ),
            (
                format!("chmod 0666 {file}").leak(),
                "policy-broken",
                Runs,
                back,
            ),
            (
                format!("touch -d '+1 hour' {file}").leak(),
                "policy-stale",
                Says("countersignd"),
                back,
            ),
            (
                format!("printf '[[rule]]\\nrequire = \"never\"\\n' >{file}").leak(),
                "policy-off",
                Says("countersign config show"),
                back,
            ),
            (
                format!(
                    "printf '[[rule]]\\nusers = [\"carol\"]\\nrequire = \"always\"\\n' >{file}"
                )
                .leak(),
                "policy-not-enrolled",
                Says("countersign enroll --user carol"),
                back,
            ),
            (
                format!(
                    "printf '[[rule]]\\nusers = [\"carol\"]\\nrequire = \"always\"\\n' >{file}"
                )
                .leak(),
                "policy-user",
                Says("countersign config check"),
                back,
            ),
            (
                format!("printf '[[rule]]\\nrequire = \"always\"\\n' >{file}").leak(),
                "policy-root",
                Says("countersign enroll --user root"),
                back,
            ),
        ]);
        tool("root", &["disable", "--user", "alice"], &[]).done();
        shell(&format!(
            "printf '[[rule]]\\nrequire = \"always\"\\n' >{file}"
        ));
        assert!(wrong().contains(&"policy-lock-out".to_owned()));
    });
}

#[test]
fn a_store_that_others_can_read_and_enrollments_that_count_for_nobody_are_told() {
    in_lab(|stage| {
        let _lab = healthy(stage);
        goes_through(&[
            (
                "chmod 0755 /var/lib/countersign",
                "store-open-to-others",
                Runs,
                "true",
            ),
            (
                "chmod 0644 /var/lib/countersign/key",
                "store-open-to-others",
                Runs,
                "true",
            ),
            (
                "chown root: /var/lib/countersign/key",
                "store-owner",
                Runs,
                "true",
            ),
            (
                "touch /home/alice/.google_authenticator",
                "record-peer",
                Runs,
                "true",
            ),
            ("usermod -u 5000 alice", "record-foreign", Runs, "true"),
        ]);
    });
}

#[test]
fn a_damaged_store_and_a_full_disk_are_told() {
    in_lab(|stage| {
        let mut lab = healthy(stage.road(Road::Bus));
        lab.daemon().stop();
        let disk = SmallDisk::under_the_state();
        disk.fill();
        let found = wrong();
        assert!(found.contains(&"store-full".to_owned()), "{found:?}");
        lab.daemon().stop();
        disk.make_room();
        shell("echo rubbish >/var/lib/countersign/journal");
        let found = wrong();
        assert!(found.contains(&"store-closed".to_owned()), "{found:?}");
    });
}

#[test]
fn an_ordinary_user_is_told_what_only_root_can_see() {
    in_lab(|stage| {
        let _lab = healthy(stage);
        let told = tool("alice", &["doctor"], &[]);
        told.done();
        for part in [
            "Not looked at:\n",
            "who is enrolled (run this as root)",
            "settings of sshd (run this as root)",
        ] {
            assert!(told.out.contains(part), "no {part:?} in {}", told.out);
        }
        shell("sed -i 's/pam_countersign.so/& unavailable=ignore/' /etc/pam.d/sshd");
        let told = tool("alice", &["doctor"], &[]);
        assert!(
            told.out.contains("“unavailable=ignore” lets in"),
            "{}",
            told.out
        );
    });
}

#[test]
fn the_report_speaks_french() {
    in_lab(|stage| {
        let _lab = healthy(stage);
        shell("sed -i 's/pam_countersign.so/& retry=3/' /etc/pam.d/sshd");
        let output = Program::new("countersign")
            .arg("doctor")
            .env("LC_ALL", "fr_FR.UTF-8")
            .output();
        let told = Told::from(output);
        told.done();
        for part in [
            "piles PAM\n",
            "le module ne comprend pas l’option «\u{a0}retry=3\u{a0}» et l’ignore.",
            "0 erreur, 1 avertissement, ",
        ] {
            assert!(told.out.contains(part), "no {part:?} in {}", told.out);
        }
    });
}
