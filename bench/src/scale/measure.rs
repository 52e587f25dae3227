use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use countersign_bus::UserName;
use countersign_fleet::{
    Conclusion, Engine, Facts, Settings, Spent, Swapped, Transaction, Version,
};

use super::constants::{Call, Connecting, Constants, Crowd, Measured, Round, Standby};
use super::server::{Server, worked_here};
use super::simulation::number;
use super::spread::Spread;
use crate::enrolled::enrolled;
use crate::figures::{Figures, micros};
use crate::machine::{Taken, describe, taken_by_others};
use crate::states::Member;

/// Form, key, nonce and tag around a record.
const SEAL: usize = 1 + 8 + 24 + 16;
/// How many hosts log in at once.
const CROWDS: [usize; 3] = [4, 16, 32];
const ROUNDS: usize = 5;
/// Connections that are counted out.
const CONNECTIONS: usize = 50;
/// Logins before those that count.
const WARM_UP: usize = 50;

/// Who logs in next: each user once, in an order that has nothing to do with where records lie.
struct Turns {
    next: AtomicUsize,
    users: usize,
    record: Vec<u8>,
    /// When the first step was accepted, in Unix seconds.
    since: i64,
}

/// The kinds of calls that are looked at alone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Load,
    Attempt,
    Login,
}

/// What one client found out.
#[derive(Default)]
struct Alone {
    load: Vec<Duration>,
    attempt: Vec<Duration>,
    swap: Vec<Duration>,
    server: Duration,
    client: Duration,
}

/// Measures it all, with so many logins in each part of a round among so many users.
pub fn measure(logins: usize, users: usize) -> Measured {
    let account = enrolled(&Member::of(0, users));
    let record = account.to_bytes().expect("an account").len() + SEAL;
    let mut machine = describe(&[&std::env::temp_dir()]);
    let server = Server::start(users, record, CONNECTIONS);
    let room = server.room(users);
    println!(
        "{} with {users} users, {record} bytes each",
        server.version()
    );
    let turns = Arc::new(Turns {
        next: AtomicUsize::new(0),
        users,
        record: vec![7; record],
        since: server.clock(),
    });
    let hosts: Vec<Settings> = (0..CONNECTIONS).map(|it| server.host(it)).collect();
    let mut rounds = Vec::new();
    for round in 1..=ROUNDS {
        machine.others = machine.others.max(taken_by_others());
        let constants = constants(&server, &hosts, &turns, logins);
        let crowds = CROWDS.iter().map(|many| {
            server.checkpoint();
            crowd(&server, &hosts, &turns, *many, logins)
        });
        let crowds = crowds.collect();
        rounds.push(Round { constants, crowds });
        println!("round {round} of {ROUNDS} is over");
    }
    machine.others = machine.others.max(taken_by_others());
    let connecting = connecting(&server, &hosts, &turns);
    let standby = standby(&server, &hosts, &turns, logins.div_ceil(3));
    Measured {
        machine,
        server: server.version(),
        users,
        record,
        room,
        connecting,
        standby,
        rounds,
    }
}

impl Turns {
    /// A user whose turn it is, and a step that none was before.
    fn next(&self) -> (UserName, Facts) {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        // A prime that divides no round number of users.
        let user = turn.wrapping_mul(15_485_863) % self.users;
        let step = i64::try_from(turn / self.users).unwrap_or_default();
        let mut transaction = [9; 16];
        let (_, end) = transaction.split_at_mut(8);
        end.copy_from_slice(&turn.to_be_bytes());
        let spent = Spent {
            token: 4711,
            at: self.since + step,
        };
        let facts = Facts {
            conclusion: Conclusion::Accepted(Some(spent)),
            transaction: Transaction(transaction),
        };
        (
            UserName::parse(&format!("user{user:08}")).expect("a user's name"),
            facts,
        )
    }
}

