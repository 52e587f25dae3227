//! The PAM stacks that name our module: every course that a login can take through them is looked
//! at, and what lies beside them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::finding::{Finding, Subject};
use super::host::Host;
use super::module::Module;
use crate::printable::{Printable, quoted};
use crate::stack::chain::{Chain, Kind, Link, Place, Trouble};
use crate::stack::exposed::mend;
use crate::stack::module::{OURS, Worth, worth};
use crate::stack::reach::Reach;
use crate::words::tell;

/// Modules that ask for a code of their own.
const PEERS: [&str; 5] = [
    "pam_google_authenticator",
    "pam_oath",
    "pam_duo",
    "pam_otpw",
    "pam_yubico",
];
/// Services that come in two, and who uses one will use the other.
const PAIRS: [(&str, &str); 2] = [("su", "su-l"), ("sudo", "sudo-i")];
/// Display managers, and their stacks that ask for no password.
const BESIDE: [(&str, &[&str]); 4] = [
    (
        "gdm-password",
        &["gdm-autologin", "gdm-fingerprint", "gdm-smartcard"],
    ),
    ("lightdm", &["lightdm-autologin"]),
    ("sddm", &["sddm-autologin"]),
    ("lxdm", &["lxdm-autologin"]),
];
/// Services with nobody at the other end who could type a code.
const MUTE: [&str; 12] = [
    "atd", "cron", "crond", "cups", "dovecot", "exim4", "imap", "pop3", "proftpd", "samba", "smtp",
    "vsftpd",
];

/// One service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// What libpam makes of its files.
    pub chain: Chain,
}

impl Service {
    /// The lines with our module.
    fn ours(&self) -> impl Iterator<Item = &Link> {
        self.chain.links.iter().filter(|link| link.name() == OURS)
    }

    /// Does it name our module?
    pub fn asks(&self) -> bool {
        self.ours().next().is_some()
    }
}

/// What is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Facts {
    /// All services.
    pub services: Vec<Service>,
    /// The module's file, by what stacks call it.
    pub modules: BTreeMap<String, Module>,
    /// Is somebody enrolled?
    pub enrolled: Enrolled,
    /// SSH logins have shown a key when they come to PAM.
    pub keys_before_pam: KeysBeforePam,
    /// Services that a rule lets in without a code.
    pub relaxed: Vec<String>,
    /// Files and directories of stacks that others than root may write to.
    pub exposed: Vec<PathBuf>,
    /// The services with a change that is on trial.
    pub on_trial: Option<Vec<String>>,
    /// How the package is put back.
    pub reinstall: &'static str,
}

/// Is somebody enrolled?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Enrolled {
    /// At least one.
    Somebody,
    /// Nobody, or it was not told.
    Nobody,
}

/// Has sshd seen a key before it asks PAM?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeysBeforePam {
    /// For everybody who was asked about.
    Always,
    /// Not for all.
    Sometimes,
}

/// The services of a machine.
pub fn services(host: &Host<'_>) -> Vec<Service> {
    let names = host.root().services().unwrap_or_default();
    names
        .into_iter()
        .map(|name| {
            let chain = Chain::read(host.root(), &name);
            Service { name, chain }
        })
        .collect()
}

/// The module's file, by each name that stands in a stack.
pub fn modules(host: &Host<'_>, services: &[Service]) -> BTreeMap<String, Module> {
    let links = services.iter().flat_map(Service::ours);
    links
        .map(|link| (link.module.clone(), Module::find(host, &link.module)))
        .collect()
}

