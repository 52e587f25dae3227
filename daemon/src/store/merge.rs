use std::iter::Peekable;
use std::sync::Arc;
use std::vec;

use countersign_bus::UserName;

use super::base::{Base, Unreadable};
use super::entry::Row;
use super::layer::{After, Layer};

/// All records as they stand, in the order of their names: those of the snapshot, and over them what
/// changed since, layer upon layer. One block is in memory at a time.
///
/// A block that cannot be read takes the place of its first name, and the others go on.
pub(super) struct Merged<'a> {
    base: &'a Base,
    /// Which block comes after `rows`.
    block: usize,
    rows: vec::IntoIter<Row>,
    /// What is next of the base.
    next: Option<Result<Row, Unreadable>>,
    /// The latest changes first.
    layers: Vec<Peekable<After<'a>>>,
}

impl<'a> Merged<'a> {
    /// The records after a name; `layers` has the latest changes first.
    pub(super) fn after(
        base: &'a Base,
        layers: impl IntoIterator<Item = &'a Layer>,
        user: Option<&UserName>,
    ) -> Self {
        let layers = layers.into_iter();
        let mut merged = Self {
            base,
            block: user.and_then(|user| base.index.find(user)).unwrap_or(0),
            rows: Vec::new().into_iter(),
            next: None,
            layers: layers.map(|layer| layer.after(user).peekable()).collect(),
        };
        merged.advance();
        if let Some(user) = user {
            while merged.base_name().is_some_and(|name| name <= user) {
                merged.advance();
            }
        }
        merged
    }

    /// Reads on in the base.
    fn advance(&mut self) {
        loop {
            if let Some(row) = self.rows.next() {
                self.next = Some(Ok(row));
                return;
            }
            if self.block >= self.base.index.blocks() {
                self.next = None;
                return;
            }
            let rows = self.base.rows(self.block);
            self.block += 1;
            match rows {
                Ok(rows) => self.rows = rows.into_iter(),
                Err(unreadable) => {
                    self.next = Some(Err(unreadable));
                    return;
                }
            }
        }
    }

    /// What is next of the base, whatever changed.
    fn of_base(&mut self) -> Option<Result<Row, Unreadable>> {
        let next = self.next.take();
        self.advance();
        next
    }

    fn base_name(&self) -> Option<&UserName> {
        match self.next.as_ref()? {
            Ok(row) => Some(&row.user),
            Err(block) => block.first.as_ref(),
        }
    }
}

impl Iterator for Merged<'_> {
    type Item = Result<Row, Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let names = self.layers.iter_mut();
            let names = names.filter_map(|layer| layer.peek().map(|(user, _)| *user));
            let Some(user) = names.min() else {
                return self.of_base();
            };
            match self.next.as_ref().map(|next| (next, self.base_name())) {
                Some((_, name)) if name < Some(user) => return self.of_base(),
                // Told of even where its first name has changed since.
                Some((Err(_), name)) if name == Some(user) => return self.of_base(),
                Some((Ok(_), name)) if name == Some(user) => self.advance(),
                _ => {}
            }
            let mut latest = None;
            for layer in &mut self.layers {
                let cell = layer.next_if(|(name, _)| *name == user);
                latest = latest.or(cell);
            }
            if let Some((user, cell)) = latest
                && let Some(record) = &cell.record
            {
                return Some(Ok(Row {
                    user: user.clone(),
                    version: cell.version,
                    record: Arc::clone(record),
                }));
            }
        }
    }
}
