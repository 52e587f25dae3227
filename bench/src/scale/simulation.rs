use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use super::commits::Commits;
use super::constants::Constants;
use super::cores::Cores;
use super::hosts::{Host, Taken};
use super::login::{self, Disk, Place, Step};
use crate::dice::Dice;
use crate::figures::Figures;

/// Until when an answer is of use: a call's whole time, below the 5 s that the PAM module waits.
const DEADLINE: Duration = Duration::from_secs(4);
/// How long the server may take to take up a connection, and how often a login waits for that.
const CONNECT_DEADLINE: Duration = Duration::from_secs(2);
const TRIES: u32 = 2;
/// The part of the logins at the beginning that does not count.
const WARM_UP: usize = 10;

/// A fleet with its server.
#[derive(Clone, Debug)]
pub struct Fleet {
    /// The processors that do the work.
    pub processors: Processors,
    /// From a host to the server and back.
    pub round_trip: Duration,
    /// From the primary to the standby that it waits for and back, if it waits for one.
    pub standby: Option<Duration>,
    /// Who logs in when.
    pub arrivals: Arrivals,
    /// How many connections a host opens at most.
    pub connections: usize,
    /// What the server works to take up a connection.
    pub connecting: Duration,
    /// How many logins there are.
    pub logins: usize,
    /// What chance comes from.
    pub seed: u64,
}

/// Who works where.
#[derive(Clone, Copy, Debug)]
pub enum Processors {
    /// Server and hosts share these cores, of which others leave so much (1: all).
    Shared {
        /// How many.
        cores: usize,
        /// What is left of each.
        left: f64,
    },
    /// The server has so many cores, and each host its own.
    Apart {
        /// How many.
        server: usize,
    },
}

/// Who logs in when.
#[derive(Clone, Copy, Debug)]
pub enum Arrivals {
    /// So many hosts that are connected, each of which logs in again when it was answered.
    Again {
        /// How many.
        hosts: usize,
    },
    /// Whenever it happens, at any of the hosts. All are connected.
    ByChance {
        /// Logins a second.
        rate: f64,
        /// How many hosts.
        hosts: usize,
    },
    /// The same, and nobody is connected at first.
    AfterFailover {
        /// Logins a second.
        rate: f64,
        /// How many hosts.
        hosts: usize,
        /// Somebody logs in everywhere in the first moment.
        everywhere: bool,
    },
}

/// What became of them.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Ran {
    /// Logins a second.
    pub per_second: f64,
    /// A login's three calls together.
    pub took: Figures,
    /// How much of the server's cores was used, 1 for all of them.
    pub busy: f64,
    /// Flushes a second.
    pub flushes: f64,
    /// Connections at the end.
    pub open: usize,
    /// Connections that were made.
    pub made: usize,
    /// Of a hundred logins, those that were answered past the deadline.
    pub late: f64,
    /// Logins that were answered past the deadline, or refused since their host had no connection.
    pub lost: usize,
    /// When the last login was answered that took more than a second, or refused.
    pub calm_after: Duration,
}

/// Which login.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct LoginId(pub(super) usize);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Event {
    /// Somebody logs in, and after a while somebody else.
    Arrives,
    /// A login has its step behind it.
    Goes(LoginId),
    /// The same, and a core is free.
    Worked(Place, LoginId),
    Flushed(Disk),
    /// A login has waited long enough for a connection, if it still does.
    GivesUp(LoginId),
}

struct Login {
    host: usize,
    began: Duration,
    steps: VecDeque<Step>,
    /// How often it asked for the connection that it waits for.
    tries: u32,
    stage: Stage,
}

/// How a login stands to its host's connections.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// It has what it needs.
    Goes,
    /// It waits until the server takes up a connection.
    Connects,
    /// It gave up.
    Left,
}

