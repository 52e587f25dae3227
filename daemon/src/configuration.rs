//! The configuration in force, and how another takes its place.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use countersign_config::{Config, Problem};

use crate::audit::{Level, Log};

/// What is in force, and what is wrong with the files that should be.
pub struct Configuration {
    dir: PathBuf,
    host_name: String,
    now: RwLock<Arc<Config>>,
}

impl Configuration {
    /// The files in `dir`. Until they are read, the built-in defaults hold.
    pub fn new(dir: PathBuf) -> Self {
        let host_name = nix::unistd::gethostname().unwrap_or_default();
        let host_name = host_name.to_string_lossy().into_owned();
        let now = RwLock::new(Arc::new(Config::default_for(&host_name)));
        Self {
            dir,
            host_name,
            now,
        }
    }

    /// What is in force now. One question is answered by one of it, whatever is read meanwhile.
    pub fn in_force(&self) -> Arc<Config> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the files at the start of the daemon. Says what is wrong with them, a line for each problem.
    pub fn read_first(&self, log: &dyn Log) -> Vec<String> {
        self.read(
            log,
            "the configuration is broken and none of it is in force: whoever is enrolled is asked \
             for a code everywhere, and whoever is not is let in without one; mend it and reload \
             countersignd",
        )
    }

    /// Reads the files anew. As long as they are broken, what was in force before stays so: it was somebody's
    /// will as a whole, and neither half of the new one nor the defaults are.
    pub fn read_again(&self, log: &dyn Log) -> Vec<String> {
        let read = self.read(
            log,
            "the configuration is broken and none of it is in force: the one that was read before \
             stays so; mend it and reload countersignd",
        );
        if read.is_empty() {
            log.write(
                Level::Info,
                "the configuration was read anew and is in force",
            );
        }
        read
    }

    fn read(&self, log: &dyn Log, broken: &str) -> Vec<String> {
        let problems = match Config::load(&self.dir, &self.host_name) {
            Ok(config) => {
                *self.now.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
                return Vec::new();
            }
            Err(problems) => problems,
        };
        let problems: Vec<_> = problems.iter().map(Problem::to_string).collect();
        for problem in &problems {
            log.write(Level::Error, problem);
        }
        log.write(Level::Alert, broken);
        problems
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Mutex;

    use super::*;

    #[derive(Default)]
    struct Lines(Mutex<Vec<(Level, String)>>);

    impl Log for Lines {
        fn write(&self, level: Level, line: &str) {
            self.0.lock().unwrap().push((level, line.to_owned()));
        }
    }

    #[test]
    fn a_broken_configuration_is_told_and_leaves_the_last_good_one_in_force() {
        let dir = std::env::temp_dir().join(format!("countersignd-config-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let write = |text: &str| fs::write(dir.join("countersign.toml"), text).unwrap();
        let log = Lines::default();
        let last_line = || log.0.lock().unwrap().last().cloned().unwrap();
        let configuration = Configuration::new(dir.clone());
        let issuer = || configuration.in_force().issuer.as_str().to_owned();

        write("issuer = \"one\"\n");
        assert!(configuration.read_first(&log).is_empty());
        let before = configuration.in_force();
        assert_eq!(issuer(), "one");

        write("issuer = \"two\"\n[totp]\ndigits = 9\nwindw = 1\n");
        let problems = configuration.read_again(&log);
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert_eq!(issuer(), "one");
        let (level, line) = last_line();
        assert_eq!(level, Level::Alert);
        assert!(
            line.contains("the one that was read before stays so"),
            "{line}"
        );

        write("issuer = \"three\"\n");
        assert!(configuration.read_again(&log).is_empty());
        assert_eq!(issuer(), "three");
        assert_eq!(last_line().0, Level::Info);
        assert_eq!(before.issuer.as_str(), "one", "who holds one keeps it");
        fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn one_that_is_broken_at_the_start_leaves_the_defaults() {
        let dir = std::env::temp_dir().join(format!("countersignd-broken-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("countersign.toml"), "[[rule]]\nrequire = \"no\"\n").unwrap();
        let (log, configuration) = (Lines::default(), Configuration::new(dir.clone()));
        assert_eq!(configuration.read_first(&log).len(), 1);
        assert!(configuration.in_force().policy.rules().is_empty());
        fs::remove_dir_all(&dir).unwrap();
    }
}
