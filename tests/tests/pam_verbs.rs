//! `countersign pam` on a real machine: stacks are changed, people log in through the real programs,
//! and what is on trial goes back by itself.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use countersign_tests::{Heard, Lab, Outcome, Program, Stack, Stage, Terminal, Told, in_lab, tool};
use serde_json::Value;

const PASSWORD: &str = "her password";
const LINE: &str = "auth    required    pam_countersign.so\n";
const RECORD: &str = "/var/backups/countersign/trial.json";
const PATIENCE: Duration = Duration::from_secs(30);

/// Everything is installed, and no stack names the module yet.
fn installed(stage: Stage) -> Lab {
    stage
        .stack(Stack::Installed)
        .user("alice", PASSWORD)
        .user("bob", "his password")
        .start()
}

fn pam(arguments: &[&str]) -> Told {
    tool("root", &[&["pam"], arguments].concat(), &[])
}

fn stack(service: &str) -> String {
    fs::read_to_string(format!("/etc/pam.d/{service}")).expect("a stack")
}

/// Waits until something is so.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "never: {what}");
        sleep(Duration::from_millis(20));
    }
}

/// Starts `pam try`, and waits until the stack has changed.
fn attempt(arguments: &[&str]) -> Child {
    let before = stack("su");
    let child = Command::new("countersign")
        .args(["pam", "try"])
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("countersign runs");
    until("the change is made", || stack("su") != before);
    child
}

fn ended(child: Child) -> Told {
    Told::from(child.wait_with_output().expect("its end"))
}

#[test]
fn services_ask_for_codes_once_enabled_and_not_once_disabled() {
    in_lab(|stage| {
        let lab = installed(stage);
        let services = ["sshd", "sudo", "su", "login"];
        let before = services.map(stack);
        let mut secret = lab.enroll_with("alice", &["--kind", "hotp"]);
        lab.ssh("alice").password(PASSWORD).go().let_in_as("alice");

        let told = pam(&[&["enable"], &services[..]].concat());
        told.done();
        for said in [
            "sudo-i too, which is sudo under another name",
            "changed: /etc/pam.d/sshd",
            "as it was: /var/backups/countersign/pam.d/sshd.1",
        ] {
            assert!(told.out.contains(said), "no {said:?} in {told:?}");
        }
        assert!(stack("sshd").contains(&format!("@include common-auth\n{LINE}")));
        let mut code = || secret.next_code();
        lab.ssh("alice")
            .password(PASSWORD)
            .code(&code())
            .go()
            .let_in_as("alice");
        lab.sudo("alice")
            .password(PASSWORD)
            .code(&code())
            .go()
            .let_in_as("root");
        lab.su("bob", "alice")
            .password(PASSWORD)
            .code(&code())
            .go()
            .let_in_as("alice");
        lab.login("alice")
            .password(PASSWORD)
            .code(&code())
            .go()
            .let_in_as("alice");
        let wrong = lab
            .su("bob", "alice")
            .password(PASSWORD)
            .code("000000")
            .go();
        assert_eq!(wrong.outcome(), Outcome::Refused, "{}", wrong.transcript());
        let status = pam(&["status"]);
        for service in services {
            assert!(
                status
                    .out
                    .lines()
                    .any(|line| line.starts_with(service) && line.contains(" asks")),
                "{status:?}"
            );
        }
        pam(&["enable", "sshd"]).done();

        pam(&["disable", "--all"]).done();
        assert_eq!(services.map(stack), before);
        let visit = lab.su("bob", "alice").password(PASSWORD).go();
        visit.let_in_as("alice");
        assert_eq!(visit.code_prompts(), 0);
    });
}

#[test]
fn a_dry_run_shows_a_diff_and_changes_nothing() {
    in_lab(|stage| {
        let _lab = installed(stage);
        let before = stack("sudo");
        let told = pam(&["enable", "--dry-run", "sudo"]);
        told.done();
        let added = format!("\n+{LINE}");
        for said in [
            "--- /etc/pam.d/sudo\n+++ /etc/pam.d/sudo\n@@",
            added.as_str(),
        ] {
            assert!(told.out.contains(said), "no {said:?} in {told:?}");
        }
        assert_eq!(stack("sudo"), before);
        assert!(!Path::new("/var/backups/countersign").exists());
    });
}

