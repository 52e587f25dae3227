//! sshd's own part: it must leave the questions to PAM.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use super::disk::RealDisk;
use super::error::PamError;
use super::settings::{conflict, in_the_way, leaves_to_pam};
use super::write::put;
use crate::stack::files::{Files, Root};
use crate::system_program::system_program;

/// Where drop-ins lie.
pub const DIRECTORY: &str = "/etc/ssh/sshd_config.d";
/// What ours may be called. The first value that sshd reads counts: each sorts before the one
/// above it, and is taken where a file stands in that one's way.
const NAMES: [&str; 3] = [
    "10-countersign.conf",
    "00-countersign.conf",
    "00-00-countersign.conf",
];
const PROGRAM: &str = "/usr/sbin/sshd";

/// What is in it.
pub const TEXT: &str = "\
# Written by `countersign pam enable sshd --sshd-config`: the password and the code are asked by PAM.
UsePAM yes
KbdInteractiveAuthentication yes
AuthenticationMethods keyboard-interactive:pam
";

/// What is shipped to be copied there, with lines to be switched on or off.
const EXAMPLE: &str = include_str!("../../../packaging/sshd/10-countersign.conf");

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

/// What its configuration comes to. Fails when there is an sshd that cannot say so.
pub fn asks(root: &Root) -> Result<Asks, PamError> {
    if !root.is_host() || !Path::new(PROGRAM).is_file() {
        return Ok(Asks::Unknown);
    }
    match run(&["-T"]) {
        Ok(output) if output.status.success() => {
            Ok(effective(&String::from_utf8_lossy(&output.stdout)))
        }
        Ok(output) => Err(PamError::SshdSilent(one_line(&output.stderr))),
        Err(error) => Err(PamError::SshdSilent(error.to_string())),
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
    if yes("usepam") && yes("kbdinteractiveauthentication") && leaves_to_pam(methods) {
        Asks::Pam
    } else {
        Asks::Itself
    }
}

/// What sshd writes, without the ends of its lines.
fn one_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.join(" ").trim().to_owned()
}

fn run(arguments: &[&str]) -> std::io::Result<Output> {
    // Without it, sshd says nothing about its configuration.
    let _ = fs::create_dir_all("/run/sshd");
    system_program(PROGRAM)
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

/// Where our drop-in is to go, so that nothing that is read earlier stands against it. A file of
/// the name that somebody else wrote is theirs.
pub fn place_for(root: &Root) -> Result<PathBuf, PamError> {
    let mut place = PathBuf::new();
    for name in NAMES {
        place = Path::new(DIRECTORY).join(name);
        if root.read(&place).is_some_and(|it| it != TEXT.as_bytes()) {
            return Err(PamError::SshdTheirs(place));
        }
        if in_the_way(root, &place).is_none() {
            break;
        }
    }
    Ok(place)
}

/// Writes the drop-in, and keeps it if sshd takes it and does what it says. Else it is as it was.
pub fn install(root: &Root, path: &Path) -> Result<Reloaded, PamError> {
    let before = root.read(path);
    put(&mut RealDisk, root, path, Some(TEXT.as_bytes())).map_err(PamError::at(path))?;
    if !root.is_host() {
        return Ok(Reloaded::No);
    }
    if let Err(why) = takes_it(root) {
        let why = conflict(root, path).unwrap_or(why);
        put(&mut RealDisk, root, path, before.as_deref()).map_err(PamError::at(path))?;
        return Err(why);
    }
    Ok(reload())
}

fn takes_it(root: &Root) -> Result<(), PamError> {
    test().map_err(PamError::Sshd)?;
    match asks(root)? {
        Asks::Itself => Err(PamError::Sshd(
            "sshd -T does not say what the drop-in says".into(),
        )),
        Asks::Pam | Asks::Unknown => Ok(()),
    }
}

/// Does sshd take its configuration? If not, what it says.
fn test() -> Result<(), String> {
    match run(&["-t"]) {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(one_line(&output.stderr)),
        Err(error) => Err(error.to_string()),
    }
}

/// The drop-ins that are as we wrote them, or copies of the shipped one which say nothing that it does not offer.
pub fn ours(root: &Root) -> Vec<PathBuf> {
    let places = NAMES.map(|name| Path::new(DIRECTORY).join(name));
    let is_ours = |path: &PathBuf| {
        let text = root.read(path);
        text.is_some_and(|it| it == TEXT.as_bytes() || is_of_example(&String::from_utf8_lossy(&it)))
    };
    places.into_iter().filter(is_ours).collect()
}

/// Is each setting one that the shipped drop-in has, switched on or off? Its comments show where it comes from.
fn is_of_example(text: &str) -> bool {
    let offered = |line: &str| {
        EXAMPLE
            .lines()
            .any(|offer| offer.trim_start_matches('#').trim() == line)
    };
    let lines = || text.lines().map(str::trim);
    let first = EXAMPLE.lines().next();
    text.lines().next() == first
        && lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .all(offered)
}

/// Drop-ins that have to do with us by their name or first line, and that others have a hand in.
pub fn others(root: &Root) -> Vec<PathBuf> {
    let ours = ours(root);
    let is_related = |path: &PathBuf| {
        let text = root.read(path).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).to_lowercase();
        let first = text.lines().next().unwrap_or_default();
        path.to_string_lossy().contains("countersign") || first.contains("countersign")
    };
    super::settings::drop_ins(root)
        .into_iter()
        .filter(|path| !ours.contains(path) && is_related(path))
        .collect()
}

