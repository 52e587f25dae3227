use std::ffi::OsStr;

use crate::cli::StoreMigrate;
use crate::error::ToolError;
use crate::output::print_line;
use crate::store::error::StoreError;
use crate::store::maintenance::{maintain, number};
use crate::words::tell;

/// `countersign store migrate`
pub fn run(args: &StoreMigrate) -> Result<(), ToolError> {
    if has_password(&args.url) {
        return Err(StoreError::Password.into());
    }
    let mut all: Vec<&OsStr> = vec!["migrate".as_ref(), "--url".as_ref(), args.url.as_ref()];
    for (flag, file) in [
        ("--ca", &args.ca),
        ("--certificate", &args.certificate),
        ("--key", &args.key),
    ] {
        if let Some(file) = file {
            all.extend::<[&OsStr; 2]>([flag.as_ref(), file.as_ref()]);
        }
    }
    let report = maintain(all, None)?;
    let (from, to) = (number(&report, "from"), number(&report, "to"));
    print_line(&if from == to {
        tell!("store-schema-is", "version" = to)
    } else if from == 0 {
        tell!("store-schema-made", "version" = to)
    } else {
        tell!("store-schema-upgraded", "from" = from, "version" = to)
    })?;
    print_line(&tell!("store-schema-next"))
}

/// Is there one, in any spelling that the client would take?
fn has_password(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let by_name = rest.rsplit_once('@').map_or("", |(before, _)| before);
    by_name.contains(':') || rest.to_lowercase().replace(' ', "").contains("password=")
}

#[cfg(test)]
mod tests {
    use super::has_password;

    #[test]
    fn a_password_is_found_in_any_spelling() {
        for with in [
            "postgres://admin:secret@db/countersign",
            "postgres://admin:se/cret@db/countersign",
            "postgres://admin:@db",
            "postgresql://db/countersign?user=a&password=secret",
            "host=db password = secret",
        ] {
            assert!(has_password(with), "{with}");
        }
        for without in [
            "postgres://postgres@%2Frun%2Fpostgresql/countersign",
            "postgresql://admin@[2001:db8::1]:5432/countersign",
            "postgresql://db:5432/countersign",
        ] {
            assert!(!has_password(without), "{without}");
        }
    }
}
