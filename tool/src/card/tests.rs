use std::path::{Path, PathBuf};
use std::process::Command;

use countersign_sheet::camera::scan;
use countersign_words::Language;

use super::*;

const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const LONG_SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3A";

fn uri(account: &str, issuer: &str, secret: &str, rest: &str) -> String {
    format!("otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}{rest}")
}

fn codes(count: usize) -> Vec<String> {
    (0..count)
        .map(|n| format!("bv5j-fwh2-{:04}", 2000 + n))
        .collect()
}

/// What is on the page, and a folder that keeps it and its picture.
struct Printed {
    text: String,
    picture: PathBuf,
    pages: String,
    #[allow(dead_code, reason = "it is there to be dropped")]
    dir: tempfile::TempDir,
}

fn output(program: &str, args: &[&str], file: &Path) -> String {
    let out = Command::new(program)
        .args(args)
        .arg(file)
        .output()
        .unwrap_or_else(|_| {
            panic!("these tests need {program}: apt-get install poppler-utils qpdf")
        });
    assert!(out.status.success(), "{program}: {out:?}");
    String::from_utf8(out.stdout).unwrap()
}

/// Draws a card, has other programs look at it, and keeps it where `COUNTERSIGN_CARDS` says.
fn print(name: &str, card: &Card<'_>, paper: Paper, language: Language) -> Printed {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("card.pdf");
    let bytes = card.draw(paper, &Words::of_tool(language)).unwrap();
    std::fs::write(&file, &*bytes).unwrap();
    output("qpdf", &["--check"], &file);
    let picture = dir.path().join("card.png");
    let to = dir.path().join("card");
    let drawn = Command::new("pdftoppm")
        .args(["-r", "150", "-png", "-singlefile"])
        .args([&file, &to])
        .output()
        .expect("these tests need pdftoppm: apt-get install poppler-utils");
    assert!(drawn.status.success(), "{drawn:?}");
    if let Some(keep) = std::env::var_os("COUNTERSIGN_CARDS") {
        let to = Path::new(&keep).join(name).with_extension("png");
        std::fs::copy(&picture, to).unwrap();
    }
    let text = dir.path().join("card.txt");
    Command::new("pdftotext")
        .args(["-layout"])
        .args([&file, &text])
        .output()
        .unwrap();
    Printed {
        text: std::fs::read_to_string(&text).unwrap(),
        picture,
        pages: output("pdfinfo", &[], &file),
        dir,
    }
}

fn has(printed: &Printed, parts: &[&str]) {
    let text: Vec<&str> = printed.text.split_whitespace().collect();
    let text = text.join(" ");
    for part in parts {
        assert!(text.contains(part), "no {part:?} in\n{}", printed.text);
    }
}

#[test]
fn a_card_is_one_page_that_others_can_read() {
    let uri = uri("alice", "web1.example.org", SECRET, "");
    let otpauth = Otpauth::parse(&uri).unwrap();
    let codes = codes(10);
    let card = Card {
        uri: &uri,
        otpauth: &otpauth,
        token: Some("authenticator"),
        day: Day(1_795_435_260),
        recovery_codes: &codes,
    };
    for (paper, language, size) in [
        (Paper::A4, Language::English, "(A4)"),
        (Paper::Letter, Language::English, "(letter)"),
        (Paper::A4, Language::French, "(A4)"),
        (Paper::Letter, Language::French, "(letter)"),
    ] {
        let name = format!("usual-{paper:?}-{language:?}");
        let printed = print(&name, &card, paper, language);
        assert_eq!(scan(&printed.picture), uri, "{name}");
        assert!(
            printed.pages.contains("Pages:           1\n"),
            "{}",
            printed.pages
        );
        assert!(printed.pages.contains(size), "{}", printed.pages);
        for leak in ["Creator", "Producer", "CreationDate", "Author", "Title"] {
            assert!(!printed.pages.contains(leak), "{}", printed.pages);
        }
        has(
            &printed,
            &[
                "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP",
                "alice",
                "web1.example.org",
                "authenticator",
                "2026-11-23",
                "countersign enroll",
            ],
        );
        for code in &codes {
            has(&printed, &[code]);
        }
        // The usual form of the codes is every app's own.
        assert!(!printed.text.contains("SHA1"), "{}", printed.text);
    }
}

