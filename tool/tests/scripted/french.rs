//! What a person reads whose locale is a French one.

use crate::daemon::Lab;
use crate::run_in;
use crate::terminal::{Terminal, line};

const FRENCH: &str = "fr_FR.UTF-8";

#[test]
fn status_and_list_are_french_and_json_is_not() {
    let lab = Lab::enrolled();
    let told = run_in(FRENCH, &lab.address, &["status"], "");
    assert_eq!((told.status, told.err.as_str()), (0, ""));
    for words in [
        "est active.\n",
        "DERNIER USAGE",
        "Codes de secours restants\u{a0}: 7\n",
        "50 tentatives échouées depuis la dernière connexion, dont 45 sans examen.\n",
    ] {
        assert!(told.out.contains(words), "{}", told.out);
    }
    assert!(
        told.out.lines().all(|line| line.chars().count() <= 83),
        "{}",
        told.out
    );

    lab.script.lock().unwrap().users = vec!["alice".to_owned()];
    let told = run_in(FRENCH, &lab.address, &["list"], "");
    assert!(
        told.out.starts_with("COMPTE    JETONS  DERNIER USAGE"),
        "{}",
        told.out
    );

    let json = |locale| run_in(locale, &lab.address, &["status", "--json"], "").out;
    assert_eq!(json(FRENCH), json("C"));
}

#[test]
fn a_locale_that_is_not_utf_8_is_spoken_to_in_english() {
    let lab = Lab::enrolled();
    for locale in ["fr_FR", "fr_FR.ISO-8859-1", "fr", "C"] {
        let told = run_in(locale, &lab.address, &["status"], "");
        assert!(told.out.is_ascii(), "{locale}: {}", told.out);
        assert!(told.out.contains("is enrolled."), "{locale}: {}", told.out);
    }
}

#[test]
fn refusals_are_french() {
    let lab = Lab::enrolled();
    for (args, input, said) in [
        (
            &["export", "--show"][..],
            "000000\n",
            "ce code n’est pas le bon ou a déjà servi. Attendez le suivant\u{a0}; un code de \
             secours ne suffit pas ici",
        ),
        (
            &["verify"],
            "99999t\n",
            "trop de codes erronés. Réessayez dans 30\u{a0}s",
        ),
        (
            &["verify"],
            "no code!\n",
            "un code n’a que des lettres de a à z",
        ),
        (
            &["verify"],
            "",
            "aucun code n’a été donné. Rien n’a été changé",
        ),
        (
            &["status", "--user", "nosuch"],
            "",
            "impossible d’afficher l’état de nosuch\u{a0}: cet utilisateur n’existe pas",
        ),
    ] {
        let told = run_in(FRENCH, &lab.address, args, input);
        assert_eq!((told.status, told.out.as_str()), (1, ""), "{}", told.err);
        assert!(told.err.starts_with("countersign: "), "{}", told.err);
        assert!(told.err.contains(said), "{}", told.err);
    }
}

#[test]
fn enrolling_is_french_and_yes_is_oui() {
    let lab = Lab::new();
    let mut terminal = Terminal::run_in(FRENCH, &line(&lab, "enroll"));
    let question = "Code que l’application affiche (saisie invisible)\u{a0}: ";
    terminal.answer(question, "000001\n");
    terminal.answer(question, "123456\n");
    let (seen, status) = terminal.end();
    assert_eq!(status, 0, "{seen}");
    for words in [
        "Scannez ceci avec",
        "Émetteur  web1.example.org",
        "Attendez le suivant (encore 4 essais).",
        "Codes de secours. Chacun vous ouvre l’accès une fois",
        "abcd-efgh-2340",
    ] {
        assert!(seen.contains(words), "no {words}\n{seen}");
    }

    let question = "Supprimer tous les jetons et codes de secours de alice\u{a0}? [o/N] ";
    for (typed, status) in [
        ("\n", 1),
        ("non\n", 1),
        ("oui\n", 0),
        ("o\n", 0),
        ("y\n", 0),
    ] {
        let lab = Lab::enrolled();
        let mut terminal = Terminal::run_in(FRENCH, &line(&lab, "disable --user alice"));
        terminal.answer(question, typed);
        assert_eq!(terminal.end().1, status, "{typed:?}");
    }
}
