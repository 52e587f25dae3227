//! Where a login comes from, as far as the caller is to be believed.

use std::fmt;

use countersign_bus::keys;

use crate::account::{Place, Source};
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
    session: String,
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
            session: text(keys::SESSION)?,
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

    /// Where an accepted code may be remembered, if anywhere.
    pub fn place(&self) -> Option<Place> {
        match self.uid {
            0 => Place::of_login(&self.service, &self.tty, &self.rhost, &self.session),
            _ => None,
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
            session: _, // says nothing to who reads the log
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
    use zbus::{OwnedVariant, Variant};

    use super::*;
    use crate::caller::{Interaction, Line};

    fn said(uid: u32) -> Circumstances {
        read(
            uid,
            &[("service", "sshd"), ("rhost", "192.0.2.7"), ("later", "x")],
        )
    }

    fn read(uid: u32, pairs: &[(&str, &str)]) -> Circumstances {
        let sent = pairs.iter().map(|(key, value)| {
            (
                (*key).to_owned(),
                OwnedVariant::try_from(Variant::from(*value)).unwrap(),
            )
        });
        Circumstances::read(
            sent.collect(),
            &Caller {
                uid,
                name: None,
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

    #[test]
    fn root_alone_tells_a_place_to_remember() {
        assert_eq!(
            said(0).place(),
            Place::of_login("sshd", "", "192.0.2.7", "")
        );
        assert!(said(0).place().is_some());
        assert_eq!(said(1000).place(), None);
        let at_terminal = [
            ("service", "sudo"),
            ("tty", "pts/1"),
            ("session", "leader=1"),
        ];
        assert!(read(0, &at_terminal).place().is_some());
        assert_eq!(read(1000, &at_terminal).place(), None);
        assert_eq!(read(0, &at_terminal[..2]).place(), None);
    }
}
