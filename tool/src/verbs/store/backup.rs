use super::needs_root;
use crate::cli::{StoreBackup, StoreKey};
use crate::error::ToolError;
use crate::output::print_line;
use crate::printable::Printable;
use crate::private_file::{Existing, PrivateFile};
use crate::store::maintenance::{Report, maintain, number, text, texts};
use crate::words::tell;

/// `countersign store backup`
pub fn run(args: &StoreBackup) -> Result<(), ToolError> {
    needs_root()?;
    let report = made(&args.file, args.force, "backup")?;
    let none = Report::new();
    let header = report.get("header").and_then(|it| it.as_object());
    let header = header.unwrap_or(&none);
    print_line(&tell!(
        "store-backed-up",
        "records" = number(header, "records"),
        "file" = Printable(&args.file.to_string_lossy()).to_string()
    ))?;
    for user in texts(&report, "unreadable") {
        print_line(&tell!(
            "store-left-out",
            "user" = Printable(&user).to_string()
        ))?;
    }
    print_line(&tell!(
        "store-backup-needs",
        "keys" = texts(header, "keys").join(", ")
    ))?;
    print_line(&tell!(
        "store-backup-restore",
        "host" = Printable(text(header, "host")).to_string()
    ))
}

/// `countersign store key`
pub fn save_keys(args: &StoreKey) -> Result<(), ToolError> {
    needs_root()?;
    let report = made(&args.save, args.force, "save-keys")?;
    print_line(&tell!(
        "store-keys-saved",
        "keys" = texts(&report, "keys").join(", "),
        "file" = Printable(&args.save.to_string_lossy()).to_string()
    ))?;
    print_line(&tell!("store-keys-warning"))
}

/// Has the daemon's program write into a private file, which stays only if it is whole.
fn made(path: &std::path::Path, force: bool, job: &str) -> Result<Report, ToolError> {
    let mut file = PrivateFile::create(path, Existing::forced(force))?;
    let report = maintain([job], Some(file.handle()))?;
    file.settle()?;
    file.keep_for_good()?;
    Ok(report)
}
