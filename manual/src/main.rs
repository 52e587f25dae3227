//! Writes the manual pages into a folder: `countersign-manual target/man`.
//!
//! What the programs define is taken from them: verbs and options from the command lines, methods
//! from the bus interface. The prose around it is in `pages/`, in man(7)'s own language.

mod command;
mod interface;
mod page;
mod roff;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("countersign-manual: name the folder to write the pages to");
        return ExitCode::from(2);
    };
    match page::write_all(&folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!(
                "countersign-manual: writing the pages to {}: {error}",
                folder.display()
            );
            ExitCode::FAILURE
        }
    }
}
