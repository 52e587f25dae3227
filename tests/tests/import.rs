//! Moving in: what worked with google-authenticator and `pam_oath`, as Debian packages them, works here,
//! what was used there stays used, and nothing that a file or a home holds leads the import astray.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use countersign_tests::{
    Caller, Killer, Lab, PamTester, Program, Road, Secret, SmallDisk, Stage, Told, in_lab, tool,
};
use serde_json::Value;

const PASSWORD: &str = "her password";
/// In base32 and in hexadecimal digits.
const BASE32: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const HEX: &str = "3132333435363738393031323334353637383930";
const OATH: &str = "/etc/users.oath";

fn start(stage: Stage, users: &[&str]) -> Lab {
    users
        .iter()
        .fold(stage.road(Road::Bus), |stage, user| {
            stage.user(user, PASSWORD)
        })
        .start()
}

/// The file that the packaged tool makes for a user.
fn google_authenticator(user: &str, options: &[&str]) -> String {
    let fixed = [
        "-f", "-C", "-q", "-Q", "none", "-e", "5", "-r", "3", "-R", "30",
    ];
    Program::as_user(user, "google-authenticator")
        .args(fixed)
        .args(options)
        .text();
    fs::read_to_string(home_file(user)).expect("what the tool has made")
}

fn home_file(user: &str) -> String {
    format!("/home/{user}/.google_authenticator")
}

/// A file as a user would have it.
fn write_for(user: &str, path: &str, text: &str) {
    fs::write(path, text).expect("a file");
    fs::set_permissions(path, Permissions::from_mode(0o600)).expect("its mode");
    Program::new("chown")
        .args([&format!("{user}:"), path])
        .text();
}

fn oath_file(text: &str) {
    write_for("root", OATH, text);
}

fn google_says_yes(user: &str, code: &str) -> bool {
    let stack = ["auth required pam_google_authenticator.so"];
    PamTester::new("their-login", &stack)
        .by_root(user, &[code])
        .succeeded()
}

fn oath_says_yes(user: &str, code: &str, digits: &str) -> bool {
    let line = format!("auth required pam_oath.so usersfile={OATH} window=5 digits={digits}");
    PamTester::new("their-login", &[&line])
        .by_root(user, &[code])
        .succeeded()
}

fn import(arguments: &[&str]) -> Told {
    tool("root", &[&["import"], arguments].concat(), &[])
}

/// The rows of `--json`, and its summary.
fn rows(told: &Told) -> (Vec<Value>, Value) {
    let mut rows: Vec<Value> = told
        .out
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect();
    let summary = rows.pop().unwrap_or_else(|| panic!("nothing: {told:?}"));
    (rows, summary["summary"].clone())
}

