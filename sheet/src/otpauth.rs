//! Reads the otpauth URI back, to show a person what is in it.

use std::fmt;

use zeroize::Zeroizing;

/// What an otpauth URI holds, by the Key Uri Format of Google Authenticator. The field names are
/// those of `--json`.
#[cfg_attr(feature = "json", derive(serde::Serialize))]
pub struct Otpauth {
    /// `totp` or `hotp`.
    pub kind: String,
    /// Who gives out the account: the host or site.
    pub issuer: String,
    /// The user name at the issuer.
    pub account: String,
    /// The secret in base32.
    #[cfg_attr(feature = "json", serde(serialize_with = "expose"))]
    pub secret: Zeroizing<String>,
    /// Hash of the codes.
    pub algorithm: String,
    /// Digits of a code.
    pub digits: u32,
    /// Seconds of a time step; absent for `hotp`.
    #[cfg_attr(feature = "json", serde(skip_serializing_if = "Option::is_none"))]
    pub period: Option<u32>,
    /// Next counter; absent for `totp`.
    #[cfg_attr(feature = "json", serde(skip_serializing_if = "Option::is_none"))]
    pub counter: Option<u64>,
}

/// Why a text is no otpauth URI. Says nothing of what is in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OtpauthError {
    /// It does not begin as one does.
    NotOtpauth,
    /// There is no secret in it.
    NoSecret,
    /// A number or an escape in it is broken.
    Broken,
}

impl fmt::Display for OtpauthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotOtpauth => "what the daemon sent is no otpauth URI",
            Self::NoSecret => "the otpauth URI that the daemon sent has no secret",
            Self::Broken => "the otpauth URI that the daemon sent is broken",
        })
    }
}

impl std::error::Error for OtpauthError {}

impl Otpauth {
    /// Reads a URI, with the defaults that authenticator apps assume.
    pub fn parse(uri: &str) -> Result<Self, OtpauthError> {
        let rest = uri
            .strip_prefix("otpauth://")
            .ok_or(OtpauthError::NotOtpauth)?;
        let (kind, rest) = rest.split_once('/').ok_or(OtpauthError::NotOtpauth)?;
        if !matches!(kind, "totp" | "hotp") {
            return Err(OtpauthError::NotOtpauth);
        }
        let (label, query) = rest.split_once('?').ok_or(OtpauthError::NoSecret)?;
        let label = decode(label)?;
        let (prefix, account) = label.split_once(':').unwrap_or(("", &label));
        let parameter = |name: &str| {
            query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .find_map(|(key, value)| (key == name).then(|| decode(value)))
                .transpose()
        };
        let number = |name: &str| match parameter(name)? {
            Some(value) => value.parse().map(Some).map_err(|_| OtpauthError::Broken),
            None => Ok(None),
        };
        let small = |name: &str, default: u32| match number(name)? {
            Some(value) => u32::try_from(value).map_err(|_| OtpauthError::Broken),
            None => Ok(default),
        };
        Ok(Self {
            kind: kind.to_owned(),
            issuer: parameter("issuer")?.unwrap_or_else(|| prefix.to_owned()),
            account: account.trim_start().to_owned(),
            secret: parameter("secret")?
                .filter(|secret| !secret.is_empty())
                .map(Zeroizing::new)
                .ok_or(OtpauthError::NoSecret)?,
            algorithm: parameter("algorithm")?.unwrap_or_else(|| "SHA1".to_owned()),
            digits: small("digits", 6)?,
            period: if kind == "totp" {
                Some(small("period", 30)?)
            } else {
                None
            },
            counter: if kind == "hotp" {
                number("counter")?
            } else {
                None
            },
        })
    }

    /// The secret in groups of four, as it is best typed.
    pub fn grouped_secret(&self) -> Zeroizing<String> {
        let mut grouped = Zeroizing::new(String::with_capacity(self.secret.len() * 2));
        for (at, c) in self.secret.chars().enumerate() {
            if at > 0 && at % 4 == 0 {
                grouped.push(' ');
            }
            grouped.push(c);
        }
        grouped
    }
}

#[cfg(feature = "json")]
fn expose<S: serde::Serializer>(
    secret: &Zeroizing<String>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret)
}

/// Undoes percent encoding (RFC 3986 §2.1).
fn decode(text: &str) -> Result<String, OtpauthError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || {
                rest.next()
                    .and_then(|b| char::from(b).to_digit(16))
                    .and_then(|d| u8::try_from(d).ok())
                    .ok_or(OtpauthError::Broken)
            };
            bytes.push(digit()? << 4 | digit()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).map_err(|_| OtpauthError::Broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    const URI: &str = "otpauth://totp/web1.example.org:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=web1.example.org";

    #[test]
    fn what_is_absent_is_what_every_app_assumes() {
        let otpauth = Otpauth::parse(URI).unwrap();
        assert_eq!(
            (otpauth.issuer.as_str(), otpauth.account.as_str()),
            ("web1.example.org", "alice")
        );
        assert_eq!(
            (otpauth.algorithm.as_str(), otpauth.digits, otpauth.period),
            ("SHA1", 6, Some(30))
        );
        assert_eq!(
            *otpauth.grouped_secret(),
            "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP"
        );
    }

    #[test]
    fn what_is_said_is_kept() {
        let otpauth = Otpauth::parse(
            "otpauth://hotp/A%20B:jane%40example.org?secret=ABCD&algorithm=SHA256&digits=8&counter=7",
        )
        .unwrap();
        assert_eq!(
            (otpauth.issuer.as_str(), otpauth.account.as_str()),
            ("A B", "jane@example.org")
        );
        assert_eq!(
            (otpauth.digits, otpauth.period, otpauth.counter),
            (8, None, Some(7))
        );
    }

    #[test]
    fn anything_else_is_refused() {
        for (uri, error) in [
            ("https://totp/a?secret=AAAA", OtpauthError::NotOtpauth),
            ("otpauth://steam/a?secret=AAAA", OtpauthError::NotOtpauth),
            ("otpauth://totp/a?issuer=b", OtpauthError::NoSecret),
            ("otpauth://totp/a?secret=", OtpauthError::NoSecret),
            ("otpauth://totp/a", OtpauthError::NoSecret),
            ("otpauth://totp/a%4?secret=AAAA", OtpauthError::Broken),
            ("otpauth://totp/a%zz?secret=AAAA", OtpauthError::Broken),
            ("otpauth://totp/a%ff?secret=AAAA", OtpauthError::Broken),
            (
                "otpauth://totp/a?secret=AAAA&digits=six",
                OtpauthError::Broken,
            ),
        ] {
            assert_eq!(Otpauth::parse(uri).err(), Some(error), "{uri}");
        }
    }
}
