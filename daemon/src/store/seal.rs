//! Sealing of one record: XChaCha20-Poly1305 with a random nonce.
//!
//! ```text
//! sealed record   form 1 · key id 8 · nonce 24 · ciphertext and tag
//! ```
//!
//! Form, key id and user name are authenticated too, so a record opens for its own user only.

use std::fmt;
use std::io;
use std::sync::Arc;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use countersign_bus::UserName;
use zeroize::Zeroizing;

use super::entry::Cursor;
use super::key::{Key, KeyId, Keyring};

/// Fills a buffer with random bytes, or fails.
pub type Entropy = Arc<dyn Fn(&mut [u8]) -> io::Result<()> + Send + Sync>;

/// The operating system's randomness.
pub fn system_entropy() -> Entropy {
    Arc::new(|buffer| getrandom::fill(buffer).map_err(|error| io::Error::other(error.to_string())))
}

const FORM: u8 = 1;
const CONTEXT: &[u8] = b"countersign record";
const SHARED_CONTEXT: &[u8] = b"countersign shared record";

/// Why a record could not be sealed or opened. Says nothing of what is in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SealError {
    /// Not sealed by any version that this one knows.
    UnknownForm,
    /// Sealed under a key that is not here.
    UnknownKey {
        /// Which.
        id: KeyId,
    },
    /// Changed since it was sealed, or sealed for another user.
    Broken,
    /// Sealing needs random bytes, and there were none.
    NoEntropy {
        /// What the system said.
        reason: String,
    },
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownForm => f.write_str(
                "opening a record: it has a form that this version does not know; install the \
                 version that wrote it",
            ),
            Self::UnknownKey { id } => write!(
                f,
                "opening a record: it was sealed under key {id}, which is not here; restore that \
                 key as key.old and restart the daemon"
            ),
            Self::Broken => f.write_str(
                "opening a record: it was changed, or belongs to another user; restore the store \
                 from a backup, or disable this user's second factor and enroll anew",
            ),
            Self::NoEntropy { reason } => {
                write!(f, "sealing a record: no random bytes ({reason}); try again")
            }
        }
    }
}

impl std::error::Error for SealError {}

/// Whose a record is: what it opens for alone.
#[derive(Clone, Copy)]
pub(super) enum Bound<'a> {
    /// A user's, in the store of one host.
    Host(&'a UserName),
    /// A user's of a tenant, in a store that many hosts share.
    Tenant(&'a str, &'a UserName),
}

/// Seals a record for a user under the current key.
pub(super) fn seal(
    keyring: &Keyring,
    entropy: &Entropy,
    user: &UserName,
    record: &[u8],
) -> Result<Vec<u8>, SealError> {
    seal_bound(keyring, entropy, Bound::Host(user), record)
}

/// The same, wherever the record is.
pub(super) fn seal_bound(
    keyring: &Keyring,
    entropy: &Entropy,
    bound: Bound<'_>,
    record: &[u8],
) -> Result<Vec<u8>, SealError> {
    let key = &keyring.current;
    let mut nonce = [0; 24];
    entropy(&mut nonce).map_err(|error| SealError::NoEntropy {
        reason: error.to_string(),
    })?;
    let aad = bound_to(key.id(), bound);
    let ciphertext = cipher(key)
        .encrypt(
            &XNonce::from(nonce),
            Payload {
                msg: record,
                aad: &aad,
            },
        )
        .map_err(|_| SealError::Broken)?; // longer than the cipher takes: 256 GiB
    let mut sealed = Vec::with_capacity(1 + 8 + nonce.len() + ciphertext.len());
    sealed.push(FORM);
    sealed.extend(key.id().0);
    sealed.extend(nonce);
    sealed.extend(ciphertext);
    Ok(sealed)
}

/// Opens a user's record.
pub(super) fn unseal(
    keyring: &Keyring,
    user: &UserName,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    unseal_bound(keyring, Bound::Host(user), sealed)
}

