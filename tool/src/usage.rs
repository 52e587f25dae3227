//! What is said of a mistake in the arguments.

use std::error::Error;
use std::num::{IntErrorKind, ParseIntError};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use countersign_bus::UserNameError;

use crate::error::user_name;
use crate::printable::Printable;
use crate::words::tell;

/// The mistake, what may have been meant, and how the verb is used.
pub fn mistake(error: clap::Error) -> String {
    let error = printable(error);
    let Some(what) = what(&error) else {
        let text = error.to_string();
        let text = text.strip_prefix("error: ").unwrap_or(&text);
        // A sentence of our own, in clap's frame.
        return text
            .replace("\nUsage: ", &format!("\n{}: ", tell!("tool-usage-usage")))
            .replace(
                "For more information, try '--help'.",
                &tell!("tool-usage-more"),
            );
    };
    let mut text = what;
    for (at, tip) in tips(&error).iter().enumerate() {
        text.push_str(if at == 0 { "\n\n  " } else { "\n  " });
        text.push_str(tip);
    }
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        let usage = usage.to_string();
        let usage = usage.trim_start_matches("Usage: ");
        text.push_str("\n\n");
        text.push_str(&tell!("tool-usage-usage"));
        text.push_str(": ");
        text.push_str(usage);
    }
    text.push_str("\n\n");
    text.push_str(&tell!("tool-usage-more"));
    text
}

/// An argument is repeated in the message, and a script may have it from anywhere.
fn printable(mut mistake: clap::Error) -> clap::Error {
    let repeated: Vec<(ContextKind, String)> = mistake
        .context()
        .filter_map(|(kind, value)| match value {
            ContextValue::String(text) => Some((kind, Printable(text).to_string())),
            _ => None,
        })
        .collect();
    for (kind, text) in repeated {
        mistake.insert(kind, ContextValue::String(text));
    }
    mistake
}

/// The mistake. `None` for what clap says by itself: kinds that our command line cannot meet, and
/// the help that comes in place of a missing verb.
fn what(error: &clap::Error) -> Option<String> {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    Some(match error.kind() {
        ErrorKind::UnknownArgument => {
            tell!(
                "tool-usage-unknown",
                "argument" = text(ContextKind::InvalidArg)?
            )
        }
        ErrorKind::InvalidSubcommand => tell!(
            "tool-usage-unknown-verb",
            "verb" = text(ContextKind::InvalidSubcommand)?
        ),
        ErrorKind::MissingRequiredArgument => {
            let missing = listed(error.get(ContextKind::InvalidArg)?);
            format!("{}{missing}", tell!("tool-usage-missing"))
        }
        ErrorKind::InvalidValue if text(ContextKind::InvalidValue)?.is_empty() => tell!(
            "tool-usage-no-value",
            "argument" = text(ContextKind::InvalidArg)?
        ),
        kind @ (ErrorKind::InvalidValue | ErrorKind::ValueValidation) => {
            let invalid = tell!(
                "tool-usage-invalid",
                "value" = text(ContextKind::InvalidValue)?,
                "argument" = text(ContextKind::InvalidArg)?
            );
            match (kind, error.source(), error.get(ContextKind::ValidValue)) {
                (ErrorKind::ValueValidation, Some(why), _) => {
                    tell!("tool-usage-why", "mistake" = invalid, "why" = reason(why))
                }
                (_, _, Some(ContextValue::Strings(known))) if !known.is_empty() => {
                    let known = tell!("tool-usage-known", "values" = known.join(", "));
                    format!("{invalid}\n  {known}")
                }
                _ => invalid,
            }
        }
        ErrorKind::ArgumentConflict => conflict(error, text(ContextKind::InvalidArg)?),
        _ => return None,
    })
}

fn conflict(error: &clap::Error, argument: &str) -> String {
    match error.get(ContextKind::PriorArg) {
        Some(ContextValue::String(prior)) if prior == argument => {
            tell!("tool-usage-twice", "argument" = argument)
        }
        Some(ContextValue::String(prior)) => {
            tell!("tool-usage-conflict", "argument" = argument, "with" = prior)
        }
        Some(several @ ContextValue::Strings(_)) => {
            let what = tell!("tool-usage-conflict-several", "argument" = argument);
            format!("{what}{}", listed(several))
        }
        _ => tell!("tool-usage-conflict-some", "argument" = argument),
    }
}

fn listed(value: &ContextValue) -> String {
    match value {
        ContextValue::Strings(values) => values.iter().flat_map(|it| ["\n  ", it]).collect(),
        ContextValue::String(value) => format!("\n  {value}"),
        _ => String::new(),
    }
}

/// Why a value will not do. Our own types say it in the language of the run; of clap's, those that
/// there are.
fn reason(why: &(dyn Error + 'static)) -> String {
    if let Some(error) = why.downcast_ref::<UserNameError>() {
        return user_name(*error);
    }
    if let Some(error) = why.downcast_ref::<ParseIntError>() {
        return match error.kind() {
            IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => tell!("tool-usage-too-large"),
            _ => tell!("tool-usage-no-number"),
        };
    }
    let text = why.to_string();
    match text.split_once(" is not in ") {
        Some((value, range)) => tell!("tool-usage-range", "value" = value, "range" = range),
        None => text,
    }
}

/// What may have been meant.
fn tips(error: &clap::Error) -> Vec<String> {
    let mut tips = Vec::new();
    for kind in [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ] {
        let meant = match error.get(kind) {
            Some(ContextValue::String(one)) => one.clone(),
            Some(ContextValue::Strings(several)) => several.join("', '"),
            _ => continue,
        };
        tips.push(match kind {
            ContextKind::SuggestedArg => tell!("tool-usage-tip-argument", "meant" = meant),
            ContextKind::SuggestedSubcommand => tell!("tool-usage-tip-verb", "meant" = meant),
            _ => tell!("tool-usage-tip-value", "meant" = meant),
        });
    }
    if let (ErrorKind::UnknownArgument, Some(ContextValue::StyledStrs(said))) =
        (error.kind(), error.get(ContextKind::Suggested))
        && let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg)
        // A command line in quotes is the one advice that is not about other verbs.
        && said.iter().any(|it| it.to_string().contains("'-- "))
    {
        tips.push(tell!("tool-usage-tip-dashes", "argument" = argument));
    }
    tips
}