/// What the facts mean.
pub fn check(facts: &Facts) -> Vec<Finding> {
    let asking: Vec<&Service> = facts.services.iter().filter(|it| it.asks()).collect();
    let mut found = Vec::new();
    if let Some(services) = &facts.on_trial {
        let what = tell!("doctor-pam-trial", "services" = services.join(", "));
        found.push(
            Finding::note(Subject::Pam, "pam-trial", what).mend("countersign pam try --confirm"),
        );
    }
    for path in &facts.exposed {
        let shown = Printable(&path.to_string_lossy()).to_string();
        let what = tell!("doctor-stack-exposed", "path" = shown);
        found.push(Finding::error(Subject::Pam, "stack-exposed", what).mend(mend(path)));
    }
    if asking.is_empty() {
        let what = tell!("doctor-pam-nowhere");
        let finding = match facts.enrolled {
            Enrolled::Somebody => Finding::warning(Subject::Pam, "pam-nowhere", what),
            Enrolled::Nobody => Finding::note(Subject::Pam, "pam-nowhere", what),
        };
        found.push(finding.mend("countersign pam enable sshd sudo login"));
        return found;
    }
    for (named, module) in &facts.modules {
        found.extend(of_module(named, module, facts.reinstall));
    }
    for service in &asking {
        found.extend(of_service(service, facts));
    }
    found.extend(beside(facts));
    found.extend(mute(&asking, facts));
    // A line of a shared file is in many stacks, and is told once.
    found.sort();
    found.dedup();
    found
}

fn of_module(named: &str, module: &Module, reinstall: &str) -> Option<Finding> {
    let (id, what, mend) = match module {
        Module::Good | Module::Unknown => return None,
        Module::Missing(path) => (
            "module-missing",
            tell!(
                "doctor-module-missing",
                "module" = Printable(named).to_string(),
                "path" = path.as_str()
            ),
            format!("{reinstall}  # {}", tell!("doctor-module-or-disable")),
        ),
        Module::Foreign(path) => (
            "module-foreign",
            tell!("doctor-module-foreign", "path" = path.as_str()),
            reinstall.to_owned(),
        ),
        Module::Other(path) => (
            "module-other",
            tell!("doctor-module-other", "path" = path.as_str()),
            reinstall.to_owned(),
        ),
        Module::Exposed(path) => (
            "module-exposed",
            tell!("doctor-module-exposed", "path" = path.as_str()),
            format!("chown root:root {0} && chmod 0644 {0}", quoted(path)),
        ),
    };
    Some(Finding::error(Subject::Pam, id, what).mend(mend))
}

fn of_service(service: &Service, facts: &Facts) -> Vec<Finding> {
    let name = Printable(&service.name).to_string();
    let again = format!(
        "countersign pam disable {0} && countersign pam enable {0}",
        quoted(&service.name)
    );
    let mut found = troubles(service);
    if service.chain.aborted {
        return found;
    }
    let reach = Reach::of(&service.chain);
    let error = |id, what| Finding::error(Subject::Pam, id, what).mend(again.clone());
    let place = reach.named.first().map(shown).unwrap_or_default();
    if let Some(skip) = reach.skipped_by.first() {
        let what = tell!(
            "doctor-stack-skipped",
            "service" = name.as_str(),
            "place" = place.as_str(),
            "module" = Printable(&skip.module).to_string(),
            "before" = shown(&skip.place)
        );
        found.push(error("stack-skipped", what));
    } else if !reach.asked && !reach.code_alone {
        let what = tell!(
            "doctor-stack-unreached",
            "service" = name.as_str(),
            "place" = place.as_str()
        );
        found.push(error("stack-unreached", what));
    }
    if reach.fails_open {
        let what = tell!(
            "doctor-stack-fails-open",
            "service" = name.as_str(),
            "place" = place.as_str()
        );
        found.push(error("stack-fails-open", what).mend(required(&reach.named)));
    } else if reach.opens_when_missing {
        let what = tell!(
            "doctor-stack-opens-when-missing",
            "service" = name.as_str(),
            "place" = place.as_str()
        );
        found.push(error("stack-opens-when-missing", what));
    }
    let key_was_shown = service.name == "sshd" && facts.keys_before_pam == KeysBeforePam::Always;
    if !key_was_shown {
        if reach.code_alone {
            let what = tell!("doctor-stack-code-alone", "service" = name.as_str());
            found.push(error("stack-code-alone", what));
        }
        if reach.lets_anybody_in {
            let what = tell!("doctor-stack-anybody", "service" = name.as_str());
            found.push(error("stack-anybody", what));
        }
    }
    if reach.twice {
        let what = tell!("doctor-stack-twice", "service" = name.as_str());
        found.push(Finding::warning(Subject::Pam, "stack-twice", what).mend(again.clone()));
    }
    if reach.refuses_the_exempt {
        let what = tell!("doctor-stack-refuses", "service" = name.as_str());
        found.push(error("stack-refuses", what));
    }
    found.extend(early(service, &name));
    found.extend(options(service));
    found.extend(peers(service));
    found
}

