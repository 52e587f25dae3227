//! The configuration on disk: is it right, and what does it say about a login?

mod check;
pub mod host;
pub mod problem;
pub mod remark;
mod rule;
mod show;
mod walk;

use crate::cli::{Config, ConfigVerb};
use crate::error::ToolError;
use crate::run::Session;

/// Checks the configuration, or shows it.
pub async fn run(args: &Config, session: &Session) -> Result<(), ToolError> {
    match &args.verb {
        ConfigVerb::Check(args) => check::run(args, session).await,
        ConfigVerb::Show(args) => match &args.user {
            None => show::run(args, session).await,
            Some(user) => walk::run(args, user, session).await,
        },
    }
}
