//! The module under pamtester: one PAM call at a time, with the result that the application sees.
//! Each is made by a process of root's, which goes by the login socket, and by one of the user's own,
//! which goes by the bus.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what the tests share fails them as they would fail themselves"
)]

mod conformance;
mod failures;
mod modes;
mod options;
mod outcomes;

use countersign_tests::{Caller, PamTester, Report, Secret};
use zbus::Variant;

const PASSWORD: &str = "her password";
/// The secret of Google's own tests.
const GOOGLE: &str = "2SH3V3GDW7ZNMGYE";
/// HMAC fills keys up with zeros, so this is OATH's one-byte key 00, long enough to be taken in.
const ZEROS: &str = "AAAAAAAAAAAAAAAA";

const SUCCESS: &str = "successfully authenticated";
const AUTH_ERR: &str = "Authentication failure";
const CONV_ERR: &str = "Conversation error";
const MAXTRIES: &str = "Have exhausted maximum number of retries for service";
const PERM_DENIED: &str = "Permission denied";
const UNAVAIL: &str = "Authentication service cannot retrieve authentication info";

/// Whose process calls PAM, and so which way the module takes.
#[derive(Clone, Copy, Debug)]
enum By {
    Root,
    Alice,
}
use By::{Alice, Root};

impl By {
    /// Alice authenticates.
    fn run(self, service: &PamTester, answers: &[&str]) -> Report {
        match self {
            Root => service.by_root("alice", answers),
            Alice => service.by_user("alice", answers),
        }
    }
}

/// Gives alice a token that counts, so that its codes need no clock.
fn counting(base32: &str, counter: u64) -> Secret {
    let token = [
        ("secret", Variant::from(base32)),
        ("kind", "hotp".into()),
        ("counter", counter.into()),
        ("window", 20_u32.into()),
    ];
    let root = Caller::on_bus("root");
    root.import("alice", &token).expect("a token");
    Secret::from_uri(&format!(
        "otpauth://hotp/lab:alice?secret={base32}&counter={counter}"
    ))
}

/// The module alone, with these options.
fn alone(options: &str) -> PamTester {
    PamTester::new(
        "alone",
        &[&format!("auth required pam_countersign.so {options}")],
    )
}
