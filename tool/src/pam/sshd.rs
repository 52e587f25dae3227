//! sshd's own part: it must leave the questions to PAM.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::disk::{Like, RealDisk};
use super::error::PamError;
use super::write::place;
use crate::stack::files::Root;

/// Where the drop-in goes. The first value that sshd reads counts, so it sorts before others.
pub const DROP_IN: &str = "/etc/ssh/sshd_config.d/10-countersign.conf";
const PROGRAM: &str = "/usr/sbin/sshd";

/// What is in it.
pub const TEXT: &str = "\
# Written by `countersign pam enable sshd --sshd-config`: the password and the code are asked by PAM.
UsePAM yes
KbdInteractiveAuthentication yes
AuthenticationMethods keyboard-interactive:pam
";

/// Does sshd leave the questions to PAM?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asks {
    /// It does.
    Pam,
    /// It does not, or lets keys in without.
    Itself,
    /// There is no sshd to be asked.
    Unknown,
}

/// What the running configuration comes to.
pub fn asks(root: &Root) -> Asks {
    if !root.is_host() || !Path::new(PROGRAM).is_file() {
        return Asks::Unknown;
    }
    match run(&["-T"]) {
        Ok(output) if output.status.success() => {
            effective(&String::from_utf8_lossy(&output.stdout))
        }
        _ => Asks::Unknown,
    }
}

/// Reads what `sshd -T` prints.
pub fn effective(text: &str) -> Asks {
    let value = |key: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix(' '))
    };
    let yes = |key| value(key) == Some("yes");
    let methods = value("authenticationmethods").unwrap_or("any");
    let all_ask = methods.split_whitespace().all(|list| {
        list.split(',')
            .any(|it| it.starts_with("keyboard-interactive"))
    });
    if yes("usepam") && yes("kbdinteractiveauthentication") && all_ask {
        Asks::Pam
    } else {
        Asks::Itself
    }
}

fn run(arguments: &[&str]) -> std::io::Result<Output> {
    // Without it, sshd says nothing about its configuration.
    let _ = fs::create_dir_all("/run/sshd");
    Command::new(PROGRAM)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
}

/// Has sshd been told to read its configuration?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reloaded {
    /// Yes.
    Yes,
    /// It could not be told, or does not run.
    No,
}

/// Writes the drop-in, and keeps it if sshd takes it and does what it says.
pub fn install(root: &Root) -> Result<Reloaded, PamError> {
    let path = Path::new(DROP_IN);
    let real = root.at(path);
    match fs::read(&real) {
        Ok(text) if text == TEXT.as_bytes() => return Ok(Reloaded::Yes),
        Ok(_) => return Err(PamError::Sshd(format!("{DROP_IN} is there already"))),
        Err(_) => {}
    }
    let temporary = real.with_file_name(".10-countersign.conf");
    place(
        &mut RealDisk,
        &temporary,
        &real,
        TEXT.as_bytes(),
        Like::Public,
    )
    .map_err(PamError::at(path))?;
    if !root.is_host() {
        return Ok(Reloaded::No);
    }
    let refusal = match run(&["-t"]) {
        Ok(output) if !output.status.success() => {
            Some(String::from_utf8_lossy(&output.stderr).trim().to_owned())
        }
        Err(error) => Some(error.to_string()),
        Ok(_) if asks(root) != Asks::Pam => {
            Some("an earlier line of sshd_config, or a missing Include, stands against it".into())
        }
        Ok(_) => None,
    };
    match refusal {
        Some(why) => {
            fs::remove_file(&real).map_err(PamError::at(path))?;
            Err(PamError::Sshd(why))
        }
        None => Ok(reload()),
    }
}

/// Takes the drop-in away, if it is as we wrote it.
pub fn remove(root: &Root) -> Result<Option<Reloaded>, PamError> {
    let path = Path::new(DROP_IN);
    let real = root.at(path);
    match fs::read(&real) {
        Ok(text) if text == TEXT.as_bytes() => {}
        _ => return Ok(None),
    }
    fs::remove_file(&real).map_err(PamError::at(path))?;
    Ok(Some(if root.is_host() {
        reload()
    } else {
        Reloaded::No
    }))
}

/// Reloads, and never restarts: a restart that fails leaves no sshd at all.
fn reload() -> Reloaded {
    let quiet = |program: &str, arguments: &[&str]| {
        Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    let by_systemd = Path::new("/run/systemd/system").is_dir()
        && ["ssh.service", "sshd.service"]
            .iter()
            .any(|unit| quiet("systemctl", &["reload", unit]));
    let by_signal = || {
        let pid = fs::read_to_string("/run/sshd.pid").unwrap_or_default();
        let pid = pid.trim();
        !pid.is_empty()
            && pid.bytes().all(|byte| byte.is_ascii_digit())
            && quiet("kill", &["-HUP", pid])
    };
    if by_systemd || by_signal() {
        Reloaded::Yes
    } else {
        Reloaded::No
    }
}
