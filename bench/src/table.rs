//! The tables in Markdown, as the README has them.

use std::fmt::Write;

use crate::figures::Figures;
use crate::found::{FLOOR, Found, GOOGLE, Machine};
use crate::modules;
use crate::publish::Quiet;
use crate::rows::grouped;
use crate::targets::judge;

/// All of them.
pub fn markdown(found: &Found) -> String {
    let parts = [
        machine(&found.machine, found),
        logins(found),
        crowds(found),
        sizes(found),
        module_files(found),
        parts(found),
        targets(found),
    ];
    parts.join("\n")
}

fn machine(machine: &Machine, found: &Found) -> String {
    let Machine {
        processor,
        cores,
        kernel,
        distribution,
        filesystem,
        date,
        ..
    } = machine;
    format!(
        "Measured by `make bench` on {date}: {cores} × {processor}, Linux {kernel}, {distribution}, everybody's state on \
         {filesystem}; {} logins of each kind, each a process of its own.{}\n",
        found.logins,
        match found.quiet() {
            Quiet::Yes => String::new(),
            Quiet::No(share) => format!(
                " **Others took up to {share:.0} % of the machine meanwhile**: look at the ratios with doubt, and not at the rest."
            ),
        }
    )
}

/// What one login takes, the quickest last.
pub(crate) fn rows(found: &Found) -> Vec<(String, Figures)> {
    let mut rows = found.peers.clone();
    if let Some(ours) = found.at_reference() {
        rows.extend([
            (
                "Countersign, login socket, accepted".to_owned(),
                ours.socket,
            ),
            (
                "Countersign, login socket, refused".to_owned(),
                ours.socket_refused,
            ),
            ("Countersign, bus, accepted".to_owned(), ours.bus),
            ("Countersign, bus, refused".to_owned(), ours.bus_refused),
        ]);
    }
    rows
}

fn logins(found: &Found) -> String {
    let mut text = String::from(
        "| one login | median | p99 | to google-authenticator |\n|---|---:|---:|---:|\n",
    );
    let google = found.peer(GOOGLE).map_or(0.0, |row| row.median);
    for (name, Figures { median, p99, .. }) in rows(found) {
        let ratio = median / google;
        let _ = writeln!(
            text,
            "| {name} | {median:.0} µs | {p99:.0} µs | {ratio:.2} × |"
        );
    }
    text
}

fn crowds(found: &Found) -> String {
    let Some(first) = found.crowds.first() else {
        return String::new();
    };
    let mut text = format!(
        "| {} processes at once | logins a second | p99 |\n|---|---:|---:|\n",
        first.processes
    );
    for crowd in &found.crowds {
        let (what, rate, p99) = (&crowd.what, whole(crowd.per_second), crowd.took.p99 / 1e3);
        let _ = writeln!(text, "| {what} | {rate} | {p99:.1} ms |");
    }
    text
}

fn sizes(found: &Found) -> String {
    let mut text = String::from(
        "| users of Countersign | login socket | bus | google-authenticator beside it | memory at first | after the \
         logins | ready in |\n|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for size in &found.sizes {
        let users = grouped(size.users);
        let (socket, bus, google) = (size.socket.median, size.bus.median, size.google.median);
        let (idle, after) = (
            mebibytes(size.idle.resident),
            mebibytes(size.after.resident),
        );
        let ready = size.ready;
        let _ = writeln!(
            text,
            "| {users} | {socket:.0} µs | {bus:.0} µs | {google:.0} µs | {idle} MiB | {after} MiB | {ready:.0} ms |"
        );
    }
    text
}

fn module_files(found: &Found) -> String {
    let mut text = String::from("| module | loading | size |\n|---|---:|---:|\n");
    for it in &found.modules {
        let (name, took, size) = (&it.module, it.took.median, it.bytes.div_ceil(1000));
        let _ = writeln!(text, "| {name} | {took:.0} µs | {size} KB |");
    }
    text
}

