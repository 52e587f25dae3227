//! An account and everything that can become of it: the pure core of the daemon.
//!
//! Nothing here knows of the bus, a disk or a clock. Time and randomness are parameters, every
//! transition takes an account and gives back a new one, and the caller stores that durably before
//! it answers anybody. Begin with [`decide()`], which is what a login asks.

mod change;
mod decide;
mod enroll;
mod format;
mod hash;
mod import;
mod otp;
mod plain;
mod random;
mod record;
mod recovery;
mod remembered;
mod restored;
mod resync;
mod secret;
mod source;
mod spent;
mod temporary;
mod throttle;
mod time;
mod token;
mod unlock;
mod uri;

#[cfg(test)]
mod decide_tests;
#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(test)]
mod format_tests;
#[cfg(test)]
mod google_conformance_tests;
#[cfg(test)]
mod oath_conformance_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod rfc_tests;

pub use change::{
    ChangeError, import_recovery_codes, issue_temporary_code, remove_all, remove_token,
    renew_recovery_codes,
};
pub use countersign_config::{
    Algorithm, Bounded, Digits, Issuer, NameError, OutOfBounds, Period, StepWindow, TokenName,
    UnknownAlgorithm,
};
pub use decide::{Accepts, Decision, Outcome, Proof, decide, decide_only};
pub use enroll::{EnrollError, activate, take_over};
pub use format::RecordError;
pub use import::{CodesEnd, Import, ImportError, Imported, Novelty, Onto, import, used_elsewhere};
pub use plain::PlainCode;
pub use random::{Random, RandomError, SystemRandom};
pub use record::Account;
pub use recovery::RecoveryCodes;
pub use remembered::{Place, remember, remembered};
pub use restored::restored;
pub use resync::resync;
pub use secret::{Secret, SecretError};
pub use source::{HostName, Network, Source};
pub use spent::{SpentStep, spent_step};
pub use temporary::{TemporaryCode, Uses, ValidSeconds};
pub use throttle::Budgets;
pub use time::UnixSeconds;
pub use token::{Kind, LookAhead, Offset, Token};
pub use unlock::{Cleared, unlock};
