use std::collections::HashMap;

use zbus::{OwnedVariant, Variant};

use crate::caller::{Answer, Caller};
use crate::enrollment::Secret;

/// An `a{sv}` argument.
pub type Options<'a> = HashMap<&'a str, Variant<'a>>;
/// An `a{sv}` reply.
pub type Details = HashMap<String, OwnedVariant>;

/// An enrollment that waits for a code.
pub struct Begun {
    /// What the app would scan.
    pub secret: Secret,
    /// What came with it.
    pub details: Details,
}

/// The methods of the contract, in its order.
impl Caller {
    /// `Login.Prepare` with an empty context.
    pub fn prepare(&self, user: &str) -> Answer<(String, Details)> {
        self.call("Login.Prepare", &(user, Options::new()))
    }

    /// `Login.Verify` with an empty context. The verdict alone.
    pub fn verify(&self, user: &str, code: &str) -> Answer<String> {
        self.call("Login.Verify", &(user, code, Options::new()))
            .map(|(verdict, _details): (String, Details)| verdict)
    }

    /// `Account.Status`
    pub fn status(&self, user: &str) -> Answer<Details> {
        self.call("Account.Status", &(user,))
    }

    /// `Account.BeginEnrollment`
    pub fn begin(&self, user: &str, options: &[(&str, Variant<'_>)]) -> Answer<Begun> {
        let (uri, details): (String, Details) =
            self.call("Account.BeginEnrollment", &(user, dict(options)))?;
        let secret = Secret::from_uri(&uri);
        Ok(Begun { secret, details })
    }

    /// `Account.ConfirmEnrollment`
    pub fn confirm(&self, user: &str, code: &str) -> Answer<Vec<String>> {
        self.call("Account.ConfirmEnrollment", &(user, code))
    }

    /// `Account.CancelEnrollment`
    pub fn cancel(&self, user: &str) -> Answer<()> {
        self.call("Account.CancelEnrollment", &(user,))
    }

    /// `Account.CompleteEnrollment`
    pub fn complete(&self, user: &str, receipt: &str) -> Answer<()> {
        self.call("Account.CompleteEnrollment", &(user, receipt))
    }

    /// `Account.Export`
    pub fn export(
        &self,
        user: &str,
        code: &str,
        options: &[(&str, Variant<'_>)],
    ) -> Answer<String> {
        self.call("Account.Export", &(user, code, dict(options)))
    }

    /// `Account.RenewRecoveryCodes`
    pub fn renew_recovery_codes(&self, user: &str, code: &str) -> Answer<Vec<String>> {
        self.call("Account.RenewRecoveryCodes", &(user, code))
    }

    /// `Account.Resync`
    pub fn resync(&self, user: &str, code: &str, next_code: &str) -> Answer<()> {
        self.call("Account.Resync", &(user, code, next_code))
    }

    /// `Account.Disable`
    pub fn disable(&self, user: &str, code: &str, options: &[(&str, Variant<'_>)]) -> Answer<()> {
        self.call("Account.Disable", &(user, code, dict(options)))
    }

    /// `Admin.List`
    pub fn list(&self, filter: &[(&str, Variant<'_>)]) -> Answer<Vec<(String, Details)>> {
        self.call("Admin.List", &(dict(filter),))
    }

    /// `Admin.Unlock`
    pub fn unlock(&self, user: &str) -> Answer<Details> {
        self.call("Admin.Unlock", &(user, Options::new()))
    }

    /// `Admin.IssueTemporaryCode`
    pub fn issue(&self, user: &str, options: &[(&str, Variant<'_>)]) -> Answer<String> {
        self.call("Admin.IssueTemporaryCode", &(user, dict(options)))
    }

    /// `Admin.Import`, whatever came of each token.
    pub fn import(&self, user: &str, token: &[(&str, Variant<'_>)]) -> Answer<()> {
        self.import_told(user, token).map(drop)
    }

    /// `Admin.Import`
    pub fn import_told(&self, user: &str, token: &[(&str, Variant<'_>)]) -> Answer<Details> {
        self.call("Admin.Import", &(user, dict(token)))
    }

    /// `Admin.StoreStatus`
    pub fn store_status(&self) -> Answer<Details> {
        self.call("Admin.StoreStatus", &(Options::new(),))
    }

    /// `Admin.Reseal`
    pub fn reseal(&self) -> Answer<Details> {
        self.call("Admin.Reseal", &(Options::new(),))
    }

    /// `Admin.Health`
    pub fn health(&self) -> Answer<Details> {
        self.call("Admin.Health", &(Options::new(),))
    }

    /// Enrolls, with the first code that is right.
    pub fn enroll(&self, user: &str, options: &[(&str, Variant<'_>)]) -> (Secret, Vec<String>) {
        let mut begun = self.begin(user, options).expect("a new token");
        let code = begun.secret.next_code();
        let recovery_codes = self.confirm(user, &code).expect("a right code");
        (begun.secret, recovery_codes)
    }
}

fn dict<'a>(pairs: &[(&'a str, Variant<'a>)]) -> Options<'a> {
    pairs
        .iter()
        .map(|(key, value)| {
            (
                *key,
                value.try_clone().expect("a value without descriptors"),
            )
        })
        .collect()
}
