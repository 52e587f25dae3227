//! The configuration: is it whole, does the daemon run with it, and whom would its rules keep out?

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use countersign_bus::UserName;
use countersign_config::policy::{Require, Rule};
use countersign_config::{Config, Problem, Wrong};

use super::bus::Health;
use super::finding::{Finding, Subject};
use super::host::Host;
use crate::account::Entry;
use crate::printable::{Printable, quoted};
use crate::verbs::config::problem::say_problem;
use crate::verbs::config::remark::remarks;
use crate::words::{tell, words};

const DIRECTORY: &str = "/etc/countersign";

/// What is known.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Facts {
    /// What is wrong in the files, each with the command that mends it.
    pub problems: Vec<(String, String)>,
    /// The rules, if the files are whole.
    pub rules: Vec<Rule>,
    /// What is odd about the rules on this machine: its word, and the sentence.
    pub remarks: Vec<(&'static str, String)>,
    /// What the daemon alone has against the files.
    pub daemons_problems: Vec<String>,
    /// When one of the files was last changed, in seconds of Unix time.
    pub changed: u64,
    /// When the daemon read them.
    pub loaded: Option<u64>,
    /// Who has a token, if that was told.
    pub enrolled: Option<Vec<String>>,
}

impl Facts {
    /// Reads the files as the daemon does.
    pub async fn gather(
        host: &Host<'_>,
        health: Option<&Health>,
        entries: Option<&[Entry]>,
        now: u64,
    ) -> Self {
        let directory = host.at(DIRECTORY);
        let mut odd = Vec::new();
        let (problems, rules) = match Config::load_with_origins(&directory, "localhost") {
            Ok((config, origins)) => {
                // Users, groups and services are this machine's own.
                if host.is_live() {
                    odd = remarks(&config.policy, &origins, now).await;
                }
                (Vec::new(), config.policy.rules().to_vec())
            }
            Err(problems) => (problems, Vec::new()),
        };
        let known: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let told = health.map(|health| health.configuration_problems.iter());
        Self {
            problems: problems.iter().map(problem).collect(),
            rules,
            remarks: odd.into_iter().map(|it| (it.kind, it.said)).collect(),
            daemons_problems: told
                .into_iter()
                .flatten()
                .filter(|problem| !known.contains(problem))
                .cloned()
                .collect(),
            changed: changed(host),
            loaded: health.map(|health| health.configuration_loaded),
            enrolled: entries.map(|entries| {
                let enrolled = entries.iter().filter_map(|entry| match entry {
                    Entry::Account(account) if account.enrolled && !account.foreign => {
                        Some(account.user.clone())
                    }
                    Entry::Account(_) | Entry::Unreadable { .. } => None,
                });
                enrolled.collect()
            }),
        }
    }

    /// Does this service's logins need no code, whoever it is?
    pub fn relaxes(&self, service: &str) -> bool {
        let meets = |rule: &&Rule| {
            rule.services
                .as_ref()
                .is_none_or(|listed| listed.iter().any(|it| it == service))
        };
        let first = self.rules.iter().find(meets);
        first.is_some_and(|rule| {
            let of_some = rule.users.is_some() || rule.groups.is_some() || rule.networks.is_some();
            rule.require == Require::Never && !of_some
        })
    }
}

fn problem(problem: &Problem) -> (String, String) {
    let file = quoted(&problem.file.to_string_lossy());
    let mend = match problem.wrong {
        Wrong::Exposed => format!("chown root: {file} && chmod go-w {file}"),
        _ => match problem.place {
            Some(place) => format!("editor +{} {file}", place.line),
            None => format!("ls -l {file}"),
        },
    };
    (say_problem(words(), problem), mend)
}

fn changed(host: &Host<'_>) -> u64 {
    let files = host.names("/etc/countersign/conf.d").into_iter();
    let files = files
        .filter(|name| Path::new(name).extension().is_some_and(|end| end == "toml"))
        .map(|name| format!("{DIRECTORY}/conf.d/{name}"))
        .chain([format!("{DIRECTORY}/countersign.toml")]);
    let times = files.filter_map(|file| Some(host.about(&file)?.mtime()));
    times
        .max()
        .and_then(|time| u64::try_from(time).ok())
        .unwrap_or_default()
}

