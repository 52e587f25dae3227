//! The jobs that change the key. Between them the tool restarts the daemon and has it seal anew.

use serde_json::{Value, json};

use super::credentials::{Credstore, can_encrypt};
use super::trouble::Trouble;
use super::{Bench, own_store};
use crate::store::{Finished, Settled, Target};

pub fn standing(bench: &Bench) -> Result<Value, Trouble> {
    let state = bench.state()?;
    let standing = Bench::with_keys(&state, "auto", |keys| Ok(keys.standing()?))?;
    Ok(json!({
        "id": standing.sealing.map(|(id, _)| id.to_string()),
        "place": standing.sealing.map(|(_, home)| home.as_str()),
        "settled": standing.settled == Settled::Yes,
        "can-encrypt": can_encrypt(),
    }))
}

pub fn begin(bench: &Bench, target: Target, with_key: &str) -> Result<Value, Trouble> {
    let state = bench.state()?;
    own_store(&state)?;
    if target == Target::Credential {
        Credstore::make()?;
    }
    let id = Bench::with_keys(&state, with_key, |keys| Ok(keys.begin(target)?))?;
    Ok(json!({ "id": id.to_string() }))
}

pub fn finish(bench: &Bench) -> Result<Value, Trouble> {
    let state = bench.state()?;
    own_store(&state)?;
    let Finished {
        sealing,
        records,
        unreadable,
    } = Bench::with_keys(&state, "auto", |keys| Ok(keys.finish()?))?;
    Ok(json!({
        "id": sealing.to_string(),
        "records": records,
        "unreadable": unreadable,
    }))
}

pub fn back(bench: &Bench) -> Result<Value, Trouble> {
    let state = bench.state()?;
    own_store(&state)?;
    Bench::with_keys(&state, "auto", |keys| Ok(keys.back()?))?;
    Ok(json!({}))
}
