//! Codes, otpauth URIs and QR codes against programs that know nothing of Countersign: oathtool,
//! pyotp, zbarimg.

use countersign_tests::{Lab, Program, Secret, Stage, in_lab, on_both_roads};

const PASSWORD: &str = "her password";

fn alice(stage: Stage) -> Lab {
    stage
        .config("[totp]\nwindow = 10\n")
        .user("alice", PASSWORD)
        .start()
}

/// Runs Python with pyotp; `script` reads the otpauth URI from standard input.
fn pyotp(script: &str, uri: &str) -> String {
    let missing = std::path::Path::new("/opt/lab-python/MISSING");
    assert!(
        !missing.exists(),
        "{}: remove the lab's layer from the target directory and run again where one has it",
        std::fs::read_to_string(missing).unwrap_or_default().trim()
    );
    let script = format!("import pyotp, sys\nuri = sys.stdin.read().strip()\n{script}");
    Program::new("python3")
        .args(["-c", &script])
        .env("PYTHONPATH", "/opt/lab-python")
        .input(uri)
        .text()
        .trim()
        .to_owned()
}

/// What a phone's camera would read in a picture.
fn scan(picture: &str) -> String {
    let uri = Program::new("zbarimg")
        .args(["--quiet", "--raw", picture])
        .text();
    uri.trim().to_owned()
}

#[test]
fn codes_of_oathtool_let_in() {
    on_both_roads(|stage| {
        let lab = alice(stage);
        let mut secret = lab.enroll("alice");
        for _login in 0..3 {
            let code = secret.next_code();
            lab.ssh("alice")
                .password(PASSWORD)
                .code(&code)
                .go()
                .let_in_as("alice");
        }
    });
}

#[test]
fn codes_of_pyotp_let_in() {
    on_both_roads(|stage| {
        let lab = alice(stage);
        let secret = lab.enroll("alice");
        let script = "import time\nprint(pyotp.parse_uri(uri).at(time.time() + 60))";
        let code = pyotp(script, secret.uri());
        lab.ssh("alice")
            .password(PASSWORD)
            .code(&code)
            .go()
            .let_in_as("alice");
    });
}

#[test]
fn pyotp_and_oathtool_read_the_same_codes_from_the_uri() {
    in_lab(|stage| {
        let lab = alice(stage);
        for (user, options) in [
            ("plain", &[][..]),
            ("sha256", &["--algorithm", "SHA256"]),
            ("sha512", &["--algorithm", "SHA512", "--digits", "8"]),
            ("minute", &["--digits", "7", "--period", "60"]),
        ] {
            lab.add_user(user, PASSWORD);
            let secret = lab.enroll_with(user, options);
            let now = "import time\nprint(pyotp.parse_uri(uri).at(time.time()))";
            // The clock may tick between the two programs, so one of three in a row must agree.
            let near = [secret.code(-1), secret.code(0), secret.code(1)];
            assert!(near.contains(&pyotp(now, secret.uri())), "{options:?}");
            let account = pyotp("print(pyotp.parse_uri(uri).name)", secret.uri());
            assert_eq!(account, user, "{options:?}");
        }
    });
}

#[test]
fn other_algorithms_lengths_and_periods_let_in() {
    in_lab(|stage| {
        let lab = alice(stage);
        for (user, options) in [
            ("sha256", &["--algorithm", "SHA256"][..]),
            ("sha512", &["--algorithm", "SHA512", "--digits", "8"]),
            ("minute", &["--digits", "7", "--period", "60"]),
            ("hotp", &["--kind", "hotp"]),
        ] {
            lab.add_user(user, PASSWORD);
            let mut secret = lab.enroll_with(user, options);
            let code = secret.next_code();
            lab.ssh(user)
                .password(PASSWORD)
                .code(&code)
                .go()
                .let_in_as(user);
        }
    });
}

#[test]
fn saved_pictures_hold_the_uri_that_was_enrolled() {
    in_lab(|stage| {
        let lab = alice(stage);
        for kind in ["jpg", "png", "svg"] {
            let user = format!("{kind}-user");
            lab.add_user(&user, PASSWORD);
            let file = format!("/home/{user}/qr.{kind}");
            let secret = lab.enroll_with(&user, &["--save", &file]);
            let mode = Program::new("stat").args(["--format=%a %U", &file]).text();
            assert_eq!(mode.trim(), format!("600 {user}"));
            let seen = if kind == "svg" {
                let png = format!("/home/{user}/drawn.png");
                Program::new("rsvg-convert")
                    .args(["--output", &png, &file])
                    .text();
                scan(&png)
            } else {
                scan(&file)
            };
            assert_eq!(seen, secret.uri(), "{kind}");
            // A phone that has only this picture gives codes that let in.
            let mut phone = Secret::from_uri(&seen);
            let _spent_by_enrolling = phone.next_code();
            let code = phone.next_code();
            lab.ssh(&user)
                .password(PASSWORD)
                .code(&code)
                .go()
                .let_in_as(&user);
        }
    });
}
