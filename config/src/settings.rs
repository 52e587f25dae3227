use countersign_words::Language;

use crate::policy::Policy;
use crate::store::{StoreBackend, StoreSettings};
use crate::{Algorithm, Digits, Issuer, Period, StepWindow};

/// The configuration as the daemon uses it. [`Config::load`] reads it from files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config {
    /// What authenticator apps show before the user name.
    pub issuer: Issuer,
    /// What people are spoken to in during a login.
    pub language: Language,
    /// How new tokens are made.
    pub totp: TotpDefaults,
    /// How many recovery codes a set has, 1 to 20.
    pub recovery_codes: usize,
    /// Where enrollments are kept. Another place counts from the next start of the daemon on.
    pub store: StoreSettings,
    /// Who has to show a code.
    pub policy: Policy,
}

impl Config {
    /// Every key that sets one value, by its full name, with its value as TOML writes it.
    pub fn values(&self) -> Vec<(&'static str, String)> {
        let text = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        let mut values = vec![
            ("issuer", text(self.issuer.as_str())),
            ("language", text(self.language.as_str())),
            ("totp.algorithm", text(self.totp.algorithm.as_str())),
            ("totp.digits", self.totp.digits.get().to_string()),
            ("totp.period", self.totp.period.get().to_string()),
            ("totp.window", self.totp.window.get().to_string()),
            ("recovery.codes", self.recovery_codes.to_string()),
            ("store.backend", text(self.store.backend.as_str())),
        ];
        if self.store.backend == StoreBackend::Postgres {
            let store = &self.store;
            let path = |path: &std::path::Path| text(&path.to_string_lossy());
            let urls: Vec<_> = store.servers().iter().map(|it| text(it.as_str())).collect();
            values.extend([
                ("store.tenant", text(store.tenant.as_str())),
                ("store.urls", format!("[{}]", urls.join(", "))),
                ("store.ca", path(&store.ca)),
                ("store.certificate", path(&store.certificate)),
                ("store.key", path(&store.key)),
                ("store.connect_within", store.connect_within.to_string()),
                ("store.answer_within", store.answer_within.to_string()),
                ("store.connections", store.connections.to_string()),
            ]);
        }
        values
    }

    /// The built-in defaults, which hold where no file says otherwise.
    ///
    /// They are also what to go on with when a file is broken at start, since neither keeping
    /// everyone out nor letting everyone in will do. They are strict in this sense: whoever is
    /// enrolled is asked for a code, at every service and from everywhere, because no rule relaxes
    /// that. Yet the `always` rules of the broken file are not known, so users whom it would have
    /// refused for not being enrolled get in with their first factor alone; the log must say so.
    pub fn default_for(host_name: &str) -> Self {
        Self {
            issuer: Issuer::of_host(host_name),
            language: Language::default(),
            totp: TotpDefaults::default(),
            recovery_codes: 10,
            store: StoreSettings::default(),
            policy: Policy::default(),
        }
    }
}

/// How tokens are made at enrollment. Changing it changes no token that exists.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TotpDefaults {
    /// The hash of the HMAC (RFC 6238 §1.2).
    pub algorithm: Algorithm,
    /// Digits of a code, 6 to 8.
    pub digits: Digits,
    /// Length of a time step in seconds, 1 to 86400.
    pub period: Period,
    /// How many time steps a code may be early or late, 0 to 10 (RFC 6238 §5.2 recommends 1).
    pub window: StepWindow,
}

impl TotpDefaults {
    /// Digits of a code unless somebody asks for another number. Every app reads it.
    pub const DIGITS: Digits = Digits::constant::<6>();
    /// The time step unless somebody asks for another, in seconds. Every app reads it.
    pub const PERIOD: Period = Period::constant::<30>();
}

/// What every authenticator app accepts; several read other values and silently ignore them.
impl Default for TotpDefaults {
    fn default() -> Self {
        Self {
            algorithm: Algorithm::Sha1,
            digits: Self::DIGITS,
            period: Self::PERIOD,
            window: StepWindow::constant::<1>(),
        }
    }
}
