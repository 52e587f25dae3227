//! The road without a broker: `org.countersign1.Login`, and of `Account` what a login needs in the
//! middle of which somebody enrolls, on a socket that only root can open.
//!
//! A stalled, flooded or crashed message bus keeps nobody out who logs in through a root program.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use countersign_bus::OBJECT_PATH;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use zbus::Guid;
use zbus::connection::Builder;

use crate::audit::Level;
use crate::caller::{Line, Road};
use crate::enrollment::Enrollments;
use crate::guest::Guest;
use crate::service::{FirstLoginInterface, LoginInterface, Parts};
use crate::stream::Stream;

/// How many logins may hold a connection at once, at most. Of those who only type one makes way for each that
/// comes then; where there is none, who comes waits in the socket's backlog.
const CONNECTIONS: usize = 1024;
/// Descriptors that no crowd on the socket takes up: for the store, the user database, the bus and shared stores.
const SPARED: u64 = 256;
/// A root program that does not finish its handshake in this time is cut off.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// The longest that a connection is kept: a person may take a while to find the phone.
const LONGEST: Duration = Duration::from_secs(600);

/// How often those who hold a connection are looked at while one of them is to give it up.
const AGAIN: Duration = Duration::from_millis(50);

/// The places of those who hold a connection.
#[derive(Clone)]
pub struct Places {
    all: usize,
    free: Arc<Semaphore>,
    /// By the number of the connection, so that the first is the oldest.
    guests: Arc<Mutex<BTreeMap<u64, Arc<Guest>>>>,
}

impl Places {
    /// As many as a process with so many descriptors can serve.
    pub fn within(descriptors: u64) -> Self {
        let left = usize::try_from(descriptors.saturating_sub(SPARED)).unwrap_or(CONNECTIONS);
        Self::of(left.clamp(1, CONNECTIONS))
    }

    fn of(many: usize) -> Self {
        Self {
            all: many,
            free: Arc::new(Semaphore::new(many)),
            guests: Arc::default(),
        }
    }

    /// A place. Where all are taken, somebody goes who holds one only for a question to come; not one who
    /// is enrolling, since that belongs to the connection.
    async fn take(&self, enrollments: &Enrollments) -> Option<OwnedSemaphorePermit> {
        loop {
            if let Ok(place) = Arc::clone(&self.free).try_acquire_owned() {
                return Some(place);
            }
            self.ask_to_leave(1, enrollments);
            let place = Arc::clone(&self.free).acquire_owned();
            if let Ok(place) = timeout(AGAIN, place).await {
                return place.ok();
            }
        }
    }

    /// Tells so many to go on whose connection nothing is under way, the oldest first.
    fn ask_to_leave(&self, many: usize, enrollments: &Enrollments) {
        let enrolling = enrollments.lines();
        let guests = self.guests();
        let idle = guests.iter().filter(|(number, guest)| {
            !enrolling.contains(&Line::Direct(**number)) && guest.ask_to_leave()
        });
        let _told = idle.take(many).count();
    }

    fn arrived(&self, number: u64) -> Arc<Guest> {
        let guest = Arc::<Guest>::default();
        self.guests().insert(number, Arc::clone(&guest));
        guest
    }

    fn left(&self, number: u64) {
        self.guests().remove(&number);
    }

    /// Sends off those on whose connection nothing is under way, and waits until nobody holds one. Nobody
    /// gets one any more meanwhile.
    pub async fn all_left(&self, enrollments: &Enrollments) {
        let all = u32::try_from(self.all).unwrap_or(u32::MAX);
        loop {
            self.ask_to_leave(self.all, enrollments);
            if timeout(AGAIN, self.free.acquire_many(all)).await.is_ok() {
                return;
            }
        }
    }

