//! Units whose files are gone since a state of the repository: what they made is still there, and
//! only files of that state know where.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use terrane_hcl::Diagnostic;

use crate::cli::exit::CommandError;
use crate::cli::git;
use crate::cli::options::Options;
use crate::graph::filter::GitRange;
use crate::model::file_names::{UNIT_FILE, UNIT_FILES};

/// Of more units than these nobody reads the names.
const MOST_NAMED: usize = 10;

/// The folders of units that are gone, by the state that still had them. Paths are those of the
/// repository.
#[derive(Debug, Default)]
pub(super) struct Gone(BTreeMap<String, Vec<Utf8PathBuf>>);

impl Gone {
    /// Those from the start folder down that a range of states lost, and that nobody put back.
    pub(super) fn find<'r>(
        ranges: impl IntoIterator<Item = &'r GitRange>,
        options: &Options,
    ) -> Result<Self, String> {
        let mut gone = Self::default();
        for range in ranges {
            for lost in git::lost_files(range, options)? {
                let is_unit = lost.path.file_name() == Some(UNIT_FILE);
                let is_here = lost.path.starts_with(&options.start) && is_gone(&lost.path);
                let folder = lost.name.parent().map(ToOwned::to_owned);
                if let Some(folder) = folder.filter(|_| is_unit && is_here) {
                    let units = gone.0.entry(range.from.clone()).or_default();
                    if !units.contains(&folder) {
                        units.push(folder);
                    }
                }
            }
        }
        Ok(gone)
    }

    /// Says so to those who did not ask for more.
    pub(super) fn tell(&self, options: &Options) {
        for (since, units) in &self.0 {
            let told = Diagnostic::warning(summary(units, since)).detail(format!(
                "What was made of them is still there: {}.",
                named(units)
            ));
            let help = how_to_destroy(units, since).into_iter();
            options.tell(&help.fold(told, Diagnostic::help).into());
        }
    }

    /// To those who want them destroyed: how that is done, if there are any.
    pub(super) fn refuse(&self) -> Result<(), CommandError> {
        let Some((since, units)) = self.0.iter().next() else {
            return Ok(());
        };
        let error = CommandError::refused(format!(
            "{}, and a run destroys only what it has files of",
            summary(units, since)
        ))
        .detail(named(units));
        let help = how_to_destroy(units, since).into_iter();
        Err(help.fold(error, CommandError::help))
    }
}

/// Whether nothing has taken the place of a unit's file.
fn is_gone(file: &Utf8Path) -> bool {
    UNIT_FILES
        .iter()
        .all(|name| !file.with_file_name(name).exists())
}

fn summary(units: &[Utf8PathBuf], since: &str) -> String {
    match units {
        [_] => format!("a unit is gone since {since}"),
        _ => format!("{} units are gone since {since}", units.len()),
    }
}

fn named(units: &[Utf8PathBuf]) -> String {
    let shown: Vec<&str> = units
        .iter()
        .take(MOST_NAMED)
        .map(|unit| unit.as_str())
        .collect();
    match units.len().saturating_sub(MOST_NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// The commands that do it by hand.
fn how_to_destroy(units: &[Utf8PathBuf], since: &str) -> [String; 2] {
    let filters = units.iter().map(|unit| format!(" --filter '{{./{unit}}}'"));
    let filters: String = filters.take(MOST_NAMED).collect();
    [
        format!("to have the files as they were: git worktree add --detach /tmp/gone {since}"),
        format!("to destroy what they made: terrane run-all destroy -C /tmp/gone{filters}"),
    ]
}