struct Simulation<'c> {
    constants: &'c Constants,
    fleet: &'c Fleet,
    dice: Dice,
    now: Duration,
    /// What is to happen, in the order of time, and what comes at once in the order in which it was planned.
    events: BinaryHeap<Reverse<(Duration, u64, Event)>>,
    planned: u64,
    logins: Vec<Login>,
    hosts: Vec<Host>,
    server: Cores,
    primary: Commits,
    standby: Commits,
    made: usize,
    begun: usize,
    refused: usize,
    last_refused: Duration,
    /// When each login was answered, and how long it took.
    ended: Vec<(Duration, Duration)>,
}

/// Lets them log in. The same seed gives the same.
pub fn run(constants: &Constants, fleet: &Fleet) -> Ran {
    let mut simulation = Simulation::new(constants, fleet);
    simulation.begin();
    while let Some(Reverse((now, _, event))) = simulation.events.pop() {
        simulation.now = now;
        simulation.happen(event);
    }
    simulation.result()
}

impl<'c> Simulation<'c> {
    fn new(constants: &'c Constants, fleet: &'c Fleet) -> Self {
        let (cores, left) = match fleet.processors {
            Processors::Shared { cores, left } => (cores, left),
            Processors::Apart { server } => (server, 1.0),
        };
        let (hosts, host) = match fleet.arrivals {
            Arrivals::Again { hosts } | Arrivals::ByChance { hosts, .. } => {
                (hosts, Host::connected())
            }
            Arrivals::AfterFailover { hosts, .. } => (hosts, Host::default()),
        };
        Self {
            constants,
            fleet,
            dice: Dice::new(fleet.seed),
            now: Duration::ZERO,
            events: BinaryHeap::new(),
            planned: 0,
            logins: Vec::new(),
            hosts: vec![host; hosts],
            server: Cores::new(cores, left),
            primary: Commits::default(),
            standby: Commits::default(),
            made: 0,
            begun: 0,
            refused: 0,
            last_refused: Duration::ZERO,
            ended: Vec::new(),
        }
    }

    fn begin(&mut self) {
        match self.fleet.arrivals {
            Arrivals::Again { hosts } => (0..hosts).for_each(|host| self.log_in(host)),
            Arrivals::AfterFailover {
                hosts,
                everywhere: true,
                ..
            } => {
                (0..hosts).for_each(|host| self.log_in(host));
                self.later(Duration::ZERO, Event::Arrives);
            }
            Arrivals::ByChance { .. } | Arrivals::AfterFailover { .. } => {
                self.later(Duration::ZERO, Event::Arrives);
            }
        }
    }

    fn log_in(&mut self, host: usize) {
        if self.begun >= self.fleet.logins {
            return;
        }
        self.begun += 1;
        let steps = login::login(self.constants, self.fleet, &mut self.dice);
        let (began, tries, stage) = (self.now, 0, Stage::Goes);
        self.enter(Login {
            host,
            began,
            steps,
            tries,
            stage,
        });
    }

    fn enter(&mut self, login: Login) {
        let id = LoginId(self.logins.len());
        self.logins.push(login);
        self.go_on(id);
    }

