//! What is compared: services, who logs in there, and with which code.

use std::path::Path;

use countersign_bus::SYSTEM_BUS_ADDRESS;

use crate::found::{FLOOR, GOOGLE, GOOGLE_REFUSED};
use crate::harness::{Harness, PAM_AUTH_ERR, PAM_SUCCESS};
use crate::modules::{self, Modules};

/// How many lines of users.oath there are.
pub const OATH_USERS: [usize; 3] = [1, 1_000, 100_000];

/// Over which road.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// The login socket.
    Socket,
    /// The system bus.
    Bus,
}

/// What is typed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Typed {
    /// The code that the app shows.
    Right,
    /// Another one.
    Wrong,
}

/// A kind of login.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Row {
    /// A module that asks nothing: what libpam and the new process take.
    Floor,
    /// google-authenticator.
    Google(Typed),
    /// `pam_oath`, with so many users in its file.
    Oath(usize),
    /// Ours.
    Countersign(Way, Typed),
}

impl Row {
    /// All of them.
    pub fn all() -> Vec<Self> {
        use {Typed::Right, Typed::Wrong, Way::Bus, Way::Socket};
        let mut rows = vec![Self::Floor, Self::Google(Right), Self::Google(Wrong)];
        rows.extend(OATH_USERS.map(Self::Oath));
        rows.extend([
            Self::Countersign(Socket, Right),
            Self::Countersign(Socket, Wrong),
            Self::Countersign(Bus, Right),
            Self::Countersign(Bus, Wrong),
        ]);
        rows
    }

    /// As the table calls it.
    pub fn name(self) -> String {
        match self {
            Self::Floor => FLOOR.to_owned(),
            Self::Google(Typed::Right) => GOOGLE.to_owned(),
            Self::Google(Typed::Wrong) => GOOGLE_REFUSED.to_owned(),
            Self::Oath(1) => "pam_oath, 1 user".to_owned(),
            Self::Oath(users) => format!("pam_oath, {} users", grouped(users)),
            Self::Countersign(way, typed) => format!("Countersign {way:?} {typed:?}"),
        }
    }

    /// Its PAM service.
    pub fn service(self) -> String {
        match self {
            Self::Floor => "permit".to_owned(),
            Self::Google(_) => "google".to_owned(),
            Self::Oath(users) => format!("oath-{users}"),
            Self::Countersign(Way::Socket, _) => "socket".to_owned(),
            Self::Countersign(Way::Bus, _) => "bus".to_owned(),
        }
    }

    /// PAM's status.
    pub fn status(self) -> i32 {
        match self {
            Self::Google(Typed::Wrong) | Self::Countersign(_, Typed::Wrong) => PAM_AUTH_ERR,
            _ => PAM_SUCCESS,
        }
    }

    /// What its stack asks.
    fn line(self, modules: &Modules, disk: &Path) -> String {
        let (google, oath) = (disk.join("google"), disk.join("oath"));
        let (module, options) = match self {
            Self::Floor => (modules::PERMIT, String::new()),
            Self::Google(_) => (
                modules::GOOGLE,
                format!("secret={}/${{USER}} user=root", google.display()),
            ),
            Self::Oath(users) => (
                modules::OATH,
                format!("usersfile={}/{users} window=5 digits=6", oath.display()),
            ),
            Self::Countersign(Way::Socket, _) => (modules::OURS, "retries=1".to_owned()),
            Self::Countersign(Way::Bus, _) => {
                (modules::OURS, format!("retries=1 bus={SYSTEM_BUS_ADDRESS}"))
            }
        };
        format!("auth required {} {options}", modules.path(module).display())
    }

    /// Writes all their stacks.
    pub fn set_up(harness: &Harness, modules: &Modules, disk: &Path) {
        for row in Self::all() {
            harness.service(&row.service(), &row.line(modules, disk));
        }
    }
}

/// A number with blanks between thousands.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(grouped(1), "1");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(12_345_678), "12,345,678");
    }

    #[test]
    fn each_kind_of_login_has_a_name_of_its_own() {
        let mut names: Vec<String> = Row::all().into_iter().map(Row::name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), Row::all().len());
    }
}