fn shown(place: &Place) -> String {
    let path = place.path.to_string_lossy();
    format!("{}:{}", Printable(&path), place.line)
}

/// The edit that makes "required" of whatever the line says.
fn required(named: &[Place]) -> String {
    let edit = |place: &Place| {
        let path = place.path.to_string_lossy();
        format!(
            "sed -i -E '{}s/^(-?auth[[:space:]]+)(\\[[^]]*\\]|[a-z]+)/auth    required/' {}",
            place.line,
            quoted(&path)
        )
    };
    named.iter().map(edit).collect::<Vec<_>>().join(" && ")
}

fn troubles(service: &Service) -> Vec<Finding> {
    let troubles = service.chain.troubles.iter();
    troubles
        .map(|(place, trouble)| {
            let (service, place) = (Printable(&service.name).to_string(), shown(place));
            let what = match trouble {
                Trouble::Missing(name) => tell!(
                    "doctor-stack-file-missing",
                    "service" = service,
                    "place" = place.as_str(),
                    "file" = Printable(name).to_string()
                ),
                Trouble::TooDeep => tell!(
                    "doctor-stack-too-deep",
                    "service" = service,
                    "place" = place.as_str()
                ),
                Trouble::TooLong | Trouble::Unfinished | Trouble::Nonsense => tell!(
                    "doctor-stack-nonsense",
                    "service" = service,
                    "place" = place.as_str()
                ),
            };
            let (path, line) = place.rsplit_once(':').unwrap_or((&place, "1"));
            Finding::error(Subject::Pam, "stack-broken", what)
                .mend(format!("editor +{line} {}", quoted(path)))
        })
        .collect()
}

/// The code before the password: it works, and tells whoever guesses codes that one was right.
fn early(service: &Service, name: &str) -> Option<Finding> {
    let proof = |link: &Link| link.kind == Kind::Module && worth(link) == Worth::Proof;
    let links = &service.chain.links;
    let ours = links.iter().position(|link| link.name() == OURS)?;
    let before = links.iter().take(ours).any(proof);
    let after = links.iter().skip(ours).any(proof);
    (!before && after).then(|| {
        let what = tell!("doctor-stack-early", "service" = name);
        Finding::note(Subject::Pam, "stack-early", what)
    })
}

fn options(service: &Service) -> Vec<Finding> {
    let mut found = Vec::new();
    for link in service.ours() {
        let (path, line) = (link.place.path.to_string_lossy(), link.place.line);
        for option in &link.arguments {
            let (key, value) = match option.split_once('=') {
                Some((key, value)) => (key, Some(value)),
                None => (option.as_str(), None),
            };
            // What could mean something else to sed is any character to it.
            let plain = |c: char| c.is_ascii_alphanumeric() || "=_-".contains(c);
            let pattern: String = option
                .chars()
                .map(|c| if plain(c) { c } else { '.' })
                .collect();
            let take_out = format!("sed -i '{line}s/[[:space:]]*{pattern}//' {}", quoted(&path));
            let place = shown(&link.place);
            let option = Printable(option).to_string();
            if !makes_sense(key, value) {
                let what = tell!("doctor-option-unknown", "place" = place, "option" = option);
                found.push(Finding::warning(Subject::Pam, "option-unknown", what).mend(take_out));
            } else if (key, value) == ("unavailable", Some("ignore")) {
                let what = tell!("doctor-option-open", "place" = place);
                found.push(Finding::warning(Subject::Pam, "option-open", what).mend(take_out));
            } else if key == "bus" {
                let what = tell!("doctor-option-bus", "place" = place);
                found.push(Finding::warning(Subject::Pam, "option-bus", what).mend(take_out));
            }
        }
    }
    found
}

