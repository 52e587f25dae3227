//! What this host knows: who is there, in which group, which services. Every question has its time.

use std::path::Path;
use std::time::Duration;

use countersign_bus::UserName;
use countersign_config::{
    Config, Finding, GroupDirectory, GroupName, Origins, Problem, SystemGroups,
};
use nix::unistd::User;

/// The longest that a user database is waited for, for one answer. As the daemon waits.
const PATIENCE: Duration = Duration::from_secs(3);

/// Where programs look for a service's stack: the administrator's files, then the vendor's.
const STACKS: [&str; 2] = ["/etc/pam.d", "/usr/lib/pam.d"];

/// Somebody of the user database.
pub struct Person {
    /// The name as the database writes it.
    pub name: String,
    /// The gid of the primary group.
    pub gid: u32,
}

/// Reads the configuration, with the name of this host in its defaults.
pub fn load(dir: &Path) -> Result<(Config, Origins), Vec<Problem>> {
    let system = rustix::system::uname();
    Config::load_with_origins(dir, &system.nodename().to_string_lossy())
}

/// Whom a name means. `Ok(None)`: nobody.
pub async fn user(name: &UserName) -> Result<Option<Person>, String> {
    let name = name.as_str().to_owned();
    let found = in_time(move || User::from_name(&name)).await?;
    let found = found.map_err(|error| error.to_string())?;
    Ok(found.map(|found| Person {
        name: found.name,
        gid: found.gid.as_raw(),
    }))
}

/// Is the user, whose primary group is this one, in the group?
pub async fn membership(user: &UserName, primary: u32, group: &GroupName) -> Finding {
    let (user, group) = (user.clone(), group.clone());
    in_time(move || SystemGroups.find(&user, primary, &group))
        .await
        .unwrap_or_else(Finding::CannotTell)
}

/// Is there a file for this PAM service?
pub fn has_stack(service: &str) -> bool {
    STACKS
        .iter()
        .any(|folder| Path::new(folder).join(service).exists())
}

async fn in_time<T: Send + 'static>(
    question: impl FnOnce() -> T + Send + 'static,
) -> Result<T, String> {
    match tokio::time::timeout(PATIENCE, tokio::task::spawn_blocking(question)).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(lost)) => Err(lost.to_string()),
        Err(_elapsed) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
    }
}
