use std::ffi::OsStr;

use crate::cli::StoreMigrate;
use crate::error::ToolError;
use crate::output::print_line;
use crate::store::maintenance::{maintain, number};
use crate::words::tell;

/// `countersign store migrate`
pub fn run(args: &StoreMigrate) -> Result<(), ToolError> {
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