#[test]
fn what_would_lock_somebody_out_is_refused_unless_forced() {
    in_lab(|stage| {
        let rule = "[[rule]]\nservices = [\"su\"]\nrequire = \"always\"\n";
        let lab = installed(stage.config(rule));
        let before = stack("su");
        pam(&["enable", "su"])
            .failed_with(&["root has no authenticator yet", "countersign enroll"]);
        assert_eq!(stack("su"), before);
        fs::remove_file(lab.module()).expect("the module goes");
        pam(&["enable", "su"]).failed_with(&["pam_countersign.so is not where libpam looks"]);
        assert_eq!(stack("su"), before);
        let by_alice = tool("alice", &["pam", "enable", "su"], &[]);
        by_alice.failed_with(&["Run this as root"]);
        pam(&["enable", "--force", "su"]).done();
        assert!(stack("su").contains(LINE));
    });
}

#[test]
fn a_trial_goes_back_unless_it_is_confirmed_after_a_login() {
    in_lab(|stage| {
        let lab = installed(stage);
        let mut secret = lab.enroll_with("alice", &["--kind", "hotp"]);
        let before = stack("su");

        let child = attempt(&["su", "--for", "2s"]);
        pam(&["try", "--confirm"])
            .failed_with(&["no login with a code has been accepted through su"]);
        pam(&["enable", "sudo"]).failed_with(&["a trial is under way"]);
        ended(child).failed_with(&["the trial was not confirmed"]);
        assert_eq!(stack("su"), before);
        assert!(!Path::new(RECORD).exists());
        pam(&["try", "--confirm"]).failed_with(&["there is no trial under way"]);

        let child = attempt(&["su", "--for", "60s"]);
        let code = secret.next_code();
        lab.su("bob", "alice")
            .password(PASSWORD)
            .code(&code)
            .go()
            .let_in_as("alice");
        pam(&["try", "--confirm"]).done();
        let told = ended(child);
        told.done();
        assert!(told.out.contains("The change is kept."), "{told:?}");
        assert!(stack("su").contains(LINE));
        assert!(!Path::new(RECORD).exists());
    });
}

#[test]
fn a_trial_whose_tool_is_killed_or_interrupted_goes_back_all_the_same() {
    in_lab(|stage| {
        let lab = installed(stage);
        lab.enroll_with("alice", &["--kind", "hotp"]);
        let before = stack("su");
        let mut child = attempt(&["su", "--for", "1s"]);
        child.kill().expect("SIGKILL");
        child.wait().expect("its end");
        assert!(stack("su").contains(LINE));
        until("the waiting process goes back", || stack("su") == before);
        until("the trial is over", || !Path::new(RECORD).exists());

        for signal in ["-INT", "-HUP", "-TERM"] {
            let child = attempt(&["su", "--for", "60s"]);
            Program::new("kill")
                .args([signal, &child.id().to_string()])
                .text();
            let told = ended(child);
            told.failed_with(&["the trial is over, and went back as told above"]);
            assert!(told.out.contains("as before: /etc/pam.d/su"), "{told:?}");
            assert_eq!(stack("su"), before, "{signal}");
            assert!(!Path::new(RECORD).exists());
        }

        // As after a reboot: the record is there, and nobody waits.
        let mut child = attempt(&["su", "--for", "60s"]);
        child.kill().expect("SIGKILL");
        child.wait().expect("its end");
        assert!(pam(&["status"]).out.contains("A trial is under way for su"));
        let doctor = tool("root", &["doctor"], &[]);
        assert!(
            doctor.out.contains("countersign pam try --rollback"),
            "{doctor:?}"
        );
        let edited = stack("su") + "# theirs\n";
        fs::write("/etc/pam.d/su", &edited).expect("somebody's edit");
        let told = pam(&["try", "--rollback"]);
        told.done();
        assert!(told.out.contains("only our line was taken out"), "{told:?}");
        assert_eq!(stack("su"), before + "# theirs\n");
    });
}

