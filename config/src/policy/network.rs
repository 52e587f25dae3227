use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A range of addresses in CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3): `10.0.0.0/8`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Network {
    first: IpAddr,
    prefix: u32,
}

impl Network {
    /// Is the address in this range? An IPv4 address is never in an IPv6 range, nor the other way.
    pub fn contains(&self, address: IpAddr) -> bool {
        let (first, width) = number(self.first);
        let (address, its_width) = number(address);
        width == its_width && cut(address, width, self.prefix) == cut(first, width, self.prefix)
    }

    /// Is every address of that range in this one too?
    pub fn covers(&self, range: &Self) -> bool {
        self.prefix <= range.prefix && self.contains(range.first)
    }
}

/// Reads `ADDRESS/PREFIX`, or an address alone, which stands for itself.
impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let first: IpAddr = address.parse().map_err(|_| NetworkError::NotAnAddress)?;
        if first.to_canonical() != first {
            return Err(NetworkError::Mapped);
        }
        let (bits, width) = number(first);
        let prefix = match prefix {
            None => width,
            // `u32::from_str` takes a sign, CIDR does not.
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => digits
                .parse()
                .map_err(|_| NetworkError::Prefix { longest: width })?,
            Some(_) => return Err(NetworkError::Prefix { longest: width }),
        };
        if prefix > width {
            return Err(NetworkError::Prefix { longest: width });
        }
        let cut = cut(bits, width, prefix);
        if cut == bits {
            Ok(Self { first, prefix })
        } else {
            Err(NetworkError::HostBits {
                meant: Self {
                    first: address_of(cut, first),
                    prefix,
                },
            })
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.prefix)
    }
}

/// The address as a number, and how many bits it has.
fn number(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    }
}

/// The first `prefix` bits of a number of `width` bits, the others cleared.
fn cut(bits: u128, width: u32, prefix: u32) -> u128 {
    let cleared = width.saturating_sub(prefix);
    // A shift by the whole width is no shift in Rust: it answers `None`, and everything is cleared.
    bits.checked_shr(cleared)
        .and_then(|kept| kept.checked_shl(cleared))
        .unwrap_or(0)
}

fn address_of(bits: u128, like: IpAddr) -> IpAddr {
    match like {
        // Cannot fail: the bits come from an address of that family.
        IpAddr::V4(_) => u32::try_from(bits).map_or(like, |bits| IpAddr::V4(bits.into())),
        IpAddr::V6(_) => IpAddr::V6(bits.into()),
    }
}

/// Why a text is no network.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NetworkError {
    /// What stands before the slash is no address. Host names are not looked up.
    NotAnAddress,
    /// An IPv4 address written as an IPv6 one.
    Mapped,
    /// What stands after the slash is no length of a prefix.
    Prefix {
        /// The longest prefix of an address of this family, in bits.
        longest: u32,
    },
    /// The address has bits beyond the prefix, so that a host or another network may be meant.
    HostBits {
        /// The network that the address lies in.
        meant: Network,
    },
}

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnAddress => f.write_str(
                "write an address and a prefix, for example \"10.0.0.0/8\" or \"2001:db8::/32\"",
            ),
            Self::Mapped => {
                f.write_str("write the IPv4 address as such, for example \"10.0.0.0/8\"")
            }
            Self::Prefix { longest } => {
                write!(
                    f,
                    "the prefix after the \"/\" is a whole number from 0 to {longest}"
                )
            }
            Self::HostBits { meant } => {
                write!(
                    f,
                    "the address has bits beyond the prefix; did you mean \"{meant}\"?"
                )
            }
        }
    }
}

impl std::error::Error for NetworkError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_is_in_its_range_and_in_no_other() {
        for (range, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.0"),
            ("192.0.2.128/25", "192.0.2.128", "192.0.2.127"),
            ("192.0.2.7/32", "192.0.2.7", "192.0.2.6"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("0.0.0.0/0", "203.0.113.1", "::"),
            ("::/0", "2001:db8::1", "0.0.0.0"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("2001:db8::1", "2001:db8::1", "2001:db8::2"),
            ("::/96", "::10.0.0.1", "10.0.0.1"),
        ] {
            assert!(
                network(range).contains(inside.parse().unwrap()),
                "{inside} in {range}"
            );
            assert!(
                !network(range).contains(outside.parse().unwrap()),
                "{outside} in {range}"
            );
        }
    }

    #[test]
    fn a_network_reads_back() {
        for text in ["10.0.0.0/8", "0.0.0.0/0", "2001:db8::/32", "::1/128"] {
            assert_eq!(network(text).to_string(), text);
        }
    }

    #[test]
    fn each_bad_network_has_its_error() {
        for (text, error) in [
            ("", NetworkError::NotAnAddress),
            ("office", NetworkError::NotAnAddress),
            ("10.0.0.0.0/8", NetworkError::NotAnAddress),
            (" 10.0.0.0/8", NetworkError::NotAnAddress),
            ("10/8", NetworkError::NotAnAddress),
            ("::ffff:10.0.0.0/104", NetworkError::Mapped),
            ("10.0.0.0/", NetworkError::Prefix { longest: 32 }),
            ("10.0.0.0/33", NetworkError::Prefix { longest: 32 }),
            ("10.0.0.0/+8", NetworkError::Prefix { longest: 32 }),
            ("10.0.0.0/255.0.0.0", NetworkError::Prefix { longest: 32 }),
            ("10.0.0.0/99999999999", NetworkError::Prefix { longest: 32 }),
            ("::/129", NetworkError::Prefix { longest: 128 }),
            (
                "10.1.2.3/8",
                NetworkError::HostBits {
                    meant: network("10.0.0.0/8"),
                },
            ),
            (
                "10.1.2.3/0",
                NetworkError::HostBits {
                    meant: network("0.0.0.0/0"),
                },
            ),
            (
                "2001:db8::1/32",
                NetworkError::HostBits {
                    meant: network("2001:db8::/32"),
                },
            ),
            (
                "::1/0",
                NetworkError::HostBits {
                    meant: network("::/0"),
                },
            ),
        ] {
            assert_eq!(text.parse::<Network>(), Err(error), "{text:?}");
        }
    }
}
