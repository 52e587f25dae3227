//! The reply of `Admin.Health`: the daemon about itself. No name of a user and nothing of an account.

use std::collections::HashMap;

use countersign_bus::keys;

use super::{Details, Parts, count, value};
use crate::backend::Sizes;
use crate::health::{Configuration, LoginSocket};
use crate::refusal::Refusal;

/// What there is to tell now.
pub async fn told(parts: &Parts) -> Result<Details, Refusal> {
    let health = &parts.health;
    let Configuration { loaded, problems } = health.configuration();
    let (store, sizes) = match parts.ledger.sizes().await {
        Ok(sizes) => (keys::STORE_OPEN.to_owned(), sizes),
        Err(refusal) => (
            refusal.text,
            Sizes {
                // How many there are of a shared store nobody counts.
                accounts: (!parts.ledger.is_shared()).then_some(0),
                unsaved: 0,
            },
        ),
    };
    let last_logins: HashMap<String, u64> = health.last_logins().into_iter().collect();
    let mut told = Details::from([
        (keys::VERSION, value(env!("CARGO_PKG_VERSION"))?),
        (keys::TIME, value(parts.clock.now())?),
        (keys::STARTED, value(health.started())?),
        (keys::CONFIGURATION_LOADED, value(loaded)?),
        (keys::CONFIGURATION_PROBLEMS, value(problems)?),
        (keys::STORE, value(store)?),
        (keys::UNSAVED, value(count(sizes.unsaved))?),
        (keys::LAST_LOGINS, value(last_logins)?),
        (
            keys::LOGIN_SOCKET,
            value(health.login_socket() == LoginSocket::Served)?,
        ),
    ]);
    if let Some(accounts) = sizes.accounts {
        told.insert(keys::ACCOUNTS, value(count(accounts))?);
    }
    Ok(told)
}