#[test]
fn a_trial_does_not_go_back_to_a_stack_that_lets_anybody_in() {
    in_lab(|stage| {
        let lab = installed(stage);
        lab.enroll_with("alice", &["--kind", "hotp"]);
        let before = stack("su");
        let password = "@include common-auth\n";
        let edit = |stack: &str| {
            let open = stack
                .replace(password, "")
                .replace(LINE, &format!("{LINE}auth    required    pam_permit.so\n"));
            fs::write("/etc/pam.d/su", &open).expect("somebody's edit");
            open
        };

        // The tool waits, and says it; then only the process that waits in its place is there.
        let child = attempt(&["su", "--for", "2s"]);
        let open = edit(&stack("su"));
        let told = ended(child);
        told.failed_with(&[
            "the trial is not over",
            "/etc/pam.d/su",
            "@include common-auth",
        ]);
        assert!(
            told.out.contains("/etc/pam.d/su is left as it is"),
            "{told:?}"
        );
        assert_eq!(stack("su"), open);
        until("the log has it", || {
            lab.log()
                .contains("a trial of PAM stacks was not confirmed and is not over")
        });
        assert_eq!(stack("su"), open);
        assert!(Path::new(RECORD).exists());
        let nobody = lab.su("bob", "alice").code("000000").go();
        assert_eq!(
            nobody.outcome(),
            Outcome::Refused,
            "{}",
            nobody.transcript()
        );

        assert!(pam(&["status"]).out.contains("the trial is not over"));
        let doctor = tool("root", &["doctor"], &[]);
        assert!(
            doctor
                .out
                .contains("editor /etc/pam.d/su && countersign pam try --rollback"),
            "{doctor:?}"
        );
        pam(&["try", "--rollback"]).failed_with(&["the trial is not over"]);
        pam(&["disable", "su"]).failed_with(&["a trial is under way"]);

        let mended = open.replace("auth    required    pam_permit.so\n", "") + password;
        fs::write("/etc/pam.d/su", &mended).expect("what asks for the password is back");
        pam(&["try", "--rollback"]).done();
        assert_eq!(stack("su"), mended.replace(LINE, ""));
        assert!(!Path::new(RECORD).exists());

        // Ctrl-C at the same place.
        fs::write("/etc/pam.d/su", &before).expect("as it was");
        let child = attempt(&["su", "--for", "60s"]);
        let open = edit(&stack("su"));
        Program::new("kill")
            .args(["-INT", &child.id().to_string()])
            .text();
        ended(child).failed_with(&["could not go back and is not over"]);
        assert_eq!(stack("su"), open);
    });
}

#[test]
fn a_policy_to_enroll_is_no_way_in_where_nobody_can() {
    in_lab(|stage| {
        let rule = "[[rule]]\nservices = [\"su\", \"chsh\"]\nrequire = \"enroll\"\n";
        let _lab = installed(stage.config(rule));
        let before = stack("chsh");
        pam(&["enable", "chsh"])
            .failed_with(&["root has no authenticator yet", "countersign enroll"]);
        assert_eq!(stack("chsh"), before);
        pam(&["enable", "su"]).done();
    });
}

#[test]
fn a_stack_that_others_may_write_to_is_not_enabled_before_that_is_mended() {
    in_lab(|stage| {
        let _lab = installed(stage);
        let shell =
            |line: &str| Told::from(Program::new("bash").args(["-c", line]).output()).done();
        for (file, spoil) in [
            ("/etc/pam.d/login", "chown bob /etc/pam.d/login"),
            ("/etc/pam.d/login", "chmod 0666 /etc/pam.d/login"),
            (
                "/etc/pam.d/common-session",
                "chmod 0664 /etc/pam.d/common-session",
            ),
            ("/etc/pam.d", "chmod 0777 /etc/pam.d"),
        ] {
            let before = stack("login");
            shell(spoil);
            let mend = format!("chown root: {file} && chmod go-w {file}");
            for verb in ["enable", "try"] {
                pam(&[verb, "--force", "login"])
                    .failed_with(&["others than root may write to", &mend]);
            }
            assert_eq!(stack("login"), before);
            shell(&mend);
        }
        pam(&["enable", "--force", "login"]).done();
    });
}

