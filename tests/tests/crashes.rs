//! The daemon is killed with SIGKILL, at any moment and again and again: no code is good twice,
//! nobody's enrollment is lost, and what was counted stays counted.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use countersign_tests::{Crowd, End, Guest, Killer, Lab, Secret, Stage, count};
use countersign_tests::{in_lab, on_both_roads};

/// Time steps run ahead of the clock, one for each login, so the window is as wide as it can be.
const CONFIG: &str = "[totp]\nwindow = 10\n";
/// Codes of one user that are tried while the daemon dies. With the one that enrolled and the last
/// one they are as many as a time-based token has at one moment.
const CODES: usize = 9;
/// Users who log in at the same time. With more of them, all would wait for one start of the daemon
/// that serves them before it dies.
const TOGETHER: usize = 6;
/// A person tries the same code again when it could not be checked, but not for ever.
const PATIENCE: usize = 20;

/// A user, with all the codes that were tried so far.
struct Resident {
    name: String,
    secret: Secret,
    tried: Vec<Tried>,
    /// Each attempt comes from a place of its own, so that none is turned away for the others.
    places: usize,
}

/// A code and what became of each attempt with it.
struct Tried {
    code: String,
    ends: Vec<End>,
}

impl Tried {
    /// Was it accepted, or spent by an attempt whose answer nobody heard?
    fn is_settled(&self) -> bool {
        self.ends.contains(&End::Accepted) || self.ends.contains(&End::Used)
    }
}

impl Resident {
    fn enroll(lab: &Lab, name: String, options: &[&str]) -> Self {
        let secret = lab.enroll_with(&name, options);
        Self {
            name,
            secret,
            tried: Vec::new(),
            places: 0,
        }
    }

    fn attempt(&mut self, code: &str) -> Guest {
        self.places += 1;
        Guest::new(&self.name, code).from(self.places)
    }

    /// Takes the next code in hand.
    fn turn_the_page(&mut self) {
        let code = self.secret.next_code();
        let ends = Vec::new();
        self.tried.push(Tried { code, ends });
    }

    /// The code in hand from two places, or none when it is settled.
    fn two_attempts(&mut self) -> Option<[Guest; 2]> {
        let code = self.tried.last().filter(|tried| !tried.is_settled())?;
        let code = code.code.clone();
        Some([self.attempt(&code), self.attempt(&code)])
    }
}

/// Half of them have tokens that count, half of them tokens that go by the clock.
fn residents(stage: Stage, count: usize) -> (Lab, Vec<Resident>) {
    let lab = stage.config(CONFIG).start();
    let kinds = [["--kind", "hotp"], ["--kind", "totp"]];
    let names = lab.add_residents(count).into_iter();
    let residents = names
        .zip(kinds.iter().cycle())
        .map(|(name, kind)| Resident::enroll(&lab, name, kind))
        .collect();
    (lab, residents)
}

/// Each user logs in with code after code, from two places at once, while the daemon dies at random
/// moments. Who hears that the code cannot be checked tries the same one again.
fn logins_while_the_daemon_dies(crowd: &mut Crowd, residents: &mut [Resident]) {
    for _ in 0..CODES {
        residents.iter_mut().for_each(Resident::turn_the_page);
        for _ in 0..PATIENCE {
            let mut who = Vec::new();
            let mut guests = Vec::new();
            for (index, resident) in residents.iter_mut().enumerate() {
                for guest in resident.two_attempts().into_iter().flatten() {
                    who.push(index);
                    guests.push(guest);
                }
            }
            if guests.is_empty() {
                break;
            }
            for (index, end) in who.into_iter().zip(crowd.at_once(&guests)) {
                let tried = residents[index].tried.last_mut().expect("a code in hand");
                tried.ends.push(end);
            }
        }
    }
}

/// Whatever the daemon was doing when it died.
fn every_login_made_sense(residents: &[Resident]) {
    for Resident { name, tried, .. } in residents {
        for Tried { ends, .. } in tried {
            assert!(count(ends, End::Accepted) <= 1, "{name}: {ends:?}");
            // A right code that nobody used yet is never called wrong, and nobody is turned away.
            let known = [End::Accepted, End::Used, End::Unavailable];
            assert!(
                ends.iter().all(|end| known.contains(end)),
                "{name}: {ends:?}"
            );
            // It is called used only when an attempt spent it, heard of or not.
            let spent = ends.contains(&End::Accepted) || ends.contains(&End::Unavailable);
            assert!(spent || !ends.contains(&End::Used), "{name}: {ends:?}");
        }
    }
}

/// No code that was tried is good any more, and each user still has the token they enrolled.
fn nothing_is_forgotten(crowd: &mut Crowd, residents: &mut [Resident]) {
    for number in 0..CODES {
        let replays: Vec<Guest> = residents
            .iter_mut()
            .filter(|resident| resident.tried[number].is_settled())
            .map(|resident| {
                let code = resident.tried[number].code.clone();
                resident.attempt(&code)
            })
            .collect();
        let ends = crowd.at_once(&replays);
        assert_eq!(ends, vec![End::Used; replays.len()]);
    }
    let fresh: Vec<Guest> = residents
        .iter_mut()
        .map(|resident| {
            let code = resident.secret.next_code();
            resident.attempt(&code)
        })
        .collect();
    assert_eq!(crowd.at_once(&fresh), vec![End::Accepted; residents.len()]);
}

