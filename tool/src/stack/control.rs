//! The control of a line: what follows from each value that a module can return.

/// What a module can return, by its number and its name in a control (`_pam_types.h`,
/// `pam_tokens.h`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Returned(u8);

/// All names, in the order of their numbers.
const NAMES: [&str; 32] = [
    "success",
    "open_err",
    "symbol_err",
    "service_err",
    "system_err",
    "buf_err",
    "perm_denied",
    "auth_err",
    "cred_insufficient",
    "authinfo_unavail",
    "user_unknown",
    "maxtries",
    "new_authtok_reqd",
    "acct_expired",
    "session_err",
    "cred_unavail",
    "cred_expired",
    "cred_err",
    "no_module_data",
    "conv_err",
    "authtok_err",
    "authtok_recover_err",
    "authtok_lock_busy",
    "authtok_disable_aging",
    "try_again",
    "ignore",
    "abort",
    "authtok_expired",
    "module_unknown",
    "bad_item",
    "conv_again",
    "incomplete",
];

impl Returned {
    /// `PAM_SUCCESS`
    pub const SUCCESS: Self = Self(0);
    /// `PAM_SYSTEM_ERR`
    pub const SYSTEM_ERR: Self = Self(4);
    /// `PAM_PERM_DENIED`, which also stands for a line that makes no sense.
    pub const PERM_DENIED: Self = Self(6);
    /// `PAM_AUTH_ERR`
    pub const AUTH_ERR: Self = Self(7);
    /// `PAM_AUTHINFO_UNAVAIL`
    pub const AUTHINFO_UNAVAIL: Self = Self(9);
    /// `PAM_MAXTRIES`
    pub const MAXTRIES: Self = Self(11);
    /// `PAM_NEW_AUTHTOK_REQD`
    pub const NEW_AUTHTOK_REQD: Self = Self(12);
    /// `PAM_CONV_ERR`
    pub const CONV_ERR: Self = Self(19);
    /// `PAM_IGNORE`
    pub const IGNORE: Self = Self(25);
    /// `PAM_MODULE_UNKNOWN`: the file of the module cannot be loaded.
    pub const MODULE_UNKNOWN: Self = Self(28);

    /// All values.
    pub fn all() -> impl Iterator<Item = Self> {
        (0_u8..).zip(NAMES).map(|(number, _)| Self(number))
    }

    /// The value of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|value| value.name() == name)
    }

    /// Its name in a control.
    pub fn name(self) -> &'static str {
        NAMES.get(usize::from(self.0)).copied().unwrap_or_default()
    }
}

/// What libpam does about a value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Action {
    /// Nothing.
    Ignore,
    /// Counts for a yes.
    Ok,
    /// The same, and this stack is over.
    Done,
    /// Counts for a no.
    Bad,
    /// The same, and this stack is over.
    Die,
    /// What was before this substack counts.
    Reset,
    /// So many of the next modules are passed over.
    Jump(u32),
}

const ACTIONS: [(&str, Action); 6] = [
    ("ignore", Action::Ignore),
    ("ok", Action::Ok),
    ("done", Action::Done),
    ("bad", Action::Bad),
    ("die", Action::Die),
    ("reset", Action::Reset),
];

/// The action for each value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Control(Box<[Action; NAMES.len()]>);

impl Control {
    /// Everything is a no: what libpam makes of a line without a sense.
    pub fn refusing() -> Self {
        Self(Box::new([Action::Bad; NAMES.len()]))
    }

    /// `required` and the other words, in any case; anything else as the pairs of `[…]`.
    pub fn parse(word: &str) -> Self {
        let named = |success, ignore, default| {
            let mut control = [default; NAMES.len()];
            for value in [Returned::SUCCESS, Returned::NEW_AUTHTOK_REQD] {
                set(&mut control, value, success);
            }
            set(&mut control, Returned::IGNORE, ignore);
            Self(Box::new(control))
        };
        match word.to_ascii_lowercase().as_str() {
            "required" => named(Action::Ok, Action::Ignore, Action::Bad),
            "requisite" => named(Action::Ok, Action::Ignore, Action::Die),
            "optional" => named(Action::Ok, Action::Ignore, Action::Ignore),
            "sufficient" => named(Action::Done, Action::Ignore, Action::Ignore),
            _ => pairs(word).unwrap_or_else(Self::refusing),
        }
    }

    /// What is done about a value.
    pub fn action(&self, value: Returned) -> Action {
        let action = self.0.get(usize::from(value.0));
        action.copied().unwrap_or(Action::Bad)
    }
}

fn set(control: &mut [Action; NAMES.len()], value: Returned, action: Action) {
    if let Some(place) = control.get_mut(usize::from(value.0)) {
        *place = action;
    }
}

/// `value=action …`, as `_pam_parse_control` reads it: names are prefixes of what stands there, a
/// later pair of a value counts, `default` fills what no earlier pair named.
fn pairs(text: &str) -> Option<Control> {
    let mut actions: [Option<Action>; NAMES.len()] = [None; NAMES.len()];
    let mut rest = blank(text);
    while !rest.is_empty() {
        let value = (0..).zip(NAMES).find_map(|(number, name)| {
            let after = rest.strip_prefix(name)?;
            Some((Some(number), after))
        });
        let (value, after) = value.or_else(|| Some((None, rest.strip_prefix("default")?)))?;
        let after = blank(blank(after).strip_prefix('=')?);
        let (action, after) = action(after)?;
        match value {
            Some(number) => *actions.get_mut::<usize>(number)? = Some(action),
            None => {
                for place in &mut actions {
                    place.get_or_insert(action);
                }
            }
        }
        rest = blank(after);
    }
    let actions = actions.map(|action| action.unwrap_or(Action::Bad));
    Some(Control(Box::new(actions)))
}

fn action(text: &str) -> Option<(Action, &str)> {
    let named = ACTIONS
        .iter()
        .find_map(|(name, action)| Some((*action, text.strip_prefix(name)?)));
    named.or_else(|| {
        let end = text.find(|c: char| !c.is_ascii_digit());
        let (digits, rest) = text.split_at(end.unwrap_or(text.len()));
        match digits.parse() {
            Ok(0) | Err(_) => None,
            Ok(count) => Some((Action::Jump(count), rest)),
        }
    })
}

/// Without the blanks of isspace(3) in front.
fn blank(text: &str) -> &str {
    text.trim_start_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}'])
}