#[test]
fn a_link_to_another_stack_is_enabled_with_it() {
    in_lab(|stage| {
        let _lab = installed(stage);
        fs::remove_file("/etc/pam.d/sudo-i").expect("a stack goes");
        std::os::unix::fs::symlink("sudo", "/etc/pam.d/sudo-i").expect("a link");
        let before = stack("sudo");
        for arguments in [&["enable", "--force", "sudo"][..], &["disable", "sudo"]] {
            let told = pam(arguments);
            told.done();
            let said = "sudo-i is a link to /etc/pam.d/sudo, and changes with it";
            assert!(told.out.contains(said), "{told:?}");
        }
        assert_eq!(stack("sudo"), before);
    });
}

#[test]
fn a_person_is_asked_once_a_login_has_worked_and_a_no_goes_back() {
    in_lab(|stage| {
        let lab = installed(stage);
        let mut secret = lab.enroll_with("alice", &["--kind", "hotp"]);
        let before = stack("su");
        for (answer, said) in [
            ("n", "the trial was not confirmed"),
            ("y", "The change is kept."),
        ] {
            let command = ["countersign", "pam", "try", "su", "--for", "60s"].map(str::to_owned);
            let mut terminal = Terminal::start(&command);
            while !terminal.text().contains("Confirm here once you are in") {
                assert_eq!(terminal.listen(), Heard::More, "{}", terminal.text());
            }
            let code = secret.next_code();
            lab.su("bob", "alice")
                .password(PASSWORD)
                .code(&code)
                .go()
                .let_in_as("alice");
            while !terminal
                .text()
                .contains("A login through su has been accepted. Keep the change?")
            {
                assert_eq!(terminal.listen(), Heard::More, "{}", terminal.text());
            }
            terminal.type_line(answer);
            while terminal.listen() == Heard::More {}
            assert!(terminal.text().contains(said), "{}", terminal.text());
            assert_eq!(stack("su") == before, answer == "n");
            assert!(!Path::new(RECORD).exists());
        }
    });
}

#[test]
fn where_systemd_runs_its_timer_goes_back() {
    in_lab(|stage| {
        let lab = installed(stage);
        lab.enroll_with("alice", &["--kind", "hotp"]);
        // Nothing is booted in the lab: this stands for systemd's timer, and writes down what it was told.
        let stands_in = "#!/bin/sh\necho \"$*\" >/tmp/timer\nwhile [ \"$1\" != -- ]; do shift; done\nshift\n\
                         setsid sh -c 'sleep 1; exec \"$@\"' - \"$@\" </dev/null >/dev/null 2>&1 &\n";
        let program = "/usr/bin/systemd-run";
        fs::write(program, stands_in).expect("a program");
        Program::new("chmod").args(["755", program]).text();
        fs::create_dir_all("/run/systemd/system").expect("what says that systemd runs");
        let before = stack("su");
        let mut child = attempt(&["su", "--for", "90s"]);
        child.kill().expect("SIGKILL");
        child.wait().expect("its end");
        let told = fs::read_to_string("/tmp/timer").expect("what it was told");
        for part in [
            "--on-active=92s",
            "--unit=countersign-pam-rollback-",
            "pam try --rollback --trial",
        ] {
            assert!(told.contains(part), "no {part} in {told}");
        }
        until("the timer goes back", || stack("su") == before);
        until("the trial is over", || !Path::new(RECORD).exists());
    });
}

