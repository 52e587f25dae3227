//! Nothing that the programs define is missing in the manual, and troff has nothing to complain of.

use std::process::Command;

use crate::page::{Page, all};

fn page(name: &str) -> Page {
    all()
        .into_iter()
        .find(|page| page.name == name)
        .expect("there is such a page")
}

#[test]
fn every_verb_and_flag_is_in_the_page_of_the_tool() {
    let text = page("countersign").text.replace("\\-", "-");
    let mut tool = countersign::command();
    tool.build();
    for verb in tool.get_subcommands().filter(|verb| !verb.is_hide_set()) {
        if verb.get_name() == "help" {
            continue;
        }
        assert!(
            text.contains(&format!("\"countersign {}\"", verb.get_name())),
            "{} is missing",
            verb.get_name()
        );
        for arg in verb.get_arguments().filter(|arg| !arg.is_hide_set()) {
            if let Some(long) = arg.get_long() {
                assert!(text.contains(&format!("--{long}")), "--{long} is missing");
            }
        }
    }
}

#[test]
fn every_key_of_the_configuration_is_described() {
    let text = page("countersign.toml").text;
    for key in countersign_config::keys() {
        assert!(
            text.contains(&format!("\\fB{key}\\fR")) || text.contains(&format!(".B {key}\n")),
            "{key} is missing"
        );
    }
}

#[test]
fn every_option_of_the_module_is_described() {
    let source = include_str!("../../pam-module/src/options.rs");
    let text = page("pam_countersign").text;
    let options: Vec<&str> = source
        .lines()
        .filter_map(|line| line.trim().strip_prefix("(\""))
        .filter_map(|rest| rest.split_once("\", "))
        .filter(|(_, rest)| rest.starts_with("Some(") || rest.starts_with("None)"))
        .map(|(name, _)| name)
        .filter(|name| *name != "panic")
        .collect();
    assert!(options.len() > 8, "found {options:?} alone");
    for option in options {
        assert!(
            text.contains(&format!("\\fB{option}")),
            "{option} is missing"
        );
    }
}

#[test]
fn every_method_is_in_the_page_of_the_interface() {
    let text = page("org.countersign1").text;
    let xml = include_str!("../../bus/org.countersign1.xml");
    let methods: Vec<&str> = xml
        .lines()
        .filter_map(|line| line.trim().strip_prefix("<method name=\""))
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert!(methods.len() > 10, "found {methods:?} alone");
    for method in methods {
        assert!(
            text.contains(&format!("\\fB{method}\\fR(")),
            "{method} is missing"
        );
    }
}

#[test]
fn every_error_is_in_the_page_of_the_interface() {
    let text = page("org.countersign1").text;
    let source = include_str!("../../bus/src/fault.rs");
    let errors: Vec<&str> = source
        .split("\"org.countersign1.Error.")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert!(errors.len() > 10, "found {errors:?} alone");
    for error in errors {
        assert!(
            text.contains(&format!(".B {error}\n")),
            "{error} is missing"
        );
    }
}

#[test]
fn every_code_of_the_module_is_described() {
    let text = page("pam_countersign").text;
    let source = include_str!("../../pam-module/src/outcome.rs");
    let (rows, _tests) = source.split_once("#[cfg(test)]").unwrap_or((source, ""));
    let codes: Vec<&str> = rows
        .split("::PAM_")
        .skip(1)
        .filter_map(|rest| {
            rest.split(|c: char| !(c.is_ascii_uppercase() || c == '_'))
                .next()
        })
        .collect();
    assert!(codes.len() > 10, "found {codes:?} alone");
    for code in codes {
        assert!(
            text.contains(&format!(".B PAM_{code}\n")),
            "{code} is missing"
        );
    }
}

#[test]
fn an_option_of_every_verb_is_described_once() {
    let text = page("countersign").text.replace("\\-", "-");
    assert_eq!(text.matches("\\fB--bus\\fR").count(), 1);
}

#[test]
fn the_pages_are_well_formed() {
    let folder = std::env::temp_dir().join(format!("countersign-manual-{}", std::process::id()));
    crate::page::write_all(&folder).expect("the pages can be written");
    for page in all() {
        let file = folder.join(format!("man{0}/{1}.{0}", page.section, page.name));
        let lint = Command::new("mandoc")
            .args(["-T", "lint", "-W", "warning"])
            .arg(&file)
            .output()
            .expect("this test needs mandoc: apt-get install mandoc");
        let said = String::from_utf8_lossy(&lint.stdout);
        assert!(lint.status.success() && said.is_empty(), "{said}");
    }
    std::fs::remove_dir_all(&folder).expect("the pages can be removed");
}
