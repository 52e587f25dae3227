//! The service under OpenRC: the real one, with its supervisor, in place of systemd.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Output;
use std::thread::sleep;
use std::time::{Duration, Instant};

use countersign_tests::{
    Lab, OpenRc, PamLogin, Program, Road, Secret, Stack, Stage, in_lab, state_file,
};
use nix::unistd::User;
use serde_json::Value;

const PASSWORD: &str = "her password";
const SOCKET: &str = "/run/countersign/login.sock";
const MAIN: &str = "/etc/countersign/countersign.toml";

/// A host on which nobody has started the daemon, and nobody but the bus would.
fn host(stage: Stage) -> Lab {
    stage
        .road(Road::Bus)
        .user("alice", PASSWORD)
        .user("bob", PASSWORD)
        .start()
}

/// Alice has a token with a code for every attempt.
fn enroll(lab: &Lab) -> Secret {
    lab.enroll_with("alice", &["--kind", "hotp"])
}

/// Logins of root's programs all let alice in.
fn all_let_in(lab: &Lab, secret: &mut Secret) {
    for (login, becomes) in [
        (lab.ssh("alice"), "alice"),
        (lab.sudo("alice"), "root"),
        (lab.su("bob", "alice"), "alice"),
        (lab.login("alice"), "alice"),
    ] {
        let login = login.password(PASSWORD).code(&secret.next_code());
        login.go().let_in_as(becomes);
    }
}

fn ssh(lab: &Lab, secret: &mut Secret) {
    let login = lab.ssh("alice").password(PASSWORD);
    login.code(&secret.next_code()).go().let_in_as("alice");
}

/// All processes of the daemon, whoever started them.
fn daemons() -> Vec<String> {
    let found = Program::new("pgrep").args(["-x", "countersignd"]).output();
    let found = String::from_utf8_lossy(&found.stdout).into_owned();
    found.lines().map(str::to_owned).collect()
}

fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "waited for {what}"
        );
        sleep(Duration::from_millis(10));
    }
}

fn said(output: &Output) -> String {
    let parts = [&output.stdout, &output.stderr];
    parts.map(|part| String::from_utf8_lossy(part)).concat()
}

/// What `doctor` has to say of the daemon and its socket.
fn doctor_on_the_daemon() -> String {
    let report = Program::new("countersign")
        .args(["doctor", "--json"])
        .output();
    let report: Value = serde_json::from_slice(&report.stdout).expect("the report is JSON");
    let findings = report
        .get("findings")
        .and_then(|findings| findings.as_array())
        .expect("a list of findings");
    let its = findings.iter().filter(|it| it["subject"] == "daemon");
    its.map(Value::to_string).collect()
}

/// A line of `/proc/PID/status`.
fn status(pid: &str, key: &str) -> Vec<String> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).expect("a running process");
    let line = text.lines().find_map(|line| line.strip_prefix(key));
    let line = line.unwrap_or_else(|| panic!("no {key} in:\n{text}"));
    line.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn a_daemon_that_opened_the_socket_itself_is_root_no_more() {
    in_lab(|stage| {
        let _lab = host(stage);
        fs::remove_dir(Path::new(SOCKET).parent().expect("a folder")).expect("nobody made it yet");
        let _openrc = OpenRc::with_the_running_bus();
        // As root often is: in groups besides its own.
        Program::new("setpriv")
            .args(["--groups", "shadow", "rc-service", "countersignd", "start"])
            .text();
        let daemon = OpenRc::daemon().expect("OpenRC has started it");

        let user = User::from_name("countersign")
            .ok()
            .flatten()
            .expect("the daemon's user");
        let (uid, gid) = (user.uid.to_string(), user.gid.to_string());
        assert_eq!(status(&daemon, "Uid:"), vec![uid; 4]);
        assert_eq!(status(&daemon, "Gid:"), vec![gid; 4]);
        assert_eq!(status(&daemon, "Groups:"), Vec::<String>::new());
        for set in ["CapInh:", "CapPrm:", "CapEff:", "CapAmb:"] {
            assert_eq!(status(&daemon, set), ["0000000000000000"], "{set}");
        }
        assert_eq!(status(&daemon, "NoNewPrivs:"), ["1"]);
        let dumpable = fs::metadata(format!("/proc/{daemon}/environ")).expect("its environment");
        assert_eq!(
            dumpable.uid(),
            0,
            "no other process of its user gets at its memory"
        );

        let folder = Path::new(SOCKET).parent().expect("a folder");
        for (path, mode) in [(folder, 0o40700), (Path::new(SOCKET), 0o140_600)] {
            let is = fs::metadata(path).expect("it was made");
            assert_eq!(
                (is.uid(), is.gid(), is.mode()),
                (0, 0, mode),
                "{}",
                path.display()
            );
        }
        let state = fs::metadata(state_file("journal")).expect("the store");
        assert_eq!((state.uid(), state.mode()), (user.uid.as_raw(), 0o100_600));
    });
}

#[test]
fn openrc_starts_the_bus_and_the_daemon_and_logins_need_the_bus_no_more() {
    in_lab(|stage| {
        let lab = host(stage);
        let openrc = OpenRc::without_a_bus();
        let daemon = openrc.start();
        assert!(said(&openrc.other_service("dbus", "status")).contains("running"));
        let mut secret = enroll(&lab);
        all_let_in(&lab, &mut secret);

        let mark = lab.log_mark();
        assert!(openrc.other_service("dbus", "stop").status.success());
        lab.logged(mark, &["countersignd", "go on over the login socket"]);
        assert_eq!(
            OpenRc::daemon(),
            Some(daemon.clone()),
            "it outlives the bus"
        );
        all_let_in(&lab, &mut secret);

        let mark = lab.log_mark();
        assert!(openrc.other_service("dbus", "start").status.success());
        lab.logged(mark, &["countersignd", "serves on the bus again"]);
        let login = PamLogin::of("alice").by("alice").code(&secret.next_code());
        login.go().let_in();
        assert_eq!(daemons(), [daemon]);
    });
}

