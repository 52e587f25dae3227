//! What the shell may complete: verbs and flags by clap's own engine, and the names of users, tokens
//! and services.
//!
//! Somebody waits at a prompt: nothing here asks for a password, takes longer than [`PATIENCE`], or
//! prints but candidates. What cannot be told in that time is not offered.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::time::Duration;

use clap::builder::ValueHint;
use clap::{Arg, Command};
use clap_complete::CompleteEnv;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use countersign_bus::proxy::{AccountProxy, AdminProxy, Details, Options};
use countersign_bus::{SYSTEM_BUS_ADDRESS, keys};
use nix::unistd::{Uid, User};
use zbus::proxy::CacheProperties;
use zbus::{Connection, Variant, connection};

use crate::help::in_words;
use crate::stack::chain::{Chain, Link};
use crate::stack::files::Root;
use crate::stack::module::OURS;
use crate::words::words;

/// How long a person waits for names.
const PATIENCE: Duration = Duration::from_secs(1);
/// More names help nobody to choose.
const MOST: u32 = 200;

/// Answers the shell if it is the one that asks, by the variable `COMPLETE`, and ends the program then.
pub fn answer(command: fn() -> Command) {
    CompleteEnv::with_factory(move || in_words(hinted(command()), words()))
        .completer("countersign")
        .complete();
}

/// The command line with what can be completed at each place.
fn hinted(command: Command) -> Command {
    let name = command.get_name().to_owned();
    command
        .mut_args(|arg| hint(arg, &name))
        .mut_subcommands(hinted)
}

/// Each kind of value has one name everywhere in the help.
fn hint(arg: Arg, verb: &str) -> Arg {
    let names = arg.get_value_names().unwrap_or_default();
    match names.first().map(clap::builder::Str::as_str) {
        Some("USER") => arg.add(ArgValueCompleter::new(users)),
        Some("TOKEN") => arg.add(ArgValueCompleter::new(tokens)),
        Some("SERVICE") if verb == "disable" => arg.add(ArgValueCompleter::new(asking)),
        Some("SERVICE") => arg.add(ArgValueCompleter::new(services)),
        Some("FILE") => arg.value_hint(ValueHint::FilePath),
        Some("DIR") => arg.value_hint(ValueHint::DirPath),
        _ => arg,
    }
}

/// Who is enrolled, for those who may list them; else the users of this machine.
fn users(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(typed) = typed.to_str() else {
        return Vec::new();
    };
    let enrolled = asked(enrolled(typed)).unwrap_or_default();
    let names = if enrolled.is_empty() {
        local_users()
    } else {
        enrolled
    };
    candidates(typed, names)
}

async fn enrolled(typed: &str) -> Option<Vec<String>> {
    let bus = bus().await?;
    let admin = AdminProxy::builder(&bus)
        .cache_properties(CacheProperties::No)
        .build()
        .await
        .ok()?;
    let mut filter = Options::from([(keys::LIMIT, Variant::from(MOST))]);
    if !typed.is_empty() {
        filter.insert(keys::AFTER, Variant::from(typed));
    }
    let page = admin.list(&filter).await.ok()?;
    Some(page.into_iter().map(|(user, _)| user).collect())
}

/// People and root, by the local database alone: a directory may have a million.
fn local_users() -> Vec<String> {
    let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
    passwd
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            let uid: u32 = fields.nth(1)?.parse().ok()?;
            (uid == 0 || (1000..65_534).contains(&uid)).then(|| name.to_owned())
        })
        .collect()
}

/// The tokens of the user that the line names, else the own ones.
fn tokens(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(typed) = typed.to_str() else {
        return Vec::new();
    };
    let named = named_user(std::env::args());
    let own = || User::from_uid(Uid::effective()).ok().flatten();
    let Some(user) = named.or_else(|| Some(own()?.name)) else {
        return Vec::new();
    };
    candidates(typed, asked(tokens_of(&user)).unwrap_or_default())
}

async fn tokens_of(user: &str) -> Option<Vec<String>> {
    let bus = bus().await?;
    let account = AccountProxy::builder(&bus)
        .cache_properties(CacheProperties::No)
        .build()
        .await
        .ok()?;
    let mut status = account.status(user).await.ok()?;
    let tokens: Vec<Details> = status.remove(keys::TOKENS)?.try_into().ok()?;
    let names = tokens.into_iter().filter_map(|mut token| {
        let name: Option<String> = token.remove(keys::NAME)?.try_into().ok();
        name
    });
    Some(names.collect())
}