/// The same, wherever the record is.
pub(super) fn unseal_bound(
    keyring: &Keyring,
    bound: Bound<'_>,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let id = key_of(sealed)?;
    let key = keyring.find(id).ok_or(SealError::UnknownKey { id })?;
    let mut cursor = Cursor(sealed);
    cursor.take(1 + id.0.len()).ok_or(SealError::Broken)?;
    let nonce: [u8; 24] = cursor.array().ok_or(SealError::Broken)?;
    let aad = bound_to(id, bound);
    cipher(key)
        .decrypt(
            &XNonce::from(nonce),
            Payload {
                msg: cursor.0,
                aad: &aad,
            },
        )
        .map(Zeroizing::new)
        .map_err(|_| SealError::Broken)
}

/// Under which key was it sealed?
pub(super) fn key_of(sealed: &[u8]) -> Result<KeyId, SealError> {
    let mut cursor = Cursor(sealed);
    match cursor.array() {
        Some([FORM]) => cursor.array().map(KeyId).ok_or(SealError::Broken),
        _ => Err(SealError::UnknownForm),
    }
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.expose().into())
}

fn bound_to(id: KeyId, bound: Bound<'_>) -> Vec<u8> {
    let (context, user) = match bound {
        Bound::Host(user) => (CONTEXT, user),
        Bound::Tenant(_, user) => (SHARED_CONTEXT, user),
    };
    let mut aad = context.to_vec();
    aad.push(FORM);
    aad.extend(id.0);
    if let Bound::Tenant(tenant, _) = bound {
        // No name has this byte in it, so it ends where it seems to.
        aad.extend(tenant.as_bytes());
        aad.push(0);
    }
    aad.extend(user.as_str().as_bytes());
    aad
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> Key {
        Key::new(Zeroizing::new([byte; 32]))
    }

    fn ring(current: u8, older: &[u8]) -> Keyring {
        Keyring {
            current: key(current),
            older: older.iter().copied().map(key).collect(),
        }
    }

    fn user(name: &str) -> UserName {
        UserName::parse(name).unwrap()
    }

    #[test]
    fn a_record_opens_for_its_user_under_its_key() {
        let sealed = seal(&ring(1, &[]), &system_entropy(), &user("alice"), b"secret").unwrap();
        assert!(!sealed.windows(6).any(|window| window == b"secret"));
        let opened = unseal(&ring(1, &[]), &user("alice"), &sealed).unwrap();
        assert_eq!(&opened[..], b"secret");
        assert_eq!(
            unseal(&ring(1, &[]), &user("bob"), &sealed),
            Err(SealError::Broken)
        );
    }

    #[test]
    fn an_older_key_still_opens_and_a_missing_one_is_named() {
        let sealed = seal(&ring(1, &[]), &system_entropy(), &user("alice"), b"secret").unwrap();
        assert!(unseal(&ring(2, &[1]), &user("alice"), &sealed).is_ok());
        let missing = SealError::UnknownKey { id: key(1).id() };
        assert_eq!(
            unseal(&ring(2, &[3]), &user("alice"), &sealed),
            Err(missing)
        );
    }

    #[test]
    fn the_key_id_cannot_be_exchanged() {
        let mut sealed = seal(&ring(1, &[]), &system_entropy(), &user("alice"), b"x").unwrap();
        sealed[1..9].copy_from_slice(&key(2).id().0);
        assert_eq!(
            unseal(&ring(1, &[2]), &user("alice"), &sealed),
            Err(SealError::Broken)
        );
    }

    #[test]
    fn no_bit_may_change_and_no_byte_may_be_missing() {
        let ring = ring(1, &[]);
        let sealed = seal(&ring, &system_entropy(), &user("alice"), b"secret").unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut flipped = sealed.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(
                unseal(&ring, &user("alice"), &flipped).is_err(),
                "bit {bit}"
            );
        }
        for length in 0..sealed.len() {
            assert!(
                unseal(&ring, &user("alice"), &sealed[..length]).is_err(),
                "{length} bytes"
            );
        }
    }

    #[test]
    fn each_sealing_has_its_own_nonce_and_needs_entropy() {
        let (ring, alice) = (ring(1, &[]), user("alice"));
        let sealed = || seal(&ring, &system_entropy(), &alice, b"secret").unwrap();
        assert_ne!(sealed(), sealed());
        let none: Entropy = Arc::new(|_| Err(io::Error::other("none")));
        assert!(matches!(
            seal(&ring, &none, &alice, b"secret"),
            Err(SealError::NoEntropy { .. })
        ));
    }
}
