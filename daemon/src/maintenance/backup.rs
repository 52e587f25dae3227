//! A backup, and the keys that open it, each by itself.

use countersign_bus::UserName;
use serde_json::{Value, json};

use super::trouble::Trouble;
use super::{Bench, hand_over, own_store};
use crate::clock::{Clock, SystemClock};
use crate::store::{KeyId, Keyring, Origin, RekeyError, back_up, check, system_entropy};

fn ring(bench: &Bench) -> Result<(super::ActingDisk<'_>, Keyring), Trouble> {
    let state = bench.state()?;
    let ring = bench.ring(&state)?.ok_or(RekeyError::NoKey)?;
    bench.identity.become_it()?;
    Ok((state, ring))
}

pub fn backup(bench: &Bench) -> Result<Value, Trouble> {
    let (state, ring) = ring(bench)?;
    own_store(&state)?;
    let host = nix::unistd::gethostname()
        .map_err(|e| Trouble::system("asking for the host's name", &e))?;
    let origin = Origin {
        host: host.to_string_lossy().into_owned(),
        made: SystemClock.now(),
    };
    let made = back_up(&check(&state)?, &ring, origin, &system_entropy())?;
    hand_over(&made.file)?;
    let unreadable: Vec<&str> = made.unreadable.iter().map(UserName::as_str).collect();
    Ok(json!({ "header": made.header, "unreadable": unreadable }))
}

pub fn save_keys(bench: &Bench) -> Result<Value, Trouble> {
    let (state, ring) = ring(bench)?;
    let (bytes, ids) = check(&state)?.needed_keys(&ring);
    hand_over(&bytes)?;
    let ids: Vec<String> = ids.iter().map(KeyId::to_string).collect();
    Ok(json!({ "keys": ids }))
}