fn engine(settings: &Settings) -> Engine {
    Engine::new(settings, Arc::new(|_| ())).expect("settings that are good")
}

/// In a thread of its own with all that it connects.
fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(work)
}

async fn timed<T>(into: &mut Vec<Duration>, work: impl Future<Output = T>) -> T {
    let began = Instant::now();
    let done = work.await;
    into.push(began.elapsed());
    done
}

/// One call, or the three of a login; gives what each took.
async fn ask(engine: &Engine, turns: &Turns, what: What, found: &mut Alone) {
    let (user, facts) = turns.next();
    if what != What::Attempt {
        timed(&mut found.load, engine.load(&user))
            .await
            .expect("a record");
    }
    if what == What::Load {
        return;
    }
    let attempt = timed(&mut found.attempt, engine.attempt(&user)).await;
    if what == What::Attempt {
        return;
    }
    let version = attempt.expect("a record").version;
    let swap = engine.swap(&user, version, Some(&turns.record), facts);
    let swapped = timed(&mut found.swap, swap).await.expect("an answer");
    assert_eq!(
        swapped,
        Swapped::Done(Version::new(version.get() + 1)),
        "{user}"
    );
}

/// So many of one kind, one after the other, with nobody else there.
fn alone(server: &Server, settings: &Settings, turns: &Turns, what: What, count: usize) -> Alone {
    block_on(async {
        let engine = engine(settings);
        for _ in 0..WARM_UP {
            ask(&engine, turns, what, &mut Alone::default()).await;
        }
        let mut found = Alone::default();
        let (before, here) = (server.worked(), worked_here());
        for _ in 0..count {
            ask(&engine, turns, what, &mut found).await;
        }
        found.client = worked_here().saturating_sub(here);
        found.server = server.worked().saturating_sub(before);
        found
    })
}

fn constants(server: &Server, hosts: &[Settings], turns: &Turns, logins: usize) -> Constants {
    let host = hosts.first().expect("a host");
    let calls = logins.div_ceil(2);
    server.checkpoint();
    let loads = alone(server, host, turns, What::Load, calls);
    server.checkpoint();
    let attempts = alone(server, host, turns, What::Attempt, calls);
    server.checkpoint();
    let before = server.written();
    let whole = alone(server, host, turns, What::Login, logins);
    let after = server.written();
    let each = |time: Duration, count: usize| micros(time) / number(count);
    let load = (each(loads.server, calls), each(loads.client, calls));
    let attempt = (each(attempts.server, calls), each(attempts.client, calls));
    // What a login takes beyond its other two calls.
    let swap = (
        (each(whole.server, logins) - load.0 - attempt.0).max(0.0),
        (each(whole.client, logins) - load.1 - attempt.1).max(0.0),
    );
    let call = |(server, client): (f64, f64), times: &[Duration]| Call {
        server,
        client,
        took: Spread::of(times).expect("somebody asked"),
    };
    let all = number(logins + WARM_UP);
    Constants {
        load: call(load, &whole.load),
        attempt: call(attempt, &whole.attempt),
        swap: call(swap, &whole.swap),
        flush: 1e3 * (after.flushing - before.flushing) / (after.flushes - before.flushes).max(1.0),
        wal: (after.bytes - before.bytes) / all,
        page_images: (after.page_images - before.page_images) / all,
    }
}

