//! What a person gets to see of a new key: the QR code and the facts to type, side by side where
//! the terminal is wide enough, so that both fit into 24 lines.

use zeroize::Zeroizing;

use crate::error::ToolError;
use crate::printable::Printable;
use crate::screen::{Glyphs, Ink, Screen, Terminal};
use crate::words::tell;
use countersign_sheet::TerminalQr;
use countersign_sheet::{Otpauth, wrap};

/// Columns between the QR code and the facts.
const GAP: usize = 2;
/// The line below, for the question or the shell's prompt.
const PROMPT: usize = 1;
/// Columns of four groups of the key.
const FOUR_GROUPS: usize = 4 * 4 + 3;

/// Is the QR code wanted?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Show {
    /// If it can be drawn.
    Qr,
    /// No, the key is enough.
    Key,
}

impl Show {
    /// What `--no-qr` says.
    pub const fn unless(no_qr: bool) -> Self {
        if no_qr { Self::Key } else { Self::Qr }
    }
}

/// Lays out a key for the screen.
pub fn sheet(
    uri: &str,
    otpauth: &Otpauth,
    show: Show,
    screen: Screen,
) -> Result<Zeroizing<String>, ToolError> {
    let mut out = Zeroizing::new(String::with_capacity(16 * 1024));
    let labels = Labels::new();
    match (screen, show) {
        (Screen::Stream, _) => {
            write_lines(
                &mut out,
                &facts(otpauth, &labels, &tell!("tool-key-add"), 72),
            );
            let label = tell!("tool-key-uri");
            let width = labels.width;
            write_lines(
                &mut out,
                &[Zeroizing::new(format!("{label:width$}{}", Printable(uri)))],
            );
        }
        (Screen::Terminal(terminal), Show::Key) => {
            let title = tell!("tool-key-add");
            write_lines(&mut out, &facts(otpauth, &labels, &title, terminal.columns));
        }
        (
            Screen::Terminal(Terminal {
                glyphs: Glyphs::Ascii,
                columns,
                ..
            }),
            Show::Qr,
        ) => {
            let title = tell!("tool-key-add-not-utf8");
            write_lines(&mut out, &facts(otpauth, &labels, &title, columns));
        }
        (Screen::Terminal(terminal), Show::Qr) => {
            let qr = TerminalQr::draw(uri, terminal.ink)?;
            fit(&mut out, &qr, otpauth, &labels, terminal);
        }
    }
    Ok(out)
}

/// Puts the facts beside the QR code, else below it, else leaves the code away and says why.
fn fit(out: &mut String, qr: &TerminalQr, otpauth: &Otpauth, labels: &Labels, terminal: Terminal) {
    let title = match terminal.ink {
        Ink::Fixed | Ink::Theme => tell!("tool-key-scan"),
        Ink::None => tell!("tool-key-scan-inverted"),
    };
    let room = terminal.lines.saturating_sub(PROMPT);
    let right = terminal.columns.saturating_sub(qr.columns + GAP);
    if right >= labels.narrowest() {
        let facts = facts(otpauth, labels, &title, right);
        if qr.lines.len().max(facts.len()) <= room {
            let above = (qr.lines.len().saturating_sub(facts.len())) / 2;
            let empty = Zeroizing::new(String::new());
            let right = std::iter::repeat_n(&empty, above).chain(&facts);
            for (qr, fact) in qr.lines.iter().zip(right.chain(std::iter::repeat(&empty))) {
                out.push_str(qr);
                if !fact.is_empty() {
                    out.push_str("  ");
                    out.push_str(fact);
                }
                out.push('\n');
            }
            write_lines(out, facts.get(qr.lines.len()..).unwrap_or_default());
            return;
        }
    }
    let below = facts(otpauth, labels, &title, terminal.columns);
    if qr.columns <= terminal.columns && qr.lines.len() + below.len() <= room {
        write_lines(out, &qr.lines);
        write_lines(out, &below);
        return;
    }
    let title = tell!(
        "tool-key-add-no-room",
        "columns" = (qr.columns + GAP + labels.narrowest()).max(80),
        "lines" = qr.lines.len() + PROMPT,
        "has-columns" = terminal.columns,
        "has-lines" = terminal.lines,
    );
    write_lines(out, &facts(otpauth, labels, &title, terminal.columns));
}

fn write_lines(out: &mut String, lines: &[Zeroizing<String>]) {
    for line in lines {
        out.push_str(line);
        out.push('\n');
    }
}

/// The words before the facts.
struct Labels {
    account: String,
    issuer: String,
    key: String,
    codes: String,
    /// Columns of the longest and of the gap behind it.
    width: usize,
}

impl Labels {
    fn new() -> Self {
        let (account, issuer) = (tell!("tool-key-account"), tell!("tool-key-issuer"));
        let (key, codes) = (tell!("tool-key-secret"), tell!("tool-key-codes"));
        let longest = [&account, &issuer, &key, &codes]
            .map(|label| label.chars().count())
            .into_iter()
            .max();
        Self {
            width: longest.unwrap_or_default() + GAP,
            account,
            issuer,
            key,
            codes,
        }
    }

    /// The facts are not squeezed into less: four groups of the key and what stands before them.
    fn narrowest(&self) -> usize {
        self.width + FOUR_GROUPS
    }
}