    fn later(&mut self, after: Duration, event: Event) {
        self.planned += 1;
        self.events
            .push(Reverse((self.now + after, self.planned, event)));
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Arrives => self.arrives(),
            Event::Goes(login) => self.go_on(login),
            Event::Worked(place, login) => {
                // Only the server's cores are ever waited for.
                if let Some((next, work)) = self.server.done() {
                    // The server finds out that somebody has gone as soon as it turns to them.
                    let gone = self
                        .logins
                        .get(next.0)
                        .is_some_and(|it| it.stage == Stage::Left);
                    let work = if gone { Duration::ZERO } else { work };
                    self.later(work, Event::Worked(place, next));
                }
                self.go_on(login);
            }
            Event::GivesUp(login) => self.give_up(login),
            Event::Flushed(disk) => {
                let (flushed, next) = self.disk(disk).done();
                if let Some(takes) = next {
                    self.later(takes, Event::Flushed(disk));
                }
                for login in flushed {
                    self.go_on(login);
                }
            }
        }
    }

    fn arrives(&mut self) {
        let (Arrivals::ByChance { rate, hosts } | Arrivals::AfterFailover { rate, hosts, .. }) =
            self.fleet.arrivals
        else {
            return;
        };
        if self.begun >= self.fleet.logins {
            return;
        }
        let host = self.dice.below(hosts);
        self.log_in(host);
        let pause = -(1.0 - self.dice.share()).ln() / rate;
        self.later(Duration::from_secs_f64(pause), Event::Arrives);
    }

    /// Takes the steps that take no time, and begins the first that does.
    fn go_on(&mut self, id: LoginId) {
        loop {
            let Some(login) = self.logins.get_mut(id.0) else {
                return;
            };
            let Some(step) = login.steps.pop_front() else {
                return self.end(id);
            };
            let Some(host) = self.hosts.get_mut(login.host) else {
                return;
            };
            match step {
                Step::Connection => match host.take(id, self.fleet.connections, self.now) {
                    Taken::Waits => return,
                    Taken::Open | Taken::ToBeMade if !host.admits(self.now) => {
                        return self.refuse(id);
                    }
                    Taken::Open => {}
                    Taken::ToBeMade => {
                        login::connect(&mut login.steps, self.fleet);
                        login.tries += 1;
                        login.stage = Stage::Connects;
                        self.later(CONNECT_DEADLINE, Event::GivesUp(id));
                    }
                },
                Step::Connected => {
                    login.stage = Stage::Goes;
                    login.tries = 0;
                    host.connected_now();
                    self.made += 1;
                }
                Step::Return => {
                    if let Some(next) = host.give(self.now) {
                        self.later(Duration::ZERO, Event::Goes(next));
                    }
                }
                Step::Travel(Duration::ZERO) => {}
                Step::Travel(takes) => return self.later(takes, Event::Goes(id)),
                Step::Work { at, work, wake } => return self.work(id, at, work, wake),
                Step::Flush { of, takes } => {
                    if let Some(takes) = self.disk(of).ask(id, takes) {
                        self.later(takes, Event::Flushed(of));
                    }
                    return;
                }
            }
        }
    }

    /// The connection is not waited for any more; the login asks for another one, behind all the others.
    fn give_up(&mut self, id: LoginId) {
        let Some(login) = self.logins.get_mut(id.0) else {
            return;
        };
        if login.stage != Stage::Connects {
            return;
        }
        login.stage = Stage::Left;
        let (host, began, tries) = (login.host, login.began, login.tries);
        let mut steps = std::mem::take(&mut login.steps);
        while steps
            .pop_front()
            .is_some_and(|step| step != Step::Connected)
        {}
        if tries < TRIES {
            login::connect(&mut steps, self.fleet);
            let (tries, stage) = (tries + 1, Stage::Connects);
            self.later(CONNECT_DEADLINE, Event::GivesUp(LoginId(self.logins.len())));
            self.enter(Login {
                host,
                began,
                steps,
                tries,
                stage,
            });
        } else if let Some(there) = self.hosts.get_mut(host) {
            there.failed(self.now);
            self.refuse(id);
        }
    }

    /// This login gets no further, and nobody who waits at its host.
    fn refuse(&mut self, id: LoginId) {
        let host = self
            .logins
            .get(id.0)
            .and_then(|it| self.hosts.get_mut(it.host));
        let with_it = host.map(Host::leave).unwrap_or_default();
        for refused in [id].into_iter().chain(with_it) {
            if let Some(login) = self.logins.get_mut(refused.0) {
                login.stage = Stage::Left;
                login.steps.clear();
            }
            self.refused += 1;
            self.last_refused = self.now;
        }
    }

    fn work(&mut self, id: LoginId, at: Place, work: Duration, wake: Duration) {
        if let (Place::Host, Processors::Apart { .. }) = (at, self.fleet.processors) {
            return self.later(work + wake, Event::Goes(id));
        }
        if let Some(takes) = self.server.ask(id, work, wake) {
            self.later(takes, Event::Worked(at, id));
        }
    }

    fn disk(&mut self, disk: Disk) -> &mut Commits {
        match disk {
            Disk::Primary => &mut self.primary,
            Disk::Standby => &mut self.standby,
        }
    }

    fn end(&mut self, id: LoginId) {
        let Some(login) = self.logins.get(id.0) else {
            return;
        };
        if login.stage == Stage::Left {
            return;
        }
        self.ended
            .push((self.now, self.now.saturating_sub(login.began)));
        let host = login.host;
        if let Arrivals::Again { .. } = self.fleet.arrivals {
            self.log_in(host);
        }
    }

    fn result(mut self) -> Ran {
        let skipped = match self.fleet.arrivals {
            Arrivals::Again { .. } => self.ended.len() / WARM_UP,
            // All of them: where the line grows, those who come early are answered late.
            Arrivals::ByChance { .. } | Arrivals::AfterFailover { .. } => 0,
        };
        let last_skipped = skipped.checked_sub(1).and_then(|it| self.ended.get(it));
        let began = last_skipped.map_or(Duration::ZERO, |(when, _)| *when);
        let counted: Vec<(Duration, Duration)> = self.ended.split_off(skipped);
        let times: Vec<Duration> = counted.iter().map(|(_, took)| *took).collect();
        let late = times.iter().filter(|it| **it > DEADLINE).count();
        let (Processors::Shared { cores, .. } | Processors::Apart { server: cores }) =
            self.fleet.processors;
        let slow = counted
            .iter()
            .filter(|(_, took)| *took > Duration::from_secs(1));
        // The last event of all may be that somebody need not give up.
        let now = counted.last().map_or(self.now, |(when, _)| *when);
        let whole = now.as_secs_f64().max(f64::MIN_POSITIVE);
        let counts = now.saturating_sub(began).as_secs_f64();
        Ran {
            per_second: number(times.len()) / counts.max(f64::MIN_POSITIVE),
            took: Figures::of(&times).unwrap_or_default(),
            busy: self.server.busy().as_secs_f64() / whole / number(cores),
            flushes: number(self.primary.flushes()) / whole,
            open: self.hosts.iter_mut().map(|host| host.open(now)).sum(),
            made: self.made,
            late: 100.0 * number(late) / number(times.len().max(1)),
            lost: late + self.refused,
            calm_after: slow
                .map(|(when, _)| *when)
                .chain([self.last_refused])
                .max()
                .unwrap_or_default(),
        }
    }
}

