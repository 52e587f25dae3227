//! The otpauth URI, by the Key URI format that Google Authenticator began and every app reads.

use countersign_config::Algorithm;
use std::fmt::Write;

use countersign_bus::UserName;
use zeroize::Zeroizing;

use super::token::{Kind, Token};
use countersign_config::Issuer;

impl Token {
    /// The otpauth URI that a QR code carries. `host` is the issuer of a token that names none.
    ///
    /// What has the format's own default (SHA1, 6 digits, 30 s) is left out, so that the QR code of
    /// an ordinary name fits a terminal of 24 lines; every app reads it so.
    pub fn otpauth_uri(&self, user: &UserName, host: &Issuer) -> Zeroizing<String> {
        let issuer = percent_encoded(self.issuer.as_ref().unwrap_or(host).as_str());
        let user = percent_encoded(user.as_str());
        let kind = self.kind.as_str();
        let secret = self.secret.to_base32();
        let parts: [&str; 10] = [
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
        ];
        // All at once, since a string that grows leaves unwiped copies behind. The numbers at the
        // end have at most 20 digits.
        let length = parts.iter().map(|part| part.len()).sum::<usize>() + 80;
        let mut uri = Zeroizing::new(String::with_capacity(length));
        for part in parts {
            uri.push_str(part);
        }
        if self.algorithm != Algorithm::Sha1 {
            uri.push_str("&algorithm=");
            uri.push_str(self.algorithm.as_str());
        }
        // Writing to a string never fails.
        if self.digits != Self::DEFAULT_DIGITS {
            _ = write!(uri, "&digits={}", self.digits.get());
        }
        match self.kind {
            Kind::Totp { period, .. } if period == Self::DEFAULT_PERIOD => {}
            Kind::Totp { period, .. } => _ = write!(uri, "&period={}", period.magnitude()),
            Kind::Hotp { next_counter, .. } => _ = write!(uri, "&counter={next_counter}"),
        }
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
    use crate::account::{Digits, Period, Secret, UnixSeconds};

    fn uri(token: &Token, user: &str, host: &str) -> Zeroizing<String> {
        token.otpauth_uri(
            &UserName::parse(user).unwrap(),
            &Issuer::parse(host).unwrap(),
        )
    }

    #[test]
    fn what_has_no_default_value_is_written_out() {
        let mut token = totp("phone", "2SH3V3GDW7ZNMGYE");
        assert_eq!(
            uri(&token, "alice", "web1.example.org").as_str(),
            "otpauth://totp/web1.example.org:alice?secret=2SH3V3GDW7ZNMGYE&issuer=web1.example.org"
        );
        token.digits = Digits::new(8).unwrap();
        token.kind = Kind::totp(Period::new(60).unwrap());
        assert!(uri(&token, "alice", "web1").ends_with("&issuer=web1&digits=8&period=60"));
        token.kind = Kind::hotp(u64::MAX);
        token.algorithm = Algorithm::Sha512;
        token.issuer = Some(Issuer::parse("Old host").unwrap());
        assert_eq!(
            uri(&token, "EXAMPLE\\zoë", "web1").as_str(),
            "otpauth://hotp/Old%20host:EXAMPLE%5Czo%C3%AB?secret=2SH3V3GDW7ZNMGYE&issuer=Old%20host\
             &algorithm=SHA512&digits=8&counter=18446744073709551615"
        );
    }

    #[test]
    fn the_string_never_grows() {
        let mut token = totp("phone", &"A".repeat(103));
        token.kind = Kind::hotp(u64::MAX);
        let long = "ü".repeat(64);
        let uri = uri(&token, &"é".repeat(127), &long);
        assert!(
            uri.len() + 80 >= uri.capacity(),
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
