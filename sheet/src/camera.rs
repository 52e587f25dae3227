//! For tests: what a camera sees, and what a scanner reads in it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may end at once"
)]

use std::process::Command;

use crate::Ink;

/// Reads the half blocks as a camera would: an image of 8 by 16 pixels a character.
pub fn photograph(lines: &[String], ink: Ink) -> image::GrayImage {
    let (black, white) = match ink {
        Ink::Fixed | Ink::Theme => (0_u8, 255_u8),
        Ink::None => (255, 0), // blocks shine on a dark ground
    };
    let cells: Vec<Vec<(bool, bool)>> = lines
        .iter()
        .map(|line| {
            line.chars()
                .map(|c| match c {
                    '█' => (true, true),
                    '▀' => (true, false),
                    '▄' => (false, true),
                    ' ' => (false, false),
                    other => panic!("{other:?} is no half block"),
                })
                .collect()
        })
        .collect();
    let height = u32::try_from(cells.len()).unwrap() * 16;
    let width = u32::try_from(cells[0].len()).unwrap() * 8;
    image::GrayImage::from_fn(width, height, |x, y| {
        let (top, bottom) = cells[(y / 16) as usize][(x / 8) as usize];
        let inked = if y % 16 < 8 { top } else { bottom };
        image::Luma([if inked { black } else { white }])
    })
}

/// What `zbarimg`, of Debian's zbar-tools, reads in a picture.
pub fn scan(picture: &std::path::Path) -> String {
    let out = Command::new("zbarimg")
        .args(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"])
        .arg(picture)
        .output()
        .expect("these tests need zbarimg: apt-get install zbar-tools");
    String::from_utf8(out.stdout).unwrap().trim_end().to_owned()
}
