//! The end of a report: the counts, what is different here, and what is left to do.

use std::collections::BTreeMap;
use std::path::Path;

use super::found::LeftOut;
use super::leftovers::Line;
use super::report::{Counts, Form, Report};
use crate::error::ToolError;
use crate::output::{print, print_json};
use crate::printable::Printable;
use crate::words::tell;

/// The most files that are named one by one.
const FEW: usize = 5;

impl Report {
    /// Ends the report: the counts, what is different here, and what is left to do.
    pub fn close(self, module: Option<&str>, lines: &[Line]) -> Result<(), ToolError> {
        let left = self.left_behind();
        if self.form == Form::Json {
            return print_json(&serde_json::json!({"summary": {
                "counts": self.counts,
                "left_out": left,
                "files_left": self.files.iter().map(|it| it.to_string_lossy()).collect::<Vec<_>>(),
                "pam_lines_left": lines.iter()
                    .map(|it| serde_json::json!({"file": it.file.to_string_lossy(), "line": it.number}))
                    .collect::<Vec<_>>(),
            }}));
        }
        let Counts {
            users,
            taken,
            would_be_taken,
            already_there,
            not_taken,
            recovery_codes,
            without_file,
        } = self.counts.clone();
        let mut said = Vec::new();
        if would_be_taken > 0 {
            said.push(tell!(
                "import-sum-dry-run",
                "tokens" = would_be_taken,
                "users" = users
            ));
        } else if taken == 0 && recovery_codes > 0 {
            said.push(tell!("import-sum-codes", "count" = recovery_codes));
        } else {
            said.push(tell!("import-sum-taken", "tokens" = taken, "users" = users));
        }
        if already_there > 0 {
            said.push(tell!("import-sum-already-there", "count" = already_there));
        }
        if not_taken > 0 {
            said.push(tell!("import-sum-not-taken", "count" = not_taken));
        }
        if without_file > 0 {
            said.push(tell!("import-sum-without-file", "count" = without_file));
        }
        let mut text = String::new();
        if self.begun {
            text.push('\n');
        }
        text.push_str(&said.join("\n"));
        text.push('\n');
        for (option, count) in left {
            text.push_str(&match option {
                "RATE_LIMIT" => tell!("import-left-rate-limit", "count" = count),
                "LAST" => tell!("import-left-grace-period", "count" = count),
                _ => tell!("import-left-skew", "count" = count),
            });
            text.push('\n');
        }
        if recovery_codes > 0 {
            text.extend(["\n", &tell!("import-scratch-codes"), "\n"]);
        }
        if !self.files.is_empty() {
            text.extend(["\n", &tell!("import-files-left"), "\n"]);
            for file in self.files.iter().take(FEW) {
                text.extend(["  ", &shown(file), "\n"]);
            }
            if let Some(more) = self.files.len().checked_sub(FEW).filter(|it| *it > 0) {
                text.extend(["  ", &tell!("import-and-more", "count" = more), "\n"]);
            }
        }
        if let (Some(module), false) = (module, lines.is_empty()) {
            let told = tell!("import-pam-lines", "module" = module);
            text.extend(["\n", &told, "\n"]);
            for Line { file, number } in lines {
                text.extend(["  ", &shown(file), ":", &number.to_string(), "\n"]);
            }
        }
        print(&text)
    }

    fn left_behind(&self) -> BTreeMap<&'static str, usize> {
        LeftOut::ALL
            .into_iter()
            .filter_map(|it| Some((it.option(), *self.left.get(&it)?)))
            .collect()
    }
}

fn shown(file: &Path) -> String {
    Printable(&file.to_string_lossy()).to_string()
}