/// No start found anything in the store to complain of but a write that had not been confirmed.
fn every_start_found_the_store_whole(lab: &Lab, kills: usize) {
    let log = lab.log();
    let starts = log.matches(" serves on ").count();
    assert!(
        kills > 2 && starts > 2,
        "{kills} kills, {starts} starts: the daemon hardly died"
    );
    for complaint in [
        "the store cannot be used",
        "cannot be read",
        "were sealed under key",
        "takes no writes",
        "could not be made shorter",
    ] {
        assert!(!log.contains(complaint), "{complaint}:\n{log}");
    }
}

fn survives(stage: Stage, users: usize, seed: u64) {
    let (mut lab, mut residents) = residents(stage, users);
    let mut crowd = Crowd::gather();
    let killer = Killer::start(seed);
    for few in residents.chunks_mut(TOGETHER) {
        logins_while_the_daemon_dies(&mut crowd, few);
    }
    let kills = killer.stop();
    every_login_made_sense(&residents);
    let codes = residents.iter().flat_map(|resident| &resident.tried);
    let accepted = codes.filter(|tried| tried.ends.contains(&End::Accepted));
    assert!(accepted.count() > users, "hardly anybody got in");
    // Once more, so that only what is on the disk counts.
    if lab.daemon().is_running() {
        lab.daemon().kill();
    }
    nothing_is_forgotten(&mut crowd, &mut residents);
    every_start_found_the_store_whole(&lab, kills);
}

#[test]
fn sixty_logins_survive_a_daemon_that_keeps_dying() {
    on_both_roads(|stage| survives(stage, TOGETHER, 1));
}

#[test]
#[ignore = "soak: make soak runs it"]
fn five_hundred_logins_survive_a_daemon_that_keeps_dying() {
    on_both_roads(|stage| survives(stage, 50, 2));
}

#[test]
fn no_enrollment_is_lost_in_twenty_restarts() {
    on_both_roads(|stage| {
        let mut lab = stage.config(CONFIG).start();
        let mut crowd = Crowd::gather();
        let mut enrolled: Vec<Resident> = Vec::new();
        for (turn, name) in lab.add_residents(20).into_iter().enumerate() {
            let mut resident = Resident::enroll(&lab, name, &[]);
            if turn % 2 == 0 {
                lab.daemon().kill();
            } else {
                lab.daemon().stop();
            }
            let code = resident.secret.next_code();
            let first = resident.attempt(&code);
            assert_eq!(crowd.at_once(&[first]), [End::Accepted]);
            lab.daemon().until_on_the_bus();
            enrolled.push(resident);
        }
        lab.daemon().kill();
        let guests: Vec<Guest> = enrolled
            .iter_mut()
            .map(|resident| {
                let code = resident.secret.next_code();
                resident.attempt(&code)
            })
            .collect();
        assert_eq!(crowd.at_once(&guests), [End::Accepted; 20]);
    });
}

#[test]
fn wrong_codes_stay_counted_when_the_daemon_ends() {
    in_lab(|stage| {
        let (mut lab, mut residents) = residents(stage, 1);
        let mut crowd = Crowd::gather();
        let resident = &mut residents[0];
        let wrong = Guest::new(&resident.name, &resident.secret.wrong_code()).from(1);
        let right = Guest::new(&resident.name, &resident.secret.next_code());
        let throttled = [right.clone().from(1)];

        assert_eq!(crowd.at_once(&vec![wrong; 5]), [End::Wrong; 5]);
        lab.daemon().kill();
        assert_eq!(crowd.at_once(&throttled), [End::Throttled]);
        lab.daemon().stop();
        assert_eq!(crowd.at_once(&throttled), [End::Throttled]);
        // The right code was only kept waiting: from elsewhere it is good.
        assert_eq!(crowd.at_once(&[right]), [End::Accepted]);
    });
}

#[test]
fn a_lock_stays_when_the_daemon_ends() {
    in_lab(|stage| {
        let (mut lab, mut residents) = residents(stage, 1);
        let mut crowd = Crowd::gather();
        let resident = &mut residents[0];
        let wrong = Guest::new(&resident.name, &resident.secret.wrong_code());
        let guesses: Vec<Guest> = (1..=100).map(|place| wrong.clone().from(place)).collect();
        let right = [Guest::new(&resident.name, &resident.secret.next_code())];
        let recovery = Guest::new(&resident.name, &resident.secret.recovery_codes()[0]);

        assert_eq!(crowd.at_once(&guesses), [End::Wrong; 100]);
        lab.daemon().kill();
        assert_eq!(crowd.at_once(&right), [End::Locked]);
        lab.daemon().stop();
        assert_eq!(crowd.at_once(&right), [End::Locked]);
        assert_eq!(crowd.at_once(&[recovery]), [End::Accepted]);
        assert_eq!(crowd.at_once(&right), [End::Accepted]);
    });
}
