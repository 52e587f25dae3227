use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use serde::{Deserialize, Serialize};

/// Where an attempt comes from. Each source of an account has a budget of its own, so that a
/// stranger who guesses from elsewhere does not keep the owner out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A login at this machine.
    Local,
    /// A program of this user that asks for its own name without being root. It must not use up
    /// the budget of real logins.
    Own(u32),
    /// A remote address.
    Address(Network),
    /// A remote host that PAM knows by name only.
    Host(HostName),
}

impl Source {
    /// The source that `PAM_RHOST` names; empty for a local login.
    pub fn from_rhost(rhost: &str) -> Self {
        if rhost.is_empty() {
            return Self::Local;
        }
        // A link-local address may have its interface behind a `%`.
        let address = rhost.split_once('%').map_or(rhost, |(address, _)| address);
        match address.parse::<IpAddr>() {
            Ok(address) => Self::Address(address.into()),
            Err(_) => Self::Host(HostName::new(rhost)),
        }
    }

    /// Is this machine the source? Its places in the books are kept free from strangers.
    pub(super) fn is_here(&self) -> bool {
        matches!(self, Self::Local | Self::Own(_))
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => f.write_str("local"),
            Self::Own(uid) => write!(f, "uid {uid}"),
            Self::Address(network) => write!(f, "{network}"),
            Self::Host(name) => f.write_str(name.as_str()),
        }
    }
}

/// One IPv4 address or one IPv6 network of 64 bits, which is what a single customer has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(from = "IpAddr", into = "IpAddr")]
pub struct Network(IpAddr);

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(v6) => {
                let prefix = v6.to_bits() & (u128::MAX << 64);
                IpAddr::V6(Ipv6Addr::from_bits(prefix))
            }
            v4 @ IpAddr::V4(_) => v4,
        })
    }
}

impl From<Network> for IpAddr {
    fn from(network: Network) -> Self {
        network.0
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(v4) => write!(f, "{v4}"),
            IpAddr::V6(v6) => write!(f, "{v6}/64"),
        }
    }
}

/// A host name in lower case. All that cannot be one are one and the same, so that nobody gets a
/// new budget by making up another.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct HostName(String);

impl HostName {
    /// The longest name, in bytes (RFC 1035 §3.1).
    pub const MAX_BYTES: usize = 255;
    /// Stands for every name that is none.
    const UNUSABLE: &str = "?";

    /// Takes what a PAM service gave, which may be anything.
    pub fn new(name: &str) -> Self {
        let lower = name.to_lowercase();
        if lower.is_empty() || lower.len() > Self::MAX_BYTES || lower.chars().any(char::is_control)
        {
            Self(Self::UNUSABLE.to_owned())
        } else {
            Self(lower)
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for HostName {
    fn from(name: String) -> Self {
        Self::new(&name)
    }
}

impl From<HostName> for String {
    fn from(name: HostName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pam_says_becomes_a_source() {
        for (rhost, shown) in [
            ("", "local"),
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
            ("fe80::1%eth0", "fe80::/64"),
            ("Host.Example.ORG", "host.example.org"),
        ] {
            assert_eq!(Source::from_rhost(rhost).to_string(), shown);
        }
    }

    #[test]
    fn made_up_names_share_one_source() {
        let long = "x".repeat(256);
        let unusable = Source::from_rhost("a\nb");
        assert_eq!(unusable.to_string(), "?");
        for rhost in [long.as_str(), "\u{1b}[2J", "a\0b", "c\u{7f}"] {
            assert_eq!(Source::from_rhost(rhost), unusable);
        }
        assert_ne!(Source::from_rhost(&"x".repeat(255)), unusable);
    }

    #[test]
    fn sources_read_back_from_a_record() {
        for source in [
            Source::Local,
            Source::Own(1000),
            Source::from_rhost("2001:db8::1"),
            Source::from_rhost("192.0.2.1"),
            Source::from_rhost("host"),
            Source::from_rhost("a\nb"),
        ] {
            let text = serde_json::to_string(&source).unwrap();
            assert_eq!(serde_json::from_str::<Source>(&text).unwrap(), source);
        }
    }
}
