//! The login socket: D-Bus frames without a broker between.

use crate::address::Address;
use crate::bus_road::greeting;
use crate::deadline::Deadline;
use crate::failure::Failure;
use crate::failure::Step;
use crate::roads::{Machine, Road};
use crate::wire::Wire;

/// Connects, checks who is there, and shows who we are.
pub fn open<'d>(
    socket: &Address,
    machine: &Machine,
    deadline: &'d Deadline<'d>,
) -> Result<Road<'d>, Failure> {
    let mut wire = Wire::connect(socket, deadline)?;
    let uid = wire.peer_uid()?;
    if !machine.trusts(uid) {
        return Err(Failure::ForeignOwner { uid });
    }
    wire.send(greeting(machine.effective_uid).as_bytes(), Step::Handshake)?;
    // Nothing is sent ahead here: a daemon that does not answer must not have seen the code.
    wire.accepted()?;
    Ok(Road {
        wire,
        daemon: None,
        prefix: b"BEGIN\r\n",
    })
}
