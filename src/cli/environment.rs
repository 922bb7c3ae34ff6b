//! Which variables of the environment stand for which flags.
//!
//! A flag `--some-flag` is also `TERRANE_SOME_FLAG`, else `TG_SOME_FLAG`, else
//! `TERRAGRUNT_SOME_FLAG`; so are its aliases and its old names. The names come from clap's
//! description of the flags. Flags about roles are left out: `identity` knows how they are spelled
//! and joins all that is said about them.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use clap::{Arg, ArgAction, Command};

use super::note::Note;
use super::terragrunt::{self, Fate};
use super::words::{FlagValue, TypedFlag, UsageError, Words, boolean, names_of, takes_value};

/// The variables that the program was started with.
pub type Variables = BTreeMap<OsString, OsString>;

/// The prefixes, the one that wins first.
const PREFIXES: [&str; 3] = ["TERRANE", "TG", "TERRAGRUNT"];

/// Flags that no variable sets.
const NOT_BY_VARIABLE: [&str; 9] = [
    "help",
    "version",
    "role",
    "role-session-name",
    "role-duration",
    "role-web-identity-token",
    "assumer-role",
    // What one command prints is not for a variable to decide, and so short a name is easily taken
    // by somebody else.
    "raw",
    "stdin",
];

/// Adds to `words` what variables say about the flags of the command `leaf` that were not typed.
pub(super) fn add_flags(
    words: &mut Words,
    leaf: &Command,
    variables: &Variables,
) -> Result<(), UsageError> {
    for arg in leaf.get_arguments() {
        let Some(name) = arg.get_long() else { continue };
        if words.speaks_of(name) || NOT_BY_VARIABLE.contains(&name) {
            continue;
        }
        if let Some(found) = find(arg, variables) {
            let is_old = |(old, _)| variable("TERRAGRUNT", old) == found.name;
            if old_names(name).any(is_old) {
                let now = variable("TG", name);
                words.notes.push(Note::renamed(&found.name, &now));
            }
            for value in found.values(arg)? {
                words.flags.push(TypedFlag {
                    name: name.to_owned(),
                    value,
                    spelled: found.name.clone(),
                });
            }
        }
    }
    for (name, why) in passed_over(leaf, variables) {
        words.notes.push(Note::ignored(&name, why));
    }
    Ok(())
}

/// The variables that stand for a flag, the one that wins first.
pub(super) fn variables_of(arg: &Arg) -> Vec<String> {
    let Some(name) = arg.get_long() else {
        return Vec::new();
    };
    if NOT_BY_VARIABLE.contains(&name) {
        return Vec::new();
    }
    let names = names_of(arg);
    let today = PREFIXES
        .iter()
        .flat_map(|prefix| names.iter().map(move |name| variable(prefix, name)));
    let old = old_names(name).map(|(old, _)| variable("TERRAGRUNT", old));
    today.chain(old).collect()
}

/// A variable that says something about a flag.
struct Said<'v> {
    name: String,
    text: &'v OsStr,
    inverted: bool,
}

fn find<'v>(arg: &Arg, variables: &'v Variables) -> Option<Said<'v>> {
    let long = arg.get_long()?;
    let inverted = |name: &str| {
        let mut old = old_names(long);
        old.any(|(old, inverted)| inverted && variable("TERRAGRUNT", old) == name)
    };
    variables_of(arg).into_iter().find_map(|name| {
        let text = said(variables, &name)?;
        let inverted = inverted(&name);
        Some(Said {
            name,
            text,
            inverted,
        })
    })
}

impl Said<'_> {
    /// The values it stands for: several where the flag may be given several times.
    fn values(&self, arg: &Arg) -> Result<Vec<FlagValue>, UsageError> {
        if !takes_value(arg) {
            let text = self.text.to_string_lossy();
            let set = boolean(&text).ok_or_else(|| UsageError::not_boolean(&self.name, &text))?;
            return Ok(vec![FlagValue::of(set != self.inverted)]);
        }
        if !matches!(arg.get_action(), ArgAction::Append) {
            return Ok(vec![FlagValue::Text(self.text.to_owned())]);
        }
        let Some(list) = self.text.to_str() else {
            return Ok(vec![FlagValue::Text(self.text.to_owned())]);
        };
        let items = list
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty());
        Ok(items.map(|item| FlagValue::Text(item.into())).collect())
    }
}

/// The variables that would mean something in Terragrunt and are passed over here, with the reason.
fn passed_over<'v>(
    leaf: &Command,
    variables: &'v Variables,
) -> impl Iterator<Item = (String, &'static str)> + 'v {
    let runs = leaf
        .get_arguments()
        .any(|arg| arg.get_long() == Some("no-auto-init"));
    terragrunt::old_flags().iter().filter_map(move |old| {
        let (Fate::Ignored(why) | Fate::Refused(why)) = old.fate else {
            return None;
        };
        let names = PREFIXES[1..]
            .iter()
            .map(|prefix| variable(prefix, old.name));
        let mut set = names.filter(|name| {
            said(variables, name)
                .is_some_and(|text| boolean(&text.to_string_lossy()) != Some(false))
        });
        runs.then(|| set.next()).flatten().map(|name| (name, why))
    })
}

/// The names that a flag had, and whether they meant the opposite.
fn old_names(now: &str) -> impl Iterator<Item = (&'static str, bool)> {
    terragrunt::old_flags()
        .iter()
        .filter_map(move |old| match old.fate {
            Fate::Renamed(name) if name == now => Some((old.name, false)),
            Fate::Inverted(name) if name == now => Some((old.name, true)),
            Fate::Renamed(_)
            | Fate::Inverted(_)
            | Fate::Needless
            | Fate::Ignored(_)
            | Fate::Refused(_) => None,
        })
}

/// What a variable says; an empty one says nothing.
fn said<'v>(variables: &'v Variables, name: &str) -> Option<&'v OsStr> {
    let text = variables.get(OsStr::new(name))?;
    (!text.is_empty()).then_some(text.as_os_str())
}

fn variable(prefix: &str, flag: &str) -> String {
    format!("{prefix}_{}", flag.replace('-', "_").to_ascii_uppercase())
}
