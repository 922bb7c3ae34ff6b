//! `stack output`: the outputs of a stack's units, by the names that the stack file gives them.

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::{Map, Value as Json};
use terrane_hcl::Value;

use super::generate_all;
use crate::cli::args::StackOutputFormat;
use crate::cli::exit::CommandError;
use crate::cli::options::{Options, StackOutputOptions};
use crate::cli::screen;
use crate::cli::surroundings::World;
use crate::cli::upstreams::{OutputsWanted, Unreadable, with_outputs};
use crate::config::stack::{PartKind, STACK_FILE, read_stack};
use crate::config::{Estate, Facts, Fetched, LoadOptions, Questions, load};
use crate::model::{OutputValue, Purpose, UnitIx};
use crate::report::ExitStatus;

/// What stands in place of a sensitive value where people read.
const HIDDEN: &str = "(sensitive)";

/// `stack output`
pub(in crate::cli) fn output(
    options: &Options,
    wanted: &StackOutputOptions,
) -> Result<ExitStatus, CommandError> {
    let stack = &wanted.stack;
    let aws = options.aws(&stack.reading, Purpose::Plan)?;
    let world = options.world(&stack.reading, &aws);
    refuse_other_folders(options)?;
    if wanted.generate {
        generate_all(options, &stack.reading, &stack.engine, &world)?;
    }
    let load_options = world.load_options(&stack.reading, "output");
    let named = units_of(&options.start, &world, &load_options)?;
    let facts = LoadOptions {
        facts: Facts::ROLES | Facts::STATE | Facts::ACCOUNT,
        questions: Questions::Asked,
        ..load_options
    };
    let facts = stack.selection.widen(facts, options)?;
    let (estate, problems) = load(&options.start, &world, facts);
    options.tell(&problems);
    let chosen = stack.selection.units(&estate, options)?;
    let units: Vec<(Vec<String>, UnitIx)> = named
        .into_iter()
        .filter_map(|(names, folder)| Some((names, unit_at(&estate, &folder)?)))
        .filter(|(_, unit)| chosen.contains(unit))
        .collect();
    let how = OutputsWanted {
        from: wanted.outputs_from,
        reading: &stack.reading,
        engine: &stack.engine,
        unreadable: Unreadable::Fails,
    };
    let fetched = with_outputs(&estate, &aws, options, how, |outputs| {
        outputs.read(units.iter().map(|(_, unit)| *unit))
    })?;
    let hides = wanted.format == StackOutputFormat::Default;
    let mut all = Map::new();
    for ((names, _), fetched) in units.iter().zip(&fetched) {
        put(&mut all, names, outputs_of(fetched, hides));
    }
    screen::print(&text(&Json::Object(all), wanted)?)?;
    Ok(ExitStatus::Success)
}

fn refuse_other_folders(options: &Options) -> Result<(), CommandError> {
    if options.start.join(STACK_FILE).is_file() {
        return Ok(());
    }
    let shown = options.shown(&options.start);
    Err(CommandError::failed("there is no stack here")
        .detail(format!("{shown} has no {STACK_FILE}"))
        .help("-C DIR starts in the folder of a stack; `terrane outputs UNIT` reads one unit"))
}

/// The units of a stack and of the stacks within it: names from the outside in, and folders.
fn units_of(
    folder: &Utf8Path,
    world: &World<'_>,
    load: &LoadOptions,
) -> Result<Vec<(Vec<String>, Utf8PathBuf)>, CommandError> {
    let file = folder.join(STACK_FILE);
    let stack = read_stack(&file, world, load)?;
    let mut units = Vec::new();
    for part in &stack.parts {
        let target = part.folder_in(folder);
        let name = part.name.clone();
        match part.kind {
            PartKind::Unit => units.push((vec![name], target)),
            PartKind::Stack => {
                for (mut names, folder) in units_of(&target, world, load)? {
                    names.insert(0, name.clone());
                    units.push((names, folder));
                }
            }
        }
    }
    Ok(units)
}

