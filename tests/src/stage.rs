use std::env;
use std::path::Path;

use crate::lab::Lab;
use crate::stacks::Stack;

/// How the module reaches the daemon when it runs as root.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Road {
    /// Through the root-only login socket, which is there before the daemon.
    Direct,
    /// Through the system bus, which starts the daemon; there is no login socket.
    Bus,
}

impl Road {
    /// Names the road of the lab that is entered.
    pub(crate) const VARIABLE: &str = "COUNTERSIGN_LAB_ROAD";

    /// The road's name in messages and in the environment of a lab.
    pub fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Bus => "bus",
        }
    }
}

/// What a lab shall be like when it starts. Exists only inside the lab: what [`Self::start`] does
/// to `/etc` it could otherwise do to the host.
pub struct Stage {
    pub(crate) road: Road,
    pub(crate) stack: Stack,
    pub(crate) config: Option<String>,
    pub(crate) module_options: String,
    pub(crate) users: Vec<(String, String)>,
}

impl Stage {
    /// The stage of a program that `scripts/lab/enter` has started.
    pub fn inside() -> Self {
        assert!(
            Path::new("/lab-up/changes").is_dir(),
            "this is not the lab: start it through scripts/lab/enter"
        );
        let road = match env::var(Road::VARIABLE).as_deref() {
            Ok("bus") => Road::Bus,
            _ => Road::Direct,
        };
        Self {
            road,
            stack: Stack::PasswordAndCode,
            config: None,
            module_options: String::new(),
            users: Vec::new(),
        }
    }

    /// Which road the module takes. Tests on both roads leave this alone.
    #[must_use]
    pub fn road(mut self, road: Road) -> Self {
        self.road = road;
        self
    }

    /// What the login services ask for.
    #[must_use]
    pub fn stack(mut self, stack: Stack) -> Self {
        self.stack = stack;
        self
    }

    /// The text of countersign.toml, in place of the shipped one.
    #[must_use]
    pub fn config(mut self, toml: &str) -> Self {
        self.config = Some(toml.to_owned());
        self
    }

    /// What stands behind `pam_countersign.so` in the stacks.
    #[must_use]
    pub fn module_options(mut self, options: &str) -> Self {
        options.clone_into(&mut self.module_options);
        self
    }

    /// A person with a home directory, a password and an SSH key.
    #[must_use]
    pub fn user(mut self, name: &str, password: &str) -> Self {
        self.users.push((name.to_owned(), password.to_owned()));
        self
    }

    /// Installs Countersign as a package would, and starts the bus, the daemon and sshd.
    pub fn start(self) -> Lab {
        Lab::start(&self)
    }
}
