//! The system bus: find out who the daemon is there, check it, and speak to that one alone.

use std::fmt::Write;
use std::num::NonZeroU32;

use countersign_bus::BUS_NAME;

use crate::address::Address;
use crate::deadline::Deadline;
use crate::failure::{Failure, Step};
use crate::frame::{body, bus_call};
use crate::roads::{Ahead, Machine, Road};
use crate::wire::{self, From, Wire};

const BUS: From<'static> = From::Name(wire::BUS);
const NO_OWNER: &str = "org.freedesktop.DBus.Error.NameHasNoOwner";

/// What ends the handshake.
pub const BEGIN: &[u8] = b"BEGIN\r\n";

/// Connects, has the daemon started if need be, and pins it: by its unique name, which no other
/// connection can get, once the bus has said which user is behind it. What is to be asked `ahead` goes to
/// that name together with this last question; its answer counts only if the one to that was right.
pub fn open<'d>(
    bus: &Address,
    machine: &Machine,
    deadline: &'d Deadline<'d>,
    ahead: Option<Ahead<'_>>,
) -> Result<Road<'d>, Failure> {
    let mut wire = Wire::connect(bus, deadline)?;
    let (hello, owner) = ((machine.serial)(), (machine.serial)());
    // All that does not depend on an answer goes in one packet: a third of the time is waiting.
    let mut first = greeting(machine.effective_uid).into_bytes();
    first.extend_from_slice(BEGIN);
    first.extend_from_slice(&bus_call(hello, "Hello", &(), Step::Hello)?);
    first.extend_from_slice(&get_owner(owner)?);
    wire.send(&first, Step::Handshake)?;
    wire.accepted()?;
    wire.answer(hello, BUS, Step::Hello)?;

    let daemon = match read_owner(&mut wire, owner) {
        Err(Failure::Refused { name, .. }) if name == NO_OWNER => start(&mut wire, machine)?,
        owner => owner?,
    };
    let serial = (machine.serial)();
    let mut second = bus_call(
        serial,
        "GetConnectionUnixUser",
        &daemon.as_str(),
        Step::OwnerUser,
    )?;
    if let Some(ahead) = ahead {
        second.extend_from_slice(&ahead(Some(&daemon))?);
    }
    wire.send(&second, Step::OwnerUser)?;
    let uid: u32 = body(
        &wire.answer(serial, BUS, Step::OwnerUser)?,
        "u",
        Step::OwnerUser,
    )?;
    if !machine.trusts(uid) {
        return Err(Failure::ForeignOwner { uid });
    }
    Ok(Road {
        wire,
        daemon: Some(daemon),
        prefix: b"",
    })
}

/// What opens the handshake: a NUL, and who we are (D-Bus specification, "EXTERNAL"). The other
/// end asks the kernel whether that is so.
pub fn greeting(effective_uid: u32) -> String {
    let mut greeting = "\0AUTH EXTERNAL ".to_owned();
    for digit in effective_uid.to_string().bytes() {
        let _ = write!(greeting, "{digit:02x}"); // writing to a String does not fail
    }
    greeting.push_str("\r\n");
    greeting
}

/// Has the bus start the daemon. The bus answers when the name has an owner.
fn start(wire: &mut Wire<'_>, machine: &Machine) -> Result<String, Failure> {
    let (start, owner) = ((machine.serial)(), (machine.serial)());
    let no_flags = 0_u32;
    let call = bus_call(
        start,
        "StartServiceByName",
        &(BUS_NAME, no_flags),
        Step::Start,
    )?;
    wire.send(&call, Step::Start)?;
    wire.answer(start, BUS, Step::Start)?;
    wire.send(&get_owner(owner)?, Step::Owner)?;
    read_owner(wire, owner)
}

fn get_owner(serial: NonZeroU32) -> Result<crate::frame::Frame, Failure> {
    bus_call(serial, "GetNameOwner", &BUS_NAME, Step::Owner)
}

fn read_owner(wire: &mut Wire<'_>, serial: NonZeroU32) -> Result<String, Failure> {
    let owner: String = body(&wire.answer(serial, BUS, Step::Owner)?, "s", Step::Owner)?;
    if owner.starts_with(':') {
        Ok(owner)
    } else {
        let what = "the owner has no unique name".to_owned();
        Err(Failure::Malformed {
            step: Step::Owner,
            what,
        })
    }
}
