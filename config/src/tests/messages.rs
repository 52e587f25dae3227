use super::main_file;

/// Each text alone in the main file must say this, among whatever else.
fn say(cases: &[(&str, &str)]) {
    for (text, message) in cases {
        let problems = main_file(text).problems();
        let wanted = format!("countersign.toml:{message}");
        assert!(
            problems.contains(&wanted),
            "{text:?} said {problems:#?}, not {wanted}"
        );
    }
}

#[test]
fn unknown_keys_name_the_nearest_known_one() {
    say(&[
        (
            "[totp]\nwindw = 1",
            r#"2:1: unknown key "windw" in [totp]; did you mean "window"?"#,
        ),
        (
            "isuer = \"x\"",
            r#"1:1: unknown key "isuer"; did you mean "issuer"?"#,
        ),
        (
            "[rules]",
            r#"1:2: unknown key "rules"; did you mean "rule"?"#,
        ),
        (
            "window = 1",
            r#"1:1: unknown key "window"; it belongs in [totp]"#,
        ),
        (
            "[totp]\nusers = []",
            r#"2:1: unknown key "users" in [totp]; it belongs in [[rule]]"#,
        ),
        (
            "[shop]",
            r#"1:2: unknown key "shop"; known here: "issuer", "language", "totp", "recovery", "store", "rule""#,
        ),
        (
            "recovery.code = 9",
            r#"1:10: unknown key "code" in [recovery]; did you mean "codes"?"#,
        ),
        (
            "[[rule]]\nrequire = \"never\"\nhosts = [\"web\"]",
            r#"3:1: unknown key "hosts" in [[rule]]; known here: "users", "groups", "services", "networks", "local", "require", "enroll_by", "remember""#,
        ),
        (
            "\"a\\u001b[2J\" = 1",
            r#"1:1: unknown key "a\u{1b}[2J"; known here: "issuer", "language", "totp", "recovery", "store", "rule""#,
        ),
    ]);
}

#[test]
fn a_shared_store_is_described_whole_and_without_a_password() {
    say(&[
        (
            "[store]\nbackend = \"postgres\"",
            r#"2:1: backend = "postgres" needs a server for the tenant "main"; add "urls" to [store]"#,
        ),
        (
            "[store]\nbackend = \"postgresql\"",
            r#"2:11: "backend" takes one of "embedded", "postgres", and not "postgresql"; did you mean "postgres"?"#,
        ),
        (
            "[store]\nurls = []",
            r#"2:8: "urls" lists nothing; name one at least, or leave it out"#,
        ),
        (
            "[store]\nurls = [\"db1\"]",
            r#"2:9: this is no server; write it like "postgresql://db1.example.org:5432/countersign""#,
        ),
        (
            "[store]\nurls = [\"postgresql://a:b@c\"]",
            r"2:9: there is a password in this; take it out: the host's certificate stands for it",
        ),
        (
            "[store]\ntenant = \"Main\"",
            r#"2:10: a tenant is named with a to z, digits, ".", "_" and "-", in 63 characters at most"#,
        ),
        (
            "[store]\nkey = \"host.key\"",
            r#"2:7: "key" takes a whole path, which begins with "/""#,
        ),
        (
            "[store]\nanswer_within = 6",
            r#"2:17: "answer_within" takes a whole number from 1 to 5"#,
        ),
        (
            "[store]\nurl = []",
            r#"2:1: unknown key "url" in [store]; did you mean "urls"?"#,
        ),
        (
            "[[store.cluster]]\nurls = [\"postgresql://a\"]",
            r#"1:1: this cluster has no "tenants"; add them"#,
        ),
        (
            "[store]\ncluster = 1",
            r#"2:11: "cluster" takes tables, each headed [[store.cluster]], and this is an integer"#,
        ),
    ]);
}

#[test]
fn a_language_that_there_are_no_words_in_is_refused() {
    say(&[
        (
            "language = \"de\"",
            r#"1:12: "language" takes one of "en", "fr", and not "de""#,
        ),
        (
            "language = \"FR\"",
            r#"1:12: "language" takes one of "en", "fr", and not "FR"; did you mean "fr"?"#,
        ),
        (
            "language = 1",
            r#"1:12: "language" takes a string, and this is an integer"#,
        ),
        (
            "langage = \"fr\"",
            r#"1:1: unknown key "langage"; did you mean "language"?"#,
        ),
    ]);
}

