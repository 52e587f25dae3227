//! The test vectors of the standards, through the same code that a login takes.

use super::fixtures::{SeededRandom, hotp, totp};
use super::{Algorithm, Digits, Kind, Secret, Token, otp};

/// A token with raw bytes as its secret. Short keys are padded as HMAC itself pads them (RFC 2104
/// §2), because a secret has ten bytes at least.
pub(super) fn token_of(algorithm: Algorithm, digits: i64, key: &[u8]) -> Token {
    let mut bytes = key.to_vec();
    bytes.resize(key.len().max(Secret::MIN_BYTES), 0);
    Token {
        secret: Secret::from_bytes(&bytes).unwrap(),
        algorithm,
        digits: Digits::new(digits).unwrap(),
        ..totp("phone", "2SH3V3GDW7ZNMGYE")
    }
}

#[test]
fn rfc_4226_appendix_d_and_the_ten_counters_after_it() {
    let token = token_of(Algorithm::Sha1, 6, b"12345678901234567890");
    let codes = [
        "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
        "520489", "403154", "481090", "868912", "736127", "229903", "436521", "186581", "447589",
        "903435", "578337",
    ];
    for (counter, code) in (0..).zip(codes) {
        assert_eq!(
            otp::code_at(&token, counter).as_str(),
            code,
            "counter {counter}"
        );
    }
}

#[test]
fn rfc_6238_appendix_b_with_all_three_hashes() {
    let key = b"1234567890123456789012345678901234567890123456789012345678901234";
    let sha1 = token_of(Algorithm::Sha1, 8, &key[..20]);
    let sha256 = token_of(Algorithm::Sha256, 8, &key[..32]);
    let sha512 = token_of(Algorithm::Sha512, 8, key);
    for (time, codes) in [
        (59_u64, ["94287082", "46119246", "90693936"]),
        (1_111_111_109, ["07081804", "68084774", "25091201"]),
        (1_111_111_111, ["14050471", "67062674", "99943326"]),
        (1_234_567_890, ["89005924", "91819424", "93441116"]),
        (2_000_000_000, ["69279037", "90698825", "38618901"]),
        (20_000_000_000, ["65353130", "77737706", "47863826"]),
    ] {
        for (token, code) in [&sha1, &sha256, &sha512].into_iter().zip(codes) {
            assert_eq!(otp::code_at(token, time / 30).as_str(), code, "time {time}");
        }
    }
}

#[test]
fn seven_digits_are_the_last_seven_of_eight() {
    let key = b"12345678901234567890";
    let seven = token_of(Algorithm::Sha1, 7, key);
    let eight = token_of(Algorithm::Sha1, 8, key);
    for counter in 0..50 {
        let long = otp::code_at(&eight, counter);
        assert_eq!(otp::code_at(&seven, counter).as_str(), &long[1..]);
    }
}

#[test]
fn a_counter_and_a_clock_at_the_same_factor_show_the_same_code() {
    let mut random = SeededRandom::new(8);
    let clock = totp("phone", "2SH3V3GDW7ZNMGYE");
    let counter = Token {
        kind: Kind::hotp(0),
        ..hotp("key", 0)
    };
    for _ in 0..100 {
        let factor = random.below(u64::MAX);
        assert_eq!(otp::code_at(&clock, factor), otp::code_at(&counter, factor));
    }
}
