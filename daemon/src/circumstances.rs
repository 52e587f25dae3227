//! Where a login comes from, as far as the caller is to be believed.

use std::fmt;

use countersign_bus::keys;

use crate::account::Source;
use crate::arguments::{Arguments, Dict};
use crate::audit::Quoted;
use crate::caller::Caller;
use crate::refusal::Refusal;
use countersign_config::policy::Context;

/// The circumstances of a login. Only root's programs, which see the other end of a login, are
/// believed; for anybody else the strictest reading holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Circumstances {
    service: String,
    tty: String,
    rhost: String,
    uid: u32,
}

impl Circumstances {
    /// Reads the context that came with a call. Keys that this version does not know describe
    /// nothing that it decides on, and are passed over.
    pub fn read(sent: Dict, caller: &Caller) -> Result<Self, Refusal> {
        let mut arguments = Arguments::new(sent);
        let mut text = |key| Ok::<_, Refusal>(arguments.text(key)?.unwrap_or_default());
        Ok(Self {
            service: text(keys::SERVICE)?,
            tty: text(keys::TTY)?,
            rhost: text(keys::RHOST)?,
            uid: caller.uid,
        })
    }

    /// What the policy may go by.
    pub fn for_policy(&self) -> Context<'_> {
        match self.uid {
            0 => Context::Trusted {
                service: &self.service,
                tty: &self.tty,
                rhost: &self.rhost,
            },
            _ => Context::Untrusted,
        }
    }

    /// The PAM service, where a program that is to be believed named one.
    pub fn believed_service(&self) -> Option<&str> {
        (self.uid == 0 && !self.service.is_empty()).then_some(self.service.as_str())
    }

    /// Whose budget a wrong code is charged to.
    pub fn source(&self) -> Source {
        match self.uid {
            0 => Source::from_rhost(&self.rhost),
            uid => Source::Own(uid),
        }
    }
}

impl fmt::Display for Circumstances {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            service,
            tty,
            rhost,
            uid,
        } = self;
        for (name, value) in [("service", service), ("tty", tty), ("rhost", rhost)] {
            if !value.is_empty() {
                write!(f, "{name}={} ", Quoted(value))?;
            }
        }
        write!(f, "caller={uid}")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use zbus::{OwnedVariant, Variant};

    use super::*;
    use crate::caller::{Interaction, Line};

    fn said(uid: u32) -> Circumstances {
        let sent =
            [("service", "sshd"), ("rhost", "192.0.2.7"), ("later", "x")].map(|(key, value)| {
                (
                    key.to_owned(),
                    OwnedVariant::try_from(Variant::from(value)).unwrap(),
                )
            });
        Circumstances::read(
            HashMap::from(sent),
            &Caller {
                uid,
                line: Line::Direct(1),
                interaction: Interaction::None,
                place: None,
            },
        )
        .unwrap()
    }

    #[test]
    fn root_is_believed() {
        assert_eq!(
            said(0).for_policy(),
            Context::Trusted {
                service: "sshd",
                tty: "",
                rhost: "192.0.2.7"
            }
        );
        assert_eq!(said(0).believed_service(), Some("sshd"));
        assert_eq!(said(0).source(), Source::from_rhost("192.0.2.7"));
        assert_eq!(
            said(0).to_string(),
            "service=\"sshd\" rhost=\"192.0.2.7\" caller=0"
        );
    }

    #[test]
    fn anybody_else_is_not() {
        assert_eq!(said(1000).for_policy(), Context::Untrusted);
        assert_eq!(said(1000).believed_service(), None);
        assert_eq!(said(1000).source(), Source::Own(1000));
    }
}
