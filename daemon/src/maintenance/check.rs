//! Reads everything, with every key that there is.

use countersign_bus::UserName;
use serde_json::{Value, json};

use super::Bench;
use super::trouble::Trouble;
use crate::account::Account;
use crate::store::{Checked, Keyring, SealError, survey};

/// What is found. Nothing of it keeps the rest from being looked at, as far as that can be.
pub fn check(bench: &Bench) -> Result<Value, Trouble> {
    let state = match bench.state() {
        Ok(state) => state,
        Err(trouble) => return Ok(json!({ "problems": [trouble.of("state")] })),
    };
    let mut problems = Vec::new();
    let ring = bench.ring(&state).unwrap_or_else(|trouble| {
        problems.push(trouble.of("key"));
        None
    });
    bench.identity.become_it()?;
    let mut checked = match survey(&state) {
        Ok(checked) => checked,
        Err(error) => {
            problems.push(Trouble::from(error).of("journal"));
            return Ok(json!({ "problems": problems }));
        }
    };
    let damage = std::mem::take(&mut checked.damage);
    problems.extend(
        damage
            .into_iter()
            .map(|part| Trouble::from(part).of("journal")),
    );
    match &ring {
        Some(ring) => problems.extend(records(&checked, ring)),
        None if problems.is_empty() && checked.summary.records > 0 => {
            let text = "there are records and no key that opens them";
            problems.push(Trouble::new("no-key", text).of("key"));
        }
        None => {}
    }
    Ok(json!({
        "records": checked.summary.records,
        "bytes": checked.summary.bytes,
        "torn": checked.summary.torn,
        "keys": keys(&checked, ring.as_ref()),
        "problems": problems,
    }))
}

/// Every record that does not open, or is none.
fn records<'c>(checked: &'c Checked, ring: &'c Keyring) -> impl Iterator<Item = Value> + 'c {
    let problem = |user: &UserName, word, text: String| {
        Some(
            Trouble::new(word, text)
                .with("user", user.as_str())
                .of("record"),
        )
    };
    checked
        .open(ring)
        .filter_map(move |(user, opened)| match opened {
            Err(SealError::UnknownKey { id }) => {
                let text = format!("it was sealed under key {id}, which is not here");
                problem(&user, "unknown-key", text)
            }
            Err(why) => problem(&user, "broken", why.to_string()),
            Ok(record) => match Account::from_bytes(&record) {
                Ok(account) if *account.user() == user => None,
                Ok(_) => problem(&user, "broken", "it is another user's record".to_owned()),
                Err(why) => problem(&user, "broken", why.to_string()),
            },
        })
}

/// How many records are under which key, and where that lies.
fn keys(checked: &Checked, ring: Option<&Keyring>) -> Vec<Value> {
    let places = ring.map(Keyring::places).unwrap_or_default();
    checked
        .by_key(&places)
        .into_iter()
        .map(|(id, place, records)| {
            json!({
                "id": id.to_string(),
                "place": place.map(crate::store::Home::as_str),
                "records": records,
            })
        })
        .collect()
}
