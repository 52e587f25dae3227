//! Files on a disk in, a configuration or messages out.

mod files;
mod loading;
mod messages;
mod shipped;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::Config;

/// The host's name in these tests.
const HOST: &str = "web-01";

/// A configuration folder of a test's own, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!(
            "countersign-config-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(path.join("conf.d")).unwrap();
        Self(path)
    }

    fn with(self, file: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.0.join(file);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        self
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.join(file)
    }

    fn load(&self) -> Config {
        Config::load(&self.0, HOST).unwrap_or_else(|_| panic!("{}", self.problems().join("\n")))
    }

    /// The messages, with the folder's own path left out of them.
    fn problems(&self) -> Vec<String> {
        let folder = format!("{}/", self.0.display());
        let problems = Config::load(&self.0, HOST).unwrap_err();
        problems
            .iter()
            .map(|problem| problem.to_string().replace(&folder, ""))
            .collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn main_file(text: impl AsRef<[u8]>) -> Folder {
    Folder::new().with("countersign.toml", text)
}
