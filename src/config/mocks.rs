//! Outputs or mocks: what a dependency's outputs are, given what was fetched.
//!
//! Decided here, purely. Mocks stand in where there are no outputs and the block's list of commands
//! does not leave the command out; an empty list leaves none out. They are marked, and it is noted
//! whose they are: whether a command may have them at all is for whoever runs it to decide.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use terrane_hcl::{Diagnostic, Diagnostics, Marks, Text, Type, Value};

use super::dependency::{Dependency, Fetched};
use super::evaluation::Evaluation;
use super::marks::MOCK;
use super::options::LoadOptions;
use super::unit::place_of;
use crate::model::origin::marks_of;
use crate::model::{OutputValue, Outputs, Place};

/// A `dependency` block whose mocks were taken for outputs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MocksGiven {
    pub label: Text,
    /// The folder or file that the block names, absolute.
    pub named: Utf8PathBuf,
    pub place: Place,
    /// The block's own list of commands.
    pub commands: Vec<String>,
    /// Whether outputs of the upstream would be taken if it had them.
    pub outputs_are_read: bool,
}

impl MocksGiven {
    pub(super) fn of(dependency: &Dependency) -> Self {
        Self {
            label: dependency.label().clone(),
            named: dependency
                .target
                .as_deref()
                .map_or_else(Utf8PathBuf::new, ToOwned::to_owned),
            place: place_of(&dependency.block.place),
            commands: listed_commands(dependency),
            outputs_are_read: dependency.is_enabled() && !dependency.skips_outputs(),
        }
    }
}

/// How outputs and mocks become one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum MergeStrategy {
    /// The outputs alone.
    None,
    /// Mocks fill in outputs that are missing.
    Shallow,
    /// Mocks fill in keys that are missing at any depth; lists are the outputs'.
    DeepMaps,
}

/// The outputs of a dependency that is disabled or skips its outputs; `None` if there are none.
pub(super) fn without_fetching(dependency: &Dependency, options: &LoadOptions) -> Option<Value> {
    let may = !dependency.is_enabled() || allowed(dependency, options);
    mock_outputs(dependency).filter(|_| may)
}

/// The outputs of an enabled dependency. Whoever only looks gets none where there are none.
pub(super) fn resolve(
    dependency: &Dependency,
    fetched: &Fetched,
    evaluation: &Evaluation<'_>,
) -> Result<Option<Value>, Diagnostics> {
    let strategy = strategy_of(dependency)?;
    let options = evaluation.options;
    let mocks = mock_outputs(dependency).filter(|_| allowed(dependency, options));
    let outputs = match fetched {
        Fetched::Outputs(outputs) if !outputs.values.is_empty() => outputs,
        Fetched::Outputs(_) | Fetched::NeverApplied => {
            if mocks.is_none() && !evaluation.mode.lenient {
                return Err(no_outputs(dependency, fetched, evaluation).into());
            }
            return Ok(mocks);
        }
    };
    let values = values_of(outputs).map_err(|(name, error)| {
        let place = dependency.place();
        Diagnostic::error("Unreadable output")
            .detail(format!(
                "The output \"{name}\" of dependency \"{}\" cannot be read: {error}.",
                dependency.label()
            ))
            .at(&place.source, place.span)
    })?;
    Ok(Some(joined(values, mocks.as_ref(), strategy)))
}

fn joined(outputs: Value, mocks: Option<&Value>, strategy: MergeStrategy) -> Value {
    match (strategy, mocks) {
        (MergeStrategy::Shallow, Some(mocks)) => filled_in(&outputs, mocks, false),
        (MergeStrategy::DeepMaps, Some(mocks)) => filled_in(&outputs, mocks, true),
        (MergeStrategy::None, _) | (_, None) => outputs,
    }
}

/// The outputs of a stack: an object of its units, each with its outputs.
pub(super) fn resolve_stack(
    dependency: &Dependency,
    units: &BTreeMap<String, Fetched>,
    evaluation: &Evaluation<'_>,
) -> Result<Option<Value>, Diagnostics> {
    let mut values = Vec::new();
    for (name, fetched) in units {
        if let Fetched::Outputs(outputs) = fetched
            && !outputs.values.is_empty()
        {
            let unit = values_of(outputs).unwrap_or_else(|_| Value::unknown());
            values.push((name.clone(), unit));
        }
    }
    if values.is_empty() {
        return resolve(dependency, &Fetched::NeverApplied, evaluation);
    }
    let mocks = mock_outputs(dependency).filter(|_| allowed(dependency, evaluation.options));
    let strategy = strategy_of(dependency)?;
    Ok(Some(joined(
        Value::object(values),
        mocks.as_ref(),
        strategy,
    )))
}

