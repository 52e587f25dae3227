//! What a run found, as it is kept between measuring and reporting.

use serde::{Deserialize, Serialize};

use crate::daemon::Memory;
use crate::figures::Figures;

/// All of it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Found {
    /// Where.
    pub machine: Machine,
    /// What the order of the logins came from.
    pub seed: u64,
    /// How many logins of each kind were asked for.
    pub logins: usize,
    /// How many users the store had for what is compared with others.
    pub reference: usize,
    /// Modules that have nothing to do with how many users we have, by their names.
    pub peers: Vec<(String, Figures)>,
    /// Countersign, by the size of its store.
    pub sizes: Vec<AtSize>,
    /// Many at once.
    pub crowds: Vec<Crowd>,
    /// Modules as files.
    pub modules: Vec<Loading>,
}

/// Where it was measured.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// How many cores.
    pub cores: usize,
    /// The kernel's version.
    pub kernel: String,
    /// The distribution's name.
    pub distribution: String,
    /// The filesystem that everybody's state is on.
    pub filesystem: String,
    /// The day.
    pub date: String,
    /// How much of the machine others took at most, in percent, as seen between the runs.
    pub others: f64,
}

/// Countersign with so many users.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct AtSize {
    /// How many.
    pub users: usize,
    /// Accepted, over the login socket.
    pub socket: Figures,
    /// Refused, over the login socket.
    pub socket_refused: Figures,
    /// Accepted, over the bus.
    pub bus: Figures,
    /// Refused, over the bus.
    pub bus_refused: Figures,
    /// google-authenticator in the same rounds.
    pub google: Figures,
    /// From the daemon's start to its first answer, in milliseconds, the longest of all starts.
    pub ready: f64,
    /// The daemon's memory before the first login.
    pub idle: Memory,
    /// And after the last one, the most of all runs.
    pub after: Memory,
}

/// Many processes at once.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Crowd {
    /// Through which module, by which road.
    pub what: String,
    /// How many processes.
    pub processes: usize,
    /// How many logins they made in a second, all together; the middle one of several runs.
    pub per_second: f64,
    /// How long a login took.
    pub took: Figures,
}

/// A module as a file.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Loading {
    /// Its name.
    pub module: String,
    /// How long it takes to load.
    pub took: Figures,
    /// How long the file is.
    pub bytes: u64,
    /// The libraries that it needs.
    pub needs: Vec<String>,
}

/// The names of rows that something is compared with.
pub const FLOOR: &str = "pam_permit (the floor)";
/// google-authenticator, with the right code.
pub const GOOGLE: &str = "pam_google_authenticator, accepted";
/// google-authenticator, with a wrong one.
pub const GOOGLE_REFUSED: &str = "pam_google_authenticator, refused";

impl Found {
    /// The row of a peer.
    pub fn peer(&self, name: &str) -> Option<Figures> {
        let row = self.peers.iter().find(|(row, _)| row == name)?;
        Some(row.1)
    }

    /// Countersign at a size.
    pub fn at(&self, users: usize) -> Option<&AtSize> {
        self.sizes.iter().find(|size| size.users == users)
    }

    /// Countersign at the size that is compared with others.
    pub fn at_reference(&self) -> Option<&AtSize> {
        self.at(self.reference)
    }

    /// Many at once through a module.
    pub fn crowd(&self, what: &str) -> Option<&Crowd> {
        self.crowds.iter().find(|crowd| crowd.what == what)
    }

    /// A module as a file.
    pub fn module(&self, name: &str) -> Option<&Loading> {
        self.modules.iter().find(|it| it.module == name)
    }
}
