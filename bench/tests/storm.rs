//! More logins than anybody waits for: none gets lost, each has its verdict, and who came first is answered first.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use std::collections::HashMap;
use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use countersign_bench::{
    Daemon, End, Figures, Harness, Light, Login, Member, PAM_AUTH_ERR, PAM_SUCCESS, Store,
    UserDatabase,
};
use countersign_tests::{in_lab_on_disk, syslog};

/// How many people log in. Each does so again when all others had their turn.
const PEOPLE: usize = 400;
/// One in so many types a wrong code.
const WRONG: usize = 10;

/// What the lab is for here: the daemon over a store on a disk, with people in it.
struct Stage {
    daemon: Daemon,
    store: Store,
    people: Vec<Member>,
    build: PathBuf,
}

fn stage() -> Stage {
    let build = env::var_os("COUNTERSIGN_BUILD").expect("scripts/test names what it built");
    let build = PathBuf::from(build);
    Daemon::prepare();
    let program = build.join("countersignd");
    let mut store = Store::fill(PEOPLE, &program, Path::new("/disk"));
    let people: Vec<Member> = (0..PEOPLE).map(|_| store.next_member()).collect();
    UserDatabase::find().lists(&people, 0);
    let daemon = Daemon::start(&program, &store.path);
    Stage {
        daemon,
        store,
        people,
        build,
    }
}

impl Stage {
    /// So many logins, each from a place of its own.
    fn logins(&mut self, count: usize) -> Vec<Login> {
        let people = self.people.iter().cycle();
        let login = |(number, member): (usize, &Member)| {
            let codes = self.store.codes(member);
            Login {
                person: number,
                service: "storm".to_owned(),
                user: member.name.clone(),
                rhost: place(number),
                code: if is_wrong(number) {
                    codes.wrong()
                } else {
                    codes.next_code()
                },
            }
        };
        people.take(count).enumerate().map(login).collect()
    }
}

fn place(number: usize) -> String {
    format!("198.18.{}.{}", number / 256, number % 256)
}

fn is_wrong(number: usize) -> bool {
    number % WRONG == WRONG - 1
}

/// In which order the daemon's log has the verdicts: for each login, how many were before it.
fn order(count: usize) -> Vec<usize> {
    let log = syslog();
    let numbers: HashMap<String, usize> =
        (0..count).map(|number| (place(number), number)).collect();
    let mut order = vec![usize::MAX; count];
    let verdicts = log.lines().filter(|line| line.contains("verify user="));
    for (rank, line) in verdicts.enumerate() {
        let number = line
            .split('"')
            .find_map(|part| numbers.get(part))
            .unwrap_or_else(|| panic!("a verdict from nowhere: {line}"));
        let place = order.get_mut(*number).expect("a login's number");
        assert_eq!(*place, usize::MAX, "two verdicts on one login: {line}");
        *place = rank;
    }
    order
}

/// For how long at most somebody who had come was not answered while others were who came later.
fn overtaken(ends: &[End], ranks: &[usize]) -> Duration {
    let mut by_rank: Vec<(usize, Duration)> = ranks
        .iter()
        .zip(ends)
        .enumerate()
        .filter(|(number, _)| !is_wrong(*number))
        .map(|(_, (rank, end))| (*rank, end.began))
        .collect();
    by_rank.sort_unstable();
    let mut latest = Duration::ZERO;
    let mut longest = Duration::ZERO;
    for (_, began) in by_rank {
        latest = latest.max(began);
        longest = longest.max(latest.saturating_sub(began));
    }
    longest
}

