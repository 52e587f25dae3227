//! The daemon or the bus hangs, dies or is not there, at each moment of a login, and comes back.

use std::fs;
use std::thread;

use countersign_tests::{Lab, Outcome, Program, Road, Secret, Stage, in_lab, on_both_roads};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::bus;
use crate::door::{CANNOT_BE_CHECKED, Door, wait_until};

const PASSWORD: &str = "her password";
const BUS: &str = "dbus-daemon";
const DAEMON: &str = "countersignd";
const TIMED_OUT: &str = "timed out after 1 s waiting for ";

/// Alice with a token that has a code for every attempt.
fn alice(stage: Stage) -> (Lab, Secret) {
    let lab = stage
        .module_options("timeout=2")
        .user("alice", PASSWORD)
        .user("bob", PASSWORD)
        .start();
    let secret = lab.enroll_with("alice", &["--kind", "hotp"]);
    (lab, secret)
}

/// Signals the lab's only process of this name.
fn signal(program: &str, signal: Signal) {
    let pid = Program::new("pidof").args(["-s", program]).text();
    let pid = pid.trim_end().parse().expect("pidof prints a number");
    kill(Pid::from_raw(pid), signal).expect("root may signal it");
}

fn kill_bus() {
    signal(BUS, Signal::SIGKILL);
    wait_until("the bus is gone", || {
        !Program::new("pidof").arg(BUS).output().status.success()
    });
}

/// What the host's service manager would do.
fn restart_bus() {
    Program::new(BUS)
        .args(["--system", "--fork", "--nopidfile"])
        .text();
}

/// The programs of root all let alice in.
fn all_let_in(lab: &Lab, secret: &mut Secret) {
    for (login, becomes) in [
        (lab.su("bob", "alice"), "alice"),
        (lab.sudo("alice"), "root"),
        (lab.ssh("alice"), "alice"),
        (lab.login("alice"), "alice"),
    ] {
        let login = login.password(PASSWORD).code(&secret.next_code());
        login.go().let_in_as(becomes);
    }
}

/// No program lets alice in, and those that may say something say it.
fn none_lets_in(lab: &Lab, secret: &mut Secret) {
    let code = secret.next_code();
    for login in [lab.su("bob", "alice"), lab.ssh("alice")] {
        let visit = login.password(PASSWORD).code(&code).go();
        visit.refused_with(CANNOT_BE_CHECKED);
    }
    let visit = lab.sudo("alice").password(PASSWORD).code(&code).go();
    assert_eq!(visit.outcome(), Outcome::Refused, "{}", visit.transcript());
}

#[test]
fn a_daemon_that_hangs_lets_nobody_in_until_it_goes_on() {
    on_both_roads(|stage| {
        let (mut lab, mut secret) = alice(stage);
        lab.daemon().freeze();
        let code = secret.next_code();
        let door = Door::hasty(&lab);
        door.try_code(&code).unavailable(TIMED_OUT);
        door.try_code_unprivileged(&code).unavailable(TIMED_OUT);
        lab.daemon().thaw();
        // The frozen daemon had not seen the code: it is still good.
        Door::shipped(&lab).try_code(&code).let_in();
        Door::shipped(&lab)
            .try_code_unprivileged(&secret.next_code())
            .let_in();
    });
}

#[test]
fn a_daemon_that_hangs_ends_the_wait_at_every_program() {
    on_both_roads(|stage| {
        let (mut lab, mut secret) = alice(stage);
        lab.daemon().freeze();
        none_lets_in(&lab, &mut secret);
        lab.daemon().thaw();
        all_let_in(&lab, &mut secret);
    });
}

#[test]
fn a_login_on_the_bus_ends_at_once_when_the_daemon_is_killed_under_it() {
    in_lab(|stage| {
        let (mut lab, mut secret) = alice(stage.road(Road::Bus));
        lab.daemon().freeze();
        let before = bus::names();
        let code = secret.next_code();
        let door = Door::new(&lab, "timeout=20", 20);
        let attempt = thread::scope(|scope| {
            let attempt = scope.spawn(|| door.try_code(&code));
            wait_until("the module is on the bus", || bus::names() > before);
            signal(DAEMON, Signal::SIGKILL);
            attempt.join().expect("the thread of a login")
        });
        attempt.unavailable("while waiting for the daemon to answer Prepare: the error org.freedesktop.DBus.Error.NoReply");
        assert!(attempt.took().as_secs() < 10, "{:?}", attempt.took());
        // The next login starts it again, and the code is still good.
        Door::shipped(&lab).try_code(&code).let_in();
    });
}