#[test]
fn the_fullest_card_is_one_page_too() {
    let (account, issuer) = ("W".repeat(255), "W".repeat(64));
    let uri = uri(
        &account,
        &issuer,
        LONG_SECRET,
        "&algorithm=SHA512&digits=8&period=60",
    );
    let otpauth = Otpauth::parse(&uri).unwrap();
    let token = "W".repeat(64);
    let codes = codes(32);
    let card = Card {
        uri: &uri,
        otpauth: &otpauth,
        token: Some(&token),
        day: Day(1_795_435_260),
        recovery_codes: &codes,
    };
    for paper in [Paper::A4, Paper::Letter] {
        for language in [Language::English, Language::French] {
            let words = Words::of_tool(language);
            let code = QrCode::with_error_correction_level(&uri, EcLevel::M).unwrap();
            let mut page = Page::new(paper);
            let spare = Layout::new(&mut page, paper, &words, 0.0).fill(&card, &code);
            assert!(spare >= 0.0, "{paper:?} {language:?}: {spare}");
            let name = format!("fullest-{paper:?}-{language:?}");
            let printed = print(&name, &card, paper, language);
            assert_eq!(scan(&printed.picture), uri, "{name}");
            has(&printed, &["SHA512", "8 ", "60 s", &codes[31]]);
        }
    }
}

#[test]
fn names_in_other_letters_are_legible_and_the_code_has_them_as_they_are() {
    let uri = uri(
        "%D0%AF%D0%BD%D0%B0",
        "Caf%C3%A9%20%22%28%5C",
        SECRET,
        "&digits=8",
    );
    let otpauth = Otpauth::parse(&uri).unwrap();
    let codes = codes(20);
    let card = Card {
        uri: &uri,
        otpauth: &otpauth,
        token: Some("téléphone d’Œdipe"),
        day: Day(0),
        recovery_codes: &codes,
    };
    let printed = print("letters", &card, Paper::A4, Language::French);
    assert_eq!(scan(&printed.picture), uri);
    has(
        &printed,
        &[
            "\\u{42f}\\u{43d}\\u{430}",
            "Café \"(\\",
            "téléphone d’Œdipe",
            "1970-01-01",
            "8 chiffres",
        ],
    );
}

#[test]
fn without_recovery_codes_a_card_says_how_to_get_new_ones() {
    let uri = uri("alice", "web1", SECRET, "");
    let otpauth = Otpauth::parse(&uri).unwrap();
    let card = Card {
        uri: &uri,
        otpauth: &otpauth,
        token: None,
        day: Day(1_795_435_260),
        recovery_codes: &[],
    };
    let printed = print("exported", &card, Paper::Letter, Language::English);
    has(&printed, &["countersign recovery-codes"]);
    assert!(!printed.text.contains("Token"), "{}", printed.text);
}

#[test]
fn a_card_of_a_counter_does_not_promise_the_same_codes() {
    let uri = format!("otpauth://hotp/web1:alice?secret={SECRET}&issuer=web1&counter=7");
    let otpauth = Otpauth::parse(&uri).unwrap();
    let card = Card {
        uri: &uri,
        otpauth: &otpauth,
        token: Some("key fob"),
        day: Day(1_795_435_260),
        recovery_codes: &codes(10),
    };
    let printed = print("counter", &card, Paper::A4, Language::English);
    has(&printed, &["by counter from 7", "countersign export"]);
    assert!(!printed.text.contains("same codes"), "{}", printed.text);
}

#[test]
fn more_than_a_qr_code_holds_is_an_error() {
    let uri = uri(&"a".repeat(3000), "web1", SECRET, "");
    let otpauth = Otpauth::parse(&uri).unwrap();
    let card = Card {
        uri: &uri,
        otpauth: &otpauth,
        token: None,
        day: Day(0),
        recovery_codes: &[],
    };
    let words = Words::of_tool(Language::English);
    assert_eq!(card.draw(Paper::A4, &words).err(), Some(TooLongForQr));
}
