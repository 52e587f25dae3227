use std::fs;
use std::time::Duration;

use serde_json::{Value, json};

use crate::program::Program;

const CLIENT: &str = concat!(include_str!("pam.py"), include_str!("pam_client/client.py"));
/// The service of a login that names none.
const SERVICE: &str = "module-alone";
/// `pam_permit` behind it: a stack in which every module says "not mine" refuses.
const STACK: &str = "auth required pam_countersign.so\nauth required pam_permit.so\n";

/// A login through a stack that has the module and no first factor, by a program that takes any
/// user name: root's, unless another's is asked for. What it is told is what PAM says, unchanged.
pub struct PamLogin {
    caller: String,
    service: String,
    user: Vec<u8>,
    rhost: String,
    answers: Vec<String>,
}

/// What PAM said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// The return code of `pam_authenticate`.
    pub code: PamCode,
    /// What was asked, in order.
    pub asked: Vec<String>,
    /// What the person was told, in order.
    pub told: Vec<String>,
}

/// The codes that the module may give, by their names in `_pam_types.h`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PamCode {
    /// `PAM_SUCCESS`, which is also what the stack of the test makes of `PAM_IGNORE`.
    Success,
    /// `PAM_PERM_DENIED`
    PermDenied,
    /// `PAM_AUTH_ERR`
    AuthErr,
    /// `PAM_AUTHINFO_UNAVAIL`
    AuthinfoUnavail,
    /// `PAM_MAXTRIES`
    MaxTries,
    /// Any other.
    Other(i64),
}

impl From<i64> for PamCode {
    fn from(number: i64) -> Self {
        match number {
            0 => Self::Success,
            6 => Self::PermDenied,
            7 => Self::AuthErr,
            9 => Self::AuthinfoUnavail,
            11 => Self::MaxTries,
            other => Self::Other(other),
        }
    }
}

impl PamLogin {
    /// A login under any name.
    pub fn of(user: impl AsRef<[u8]>) -> Self {
        Self {
            caller: "root".to_owned(),
            service: SERVICE.to_owned(),
            user: user.as_ref().to_vec(),
            rhost: String::new(),
            answers: Vec::new(),
        }
    }

    /// The answer to the next question. Whoever is asked more gives up.
    #[must_use]
    pub fn code(mut self, code: &str) -> Self {
        self.answers.push(code.to_owned());
        self
    }

    /// Whose program it is.
    #[must_use]
    pub fn by(mut self, caller: &str) -> Self {
        caller.clone_into(&mut self.caller);
        self
    }

    /// Under which name the program calls PAM. The stack of that service is replaced.
    #[must_use]
    pub fn service(mut self, service: &str) -> Self {
        service.clone_into(&mut self.service);
        self
    }

    /// Where it comes from.
    #[must_use]
    pub fn from(mut self, rhost: &str) -> Self {
        rhost.clone_into(&mut self.rhost);
        self
    }

    /// Logs in.
    pub fn go(self) -> Verdict {
        self.timed().0
    }

    /// Logs in, and says how long PAM took over it.
    pub fn timed(self) -> (Verdict, Duration) {
        let service = self.service;
        fs::write(format!("/etc/pam.d/{service}"), STACK).expect("a stack for the client");
        // Bytes that are no text have no other place in JSON.
        let user: Vec<u64> = self.user.iter().map(|byte| u64::from(*byte)).collect();
        let request = json!({
            "service": service, "user": user, "rhost": self.rhost, "answers": self.answers
        });
        let said = Program::as_user(&self.caller, "python3")
            .args(["-c", CLIENT])
            .input(&request.to_string())
            .text();
        let said: Value = serde_json::from_str(&said).expect("the client prints JSON");
        let number = |key: &str| said.get(key).and_then(Value::as_i64).expect("a number");
        let texts = |key: &str| {
            let list = said.get(key).and_then(Value::as_array).expect("a list");
            list.iter()
                .filter_map(|text| text.as_str().map(str::to_owned))
                .collect()
        };
        let took = u64::try_from(number("microseconds")).expect("no negative time");
        let verdict = Verdict {
            code: PamCode::from(number("verdict")),
            asked: texts("asked"),
            told: texts("told"),
        };
        (verdict, Duration::from_micros(took))
    }
}

impl Verdict {
    /// Checks that PAM let the person in.
    pub fn let_in(&self) {
        assert_eq!(self.code, PamCode::Success, "{self:?}");
    }

    /// Checks that PAM refused with this code, and what the person read last.
    pub fn refused_with(&self, code: PamCode, sentence: &str) {
        let last = self.told.last().map_or("", String::as_str);
        assert_eq!((self.code, last), (code, sentence), "{self:?}");
    }
}