/// So many hosts at once, each of which logs in again as soon as it is answered.
fn crowd(
    server: &Server,
    hosts: &[Settings],
    turns: &Arc<Turns>,
    many: usize,
    logins: usize,
) -> Crowd {
    let threads = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(many);
    let ready = Arc::new(Barrier::new(threads + 1));
    let left = Arc::new(AtomicUsize::new(logins));
    let workers: Vec<_> = (0..threads)
        .map(|thread| {
            let theirs: Vec<Settings> = hosts
                .iter()
                .take(many)
                .skip(thread)
                .step_by(threads)
                .cloned()
                .collect();
            let (turns, ready, left) = (Arc::clone(turns), Arc::clone(&ready), Arc::clone(&left));
            thread::spawn(move || block_on(log_in_again_and_again(theirs, turns, ready, left)))
        })
        .collect();
    ready.wait();
    let (taken, here, there) = (Taken::now(), worked_here(), server.worked());
    ready.wait();
    let began = Instant::now();
    ready.wait();
    let took = began.elapsed();
    let (others, here, there) = (
        taken.cores_since(),
        worked_here().saturating_sub(here),
        server.worked().saturating_sub(there),
    );
    ready.wait();
    let times: Vec<Duration> = workers
        .into_iter()
        .flat_map(|it| it.join().expect("a client that went on"))
        .collect();
    Crowd {
        clients: many,
        per_second: number(times.len()) / took.as_secs_f64(),
        took: Figures::of(&times).expect("somebody logged in"),
        worked: micros(here + there) / number(times.len().max(1)),
        others: (others - (here + there).as_secs_f64() / took.as_secs_f64()).max(0.0),
    }
}

async fn log_in_again_and_again(
    hosts: Vec<Settings>,
    turns: Arc<Turns>,
    ready: Arc<Barrier>,
    left: Arc<AtomicUsize>,
) -> Vec<Duration> {
    let engines: Vec<Engine> = hosts.iter().map(engine).collect();
    for engine in &engines {
        for _ in 0..3 {
            ask(engine, &turns, What::Login, &mut Alone::default()).await;
        }
    }
    ready.wait();
    ready.wait();
    let mut tasks = tokio::task::JoinSet::new();
    for engine in engines {
        let (turns, left) = (Arc::clone(&turns), Arc::clone(&left));
        tasks.spawn(async move {
            let mut times = Vec::new();
            let one_less = |left: usize| left.checked_sub(1);
            while left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
                .is_ok()
            {
                let mut each = Alone::default();
                let login = Box::pin(ask(&engine, &turns, What::Login, &mut each));
                timed(&mut times, login).await;
            }
            (engine, times)
        });
    }
    let done = tasks.join_all().await;
    ready.wait();
    // The connections stay until the server's processes are counted.
    ready.wait();
    done.into_iter().flat_map(|(_, times)| times).collect()
}

/// Connects one after the other, and leaves them all open.
fn connecting(server: &Server, hosts: &[Settings], turns: &Turns) -> Connecting {
    block_on(async {
        let mut times = Vec::new();
        let mut open = Vec::new();
        let mut asking = Duration::ZERO;
        let before = server.worked();
        for host in hosts {
            let engine = engine(host);
            let (user, _) = turns.next();
            timed(&mut times, engine.load(&user))
                .await
                .expect("a record");
            open.push(engine);
        }
        let connected = server.worked().saturating_sub(before);
        let before = server.worked();
        for engine in &open {
            let (user, _) = turns.next();
            engine.load(&user).await.expect("a record");
        }
        asking += server.worked().saturating_sub(before);
        // As large as they get: each has done what a login does.
        for engine in &open {
            ask(engine, turns, What::Login, &mut Alone::default()).await;
        }
        let count = number(open.len());
        Connecting {
            connections: open.len(),
            private: server.private() / count,
            server: micros(connected.saturating_sub(asking)) / count,
            took: Figures::of(&times).unwrap_or_default(),
        }
    })
}

/// The same swaps without a standby and with one.
fn standby(server: &Server, hosts: &[Settings], turns: &Turns, logins: usize) -> Standby {
    let host = hosts.first().expect("a host");
    let swaps = || {
        let found = alone(server, host, turns, What::Login, logins);
        Figures::of(&found.swap).expect("somebody logged in")
    };
    let without = swaps();
    let standby = server.postgres.start_standby();
    standby.sql("alter system set fsync = on");
    standby.sql("select pg_reload_conf()");
    let with = swaps();
    drop(standby);
    Standby { without, with }
}
