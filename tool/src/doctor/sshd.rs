//! What sshd's settings make of codes, for each user who has one: sshd itself is asked, so that
//! drop-ins and Match blocks count as they do at a login.

mod sources;

use std::collections::BTreeMap;
use std::path::Path;

use self::sources::{Line, MAIN, Scope, lines};
use super::finding::{Finding, Subject};
use super::host::{Host, Ran};
use crate::printable::{Printable, quoted};
use crate::words::tell;

const PROGRAM: &str = "/usr/sbin/sshd";
const DROP_INS: &str = "/etc/ssh/sshd_config.d";
/// sshd is asked about so many users.
pub const USERS: usize = 20;

/// What doctor would have set, each in a file of its own that is read first.
const WANTED: [(&str, &str); 5] = [
    ("UsePAM", "yes"),
    ("KbdInteractiveAuthentication", "yes"),
    ("AuthenticationMethods", "keyboard-interactive:pam"),
    ("MaxAuthTries", "6"),
    ("LoginGraceTime", "120"),
];

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
    /// The settings of each user that nothing which holds for everybody changes: a `Match` has them.
    pub matched: BTreeMap<String, Vec<&'static str>>,
    /// The lines of sshd's files, for each of [`WANTED`] with the drop-in that would set it.
    pub lines: BTreeMap<&'static str, Vec<Line>>,
    /// Is there a directory for drop-ins?
    pub drop_ins: DropIns,
    /// Those for root.
    pub of_root: Option<Settings>,
    /// The drop-in that asks for keyboard-interactive, and the one before it that forbids it.
    pub late_drop_in: Option<(String, String)>,
    /// Does the stack of sshd name our module?
    pub asks_for_codes: bool,
    /// What systemd calls sshd here.
    pub unit: &'static str,
}

