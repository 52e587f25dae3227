//! One page of PDF, drawn from the top down.

use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str, TextStr};
use qrcode::{Color, QrCode};
use zeroize::Zeroizing;

use super::paper::Paper;
use super::typeface::{Face, Text};

/// Light modules around a QR code (ISO/IEC 18004 §7).
const QUIET: u16 = 4;

/// How dark something is, from 0.0, black, to 1.0, white.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Gray(pub f32);

impl Gray {
    /// For what must be read.
    pub const BLACK: Self = Self(0.0);
    /// For what explains it.
    pub const DARK: Self = Self(0.35);
    /// For lines.
    pub const MEDIUM: Self = Self(0.6);
    /// For grounds.
    pub const LIGHT: Self = Self(0.945);
}

/// A rectangle in points; `y` is the distance of its upper edge from the top of the page.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Area {
    /// From the left of the page.
    pub x: f32,
    /// From the top of the page.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

/// A page that is being drawn.
pub struct Page {
    paper: Paper,
    content: Content,
}

impl Page {
    /// An empty one.
    pub fn new(paper: Paper) -> Self {
        Self {
            paper,
            // As much as a page of ours ever takes: what grows leaves unwiped copies behind.
            content: Content::with_capacity(1024 * 1024),
        }
    }

    /// Writes a line; `y` is the distance of its base line from the top, in points.
    pub fn text(&mut self, (x, y): (f32, f32), face: Face, size: f32, gray: Gray, text: &Text) {
        let y = self.paper.points().1 - y;
        self.content
            .set_fill_gray(gray.0)
            .begin_text()
            .set_font(name(face), size)
            .next_line(x, y)
            .show(Str(text.bytes()))
            .end_text();
    }

    /// Fills a ground.
    pub fn ground(&mut self, area: Area, gray: Gray) {
        self.content.set_fill_gray(gray.0);
        self.outline(area);
        self.content.fill_nonzero();
    }

    /// Draws the edges of an area, with a line of that width in points.
    pub fn frame(&mut self, area: Area, line: f32, gray: Gray) {
        self.content.set_stroke_gray(gray.0).set_line_width(line);
        self.outline(area);
        self.content.stroke();
    }

    fn outline(&mut self, area: Area) {
        let y = self.paper.points().1 - area.y - area.height;
        self.content.rect(area.x, y, area.width, area.height);
    }

    /// Draws a QR code into a square, quiet zone included. It is one shape, so that no reader leaves
    /// seams between its modules.
    pub fn qr(&mut self, (x, y): (f32, f32), side: f32, code: &QrCode) {
        let modules = u16::try_from(code.width()).unwrap_or(u16::MAX);
        let module = side / f32::from(modules.saturating_add(2 * QUIET));
        let colors = code.to_colors();
        self.content.set_fill_gray(Gray::BLACK.0);
        for (row, line) in (0_u16..).zip(colors.chunks(code.width().max(1))) {
            let mut column = 0_u16;
            for run in line.chunk_by(|a, b| a == b) {
                let length = u16::try_from(run.len()).unwrap_or(u16::MAX);
                if run.first() == Some(&Color::Dark) {
                    self.outline(Area {
                        x: x + f32::from(column + QUIET) * module,
                        y: y + f32::from(row + QUIET) * module,
                        width: f32::from(length) * module,
                        height: module,
                    });
                }
                column = column.saturating_add(length);
            }
        }
        self.content.fill_nonzero();
    }

    /// The document, with this page alone and nothing about who made it, when and where. `language`
    /// (RFC 5646) is for whoever has it read aloud.
    pub fn finish(self, language: &str) -> Zeroizing<Vec<u8>> {
        let [catalog, pages, page, content] = [1, 2, 3, 4].map(Ref::new);
        let drawn = Zeroizing::new(self.content.finish().into_vec());
        let mut pdf = Pdf::with_capacity(drawn.len() + 16 * 1024);
        pdf.catalog(catalog).pages(pages).lang(TextStr(language));
        pdf.pages(pages).kids([page]).count(1);
        let (width, height) = self.paper.points();
        let mut description = pdf.page(page);
        description
            .media_box(Rect::new(0.0, 0.0, width, height))
            .parent(pages)
            .contents(content);
        let mut resources = description.resources();
        let mut fonts = resources.fonts();
        for face in Face::ALL {
            fonts.pair(name(face), font(face));
        }
        fonts.finish();
        resources.finish();
        description.finish();
        for face in Face::ALL {
            pdf.type1_font(font(face))
                .base_font(Name(face.base_font()))
                .encoding_predefined(Name(b"WinAnsiEncoding"));
        }
        pdf.stream(content, &drawn);
        Zeroizing::new(pdf.finish())
    }
}

/// What a face is called on the page.
const fn name(face: Face) -> Name<'static> {
    match face {
        Face::Plain => Name(b"Plain"),
        Face::Bold => Name(b"Bold"),
        Face::Mono => Name(b"Mono"),
    }
}

/// Where a face is in the document.
const fn font(face: Face) -> Ref {
    match face {
        Face::Plain => Ref::new(5),
        Face::Bold => Ref::new(6),
        Face::Mono => Ref::new(7),
    }
}
