//! Where stacks lie.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The administrator's stacks.
pub const OWN: &str = "/etc/pam.d";
/// The distribution's, which count where the administrator has none of the name.
pub const VENDOR: &str = "/usr/lib/pam.d";
/// Counts where there is neither directory.
pub const CONF: &str = "/etc/pam.conf";

/// A file system to read stacks from. Paths are those that libpam sees.
pub trait Files {
    /// The file's bytes; `None` when there is none that could be read.
    fn read(&self, path: &Path) -> Option<Vec<u8>>;

    /// Is there a directory of stacks?
    fn has_directory(&self) -> bool;

    /// The file of the administrator's directory that is meant by this path, where that is a link
    /// within the directory; otherwise the path.
    fn real(&self, path: &Path) -> PathBuf;
}

/// The file of a service or of an inclusion, where libpam would open it.
pub fn open(files: &dyn Files, name: &str) -> Option<(PathBuf, Vec<u8>)> {
    let places = if name.starts_with('/') {
        vec![PathBuf::from(name)]
    } else {
        // Not `join`: a name is put behind the directory whatever it is.
        [OWN, VENDOR]
            .map(|directory| PathBuf::from(format!("{directory}/{name}")))
            .to_vec()
    };
    places
        .into_iter()
        .find_map(|path| files.read(&path).map(|bytes| (path, bytes)))
}

/// The machine's own file system, or a copy of one below a directory.
#[derive(Clone, Debug)]
pub struct Root(PathBuf);

impl Root {
    /// `/`, or where the copy is.
    pub fn new(directory: &Path) -> Self {
        Self(directory.to_owned())
    }

    /// Where a path that libpam sees really is.
    pub fn at(&self, path: &Path) -> PathBuf {
        self.0.join(path.strip_prefix("/").unwrap_or(path))
    }

    /// The same for a file whose links lead as they do on the machine of which this is a copy.
    fn followed(&self, path: &Path) -> PathBuf {
        let mut path = path.to_owned();
        // As many as the kernel follows (path_resolution(7)).
        for _ in 0..40 {
            match fs::read_link(self.at(&path)) {
                Ok(target) => {
                    path = path.parent().unwrap_or(Path::new("/")).join(target);
                }
                Err(_) => break,
            }
        }
        self.at(&path)
    }

    /// Where a link leads within the administrator's directory of stacks. `None` for what is no
    /// link, and for a link that leads out of it.
    pub fn within(&self, path: &Path) -> Option<PathBuf> {
        let real = self.at(path);
        if !fs::symlink_metadata(&real).ok()?.is_symlink() {
            return None;
        }
        let directory = fs::canonicalize(self.at(Path::new(OWN))).ok()?;
        let target = fs::canonicalize(&real).ok()?;
        let name = target.strip_prefix(directory).ok()?;
        (name.components().count() == 1).then(|| Path::new(OWN).join(name))
    }

    /// Is it the machine's own?
    pub fn is_host(&self) -> bool {
        self.0 == Path::new("/")
    }

    /// The names in both directories of stacks that could be a service's, in order. One that
    /// begins with a dot, or ends as a package manager's leftovers do, is nobody's.
    pub fn services(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for directory in [OWN, VENDOR] {
            let entries = match fs::read_dir(self.at(Path::new(directory))) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            for entry in entries {
                let entry = entry?;
                if let Some(name) = entry.file_name().to_str()
                    && is_service(name)
                    && self.followed(&Path::new(directory).join(name)).is_file()
                {
                    names.push(name.to_owned());
                }
            }
        }
        names.sort();
        names.dedup();
        Ok(names)
    }
}

/// Could a program ask for a stack of this name?
fn is_service(name: &str) -> bool {
    const LEFTOVERS: [&str; 9] = [
        "~",
        ".bak",
        ".dpkg-dist",
        ".dpkg-new",
        ".dpkg-old",
        ".dpkg-tmp",
        ".rpmnew",
        ".rpmorig",
        ".rpmsave",
    ];
    !name.starts_with('.') && !LEFTOVERS.iter().any(|end| name.ends_with(end))
}

impl Files for Root {
    fn read(&self, path: &Path) -> Option<Vec<u8>> {
        fs::read(self.followed(path)).ok()
    }

    fn has_directory(&self) -> bool {
        [OWN, VENDOR]
            .iter()
            .any(|directory| self.at(Path::new(directory)).is_dir())
    }

    fn real(&self, path: &Path) -> PathBuf {
        self.within(path).unwrap_or_else(|| path.to_owned())
    }
}

/// Files as they would be after changes that are not made yet.
pub struct Changed<'a> {
    /// The files as they are.
    pub files: &'a dyn Files,
    /// What would be there instead; `None` for a file that would be gone.
    pub changes: &'a BTreeMap<PathBuf, Option<Vec<u8>>>,
}

impl Files for Changed<'_> {
    fn read(&self, path: &Path) -> Option<Vec<u8>> {
        // A link shows what its file becomes.
        let changed = self.changes.get(path);
        match changed.or_else(|| self.changes.get(&self.files.real(path))) {
            Some(change) => change.clone(),
            None => self.files.read(path),
        }
    }

    fn has_directory(&self) -> bool {
        self.files.has_directory()
    }

    fn real(&self, path: &Path) -> PathBuf {
        self.files.real(path)
    }
}

/// Files in memory.
#[cfg(test)]
impl Files for BTreeMap<PathBuf, Vec<u8>> {
    fn read(&self, path: &Path) -> Option<Vec<u8>> {
        self.get(path).cloned()
    }

    fn has_directory(&self) -> bool {
        self.keys()
            .any(|path| path.starts_with(OWN) || path.starts_with(VENDOR))
    }

    fn real(&self, path: &Path) -> PathBuf {
        path.to_owned()
    }
}
