use std::thread;
use std::time::{Duration, Instant};

use crate::lab::Lab;

/// Longer than the daemon waits between two tries of anything.
const PATIENCE: Duration = Duration::from_secs(20);

/// A place in the log, to look at what comes after it.
#[derive(Clone, Copy, Debug)]
pub struct LogMark(usize);

impl Lab {
    /// The end of the log as it is now.
    pub fn log_mark(&self) -> LogMark {
        LogMark(self.log().len())
    }

    /// What was logged after a mark.
    pub fn log_since(&self, LogMark(mark): LogMark) -> String {
        self.log().get(mark..).unwrap_or_default().to_owned()
    }

    /// Waits for a line after a mark that has all these parts, and returns it. Lines take a moment
    /// from the program to the file.
    pub fn logged(&self, mark: LogMark, parts: &[&str]) -> String {
        let begun = Instant::now();
        loop {
            let log = self.log_since(mark);
            let has_all = |line: &&str| parts.iter().all(|part| line.contains(part));
            if let Some(line) = log.lines().find(has_all) {
                return line.to_owned();
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "no line of the log has {parts:?}:\n{log}"
            );
            thread::sleep(Duration::from_millis(10));
        }
    }
}
