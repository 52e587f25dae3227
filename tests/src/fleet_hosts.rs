use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use countersign_bus::DAEMON_USER;
use nix::unistd::User;

use crate::caller::Caller;
use crate::postgres::{Identity, Postgres};
use crate::program::Program;

const DAEMON: &str = "/usr/libexec/countersignd";
const FOLDER: &str = "/root/fleet";
const PATIENCE: Duration = Duration::from_secs(20);

/// A shared store with its schema, the tenant `main`, hosts `web1`, `web2` and `web3` of it, and `desk`, where an
/// administrator works. Inside a lab.
pub struct Fleet {
    /// The database.
    pub server: Postgres,
}

/// A host of the fleet: a daemon with a state directory, a configuration and a bus of its own. It ends with this.
pub struct FleetHost {
    name: String,
    folder: PathBuf,
    bus: Child,
    daemon: Option<Child>,
}

impl Fleet {
    /// Starts a server and has the companion tool make the schema, as the database's own superuser.
    pub fn start() -> Self {
        let server = Postgres::start();
        migrate(&server);
        server.sql(
            "select countersign.add_tenant('main');
             select countersign.add_host('web1', '{main}'), countersign.add_host('web2', '{main}'),
               countersign.add_host('web3', '{main}'),
               countersign.add_host('desk', '{main}', 'countersign_admin')",
        );
        Self { server }
    }

    /// A host that has the fleet's key and a certificate of its own, and serves.
    pub fn host(&self, name: &str) -> FleetHost {
        self.found();
        let identity = self.server.authority().issue(name);
        FleetHost::start(name, &self.config(name, &self.server.url(name), &identity))
    }

    /// Begins the fleet from a host without enrollments, as its administrator would; once.
    fn found(&self) {
        let records = self.server.sql("select count(*) from countersign.account");
        if records.trim() != "0" {
            return;
        }
        let identity = self.server.authority().issue("desk");
        let config = self.config("desk", &self.server.url("desk"), &identity);
        let host = FleetHost::lay_out("founder", &config);
        Program::new(DAEMON)
            .arg("--config-dir")
            .arg(host.join("etc"))
            .arg("--state-dir")
            .arg(host.join("state"))
            .args(["maintain", "transfer", "--to", "postgres", "--role", "desk"])
            .text();
    }

    /// Three of them.
    pub fn three_hosts(&self) -> [FleetHost; 3] {
        ["web1", "web2", "web3"].map(|name| self.host(name))
    }

    /// The text of countersign.toml on such a host.
    pub fn config(&self, name: &str, url: &str, identity: &Identity) -> String {
        let folder = Path::new(FOLDER).join("pem");
        fs::create_dir_all(&folder).expect("a folder for certificates");
        for path in [Path::new("/root"), Path::new(FOLDER), &folder] {
            open_to_all(path);
        }
        let copy = |from: &Path, to: String, mode| {
            let to = folder.join(to);
            let _ = fs::remove_file(&to);
            fs::copy(from, &to).expect("a copy of a certificate");
            give_to_daemon(&to, mode);
            to.display().to_string()
        };
        let ca = copy(
            &self.server.authority().certificate(),
            format!("{name}-ca.pem"),
            0o444,
        );
        let certificate = copy(&identity.certificate, format!("{name}.pem"), 0o444);
        let key = copy(&identity.key, format!("{name}.key"), 0o400);
        format!(
            "[store]\nbackend = \"postgres\"\nurls = [\"{url}\"]\nca = \"{ca}\"\ncertificate = \"{certificate}\"\n\
             key = \"{key}\"\n[totp]\nwindow = 10\n"
        )
    }
}

/// Makes the schema through the companion tool, as the superuser.
pub fn migrate(server: &Postgres) -> String {
    Program::as_user("postgres", "countersign")
        .args(["store", "migrate", "--url", &server.superuser_url()])
        .text()
}

impl FleetHost {
    /// A host with that configuration.
    pub fn start(name: &str, config: &str) -> Self {
        let folder = Self::lay_out(name, config);
        let mut host = Self {
            bus: start_bus(&folder),
            name: name.to_owned(),
            folder,
            daemon: None,
        };
        host.start_daemon();
        host
    }

