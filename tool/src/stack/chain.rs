//! The modules of a service, inclusions resolved, in the order in which libpam would call them for
//! `pam_authenticate`.

use std::path::{Path, PathBuf};

use super::control::Control;
use super::file::{Facility, Inclusion, PamFile, Request, name_of};
use super::files::{CONF, Files, open};
use super::module::OURS;

/// How deep files may include each other (`PAM_SUBSTACK_MAX_LEVEL`). Before 1.7 libpam counts
/// substacks alone, and includes that go round in a circle end it by force.
const DEEPEST: usize = 16;
/// The service for programs that have none of their own.
pub const OTHER: &str = "other";
/// What a substack is called in its place in the chain.
const SUBSTACK: &str = "substack";

/// A line of a file, as one names it to a person.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: usize,
}

/// What stands at one place of a chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A module is called.
    Module,
    /// Nothing is called; it counts as `PAM_PERM_DENIED`.
    Nonsense,
    /// A substack begins. It is passed by, and counts as one module when modules are jumped over.
    Substack,
}

/// One place of a chain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    /// What is there.
    pub kind: Kind,
    /// The module's name or path, as it is written.
    pub module: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// What follows from its answers.
    pub control: Control,
    /// How many substacks it lies in.
    pub level: usize,
    /// Where it is written.
    pub place: Place,
}

impl Link {
    /// The module's name without directory and ending: `pam_unix`.
    pub fn name(&self) -> &str {
        name_of(&self.module)
    }
}

/// Something about the files that libpam stumbles over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// A file that is to be included is not there.
    Missing(String),
    /// Files include each other in a circle, or too deep.
    TooDeep,
    /// A line is too long.
    TooLong,
    /// The file ends in the middle of a line.
    Unfinished,
    /// A line makes no sense.
    Nonsense,
}

/// The chain of a service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chain {
    /// In order.
    pub links: Vec<Link>,
    /// What libpam stumbled over, and where.
    pub troubles: Vec<(Place, Trouble)>,
    /// The file that the chain is read from; `None` where there is none for this service.
    pub file: Option<PathBuf>,
    /// libpam gives up before anything is called: nobody gets in.
    pub aborted: bool,
    /// Lines of the files read that name our module for another question of PAM.
    pub misplaced: Vec<Place>,
}

impl Chain {
    /// Reads the chain of a service.
    pub fn read(files: &dyn Files, service: &str) -> Self {
        // pam_start(3) takes the name in small letters.
        let service = service.to_ascii_lowercase();
        let own = Reading::of(files, &service);
        // Read in any case: one that cannot be read spoils every service.
        let other = Reading::of(files, OTHER);
        let aborted = own.aborted || other.aborted;
        // Those of the own file count, whatever else is called in its place.
        let misplaced = own.misplaced.clone();
        let mut read = if own.links.is_empty() && !own.aborted {
            other
        } else {
            own
        };
        read.aborted |= aborted;
        Self {
            links: read.links,
            troubles: read.troubles,
            file: read.file,
            aborted: read.aborted,
            misplaced,
        }
    }
}

struct Reading<'a> {
    files: &'a dyn Files,
    links: Vec<Link>,
    troubles: Vec<(Place, Trouble)>,
    file: Option<PathBuf>,
    aborted: bool,
    misplaced: Vec<Place>,
}

/// libpam gave a file up.
struct GivenUp;

/// Which lines of a file are wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    All,
    Auth,
}

impl<'a> Reading<'a> {
    fn of(files: &'a dyn Files, service: &str) -> Self {
        let mut reading = Self {
            files,
            links: Vec::new(),
            troubles: Vec::new(),
            file: None,
            aborted: false,
            misplaced: Vec::new(),
        };
        let found = if files.has_directory() {
            open(files, service).map(|(path, bytes)| (path, PamFile::parse(&bytes)))
        } else {
            let path = Path::new(CONF);
            let bytes = files.read(path);
            bytes.map(|bytes| (path.to_owned(), PamFile::parse_conf(&bytes, service)))
        };
        if let Some((path, file)) = found {
            reading.aborted = reading.take(&path, &file, Wanted::All, 0, 0).is_err();
            reading.file = Some(path);
        }
        reading
    }

