//! What an administrator does about the policy: looks at it, checks it, changes it while people log in.

#![allow(
    clippy::expect_used,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use std::fs;

use countersign_tests::{Lab, PamLogin, Program, Road, Stage, in_lab, on_both_roads, tool};
use serde_json::Value;

const PASSWORD: &str = "her password";
const MAIN: &str = "/etc/countersign/countersign.toml";

fn configure(toml: &str) {
    fs::write(MAIN, toml).expect("the configuration");
}

/// Has the running daemon read the files, and waits for the line in which it says how that went.
fn reload(lab: &mut Lab, said: &str) {
    let mark = lab.log_mark();
    lab.daemon().reload();
    lab.logged(mark, &[said]);
}

fn is_asked(user: &str) -> bool {
    !PamLogin::of(user).code("zzzzzz").go().asked.is_empty()
}

const IN_FORCE: &str = "the configuration was read anew and is in force";

#[test]
fn a_reload_takes_a_good_configuration_and_keeps_the_last_one_for_a_broken_one() {
    on_both_roads(|stage| {
        let mut lab = stage
            .config("[[rule]]\nrequire = \"never\"\n")
            .user("alice", PASSWORD)
            .start();
        assert!(!is_asked("alice"));
        let daemon = Program::new("pgrep").args(["-x", "countersignd"]).text();

        configure("[[rule]]\nrequire = \"always\"\n");
        assert!(!is_asked("alice"), "it is not read unasked");
        reload(&mut lab, IN_FORCE);
        assert!(is_asked("alice"));

        configure("[[rule]]\nrequire = \"nevr\"\n[totp]\ndigits = 9\n");
        let mark = lab.log_mark();
        reload(&mut lab, "the one that was read before stays so");
        lab.logged(
            mark,
            &[&format!("{MAIN}:2:11: "), "did you mean \"never\"?"],
        );
        lab.logged(mark, &[&format!("{MAIN}:4:10: \"digits\" takes")]);
        assert!(is_asked("alice"), "the last good one is in force");
        let health = Program::new("busctl")
            .args(["call", "org.countersign1", "/org/countersign1"])
            .args(["org.countersign1.Admin", "Health", "a{sv}", "0"])
            .text();
        assert!(health.contains("\\\"digits\\\" takes"), "{health}");

        configure("[[rule]]\nrequire = \"never\"\n");
        reload(&mut lab, IN_FORCE);
        assert!(!is_asked("alice"));
        assert_eq!(
            Program::new("pgrep").args(["-x", "countersignd"]).text(),
            daemon,
            "nothing was restarted"
        );
    });
}

/// What Prepare says to a caller: the word, and whether there is a date to enroll by.
fn prepared(caller: &str, user: &str) -> (String, bool) {
    let said = Program::as_user(caller, "busctl")
        .args(["call", "org.countersign1", "/org/countersign1"])
        .args(["org.countersign1.Login", "Prepare", "sa{sv}", user])
        .args(["1", "service", "s", "sshd"])
        .text();
    let word = said.split('"').nth(1).unwrap_or_default().to_owned();
    (word, said.contains("enroll-by"))
}

#[test]
fn whoever_should_enroll_is_let_put_it_off_until_the_date_and_only_where_enrolling_is_possible() {
    in_lab(|stage| {
        let mut lab = two_people(
            stage,
            "[[rule]]\nrequire = \"enroll\"\nenroll_by = 2099-12-31\n",
        );
        let _secret = lab.enroll_with("alice", &["--kind", "hotp"]);
        let word = |word: &str| word.to_owned();
        assert_eq!(prepared("root", "bob"), (word("enroll"), true));
        assert_eq!(prepared("bob", "bob"), (word("none"), false));
        assert_eq!(prepared("root", "alice"), (word("code"), false));

        configure("[[rule]]\nrequire = \"enroll\"\nenroll_by = 2020-01-01\n");
        reload(&mut lab, IN_FORCE);
        assert_eq!(prepared("root", "bob"), (word("enroll"), false));
        assert_eq!(prepared("bob", "bob"), (word("code"), false));
        assert_eq!(prepared("alice", "alice"), (word("code"), false));
    });
}

fn two_people(stage: Stage, config: &str) -> Lab {
    stage
        .road(Road::Bus)
        .config(config)
        .user("alice", PASSWORD)
        .user("bob", PASSWORD)
        .start()
}

