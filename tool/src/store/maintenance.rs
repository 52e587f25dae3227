//! The daemon's program for one job. No key passes through here: what it makes goes into a file that it is given.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Map, Value};

use super::error::StoreError;
use crate::system_program::system_program;

/// What is known of a job that was done.
pub type Report = Map<String, Value>;

/// Where the bus finds the program that it would start.
const ACTIVATION: &str = "/usr/share/dbus-1/system-services/org.countersign1.service";
/// Where it lies unless somebody packed it otherwise.
const PROGRAM: &str = "/usr/libexec/countersignd";

/// Does one job as the daemon's program has it; what is made goes to `made`, if there is something.
pub fn maintain<A: AsRef<OsStr>>(
    arguments: impl IntoIterator<Item = A>,
    made: Option<&File>,
) -> Result<Report, StoreError> {
    let program = program();
    let fail = |why: std::io::Error| StoreError::NoProgram {
        path: program.clone(),
        why,
    };
    let out = match made {
        Some(file) => file.try_clone().map_err(fail)?.into(),
        None => Stdio::null(),
    };
    leave_the_daemons_fence();
    let output = system_program(&program)
        .arg("maintain")
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(Stdio::piped())
        .output()
        .map_err(fail)?;
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().rfind(|line| !line.trim().is_empty());
    let last = last.unwrap_or_default();
    match serde_json::from_str::<Map<String, Value>>(last) {
        Ok(mut report) => match (report.remove("done"), report.remove("failed")) {
            (Some(Value::Object(done)), _) => Ok(done),
            (_, Some(Value::Object(failed))) => Err(StoreError::Failed(failed)),
            _ => Err(StoreError::NoReport(last.to_owned())),
        },
        Err(_) => Err(StoreError::NoReport(last.to_owned())),
    }
}

/// A profile of `AppArmor` goes by the program, and is that of a daemon which reads nothing of root's and runs
/// nothing. Root may say that the next program is not to be held to it. Where there is none, or it
/// does not let us, the program itself will tell what it cannot do.
fn leave_the_daemons_fence() {
    let _ = fs::write("/proc/thread-self/attr/apparmor/exec", "exec unconfined");
}

/// The daemon's program: beside this one, as both are installed, or where the bus finds it.
fn program() -> PathBuf {
    let beside = std::env::current_exe().ok().and_then(|tool| {
        let prefix = tool.parent()?.parent()?;
        Some(prefix.join("libexec/countersignd"))
    });
    if let Some(beside) = beside.filter(|path| path.is_file()) {
        return beside;
    }
    let named = fs::read_to_string(ACTIVATION).ok();
    let named = named.as_deref().and_then(of_activation);
    named.unwrap_or_else(|| Path::new(PROGRAM).to_owned())
}

fn of_activation(text: &str) -> Option<PathBuf> {
    let line = text.lines().find_map(|line| line.strip_prefix("Exec="))?;
    line.split_whitespace().next().map(PathBuf::from)
}

/// A text of a report; nothing where there is none.
pub fn text<'r>(report: &'r Report, key: &str) -> &'r str {
    report.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// A number of a report.
pub fn number(report: &Report, key: &str) -> u64 {
    report.get(key).and_then(Value::as_u64).unwrap_or_default()
}

/// Texts of a report.
pub fn texts(report: &Report, key: &str) -> Vec<String> {
    let listed = report.get(key).and_then(Value::as_array);
    let texts = listed.into_iter().flatten().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

/// Parts of a report.
pub fn parts<'r>(report: &'r Report, key: &str) -> impl Iterator<Item = &'r Report> {
    let listed = report.get(key).and_then(Value::as_array);
    listed.into_iter().flatten().filter_map(Value::as_object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_the_one_that_the_bus_would_start() {
        let text = "[D-BUS Service]\nName=x\nExec=/usr/lib/countersign/countersignd --x\nUser=y\n";
        let path = Path::new("/usr/lib/countersign/countersignd");
        assert_eq!(of_activation(text).as_deref(), Some(path));
        assert_eq!(of_activation("[D-BUS Service]\n"), None);
    }

    #[test]
    fn what_a_report_does_not_have_is_nothing() {
        let report: Report = serde_json::from_str(r#"{"a":"x","n":3,"l":["y",1]}"#).unwrap();
        assert_eq!((text(&report, "a"), text(&report, "n")), ("x", ""));
        assert_eq!((number(&report, "n"), number(&report, "a")), (3, 0));
        assert_eq!(texts(&report, "l"), ["y"]);
        assert_eq!(parts(&report, "l").count(), 0);
    }
}
