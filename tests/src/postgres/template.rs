use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Who runs the servers: PostgreSQL refuses root.
const ACCOUNT: &str = "postgres";

/// The folder with PostgreSQL's programs, of the newest version that is installed.
pub(super) fn programs() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let versions = fs::read_dir("/usr/lib/postgresql").expect("Debian's package postgresql");
        let mut versions: Vec<(u32, PathBuf)> = versions
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                let number = path.file_name()?.to_str()?.parse().ok()?;
                Some((number, path.join("bin")))
            })
            .collect();
        versions.sort();
        versions.pop().expect("a version of PostgreSQL").1
    })
}

/// A program of PostgreSQL's, as its user.
pub(super) fn program(name: &str) -> Command {
    let mut command = as_postgres();
    command.arg(programs().join(name));
    command
}

/// A command as PostgreSQL's user that ends with the thread that starts it.
fn as_postgres() -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--reuid", ACCOUNT, "--regid", ACCOUNT, "--init-groups"]);
    command.args(["--pdeathsig", "KILL", "--"]);
    command.current_dir("/").stdin(Stdio::null());
    command
}

/// Runs it, and says what it said if it fails.
pub(super) fn run(mut command: Command) -> Output {
    let output = command.output().expect("setpriv of util-linux runs");
    assert!(
        output.status.success(),
        "{command:?} failed: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// A new folder of PostgreSQL's user.
pub(super) fn folder() -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("postgres-{}-{number}", std::process::id()));
    fs::create_dir(&path).expect("a folder for a server");
    give_away(&path);
    path
}

/// Makes PostgreSQL's user the owner of all that is there.
pub(super) fn give_away(path: &Path) {
    let mut command = Command::new("chown");
    command.arg("-R").arg(format!("{ACCOUNT}:")).arg(path);
    run(command);
}

/// Copies the files of a server that was never started: to make them takes a second, to copy them does not.
pub(super) fn copy_to(data: &Path) {
    static TEMPLATE: OnceLock<PathBuf> = OnceLock::new();
    let template = TEMPLATE.get_or_init(make);
    let mut command = as_postgres();
    command.args([
        OsStr::new("cp"),
        OsStr::new("-a"),
        template.as_os_str(),
        data.as_os_str(),
    ]);
    run(command);
}

fn make() -> PathBuf {
    let data = folder().join("template");
    let mut initdb = program("initdb");
    initdb.args([
        "--no-sync",
        "--no-instructions",
        "--auth=trust",
        "--username=postgres",
    ]);
    initdb
        .args(["--encoding=UTF8", "--locale=C", "--wal-segsize=1", "-D"])
        .arg(&data);
    run(initdb);
    // Renamed rather than made: that would be one more copy of what each database begins with.
    let rename = "echo 'alter database postgres rename to countersign' | \"$0\" --single -D \"$1\" template1";
    let mut single = as_postgres();
    single.args(["sh", "-c", rename]);
    single.arg(programs().join("postgres")).arg(&data);
    run(single);
    data
}
