//! A change of stacks on trial, of which a reboot may have lost the way back.

use super::finding::{Finding, Subject};
use super::host::Host;
use crate::pam::trial::Record;
use crate::printable::Printable;
use crate::words::tell;

/// Is there one?
pub fn check(host: &Host<'_>) -> Option<Finding> {
    let record = Record::load(host.root()).ok()??;
    let services = Printable(&record.services.join(", ")).to_string();
    let what = tell!("pam-trial-open", "services" = services);
    Some(Finding::warning(Subject::Pam, "pam-trial", what).mend("countersign pam try --rollback"))
}
