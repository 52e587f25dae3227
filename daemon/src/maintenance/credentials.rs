//! Encrypted credentials without the service manager: their directory, and systemd-creds(1).

use std::fs::{self, DirBuilder};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::process::{Command, Stdio};

use zeroize::Zeroizing;

use super::acting::ActingDisk;
use super::trouble::Trouble;
use crate::store::{CredentialCipher, Credentials, Disk, Keyring, RealDisk};

/// Where systemd looks for what `LoadCredentialEncrypted=` names (systemd.exec(5)).
const CREDSTORE: &str = "/etc/credstore.encrypted";
const SYSTEMD_CREDS: &str = "systemd-creds";
/// Where programs of the system are. What root has in `PATH` is no matter of ours.
const PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin";

/// The directory of encrypted credentials, if this host can have one.
pub struct Credstore(Option<RealDisk>);

impl Credstore {
    /// Opens it, if it is there.
    pub fn open() -> Result<Self, Trouble> {
        match RealDisk::open(Path::new(CREDSTORE)) {
            Ok(disk) => Ok(Self(Some(disk))),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Self(None)),
            Err(e) => Err(Trouble::file("no-credstore", Path::new(CREDSTORE), &e)),
        }
    }

    /// Makes it, for the first credential. Root's alone.
    pub fn make() -> Result<(), Trouble> {
        let fail = |e: io::Error| Trouble::file("no-credstore", Path::new(CREDSTORE), &e);
        if fs::exists(CREDSTORE).map_err(fail)? {
            return Ok(());
        }
        DirBuilder::new()
            .mode(0o700)
            .create(CREDSTORE)
            .map_err(fail)
    }

    /// The directory.
    pub fn disk(&self) -> Option<&dyn Disk> {
        self.0.as_ref().map(|disk| disk as &dyn Disk)
    }
}

/// Is systemd-creds(1) here?
pub fn can_encrypt() -> bool {
    PATH.split(':')
        .any(|directory| Path::new(directory).join(SYSTEMD_CREDS).exists())
}

/// The keys that the service manager decrypted for us, and those of the state directory.
pub fn of_service(given: &Path, state: &ActingDisk<'_>) -> Result<Option<Keyring>, Trouble> {
    let disk = RealDisk::open(given).map_err(|e| Trouble::file("no-credstore", given, &e))?;
    let credentials = Credentials::of_service(&disk).map_err(crate::store::RekeyError::from)?;
    Keyring::find_all(state, credentials)
        .map_err(|error| crate::store::RekeyError::from(error).into())
}

/// systemd-creds(1). Keys go through pipes alone.
pub struct SystemdCreds {
    /// `--with-key=`
    pub with_key: String,
}

impl SystemdCreds {
    fn run(arguments: &[&str], input: &[u8]) -> io::Result<Zeroizing<Vec<u8>>> {
        let mut child = Command::new(SYSTEMD_CREDS)
            .args(arguments)
            .args(["-", "-"])
            .env_clear()
            .env("PATH", PATH)
            .env("LC_ALL", "C")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        // It reads all of this before it writes, and all of it fits into a pipe.
        let written = child.stdin.take().map(|mut pipe| pipe.write_all(input));
        let ended = child.wait_with_output()?;
        let out = Zeroizing::new(ended.stdout);
        if !ended.status.success() {
            let said = String::from_utf8_lossy(&ended.stderr);
            let said = said.lines().rfind(|line| !line.trim().is_empty());
            return Err(io::Error::other(
                said.unwrap_or("systemd-creds failed").trim().to_owned(),
            ));
        }
        written.transpose()?;
        Ok(out)
    }
}

impl CredentialCipher for SystemdCreds {
    fn encrypt(&self, name: &str, secret: &[u8]) -> io::Result<Vec<u8>> {
        let name = format!("--name={name}");
        let with_key = format!("--with-key={}", self.with_key);
        Self::run(&["encrypt", &name, &with_key], secret).map(|file| file.to_vec())
    }

    fn decrypt(&self, name: &str, file: &[u8]) -> io::Result<Zeroizing<Vec<u8>>> {
        Self::run(&["decrypt", &format!("--name={name}")], file)
    }
}
