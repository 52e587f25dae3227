//! The bus interface, from its XML and the comments in it.

use roxmltree::{Document, Node};

use crate::roff::{escaped, quoted};

const XML: &str = include_str!("../../bus/org.countersign1.xml");

/// Every interface with its methods and properties.
pub fn all() -> String {
    let mut out = String::new();
    let options = roxmltree::ParsingOptions {
        allow_dtd: true, // it names one, as introspection data does, and defines nothing
        ..roxmltree::ParsingOptions::default()
    };
    // It is part of this program; a test reads it.
    let Ok(document) = Document::parse_with_options(XML, options) else {
        return out;
    };
    for interface in elements(document.root_element(), "interface") {
        let heading = format!(".SS {}\n", quoted(name(interface)));
        out.push_str(&heading);
        out.push_str(&comment(interface));
        for method in elements(interface, "method") {
            let signature = format!(".TP\n{}\n", signature(method));
            out.push_str(&signature);
            out.push_str(&comment(method));
        }
        for property in elements(interface, "property") {
            let signature = format!(
                ".TP\n\\fB{}\\fR (\\fI{}\\fR, property)\n",
                escaped(name(property)),
                escaped(property.attribute("type").unwrap_or_default())
            );
            out.push_str(&signature);
            out.push_str(&comment(property));
        }
    }
    out
}

fn elements<'a, 'i>(of: Node<'a, 'i>, kind: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    of.children().filter(move |node| node.has_tag_name(kind))
}

fn name<'a>(node: Node<'a, '_>) -> &'a str {
    node.attribute("name").unwrap_or_default()
}

/// `\fBVerify\fR(in s \fIuser\fR, …, out s \fIverdict\fR)`
fn signature(method: Node<'_, '_>) -> String {
    let arguments: Vec<String> = elements(method, "arg")
        .map(|arg| {
            format!(
                "{} {} \\fI{}\\fR",
                arg.attribute("direction").unwrap_or_default(),
                escaped(arg.attribute("type").unwrap_or_default()),
                escaped(name(arg))
            )
        })
        .collect();
    format!(
        "\\fB{}\\fR({})",
        escaped(name(method)),
        arguments.join(", ")
    )
}

/// The comment right before an element, as a paragraph.
fn comment(node: Node<'_, '_>) -> String {
    let before = node
        .prev_siblings()
        .skip(1)
        .find(|sibling| sibling.is_element() || sibling.is_comment());
    match before.and_then(|node| node.is_comment().then(|| node.text()).flatten()) {
        Some(text) => {
            let lines: Vec<&str> = text
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .collect();
            format!("{}\n", escaped(&lines.join("\n")))
        }
        None => String::new(),
    }
}
