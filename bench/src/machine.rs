//! The machine that it is measured on, and whether others are at work on it.

use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use countersign_tests::Program;

use crate::found::Machine;

/// How long we keep still to see what others do.
const STILL: Duration = Duration::from_millis(500);

/// The unit of /proc/stat on every Linux that programs of ours run on (`USER_HZ`).
const TICKS_A_SECOND: f64 = 100.0;

/// Filesystems that are nothing but memory: they take no time to sync.
const IN_MEMORY: [&str; 2] = ["tmpfs", "ramfs"];

/// This one. All `states` must lie on one filesystem, and that one on a disk.
pub fn describe(states: &[&Path]) -> Machine {
    let mut kinds: Vec<String> = states
        .iter()
        .map(|state| {
            let said = Program::new("df")
                .args(["--output=fstype,source"])
                .arg(state)
                .text();
            said.lines().last().unwrap_or_default().to_owned()
        })
        .collect();
    kinds.dedup();
    let [kind] = kinds.as_slice() else {
        panic!("not on one filesystem, so nothing can be compared: {kinds:?}");
    };
    let filesystem = kind.split_whitespace().next().unwrap_or_default();
    assert!(
        !IN_MEMORY.contains(&filesystem),
        "{filesystem} is in memory, and what is measured is how long a login takes that survives a \
         power cut: set CARGO_TARGET_DIR to a directory on a disk"
    );
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let processor = cpuinfo
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown", |(_, name)| name);
    let os = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let distribution = os
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="))
        .unwrap_or("unknown")
        .trim_matches('"');
    Machine {
        processor: processor.to_owned(),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        kernel: Program::new("uname").arg("-r").text().trim().to_owned(),
        distribution: distribution.to_owned(),
        filesystem: filesystem.to_owned(),
        date: Program::new("date")
            .args(["-u", "+%Y-%m-%d"])
            .text()
            .trim()
            .to_owned(),
        others: 0.0,
    }
}

/// How much of the machine is taken while we keep still, in percent.
pub fn taken_by_others() -> f64 {
    let before = Ticks::now();
    sleep(STILL);
    Ticks::now().share_since(before)
}

/// How much of all cores was taken, by whomever, from some moment on.
pub struct Taken {
    since: Instant,
    ticks: Ticks,
}

impl Taken {
    /// From now on.
    pub fn now() -> Self {
        Self {
            since: Instant::now(),
            ticks: Ticks::now(),
        }
    }

    /// So many cores, on average.
    pub fn cores_since(&self) -> f64 {
        let (now, took) = (Ticks::now(), self.since.elapsed().as_secs_f64());
        f64::from(now.busy().wrapping_sub(self.ticks.busy())) / (TICKS_A_SECOND * took.max(1e-3))
    }
}

/// `/proc/stat`'s first line, in its own unit.
#[derive(Clone, Copy, Debug)]
struct Ticks {
    all: u32,
    idle: u32,
}

impl Ticks {
    fn now() -> Self {
        Self::read(&fs::read_to_string("/proc/stat").unwrap_or_default())
    }

    /// user nice system idle iowait irq softirq steal; what follows is in the first two.
    fn read(stat: &str) -> Self {
        let first = stat.lines().next().unwrap_or_default();
        let ticks: Vec<u64> = first
            .split_whitespace()
            .skip(1)
            .take(8)
            .filter_map(|number| number.parse().ok())
            .collect();
        let idle = ticks.iter().skip(3).take(2).sum();
        // Differences are all that is looked at.
        let low = |ticks: u64| u32::try_from(ticks & u64::from(u32::MAX)).unwrap_or_default();
        Self {
            all: low(ticks.iter().sum()),
            idle: low(idle),
        }
    }

    fn busy(self) -> u32 {
        self.all.wrapping_sub(self.idle)
    }

    fn share_since(self, before: Self) -> f64 {
        let all = self.all.wrapping_sub(before.all);
        let idle = self.idle.wrapping_sub(before.idle);
        100.0 * f64::from(all.saturating_sub(idle)) / f64::from(all.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_neither_idle_nor_waiting_is_taken() {
        let before = Ticks::read("cpu  10 0 10 70 10 0 0 0 0 0\ncpu0 1 1 1\n");
        let after = Ticks::read("cpu  30 0 20 120 20 0 0 10 5 0\n");
        assert!((after.share_since(before) - 40.0).abs() < 1e-9);
        assert!(after.share_since(after).abs() < 1e-9);
    }
}
