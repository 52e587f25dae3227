//! Writing to standard output, where every failure is told.

use std::io::{self, Write};

use serde::Serialize;
use zeroize::Zeroizing;

use crate::error::ToolError;

/// Writes a text as it is.
pub fn print(text: &str) -> Result<(), ToolError> {
    write(text.as_bytes())
}

/// Writes a text and ends its line.
pub fn print_line(text: &str) -> Result<(), ToolError> {
    print(&format!("{text}\n"))
}

/// Writes a value as one line of JSON.
pub fn print_json(value: &impl Serialize) -> Result<(), ToolError> {
    let mut line = Zeroizing::new(Vec::with_capacity(4096));
    serde_json::to_writer(&mut *line, value).map_err(|error| ToolError::Output(error.into()))?;
    line.push(b'\n');
    write(&line)
}

fn write(bytes: &[u8]) -> Result<(), ToolError> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)
        .and_then(|()| out.flush())
        .map_err(ToolError::Output)
}
