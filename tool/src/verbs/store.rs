//! `countersign store`: what lies on the disk, the key that it is sealed under, and copies of it.

mod backup;
mod check;
mod migrate;
mod moving;
mod rekey;
mod restore;
mod status;

use nix::unistd::Uid;

use crate::cli::Store;
use crate::error::ToolError;
use crate::printable::Printable;
use crate::run::Session;
use crate::store::error::StoreError;
use crate::words::tell;

/// Does what the verb says.
pub async fn run(verb: &Store, session: &Session) -> Result<(), ToolError> {
    match verb {
        Store::Status(args) => status::run(args, session).await,
        Store::Check(args) => check::run(args),
        Store::Backup(args) => backup::run(args),
        Store::Key(args) => backup::save_keys(args),
        Store::Restore(args) => restore::run(args, session).await,
        Store::Seal(args) => rekey::seal(args, session).await,
        Store::Rotate(args) => rekey::rotate(args, session).await,
        Store::Migrate(args) => migrate::run(args),
        Store::Move(args) => moving::run(args, session).await,
    }
}

/// What is on the disk is root's business; who administers otherwise asks the daemon.
fn needs_root() -> Result<(), StoreError> {
    if Uid::effective().is_root() {
        Ok(())
    } else {
        Err(StoreError::NotRoot)
    }
}

/// Where a key lies, for people.
fn place(place: &str) -> String {
    match place {
        "credential" => tell!("store-place-credential"),
        "old-credential" => tell!("store-place-old-credential"),
        "key-file" => tell!("store-place-key-file"),
        "old-key-file" => tell!("store-place-old-key-file"),
        _ => tell!("store-place-missing"),
    }
}

/// The line about one of the keys, of which the first seals.
fn key_line(at: usize, id: &str, place: &str, records: u64) -> String {
    let (id, place) = (Printable(id).to_string(), self::place(place));
    if at == 0 {
        tell!(
            "store-key-seals",
            "id" = id,
            "place" = place,
            "records" = records
        )
    } else {
        tell!(
            "store-key-opens",
            "id" = id,
            "place" = place,
            "records" = records
        )
    }
}
