//! Finds the code at the end of an answer that holds password and code in one.

use countersign_bus::Code;

use crate::person::Answer;

/// An answer taken apart.
pub struct Split {
    /// What comes before the code.
    pub password: Answer,
    /// The code.
    pub code: Code,
}

/// The lengths that are tried when the daemon names none: what nearly every app shows.
const USUAL_LENGTHS: &[usize] = &[6];
/// The lengths that an authenticator code can have at all (RFC 4226 §5.3, with room).
const POSSIBLE_LENGTHS: std::ops::RangeInclusive<usize> = 6..=10;
/// How many groups of four, with dashes between, a recovery code and a temporary code have.
const DASHED_GROUPS: [usize; 2] = [3, 2];

/// Every way to take the answer apart, the likeliest first. Each that is tried counts as an attempt,
/// but seldom is there more than one: with tokens of several lengths, and with a recovery code, the
/// end of which might be a temporary code after a password with a dash.
///
/// Recovery and temporary codes are recognised with their dashes only, or the last letters of any
/// password would pass for one.
pub fn splits(answer: &Answer, code_lengths: &[usize]) -> Vec<Split> {
    let lengths = if code_lengths.is_empty() {
        USUAL_LENGTHS
    } else {
        code_lengths
    };
    let longest_first = POSSIBLE_LENGTHS.rev().filter(|n| lengths.contains(n));

    let dashed = DASHED_GROUPS.into_iter().filter_map(|groups| {
        let (password, tail) = tail(answer, groups * 5 - 1)?;
        is_dashed(tail).then_some((password, tail))
    });
    let plain = longest_first.filter_map(|length| {
        let (password, tail) = tail(answer, length)?;
        tail.iter()
            .all(u8::is_ascii_digit)
            .then_some((password, tail))
    });
    dashed
        .chain(plain)
        .filter_map(|(password, tail)| {
            let code = Code::parse(std::str::from_utf8(tail).ok()?).ok()?;
            Some(Split {
                password: Answer::new(password.to_vec()),
                code,
            })
        })
        .take(1 + POSSIBLE_LENGTHS.count())
        .collect()
}

fn tail(answer: &[u8], length: usize) -> Option<(&[u8], &[u8])> {
    answer.split_at_checked(answer.len().checked_sub(length)?)
}

fn is_dashed(tail: &[u8]) -> bool {
    tail.split(|byte| *byte == b'-')
        .all(|group| group.len() == 4 && group.iter().all(u8::is_ascii_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(answer: &[u8], lengths: &[usize]) -> Vec<(Vec<u8>, String)> {
        splits(&Answer::new(answer.to_vec()), lengths)
            .iter()
            .map(|split| (split.password.to_vec(), split.code.expose().to_owned()))
            .collect()
    }

    fn one(password: &[u8], code: &str) -> Vec<(Vec<u8>, String)> {
        vec![(password.to_vec(), code.to_owned())]
    }

    #[test]
    fn the_code_is_taken_off_the_end_and_the_rest_is_the_password() {
        assert_eq!(found(b"secret050548", &[6]), one(b"secret", "050548"));
        assert_eq!(found(b"secret12345678", &[8]), one(b"secret", "12345678"));
        assert_eq!(found(b"050548", &[6]), one(b"", "050548"));
        assert_eq!(
            found(b"pass word 123456", &[]),
            one(b"pass word ", "123456")
        );
        assert_eq!(found(b"p\xff\xfe123456", &[6]), one(b"p\xff\xfe", "123456"));
    }

    #[test]
    fn recovery_and_temporary_codes_are_known_by_their_dashes() {
        let both = |password: &[u8], recovery: &str, longer: &[u8], temporary: &str| {
            [one(password, recovery), one(longer, temporary)].concat()
        };
        assert_eq!(
            found(b"secretAbcd-efgh-2345", &[6]),
            both(b"secret", "abcdefgh2345", b"secretAbcd-", "efgh2345")
        );
        assert_eq!(found(b"secretabcd-2345", &[6]), one(b"secret", "abcd2345"));
        assert_eq!(found(b"abc-defg-2345", &[6]), one(b"abc-", "defg2345"));
        assert_eq!(found(b"secretabcdefgh2345", &[6]), []);
        assert_eq!(found(b"secretabcd_2345", &[6]), []);
    }

    #[test]
    fn an_answer_without_a_code_gives_none() {
        for answer in [
            &b""[..],
            b"secret",
            b"12345",
            b"secret12345",
            b"secret12345x",
            b"-----",
        ] {
            assert_eq!(found(answer, &[6]), [], "{answer:?}");
        }
    }

    #[test]
    fn tokens_of_two_lengths_are_tried_longest_first() {
        assert_eq!(
            found(b"s12345678", &[6, 8, 6]),
            [
                (b"s".to_vec(), "12345678".to_owned()),
                (b"s12".to_vec(), "345678".to_owned())
            ]
        );
        assert_eq!(found(b"s123456", &[6, 8]), one(b"s", "123456"));
    }

    #[test]
    fn lengths_that_no_code_has_are_not_believed() {
        assert_eq!(found(b"secret1", &[0, 1, 5, 11, usize::MAX]), []);
    }
}