#[test]
fn a_copy_of_another_machine_can_be_worked_on() {
    in_lab(|stage| {
        let _lab = installed(stage);
        let files = [
            (
                "etc/authselect/system-auth",
                "auth sufficient pam_unix.so\nauth required pam_deny.so\n",
            ),
            (
                "etc/pam.d/sudo",
                "#%PAM-1.0\nauth       include      system-auth\n",
            ),
            ("usr/lib/security/pam_permit.so", ""),
            ("usr/lib/security/pam_countersign.so", ""),
        ];
        for (path, text) in files {
            let path = Path::new("/tmp/fedora").join(path);
            fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
            fs::write(path, text).expect("a file");
        }
        // Leads nowhere on this machine.
        std::os::unix::fs::symlink(
            "/etc/authselect/system-auth",
            "/tmp/fedora/etc/pam.d/system-auth",
        )
        .expect("a link");
        let there = |arguments: &[&str]| {
            tool(
                "root",
                &[&["--root", "/tmp/fedora", "pam"], arguments].concat(),
                &[],
            )
        };
        there(&["enable", "system-auth"]).failed_with(&["authselect writes it anew"]);
        let told = there(&["enable", "sudo"]);
        told.done();
        assert!(
            told.out.contains("\"include\" is now \"substack\""),
            "{told:?}"
        );
        let sudo = fs::read_to_string("/tmp/fedora/etc/pam.d/sudo").expect("a stack");
        assert!(
            sudo.ends_with(&format!("auth       substack      system-auth\n{LINE}")),
            "{sudo}"
        );
        there(&["disable", "--all"]).done();
        assert_eq!(
            fs::read_to_string("/tmp/fedora/etc/pam.d/sudo").expect("a stack"),
            files[1].1
        );
        let french = Program::new("countersign")
            .args(["--root", "/tmp/fedora", "pam", "enable", "nowhere"])
            .env("LC_ALL", "fr_FR.UTF-8")
            .output();
        assert!(
            Told::from(french)
                .err
                .contains("aucun service n’a de pile nommée nowhere")
        );
    });
}

#[test]
fn stacks_are_whole_whenever_the_tool_is_killed() {
    in_lab(|stage| {
        let lab = installed(stage);
        lab.enroll_with("alice", &["--kind", "hotp"]);
        let before = stack("su");
        let with = before.replacen(
            "@include common-auth\n",
            &format!("@include common-auth\n{LINE}"),
            1,
        );
        let mut killed = [0, 0];
        for pause in 0..60_u64 {
            // Each verb in turn, whatever the one before it has come to.
            let (which, verb, from) = if pause % 2 == 0 {
                (0, "enable", &before)
            } else {
                (1, "disable", &with)
            };
            fs::write("/etc/pam.d/su", from).expect("a stack");
            let mut child = Command::new("countersign")
                .args(["pam", verb, "su"])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("countersign runs");
            sleep(Duration::from_micros(pause * 700));
            child.kill().expect("SIGKILL");
            let is_killed = !child.wait().expect("its end").success();
            if let Some(killed) = killed.get_mut(which) {
                *killed += usize::from(is_killed);
            }
            let now = stack("su");
            assert!(now == before || now == with, "{now}");
        }
        assert!(killed.iter().all(|it| *it > 2), "it was always faster");
        pam(&["enable", "su"]).done();
        assert_eq!(stack("su"), with);
    });
}

const CONFIG: &str = "/etc/ssh/sshd_config";
const DROP_IN: &str = "/etc/ssh/sshd_config.d/10-countersign.conf";
const FIRST_DROP_IN: &str = "/etc/ssh/sshd_config.d/00-countersign.conf";
const VENDORS: &str = "/etc/ssh/sshd_config.d/05-vendor.conf";

