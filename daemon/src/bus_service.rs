//! Our name on the bus: how it is taken, given up, and lost.
//!
//! Without systemd two may start a daemon: a service manager, with the login socket, and the bus, for
//! whoever calls while that one is not there. The one with the socket takes the other's place, since
//! it serves both roads; the store's lock keeps them from deciding both at once.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use countersign_bus::BUS_NAME;
use zbus::Connection;
use zbus::export::futures_core::Stream;
use zbus::fdo::{DBusProxy, NameLost, NameLostStream, RequestNameFlags};

use crate::health::LoginSocket;

/// How long somebody may take to ask who has just heard from the bus that we are the daemon.
const LAST_QUESTIONS: Duration = Duration::from_millis(200);

/// A connection on which we own our name.
pub struct BusService {
    connection: Connection,
    lost: NameLostStream,
}

/// Why the name is not ours any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended {
    /// The bus hung up.
    BusGone,
    /// Another daemon owns it now.
    Replaced,
}

impl BusService {
    /// Takes the name, on a connection that serves already.
    ///
    /// # Errors
    /// [`zbus::Error::NameTaken`] if a daemon has it that gives way to nobody.
    pub async fn begin(connection: Connection, socket: LoginSocket) -> zbus::Result<Self> {
        // Before the name is taken, so that nothing of what becomes of it is missed.
        let lost = DBusProxy::new(&connection)
            .await?
            .receive_name_lost_with_args(&[(0, BUS_NAME)])
            .await?;
        connection
            .request_name_with_flags(BUS_NAME, flags(socket))
            .await?;
        Ok(Self { connection, lost })
    }

    /// Waits until the name is ours no more.
    pub async fn ended(&mut self) -> Ended {
        tokio::select! {
            () = self.connection.closed() => Ended::BusGone,
            lost = next(&mut self.lost) => match lost {
                Some(_) => Ended::Replaced,
                None => Ended::BusGone,
            },
        }
    }

    /// Gives up the name first, so that questions to come go to the next daemon, and then the connection,
    /// when those that are here are answered.
    pub async fn leave(self) {
        if self.connection.release_name(BUS_NAME).await.is_ok() {
            tokio::time::sleep(LAST_QUESTIONS).await;
        }
        drop(self.lost);
        self.connection.graceful_shutdown().await;
    }
}

async fn next(signals: &mut NameLostStream) -> Option<NameLost> {
    poll_fn(|cx| Pin::new(&mut *signals).poll_next(cx)).await
}

/// Only the daemon's user may own the name, so nobody else can take it away by these.
fn flags(socket: LoginSocket) -> RequestNameFlags {
    RequestNameFlags::DO_NOT_QUEUE
        | match socket {
            LoginSocket::Served => RequestNameFlags::REPLACE_EXISTING,
            LoginSocket::None => RequestNameFlags::ALLOW_REPLACEMENT,
        }
}
