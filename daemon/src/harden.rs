//! What a process full of secrets does first: nothing of its memory may reach a disk or a debugger.

use nix::sys::prctl::set_dumpable;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::stat::{Mode, umask};

/// No core dumps, no debuggers of the same uid, no files that others can read.
pub fn harden() -> nix::Result<()> {
    umask(Mode::from_bits_truncate(0o077));
    set_dumpable(false)?;
    setrlimit(Resource::RLIMIT_CORE, 0, 0)
}

/// Descriptors for a crowd on the login socket, and for everything else besides.
const DESCRIPTORS: u64 = 4096;

/// Has as many descriptors as this process may have, up to what it needs, and says how many those are. By
/// default there are 1024, as select(2) knows, which a crowd alone takes up.
pub fn descriptors() -> nix::Result<u64> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    let wanted = DESCRIPTORS.min(hard).max(soft);
    setrlimit(Resource::RLIMIT_NOFILE, wanted, hard)?;
    Ok(wanted)
}
