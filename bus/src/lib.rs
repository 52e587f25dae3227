//! The contract between the parts of Countersign: what `org.countersign1` is called, the words
//! that travel over it, and the types that both ends check them with.
//!
//! The PAM module carries this crate into other people's root processes, so without the `proxy`
//! feature it has one dependency and no unsafe code.

mod code;
mod fault;
pub mod keys;
#[cfg(feature = "proxy")]
pub mod proxy;
mod user;
mod words;

pub use code::{Code, CodeError};
pub use fault::Fault;
pub use user::{UserName, UserNameError};
pub use words::{Requirement, Spent, UnknownWord, Verdict};

/// The PAM services whose programs show a person several lines and take several answers, so that an
/// enrollment in the middle of a login has room there. Others have a field for one password, or a
/// line-based protocol behind them (polkit's agent).
pub const DIALOG_SERVICES: [&str; 6] = ["sshd", "login", "sudo", "sudo-i", "su", "su-l"];

/// The well-known name that the daemon owns on the system bus.
pub const BUS_NAME: &str = "org.countersign1";
/// The one object behind [`BUS_NAME`].
pub const OBJECT_PATH: &str = "/org/countersign1";
/// Asks whether a login needs a code, and whether a code is right.
pub const LOGIN_INTERFACE: &str = "org.countersign1.Login";
/// What people do with their own enrollment.
pub const ACCOUNT_INTERFACE: &str = "org.countersign1.Account";
/// What administrators do with other people's.
pub const ADMIN_INTERFACE: &str = "org.countersign1.Admin";
/// The polkit action that makes somebody an administrator.
pub const ADMINISTER_ACTION: &str = "org.countersign1.administer";

/// Where the system bus listens. Compiled in, because an address out of the environment of `su`
/// would be the caller's choice.
pub const SYSTEM_BUS_ADDRESS: &str = "unix:path=/run/dbus/system_bus_socket";
/// The root-only socket on which the daemon serves [`LOGIN_INTERFACE`] without a broker.
pub const LOGIN_SOCKET: &str = "/run/countersign/login.sock";
/// The system user that the daemon runs as.
pub const DAEMON_USER: &str = "countersign";

/// The introspection data of the interface, as installed in `/usr/share/dbus-1/interfaces`.
pub const INTROSPECTION: &str = include_str!("../org.countersign1.xml");
