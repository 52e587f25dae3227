//! Root's connections to the bus that are kept while somebody types. The bus allows few to one user, and
//! beyond that lets no program of root's in, so they are counted, and beyond a bound none is kept.
//!
//! For one connection of ours to the bus: unique names are given once only as long as a bus lives.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use zbus::Connection;
use zbus::fdo::DBusProxy;
use zbus::message::Header;
use zbus::names::{BusName, OwnedUniqueName};

use crate::caller::{Caller, Line};

/// So many are kept. The bus allows 256 to root (`max_connections_per_user` of dbus-daemon).
const MOST: usize = 64;
/// How often those are gone through for who has left.
const AGAIN: Duration = Duration::from_secs(1);

/// Who keeps one.
#[derive(Clone, Default)]
pub struct Keepers(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    lines: HashSet<OwnedUniqueName>,
    looked: Option<Instant>,
}

/// May one more be kept?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Leave {
    /// Yes.
    Granted,
    /// No: there are too many.
    Refused,
}

impl Keepers {
    /// Asks for leave for whoever has just asked what a login needs. Only root needs any.
    pub fn ask(&self, caller: &Caller, bus: &Connection) -> Leave {
        let Line::Bus(line) = &caller.line else {
            return Leave::Refused;
        };
        if caller.uid != 0 {
            return Leave::Refused;
        }
        let mut known = self.known();
        if known.lines.len() < MOST {
            known.lines.insert(line.clone());
            return Leave::Granted;
        }
        let now = Instant::now();
        if known.looked.is_none_or(|at| now - at >= AGAIN) {
            known.looked = Some(now);
            let lines = known.lines.iter().cloned().collect();
            tokio::spawn(self.clone().forget_who_is_gone(lines, bus.clone()));
        }
        Leave::Refused
    }

    /// The uid behind a call, where its connection is one of these. It is counted no longer: after this
    /// question it is not kept without being asked for again.
    pub fn take(&self, call: &Header<'_>) -> Option<u32> {
        let sender = call.sender()?.to_owned();
        self.known()
            .lines
            .remove(&OwnedUniqueName::from(sender))
            .then_some(0)
    }

    async fn forget_who_is_gone(self, lines: Vec<OwnedUniqueName>, bus: Connection) {
        let Ok(proxy) = DBusProxy::new(&bus).await else {
            return;
        };
        for line in lines {
            let name = BusName::Unique(line.inner().clone());
            if let Ok(false) = proxy.name_has_owner(name).await {
                self.known().lines.remove(&line);
            }
        }
    }

    /// Each change is one call of the set, so that a panic leaves nothing half made.
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
