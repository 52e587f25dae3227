//! What was promised, and whether it was kept: ratios of one run, so that they hold on any machine.

use std::fmt::Write;

use crate::found::{AtSize, FLOOR, Found, GOOGLE};
use crate::modules;
use crate::rows::grouped;
use crate::together;

/// Sizes at which memory and start are promised.
const SOME: usize = 1_000;
const MANY: usize = 1_000_000;

/// A promise, and what became of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Judged {
    /// What is promised.
    pub what: String,
    /// Up to where, or from where on, in words.
    pub limit: String,
    /// What was measured, in the same unit.
    pub measured: String,
    /// Was it kept? `None`: this run cannot tell.
    pub met: Option<bool>,
}

/// On which side of the limit it must be.
enum Side {
    Below,
    Above,
}

/// Judges all of them.
pub fn judge(found: &Found) -> Vec<Judged> {
    let google = found.peer(GOOGLE).map(|row| row.median);
    let floor = found.peer(FLOOR).map(|row| row.median);
    let ours = found.at_reference();
    let times_google = |of: fn(&AtSize) -> f64| Some(of(ours?) / google?);
    let above_floor = |of: fn(&AtSize) -> f64| Some((of(ours?) - floor?) / 1e3);
    let mut all = vec![
        judged(
            "accepted and durable over the login socket, against google-authenticator",
            (0.75, "×", 2),
            &Side::Below,
            times_google(|ours| ours.socket.median),
        ),
        judged(
            "accepted and durable over the bus, against google-authenticator",
            (1.0, "×", 2),
            &Side::Below,
            times_google(|ours| ours.bus.median),
        ),
        judged(
            "refused over the login socket, above pam_permit",
            (0.5, "ms", 2),
            &Side::Below,
            above_floor(|ours| ours.socket_refused.median),
        ),
        judged(
            "refused over the bus, above pam_permit",
            (0.5, "ms", 2),
            &Side::Below,
            above_floor(|ours| ours.bus_refused.median),
        ),
        judged(
            &format!(
                "logins a second, {} at once, against google-authenticator",
                found.crowds.first().map_or(64, |crowd| crowd.processes)
            ),
            (4.0, "×", 2),
            &Side::Above,
            crowd_ratio(found),
        ),
    ];
    all.extend(flat(found));
    all.extend(standing(found));
    all.extend(module(found));
    all
}

/// The sheet that a run ends with.
pub fn sheet(found: &Found) -> String {
    let mut text = String::new();
    let judged = judge(found);
    let width = judged.iter().map(|it| it.what.len()).max().unwrap_or(0);
    for it in &judged {
        let word = match it.met {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "not measured",
        };
        let (what, limit, measured) = (&it.what, &it.limit, &it.measured);
        let _ = writeln!(text, "{what:<width$}  {limit:>10}  {measured:>10}  {word}");
    }
    let missed = judged.iter().filter(|it| it.met == Some(false)).count();
    let _ = match missed {
        0 => writeln!(text, "no target was missed"),
        _ => writeln!(text, "{missed} of {} targets were MISSED", judged.len()),
    };
    text
}

fn judged(
    what: &str,
    (limit, unit, digits): (f64, &str, usize),
    side: &Side,
    value: Option<f64>,
) -> Judged {
    let sign = match side {
        Side::Below => '≤',
        Side::Above => '≥',
    };
    Judged {
        what: what.to_owned(),
        limit: format!("{sign} {limit} {unit}"),
        measured: value.map_or_else(
            || "–".to_owned(),
            |value| format!("{value:.digits$} {unit}"),
        ),
        met: value.map(|value| match side {
            Side::Below => value <= limit,
            Side::Above => value >= limit,
        }),
    }
}

fn crowd_ratio(found: &Found) -> Option<f64> {
    let rate = |what| Some(found.crowd(what)?.per_second);
    Some(rate(together::SOCKET)? / rate(together::GOOGLE)?)
}

/// By how much the largest store's logins differ from the smallest one's; google-authenticator's own in the same rounds
/// take out what the machine did meanwhile.
fn flat(found: &Found) -> Vec<Judged> {
    let change = |of: fn(&AtSize) -> f64| {
        let (first, last) = (found.sizes.first()?, found.sizes.last()?);
        let ratio = |size: &AtSize| of(size) / size.google.median;
        (first.users < last.users).then(|| 100.0 * (ratio(last) / ratio(first) - 1.0).abs())
    };
    let (least, most) = (found.sizes.first(), found.sizes.last());
    let name = |size: Option<&AtSize>| grouped(size.map_or(0, |size| size.users));
    [
        ("login socket", change(|size| size.socket.median)),
        ("bus", change(|size| size.bus.median)),
    ]
    .map(|(road, change)| {
        let what = format!(
            "cost of a login over the {road}, {} users against {}",
            name(most),
            name(least)
        );
        judged(&what, (10.0, "%", 1), &Side::Below, change)
    })
    .into()
}

#[allow(
    clippy::cast_precision_loss,
    reason = "KiB of a process: far below 2^52"
)]
fn standing(found: &Found) -> Vec<Judged> {
    let memory = |users| {
        let size = found.at(users)?;
        let most = size.idle.resident.max(size.after.resident);
        Some(most as f64 / 1024.0)
    };
    [(SOME, 8.0), (MANY, 64.0)]
        .map(|(users, limit)| {
            let what = format!("the daemon's memory with {} users", grouped(users));
            judged(&what, (limit, "MiB", 1), &Side::Below, memory(users))
        })
        .into_iter()
        .chain([judged(
            &format!(
                "from its start to its first answer with {} users",
                grouped(MANY)
            ),
            (100.0, "ms", 0),
            &Side::Below,
            found.at(MANY).map(|size| size.ready),
        )])
        .collect()
}

