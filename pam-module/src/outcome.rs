//! The one table of how a login can end: the code for PAM, the sentence for the person and the
//! line for the log.

use countersign_bus::{Spent, UserNameError};
use countersign_words::{Words, say};
use pam::constants::PamResultCode;

use crate::failure::Failure;
use crate::log::Level;
use crate::options::Unavailable;
use crate::person::Tone;

/// How a login, or one code of it, ended.
#[derive(Debug)]
pub enum Outcome {
    /// The daemon says that this login needs no code.
    NotNeeded,
    /// The code was right.
    Accepted {
        /// Set when it was a recovery code: how many are left.
        recovery_codes_left: Option<u32>,
    },
    /// The code was not right, or cannot be a code.
    Wrong,
    /// The code was right, but accepted before.
    Used {
        /// Set when it is spent for good: waiting for the next one is of no use.
        spent: Option<Spent>,
    },
    /// The code was not looked at, for a while.
    Throttled {
        /// Seconds to wait, when the daemon said so.
        retry_after: Option<u32>,
    },
    /// The code was not looked at, until somebody unlocks the account.
    Locked,
    /// The user must enroll first, and cannot do it here.
    MustEnroll,
    /// The user was asked to enroll in this login.
    Enrollment(Enrollment),
    /// The daemon says no, whatever the code.
    Denied,
    /// No account can have this name.
    BadUserName(UserNameError),
    /// `PAM_USER` became another while the person was typing.
    UserChanged,
    /// `use_first_pass`, and no module before us asked for a password.
    NoPassword,
    /// The password could not be handed to the next module.
    NotForwarded,
    /// The question could not be put.
    ConversationFailed,
    /// There is no answer that counts.
    Unavailable(Failure),
    /// The module itself broke.
    Panicked,
}

/// How an enrollment in the middle of a login ended.
#[derive(Debug)]
pub enum Enrollment {
    /// The user enrolled, and it counts.
    Done,
    /// The user enrolled. It counts once the login has succeeded.
    Confirmed,
    /// The user enrolled, and then the daemon did not have it count.
    NotKept(Failure),
    /// The user may enroll later, and does.
    PutOff,
    /// The user may not enroll later, and did not now.
    Refused,
    /// No code of the new token was right.
    NotConfirmed,
    /// PAM did not take what would have it count at the end of the login.
    Lost,
    /// The daemon could not be asked.
    Failed {
        /// Why.
        failure: Failure,
        /// Whether the user may enroll later.
        later: Later,
    },
}

/// May an enrollment that the policy asks for be put off?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Later {
    /// Until that second of Unix time.
    Until(u64),
    /// No.
    Never,
}

/// A line of the table.
#[derive(PartialEq, Eq, Debug)]
pub struct Row {
    /// What PAM is told.
    pub code: PamResultCode,
    /// What the person reads.
    pub sentence: Option<(Tone, String)>,
    /// How loudly it is logged.
    pub level: Level,
    /// What is logged.
    pub line: String,
}

