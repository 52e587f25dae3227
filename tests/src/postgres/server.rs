use std::fmt::Write;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::certificates::{Authority, Identity};
use super::template::{copy_to, folder, give_away, program, programs, run};

/// A PostgreSQL server. It is killed, and its files are removed, when this is dropped.
pub struct Postgres {
    folder: PathBuf,
    port: u16,
    authority: Authority,
    process: Option<Child>,
}

impl Postgres {
    /// A new server with an authority of its own, ready.
    pub fn start() -> Self {
        Self::start_with("")
    }

    /// The same, with more lines of postgresql.conf.
    pub fn start_with(settings: &str) -> Self {
        let folder = folder();
        let authority = Authority::new(&folder.join("authority"));
        copy_to(&folder.join("data"));
        let mut server = Self {
            folder,
            port: free_port(),
            authority,
            process: None,
        };
        server.configure(settings);
        server.start_again();
        server
    }

    /// A new server that follows this one, which from now on confirms nothing that the new one has not got.
    #[must_use]
    pub fn start_standby(&self) -> Self {
        let folder = folder();
        let mut copy = program("pg_basebackup");
        copy.args([
            "--checkpoint=fast",
            "--no-sync",
            "--wal-method=stream",
            "--write-recovery-conf",
        ]);
        copy.args([
            "--username=postgres",
            "--dbname=application_name=standby",
            "--port",
        ]);
        copy.arg(self.port.to_string())
            .arg("--host")
            .arg(&self.folder);
        copy.arg("-D").arg(folder.join("data"));
        run(copy);
        let mut standby = Self {
            folder,
            port: free_port(),
            authority: self.authority.clone(),
            process: None,
        };
        standby.configure("synchronous_standby_names = ''");
        standby.start_again();
        self.sql("alter system set synchronous_standby_names = 'ANY 1 (*)'");
        self.sql("select pg_reload_conf()");
        let followed = "select count(*) from pg_stat_replication where sync_state = 'quorum'";
        wait_until("the standby follows", || self.sql(followed) == "1");
        standby
    }

    /// The address for who has a certificate for that role.
    pub fn url(&self, role: &str) -> String {
        Self::url_at(role, self.port)
    }

    /// The same, through another port of this machine.
    pub fn url_at(role: &str, port: u16) -> String {
        format!("postgres://{role}@127.0.0.1:{port}/countersign")
    }

    /// The address for the superuser, on the socket.
    pub fn superuser_url(&self) -> String {
        self.socket_url("postgres")
    }

