use std::time::Duration;

use super::constants::{Crowd, Measured, Round};
use super::simulation::{Arrivals, Fleet, Processors, Ran, number, run};

/// How far the simulation may be off, as a part of what was measured.
pub const LIMIT: f64 = 0.2;

/// What was measured beside what is simulated from constants that one client gave: the ones in the middle of all rounds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Agreement {
    /// How many hosts.
    pub clients: usize,
    /// Logins a second, measured and simulated.
    pub per_second: Pair,
    /// A login's median in microseconds.
    pub median: Pair,
}

/// The same figure twice.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Pair {
    /// Measured.
    pub measured: f64,
    /// Simulated.
    pub simulated: f64,
    /// How many times the measured one the simulated one is, in the middle of the rounds: each round's constants are
    /// held against its own crowds.
    pub ratio: f64,
}

impl Agreement {
    /// Is none of them off by more than [`LIMIT`]?
    pub fn holds(&self) -> bool {
        [self.per_second, self.median]
            .iter()
            .all(|it| (it.ratio - 1.0).abs() <= LIMIT)
    }
}

/// For each crowd.
pub fn agreements(measured: &Measured) -> Vec<Agreement> {
    let places = measured
        .rounds
        .first()
        .map_or(0, |round| round.crowds.len());
    (0..places)
        .map(|place| {
            let both: Vec<(&Crowd, Ran)> = measured
                .rounds
                .iter()
                .filter_map(|round| {
                    let crowd = round.crowds.get(place)?;
                    Some((crowd, simulated(measured, round, crowd)))
                })
                .collect();
            let pair = |of: &dyn Fn(&Crowd) -> f64, like: &dyn Fn(&Ran) -> f64| Pair {
                measured: middle(both.iter().map(|(crowd, _)| of(crowd)).collect()),
                simulated: middle(both.iter().map(|(_, ran)| like(ran)).collect()),
                ratio: middle(
                    both.iter()
                        .map(|(crowd, ran)| like(ran) / of(crowd))
                        .collect(),
                ),
            };
            Agreement {
                clients: both.first().map_or(0, |(crowd, _)| crowd.clients),
                per_second: pair(&|it| it.per_second, &|it| it.per_second),
                median: pair(&|it| it.took.median, &|it| it.took.median),
            }
        })
        .collect()
}

/// The same crowd, on cores that server and hosts share as they did, less what others took of them meanwhile.
fn simulated(measured: &Measured, round: &Round, crowd: &Crowd) -> Ran {
    let cores = measured.machine.cores;
    let left = (1.0 - crowd.others / number(cores)).clamp(0.01, 1.0);
    let fleet = Fleet {
        processors: Processors::Shared { cores, left },
        round_trip: Duration::ZERO,
        standby: None,
        arrivals: Arrivals::Again {
            hosts: crowd.clients,
        },
        connections: 1,
        connecting: Duration::ZERO,
        logins: 10_000,
        seed: 1,
    };
    run(&round.constants, &fleet)
}

fn middle(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::constants::tests::constants;
    use super::*;
    use crate::figures::Figures;
    use crate::found::Machine;

    /// Measured by somebody whose machine does what the simulation says.
    pub(in crate::scale) fn measured() -> Measured {
        let machine = Machine {
            cores: 2,
            ..Machine::default()
        };
        let crowd = Crowd {
            clients: 16,
            per_second: 2e6 / 650.0,
            took: Figures {
                count: 1,
                median: 16.0 * 325.0,
                p99: 20.0 * 325.0,
            },
            others: 0.0,
            worked: 650.0,
        };
        let round = Round {
            constants: constants(),
            crowds: vec![crowd],
        };
        Measured {
            machine,
            users: 100_000,
            rounds: vec![round; 3],
            ..Measured::default()
        }
    }

    #[test]
    fn a_machine_that_does_what_is_simulated_agrees_and_one_that_does_not_does_not() {
        let good = measured();
        assert!(agreements(&good)[0].holds(), "{:?}", agreements(&good));
        for wrong in [0.7, 1.4] {
            let mut off = good.clone();
            for round in &mut off.rounds {
                round.crowds[0].per_second *= wrong;
            }
            assert!(!agreements(&off)[0].holds(), "{:?}", agreements(&off));
        }
    }

    #[test]
    fn one_round_that_was_disturbed_does_not_decide() {
        let mut disturbed = measured();
        disturbed.rounds[1].crowds[0].per_second /= 3.0;
        assert!(agreements(&disturbed)[0].holds());
    }

    #[test]
    fn what_others_take_is_not_there_to_be_simulated() {
        let mut shared = measured();
        for round in &mut shared.rounds {
            round.crowds[0].others = 1.0;
            round.crowds[0].per_second /= 2.0;
            round.crowds[0].took.median *= 2.0;
        }
        assert!(agreements(&shared)[0].holds(), "{:?}", agreements(&shared));
    }
}