/// Is there a directory for drop-ins?
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum DropIns {
    /// Yes.
    #[default]
    Present,
    /// No; an `Include` may well name it all the same.
    Absent,
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
        let lines_with = |(keyword, _)| (keyword, lines(host, &drop_in(keyword)));
        facts.lines = WANTED.into_iter().map(lines_with).collect();
        if !host.has(DROP_INS) {
            facts.drop_ins = DropIns::Absent;
        }
        facts.of_root = settings(host, "root");
        facts.of_users = users
            .iter()
            .take(USERS)
            .filter_map(|user| Some((user.clone(), settings(host, user)?)))
            .collect();
        facts.matched = facts
            .of_users
            .iter()
            .map(|(user, _)| (user.clone(), matched(host, user)))
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

/// What this user has from a `Match`: sshd is asked what would be if all of it were set before the
/// first file.
fn matched(host: &Host<'_>, user: &str) -> Vec<&'static str> {
    let set = WANTED.map(|(keyword, value)| format!("-o{keyword}={value}"));
    let set: Vec<&str> = set.iter().map(String::as_str).collect();
    let Some(settings) = settings_with(host, user, &set) else {
        return Vec::new();
    };
    let stays = |(keyword, wanted): &(&str, &str)| {
        value(&settings, &keyword.to_ascii_lowercase()) != *wanted
    };
    let stubborn = WANTED.into_iter().filter(stays);
    stubborn.map(|(keyword, _)| keyword).collect()
}

fn settings(host: &Host<'_>, user: &str) -> Option<Settings> {
    settings_with(host, user, &[])
}

fn settings_with(host: &Host<'_>, user: &str, set: &[&str]) -> Option<Settings> {
    // A comma would begin another condition.
    if user.contains(',') {
        return None;
    }
    // From elsewhere, by an address that is nobody's (RFC 5737).
    let from = format!("user={user},host=client.example.org,addr=192.0.2.1");
    let arguments = [&["-T", "-C", &from], set].concat();
    let ran = host.run(PROGRAM, &arguments)?;
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
        for finding in of_user(facts, user, settings) {
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

fn drop_in(keyword: &str) -> String {
    format!("{DROP_INS}/05-{}.conf", keyword.to_ascii_lowercase())
}

impl Facts {
    /// Sets one value before all other files, and has sshd read it; where another line would win all
    /// the same, opens that one.
    fn set(&self, user: &str, has: &Settings, keyword: &'static str, wanted: &str) -> String {
        let unit = self.unit;
        let file = drop_in(keyword);
        let name = keyword.to_ascii_lowercase();
        let read_it = format!("sshd -t && systemctl reload {unit}");
        let by_hand = |path: &str, number: usize| {
            let path = quoted(path);
            format!("editor +{number} {path} && {read_it}  # {keyword} {wanted}")
        };
        let lines = self.lines.get(keyword).map(Vec::as_slice);
        let lines = || lines.unwrap_or_default().iter();
        let of_matches = || {
            lines().filter(|line| {
                line.keyword == name && line.scope != Scope::Global && line.scope.concerns(user)
            })
        };
        if self
            .matched
            .get(user)
            .is_some_and(|it| it.contains(&keyword))
        {
            let now = value(has, &name);
            let line = of_matches().find(|line| line.value.eq_ignore_ascii_case(now));
            let line = line.or_else(|| of_matches().next());
            return line.map_or_else(|| by_hand(MAIN, 1), |line| by_hand(&line.path, line.number));
        }
        let first = lines().find(|line| {
            line.scope == Scope::Global && (line.keyword == name || line.path == file)
        });
        match first {
            Some(line) if line.path == file => {
                let make = match self.drop_ins {
                    DropIns::Present => String::new(),
                    DropIns::Absent => format!("mkdir -p {DROP_INS} && "),
                };
                format!("{make}echo '{keyword} {wanted}' >{file} && {read_it}")
            }
            Some(line) => by_hand(&line.path, line.number),
            // Before any `Match`, in which it would not be for everybody.
            None => by_hand(MAIN, 1),
        }
    }
}

fn of_user(facts: &Facts, user: &str, settings: &Settings) -> Vec<Finding> {
    let set = |keyword, wanted: &str| facts.set(user, settings, keyword, wanted);
    let subject = Subject::Sshd;
    let shown = Printable(user).to_string();
    if value(settings, "usepam") == "no" {
        let what = tell!("doctor-sshd-usepam", "user" = shown);
        return vec![Finding::error(subject, "sshd-usepam", what).mend(set("UsePAM", "yes"))];
    }
    let mut found = Vec::new();
    let interactive = value(settings, "kbdinteractiveauthentication") != "no";
    if !interactive {
        let what = tell!("doctor-sshd-interactive", "user" = shown.as_str());
        found.push(
            Finding::error(subject, "sshd-interactive", what)
                .mend(set("KbdInteractiveAuthentication", "yes")),
        );
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
        found.push(
            Finding::error(subject, "sshd-key-alone", what)
                .mend(set("AuthenticationMethods", with_pam(&ways))),
        );
    }
    let password = |methods: &Vec<String>| {
        methods.iter().any(|it| it == "password") && !methods.iter().any(|it| is_interactive(it))
    };
    if interactive && ways.iter().all(password) {
        let what = tell!("doctor-sshd-password-alone", "user" = shown.as_str());
        let command = set("AuthenticationMethods", with_pam(&ways));
        found.push(Finding::error(subject, "sshd-password-alone", what).mend(command));
    } else if interactive && ways.iter().any(password) {
        let what = tell!("doctor-sshd-password");
        found.push(Finding::note(subject, "sshd-password", what));
    }
    let number = |name: &str| value(settings, name).parse::<u32>().ok();
    if number("maxauthtries").is_some_and(|tries| tries < 3) {
        let what = tell!("doctor-sshd-tries");
        found.push(Finding::warning(subject, "sshd-tries", what).mend(set("MaxAuthTries", "6")));
    }
    if number("logingracetime").is_some_and(|seconds| (1..60).contains(&seconds)) {
        let what = tell!("doctor-sshd-grace");
        found
            .push(Finding::warning(subject, "sshd-grace", what).mend(set("LoginGraceTime", "120")));
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

    fn line(text: &str, scope: Scope, path: &str, number: usize) -> Line {
        let (keyword, value) = text.split_once(' ').unwrap_or_default();
        let (keyword, value) = (keyword.to_ascii_lowercase(), value.to_owned());
        let path = path.to_owned();
        Line {
            keyword,
            value,
            scope,
            path,
            number,
        }
    }

    /// A machine on which every drop-in is read first.
    fn with_drop_ins() -> Facts {
        let ours = |(keyword, _)| {
            let first = line("", Scope::Global, &drop_in(keyword), 1);
            (keyword, vec![first])
        };
        Facts {
            unit: "ssh",
            lines: WANTED.into_iter().map(ours).collect(),
            ..Facts::default()
        }
    }

    fn mend(facts: &Facts, settings: &Settings) -> String {
        of_user(facts, "alice", settings)[0].mend.clone().unwrap()
    }

    fn ids(pairs: &[(&str, &str)]) -> Vec<&'static str> {
        let found = of_user(&with_drop_ins(), "alice", &settings(pairs));
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
            ((methods, "password"), "sshd-password-alone"),
            ((methods, "publickey,password"), "sshd-password-alone"),
            (
                (methods, "password publickey,keyboard-interactive:pam"),
                "sshd-password",
            ),
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
            mend(&with_drop_ins(), &settings)
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
    fn where_a_drop_in_cannot_win_the_line_that_does_is_opened() {
        let no_pam = settings(&[("usepam", "no")]);
        let mut facts = with_drop_ins();
        facts.drop_ins = DropIns::Absent;
        assert!(mend(&facts, &no_pam).starts_with("mkdir -p /etc/ssh/sshd_config.d && echo "));
        let earlier = line("UsePAM no", Scope::Global, MAIN, 7);
        facts.lines.get_mut("UsePAM").unwrap().insert(0, earlier);
        assert_eq!(
            mend(&facts, &no_pam),
            "editor +7 /etc/ssh/sshd_config && sshd -t && systemctl reload ssh  # UsePAM yes"
        );
        facts.lines.clear();
        assert!(mend(&facts, &no_pam).starts_with("editor +1 /etc/ssh/sshd_config "));
    }

    #[test]
    fn a_match_is_opened_where_it_says_what_holds_for_this_user() {
        let keys = settings(&[("authenticationmethods", "publickey")]);
        let of = |user: &str| Scope::Match(format!("User {user}"));
        let mut facts = with_drop_ins();
        let lines = facts.lines.get_mut("AuthenticationMethods").unwrap();
        lines.push(line("AuthenticationMethods publickey", of("bob"), MAIN, 5));
        lines.push(line(
            "AuthenticationMethods publickey",
            of("alice"),
            MAIN,
            9,
        ));
        assert!(mend(&facts, &keys).starts_with("echo "));
        let stubborn = ("alice".to_owned(), vec!["AuthenticationMethods"]);
        facts.matched = BTreeMap::from([stubborn]);
        assert!(mend(&facts, &keys).starts_with("editor +9 /etc/ssh/sshd_config "));
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
