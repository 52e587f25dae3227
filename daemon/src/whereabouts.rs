//! A note in the state directory that says where this host's enrollments are. Without it, a daemon whose configuration
//! is broken, or was put back, would go on with a store of its own in which nobody is enrolled, and let people in
//! without a code.

use std::io;

use crate::store::{Access, Disk};

/// The file with the note.
pub const NOTE: &str = "elsewhere";
const NEW: &str = "elsewhere.new";

/// Where the enrollments are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whereabouts {
    /// In the state directory.
    Here,
    /// On the way from there to a shared store: this host's own records are all still there.
    Leaving,
    /// On the way back: what is not yet in the state directory is in the shared store.
    Returning,
    /// On the way one or the other: the note does not say which.
    Moving,
    /// In a shared store.
    Shared,
}

impl Whereabouts {
    /// Reads the note. One that makes no sense stands for a move that did not end: nobody is let in by guessing.
    pub fn read(state: &dyn Disk) -> io::Result<Self> {
        let Some(file) = state.open(NOTE)? else {
            return Ok(Self::Here);
        };
        Ok(match file.read()?.as_slice() {
            b"shared\n" => Self::Shared,
            b"leaving\n" => Self::Leaving,
            b"returning\n" => Self::Returning,
            _ => Self::Moving,
        })
    }

    /// Writes the note, down to the disk.
    pub fn write(self, state: &dyn Disk) -> io::Result<()> {
        let text = match self {
            Self::Here => {
                if state.open(NOTE)?.is_some() {
                    state.remove(NOTE)?;
                }
                return state.sync();
            }
            Self::Leaving => "leaving\n",
            Self::Returning => "returning\n",
            Self::Moving => "moving\n",
            Self::Shared => "shared\n",
        };
        let file = state.create(NEW, Access::OwnerWrites)?;
        file.write_at(0, text.as_bytes())?;
        file.sync()?;
        state.replace(NEW, NOTE)?;
        state.sync()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::RealDisk;

    #[test]
    fn the_note_reads_back_and_a_torn_one_is_a_move_that_did_not_end() {
        let path = std::env::temp_dir().join(format!("countersignd-note-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        let disk = RealDisk::open(&path).unwrap();
        let read = || Whereabouts::read(&disk).unwrap();
        assert_eq!(read(), Whereabouts::Here);
        for place in [
            Whereabouts::Leaving,
            Whereabouts::Returning,
            Whereabouts::Moving,
            Whereabouts::Shared,
            Whereabouts::Here,
            Whereabouts::Here,
        ] {
            place.write(&disk).unwrap();
            assert_eq!(read(), place);
        }
        for torn in ["", "share", "leav", "returning", "shared\nmore"] {
            std::fs::write(path.join(NOTE), torn).unwrap();
            assert_eq!(read(), Whereabouts::Moving, "{torn:?}");
        }
        std::fs::remove_dir_all(&path).unwrap();
    }
}
