//! Questions to the bus itself, by a program of the bus's own.

use countersign_tests::Program;

/// Calls the bus as a user; what it answered, an error as well.
pub fn ask(user: &str, call: &[&str]) -> String {
    let output = Program::as_user(user, "dbus-send")
        .args([
            "--system",
            "--print-reply",
            "--dest=org.freedesktop.DBus",
            "/",
        ])
        .args(call)
        .output();
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

/// Does somebody own the daemon's name?
pub fn has_daemon() -> bool {
    let name = "string:org.countersign1";
    ask("root", &["org.freedesktop.DBus.NameHasOwner", name]).contains("true")
}

/// How many names there are, those of connections among them.
pub fn names() -> usize {
    ask("root", &["org.freedesktop.DBus.ListNames"])
        .matches("string \"")
        .count()
}
