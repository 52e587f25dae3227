//! What the tool and polkit's dialog say, read by Fluent as they start.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use crate::{Language, Value};

/// One part of the catalogue in all languages.
pub struct Part {
    pub english: &'static str,
    pub french: &'static str,
}

macro_rules! part {
    ($name:literal) => {
        Part {
            english: include_str!(concat!("en/", $name, ".ftl")),
            french: include_str!(concat!("fr/", $name, ".ftl")),
        }
    };
}

/// What a login says, to compare with what the build made of it.
#[cfg(test)]
pub const LOGIN: &[Part] = &[part!("login")];

/// What polkit's dialog says of what is to be allowed.
pub const DIALOG: &[Part] = &[part!("dialog")];

/// What the tool says.
pub const TOOL: &[Part] = &[
    part!("tool"),
    part!("card"),
    part!("config"),
    part!("doctor"),
    part!("help"),
    part!("import"),
    part!("pam"),
    part!("store"),
];

/// Parts of the catalogue, read and ready in one language.
pub struct Catalogue {
    pub bundle: FluentBundle<FluentResource>,
}

impl Catalogue {
    /// Reads these parts.
    pub fn read(parts: &[Part], language: Language) -> Self {
        let mut bundle = FluentBundle::new_concurrent(vec![language.identifier()]);
        // Marks of direction around what is put in would be copied along with a name or a command.
        bundle.set_use_isolating(false);
        for part in parts {
            let text = match language {
                Language::English => part.english,
                Language::French => part.french,
            };
            // What can be read of a text counts. That all of it can is a test's business.
            let resource = match FluentResource::try_new(text.to_owned()) {
                Ok(resource) | Err((resource, _)) => resource,
            };
            let _ = bundle.add_resource(resource);
        }
        Self { bundle }
    }

    /// A message that has no places for values, if there is one of that name.
    pub fn find(&self, name: &str) -> Option<String> {
        let pattern = self.bundle.get_message(name)?.value()?;
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, None, &mut errors);
        errors.is_empty().then(|| text.into_owned())
    }

    /// The message of that name, with values in their places, if there is one.
    pub fn text(&self, name: &str, values: &[(&'static str, Value<'_>)]) -> Option<String> {
        let mut args = FluentArgs::with_capacity(values.len());
        for (key, value) in values {
            args.set(*key, value.clone());
        }
        let pattern = self.bundle.get_message(name)?.value()?;
        let mut errors = Vec::new();
        let text = self
            .bundle
            .format_pattern(pattern, Some(&args), &mut errors);
        Some(text.into_owned())
    }
}

impl<'v> From<Value<'v>> for FluentValue<'v> {
    fn from(value: Value<'v>) -> Self {
        match value {
            Value::Number(number) => number.into(),
            Value::Text(text) => text.into(),
        }
    }
}