/// sshd asks for the password itself, as distributions ship it. Returns what is below the Include.
fn stock_sshd() -> String {
    let config = fs::read_to_string(CONFIG)
        .expect("sshd's configuration")
        .replace("AuthenticationMethods keyboard-interactive\n", "")
        .replace("KbdInteractiveAuthentication yes\n", "");
    let rest = format!("KbdInteractiveAuthentication no\n{config}");
    let text = format!("Include /etc/ssh/sshd_config.d/*.conf\n{rest}");
    fs::write(CONFIG, text).expect("sshd's configuration");
    fs::create_dir_all("/etc/ssh/sshd_config.d").expect("a directory");
    rest
}

#[test]
fn sshd_is_told_to_leave_the_questions_to_pam() {
    in_lab(|stage| {
        let lab = installed(stage);
        let mut secret = lab.enroll_with("alice", &["--kind", "hotp"]);
        let before = stack("sshd");
        stock_sshd();
        let shown = pam(&["enable", "sshd", "--sshd-config", "--dry-run"]);
        shown.done();
        let new_file = format!("--- /dev/null\n+++ {DROP_IN}");
        for said in [&new_file, "+UsePAM yes", "are not let in any more"] {
            assert!(shown.out.contains(said), "no {said:?} in {shown:?}");
        }
        assert!(!Path::new(DROP_IN).exists());
        assert_eq!(stack("sshd"), before);
        let told = pam(&["enable", "sshd", "--sshd-config"]);
        told.done();
        let at = |text: &str| told.out.find(text).unwrap_or_else(|| panic!("{told:?}"));
        assert!(at("are not let in any more") < at("written: "), "{told:?}");
        assert!(at("sshd has been told to read it") < at("changed: "));
        until("sshd has read it", || {
            lab.ssh_with_key("alice").go().outcome() == Outcome::Refused
        });
        let code = secret.next_code();
        lab.ssh("alice")
            .password(PASSWORD)
            .code(&code)
            .go()
            .let_in_as("alice");
        let mend = "/etc/ssh/sshd_config.d/05-mend.conf";
        fs::write(mend, "# Countersign's mend\nUsePAM yes\n").expect("a drop-in");
        let told = pam(&["disable", "--all"]);
        told.done();
        assert!(
            told.out.contains(&format!("left in place: {mend}")),
            "{told:?}"
        );
        assert!(!Path::new(DROP_IN).exists());
        assert_eq!(stack("sshd"), before);
    });
}

#[test]
fn a_stack_that_would_turn_away_each_password_is_not_written() {
    in_lab(|stage| {
        let _lab = installed(stage);
        let before = stack("sshd");
        let rest = stock_sshd();
        for verb in ["enable", "try"] {
            pam(&[verb, "sshd"]).failed_with(&[
                "nothing was changed",
                "countersign pam enable sshd --sshd-config",
            ]);
            assert_eq!(stack("sshd"), before, "{verb}");
        }
        // Without an Include, the drop-in would do nothing.
        fs::write(CONFIG, &rest).expect("sshd's configuration");
        let told = pam(&["enable", "sshd", "--sshd-config"]);
        told.failed_with(&["line 1", "KbdInteractiveAuthentication no"]);
        let yes = rest.replace("KbdInteractiveAuthentication no\n", "");
        fs::write(CONFIG, yes).expect("sshd's configuration");
        pam(&["enable", "sshd", "--sshd-config"]).failed_with(&["missing Include"]);
        // Somebody else's file of the name.
        fs::write(
            CONFIG,
            format!("Include /etc/ssh/sshd_config.d/*.conf\n{rest}"),
        )
        .expect("sshd's configuration");
        fs::write(DROP_IN, "UsePAM yes\n").expect("a drop-in");
        pam(&["enable", "sshd", "--sshd-config"]).failed_with(&[DROP_IN, "there already"]);
        assert_eq!(fs::read(DROP_IN).expect("theirs"), b"UsePAM yes\n");
        // sshd itself says no.
        fs::remove_file(DROP_IN).expect("a drop-in");
        fs::write("/etc/ssh/sshd_config.d/99-odd.conf", "Nonsense 1\n").expect("a drop-in");
        let told = pam(&["enable", "sshd", "--sshd-config"]);
        told.failed_with(&["nothing was changed", "99-odd.conf"]);
        assert!(
            !told.err.contains("\\r") && !told.err.contains("\\n"),
            "{told:?}"
        );
        assert_eq!(stack("sshd"), before);
        assert!(!Path::new(DROP_IN).exists());
        fs::remove_file("/etc/ssh/sshd_config.d/99-odd.conf").expect("a drop-in");
        pam(&["enable", "sshd", "--force"]).done();
        assert!(stack("sshd").contains(LINE));
    });
}

