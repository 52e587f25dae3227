//! The otpauth URI, by the Key URI format that Google Authenticator began and every app reads.

use std::fmt::Write;

use countersign_bus::UserName;
use zeroize::Zeroizing;

use super::name::Issuer;
use super::token::{Kind, Token};

impl Token {
    /// The otpauth URI that a QR code carries. `host` is the issuer of a token that names none.
    ///
    /// Every parameter is written out, though the format has defaults: not all apps agree on them.
    pub fn otpauth_uri(&self, user: &UserName, host: &Issuer) -> Zeroizing<String> {
        let issuer = percent_encoded(self.issuer.as_ref().unwrap_or(host).as_str());
        let user = percent_encoded(user.as_str());
        let kind = self.kind.as_str();
        let secret = self.secret.to_base32();
        let (moves, factor) = match self.kind {
            Kind::Totp { period, .. } => ("period", period.magnitude()),
            Kind::Hotp { next_counter, .. } => ("counter", next_counter),
        };
        let parts: [&str; 12] = [
            "otpauth://",
            kind,
            "/",
            &issuer,
            ":",
            &user,
            "?secret=",
            &secret,
            "&issuer=",
            &issuer,
            "&algorithm=",
            self.algorithm.as_str(),
        ];
        // All at once, since a string that grows leaves unwiped copies behind. The numbers at the
        // end have at most 20 digits.
        let length = parts.iter().map(|part| part.len()).sum::<usize>() + 64;
        let mut uri = Zeroizing::new(String::with_capacity(length));
        for part in parts {
            uri.push_str(part);
        }
        // Writing to a string never fails.
        _ = write!(uri, "&digits={}&{moves}={factor}", self.digits.get());
        uri
    }
}

/// All but the unreserved characters of RFC 3986 §2.3 as `%XX`, blanks too: `+` is not a blank to
/// every app.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            // Writing to a string never fails.
            _ => _ = write!(encoded, "%{byte:02X}"),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::fixtures::{SeededRandom, totp};
    use crate::account::otp;
    use crate::account::{Algorithm, Digits, Period, Secret, UnixSeconds};

    fn uri(token: &Token, user: &str, host: &str) -> Zeroizing<String> {
        token.otpauth_uri(
            &UserName::parse(user).unwrap(),
            &Issuer::parse(host).unwrap(),
        )
    }

    #[test]
    fn every_parameter_is_written_out() {
        let mut token = totp("phone", "2SH3V3GDW7ZNMGYE");
        assert_eq!(
            uri(&token, "alice", "web1.example.org").as_str(),
            "otpauth://totp/web1.example.org:alice?secret=2SH3V3GDW7ZNMGYE&issuer=web1.example.org\
             &algorithm=SHA1&digits=6&period=30"
        );
        token.kind = Kind::hotp(u64::MAX);
        token.algorithm = Algorithm::Sha512;
        token.issuer = Some(Issuer::parse("Old host").unwrap());
        assert_eq!(
            uri(&token, "EXAMPLE\\zoë", "web1").as_str(),
            "otpauth://hotp/Old%20host:EXAMPLE%5Czo%C3%AB?secret=2SH3V3GDW7ZNMGYE&issuer=Old%20host\
             &algorithm=SHA512&digits=6&counter=18446744073709551615"
        );
    }

    #[test]
    fn the_string_never_grows() {
        let mut token = totp("phone", &"A".repeat(103));
        token.kind = Kind::hotp(u64::MAX);
        let long = "ü".repeat(64);
        let uri = uri(&token, &"é".repeat(127), &long);
        assert!(
            uri.len() + 64 >= uri.capacity(),
            "room for what is in it and little more"
        );
    }

    #[test]
    fn another_implementation_reads_the_same_token() {
        let mut random = SeededRandom::new(7);
        for algorithm in [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512] {
            for digits in 6..=8 {
                for period in [30, 60] {
                    let mut token = totp("phone", "2SH3V3GDW7ZNMGYE");
                    token.secret = Secret::generate(algorithm, &mut random).unwrap();
                    token.algorithm = algorithm;
                    token.digits = Digits::new(digits).unwrap();
                    token.kind = Kind::totp(Period::new(period).unwrap());
                    let uri = uri(&token, "jane doe@example.org", "Zoë's host & co");
                    let read = totp_rs::Totp::from_url(uri.as_str()).unwrap();
                    assert_eq!(read.account_name(), "jane doe@example.org");
                    assert_eq!(read.issuer(), Some("Zoë's host & co"));
                    let now = UnixSeconds(1_700_000_000);
                    let step = now.0 / u64::try_from(period).unwrap();
                    assert_eq!(
                        read.generate(now.0).to_string(),
                        otp::code_at(&token, step).as_str()
                    );
                }
            }
        }
    }
}
