//! Typed clients of the three interfaces.
//!
//! Verdicts and requirements come as the words of [`crate::Verdict`] and [`crate::Requirement`];
//! an unknown word is for the caller to refuse.

use std::collections::HashMap;

use zbus::{OwnedVariant, Variant};

/// The `a{sv}` of an argument.
pub type Options<'a> = HashMap<&'a str, Variant<'a>>;
/// The `a{sv}` of a reply.
pub type Details = HashMap<String, OwnedVariant>;

/// Asks whether a login needs a code, and whether a code is right.
#[zbus::proxy(
    interface = "org.countersign1.Login",
    default_service = "org.countersign1",
    default_path = "/org/countersign1"
)]
pub trait Login {
    /// What does this login need? Root for anyone, anyone for the own name.
    fn prepare(&self, user: &str, context: &Options<'_>) -> zbus::Result<(String, Details)>;

    /// Is this code right? It is spent by being accepted. Callers as above.
    fn verify(
        &self,
        user: &str,
        code: &str,
        context: &Options<'_>,
    ) -> zbus::Result<(String, Details)>;

    /// The daemon's version.
    #[zbus(property(emits_changed_signal = "const"))]
    fn version(&self) -> zbus::Result<String>;
}

/// What people do with their own enrollment, and administrators with theirs.
#[zbus::proxy(
    interface = "org.countersign1.Account",
    default_service = "org.countersign1",
    default_path = "/org/countersign1"
)]
pub trait Account {
    /// Tokens, codes left, lock.
    fn status(&self, user: &str) -> zbus::Result<Details>;

    /// Makes a secret that counts once a code of it is confirmed on this connection.
    fn begin_enrollment(
        &self,
        user: &str,
        options: &Options<'_>,
    ) -> zbus::Result<(String, Details)>;

    /// Activates the token that this connection began. Recovery codes come with the first one.
    fn confirm_enrollment(&self, user: &str, code: &str) -> zbus::Result<Vec<String>>;

    /// Forgets what this connection began.
    fn cancel_enrollment(&self, user: &str) -> zbus::Result<()>;

    /// Activates what was confirmed in the middle of a login, once that has succeeded. Root alone.
    fn complete_enrollment(&self, user: &str, receipt: &str) -> zbus::Result<()>;

    /// The otpauth URI of a token, against a current code.
    fn export(&self, user: &str, code: &str, options: &Options<'_>) -> zbus::Result<String>;

    /// New recovery codes in place of the old ones, against a current code.
    fn renew_recovery_codes(&self, user: &str, code: &str) -> zbus::Result<Vec<String>>;

    /// Learns how far the token's clock is off from two codes in a row.
    fn resync(&self, user: &str, code: &str, next_code: &str) -> zbus::Result<()>;

    /// Removes a token, or with no name all of them and the recovery codes.
    fn disable(&self, user: &str, code: &str, options: &Options<'_>) -> zbus::Result<()>;
}

/// What administrators do with other people's accounts.
#[zbus::proxy(
    interface = "org.countersign1.Admin",
    default_service = "org.countersign1",
    default_path = "/org/countersign1"
)]
pub trait Admin {
    /// Enrolled users in order of their names, a page at a time.
    fn list(&self, filter: &Options<'_>) -> zbus::Result<Vec<(String, Details)>>;

    /// Clears throttle and lock. The reply says what there was to clear.
    fn unlock(&self, user: &str, options: &Options<'_>) -> zbus::Result<Details>;

    /// A code to read over the phone, good for a while.
    fn issue_temporary_code(&self, user: &str, options: &Options<'_>) -> zbus::Result<String>;

    /// Takes in tokens and recovery codes that work elsewhere, all of them or none. The reply says what
    /// of it is new, and what each token is called.
    fn import(&self, user: &str, token: &Options<'_>) -> zbus::Result<Details>;

    /// What the daemon knows of itself. No options yet.
    fn health(&self, options: &Options<'_>) -> zbus::Result<Details>;

    /// How much there is in the store, and under which keys. No options yet.
    fn store_status(&self, options: &Options<'_>) -> zbus::Result<Details>;

    /// Seals everything anew under the key that seals. No options yet.
    fn reseal(&self, options: &Options<'_>) -> zbus::Result<Details>;
}