impl Outcome {
    /// The table. `unavailable` is the option of that name; the sentence is one of `words`, the
    /// line for the log is English.
    pub fn row(&self, unavailable: Unavailable, words: &Words) -> Row {
        use PamResultCode as Pam;
        match self {
            Self::NotNeeded => quiet(Pam::PAM_IGNORE, Level::Debug, "no code is needed"),
            Self::Accepted {
                recovery_codes_left: None,
            } => quiet(Pam::PAM_SUCCESS, Level::Info, "the code was accepted"),
            Self::Accepted {
                recovery_codes_left: Some(left),
            } => Row {
                code: Pam::PAM_SUCCESS,
                sentence: Some((
                    Tone::Info,
                    say!(words, "login-recovery-code", "left" = *left),
                )),
                level: Level::Info,
                line: format!("a recovery code was accepted; left: {left}"),
            },
            Self::Wrong => refusal(
                Pam::PAM_AUTH_ERR,
                say!(words, "login-wrong"),
                Level::Notice,
                "the code was not right",
            ),
            Self::Used { spent } => used(*spent, words),
            Self::Throttled { retry_after } => refusal(
                Pam::PAM_MAXTRIES,
                match retry_after {
                    Some(seconds) => say!(words, "login-throttled", "seconds" = *seconds),
                    None => say!(words, "login-throttled-a-while"),
                },
                Level::Notice,
                "too many wrong codes; the code was not looked at",
            ),
            Self::Locked => refusal(
                Pam::PAM_MAXTRIES,
                say!(words, "login-locked"),
                Level::Notice,
                "the account is locked after too many wrong codes; `countersign unlock` opens it",
            ),
            Self::MustEnroll => refusal(
                Pam::PAM_PERM_DENIED,
                say!(words, "login-must-enroll"),
                Level::Notice,
                "the policy asks for an enrollment before the first login",
            ),
            Self::Enrollment(enrollment) => enrollment.row(unavailable, words),
            Self::Denied => refusal(
                Pam::PAM_PERM_DENIED,
                say!(words, "login-denied"),
                Level::Notice,
                "the policy denies this login",
            ),
            Self::BadUserName(error) => refusal(
                Pam::PAM_AUTH_ERR,
                say!(words, "login-bad-user-name"),
                Level::Notice,
                &error.to_string(),
            ),
            Self::UserChanged => refusal(
                Pam::PAM_AUTH_ERR,
                say!(words, "login-user-changed"),
                Level::Error,
                "PAM_USER changed while the code was being asked for; refused",
            ),
            Self::NoPassword => quiet(
                Pam::PAM_AUTH_ERR,
                Level::Error,
                "use_first_pass is set, but no module before this one asked for a password",
            ),
            Self::NotForwarded => quiet(
                Pam::PAM_SYSTEM_ERR,
                Level::Error,
                "forward_pass is set, but PAM did not take the password",
            ),
            Self::ConversationFailed => quiet(
                Pam::PAM_CONV_ERR,
                Level::Notice,
                "no code was given: the application cannot ask, or the person gave up",
            ),
            Self::Unavailable(failure) => unchecked(failure, unavailable, words),
            Self::Panicked => quiet(
                Pam::PAM_SYSTEM_ERR,
                Level::Error,
                "the module broke (a panic) and refuses the login; please report this",
            ),
        }
    }
}

impl Enrollment {
    /// This part of the table.
    fn row(&self, unavailable: Unavailable, words: &Words) -> Row {
        use PamResultCode as Pam;
        match self {
            Self::Done => quiet(
                Pam::PAM_SUCCESS,
                Level::Notice,
                "an authenticator app was set up in this login",
            ),
            Self::Confirmed => quiet(
                Pam::PAM_SUCCESS,
                Level::Notice,
                "an authenticator app was confirmed; it counts once the login has succeeded",
            ),
            Self::NotKept(failure) => refusal(
                Pam::PAM_AUTHINFO_UNAVAIL,
                say!(words, "login-enroll-not-kept"),
                Level::Error,
                &format!("what was set up in this login was not kept; refused: {failure}"),
            ),
            Self::PutOff => quiet(
                Pam::PAM_IGNORE,
                Level::Notice,
                "the enrollment that the policy asks for was put off",
            ),
            Self::Refused => refusal(
                Pam::PAM_PERM_DENIED,
                say!(words, "login-enroll-refused"),
                Level::Notice,
                "the policy asks for an enrollment now, and there was none; refused",
            ),
            Self::Lost => refusal(
                Pam::PAM_SYSTEM_ERR,
                say!(words, "login-enroll-failed"),
                Level::Error,
                "PAM did not take the receipt of the enrollment for the end of the login; refused",
            ),
            Self::NotConfirmed => refusal(
                Pam::PAM_MAXTRIES,
                say!(words, "login-enroll-not-confirmed"),
                Level::Notice,
                "no code of the new token was right; nothing was set up",
            ),
            Self::Failed { failure, later } => {
                let (code, what) = match (later, unavailable) {
                    (Later::Until(_), _) => (Pam::PAM_IGNORE, "and is put off"),
                    (Later::Never, Unavailable::Deny) => {
                        (Pam::PAM_AUTHINFO_UNAVAIL, "and the login is refused")
                    }
                    (Later::Never, Unavailable::Ignore) => (
                        Pam::PAM_IGNORE,
                        "and the login passed WITHOUT a second factor (unavailable=ignore)",
                    ),
                };
                let line = format!("the enrollment failed, {what}: {failure}");
                refusal(
                    code,
                    say!(words, "login-enroll-failed"),
                    Level::Error,
                    &line,
                )
            }
        }
    }
}

