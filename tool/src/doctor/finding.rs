use serde::Serialize;

/// What is looked at. The order is that of the report.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    /// The message bus, and what the packages put there for it.
    Bus,
    /// The daemon and its login socket.
    Daemon,
    /// The clock.
    Clock,
    /// sshd's settings.
    Sshd,
    /// The PAM stacks, and the module that they name.
    Pam,
    /// The configuration and the rules in it.
    Policy,
    /// Who is enrolled, and where that is kept.
    Store,
}

impl Subject {
    /// All of them, in order.
    pub const ALL: [Self; 7] = [
        Self::Bus,
        Self::Daemon,
        Self::Clock,
        Self::Sshd,
        Self::Pam,
        Self::Policy,
        Self::Store,
    ];
}

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Somebody is kept out, or let in without a code.
    Error,
    /// It works, and not as it should.
    Warning,
    /// Good to know.
    Note,
}

/// One thing that was found.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Finding {
    /// What it is about.
    pub subject: Subject,
    /// How bad it is.
    pub severity: Severity,
    /// Its name for programs; the same in every language.
    pub id: &'static str,
    /// What is wrong, in one sentence.
    pub what: String,
    /// A line of shell that mends it, or shows what is in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mend: Option<String>,
}

impl Finding {
    /// Somebody is kept out, or let in without a code.
    pub const fn error(subject: Subject, id: &'static str, what: String) -> Self {
        Self::new(subject, Severity::Error, id, what)
    }

    /// It works, and not as it should.
    pub const fn warning(subject: Subject, id: &'static str, what: String) -> Self {
        Self::new(subject, Severity::Warning, id, what)
    }

    /// Good to know.
    pub const fn note(subject: Subject, id: &'static str, what: String) -> Self {
        Self::new(subject, Severity::Note, id, what)
    }

    const fn new(subject: Subject, severity: Severity, id: &'static str, what: String) -> Self {
        Self {
            subject,
            severity,
            id,
            what,
            mend: None,
        }
    }

    /// The line of shell that mends it.
    #[must_use]
    pub fn mend(mut self, command: impl Into<String>) -> Self {
        self.mend = Some(command.into());
        self
    }
}

/// All that was found.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize)]
pub struct Findings {
    /// What was found.
    pub findings: Vec<Finding>,
    /// What could not be looked at, and why.
    pub unseen: Vec<String>,
}

impl Findings {
    /// How many there are of that severity.
    pub fn count(&self, severity: Severity) -> usize {
        let same = |finding: &&Finding| finding.severity == severity;
        self.findings.iter().filter(same).count()
    }
}
