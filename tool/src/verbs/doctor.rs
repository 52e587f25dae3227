use nix::unistd::Uid;

use crate::cli::Doctor;
use crate::clock::now;
use crate::doctor::{Host, Reader, Shell, examine, print_report};
use crate::error::ToolError;
use crate::run::Session;

/// Looks at the installation, and says what is wrong and what mends it. Changes nothing.
pub async fn run(args: &Doctor, session: &Session) -> Result<(), ToolError> {
    let host = Host::new(&session.root, &Shell, Uid::effective().is_root());
    let found = examine(&host, session.bus_address(), now()).await;
    let reader = if args.json {
        Reader::Program
    } else {
        Reader::Person(session.screen)
    };
    print_report(&found, reader)
}
