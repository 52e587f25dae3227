//! The shells complete verbs, flags and the names of users and tokens, with the installed files.

#![allow(
    clippy::expect_used,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

use countersign_tests::{Heard, Lab, Program, Stage, Terminal, in_lab};

/// Two people of whom one is enrolled, with a phone and a tablet.
fn start(stage: Stage) -> Lab {
    let lab = stage.user("alice", "a").user("albert", "b").start();
    lab.enroll_with("alice", &["--name", "telephone"]);
    lab
}

/// What bash offers for the last of these words, with what its own loader finds for the command's name.
fn bash(user: &str, words: &[&str]) -> Vec<String> {
    const ASK: &str = r#"
        . /usr/share/bash-completion/bash_completion
        _completion_loader countersign
        complete -p countersign | grep -q '_clap_complete_countersign' || echo 'nothing was loaded'
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_TYPE=9
        _clap_complete_countersign countersign "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
        printf '%s\n' "${COMPREPLY[@]}""#;
    let shell = match user {
        "root" => Program::new("bash"),
        _ => Program::as_user(user, "bash"),
    };
    let offered = shell
        .args(["-c", ASK, "bash", "countersign"])
        .args(words)
        .text();
    offered.lines().map(|line| line.trim().to_owned()).collect()
}

#[test]
fn bash_completes_verbs_flags_and_names() {
    in_lab(|stage| {
        let _lab = start(stage);
        assert!(bash("alice", &["recov"]).contains(&"recovery-codes".to_owned()));
        assert!(bash("alice", &["enroll", "--no-"]).contains(&"--no-qr".to_owned()));
        // An administrator is offered who is enrolled, anybody else the people of the machine.
        assert_eq!(bash("root", &["unlock", "al"]), ["alice"]);
        assert_eq!(
            bash("alice", &["status", "--user", "al"]),
            ["alice", "albert"]
        );
        // Tokens are the own ones, or those of the user on the line.
        assert_eq!(bash("alice", &["disable", "--name", "t"]), ["telephone"]);
        let of_alice = ["disable", "--user", "alice", "--name", ""];
        assert_eq!(bash("root", &of_alice), ["telephone"]);
        assert_eq!(bash("albert", &of_alice), [""], "what albert may not see");
    });
}

#[test]
fn a_shell_is_answered_in_silence_when_the_daemon_cannot_be_asked() {
    in_lab(|stage| {
        let mut lab = start(stage);
        lab.daemon().freeze();
        assert_eq!(bash("alice", &["disable", "--name", "t"]), [""]);
        assert_eq!(bash("root", &["unlock", "al"]), ["alice", "albert"]);
        lab.daemon().thaw();
    });
}

#[test]
fn fish_completes_names() {
    in_lab(|stage| {
        let _lab = start(stage);
        let offered = Program::new("fish")
            .env("HOME", "/root")
            .args(["-c", "complete -C 'countersign unlock al'"])
            .text();
        assert_eq!(offered.trim(), "alice");
    });
}

#[test]
fn zsh_completes_names() {
    in_lab(|stage| {
        let _lab = start(stage);
        let mut shell = Terminal::start(&["zsh", "-f", "-i"].map(str::to_owned));
        shell.type_line("autoload -Uz compinit; compinit -u; print rea''dy");
        until(&mut shell, "\nready");
        shell.type_line("countersign unlock ali\t --no-such-flag; print do''ne");
        until(&mut shell, "\ndone");
        assert!(
            shell.text().contains("countersign unlock alice"),
            "{}",
            shell.text()
        );
    });
}

fn until(shell: &mut Terminal, shown: &str) {
    while !shell.text().contains(shown) {
        assert_eq!(shell.listen(), Heard::More, "{}", shell.text());
    }
}
