//! `bus-line USER` joins its standard input and output to the system bus, as that user. The bus asks
//! the kernel who connects, so nobody can call in somebody else's name from a process of their own.

use std::env;
use std::fs::File;
use std::io::{Error, Result, copy, stdin, stdout};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process;
use std::thread;

use countersign_bus::SYSTEM_BUS_ADDRESS;
use nix::unistd::{User, setgroups, setresgid, setresuid};

fn main() -> Result<()> {
    let name = env::args().nth(1).unwrap_or_default();
    let user = User::from_name(&name)?.ok_or_else(|| Error::other("no such user"))?;
    setgroups(&[])?;
    setresgid(user.gid, user.gid, user.gid)?;
    setresuid(user.uid, user.uid, user.uid)?;
    let bus = UnixStream::connect(SYSTEM_BUS_ADDRESS.trim_start_matches("unix:path="))?;
    let mut from_bus = bus.try_clone()?;
    // Without the buffers of the standard streams: a message need not end in a line feed.
    let mut caller = File::from(stdout().as_fd().try_clone_to_owned()?);
    thread::spawn(move || {
        drop(copy(&mut from_bus, &mut caller));
        process::exit(0) // the bus hung up
    });
    let mut caller = File::from(stdin().as_fd().try_clone_to_owned()?);
    copy(&mut caller, &mut &bus)?;
    Ok(())
}
