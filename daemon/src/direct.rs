//! The road without a broker: `org.countersign1.Login`, and of `Account` what a login needs in the
//! middle of which somebody enrolls, on a socket that only root can open.
//!
//! A stalled, flooded or crashed message bus keeps nobody out who logs in through a root program.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use countersign_bus::OBJECT_PATH;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use zbus::Guid;
use zbus::connection::Builder;

use crate::audit::Level;
use crate::caller::{Line, Road};
use crate::service::{FirstLoginInterface, LoginInterface, Parts};
use crate::stream::Stream;

/// How many logins may hold a connection at once. More wait in the socket's backlog.
const CONNECTIONS: usize = 1024;
/// A root program that does not finish its handshake in this time is cut off.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// The longest that a connection is kept: a person may take a while to find the phone.
const LONGEST: Duration = Duration::from_secs(600);

/// The places of those who hold a connection.
#[derive(Clone)]
pub struct Places(Arc<Semaphore>);

impl Default for Places {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(CONNECTIONS)))
    }
}

impl Places {
    async fn take(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0).acquire_owned().await.ok()
    }

    /// Waits until nobody holds a connection. Nobody gets one any more meanwhile.
    pub async fn all_left(&self) {
        let all = u32::try_from(CONNECTIONS).unwrap_or(u32::MAX);
        let _ = self.0.acquire_many(all).await;
    }
}

/// Serves every connection to `listener`, for ever.
pub async fn serve(listener: UnixListener, places: Places, parts: Arc<Parts>) {
    let mut number = 0;
    loop {
        let Some(place) = places.take().await else {
            return;
        };
        match listener.accept().await {
            Ok((stream, _)) => {
                let parts = Arc::clone(&parts);
                number += 1;
                tokio::spawn(async move {
                    parts.enrollments.opened(Line::Direct(number));
                    let served = serve_one(stream, number, &parts).await;
                    parts.enrollments.closed(&Line::Direct(number));
                    if let Err(e) = served {
                        parts
                            .log
                            .write(Level::Warning, &format!("login socket: {e}"));
                    }
                    drop(place);
                });
            }
            Err(e) => {
                // Out of descriptors, most likely: those in use are coming back.
                parts
                    .log
                    .write(Level::Error, &format!("login socket: cannot accept: {e}"));
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn serve_one(stream: UnixStream, number: u64, parts: &Arc<Parts>) -> io::Result<()> {
    let uid = stream.peer_cred()?.uid();
    if uid != 0 {
        return Err(io::Error::other(format!(
            "uid {uid} turned away: only root may use it"
        )));
    }
    let road = Road::Direct { uid, number };
    let login = LoginInterface::new(Arc::clone(parts), road);
    let first_login = FirstLoginInterface::new(Arc::clone(parts), road);
    let building = Builder::socket(Stream::of_root(stream))
        .server(Guid::generate())
        .user_id(uid)
        .p2p()
        .serve_at(OBJECT_PATH, login)
        .serve_at(OBJECT_PATH, first_login)
        .build();
    let connection = match tokio::time::timeout(HANDSHAKE, building).await {
        Err(_elapsed) => return Err(io::Error::other("a client did not finish its handshake")),
        Ok(Err(e)) => return Err(io::Error::other(format!("handshake failed: {e}"))),
        Ok(Ok(connection)) => connection,
    };
    // Whoever holds on longer than that can connect anew.
    let _ = tokio::time::timeout(LONGEST, connection.closed()).await;
    let _ = connection.close().await;
    Ok(())
}