#[allow(
    clippy::cast_precision_loss,
    reason = "the length of a file: far below 2^52"
)]
fn module(found: &Found) -> Vec<Judged> {
    let ours = found.module(modules::OURS);
    let loading = |name| Some(found.module(name)?.took.median);
    let ratio = || Some(loading(modules::OURS)? / loading(modules::GOOGLE)?);
    let unwinder = ours.map(|it| it.needs.iter().any(|library| library.contains("libgcc_s")));
    vec![
        judged(
            "the module, stripped",
            (500.0, "KB", 0),
            &Side::Below,
            ours.map(|it| it.bytes as f64 / 1e3),
        ),
        Judged {
            what: "libraries that the module needs".to_owned(),
            limit: "no libgcc_s".to_owned(),
            measured: ours.map_or_else(|| "–".to_owned(), |it| it.needs.join(" ")),
            met: unwinder.map(|needed| !needed),
        },
        judged(
            "loading the module, against google-authenticator's",
            (1.2, "×", 2),
            &Side::Below,
            ratio(),
        ),
    ]
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::daemon::Memory;
    use crate::figures::Figures;
    use crate::found::{Crowd, Loading, Machine};

    fn figures(median: f64) -> Figures {
        Figures {
            count: 300,
            median,
            p99: 2.0 * median,
        }
    }

    /// A run in which every promise was just kept, but for none at all.
    pub(crate) fn found() -> Found {
        let size = |users: usize, factor: f64, resident| AtSize {
            users,
            socket: figures(750.0 * factor),
            socket_refused: figures(780.0),
            bus: figures(1000.0 * factor),
            bus_refused: figures(780.0),
            google: figures(1000.0),
            ready: 100.0,
            idle: Memory::default(),
            after: Memory {
                resident,
                anonymous: 0,
            },
        };
        let crowd = |what: &str, per_second| Crowd {
            what: what.to_owned(),
            processes: 64,
            per_second,
            took: figures(9000.0),
        };
        let loading = |module: &str, median, bytes| Loading {
            module: module.to_owned(),
            took: figures(median),
            bytes,
            needs: vec!["libpam.so.0".to_owned(), "libc.so.6".to_owned()],
        };
        Found {
            machine: Machine {
                processor: "Some CPU <&> sons".to_owned(),
                cores: 2,
                kernel: "6.1".to_owned(),
                distribution: "Debian".to_owned(),
                filesystem: "ext4".to_owned(),
                date: "2026-01-01".to_owned(),
                others: 1.0,
            },
            seed: 1,
            logins: 300,
            reference: 1_000,
            peers: vec![
                (FLOOR.to_owned(), figures(280.0)),
                (GOOGLE.to_owned(), figures(1000.0)),
            ],
            sizes: vec![
                size(1, 1.0, 1),
                size(1_000, 1.0, 8 * 1024),
                size(1_000_000, 1.099, 64 * 1024),
            ],
            crowds: vec![
                crowd(together::GOOGLE, 2000.0),
                crowd(together::SOCKET, 8000.0),
            ],
            modules: vec![
                loading(modules::GOOGLE, 60.0, 1),
                loading(modules::OURS, 72.0, 500_000),
            ],
        }
    }

    #[test]
    fn what_is_just_within_the_limits_is_met() {
        let missed: Vec<Judged> = judge(&found())
            .into_iter()
            .filter(|it| it.met != Some(true))
            .collect();
        assert_eq!(missed, []);
        assert!(sheet(&found()).ends_with("no target was missed\n"));
    }

    #[test]
    fn each_limit_that_is_passed_is_a_miss_of_its_own() {
        type Spoil = fn(&mut Found);
        let worse: [(&str, Spoil); 11] = [
            ("over the login socket, against", |it| {
                it.sizes[1].socket.median = 760.0;
            }),
            ("over the bus, against", |it| {
                it.sizes[1].bus.median = 1010.0;
            }),
            ("refused over the login socket", |it| {
                it.sizes[1].socket_refused.median = 790.0;
            }),
            ("refused over the bus", |it| {
                it.sizes[1].bus_refused.median = 790.0;
            }),
            ("logins a second", |it| {
                it.crowds[1].per_second = 7900.0;
            }),
            ("cost of a login over the login socket", |it| {
                it.sizes[2].socket.median = 830.0;
            }),
            ("memory with 1,000 users", |it| {
                it.sizes[1].after.resident += 100;
            }),
            ("memory with 1,000,000 users", |it| {
                it.sizes[2].idle.resident = 65 * 1024;
            }),
            ("first answer", |it| {
                it.sizes[2].ready = 101.0;
            }),
            ("the module, stripped", |it| {
                it.modules[1].bytes += 1;
            }),
            ("loading the module", |it| {
                it.modules[1].took.median = 73.0;
            }),
        ];
        for (what, spoil) in worse {
            let mut found = found();
            spoil(&mut found);
            let missed: Vec<String> = judge(&found)
                .into_iter()
                .filter(|it| it.met == Some(false))
                .map(|it| it.what)
                .collect();
            assert!(
                missed.len() == 1 && missed[0].contains(what),
                "{what}: {missed:?}"
            );
        }
    }

    #[test]
    fn what_was_not_measured_is_neither_met_nor_missed() {
        let mut found = found();
        found.sizes.pop();
        found.crowds.clear();
        let judged = judge(&found);
        let open = judged.iter().filter(|it| it.met.is_none()).count();
        assert_eq!(open, 3, "{judged:?}");
    }

    #[test]
    fn an_unwinder_that_comes_as_a_library_is_a_miss() {
        let mut found = found();
        found.modules[1].needs.push("libgcc_s.so.1".to_owned());
        assert!(sheet(&found).contains("1 of 13 targets were MISSED"));
    }
}
