use serde::{Deserialize, Serialize};

use super::spread::Spread;
use crate::figures::Figures;
use crate::found::Machine;

/// What was measured, as docs/scale.json has it.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Measured {
    /// Where.
    pub machine: Machine,
    /// The server's version.
    pub server: String,
    /// How many users the store had.
    pub users: usize,
    /// A sealed record, in bytes.
    pub record: usize,
    /// What users take on the disk.
    pub room: Room,
    /// What a connection that nobody uses takes of the server.
    pub connecting: Connecting,
    /// What a synchronous standby adds.
    pub standby: Standby,
    /// The same things measured again and again.
    pub rounds: Vec<Round>,
}

/// Constants, and crowds that came right after they were measured.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Round {
    /// Measured with one client.
    pub constants: Constants,
    /// Measured with many, each of whom logs in again as soon as it is answered.
    pub crowds: Vec<Crowd>,
}

/// What one login takes of the shared store where nobody else is. Times in microseconds.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Constants {
    /// The record, for the question whether a code is needed.
    pub load: Call,
    /// The record and the counted attempt, for judging a code.
    pub attempt: Call,
    /// The record that takes its place.
    pub swap: Call,
    /// How long the disk takes to have what is written.
    pub flush: f64,
    /// Bytes written ahead for a login.
    pub wal: f64,
    /// Of them, whole pages: the first change of each after a checkpoint.
    pub page_images: f64,
}

/// One question and its answer.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Call {
    /// The processor's time at the server, in microseconds.
    pub server: f64,
    /// The processor's time at the host.
    pub client: f64,
    /// From the question to the answer.
    pub took: Spread,
}

/// Many at once.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Crowd {
    /// How many.
    pub clients: usize,
    /// Logins a second.
    pub per_second: f64,
    /// A login's three calls together.
    pub took: Figures,
    /// The processor's time for one login, server and hosts together, in microseconds: to see what crowding does.
    pub worked: f64,
    /// How many cores others than this measurement used meanwhile.
    pub others: f64,
}

/// What users take on the disk, indexes and all, in bytes.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Room {
    /// Of the table with the records.
    pub account: f64,
    /// Of the table with what changes at every attempt.
    pub counter: f64,
}

/// What connections take.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Connecting {
    /// How many there were.
    pub connections: usize,
    /// Memory that is one connection's alone, in KiB.
    pub private: f64,
    /// The processor's time at the server to take one up, with TLS and what is prepared, in microseconds.
    pub server: f64,
    /// How long it takes alone, with the first question.
    pub took: Figures,
}

/// A swap, alone, in microseconds.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Standby {
    /// Where a change waits for the primary's disk.
    pub without: Figures,
    /// Where it waits for a standby's as well, on the same machine and the same disk.
    pub with: Figures,
}

impl Constants {
    /// The three calls of a login, in their order, and whether they wait for the disk.
    pub fn calls(&self) -> [(&Call, Waits); 3] {
        [
            (&self.load, Waits::ForNothing),
            (&self.attempt, Waits::ForTheDisk),
            (&self.swap, Waits::ForTheDisk),
        ]
    }

    /// The processor's time at the server for one login, in microseconds.
    pub fn server(&self) -> f64 {
        self.calls().iter().map(|(call, _)| call.server).sum()
    }

    /// The processor's time at the host for one login, in microseconds.
    pub fn client(&self) -> f64 {
        self.calls().iter().map(|(call, _)| call.client).sum()
    }

    /// What is left of a call when nobody works on it and no disk: processors that have to wake up.
    pub fn wake(&self, call: &Call, waits: Waits) -> f64 {
        let flush = if waits == Waits::ForTheDisk {
            self.flush
        } else {
            0.0
        };
        (call.took.mean - call.server - call.client - flush).max(0.0)
    }
}

/// What an answer waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Waits {
    /// Nothing but the work.
    ForNothing,
    /// That what changed is on the disk.
    ForTheDisk,
}

impl Measured {
    /// The round in the middle by what a login takes of the server.
    pub fn constants(&self) -> Constants {
        let mut rounds: Vec<&Constants> = self.rounds.iter().map(|it| &it.constants).collect();
        rounds.sort_by(|a, b| a.server().total_cmp(&b.server()));
        rounds
            .get(rounds.len() / 2)
            .copied()
            .cloned()
            .unwrap_or_default()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::time::Duration;

    use super::*;

    /// A call that takes its work, the flush and 40 µs of waking up, always the same.
    pub(in crate::scale) fn call(server: u64, client: u64, flush: u64) -> Call {
        let all = Duration::from_micros(server + client + flush + 40);
        Call {
            server: Duration::from_micros(server).as_secs_f64() * 1e6,
            client: Duration::from_micros(client).as_secs_f64() * 1e6,
            took: Spread::of(&[all]).unwrap(),
        }
    }

    pub(in crate::scale) fn constants() -> Constants {
        Constants {
            load: call(100, 50, 0),
            attempt: call(150, 50, 300),
            swap: call(250, 50, 300),
            flush: 300.0,
            wal: 20_000.0,
            page_images: 2.0,
        }
    }

    #[test]
    fn what_nobody_works_on_is_waking_up() {
        let constants = constants();
        for (call, waits) in constants.calls() {
            assert!((constants.wake(call, waits) - 40.0).abs() < 1e-6);
        }
        assert!((constants.server() - 500.0).abs() < 1e-6);
        assert!((constants.client() - 150.0).abs() < 1e-6);
    }
}