/// Does the module take this option? As its manual page has them.
fn makes_sense(key: &str, value: Option<&str>) -> bool {
    let up_to = |most: u32| {
        let number = value.and_then(|value| value.parse().ok());
        number.is_some_and(|number: u32| (1..=most).contains(&number))
    };
    match key {
        "echo" | "try_first_pass" | "use_first_pass" | "forward_pass" | "debug" => value.is_none(),
        "prompt" | "bus" => value.is_some(),
        "retries" => up_to(20),
        "timeout" => up_to(300),
        "unavailable" => matches!(value, Some("deny" | "ignore")),
        _ => false,
    }
}

/// A second module that asks for codes.
fn peers(service: &Service) -> Vec<Finding> {
    let links = service.chain.links.iter();
    links
        .filter(|link| PEERS.contains(&link.name()))
        .map(|link| {
            let what = tell!(
                "doctor-stack-peer",
                "service" = Printable(&service.name).to_string(),
                "place" = shown(&link.place),
                "module" = link.name()
            );
            let path = link.place.path.to_string_lossy();
            let command = format!("sed -i '{}s/^/#/' {}", link.place.line, quoted(&path));
            Finding::warning(Subject::Pam, "stack-peer", what).mend(command)
        })
        .collect()
}

/// Stacks that lead to the same place without a code.
fn beside(facts: &Facts) -> Vec<Finding> {
    let asks = |name: &str| {
        let service = facts.services.iter().find(|service| service.name == name);
        service.map(Service::asks)
    };
    let mut found = Vec::new();
    for (one, other) in PAIRS {
        for (asking, silent) in [(one, other), (other, one)] {
            if asks(asking) == Some(true) && asks(silent) == Some(false) {
                let what = tell!("doctor-stack-pair", "asking" = asking, "silent" = silent);
                found.push(
                    Finding::warning(Subject::Pam, "stack-pair", what)
                        .mend(format!("countersign pam enable {silent}")),
                );
            }
        }
    }
    for (manager, ways) in BESIDE {
        for way in ways.iter().filter(|way| asks(way) == Some(false)) {
            if asks(manager) == Some(true) {
                let what = tell!("doctor-stack-beside", "manager" = manager, "way" = *way);
                found.push(Finding::note(Subject::Pam, "stack-beside", what));
            }
        }
    }
    found
}

/// A line in a file that services without a dialogue include.
fn mute(asking: &[&Service], facts: &Facts) -> Option<Finding> {
    let names: Vec<&str> = asking
        .iter()
        .filter(|service| {
            MUTE.contains(&service.name.as_str()) && !facts.relaxed.contains(&service.name)
        })
        .map(|service| service.name.as_str())
        .collect();
    let first = asking
        .iter()
        .find(|service| names.first() == Some(&service.name.as_str()))?;
    let place = first.ours().next().map(|link| shown(&link.place))?;
    let what = tell!(
        "doctor-stack-mute",
        "services" = names.join(", "),
        "place" = place
    );
    let listed: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    let command = format!(
        "printf '[[rule]]\\nservices = [{}]\\nrequire = \"never\"\\n' \
         >/etc/countersign/conf.d/10-no-dialogue.toml && systemctl restart countersignd",
        listed.join(", ")
    );
    Some(Finding::warning(Subject::Pam, "stack-mute", what).mend(command))
}

/// Does the stack of this service name our module?
pub fn asks(services: &[Service], name: &str) -> bool {
    services
        .iter()
        .any(|service| service.name == name && service.asks())
}

#[cfg(test)]
mod tests;
