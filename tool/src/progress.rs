//! How far long work has come, on one line of the terminal that is gone at the end.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// The least time between two drawings.
const PAUSE: Duration = Duration::from_millis(100);
/// Back to the beginning of the line, and nothing more on it (ECMA-48, EL).
const WIPE: &[u8] = b"\r\x1b[K";

/// A line on standard error; none where that is no terminal that can wipe one.
pub struct ProgressLine {
    shows: bool,
    drawn: Option<Instant>,
    visible: bool,
}

impl ProgressLine {
    /// The line of this run. Nothing is drawn before the first tenth of a second has passed.
    pub fn new() -> Self {
        let able = std::env::var_os("TERM").is_some_and(|term| !term.is_empty() && term != "dumb");
        Self {
            shows: able && io::stderr().is_terminal(),
            drawn: Some(Instant::now()),
            visible: false,
        }
    }

    /// Draws the text, unless the last one was drawn just now.
    pub fn show(&mut self, text: impl FnOnce() -> String) {
        if !self.shows || self.drawn.is_some_and(|at| at.elapsed() < PAUSE) {
            return;
        }
        self.drawn = Some(Instant::now());
        self.visible = true;
        // What cannot be drawn is no loss.
        let _ = io::stderr().write_all(&[WIPE, text().as_bytes()].concat());
    }

    /// Makes room for other words.
    pub fn clear(&mut self) {
        if std::mem::take(&mut self.visible) {
            let _ = io::stderr().write_all(WIPE);
        }
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        self.clear();
    }
}