/// What the facts mean.
pub fn check(facts: &Facts) -> Vec<Finding> {
    let subject = Subject::Policy;
    let mut found: Vec<Finding> = facts
        .problems
        .iter()
        .map(|(problem, mend)| {
            let what = tell!("doctor-policy-broken", "problem" = problem.as_str());
            Finding::error(subject, "policy-broken", what).mend(mend)
        })
        .collect();
    if facts.loaded.is_some_and(|loaded| facts.changed > loaded) {
        let what = tell!("doctor-policy-stale");
        found.push(
            Finding::warning(subject, "policy-stale", what)
                .mend("systemctl reload-or-restart countersignd"),
        );
    }
    if facts.problems.is_empty() {
        found.extend(facts.daemons_problems.iter().map(|it| daemons(it)));
    }
    let remarks = facts.remarks.iter();
    found.extend(remarks.filter_map(|(kind, said)| odd(kind, said)));
    found.extend(switched_off(&facts.rules));
    if let Some(enrolled) = &facts.enrolled {
        found.extend(locked_out(&facts.rules, enrolled));
    }
    found
}

/// The daemon runs as another user than this program, and has read the files at another time.
fn daemons(problem: &str) -> Finding {
    let reload = "systemctl reload-or-restart countersignd";
    let mend = match problem.split_once(": cannot read this") {
        Some((file, _)) => format!("chmod a+r {} && {reload}", quoted(file)),
        None => reload.to_owned(),
    };
    let what = tell!("doctor-policy-daemon", "problem" = problem);
    Finding::error(Subject::Policy, "policy-daemon", what).mend(mend)
}

/// A remark of `countersign config check`, which has its place in the file.
fn odd(kind: &str, said: &str) -> Option<Finding> {
    let id = match kind {
        // Told below, and only where it means that nobody is asked for a code.
        "never" => return None,
        "never-reached" => "policy-unreached",
        "no-user" => "policy-user",
        "no-group" => "policy-group",
        "enroll-by-past" => "policy-enroll-by",
        _ => "policy-odd",
    };
    let what = tell!("doctor-policy-odd", "remark" = said);
    let finding = match kind {
        // A rule may well speak of services that are not installed.
        "no-service" => Finding::note(Subject::Policy, id, what),
        _ => Finding::warning(Subject::Policy, id, what),
    };
    Some(finding.mend("countersign config check"))
}

fn switched_off(rules: &[Rule]) -> Option<Finding> {
    let first_that_asks = rules.iter().position(|rule| rule.require != Require::Never);
    let all = rules.iter().position(Rule::matches_all)?;
    let off = first_that_asks.is_none_or(|asks| asks > all);
    off.then(|| {
        let what = tell!("doctor-policy-off", "rule" = all.saturating_add(1));
        Finding::warning(Subject::Policy, "policy-off", what).mend("countersign config show")
    })
}

/// Whom the rules ask for a code that they cannot have.
fn locked_out(rules: &[Rule], enrolled: &[String]) -> Vec<Finding> {
    let is_enrolled = |user: &str| enrolled.iter().any(|it| it == user);
    let mut users: Vec<&UserName> = rules
        .iter()
        .filter(|rule| rule.require == Require::Always && rule.groups.is_none())
        .filter_map(|rule| rule.users.as_ref())
        .flatten()
        .collect();
    users.sort_unstable();
    users.dedup();
    let mut found: Vec<Finding> = users
        .into_iter()
        .filter(|user| !is_enrolled(user.as_str()))
        .map(|user| {
            let what = tell!(
                "doctor-policy-not-enrolled",
                "user" = Printable(user.as_str()).to_string()
            );
            Finding::warning(Subject::Policy, "policy-not-enrolled", what).mend(format!(
                "countersign enroll --user {}",
                quoted(user.as_str())
            ))
        })
        .collect();
    let everybody = |rule: &Rule| {
        rule.require == Require::Always && rule.users.is_none() && rule.groups.is_none()
    };
    if rules.iter().any(everybody) {
        if enrolled.is_empty() {
            let what = tell!("doctor-policy-lock-out");
            found.push(
                Finding::error(Subject::Policy, "policy-lock-out", what)
                    .mend("countersign enroll --user root"),
            );
        } else if !is_enrolled("root") && !root_has_a_way_in(rules) {
            let what = tell!("doctor-policy-root");
            found.push(
                Finding::warning(Subject::Policy, "policy-root", what)
                    .mend("countersign enroll --user root"),
            );
        }
    }
    found
}

