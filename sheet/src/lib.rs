//! What a person gets to see of a token: the otpauth URI taken apart, the key in groups, the QR code
//! in characters. For the tool's terminal and for the dialog inside a login.

#[cfg(any(test, feature = "camera"))]
pub mod camera;
mod otpauth;
mod qr;

pub use otpauth::{Otpauth, OtpauthError};
pub use qr::{TerminalQr, TooLongForQr};

/// How black on white can be drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ink {
    /// The two colours of the 256 that no theme changes.
    Fixed,
    /// Black and white as the theme has them.
    Theme,
    /// Not at all: no colour is wanted, or known.
    None,
}
