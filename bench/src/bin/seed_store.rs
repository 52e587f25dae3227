//! Fills a store with enrolled users, as the daemon would have written them: `seed-store DIRECTORY USERS`, as the
//! daemon's user.

use std::env;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use countersign_bench::Member;
use countersign_bus::UserName;
use countersignd::account::{
    Account, Algorithm, Import, Kind, Onto, Secret, SystemRandom, Token, TokenName, UnixSeconds,
    import, renew_recovery_codes,
};
use countersignd::store::{Durability, Notice, Opening, RealDisk, Swapped, Vault, Version};
use tokio::task::JoinSet;

/// How many records are on their way to the disk at once: the store writes all that wait together.
const UNDER_WAY: usize = 900;
/// As many as `countersign enroll` gives.
const RECOVERY_CODES: usize = 10;
/// When they all enrolled: 2026-01-01.
const ENROLLED: UnixSeconds = UnixSeconds(1_767_225_600);

type Failed = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let parsed = match arguments.as_slice() {
        [directory, users] => users.parse().ok().map(|users| (directory, users)),
        _ => None,
    };
    let Some((directory, users)) = parsed else {
        eprintln!("usage: seed-store DIRECTORY USERS");
        return ExitCode::from(2);
    };
    match fill(Path::new(directory), users) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("seed-store: filling {directory}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn fill(directory: &Path, users: usize) -> Result<(), Failed> {
    let report = Arc::new(|notice: Notice| eprintln!("seed-store: {notice}"));
    let state = Arc::new(RealDisk::open(directory)?);
    let vault = Arc::new(Vault::open(&Opening::new(state, report), None).map_err(text)?);
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(async {
        let mut under_way = JoinSet::new();
        for number in 0..users {
            if under_way.len() >= UNDER_WAY {
                stored(under_way.join_next().await)?;
            }
            let account = enrolled(&Member::of(number, users))?;
            let vault = Arc::clone(&vault);
            under_way.spawn(async move {
                let record = account.to_bytes().map_err(text)?;
                let record = Some(record.as_slice());
                let user = account.user();
                let swap = vault.swap(user, Version::ABSENT, record, Durability::Required);
                match swap.await.map_err(text)? {
                    Swapped::Durable(_) => Ok(()),
                    other => Err(Failed::from(format!("{user}: {other:?}"))),
                }
            });
        }
        while let Some(joined) = under_way.join_next().await {
            stored(Some(joined))?;
        }
        Ok(())
    })
}

fn stored(
    joined: Option<Result<Result<(), Failed>, tokio::task::JoinError>>,
) -> Result<(), Failed> {
    joined.transpose()?.transpose().map(drop)
}

/// Somebody with a token by counter, who has logged in with nothing yet, and the usual recovery codes.
fn enrolled(member: &Member) -> Result<Account, Failed> {
    let user = UserName::parse(&member.name).map_err(text)?;
    let token = Token {
        name: TokenName::parse("phone").map_err(text)?,
        issuer: None,
        secret: Secret::from_base32(&member.key.base32()).map_err(text)?,
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
    let account = Account::new(user, member.uid);
    let account = import(&account, &tokens, &mut SystemRandom)
        .map_err(text)?
        .account;
    let renewed = renew_recovery_codes(&account, RECOVERY_CODES, &mut SystemRandom);
    Ok(renewed.map_err(text)?.0)
}

/// An error whose text is all that is wanted of it.
fn text(error: impl std::fmt::Display) -> Failed {
    Failed::from(error.to_string())
}
