use countersign_bus::Requirement;

use super::{Context, EnrollBy, Require, Rule};
use crate::Seconds;

/// Has the user an active token?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Enrolled {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Cannot tell: the record cannot be read, is damaged or is another person's.
    Unknown,
}

/// What the policy says about a login, whoever is enrolled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ruling {
    /// What the login needs.
    pub require: Require,
    /// With [`Require::Enroll`]: until when the enrollment may be put off. `None`: not at all.
    pub enroll_by: Option<EnrollBy>,
    /// How long a code spares the next login another one. `None`: it does not.
    pub remember: Option<Seconds>,
}

impl Ruling {
    /// Where no rule matches, whoever is enrolled is asked.
    pub const IMPLICIT: Self = Self {
        require: Require::IfEnrolled,
        enroll_by: None,
        remember: None,
    };

    pub(super) const fn of(rule: &Rule) -> Self {
        Self {
            require: rule.require,
            enroll_by: rule.enroll_by,
            remember: rule.remember,
        }
    }

    /// What is at least as strict as both, where the login could meet either.
    #[must_use]
    pub fn strictest(self, other: Self) -> Self {
        let (milder, stricter) = if self.require <= other.require {
            (self, other)
        } else {
            (other, self)
        };
        let enroll_by = if milder.require == stricter.require {
            both(milder.enroll_by, stricter.enroll_by)
        } else {
            stricter.enroll_by
        };
        let remember = match milder.require {
            // It asks for no code, so it says nothing about sparing one.
            Require::Never => stricter.remember,
            _ => both(milder.remember, stricter.remember),
        };
        Self {
            require: stricter.require,
            enroll_by,
            remember,
        }
    }

    /// What this login needs of a user who is enrolled or not, at this second of Unix time.
    ///
    /// A user who must have a code and is not enrolled gets the same answer as one who is: asked
    /// and refused, so that the answer does not tell them apart. Where it matters whether the user
    /// is enrolled and nobody can tell, the login is denied.
    ///
    /// Nobody enrolls in the dialog of an untrusted caller, such as a screen locker, which shows
    /// neither picture nor key. There an enrollment that may be put off is put off, and one that is
    /// overdue is missing.
    pub fn requirement(&self, context: &Context<'_>, enrolled: Enrolled, now: u64) -> Requirement {
        match (self.require, enrolled) {
            (Require::Never, _) | (Require::IfEnrolled, Enrolled::No) => Requirement::None,
            (_, Enrolled::Unknown) => Requirement::Denied,
            (Require::IfEnrolled | Require::Enroll | Require::Always, Enrolled::Yes)
            | (Require::Always, Enrolled::No) => Requirement::Code,
            (Require::Enroll, Enrolled::No) => match context {
                Context::Trusted { .. } => Requirement::Enroll,
                Context::Untrusted if self.put_off_until(now).is_some() => Requirement::None,
                Context::Untrusted => Requirement::Code,
            },
        }
    }

    /// Until when somebody who should enroll may put it off, if that is still to come.
    pub fn put_off_until(&self, now: u64) -> Option<EnrollBy> {
        self.enroll_by.filter(|by| by.lies_ahead(now))
    }
}

/// The lesser of two allowances. Without one there is nothing to allow.
fn both<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    Some(one?.min(other?))
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::login;
    use super::*;

    const NOW: u64 = 1000;

    fn ruling(require: Require, by: Option<u64>) -> Ruling {
        Ruling {
            require,
            enroll_by: by.map(EnrollBy),
            remember: None,
        }
    }

    /// require, until when the enrollment may be put off, is the user enrolled: what root's programs
    /// hear, and what others do.
    const ANSWERS: &str = "
        never        -     yes      none    none
        never        -     no       none    none
        never        -     unknown  none    none
        if-enrolled  -     yes      code    code
        if-enrolled  -     no       none    none
        if-enrolled  -     unknown  denied  denied
        enroll       -     yes      code    code
        enroll       -     no       enroll  code
        enroll       -     unknown  denied  denied
        enroll       1000  yes      code    code
        enroll       1000  no       enroll  none
        enroll       1000  unknown  denied  denied
        enroll       999   yes      code    code
        enroll       999   no       enroll  code
        enroll       999   unknown  denied  denied
        always       -     yes      code    code
        always       -     no       code    code
        always       -     unknown  denied  denied";

    #[test]
    fn what_is_required_and_who_is_enrolled_make_the_answer() {
        for row in ANSWERS.lines().filter(|row| !row.is_empty()) {
            let cells: Vec<_> = row.split_whitespace().collect();
            let [require, by, enrolled, to_root, to_others] = cells[..] else {
                panic!("{row}")
            };
            let ruling = ruling(Require::from_word(require).unwrap(), by.parse().ok());
            let enrolled = match enrolled {
                "yes" => Enrolled::Yes,
                "no" => Enrolled::No,
                _ => Enrolled::Unknown,
            };
            let said = |context| ruling.requirement(context, enrolled, NOW).as_str();
            let answers = (said(&login("sshd", "")), said(&Context::Untrusted));
            assert_eq!(answers, (to_root, to_others), "{row}");
        }
    }

    #[test]
    fn a_date_that_is_past_puts_nothing_off() {
        let until = |by| ruling(Require::Enroll, by).put_off_until(NOW);
        assert_eq!(until(Some(NOW)), Some(EnrollBy(NOW)));
        assert_eq!(until(Some(NOW - 1)), None);
        assert_eq!(until(None), None);
    }
}
