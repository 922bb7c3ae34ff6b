//! How the commands that read load their part of the estate.

use camino::Utf8PathBuf;
use terrane_hcl::{Diagnostics, Severity};

use super::aws_access::AwsAccess;
use super::exit::CommandError;
use super::options::{EngineOptions, LogLevel, Options, ReadingOptions};
use super::screen;
use super::surroundings::World;
use super::terrane_file::TerraneFile;
use crate::config::{Estate, Experiments, LoadOptions, Surroundings, load_unit, unit_file_in};
use crate::model::{Purpose, UnitIx};
use crate::report::render_diagnostics;

impl Options {
    /// The way to AWS for this invocation; nothing is asked yet.
    pub fn aws(&self, reading: &ReadingOptions, purpose: Purpose) -> Result<AwsAccess<'_>, CommandError> {
        let file = TerraneFile::find(&self.start, |path| self.shown(path))?;
        Ok(AwsAccess::new(&self.launch, &reading.roles, &file, purpose))
    }

    /// The world that configuration may ask.
    pub fn world<'a>(&'a self, reading: &ReadingOptions, aws: &'a AwsAccess<'a>) -> World<'a> {
        World::new(&self.launch, reading.processes, aws)
    }

    /// Says what is wrong with files where it does not keep the command from going on.
    pub fn tell(&self, problems: &Diagnostics) {
        let wanted = problems.iter().filter(|problem| match problem.severity {
            Severity::Error => true,
            Severity::Warning => self.talk >= LogLevel::Warn,
        });
        screen::say(&render_diagnostics(wanted, &self.stderr));
    }
}

/// What flags say about a load; each command adds which facts it wants.
pub(super) fn load_options(reading: &ReadingOptions, command: &str) -> LoadOptions {
    LoadOptions {
        root: reading.root.clone(),
        file_name: reading
            .config
            .as_ref()
            .and_then(|path| path.file_name())
            .map(ToOwned::to_owned),
        command: command.to_owned(),
        features: reading.features.clone(),
        experiments: Experiments {
            deep_merge: reading.deep_merge,
        },
        ..LoadOptions::default()
    }
}

/// The same for commands to which terraform's flags matter.
pub(super) fn load_options_with_engine(
    reading: &ReadingOptions,
    engine: &EngineOptions,
    command: &str,
) -> LoadOptions {
    LoadOptions {
        source: engine.source.clone(),
        download_folder: engine.download_folder.clone(),
        ..load_options(reading, command)
    }
}

/// Loads the unit in the start folder, and those that it waits for.
pub(super) fn load_here<'w>(
    options: &Options,
    reading: &ReadingOptions,
    world: &'w dyn Surroundings,
    wanted: LoadOptions,
) -> Result<(Estate<'w>, UnitIx, Diagnostics), CommandError> {
    let file = file_here(options, reading, world)?;
    let (estate, problems) = load_unit(&file, world, wanted);
    let unit = estate.units.iter().find(|(_, unit)| unit.file == file);
    match unit.map(|(unit, _)| unit) {
        Some(unit) => Ok((estate, unit, problems)),
        None => Err(problems.into()),
    }
}

/// The file of the unit in the start folder.
fn file_here(
    options: &Options,
    reading: &ReadingOptions,
    world: &dyn Surroundings,
) -> Result<Utf8PathBuf, CommandError> {
    if let Some(file) = &reading.config {
        return Ok(file.clone());
    }
    unit_file_in(&options.start, world).ok_or_else(|| {
        let folder = options.shown(&options.start);
        CommandError::failed("there is no unit here")
            .detail(format!("{folder} has no terragrunt.hcl"))
            .help("`terrane find` lists the units from here down; -C DIR starts in another folder")
    })
}
