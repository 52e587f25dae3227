//! How far the journal was confirmed, as the lock file has it.
//!
//! A crash can break what was being written and nothing before that. A broken end of the journal that
//! was confirmed to somebody is therefore damage, and cutting it off would undo an enrollment: its user
//! would be let in without a code.

use super::frame::Salt;

/// Where it stands in the lock file, behind the sentence for people. The sector is one, so that a crash
/// leaves the old or the new.
pub(super) const AT: u64 = 64;

/// Up to where the journal was synced and its swaps were answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Confirmed {
    /// Of which file this is said.
    pub(super) salt: Salt,
    /// Its length then, in bytes.
    pub(super) length: u64,
}

impl Confirmed {
    /// As it is written.
    pub(super) fn to_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::from(self.salt.0);
        bytes.extend(self.length.to_le_bytes());
        let sum: [u8; 16] = self.salt.sum(&bytes);
        bytes.extend(sum);
        bytes
    }

    /// Finds it in the content of a lock file. What is not whole says nothing.
    pub(super) fn find(lock: &[u8]) -> Option<Self> {
        let at = lock.get(usize::try_from(AT).ok()?..)?;
        let (salt, rest) = at.split_first_chunk::<16>()?;
        let (length, rest) = rest.split_first_chunk::<8>()?;
        let (sum, _) = rest.split_first_chunk::<16>()?;
        let salt = Salt(*salt);
        let said: [u8; 16] = salt.sum(at.get(..24)?);
        (said == *sum).then_some(Self {
            salt,
            length: u64::from_le_bytes(*length),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_back_and_half_of_it_says_nothing() {
        let confirmed = Confirmed {
            salt: Salt([7; 16]),
            length: 1234,
        };
        let mut lock = vec![b' '; 64];
        lock.extend(confirmed.to_bytes());
        assert_eq!(Confirmed::find(&lock), Some(confirmed));
        for byte in 64..lock.len() {
            let mut broken = lock.clone();
            broken[byte] ^= 1;
            assert_eq!(Confirmed::find(&broken), None, "{byte}");
            assert_eq!(Confirmed::find(&lock[..byte]), None, "{byte}");
        }
    }
}