/// What a login that is accepted is made of, by differences of medians: what a kind of login does not do is what it
/// saves.
fn parts(found: &Found) -> String {
    let mut text =
        String::from("| where the time of a login goes | login socket | bus |\n|---|---:|---:|\n");
    let medians = || {
        let (floor, ours) = (found.peer(FLOOR)?.median, found.at_reference()?);
        let loading = |name| Some(found.module(name)?.took.median);
        let more = loading(modules::OURS)? - loading(modules::PERMIT)?;
        let roads = [
            (ours.socket, ours.socket_refused),
            (ours.bus, ours.bus_refused),
        ];
        Some(roads.map(|(accepted, refused)| {
            let asking = refused.median - floor - more;
            [floor, more, asking, accepted.median - refused.median]
        }))
    };
    let Some([socket, bus]) = medians() else {
        return text;
    };
    let names = [
        "the new process, libpam, `pam_permit`",
        "loading our module instead",
        "asking the daemon, and its decision (a refused code)",
        "until the code's use is on the disk (an accepted one more than a refused one)",
    ];
    for ((name, socket), bus) in names.into_iter().zip(socket).zip(bus) {
        let _ = writeln!(text, "| {name} | {socket:.0} µs | {bus:.0} µs |");
    }
    text
}

fn targets(found: &Found) -> String {
    let mut text = String::from("| target | limit | measured | |\n|---|---:|---:|---|\n");
    for it in judge(found) {
        let word = match it.met {
            Some(true) => "met",
            Some(false) => "**missed**",
            None => "not measured",
        };
        let (what, limit, measured) = (it.what, it.limit, it.measured);
        let _ = writeln!(text, "| {what} | {limit} | {measured} | {word} |");
    }
    text
}

fn mebibytes(kibibytes: u64) -> String {
    let tenths = (kibibytes * 10).div_ceil(1024);
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// A rate as people read it.
fn whole(rate: f64) -> String {
    format!("{rate:.0}")
        .parse()
        .map_or_else(|_| format!("{rate:.0}"), grouped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::found::Loading;
    use crate::targets::tests::found;

    #[test]
    fn each_table_has_as_many_columns_in_every_line() {
        let text = markdown(&found());
        let mut widths = Vec::new();
        for block in text.split("\n\n").filter(|block| block.contains('|')) {
            let rows: Vec<usize> = block
                .lines()
                .filter(|line| line.starts_with('|'))
                .map(|line| line.matches('|').count())
                .collect();
            assert!(
                rows.iter().all(|width| Some(width) == rows.first()),
                "{block}"
            );
            widths.extend(rows.first().copied());
        }
        assert_eq!(widths, [5, 4, 8, 4, 4, 5]);
    }

    #[test]
    fn the_parts_of_a_login_are_all_of_it() {
        let mut found = found();
        let permit = found.modules[0].clone();
        found.modules.push(Loading {
            module: modules::PERMIT.to_owned(),
            ..permit
        });
        let text = parts(&found);
        let sum = |column: usize| -> i64 {
            let cells = text
                .lines()
                .skip(2)
                .filter_map(|line| line.split(" | ").nth(column));
            let number = |cell: &str| cell.split(' ').next()?.parse::<i64>().ok();
            cells.filter_map(number).sum()
        };
        assert_eq!((sum(1), sum(2)), (750, 1000), "{text}");
    }

    #[test]
    fn ratios_are_to_google_authenticator_and_numbers_as_people_read_them() {
        let text = markdown(&found());
        assert!(
            text.contains("| Countersign, login socket, accepted | 750 µs | 1500 µs | 0.75 × |")
        );
        assert!(text.contains("| Countersign, login socket | 8,000 | 18.0 ms |"));
        assert!(text.contains("| 1,000,000 |"));
        assert_eq!(
            (mebibytes(8 * 1024), mebibytes(8 * 1024 + 1)),
            ("8.0".into(), "8.1".into())
        );
    }
}
