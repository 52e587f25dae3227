use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

const DAEMON: &str = "/usr/libexec/countersignd";
const REAL_DAEMON: &str = "/usr/libexec/real/countersignd";
/// How far off the clock is, as libfaketime reads it.
const OFFSET: &str = "/etc/faketime-of-the-daemon";

/// A clock that is wrong for the daemon alone and that can be set while the daemon runs. What it
/// measures lengths of time by goes on as it should, as it does when somebody sets a real clock.
pub struct FalseClock(());

impl FalseClock {
    /// Starts the daemon with it from now on. The daemon must not run yet. The clock is right at
    /// first.
    pub fn install() -> Self {
        let clock = Self(());
        clock.set(0);
        let directory = Path::new(REAL_DAEMON).parent().expect("a directory");
        fs::create_dir_all(directory).expect("a place for the real daemon");
        fs::rename(DAEMON, REAL_DAEMON).expect("the daemon is installed");
        let starter = format!(
            "#!/bin/sh\n\
             export LD_PRELOAD={library} FAKETIME_TIMESTAMP_FILE={OFFSET} FAKETIME_NO_CACHE=1 \
             FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME_DONT_RESET=1\n\
             exec {REAL_DAEMON} \"$@\"\n",
            library = library().display()
        );
        fs::write(DAEMON, starter).expect("a starter for the daemon");
        fs::set_permissions(DAEMON, fs::Permissions::from_mode(0o755)).expect("anybody may run it");
        clock
    }

    /// Sets it so many seconds ahead of the right time, or behind it.
    pub fn set(&self, seconds: i64) {
        let next = format!("{OFFSET}.new");
        fs::write(&next, format!("{seconds:+}\n")).expect("an offset");
        // In one step: the daemon reads it whenever it looks at the clock.
        fs::rename(next, OFFSET).expect("the new offset takes the old one's place");
    }
}

/// libfaketime, wherever this architecture keeps its libraries.
fn library() -> PathBuf {
    let libraries = fs::read_dir("/usr/lib").expect("/usr/lib is there");
    libraries
        .flatten()
        .map(|entry| entry.path().join("faketime/libfaketime.so.1"))
        .find(|library| library.is_file())
        .expect("the lab's packages have libfaketime")
}
