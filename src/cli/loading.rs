//! How commands load their part of the estate.

use std::mem::ManuallyDrop;

use camino::{Utf8Path, Utf8PathBuf};
use terrane_hcl::{Diagnostics, Severity};

use super::aws_access::AwsAccess;
use super::exit::CommandError;
use super::options::{LogLevel, Options, ReadingOptions};
use super::screen;
use super::surroundings::World;
use super::terrane_file::TerraneFile;
use crate::config::{Estate, LoadOptions, Surroundings, load_unit, unit_file_in};
use crate::model::{Purpose, UnitIx};
use crate::report::render_diagnostics;

impl Options {
    /// The way to AWS for this invocation; nothing is asked yet.
    pub fn aws(
        &self,
        reading: &ReadingOptions,
        purpose: Purpose,
    ) -> Result<AwsAccess<'_>, CommandError> {
        let file = TerraneFile::find(&self.start, |path| self.shown(path))?;
        let flags = &reading.roles;
        let aws = AwsAccess::new(&self.launch, flags, &file, purpose);
        Ok(aws.asking(self.asking))
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

/// Keeps what lives as long as the process from being freed piece by piece at its end, which would
/// take a fifth of the time that a listing of many units takes.
pub(super) fn until_the_end<T>(value: T) -> ManuallyDrop<T> {
    ManuallyDrop::new(value)
}

/// Loads the unit of one file, and those that it waits for. The diagnostics are of all of them.
pub(super) fn load_one<'w>(
    file: &Utf8Path,
    world: &'w dyn Surroundings,
    wanted: LoadOptions,
) -> Result<(Estate<'w>, UnitIx, Diagnostics), CommandError> {
    let (estate, problems) = load_unit(file, world, wanted);
    let unit = estate.units.iter().find(|(_, unit)| unit.file == file);
    match unit.map(|(unit, _)| unit) {
        Some(unit) => Ok((estate, unit, problems)),
        None => Err(problems.into()),
    }
}

/// The file of the unit in the start folder, or the one that `--config` names.
pub(super) fn file_here(
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
