//! QR codes as half blocks, two modules a character, for cameras that look at a terminal.

use std::fmt;

use qrcode::render::unicode::Dense1x2;
use qrcode::{Color, EcLevel, QrCode, render::Renderer};
use zeroize::Zeroizing;

use crate::{Ground, Ink};

/// Light modules around the code. The standard wants 4; cameras are content with 2, and only so
/// does a code for ordinary names fit into 24 lines.
const QUIET: usize = 2;

/// More text than a QR code can hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooLongForQr;

impl fmt::Display for TooLongForQr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the names in the otpauth URI are too long for a QR code")
    }
}

impl std::error::Error for TooLongForQr {}

/// A QR code ready to be shown line by line.
pub struct TerminalQr {
    /// The lines, each as wide as all others.
    pub lines: Vec<Zeroizing<String>>,
    /// Their width in columns.
    pub columns: usize,
}

impl TerminalQr {
    /// Draws a text. Terminals are near and sharp, so the least error correction is enough.
    pub fn draw(text: &str, ink: Ink) -> Result<Self, TooLongForQr> {
        // Without colours the ground is taken for dark, as that of most terminals is.
        let ground = match ink {
            Ink::Fixed | Ink::Theme => Ground::Bright,
            Ink::None => Ground::Dark,
        };
        let mut qr = Self::draw_on(text, ground)?;
        let (before, after) = match ink {
            Ink::Fixed => ("\u{1b}[38;5;16;48;5;231m", "\u{1b}[0m"),
            Ink::Theme => ("\u{1b}[30;47m", "\u{1b}[0m"),
            Ink::None => ("", ""),
        };
        for line in &mut qr.lines {
            *line = Zeroizing::new(format!("{before}{}{after}", line.as_str()));
        }
        Ok(qr)
    }

    /// Draws a text without colours, by what is written and what is left blank.
    pub fn draw_on(text: &str, ground: Ground) -> Result<Self, TooLongForQr> {
        let code =
            QrCode::with_error_correction_level(text, EcLevel::L).map_err(|_| TooLongForQr)?;
        let (modules, width) = framed(&code);
        let (dark, light) = match ground {
            Ground::Bright => (Dense1x2::Dark, Dense1x2::Light),
            Ground::Dark => (Dense1x2::Light, Dense1x2::Dark),
        };
        let drawn = Renderer::<Dense1x2>::new(&modules, width, 0)
            .dark_color(dark)
            .light_color(light)
            .module_dimensions(1, 1)
            .build();
        let drawn = Zeroizing::new(drawn);
        let lines = drawn
            .lines()
            .map(|line| Zeroizing::new(line.to_owned()))
            .collect();
        Ok(Self {
            lines,
            columns: width,
        })
    }
}

/// The modules with [`QUIET`] light ones around them, and how many make a row.
fn framed(code: &QrCode) -> (Vec<Color>, usize) {
    let inner = code.width();
    let width = inner + 2 * QUIET;
    let edge = || std::iter::repeat_n(Color::Light, QUIET);
    let band = || std::iter::repeat_n(Color::Light, QUIET * width);
    let colors = code.to_colors();
    let rows = colors
        .chunks(inner)
        .flat_map(|row| edge().chain(row.iter().copied()).chain(edge()));
    (band().chain(rows).chain(band()).collect(), width)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::camera::{photograph, scan};

    fn plain(qr: &TerminalQr) -> Vec<String> {
        let strip = |line: &str| {
            let line = line.strip_suffix("\u{1b}[0m").unwrap_or(line);
            if line.starts_with('\u{1b}') {
                line.split_once('m').unwrap().1
            } else {
                line
            }
            .to_owned()
        };
        qr.lines.iter().map(|line| strip(line)).collect()
    }

    #[test]
    fn what_is_drawn_can_be_scanned_whatever_the_ink() {
        let text = "otpauth://totp/web1.example.org:alice%40example.org?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=web1.example.org";
        for ink in [Ink::Fixed, Ink::Theme, Ink::None] {
            let qr = TerminalQr::draw(text, ink).unwrap();
            let lines = plain(&qr);
            assert!(lines.iter().all(|line| line.chars().count() == qr.columns));
            let dir = tempfile::tempdir().unwrap();
            let picture = dir.path().join("qr.png");
            photograph(&lines, ink).save(&picture).unwrap();
            assert_eq!(scan(&picture), text, "{ink:?}");
        }
    }

    #[test]
    fn more_than_a_qr_code_can_hold_is_an_error() {
        let text = "x".repeat(3000);
        assert!(matches!(
            TerminalQr::draw(&text, Ink::None),
            Err(TooLongForQr)
        ));
    }
}
