//! A whole run. Everybody takes part in every round, in an order by chance, so that what disturbs the machine for a
//! while disturbs all alike; the sizes of our store take turns for the same reason.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::codes::{Codes, Key};
use crate::daemon::{Daemon, Memory};
use crate::dice::Dice;
use crate::figures::{Figures, micros};
use crate::found::{AtSize, Found, Machine};
use crate::harness::{Harness, Login};
use crate::machine::{describe, taken_by_others};
use crate::modules::Modules;
use crate::rows::{Row, Typed, Way, grouped};
use crate::states::{ALICE, BOB, Member, Store, UserDatabase, move_into_google, move_into_oath};
use crate::together;

/// Where the lab has a real disk.
const DISK: &str = "/disk";
/// How often each size has its turn.
const TURNS: usize = 5;
/// Rounds at the beginning of a turn that do not count.
const WARM_UP: usize = 3;
/// How often each of those who come at once logs in.
const CROWD_LOGINS: usize = 30;
/// The size that is compared with others, if it is measured: a store of some company.
const REFERENCE: usize = 1_000;

/// What a run shall be like.
pub struct Wanted {
    /// The directory that has the module and the daemon.
    pub build: PathBuf,
    /// How many logins of each kind.
    pub logins: usize,
    /// What the order comes from.
    pub seed: u64,
    /// How many come at once.
    pub crowd: usize,
    /// How many users our store has, one after the other.
    pub users: Vec<usize>,
}

/// Measures it all.
pub fn measure(wanted: &Wanted) -> Found {
    let disk = Path::new(DISK);
    let mut run = Run::prepare(wanted, disk);
    let modules = run.modules.load(&run.harness, wanted.logins, &mut run.dice);
    let rounds = wanted.logins.div_ceil(TURNS);
    for turn in 1..=TURNS {
        for index in 0..run.stores.len() {
            run.turn(index, rounds);
        }
        println!("turn {turn} of {TURNS} is over");
    }
    let crowds = run.crowds(wanted);
    run.check_verdicts();
    run.found(wanted, modules, crowds)
}

struct Run {
    harness: Harness,
    modules: Modules,
    program: PathBuf,
    users: UserDatabase,
    /// The codes of those who log in at a peer, by its row's service.
    at_peers: BTreeMap<String, Codes>,
    stores: Vec<Store>,
    dice: Dice,
    machine: Machine,
    times: BTreeMap<(usize, String), Vec<Duration>>,
    states: BTreeMap<usize, State>,
    /// How many logins of ours there were, and how many of them with a wrong code.
    judged: (usize, usize),
}

/// What the daemon was like at a size.
#[derive(Default)]
struct State {
    ready: Duration,
    idle: Memory,
    after: Memory,
}

impl Run {
    fn prepare(wanted: &Wanted, disk: &Path) -> Self {
        let mut dice = Dice::new(wanted.seed);
        let harness = Harness::build(disk);
        let modules = Modules::gather(&wanted.build, disk.join("modules"));
        Row::set_up(&harness, &modules, disk);
        let program = wanted.build.join("countersignd");
        Daemon::prepare();
        let users = UserDatabase::find();
        let (alice, bob) = (Key::by(&mut dice), Key::by(&mut dice));
        move_into_google(disk, ALICE, &alice);
        move_into_google(disk, BOB, &bob);
        move_into_oath(disk, &alice, &mut dice);

        let rounds = (wanted.logins.div_ceil(TURNS) + WARM_UP) * TURNS;
        let at_peers = Row::all()
            .into_iter()
            .filter_map(|row| {
                let key = match row {
                    Row::Google(Typed::Wrong) => &bob,
                    Row::Google(Typed::Right) | Row::Oath(_) => &alice,
                    _ => return None,
                };
                Some((row.name(), key.codes(rounds)))
            })
            .collect();
        let stores: Vec<Store> = wanted
            .users
            .iter()
            .map(|users| {
                println!("filling a store for {}", grouped(*users));
                Store::fill(*users, &program, disk)
            })
            .collect();
        let mut of_all: Vec<&Path> = stores.iter().map(|store| store.path.as_path()).collect();
        let peers = ["google", "oath", "modules"].map(|name| disk.join(name));
        of_all.extend(peers.iter().map(PathBuf::as_path));
        let machine = describe(&of_all);
        println!(
            "{} × {}, Linux {}, {}; everybody's state is on {}; seed {}",
            machine.cores,
            machine.processor,
            machine.kernel,
            machine.distribution,
            machine.filesystem,
            wanted.seed
        );
        Self {
            harness,
            modules,
            program,
            users,
            at_peers,
            stores,
            dice,
            machine,
            times: BTreeMap::new(),
            states: BTreeMap::new(),
            judged: (0, 0),
        }
    }

