//! What is wrong in the files, in the language of whoever reads it. The daemon's log has the same in
//! English.

use countersign_bus::UserNameError;
use countersign_config::policy::NetworkError;
use countersign_config::{NameError, Place, Problem, Table, UrlError, Written, Wrong};
use countersign_words::{Words, say};

use crate::printable::Printable;

/// A problem with its place, on one line.
pub fn say_problem(words: &Words, problem: &Problem) -> String {
    let file = problem.file.to_string_lossy();
    let file = file.escape_debug();
    let wrong = say_wrong(words, &problem.wrong);
    match problem.place {
        Some(Place { line, column }) => format!("{file}:{line}:{column}: {wrong}"),
        None => format!("{file}: {wrong}"),
    }
}

fn say_wrong(words: &Words, wrong: &Wrong) -> String {
    match wrong {
        Wrong::Unreadable(error) => {
            say!(words, "config-unreadable", "error" = error.to_string())
        }
        Wrong::NotAFile => say!(words, "config-not-a-file"),
        Wrong::Exposed => say!(words, "config-exposed"),
        Wrong::TooLarge { most } => say!(words, "config-too-large", "most" = most.to_string()),
        Wrong::NotUtf8 => say!(words, "config-not-utf8"),
        Wrong::Syntax(said) => {
            let said = Printable(said).to_string();
            say!(words, "config-syntax", "said" = said)
        }
        Wrong::UnknownKey {
            key,
            table,
            nearest,
        } => unknown_key(words, key, *table, *nearest),
        Wrong::Type { key, wanted, found } => say!(
            words,
            "config-type",
            "key" = *key,
            "wanted" = type_code(wanted),
            "found" = *found,
        ),
        Wrong::Range { key, allowed } => say!(
            words,
            "config-range",
            "key" = *key,
            "least" = allowed.start().to_string(),
            "most" = allowed.end().to_string(),
        ),
        Wrong::Word {
            key,
            word,
            known,
            nearest,
        } => {
            let said = say!(
                words,
                "config-word",
                "key" = *key,
                "known" = quoted(known),
                "word" = Written(word).to_string(),
            );
            said + &did_you_mean(words, *nearest)
        }
        Wrong::EmptyList { key } => say!(words, "config-empty-list", "key" = *key),
        Wrong::NoRequire => say!(words, "config-no-require"),
        Wrong::LocalNetworks => say!(words, "config-local-networks"),
        Wrong::Issuer(error) => issuer(words, *error),
        Wrong::User(error) => name(words, *error, "user"),
        Wrong::Group(error) => name(words, error.0, "group"),
        Wrong::Date => say!(words, "config-date"),
        Wrong::Remember => say!(words, "config-remember"),
        Wrong::EnrollByAlone { require } => {
            say!(words, "config-enroll-by-alone", "require" = *require)
        }
        Wrong::RememberNever => say!(words, "config-remember-never"),
        Wrong::Service => say!(words, "config-service"),
        Wrong::NothingListed { key } => say!(words, "config-nothing-listed", "key" = *key),
        Wrong::Server(error) => server(words, *error),
        Wrong::Tenant => say!(words, "config-tenant"),
        Wrong::RelativePath { key } => say!(words, "config-relative-path", "key" = *key),
        Wrong::ClusterWithout { key } => say!(words, "config-cluster-without", "key" = *key),
        Wrong::NoServers { tenant } => {
            say!(words, "config-no-servers", "tenant" = tenant.as_str())
        }
        Wrong::Network { text, error } => network(words, text, *error),
    }
}

fn unknown_key(words: &Words, key: &str, table: Table, nearest: Option<&str>) -> String {
    let shown = Written(key).to_string();
    let mut said = match table {
        Table::Top => say!(words, "config-unknown-key", "key" = shown),
        Table::Totp | Table::Recovery | Table::Store | Table::Cluster | Table::Rule => say!(
            words,
            "config-unknown-key-in",
            "key" = shown,
            "table" = table.to_string(),
        ),
    };
    said.push_str(&match (nearest, Table::owner_of(key)) {
        (Some(_), _) => did_you_mean(words, nearest),
        (None, Some(Table::Top)) => say!(words, "config-belongs-on-top"),
        (None, Some(owner)) => say!(words, "config-belongs-in", "table" = owner.to_string()),
        (None, None) => say!(words, "config-known-here", "known" = quoted(table.keys())),
    });
    said
}

fn did_you_mean(words: &Words, nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |word| {
        say!(words, "config-did-you-mean", "word" = word)
    })
}

fn issuer(words: &Words, error: NameError) -> String {
    match error {
        NameError::Empty => say!(words, "config-issuer-empty"),
        NameError::TooLong => say!(words, "config-issuer-too-long"),
        NameError::Forbidden => say!(words, "config-issuer-forbidden"),
    }
}

/// The name of a user or a group that nobody can have.
fn name(words: &Words, error: UserNameError, kind: &str) -> String {
    match error {
        UserNameError::Empty => say!(words, "config-name-empty", "kind" = kind),
        UserNameError::TooLong { bytes } => say!(
            words,
            "config-name-too-long",
            "kind" = kind,
            "bytes" = bytes.to_string(),
        ),
        UserNameError::NotUtf8 => say!(words, "config-name-not-utf8", "kind" = kind),
        UserNameError::Forbidden { found } => say!(
            words,
            "config-name-forbidden",
            "kind" = kind,
            "character" = format!("U+{:04X}", u32::from(found)),
        ),
    }
}

fn server(words: &Words, error: UrlError) -> String {
    match error {
        UrlError::Scheme => say!(words, "config-server-scheme"),
        UrlError::NoHost => say!(words, "config-server-no-host"),
        UrlError::Port => say!(words, "config-server-port"),
        UrlError::Password => say!(words, "config-server-password"),
        UrlError::Extra => say!(words, "config-server-extra"),
    }
}

fn network(words: &Words, text: &str, error: NetworkError) -> String {
    let text = Written(text).to_string();
    match error {
        NetworkError::NotAnAddress => say!(words, "config-network-no-address", "text" = text),
        NetworkError::Mapped => say!(words, "config-network-mapped", "text" = text),
        NetworkError::Prefix { longest } => say!(
            words,
            "config-network-prefix",
            "text" = text,
            "longest" = longest.to_string(),
        ),
        NetworkError::HostBits { meant } => say!(
            words,
            "config-network-host-bits",
            "text" = text,
            "meant" = meant.to_string(),
        ),
    }
}

/// What a key takes, as the catalogue tells it apart.
fn type_code(wanted: &str) -> &'static str {
    match wanted {
        "a table" => "table",
        "a string" => "string",
        "true or false" => "boolean",
        "a whole number" => "number",
        "a list of strings" => "list",
        "tables, each headed [[store.cluster]]" => "clusters",
        _ => "rules",
    }
}

fn quoted(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("\"{word}\"")).collect();
    quoted.join(", ")
}

#[cfg(test)]
mod tests;
