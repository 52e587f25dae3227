//! How far a shared store reaches: what a login takes of it, measured, and what fleets would be like that nobody has here.
//!
//! [`measure()`] runs inside `scripts/lab/enter` against a real server and gives [`Measured`]. A [`Fleet`] is simulated from the
//! constants in it: [`simulation`] has the resources ([`cores`], [`commits`], [`hosts`]) through which each login of
//! [`login`] goes. [`agreement`] holds the simulation against the crowds that were measured with the constants; [`paper`]
//! asks it about a large fleet, and [`report`] and [`picture`] show what it says.

mod agreement;
mod commits;
mod constants;
mod cores;
mod hosts;
mod login;
mod measure;
mod paper;
mod picture;
mod report;
mod server;
mod simulation;
mod spread;

pub use agreement::{Agreement, LIMIT, agreements};
pub use constants::{Call, Connecting, Constants, Crowd, Measured, Room, Round, Standby};
pub use measure::measure;
pub use paper::Paper;
pub use picture::svg;
pub use report::{markdown, publish, sheet};
pub use simulation::{Arrivals, Fleet, Processors, Ran, run};
pub use spread::Spread;
