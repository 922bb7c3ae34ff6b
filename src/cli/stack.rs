//! `stack generate`, `stack output` and `stack clean`: the units that stack files describe are
//! written, asked for their outputs, and removed.

mod generate;
mod output;

use camino::{Utf8Path, Utf8PathBuf};
use terrane_hcl::Diagnostic;

use super::disk;
use super::exit::CommandError;
use super::options::{EngineOptions, LogLevel, Options, ReadingOptions, Selection, StackOptions};
use super::screen;
use super::surroundings::World;
use super::tree_walk::walk;
use crate::config::stack::{GENERATED_FOLDER, STACK_FILE};
use crate::model::Purpose;
use crate::report::ExitStatus;
use generate::Generator;

pub(super) use output::output;

/// Folders that hold no stacks of the user's.
const NOT_LOOKED_INTO: [&str; 4] = [".git", ".terraform", ".terragrunt-cache", GENERATED_FOLDER];

/// `stack generate`
pub(super) fn generate(
    options: &Options,
    wanted: &StackOptions,
) -> Result<ExitStatus, CommandError> {
    let aws = options
        .aws(&wanted.reading, Purpose::Plan)?
        .for_looking_only();
    let world = options.world(&wanted.reading, &aws);
    let (stacks, unreadable) = stack_folders(&options.start)?;
    tell_unreadable(&unreadable, options);
    let chosen = wanted
        .selection
        .folders(stacks, options, "stack generate")?;
    generate_stacks(&chosen, options, &wanted.reading, &wanted.engine, &world)?;
    Ok(ExitStatus::Success)
}

/// Writes the units of all stack files from the start folder down, and those of the stacks among
/// them. What is up to date is not touched.
pub(super) fn generate_all(
    options: &Options,
    reading: &ReadingOptions,
    engine: &EngineOptions,
    world: &World<'_>,
) -> Result<(), CommandError> {
    // Loading tells of folders that cannot be read.
    let (stacks, _) = stack_folders(&options.start)?;
    generate_stacks(&stacks, options, reading, engine, world)
}

fn generate_stacks(
    stacks: &[Utf8PathBuf],
    options: &Options,
    reading: &ReadingOptions,
    engine: &EngineOptions,
    world: &World<'_>,
) -> Result<(), CommandError> {
    if stacks.is_empty() {
        return Ok(());
    }
    let load = world.load_options(reading, "stack");
    let generator = Generator::new(options, engine, world, &load)?;
    for folder in stacks {
        generator.write_stack(folder, 0)?;
    }
    Ok(())
}

/// `stack clean`
pub(super) fn clean(options: &Options, selection: &Selection) -> Result<ExitStatus, CommandError> {
    let found = walk(&options.start, looks_into)?;
    tell_unreadable(&found.unreadable, options);
    let generated = found
        .left
        .into_iter()
        .filter(|folder| folder.file_name() == Some(GENERATED_FOLDER));
    let stacks = generated.filter_map(|folder| folder.parent().map(ToOwned::to_owned));
    let chosen = selection.folders(stacks.collect(), options, "stack clean")?;
    for folder in chosen.iter().map(|stack| stack.join(GENERATED_FOLDER)) {
        let shown = options.shown(&folder);
        disk::remove_folder(&folder).map_err(|error| {
            CommandError::failed(format!("{shown} could not be removed")).because(&error)
        })?;
        if options.talk >= LogLevel::Info {
            screen::say(&format!("{shown}: removed\n"));
        }
    }
    Ok(ExitStatus::Success)
}

type Unreadable = Vec<(Utf8PathBuf, String)>;

/// The folders of stacks, and those that cannot be looked into.
fn stack_folders(start: &Utf8Path) -> Result<(Vec<Utf8PathBuf>, Unreadable), CommandError> {
    let found = walk(start, looks_into)?;
    let stacks = found
        .files
        .into_iter()
        .filter(|file| file.file_name() == Some(STACK_FILE));
    let folders = stacks.filter_map(|file| file.parent().map(ToOwned::to_owned));
    Ok((folders.collect(), found.unreadable))
}

fn tell_unreadable(unreadable: &Unreadable, options: &Options) {
    for (folder, reason) in unreadable {
        let shown = options.shown(folder);
        let warning = Diagnostic::warning("Unreadable folder").detail(format!(
            "{shown} was passed over, with all stacks that may be in it: {reason}."
        ));
        options.tell(&warning.into());
    }
}

fn looks_into(folder: &Utf8Path) -> bool {
    !NOT_LOOKED_INTO.contains(&folder.file_name().unwrap_or_default())
}
