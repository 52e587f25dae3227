//! Another key for the store: made, taken up by the daemon, everything sealed anew, and only then is the
//! old one removed. Wherever this is interrupted every enrollment opens, and the next run finishes it.

use std::time::{Duration, Instant};

use super::{needs_root, place};
use crate::cli::{StoreRotate, StoreSeal, With, WithKey};
use crate::error::{Stage, ToolError};
use crate::output::print_line;
use crate::run::Session;
use crate::store::error::StoreError;
use crate::store::maintenance::{Report, maintain, number, text};
use crate::store::service::Service;
use crate::store::turn::Turn;
use crate::words::tell;

/// How long the daemon may take to come up with its store open.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(200);

/// `countersign store seal`
pub async fn seal(args: &StoreSeal, session: &Session) -> Result<(), ToolError> {
    needs_root()?;
    let _turn = Turn::take()?;
    let service = Service::of_host(session.bus_address());
    let standing = settled(session, &service).await?;
    let target = target_of(args.with);
    if text(&standing, "place") == target {
        return print_line(&tell!(
            "store-sealed-already",
            "key" = text(&standing, "id"),
            "place" = place(target)
        ));
    }
    change(session, &service, &standing, target, args.with_key).await
}

/// `countersign store rotate`
pub async fn rotate(args: &StoreRotate, session: &Session) -> Result<(), ToolError> {
    needs_root()?;
    let _turn = Turn::take()?;
    let service = Service::of_host(session.bus_address());
    let standing = settled(session, &service).await?;
    let target = match text(&standing, "place") {
        "credential" => target_of(With::SystemdCreds),
        _ => target_of(With::KeyFile),
    };
    change(session, &service, &standing, target, args.with_key).await
}

const fn target_of(with: With) -> &'static str {
    match with {
        With::SystemdCreds => "credential",
        With::KeyFile => "key-file",
    }
}

/// What there is of keys, once an earlier change is finished.
async fn settled(session: &Session, service: &Service) -> Result<Report, ToolError> {
    let standing = maintain(["standing"], None)?;
    if is_set(&standing, "settled") {
        return Ok(standing);
    }
    print_line(&tell!("store-finishing"))?;
    session.progress.set(Stage::Store);
    service.restart().await?;
    taken_up(session, text(&standing, "id")).await?;
    finish(session, service).await?;
    Ok(maintain(["standing"], None)?)
}

fn is_set(report: &Report, key: &str) -> bool {
    report.get(key).and_then(serde_json::Value::as_bool) == Some(true)
}

async fn change(
    session: &Session,
    service: &Service,
    standing: &Report,
    target: &str,
    with_key: WithKey,
) -> Result<(), ToolError> {
    if target == target_of(With::SystemdCreds)
        && !(service.takes_credentials() && is_set(standing, "can-encrypt"))
    {
        return Err(StoreError::NoSystemd.into());
    }
    // A store that does not open has its key elsewhere: one more would only hide that.
    let open = async { session.daemon().await?.store_status().await };
    open.await
        .map_err(|e| StoreError::NotOpen { why: e.to_string() })?;
    session.progress.set(Stage::Store);
    let job = ["begin", "--target", target, "--with-key", with_key.as_str()];
    let begun = maintain(job, None)?;
    let key = text(&begun, "id");
    let up = match service.restart().await {
        Ok(()) => taken_up(session, key).await,
        Err(error) => Err(error),
    };
    if let Err(why) = up {
        return Err(go_back(session, service, standing, &why).await.into());
    }
    let finished = finish(session, service).await?;
    session.progress.set(Stage::Changed);
    print_line(&tell!(
        "store-sealed",
        "records" = number(&finished, "records"),
        "key" = key,
        "place" = place(target)
    ))?;
    if number(&finished, "unreadable") > 0 {
        print_line(&tell!(
            "store-unreadable",
            "records" = number(&finished, "unreadable")
        ))?;
    }
    if target == target_of(With::SystemdCreds) {
        print_line(&tell!("store-sealed-hint"))?;
    }
    print_line(&tell!("store-backups-old-key"))
}

/// The daemon does not run with the new key: the old one is put back, and it runs with that.
async fn go_back(
    session: &Session,
    service: &Service,
    standing: &Report,
    why: &StoreError,
) -> StoreError {
    let back = async {
        maintain(["back"], None)?;
        service.restart().await?;
        taken_up(session, text(standing, "id")).await
    };
    match back.await {
        Ok(()) => {
            // What was sealed under the new key meanwhile is sealed anew, and that key goes. If not now, then
            // the next change does it first.
            let _ = finish(session, service).await;
            StoreError::WentBack {
                why: why.to_string(),
            }
        }
        Err(also) => StoreError::Stuck {
            why: format!("{why}; {also}"),
        },
    }
}

/// Waits until the daemon has its store open and seals with this key. Without any key before, any is right.
async fn taken_up(session: &Session, key: &str) -> Result<(), StoreError> {
    let begun = Instant::now();
    loop {
        let asked = async { session.daemon().await?.store_status().await };
        match asked.await {
            Ok(standing) if key.is_empty() || standing.sealing() == Some(key) => return Ok(()),
            Ok(_) => return Err(StoreError::OtherKey),
            Err(_) if begun.elapsed() < PATIENCE => tokio::time::sleep(PAUSE).await,
            Err(error) => {
                return Err(StoreError::Service {
                    why: error.to_string(),
                });
            }
        }
    }
}

/// Everything is sealed anew, and then the other keys go: from the disk, and with one more start out of the
/// daemon's memory.
async fn finish(session: &Session, service: &Service) -> Result<Report, ToolError> {
    let unfinished = |why: String| StoreError::Unfinished { why };
    let daemon = session.daemon().await?;
    let standing = daemon
        .reseal()
        .await
        .map_err(|e| unfinished(e.to_string()))?;
    if standing.unsaved > 0 {
        return Err(unfinished(tell!("store-unsaved", "records" = standing.unsaved)).into());
    }
    let finished = maintain(["finish"], None).map_err(|e| unfinished(e.to_string()))?;
    service.restart().await?;
    taken_up(session, text(&finished, "id")).await?;
    Ok(finished)
}
