//! The module's file: is it where libpam looks, and can libpam load it?

use std::os::unix::fs::MetadataExt;

use super::host::Host;

/// A file that a stack names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Module {
    /// It is there and can be loaded.
    Good,
    /// It is nowhere; it should be at this path.
    Missing(String),
    /// It is for another machine.
    Foreign(String),
    /// It is no PAM module.
    Other(String),
    /// Somebody besides root may write to it.
    Exposed(String),
    /// There is nothing to compare it with.
    Unknown,
}

/// A module that every machine with PAM has.
const COMPANION: &str = "pam_unix.so";
/// Where libraries are, beside those of Debian, which are a directory deeper.
const LIBRARIES: [&str; 4] = ["/usr/lib", "/usr/lib64", "/lib", "/lib64"];

impl Module {
    /// The module as a stack names it: by its path, or by its name alone.
    pub fn find(host: &Host<'_>, named: &str) -> Self {
        let Some(directory) = directory(host) else {
            return Self::Unknown;
        };
        let path = if named.starts_with('/') {
            named.to_owned()
        } else {
            format!("{directory}/{named}")
        };
        let Some(about) = host.about(&path) else {
            return Self::Missing(path);
        };
        let Some(bytes) = host.bytes(&path) else {
            return Self::Unknown;
        };
        if !is_module(&bytes) {
            return Self::Other(path);
        }
        let companion = host.bytes(&format!("{directory}/{COMPANION}"));
        if companion.is_some_and(|companion| machine(&companion) != machine(&bytes)) {
            return Self::Foreign(path);
        }
        let by_others =
            about.mode() & 0o002 != 0 || (about.mode() & 0o020 != 0 && about.gid() != 0);
        if host.is_live() && (about.uid() != 0 || by_others) {
            return Self::Exposed(path);
        }
        Self::Good
    }
}

/// Where libpam looks for modules: where its own are.
fn directory(host: &Host<'_>) -> Option<String> {
    let deeper = host
        .names("/usr/lib")
        .into_iter()
        .filter(|name| name.contains("-linux-"))
        .map(|name| format!("/usr/lib/{name}/security"));
    LIBRARIES
        .into_iter()
        .map(|directory| format!("{directory}/security"))
        .chain(deeper)
        .find(|directory| host.has(&format!("{directory}/{COMPANION}")))
}

/// Class, byte order and machine of an ELF file (elf(5)).
fn machine(bytes: &[u8]) -> Option<[u8; 4]> {
    if bytes.get(..4) != Some(b"\x7fELF".as_slice()) {
        return None;
    }
    match (bytes.get(4..6), bytes.get(18..20)) {
        (Some(&[class, order]), Some(&[low, high])) => Some([class, order, low, high]),
        _ => None,
    }
}

/// Has it the entry point that libpam calls?
fn is_module(bytes: &[u8]) -> bool {
    const ENTRY: &[u8] = b"pam_sm_authenticate\0";
    machine(bytes).is_some() && bytes.windows(ENTRY.len()).any(|window| window == ENTRY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    use crate::doctor::host::Shell;

    fn elf(machine: u8, entry: &str) -> Vec<u8> {
        let mut bytes = b"\x7fELF\x02\x01".to_vec();
        bytes.resize(18, 0);
        bytes.extend([machine, 0]);
        bytes.extend(entry.as_bytes());
        bytes.push(0);
        bytes
    }

    #[test]
    fn a_module_is_judged_by_the_one_beside_it() {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("usr/lib/x86_64-linux-gnu/security");
        fs::create_dir_all(&directory).unwrap();
        let host = Host::new(root.path(), &Shell, true);
        let ours = "pam_countersign.so";
        assert_eq!(Module::find(&host, ours), Module::Unknown);
        fs::write(directory.join(COMPANION), elf(62, "pam_sm_authenticate")).unwrap();
        let path = "/usr/lib/x86_64-linux-gnu/security/pam_countersign.so".to_owned();
        assert_eq!(Module::find(&host, ours), Module::Missing(path.clone()));
        let put = |bytes: &[u8]| fs::write(directory.join(ours), bytes).unwrap();
        put(b"#!/bin/sh\n");
        assert_eq!(Module::find(&host, ours), Module::Other(path.clone()));
        put(&elf(62, "main"));
        assert_eq!(Module::find(&host, ours), Module::Other(path.clone()));
        put(&elf(183, "pam_sm_authenticate"));
        assert_eq!(Module::find(&host, ours), Module::Foreign(path.clone()));
        put(&elf(62, "pam_sm_authenticate"));
        assert_eq!(Module::find(&host, ours), Module::Good);
        assert_eq!(Module::find(&host, &path), Module::Good);
        let elsewhere = "/opt/pam_countersign.so".to_owned();
        assert_eq!(
            Module::find(&host, &elsewhere),
            Module::Missing(elsewhere.clone())
        );
    }
}
