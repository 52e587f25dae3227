//! What people read in another language than English, in real programs.

use countersign_tests::{Lab, Secret, Stage, on_both_roads};

const PASSWORD: &str = "her password";
const WRONG: &str = "Ce code n’est pas le bon.";
const USED: &str = "Ce code a déjà servi\u{a0}: attendez le suivant.";
/// The last word of sshd, which the client would otherwise show as octal numbers.
const THROTTLED: &str = "Trop de codes errones : reessayez dans ";

const LEFT: &str = "C’était un code de secours\u{a0}: il en reste 9.";

/// Alice is enrolled on a host that speaks French.
fn alice_in_french(stage: Stage) -> (Lab, Secret) {
    let lab = stage
        .config("language = \"fr\"\n[totp]\nwindow = 10\n")
        .user("alice", PASSWORD)
        .start();
    let secret = lab.enroll("alice");
    (lab, secret)
}

#[test]
fn ssh_speaks_the_language_of_the_configuration() {
    on_both_roads(|stage| {
        let (lab, mut secret) = alice_in_french(stage);
        let ssh = || lab.ssh("alice").password(PASSWORD);
        let (wrong, right) = (secret.wrong_code(), secret.next_code());
        let visit = ssh().code(&wrong).code(&right).go();
        visit.let_in_as("alice");
        assert!(visit.transcript().contains(WRONG), "{}", visit.transcript());

        let visit = ssh().code(&right).code(&wrong).code(&wrong).go();
        visit.refused_with(USED);
        let visit = ssh().code(&wrong).code(&wrong).code(&wrong).go();
        visit.refused_with(THROTTLED);
    });
}

#[test]
fn ssh_tells_in_french_how_many_recovery_codes_are_left() {
    on_both_roads(|stage| {
        let (lab, secret) = alice_in_french(stage);
        let recovery = secret.recovery_codes().first().expect("a recovery code");
        let visit = lab.ssh("alice").password(PASSWORD).code(recovery).go();
        visit.let_in_as("alice");
        let told = visit.transcript();
        assert!(told.contains(LEFT), "{told}");
    });
}

#[test]
fn sudo_speaks_the_language_of_the_configuration() {
    on_both_roads(|stage| {
        let (lab, mut secret) = alice_in_french(stage);
        let sudo = || lab.sudo("alice").password(PASSWORD);
        let (wrong, right) = (secret.wrong_code(), secret.next_code());
        let visit = sudo().code(&wrong).code(&right).go();
        visit.let_in_as("root");
        assert!(visit.transcript().contains(WRONG), "{}", visit.transcript());
        sudo().code(&right).code(&wrong).go().refused_with(USED);
    });
}

#[test]
fn a_host_whose_daemon_is_away_speaks_english() {
    on_both_roads(|stage| {
        let (mut lab, _) = alice_in_french(stage);
        lab.daemon().remove();
        lab.ssh("alice")
            .password(PASSWORD)
            .go()
            .refused_with("The second factor cannot be checked right now.");
    });
}
