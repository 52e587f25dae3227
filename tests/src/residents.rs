use std::fs::OpenOptions;
use std::io::Write;

use crate::lab::Lab;

/// The first uid that a distribution gives to nobody by itself.
const FIRST_UID: usize = 20_000;

impl Lab {
    /// Many users who only log in with codes: names without passwords and homes, made in a moment.
    pub fn add_residents(&self, count: usize) -> Vec<String> {
        let mut passwd = OpenOptions::new()
            .append(true)
            .open("/etc/passwd")
            .expect("the user database");
        (0..count)
            .map(|index| {
                let (name, uid) = (format!("resident{index}"), FIRST_UID + index);
                writeln!(passwd, "{name}:x:{uid}:100::/:/bin/sh").expect("one more user");
                name
            })
            .collect()
    }
}