/// Is root let in without a code at the machine's own console, by the first rule that could speak
/// of that?
fn root_has_a_way_in(rules: &[Rule]) -> bool {
    let speaks = |rule: &&Rule| {
        rule.users
            .as_ref()
            .is_none_or(|listed| listed.iter().any(|user| user.as_str() == "root"))
            && rule
                .services
                .as_ref()
                .is_none_or(|listed| listed.iter().any(|it| it == "login"))
            && rule.groups.is_none()
            && rule.networks.is_none()
            && rule.local != Some(false)
    };
    let first = rules.iter().find(speaks);
    first.is_none_or(|rule| rule.require != Require::Always)
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::fs;

    use crate::doctor::finding::Severity;
    use crate::doctor::host::Shell;

    fn facts(toml: &str, enrolled: &[&str]) -> Facts {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("etc/countersign");
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join("countersign.toml"), toml).unwrap();
        let host = Host::new(root.path(), &Shell, true);
        let gathering = Facts::gather(&host, None, None, 0);
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let mut facts = runtime.build().unwrap().block_on(gathering);
        facts.enrolled = Some(enrolled.iter().map(|&user| user.to_owned()).collect());
        facts
    }

    fn ids(toml: &str, enrolled: &[&str]) -> Vec<&'static str> {
        check(&facts(toml, enrolled))
            .iter()
            .map(|it| it.id)
            .collect()
    }

    const NEVER: &str = "[[rule]]\nrequire = \"never\"\n";
    const ALWAYS: &str = "[[rule]]\nrequire = \"always\"\n";

    #[test]
    fn no_file_and_the_shipped_one_are_well() {
        assert_eq!(ids("", &[]), Vec::<&str>::new());
        let shipped = include_str!("../../../packaging/config/countersign.toml");
        assert_eq!(ids(shipped, &["alice"]), Vec::<&str>::new());
    }

    #[test]
    fn a_mistake_is_told_with_its_place_and_opened_there() {
        let found = check(&facts("\nisuer = \"x\"\n", &[]));
        assert_eq!(found.len(), 1);
        assert!(
            found[0].what.contains("countersign.toml:2:1"),
            "{}",
            found[0].what
        );
        assert!(found[0].mend.as_deref().unwrap().starts_with("editor +2 "));
    }

    #[test]
    fn rules_that_switch_everything_off_are_told() {
        assert_eq!(ids(NEVER, &[]), ["policy-off"]);
        let both = format!("{ALWAYS}{NEVER}");
        assert_eq!(ids(&both, &["root"]), Vec::<&str>::new());
        let ends = "[[rule]]\nservices = [\"sshd\"]\nrequire = \"if-enrolled\"\n";
        assert_eq!(ids(&format!("{ends}{NEVER}"), &[]), Vec::<&str>::new());
    }

    #[test]
    fn a_lock_out_is_seen_before_it_happens() {
        assert_eq!(ids(ALWAYS, &[]), ["policy-lock-out"]);
        assert_eq!(ids(ALWAYS, &["alice"]), ["policy-root"]);
        assert_eq!(ids(ALWAYS, &["root"]), Vec::<&str>::new());
        let console = "[[rule]]\nusers = [\"root\"]\nservices = [\"login\"]\nlocal = true\n\
                       require = \"never\"\n";
        let both = format!("{console}{ALWAYS}");
        assert_eq!(ids(&both, &["alice"]), Vec::<&str>::new());
        let bob = "[[rule]]\nusers = [\"bob\"]\nrequire = \"always\"\n";
        assert_eq!(ids(bob, &["alice"]), ["policy-not-enrolled"]);
    }

    #[test]
    fn a_daemon_with_an_older_configuration_is_told() {
        let mut facts = facts("", &[]);
        facts.loaded = Some(facts.changed - 1);
        let found = check(&facts);
        assert_eq!(found[0].id, "policy-stale");
        facts.loaded = Some(facts.changed);
        assert_eq!(check(&facts), []);
    }

    #[test]
    fn what_the_daemon_alone_has_against_the_files_is_told() {
        let mut facts = facts("", &[]);
        facts.daemons_problems = vec!["/etc/x.toml: cannot read this: denied".to_owned()];
        let found = check(&facts);
        assert_eq!(found[0].id, "policy-daemon");
        let mend = found[0].mend.as_deref().unwrap();
        assert!(mend.starts_with("chmod a+r /etc/x.toml && "), "{mend}");
    }

    #[test]
    fn remarks_of_the_check_are_warnings_but_for_services_that_are_not_there() {
        let mut facts = facts("", &[]);
        facts.remarks = vec![
            ("no-group", "x".to_owned()),
            ("no-service", "y".to_owned()),
            ("never", "z".to_owned()),
        ];
        let found = check(&facts);
        let told: Vec<_> = found.iter().map(|it| (it.id, it.severity)).collect();
        let (warning, note) = (Severity::Warning, Severity::Note);
        assert_eq!(told, [("policy-group", warning), ("policy-odd", note)]);
    }

    #[test]
    fn a_service_is_relaxed_by_the_first_rule_that_speaks_of_it() {
        let relaxed = |toml| facts(toml, &[]).relaxes("cron");
        assert!(relaxed(
            "[[rule]]\nservices = [\"cron\"]\nrequire = \"never\"\n"
        ));
        assert!(relaxed(NEVER));
        assert!(!relaxed(""));
        assert!(!relaxed(
            "[[rule]]\nrequire = \"if-enrolled\"\n[[rule]]\nrequire = \"never\"\n"
        ));
    }
}