#[test]
fn the_drop_in_sorts_before_a_vendors_and_is_not_written_where_it_cannot() {
    in_lab(|stage| {
        let _lab = installed(stage);
        let before = stack("sshd");
        stock_sshd();
        fs::write(VENDORS, "KbdInteractiveAuthentication no\n").expect("a drop-in");
        pam(&["enable", "sshd", "--sshd-config"]).done();
        assert!(Path::new(FIRST_DROP_IN).exists() && !Path::new(DROP_IN).exists());
        pam(&["disable", "sshd"]).done();
        assert!(!Path::new(FIRST_DROP_IN).exists());
        let first = "/etc/ssh/sshd_config.d/00-00-a.conf";
        fs::rename(VENDORS, first).expect("a drop-in");
        pam(&["enable", "sshd", "--sshd-config"]).failed_with(&[
            "nothing was changed",
            first,
            "KbdInteractiveAuthentication no",
        ]);
        assert_eq!(stack("sshd"), before);
        let left = fs::read_dir("/etc/ssh/sshd_config.d").expect("drop-ins");
        assert_eq!(left.count(), 1);
    });
}

#[test]
fn a_drop_in_made_by_hand_is_enough() {
    in_lab(|stage| {
        let _lab = installed(stage);
        stock_sshd();
        let by_hand = "# Mine\nKbdInteractiveAuthentication yes\nUsePAM yes\n\
                       AuthenticationMethods publickey,keyboard-interactive:pam\n";
        fs::write(DROP_IN, by_hand).expect("a drop-in");
        let told = pam(&["enable", "sshd", "--sshd-config"]);
        told.done();
        let said = "sshd leaves the questions to PAM already";
        assert!(told.out.contains(said), "{told:?}");
        assert!(stack("sshd").contains(LINE));
        let told = pam(&["disable", "sshd"]);
        told.done();
        assert!(
            told.out.contains(&format!("left in place: {DROP_IN}")),
            "{told:?}"
        );
        assert_eq!(fs::read_to_string(DROP_IN).expect("theirs"), by_hand);
    });
}

#[test]
fn a_trial_of_sshd_turns_its_drop_in_back_too() {
    in_lab(|stage| {
        let lab = installed(stage);
        lab.enroll_with("alice", &["--kind", "hotp"]);
        stock_sshd();
        let before = stack("sshd");
        // By its own end, by the process that waits, and by hand.
        for (time, end) in [("1s", "itself"), ("1s", "child"), ("60s", "hand")] {
            let mut child = Command::new("countersign")
                .args(["pam", "try", "sshd", "--sshd-config", "--for", time])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("countersign runs");
            until("the stack has changed", || stack("sshd") != before);
            assert!(Path::new(DROP_IN).exists(), "{end}");
            match end {
                "child" => child.kill().expect("SIGKILL"),
                "hand" => pam(&["try", "--rollback"]).done(),
                _ => {}
            }
            child.wait().expect("its end");
            until("the trial is over", || !Path::new(RECORD).exists());
            assert_eq!(stack("sshd"), before, "{end}");
            assert!(!Path::new(DROP_IN).exists(), "{end}");
            until("sshd has read it", || {
                lab.ssh_with_key("alice").go().outcome() != Outcome::Refused
            });
        }
    });
}

