//! The module's options, as an administrator writes them.

use countersign_tests::{Heard, PamTester, Terminal, in_lab};

use crate::{AUTH_ERR, Alice, GOOGLE, PASSWORD, Root, SUCCESS, UNAVAIL, alone, counting};

#[test]
fn the_prompt_is_the_one_in_the_stack() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let mut secret = counting(GOOGLE, 1);
        for (options, prompt) in [
            ("prompt=Code:", "Code:"),
            ("[prompt=Your code, please: ]", "Your code, please: "),
            (r"[prompt=Code [six digits\]: ]", "Code [six digits]: "),
            ("prompt=", ""),
            (
                "[prompt=Zwei-Faktor-Schlüssel: ] forward_pass",
                "Zwei-Faktor-Schlüssel: ",
            ),
        ] {
            for by in [Root, Alice] {
                let report = by.run(&alone(options), &[&secret.next_code()]);
                assert_eq!(
                    (report.results, report.shown.as_str()),
                    (vec![SUCCESS.to_owned()], prompt)
                );
            }
        }
    });
}

#[test]
fn what_is_typed_is_shown_only_with_echo() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let mut secret = counting(GOOGLE, 1);
        for (options, shown) in [("", false), ("echo", true)] {
            let _service = alone(options);
            let code = secret.next_code();
            let mut terminal = Terminal::start(
                &["pamtester", "alone", "alice", "authenticate"].map(str::to_owned),
            );
            while !terminal.text().ends_with("code: ") {
                assert_eq!(terminal.listen(), Heard::More, "{}", terminal.text());
            }
            terminal.type_line(&code);
            while terminal.listen() == Heard::More {}
            let text = terminal.text();
            assert!(text.contains(SUCCESS), "{text}");
            assert_eq!(text.contains(&code), shown, "{text}");
        }
    });
}

#[test]
fn a_code_is_asked_for_as_often_as_retries_says() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let mut secret = counting(GOOGLE, 1);
        let wrong = secret.wrong_code();
        for retries in 1..=5 {
            for by in [Root, Alice] {
                let service = alone(&format!("retries={retries}"));
                // Neither of these is a code, so neither is charged.
                let report = by.run(&service, &["", "nonsense!", "-", "", "?", "", ""]);
                assert_eq!(report.results, [AUTH_ERR], "{report:?}");
                assert_eq!(report.prompts("code: "), retries, "{report:?}");
                // Right at the last try.
                let code = secret.next_code();
                let mut typed = vec![wrong.as_str(); retries - 1];
                typed.push(&code);
                let report = by.run(&service, &typed);
                assert_eq!(report.results, [SUCCESS], "{report:?}");
                assert_eq!(report.prompts("code: "), retries, "{report:?}");
            }
        }
    });
}

#[test]
fn what_has_no_meaning_is_logged_and_the_default_holds() {
    in_lab(|stage| {
        let lab = stage.user("alice", PASSWORD).start();
        let mut secret = counting(GOOGLE, 1);
        let (unknown, number) = (
            "this version does not know it; it is ignored",
            "a number from 1 to 20 is needed; the default is used",
        );
        for (option, said) in [
            ("nullok", unknown),
            ("Debug", unknown),
            ("echo=yes", unknown),
            ("unavailable=allow", unknown),
            ("retries=0", number),
            ("retries=21", number),
            ("retries=three", number),
            (
                "timeout=0",
                "a number from 1 to 300 is needed; the default is used",
            ),
            (
                "bus=tcp:host=localhost",
                "only unix:path=… and unix:abstract=… are taken; the default is used",
            ),
        ] {
            for by in [Root, Alice] {
                let line = format!("option {option}: {said}");
                let before = lab.log().matches(&line).count();
                let report = by.run(&alone(option), &["", "", &secret.next_code()]);
                assert_eq!(report.results, [SUCCESS], "{option}: {report:?}");
                assert_eq!(
                    report.prompts("Authenticator code: "),
                    3,
                    "{option}: {report:?}"
                );
                assert_eq!(
                    lab.log().matches(&line).count(),
                    before + 1,
                    "{}",
                    lab.log()
                );
            }
        }
    });
}

#[test]
fn debug_tells_the_log_more_but_never_a_code() {
    in_lab(|stage| {
        let lab = stage.user("alice", PASSWORD).start();
        let mut secret = counting(GOOGLE, 1);
        for by in [Root, Alice] {
            by.run(&alone(""), &[&secret.next_code()]);
        }
        assert!(!lab.log().contains("the daemon says"), "{}", lab.log());
        let mut typed = Vec::new();
        for by in [Root, Alice] {
            let codes = [
                "987654".to_owned(),
                "not-a-code!".to_owned(),
                secret.next_code(),
            ];
            let report = by.run(&alone("debug"), &codes.each_ref().map(String::as_str));
            assert_eq!(report.results, [SUCCESS], "{report:?}");
            typed.extend(codes);
            let both = format!("{PASSWORD}{}", secret.next_code());
            assert!(by.run(&alone("debug forward_pass"), &[&both]).succeeded());
            typed.push(both);
        }
        let log = lab.log();
        for line in [
            "the daemon says: code",
            "the daemon says: wrong",
            "the daemon says: accepted",
        ] {
            assert!(log.matches(line).count() >= 2, "{line}: {log}");
        }
        typed.extend([PASSWORD.to_owned(), GOOGLE.to_owned()]);
        for secret in typed {
            let all = log.clone() + &lab.daemon_output();
            assert!(!all.contains(&secret), "{secret} in: {all}");
        }
    });
}

#[test]
fn a_stack_in_a_directory_of_ones_own_works_without_privileges() {
    in_lab(|stage| {
        let lab = stage.user("alice", PASSWORD).start();
        let mut secret = counting(GOOGLE, 1);
        let module = lab.module();
        let line = format!("auth required {} retries=1", module.display());
        let service = PamTester::wrapped("countersign-test", &[&line]);
        assert!(service.by_user("alice", &[&secret.next_code()]).succeeded());
        let report = service.by_user("alice", &[&secret.wrong_code()]);
        assert_eq!(report.results, [AUTH_ERR], "{report:?}");
    });
}

#[test]
fn a_user_cannot_ask_for_somebody_else_in_a_process_of_their_own() {
    in_lab(|stage| {
        let lab = stage.user("alice", PASSWORD).user("bob", PASSWORD).start();
        let mut secret = counting(GOOGLE, 1);
        let report = alone("").for_user("bob", "alice", &[&secret.next_code()]);
        assert_eq!(report.results, [UNAVAIL], "{report:?}");
        assert!(
            lab.log().contains("org.countersign1.Error.AccessDenied"),
            "{}",
            lab.log()
        );
    });
}
