use std::any::type_name;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs};

use crate::slots::Slot;
use crate::stage::{Road, Stage};

/// The variable that says, inside the lab, which test it was entered for.
const INSIDE: &str = "COUNTERSIGN_LAB_TEST";

/// Runs a test in a lab of its own, on the direct road. Must be the first thing a test does.
pub fn in_lab<T: FnOnce(Stage)>(test: T) {
    if env::var_os(INSIDE).is_some() {
        test(Stage::inside());
    } else {
        enter::<T>(Road::Direct, None);
    }
}

/// The same, with a directory of a real disk at `/disk`, for what is about time. It is gone afterwards.
pub fn in_lab_on_disk<T: FnOnce(Stage)>(test: T) {
    if env::var_os(INSIDE).is_some() {
        test(Stage::inside());
    } else {
        let disk = Disk::make();
        enter::<T>(Road::Direct, Some(&disk.0));
    }
}

/// Runs a test in two labs, one for each road from the module to the daemon.
pub fn on_both_roads<T: FnOnce(Stage)>(test: T) {
    if env::var_os(INSIDE).is_some() {
        test(Stage::inside());
    } else {
        enter::<T>(Road::Direct, None);
        enter::<T>(Road::Bus, None);
    }
}

/// Runs this test binary again inside the lab, for one test, and passes on how it ended.
fn enter<T>(road: Road, disk: Option<&Path>) {
    let test = test_path::<T>();
    let program = env::current_exe().expect("the path of the running test");
    let directory = program.parent().expect("a program lies in a directory");
    let _slot = Slot::take();
    // setpriv: a test run that is killed takes its labs with it.
    let mut command = Command::new("setpriv");
    if let Some(disk) = disk {
        command.env("LAB_DISK", disk);
    }
    let output = command
        .args(["--pdeathsig", "KILL", "--"])
        .arg(enter_script())
        .arg(&program)
        // Ignored or not: whoever got here has been asked for.
        .args([&test, "--exact", "--include-ignored", "--nocapture"])
        .env("LAB_SHOW", directory)
        .env(INSIDE, &test)
        .env(Road::VARIABLE, road.name())
        .output()
        .expect("setpriv of util-linux runs");
    // A test name that matches nothing would pass without having run.
    assert!(
        output.status.success() && relayed(&output).contains("test result: ok. 1 passed"),
        "{test}, {} road, failed in the lab ({}):\n{}",
        road.name(),
        output.status,
        relayed(&output)
    );
    // For tests with figures: `--nocapture` shows them.
    print!("{}", relayed(&output));
}

/// A directory beside the programs, where the filesystem is a real one.
struct Disk(PathBuf);

impl Disk {
    fn make() -> Self {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let program = env::current_exe().expect("the path of the running test");
        let directory = program.parent().expect("a program lies in a directory");
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let disk = directory.join(format!("disk-{}-{number}", process::id()));
        fs::create_dir_all(&disk).expect("a directory for a lab's disk");
        Self(disk)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// What the run inside printed, set off from what the one outside prints: both end in the lines
/// that say how many tests passed.
fn relayed(output: &Output) -> String {
    let both = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    let text = String::from_utf8_lossy(&both);
    text.lines().flat_map(|line| ["  | ", line, "\n"]).collect()
}

fn enter_script() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/lab/enter"))
}

/// The name of the test whose body is the closure `T`: the closure's path without the crate before
/// and the closure marks behind. (The thread's name would do but for a run with one thread.)
fn test_path<T>() -> String {
    let path = type_name::<T>();
    let path = path.split_once("::").map_or(path, |(_crate, rest)| rest);
    path.split("::{{closure}}")
        .next()
        .unwrap_or(path)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name_of<T: FnOnce()>(_test: T) -> String {
        test_path::<T>()
    }

    #[test]
    fn a_test_knows_its_own_name() {
        assert_eq!(name_of(|| ()), "enter::tests::a_test_knows_its_own_name");
    }
}
