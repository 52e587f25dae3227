//! A private bus, and on it a daemon that answers by its script and remembers what it was asked.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;
use zbus::message::{Flags, Header};
use zbus::{OwnedVariant, Variant, interface};

pub const URI: &str = "otpauth://totp/web1.example.org:alice%40web1.example.org?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=web1.example.org";
/// The one code that is right.
pub const RIGHT: &str = "123456";
/// The word that `Verify` answers to codes that are five nines and a letter.
const VERDICTS: [(&str, &str); 5] = [
    ("123456", "accepted"),
    ("999999", "used"),
    ("99999t", "throttled"),
    ("99999l", "locked"),
    ("99999x", "perhaps"),
];

type Details = HashMap<String, OwnedVariant>;

#[derive(zbus::DBusError, Debug)]
#[zbus(prefix = "org.countersign1.Error")]
pub enum Fault {
    #[zbus(error)]
    ZBus(zbus::Error),
    CodeNotAccepted(String),
    AccessDenied(String),
    EarlierUser(String),
    NoSuchUser(String),
    Throttled(String),
}

/// What the script says, and what was asked.
#[derive(Default)]
pub struct Script {
    pub enrolled: bool,
    pub users: Vec<String>,
    /// Whose record cannot be read.
    pub unreadable: Vec<String>,
    /// Whose record is an earlier user's.
    pub foreign: Vec<String>,
    /// Each call: method, arguments, and `interactive` if polkit might have asked.
    pub calls: Vec<String>,
}

type Shared = Arc<Mutex<Script>>;

/// A bus with the daemon on it. Both end with this.
pub struct Lab {
    pub address: String,
    pub script: Shared,
    bus: Child,
    /// Its end is the daemon's.
    #[allow(dead_code, reason = "it is there to be dropped")]
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    _dir: TempDir,
}

impl Lab {
    pub fn new() -> Self {
        let mut lab = Self::without_daemon();
        let (ready, wait) = mpsc::channel();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let (address, script) = (lab.address.clone(), Arc::clone(&lab.script));
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let path = "/org/countersign1";
                let _connection = zbus::connection::Builder::address(address.as_str())
                    .serve_at(path, Account(Arc::clone(&script)))
                    .serve_at(path, Login(Arc::clone(&script)))
                    .serve_at(path, Admin(script))
                    .name("org.countersign1")
                    .build()
                    .await
                    .unwrap();
                ready.send(()).unwrap();
                let _ = stopped.await;
            });
        });
        wait.recv_timeout(Duration::from_secs(10))
            .expect("the daemon did not come up");
        lab.stop = Some(stop);
        lab
    }

    pub fn without_daemon() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let config = dir.path().join("bus.conf");
        let listen = format!("unix:path={}", dir.path().join("bus").display());
        std::fs::write(
            &config,
            format!(
                r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>{listen}</listen>
  <policy context="default">
    <allow send_destination="*"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow own="*"/>
  </policy>
</busconfig>"#
            ),
        )
        .unwrap();
        let mut bus = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", config.display()))
            .args(["--nofork", "--print-address=1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("these tests need dbus-daemon");
        let mut address = String::new();
        BufReader::new(bus.stdout.take().unwrap())
            .read_line(&mut address)
            .unwrap();
        assert!(address.starts_with(&listen), "{address}");
        Self {
            address: listen,
            script: Shared::default(),
            bus,
            stop: None,
            _dir: dir,
        }
    }

    pub fn enrolled() -> Self {
        let lab = Self::new();
        lab.script.lock().unwrap().enrolled = true;
        lab
    }

    pub fn calls(&self) -> Vec<String> {
        self.script.lock().unwrap().calls.clone()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = self.bus.kill();
        let _ = self.bus.wait();
    }
}

fn note(script: &Shared, header: &Header<'_>, what: String) {
    let interactive = header
        .primary()
        .flags()
        .contains(Flags::ALLOW_INTERACTIVE_AUTH);
    let what = if interactive {
        format!("{what} interactive")
    } else {
        what
    };
    script.lock().unwrap().calls.push(what);
}

fn judged(code: &str) -> Result<(), Fault> {
    match code {
        RIGHT | "" => Ok(()),
        "99999t" => Err(Fault::Throttled("too many, retry after 30".into())),
        _ => Err(Fault::CodeNotAccepted("for the log".into())),
    }
}

fn value<'a>(value: impl Into<Variant<'a>>) -> OwnedVariant {
    value.into().try_to_owned().unwrap()
}

fn text(options: &Details, key: &str) -> String {
    options
        .get(key)
        .map(|v| String::try_from(v.clone()).unwrap())
        .unwrap_or_default()
}

fn status(enrolled: bool) -> Details {
    let phone: HashMap<&str, Variant<'_>> = HashMap::from([
        ("name", "phone".into()),
        ("kind", "totp".into()),
        ("algorithm", "SHA1".into()),
        ("digits", 6_u32.into()),
        ("period", 30_u32.into()),
        ("created", 1_795_435_260_u64.into()),
        ("last-used", 1_795_438_860_u64.into()),
    ]);
    let tokens = if enrolled { vec![phone] } else { vec![] };
    Details::from([
        ("enrolled".into(), value(enrolled)),
        ("tokens".into(), value(tokens)),
        ("recovery-codes-left".into(), value(7_u32)),
        ("failed-attempts".into(), value(50_u32)),
        ("throttled-attempts".into(), value(45_u32)),
    ])
}