    /// One size's turn.
    fn turn(&mut self, index: usize, rounds: usize) {
        let Some(store) = self.stores.get_mut(index) else {
            return;
        };
        let users = store.users;
        let daemon = Daemon::start(&self.program, &store.path);
        let idle = daemon.memory();
        let others = taken_by_others();
        self.machine.others = self.machine.others.max(others);

        let mut plan = Vec::new();
        for round in 0..rounds + WARM_UP {
            let mut rows = Row::all();
            self.dice.shuffle(&mut rows);
            plan.extend(rows.into_iter().map(|row| (round, row)));
        }
        let mut members = Vec::new();
        let mut logins = Vec::with_capacity(plan.len());
        for (round, row) in &plan {
            let (user, code) = match row {
                Row::Floor => (ALICE.to_owned(), String::new()),
                Row::Google(_) | Row::Oath(_) => {
                    let codes = self.at_peers.get_mut(&row.name());
                    let codes = codes.expect("the peers' rows have codes");
                    match row {
                        Row::Google(Typed::Wrong) => (BOB.to_owned(), codes.wrong()),
                        _ => (ALICE.to_owned(), codes.next_code()),
                    }
                }
                Row::Countersign(_, typed) => {
                    let member = store.next_member();
                    let codes = store.codes(&member);
                    let code = match typed {
                        Typed::Right => codes.next_code(),
                        Typed::Wrong => codes.wrong(),
                    };
                    self.judged.0 += 1;
                    self.judged.1 += usize::from(*typed == Typed::Wrong);
                    let name = member.name.clone();
                    members.push(member);
                    (name, code)
                }
            };
            logins.push(Login {
                person: 0,
                service: row.service(),
                user,
                rhost: place(*round),
                code,
            });
        }
        self.users.lists(&members, 4 * (rounds + WARM_UP));
        let ends = self.harness.in_order(&logins);
        for ((round, row), end) in plan.into_iter().zip(&ends) {
            assert_eq!(
                end.status,
                row.status(),
                "PAM's status of a login by {}, of which no other is right; the log:\n{}",
                row.name(),
                last_lines(&countersign_tests::syslog())
            );
            if round >= WARM_UP {
                let of_row = self.times.entry((users, row.name())).or_default();
                of_row.push(end.took());
            }
        }

        let state = self.states.entry(users).or_default();
        state.ready = state.ready.max(daemon.ready());
        state.idle = more(state.idle, idle);
        state.after = more(state.after, daemon.memory());
        daemon.stop();
    }

