//! The connection to the daemon: each call with its deadline, each failure with its name.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::time::Duration;

use countersign_bus::proxy::{AccountProxy, AdminProxy, Details, LoginProxy, Options};
use countersign_bus::{Code, UserName, keys};
use nix::unistd::Uid;
use zbus::proxy::{CacheProperties, MethodFlags};
use zbus::{Connection, connection};
use zeroize::Zeroizing;

use crate::account::{Account, Entry, take};
use crate::agent::Agent;
use crate::caller::{Role, Subject};
use crate::error::{Stage, ToolError};
use crate::failure::{failure, no_bus};
use crate::import::stored::Stored;
use crate::refusal::{Action, Task};
use crate::store::standing::Standing;
use crate::words::tell;

/// How long a machine may take to answer, the start of the daemon included.
const DEADLINE: Duration = Duration::from_secs(30);
/// The same when polkit may be asking a person for a password meanwhile.
const DEADLINE_WITH_PASSWORD: Duration = Duration::from_secs(150);

/// How far things have gone; whoever handles an interruption keeps a clone.
pub type Progress = Rc<Cell<Stage>>;

/// What an enrollment begins with.
pub struct Begun {
    /// What the QR code holds.
    pub otpauth_uri: Zeroizing<String>,
    /// Seconds until the daemon forgets it.
    pub expires: Option<u32>,
    /// What the token is called.
    pub name: Option<String>,
}

/// What is done besides unlocking, in the same act.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Besides {
    /// Nothing.
    Nothing,
    /// A temporary code is issued.
    TemporaryCode {
        /// How long it is valid, in seconds.
        valid: u32,
        /// How many logins it is good for.
        uses: u32,
    },
    /// The tokens and recovery codes go.
    Disable,
}

/// May an enrollment be put off?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Delay {
    /// Yes, for now.
    Granted,
    /// No.
    Refused,
}

/// A connection to the daemon. Dropping it cancels an enrollment that was begun on it.
pub struct Daemon {
    account: AccountProxy<'static>,
    admin: AdminProxy<'static>,
    login: LoginProxy<'static>,
    progress: Progress,
    /// Puts polkit's questions. There from the first call on that may bring some about.
    agent: RefCell<Option<Agent>>,
}

impl Daemon {
    /// Connects to the bus. The daemon itself is started by the first call.
    pub async fn connect(address: &str, progress: Progress) -> Result<Self, ToolError> {
        let built = tokio::time::timeout(DEADLINE, Self::build(address, progress)).await;
        built
            .map_err(|_| ToolError::NoBus {
                address: address.to_owned(),
                cause: tell!("tool-no-answer", "seconds" = DEADLINE.as_secs()),
            })?
            .map_err(|error| no_bus(address, &error))
    }

    async fn build(address: &str, progress: Progress) -> zbus::Result<Self> {
        let bus: Connection = connection::Builder::address(address).build().await?;
        // Nothing is cached, so no proxy asks for anything by itself.
        Ok(Self {
            account: AccountProxy::builder(&bus)
                .cache_properties(CacheProperties::No)
                .build()
                .await?,
            admin: AdminProxy::builder(&bus)
                .cache_properties(CacheProperties::No)
                .build()
                .await?,
            login: LoginProxy::builder(&bus)
                .cache_properties(CacheProperties::No)
                .build()
                .await?,
            progress,
            agent: RefCell::default(),
        })
    }

    /// `Account.Status`
    pub async fn status(&self, subject: &Subject) -> Result<Account, ToolError> {
        let task = Task::on(Action::Status, subject);
        let body = (subject.user.as_str(),);
        let details = self.account("Status", &task, &body).await?;
        Account::read(subject.user.to_string(), details)
            .map_err(|what| ToolError::Unexpected { task, what })
    }

    /// `Account.BeginEnrollment`
    pub async fn begin(
        &self,
        subject: &Subject,
        options: &Options<'_>,
        token: Option<&str>,
    ) -> Result<Begun, ToolError> {
        let task = Task::on(Action::Begin, subject).with_token(token);
        let body = (subject.user.as_str(), options);
        let (uri, mut details): (String, Details) =
            self.account("BeginEnrollment", &task, &body).await?;
        let expires = details
            .remove(keys::EXPIRES)
            .and_then(|value| value.try_into().ok());
        let name = details
            .remove(keys::NAME)
            .and_then(|value| value.try_into().ok());
        Ok(Begun {
            otpauth_uri: uri.into(),
            expires,
            name,
        })
    }

    /// `Account.ConfirmEnrollment`: the recovery codes.
    pub async fn confirm(
        &self,
        subject: &Subject,
        code: &Code,
    ) -> Result<RecoveryCodes, ToolError> {
        let task = Task::on(Action::Confirm, subject);
        let body = (subject.user.as_str(), code.expose());
        self.account("ConfirmEnrollment", &task, &body)
            .await
            .map(Zeroizing::new)
    }

