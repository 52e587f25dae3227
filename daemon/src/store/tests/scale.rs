//! A store of many users costs what a store of one does: what is in memory, what a start reads, and how
//! long a change takes. `make soak` prints the figures up to a million.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign_bus::UserName;
use zeroize::Zeroizing;

use super::fake_disk::FakeDisk;
use super::setup::{block_on, counted_entropy, opening};
use crate::store::{
    Beside, Disk, Durability, Held, Job, Notice, Opening, RealDisk, Swapped, Vault, Version,
    system_entropy,
};

/// As long as the record of somebody with one token and ten recovery codes.
const RECORD: usize = 800;

fn records(users: usize, bytes: usize) -> impl Iterator<Item = (UserName, Zeroizing<Vec<u8>>)> {
    (0..users).map(move |number| (member(number), Zeroizing::new(vec![7; bytes])))
}

/// Leaves everything undone.
struct Nobody;

impl Beside for Nobody {
    fn run(&self, _: &'static str, _: Job) -> io::Result<()> {
        Ok(())
    }

    fn rest(&self, _: Duration) {}
}

fn member(number: usize) -> UserName {
    UserName::parse(&format!("user{number:07}")).unwrap()
}

#[test]
fn a_start_reads_the_index_and_a_login_one_block() {
    let disk = FakeDisk::default();
    let held = Held::take(&disk).unwrap().unwrap();
    let filled = held.fill(&disk, &counted_entropy(), records(20_000, 20));
    assert_eq!(filled.unwrap(), 20_000);
    drop(held);
    let length = disk.content("journal").unwrap().len() as u64;
    let (mut opening, notices) = opening(disk.clone());
    opening.beside = Arc::new(Nobody);
    let before = disk.world().bytes_read;
    let vault = Vault::open(&opening, None).unwrap();
    let read = disk.world().bytes_read - before;
    assert!(read < length / 20, "{read} of {length} bytes");
    assert_eq!((vault.len(), notices.try_iter().count()), (20_000, 0));
    for number in [0, 1, 9_999, 19_999] {
        let before = disk.world().bytes_read;
        let found = vault.load(&member(number)).unwrap();
        assert_eq!(found.record.unwrap()[..], [7; 20]);
        assert!(disk.world().bytes_read - before < 8192);
    }
    assert!(vault.load(&member(20_000)).unwrap().record.is_none());
}

#[test]
fn a_store_is_filled_in_the_order_of_names_and_never_over_another() {
    let disk = FakeDisk::default();
    let held = Held::take(&disk).unwrap().unwrap();
    let entropy = counted_entropy();
    held.fill(&disk, &entropy, records(3, 9)).unwrap();
    assert!(held.fill(&disk, &entropy, records(3, 9)).is_err());
    let other = FakeDisk::default();
    let held = Held::take(&other).unwrap().unwrap();
    let mut backwards: Vec<_> = records(3, 9).collect();
    backwards.reverse();
    assert!(held.fill(&other, &entropy, backwards.into_iter()).is_err());
}

/// A directory on the disk where the programs are built, which is a real one.
struct Directory(PathBuf);

impl Directory {
    fn new(users: usize) -> Self {
        let exe = std::env::current_exe().unwrap();
        let name = format!("store-of-{users}-{}", std::process::id());
        let path = exe.parent().unwrap().join(name);
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o700)).unwrap();
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

#[test]
#[ignore = "soak: make soak runs it"]
fn figures_from_one_user_to_a_million() {
    println!(
        "   users | filled s | ready ms | RSS MiB | µs a change: median, p99 | p99 beside a snapshot"
    );
    for users in [1, 1_000, 100_000, 1_000_000] {
        let directory = Directory::new(users);
        let begun = Instant::now();
        let disk = RealDisk::open(&directory.0).unwrap();
        let held = Held::take(&disk).unwrap().unwrap();
        held.fill(&disk, &system_entropy(), records(users, RECORD))
            .unwrap();
        drop(held);
        print!("{users:8} | {:8.1} ", begun.elapsed().as_secs_f64());
        // In a process of its own, which has nothing else in memory.
        let test = module_path!().split_once("::").unwrap().1.to_owned() + "::figures_of_one_store";
        let ran = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &test, "--ignored", "--nocapture"])
            .env("STORE_OF_MANY", &directory.0)
            .output()
            .unwrap();
        let said = String::from_utf8(ran.stdout).unwrap();
        assert!(ran.status.success(), "{said}");
        let line = said.lines().find(|line| line.contains('|')).unwrap();
        println!("{}", line.trim_start_matches(|c| c != '|'));
    }
}

#[test]
#[ignore = "soak: the figures for many users are gathered by it"]
fn figures_of_one_store() {
    let Some(directory) = std::env::var_os("STORE_OF_MANY") else {
        return;
    };
    let directory = Path::new(&directory);
    let state: Arc<dyn Disk> = Arc::new(RealDisk::open(directory).unwrap());
    let report = Arc::new(|notice: Notice| panic!("{notice}"));
    let begun = Instant::now();
    let vault = Vault::open(&Opening::new(state, report), None).unwrap();
    let ready = begun.elapsed();
    let users = vault.len();
    let mut dice = 1_usize;
    let mut next = || {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        member((dice >> 33) % users)
    };
    let mut change = |vault: &Vault| {
        let user = next();
        let begun = Instant::now();
        let version = vault.load(&user).unwrap().version;
        let record = vec![8; RECORD];
        let swap = vault.swap(&user, version, Some(&record), Durability::BestEffort);
        assert!(matches!(block_on(swap), Ok(Swapped::Durable(_))));
        begun.elapsed()
    };
    let mut idle: Vec<_> = (0..1000).map(|_| change(&vault)).collect();
    let resident = resident();

    let making = || directory.join("journal.new").exists();
    while !making() {
        flood(&vault, users);
    }
    let mut beside = Vec::new();
    while making() {
        beside.push(change(&vault));
    }
    let micros = |times: &mut Vec<Duration>, percent| {
        times.sort_unstable();
        times
            .get(times.len() * percent / 100)
            .map_or(0, Duration::as_micros)
    };
    println!(
        "| {:8.1} | {:7.1} | {:6} {:6} | {:6} ({} changes), then {:.1} MiB",
        ready.as_secs_f64() * 1000.0,
        resident,
        micros(&mut idle, 50),
        micros(&mut idle, 99),
        micros(&mut beside, 99),
        beside.len(),
        self::resident(),
    );
}

/// Changes many records at once.
fn flood(vault: &Vault, users: usize) {
    block_on(async {
        let many: Vec<_> = (0..500.min(users))
            .map(|number| member(users / 500 * number))
            .collect();
        let record = vec![9; RECORD];
        let mut swaps: Vec<_> = many
            .iter()
            .map(|user| {
                let version = vault
                    .load(user)
                    .map_or(Version::ABSENT, |found| found.version);
                Box::pin(vault.swap(user, version, Some(&record), Durability::BestEffort))
            })
            .collect();
        std::future::poll_fn(|context| {
            swaps.retain_mut(|swap| swap.as_mut().poll(context).is_pending());
            if swaps.is_empty() {
                std::task::Poll::Ready(())
            } else {
                std::task::Poll::Pending
            }
        })
        .await;
    });
}

/// What of this process is in memory, in MiB.
fn resident() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .unwrap();
    let kib: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib / 1024.0
}
