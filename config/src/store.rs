//! `[store]`: where the enrollments are kept.

use std::fmt;
use std::path::{Path, PathBuf};

/// Where the enrollments are kept, and how to get there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoreSettings {
    /// In what.
    pub backend: StoreBackend,
    /// The servers of the tenants that no cluster names, in the order in which they are tried.
    pub urls: Vec<ServerUrl>,
    /// Whose enrollments this host works with.
    pub tenant: Tenant,
    /// Which tenants are kept elsewhere.
    pub clusters: Vec<Cluster>,
    /// The certificates of those who vouch for the servers.
    pub ca: PathBuf,
    /// This host's certificate.
    pub certificate: PathBuf,
    /// The private key of that.
    pub key: PathBuf,
    /// How long a server may take to take up a connection, in seconds.
    pub connect_within: u32,
    /// How long an answer may take, connecting and all, in seconds. A login waits for 5.
    pub answer_within: u32,
    /// How many connections are open at most.
    pub connections: u32,
}

/// In what the enrollments are kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StoreBackend {
    /// In files of this host.
    Embedded,
    /// In a database that many hosts share.
    Postgres,
}

/// Servers that keep the enrollments of certain tenants.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cluster {
    /// Whose.
    pub tenants: Vec<Tenant>,
    /// In the order in which they are tried.
    pub urls: Vec<ServerUrl>,
}

impl StoreSettings {
    /// The servers that keep the enrollments of this host's tenant. None: nobody has said.
    pub fn servers(&self) -> &[ServerUrl] {
        let named = |cluster: &&Cluster| cluster.tenants.contains(&self.tenant);
        let cluster = self.clusters.iter().find(named);
        cluster.map_or(&self.urls, |cluster| &cluster.urls)
    }
}

impl Default for StoreSettings {
    fn default() -> Self {
        let beside = |name: &str| Path::new("/etc/countersign/fleet").join(name);
        Self {
            backend: StoreBackend::Embedded,
            urls: Vec::new(),
            tenant: Tenant("main".to_owned()),
            clusters: Vec::new(),
            ca: beside("ca.pem"),
            certificate: beside("host.pem"),
            key: beside("host.key"),
            connect_within: 2,
            answer_within: 4,
            connections: 8,
        }
    }
}

impl StoreBackend {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Embedded, Self::Postgres];

    /// The word in the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Postgres => "postgres",
        }
    }
}

/// The name of one of those whose enrollments a shared store keeps apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tenant(String);

