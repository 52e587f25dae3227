//! What the daemon knows of itself, for whoever looks after it. Nothing here decides anything.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Since when it runs, what it runs with, and which services codes were last accepted for.
pub struct Health {
    started: u64,
    login_socket: LoginSocket,
    configuration: Mutex<Configuration>,
    last_logins: Mutex<BTreeMap<String, u64>>,
}

/// Was the socket for root's programs handed over at the start?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LoginSocket {
    /// It was, and is served.
    Served,
    /// There is the bus alone.
    None,
}

/// The configuration that is in force.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Configuration {
    /// When it was read, in seconds of Unix time.
    pub loaded: u64,
    /// What is wrong with the files that were read last, and so keeps them out of force.
    pub problems: Vec<String>,
}

impl Health {
    /// So many services are remembered, and so many problems. Every name of a service comes from a
    /// root program, and there are some dozens of them.
    const MOST: usize = 256;

    /// Begins now, in seconds of Unix time.
    pub fn new(started: u64, login_socket: LoginSocket) -> Self {
        Self {
            started,
            login_socket,
            configuration: Mutex::default(),
            last_logins: Mutex::default(),
        }
    }

    /// When the daemon was started, in seconds of Unix time.
    pub fn started(&self) -> u64 {
        self.started
    }

    /// Is the login socket served?
    pub fn login_socket(&self) -> LoginSocket {
        self.login_socket
    }

    /// A configuration is in force from `now` on; these problems kept the files themselves out of it.
    pub fn configured(&self, now: u64, problems: Vec<String>) {
        let mut configuration = lock(&self.configuration);
        configuration.loaded = now;
        configuration.problems = problems;
        configuration.problems.truncate(Self::MOST);
    }

    /// The files were read anew and these problems keep them out of force.
    pub fn misconfigured(&self, problems: Vec<String>) {
        let mut configuration = lock(&self.configuration);
        configuration.problems = problems;
        configuration.problems.truncate(Self::MOST);
    }

    /// The configuration as it was last taken up.
    pub fn configuration(&self) -> Configuration {
        lock(&self.configuration).clone()
    }

    /// A code was accepted for a login through that service, by the word of a root program.
    pub fn accepted(&self, service: &str, now: u64) {
        let mut logins = lock(&self.last_logins);
        logins.insert(service.to_owned(), now);
        if logins.len() > Self::MOST {
            let oldest = logins.iter().min_by_key(|(_, when)| **when);
            if let Some(oldest) = oldest.map(|(service, _)| service.clone()) {
                logins.remove(&oldest);
            }
        }
    }

    /// When a code was last accepted for each service, in seconds of Unix time.
    pub fn last_logins(&self) -> BTreeMap<String, u64> {
        lock(&self.last_logins).clone()
    }
}

/// Each change is one assignment, so that a panic leaves nothing half made.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_login_of_each_service_is_remembered_up_to_a_bound() {
        let health = Health::new(5, LoginSocket::None);
        health.accepted("sshd", 10);
        health.accepted("sshd", 11);
        assert_eq!(
            health.last_logins(),
            BTreeMap::from([("sshd".to_owned(), 11)])
        );
        for number in 0..Health::MOST as u64 {
            health.accepted(&format!("service{number}"), 100 + number);
        }
        let logins = health.last_logins();
        assert_eq!(logins.len(), Health::MOST);
        assert!(!logins.contains_key("sshd"), "the oldest goes first");
    }

    #[test]
    fn a_configuration_that_is_whole_again_has_no_problems() {
        let health = Health::new(5, LoginSocket::Served);
        health.configured(6, vec!["broken".to_owned(); Health::MOST + 1]);
        assert_eq!(health.configuration().problems.len(), Health::MOST);
        health.configured(7, Vec::new());
        assert_eq!(
            health.configuration(),
            Configuration {
                loaded: 7,
                problems: Vec::new()
            }
        );
    }
}
