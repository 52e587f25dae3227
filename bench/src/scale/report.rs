use std::fmt::Write;
use std::fs;
use std::io::{Error, Result};
use std::path::Path;

use super::agreement::{Agreement, LIMIT};
use super::constants::Measured;
use super::paper::{self, CORES, HOSTS, Paper, RATE, RATES, USERS, most};
use super::picture;
use super::simulation::{Ran, number};
use crate::rows::grouped;

const BEGIN: &str = "<!-- simulate: begin. `make simulate` writes what stands here. -->";
const END: &str = "<!-- simulate: end -->";

/// More than this of a hundred late, and a line of the table says so in place of times.
const TOO_LATE: f64 = 1.0;

/// What is shown on the screen: the constants, and whether the simulation may be believed.
pub fn sheet(measured: &Measured, agreements: &[Agreement]) -> String {
    [constants(measured), agreement(agreements)].join("\n")
}

/// All of it in Markdown, as docs/scale.md has it.
pub fn markdown(measured: &Measured, agreements: &[Agreement], paper: &Paper) -> String {
    [
        "### Measured\n".to_owned(),
        machine(measured),
        constants(measured),
        "### Measured beside simulated\n".to_owned(),
        agreement(agreements),
        format!(
            "### {} hosts, {} users, {} logins a second\n",
            grouped(HOSTS),
            grouped(USERS),
            whole(RATE)
        ),
        sums(measured, paper),
        "### More logins, and more cores\n".to_owned(),
        rates(paper),
        "### Distance\n".to_owned(),
        distances(paper),
        "### After a failover\n".to_owned(),
        storms(paper),
    ]
    .join("\n")
}

/// Writes the tables between their markers in the document, and the picture.
pub fn publish(
    measured: &Measured,
    agreements: &[Agreement],
    document: &Path,
    picture: &Path,
) -> Result<()> {
    let paper = Paper::of(measured, paper::LOGINS);
    let text = fs::read_to_string(document)?;
    let text = replaced(&text, &markdown(measured, agreements, &paper)).ok_or_else(|| {
        Error::other(format!(
            "{} has no '{BEGIN}' and '{END}'",
            document.display()
        ))
    })?;
    fs::write(picture, picture::svg(&paper, measured))?;
    fs::write(document, text)
}

fn replaced(text: &str, tables: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{tables}\n{END}{after}"))
}

fn machine(measured: &Measured) -> String {
    let machine = &measured.machine;
    format!(
        "By `make simulate` on {}: {} × {}, Linux {}, {}, {} on {}, mutual TLS 1.3 over loopback; {} users, sealed records of \
         {} bytes. Others took up to {:.0} % of the machine.\n",
        machine.date,
        machine.cores,
        machine.processor,
        machine.kernel,
        machine.distribution,
        measured.server,
        machine.filesystem,
        grouped(measured.users),
        measured.record,
        machine.others
    )
}

fn constants(measured: &Measured) -> String {
    let constants = measured.constants();
    let mut text = String::from(
        "| one call, alone | median | processor, server | processor, host |\n|---|---:|---:|---:|\n",
    );
    let names = [
        "load, to know whether a code is needed",
        "attempt, counted",
        "swap, accepted",
    ];
    for (name, (call, _)) in names.iter().zip(constants.calls()) {
        let (median, server, client) = (call.took.median(), call.server, call.client);
        let _ = writeln!(
            text,
            "| {name} | {median:.0} µs | {server:.0} µs | {client:.0} µs |"
        );
    }
    let (server, client) = (constants.server(), constants.client());
    let sum: f64 = constants
        .calls()
        .iter()
        .map(|(call, _)| call.took.median())
        .sum();
    let _ = writeln!(
        text,
        "| **a login** | {sum:.0} µs | {server:.0} µs | {client:.0} µs |"
    );
    let connecting = measured.connecting;
    let standby = measured.standby;
    let rows = [
        (
            "one flush to the disk".to_owned(),
            format!("{:.0} µs", constants.flush),
        ),
        (
            "written ahead for a login".to_owned(),
            format!(
                "{:.1} KB, {:.1} page images in it",
                constants.wal / 1e3,
                constants.page_images
            ),
        ),
        (
            "a user on the disk, indexes and all".to_owned(),
            format!(
                "{:.0} B record, {:.0} B counters",
                measured.room.account, measured.room.counter
            ),
        ),
        (
            format!("a connection's own memory, of {}", connecting.connections),
            format!("{:.0} KiB", connecting.private),
        ),
        (
            "to connect, with the first question".to_owned(),
            format!(
                "{:.1} ms, of it {:.1} ms of the server's processor",
                connecting.took.median / 1e3,
                connecting.server / 1e3
            ),
        ),
        (
            "a swap with a synchronous standby on the same machine".to_owned(),
            format!(
                "{:.0} µs in place of {:.0} µs",
                standby.with.median, standby.without.median
            ),
        ),
    ];
    text.push_str("\n| besides | |\n|---|---:|\n");
    for (what, how_much) in rows {
        let _ = writeln!(text, "| {what} | {how_much} |");
    }
    text
}

