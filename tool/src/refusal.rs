//! What each fault of the daemon means for the person who asked.

use std::fmt;

use countersign_bus::{Fault, UserName};
use nix::unistd::Uid;

use crate::caller::{Role, Subject};
use crate::printable::Printable;
use crate::words::tell;

/// The calls that the tool makes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// `Account.Status`
    Status,
    /// `Account.BeginEnrollment`
    Begin,
    /// `Account.ConfirmEnrollment`
    Confirm,
    /// `Account.Export`
    Export,
    /// `Account.RenewRecoveryCodes`
    Renew,
    /// `Account.Resync`
    Resync,
    /// `Account.Disable`
    Disable,
    /// `Login.Verify`
    Verify,
    /// `Admin.List`
    List,
    /// `Admin.Unlock`
    Unlock,
    /// `Admin.Unlock` with a temporary code
    Issue,
    /// `Admin.Import`
    Import,
    /// `Admin.StoreStatus`
    StoreStatus,
    /// `Admin.Reseal`
    Reseal,
}

impl Action {
    /// Does it leave something behind when it succeeds? What `Begin` makes goes away by itself.
    pub const fn changes(self) -> bool {
        !matches!(
            self,
            Self::Status | Self::Begin | Self::Export | Self::List | Self::StoreStatus
        )
    }

    /// Is it a change that must be on the disk? What a login's code used up may wait in memory, so
    /// that `Verify` fails for want of a store alone.
    const fn is_stored(self) -> bool {
        self.changes() && !matches!(self, Self::Verify)
    }
}

/// One thing that was asked of the daemon.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Task {
    /// Which call.
    pub action: Action,
    /// On whose account; `None` for the list of all.
    pub user: Option<UserName>,
    /// In which capacity.
    pub role: Role,
    /// Which token, when one was named.
    pub token: Option<String>,
}

impl Task {
    /// A call on an account.
    pub fn on(action: Action, subject: &Subject) -> Self {
        Self {
            action,
            user: Some(subject.user.clone()),
            role: subject.role,
            token: None,
        }
    }

    /// The same for one token of it.
    pub fn with_token(self, token: Option<&str>) -> Self {
        Self {
            token: token.map(str::to_owned),
            ..self
        }
    }

    /// A call on the store as a whole.
    pub const fn store(action: Action) -> Self {
        Self {
            action,
            user: None,
            role: Role::Administrator,
            token: None,
        }
    }

    /// The list of all accounts.
    pub const fn list() -> Self {
        Self {
            action: Action::List,
            user: None,
            role: Role::Administrator,
            token: None,
        }
    }
}

impl Task {
    /// The command line that does this to the same account.
    fn command(&self, verb: &str, rest: &str) -> String {
        let user = match (self.role, &self.user) {
            (Role::Owner, _) => String::new(),
            (Role::Administrator, user) => format!(" --user {}", named(user.as_ref())),
        };
        format!("`countersign {verb}{user}{rest}`")
    }

    /// How an administrator removes what lies under the name.
    fn removal(&self) -> String {
        format!("`countersign disable --user {}`", named(self.user.as_ref()))
    }
}

/// The flag that names a token, with what stands for a name.
fn one_token() -> String {
    format!(" --name {}", tell!("help-value-TOKEN"))
}

/// The name in a command line, or what stands for it.
fn named(user: Option<&UserName>) -> Printable<'_> {
    Printable(user.map_or("USER", UserName::as_str))
}

