//! Makes Rust of what a login says (`login.ftl`), so that the PAM module needs nothing that reads
//! Fluent while somebody logs in. The tests hold the outcome against Fluent's own reader.
//!
//! Only what stands in that file is understood: texts, values, and choices by a number. Anything else
//! ends the build.

use std::error::Error;
use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

use fluent_syntax::ast::{
    Entry, Expression, InlineExpression, Message, Pattern, PatternElement, Variant, VariantKey,
};
use fluent_syntax::parser;

/// Each language's function, its code, and the numbers of which `[one]` is said (CLDR, cardinals).
const LANGUAGES: [(&str, &str, &[u32]); 2] = [("english", "en", &[1]), ("french", "fr", &[0, 1])];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    let mut code = String::new();
    for (function, language, one) in LANGUAGES {
        let path = format!("src/{language}/login.ftl");
        println!("cargo:rerun-if-changed={path}");
        let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        let messages = match parser::parse(text.as_str()) {
            Ok(resource) => resource.body,
            Err((_, errors)) => return Err(format!("{path}: {errors:?}").into()),
        };
        let allow = "#[allow(clippy::too_many_lines, reason = \"one arm for each message\")]";
        writeln!(code, "{allow}")?;
        writeln!(
            code,
            "fn {function}(speech: &mut Speech<'_>, name: &str) -> Option<()> {{"
        )?;
        writeln!(code, "match name {{")?;
        for entry in messages {
            match entry {
                Entry::Message(message) => write_message(&mut code, &message, one)
                    .map_err(|error| format!("{path}: {}: {error}", message.id.name))?,
                Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
                other => {
                    return Err(format!("{path}: neither message nor comment: {other:?}").into());
                }
            }
        }
        writeln!(code, "_ => return None,\n}}\nSome(())\n}}\n")?;
    }
    let out = env::var_os("OUT_DIR").ok_or("cargo names no OUT_DIR")?;
    fs::write(Path::new(&out).join("login.rs"), code)?;
    Ok(())
}

type Written = Result<(), Box<dyn Error>>;

fn write_message(code: &mut String, message: &Message<&str>, one: &[u32]) -> Written {
    if !message.attributes.is_empty() {
        return Err("attributes are not understood here".into());
    }
    let pattern = message.value.as_ref().ok_or("it says nothing")?;
    writeln!(code, "{:?} => {{", message.id.name)?;
    write_pattern(code, pattern, one)?;
    writeln!(code, "}}")?;
    Ok(())
}

fn write_pattern(code: &mut String, pattern: &Pattern<&str>, one: &[u32]) -> Written {
    let mut text = String::new();
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => text.push_str(value),
            PatternElement::Placeable { expression } => {
                write_text(code, &mut text)?;
                write_expression(code, expression, one)?;
            }
        }
    }
    write_text(code, &mut text)
}

fn write_text(code: &mut String, text: &mut String) -> Written {
    if !text.is_empty() {
        writeln!(code, "speech.text({text:?});")?;
        text.clear();
    }
    Ok(())
}

fn write_expression(code: &mut String, expression: &Expression<&str>, one: &[u32]) -> Written {
    match expression {
        Expression::Inline(InlineExpression::VariableReference { id }) => {
            writeln!(code, "speech.value({:?});", id.name)?;
            Ok(())
        }
        Expression::Select {
            selector: InlineExpression::VariableReference { id },
            variants,
        } => write_choice(code, id.name, variants, one),
        other => Err(format!("this is not understood here: {other:?}").into()),
    }
}

/// The first variant that fits is said, and if there is none, the one with the asterisk.
fn write_choice(
    code: &mut String,
    value: &str,
    variants: &[Variant<&str>],
    one: &[u32],
) -> Written {
    let mut fallback = None;
    for variant in variants {
        let numbers = match variant.key {
            VariantKey::NumberLiteral { value } => vec![value.parse()?],
            VariantKey::Identifier { name: "one" } => one.to_vec(),
            VariantKey::Identifier { name: "other" } if variant.default => Vec::new(),
            VariantKey::Identifier { name } => {
                return Err(format!("[{name}] is not understood here").into());
            }
        };
        if variant.default {
            fallback = Some(variant);
            continue;
        }
        if fallback.is_some() {
            return Err("the variant with the asterisk is to be the last".into());
        }
        writeln!(code, "if speech.is({value:?}, &{numbers:?}) {{")?;
        write_pattern(code, &variant.value, one)?;
        write!(code, "}} else ")?;
    }
    writeln!(code, "{{")?;
    write_pattern(
        code,
        &fallback.ok_or("no variant has an asterisk")?.value,
        one,
    )?;
    writeln!(code, "}}")?;
    Ok(())
}