fn agreement(agreements: &[Agreement]) -> String {
    let mut text = String::from(
        "| hosts at once | logins a second, measured | simulated | median, measured | simulated | |\n\
         |---:|---:|---:|---:|---:|---|\n",
    );
    for it in agreements {
        let (rate, median) = (it.per_second, it.median);
        let word = if it.holds() { "agrees" } else { "**is off**" };
        let _ = writeln!(
            text,
            "| {} | {} | {} ({}) | {} | {} ({}) | {word} |",
            it.clients,
            whole(rate.measured),
            whole(rate.simulated),
            percent(rate.ratio),
            millis(median.measured),
            millis(median.simulated),
            percent(median.ratio),
        );
    }
    let _ = writeln!(
        text,
        "\nThe middle of the rounds; what is simulated may be off by {:.0} %.",
        LIMIT * 100.0
    );
    text
}

fn sums(measured: &Measured, paper: &Paper) -> String {
    let constants = &paper.constants;
    let users = number(USERS);
    let disk = users * (measured.room.account + measured.room.counter) / 1e9;
    let ahead = constants.wal * RATE;
    let memory =
        |connections: usize| number(connections) * measured.connecting.private / 1024.0 / 1024.0;
    let minutes = paper.minutes;
    let rows = [
        (
            "records on the disk",
            format!("{:.1} GB", users * measured.room.account / 1e9),
        ),
        (
            "counters on the disk",
            format!("{:.1} GB", users * measured.room.counter / 1e9),
        ),
        ("memory that holds all of it", format!("{disk:.1} GB")),
        ("calls a second", whole(3.0 * RATE)),
        ("changes a second that wait for the disk", whole(2.0 * RATE)),
        ("flushes a second, simulated", whole(minutes.flushes)),
        (
            "written ahead",
            format!(
                "{:.1} MB/s, {:.2} TB a day if it never pauses",
                ahead / 1e6,
                ahead * 86_400.0 / 1e12
            ),
        ),
        (
            "the server's cores, all their time",
            format!("{:.2}", constants.server() * RATE / 1e6),
        ),
        (
            "all hosts' cores together",
            format!("{:.2}", constants.client() * RATE / 1e6),
        ),
        (
            "a login at the store, 8 cores, simulated",
            format!(
                "{} median, {} p99",
                millis(minutes.took.median),
                millis(minutes.took.p99)
            ),
        ),
        (
            "connections open, simulated",
            format!("{}, {:.1} GiB", grouped(minutes.open), memory(minutes.open)),
        ),
        (
            "the same over 4 clusters, each",
            format!(
                "{}, {:.1} GiB",
                grouped(minutes.open / 4),
                memory(minutes.open / 4)
            ),
        ),
        (
            "a new connection for every call, in cores",
            format!("{:.1}", 3.0 * RATE * measured.connecting.server / 1e6),
        ),
        (
            "cores to come back after a failover while logins go on",
            format!(
                "{:.1}",
                RATE * (measured.connecting.server + constants.server()) / 1e6
            ),
        ),
        (
            "all hosts connect again, in seconds of one core",
            format!("{:.0}", number(HOSTS) * measured.connecting.server / 1e6),
        ),
    ];
    let mut text = String::from("| | |\n|---|---:|\n");
    for (what, how_much) in rows {
        let _ = writeln!(text, "| {what} | {how_much} |");
    }
    text
}