impl fmt::Display for Task {
    /// That it cannot be done: "cannot enroll alice".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = Printable(self.user.as_ref().map_or("", UserName::as_str)).to_string();
        f.write_str(&match self.action {
            Action::Status => tell!("tool-cannot-status", "user" = user),
            Action::Begin | Action::Confirm => tell!("tool-cannot-enroll", "user" = user),
            Action::Export => tell!("tool-cannot-export", "user" = user),
            Action::Renew => tell!("tool-cannot-renew", "user" = user),
            Action::Resync => tell!("tool-cannot-resync", "user" = user),
            Action::Disable => tell!("tool-cannot-disable", "user" = user),
            Action::Verify => tell!("tool-cannot-verify", "user" = user),
            Action::List => tell!("tool-cannot-list"),
            Action::Unlock => tell!("tool-cannot-unlock", "user" = user),
            Action::Issue => tell!("tool-cannot-issue", "user" = user),
            Action::Import => tell!("import-cannot", "user" = user),
            Action::StoreStatus => tell!("store-cannot-status"),
            Action::Reseal => tell!("store-cannot-reseal"),
        })
    }
}

/// A fault, and what it was the answer to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// What was asked.
    pub task: Task,
    /// What the daemon answered.
    pub fault: Fault,
    /// Its text, meant for logs; never shown but for [`Fault::InvalidArgument`].
    pub text: String,
    /// Was it root who asked? More than that nobody can become.
    pub by_root: bool,
}

impl Refusal {
    /// What the daemon answered to the caller.
    pub fn new(task: Task, fault: Fault, text: String) -> Self {
        Self {
            task,
            fault,
            text,
            by_root: Uid::effective().is_root(),
        }
    }

    /// Who may do it, when the caller may not.
    fn denied(&self) -> String {
        let Task {
            action, user, role, ..
        } = &self.task;
        match (action, role) {
            (Action::Resync, Role::Administrator) => tell!(
                "tool-refused-resync-other",
                "user" = named(user.as_ref()).to_string()
            ),
            _ if self.by_root => tell!("tool-refused-even-root"),
            (_, Role::Owner) => tell!("tool-refused-own"),
            (_, Role::Administrator) => tell!("tool-refused-administrator"),
        }
    }

    /// What was wrong with what was asked. Where a call has one such fault alone, it is known.
    fn invalid(&self) -> String {
        let task = &self.task;
        let status = || task.command("status", "");
        let removal = || task.command("disable", &one_token());
        let text = || {
            let text: String = self.text.chars().take(200).collect();
            Printable(text.trim_end_matches('.')).to_string()
        };
        match (task.action, &task.token) {
            (Action::Export, None) => tell!("tool-refused-which-token", "status" = status()),
            (Action::Confirm, _) => tell!(
                "tool-refused-too-many-tokens",
                "removal" = removal(),
                "status" = status()
            ),
            (Action::Begin, _) => tell!(
                "tool-refused-argument-enroll",
                "text" = text(),
                "removal" = removal()
            ),
            _ => tell!("tool-refused-argument", "text" = text()),
        }
    }

    /// Why there is nothing to act on.
    fn not_enrolled(&self) -> String {
        match (&self.task.token, self.task.role) {
            (Some(token), _) => tell!(
                "tool-refused-no-such-token",
                "token" = Printable(token).to_string(),
                "status" = self.task.command("status", "")
            ),
            (None, Role::Administrator) => tell!("tool-refused-not-enrolled"),
            (None, Role::Owner) => tell!("tool-refused-not-enrolled-own"),
        }
    }

    /// What is there already.
    fn already_enrolled(&self) -> String {
        let task = &self.task;
        let enroll = || task.command("enroll", "");
        match (task.action, task.role) {
            (Action::Confirm, Role::Owner) => {
                tell!("tool-refused-enrolled-meanwhile-own", "enroll" = enroll())
            }
            (Action::Confirm, Role::Administrator) => {
                tell!("tool-refused-enrolled-meanwhile", "enroll" = enroll())
            }
            _ => tell!(
                "tool-refused-token-exists",
                "removal" = task.command("disable", &one_token())
            ),
        }
    }

    /// Whose record it is, and who removes it.
    fn earlier_user(&self) -> String {
        let removal = self.task.removal();
        if self.by_root || self.task.role == Role::Administrator {
            tell!("tool-refused-earlier-user", "removal" = removal)
        } else {
            tell!("tool-refused-earlier-user-own", "removal" = removal)
        }
    }