    /// `Account.Export`: the otpauth URI.
    pub async fn export(
        &self,
        subject: &Subject,
        code: Option<&Code>,
        token: Option<&str>,
    ) -> Result<Zeroizing<String>, ToolError> {
        let task = Task::on(Action::Export, subject).with_token(token);
        let body = (
            subject.user.as_str(),
            code.map_or("", Code::expose),
            named(token),
        );
        self.account("Export", &task, &body)
            .await
            .map(Zeroizing::new)
    }

    /// `Account.RenewRecoveryCodes`
    pub async fn renew(
        &self,
        subject: &Subject,
        code: Option<&Code>,
    ) -> Result<RecoveryCodes, ToolError> {
        let task = Task::on(Action::Renew, subject);
        let body = (subject.user.as_str(), code.map_or("", Code::expose));
        self.account("RenewRecoveryCodes", &task, &body)
            .await
            .map(Zeroizing::new)
    }

    /// `Account.Resync`
    pub async fn resync(
        &self,
        subject: &Subject,
        code: &Code,
        next_code: &Code,
    ) -> Result<(), ToolError> {
        let task = Task::on(Action::Resync, subject);
        let body = (subject.user.as_str(), code.expose(), next_code.expose());
        self.account("Resync", &task, &body).await
    }

    /// `Account.Disable`
    pub async fn disable(
        &self,
        subject: &Subject,
        code: Option<&Code>,
        token: Option<&str>,
    ) -> Result<(), ToolError> {
        let task = Task::on(Action::Disable, subject).with_token(token);
        let body = (
            subject.user.as_str(),
            code.map_or("", Code::expose),
            named(token),
        );
        self.account("Disable", &task, &body).await
    }

    /// `Login.Verify`: the verdict's word and its details.
    pub async fn verify(
        &self,
        subject: &Subject,
        code: &Code,
    ) -> Result<(String, Details), ToolError> {
        let task = Task::on(Action::Verify, subject);
        let body = (subject.user.as_str(), code.expose(), Options::new());
        self.call(self.login.inner(), "Verify", &task, &body).await
    }

    /// `Login.Prepare`: what a login of that user through that service would be asked for, and
    /// whether an enrollment may be put off.
    pub async fn requirement(
        &self,
        subject: &Subject,
        service: &str,
    ) -> Result<(String, Delay), ToolError> {
        let task = Task::on(Action::Status, subject);
        let context = Options::from([(keys::SERVICE, service.into())]);
        let body = (subject.user.as_str(), context);
        let (requirement, details): (String, Details) = self
            .call(self.login.inner(), "Prepare", &task, &body)
            .await?;
        let delay = if details.contains_key(keys::ENROLL_BY) {
            Delay::Granted
        } else {
            Delay::Refused
        };
        Ok((requirement, delay))
    }

    /// `Admin.Health`: when a code was last accepted for each service, in seconds of Unix time.
    pub async fn last_logins(&self) -> Result<BTreeMap<String, u64>, ToolError> {
        let task = Task::list();
        let mut health: Details = self.admin("Health", &task, &(Options::new(),)).await?;
        let logins = take::<HashMap<String, u64>>(&mut health, keys::LAST_LOGINS)
            .map_err(|what| ToolError::Unexpected { task, what })?;
        Ok(logins.unwrap_or_default().into_iter().collect())
    }

    /// `Admin.List`: at most `limit` entries after the name given.
    pub async fn list(
        &self,
        after: Option<&UserName>,
        limit: u32,
    ) -> Result<Vec<Entry>, ToolError> {
        let mut filter = Options::from([(keys::LIMIT, limit.into())]);
        if let Some(after) = after {
            filter.insert(keys::AFTER, after.as_str().into());
        }
        let task = Task::list();
        let page: Vec<(String, Details)> = self.admin("List", &task, &(filter,)).await?;
        page.into_iter()
            .map(|(user, details)| Entry::read(user, details))
            .collect::<Result<_, _>>()
            .map_err(|what| ToolError::Unexpected { task, what })
    }

    /// `Admin.Unlock`, and what else is done with it: what there was to clear.
    pub async fn unlock(&self, subject: &Subject, besides: Besides) -> Result<Details, ToolError> {
        let (action, options) = match besides {
            Besides::Nothing => (Action::Unlock, Options::new()),
            Besides::TemporaryCode { valid, uses } => (
                Action::Issue,
                Options::from([
                    (keys::TEMPORARY_CODE, true.into()),
                    (keys::VALID, valid.into()),
                    (keys::USES, uses.into()),
                ]),
            ),
            Besides::Disable => (
                Action::Disable,
                Options::from([(keys::DISABLE, true.into())]),
            ),
        };
        let task = Task::on(action, subject);
        self.admin("Unlock", &task, &(subject.user.as_str(), options))
            .await
    }

