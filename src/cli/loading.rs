//! How commands load their part of the estate.

use std::mem::ManuallyDrop;

use camino::{Utf8Path, Utf8PathBuf};
use terrane_hcl::{Diagnostic, Diagnostics, Severity};

use super::aws_access::{AwsAccess, RoleTables};
use super::exit::CommandError;
use super::options::{LogLevel, Options, ReadingOptions};
use super::surroundings::World;
use super::terrane_file::TerraneFile;
use super::{screen, terrateam};
use crate::config::{Estate, LoadOptions, Surroundings, load_unit, unit_file_in};
use crate::model::{Purpose, UnitIx};
use crate::report::{first_of_each_kind, render_diagnostics};

impl Options {
    /// The way to AWS for this invocation; nothing is asked yet.
    pub fn aws<'a>(
        &'a self,
        reading: &'a ReadingOptions,
        purpose: Purpose,
    ) -> Result<AwsAccess<'a>, CommandError> {
        let file = TerraneFile::find(&self.start, |path| self.shown(path))?;
        let of_terrateam = terrateam::find(&self.start, |path| self.shown(path))?;
        self.tell(&of_terrateam.warnings);
        let tables = RoleTables {
            file: &file,
            of_terrateam: &of_terrateam,
        };
        let flags = &reading.roles;
        let aws = AwsAccess::new(&self.launch, flags, &tables, purpose);
        Ok(aws.asking(self.asking))
    }

    /// The world that configuration may ask.
    pub fn world<'a>(&'a self, reading: &ReadingOptions, aws: &'a AwsAccess<'a>) -> World<'a> {
        World::new(&self.launch, reading.processes, aws)
    }

    /// Says what is wrong with files where it does not keep the command from going on. Of many
    /// problems of one kind, the first.
    pub fn tell(&self, problems: &Diagnostics) {
        let (shown, left_out) = first_of_each_kind(self.wanted(problems));
        let mut text = render_diagnostics(shown, &self.stderr);
        if left_out > 0 {
            let more = Diagnostic::warning(format!("{left_out} more problems like these"))
                .help("`terrane hcl validate` tells all of them");
            text.extend(["\n", &render_diagnostics([&more], &self.stderr)]);
        }
        screen::say(&text);
    }

    /// Says all that is wrong with files.
    pub fn tell_all(&self, problems: &Diagnostics) {
        screen::say(&render_diagnostics(self.wanted(problems), &self.stderr));
    }

    fn wanted<'d>(&self, problems: &'d Diagnostics) -> impl Iterator<Item = &'d Diagnostic> {
        let warnings = self.talk >= LogLevel::Warn;
        let problems = problems.iter();
        problems.filter(move |problem| match problem.severity {
            Severity::Error => true,
            Severity::Warning => warnings,
        })
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
