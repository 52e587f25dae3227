//! The replies of `Admin.StoreStatus` and `Admin.Reseal`: the store as the running daemon has it.

use std::collections::HashMap;

use countersign_bus::keys;
use countersign_fleet::CommitWaits;
use zbus::OwnedVariant;

use super::{Details, Parts, count, value};
use crate::audit::Level;
use crate::backend::Standing;
use crate::caller::Caller;
use crate::refusal::Refusal;
use crate::shared::SharedStanding;
use crate::store::{Home, KeyId, VaultStanding};

/// How much there is, and under which keys.
pub async fn told(parts: &Parts) -> Result<Details, Refusal> {
    match parts.ledger.standing().await? {
        Standing::Embedded(standing) => of_host(standing),
        Standing::Shared(standing) => of_fleet(standing),
    }
}

fn of_host(standing: VaultStanding) -> Result<Details, Refusal> {
    let VaultStanding {
        records,
        unsaved,
        journal,
        keys,
    } = standing;
    let keys = keys
        .into_iter()
        .map(|(id, home, records)| key(id, home, count(records)))
        .collect::<Result<Vec<_>, Refusal>>()?;
    Ok(Details::from([
        (keys::RECORDS, value(count(records))?),
        (keys::UNSAVED, value(count(unsaved))?),
        (keys::JOURNAL, value(journal)?),
        (keys::KEYS, value(keys)?),
    ]))
}

fn of_fleet(standing: SharedStanding) -> Result<Details, Refusal> {
    let SharedStanding {
        tenant,
        answer,
        keys,
    } = standing;
    let keys = keys
        .into_iter()
        .map(|(id, home)| key(id, Some(home), 0))
        .collect::<Result<Vec<_>, Refusal>>()?;
    let mut told = Details::from([
        (keys::TENANT, value(tenant)?),
        (keys::RECORDS, value(0_u32)?),
        (keys::UNSAVED, value(0_u32)?),
        (keys::JOURNAL, value(0_u64)?),
        (keys::KEYS, value(keys)?),
    ]);
    match answer {
        Err(why) => {
            told.insert(keys::UNREACHABLE, value(why.to_string())?);
        }
        Ok(server) => {
            let waits = match server.commit_waits {
                CommitWaits::ForNothing => keys::WAITS_FOR_NOTHING,
                CommitWaits::ForTheDisk => keys::WAITS_FOR_DISK,
                CommitWaits::ForAStandby => keys::WAITS_FOR_STANDBY,
            };
            told.extend([
                (keys::SERVER, value(server.host)?),
                (keys::SERVER_VERSION, value(server.server)?),
                (keys::SCHEMA, value(server.schema)?),
                (keys::COMMIT_WAITS, value(waits)?),
                (keys::CLOCK_SKEW, value(server.clock_skew)?),
                (keys::ADMINISTERS, value(server.administers)?),
            ]);
        }
    }
    Ok(told)
}

fn key(
    id: KeyId,
    home: Option<Home>,
    records: u32,
) -> Result<HashMap<&'static str, OwnedVariant>, Refusal> {
    let place = home.map_or(keys::MISSING, Home::as_str);
    Ok(HashMap::from([
        (keys::ID, value(id.to_string())?),
        (keys::PLACE, value(place)?),
        (keys::RECORDS, value(records)?),
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