#[test]
fn values_of_another_type_say_what_the_key_takes() {
    say(&[
        (
            "issuer = 1",
            r#"1:10: "issuer" takes a string, and this is an integer"#,
        ),
        (
            "totp = 1",
            r#"1:8: "totp" takes a table, and this is an integer"#,
        ),
        (
            "[[totp]]",
            r#"1:1: "totp" takes a table, and this is an array"#,
        ),
        (
            "totp.digits = \"6\"",
            r#"1:15: "digits" takes a whole number, and this is a string"#,
        ),
        (
            "totp.digits = 6.0",
            r#"1:15: "digits" takes a whole number, and this is a float"#,
        ),
        (
            "totp.algorithm = 1",
            r#"1:18: "algorithm" takes a string, and this is an integer"#,
        ),
        (
            "[rule]\nrequire = \"never\"",
            r#"1:1: "rule" takes tables, each headed [[rule]], and this is a table"#,
        ),
        (
            "rule = [3]",
            r#"1:9: "rule" takes a table, and this is an integer"#,
        ),
        (
            "rule = [{ require = true }]",
            r#"1:21: "require" takes a string, and this is a boolean"#,
        ),
        (
            "rule = [{ require = \"never\", local = \"yes\" }]",
            r#"1:38: "local" takes true or false, and this is a string"#,
        ),
        (
            "rule = [{ require = \"never\", users = \"alice\" }]",
            r#"1:38: "users" takes a list of strings, and this is a string"#,
        ),
        (
            "rule = [{ require = \"never\", users = [1] }]",
            r#"1:39: "users" takes a list of strings, and this is an integer"#,
        ),
    ]);
}

#[test]
fn values_out_of_bounds_say_the_bounds() {
    say(&[
        (
            "issuer = \" \"",
            r#"1:10: "issuer" cannot be used: the name is empty"#,
        ),
        (
            "issuer = \"a:b\"",
            r#"1:10: "issuer" cannot be used: the name has a control character or a colon, which is not allowed"#,
        ),
        (
            "totp.algorithm = \"sha1\"",
            r#"1:18: "algorithm" takes one of "SHA1", "SHA256", "SHA512", and not "sha1"; did you mean "SHA1"?"#,
        ),
        (
            "totp.algorithm = \"MD5\"",
            r#"1:18: "algorithm" takes one of "SHA1", "SHA256", "SHA512", and not "MD5""#,
        ),
        (
            "totp.digits = 5",
            r#"1:15: "digits" takes a whole number from 6 to 8"#,
        ),
        (
            "totp.digits = 9",
            r#"1:15: "digits" takes a whole number from 6 to 8"#,
        ),
        (
            "totp.period = 0",
            r#"1:15: "period" takes a whole number from 1 to 86400"#,
        ),
        (
            "totp.period = 86401",
            r#"1:15: "period" takes a whole number from 1 to 86400"#,
        ),
        (
            "totp.window = -1",
            r#"1:15: "window" takes a whole number from 0 to 10"#,
        ),
        (
            "totp.window = 11",
            r#"1:15: "window" takes a whole number from 0 to 10"#,
        ),
        (
            "totp.window = 99999999999999999999",
            r#"1:15: "window" takes a whole number from 0 to 10"#,
        ),
        (
            "recovery.codes = 0",
            r#"1:18: "codes" takes a whole number from 1 to 20"#,
        ),
        (
            "recovery.codes = 21",
            r#"1:18: "codes" takes a whole number from 1 to 20"#,
        ),
    ]);
}

#[test]
fn rules_that_cannot_be_meant_are_refused() {
    say(&[
        (
            "[[rule]]\nusers = [\"alice\"]",
            r#"1:1: this rule has no "require"; add one"#,
        ),
        (
            "[[rule]]\nrequire = \"allways\"",
            r#"2:11: "require" takes one of "never", "if-enrolled", "enroll", "always", and not "allways"; did you mean "always"?"#,
        ),
        (
            "[[rule]]\nrequire = \"enrol\"",
            r#"2:11: "require" takes one of "never", "if-enrolled", "enroll", "always", and not "enrol"; did you mean "enroll"?"#,
        ),
        (
            "[[rule]]\nrequire = \"never\"\nusers = []",
            r#"3:9: "users" lists nothing, so the rule matches nobody; leave "users" out to match any"#,
        ),
        (
            "[[rule]]\nrequire = \"never\"\nusers = [\"a\", \"b/c\"]",
            "3:15: no such user can exist: the user name has the character U+002F, which is not allowed",
        ),
        (
            "[[rule]]\nrequire = \"never\"\ngroups = []",
            r#"3:10: "groups" lists nothing, so the rule matches nobody; leave "groups" out to match any"#,
        ),
        (
            "[[rule]]\nrequire = \"never\"\ngroups = [\"wheel\", \"a:b\"]",
            "3:20: no such group can exist: the group name has the character U+003A, which is not allowed",
        ),
        (
            "[[rule]]\nrequire = \"never\"\nservices = [\"*\"]",
            r#"3:13: this is no PAM service; write the name of a file in /etc/pam.d, for example "sshd""#,
        ),
        (
            "[[rule]]\nrequire = \"never\"\nservices = [\"\"]",
            r#"3:13: this is no PAM service; write the name of a file in /etc/pam.d, for example "sshd""#,
        ),
        (
            "[[rule]]\nrequire = \"never\"\nnetworks = [\"office\"]",
            r#"3:13: "office" is not a network: write an address and a prefix, for example "10.0.0.0/8" or "2001:db8::/32""#,
        ),
        (
            "[[rule]]\nrequire = \"never\"\nnetworks = [\"10.1.2.3/8\"]",
            r#"3:13: "10.1.2.3/8" is not a network: the address has bits beyond the prefix; did you mean "10.0.0.0/8"?"#,
        ),
        (
            "[[rule]]\nrequire = \"never\"\nnetworks = [\"::/129\"]",
            r#"3:13: "::/129" is not a network: the prefix after the "/" is a whole number from 0 to 128"#,
        ),
        (
            "[[rule]]\nrequire = \"never\"\nlocal = true\nnetworks = [\"::/0\"]",
            r#"1:1: a local login comes from no network, so the rule matches nobody; leave "networks" or "local" out"#,
        ),
    ]);
}

