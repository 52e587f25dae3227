use std::time::Duration;

use super::constants::{Constants, Measured};
use super::simulation::{Arrivals, Fleet, Processors, Ran, number, run};

/// The fleet that is asked about.
pub(super) const HOSTS: usize = 10_000;
pub(super) const USERS: usize = 10_000_000;
pub(super) const RATE: f64 = 1_000.0;

/// How many cores the server has.
pub(super) const CORES: [usize; 4] = [2, 4, 8, 16];
/// How many logins come in a second.
pub(super) const RATES: [f64; 5] = [100.0, 1_000.0, 3_000.0, 6_000.0, 12_000.0];
/// Through one site, and what another site may be away.
pub(super) const NEAR: Duration = Duration::from_micros(500);
pub(super) const FAR: Duration = Duration::from_millis(20);
/// As many connections as a host opens unless it is told otherwise.
const CONNECTIONS: usize = 8;
/// How many logins tell what a rate means.
pub(super) const LOGINS: usize = 30_000;

/// What a large fleet would be like.
#[derive(Clone, Debug)]
pub struct Paper {
    pub(super) constants: Constants,
    /// For each number of cores and each rate.
    pub(super) rates: Vec<(usize, f64, Ran)>,
    /// For each number of cores: more and more logins a second.
    pub(super) curves: Vec<(usize, Vec<(f64, Ran)>)>,
    /// With hosts, standby or both in another site: what is where, and what that makes of a login.
    pub(super) distances: Vec<(&'static str, Ran)>,
    /// Some minutes of the fleet as it is asked about.
    pub(super) minutes: Ran,
    /// After a failover, by cores: those who log in come back, and all at once.
    pub(super) storms: Vec<(usize, Ran, Ran)>,
}

impl Paper {
    /// Works it out, with so many logins for each figure.
    pub fn of(measured: &Measured, logins: usize) -> Self {
        let constants = measured.constants();
        let asked = |server, arrivals, logins| Fleet {
            processors: Processors::Apart { server },
            round_trip: NEAR,
            standby: Some(NEAR),
            arrivals,
            connections: CONNECTIONS,
            connecting: Duration::from_secs_f64(measured.connecting.server / 1e6),
            logins,
            seed: 1,
        };
        let by_chance = |rate| Arrivals::ByChance { rate, hosts: HOSTS };
        let at = |cores, rate| run(&constants, &asked(cores, by_chance(rate), logins));
        let rates = CORES
            .iter()
            .flat_map(|cores| RATES.map(|rate| (*cores, rate)));
        let curves = CORES.iter().map(|cores| {
            let most = most(&constants, *cores);
            let parts = [
                0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.94, 0.97,
            ];
            (
                *cores,
                parts
                    .map(|part| (part * most, at(*cores, part * most)))
                    .to_vec(),
            )
        });
        let distances = [
            ("hosts and standby near", NEAR, NEAR),
            ("the standby far", NEAR, FAR),
            ("the hosts far", FAR, NEAR),
            ("both far", FAR, FAR),
        ];
        let distances = distances.map(|(what, round_trip, standby)| {
            let fleet = asked(8, by_chance(RATE), logins);
            let fleet = Fleet {
                round_trip,
                standby: Some(standby),
                ..fleet
            };
            (what, run(&constants, &fleet))
        });
        let storm = |cores, everywhere| {
            let arrivals = Arrivals::AfterFailover {
                rate: RATE,
                hosts: HOSTS,
                everywhere,
            };
            run(&constants, &asked(cores, arrivals, 2 * logins))
        };
        Self {
            rates: rates
                .map(|(cores, rate)| (cores, rate, at(cores, rate)))
                .collect(),
            curves: curves.collect(),
            distances: distances.to_vec(),
            minutes: run(&constants, &asked(8, by_chance(RATE), 6 * logins)),
            storms: CORES
                .iter()
                .map(|it| (*it, storm(*it, false), storm(*it, true)))
                .collect(),
            constants,
        }
    }
}

/// How many logins a second so many cores can do if they do nothing else.
pub(super) fn most(constants: &Constants, cores: usize) -> f64 {
    number(cores) * 1e6 / constants.server().max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::super::agreement::tests::measured;
    use super::*;

    #[test]
    fn a_large_fleet_is_worked_out_and_more_cores_never_make_it_slower() {
        let mut measured = measured();
        measured.connecting.server = 4_000.0;
        let paper = Paper::of(&measured, 2_000);
        let p99 = |cores, rate: f64| {
            let found = paper
                .rates
                .iter()
                .find(|it| it.0 == cores && it.1.total_cmp(&rate).is_eq());
            found.unwrap().2.took.p99
        };
        assert!(p99(2, 3_000.0) > p99(4, 3_000.0));
        assert!(p99(4, 3_000.0) > 0.95 * p99(8, 3_000.0));
        assert!(
            (9_900..10_300).contains(&paper.minutes.open),
            "{}",
            paper.minutes.open
        );
        let (_, gentle, storm) = paper.storms[0];
        for ran in [gentle, storm] {
            let calm = ran.calm_after.as_secs_f64();
            assert!((1.0..60.0).contains(&calm), "{calm} s");
        }
        let near_and_far = paper.distances[3].1.took.median - paper.distances[0].1.took.median;
        assert!(
            (near_and_far - (3.0 + 2.0) * 19_500.0).abs() < 200.0,
            "{near_and_far}"
        );
    }
}
