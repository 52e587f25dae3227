//! What a process full of secrets does first: nothing of its memory may reach a disk or a debugger.

use nix::sys::prctl::set_dumpable;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::stat::{Mode, umask};

/// No core dumps, no debuggers of the same uid, no files that others can read.
pub fn harden() -> nix::Result<()> {
    umask(Mode::from_bits_truncate(0o077));
    set_dumpable(false)?;
    setrlimit(Resource::RLIMIT_CORE, 0, 0)
}