    /// Many at once, with the first store that has room for all of them.
    fn crowds(&mut self, wanted: &Wanted) -> Vec<crate::found::Crowd> {
        let count = wanted.crowd;
        let Some(store) = self.stores.iter_mut().find(|store| store.users >= count) else {
            return Vec::new();
        };
        let crowd: Vec<Member> = (0..count).map(|_| store.next_member()).collect();
        self.users.lists(&crowd, count);
        for member in &crowd {
            move_into_google(Path::new(DISK), &member.name, &member.key);
        }
        let daemon = Daemon::start(&self.program, &store.path);
        let logins = CROWD_LOGINS.min(wanted.logins);
        let crowds = together::measure(&self.harness, &crowd, store, logins, &mut self.dice);
        let of_ours = crowds.iter().filter(|crowd| crowd.what != together::GOOGLE);
        self.judged.0 += of_ours.map(|crowd| crowd.took.count).sum::<usize>();
        let state = self.states.entry(store.users).or_default();
        state.after = more(state.after, daemon.memory());
        daemon.stop();
        crowds
    }

    /// Every code of ours was looked at, and none was turned away unseen: by the daemon's own log.
    fn check_verdicts(&self) {
        let log = countersign_tests::syslog();
        let verdicts = log.lines().filter(|line| line.contains("verify user="));
        let (mut accepted, mut wrong, mut others) = (0, 0, Vec::new());
        for line in verdicts {
            if line.contains(": accepted (") {
                accepted += 1;
            } else if line.ends_with(": wrong") {
                wrong += 1;
            } else {
                others.push(line);
            }
        }
        let (all, with_wrong) = self.judged;
        assert_eq!(
            (accepted, wrong, others.len()),
            (all - with_wrong, with_wrong, 0),
            "verdicts of the daemon: accepted, wrong, and others: {:?}",
            others.first()
        );
        println!(
            "the daemon's log has {accepted} verdicts \"accepted\", {wrong} \"wrong\" and no other"
        );
    }

    fn figures(&self, users: usize, row: Row) -> Figures {
        let times = self.times.get(&(users, row.name()));
        times
            .and_then(|times| Figures::of(times))
            .unwrap_or_default()
    }

    fn found(
        &self,
        wanted: &Wanted,
        modules: Vec<crate::found::Loading>,
        crowds: Vec<crate::found::Crowd>,
    ) -> Found {
        let sizes: Vec<AtSize> = self
            .states
            .iter()
            .map(|(users, state)| {
                let of = |way, typed| self.figures(*users, Row::Countersign(way, typed));
                AtSize {
                    users: *users,
                    socket: of(Way::Socket, Typed::Right),
                    socket_refused: of(Way::Socket, Typed::Wrong),
                    bus: of(Way::Bus, Typed::Right),
                    bus_refused: of(Way::Bus, Typed::Wrong),
                    google: self.figures(*users, Row::Google(Typed::Right)),
                    ready: micros(state.ready) / 1e3,
                    idle: state.idle,
                    after: state.after,
                }
            })
            .collect();
        let reference = sizes.iter().map(|size| size.users);
        let reference = reference.min_by_key(|users| users.abs_diff(REFERENCE));
        let peers = Row::all()
            .into_iter()
            .filter(|row| !matches!(row, Row::Countersign(..)))
            .map(|row| {
                let of_row = self
                    .times
                    .iter()
                    .filter(|((_, name), _)| *name == row.name());
                let times: Vec<Duration> = of_row.flat_map(|(_, times)| times).copied().collect();
                (row.name(), Figures::of(&times).unwrap_or_default())
            })
            .collect();
        Found {
            machine: self.machine.clone(),
            seed: wanted.seed,
            logins: wanted.logins,
            reference: reference.unwrap_or_default(),
            peers,
            sizes,
            crowds,
            modules,
        }
    }
}

/// Where a round's logins come from, in the network for measurements (RFC 2544). A code that is accepted forgives what
/// went wrong at the same place, so the places return: a store with one user has no room for the failures of hundreds.
fn place(round: usize) -> String {
    format!("198.18.0.{}", 1 + round % 4)
}

fn more(one: Memory, other: Memory) -> Memory {
    if one.resident < other.resident {
        other
    } else {
        one
    }
}

fn last_lines(log: &str) -> String {
    let lines: Vec<&str> = log.lines().rev().take(10).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}