    /// `Admin.Import`: what became of it.
    pub async fn import(&self, subject: &Subject, sent: &Options<'_>) -> Result<Stored, ToolError> {
        let task = Task::on(Action::Import, subject);
        let body = (subject.user.as_str(), sent);
        let result: Details = self.admin("Import", &task, &body).await?;
        Stored::read(result).map_err(|what| ToolError::Unexpected { task, what })
    }

    /// `Admin.Health`: when the configuration in force was read, in seconds of Unix time. `None` where it is
    /// not told.
    pub async fn configuration_loaded(&self) -> Option<u64> {
        let health = self.admin.health(&Options::new()).await;
        let loaded = health.ok()?.remove(keys::CONFIGURATION_LOADED)?;
        loaded.try_into().ok()
    }

    /// `Admin.StoreStatus`
    pub async fn store_status(&self) -> Result<Standing, ToolError> {
        let task = Task::store(Action::StoreStatus);
        let store = self.admin("StoreStatus", &task, &(Options::new(),)).await?;
        Standing::read(store).map_err(|what| ToolError::Unexpected { task, what })
    }

    /// `Admin.Reseal`: how the store is afterwards.
    pub async fn reseal(&self) -> Result<Standing, ToolError> {
        let task = Task::store(Action::Reseal);
        let before = self.progress.get();
        let store = self.admin("Reseal", &task, &(Options::new(),)).await;
        self.progress.set(before);
        Standing::read(store?).map_err(|what| ToolError::Unexpected { task, what })
    }

    async fn account<B, R>(&self, method: &str, task: &Task, body: &B) -> Result<R, ToolError>
    where
        B: Body,
        R: Reply,
    {
        self.call(self.account.inner(), method, task, body).await
    }

    async fn admin<B, R>(&self, method: &str, task: &Task, body: &B) -> Result<R, ToolError>
    where
        B: Body,
        R: Reply,
    {
        self.call(self.admin.inner(), method, task, body).await
    }

    /// One call. polkit may ask for a password only where an administrator's right is claimed, so
    /// that no dialog comes up in place of a plain refusal.
    async fn call<B, R>(
        &self,
        proxy: &zbus::Proxy<'_>,
        method: &str,
        task: &Task,
        body: &B,
    ) -> Result<R, ToolError>
    where
        B: Body,
        R: Reply,
    {
        let (flags, deadline) = match task.role {
            Role::Owner => (MethodFlags::empty(), DEADLINE),
            Role::Administrator if Uid::effective().is_root() => {
                (MethodFlags::ALLOW_INTERACTIVE_AUTH, DEADLINE)
            }
            Role::Administrator => (MethodFlags::ALLOW_INTERACTIVE_AUTH, DEADLINE_WITH_PASSWORD),
        };
        if task.role == Role::Administrator && self.agent.borrow().is_none() {
            let started = Agent::start().await;
            self.agent.replace(started);
        }
        let before = self.progress.get();
        if task.action.changes() {
            self.progress.set(Stage::Asked);
        }
        let reply =
            tokio::time::timeout(deadline, proxy.call_with_flags(method, flags, body)).await;
        if task.action.changes() {
            self.progress.set(match &reply {
                Ok(Ok(_)) => Stage::Changed,
                Ok(Err(_)) => before,
                Err(_) => Stage::Asked,
            });
        }
        match reply {
            Ok(Ok(Some(reply))) => Ok(reply),
            Ok(Ok(None)) => Err(ToolError::Unexpected {
                task: task.clone(),
                what: tell!("tool-answer-none"),
            }),
            Ok(Err(error)) => Err(failure(task.clone(), &error)),
            Err(_) => Err(ToolError::Timeout {
                task: task.clone(),
                seconds: deadline.as_secs(),
            }),
        }
    }
}

/// Recovery codes, wiped when they have been shown.
pub type RecoveryCodes = Zeroizing<Vec<String>>;

/// What can be an argument list.
trait Body: serde::Serialize + zbus::zvariant::DynamicType {}
impl<T: serde::Serialize + zbus::zvariant::DynamicType> Body for T {}

/// What can be a reply.
trait Reply: for<'d> zbus::zvariant::DynamicDeserialize<'d> {}
impl<T: for<'d> zbus::zvariant::DynamicDeserialize<'d>> Reply for T {}

fn named(token: Option<&str>) -> Options<'_> {
    token
        .map(|name| (keys::NAME, name.into()))
        .into_iter()
        .collect()
}
