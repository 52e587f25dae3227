//! A module that panics in the middle of a login.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use countersign_tests::{Lab, Outcome, Program, Stage, in_lab};

use crate::door::{Door, wait_until};

const PASSWORD: &str = "her password";
/// What the panic says: nobody may see it.
const PAYLOAD: &str = "injected";
const LINE: &str = "the module broke (a panic) and refuses the login";
/// What PAM calls `PAM_SYSTEM_ERR`.
const SYSTEM_ERROR: &str = "System error";

/// The target directory of a module that can be told to panic, apart from that of the module that
/// is shipped.
fn directory() -> PathBuf {
    let program = env::current_exe().expect("the path of the running test");
    let target = program
        .ancestors()
        .nth(3)
        .expect("target/debug/deps/program");
    target.join("fault")
}

/// Builds the module, outside the lab.
fn build() {
    if env::var_os("COUNTERSIGN_LAB_TEST").is_some() {
        return; // inside
    }
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--quiet", "--locked", "--package=pam_countersign"])
        .args(["--features=fault-injection", "--target-dir"])
        .arg(directory())
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .status()
        .expect("cargo runs");
    assert!(built.success(), "the module with faults cannot be built");
}

/// A host on which that module is installed in place of the shipped one.
fn with_faults(stage: Stage) -> Lab {
    let lab = stage
        .user("alice", PASSWORD)
        .user("bob", PASSWORD)
        .module_options("panic")
        .start();
    let module = directory().join("debug/libpam_countersign.so");
    fs::copy(module, lab.module()).expect("the module with faults");
    lab
}

#[test]
fn a_panic_refuses_the_login_and_the_program_lives() {
    build();
    in_lab(|stage| {
        let lab = with_faults(stage);
        let mut secret = lab.enroll("alice");
        let code = secret.next_code();
        let attempt = Door::new(&lab, "panic", 5).try_code(&code);
        assert!(attempt.text().contains(SYSTEM_ERROR), "{}", attempt.text());
        assert!(attempt.log().contains(LINE), "{}", attempt.log());
        for login in [
            lab.sudo("alice"),
            lab.su("bob", "alice"),
            lab.login("alice"),
            lab.ssh("alice"),
        ] {
            let visit = login.password(PASSWORD).code(&code).go();
            assert_eq!(visit.outcome(), Outcome::Refused, "{}", visit.transcript());
            assert_eq!(visit.code_prompts(), 0, "{}", visit.transcript());
            for word in [PAYLOAD, "panic", "RUST_BACKTRACE", "flow.rs"] {
                assert!(!visit.transcript().contains(word), "{}", visit.transcript());
            }
            assert!(
                !visit.transcript().contains("dumped") && !visit.transcript().contains("Aborted"),
                "{}",
                visit.transcript()
            );
        }
        wait_until("each has its line in the log", || {
            lab.log().matches(LINE).count() == 5
        });
        assert!(!lab.log().contains(PAYLOAD), "{}", lab.log());
        // One who is asked for no code does not come to the place where it panics.
        lab.sudo("bob").password(PASSWORD).go().let_in_as("root");
    });
}

#[test]
fn a_panic_writes_nothing_into_the_program_that_loaded_the_module() {
    build();
    in_lab(|stage| {
        let lab = with_faults(stage);
        let _secret = lab.enroll("alice");
        let _door = Door::new(&lab, "panic", 5);
        let output = Program::new("pamtester")
            .args(["door", "alice", "authenticate"])
            .env("RUST_BACKTRACE", "full")
            .output();
        assert!(output.stdout.is_empty(), "{output:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(said, format!("pamtester: {SYSTEM_ERROR}\n"));
    });
}

#[test]
fn the_shipped_module_cannot_be_told_to_panic() {
    in_lab(|stage| {
        let lab = stage.user("alice", PASSWORD).start();
        let mut secret = lab.enroll("alice");
        let attempt = Door::new(&lab, "panic", 5).try_code(&secret.next_code());
        attempt.let_in();
        let line = "option panic: this version does not know it; it is ignored";
        assert!(attempt.log().contains(line), "{}", attempt.log());
        let strings = Program::new("strings").arg("-a").arg(lab.module()).text();
        assert!(
            !strings.contains("injected by the option"),
            "the module holds the fault"
        );
        assert!(
            strings.contains("The second factor cannot be checked"),
            "not the module's strings"
        );
    });
}
