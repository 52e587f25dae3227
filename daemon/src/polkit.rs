//! Asks polkit whether somebody who is not root may administer.
//!
//! polkit may put a dialog in front of that person, whose password and code then go through our own
//! module and come back here as a login. So nothing is locked while the answer is awaited. How many
//! dialogs one person keeps open is bounded with that person's calls, see [`crate::crowd`].

use std::collections::HashMap;
use std::time::Duration;

use countersign_bus::ADMINISTER_ACTION;
use zbus::{Connection, Variant};

use crate::caller::{Caller, Line};

/// The longest that a dialog is waited for.
const PATIENCE: Duration = Duration::from_secs(120);
/// `AllowUserInteraction` of `CheckAuthorizationFlags`.
const ALLOW_INTERACTION: u32 = 1;

/// The authority, as far as it is needed here.
#[zbus::proxy(
    interface = "org.freedesktop.PolicyKit1.Authority",
    default_service = "org.freedesktop.PolicyKit1",
    default_path = "/org/freedesktop/PolicyKit1/Authority"
)]
trait Authority {
    fn check_authorization(
        &self,
        subject: &(&str, HashMap<&str, Variant<'_>>),
        action_id: &str,
        details: &HashMap<&str, &str>,
        flags: u32,
        cancellation_id: &str,
    ) -> zbus::Result<(bool, bool, HashMap<String, String>)>;
}

/// May the caller administer? Whatever goes wrong on the way is a no, with its reason.
pub async fn may_administer(bus: &Connection, caller: &Caller) -> Result<(), String> {
    let Line::Bus(connection) = &caller.line else {
        return Err("there is no bus between".to_owned());
    };
    // The subject is the connection, not the process: a number can be another process by now.
    let subject = HashMap::from([("name", Variant::from(connection.as_str()))]);
    let answer = async {
        AuthorityProxy::new(bus)
            .await?
            .check_authorization(
                &("system-bus-name", subject),
                ADMINISTER_ACTION,
                &HashMap::new(),
                ALLOW_INTERACTION,
                "",
            )
            .await
    };
    match tokio::time::timeout(PATIENCE, answer).await {
        Ok(Ok((true, ..))) => Ok(()),
        Ok(Ok((false, ..))) => Err("polkit says no".to_owned()),
        Ok(Err(e)) => Err(format!("polkit cannot be asked: {e}")),
        Err(_) => Err(format!(
            "polkit did not answer within {} s",
            PATIENCE.as_secs()
        )),
    }
}
