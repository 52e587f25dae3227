use nix::unistd::Uid;

use crate::cli::Doctor;
use crate::doctor::{Host, Reader, Shell, examine, print_report};
use crate::error::ToolError;
use crate::run::Session;

/// Looks at the installation, and says what is wrong and what mends it. Changes nothing.
pub async fn run(args: &Doctor, session: &Session) -> Result<(), ToolError> {
    let sees_all = Uid::effective().is_root();
    let host = Host::new(&session.root, &Shell, sees_all);
    let found = examine(&host, session.bus_address(), now()).await;
    let reader = if args.json {
        Reader::Program
    } else {
        Reader::Person(session.screen)
    };
    print_report(&found, reader)
}

#[allow(
    clippy::disallowed_methods,
    reason = "the examination takes the time as a parameter, and this is where it comes from"
)]
fn now() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
