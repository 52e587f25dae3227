use std::net::IpAddr;

/// What is known of a login attempt besides the user's name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Context<'a> {
    /// Told by root, that is by the PAM module inside `sshd`, `login` or `sudo`: believed.
    Trusted {
        /// The PAM service, for example `sshd`.
        service: &'a str,
        /// The terminal, `PAM_TTY`. No rule looks at it; it is part of what is told and logged.
        tty: &'a str,
        /// The remote host, `PAM_RHOST`; empty for a local login.
        rhost: &'a str,
    },
    /// Told by anybody else, who could say anything: nothing of it is kept.
    Untrusted,
}

/// Where a login comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// No remote host was named.
    Local,
    /// A remote host by its address. An IPv4 address mapped into IPv6 is the IPv4 address.
    Address(IpAddr),
    /// A remote host by its name (`UseDNS yes` of sshd). Names are never looked up: whoever
    /// answers for the remote address's reverse zone chooses them.
    Named,
}

impl Origin {
    /// Reads `PAM_RHOST`. The zone of a link-local address (`fe80::1%eth0`) is left out.
    pub fn from_rhost(rhost: &str) -> Self {
        if rhost.is_empty() {
            return Self::Local;
        }
        let address = match rhost.split_once('%') {
            Some((address, _zone)) if address.contains(':') => address,
            _ => rhost,
        };
        match address.parse::<IpAddr>() {
            Ok(address) => Self::Address(address.to_canonical()),
            Err(_) => Self::Named,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_names() {
        let address = |text: &str| Origin::Address(text.parse().unwrap());
        for (rhost, origin) in [
            ("", Origin::Local),
            ("192.0.2.7", address("192.0.2.7")),
            ("::ffff:192.0.2.7", address("192.0.2.7")),
            ("2001:db8::7", address("2001:db8::7")),
            ("fe80::1%eth0", address("fe80::1")),
            ("host.example.org", Origin::Named),
            ("10.0.0.1.example.org", Origin::Named),
            ("10.0.0.1%lo", Origin::Named),
            ("10.0.0.1 ", Origin::Named),
            ("010.0.0.1", Origin::Named),
            ("10.1", Origin::Named),
            ("[::1]", Origin::Named),
            (" ", Origin::Named),
        ] {
            assert_eq!(Origin::from_rhost(rhost), origin, "{rhost:?}");
        }
    }
}