/// The values of outputs as the language has them, with what they must not lose.
fn values_of(outputs: &Outputs) -> Result<Value, (String, String)> {
    let mut values = Vec::with_capacity(outputs.values.len());
    for (name, output) in &outputs.values {
        let value = value_of(output).map_err(|error| (name.clone(), error))?;
        values.push((name, value));
    }
    Ok(Value::object(values))
}

fn value_of(output: &OutputValue) -> Result<Value, String> {
    let value = match &output.value_type {
        Some(text) => {
            let ty =
                Type::from_json(text.get()).ok_or_else(|| format!("{} is no type", text.get()))?;
            Value::from_json_as(output.value.get(), &ty)
        }
        None => Value::from_json(output.value.get()),
    };
    let mut marks = marks_of(output.origin);
    if output.sensitive {
        marks |= Marks::SENSITIVE;
    }
    Ok(value.map_err(|error| error.to_string())?.with_marks(marks))
}

/// The block's mocks, marked as such.
fn mock_outputs(dependency: &Dependency) -> Option<Value> {
    let mocks = dependency.block.value("mock_outputs")?;
    if mocks.is_null() {
        return None;
    }
    let Some(entries) = mocks.entries() else {
        return Some(mocks.clone().with_marks(MOCK));
    };
    let marked = entries
        .iter()
        .map(|(name, value)| (name.clone(), value.clone().with_marks(MOCK)));
    Some(Value::object(marked).with_marks(mocks.marks()))
}

/// Whether mocks may stand in for the command that the user asked for.
fn allowed(dependency: &Dependency, options: &LoadOptions) -> bool {
    let listed = listed_commands(dependency);
    let is_listed = listed.contains(&options.command);
    options.command == "render" || listed.is_empty() || is_listed
}

fn listed_commands(dependency: &Dependency) -> Vec<String> {
    let name = "mock_outputs_allowed_terraform_commands";
    dependency.block.strings(name).unwrap_or_default()
}

fn strategy_of(dependency: &Dependency) -> Result<MergeStrategy, Diagnostics> {
    let name = "mock_outputs_merge_strategy_with_state";
    let Some(strategy) = dependency.block.string(name) else {
        let merges = dependency.block.bool("mock_outputs_merge_with_state");
        return Ok(if merges == Some(true) {
            MergeStrategy::Shallow
        } else {
            MergeStrategy::None
        });
    };
    match strategy {
        "no_merge" | "" => Ok(MergeStrategy::None),
        "shallow" => Ok(MergeStrategy::Shallow),
        "deep_map_only" => Ok(MergeStrategy::DeepMaps),
        other => {
            let place = dependency.block.place_of(name);
            let mut diagnostic = Diagnostic::error("Unknown merge strategy")
                .detail(format!(
                    "\"{other}\" is not a way to merge mocks and outputs."
                ))
                .at(&place.source, place.span)
                .help("write \"no_merge\", \"shallow\" or \"deep_map_only\"");
            if other == "deep" {
                diagnostic =
                    diagnostic.help("deep would join lists, of which terraform's are known");
            }
            Err(diagnostic.into())
        }
    }
}

/// Outputs, with what only the mocks have.
fn filled_in(outputs: &Value, mocks: &Value, deep: bool) -> Value {
    let (Some(have), Some(more)) = (outputs.entries(), mocks.entries()) else {
        return outputs.clone();
    };
    // What marks the mocks as such stands on them as a whole, not on what is in them.
    let missing = more
        .iter()
        .filter(|(name, _)| outputs.entry(name).is_none())
        .map(|(name, mock)| (name.clone(), mock.clone().with_marks(mocks.marks())));
    let kept = have.iter().map(|(name, value)| match mocks.entry(name) {
        Some(mock) if deep => (name.clone(), filled_in(value, mock, true)),
        _ => (name.clone(), value.clone()),
    });
    Value::object(kept.chain(missing)).with_marks(outputs.marks())
}

fn no_outputs(
    dependency: &Dependency,
    fetched: &Fetched,
    evaluation: &Evaluation<'_>,
) -> Diagnostic {
    let place = dependency.place();
    let target = dependency.target.as_deref();
    let shown = target.map(|target| evaluation.reader.shown(target));
    let shown = shown.unwrap_or_default();
    let why = match fetched {
        Fetched::Outputs(_) => "it was applied and has no outputs",
        Fetched::NeverApplied => "it was never applied, or it was destroyed",
    };
    let command = &evaluation.options.command;
    let diagnostic = Diagnostic::error("No outputs yet")
        .detail(format!(
            "{shown} has no outputs for dependency \"{}\": {why}.",
            dependency.label()
        ))
        .at(&place.source, place.span);
    if mock_outputs(dependency).is_none() {
        return diagnostic.help("apply it first, or give the block mock_outputs");
    }
    diagnostic.help(format!(
        "its mocks are not for {command}; apply it first, or add \"{command}\" to \
         mock_outputs_allowed_terraform_commands"
    ))
}
