use std::fs;
use std::thread::sleep;
use std::time::Duration;

use crate::program::Program;

/// Starts the system bus with the distribution's own configuration.
pub fn start() {
    fs::create_dir_all("/run/dbus").expect("the bus's directory");
    // Returns when it listens.
    Program::new("dbus-daemon")
        .args(["--system", "--fork", "--nopidfile"])
        .text();
}

/// Ends the bus, in the way of a service manager.
pub fn stop() {
    Program::new("pkill").args(["-x", "dbus-daemon"]).text();
    while Program::new("pgrep")
        .args(["-x", "dbus-daemon"])
        .output()
        .status
        .success()
    {
        sleep(Duration::from_millis(10));
    }
}

/// Does somebody own this name?
pub fn has_owner(name: &str) -> bool {
    let reply = Program::new("dbus-send")
        .args([
            "--system",
            "--print-reply=literal",
            "--dest=org.freedesktop.DBus",
            "/",
        ])
        .arg("org.freedesktop.DBus.NameHasOwner")
        .arg(format!("string:{name}"))
        .text();
    reply.contains("true")
}

/// Has the bus read its configuration and activation files again.
pub fn reload() {
    Program::new("dbus-send")
        .args([
            "--system",
            "--print-reply",
            "--dest=org.freedesktop.DBus",
            "/",
        ])
        .arg("org.freedesktop.DBus.ReloadConfig")
        .text();
}
