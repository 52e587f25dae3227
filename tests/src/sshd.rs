use std::fs;

use crate::program::Program;
use crate::stacks::Stack;

const HOST_KEY: &str = "/etc/ssh/lab_host_key";

/// Starts sshd on the lab's loopback interface.
pub fn start(stack: Stack) {
    let methods = match stack {
        Stack::Plain | Stack::Installed | Stack::PasswordAndCode => "keyboard-interactive",
        Stack::KeyAndCode => "publickey,keyboard-interactive",
    };
    let config = format!(
        "ListenAddress 127.0.0.1:22\n\
         HostKey {HOST_KEY}\n\
         UsePAM yes\n\
         PasswordAuthentication no\n\
         KbdInteractiveAuthentication yes\n\
         AuthenticationMethods {methods}\n\
         UseDNS no\n\
         MaxStartups 500\n\
         Subsystem sftp internal-sftp\n"
    );
    fs::write("/etc/ssh/sshd_config", config).expect("sshd's configuration");
    fs::create_dir_all("/run/sshd").expect("sshd's empty directory");
    Program::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f", HOST_KEY])
        .text();
    let public = fs::read_to_string(format!("{HOST_KEY}.pub")).expect("sshd's public key");
    fs::write("/etc/ssh/ssh_known_hosts", format!("127.0.0.1 {public}")).expect("known hosts");
    // From 9.8 on it turns away addresses that failed lately, and here all logins come from one.
    let no_penalties = ["-o", "PerSourcePenalties=no"];
    let knows_it = Program::new("/usr/sbin/sshd")
        .arg("-t")
        .args(no_penalties)
        .output();
    let penalties = if knows_it.status.success() {
        &no_penalties[..]
    } else {
        &[]
    };
    // By its full path, as it insists on; listens before it goes into the background.
    Program::new("/usr/sbin/sshd").args(penalties).text();
}
