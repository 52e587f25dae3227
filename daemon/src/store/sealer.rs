use countersign_bus::UserName;
use zeroize::Zeroizing;

use super::key::{Home, KeyId, Keyring};
use super::seal::{Bound, Entropy, SealError, key_of, seal_bound, unseal_bound};

/// Seals the records of a store that many hosts share, all with the same key. A record opens for its own user of
/// its own tenant alone, so that whoever administers the database cannot give one to another.
pub struct Sealer {
    keyring: Keyring,
    entropy: Entropy,
    tenant: String,
}

impl Sealer {
    /// Seals for a tenant under the current key of a keyring.
    pub fn new(keyring: Keyring, entropy: Entropy, tenant: impl Into<String>) -> Self {
        Self {
            keyring,
            entropy,
            tenant: tenant.into(),
        }
    }

    /// Seals a user's record.
    ///
    /// # Errors
    /// There are no random bytes.
    pub fn seal(&self, user: &UserName, record: &[u8]) -> Result<Vec<u8>, SealError> {
        seal_bound(&self.keyring, &self.entropy, self.bound(user), record)
    }

    /// Opens a user's record.
    ///
    /// # Errors
    /// The key is not here, or the record was changed or is another's.
    pub fn unseal(&self, user: &UserName, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        unseal_bound(&self.keyring, self.bound(user), sealed)
    }

    /// Is this record under the key that seals?
    pub fn is_current(&self, sealed: &[u8]) -> bool {
        self.key_of(sealed) == Ok(self.current())
    }

    /// The key that a record is sealed under.
    ///
    /// # Errors
    /// It is no sealed record.
    pub fn key_of(&self, sealed: &[u8]) -> Result<KeyId, SealError> {
        key_of(sealed)
    }

    /// The key that seals.
    pub fn current(&self) -> KeyId {
        self.keyring.current.id()
    }

    /// Where each key lies, the one that seals first.
    pub fn places(&self) -> Vec<(KeyId, Home)> {
        self.keyring.places()
    }

    /// Random bytes that were never used before.
    ///
    /// # Errors
    /// There are none.
    pub fn fresh<const N: usize>(&self) -> Result<[u8; N], SealError> {
        let mut bytes = [0; N];
        (self.entropy)(&mut bytes).map_err(|error| SealError::NoEntropy {
            reason: error.to_string(),
        })?;
        Ok(bytes)
    }

    fn bound<'a>(&'a self, user: &'a UserName) -> Bound<'a> {
        Bound::Tenant(&self.tenant, user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{keys_from, system_entropy};

    fn sealer(tenant: &str) -> Sealer {
        Sealer::new(keys_from(&[7; 32]).unwrap(), system_entropy(), tenant)
    }

    #[test]
    fn a_record_opens_for_its_user_of_its_tenant_alone() {
        let [alice, bob] = ["alice", "bob"].map(|name| UserName::parse(name).unwrap());
        let sealed = sealer("one").seal(&alice, b"record").unwrap();
        assert_eq!(
            sealer("one").unseal(&alice, &sealed).unwrap()[..],
            b"record"[..]
        );
        for (tenant, user) in [("two", &alice), ("one", &bob), ("onea", &alice)] {
            let opened = sealer(tenant).unseal(user, &sealed);
            assert_eq!(opened, Err(SealError::Broken), "{tenant} {user}");
        }
    }

    #[test]
    fn a_record_of_a_host_s_own_store_opens_for_no_tenant() {
        let alice = UserName::parse("alice").unwrap();
        let ring = keys_from(&[7; 32]).unwrap();
        let sealed = super::super::seal::seal(&ring, &system_entropy(), &alice, b"record").unwrap();
        assert_eq!(sealer("").unseal(&alice, &sealed), Err(SealError::Broken));
    }
}