    /// The seconds to wait, in which the text of [`Fault::Throttled`] ends.
    fn seconds(&self) -> Option<u64> {
        let number = |word: &str| {
            word.trim_matches(|c: char| !c.is_ascii_digit())
                .parse()
                .ok()
        };
        self.text.split_whitespace().rev().find_map(number)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.fault {
            Fault::AccessDenied => self.denied(),
            Fault::InvalidArgument => self.invalid(),
            Fault::NoSuchUser => tell!("tool-refused-no-such-user"),
            Fault::NotEnrolled => self.not_enrolled(),
            Fault::AlreadyEnrolled => self.already_enrolled(),
            Fault::CodeNotAccepted => match self.task.action {
                Action::Resync => tell!("tool-refused-code-resync"),
                Action::Disable => tell!("tool-refused-code-disable"),
                Action::Export | Action::Renew => tell!("tool-refused-code-no-recovery"),
                _ => tell!("tool-refused-code"),
            },
            Fault::CodeUsed => match self.task.action {
                Action::Resync => tell!("tool-refused-code-resync"),
                Action::Disable | Action::Begin => tell!("tool-refused-used-or-recovery"),
                _ => tell!("tool-refused-used"),
            },
            Fault::Locked => {
                let user = named(self.task.user.as_ref()).to_string();
                match self.task.action {
                    Action::Disable | Action::Begin => {
                        tell!("tool-refused-locked-or-recovery", "user" = user)
                    }
                    _ => tell!("tool-refused-locked", "user" = user),
                }
            }
            Fault::Throttled => match self.seconds() {
                Some(seconds) => tell!("tool-turned-throttled", "seconds" = seconds),
                None => tell!("tool-turned-throttled-a-while"),
            },
            Fault::NoPendingEnrollment => tell!("tool-refused-expired"),
            Fault::EarlierUser => self.earlier_user(),
            Fault::StorageFailed if self.task.action.is_stored() => {
                tell!("tool-refused-not-stored")
            }
            Fault::StorageFailed => tell!("tool-refused-no-store"),
            Fault::Busy => tell!("tool-refused-busy"),
        };
        let cannot = self.task.to_string();
        f.write_str(&tell!("tool-cannot", "cannot" = cannot, "why" = why))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(action: Action, role: Role, fault: Fault, text: &str) -> Refusal {
        let user = UserName::parse("alice").unwrap();
        Refusal {
            task: Task::on(action, &Subject { user, role }),
            fault,
            text: text.into(),
            by_root: false,
        }
    }

    /// What is said after "cannot …: ".
    fn reason(refusal: &Refusal) -> String {
        let said = refusal.to_string();
        let task = format!("{}: ", refusal.task);
        said.strip_prefix(&task).expect("another task").to_owned()
    }

    fn why(action: Action, role: Role, fault: Fault) -> String {
        reason(&refusal(action, role, fault, "for the log"))
    }

    #[test]
    fn every_fault_says_what_was_done_to_whom_and_what_to_do_next() {
        let next = [
            "Ask", "Run", "Use", "Check", "Do so", "Choose", "Wait", "Try", "Remove", "says",
            "shows",
        ];
        for fault in Fault::ALL {
            for role in [Role::Owner, Role::Administrator] {
                let said = refusal(Action::Disable, role, *fault, "x").to_string();
                assert!(
                    said.starts_with("cannot disable the codes of alice: "),
                    "{said}"
                );
                // This one asks for the same again.
                let done = *fault == Fault::NoPendingEnrollment;
                assert!(done || next.iter().any(|n| said.contains(n)), "{said}");
                assert!(!said.contains("org.countersign1"), "{said}");
            }
        }
    }

    #[test]
    fn the_wait_comes_from_the_end_of_the_text() {
        let said = |text| refusal(Action::Export, Role::Owner, Fault::Throttled, text).to_string();
        let with = "cannot export the key of alice: too many wrong codes. Try again in 30 s";
        assert_eq!(said("5 wrong codes, retry after 30"), with);
        assert_eq!(said("retry after 30 s"), with);
        assert!(said("").ends_with("Try again later"));
    }

    #[test]
    fn texts_for_logs_are_not_shown_and_the_other_cannot_write_to_the_terminal() {
        let said = refusal(Action::Begin, Role::Owner, Fault::Busy, "secret detail").to_string();
        assert!(!said.contains("detail"));
        let said = refusal(
            Action::Begin,
            Role::Owner,
            Fault::InvalidArgument,
            "digits \u{1b}[1m 12.",
        );
        assert_eq!(
            said.to_string(),
            "cannot enroll alice: the daemon refused it: digits \\u{1b}[1m 12. \
             `countersign enroll --help` shows the choices; where there are too many tokens, \
             remove one with `countersign disable --name TOKEN`"
        );
    }

    #[test]
    fn a_store_that_cannot_be_read_is_not_called_a_change_that_was_not_made() {
        for (action, said) in [
            (Action::Status, "the store cannot be used"),
            (Action::List, "the store cannot be used"),
            (Action::Verify, "the store cannot be used"),
            (Action::Confirm, "was not made"),
            (Action::Disable, "was not made"),
        ] {
            let told = refusal(action, Role::Owner, Fault::StorageFailed, "").to_string();
            assert!(told.contains(said), "{told}");
            assert!(
                told.contains("`journalctl -u countersignd` says why"),
                "{told}"
            );
        }
    }

    #[test]
    fn an_unknown_token_is_named() {
        for (role, status) in [
            (Role::Owner, "`countersign status`"),
            (Role::Administrator, "`countersign status --user alice`"),
        ] {
            let mut refusal = refusal(Action::Disable, role, Fault::NotEnrolled, "");
            refusal.task.token = Some("tablet".into());
            assert_eq!(
                reason(&refusal),
                format!("there is no token named \"tablet\". {status} shows the names")
            );
        }
    }

    #[test]
    fn who_is_not_enrolled_may_need_a_code_all_the_same() {
        for action in [Action::Unlock, Action::Issue, Action::Disable] {
            assert_eq!(
                why(action, Role::Administrator, Fault::NotEnrolled),
                "this user is not enrolled. `countersign list` shows who is"
            );
        }
        assert_eq!(
            why(Action::Disable, Role::Owner, Fault::NotEnrolled),
            "no authenticator is set up. Do so with `countersign enroll`"
        );
    }

    #[test]
    fn an_earlier_users_record_comes_with_the_command_that_removes_it() {
        let owner = why(Action::Begin, Role::Owner, Fault::EarlierUser);
        assert_eq!(
            owner,
            "an earlier user of this name has left an enrollment. Ask an administrator to remove \
             it with `countersign disable --user alice`"
        );
        let administrator = why(Action::Unlock, Role::Administrator, Fault::EarlierUser);
        assert_eq!(
            administrator,
            "this enrollment is an earlier user's. Remove it with `countersign disable --user \
             alice`"
        );
        let mut root = refusal(Action::Begin, Role::Owner, Fault::EarlierUser, "");
        root.by_root = true;
        assert_eq!(reason(&root), administrator);
        let mut nobody = refusal(Action::List, Role::Administrator, Fault::EarlierUser, "");
        nobody.task.user = None;
        assert!(
            reason(&nobody).ends_with("Remove it with `countersign disable --user USER`"),
            "{nobody}"
        );
    }

    #[test]
    fn root_is_not_told_to_become_root() {
        for role in [Role::Owner, Role::Administrator] {
            let mut denied = refusal(Action::Begin, role, Fault::AccessDenied, "");
            denied.by_root = true;
            assert_eq!(
                reason(&denied),
                "the daemon does not allow this, not even to root. `journalctl -u countersignd` \
                 says why"
            );
        }
        assert_eq!(
            why(Action::Unlock, Role::Administrator, Fault::AccessDenied),
            "only an administrator may do this. Try again where polkit can ask you who you are, or \
             run it as root, for example with sudo"
        );
        assert_eq!(
            why(Action::Status, Role::Owner, Fault::AccessDenied),
            "this is not allowed to you. Ask an administrator to do it"
        );
    }

    #[test]
    fn only_the_owner_adjusts_to_an_authenticator() {
        let mut denied = refusal(Action::Resync, Role::Administrator, Fault::AccessDenied, "");
        for by_root in [false, true] {
            denied.by_root = by_root;
            assert_eq!(
                reason(&denied),
                "only the owner of the account may do this. Ask alice to run `countersign resync`"
            );
        }
    }

    #[test]
    fn which_token_is_meant_must_be_said_where_there_are_several() {
        for (role, status) in [
            (Role::Owner, "`countersign status`"),
            (Role::Administrator, "`countersign status --user alice`"),
        ] {
            assert_eq!(
                why(Action::Export, role, Fault::InvalidArgument),
                format!(
                    "there are several tokens. Choose one with --name; {status} shows the names"
                )
            );
        }
        let mut named = refusal(Action::Export, Role::Owner, Fault::InvalidArgument, "a b");
        named.task.token = Some("x".repeat(300));
        assert_eq!(
            reason(&named),
            "the daemon refused it: a b. `countersign --help` shows the choices"
        );
    }

    #[test]
    fn too_many_tokens_come_with_the_command_that_removes_one() {
        assert_eq!(
            why(Action::Begin, Role::Administrator, Fault::InvalidArgument),
            "the daemon refused it: for the log. `countersign enroll --help` shows the choices; \
             where there are too many tokens, remove one with `countersign disable --user alice \
             --name TOKEN`"
        );
        assert_eq!(
            why(Action::Confirm, Role::Owner, Fault::InvalidArgument),
            "there are as many tokens as an account can have. Remove one with `countersign \
             disable --name TOKEN`; `countersign status` shows the names"
        );
    }

    #[test]
    fn a_recovery_code_does_not_show_or_replace_anything() {
        for action in [Action::Export, Action::Renew] {
            assert_eq!(
                why(action, Role::Owner, Fault::CodeNotAccepted),
                "that code is not right or was used already. Wait for the next one; a recovery \
                 code does not do here"
            );
        }
        assert!(why(Action::Disable, Role::Owner, Fault::CodeNotAccepted).contains("or use a"));
        assert!(!why(Action::Begin, Role::Owner, Fault::CodeNotAccepted).contains("recovery"));
    }

    #[test]
    fn a_token_that_is_there_already_is_told_from_one_that_came_meanwhile() {
        assert_eq!(
            why(Action::Begin, Role::Owner, Fault::AlreadyEnrolled),
            "there is a token of that name. Choose another with --name, or remove the old one \
             with `countersign disable --name TOKEN`"
        );
        assert_eq!(
            why(Action::Confirm, Role::Owner, Fault::AlreadyEnrolled),
            "the account was given a token meanwhile, and nothing was changed. Remove the new \
             entry from the app and run `countersign enroll` again, which asks for a current code \
             then"
        );
        assert_eq!(
            why(Action::Confirm, Role::Administrator, Fault::AlreadyEnrolled),
            "the account was given a token meanwhile, and nothing was changed. Remove the new \
             entry from the app and run `countersign enroll --user alice` again"
        );
    }

    #[test]
    fn a_busy_daemon_is_asked_again() {
        assert_eq!(
            why(Action::Verify, Role::Owner, Fault::Busy),
            "the daemon has too much under way. Try again in a moment"
        );
    }
}
