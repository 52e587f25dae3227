//! `org.countersign1.Account` as the login socket has it: what a login needs in the middle of which
//! somebody enrolls, and nothing else.

use std::sync::Arc;

use zbus::message::Header;
use zbus::{Connection, interface};

use super::account::admit;
use super::{Details, Parts, enrolling};
use crate::arguments::Dict;
use crate::authorize::Action;
use crate::caller::Road;
use crate::refusal::Refusal;

/// The interface, on one connection to the login socket.
pub struct FirstLoginInterface {
    parts: Arc<Parts>,
    road: Road,
}

impl FirstLoginInterface {
    /// For the connection that `road` names.
    pub fn new(parts: Arc<Parts>, road: Road) -> Self {
        Self { parts, road }
    }
}

#[interface(name = "org.countersign1.Account", introspection_docs = false)]
impl FirstLoginInterface {
    #[zbus(out_args("otpauth_uri", "details"))]
    async fn begin_enrollment(
        &self,
        user: &str,
        options: Dict,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(String, Details), Refusal> {
        let (parts, action) = (&self.parts, Action::Enroll);
        let call = admit(parts, self.road, action, user, &header, connection).await?;
        enrolling::begin(parts, &call, options, connection).await
    }

    #[zbus(out_args("recovery_codes"))]
    async fn confirm_enrollment(
        &self,
        user: &str,
        code: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<Vec<String>, Refusal> {
        let (parts, action) = (&self.parts, Action::Enroll);
        let call = admit(parts, self.road, action, user, &header, connection).await?;
        enrolling::confirm(parts, &call, code).await
    }

    async fn cancel_enrollment(
        &self,
        user: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), Refusal> {
        let (parts, action) = (&self.parts, Action::Enroll);
        let call = admit(parts, self.road, action, user, &header, connection).await?;
        enrolling::cancel(parts, &call)
    }

    async fn complete_enrollment(
        &self,
        user: &str,
        receipt: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), Refusal> {
        let (parts, action) = (&self.parts, Action::CompleteEnrollment);
        let call = admit(parts, self.road, action, user, &header, connection).await?;
        enrolling::complete(parts, &call, receipt).await
    }
}