fn unchecked(failure: &Failure, unavailable: Unavailable, words: &Words) -> Row {
    match unavailable {
        Unavailable::Deny => refusal(
            PamResultCode::PAM_AUTHINFO_UNAVAIL,
            say!(words, "login-unavailable"),
            Level::Error,
            &format!("the second factor cannot be checked: {failure}"),
        ),
        Unavailable::Ignore => quiet(
            PamResultCode::PAM_IGNORE,
            Level::Warning,
            &format!("passed WITHOUT a second factor (unavailable=ignore): {failure}"),
        ),
    }
}

fn quiet(code: PamResultCode, level: Level, line: &str) -> Row {
    Row {
        code,
        sentence: None,
        level,
        line: line.to_owned(),
    }
}

/// A code that was accepted before. Where it is spent for good, no other comes of itself.
fn used(spent: Option<Spent>, words: &Words) -> Row {
    let (sentence, line) = match spent {
        None => (say!(words, "login-used"), "the code was used already"),
        Some(Spent::RecoveryCode) => (
            say!(words, "login-used-recovery-code"),
            "the recovery code was used already",
        ),
        Some(Spent::TemporaryCode) => (
            say!(words, "login-used-temporary-code"),
            "the temporary code was used already",
        ),
    };
    refusal(PamResultCode::PAM_AUTH_ERR, sentence, Level::Notice, line)
}

