//! `make demo`: Countersign from enrollment to login, with what the person sees, in a lab. Ends
//! with a list of what was checked, and fails if anything on it is not as it should be.

#![allow(
    clippy::expect_used,
    reason = "a demonstration that cannot go on stops and says why"
)]

use std::env;
use std::io::{IsTerminal, stdin};
use std::process::{Command, ExitCode};
use std::thread::sleep;
use std::time::Duration;

use countersign_tests::{Heard, Lab, Outcome, Program, Secret, Stage, Terminal, Visit};

const PASSWORD: &str = "correct horse";

fn main() -> ExitCode {
    title("A host with sshd, sudo and su; Countersign is installed, alice has an account");
    let lab = Stage::inside()
        .user("alice", PASSWORD)
        .user("bob", PASSWORD)
        .start();
    if env::var_os("INTERACTIVE").is_some_and(|value| value == "1") && stdin().is_terminal() {
        return by_hand();
    }
    let mut list = Checklist::default();
    before(&lab, &mut list);
    let mut secret = enroll(&mut list);
    log_in(&lab, &mut list, &mut secret);
    become_root(&lab, &mut list, &mut secret);
    lose_the_phone(&lab, &mut list);
    leave_no_trace(&lab, &mut list, &secret);
    list.print()
}

fn before(lab: &Lab, list: &mut Checklist) {
    title("Before: alice logs in with her password alone");
    let visit = lab.ssh("alice").password(PASSWORD).go();
    show("ssh alice@lab", &visit);
    list.check(
        "who is not enrolled logs in as before",
        visit.outcome() == Outcome::LetIn,
    );
    list.check("… and is asked for no code", visit.code_prompts() == 0);
}

/// Enrolls alice as a person would, with the saved picture in place of a phone's camera.
fn enroll(list: &mut Checklist) -> Secret {
    title("alice enrolls: countersign enroll --save qr.png");
    let picture = "/home/alice/qr.png";
    let command = [
        "runuser",
        "-u",
        "alice",
        "--",
        "countersign",
        "enroll",
        "--save",
        picture,
    ];
    let mut terminal = Terminal::start(&command.map(str::to_owned));
    let mut ended = Heard::More;
    while ended == Heard::More && !terminal.text().trim_end_matches(' ').ends_with(':') {
        ended = terminal.listen();
    }
    let uri = Program::new("zbarimg")
        .args(["--quiet", "--raw", picture])
        .text();
    let mut secret = Secret::from_uri(uri.trim());
    terminal.type_line(&secret.next_code());
    while terminal.listen() == Heard::More {}
    println!("{}", terminal.text());
    list.check(
        "the saved QR code holds an otpauth URI",
        uri.starts_with("otpauth://totp/"),
    );
    let status = Program::as_user("alice", "countersign")
        .args(["status", "--json"])
        .text();
    list.check(
        "a code of oathtool activated it",
        status.replace(' ', "").contains("\"enrolled\":true"),
    );
    secret
}

fn log_in(lab: &Lab, list: &mut Checklist, secret: &mut Secret) {
    title("alice logs in over SSH: password, then code");
    let ssh = || lab.ssh("alice").password(PASSWORD);
    let code = secret.next_code();
    let visit = ssh().code(&code).go();
    show("ssh alice@lab", &visit);
    list.check(
        "password and code let in over SSH",
        visit.outcome() == Outcome::LetIn,
    );

    title("Somebody who looked over her shoulder types the same code again");
    let visit = ssh().code(&code).code(&code).code(&code).go();
    show("ssh alice@lab", &visit);
    list.check(
        "a code that was used does not let in",
        visit.outcome() == Outcome::Refused,
    );
    let used = visit
        .transcript()
        .contains("That code was used already: wait for the next one.");
    list.check("… and the person reads why", used);

    title("Somebody who knows the password guesses");
    let visit = ssh().code(&secret.wrong_code()).go();
    show("ssh alice@lab", &visit);
    list.check(
        "a wrong code does not let in",
        visit.outcome() == Outcome::Refused,
    );
    let wrong = visit.transcript().contains("That code is not right.");
    list.check("… and the person reads why", wrong);
}