/// Takes a drop-in of ours away, unless sshd does not take its configuration without it: then it
/// is put back, and what sshd says is the error within.
pub fn remove(root: &Root, path: &Path) -> Result<Result<Reloaded, String>, PamError> {
    let before = root.read(path);
    put(&mut RealDisk, root, path, None).map_err(PamError::at(path))?;
    if !root.is_host() || !Path::new(PROGRAM).is_file() {
        return Ok(Ok(Reloaded::No));
    }
    if let Err(why) = test() {
        put(&mut RealDisk, root, path, before.as_deref()).map_err(PamError::at(path))?;
        return Ok(Err(why));
    }
    Ok(Ok(reload()))
}

/// Has sshd read its configuration if one of these files is part of it.
pub fn reload_for<'a>(root: &Root, mut changed: impl Iterator<Item = &'a Path>) {
    if root.is_host() && changed.any(|path| path.starts_with(DIRECTORY)) {
        // Whoever goes back has nobody to tell.
        let _ = reload();
    }
}

/// Reloads, and never restarts: a restart that fails leaves no sshd at all.
pub fn reload() -> Reloaded {
    let quiet = |program: &str, arguments: &[&str]| {
        system_program(program)
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

#[cfg(test)]
mod tests {
    use super::{EXAMPLE, TEXT, is_of_example};

    #[test]
    fn a_copy_of_the_example_is_known_with_its_lines_on_or_off_and_not_with_others() {
        let for_passwords = EXAMPLE
            .replace(
                "\nAuthenticationMethods publickey",
                "\n#AuthenticationMethods publickey",
            )
            .replace(
                "#AuthenticationMethods keyboard",
                "AuthenticationMethods keyboard",
            );
        assert_ne!(for_passwords, EXAMPLE);
        assert!(is_of_example(EXAMPLE));
        assert!(is_of_example(&for_passwords));
        assert!(!is_of_example(&format!("{EXAMPLE}PermitRootLogin no\n")));
        assert!(!is_of_example(
            &EXAMPLE.replace("#Match User root,backup", "Match User root,git")
        ));
        assert!(!is_of_example(TEXT));
        assert!(!is_of_example("UsePAM yes\n"));
    }
}
