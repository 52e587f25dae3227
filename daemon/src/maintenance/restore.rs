//! A backup in the place of the store. Everything about it is found out before anything is changed.

use std::thread::sleep;
use std::time::{Duration, Instant};

use countersign_bus::UserName;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::acting::ActingDisk;
use super::trouble::Trouble;
use super::{Bench, Source, own_store, read};
use crate::account::{Account, UnixSeconds, restored};
use crate::clock::{Clock, SystemClock};
use crate::store::{
    Backup, Disk, Held, Kept, Keyring, check_or_empty, keys_from, read_backup, system_entropy,
};
use crate::users::{Directory, SystemDirectory};

/// How long a daemon that is told to end may hold the store.
const PATIENCE: Duration = Duration::from_secs(5);

/// A backup that opens, with each account as it may let somebody in again.
struct Ready {
    backup: Backup,
    records: Vec<(UserName, Zeroizing<Vec<u8>>)>,
    report: serde_json::Map<String, Value>,
}

/// Whether records get the uid that their user has here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Uids {
    Kept,
    Rebound,
}

/// What a backup is made ready for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Look,
    Restore,
}

/// A backup that is ready, where it would go, the keys there, and the store if it is held.
type Prepared<'b> = (Ready, ActingDisk<'b>, Option<Keyring>, Option<Held>);

/// Reads the files as whoever asked, gives up root for good, and opens the backup.
fn ready<'b>(bench: &'b Bench, source: &Source, purpose: Purpose) -> Result<Prepared<'b>, Trouble> {
    let file = read(&source.backup)?;
    let given = source.key.as_deref().map(|path| {
        keys_from(&read(path)?).ok_or_else(|| {
            let said = "it is not one key of 32 bytes, nor several";
            Trouble::file("not-a-key", path, &said)
        })
    });
    let given = given.transpose()?;
    let state = ActingDisk::open_or_make(&bench.state, &bench.identity)?;
    let ring = bench.ring(&state)?;
    bench.identity.become_it()?;
    own_store(&state)?;
    let backup = read_backup(&file)?;
    let keys = given.as_ref().or(ring.as_ref()).ok_or_else(|| {
        Trouble::new("no-key", "there is no key on this machine")
            .with("needed", backup.header.keys.clone())
    })?;
    let records = backup.open(keys)?;
    let uids = if source.rebind_uids {
        Uids::Rebound
    } else {
        Uids::Kept
    };
    // Held first: which codes count as used goes by the time, and no login may come after that.
    let held = match purpose {
        Purpose::Look => None,
        Purpose::Restore => Some(hold(&state)?),
    };
    let ready = prepare(backup, records, uids)?;
    Ok((ready, state, ring, held))
}

fn prepare(
    backup: Backup,
    opened: Vec<(UserName, Zeroizing<Vec<u8>>)>,
    uids: Uids,
) -> Result<Ready, Trouble> {
    let now = UnixSeconds(SystemClock.now());
    let (mut records, mut moved, mut gone, mut counters) = (vec![], vec![], vec![], vec![]);
    for (user, record) in opened {
        let broken = |why: &dyn std::fmt::Display| {
            Trouble::new("record", why.to_string()).with("user", user.as_str())
        };
        let account = Account::from_bytes(&record).map_err(|e| broken(&e))?;
        if *account.user() != user {
            return Err(broken(&"it is another user's record"));
        }
        let mut account = restored(&account, now);
        if account.has_counter() {
            counters.push(user.to_string());
        }
        match SystemDirectory.find(&user) {
            Ok(Some(person)) if person.uid != account.uid() => {
                moved.push(json!({
                    "user": user.as_str(), "was": account.uid(), "is": person.uid,
                }));
                if uids == Uids::Rebound {
                    account = account.rebound(person.uid);
                }
            }
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => gone.push(user.to_string()),
        }
        let record = account.to_bytes().map_err(|e| broken(&e))?;
        records.push((user, record));
    }
    let report = json!({
        "header": backup.header,
        "moved": moved,
        "gone": gone,
        "counters": counters,
    });
    let Value::Object(report) = report else {
        return Err(Trouble::new("system", "the report is none"));
    };
    Ok(Ready {
        backup,
        records,
        report,
    })
}

/// What stands where the backup would go: so many records, or something that cannot be read.
fn standing_there(state: &dyn Disk) -> Value {
    match check_or_empty(state) {
        Ok(checked) => json!({ "records": checked.summary.records }),
        Err(error) => json!({ "damaged": error.to_string() }),
    }
}

fn is_empty(there: &Value) -> bool {
    there.get("records").and_then(Value::as_u64) == Some(0)
}

pub fn examine(bench: &Bench, source: &Source) -> Result<Value, Trouble> {
    let (mut ready, state, ..) = ready(bench, source, Purpose::Look)?;
    ready
        .report
        .insert("here".to_owned(), standing_there(&state));
    Ok(Value::Object(ready.report))
}

pub fn restore(bench: &Bench, source: &Source, force: bool) -> Result<Value, Trouble> {
    let (mut ready, state, ring, held) = ready(bench, source, Purpose::Restore)?;
    let held = held.ok_or_else(|| Trouble::new("in-use", "the store is not held"))?;
    let there = standing_there(&state);
    if !force && !is_empty(&there) {
        return Err(Trouble::new("not-empty", "there are enrollments here").with("here", there));
    }
    let aside = format!("journal.before-{}", SystemClock.now());
    let done = held.restore(
        &state,
        ring,
        &system_entropy(),
        (&ready.backup, &ready.records),
        &aside,
    )?;
    let path = state.path().join(aside);
    let aside = match done.kept {
        Kept::Aside => Some(path.to_string_lossy().into_owned()),
        Kept::Nothing => None,
    };
    ready.report.insert("here".to_owned(), there);
    ready.report.insert("aside".to_owned(), json!(aside));
    ready
        .report
        .insert("key".to_owned(), json!(done.key.to_string()));
    Ok(Value::Object(ready.report))
}

/// Waits for the daemon to let go of the store.
fn hold(state: &dyn Disk) -> Result<Held, Trouble> {
    let begun = Instant::now();
    loop {
        match Held::take(state).map_err(|e| Trouble::system("taking hold of the store", &e))? {
            Some(held) => return Ok(held),
            None if begun.elapsed() < PATIENCE => sleep(Duration::from_millis(10)),
            None => return Err(Trouble::new("in-use", "a daemon holds the store")),
        }
    }
}
