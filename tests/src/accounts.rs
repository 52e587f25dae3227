use std::fs;

use crate::program::Program;

/// What a login runs first: it prints `let-in:` and a name, so that a driver sees that somebody is in,
/// and as whom.
pub const LET_IN: &str = "printf 'let-%s\\n' \"in:$(id -un)\"";

/// Makes a person: home directory, password, an SSH key of her own that lets her in.
pub fn create(name: &str, password: &str) {
    if !Program::new("id").arg(name).output().status.success() {
        Program::new("useradd")
            .args(["-m", "-s", "/bin/sh", name])
            .text();
    }
    Program::new("chpasswd")
        .input(&format!("{name}:{password}\n"))
        .text();
    let ssh = format!("/home/{name}/.ssh");
    fs::create_dir_all(&ssh).expect("a directory for her keys");
    Program::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(key(name))
        .text();
    fs::copy(key(name) + ".pub", format!("{ssh}/authorized_keys")).expect("her key lets her in");
    fs::write(format!("/home/{name}/.profile"), format!("{LET_IN}\n")).expect("a .profile");
    Program::new("chown")
        .args(["-R", &format!("{name}:"), &format!("/home/{name}")])
        .text();
    Program::new("chmod").args(["700", &ssh]).text();
}

/// The file of a person's private key.
pub fn key(name: &str) -> String {
    format!("/home/{name}/.ssh/id_ed25519")
}
