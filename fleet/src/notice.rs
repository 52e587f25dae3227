use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::error::EngineError;

/// What whoever looks after the host has to hear of, once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Notice {
    /// The shared store stopped answering. Said once an outage, however many logins it refuses.
    OutageBegan(EngineError),
    /// It answers again.
    OutageEnded {
        /// How long it did not.
        after: Duration,
    },
}

/// Takes notices. Called from the task that met them, so it must not wait.
pub type Report = Arc<dyn Fn(Notice) + Send + Sync>;

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutageBegan(error) => {
                write!(
                    f,
                    "the shared store does not answer, and logins that need it are refused: {error}"
                )
            }
            Self::OutageEnded { after } => {
                write!(
                    f,
                    "the shared store answers again, after {} s",
                    after.as_secs()
                )
            }
        }
    }
}
