//! The login socket: D-Bus frames without a broker between.

use crate::address::Address;
use crate::bus_road::{BEGIN, greeting};
use crate::deadline::Deadline;
use crate::failure::Failure;
use crate::failure::Step;
use crate::frame::Frame;
use crate::roads::{Ahead, Machine, Road};
use crate::wire::Wire;

/// Connects, checks who is there, and shows who we are. What is to be asked `ahead` goes with that; a code
/// never does, since a daemon that does not answer must not have seen it.
pub fn open<'d>(
    socket: &Address,
    machine: &Machine,
    deadline: &'d Deadline<'d>,
    ahead: Option<Ahead<'_>>,
) -> Result<Road<'d>, Failure> {
    let mut wire = Wire::connect(socket, deadline)?;
    let uid = wire.peer_uid()?;
    if !machine.trusts(uid) {
        return Err(Failure::ForeignOwner { uid });
    }
    let mut first = Frame::new(greeting(machine.effective_uid).into_bytes());
    let mut prefix = BEGIN;
    if let Some(ahead) = ahead {
        first.extend_from_slice(prefix);
        first.extend_from_slice(&ahead(None)?);
        prefix = b"";
    }
    wire.send(&first, Step::Handshake)?;
    wire.accepted()?;
    Ok(Road {
        wire,
        daemon: None,
        prefix,
    })
}
