use countersign_sheet::Ink;
use countersign_sheet::camera::{photograph, scan};
use countersign_words::Language;

use super::*;

const KEY: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

fn shown(host: &str, user: &str, picture: Picture, language: Language) -> (String, Vec<String>) {
    let uri = format!("otpauth://totp/{host}:{user}?secret={KEY}&issuer={host}");
    let otpauth = Otpauth::parse(&uri).unwrap();
    let text = sheet(&Words::of_login(language), &uri, &otpauth, picture);
    (uri, text.lines().map(str::to_owned).collect())
}

#[test]
fn qr_code_key_and_question_of_ordinary_names_fit_80_by_24_and_scan() {
    for (host, user) in [
        ("web1.example.org", "alice"),
        ("web1.example.org", "alice%40example.org"),
    ] {
        for language in Language::ALL {
            for (ground, ink) in [(Ground::Dark, Ink::None), (Ground::Bright, Ink::Theme)] {
                let (uri, lines) = shown(host, user, Picture::On(ground), *language);
                // The first line has what the client writes before a prompt, and may scroll away.
                assert!(lines.len() - 1 <= 24, "{} lines: {lines:#?}", lines.len());
                assert!(
                    lines.iter().all(|line| line.chars().count() <= 80),
                    "{lines:#?}"
                );
                let columns = TerminalQr::draw_on(&uri, ground).unwrap().columns;
                let qr: Vec<String> = lines[1..lines.len() - 1]
                    .iter()
                    .map(|line| line.chars().take(columns).collect())
                    .collect();
                let dir = tempfile::tempdir().unwrap();
                let picture = dir.path().join("qr.png");
                photograph(&qr, ink).save(&picture).unwrap();
                assert_eq!(scan(&picture), uri);
                let text = lines.join("\n");
                for fact in ["JBSW Y3DP", "web1.example.org", "alice"] {
                    assert!(text.contains(fact), "{fact}: {text}");
                }
            }
        }
    }
}

#[test]
fn names_that_are_too_long_for_a_picture_leave_the_key() {
    let user = "x".repeat(2000);
    let (_, lines) = shown("web1", &user, Picture::On(Ground::Dark), Language::English);
    let text = lines.join("\n");
    assert!(!text.contains('█') && text.contains("JBSW Y3DP"), "{text}");
}

#[test]
fn names_cannot_steer_the_terminal() {
    let (_, lines) = shown("web1", "al%1b[2Jice%0d", Picture::None, Language::English);
    assert!(
        lines.iter().all(|line| !line.contains(char::is_control)),
        "{lines:?}"
    );
}

#[test]
fn recovery_codes_stand_in_lines_that_fit() {
    let codes: Vec<_> = (0..10)
        .map(|number| Zeroizing::new(format!("bcdf-ghjk-mn{number:02}")))
        .collect();
    for language in Language::ALL {
        let text = recovery_codes(&Words::of_login(*language), &codes);
        assert!(
            text.lines().all(|line| line.chars().count() <= 90),
            "{}",
            *text
        );
        assert!(codes.iter().all(|code| text.contains(code.as_str())));
    }
}

#[test]
fn the_questions_say_how_to_leave_and_until_when() {
    let ask = |language, later| question(&Words::of_login(language), later);
    let later = Later::Until(1_798_761_599);
    assert_eq!(
        ask(Language::English, later),
        "Set up an authenticator app for your logins now? Type yes for a QR code, key for\n\
         the key alone (if █▄▀ do not look like blocks), or press Enter to do it later\n\
         (until 31 December 2026, 23:59 UTC): "
    );
    assert_eq!(
        ask(Language::French, Later::Until(1_800_000_000 - 1_123_200)),
        "Configurer maintenant une application d’authentification pour vos connexions\u{a0}?\n\
         Tapez oui pour un QR code, clé pour la clé seule (si █▄▀ ne sont pas des blocs),\n\
         ou appuyez sur Entrée pour le faire plus tard (jusqu’au 2 janvier 2027, 08:00 UTC)\u{a0}: "
    );
    assert!(!ask(Language::English, Later::Never).contains("later"));
}

#[test]
fn moments_are_those_of_date_1() {
    for (moment, [year, month, day, hour, minute]) in [
        (0, [1970, 1, 1, 0, 0]),
        (951_782_400, [2000, 2, 29, 0, 0]),
        (1_709_251_199, [2024, 2, 29, 23, 59]),
        (1_798_761_599, [2026, 12, 31, 23, 59]),
        (4_107_542_400, [2100, 3, 1, 0, 0]),
    ] {
        let expected = Utc {
            year,
            month,
            day,
            hour,
            minute,
        };
        assert_eq!(Utc::of(moment), expected);
    }
}

#[test]
fn what_no_app_assumes_stands_beside_the_key() {
    for (more, said) in [("", false), ("&algorithm=SHA256&digits=8&period=60", true)] {
        let uri = format!("otpauth://totp/web1:alice?secret={KEY}&issuer=web1{more}");
        let otpauth = Otpauth::parse(&uri).unwrap();
        for picture in [Picture::None, Picture::On(Ground::Dark)] {
            let text = sheet(&Words::of_login(Language::English), &uri, &otpauth, picture);
            let found = text.contains("8 digits, every 60 s") && text.contains("SHA256");
            assert_eq!(found, said, "{}", *text);
        }
    }
}
