//! Who is calling, as the kernel or the bus vouches for it.

use std::sync::Arc;

use zbus::Connection;
use zbus::fdo::DBusProxy;
use zbus::message::{Flags, Header};
use zbus::names::{BusName, OwnedUniqueName, UniqueName};

use countersign_bus::Fault;

use crate::crowd::{Crowd, Place};
use crate::refusal::Refusal;

/// How a call reached the daemon.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Road {
    /// Through the system bus, which knows its clients' uids.
    Bus,
    /// On the root-only socket; the kernel said who connected.
    Direct {
        /// The uid of the process at the other end.
        uid: u32,
        /// The number of the connection.
        number: u64,
    },
}

/// A connection, to which what was begun on it belongs.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Line {
    /// One to the bus, by its unique name, which the bus never gives twice.
    Bus(OwnedUniqueName),
    /// One to the login socket, by its number, which is never given twice either.
    Direct(u64),
}

/// The process that made a call.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Its uid.
    pub uid: u32,
    /// What its user is called, for the log. `None` when that is not asked, or not told.
    pub name: Option<String>,
    /// Its connection, for what belongs to one connection alone.
    pub line: Line,
    /// May the person behind it be asked for a password meanwhile?
    pub interaction: Interaction,
    /// Its place among the calls over the bus, held until it is answered.
    #[allow(dead_code, reason = "it is there to be dropped")]
    pub place: Option<Arc<Place>>,
}

/// `ALLOW_INTERACTIVE_AUTHORIZATION` of the D-Bus specification, message format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Interaction {
    /// The caller waits for a dialog.
    Allowed,
    /// The caller wants its answer at once.
    None,
}

impl Caller {
    /// The same caller, for what goes on after its call was answered.
    pub fn afterwards(&self) -> Self {
        Self {
            place: None,
            ..self.clone()
        }
    }

    /// Asks whoever vouches for callers on this road. `known` is the uid behind the connection, where it was
    /// asked for before: the bus never gives a unique name twice.
    pub async fn identify(
        road: Road,
        connection: &Connection,
        header: &Header<'_>,
        crowd: &Arc<Crowd>,
        known: Option<u32>,
    ) -> Result<Self, Refusal> {
        if let Road::Direct { uid, number } = road {
            return Ok(Self {
                uid,
                name: None,
                line: Line::Direct(number),
                interaction: Interaction::None,
                place: None,
            });
        }
        let place = crowd.enter();
        let unknown = |why: String| {
            Refusal::new(
                Fault::AccessDenied,
                format!("cannot tell who is calling: {why}"),
            )
        };
        let sender = header
            .sender()
            .ok_or_else(|| unknown("the call has no sender".into()))?;
        let uid = match known {
            Some(uid) => uid,
            None => uid_behind(connection, sender)
                .await
                .map_err(|e| unknown(e.to_string()))?,
        };
        let interaction = if header
            .primary()
            .flags()
            .contains(Flags::ALLOW_INTERACTIVE_AUTH)
        {
            Interaction::Allowed
        } else {
            Interaction::None
        };
        Ok(Self {
            uid,
            name: None,
            line: Line::Bus(sender.to_owned().into()),
            interaction,
            place: Some(Arc::new(place.of(uid)?)),
        })
    }
}

async fn uid_behind(connection: &Connection, sender: &UniqueName<'_>) -> zbus::fdo::Result<u32> {
    let bus = DBusProxy::new(connection).await?;
    bus.get_connection_unix_user(BusName::Unique(sender.clone()))
        .await
}
