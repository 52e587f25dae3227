//! The list of who has a token.

use std::fs::OpenOptions;
use std::io::Write;

use countersign_tests::{Caller, in_lab};
use zbus::Variant;

use crate::PASSWORD;

#[test]
fn a_thousand_users_are_listed_page_by_page_in_the_order_of_their_bytes() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        // In no order, in both cases, and with letters of several bytes.
        let mut names: Vec<String> = (0..1000_u32)
            .map(|n| {
                format!(
                    "{}{}",
                    ["u", "U", "ü-", "_x", "Zoë "][(n % 5) as usize],
                    n * 7919 % 1000
                )
            })
            .collect();
        let mut passwd = OpenOptions::new().append(true).open("/etc/passwd").unwrap();
        for (uid, name) in (20_000..).zip(&names) {
            writeln!(passwd, "{name}:x:{uid}:{uid}::/:/bin/false").unwrap();
        }
        let root = Caller::on_bus("root");
        for name in &names {
            root.import(name, &[("secret", "2SH3V3GDW7ZNMGYE".into())])
                .unwrap();
        }
        names.sort_unstable();
        let pages = |limit: Option<u32>| {
            let mut listed: Vec<String> = Vec::new();
            let mut sizes = Vec::new();
            loop {
                let mut filter: Vec<(&str, Variant<'_>)> = Vec::new();
                filter.extend(limit.map(|limit| ("limit", limit.into())));
                filter.extend(listed.last().map(|last| ("after", last.clone().into())));
                let page = root.list(&filter).unwrap();
                if page.is_empty() {
                    return (listed, sizes);
                }
                sizes.push(page.len());
                for (name, details) in page {
                    assert_eq!(details["enrolled"], true.into());
                    listed.push(name);
                }
            }
        };
        assert_eq!(pages(None), (names.clone(), vec![500, 500]));
        assert_eq!(pages(Some(100_000)), (names.clone(), vec![500, 500]));
        assert_eq!(pages(Some(333)), (names.clone(), vec![333, 333, 333, 1]));
        let first = root.list(&[("limit", 0_u32.into())]).unwrap();
        assert_eq!(first.len(), 1, "no page is empty but the last");
        // A name that nobody has is a place between two others.
        let middle = root
            .list(&[("after", "U999~".into()), ("limit", 1_u32.into())])
            .unwrap();
        assert_eq!(
            Some(&middle[0].0),
            names.iter().find(|name| name.as_str() > "U999~")
        );
    });
}