fn rates(paper: &Paper) -> String {
    let mut text = String::from("| logins a second |");
    for cores in CORES {
        let _ = write!(text, " {cores} cores: median, p99, used |");
    }
    text.push_str("\n|---:|");
    text.push_str(&"---:|".repeat(CORES.len()));
    text.push('\n');
    for rate in RATES {
        let _ = write!(text, "| {} |", whole(rate));
        for (_, _, ran) in paper
            .rates
            .iter()
            .filter(|(_, it, _)| it.total_cmp(&rate).is_eq())
        {
            let _ = write!(text, " {} |", cell(ran, rate));
        }
        text.push('\n');
    }
    text.push_str("| **full at** |");
    for cores in CORES {
        let _ = write!(text, " {} |", whole(most(&paper.constants, cores)));
    }
    let _ = writeln!(
        text,
        "\n\nA standby in the same site, {} there and back between all of them.",
        millis(paper::NEAR.as_secs_f64() * 1e6)
    );
    text
}

fn cell(ran: &Ran, rate: f64) -> String {
    if ran.late > TOO_LATE || ran.per_second < 0.9 * rate {
        return "too many".to_owned();
    }
    format!(
        "{}, {}, {:.0} %",
        millis(ran.took.median),
        millis(ran.took.p99),
        100.0 * ran.busy
    )
}

fn distances(paper: &Paper) -> String {
    let mut text = format!(
        "| near is {}, far {} there and back; 8 cores, {} a second | median | p99 |\n|---|---:|---:|\n",
        millis(paper::NEAR.as_secs_f64() * 1e6),
        millis(paper::FAR.as_secs_f64() * 1e6),
        whole(RATE)
    );
    for (what, ran) in &paper.distances {
        let (median, p99) = (millis(ran.took.median), millis(ran.took.p99));
        let _ = writeln!(text, "| {what} | {median} | {p99} |");
    }
    text
}

fn storms(paper: &Paper) -> String {
    let mut text = String::from(
        "| cores | who logs in connects: all well after | refused or late until then | everybody at once: all well after | \
         refused or late until then |\n|---:|---:|---:|---:|---:|\n",
    );
    let logins = 2 * paper::LOGINS;
    for (cores, gentle, all) in &paper.storms {
        let calm = |ran: &Ran| {
            if 2 * ran.lost > logins {
                return "never".to_owned();
            }
            format!("{:.1} s", ran.calm_after.as_secs_f64())
        };
        let lost = |ran: &Ran| grouped(ran.lost);
        let (calm_gentle, calm_all) = (calm(gentle), calm(all));
        let (lost_gentle, lost_all) = (lost(gentle), lost(all));
        let _ = writeln!(
            text,
            "| {cores} | {calm_gentle} | {lost_gentle} | {calm_all} | {lost_all} |"
        );
    }
    let _ = writeln!(
        text,
        "\n{} hosts without a connection, {} logins a second from then on, {} in all. All is well \
         when no login is refused any more and none takes a second.",
        grouped(HOSTS),
        whole(RATE),
        grouped(logins)
    );
    text
}

fn millis(micros: f64) -> String {
    if micros < 10_000.0 {
        format!("{:.2} ms", micros / 1e3)
    } else {
        format!("{:.0} ms", micros / 1e3)
    }
}

fn percent(ratio: f64) -> String {
    format!("{:+.0} %", (ratio - 1.0) * 100.0)
}

fn whole(rate: f64) -> String {
    let text = format!("{rate:.0}");
    text.parse().map_or(text, grouped)
}

#[cfg(test)]
mod tests {
    use super::super::agreement::{agreements, tests::measured};
    use super::*;

    #[test]
    fn every_table_has_as_many_columns_in_every_line() {
        let measured = measured();
        let text = markdown(
            &measured,
            &agreements(&measured),
            &Paper::of(&measured, 2_000),
        );
        let tables = text.split("\n\n").filter(|block| block.starts_with('|'));
        let mut count = 0;
        for table in tables {
            let widths: Vec<usize> = table
                .lines()
                .map(|line| line.matches('|').count())
                .collect();
            assert!(
                widths.iter().all(|it| Some(it) == widths.first()),
                "{table}"
            );
            count += 1;
        }
        assert_eq!(count, 7, "{text}");
        assert!(
            text.contains("too many"),
            "2 cores cannot do 12,000 a second"
        );
        assert!(text.contains("agrees"));
    }

    #[test]
    fn only_what_stands_between_the_markers_changes() {
        let text = format!("before\n{BEGIN}\nold\n{END}\nafter\n");
        let once = replaced(&text, "new\n").unwrap();
        assert_eq!(once, format!("before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"));
        assert_eq!(replaced("no markers", "new"), None);
    }
}
