//! A login by pamtester: the quickest program that asks PAM, with or without root's rights.

use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use countersign_tests::{Lab, Program};

/// What the person reads when there is no answer that counts.
pub const CANNOT_BE_CHECKED: &str = "The second factor cannot be checked right now.";
/// What pamtester says then: `PAM_AUTHINFO_UNAVAIL`, in PAM's words.
const UNAVAILABLE: &str = "Authentication service cannot retrieve authentication info";
/// What pamtester says of one that is let in.
const LET_IN: &str = "successfully authenticated";
/// Sent to the log when a login is over.
const MARK: &str = "the-login-is-over";
const PATIENCE: Duration = Duration::from_secs(10);

/// A PAM service with the module alone.
pub struct Door<'l> {
    lab: &'l Lab,
    /// The time limit that the module keeps, and a second for the program around it.
    limit: Duration,
}

/// A login that is over.
pub struct Attempt {
    text: String,
    let_in: bool,
    took: Duration,
    /// What came to the log since it began, once it is all there.
    log: String,
}

impl<'l> Door<'l> {
    /// A door whose module waits a second, to be quick.
    pub fn hasty(lab: &'l Lab) -> Self {
        Self::new(lab, "timeout=1 retries=1", 1)
    }

    /// A door as shipped: five seconds.
    pub fn shipped(lab: &'l Lab) -> Self {
        Self::new(lab, "", 5)
    }

    /// A door with these options, `seconds` of which are the module's.
    pub fn new(lab: &'l Lab, options: &str, seconds: u64) -> Self {
        let stack = format!("auth required pam_countersign.so {options}\n");
        fs::write("/etc/pam.d/door", stack).expect("a stack for pamtester");
        Self {
            lab,
            limit: Duration::from_secs(seconds + 1),
        }
    }

    /// Root's program asks for alice's code and gets this one.
    pub fn try_code(&self, code: &str) -> Attempt {
        self.attempt("root", code)
    }

    /// Alice's own program, without rights, asks her for her code and gets this one.
    pub fn try_code_unprivileged(&self, code: &str) -> Attempt {
        self.attempt("alice", code)
    }

    fn attempt(&self, run_as: &str, code: &str) -> Attempt {
        let before = self.lab.log().len();
        let begun = Instant::now();
        let output = Program::as_user(run_as, "pamtester")
            .args(["door", "alice", "authenticate"])
            .input(&format!("{code}\n"))
            .output();
        let took = begun.elapsed();
        let let_in = output.status.success();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        assert_eq!(let_in, text.contains(LET_IN), "{text}");
        assert!(
            took < self.limit,
            "took {took:?} of {:?}:\n{text}",
            self.limit
        );
        // Another process writes the log, in order: when the mark is there, so is the rest.
        let log = || self.lab.log().split_off(before);
        Program::new("logger").arg(MARK).text();
        wait_until("the log is written", || log().contains(MARK));
        let log = log();
        Attempt {
            text,
            let_in,
            took,
            log,
        }
    }
}

impl Attempt {
    /// Checks that it let in.
    pub fn let_in(&self) {
        assert!(self.let_in, "{}\nthe log:\n{}", self.text, self.log);
    }

    /// Checks that it did not, that the person and PAM were told that there is no answer, and that
    /// the log says why. Where chance decides which of several reasons it is, `|` stands between them.
    pub fn unavailable(&self, why: &str) {
        let Self {
            text, let_in, log, ..
        } = self;
        assert!(!let_in, "let in, with the log:\n{log}");
        assert!(
            text.contains(CANNOT_BE_CHECKED) && text.contains(UNAVAILABLE),
            "{text}"
        );
        assert!(
            log.contains("the second factor cannot be checked")
                && why.split('|').any(|why| log.contains(why)),
            "should say '{why}', but the log says:\n{log}"
        );
    }

    /// Checks that it was refused by somebody who looked at the code.
    pub fn refused_as_wrong(&self) {
        assert!(
            !self.let_in && self.text.contains("That code is not right."),
            "{}\nthe log:\n{}",
            self.text,
            self.log
        );
    }

    /// What pamtester printed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What came to the log meanwhile.
    pub fn log(&self) -> &str {
        &self.log
    }

    /// From start to end.
    pub fn took(&self) -> Duration {
        self.took
    }
}

/// Waits for something that takes a moment.
pub fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain until {what}");
        sleep(Duration::from_millis(5));
    }
}
