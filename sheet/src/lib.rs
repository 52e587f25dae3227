//! What a person gets to see of a token: the otpauth URI taken apart, the key in groups, the QR code
//! in characters. For the tool's terminal and for the dialog inside a login.

mod beside;
#[cfg(any(test, feature = "camera"))]
pub mod camera;
mod otpauth;
mod printable;
mod qr;
mod wrap;

pub use beside::beside;
pub use otpauth::{Otpauth, OtpauthError};
pub use printable::Printable;
pub use qr::{TerminalQr, TooLongForQr};
pub use wrap::wrap;

/// What a terminal without colours writes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ground {
    /// Dark: what is written shines.
    Dark,
    /// Bright: what is written is dark.
    Bright,
}

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