fn refusal(code: PamResultCode, sentence: String, level: Level, line: &str) -> Row {
    Row {
        code,
        sentence: Some((Tone::Refusal, sentence)),
        level,
        line: line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Step;
    use PamResultCode as Pam;
    use countersign_words::Language;

    fn words(language: Language) -> Words {
        Words::of_login(language)
    }

    fn unavailable() -> Outcome {
        Outcome::Unavailable(Failure::Closed {
            step: Step::Prepare,
        })
    }

    /// Nothing is said, in any language.
    const NOTHING: [&str; 2] = ["", ""];

    /// Checks one line of the table: code, what the person reads in English and in French, level,
    /// log. All but the sentence is the same in both.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "the codes read as the table does"
    )]
    fn is(outcome: &Outcome, code: Pam, sentences: [&str; 2], level: Level, line: &str) {
        for (language, sentence) in [Language::English, Language::French]
            .into_iter()
            .zip(sentences)
        {
            let row = outcome.row(Unavailable::Deny, &words(language));
            assert_eq!(row.code, code, "{outcome:?}");
            assert_eq!(
                row.sentence.map_or(String::new(), |(_, text)| text),
                sentence,
                "{outcome:?}"
            );
            assert_eq!((row.level, row.line.as_str()), (level, line), "{outcome:?}");
        }
    }

    #[test]
    fn what_lets_people_in() {
        is(
            &Outcome::NotNeeded,
            Pam::PAM_IGNORE,
            NOTHING,
            Level::Debug,
            "no code is needed",
        );
        let accepted = |left| Outcome::Accepted {
            recovery_codes_left: left,
        };
        is(
            &accepted(None),
            Pam::PAM_SUCCESS,
            NOTHING,
            Level::Info,
            "the code was accepted",
        );
        for (left, sentences) in [
            (
                9,
                [
                    "That was a recovery code: 9 are left.",
                    "C’était un code de secours\u{a0}: il en reste 9.",
                ],
            ),
            (
                1,
                [
                    "That was a recovery code: 1 is left.",
                    "C’était un code de secours\u{a0}: il en reste 1.",
                ],
            ),
            (
                0,
                [
                    "That was your last recovery code: run `countersign recovery-codes` for new ones.",
                    "C’était votre dernier code de secours\u{a0}: lancez `countersign recovery-codes` pour en obtenir de nouveaux.",
                ],
            ),
        ] {
            let line = format!("a recovery code was accepted; left: {left}");
            is(
                &accepted(Some(left)),
                Pam::PAM_SUCCESS,
                sentences,
                Level::Info,
                &line,
            );
            let tone = accepted(Some(left))
                .row(Unavailable::Deny, &words(Language::English))
                .sentence
                .unwrap()
                .0;
            assert_eq!(tone, Tone::Info);
        }
    }

    #[test]
    fn what_a_code_can_be_refused_for() {
        is(
            &Outcome::Wrong,
            Pam::PAM_AUTH_ERR,
            ["That code is not right.", "Ce code n’est pas le bon."],
            Level::Notice,
            "the code was not right",
        );
        is(
            &Outcome::Used { spent: None },
            Pam::PAM_AUTH_ERR,
            [
                "That code was used already: wait for the next one.",
                "Ce code a déjà servi\u{a0}: attendez le suivant.",
            ],
            Level::Notice,
            "the code was used already",
        );
        is(
            &Outcome::Used {
                spent: Some(Spent::RecoveryCode),
            },
            Pam::PAM_AUTH_ERR,
            [
                "That recovery code was used already: take another one of your list.",
                "Ce code de secours a déjà servi\u{a0}: prenez-en un autre de votre liste.",
            ],
            Level::Notice,
            "the recovery code was used already",
        );
        is(
            &Outcome::Used {
                spent: Some(Spent::TemporaryCode),
            },
            Pam::PAM_AUTH_ERR,
            [
                "That temporary code was used already: ask your administrator for another.",
                "Ce code temporaire a déjà servi\u{a0}: demandez-en un autre à votre administrateur.",
            ],
            Level::Notice,
            "the temporary code was used already",
        );
        let unread = "too many wrong codes; the code was not looked at";
        is(
            &Outcome::Throttled {
                retry_after: Some(30),
            },
            Pam::PAM_MAXTRIES,
            [
                "Too many wrong codes: try again in 30 s.",
                "Trop de codes erronés\u{a0}: réessayez dans 30\u{a0}s.",
            ],
            Level::Notice,
            unread,
        );
        is(
            &Outcome::Throttled { retry_after: None },
            Pam::PAM_MAXTRIES,
            [
                "Too many wrong codes: try again later.",
                "Trop de codes erronés\u{a0}: réessayez plus tard.",
            ],
            Level::Notice,
            unread,
        );
        is(
            &Outcome::Locked,
            Pam::PAM_MAXTRIES,
            [
                "Too many wrong codes: ask your administrator to unlock your account.",
                "Trop de codes erronés\u{a0}: demandez à votre administrateur de débloquer votre compte.",
            ],
            Level::Notice,
            "the account is locked after too many wrong codes; `countersign unlock` opens it",
        );
    }

    #[test]
    fn how_an_enrollment_in_a_login_can_end() {
        is(
            &Outcome::Enrollment(Enrollment::Done),
            Pam::PAM_SUCCESS,
            NOTHING,
            Level::Notice,
            "an authenticator app was set up in this login",
        );
        is(
            &Outcome::Enrollment(Enrollment::Confirmed),
            Pam::PAM_SUCCESS,
            NOTHING,
            Level::Notice,
            "an authenticator app was confirmed; it counts once the login has succeeded",
        );
        is(
            &Outcome::Enrollment(Enrollment::NotKept(Failure::Closed {
                step: Step::Complete,
            })),
            Pam::PAM_AUTHINFO_UNAVAIL,
            [
                "The authenticator app could not be set up after all: remove the new account from it, then \
                 log in again.",
                "L’application n’a finalement pas pu être configurée\u{a0}: supprimez-y le nouveau compte, puis reconnectez-vous.",
            ],
            Level::Error,
            "what was set up in this login was not kept; refused: the connection was closed while waiting for \
             the daemon to answer CompleteEnrollment",
        );
        is(
            &Outcome::Enrollment(Enrollment::PutOff),
            Pam::PAM_IGNORE,
            NOTHING,
            Level::Notice,
            "the enrollment that the policy asks for was put off",
        );
        is(
            &Outcome::Enrollment(Enrollment::Refused),
            Pam::PAM_PERM_DENIED,
            [
                "This login needs an authenticator app: log in at a terminal, and type yes or key when you \
                 are asked.",
                "Cette connexion exige une application d’authentification\u{a0}: connectez-vous depuis un terminal et répondez oui ou clé à la question.",
            ],
            Level::Notice,
            "the policy asks for an enrollment now, and there was none; refused",
        );
        is(
            &Outcome::Enrollment(Enrollment::NotConfirmed),
            Pam::PAM_MAXTRIES,
            [
                "That code is not right, and nothing was set up: see whether the clock of the phone is \
                 right, then log in again.",
                "Ce code n’est pas le bon, et rien n’a été configuré\u{a0}: vérifiez l’heure du téléphone, puis reconnectez-vous.",
            ],
            Level::Notice,
            "no code of the new token was right; nothing was set up",
        );
        for (later, code, line) in [
            (
                Later::Until(0),
                Pam::PAM_IGNORE,
                "the enrollment failed, and is put off: the connection was closed while waiting for the \
                 daemon to answer ConfirmEnrollment",
            ),
            (
                Later::Never,
                Pam::PAM_AUTHINFO_UNAVAIL,
                "the enrollment failed, and the login is refused: the connection was closed while waiting for the daemon \
                 to answer ConfirmEnrollment",
            ),
        ] {
            let step = Step::Confirm;
            let failure = Failure::Closed { step };
            is(
                &Outcome::Enrollment(Enrollment::Failed { failure, later }),
                code,
                [
                    "Setting up the authenticator app failed, and nothing has changed: try again at your \
                     next login.",
                    "La configuration de l’application a échoué, et rien n’a changé\u{a0}: réessayez à la prochaine connexion.",
                ],
                Level::Error,
                line,
            );
        }
    }

    #[test]
    fn an_enrollment_that_fails_can_be_ignored_like_a_code_that_cannot_be_checked() {
        let (step, later) = (Step::Confirm, Later::Never);
        let failure = Failure::Closed { step };
        let outcome = Outcome::Enrollment(Enrollment::Failed { failure, later });
        let row = outcome.row(Unavailable::Ignore, &words(Language::English));
        assert_eq!(row.code, Pam::PAM_IGNORE);
        assert!(row.line.contains("WITHOUT a second factor"), "{}", row.line);
        let lost = Outcome::Enrollment(Enrollment::Lost);
        for unavailable in [Unavailable::Deny, Unavailable::Ignore] {
            let row = lost.row(unavailable, &words(Language::English));
            assert_eq!(row.code, Pam::PAM_SYSTEM_ERR);
        }
    }

    #[test]
    fn what_a_login_can_be_refused_for() {
        is(
            &Outcome::MustEnroll,
            Pam::PAM_PERM_DENIED,
            [
                "You must set up an authenticator code before you can log in: log in over SSH or at a \
                 terminal to do it, or ask your administrator.",
                "Vous devez configurer un code d’authentification avant de pouvoir vous connecter\u{a0}: connectez-vous par SSH ou depuis un terminal pour le faire, ou adressez-vous à votre administrateur.",
            ],
            Level::Notice,
            "the policy asks for an enrollment before the first login",
        );
        is(
            &Outcome::Denied,
            Pam::PAM_PERM_DENIED,
            [
                "You may not log in here: ask your administrator.",
                "Vous ne pouvez pas vous connecter ici\u{a0}: adressez-vous à votre administrateur.",
            ],
            Level::Notice,
            "the policy denies this login",
        );
        is(
            &Outcome::BadUserName(UserNameError::Empty),
            Pam::PAM_AUTH_ERR,
            [
                "That user name cannot be used.",
                "Ce nom d’utilisateur n’est pas utilisable.",
            ],
            Level::Notice,
            "the user name is empty",
        );
        is(
            &Outcome::UserChanged,
            Pam::PAM_AUTH_ERR,
            [
                "The user name changed during the login: log in again.",
                "Le nom d’utilisateur a changé pendant la connexion\u{a0}: reconnectez-vous.",
            ],
            Level::Error,
            "PAM_USER changed while the code was being asked for; refused",
        );
        is(
            &Outcome::NoPassword,
            Pam::PAM_AUTH_ERR,
            NOTHING,
            Level::Error,
            "use_first_pass is set, but no module before this one asked for a password",
        );
    }

    #[test]
    fn what_can_break() {
        is(
            &Outcome::NotForwarded,
            Pam::PAM_SYSTEM_ERR,
            NOTHING,
            Level::Error,
            "forward_pass is set, but PAM did not take the password",
        );
        is(
            &Outcome::ConversationFailed,
            Pam::PAM_CONV_ERR,
            NOTHING,
            Level::Notice,
            "no code was given: the application cannot ask, or the person gave up",
        );
        is(
            &unavailable(),
            Pam::PAM_AUTHINFO_UNAVAIL,
            [
                "The second factor cannot be checked right now.",
                "Le second facteur ne peut pas être vérifié pour le moment.",
            ],
            Level::Error,
            "the second factor cannot be checked: the connection was closed while waiting for the \
             daemon to answer Prepare",
        );
        is(
            &Outcome::Panicked,
            Pam::PAM_SYSTEM_ERR,
            NOTHING,
            Level::Error,
            "the module broke (a panic) and refuses the login; please report this",
        );
    }

    #[test]
    fn only_a_failure_can_be_ignored_and_only_loudly() {
        let row = unavailable().row(Unavailable::Ignore, &words(Language::English));
        assert_eq!(row.code, Pam::PAM_IGNORE);
        assert_eq!(row.sentence, None);
        assert_eq!(row.level, Level::Warning);
        assert!(
            row.line
                .starts_with("passed WITHOUT a second factor (unavailable=ignore): ")
        );

        for outcome in [
            Outcome::Wrong,
            Outcome::Used { spent: None },
            Outcome::Throttled { retry_after: None },
            Outcome::Locked,
            Outcome::MustEnroll,
            Outcome::Denied,
            Outcome::BadUserName(UserNameError::NotUtf8),
            Outcome::UserChanged,
            Outcome::NoPassword,
            Outcome::NotForwarded,
            Outcome::ConversationFailed,
            Outcome::Panicked,
        ] {
            let words = words(Language::English);
            let row = outcome.row(Unavailable::Ignore, &words);
            assert_eq!(row, outcome.row(Unavailable::Deny, &words));
            assert!(
                !matches!(row.code, Pam::PAM_SUCCESS | Pam::PAM_IGNORE),
                "{outcome:?}"
            );
        }
    }

    #[test]
    fn refusals_are_shown_as_errors() {
        for outcome in [
            Outcome::Wrong,
            Outcome::Locked,
            Outcome::Denied,
            unavailable(),
        ] {
            assert_eq!(
                outcome
                    .row(Unavailable::Deny, &words(Language::English))
                    .sentence
                    .unwrap()
                    .0,
                Tone::Refusal
            );
        }
    }
}
