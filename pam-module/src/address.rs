//! Where a socket is.

use std::fmt;

/// The address of a Unix socket.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Address {
    /// In the file system.
    Path(String),
    /// In Linux's abstract namespace, without the leading NUL.
    Abstract(String),
}

/// The text is no address that the module connects to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AddressError;

impl Address {
    /// The longest name: `sun_path` less the closing, or leading, NUL (unix(7)).
    const MAX_BYTES: usize = 107;

    /// Where the system bus listens.
    pub fn system_bus() -> Self {
        let address = countersign_bus::SYSTEM_BUS_ADDRESS;
        Self::Path(
            address
                .strip_prefix("unix:path=")
                .unwrap_or(address)
                .to_owned(),
        )
    }

    /// Where the daemon serves logins without a broker.
    pub fn login_socket() -> Self {
        Self::Path(countersign_bus::LOGIN_SOCKET.to_owned())
    }

    /// Reads a D-Bus server address (D-Bus specification, "Server Addresses") of the two forms
    /// that only connect, `unix:path=` and `unix:abstract=`. A `guid` may follow, as dbus-daemon
    /// prints it, and is not looked at. Lists and escaped characters are refused.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let rest = text.strip_prefix("unix:").ok_or(AddressError)?;
        let address = match rest.split_once(',') {
            Some((address, guid)) if guid.starts_with("guid=") => address,
            Some(_) => return Err(AddressError),
            None => rest,
        };
        let (kind, name) = address.split_once('=').ok_or(AddressError)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_/.*\\".contains(c);
        if name.is_empty() || name.len() > Self::MAX_BYTES || !name.chars().all(plain) {
            return Err(AddressError);
        }
        match kind {
            "path" if name.starts_with('/') => Ok(Self::Path(name.to_owned())),
            "abstract" => Ok(Self::Abstract(name.to_owned())),
            _ => Err(AddressError),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => f.write_str(path),
            Self::Abstract(name) => write!(f, "@{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiled_in_bus_is_a_plain_path() {
        assert_eq!(
            Address::parse(countersign_bus::SYSTEM_BUS_ADDRESS),
            Ok(Address::system_bus())
        );
    }

    #[test]
    fn only_addresses_that_merely_connect_are_taken() {
        assert_eq!(
            Address::parse("unix:path=/tmp/bus"),
            Ok(Address::Path("/tmp/bus".into()))
        );
        assert_eq!(
            Address::parse("unix:abstract=/tmp/b-1,guid=00ff"),
            Ok(Address::Abstract("/tmp/b-1".into()))
        );
        let long = format!("unix:path=/{}", "x".repeat(107));
        for text in [
            "",
            "/tmp/bus",
            "unix:",
            "unix:path=",
            "unix:path=relative",
            "unix:path=/a;unix:path=/b",
            "unix:path=/a,uid=0",
            "unix:path=/a%41",
            "unix:dir=/tmp",
            "unixexec:path=/bin/sh",
            "tcp:host=example.org",
            &long,
        ] {
            assert_eq!(Address::parse(text), Err(AddressError), "{text}");
        }
    }
}
