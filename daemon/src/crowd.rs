//! How much is under way at once over the bus, where everybody may call.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use countersign_bus::Fault;

use crate::refusal::Refusal;

/// The most calls that are under way. More are not even read, so that their arguments take no memory.
const MOST: usize = 2_048;
/// The most calls of one uid other than root's.
const MOST_OF_ONE: usize = 64;

/// The calls that are under way.
#[derive(Default, Debug)]
pub struct Crowd {
    all: AtomicUsize,
    of_uid: Mutex<HashMap<u32, usize>>,
}

impl Crowd {
    /// Is there no room for one more?
    pub fn is_full(&self) -> bool {
        self.all.load(Ordering::Relaxed) >= MOST
    }

    /// One more call, of nobody known yet.
    pub fn enter(self: &Arc<Self>) -> Place {
        self.all.fetch_add(1, Ordering::Relaxed);
        Place {
            crowd: Arc::clone(self),
            uid: None,
        }
    }
}

/// A call's place in the crowd, until it is answered.
#[derive(Debug)]
pub struct Place {
    crowd: Arc<Crowd>,
    uid: Option<u32>,
}

impl Place {
    /// The call turns out to be of that uid, which may have too many.
    pub fn of(mut self, uid: u32) -> Result<Self, Refusal> {
        if uid == 0 {
            return Ok(self);
        }
        let mut of_uid = self
            .crowd
            .of_uid
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let calls = of_uid.entry(uid).or_default();
        if *calls >= MOST_OF_ONE {
            let text = format!("uid {uid} has {calls} calls under way; wait for an answer");
            return Err(Refusal::new(Fault::Busy, text));
        }
        *calls += 1;
        drop(of_uid);
        self.uid = Some(uid);
        Ok(self)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.crowd.all.fetch_sub(1, Ordering::Relaxed);
        let Some(uid) = self.uid else { return };
        let mut of_uid = self
            .crowd
            .of_uid
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(calls) = of_uid.get_mut(&uid) {
            *calls -= 1;
            if *calls == 0 {
                of_uid.remove(&uid);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_uid_does_not_take_all_places_and_gives_its_own_back() {
        let crowd = Arc::new(Crowd::default());
        let mine: Vec<Place> = (0..MOST_OF_ONE)
            .map(|_| crowd.enter().of(1000).unwrap())
            .collect();
        assert_eq!(crowd.enter().of(1000).unwrap_err().fault, Fault::Busy);
        let others = [
            crowd.enter().of(1001).unwrap(),
            crowd.enter().of(0).unwrap(),
        ];
        drop(mine);
        let again = crowd.enter().of(1000).unwrap();
        drop((others, again));
        assert_eq!(crowd.all.load(Ordering::Relaxed), 0);
        assert!(crowd.of_uid.lock().unwrap().is_empty());
    }

    #[test]
    fn a_full_house_is_noticed() {
        let crowd = Arc::new(Crowd::default());
        let places: Vec<Place> = (0..MOST).map(|_| crowd.enter()).collect();
        assert!(crowd.is_full());
        drop(places);
        assert!(!crowd.is_full());
    }
}
