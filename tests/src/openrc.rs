use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Output;

use crate::broker;
use crate::program::Program;

const SERVICE: &str = "countersignd";
/// What OpenRC makes in its folder at boot.
const STATES: [&str; 12] = [
    "daemons",
    "exclusive",
    "failed",
    "hotplugged",
    "inactive",
    "options",
    "scheduled",
    "started",
    "starting",
    "stopping",
    "tmp",
    "wasinactive",
];

/// OpenRC as the host's service manager, with our service installed as the README says.
pub struct OpenRc;

impl OpenRc {
    /// Puts the host into the default runlevel. The bus that runs already counts as one that OpenRC
    /// started.
    pub fn with_the_running_bus() -> Self {
        let this = Self::boot();
        symlink("/etc/init.d/dbus", "/run/openrc/started/dbus").expect("a mark of OpenRC's");
        this
    }

    /// Puts the host into the default runlevel, with the bus not started yet.
    pub fn without_a_bus() -> Self {
        broker::stop();
        Self::boot()
    }

    fn boot() -> Self {
        // What a host has on which OpenRC was the one that booted it.
        for folder in STATES {
            let folder = Path::new("/run/openrc").join(folder);
            fs::create_dir_all(folder).expect("a folder of OpenRC's");
        }
        fs::write("/run/openrc/softlevel", "default\n").expect("the runlevel");
        Program::new("install")
            .args(["-m", "0755"])
            .arg("/usr/share/doc/countersign/examples/openrc/countersignd")
            .arg("/etc/init.d")
            .text();
        Program::new("rc-update")
            .args(["add", SERVICE, "default"])
            .text();
        Self
    }

    /// `rc-service countersignd VERB`, however it ends.
    pub fn service(&self, verb: &str) -> Output {
        self.other_service(SERVICE, verb)
    }

    /// `rc-service NAME VERB`, however it ends.
    #[allow(clippy::unused_self, reason = "there must be an OpenRC")]
    pub fn other_service(&self, name: &str, verb: &str) -> Output {
        Program::new("rc-service").args([name, verb]).output()
    }

    /// Starts our service, and returns the daemon's process.
    pub fn start(&self) -> String {
        let started = self.service("start");
        let said = String::from_utf8_lossy(&started.stderr).into_owned();
        assert!(
            started.status.success() && !said.contains("has not opened"),
            "{}{said}",
            String::from_utf8_lossy(&started.stdout)
        );
        Self::daemon().expect("OpenRC has started the daemon")
    }

    /// The daemon's process that OpenRC supervises, if it runs.
    pub fn daemon() -> Option<String> {
        let supervisor = Program::new("pgrep")
            .args(["-x", "supervise-daemo"]) // the kernel keeps 15 letters of a name
            .output();
        let supervisor = String::from_utf8_lossy(&supervisor.stdout)
            .trim()
            .to_owned();
        let child = Program::new("pgrep")
            .args(["-x", SERVICE, "-P", &supervisor])
            .output();
        let child = String::from_utf8_lossy(&child.stdout).trim().to_owned();
        (!child.is_empty()).then_some(child)
    }
}
