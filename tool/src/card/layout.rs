//! Where everything stands on the card, from the top down. All measures are in points.

use countersign_words::{Words, say};
use qrcode::QrCode;

use super::Card;
use super::page::{Area, Gray, Page};
use super::paper::Paper;
use super::typeface::{Face, Text};
use crate::recovery::grouped;

/// Left and right.
const MARGIN: f32 = 54.0;
/// Above and below; no printer needs more.
const EDGE: f32 = 44.0;
/// The square of the QR code, quiet zone included: the code in it is at least 48 mm wide.
const QR_SIDE: f32 = 192.0;
/// Between the QR code and what stands beside it.
const GUTTER: f32 = 26.0;
/// What stands between two parts: no less, and no more however much room is left.
const GAP: std::ops::RangeInclusive<f32> = 10.0..=30.0;
/// How many gaps there are.
const GAPS: f32 = 5.0;
/// Groups of the key in a line.
const KEY_GROUPS: usize = 8;

const SMALL: f32 = 8.5;
const READING: f32 = 10.0;
const HEADING: f32 = 12.0;
const VALUE: f32 = 12.5;
const KEY: f32 = 15.0;
const CODE: f32 = 12.0;
const TITLE: f32 = 22.0;
/// From one base line to the next, for a size.
const LEADING: f32 = 1.32;

/// A card that is being laid out.
pub struct Layout<'a> {
    page: &'a mut Page,
    words: &'a Words,
    width: f32,
    height: f32,
    gap: f32,
    /// How far down the page is full.
    y: f32,
}

impl<'a> Layout<'a> {
    /// Begins at the top. `spare` is what can be shared out between the parts.
    pub fn new(page: &'a mut Page, paper: Paper, words: &'a Words, spare: f32) -> Self {
        let (width, height) = paper.points();
        Self {
            page,
            words,
            width: width - 2.0 * MARGIN,
            height,
            gap: (GAP.start() + spare / GAPS).clamp(*GAP.start(), *GAP.end()),
            y: EDGE,
        }
    }

    /// Draws everything. The answer is how much room is left.
    pub fn fill(mut self, card: &Card<'_>, code: &QrCode) -> f32 {
        self.head(card);
        self.qr_and_facts(card, code);
        self.key(card);
        self.recovery(card);
        self.lost(card);
        let foot = self.foot();
        foot - self.y
    }

    fn head(&mut self, card: &Card<'_>) {
        let words = self.words;
        self.line(Face::Bold, TITLE, Gray::BLACK, &say!(words, "card-title"));
        self.y += 3.0;
        let issuer = card.otpauth.issuer.as_str();
        let subtitle = say!(words, "card-subtitle", "issuer" = issuer);
        self.paragraph(READING, Gray::DARK, &subtitle, 0.0, 3);
        self.y += 9.0;
        let rule = Area {
            height: 1.2,
            ..self.area(0.0, 0.0)
        };
        self.page.ground(rule, Gray::BLACK);
        self.y += rule.height + self.gap;
    }

    fn qr_and_facts(&mut self, card: &Card<'_>, code: &QrCode) {
        let words = self.words;
        let square = Area {
            width: QR_SIDE,
            ..self.area(0.0, QR_SIDE)
        };
        self.page.frame(square, 0.5, Gray::MEDIUM);
        self.page.qr((square.x, square.y), QR_SIDE, code);

        let codes = codes(card, words);
        let facts = [
            (
                say!(words, "card-account"),
                Some(card.otpauth.account.as_str()),
            ),
            (
                say!(words, "card-issuer"),
                Some(card.otpauth.issuer.as_str()),
            ),
            (say!(words, "card-token"), card.token),
            (say!(words, "card-codes"), codes.as_deref()),
        ];
        let day = card.day.to_string();
        let date = (say!(words, "card-date"), Some(day.as_str()));
        let top = self.y;
        let left = QR_SIDE + GUTTER;
        self.y += 2.0;
        for (label, value) in facts.into_iter().chain([date]) {
            let Some(value) = value else { continue };
            self.write(left, Face::Plain, SMALL, Gray::DARK, &Text::of(&label));
            let room = self.width - left;
            for part in Face::Bold.wrap(&Text::of(value), VALUE, room, 2) {
                self.write(left, Face::Bold, VALUE, Gray::BLACK, &part);
            }
            self.y += 7.0;
        }
        self.y = self.y.max(top + QR_SIDE) + self.gap;
    }

    fn key(&mut self, card: &Card<'_>) {
        let heading = say!(self.words, "card-key");
        self.line(Face::Bold, HEADING, Gray::BLACK, &heading);
        self.y += 4.0;
        let grouped = card.otpauth.grouped_secret();
        let groups: Vec<&str> = grouped.split(' ').collect();
        let lines: Vec<Text> = groups
            .chunks(KEY_GROUPS)
            .map(|line| Text::of(&zeroize::Zeroizing::new(line.join(" "))))
            .collect();
        let line = KEY * LEADING;
        let padding = 8.0;
        let many = lines.iter().fold(0.0, |height, _| height + line);
        let ground = self.area(0.0, many + 2.0 * padding);
        self.page.ground(ground, Gray::LIGHT);
        self.y += padding;
        for text in &lines {
            self.write(padding + 4.0, Face::Mono, KEY, Gray::BLACK, text);
        }
        self.y += padding + self.gap;
    }

