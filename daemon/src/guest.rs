//! A connection to the login socket, as others see it: is something under way on it, and must it go?

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// The types of frames that answer a call, in the second byte of their header (D-Bus specification, message
/// format).
const ANSWERS: [u8; 2] = [2, 3];

/// One connection. It rests when its last question was answered and nothing has been read since; one that
/// was told to go reads nothing more. What its other end sends then stays unread, which is how the kernel
/// tells that other end that nobody has acted on it.
#[derive(Default, Debug)]
pub struct Guest {
    rests: AtomicBool,
    leaves: AtomicBool,
    told: Notify,
}

impl Guest {
    /// Something was read.
    pub fn asked(&self) {
        self.rests.store(false, Ordering::Relaxed);
    }

    /// This was sent.
    pub fn sent(&self, bytes: &[u8]) {
        if let [b'l' | b'B', kind, ..] = bytes
            && ANSWERS.contains(kind)
        {
            self.rests.store(true, Ordering::Relaxed);
        }
    }

    /// Tells it to go, if nothing is under way on it and it was not told before.
    pub fn ask_to_leave(&self) -> bool {
        let told = self.rests.load(Ordering::Relaxed) && !self.leaves.swap(true, Ordering::Relaxed);
        if told {
            self.told.notify_one();
        }
        told
    }

    /// Was it told to go?
    pub fn leaves(&self) -> bool {
        self.leaves.load(Ordering::Relaxed)
    }

    /// Waits until it is told to go.
    pub async fn told_to_leave(&self) {
        while !self.leaves() {
            self.told.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_has_been_answered_and_has_asked_nothing_since_is_told_to_leave() {
        let guest = Guest::default();
        assert!(!guest.ask_to_leave(), "nothing was asked yet");
        guest.asked();
        guest.sent(b"OK 0123\r\n");
        assert!(
            !guest.ask_to_leave(),
            "the question came with the handshake"
        );
        guest.sent(b"l\x02\0\x01");
        guest.asked();
        assert!(!guest.ask_to_leave(), "the next question");
        guest.sent(b"l\x03\0\x01");
        assert!(guest.ask_to_leave() && guest.leaves());
        assert!(!guest.ask_to_leave(), "once is enough");
    }
}
