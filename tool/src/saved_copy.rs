//! What `--save` leaves: the QR code as a picture, or the card to print.

use std::path::Path;

use crate::card::{Card, Paper};
use crate::error::ToolError;
use crate::picture::PictureFormat;
use crate::printable::Printable;
use crate::private_file::{Existing, FileError, PrivateFile};
use crate::words::words;

/// What the name of a file asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// The QR code alone.
    Picture(PictureFormat),
    /// A page with everything.
    Card(Paper),
}

impl Kind {
    /// By the extension of the name. Paper is for cards alone; `None` is what lies in printers here.
    fn of(path: &Path, paper: Option<Paper>) -> Result<Self, FileError> {
        let extension = path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
        let is_card = extension.is_some_and(|it| it == "pdf");
        match (is_card, paper) {
            (true, Some(paper)) => Ok(Self::Card(paper)),
            (true, None) => Ok(Self::Card(Paper::of_environment(|name| {
                Some(std::env::var_os(name)?.to_string_lossy().into_owned())
            }))),
            (false, None) => PictureFormat::of(path).map(Self::Picture),
            (false, Some(_)) => Err(FileError::PaperWithoutCard {
                path: path.to_owned(),
            }),
        }
    }
}

/// A copy of the key on its way to a file. Until it is kept, it goes away by itself.
pub struct SavedCopy {
    kind: Kind,
    file: PrivateFile,
}

impl SavedCopy {
    /// Creates the file, so that a name that will not do is refused before anything is begun.
    pub fn reserve(
        path: &Path,
        existing: Existing,
        paper: Option<Paper>,
    ) -> Result<Self, FileError> {
        let kind = Kind::of(path, paper)?;
        Ok(Self {
            kind,
            file: PrivateFile::create(path, existing)?,
        })
    }

    /// Draws what is known, in place of what was drawn before.
    pub fn draw(&mut self, card: &Card<'_>) -> Result<(), ToolError> {
        let bytes = match self.kind {
            Kind::Picture(format) => format.draw(card.uri)?,
            Kind::Card(paper) => card.draw(paper, words())?,
        };
        Ok(self.file.write(&bytes)?)
    }

    /// Adds what came to be known since. A picture is whole as it is.
    pub fn complete(&mut self, card: &Card<'_>) -> Result<(), ToolError> {
        match self.kind {
            Kind::Picture(_) => Ok(()),
            Kind::Card(_) => self.draw(card),
        }
    }

    /// Does it tell more than the QR code?
    pub const fn is_card(&self) -> bool {
        matches!(self.kind, Kind::Card(_))
    }

    /// Lets it stand.
    pub fn keep(self) -> Result<Saved, FileError> {
        let name = Printable(&self.file.path().to_string_lossy()).to_string();
        let kind = self.kind;
        self.file.keep().map(|()| Saved { name, kind })
    }
}

/// A copy that stands.
pub struct Saved {
    /// The file's name, as a person may read it.
    pub name: String,
    /// What is in it.
    pub kind: Kind,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_decides_what_is_made_and_paper_is_for_cards() {
        let of = |name: &str, paper| Kind::of(Path::new(name), paper);
        for name in ["card.pdf", "/x/CARD.PDF"] {
            let kind = of(name, Some(Paper::Letter)).unwrap();
            assert_eq!(kind, Kind::Card(Paper::Letter), "{name}");
            assert!(matches!(of(name, None), Ok(Kind::Card(_))), "{name}");
        }
        assert_eq!(
            of("a.jpg", None).unwrap(),
            Kind::Picture(PictureFormat::Jpeg)
        );
        assert!(matches!(
            of("a.jpg", Some(Paper::A4)),
            Err(FileError::PaperWithoutCard { .. })
        ));
        for name in [".pdf", "pdf", "a.pdf.txt", "a"] {
            assert!(matches!(
                of(name, None),
                Err(FileError::UnknownExtension { .. })
            ));
        }
    }
}