fn become_root(lab: &Lab, list: &mut Checklist, secret: &mut Secret) {
    title("alice uses sudo, with the next code that her app shows (up to 30 s)");
    while secret.steps_ahead() > 1 {
        sleep(Duration::from_millis(200));
    }
    let visit = lab
        .sudo("alice")
        .password(PASSWORD)
        .code(&secret.next_code())
        .go();
    show("sudo id", &visit);
    list.check(
        "password and code make her root",
        visit.transcript().contains("let-in:root"),
    );
}

fn lose_the_phone(lab: &Lab, list: &mut Checklist) {
    title("alice lost her phone: root lets her in once with a temporary code");
    let unlock = Program::new("countersign")
        .args(["unlock", "alice", "--temporary-code", "--json"])
        .text();
    let code = unlock
        .split('"')
        .skip_while(|part| *part != "temporary_code")
        .nth(2)
        .unwrap_or_default()
        .to_owned();
    let visit = lab.ssh("alice").password(PASSWORD).code(&code).go();
    show("ssh alice@lab", &visit);
    list.check(
        "a temporary code lets in",
        visit.outcome() == Outcome::LetIn,
    );
    let visit = lab.ssh("alice").password(PASSWORD).code(&code).go();
    list.check("… once", visit.outcome() == Outcome::Refused);
    let all = Program::new("countersign").arg("list").text();
    println!("root$ countersign list\n{all}");
    list.check(
        "root sees who is enrolled",
        all.contains("alice") && !all.contains("bob"),
    );
}

fn leave_no_trace(lab: &Lab, list: &mut Checklist, secret: &Secret) {
    title("What the log says");
    let log = lab.log();
    for line in log.lines().filter(|line| line.contains("countersign")) {
        println!("{line}");
    }
    let all = log + &lab.daemon_output();
    list.check("no log has the secret key", !all.contains(secret.base32()));
}

/// Leaves enrolling and logging in to the person at the terminal.
fn by_hand() -> ExitCode {
    let run = |command: &str| {
        // A terminal of the lab's own: the host's cannot be named in here.
        Command::new("script")
            .args(["--quiet", "--command", command, "/dev/null"])
            .status()
    };
    title("Scan the QR code with your phone, then type the code that it shows");
    let enrolled =
        run("runuser -u alice -- countersign enroll").is_ok_and(|status| status.success());
    println!(
        "\nNow you are root in the lab. Log in as alice (password: {PASSWORD}) with:\n\n    \
         ssh -o PubkeyAuthentication=no alice@127.0.0.1\n\n\
         and try sudo once you are in. The log is /var/log/lab.log. `exit` ends the lab.\n"
    );
    let shell = run("bash");
    if enrolled && shell.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn title(text: &str) {
    println!("\n== {text}\n");
}

fn show(command: &str, visit: &Visit) {
    println!("$ {command}");
    for line in visit
        .transcript()
        .lines()
        .filter(|line| !line.trim().is_empty())
    {
        println!("  {line}");
    }
    let end = match visit.outcome() {
        Outcome::LetIn => "is in",
        Outcome::Refused => "stays out",
    };
    println!("  ({end}, after {} ms)", visit.took().as_millis());
}

/// What was seen, to be read at the end.
#[derive(Default)]
struct Checklist(Vec<(String, bool)>);

impl Checklist {
    fn check(&mut self, what: &str, seen: bool) {
        self.0.push((what.to_owned(), seen));
    }

    fn print(&self) -> ExitCode {
        title("What was seen");
        for (what, seen) in &self.0 {
            println!("  {}  {what}", if *seen { "yes" } else { " NO" });
        }
        let failed = self.0.iter().filter(|(_, seen)| !seen).count();
        println!("\n{} passed, {failed} failed", self.0.len() - failed);
        if failed == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}
