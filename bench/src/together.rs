//! Many at once: each a process of its own with logins one after the other, all let go at the same moment.

use std::time::Duration;

use crate::codes::Codes;
use crate::dice::Dice;
use crate::figures::Figures;
use crate::found::Crowd;
use crate::harness::{End, Harness, Login, PAM_SUCCESS};
use crate::rows::{Row, Typed, Way};
use crate::states::{Member, Store};

/// google-authenticator's crowd.
pub const GOOGLE: &str = "pam_google_authenticator";
/// Ours, over the login socket.
pub const SOCKET: &str = "Countersign, login socket";
/// Ours, over the bus.
pub const BUS: &str = "Countersign, bus";

/// How often each crowd comes.
const RUNS: usize = 3;

/// Lets the crowds come, each so often, in an order by chance; everybody logs in `logins` times.
pub fn measure(
    harness: &Harness,
    people: &[Member],
    store: &mut Store,
    logins: usize,
    dice: &mut Dice,
) -> Vec<Crowd> {
    let mut at_google: Vec<Codes> = people
        .iter()
        .map(|person| person.key.codes(RUNS * logins))
        .collect();
    let crowds = [
        (GOOGLE, Row::Google(Typed::Right)),
        (SOCKET, Row::Countersign(Way::Socket, Typed::Right)),
        (BUS, Row::Countersign(Way::Bus, Typed::Right)),
    ];
    let mut found: Vec<(Vec<f64>, Vec<Duration>)> = crowds.map(|_| Default::default()).into();
    for _ in 0..RUNS {
        let mut order: Vec<usize> = (0..crowds.len()).collect();
        dice.shuffle(&mut order);
        for index in order {
            let (Some((what, row)), Some((rates, times))) =
                (crowds.get(index), found.get_mut(index))
            else {
                continue;
            };
            let mut all = Vec::new();
            for (number, (person, google)) in people.iter().zip(&mut at_google).enumerate() {
                for _ in 0..logins {
                    let code = match row {
                        Row::Google(_) => google.next_code(),
                        _ => store.codes(person).next_code(),
                    };
                    all.push(Login {
                        person: number,
                        service: row.service(),
                        user: person.name.clone(),
                        rhost: String::from("192.0.2.1"),
                        code,
                    });
                }
            }
            let ends = harness.at_once(&all);
            let failed = ends.iter().filter(|end| end.status != PAM_SUCCESS).count();
            assert_eq!(failed, 0, "logins that failed at {what}, many at once");
            rates.push(rate(&ends));
            times.extend(ends.iter().map(End::took));
        }
    }
    crowds
        .into_iter()
        .zip(found)
        .map(|((what, _), (mut rates, times))| {
            rates.sort_by(f64::total_cmp);
            Crowd {
                what: what.to_owned(),
                processes: people.len(),
                per_second: rates.get(RUNS / 2).copied().unwrap_or_default(),
                took: Figures::of(&times).expect("somebody logged in"),
            }
        })
        .collect()
}

/// How many logins in a second, from the first one's beginning to the last one's end.
fn rate(ends: &[End]) -> f64 {
    let last = ends.iter().map(|end| end.ended).max().unwrap_or_default();
    let count = u32::try_from(ends.len()).unwrap_or(u32::MAX);
    f64::from(count) / last.as_secs_f64().max(1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_over_all_that_happened_meanwhile() {
        let end = |began, ended| End {
            status: 0,
            began: Duration::from_millis(began),
            ended: Duration::from_millis(ended),
        };
        let ends = [end(0, 100), end(0, 50), end(100, 200), end(50, 500)];
        assert!((rate(&ends) - 8.0).abs() < 1e-9);
    }
}
