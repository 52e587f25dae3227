use std::fs;

/// What the login services of a lab ask for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stack {
    /// The password alone, as before Countersign was installed; it is not installed.
    Plain,
    /// The password alone; Countersign is installed, and no stack names it.
    Installed,
    /// The password, then the code.
    PasswordAndCode,
    /// As [`Self::PasswordAndCode`], but sshd takes a key and its PAM stack asks for the code alone.
    KeyAndCode,
}

/// The services whose stacks a lab edits. `su-l` and `sudo-i` include `su` and `sudo`'s parts.
const SERVICES: [&str; 4] = ["login", "sshd", "su", "sudo"];
const FIRST_FACTOR: &str = "@include common-auth";

/// Edits `/etc/pam.d` as an administrator would.
pub fn set(stack: Stack, module_options: &str) {
    edit("common-auth", |stack| {
        assert!(
            stack.contains("pam_unix.so"),
            "common-auth has no pam_unix.so:\n{stack}"
        );
        // Two seconds for each refusal would be most of the time the tests take.
        stack.replace("pam_unix.so", "pam_unix.so nodelay")
    });
    edit("login", |stack| {
        stack.replace("pam_faildelay.so", "pam_permit.so")
    });
    fs::write(
        "/etc/pam.d/vlock",
        format!("{FIRST_FACTOR}\n@include common-account\n"),
    )
    .expect("a stack for the screen locker");
    if matches!(stack, Stack::Plain | Stack::Installed) {
        return;
    }
    let module = format!("auth required pam_countersign.so {module_options}");
    for service in SERVICES.into_iter().chain(["vlock"]) {
        let lines = match (stack, service) {
            // pam_permit: a stack in which every module says "not mine" refuses.
            (Stack::KeyAndCode, "sshd") => format!("{module}\nauth required pam_permit.so"),
            _ => format!("{FIRST_FACTOR}\n{module}"),
        };
        edit(service, |stack| {
            assert!(
                stack.lines().filter(|line| *line == FIRST_FACTOR).count() == 1,
                "the stack of {service} has no line '{FIRST_FACTOR}':\n{stack}"
            );
            stack.replacen(FIRST_FACTOR, &lines, 1)
        });
    }
}

fn edit(service: &str, change: impl FnOnce(&str) -> String) {
    let path = format!("/etc/pam.d/{service}");
    let stack =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("cannot read {path}: {error}"));
    fs::write(&path, change(&stack)).unwrap_or_else(|error| panic!("cannot write {path}: {error}"));
}
