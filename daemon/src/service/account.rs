//! `org.countersign1.Account`: what people do with their own enrollment, and administrators with
//! theirs.

use std::sync::Arc;

use countersign_bus::UserName;
use zbus::message::Header;
use zbus::{Connection, interface};

use super::acts::{self, Call};
use super::{Details, Parts, enrolling};
use crate::arguments::Dict;
use crate::authorize::Action;
use crate::caller::{Caller, Road};
use crate::refusal::Refusal;
use crate::users::Named;

/// The interface, served on the bus alone.
pub struct AccountInterface(pub Arc<Parts>);

impl AccountInterface {
    async fn admit(
        &self,
        action: Action,
        user: &str,
        header: &Header<'_>,
        connection: &Connection,
    ) -> Result<Call, Refusal> {
        admit(&self.0, Road::Bus, action, user, header, connection).await
    }
}

/// Parses and authorizes, as every method does.
pub async fn admit(
    parts: &Parts,
    road: Road,
    action: Action,
    user: &str,
    header: &Header<'_>,
    connection: &Connection,
) -> Result<Call, Refusal> {
    let user = UserName::parse(user).map_err(|e| Refusal::argument(e.to_string()))?;
    let mut caller = Caller::identify(road, connection, header, &parts.crowd, None).await?;
    let standing = parts
        .authorize(&caller, action, Some(&user), connection)
        .await?;
    caller.name = parts.users.name(caller.uid).await;
    let Named { user, uid, gid } = parts.named(&user, &caller).await?;
    Ok(Call {
        user,
        uid,
        gid,
        caller,
        standing,
    })
}

#[interface(name = "org.countersign1.Account", introspection_docs = false)]
impl AccountInterface {
    #[zbus(out_args("status"))]
    async fn status(
        &self,
        user: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<Details, Refusal> {
        let call = self
            .admit(Action::Status, user, &header, connection)
            .await?;
        acts::tell(&self.0, &call).await
    }

    #[zbus(out_args("otpauth_uri", "details"))]
    async fn begin_enrollment(
        &self,
        user: &str,
        options: Dict,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(String, Details), Refusal> {
        let call = self
            .admit(Action::Enroll, user, &header, connection)
            .await?;
        enrolling::begin(&self.0, &call, options, connection).await
    }

    #[zbus(out_args("recovery_codes"))]
    async fn confirm_enrollment(
        &self,
        user: &str,
        code: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<Vec<String>, Refusal> {
        let call = self
            .admit(Action::Enroll, user, &header, connection)
            .await?;
        enrolling::confirm(&self.0, &call, code).await
    }

    async fn cancel_enrollment(
        &self,
        user: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), Refusal> {
        let call = self
            .admit(Action::Enroll, user, &header, connection)
            .await?;
        enrolling::cancel(&self.0, &call)
    }

    async fn complete_enrollment(
        &self,
        user: &str,
        receipt: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), Refusal> {
        let call = self
            .admit(Action::CompleteEnrollment, user, &header, connection)
            .await?;
        enrolling::complete(&self.0, &call, receipt).await
    }

    #[zbus(out_args("otpauth_uri"))]
    async fn export(
        &self,
        user: &str,
        code: &str,
        options: Dict,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<String, Refusal> {
        let call = self
            .admit(Action::Export, user, &header, connection)
            .await?;
        let exported = acts::export(&self.0, &call, code, options).await;
        self.0.audit("export", &call.user, &call.caller, &exported);
        exported
    }

    #[zbus(out_args("recovery_codes"))]
    async fn renew_recovery_codes(
        &self,
        user: &str,
        code: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<Vec<String>, Refusal> {
        let call = self
            .admit(Action::RenewRecoveryCodes, user, &header, connection)
            .await?;
        let renewed = acts::renew(&self.0, &call, code).await;
        self.0
            .audit("renew-recovery-codes", &call.user, &call.caller, &renewed);
        renewed
    }

    async fn resync(
        &self,
        user: &str,
        code: &str,
        next_code: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), Refusal> {
        let call = self
            .admit(Action::Resync, user, &header, connection)
            .await?;
        let synced = acts::synchronize(&self.0, &call, code, next_code).await;
        self.0.audit("resync", &call.user, &call.caller, &synced);
        synced
    }

    async fn disable(
        &self,
        user: &str,
        code: &str,
        options: Dict,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), Refusal> {
        let call = self
            .admit(Action::Disable, user, &header, connection)
            .await?;
        let disabled = acts::disable(&self.0, &call, code, options).await;
        self.0.audit("disable", &call.user, &call.caller, &disabled);
        disabled
    }
}