pub(super) fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

#[cfg(test)]
mod tests {
    use super::super::constants::tests::constants;
    use super::*;

    fn fleet(arrivals: Arrivals) -> Fleet {
        Fleet {
            processors: Processors::Apart { server: 4 },
            round_trip: Duration::from_micros(500),
            standby: None,
            arrivals,
            connections: 8,
            connecting: Duration::from_millis(4),
            logins: 5_000,
            seed: 7,
        }
    }

    fn about(found: f64, wanted: f64, part: f64) {
        assert!(
            (found / wanted - 1.0).abs() < part,
            "{found} is not about {wanted}"
        );
    }

    #[test]
    fn one_alone_takes_what_was_measured_and_the_network() {
        let alone = run(&constants(), &fleet(Arrivals::Again { hosts: 1 }));
        // Work 650, flushes 600, waking up 120, three round trips.
        about(alone.took.median, 650.0 + 600.0 + 120.0 + 1500.0, 0.001);
        about(alone.per_second, 1e6 / alone.took.median, 0.001);
        assert_eq!((alone.open, alone.made), (1, 0));
        let shared = Processors::Shared {
            cores: 2,
            left: 1.0,
        };
        let near = Fleet {
            processors: shared,
            round_trip: Duration::ZERO,
            ..fleet(Arrivals::Again { hosts: 1 })
        };
        about(run(&constants(), &near).took.median, 1370.0, 0.001);
    }

