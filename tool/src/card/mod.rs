//! The card to print: one page with everything that a lost phone takes along.

mod layout;
mod page;
mod paper;
mod typeface;

use countersign_sheet::{Otpauth, TooLongForQr};
use countersign_words::Words;
use qrcode::{EcLevel, QrCode};
use zeroize::Zeroizing;

use crate::utc::Day;
use layout::Layout;
use page::Page;
pub use paper::Paper;

/// What stands on a card.
pub struct Card<'a> {
    /// What the QR code holds.
    pub uri: &'a str,
    /// The same, taken apart.
    pub otpauth: &'a Otpauth,
    /// The token's name, if it is known.
    pub token: Option<&'a str>,
    /// When the card was made.
    pub day: Day,
    /// New recovery codes; none when they are not known.
    pub recovery_codes: &'a [String],
}

impl Card<'_> {
    /// Draws it as a document of one page.
    pub fn draw(&self, paper: Paper, words: &Words) -> Result<Zeroizing<Vec<u8>>, TooLongForQr> {
        // As in the pictures: paper gets dirty and creased.
        let code =
            QrCode::with_error_correction_level(self.uri, EcLevel::M).map_err(|_| TooLongForQr)?;
        // Once to measure, once with what is left shared out between the parts.
        let mut draft = Page::new(paper);
        let spare = Layout::new(&mut draft, paper, words, 0.0).fill(self, &code);
        drop(draft.finish(""));
        let mut page = Page::new(paper);
        Layout::new(&mut page, paper, words, spare).fill(self, &code);
        Ok(page.finish(words.language().as_str()))
    }
}

#[cfg(test)]
mod tests;