#[test]
fn dates_and_lengths_of_time_that_cannot_be_meant_are_refused() {
    const DATE: &str = r#""enroll_by" takes a date such as 2026-12-31, which lasts until that day ends here, or a date and time such as 2026-12-31T18:00:00+01:00"#;
    const LENGTH: &str = r#""remember" takes a length of time such as "10m", "8h" or "2d", from 1 minute to 30 days"#;
    for value in [
        "18:00:00",
        "\"tomorrow\"",
        "\"31.12.2026\"",
        "20261231",
        "true",
    ] {
        let text = format!("[[rule]]\nrequire = \"enroll\"\nenroll_by = {value}");
        say(&[(&text, &format!("3:13: {DATE}"))]);
    }
    for value in [
        "\"59s\"",
        "\"31d\"",
        "\"721h\"",
        "\"10 m\"",
        "\"0\"",
        "\"\"",
        "\"forever\"",
    ] {
        let text = format!("[[rule]]\nrequire = \"always\"\nremember = {value}");
        say(&[(&text, &format!("3:12: {LENGTH}"))]);
    }
    say(&[
        (
            "[[rule]]\nrequire = \"enroll\"\nenroll_by = 2026-02-30",
            "3:13: this is not TOML: invalid date, expected day between 01 and 28",
        ),
        (
            "[[rule]]\nrequire = \"always\"\nremember = 600",
            r#"3:12: "remember" takes a string, and this is an integer"#,
        ),
        (
            "[[rule]]\nenroll_by = 2026-12-31\nrequire = \"always\"",
            r#"2:13: "enroll_by" goes with require = "enroll", and this rule says "always"; change one or leave "enroll_by" out"#,
        ),
        (
            "[[rule]]\nrequire = \"never\"\nremember = \"10m\"",
            r#"3:12: "remember" spares a later code, and this rule asks for none; leave "remember" out"#,
        ),
    ]);
}

#[test]
fn what_is_not_toml_says_why() {
    say(&[
        (
            "issuer =",
            "1:9: this is not TOML: string values must be quoted, expected literal string",
        ),
        (
            "[totp]\ndigits = 6\ndigits = 7",
            "3:1: this is not TOML: duplicate key",
        ),
        (
            "issuer = \"x",
            r#"1:12: this is not TOML: invalid basic string, expected `"`"#,
        ),
    ]);
}

#[test]
fn columns_count_characters_and_no_byte_order_mark() {
    say(&[
        (
            "\u{feff}\"é\" = 1",
            r#"1:1: unknown key "é"; known here: "issuer", "language", "totp", "recovery", "store", "rule""#,
        ),
        (
            "totp = { \"é\" = 1, digits = 9 }",
            r#"1:28: "digits" takes a whole number from 6 to 8"#,
        ),
    ]);
}

#[test]
fn all_problems_of_all_files_are_told_at_once_in_order() {
    let problems = main_file("windw = 1\ntotp.digits = 9\n[[rule]]\nuser = [\"a\"]\n")
        .with("conf.d/20.toml", "issuer = \n\n[recovery]\ncodes = 0\n")
        .with("conf.d/10.toml", b"# caf\xe9\n")
        .problems();
    let wanted = [
        r#"countersign.toml:1:1: unknown key "windw"; known here: "issuer", "language", "totp", "recovery", "store", "rule""#,
        r#"countersign.toml:2:15: "digits" takes a whole number from 6 to 8"#,
        r#"countersign.toml:3:1: this rule has no "require"; add one"#,
        r#"countersign.toml:4:1: unknown key "user" in [[rule]]; did you mean "users"?"#,
        "conf.d/10.toml:1:6: this is not UTF-8 text; save the file as UTF-8",
        "conf.d/20.toml:1:10: this is not TOML: string values must be quoted, expected literal string",
        r#"conf.d/20.toml:4:9: "codes" takes a whole number from 1 to 20"#,
    ];
    assert_eq!(problems, wanted);
}
