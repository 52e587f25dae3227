//! What sshd's settings make of codes, for each user who has one: sshd itself is asked, so that
//! drop-ins and Match blocks count as they do at a login.

use std::collections::BTreeMap;
use std::path::Path;

use super::finding::{Finding, Subject};
use super::host::{Host, Ran};
use crate::printable::{Printable, quoted};
use crate::words::tell;

const PROGRAM: &str = "/usr/sbin/sshd";
const DROP_INS: &str = "/etc/ssh/sshd_config.d";
/// sshd is asked about so many users.
pub const USERS: usize = 20;

/// The effective settings, by their names in small letters.
pub type Settings = BTreeMap<String, String>;

/// What is known.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Facts {
    /// Is there an sshd?
    pub installed: bool,
    /// What `sshd -t` says when it does not take its configuration.
    pub refused: Option<String>,
    /// The settings that hold for each user who has a record.
    pub of_users: Vec<(String, Settings)>,
    /// Those for root.
    pub of_root: Option<Settings>,
    /// The drop-in that asks for keyboard-interactive, and the one before it that forbids it.
    pub late_drop_in: Option<(String, String)>,
    /// Does the stack of sshd name our module?
    pub asks_for_codes: bool,
    /// What systemd calls sshd here.
    pub unit: &'static str,
}

impl Facts {
    /// Asks sshd. `users` are those who have a record.
    pub fn gather(host: &Host<'_>, users: &[String], asks_for_codes: bool) -> Self {
        let mut facts = Self {
            installed: host.has(PROGRAM),
            late_drop_in: late_drop_in(host),
            asks_for_codes,
            unit: if host.has("/etc/debian_version") {
                "ssh"
            } else {
                "sshd"
            },
            ..Self::default()
        };
        if !facts.installed || !host.sees_all {
            return facts;
        }
        facts.refused = host
            .run(PROGRAM, &["-t"])
            .filter(|ran| !ran.success)
            .map(|ran| said(&ran));
        if facts.refused.is_some() {
            return facts;
        }
        facts.of_root = settings(host, "root");
        facts.of_users = users
            .iter()
            .take(USERS)
            .filter_map(|user| Some((user.clone(), settings(host, user)?)))
            .collect();
        facts
    }

    /// The PAM service of SSH logins; newer sshds can be told another one.
    pub fn service(host: &Host<'_>) -> String {
        let named = host
            .sees_all
            .then(|| settings(host, "nobody"))
            .flatten()
            .and_then(|settings| settings.get("pamservicename").cloned());
        named.unwrap_or_else(|| "sshd".to_owned())
    }
}

fn settings(host: &Host<'_>, user: &str) -> Option<Settings> {
    // A comma would begin another condition.
    if user.contains(',') {
        return None;
    }
    // From elsewhere, by an address that is nobody's (RFC 5737).
    let from = format!("user={user},host=client.example.org,addr=192.0.2.1");
    let ran = host.run(PROGRAM, &["-T", "-C", &from])?;
    ran.success.then(|| {
        let lines = ran.out.lines().filter_map(|line| line.split_once(' '));
        lines
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect()
    })
}

fn said(ran: &Ran) -> String {
    let line = ran.err.lines().find(|line| !line.trim().is_empty());
    line.unwrap_or("?").trim().to_owned()
}

/// sshd takes the first value that it reads, and reads drop-ins in the order of their names.
fn late_drop_in(host: &Host<'_>) -> Option<(String, String)> {
    let mut forbids: Option<String> = None;
    for name in host.names(DROP_INS) {
        if Path::new(&name).extension().is_none_or(|end| end != "conf") {
            continue;
        }
        let text = host.text(&format!("{DROP_INS}/{name}")).unwrap_or_default();
        for line in text.lines() {
            let mut words = line.split_whitespace().map(str::to_ascii_lowercase);
            match (words.next().as_deref(), words.next().as_deref()) {
                (Some("match"), _) => break,
                (Some("kbdinteractiveauthentication"), Some("no")) => {
                    forbids.get_or_insert_with(|| name.clone());
                }
                (Some("kbdinteractiveauthentication"), Some("yes")) => {
                    let earlier = forbids.filter(|earlier| *earlier != name);
                    return earlier.map(|earlier| (name, earlier));
                }
                _ => {}
            }
        }
    }
    None
}