    /// The folders of a host with the fleet's key in them.
    fn lay_out(name: &str, config: &str) -> PathBuf {
        let folder = Path::new(FOLDER).join(name);
        let state = folder.join("state");
        for path in [folder.join("etc"), state.clone()] {
            fs::create_dir_all(path).expect("a folder of a host");
        }
        for path in [
            Path::new("/root"),
            Path::new(FOLDER),
            &folder,
            &folder.join("etc"),
        ] {
            open_to_all(path);
        }
        give_to_daemon(&state, 0o700);
        put_key(&state.join("key"), &[7; 32]);
        configure(&folder, config);
        folder
    }

    /// Gives the host another key; it counts from the next start on.
    pub fn set_key(&self, key: &[u8]) {
        put_key(&self.state().join("key"), key);
    }

    /// Gives the host a key that only opens.
    pub fn set_older_key(&self, key: &[u8]) {
        put_key(&self.state().join("key.old"), key);
    }

    /// Writes another configuration; it counts from the next start on.
    pub fn configure(&self, config: &str) {
        configure(&self.folder, config);
    }

    /// Starts the daemon, and waits until it answers.
    pub fn start_daemon(&mut self) {
        let log = File::create(self.folder.join("log")).expect("the daemon's output");
        let daemon = Command::new("setpriv")
            .args([
                "--reuid",
                DAEMON_USER,
                "--regid",
                DAEMON_USER,
                "--init-groups",
                "--",
            ])
            .arg(DAEMON)
            .arg("--config-dir")
            .arg(self.folder.join("etc"))
            .arg("--state-dir")
            .arg(self.state())
            .arg("--bus-address")
            .arg(format!("unix:path={}", self.bus_path().display()))
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("one more descriptor"))
            .stderr(log)
            .spawn()
            .expect("setpriv of util-linux runs");
        self.daemon = Some(daemon);
        wait_until("the host's daemon is on its bus", || {
            self.try_caller().is_some()
        });
    }

    /// Ends the daemon.
    pub fn stop_daemon(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            drop(daemon.kill());
            drop(daemon.wait());
        }
    }

    /// Root on the bus of this host.
    pub fn caller(&self) -> Caller {
        self.try_caller().expect("the host's daemon is on its bus")
    }

    fn try_caller(&self) -> Option<Caller> {
        let caller = Caller::on_bus_at(&self.bus_path())?;
        caller.has_daemon().then_some(caller)
    }

    /// Its state directory.
    pub fn state(&self) -> PathBuf {
        self.folder.join("state")
    }

    /// Its name, and its role in the database.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn bus_path(&self) -> PathBuf {
        self.folder.join("bus")
    }
}

impl Drop for FleetHost {
    fn drop(&mut self) {
        self.stop_daemon();
        drop(self.bus.kill());
        drop(self.bus.wait());
    }
}

fn start_bus(folder: &Path) -> Child {
    let socket = folder.join("bus");
    let config = folder.join("bus.conf");
    let text = format!(
        "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\" \
         \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n\
         <busconfig><listen>unix:path={}</listen><auth>EXTERNAL</auth><policy context=\"default\">\
         <allow user=\"*\"/><allow own=\"*\"/><allow send_destination=\"*\"/><allow receive_sender=\"*\"/>\
         </policy></busconfig>\n",
        socket.display()
    );
    fs::write(&config, text).expect("the configuration of a bus");
    let bus = Command::new("dbus-daemon")
        .arg(format!("--config-file={}", config.display()))
        .args(["--nofork", "--nopidfile", "--nosyslog"])
        .stdin(Stdio::null())
        .spawn()
        .expect("dbus-daemon runs");
    wait_until("a host's bus listens", || socket.exists());
    bus
}

fn put_key(path: &Path, key: &[u8]) {
    let _ = fs::remove_file(path);
    fs::write(path, key).expect("a key");
    give_to_daemon(path, 0o400);
}

fn configure(folder: &Path, config: &str) {
    let path = folder.join("etc/countersign.toml");
    fs::write(&path, config).expect("the configuration");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("its mode");
}

fn open_to_all(path: &Path) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("its mode");
}

fn give_to_daemon(path: &Path, mode: u32) {
    let user = User::from_name(DAEMON_USER)
        .expect("the user database")
        .expect("the daemon's user exists");
    chown(path, Some(user.uid.as_raw()), Some(user.gid.as_raw())).expect("its owner");
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("its mode");
}

fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(
            begun.elapsed() < PATIENCE,
            "waited {PATIENCE:?} until {what}"
        );
        thread::sleep(Duration::from_millis(10));
    }
}