/// The user behind `--user` on the line that is being typed.
fn named_user(mut line: impl Iterator<Item = String>) -> Option<String> {
    loop {
        let word = line.next()?;
        if word == "--user" {
            return line.next();
        }
        if let Some(user) = word.strip_prefix("--user=") {
            return Some(user.to_owned());
        }
    }
}

/// The services whose stack names our module: of no others can it be taken out.
fn asking(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(typed) = typed.to_str() else {
        return Vec::new();
    };
    candidates(typed, asking_of(&Root::new(Path::new("/"))))
}

fn asking_of(root: &Root) -> Vec<String> {
    let mut names = root.services().unwrap_or_default();
    names.retain(|service| {
        let chain = Chain::read(root, service);
        let ours = |link: &Link| link.name() == OURS;
        chain.links.iter().any(ours) || !chain.misplaced.is_empty()
    });
    names
}

/// The services that have a PAM stack.
fn services(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(typed) = typed.to_str() else {
        return Vec::new();
    };
    let mut names: Vec<String> = ["/etc/pam.d", "/usr/lib/pam.d"]
        .into_iter()
        .filter_map(|folder| fs::read_dir(Path::new(folder)).ok())
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| !name.starts_with("common-") && !name.starts_with('.'))
        .collect();
    names.sort();
    names.dedup();
    candidates(typed, names)
}

/// Those that go on as what was typed begins. A name with a control character would play tricks on
/// the terminal.
fn candidates(typed: &str, names: Vec<String>) -> Vec<CompletionCandidate> {
    names
        .into_iter()
        .filter(|name| name.starts_with(typed) && !name.chars().any(char::is_control))
        .map(CompletionCandidate::new)
        .collect()
}

async fn bus() -> Option<Connection> {
    let bus = connection::Builder::address(SYSTEM_BUS_ADDRESS);
    bus.build().await.ok()
}

/// Waits for an answer, but not for long.
fn asked<T>(answer: impl Future<Output = Option<T>>) -> Option<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .ok()?;
    runtime.block_on(async { tokio::time::timeout(PATIENCE, answer).await.ok().flatten() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_of_the_line_is_the_one_behind_its_flag() {
        let line = |words: &[&str]| named_user(words.iter().map(|&word| word.to_owned()));
        assert_eq!(line(&["countersign", "disable", "--name"]), None);
        assert_eq!(
            line(&["countersign", "disable", "--user", "bob", "--name", ""]),
            Some("bob".to_owned())
        );
        assert_eq!(
            line(&["countersign", "--user=bob", "--name"]),
            Some("bob".to_owned())
        );
        assert_eq!(line(&["countersign", "--user"]), None);
    }

    #[test]
    fn taking_out_is_offered_for_the_services_that_name_the_module_alone() {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("etc/pam.d");
        fs::create_dir_all(&directory).unwrap();
        let put = |name: &str, text| fs::write(directory.join(name), text).unwrap();
        put("sshd", "auth required pam_countersign.so\n");
        put("su", "account required pam_countersign.so\n");
        put("login", "auth required pam_unix.so\n");
        assert_eq!(asking_of(&Root::new(root.path())), ["sshd", "su"]);
    }

    #[test]
    fn only_what_was_begun_is_offered_and_nothing_that_a_terminal_obeys() {
        let names = ["alice", "albert", "bob", "al\u{1b}[2J"].map(str::to_owned);
        let offered = candidates("al", names.to_vec());
        let offered: Vec<_> = offered.iter().map(CompletionCandidate::get_value).collect();
        assert_eq!(offered, ["alice", "albert"]);
    }

    #[test]
    fn names_of_users_and_tokens_are_completed_wherever_they_may_stand() {
        let mut command = hinted(crate::command());
        command.build();
        for verb in command.get_subcommands() {
            for arg in verb.get_arguments() {
                let names = arg.get_value_names().unwrap_or_default();
                if names
                    .iter()
                    .any(|name| matches!(name.as_str(), "USER" | "TOKEN"))
                {
                    assert!(
                        arg.get::<ArgValueCompleter>().is_some(),
                        "{} {arg}",
                        verb.get_name()
                    );
                }
            }
        }
    }
}
