//! QR codes as pictures to keep or print.

use std::io::Cursor;
use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, GrayImage, ImageEncoder, ImageFormat, Luma};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use zeroize::Zeroizing;

use crate::error::ToolError;
use crate::private_file::FileError;

/// Pixels of a module. A picture of an ordinary code is then 3 to 4 cm wide on a screen.
const MODULE: u32 = 8;
/// High enough that the edges of the modules stay clean.
const JPEG_QUALITY: u8 = 90;

/// The kinds of picture that can be saved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PictureFormat {
    /// `.jpg`, `.jpeg`
    Jpeg,
    /// `.png`
    Png,
    /// `.svg`
    Svg,
}

impl PictureFormat {
    /// The kind that a file name asks for by its extension.
    pub fn of(path: &Path) -> Result<Self, FileError> {
        let extension = path
            .extension()
            .map(|e| e.to_string_lossy().to_ascii_lowercase());
        match extension.as_deref() {
            Some("jpg" | "jpeg") => Ok(Self::Jpeg),
            Some("png") => Ok(Self::Png),
            Some("svg") => Ok(Self::Svg),
            _ => Err(FileError::UnknownExtension {
                path: path.to_owned(),
            }),
        }
    }

    /// Draws a text, with the quiet zone of 4 modules that ISO/IEC 18004 asks for. Paper gets
    /// dirty and creased, so the error correction is one level up from the terminal's.
    pub fn draw(self, text: &str) -> Result<Zeroizing<Vec<u8>>, ToolError> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M)
            .map_err(|_| ToolError::TooLongForQr)?;
        if self == Self::Svg {
            let svg = code
                .render::<svg::Color<'_>>()
                .module_dimensions(MODULE, MODULE)
                .build();
            return Ok(Zeroizing::new(svg.into_bytes()));
        }
        let picture = code
            .render::<Luma<u8>>()
            .module_dimensions(MODULE, MODULE)
            .build();
        let bytes = self.encode(&picture);
        zeroize::Zeroize::zeroize(&mut picture.into_raw());
        bytes.map_err(|error| ToolError::Output(std::io::Error::other(error)))
    }

    fn encode(self, picture: &GrayImage) -> image::ImageResult<Zeroizing<Vec<u8>>> {
        let mut bytes = Cursor::new(Vec::with_capacity(64 * 1024));
        if self == Self::Jpeg {
            let (width, height) = picture.dimensions();
            JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY).write_image(
                picture,
                width,
                height,
                ExtendedColorType::L8,
            )?;
        } else {
            picture.write_to(&mut bytes, ImageFormat::Png)?;
        }
        Ok(Zeroizing::new(bytes.into_inner()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_sheet::camera::scan;

    #[test]
    fn every_kind_of_picture_can_be_scanned_at_its_real_size() {
        let text = "otpauth://totp/web1.example.org:alice%40example.org?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=web1.example.org";
        for name in ["qr.jpg", "qr.jpeg", "qr.png", "qr.svg", "QR.JPG"] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join(name);
            std::fs::write(
                &path,
                &*PictureFormat::of(&path).unwrap().draw(text).unwrap(),
            )
            .unwrap();
            assert_eq!(scan(&path), text, "{name}");
        }
    }

    #[test]
    fn the_name_decides_what_is_inside() {
        for (name, magic) in [
            ("a.jpg", &b"\xff\xd8\xff"[..]),
            ("a.png", b"\x89PNG"),
            ("a.svg", b"<?xml"),
        ] {
            let bytes = PictureFormat::of(Path::new(name))
                .unwrap()
                .draw("x")
                .unwrap();
            assert!(bytes.starts_with(magic), "{name}");
        }
        for name in ["a", "a.gif", "a.jpg.txt", ".png", "a."] {
            assert!(PictureFormat::of(Path::new(name)).is_err(), "{name}");
        }
    }
}
