use std::path::Path;

use super::needs_root;
use crate::cli::{StoreBackup, StoreKey};
use crate::error::ToolError;
use crate::output::print_line;
use crate::printable::Printable;
use crate::private_file::{Existing, PrivateFile};
use crate::store::error::StoreError;
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
fn made(path: &Path, force: bool, job: &str) -> Result<Report, StoreError> {
    if path.as_os_str() == "-" {
        return Err(StoreError::Dash);
    }
    let created = PrivateFile::create(path, Existing::forced(force));
    let mut file = created.map_err(StoreError::NotSaved)?;
    let report = maintain([job], Some(file.handle())).map_err(of_here)?;
    let kept = file.settle().and_then(|()| file.keep_for_good());
    kept.map_err(StoreError::NotSaved)?;
    Ok(report)
}

/// Nobody can name a key here: there is one on this host, or none.
fn of_here(error: StoreError) -> StoreError {
    match error {
        StoreError::Failed(report) if text(&report, "word") == "no-key" => StoreError::NoKeyHere,
        error => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_saved_is_told_as_what_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("nowhere/backup");
        let said = made(&path, false, "backup").unwrap_err().to_string();
        assert!(said.starts_with(&format!("cannot save {}: ", path.display())));
        assert!(!said.contains("QR"), "{said}");
    }

    #[test]
    fn no_file_is_called_like_standard_output() {
        let said = made(Path::new("-"), true, "save-keys").unwrap_err();
        assert!(matches!(said, StoreError::Dash), "{said}");
        assert!(said.to_string().contains("./-"), "{said}");
    }

    #[test]
    fn without_a_key_here_no_option_is_named_that_a_backup_does_not_take() {
        let report = r#"{"word":"no-key","text":"x"}"#;
        let failed = StoreError::Failed(serde_json::from_str(report).unwrap());
        let said = of_here(failed).to_string();
        assert!(!said.contains("--key"), "{said}");
        assert!(said.contains("`countersign store check`"), "{said}");
    }
}
