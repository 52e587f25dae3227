use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use countersign_bus::{BUS_NAME, LOGIN_SOCKET, OBJECT_PATH};
use nix::unistd::{Uid, User};
use tokio::runtime::{self, Runtime};
use zbus::connection::Builder;
use zbus::export::serde::Serialize;
use zbus::export::serde::de::DeserializeOwned;
use zbus::{Connection, DBusError, DynamicType, Type};

use crate::install::programs;

/// An answer that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(20);

/// Somebody who talks to the daemon over one connection. It ends when this is dropped.
pub struct Caller {
    // Before the line: the connection's tasks end first.
    connection: Connection,
    runtime: Runtime,
    road: Road,
    _line: Option<Line>,
}

/// A D-Bus error.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    /// Its name, without `org.countersign1.Error.` where it begins with that.
    pub name: String,
    /// Its text.
    pub text: String,
}

impl Refused {
    fn new(name: &str, text: Option<&str>) -> Self {
        let ours = name.strip_prefix("org.countersign1.Error.");
        Self {
            name: ours.unwrap_or(name).to_owned(),
            text: text.unwrap_or_default().to_owned(),
        }
    }
}

/// What came of a call.
pub type Answer<T> = Result<T, Refused>;

/// What the connection leads to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Road {
    Bus,
    Direct,
}

/// The process that holds a user's connection to the bus.
struct Line(Child);

impl Drop for Line {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Caller {
    /// A user of the system bus. Their uid is real.
    pub fn on_bus(user: &str) -> Self {
        let uid = User::from_name(user)
            .expect("the user database")
            .unwrap_or_else(|| panic!("there is no user {user}"))
            .uid;
        let (ours, theirs) = UnixStream::pair().expect("a pair of sockets");
        let output = theirs.try_clone().expect("one more descriptor");
        let line = Command::new(programs().join("bus-line"))
            .arg(user)
            .stdin(OwnedFd::from(theirs))
            .stdout(OwnedFd::from(output))
            .spawn()
            .expect("bus-line is built with the tests");
        let builder = Builder::unix_stream(ours).user_id(uid.as_raw());
        Self::connect(builder, Road::Bus, Some(Line(line)))
            .unwrap_or_else(|error| panic!("{user} has no connection to the bus: {error}"))
    }

    /// Root on a bus of the test's own, if something listens there.
    pub(crate) fn on_bus_at(path: &Path) -> Option<Self> {
        let socket = UnixStream::connect(path).ok()?;
        let builder = Builder::unix_stream(socket).user_id(Uid::current().as_raw());
        Self::connect(builder, Road::Bus, None).ok()
    }

    /// Is the daemon on this bus?
    pub(crate) fn has_daemon(&self) -> bool {
        let asked = self.connection.call_method(
            Some("org.freedesktop.DBus"),
            "/org/freedesktop/DBus",
            Some("org.freedesktop.DBus"),
            "NameHasOwner",
            &(BUS_NAME,),
        );
        let reply = self.runtime.block_on(asked);
        reply.is_ok_and(|reply| reply.body().deserialize().unwrap_or(false))
    }

    /// Root on the login socket, where there is no bus between.
    pub fn on_login_socket() -> Self {
        let socket = UnixStream::connect(LOGIN_SOCKET).expect("the login socket listens");
        let builder = Builder::unix_stream(socket)
            .user_id(Uid::current().as_raw())
            .p2p();
        Self::connect(builder, Road::Direct, None).expect("the daemon takes root's connection")
    }

    fn connect(builder: Builder<'_>, road: Road, line: Option<Line>) -> zbus::Result<Self> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let connection = runtime.block_on(builder.method_timeout(PATIENCE).build())?;
        Ok(Self {
            connection,
            runtime,
            road,
            _line: line,
        })
    }

    /// Calls a method of the daemon, named as in `Account.Status`.
    pub fn call<R: DeserializeOwned + Type>(
        &self,
        method: &str,
        body: &(impl Serialize + DynamicType),
    ) -> Answer<R> {
        let (interface, member) = method.split_once('.').expect("Interface.Method");
        self.call_any(&format!("{BUS_NAME}.{interface}"), member, body)
    }

    /// Calls a method of any interface of the daemon's object.
    pub fn call_any<R: DeserializeOwned + Type>(
        &self,
        interface: &str,
        member: &str,
        body: &(impl Serialize + DynamicType),
    ) -> Answer<R> {
        self.call_at(OBJECT_PATH, interface, member, body)
    }

    /// Calls a method of any object of the daemon.
    pub fn call_at<R: DeserializeOwned + Type>(
        &self,
        path: &str,
        interface: &str,
        member: &str,
        body: &(impl Serialize + DynamicType),
    ) -> Answer<R> {
        let destination = (self.road == Road::Bus).then_some(BUS_NAME);
        let reply = self
            .connection
            .call_method(destination, path, Some(interface), member, body);
        match self.runtime.block_on(reply) {
            Ok(reply) => Ok(reply
                .body()
                .deserialize_ignore_signature()
                .unwrap_or_else(|error| panic!("{member} answered something else: {error}"))),
            Err(zbus::Error::MethodError(name, text, _)) => {
                Err(Refused::new(name.as_str(), text.as_deref()))
            }
            // The standard's own errors come sorted out.
            Err(zbus::Error::FDO(error)) => {
                Err(Refused::new(error.name().as_str(), error.description()))
            }
            Err(error) => panic!("{member} got no answer: {error}"),
        }
    }
}
