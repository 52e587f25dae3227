//! What is known of services by their names.

/// Services at which people log in, in the order of `pam status`.
pub const LOGINS: [&str; 26] = [
    "sshd",
    "sudo",
    "sudo-i",
    "su",
    "su-l",
    "login",
    "remote",
    "polkit-1",
    "cockpit",
    "gdm-password",
    "gdm-fingerprint",
    "gdm-smartcard",
    "lightdm",
    "sddm",
    "kde",
    "lxdm",
    "xdm",
    "greetd",
    "cinnamon-screensaver",
    "i3lock",
    "mate-screensaver",
    "swaylock",
    "vlock",
    "xfce4-screensaver",
    "xscreensaver",
    "vsftpd",
];

/// Each of these pairs is one door with two names: with and without a login shell.
const PAIRS: [[&str; 2]; 2] = [["su", "su-l"], ["sudo", "sudo-i"]];

/// The other name of the same door.
pub fn partner(service: &str) -> Option<&'static str> {
    PAIRS.into_iter().find_map(|[one, other]| {
        if service == one {
            Some(other)
        } else if service == other {
            Some(one)
        } else {
            None
        }
    })
}

/// What writes files of these names, which all services share.
pub fn manager(name: &str) -> Option<&'static str> {
    match name {
        "common-auth"
        | "common-account"
        | "common-password"
        | "common-session"
        | "common-session-noninteractive" => Some("pam-auth-update"),
        "system-auth" | "password-auth" | "smartcard-auth" | "fingerprint-auth" | "postlogin" => {
            Some("authselect")
        }
        _ => None,
    }
}

/// Can this be the name of a service? As the name of a file it must not lead elsewhere.
pub fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('.')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.@+".contains(&byte))
}
