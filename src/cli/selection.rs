//! The units that a command means: those in scope, as far as filters and flags choose them.

use std::collections::BTreeSet;

use super::disk;
use super::exit::CommandError;
use super::options::{FiltersFile, Options, Selection};
use crate::config::{Estate, ExcludeRule};
use crate::model::UnitIx;

/// Where filters are kept beside the command line.
const FILTERS_FILE: &str = ".terragrunt-filters";

impl Selection {
    /// The chosen units of an estate.
    pub(super) fn units(
        &self,
        estate: &Estate<'_>,
        options: &Options,
    ) -> Result<BTreeSet<UnitIx>, CommandError> {
        let filters = self.all_filters(options)?;
        let is_made = !filters.is_empty()
            || self.changed.is_some()
            || self.excludes_file.is_some()
            || self.reach != super::options::Reach::default();
        if is_made {
            return Err(CommandError::failed(
                "this version of terrane understands filters and cannot apply them",
            ));
        }
        Ok(estate.in_scope().map(|(number, _)| number).collect())
    }

    /// Filters of the command line, then those of the filters file.
    fn all_filters(&self, options: &Options) -> Result<Vec<String>, CommandError> {
        let usual = options.start.join(FILTERS_FILE);
        let file = match &self.filters_file {
            FiltersFile::This(file) => Some(file),
            FiltersFile::Usual => usual.is_file().then_some(&usual),
            FiltersFile::No => None,
        };
        let mut filters = self.filters.clone();
        if let Some(file) = file {
            let bytes = disk::read(file).map_err(|error| {
                let shown = options.shown(file);
                CommandError::failed(format!("{shown} cannot be read")).because(&error)
            })?;
            let text = String::from_utf8_lossy(&bytes);
            let lines = text
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty() && !line.starts_with('#'));
            filters.extend(lines.map(str::to_owned));
        }
        Ok(filters)
    }
}

impl ExcludeRule {
    /// Whether a run of many units leaves the unit out of this command.
    pub(super) fn leaves_out(&self, command: &str) -> bool {
        self.when
            && self.actions.iter().any(|action| {
                action.eq_ignore_ascii_case(command)
                    || action.eq_ignore_ascii_case("all")
                    || action.eq_ignore_ascii_case("all_except_output") && command != "output"
            })
    }
}