fn storm(count: usize, rate: u32, patience: Duration) {
    let mut stage = stage();
    let logins = stage.logins(count);
    let harness = Harness::build(Path::new("/disk"));
    let module = stage.build.join("libpam_countersign.so");
    harness.service(
        "storm",
        &format!("auth required {} retries=1", module.display()),
    );
    let ends = harness.paced(&logins, rate);

    let wanted = |number| {
        if is_wrong(number) {
            PAM_AUTH_ERR
        } else {
            PAM_SUCCESS
        }
    };
    let astray: Vec<(usize, i32)> = ends
        .iter()
        .enumerate()
        .filter(|(number, end)| end.status != wanted(*number))
        .map(|(number, end)| (number, end.status))
        .collect();
    assert!(
        astray.is_empty(),
        "{} of {count} logins ended otherwise than they should: {:?}",
        astray.len(),
        astray.iter().take(10).collect::<Vec<_>>()
    );
    let ranks = order(count);
    let unheard = ranks.iter().filter(|rank| **rank == usize::MAX).count();
    assert_eq!(unheard, 0, "logins without a verdict in the log");

    let took: Vec<Duration> = ends.iter().map(End::took).collect();
    let arrived = ends.iter().map(|end| end.began).max().unwrap_or_default();
    let over = ends.iter().map(|end| end.ended).max().unwrap_or_default();
    let overtaken = overtaken(&ends, &ranks);
    let figures = Figures::of(&took).expect("somebody logged in");
    println!(
        "{count} logins came in {:.2} s and all were answered after {:.2} s; one took {:.1} ms (median), {:.1} ms \
         (p99); nobody was answered after somebody who came more than {:.1} ms later",
        arrived.as_secs_f64(),
        over.as_secs_f64(),
        figures.median / 1e3,
        figures.p99 / 1e3,
        overtaken.as_secs_f64() * 1e3
    );
    assert!(
        overtaken < patience,
        "somebody waited {overtaken:?} longer than others who came after"
    );
    stage.daemon.stop();
}

#[test]
fn every_login_of_a_small_storm_has_its_verdict() {
    // As much as a debug build on a busy machine answers.
    in_lab_on_disk(|_| storm(300, 60, Duration::from_secs(3)));
}

#[test]
#[ignore = "soak: make soak runs it"]
fn ten_thousand_logins_in_ten_seconds_all_have_their_verdict_in_order() {
    in_lab_on_disk(|_| storm(10_000, 1_000, Duration::from_secs(1)));
}

/// All have connected; then they ask one after the other, faster than anybody is answered. Half of them are answered
/// within a few places of their turn; some that share a turn in the ledger with somebody wait for one more write.
#[test]
fn who_asks_first_is_answered_first() {
    in_lab_on_disk(|_| {
        let mut stage = stage();
        let logins: Vec<Login> = stage
            .logins(PEOPLE)
            .into_iter()
            .enumerate()
            .filter(|(number, _)| !is_wrong(*number))
            .map(|(_, login)| login)
            .collect();
        let mut lines: Vec<Light> = logins
            .iter()
            .map(|_| Light::connect().expect("a place for everybody"))
            .collect();
        for (line, login) in lines.iter_mut().zip(&logins) {
            line.send_verify(&login.user, &login.code, &login.rhost)
                .expect("the daemon listens");
        }
        for line in &mut lines {
            assert_eq!(line.answer().expect("an answer"), "accepted");
        }
        let ranks = order(PEOPLE);
        let ranks: Vec<usize> = ranks
            .into_iter()
            .filter(|rank| *rank != usize::MAX)
            .collect();
        assert_eq!(ranks.len(), logins.len());
        let mut displaced: Vec<usize> = ranks
            .iter()
            .enumerate()
            .map(|(place, rank)| place.abs_diff(*rank))
            .collect();
        displaced.sort_unstable();
        let half = displaced
            .get(displaced.len() / 2)
            .copied()
            .unwrap_or_default();
        println!(
            "{} asked; half were answered within {half} places of their turn, all within {}",
            displaced.len(),
            displaced.last().copied().unwrap_or_default()
        );
        assert!(half <= 32, "half were answered more than {half} places off");
        stage.daemon.stop();
    });
}
