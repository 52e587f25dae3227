//! Recovery codes and temporary codes as people read and copy them.

use zeroize::Zeroizing;

use crate::words::tell;

/// The codes in two columns, with what to do with them.
pub fn recovery_sheet(codes: &[String]) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(2048));
    out.push_str(&tell!("tool-recovery-intro"));
    out.push_str("\n\n");
    let codes: Vec<_> = codes.iter().map(|code| grouped(code)).collect();
    let left = codes.len().div_ceil(2);
    for at in 0..left {
        for code in [codes.get(at), codes.get(at + left)].into_iter().flatten() {
            out.push_str("    ");
            out.push_str(code);
        }
        out.push('\n');
    }
    out.push('\n');
    out.push_str(&tell!("tool-recovery-advice"));
    out.push('\n');
    out
}

/// A code in groups of four, unless it comes in groups.
pub fn grouped(code: &str) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(code.len() * 2));
    let whole = !code.contains(['-', ' ']);
    for (at, c) in code.chars().filter(|c| !c.is_control()).enumerate() {
        if whole && at > 0 && at % 4 == 0 {
            out.push('-');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_come_in_groups_and_columns() {
        assert_eq!(*grouped("abcdefgh2345"), "abcd-efgh-2345");
        assert_eq!(*grouped("abcd-efgh-2345"), "abcd-efgh-2345");
        let codes: Vec<_> = (1..=5).map(|n| format!("aaaa-aaaa-000{n}")).collect();
        let sheet = recovery_sheet(&codes);
        let lines: Vec<_> = sheet.lines().collect();
        assert_eq!(lines[2], "    aaaa-aaaa-0001    aaaa-aaaa-0004");
        assert_eq!(lines[4], "    aaaa-aaaa-0003");
        assert!(lines.iter().all(|line| line.len() <= 80), "{lines:#?}");
    }
}