#[test]
fn a_check_tells_every_mistake_with_its_place_and_then_what_is_odd() {
    in_lab(|stage| {
        let _lab = two_people(stage, "isuer = \"x\"\n[[rule]]\nrequire = \"nevr\"\n");
        fs::create_dir_all("/etc/countersign/conf.d").expect("a folder of drop-ins");
        let drop_in = "/etc/countersign/conf.d/10.toml";
        fs::write(drop_in, "[totp]\ndigits = 9\n").expect("a drop-in");
        let told = tool("root", &["config", "check"], &[]);
        told.failed_with(&["there are 3 mistakes in the configuration"]);
        for line in [
            &format!("{MAIN}:1:1: unknown key \"isuer\"; did you mean \"issuer\"?"),
            &format!("{MAIN}:3:11: \"require\" takes one of"),
            &format!("{drop_in}:2:10: \"digits\" takes a whole number from 6 to 8"),
        ] {
            assert!(told.out.contains(line.as_str()), "no {line:?} in {told:?}");
        }
        let told = tool("root", &["config", "check", "--json"], &[]);
        assert_eq!(told.status, 1);
        let report: Value = serde_json::from_str(&told.out).expect("JSON");
        assert_eq!(report["problems"][2]["line"], 2, "{report}");
        let told = tool("root", &["config", "show", "alice", "sshd"], &[]);
        told.failed_with(&[
            "there are 3 mistakes",
            "`countersign config check` lists them",
        ]);
        let french = Program::new("env")
            .args(["LC_ALL=fr_FR.UTF-8", "countersign", "config", "check"])
            .output();
        let french = String::from_utf8_lossy(&french.stdout).into_owned();
        assert!(
            french.contains("vouliez-vous dire «\u{a0}issuer\u{a0}»"),
            "{french}"
        );

        fs::remove_file(drop_in).expect("the drop-in");
        configure(
            "[[rule]]\nusers = [\"alice\", \"no-such-user\"]\nservices = [\"sshd\", \"no-such\"]\nrequire = \"never\"\n\
             [[rule]]\nusers = [\"alice\"]\nservices = [\"sshd\"]\nrequire = \"always\"\n\
             [[rule]]\ngroups = [\"no-such-group\"]\nrequire = \"enroll\"\nenroll_by = 2020-01-01\n\
             [[rule]]\nrequire = \"never\"\n",
        );
        let told = tool("root", &["config", "check"], &[]);
        told.done();
        for line in [
            &format!("{MAIN}:1: warning: there is no user \"no-such-user\""),
            &format!("{MAIN}:1: warning: there is no service \"no-such\""),
            &format!("{MAIN}:5: warning: this rule never decides: rule 1 "),
            &format!("{MAIN}:9: warning: there is no group \"no-such-group\""),
            &format!("{MAIN}:9: warning: \"enroll_by\" is past"),
            &format!("{MAIN}:13: warning: this rule matches whatever"),
        ] {
            assert!(
                told.out.contains(line.as_str()),
                "no {line:?} in {}",
                told.out
            );
        }
        assert_eq!(told.out.lines().count(), 7, "{}", told.out);
        // Whoever may read the files may check them.
        tool("bob", &["config", "check"], &[]).done();
    });
}

#[test]
fn what_is_shown_of_a_login_is_what_happens_in_it() {
    in_lab(|stage| {
        let mut lab = two_people(
            stage,
            "issuer = \"example\"\n\
             [[rule]]\ngroups = [\"team\"]\nservices = [\"module-alone\"]\nrequire = \"always\"\nremember = \"10m\"\n\
             [[rule]]\nnetworks = [\"192.0.2.0/24\"]\nrequire = \"never\"\n\
             [[rule]]\nusers = [\"bob\"]\nrequire = \"enroll\"\nenroll_by = 2099-12-31T12:00:00Z\n",
        );
        Program::new("groupadd").arg("team").text();
        Program::new("usermod")
            .args(["-aG", "team", "alice"])
            .text();

        let show = |arguments: &[&str]| {
            let told = tool("root", &[&["config", "show"], arguments].concat(), &[]);
            told.done();
            told.out
        };
        let said = show(&["alice", "module-alone", "192.0.2.7"]);
        for part in [
            "alice is in the group team",
            "Rule 1 (/etc/countersign/countersign.toml:2) decides: require = \"always\", remember = \"10m\"",
            "If not enrolled: asked for a code, and refused",
            "not reached",
        ] {
            assert!(said.contains(part), "no {part:?} in {said}");
        }
        let from = |user: &str| PamLogin::of(user).from("192.0.2.7").code("zzzzzz").go();
        assert!(!from("alice").asked.is_empty());
        let said = show(&["bob", "module-alone", "192.0.2.7"]);
        assert!(said.contains("not for a group of this user"), "{said}");
        assert!(said.contains("Rule 2 "), "{said}");
        assert!(from("bob").asked.is_empty());

        let json = show(&["bob", "sshd", "--json"]);
        let json: Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(json["decides"][0], 3, "{json}");
        assert_eq!(json["rules"][0]["condition"], "services", "{json}");
        assert_eq!(json["if_not_enrolled"], "enroll", "{json}");
        assert_eq!(json["put_off_until"], 4_102_401_600_u64, "{json}");

        let all = show(&[]);
        for part in [
            "issuer = \"example\"",
            "/etc/countersign/countersign.toml:1",
            "totp.digits = 6",
            "default",
            "networks = [\"192.0.2.0/24\"], require = \"never\"",
        ] {
            assert!(all.contains(part), "no {part:?} in {all}");
        }
        assert!(!all.contains("systemctl reload"), "{all}");
        let later = Program::new("touch").args(["-d", "+1 hour", MAIN]);
        later.text();
        assert!(show(&[]).contains("systemctl reload countersignd"));
        reload(&mut lab, IN_FORCE);
    });
}