    #[test]
    fn many_have_all_the_work_that_the_cores_can_do_and_share_their_flushes() {
        let shared = Processors::Shared {
            cores: 2,
            left: 1.0,
        };
        let many = Fleet {
            processors: shared,
            round_trip: Duration::ZERO,
            ..fleet(Arrivals::Again { hosts: 64 })
        };
        let ran = run(&constants(), &many);
        // 650 µs of work on two cores.
        about(ran.per_second, 2e6 / 650.0, 0.02);
        about(ran.took.median, 64.0 * 1e6 / ran.per_second, 0.05);
        assert!(ran.busy > 0.98 && ran.busy < 1.01, "{}", ran.busy);
        assert!(
            ran.flushes < 1e6 / 300.0 + 1.0,
            "one at a time: {}",
            ran.flushes
        );
        assert!(
            ran.flushes < 2.0 * ran.per_second,
            "shared: {}",
            ran.flushes
        );
        let half = Processors::Shared {
            cores: 2,
            left: 0.5,
        };
        let ran = run(
            &constants(),
            &Fleet {
                processors: half,
                ..many
            },
        );
        about(ran.per_second, 1e6 / 650.0, 0.02);
        assert!(ran.busy > 0.98 && ran.busy < 1.01, "{}", ran.busy);
    }

    #[test]
    fn who_comes_by_chance_comes_at_that_rate_and_uses_what_littles_law_says() {
        let by_chance = Arrivals::ByChance {
            rate: 1000.0,
            hosts: 10_000,
        };
        let ran = run(&constants(), &fleet(by_chance));
        about(ran.per_second, 1000.0, 0.06);
        about(ran.busy, 1000.0 * 500e-6 / 4.0, 0.06);
        assert!(ran.late < 1e-9, "{}", ran.late);
        assert!((10_000..10_100).contains(&ran.open), "{}", ran.open);
        let twice = run(&constants(), &fleet(by_chance));
        assert_eq!(ran, twice, "the same seed, the same run");
    }

    #[test]
    fn beyond_what_the_server_can_do_the_line_grows_and_answers_come_too_late() {
        // 4 cores, 500 µs each: 8,000 a second.
        let too_many = Arrivals::ByChance {
            rate: 16_000.0,
            hosts: 10_000,
        };
        let ran = run(
            &constants(),
            &Fleet {
                logins: 80_000,
                connections: 1,
                ..fleet(too_many)
            },
        );
        about(ran.per_second, 8_000.0, 0.05);
        assert!(ran.late > 5.0, "{}", ran.late);
        assert!(ran.busy > 0.95, "{}", ran.busy);
    }

    #[test]
    fn a_standby_adds_its_distance_and_its_flush_to_both_changes() {
        let without = run(&constants(), &fleet(Arrivals::Again { hosts: 1 }));
        let standby = Some(Duration::from_millis(1));
        let with = Fleet {
            standby,
            ..fleet(Arrivals::Again { hosts: 1 })
        };
        let with = run(&constants(), &with);
        about(
            with.took.median - without.took.median,
            2.0 * (1000.0 + 300.0),
            0.001,
        );
    }

    #[test]
    fn after_a_failover_everybody_connects_once_and_then_it_is_calm() {
        let arrivals = Arrivals::AfterFailover {
            rate: 100.0,
            hosts: 2_000,
            everywhere: true,
        };
        let ran = run(&constants(), &fleet(arrivals));
        assert!((2_000..2_400).contains(&ran.made), "{}", ran.made);
        assert_eq!(ran.open, ran.made);
        // 2,000 × 4 ms on 4 cores.
        assert!(
            ran.calm_after > Duration::from_secs(2),
            "{:?}",
            ran.calm_after
        );
        assert!(
            ran.calm_after < Duration::from_secs(6),
            "{:?}",
            ran.calm_after
        );
    }
}
