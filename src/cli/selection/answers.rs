//! What filters ask beside names and edges, answered from the estate and from git.

use std::collections::BTreeSet;

use camino::Utf8PathBuf;

use crate::cli::git;
use crate::cli::options::Options;
use crate::config::{Estate, ReadKind};
use crate::graph::filter::{Answers, GitRange};
use crate::model::UnitIx;

pub(super) struct FromEstate<'a> {
    pub(super) estate: &'a Estate<'a>,
    pub(super) options: &'a Options,
}

impl Answers for FromEstate<'_> {
    fn files_read(&self, unit: UnitIx) -> Vec<Utf8PathBuf> {
        let files = self.estate.unit(unit).files.iter();
        let counted = files.filter(|file| file.kind != ReadKind::Data);
        counted.map(|file| self.estate.shown(&file.path)).collect()
    }

    fn source(&self, unit: UnitIx) -> Option<String> {
        let source = self.estate.unit(unit).source.as_ref()?;
        Some(source.text.clone())
    }

    /// A unit has changed when a file in its folder has, or any file that it reads.
    fn changed(&self, range: &GitRange) -> Result<BTreeSet<UnitIx>, String> {
        let changed: BTreeSet<Utf8PathBuf> = git::changed_files(range, self.options)?
            .into_iter()
            .collect();
        // Paths are ordered part by part: what lies in a folder comes right after it.
        let lies_in = |folder: &Utf8PathBuf| {
            let after = changed.range(folder.clone()..).next();
            after.is_some_and(|path| path.starts_with(folder))
        };
        let units = self.estate.units.iter().filter(|(_, unit)| {
            let mut files = unit.files.iter();
            lies_in(&unit.folder) || files.any(|file| changed.contains(&*file.path))
        });
        Ok(units.map(|(number, _)| number).collect())
    }
}