    fn take(
        &mut self,
        path: &Path,
        file: &PamFile,
        wanted: Wanted,
        depth: usize,
        level: usize,
    ) -> Result<(), GivenUp> {
        use super::line::Unreadable;

        for entry in &file.entries {
            let place = Place {
                path: path.to_owned(),
                line: entry.line.number,
            };
            let debian = matches!(
                entry.request,
                Request::File {
                    inclusion: Inclusion::Debian,
                    ..
                }
            );
            // A facility that there is not counts as the most sensitive one.
            let nonsense = entry.facility.is_none() && !debian;
            if !debian && !matches!(entry.facility, None | Some(Facility::Auth)) {
                if entry.module() == Some(OURS) && !self.misplaced.contains(&place) {
                    self.misplaced.push(place);
                }
                continue;
            }
            match &entry.request {
                Request::Module {
                    control,
                    module: Some(module),
                    arguments,
                } if !nonsense => {
                    let link = Link {
                        kind: Kind::Module,
                        module: module.clone(),
                        arguments: arguments.clone(),
                        control: control.clone(),
                        level,
                        place: place.clone(),
                    };
                    if matches!(link.name(), "" | "?") {
                        self.troubles.push((place, Trouble::Nonsense));
                        return Err(GivenUp);
                    }
                    self.links.push(link);
                }
                Request::Module { control, .. } => {
                    self.troubles.push((place.clone(), Trouble::Nonsense));
                    self.links
                        .push(Link::nonsense(control.clone(), level, place));
                }
                Request::Nonsense => {
                    self.troubles.push((place.clone(), Trouble::Nonsense));
                    self.links
                        .push(Link::nonsense(Control::refusing(), level, place));
                }
                Request::File { inclusion, name } => {
                    let (wanted, deeper) = match inclusion {
                        Inclusion::Debian => (wanted, level),
                        Inclusion::Include => (Wanted::Auth, level),
                        Inclusion::Substack => {
                            self.links.push(Link {
                                kind: Kind::Substack,
                                module: SUBSTACK.to_owned(),
                                arguments: Vec::new(),
                                control: Control::refusing(),
                                level,
                                place: place.clone(),
                            });
                            (Wanted::Auth, level + 1)
                        }
                    };
                    let name = name.as_deref().unwrap_or_default();
                    let included = self.include(name, wanted, depth + 1, deeper, &place);
                    if included.is_err() {
                        // There is no module type to refuse for.
                        if debian && wanted == Wanted::All {
                            return Err(GivenUp);
                        }
                        self.links
                            .push(Link::nonsense(Control::refusing(), level, place));
                    }
                }
            }
        }
        let (line, trouble) = match file.unreadable {
            None => return Ok(()),
            Some(Unreadable::TooLong(line)) => (line, Trouble::TooLong),
            Some(Unreadable::Unfinished(line)) => (line, Trouble::Unfinished),
        };
        let path = path.to_owned();
        self.troubles.push((Place { path, line }, trouble));
        Err(GivenUp)
    }

    fn include(
        &mut self,
        name: &str,
        wanted: Wanted,
        depth: usize,
        level: usize,
        place: &Place,
    ) -> Result<(), GivenUp> {
        if depth >= DEEPEST {
            self.troubles.push((place.clone(), Trouble::TooDeep));
            return Err(GivenUp);
        }
        let found = if name.is_empty() {
            None
        } else {
            open(self.files, name)
        };
        if let Some((path, bytes)) = found {
            self.take(&path, &PamFile::parse(&bytes), wanted, depth, level)
        } else {
            let missing = Trouble::Missing(name.to_owned());
            self.troubles.push((place.clone(), missing));
            Err(GivenUp)
        }
    }
}

impl Link {
    fn nonsense(control: Control, level: usize, place: Place) -> Self {
        Self {
            kind: Kind::Nonsense,
            module: String::new(),
            arguments: Vec::new(),
            control,
            level,
            place,
        }
    }
}
