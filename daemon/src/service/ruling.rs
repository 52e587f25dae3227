//! What the policy says about one login, with the groups that it depends on looked up.

use countersign_bus::UserName;
use countersign_config::Finding;
use countersign_config::policy::{Membership, Memberships, Ruling};
use tokio::time::Instant;

use super::Parts;
use crate::audit::{Level, Quoted};
use crate::caller::Caller;
use crate::circumstances::Circumstances;
use crate::groups::Groups;
use crate::users::Named;

impl Parts {
    /// The ruling for a login of this user, and by when a call that came `since` then is answered. Groups
    /// are looked up as long as it matters, and one after the other: whom the first group decides about
    /// does not wait for the second.
    ///
    /// Where nobody can tell, the strictest of what the login could meet counts, and the log says so.
    /// `named` is whom the name means, where the user database told.
    pub async fn ruling(
        &self,
        user: &UserName,
        named: Option<&Named>,
        circumstances: &Circumstances,
        caller: &Caller,
        since: Instant,
    ) -> Ruling {
        let until = since + Groups::PATIENCE;
        let config = self.configuration.in_force();
        let (policy, context) = (&config.policy, circumstances.for_policy());
        let mut known = Memberships::default();
        while let Some(group) = policy.open_question(user, &context, &known) {
            let found = match named {
                Some(Named { gid, .. }) => {
                    let groups = &self.groups;
                    groups.find(user, *gid, &group, caller.uid, until).await
                }
                None => Finding::CannotTell("who the user is cannot be told either".to_owned()),
            };
            if let Finding::CannotTell(why) = &found {
                let (user, name) = (Quoted(user.as_str()), Quoted(group.as_str()));
                let line = format!(
                    "user={user} {circumstances}: cannot tell whether the user is in the group \
                     {name} ({why}); of the rules that the login could meet the strictest counts"
                );
                self.log.write(Level::Warning, &line);
            }
            let membership: Membership = found.membership();
            known.learn(group, membership);
        }
        policy.ruling(user, &context, &known)
    }
}
