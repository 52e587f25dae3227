use std::env;
use std::fs;
use std::path::PathBuf;

use crate::program::Program;

/// Where the packages put the bus's activation file.
pub const ACTIVATION: &str = "/usr/share/dbus-1/system-services/org.countersign1.service";

/// The directory that holds what was built: the module, the daemon, the tool. `COUNTERSIGN_BUILD`
/// names it; without that it is the target directory's profile that this program is in.
fn build() -> PathBuf {
    match env::var_os("COUNTERSIGN_BUILD") {
        Some(directory) => PathBuf::from(directory),
        None => programs(),
    }
}

/// The directory of this package's own programs: above `deps`, where test binaries lie.
pub fn programs() -> PathBuf {
    let program = env::current_exe().expect("the path of the running program");
    let directory = program.parent().expect("a program lies in a directory");
    match directory.file_name() {
        Some(name) if name == "deps" => directory.parent().unwrap_or(directory).to_owned(),
        _ => directory.to_owned(),
    }
}

/// Installs Countersign into the lab by the same make target that the packages use.
pub fn install(config: Option<&str>) {
    let build = build();
    for file in ["libpam_countersign.so", "countersignd", "countersign"] {
        assert!(
            build.join(file).is_file(),
            "{} is not built: run scripts/test, or name the directory in COUNTERSIGN_BUILD",
            build.join(file).display()
        );
    }
    Program::new("make")
        .args([
            "-s",
            "-C",
            concat!(env!("CARGO_MANIFEST_DIR"), "/.."),
            "install",
            "DESTDIR=",
        ])
        .arg(format!("BUILD={}", build.display()))
        .text();
    Program::new("systemd-sysusers")
        .arg("/usr/lib/sysusers.d/countersign.conf")
        .text();
    if let Some(toml) = config {
        fs::write("/etc/countersign/countersign.toml", toml).expect("the configuration");
    }
    // What a package's scripts do on hosts without systemd: the daemon's user, its directories.
    Program::new("systemd-tmpfiles")
        .args(["--create", "countersign.conf"])
        .text();
}

/// The installed module, wherever this architecture keeps its modules.
pub fn module() -> PathBuf {
    let libraries = fs::read_dir("/usr/lib").expect("/usr/lib is there");
    libraries
        .flatten()
        .map(|entry| entry.path().join("security/pam_countersign.so"))
        .find(|module| module.is_file())
        .expect("make install put the module into /usr/lib/<multiarch>/security")
}
