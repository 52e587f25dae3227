//! A change of stacks on trial, of which a reboot may have lost the way back, or which cannot go
//! back.

use super::finding::{Finding, Subject};
use super::host::Host;
use crate::pam::error::PamError;
use crate::pam::trial::Record;
use crate::pam::way_back::over;
use crate::printable::{Printable, quoted};
use crate::words::tell;

/// Is there one?
pub fn check(host: &Host<'_>) -> Option<Finding> {
    const BACK: &str = "countersign pam try --rollback";
    let record = Record::load(host.root()).ok()??;
    if let Err(error @ PamError::StillOnTrial(_)) = over(&record.way_back(host.root()).files) {
        let PamError::StillOnTrial(paths) = &error else {
            return None;
        };
        let files = paths.iter().map(|path| quoted(&path.to_string_lossy()));
        let edit = format!("editor {} && {BACK}", files.collect::<Vec<_>>().join(" "));
        let what = format!("{error}.");
        return Some(Finding::error(Subject::Pam, "pam-trial-needed", what).mend(edit));
    }
    let services = Printable(&record.services.join(", ")).to_string();
    let what = tell!("pam-trial-open", "services" = services);
    Some(Finding::warning(Subject::Pam, "pam-trial", what).mend(BACK))
}
