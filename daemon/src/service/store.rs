//! The replies of `Admin.StoreStatus` and `Admin.Reseal`: the store as the running daemon has it.

use std::collections::HashMap;

use countersign_bus::keys;
use zbus::OwnedVariant;

use super::{Details, Parts, count, value};
use crate::audit::Level;
use crate::backend::Standing;
use crate::caller::Caller;
use crate::refusal::Refusal;
use crate::store::{Home, VaultStanding};

/// How much there is, and under which keys.
pub async fn told(parts: &Parts) -> Result<Details, Refusal> {
    let Standing::Embedded(VaultStanding {
        records,
        unsaved,
        journal,
        keys,
    }) = parts.ledger.standing().await?;
    let keys = keys
        .into_iter()
        .map(|(id, home, records)| {
            let place = home.map_or(keys::MISSING, Home::as_str);
            Ok(HashMap::from([
                (keys::ID, value(id.to_string())?),
                (keys::PLACE, value(place)?),
                (keys::RECORDS, value(count(records))?),
            ]))
        })
        .collect::<Result<Vec<HashMap<&'static str, OwnedVariant>>, Refusal>>()?;
    Ok(Details::from([
        (keys::RECORDS, value(count(records))?),
        (keys::UNSAVED, value(count(unsaved))?),
        (keys::JOURNAL, value(journal)?),
        (keys::KEYS, value(keys)?),
    ]))
}

/// Seals everything anew under the key that seals.
pub async fn reseal(parts: &Parts, caller: &Caller) -> Result<Details, Refusal> {
    let resealed = parts.ledger.reseal().await;
    let (level, said) = match &resealed {
        Ok(records) => (
            Level::Notice,
            format!("{records} records are under the present key now"),
        ),
        Err(refusal) => (Level::Warning, format!("refused: {}", refusal.text)),
    };
    let line = format!("reseal caller={}: {said}", caller.uid);
    parts.log.write(level, &line);
    let mut told = told(parts).await?;
    told.insert(keys::RESEALED, value(count(resealed?))?);
    Ok(told)
}
