use super::{key_line, place};
use crate::cli::StoreStatus;
use crate::error::ToolError;
use crate::output::{print, print_json, print_line};
use crate::printable::Printable;
use crate::run::Session;
use crate::store::aside;
use crate::store::standing::{Answer, SharedStore, Standing};
use crate::words::tell;

/// A clock that is off by so many seconds makes people type codes again.
const MOST_SKEW: f64 = 10.0;

/// `countersign store status`
pub async fn run(args: &StoreStatus, session: &Session) -> Result<(), ToolError> {
    let standing = session.daemon().await?.store_status().await?;
    if args.json {
        return print_json(&standing);
    }
    print(&told(&standing))?;
    for line in aside::told() {
        print_line(&line)?;
    }
    Ok(())
}

fn told(standing: &Standing) -> String {
    let mut lines = match &standing.shared {
        Some(shared) => of_fleet(shared),
        None => vec![
            tell!("store-records", "records" = standing.records),
            tell!("store-journal", "bytes" = standing.journal),
        ],
    };
    if standing.unsaved > 0 {
        lines.push(tell!("store-unsaved", "records" = standing.unsaved));
    }
    for (at, key) in standing.keys.iter().enumerate() {
        lines.push(if standing.shared.is_some() {
            let (id, place) = (Printable(&key.id).to_string(), place(&key.place));
            tell!("store-fleet-key", "id" = id, "place" = place)
        } else {
            key_line(at, &key.id, &key.place, key.records.into())
        });
    }
    if standing.keys.len() > 1 && standing.shared.is_none() {
        lines.push(tell!("store-keys-left"));
    }
    lines.join("\n") + "\n"
}

/// The shared store, and what is wrong with it.
fn of_fleet(shared: &SharedStore) -> Vec<String> {
    let tenant = Printable(&shared.tenant).to_string();
    let mut lines = vec![tell!("store-fleet", "tenant" = tenant)];
    match &shared.answer {
        Answer::Unreachable(why) => {
            let why = Printable(why).to_string();
            lines.push(tell!("store-fleet-unreachable", "why" = why));
        }
        Answer::Server(server) => {
            let host = Printable(&server.host).to_string();
            lines.push(tell!(
                "store-fleet-server",
                "server" = host,
                "schema" = server.schema.to_string()
            ));
            lines.extend(match server.commit_waits.as_str() {
                "standby" => None,
                "disk" => Some(tell!("store-fleet-disk")),
                _ => Some(tell!("store-fleet-nothing")),
            });
            if server.clock_skew.abs() > MOST_SKEW {
                let seconds = format!("{:.0}", server.clock_skew.abs());
                lines.push(tell!("store-fleet-clock", "seconds" = seconds));
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::standing::{Key, Server};

    #[test]
    fn a_shared_store_is_told_with_what_is_wrong_with_it() {
        let server = |commit_waits: &str, clock_skew| Standing {
            records: 0,
            unsaved: 0,
            journal: 0,
            keys: Vec::new(),
            shared: Some(SharedStore {
                tenant: "main".to_owned(),
                answer: Answer::Server(Server {
                    host: "db1:5432".to_owned(),
                    version: "PostgreSQL".to_owned(),
                    schema: 1,
                    commit_waits: commit_waits.to_owned(),
                    clock_skew,
                    administers: false,
                }),
            }),
        };
        let good = told(&server("standby", 0.4));
        assert!(
            good.contains("db1:5432") && good.contains("tenant main"),
            "{good}"
        );
        assert!(
            !good.contains("standby") && !good.contains("clock"),
            "{good}"
        );
        let bad = told(&server("disk", -40.0));
        assert!(bad.contains("no standby") && bad.contains("40 s"), "{bad}");
    }

    #[test]
    fn the_key_that_seals_is_told_from_those_that_only_open() {
        let key = |id: &str, place: &str, records| Key {
            id: id.to_owned(),
            place: place.to_owned(),
            records,
        };
        let mut standing = Standing {
            records: 3,
            unsaved: 0,
            journal: 4096,
            keys: vec![key("aa", "credential", 1), key("bb", "key-file", 2)],
            shared: None,
        };
        let said = told(&standing);
        assert!(said.contains("Key aa seals: the credential"), "{said}");
        assert!(said.contains("Key bb only opens: the file"), "{said}");
        assert!(said.contains("countersign store seal"), "{said}");
        assert!(!said.contains("memory"), "{said}");
        standing.keys.truncate(1);
        standing.unsaved = 2;
        let said = told(&standing);
        assert!(!said.contains("countersign store seal"), "{said}");
        assert!(said.contains("2 records are newer in memory"), "{said}");
    }
}
