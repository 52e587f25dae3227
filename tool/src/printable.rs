//! Text from elsewhere, made safe for a terminal.

pub use countersign_sheet::Printable;
