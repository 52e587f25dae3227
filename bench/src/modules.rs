//! The modules as files: they lie side by side on the same disk.

use std::fs;
use std::path::{Path, PathBuf};

use countersign_tests::Program;

use crate::dice::Dice;
use crate::figures::Figures;
use crate::found::Loading;
use crate::harness::{Harness, PAM_SUCCESS};

/// Whose module, by the name of its file.
pub const PERMIT: &str = "pam_permit";
/// The one that everything is compared with.
pub const GOOGLE: &str = "pam_google_authenticator";
/// The other peer.
pub const OATH: &str = "pam_oath";
/// Ours.
pub const OURS: &str = "pam_countersign";

/// A directory with all of them.
pub struct Modules(PathBuf);

impl Modules {
    /// Copies them there: the peers' from where their packages put them, ours from where it was built.
    pub fn gather(build: &Path, directory: PathBuf) -> Self {
        fs::create_dir_all(&directory).expect("a directory for modules");
        let installed = fs::read_dir("/usr/lib")
            .expect("/usr/lib is there")
            .flatten()
            .map(|entry| entry.path().join("security"))
            .find(|path| path.join("pam_permit.so").is_file())
            .expect("libpam's own modules are installed");
        let modules = Self(directory);
        for peer in [PERMIT, GOOGLE, OATH] {
            fs::copy(installed.join(format!("{peer}.so")), modules.path(peer))
                .unwrap_or_else(|error| panic!("{peer} is not installed: {error}"));
        }
        fs::copy(build.join("libpam_countersign.so"), modules.path(OURS))
            .unwrap_or_else(|error| panic!("our module is not built: {error}"));
        modules
    }

    /// Where one is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(format!("{name}.so"))
    }

    /// How long they take to load, each so many times, in an order by chance.
    pub fn load(&self, harness: &Harness, times: usize, dice: &mut Dice) -> Vec<Loading> {
        const ALL: [&str; 4] = [PERMIT, GOOGLE, OATH, OURS];
        let mut order = Vec::new();
        for _ in 0..times {
            let mut round = ALL;
            dice.shuffle(&mut round);
            order.extend(round);
        }
        let paths: Vec<PathBuf> = order.iter().map(|name| self.path(name)).collect();
        let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
        let ends = harness.load(&paths);
        let of = |name: &str| {
            let mine = order
                .iter()
                .zip(&ends)
                .filter(|(module, _)| **module == name);
            let took: Vec<_> = mine
                .map(|(_, end)| {
                    assert_eq!(end.status, PAM_SUCCESS, "{name} did not load");
                    end.took()
                })
                .collect();
            let path = self.path(name);
            Loading {
                module: name.to_owned(),
                took: Figures::of(&took).expect("it was loaded"),
                bytes: fs::metadata(&path).map_or(0, |it| it.len()),
                needs: needs(&path),
            }
        };
        ALL.into_iter().map(of).collect()
    }
}

/// The libraries that a file asks for.
fn needs(path: &Path) -> Vec<String> {
    let said = Program::new("readelf")
        .args(["--wide", "--dynamic"])
        .arg(path)
        .text();
    said.lines()
        .filter(|line| line.contains("(NEEDED)"))
        .filter_map(|line| Some(line.split_once('[')?.1.trim_end_matches(']').to_owned()))
        .collect()
}
