//! What a unit adds to the environment of the engine and of its hooks: inputs as `TF_VAR_*`, and
//! the variables of `extra_arguments`.
//!
//! A variable that the environment already has wins over an input of the same name, and one from
//! `extra_arguments` over both; an identity that terrane gives to the child wins over everything.

mod json;
mod size;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};
use terrane_hcl::{EncodeError, Value};
use thiserror::Error;

use super::engine::Engine;
use super::invocation::matching;
use super::module_code::{ModuleCode, VariableKind};
use crate::model::prepared::ExtraArguments;

pub use json::{debug_file, indented_json, null_file};
pub use size::{SizeLimits, TooLarge, check_size};

/// All that decides the environment of one child. `Debug` shows names only: values may be secrets.
#[derive(Clone, Copy)]
pub struct UnitEnvironment<'a> {
    /// What the child would have without its unit.
    pub base: &'a BTreeMap<OsString, OsString>,
    /// Names that the unit may not set: they would take the place of the identity that the child
    /// is given. Empty where it is given none.
    pub withheld: &'a [&'a str],
    pub extra_arguments: &'a [ExtraArguments],
    /// The command, and `init` as well where it runs before another one.
    pub commands: &'a [&'a str],
    pub inputs: &'a BTreeMap<String, Value>,
    /// Only looked at where [`needs_code`] says so.
    pub code: Option<&'a ModuleCode>,
}

/// The environment of a child of a unit. `Debug` shows names only: values may be secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct UnitVariables {
    pub variables: BTreeMap<OsString, OsString>,
    /// Inputs that are null: an environment cannot say so, a file can. See [`null_file`].
    pub nulls: BTreeSet<String>,
    /// What `extra_arguments` wanted to set and may not.
    pub withheld: BTreeSet<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum InputError {
    #[error("the input {0} is not known")]
    Unknown(String),
    #[error("the input {0} holds infinity, which terraform cannot take")]
    Infinite(String),
    #[error("the input {0} holds a null character, which an environment cannot")]
    NullCharacter(String),
}

/// What stands before the name of a variable in the environment.
const PREFIX: &str = "TF_VAR_";

impl UnitEnvironment<'_> {
    pub fn variables(&self) -> Result<UnitVariables, InputError> {
        let mut all = UnitVariables {
            variables: self.base.clone(),
            nulls: BTreeSet::new(),
            withheld: BTreeSet::new(),
        };
        for command in self.commands {
            for block in matching(self.extra_arguments, command) {
                for (name, value) in &block.env_vars {
                    if self.withheld.contains(&name.as_str()) {
                        all.withheld.insert(name.clone());
                    } else {
                        all.variables.insert(name.into(), value.into());
                    }
                }
            }
        }
        for (name, value) in self.inputs {
            let variable = format!("{PREFIX}{name}");
            if all.variables.contains_key(OsStr::new(&variable)) {
                continue;
            }
            if value.is_null() {
                all.nulls.insert(name.clone());
            } else {
                let text = self.text_of(name, value)?;
                all.variables.insert(variable.into(), text.into());
            }
        }
        Ok(all)
    }

    /// A string as it is, everything else as JSON.
    fn text_of(&self, name: &str, value: &Value) -> Result<String, InputError> {
        let text = match value.as_str() {
            Some(text) if self.is_read_as_expression(name) => escaped(text),
            Some(text) => text.to_owned(),
            None => escaped_within(value)
                .to_json()
                .map_err(|error| match error {
                    EncodeError::Unknown => InputError::Unknown(name.to_owned()),
                    EncodeError::Infinite => InputError::Infinite(name.to_owned()),
                })?,
        };
        if text.contains('\0') {
            return Err(InputError::NullCharacter(name.to_owned()));
        }
        Ok(text)
    }

    fn is_read_as_expression(&self, name: &str) -> bool {
        let kind = self.code.and_then(|code| code.variables.get(name));
        kind == Some(&VariableKind::Expression)
    }
}

impl fmt::Debug for UnitEnvironment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnitEnvironment")
            .field("base", &self.base.keys())
            .field("commands", &self.commands)
            .field("inputs", &self.inputs.keys())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for UnitVariables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnitVariables")
            .field("variables", &self.variables.keys())
            .field("nulls", &self.nulls)
            .field("withheld", &self.withheld)
            .finish()
    }
}

/// Whether an input can only be written down rightly when the types of the module's variables are
/// known: a string that holds `${`.
pub fn needs_code(inputs: &BTreeMap<String, Value>) -> bool {
    let holds_interpolation =
        |value: &Value| value.as_str().is_some_and(|text| text.contains("${"));
    inputs.values().any(holds_interpolation)
}

/// Where to keep providers for all units, for an engine that copes with several at once; nothing
/// where the environment says something already.
pub fn plugin_cache(
    engine: &Engine,
    base: &BTreeMap<OsString, OsString>,
    folder: &Utf8Path,
) -> Option<(&'static str, Utf8PathBuf)> {
    const NAME: &str = "TF_PLUGIN_CACHE_DIR";
    let is_free = !base.contains_key(OsStr::new(NAME));
    (is_free && engine.locks_its_plugin_cache()).then(|| (NAME, folder.to_owned()))
}

/// What hooks are told about the command that they run around.
pub fn hook_variables(engine: &str, command: &str, hook: &str) -> [(&'static str, String); 3] {
    [
        ("TG_CTX_TF_PATH", engine.to_owned()),
        ("TG_CTX_COMMAND", command.to_owned()),
        ("TG_CTX_HOOK_NAME", hook.to_owned()),
    ]
}

/// The engine reads lists and maps as expressions: a `${` in one of their strings is to arrive as
/// it is. One that is escaped already is left alone.
fn escaped_within(value: &Value) -> Value {
    if let Some(text) = value.as_str() {
        return Value::string(escaped(text));
    }
    if let Some(items) = value.items() {
        return Value::tuple(items.iter().map(escaped_within));
    }
    match value.entries() {
        Some(entries) => Value::object(
            entries
                .iter()
                .map(|(key, value)| (key, escaped_within(value))),
        ),
        None => value.clone(),
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        if !out.ends_with('$') {
            out.push('$');
        }
        out.push_str("${");
        rest = &from[2..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests;