fn recovery_codes() -> Vec<String> {
    (0..8).map(|n| format!("abcdefgh234{n}")).collect()
}

struct Account(Shared);

#[interface(name = "org.countersign1.Account")]
impl Account {
    fn status(&self, user: &str, #[zbus(header)] header: Header<'_>) -> Result<Details, Fault> {
        note(&self.0, &header, format!("Status {user}"));
        if user == "denied" {
            return Err(Fault::AccessDenied("for the log".into()));
        }
        if user == "nosuch" {
            return Err(Fault::NoSuchUser("nosuch".into()));
        }
        Ok(status(self.0.lock().unwrap().enrolled))
    }

    fn begin_enrollment(
        &self,
        user: &str,
        options: Details,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(String, Details), Fault> {
        let mut keys: Vec<_> = options.keys().cloned().collect();
        keys.sort();
        note(
            &self.0,
            &header,
            format!("BeginEnrollment {user} {}", keys.join(",")),
        );
        if self.0.lock().unwrap().foreign.iter().any(|it| it == user) {
            return Err(Fault::EarlierUser("for the log".into()));
        }
        judged(&text(&options, "code"))?;
        Ok((
            URI.into(),
            Details::from([("expires".into(), value(600_u32))]),
        ))
    }

    fn confirm_enrollment(
        &self,
        user: &str,
        code: &str,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<Vec<String>, Fault> {
        note(&self.0, &header, format!("ConfirmEnrollment {user} {code}"));
        judged(code)?;
        let first = !std::mem::replace(&mut self.0.lock().unwrap().enrolled, true);
        Ok(if first { recovery_codes() } else { vec![] })
    }

    fn export(
        &self,
        user: &str,
        code: &str,
        options: Details,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<String, Fault> {
        note(
            &self.0,
            &header,
            format!("Export {user} [{code}] {}", text(&options, "name")),
        );
        judged(code).map(|()| URI.into())
    }

    fn renew_recovery_codes(
        &self,
        user: &str,
        code: &str,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<Vec<String>, Fault> {
        note(
            &self.0,
            &header,
            format!("RenewRecoveryCodes {user} [{code}]"),
        );
        judged(code).map(|()| recovery_codes())
    }

    fn resync(
        &self,
        user: &str,
        code: &str,
        next_code: &str,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), Fault> {
        note(
            &self.0,
            &header,
            format!("Resync {user} {code} {next_code}"),
        );
        judged(code)
    }

    fn disable(
        &self,
        user: &str,
        code: &str,
        options: Details,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), Fault> {
        note(
            &self.0,
            &header,
            format!("Disable {user} [{code}] {}", text(&options, "name")),
        );
        judged(code)
    }
}

struct Login(Shared);

#[interface(name = "org.countersign1.Login")]
impl Login {
    fn verify(
        &self,
        user: &str,
        code: &str,
        context: Details,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(String, Details), Fault> {
        assert!(context.is_empty());
        note(&self.0, &header, format!("Verify {user} {code}"));
        let verdict = VERDICTS
            .iter()
            .find(|(c, _)| *c == code)
            .map_or("wrong", |(_, word)| word);
        let details = match verdict {
            "throttled" => Details::from([("retry-after".into(), value(30_u32))]),
            _ => Details::new(),
        };
        Ok((verdict.into(), details))
    }
}

struct Admin(Shared);

#[interface(name = "org.countersign1.Admin")]
impl Admin {
    fn list(
        &self,
        filter: Details,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<Vec<(String, Details)>, Fault> {
        let after = text(&filter, "after");
        note(&self.0, &header, format!("List {after}"));
        // Pages smaller than were asked for: the daemon may have a limit of its own.
        let script = self.0.lock().unwrap();
        let page = script.users.iter().filter(|user| **user > after).take(2);
        let entry = |user: &String| {
            let mut told = status(true);
            if script.foreign.contains(user) {
                told.insert("foreign".into(), value(true));
            }
            if script.unreadable.contains(user) {
                told = Details::from([("unreadable".into(), value("bad sum"))]);
            }
            (user.clone(), told)
        };
        Ok(page.map(entry).collect())
    }

    fn unlock(
        &self,
        user: &str,
        options: Details,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<Details, Fault> {
        let mut asked = vec![format!("Unlock {user}")];
        let mut told = Details::from([
            ("locked".into(), value(true)),
            ("failed-attempts".into(), value(100_u32)),
        ]);
        if options.contains_key("temporary-code") {
            let number = |key: &str| u32::try_from(options[key].clone()).unwrap();
            asked.push(format!(
                "temporary-code {} {}",
                number("valid"),
                number("uses")
            ));
            told.insert("code".into(), value("wxy-z23-456"));
        }
        if options.contains_key("disable") {
            asked.push("disable".to_owned());
        }
        note(&self.0, &header, asked.join(" "));
        Ok(told)
    }
}