/// Stacks of modules that answer as they are told, and whether the real libpam lets in.
const TABLE: [(&str, &str); 24] = [
    ("required", "auth required pam_permit.so\n"),
    (
        "deny",
        "auth required pam_deny.so\nauth required pam_permit.so\n",
    ),
    ("ignored", "auth required pam_debug.so auth=ignore\n"),
    (
        "sufficient",
        "auth sufficient pam_permit.so\nauth required pam_deny.so\n",
    ),
    (
        "failed-first",
        "auth required pam_deny.so\nauth sufficient pam_permit.so\n",
    ),
    (
        "optional",
        "auth optional pam_debug.so auth=auth_err\nauth required pam_permit.so\n",
    ),
    (
        "optional-alone",
        "auth optional pam_debug.so auth=auth_err\n",
    ),
    (
        "jump",
        "auth [success=1 default=ignore] pam_permit.so\nauth requisite pam_deny.so\nauth required pam_permit.so\n",
    ),
    (
        "jump-too-far",
        "auth [success=3 default=ignore] pam_permit.so\nauth required pam_permit.so\n",
    ),
    (
        "jump-to-the-end",
        "auth [success=1 default=ignore] pam_permit.so\nauth required pam_permit.so\n",
    ),
    (
        "jump-over-substack",
        "auth [success=1 default=ignore] pam_permit.so\nauth substack t-no\nauth required pam_permit.so\n",
    ),
    (
        "include-done",
        "auth include t-yes-then-no\nauth required pam_deny.so\n",
    ),
    (
        "substack-done",
        "auth substack t-yes-then-no\nauth required pam_deny.so\n",
    ),
    (
        "substack-die",
        "auth substack t-die\nauth required pam_permit.so\n",
    ),
    (
        "substack-then-yes",
        "auth substack t-yes-then-no\nauth required pam_permit.so\n",
    ),
    (
        "reset",
        "auth required pam_permit.so\nauth substack t-reset\n",
    ),
    (
        "missing-include",
        "auth include t-nowhere\nauth required pam_permit.so\n",
    ),
    (
        "missing-at-include",
        "@include t-nowhere\nauth required pam_permit.so\n",
    ),
    (
        "unknown-type",
        "author required pam_permit.so\nauth required pam_permit.so\n",
    ),
    ("no-control", "auth\nauth required pam_permit.so\n"),
    ("unfinished", "auth required pam_permit.so \\\n"),
    (
        "continued",
        "auth \\\n # between\n required \\\n\tpam_permit.so # yes\n",
    ),
    ("bad-control", "auth [success=ok sucess=ok] pam_permit.so\n"),
    ("session-alone", "session required pam_permit.so\n"),
];

#[test]
fn stacks_mean_to_us_what_they_mean_to_libpam() {
    in_lab(|stage| {
        let _lab = installed(stage);
        let write = |name: &str, text: &str| {
            fs::write(format!("/etc/pam.d/{name}"), text).expect("a stack");
        };
        write("other", "auth required pam_permit.so\n");
        write(
            "t-no",
            "auth required pam_deny.so\nauth required pam_deny.so\n",
        );
        write(
            "t-yes-then-no",
            "auth sufficient pam_permit.so\nauth required pam_deny.so\n",
        );
        write("t-die", "auth [default=die] pam_deny.so\n");
        write(
            "t-reset",
            "auth required pam_deny.so\nauth [default=reset] pam_permit.so\n",
        );
        for (name, text) in TABLE {
            write(&format!("table-{name}"), text);
        }
        let told = pam(&["status", "--json"]);
        told.done();
        let states: Value = serde_json::from_str(&told.out).expect("JSON");
        let mut different = Vec::new();
        for (name, _) in TABLE {
            let service = format!("table-{name}");
            let state = states
                .as_array()
                .expect("a list")
                .iter()
                .find(|it| it["service"] == *service);
            let ours = state.expect("a state")["lets-anybody-in"] == true;
            let real = Program::new("pamtester")
                .args([&service, "alice", "authenticate"])
                .output();
            if real.status.success() != ours {
                different.push(format!(
                    "{name}: libpam {}, we {ours}",
                    real.status.success()
                ));
            }
        }
        assert_eq!(different, Vec::<String>::new());
    });
}