/// What the facts mean.
pub fn check(facts: &Facts) -> Vec<Finding> {
    if !facts.installed {
        return Vec::new();
    }
    let mut found = Vec::new();
    if let Some(why) = &facts.refused {
        let what = tell!("doctor-sshd-refused", "why" = Printable(why).to_string());
        let finding = Finding::error(Subject::Sshd, "sshd-refused", what);
        // Where the order is what is wrong, that is told below.
        found.push(if facts.late_drop_in.is_some() {
            finding
        } else {
            finding.mend("sshd -t")
        });
    }
    if let Some((ours, vendors)) = &facts.late_drop_in {
        let what = tell!(
            "doctor-sshd-order",
            "late" = ours.as_str(),
            "early" = vendors.as_str()
        );
        let from = quoted(&format!("{DROP_INS}/{ours}"));
        let first = if vendors.as_str() > "10-countersign.conf" {
            "10-countersign.conf"
        } else {
            "00-countersign.conf"
        };
        let command = format!("mv -n {from} {DROP_INS}/{first} && sshd -t");
        found.push(Finding::error(Subject::Sshd, "sshd-order", what).mend(command));
    }
    if !facts.asks_for_codes {
        if !facts.of_users.is_empty() {
            let what = tell!("doctor-sshd-without");
            found.push(
                Finding::warning(Subject::Sshd, "sshd-without", what)
                    .mend("countersign pam enable sshd"),
            );
        }
        return found;
    }
    let mut told: Vec<&'static str> = Vec::new();
    for (user, settings) in &facts.of_users {
        for finding in of_user(user, settings, facts.unit) {
            // What holds for everybody is said once, of the first.
            if !told.contains(&finding.id) || finding.id == "sshd-key-alone" {
                told.push(finding.id);
                found.push(finding);
            }
        }
    }
    if let Some(settings) = &facts.of_root
        && matches!(
            value(settings, "permitrootlogin"),
            "without-password" | "prohibit-password"
        )
        && alternatives(settings)
            .iter()
            .all(|methods| methods.iter().any(|it| is_interactive(it)))
    {
        let what = tell!("doctor-sshd-root");
        found.push(Finding::note(Subject::Sshd, "sshd-root", what));
    }
    found
}

/// Sets one value before all other files, and has sshd read it.
fn set(keyword: &str, value: &str, unit: &str) -> String {
    let file = format!("{DROP_INS}/05-{}.conf", keyword.to_ascii_lowercase());
    format!("echo '{keyword} {value}' >{file} && sshd -t && systemctl reload {unit}")
}

fn of_user(user: &str, settings: &Settings, unit: &str) -> Vec<Finding> {
    let subject = Subject::Sshd;
    let shown = Printable(user).to_string();
    if value(settings, "usepam") == "no" {
        let what = tell!("doctor-sshd-usepam", "user" = shown);
        return vec![Finding::error(subject, "sshd-usepam", what).mend(set("UsePAM", "yes", unit))];
    }
    let mut found = Vec::new();
    let interactive = value(settings, "kbdinteractiveauthentication") != "no";
    if !interactive {
        let what = tell!("doctor-sshd-interactive", "user" = shown.as_str());
        found.push(Finding::error(subject, "sshd-interactive", what).mend(set(
            "KbdInteractiveAuthentication",
            "yes",
            unit,
        )));
    }
    let ways = alternatives(settings);
    let alone = ["publickey", "hostbased", "gssapi-with-mic"]
        .into_iter()
        .find(|method| {
            ways.iter()
                .any(|methods| methods.iter().all(|it| it == method))
        });
    if let Some(method) = alone {
        let what = tell!(
            "doctor-sshd-key-alone",
            "user" = shown.as_str(),
            "method" = method
        );
        found.push(Finding::error(subject, "sshd-key-alone", what).mend(set(
            "AuthenticationMethods",
            with_pam(&ways),
            unit,
        )));
    }
    let password = |methods: &Vec<String>| {
        methods.iter().any(|it| it == "password") && !methods.iter().any(|it| is_interactive(it))
    };
    if interactive && ways.iter().any(password) {
        let what = tell!("doctor-sshd-password");
        found.push(Finding::note(subject, "sshd-password", what));
    }
    let number = |name: &str| value(settings, name).parse::<u32>().ok();
    if number("maxauthtries").is_some_and(|tries| tries < 3) {
        let what = tell!("doctor-sshd-tries");
        found.push(Finding::warning(subject, "sshd-tries", what).mend(set(
            "MaxAuthTries",
            "6",
            unit,
        )));
    }
    if number("logingracetime").is_some_and(|seconds| (1..60).contains(&seconds)) {
        let what = tell!("doctor-sshd-grace");
        found.push(Finding::warning(subject, "sshd-grace", what).mend(set(
            "LoginGraceTime",
            "120",
            unit,
        )));
    }
    found
}

/// What asks PAM in any case, and keeps nobody out who gets in today: who has no key goes on without.
fn with_pam(ways: &[Vec<String>]) -> &'static str {
    let keyless = |methods: &Vec<String>| {
        methods
            .iter()
            .all(|it| it == "password" || is_interactive(it))
    };
    if ways.iter().any(keyless) {
        "publickey,keyboard-interactive:pam keyboard-interactive:pam"
    } else {
        "publickey,keyboard-interactive:pam"
    }
}