    fn guests(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Guest>>> {
        self.guests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves every connection to `listener`, for ever.
pub async fn serve(listener: UnixListener, places: Places, parts: Arc<Parts>) {
    let mut number = 0;
    loop {
        let Some(place) = places.take(&parts.enrollments).await else {
            return;
        };
        match listener.accept().await {
            Ok((stream, _)) => {
                let (parts, places) = (Arc::clone(&parts), places.clone());
                number += 1;
                tokio::spawn(async move {
                    parts.enrollments.opened(Line::Direct(number));
                    let guest = places.arrived(number);
                    let served = serve_one(stream, number, guest, &parts).await;
                    places.left(number);
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
                // Out of descriptors, most likely: those in use are coming back, and one more.
                places.ask_to_leave(1, &parts.enrollments);
                parts
                    .log
                    .write(Level::Error, &format!("login socket: cannot accept: {e}"));
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn serve_one(
    stream: UnixStream,
    number: u64,
    guest: Arc<Guest>,
    parts: &Arc<Parts>,
) -> io::Result<()> {
    let uid = stream.peer_cred()?.uid();
    if uid != 0 {
        return Err(io::Error::other(format!(
            "uid {uid} turned away: only root may use it"
        )));
    }
    let road = Road::Direct { uid, number };
    let login = LoginInterface::new(Arc::clone(parts), road);
    let first_login = FirstLoginInterface::new(Arc::clone(parts), road);
    let building = Builder::socket(Stream::of_root(stream, Arc::clone(&guest)))
        .server(Guid::generate())
        .user_id(uid)
        .p2p()
        .serve_at(OBJECT_PATH, login)
        .serve_at(OBJECT_PATH, first_login)
        .build();
    let connection = match timeout(HANDSHAKE, building).await {
        Err(_elapsed) => return Err(io::Error::other("a client did not finish its handshake")),
        Ok(Err(e)) => return Err(io::Error::other(format!("handshake failed: {e}"))),
        Ok(Ok(connection)) => connection,
    };
    // Whoever holds on longer than that can connect anew.
    if timeout(LONGEST, connection.closed()).await.is_err() && guest.ask_to_leave() {
        let _ = timeout(AGAIN, connection.closed()).await;
    }
    let _ = connection.close().await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &[u8] = b"l\x02\0\x01";

    #[tokio::test]
    async fn when_places_run_out_the_oldest_goes_on_whose_connection_nothing_is_under_way() {
        let (places, enrollments) = (Places::of(3), Enrollments::default());
        let mut held = Vec::new();
        for number in 1..=3 {
            let place = places.take(&enrollments).await.unwrap();
            held.push((places.arrived(number), place));
        }
        let [(busy, _first), (idle, second), (younger, _third)] = held.try_into().unwrap();
        busy.asked();
        idle.sent(ANSWER);
        younger.sent(ANSWER);
        let gives_way = async {
            idle.told_to_leave().await;
            places.left(2);
            drop(second);
        };
        let (fourth, ()) = tokio::join!(places.take(&enrollments), gives_way);
        assert!(fourth.is_some());
        assert!(!busy.leaves() && !younger.leaves());
    }

    #[test]
    fn places_leave_descriptors_for_everything_else() {
        let many = [0, 256, 300, 1024, 1280, 524_288].map(|it| Places::within(it).all);
        assert_eq!(many, [1, 1, 44, 768, 1024, 1024]);
    }

    #[tokio::test]
    async fn at_the_end_who_only_keeps_a_connection_is_not_waited_for_and_who_has_asked_is() {
        let (places, enrollments) = (Places::of(3), Enrollments::default());
        let mut guests = Vec::new();
        for number in 1..=2 {
            let place = places.take(&enrollments).await.unwrap();
            guests.push((places.arrived(number), place));
        }
        let [(idle, first), (busy, second)] = guests.try_into().unwrap();
        idle.sent(ANSWER);
        busy.asked();
        let leave = async {
            idle.told_to_leave().await;
            drop(first);
            assert!(!busy.leaves());
            busy.sent(ANSWER);
            busy.told_to_leave().await;
            drop(second);
        };
        tokio::join!(places.all_left(&enrollments), leave);
    }
}