#[test]
fn openrc_starts_a_daemon_that_died_and_no_code_is_good_twice() {
    in_lab(|stage| {
        let lab = host(stage);
        let openrc = OpenRc::with_the_running_bus();
        let mut dead = openrc.start();
        let mut secret = enroll(&lab);
        for _ in 0..3 {
            let code = secret.next_code();
            let login = lab.ssh("alice").password(PASSWORD);
            login.code(&code).go().let_in_as("alice");
            Program::new("kill").args(["-KILL", &dead]).text();
            // At once, so that the bus starts one of its own if OpenRC has not done so by now.
            let again = lab.ssh("alice").password(PASSWORD).code(&code);
            again.code("").code("").go().refused_with("");
            wait_until("the next daemon", || {
                OpenRc::daemon().is_some_and(|pid| pid != dead)
            });
            dead = OpenRc::daemon().expect("it runs again");
            wait_until("it is the only one", || daemons() == [dead.clone()]);
            ssh(&lab, &mut secret);
        }
        let told = said(&openrc.service("status"));
        assert!(told.contains("started"), "{told}");
    });
}

#[test]
fn a_daemon_that_the_bus_started_gives_way_to_that_of_openrc() {
    in_lab(|stage| {
        let lab = host(stage);
        let mut secret = enroll(&lab);
        let code = secret.next_code();
        let login = lab.ssh("alice").password(PASSWORD);
        login.code(&code).go().let_in_as("alice");
        let first = daemons();
        assert_eq!(first.len(), 1, "the bus started it");

        let mark = lab.log_mark();
        let daemon = OpenRc::with_the_running_bus().start();
        lab.logged(mark, &["countersignd", "takes over"]);
        wait_until("it is the only one", || daemons() == [daemon.clone()]);
        wait_until("it has the store", || {
            lab.log_since(mark).contains("the store can be used now")
        });
        let again = PamLogin::of("alice").code(&code).code(&secret.next_code());
        let again = again.go();
        again.let_in();
        assert_eq!(again.asked.len(), 2, "the used code stays used: {again:?}");
        ssh(&lab, &mut secret);
        let login = PamLogin::of("alice").by("alice").code(&secret.next_code());
        login.go().let_in();
    });
}

#[test]
fn the_service_is_stopped_started_restarted_and_reloaded_by_command() {
    in_lab(|stage| {
        let lab = host(stage);
        let openrc = OpenRc::with_the_running_bus();
        let mut secret = {
            openrc.start();
            enroll(&lab)
        };

        assert_eq!(doctor_on_the_daemon(), "");
        assert!(openrc.service("stop").status.success());
        assert_eq!(daemons(), Vec::<String>::new());
        assert!(!Path::new(SOCKET).exists());
        assert!(!openrc.service("status").status.success());
        ssh(&lab, &mut secret); // by the bus
        let first = openrc.start();
        ssh(&lab, &mut secret);
        assert!(openrc.service("restart").status.success());
        wait_until("another daemon", || {
            OpenRc::daemon().is_some_and(|pid| pid != first)
        });
        let daemon = OpenRc::daemon();
        ssh(&lab, &mut secret);

        let mark = lab.log_mark();
        fs::write(MAIN, "[[rule]]\nusers = [\"alice\"]\nrequire = \"never\"\n").expect("a rule");
        let reloaded = openrc.service("reload");
        assert!(reloaded.status.success(), "{}", said(&reloaded));
        lab.logged(mark, &["read anew and is in force"]);
        let visit = lab.ssh("alice").password(PASSWORD).go();
        visit.let_in_as("alice");

        fs::write(MAIN, "[[rule]]\nrequire = \"nevr\"\n").expect("a mistake");
        let refused = openrc.service("reload");
        assert!(!refused.status.success());
        assert!(
            said(&refused).contains(&format!("{MAIN}:2:11")),
            "{}",
            said(&refused)
        );
        assert_eq!(OpenRc::daemon(), daemon, "nothing was restarted");
        lab.ssh("alice").password(PASSWORD).go().let_in_as("alice");
    });
}

#[test]
fn who_cannot_open_the_socket_says_why_and_opens_nothing() {
    in_lab(|stage| {
        let lab = stage
            .road(Road::Bus)
            .stack(Stack::Installed)
            .user("alice", PASSWORD)
            .start();
        let start = |user: &str| {
            let path = "/usr/libexec/countersignd";
            let output = Program::as_user(user, path).arg("--login-socket").output();
            assert_eq!(output.status.code(), Some(1));
            String::from_utf8_lossy(&output.stderr).into_owned()
        };
        assert!(start("alice").contains("only root can open it"));

        let folder = Path::new(SOCKET).parent().expect("a folder");
        Program::new("chmod").arg("0755").arg(folder).text();
        let mark = lab.log_mark();
        assert!(start("root").contains("chmod 0700 /run/countersign"));
        lab.logged(mark, &["countersignd", "chmod 0700 /run/countersign"]);
        Program::new("chmod").arg("0700").arg(folder).text();

        Program::new("userdel").arg("countersign").text();
        assert!(start("root").contains("useradd --system --user-group"));
        assert!(!Path::new(SOCKET).exists());
    });
}
