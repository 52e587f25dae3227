//! Accounts as the daemon would have them.

use countersign_bus::UserName;
use countersignd::account::{
    Account, Algorithm, Import, Kind, Onto, Secret, SystemRandom, Token, TokenName, UnixSeconds,
    import, renew_recovery_codes,
};

use crate::states::Member;

/// As many as `countersign enroll` gives.
const RECOVERY_CODES: usize = 10;
/// When they all enrolled: 2026-01-01.
const ENROLLED: UnixSeconds = UnixSeconds(1_767_225_600);

/// Somebody with a token by counter, who has logged in with nothing yet, and the usual recovery codes.
pub fn enrolled(member: &Member) -> Account {
    let token = Token {
        name: TokenName::parse("phone").expect("a token's name"),
        issuer: None,
        secret: Secret::from_base32(&member.key.base32()).expect("a key"),
        algorithm: Algorithm::Sha1,
        digits: Token::DEFAULT_DIGITS,
        kind: Kind::hotp(Member::FIRST_COUNTER),
        created: ENROLLED,
        last_used: None,
    };
    let tokens = Import {
        tokens: vec![token],
        recovery_codes: Vec::new(),
        onto: Onto::NotEnrolled,
    };
    let user = UserName::parse(&member.name).expect("a user's name");
    let account = Account::new(user, member.uid);
    let imported = import(&account, &tokens, &mut SystemRandom).expect("a token to import");
    let renewed = renew_recovery_codes(&imported.account, RECOVERY_CODES, &mut SystemRandom);
    renewed.expect("recovery codes").0
}
