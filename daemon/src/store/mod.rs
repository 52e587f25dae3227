//! The embedded store: one sealed record a user, compare-and-swap, durable before it is answered.
//!
//! A change travels through the files in this order: [`vault`] seals it, [`handle`] queues it,
//! [`writer`] gathers all that wait into one batch, [`judge`] compares them, [`journal`] appends the
//! batch as one frame ([`frame`], [`entry`]) and syncs it, [`table`] then shows it to readers, and the
//! reply goes out. At start [`opening`] checks what lies in the directory, [`replay`] reads the index
//! and what changed since, and [`key`] finds what it was sealed under.
//!
//! There is one data file, `journal`: a snapshot of all records in blocks ([`base`], [`index`]), and
//! after it what changed since ([`layer`]). A new snapshot is a new file ([`compaction`], [`snapshot`])
//! that is renamed over the old one ([`upkeep`]), so that every crash leaves one whole file, and a copy
//! of it taken at any time is a backup.

mod backup;
mod base;
mod compaction;
mod confirmed;
mod disk;
mod entry;
mod first_format;
mod frame;
mod handle;
mod index;
mod journal;
mod judge;
mod key;
mod key_error;
mod layer;
mod merge;
mod notice;
mod open_error;
mod opening;
mod outcome;
mod real_disk;
mod rekey;
mod rekey_error;
mod replay;
mod restore;
mod scrub;
mod seal;
mod sealer;
mod snapshot;
mod survey;
mod table;
mod tally;
mod upkeep;
mod vault;
mod writer;

#[cfg(test)]
mod tests;

pub use backup::{
    Backup, BackupError, Header, Made, Origin, PlainRecord, Records, back_up, read_backup,
};
pub use compaction::{Beside, Job, Threads};
pub use disk::{Access, Disk, DiskFile, Facts, FileKind, Owner};
pub use handle::Store;
pub use key::{Credentials, Home, Key, KeyId, Keyring, keys_from};
pub use key_error::KeyError;
pub use notice::{Notice, Report};
pub use open_error::{OpenError, Part};
pub use opening::Opening;
pub use outcome::{Durability, MAX_RECORD_BYTES, StoreError, Stored, Swapped, Version};
pub use real_disk::RealDisk;
pub use rekey::{CredentialCipher, Finished, Keys, Settled, Standing, Target};
pub use rekey_error::RekeyError;
pub use restore::{Held, Kept, RestoreError, Restored};
pub use seal::{Entropy, SealError, system_entropy};
pub use sealer::Sealer;
pub use survey::{Checked, Summary, check, check_or_empty, survey};
pub use vault::{Page, Unsealed, Vault, VaultError, VaultStanding};