/// Has whoever comes to PAM shown a key?
pub fn needs_a_key(settings: &Settings) -> bool {
    let keyed = |methods: &Vec<String>| {
        let key = |method: &String| matches!(method.as_str(), "publickey" | "hostbased");
        methods.iter().any(key)
            || !methods
                .iter()
                .any(|it| is_interactive(it) || it == "password")
    };
    alternatives(settings).iter().all(keyed)
}

fn value<'s>(settings: &'s Settings, name: &str) -> &'s str {
    settings.get(name).map_or("", String::as_str)
}

fn is_interactive(method: &str) -> bool {
    method == "keyboard-interactive" || method.starts_with("keyboard-interactive:")
}

/// The sets of methods each of which lets in: those of `AuthenticationMethods`, or any one that is
/// switched on.
fn alternatives(settings: &Settings) -> Vec<Vec<String>> {
    let on = |name: &str| matches!(value(settings, name), "yes");
    let listed = value(settings, "authenticationmethods");
    if !matches!(listed, "" | "any") {
        let methods = |way: &str| way.split(',').map(str::to_owned).collect();
        return listed.split_whitespace().map(methods).collect();
    }
    [
        ("pubkeyauthentication", "publickey"),
        ("hostbasedauthentication", "hostbased"),
        ("gssapiauthentication", "gssapi-with-mic"),
        ("passwordauthentication", "password"),
        ("kbdinteractiveauthentication", "keyboard-interactive"),
    ]
    .into_iter()
    .filter(|(setting, _)| on(setting))
    .map(|(_, method)| vec![method.to_owned()])
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        let usual = [
            ("usepam", "yes"),
            ("kbdinteractiveauthentication", "yes"),
            ("pubkeyauthentication", "yes"),
            ("passwordauthentication", "no"),
            ("maxauthtries", "6"),
            ("logingracetime", "120"),
            (
                "authenticationmethods",
                "publickey,keyboard-interactive:pam",
            ),
        ];
        usual
            .iter()
            .chain(pairs)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn ids(pairs: &[(&str, &str)]) -> Vec<&'static str> {
        let found = of_user("alice", &settings(pairs), "ssh");
        found.iter().map(|it| it.id).collect()
    }

    #[test]
    fn a_key_and_what_pam_asks_is_well() {
        assert_eq!(ids(&[]), Vec::<&str>::new());
        let methods = ("authenticationmethods", "keyboard-interactive:pam");
        assert_eq!(ids(&[methods]), Vec::<&str>::new());
    }

    #[test]
    fn each_setting_that_goes_round_the_code_is_told() {
        let methods = "authenticationmethods";
        for (pair, id) in [
            ((methods, "any"), "sshd-key-alone"),
            ((methods, "publickey"), "sshd-key-alone"),
            (
                (methods, "publickey publickey,keyboard-interactive"),
                "sshd-key-alone",
            ),
            ((methods, "publickey,password"), "sshd-password"),
            (("usepam", "no"), "sshd-usepam"),
            (("maxauthtries", "2"), "sshd-tries"),
            (("logingracetime", "20"), "sshd-grace"),
            (("kbdinteractiveauthentication", "no"), "sshd-interactive"),
        ] {
            assert_eq!(ids(&[pair]), [id], "{pair:?}");
        }
        let no_keys = [(methods, "any"), ("pubkeyauthentication", "no")];
        assert_eq!(ids(&no_keys), Vec::<&str>::new());
    }

    #[test]
    fn what_mends_a_key_alone_keeps_nobody_out() {
        let mended = |methods: &str| {
            let settings = settings(&[("authenticationmethods", methods)]);
            of_user("alice", &settings, "ssh")[0].mend.clone().unwrap()
        };
        assert_eq!(
            mended("publickey"),
            "echo 'AuthenticationMethods publickey,keyboard-interactive:pam' \
             >/etc/ssh/sshd_config.d/05-authenticationmethods.conf && sshd -t && systemctl reload ssh"
        );
        let without_a_key = "publickey,keyboard-interactive:pam keyboard-interactive:pam'";
        assert!(mended("any").contains(without_a_key));
        assert!(mended("publickey password").contains(without_a_key));
    }

    #[test]
    fn root_who_may_not_answer_is_told_of() {
        let facts = Facts {
            installed: true,
            asks_for_codes: true,
            of_root: Some(settings(&[("permitrootlogin", "without-password")])),
            ..Facts::default()
        };
        let ids: Vec<_> = check(&facts).iter().map(|it| it.id).collect();
        assert_eq!(ids, ["sshd-root"]);
    }
}
