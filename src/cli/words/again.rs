//! The command line as it was typed, for being typed again for some of its units.

use std::ffi::OsStr;

use clap::Arg;

use super::{FlagValue, TypedFlag, Words, flag_of};
use crate::model::shell_word;
use crate::report::Again;

/// Under this heading the help has the flags that choose units.
const SELECTION: &str = "Selection";
/// Those that leave units out hold for whatever else is chosen.
const LEAVE_OUT: [&str; 2] = ["queue-exclude-dir", "queue-excludes-file"];
/// Whose values are tokens, or where to find them.
const TOKENS: [&str; 2] = ["assumer-web-identity-token", "role-web-identity-token"];

impl Words {
    /// What was typed, without what chose the units: filters say that instead. To be called before
    /// variables are added, which hold for the next command by themselves.
    pub(in crate::cli) fn again(&self, leaf: &clap::Command) -> Again {
        if self.speaks_of("graph") {
            return Again::Unknown;
        }
        let kept = self.flags.iter().filter_map(|flag| {
            let arg = flag_of(leaf, &flag.name)?;
            stays(arg, flag).then(|| flag.shown(arg))
        });
        let flags: Option<Vec<String>> = kept.collect();
        let operands = self.operands.iter().map(|word| shown(word));
        let operands: Option<Vec<String>> = operands.collect();
        let (Some(flags), Some(operands)) = (flags, operands) else {
            return Again::InWords;
        };
        let command = std::iter::once("terrane".to_owned()).chain(self.command.iter().cloned());
        let (first, behind) = if self.separated {
            (Vec::new(), format!(" -- {}", operands.join(" ")))
        } else {
            (operands, String::new())
        };
        let before: Vec<String> = command.chain(first).chain(flags).collect();
        Again::Line {
            before: before.join(" "),
            behind,
        }
    }
}

impl TypedFlag {
    /// As it can be typed; nothing where it should not be shown.
    fn shown(&self, arg: &Arg) -> Option<String> {
        let name = &self.name;
        match &self.value {
            FlagValue::Set => Some(format!("--{name}")),
            FlagValue::Unset => Some(format!("--{name}=false")),
            FlagValue::Text(value) if TOKENS.contains(&name.as_str()) && value != "github" => None,
            FlagValue::Text(value) => {
                let value = shown(value)?;
                Some(if !self.spelled.starts_with("--") {
                    format!("{} {value}", self.spelled)
                } else if arg.is_require_equals_set() {
                    format!("--{name}={value}")
                } else {
                    format!("--{name} {value}")
                })
            }
        }
    }
}

/// Whether a flag holds for other units too.
fn stays(arg: &Arg, flag: &TypedFlag) -> bool {
    let chooses = arg.get_help_heading() == Some(SELECTION) && flag.name != "all";
    let is_negative = flag.name == "filter"
        && matches!(&flag.value, FlagValue::Text(text) if text.to_string_lossy().starts_with('!'));
    !chooses || is_negative || LEAVE_OUT.contains(&flag.name.as_str())
}

/// A word for a shell; nothing where it may be a secret, or cannot be typed.
fn shown(word: &OsStr) -> Option<String> {
    let word = word.to_str()?;
    let is_of_terraform = |name: &str| {
        let rest = word.strip_prefix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
    };
    // A source may be an address with a password in it.
    let address = word.split_once("://").map(|(_, rest)| rest);
    let host = address.and_then(|rest| rest.split('/').next());
    let may_be_secret = ["-var", "-backend-config"].into_iter().any(is_of_terraform)
        || host.is_some_and(|host| host.contains('@'));
    (!may_be_secret).then(|| shell_word(word))
}