/// What became of a line of a file, or of the only token of a user, and why.
fn fate(rows: &[Value], user: &str, line: Option<u64>) -> String {
    let row = rows
        .iter()
        .find(|row| {
            (row["user"] == user || (user.is_empty() && row["user"].is_null()))
                && row["line"].as_u64() == line
        })
        .unwrap_or_else(|| panic!("no row of {user}, line {line:?}: {rows:#?}"));
    let why: Vec<_> = row["why"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let result = row["result"].as_str().unwrap_or_default();
    [&[result], why.as_slice()].concat().join(" ")
}

fn clock_of(file: &str) -> Secret {
    let secret = file.lines().next().expect("a secret");
    Secret::from_uri(&format!("otpauth://totp/x?secret={secret}"))
}

fn scratch_codes(file: &str) -> Vec<String> {
    let is_code = |line: &&str| line.len() == 8 && line.bytes().all(|c| c.is_ascii_digit());
    file.lines().filter(is_code).map(str::to_owned).collect()
}

#[test]
fn a_clock_that_logged_in_with_google_authenticator_goes_on_here() {
    in_lab(|stage| {
        let _lab = start(stage, &["alice"]);
        let file = google_authenticator("alice", &["-t", "-d", "-w", "17"]);
        let mut app = clock_of(&file);
        let scratch = scratch_codes(&file);
        let used = app.next_code();
        assert!(google_says_yes("alice", &used));
        assert!(google_says_yes("alice", &scratch[0]));

        let told = import(&["google-authenticator", &home_file("alice")]);
        told.done();
        for part in [
            "alice",
            "authenticator",
            "4 recovery codes",
            "Taken: 1 token of 1 user.",
            "RATE_LIMIT stays behind",
            "/home/alice/.google_authenticator",
            "/etc/pam.d/their-login:1",
        ] {
            assert!(told.out.contains(part), "no {part:?} in {}", told.out);
        }
        assert!(!told.out.contains(app.base32()), "{}", told.out);

        let root = Caller::on_bus("root");
        assert_eq!(root.verify("alice", &used).unwrap(), "used");
        let next = app.next_code();
        assert_eq!(root.verify("alice", &next).unwrap(), "accepted");
        assert_eq!(root.verify("alice", &scratch[0]).unwrap(), "wrong");
        assert_eq!(root.verify("alice", &scratch[1]).unwrap(), "accepted");
        assert_eq!(root.verify("alice", &scratch[1]).unwrap(), "used");

        let again = import(&["google-authenticator", &home_file("alice")]);
        again.done();
        assert!(again.out.contains("already taken"), "{}", again.out);
        assert_eq!(root.verify("alice", &next).unwrap(), "used");
    });
}

#[test]
fn a_code_as_early_and_as_late_as_there_is_good_here_and_an_earlier_one_is_not() {
    in_lab(|stage| {
        let _lab = start(stage, &["alice", "bob"]);
        // An hour would be too long a step there; nine codes are four steps both ways.
        for user in ["alice", "bob"] {
            let rest = "\" TOTP_AUTH\n\" STEP_SIZE 60\n\" WINDOW_SIZE 9\n\" TIME_SKEW -20\n";
            write_for(user, &home_file(user), &format!("{BASE32}\n{rest}"));
        }
        let app = Secret::from_uri(&format!("otpauth://totp/x?secret={BASE32}&period=60"));
        let early = app.code(-23);
        assert!(google_says_yes("bob", &early));
        import(&["google-authenticator", "--user", "alice"]).done();
        let root = Caller::on_bus("root");
        assert_eq!(root.verify("alice", &early).unwrap(), "accepted");
        assert_eq!(root.verify("alice", &app.code(-17)).unwrap(), "accepted");
        assert_eq!(root.verify("alice", &app.code(0)).unwrap(), "wrong");
    });
}

#[test]
fn a_counter_that_logged_in_with_google_authenticator_goes_on_here() {
    in_lab(|stage| {
        let _lab = start(stage, &["alice"]);
        let file = google_authenticator("alice", &["-c", "-w", "5"]);
        let secret = file.lines().next().expect("a secret");
        let mut app = Secret::from_uri(&format!("otpauth://hotp/x?secret={secret}&counter=1"));
        let used = app.next_code();
        assert!(google_says_yes("alice", &used));
        import(&["google-authenticator", "--user", "alice"]).done();
        let root = Caller::on_bus("root");
        assert_eq!(root.verify("alice", &used).unwrap(), "used");
        // Four codes were shown and not used.
        let ahead = app.next_codes(5);
        assert_eq!(root.verify("alice", &ahead[4]).unwrap(), "accepted");
        assert_eq!(root.verify("alice", &ahead[3]).unwrap(), "used");
    });
}

#[test]
fn what_logged_in_with_pam_oath_goes_on_here() {
    in_lab(|stage| {
        let _lab = start(stage, &["alice", "bob", "carol", "dave"]);
        let other = HEX.replace('3', "4");
        oath_file(&format!(
            "# the site's users\nHOTP/T30 alice - {HEX}\nHOTP/E/8 bob - {HEX} 41\n\
             HOTP/T60/6 carol + {HEX}\nHOTP carol + {other} 7\nHOTP dave 4711 {HEX} 3\n"
        ));
        let uri = |kind: &str| Secret::from_uri(&format!("otpauth://{kind}"));
        let mut alice = uri(&format!("totp/x?secret={BASE32}"));
        let mut bob = uri(&format!("hotp/x?secret={BASE32}&digits=8&counter=41"));
        let mut carol = uri(&format!("totp/x?secret={BASE32}&period=60"));
        let (first, second, third) = (alice.next_code(), bob.next_code(), carol.next_code());
        assert!(oath_says_yes("alice", &first, "6"));
        assert!(oath_says_yes("bob", &second, "8"));
        assert!(oath_says_yes("carol", &third, "6"));

        let told = import(&["oath", OATH]);
        told.done();
        for part in [
            "line 1",
            "a comment",
            "oath (line 2)",
            "oath 2 (line 5)",
            "without its PIN",
            "Taken: 5 tokens of 4 users.",
            "/etc/pam.d/their-login:1",
        ] {
            assert!(told.out.contains(part), "no {part:?} in {}", told.out);
        }
        assert!(!told.out.contains("4711"), "{}", told.out);

        let root = Caller::on_bus("root");
        for (user, used, next) in [
            ("alice", first, alice.next_code()),
            ("bob", second, bob.next_code()),
            ("carol", third, carol.next_code()),
        ] {
            assert_eq!(root.verify(user, &used).unwrap(), "used", "{user}");
            assert_eq!(root.verify(user, &next).unwrap(), "accepted", "{user}");
        }
        let mut dave = uri(&format!("hotp/x?secret={BASE32}&counter=3"));
        let unused = dave.next_code();
        assert_eq!(root.verify("dave", &unused).unwrap(), "accepted");
        let again = import(&["oath", OATH]);
        again.done();
        assert!(again.out.contains("Taken before: 5."), "{}", again.out);
    });
}

#[test]
fn every_line_of_users_oath_is_accounted_for_and_a_broken_one_stops_its_user_alone() {
    in_lab(|stage| {
        let lab = start(stage, &["alice", "bob", "carol"]);
        lab.enroll("bob");
        oath_file(&format!(
            "HOTP alice - {HEX}\nHOTP/T45 alice - {HEX}\nHOTP alice - xyz\nHOTP\n\
             HOTP bob - {HEX}\nHOTP nobody-at-all - {HEX}\nHOTP ../etc - {HEX}\n\
             HOTP carol - {HEX} 5 123456 yesterday\nHOTP carol - {HEX} 9\n"
        ));
        let dry = import(&["oath", OATH, "--dry-run", "--json"]);
        assert_eq!(dry.status, 1, "{dry:?}");
        let (dry, summary) = rows(&dry);
        assert_eq!(summary["counts"]["would_be_taken"], 2);
        assert_eq!(fate(&dry, "alice", Some(1)), "not-taken waits");
        assert_eq!(
            fate(&dry, "nobody-at-all", Some(6)),
            "not-taken no-such-user"
        );
        let status = tool("root", &["status", "--user", "alice"], &[]);
        assert!(status.out.contains("not enrolled"), "{status:?}");

        let (whole, _) = rows(&import(&["oath", OATH, "--json"]));
        assert_eq!(fate(&whole, "alice", Some(1)), "not-taken waits");
        assert_eq!(fate(&whole, "carol", Some(9)), "taken");
        let status = tool("root", &["status", "--user", "alice"], &[]);
        assert!(status.out.contains("not enrolled"), "{status:?}");

        let told = import(&["oath", OATH, "--partly", "--json"]);
        told.failed_with(&["were not taken", "run this again"]);
        let (rows, summary) = rows(&told);
        for (user, line, expected) in [
            ("alice", 1, "taken"),
            ("alice", 2, "not-taken unknown-type"),
            ("alice", 3, "not-taken not-hex"),
            ("", 4, "not-taken no-user"),
            ("bob", 5, "not-taken enrolled"),
            ("nobody-at-all", 6, "not-taken no-such-user"),
            ("../etc", 7, "not-taken bad-user"),
            ("carol", 8, "not-taken same-as-line"),
            ("carol", 9, "already-there"),
        ] {
            assert_eq!(fate(&rows, user, Some(line)), expected);
        }
        assert_eq!(summary["counts"]["taken"], 1);
        assert_eq!(summary["counts"]["not_taken"], 7);
        assert!(!told.out.contains(HEX) && !lab.log().contains(HEX));

        // Only who is asked for is given a second token, and it gets a name of its own.
        oath_file(&format!(
            "HOTP bob - {HEX}\nHOTP alice - {}\n",
            HEX.replace('3', "4")
        ));
        import(&["oath", OATH, "--add"]).done();
        for user in ["alice", "bob"] {
            let status = tool("root", &["status", "--json", "--user", user], &[]);
            let status: Value = serde_json::from_str(&status.out).expect("JSON");
            assert_eq!(
                status["tokens"].as_array().map(Vec::len),
                Some(2),
                "{status}"
            );
        }
    });
}

#[test]
fn all_homes_are_read_and_hostile_ones_lead_nowhere() {
    in_lab(|stage| {
        let users = [
            "alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy",
        ];
        let lab = start(stage, &users);
        let good = format!("{BASE32}\n\" TOTP_AUTH\n12345678\n");
        let secret_of_root = "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U";
        let of_root = format!("{secret_of_root}\n\" TOTP_AUTH\n");
        write_for("root", "/root/.google_authenticator", &of_root);
        write_for("alice", &home_file("alice"), &good);
        symlink("/etc/shadow", home_file("bob")).expect("a link");
        symlink("/root/.google_authenticator", home_file("carol")).expect("a link");
        Program::new("mkfifo").arg(home_file("dave")).text();
        let huge = File::create(home_file("erin")).expect("a file");
        huge.set_len(1 << 40).expect("a file with a hole");
        write_for("bob", &home_file("frank"), &good);
        fs::create_dir(home_file("grace")).expect("a directory");
        write_for("heidi", &home_file("heidi"), "hello!\n\" TOTP_AUTH\n");
        fs::remove_dir_all("/home/ivan").expect("a home that is not mounted");
        let told = import(&["google-authenticator", "--all-homes", "--json"]);
        told.failed_with(&["8 things were not taken"]);
        let (rows, summary) = rows(&told);
        for (user, expected) in [
            ("root", "taken"),
            ("alice", "taken"),
            ("bob", "not-taken symlink"),
            ("carol", "not-taken symlink"),
            ("dave", "not-taken not-a-file"),
            ("erin", "not-taken too-large"),
            ("frank", "not-taken other-owner"),
            ("grace", "not-taken not-a-file"),
            ("heidi", "not-taken not-base32"),
            ("ivan", "not-taken no-home"),
        ] {
            assert_eq!(fate(&rows, user, None), expected, "{user}");
        }
        assert!(summary["counts"]["without_file"].as_u64() > Some(0));
        assert!(rows.iter().all(|row| row["user"] != "judy"));
        for hidden in [BASE32, secret_of_root, "root:"] {
            assert!(!told.out.contains(hidden), "{hidden}");
            assert!(!lab.log().contains(hidden), "{hidden}");
        }
        let listed = tool("root", &["list", "--json"], &[]).out.lines().count();
        assert_eq!(listed, 2, "root and alice alone");
    });
}

#[test]
fn a_pattern_reads_where_a_site_kept_the_files_and_follows_no_link_of_a_users() {
    in_lab(|stage| {
        let _lab = start(stage, &["alice", "bob", "mallory"]);
        let good = format!("{BASE32}\n\" TOTP_AUTH\n");
        fs::create_dir_all("/var/lib/ga").expect("a directory");
        write_for("root", "/var/lib/ga/alice", &good);
        let told = import(&[
            "google-authenticator",
            "--user",
            "alice",
            "--path",
            "/var/lib/ga/${USER}",
        ]);
        told.done();
        // A directory of hers that leads to root's own secret.
        write_for("root", "/root/.google_authenticator", &good);
        symlink("/root", "/home/mallory/.ga").expect("a link");
        fs::create_dir("/home/bob/.ga").expect("a directory");
        write_for("bob", "/home/bob/.ga/.google_authenticator", &good);
        let told = import(&[
            "google-authenticator",
            "--all-homes",
            "--path",
            "${HOME}/.ga/.google_authenticator",
            "--json",
        ]);
        let (rows, _) = rows(&told);
        assert_eq!(fate(&rows, "bob", None), "taken");
        assert_eq!(fate(&rows, "mallory", None), "not-taken symlink");
        import(&[
            "google-authenticator",
            "/home/mallory/.ga/.google_authenticator",
            "--user",
            "mallory",
        ])
        .failed_with(&["cannot import /home/mallory/.ga", "symbolic link"]);
    });
}

#[test]
fn files_that_cannot_be_used_say_why_in_one_sentence() {
    in_lab(|stage| {
        let _lab = start(stage, &["alice"]);
        let failed = |arguments: &[&str], part: &str| {
            import(arguments).failed_with(&["cannot import ", part]);
        };
        failed(&["oath", "/nowhere"], "there is no such file");
        failed(&["oath", "/etc"], "not a regular file");
        failed(&["google-authenticator", "/dev/null"], "not a regular file");
        failed(
            &["google-authenticator", "--user", "alice"],
            "there is no such file",
        );
        failed(
            &["google-authenticator", "--user", "nobody-at-all"],
            "no such user",
        );
        oath_file(&format!("HOTP alice - {HEX}\n"));
        fs::set_permissions(OATH, Permissions::from_mode(0o666)).expect("a mode");
        failed(&["oath", OATH], "others could have written");
        write_for("alice", OATH, &format!("HOTP root - {HEX}\n"));
        failed(&["oath", OATH], "belongs to somebody else");
        let told = tool("alice", &["import", "oath", OATH], &[]);
        told.failed_with(&["cannot import the tokens of root", "Run it as root"]);
        let usage: [&[&str]; 5] = [
            &["google-authenticator"],
            &["google-authenticator", "/x", "--all-homes"],
            &["google-authenticator", "--all-homes", "--path", "/etc/x"],
            &["oath"],
            &["uri"],
        ];
        for wrong in usage {
            assert_eq!(import(wrong).status, 2, "{wrong:?}");
        }
    });
}

#[test]
fn uris_come_from_standard_input() {
    in_lab(|stage| {
        let _lab = start(stage, &["alice"]);
        let uri = format!("otpauth://hotp/Example:alice?secret={BASE32}&counter=7&issuer=Example");
        let lines = [uri.as_str(), "hello"];
        let whole = tool("root", &["import", "uri", "--user", "alice"], &lines);
        assert_eq!(whole.status, 1, "{whole:?}");
        assert!(whole.out.contains("not an otpauth URI"), "{}", whole.out);
        assert!(
            whole.out.contains("Nothing new was taken."),
            "{}",
            whole.out
        );
        let partly = ["import", "uri", "--user", "alice", "--partly"];
        let told = tool("root", &partly, &lines);
        assert_eq!(told.status, 1, "{told:?}");
        assert!(told.out.contains("Example (line 1)"), "{}", told.out);
        let code = Secret::from_uri(&uri).next_code();
        let root = Caller::on_bus("root");
        assert_eq!(root.verify("alice", &code).unwrap(), "accepted");
        tool("root", &["import", "uri", "--user", "alice"], &[&uri]).done();
        tool("root", &["import", "uri", "--user", "alice"], &[])
            .failed_with(&["no otpauth URI came", "Nothing was changed"]);
    });
}

/// The names of a user's tokens and the number of recovery codes, as `status` shows them.
fn has(user: &str) -> (Vec<String>, u64) {
    let status = tool("root", &["status", "--json", "--user", user], &[]);
    let status: Value = serde_json::from_str(&status.out).expect("JSON");
    let tokens = status["tokens"].as_array().cloned().unwrap_or_default();
    let name = |token: &Value| token["name"].as_str().unwrap_or_default().to_owned();
    let codes = status["recovery_codes_left"].as_u64().unwrap_or_default();
    (tokens.iter().map(name).collect(), codes)
}

#[test]
fn a_file_that_was_mended_is_taken_to_its_end() {
    in_lab(|stage| {
        let _lab = start(stage, &["alice", "bob"]);
        let file = |bad: &str| {
            let text = format!("{BASE32}\n\" TOTP_AUTH\n\" FROBNICATE\n12345678\n{bad}\n");
            write_for("alice", &home_file("alice"), &text);
        };
        let google = ["google-authenticator", "--user", "alice"];
        file("8765432x");
        let told = import(&google);
        told.failed_with(&["4 things were not taken"]);
        let squeezed = told.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(squeezed.contains("once line 5 is mended"), "{squeezed}");
        assert_eq!(has("alice"), (vec![], 0));
        import(&[&google[..], &["--partly"]].concat());
        assert_eq!(has("alice"), (vec!["authenticator".into()], 1));

        file("87654321");
        let mended = import(&google);
        assert!(mended.out.contains("Taken: 1 recovery code."), "{mended:?}");
        assert_eq!(has("alice").1, 2);
        let root = Caller::on_bus("root");
        assert_eq!(root.verify("alice", "87654321").unwrap(), "accepted");
        assert_eq!(root.verify("alice", "12345678").unwrap(), "accepted");
        // New ones end those of the file for good.
        tool("root", &["recovery-codes", "--user", "alice"], &[]).done();
        let (tokens, codes) = has("alice");
        let again = import(&google);
        assert!(again.out.contains("newer recovery codes"), "{again:?}");
        assert_eq!(has("alice"), (tokens, codes));
        assert_eq!(root.verify("alice", "87654321").unwrap(), "wrong");

        let other = HEX.replace('3', "4");
        oath_file(&format!("HOTP bob - {HEX}x\nHOTP/T30 bob - {other}\n"));
        assert_eq!(import(&["oath", OATH]).status, 1);
        assert_eq!(has("bob").0, Vec::<String>::new());
        assert_eq!(import(&["oath", OATH, "--partly"]).status, 1);
        oath_file(&format!("HOTP bob - {HEX}\nHOTP/T30 bob - {other}\n"));
        let mended = import(&["oath", OATH, "--json"]);
        mended.done();
        let (rows, _) = rows(&mended);
        assert_eq!(fate(&rows, "bob", Some(1)), "taken");
        assert_eq!(fate(&rows, "bob", Some(2)), "already-there");
        let shown: Vec<_> = rows
            .iter()
            .filter_map(|row| row["token"].as_str())
            .collect();
        assert_eq!(shown, ["oath 2", "oath"]);
        assert_eq!(has("bob").0, ["oath", "oath 2"]);
        import(&["oath", OATH, "--add"]).done();
        assert_eq!(has("bob").0, ["oath", "oath 2"]);
    });
}

/// Two tokens for each of so many users.
fn two_each(lab: &Lab, count: usize) -> Vec<String> {
    let names = lab.add_residents(count);
    let other = HEX.replace('3', "4");
    let lines: String = names
        .iter()
        .flat_map(|name| [HEX, &other].map(|hex| format!("HOTP {name} - {hex}\n")))
        .collect();
    oath_file(&lines);
    names
}

/// How many users have both tokens. Nobody has one of them.
fn whole() -> usize {
    let listed = tool("root", &["list", "--json"], &[]);
    listed.done();
    let whole = |line: &str| {
        let entry: Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(entry["tokens"].as_array().map(Vec::len), Some(2), "{entry}");
    };
    listed.out.lines().map(whole).count()
}

#[test]
fn an_import_during_which_the_daemon_dies_leaves_nobody_with_half() {
    in_lab(|stage| {
        let lab = stage.road(Road::Bus).start();
        let names = two_each(&lab, 40);
        for seed in 0..3 {
            let killer = Killer::start(seed);
            let told = import(&["oath", OATH, "--json"]);
            assert!(killer.stop() > 0, "{told:?}");
            assert!(whole() <= names.len());
        }
        import(&["oath", OATH]).done();
        assert_eq!(whole(), names.len());
    });
}

#[test]
fn an_import_that_fills_the_disk_leaves_nobody_with_half_and_goes_on_when_there_is_room() {
    in_lab(|stage| {
        let lab = stage.road(Road::Bus).start();
        let _disk = SmallDisk::under_the_state();
        let names = two_each(&lab, 500);
        let told = import(&["oath", OATH, "--json"]);
        told.failed_with(&["were not taken"]);
        let (rows, summary) = rows(&told);
        let last = names.last().expect("a user");
        assert_eq!(fate(&rows, last, Some(1000)), "not-taken not-stored");
        let taken = summary["counts"]["users"].as_u64();
        assert!(taken > Some(0), "{summary}");
        assert_eq!(whole() as u64, taken.unwrap_or_default());
        Program::new("mount")
            .args(["-o", "remount,size=4m", countersign_tests::STATE])
            .text();
        import(&["oath", OATH]).done();
        assert_eq!(whole(), names.len());
        assert!(Path::new(OATH).exists(), "nothing is removed");
    });
}