#[test]
fn a_login_at_the_socket_goes_on_with_the_next_daemon() {
    in_lab(|stage| {
        let (mut lab, mut secret) = alice(stage);
        lab.daemon().freeze();
        let code = secret.next_code();
        let door = Door::new(&lab, "timeout=20", 20);
        thread::scope(|scope| {
            let attempt = scope.spawn(|| door.try_code(&code));
            wait_until("the module is at the socket", || at_socket() > 1);
            signal(DAEMON, Signal::SIGKILL);
            attempt.join().expect("the thread of a login").let_in();
        });
    });
}

/// As in an upgrade: nobody is refused who happens to log in just then.
#[test]
fn a_daemon_that_is_told_to_end_answers_whoever_has_asked() {
    in_lab(|stage| {
        let (mut lab, mut secret) = alice(stage.road(Road::Bus));
        for _ in 0..3 {
            lab.daemon().freeze();
            let before = bus::names();
            let code = secret.next_code();
            let door = Door::new(&lab, "timeout=20", 20);
            thread::scope(|scope| {
                let attempt = scope.spawn(|| door.try_code(&code));
                wait_until("the module is on the bus", || bus::names() > before);
                signal(DAEMON, Signal::SIGTERM);
                signal(DAEMON, Signal::SIGCONT);
                attempt.join().expect("the thread of a login").let_in();
            });
        }
    });
}

/// How many sockets have the login socket's name: it and each connection to it.
fn at_socket() -> usize {
    let sockets = fs::read_to_string("/proc/net/unix").expect("the kernel's list of sockets");
    sockets.matches("/run/countersign/login.sock").count()
}

#[test]
fn a_daemon_that_is_not_there_lets_nobody_in() {
    on_both_roads(|stage| {
        let (mut lab, mut secret) = alice(stage);
        lab.daemon().remove();
        let code = secret.next_code();
        let not_started = "while waiting for the bus to start org.countersign1: the error \
                           org.freedesktop.DBus.Error.Spawn.";
        let door = Door::shipped(&lab);
        door.try_code(&code).unavailable(not_started);
        door.try_code_unprivileged(&code).unavailable(not_started);
        none_lets_in(&lab, &mut secret);
    });
}

#[test]
fn a_bus_that_hangs_holds_up_no_program_of_roots() {
    in_lab(|stage| {
        let (lab, mut secret) = alice(stage);
        let locker = Door::hasty(&lab);
        signal(BUS, Signal::SIGSTOP);
        all_let_in(&lab, &mut secret);
        // Without root's rights the bus is the only road.
        let code = secret.next_code();
        locker.try_code_unprivileged(&code).unavailable(TIMED_OUT);
        signal(BUS, Signal::SIGCONT);
        locker.try_code_unprivileged(&code).let_in();
    });
}

#[test]
fn a_bus_that_hangs_is_left_in_time_where_it_is_the_only_road() {
    in_lab(|stage| {
        let (lab, mut secret) = alice(stage.road(Road::Bus));
        signal(BUS, Signal::SIGSTOP);
        let code = secret.next_code();
        let door = Door::hasty(&lab);
        door.try_code(&code).unavailable(TIMED_OUT);
        door.try_code_unprivileged(&code).unavailable(TIMED_OUT);
        none_lets_in(&lab, &mut secret);
        signal(BUS, Signal::SIGCONT);
        all_let_in(&lab, &mut secret);
    });
}

#[test]
fn a_bus_that_dies_keeps_no_program_of_roots_out_and_the_daemon_comes_back_to_the_next() {
    in_lab(|stage| {
        let (lab, mut secret) = alice(stage);
        kill_bus();
        all_let_in(&lab, &mut secret);
        let code = secret.next_code();
        let locker = Door::hasty(&lab);
        locker
            .try_code_unprivileged(&code)
            .unavailable("cannot connect to /run/dbus/system_bus_socket");
        restart_bus();
        wait_until("the daemon is back on the bus", bus::has_daemon);
        locker.try_code_unprivileged(&code).let_in();
        all_let_in(&lab, &mut secret);
    });
}

#[test]
fn a_bus_that_dies_is_started_again_with_the_daemon_where_it_is_the_only_road() {
    in_lab(|stage| {
        let (lab, mut secret) = alice(stage.road(Road::Bus));
        kill_bus();
        let code = secret.next_code();
        let door = Door::hasty(&lab);
        let gone = "cannot connect to /run/dbus/system_bus_socket";
        door.try_code(&code).unavailable(gone);
        door.try_code_unprivileged(&code).unavailable(gone);
        none_lets_in(&lab, &mut secret);
        restart_bus();
        all_let_in(&lab, &mut secret);
    });
}