/// The facts to type, in lines of at most so many columns.
fn facts(
    otpauth: &Otpauth,
    labels: &Labels,
    title: &str,
    columns: usize,
) -> Vec<Zeroizing<String>> {
    let mut lines = wrap(title, columns);
    lines.push(Zeroizing::new(String::new()));
    let codes = match (otpauth.period, otpauth.counter) {
        (Some(period), _) => tell!(
            "tool-key-by-time",
            "digits" = otpauth.digits,
            "period" = period,
            "algorithm" = otpauth.algorithm.as_str()
        ),
        (None, counter) => tell!(
            "tool-key-by-counter",
            "counter" = counter.unwrap_or_default().to_string(),
            "digits" = otpauth.digits,
            "algorithm" = otpauth.algorithm.as_str()
        ),
    };
    let key = otpauth.grouped_secret();
    let width = labels.width;
    let room = columns.saturating_sub(width);
    // Lines of four groups are easier to follow than lines of five and three.
    let groups = if key.chars().count() > room {
        room.min(FOUR_GROUPS)
    } else {
        room
    };
    for (label, value, room) in [
        (&labels.account, otpauth.account.as_str(), room),
        (&labels.issuer, otpauth.issuer.as_str(), room),
        (&labels.key, key.as_str(), groups),
        (&labels.codes, codes.as_str(), room),
    ] {
        let value = Zeroizing::new(Printable(value).to_string());
        for (at, part) in wrap(&value, room).iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            lines.push(Zeroizing::new(format!("{label:width$}{}", part.as_str())));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::tests::speaking;
    use countersign_sheet::camera::{photograph, scan};
    use countersign_words::Language;

    const KEY: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

    fn uri(issuer: &str, account: &str) -> String {
        format!("otpauth://totp/{issuer}:{account}?secret={KEY}&issuer={issuer}")
    }

    fn terminal(columns: usize, lines: usize) -> Terminal {
        Terminal {
            columns,
            lines,
            ink: Ink::None,
            glyphs: Glyphs::Blocks,
        }
    }

    fn shown(uri: &str, show: Show, screen: Screen) -> Vec<String> {
        let otpauth = Otpauth::parse(uri).unwrap();
        sheet(uri, &otpauth, show, screen)
            .unwrap()
            .lines()
            .map(str::to_owned)
            .collect()
    }

    fn has_qr(lines: &[String]) -> bool {
        lines.iter().any(|line| line.contains('█'))
    }

    #[test]
    fn qr_and_facts_of_ordinary_names_fit_80_by_24_and_scan_in_every_language() {
        let accounts = ["alice", "alice%40web1.example.org"];
        let all = Language::ALL
            .iter()
            .flat_map(|language| accounts.map(|account| (*language, account)));
        for (language, account) in all {
            let uri = uri("web1.example.org", account);
            let screen = Screen::Terminal(terminal(80, 24));
            let lines = speaking(language, || shown(&uri, Show::Qr, screen));
            assert!(lines.len() < 24, "{} lines and a question", lines.len());
            assert!(
                lines.iter().all(|line| line.chars().count() <= 80),
                "{lines:#?}"
            );
            let text = lines.join("\n");
            let digits = match language {
                Language::English => "6 digits",
                Language::French => "6\u{a0}chiffres",
            };
            for fact in ["alice", "web1.example.org", "JBSW Y3DP", digits] {
                assert!(text.contains(fact), "{fact}\n{text}");
            }
            let columns = TerminalQr::draw(&uri, Ink::None).unwrap().columns;
            let qr: Vec<_> = lines
                .iter()
                .map(|line| line.chars().take(columns).collect())
                .collect();
            let dir = tempfile::tempdir().unwrap();
            let picture = dir.path().join("qr.png");
            photograph(&qr, Ink::None).save(&picture).unwrap();
            assert_eq!(scan(&picture), uri);
        }
    }

    #[test]
    fn a_tall_narrow_terminal_has_the_facts_below() {
        let lines = shown(
            &uri("web1", "alice"),
            Show::Qr,
            Screen::Terminal(terminal(50, 60)),
        );
        assert!(has_qr(&lines));
        assert!(lines.last().unwrap().starts_with("Codes"), "{lines:#?}");
    }

    #[test]
    fn where_the_code_has_no_room_the_key_is_shown_and_the_reason() {
        for (columns, rows) in [(80, 15), (30, 60)] {
            let lines = shown(
                &uri("web1", "alice"),
                Show::Qr,
                Screen::Terminal(terminal(columns, rows)),
            );
            assert!(!has_qr(&lines));
            let text = lines.join(" ");
            assert!(text.contains(&format!("{columns} by {rows}")), "{text}");
            assert!(text.contains("JBSW Y3DP"));
        }
        let ascii = Terminal {
            glyphs: Glyphs::Ascii,
            ..terminal(80, 24)
        };
        let lines = shown(&uri("web1", "alice"), Show::Qr, Screen::Terminal(ascii));
        assert!(!has_qr(&lines) && lines.join(" ").contains("UTF-8"));
    }

    #[test]
    fn no_qr_means_no_qr_and_a_stream_gets_the_uri() {
        let uri = uri("web1", "alice");
        assert!(!has_qr(&shown(
            &uri,
            Show::Key,
            Screen::Terminal(terminal(80, 24))
        )));
        let lines = shown(&uri, Show::Qr, Screen::Stream);
        assert!(!has_qr(&lines) && lines.contains(&format!("URI      {uri}")));
    }
}