impl Tenant {
    /// Checks a name.
    ///
    /// # Errors
    /// It is empty, longer than 63 characters, or has others than `a` to `z`, digits, `.`, `_` and `-`.
    pub fn parse(name: &str) -> Result<Self, NoTenant> {
        let fits = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '.' | '_' | '-');
        if (1..=63).contains(&name.len()) && name.chars().all(fits) {
            Ok(Self(name.to_owned()))
        } else {
            Err(NoTenant)
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that names no tenant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoTenant;

/// Where a server listens: `postgresql://HOST:PORT/DATABASE`. It holds no password.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServerUrl(String);

/// Why a text is no [`ServerUrl`]. The text is not repeated: it may hold a password.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UrlError {
    /// It begins with something else than `postgresql://`.
    Scheme,
    /// It names no host.
    NoHost,
    /// What stands for the port is none.
    Port,
    /// There is a password in it.
    Password,
    /// There are parameters in it, or blanks.
    Extra,
}

impl ServerUrl {
    /// Checks the address of a server.
    ///
    /// # Errors
    /// It is none, or says more than an address may.
    pub fn parse(url: &str) -> Result<Self, UrlError> {
        let rest = ["postgresql://", "postgres://"]
            .iter()
            .find_map(|scheme| url.strip_prefix(scheme))
            .ok_or(UrlError::Scheme)?;
        let (authority, _database) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, address) = match authority.rsplit_once('@') {
            Some((user, address)) => (user, address),
            None => ("", authority),
        };
        if user.contains(':') {
            return Err(UrlError::Password);
        }
        if rest
            .contains(|c: char| matches!(c, '?' | '#' | ',') || c.is_whitespace() || c.is_control())
        {
            return Err(UrlError::Extra);
        }
        let (host, port) = match address.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']').ok_or(UrlError::NoHost)?;
                (
                    host,
                    port.strip_prefix(':').or(port.is_empty().then_some("5432")),
                )
            }
            None => match address.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (address, Some("5432")),
            },
        };
        if host.is_empty() {
            return Err(UrlError::NoHost);
        }
        let port = port.and_then(|port| port.parse::<u16>().ok());
        if port.is_none_or(|port| port == 0) {
            return Err(UrlError::Port);
        }
        Ok(Self(url.to_owned()))
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same, for this role if it names none.
    pub fn with_role(&self, role: &str) -> String {
        match self.0.split_once("://") {
            Some((scheme, rest)) if !rest.split('/').next().unwrap_or(rest).contains('@') => {
                format!("{scheme}://{role}@{rest}")
            }
            _ => self.0.clone(),
        }
    }

    /// The same, for this role whatever it names.
    pub fn as_role(&self, role: &str) -> String {
        let Some((scheme, rest)) = self.0.split_once("://") else {
            return self.0.clone();
        };
        let (authority, database) = match rest.split_once('/') {
            Some((authority, database)) => (authority, format!("/{database}")),
            None => (rest, String::new()),
        };
        let host = authority
            .rsplit_once('@')
            .map_or(authority, |(_, host)| host);
        format!("{scheme}://{role}@{host}{database}")
    }

    /// Is it a Unix socket, whose folder stands for the host (`%2Frun%2Fpostgresql`)?
    pub fn is_socket(&self) -> bool {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        let authority = rest.split('/').next().unwrap_or(rest);
        let host = authority
            .rsplit_once('@')
            .map_or(authority, |(_, host)| host);
        host.starts_with("%2F") || host.starts_with("%2f")
    }
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => {
                "this is no server; write it like \"postgresql://db1.example.org:5432/countersign\""
            }
            Self::NoHost => "this server has no host; write its name behind \"postgresql://\"",
            Self::Port => "this server has no port that can be; write a number from 1 to 65535",
            Self::Password => {
                "there is a password in this; take it out: the host's certificate stands for it"
            }
            Self::Extra => {
                "write one server with nothing behind its database: each has its own place in the list"
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_a_port_and_a_database() {
        for good in [
            "postgresql://db1.example.org:5432/countersign",
            "postgres://db1",
            "postgresql://web1@db1/countersign",
            "postgresql://[2001:db8::1]:5433/x",
            "postgresql://[::1]/x",
            "postgresql://%2Frun%2Fpostgresql/x",
        ] {
            assert_eq!(ServerUrl::parse(good).map(|it| it.0), Ok(good.to_owned()));
        }
        for (bad, why) in [
            ("", UrlError::Scheme),
            ("db1", UrlError::Scheme),
            ("mysql://db1", UrlError::Scheme),
            ("postgresql://", UrlError::NoHost),
            ("postgresql:///x", UrlError::NoHost),
            ("postgresql://:5432", UrlError::NoHost),
            ("postgresql://[::1/x", UrlError::NoHost),
            ("postgresql://db1:0", UrlError::Port),
            ("postgresql://db1:65536", UrlError::Port),
            ("postgresql://[::1]5432", UrlError::Port),
            ("postgresql://me:secret@db1/x", UrlError::Password),
            ("postgresql://db1/x?sslmode=disable", UrlError::Extra),
            ("postgresql://db1,db2/x", UrlError::Extra),
        ] {
            assert_eq!(ServerUrl::parse(bad), Err(why), "{bad}");
        }
    }

    #[test]
    fn who_names_no_role_comes_as_the_host() {
        let url = |text: &str| ServerUrl::parse(text).unwrap();
        let plain = url("postgresql://db1/a@b");
        assert_eq!(plain.with_role("web1"), "postgresql://web1@db1/a@b");
        let named = url("postgres://other@db1:5433");
        assert_eq!(named.with_role("web1"), "postgres://other@db1:5433");
        assert_eq!(named.as_role("desk"), "postgres://desk@db1:5433");
        assert_eq!(plain.as_role("desk"), "postgresql://desk@db1/a@b");
        assert!(!plain.is_socket());
        assert!(url("postgres://web1@%2Frun%2Fpostgresql/x").is_socket());
    }

    #[test]
    fn a_tenant_is_kept_where_the_map_says() {
        let url = |name: &str| ServerUrl::parse(&format!("postgresql://{name}")).unwrap();
        let mut store = StoreSettings {
            urls: vec![url("a")],
            clusters: vec![Cluster {
                tenants: vec![Tenant::parse("big").unwrap()],
                urls: vec![url("b")],
            }],
            ..StoreSettings::default()
        };
        assert_eq!(store.servers(), [url("a")]);
        store.tenant = Tenant::parse("big").unwrap();
        assert_eq!(store.servers(), [url("b")]);
        for bad in ["", "Main", "a b", &"x".repeat(64)] {
            assert_eq!(Tenant::parse(bad), Err(NoTenant), "{bad}");
        }
    }
}