fn unit_at(estate: &Estate<'_>, folder: &Utf8Path) -> Option<UnitIx> {
    let mut units = estate.units.iter();
    let found = units.find(|(_, unit)| unit.folder == folder)?;
    Some(found.0)
}

/// The outputs of one unit as an object; one that was never applied has none.
fn outputs_of(fetched: &Fetched, hides: bool) -> Json {
    let Fetched::Outputs(outputs) = fetched else {
        return Json::Object(Map::new());
    };
    let value = |output: &OutputValue| -> Json {
        if hides && output.sensitive {
            return HIDDEN.into();
        }
        serde_json::from_str(output.value.get()).expect("a state's output is JSON")
    };
    let values = outputs.values.iter();
    values
        .map(|(name, output)| (name.clone(), value(output)))
        .collect()
}

/// Puts a value where its names lead, one object within another.
fn put(all: &mut Map<String, Json>, names: &[String], value: Json) {
    let Some((first, deeper)) = names.split_first() else {
        return;
    };
    if deeper.is_empty() {
        all.insert(first.clone(), value);
        return;
    }
    let inner = all
        .entry(first.clone())
        .or_insert_with(|| Map::new().into());
    if let Json::Object(inner) = inner {
        put(inner, deeper, value);
    }
}

fn text(all: &Json, wanted: &StackOutputOptions) -> Result<String, CommandError> {
    let names: Vec<String> = wanted
        .what
        .iter()
        .flat_map(|what| what.split('.'))
        .map(str::to_owned)
        .collect();
    let meant = at(all, &names)?;
    let mut shown = Map::new();
    put(&mut shown, &names, meant.clone());
    let shown = if names.is_empty() {
        all
    } else {
        &Json::Object(shown)
    };
    match wanted.format {
        // Without a newline at its end, as Terragrunt writes it.
        StackOutputFormat::Json => Ok(format!("{shown:#}")),
        StackOutputFormat::Raw => raw(meant, &names),
        StackOutputFormat::Default => hcl(shown),
    }
}

/// The value that names lead to.
fn at<'j>(all: &'j Json, names: &[String]) -> Result<&'j Json, CommandError> {
    let mut here = all;
    for (index, name) in names.iter().enumerate() {
        here = here.get(name).ok_or_else(|| {
            let before = names[..index].join(".");
            let place = if before.is_empty() {
                "the stack"
            } else {
                &before
            };
            let known = here.as_object().into_iter().flat_map(Map::keys);
            let known: Vec<&str> = known.map(String::as_str).collect();
            let error = CommandError::failed(format!("{place} has no {name}"));
            if known.is_empty() {
                error.detail("there is nothing in it")
            } else {
                error.detail(format!("there are {}", known.join(", ")))
            }
        })?;
    }
    Ok(here)
}

/// The bare text of one value, without a newline, as programs want it.
fn raw(value: &Json, names: &[String]) -> Result<String, CommandError> {
    match value {
        Json::String(text) => Ok(text.clone()),
        Json::Number(number) => Ok(number.to_string()),
        Json::Bool(value) => Ok(value.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => {
            let what = match names {
                [] => "a stack".to_owned(),
                names => names.join("."),
            };
            Err(CommandError::failed(format!(
                "{what} is neither a string, a number nor a bool"
            ))
            .help("name one output, as in `stack output vpc.vpc_id --format raw`; --json prints values of any kind"))
        }
    }
}

/// An attribute for each unit, as the files have them.
fn hcl(shown: &Json) -> Result<String, CommandError> {
    let failed = |error: &(dyn std::error::Error + 'static)| {
        CommandError::failed("an output cannot be written").because(error)
    };
    let value = Value::from_json(&shown.to_string()).map_err(|error| failed(&error))?;
    let mut text = String::new();
    for (name, value) in value.entries().unwrap_or_default() {
        let value = value.to_hcl().map_err(|error| failed(&error))?;
        text.extend([&**name, " = ", &value, "\n"]);
    }
    Ok(terrane_hcl::format(&text))
}