    fn recovery(&mut self, card: &Card<'_>) {
        let words = self.words;
        self.line(
            Face::Bold,
            HEADING,
            Gray::BLACK,
            &say!(words, "card-recovery"),
        );
        self.y += 1.0;
        let count = card.recovery_codes.len();
        if count == 0 {
            let none = say!(words, "card-recovery-none");
            self.paragraph(READING, Gray::DARK, &none, 0.0, 4);
            self.y += self.gap;
            return;
        }
        let how = say!(words, "card-recovery-use");
        self.paragraph(READING, Gray::DARK, &how, 0.0, 3);
        self.y += 5.0;
        let columns: u8 = match count {
            0..=10 => 2,
            11..=24 => 3,
            _ => 4,
        };
        let column = self.width / f32::from(columns);
        let rows = count.div_ceil(usize::from(columns));
        let (top, line) = (self.y, if rows > 7 { 15.5 } else { 20.0 });
        let mut bottom = top;
        let mut x = 0.0;
        for part in card.recovery_codes.chunks(rows) {
            self.y = top;
            for code in part {
                let side = 9.0;
                let tick = Area {
                    x: MARGIN + x + 1.0,
                    y: self.y + (line - side) / 2.0,
                    width: side,
                    height: side,
                };
                self.page.frame(tick, 0.9, Gray::BLACK);
                let at = (tick.x + side + 7.0, self.y + line / 2.0 + CODE * 0.3);
                let text = Text::of(&grouped(code));
                self.page.text(at, Face::Mono, CODE, Gray::BLACK, &text);
                self.y += line;
            }
            bottom = bottom.max(self.y);
            x += column;
        }
        self.y = bottom + self.gap;
    }

    fn lost(&mut self, card: &Card<'_>) {
        let words = self.words;
        self.line(Face::Bold, HEADING, Gray::BLACK, &say!(words, "card-lost"));
        self.y += 1.0;
        // A picture of a counter grows old, one of a clock does not.
        let first = match card.otpauth.counter {
            Some(_) => say!(words, "card-lost-counter"),
            None => say!(words, "card-lost-scan"),
        };
        for (number, text) in ["1.", "2."]
            .into_iter()
            .zip([first, say!(words, "card-lost-other")])
        {
            let y = self.y + READING;
            let at = (MARGIN, y);
            self.page
                .text(at, Face::Bold, READING, Gray::BLACK, &Text::of(number));
            self.paragraph(READING, Gray::BLACK, &text, 14.0, 4);
            self.y += 2.0;
        }
    }

    /// Stands at the lower edge. The answer is where it begins.
    fn foot(&mut self) -> f32 {
        let text = Text::of(&say!(self.words, "card-foot"));
        let lines = Face::Plain.wrap(&text, SMALL, self.width, 2);
        let line = SMALL * LEADING;
        let full = self.y;
        let begin = lines.iter().fold(self.height - EDGE, |y, _| y - line);
        self.y = begin;
        for line in &lines {
            self.write(0.0, Face::Plain, SMALL, Gray::DARK, line);
        }
        self.y = full;
        begin
    }

    /// The room from here on, over the whole width.
    fn area(&self, indent: f32, height: f32) -> Area {
        Area {
            x: MARGIN + indent,
            y: self.y,
            width: self.width - indent,
            height,
        }
    }

    fn line(&mut self, face: Face, size: f32, gray: Gray, text: &str) {
        self.write(0.0, face, size, gray, &Text::of(text));
    }

    fn write(&mut self, indent: f32, face: Face, size: f32, gray: Gray, text: &Text) {
        // The base line lies a size below the upper edge of the line; the rest is leading.
        let at = (MARGIN + indent, self.y + size);
        self.page.text(at, face, size, gray, text);
        self.y += size * LEADING;
    }

    fn paragraph(&mut self, size: f32, gray: Gray, text: &str, indent: f32, lines: usize) {
        let room = self.width - indent;
        for line in Face::Plain.wrap(&Text::of(text), size, room, lines) {
            self.write(indent, Face::Plain, size, gray, &line);
        }
    }
}

/// The form of the codes, where it is not the one that every app assumes.
fn codes(card: &Card<'_>, words: &Words) -> Option<String> {
    let otpauth = card.otpauth;
    let (digits, algorithm) = (otpauth.digits, otpauth.algorithm.as_str());
    match otpauth.period {
        Some(30) if digits == 6 && algorithm == "SHA1" => None,
        Some(period) => Some(say!(
            words,
            "card-by-time",
            "digits" = digits,
            "period" = period,
            "algorithm" = algorithm
        )),
        None => Some(say!(
            words,
            "card-by-counter",
            "digits" = digits,
            "counter" = otpauth.counter.unwrap_or_default(),
            "algorithm" = algorithm
        )),
    }
}
