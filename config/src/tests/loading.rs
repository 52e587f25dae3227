use std::path::Path;

use countersign_words::Language;

use super::{Folder, HOST, main_file};
use crate::policy::{EnrollBy, Require};
use crate::{Algorithm, Digits, Issuer, Origin, Period, Seconds, StepWindow};
use crate::{Config, TotpDefaults};

fn requires(config: &Config) -> Vec<Require> {
    config
        .policy
        .rules()
        .iter()
        .map(|rule| rule.require)
        .collect()
}

fn totp(algorithm: Algorithm, digits: i64, period: i64, window: i64) -> TotpDefaults {
    TotpDefaults {
        algorithm,
        digits: Digits::new(digits).unwrap(),
        period: Period::new(period).unwrap(),
        window: StepWindow::new(window).unwrap(),
    }
}

#[test]
fn without_files_the_defaults_hold() {
    let defaults = Config::default_for(HOST);
    assert_eq!(defaults.issuer.as_str(), HOST);
    assert_eq!(defaults.language, Language::English);
    assert_eq!(defaults.totp, totp(Algorithm::Sha1, 6, 30, 1));
    assert_eq!(defaults.recovery_codes, 10);
    assert!(defaults.policy.rules().is_empty());

    assert_eq!(
        Config::load(Path::new("/nonexistent/countersign"), HOST).unwrap(),
        defaults
    );
    assert_eq!(Folder::new().load(), defaults);
    assert_eq!(main_file("").load(), defaults);
    assert_eq!(main_file("[totp]\n[recovery]\n").load(), defaults);
}

#[test]
fn every_key_is_read() {
    let config = main_file(
        r#"
            issuer = "Example & Söhne"
            language = "fr"
            [totp]
            algorithm = "SHA512"
            digits = 8
            period = 0x3c
            window = 0
            [recovery]
            codes = 20
            [[rule]]
            users = ["alice", "jane@example.org"]
            groups = ["wheel", "EXAMPLE\\Domain Admins"]
            services = ["sshd", "sudo-i"]
            networks = ["10.0.0.0/8", "2001:db8::/32"]
            local = false
            require = "enroll"
            enroll_by = 2026-12-31T18:00:00+01:00
            remember = "8h"
        "#,
    )
    .load();
    assert_eq!(config.issuer, Issuer::parse("Example & Söhne").unwrap());
    assert_eq!(config.language, Language::French);
    assert_eq!(config.totp, totp(Algorithm::Sha512, 8, 60, 0));
    assert_eq!(config.recovery_codes, 20);
    let [rule] = config.policy.rules() else {
        panic!("one rule")
    };
    assert_eq!(rule.users.as_ref().unwrap()[1].as_str(), "jane@example.org");
    assert_eq!(rule.services.as_ref().unwrap(), &["sshd", "sudo-i"]);
    assert_eq!(
        rule.networks.as_ref().unwrap()[1].to_string(),
        "2001:db8::/32"
    );
    assert_eq!(
        rule.groups.as_ref().unwrap()[1].as_str(),
        "EXAMPLE\\Domain Admins"
    );
    assert_eq!((rule.local, rule.require), (Some(false), Require::Enroll));
    assert_eq!(rule.enroll_by, Some(EnrollBy(1_798_736_400)));
    assert_eq!(rule.remember, Some(Seconds(8 * 3600)));
}

#[test]
fn the_last_file_counts_for_a_key_and_rules_add_up_in_order() {
    let config = main_file("issuer = \"main\"\ntotp.digits = 7\n[[rule]]\nrequire = \"always\"")
        .with(
            "conf.d/20-b.toml",
            "totp.window = 2\n[[rule]]\nrequire = \"never\"",
        )
        .with(
            "conf.d/10-a.toml",
            "totp.window = 3\ntotp.digits = 8\n[[rule]]\nrequire = \"if-enrolled\"",
        )
        .with("conf.d/.30-c.toml", "totp.window = 4")
        .with("conf.d/30-c.toml~", "totp.window = 5")
        .with("conf.d/README", "not TOML")
        .load();
    assert_eq!(config.issuer.as_str(), "main");
    assert_eq!(
        (config.totp.digits, config.totp.window, config.totp.period),
        (
            Digits::new(8).unwrap(),
            StepWindow::new(2).unwrap(),
            Period::new(30).unwrap()
        )
    );
    assert_eq!(
        requires(&config),
        [Require::Always, Require::IfEnrolled, Require::Never]
    );
}

#[test]
fn a_date_may_stand_in_quotes_too() {
    let by = |value: &str| {
        let text = format!("[[rule]]\nrequire = \"enroll\"\nenroll_by = {value}");
        main_file(text).load().policy.rules()[0].enroll_by.unwrap()
    };
    assert_eq!(by("2026-12-31"), by("\"2026-12-31\""));
    assert_eq!(by("2026-12-31T00:00:00Z"), EnrollBy(1_798_675_200));
    // Wherever the host is, the day does not end before noon UTC.
    assert!(by("2026-12-31") > by("2026-12-31T11:59:58Z"));
}

#[test]
fn each_value_tells_where_it_comes_from() {
    let folder =
        main_file("issuer = \"main\"\n[totp]\ndigits = 7\n\n[[rule]]\nrequire = \"never\"\n").with(
            "conf.d/10.toml",
            "rule = [{ require = \"always\" }]\ntotp.digits = 8\n",
        );
    let (config, origins) = Config::load_with_origins(&folder.path(""), HOST).unwrap();
    let at = |origin: Option<&Origin>| {
        origin.map(|it| {
            format!(
                "{}:{}",
                it.file.strip_prefix(folder.path("")).unwrap().display(),
                it.line
            )
        })
    };
    assert_eq!(at(origins.of_key("issuer")).unwrap(), "countersign.toml:1");
    assert_eq!(
        at(origins.of_key("totp.digits")).unwrap(),
        "conf.d/10.toml:2"
    );
    assert_eq!(at(origins.of_key("totp.period")), None);
    assert_eq!(at(origins.of_rule(0)).unwrap(), "countersign.toml:5");
    assert_eq!(at(origins.of_rule(1)).unwrap(), "conf.d/10.toml:1");
    assert_eq!(at(origins.of_rule(2)), None);
    let values = config.values();
    assert!(
        values.contains(&("totp.digits", "8".to_owned())),
        "{values:?}"
    );
    assert!(
        values.contains(&("issuer", "\"main\"".to_owned())),
        "{values:?}"
    );
}
