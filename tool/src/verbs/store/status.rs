use super::key_line;
use crate::cli::StoreStatus;
use crate::error::ToolError;
use crate::output::{print, print_json, print_line};
use crate::run::Session;
use crate::store::aside;
use crate::store::standing::Standing;
use crate::words::tell;

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
    let mut lines = vec![
        tell!("store-records", "records" = standing.records),
        tell!("store-journal", "bytes" = standing.journal),
    ];
    if standing.unsaved > 0 {
        lines.push(tell!("store-unsaved", "records" = standing.unsaved));
    }
    for (at, key) in standing.keys.iter().enumerate() {
        lines.push(key_line(at, &key.id, &key.place, key.records.into()));
    }
    if standing.keys.len() > 1 {
        lines.push(tell!("store-keys-left"));
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::standing::Key;

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
