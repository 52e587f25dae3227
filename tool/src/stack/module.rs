//! What is known of modules: whether a yes of theirs says who somebody is, and what they answer.

use super::chain::Link;
use super::control::{Action, Returned};

/// Our module's name.
pub const OURS: &str = "pam_countersign";
/// Its line in a stack.
pub const OUR_LINE: &str = "auth    required    pam_countersign.so\n";

/// What a yes of a module is worth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Worth {
    /// It is ours.
    Ours,
    /// Somebody has shown who they are, by a password or otherwise. Also what is not known.
    Proof,
    /// Somebody is of a kind that the administrator has named, root among them.
    Condition,
    /// Nothing.
    Nothing,
}

/// Modules that say of whom the administrator has spoken.
const CONDITIONS: [&str; 10] = [
    "pam_access",
    "pam_listfile",
    "pam_localuser",
    "pam_rhosts",
    "pam_rootok",
    "pam_selinux_permit",
    "pam_sepermit",
    "pam_succeed_if",
    "pam_usertype",
    "pam_wheel",
];

/// Modules that ask nobody for anything.
const HELPERS: [&str; 31] = [
    "pam_cap",
    "pam_debug",
    "pam_deny",
    "pam_echo",
    "pam_ecryptfs",
    "pam_env",
    "pam_faildelay",
    "pam_faillock",
    "pam_gnome_keyring",
    "pam_group",
    "pam_issue",
    "pam_keyinit",
    "pam_kwallet",
    "pam_kwallet5",
    "pam_limits",
    "pam_loginuid",
    "pam_mail",
    "pam_motd",
    "pam_mount",
    "pam_nologin",
    "pam_permit",
    "pam_securetty",
    "pam_selinux",
    "pam_setquota",
    "pam_shells",
    "pam_ssh_add",
    "pam_systemd_loadkey",
    "pam_tally2",
    "pam_time",
    "pam_umask",
    "pam_warn",
];

/// Modules that take something else in place of a password.
const NO_PASSWORDS: [&str; 6] = [
    "pam_cockpit_cert",
    "pam_fprintd",
    "pam_pkcs11",
    "pam_ssh_agent_auth",
    "pam_sss_gss",
    "pam_u2f",
];

/// Does this module take something else in place of a password: a certificate, a finger, a key?
pub fn is_no_password(name: &str) -> bool {
    NO_PASSWORDS.contains(&name)
}

/// What a yes of this module is worth.
pub fn worth(link: &Link) -> Worth {
    let name = link.name();
    if name == OURS {
        Worth::Ours
    } else if CONDITIONS.contains(&name) {
        Worth::Condition
    } else if HELPERS.contains(&name) {
        Worth::Nothing
    } else {
        Worth::Proof
    }
}

/// What our module answers when it refuses, by whatever reason.
pub const OUR_REFUSALS: [Returned; 6] = [
    Returned::AUTH_ERR,
    Returned::AUTHINFO_UNAVAIL,
    Returned::MAXTRIES,
    Returned::CONV_ERR,
    Returned::SYSTEM_ERR,
    Returned::PERM_DENIED,
];

/// The answers that make a difference: one for each thing that the control does about a refusal.
pub fn answers(link: &Link) -> Vec<Returned> {
    match link.name() {
        "pam_deny" => return vec![Returned::AUTH_ERR],
        "pam_permit" => return vec![Returned::SUCCESS],
        "pam_faildelay" => return vec![Returned::IGNORE],
        // Answers what it is told to.
        "pam_debug" => {
            let told = link.arguments.iter().rev();
            let mut told = told.filter_map(|argument| argument.strip_prefix("auth="));
            return vec![told.find_map(Returned::named).unwrap_or(Returned::SUCCESS)];
        }
        _ => {}
    }
    let mut answers = vec![Returned::SUCCESS];
    // Whoever asks for a password says yes or no.
    if worth(link) != Worth::Proof {
        answers.push(Returned::IGNORE);
    }
    let mut seen: Vec<Action> = Vec::new();
    for value in Returned::all() {
        let is_refusal = !matches!(
            value,
            Returned::SUCCESS
                | Returned::IGNORE
                | Returned::NEW_AUTHTOK_REQD
                | Returned::MODULE_UNKNOWN
        );
        let action = link.control.action(value);
        if is_refusal && !seen.contains(&action) {
            seen.push(action);
            answers.push(value);
        }
    }
    answers
}