    /// The address on the socket, where nobody is asked who they are.
    pub fn socket_url(&self, role: &str) -> String {
        let folder = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://{role}@{folder}:{}/countersign", self.port)
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Who vouches for this server, and whom it believes.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// What the superuser is told, in lines with `|` between the columns.
    pub fn sql(&self, sql: &str) -> String {
        self.try_sql("postgres", sql)
            .unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// What a role is told on the socket, or why nothing.
    pub fn try_sql(&self, role: &str, sql: &str) -> Result<String, String> {
        let output = Command::new(programs().join("psql"))
            .args([
                "-X",
                "-q",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-d",
                "countersign",
            ])
            .args(["-U", role, "-p", &self.port.to_string(), "-c", sql, "-h"])
            .arg(&self.folder)
            .stdin(Stdio::null())
            .output()
            .expect("psql runs");
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
        }
    }

    /// Starts a server that was killed, and waits until it is ready.
    pub fn start_again(&mut self) {
        let log = fs::File::create(self.folder.join("log")).expect("a log");
        let error = log.try_clone().expect("a second hand on the log");
        let data = self.folder.join("data");
        let child = program("postgres")
            .arg("-D")
            .arg(data)
            .stdout(log)
            .stderr(error)
            .spawn();
        self.process = Some(child.expect("PostgreSQL starts"));
        wait_until("PostgreSQL is ready", || {
            let child = self.process.as_mut().expect("just started");
            if let Ok(Some(status)) = child.try_wait() {
                panic!("PostgreSQL ended ({status}): {}", self.log());
            }
            self.try_sql("postgres", "select 1").is_ok()
        });
    }

    /// Ends all of it at once, as if the machine lost power.
    pub fn kill(&mut self) {
        let Some(mut process) = self.process.take() else {
            return;
        };
        let postmaster = pid(&process);
        // Stopped first, so that nobody is born meanwhile.
        let _ = kill(postmaster, Signal::SIGSTOP);
        for child in children(postmaster) {
            let _ = kill(child, Signal::SIGKILL);
        }
        let _ = kill(postmaster, Signal::SIGKILL);
        let _ = process.wait();
    }

    /// Stops all of it where it is. Connections stay open and nobody answers.
    pub fn freeze(&self) {
        self.signal_all(Signal::SIGSTOP);
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal_all(Signal::SIGCONT);
    }

    /// Makes a standby the primary, and waits until it is.
    pub fn promote(&self) {
        assert_eq!(self.sql("select pg_promote()"), "t", "{}", self.log());
    }

    /// Gives the server another certificate; it is read by its next start or reload.
    pub fn present(&self, identity: &Identity) {
        let folder = self.folder.join("tls");
        fs::create_dir_all(&folder).expect("a folder for the server's key");
        for (from, to) in [
            (&identity.certificate, "server.crt"),
            (&identity.key, "server.key"),
            (&self.authority.certificate(), "ca.crt"),
        ] {
            fs::copy(from, folder.join(to)).expect("a file for the server");
        }
        give_away(&folder);
    }

    /// What the server wrote about itself.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    fn configure(&self, settings: &str) {
        let data = self.folder.join("data");
        self.present(&self.authority.issue("server"));
        let tls_folder = self.folder.join("tls");
        let mut text = String::new();
        let lines = [
            ("port", self.port.to_string()),
            ("listen_addresses", quoted("127.0.0.1")),
            (
                "unix_socket_directories",
                quoted(&self.folder.display().to_string()),
            ),
            ("ssl", "on".to_owned()),
            ("ssl_cert_file", quoted(&path(&tls_folder, "server.crt"))),
            ("ssl_key_file", quoted(&path(&tls_folder, "server.key"))),
            ("ssl_ca_file", quoted(&path(&tls_folder, "ca.crt"))),
            ("shared_buffers", "16MB".to_owned()),
            ("hot_standby", "on".to_owned()),
            // Servers are killed here; machines do not lose power.
            ("fsync", "off".to_owned()),
        ];
        for (key, value) in lines {
            writeln!(text, "{key} = {value}").expect("a string takes text");
        }
        text.push_str(settings);
        text.push('\n');
        fs::write(data.join("postgresql.conf"), text).expect("postgresql.conf");
        fs::write(
            data.join("pg_hba.conf"),
            "local all all trust\nlocal replication postgres trust\nhostssl countersign all 127.0.0.1/32 cert\n",
        )
        .expect("pg_hba.conf");
        give_away(&data);
    }

    fn signal_all(&self, signal: Signal) {
        let Some(process) = &self.process else { return };
        let postmaster = pid(process);
        let _ = kill(postmaster, signal);
        for child in children(postmaster) {
            let _ = kill(child, signal);
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.kill();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn pid(process: &Child) -> Pid {
    Pid::from_raw(i32::try_from(process.id()).expect("a process id"))
}

fn children(parent: Pid) -> Vec<Pid> {
    let list = format!("/proc/{parent}/task/{parent}/children");
    let list = fs::read_to_string(list).unwrap_or_default();
    let numbers = list.split_ascii_whitespace();
    numbers
        .filter_map(|it| it.parse().ok())
        .map(Pid::from_raw)
        .collect()
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("its number").port()
}

fn quoted(text: &str) -> String {
    format!("'{text}'")
}

fn path(folder: &Path, file: &str) -> String {
    folder.join(file).display().to_string()
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "waiting until {what}"
        );
        thread::sleep(Duration::from_millis(20));
    }
}
