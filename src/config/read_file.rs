//! `read_terragrunt_config`: another file as a value.

use std::rc::Rc;

use camino::Utf8Path;
use terrane_hcl::{Diagnostic, Diagnostics, Value};

use super::reader::Remembered;
use super::scope::{FileScope, View};
use super::trace::{Dependence, Recording};
use crate::model::file_names::{STACK_FILE, VALUES_FILE};
use crate::model::paths::folder_of;

impl View<'_> {
    /// What a file says, with what it includes. Evaluated once for all units if it speaks of nothing
    /// but itself, as account files do; else once for each.
    pub(crate) fn read_file(
        &self,
        path: &Utf8Path,
        refused: impl FnOnce(Diagnostic) -> Diagnostics,
    ) -> Result<Value, Diagnostics> {
        let evaluation = self.evaluation;
        let shared = evaluation.reader.shared(evaluation.mode.lenient);
        if let Some(known) = shared.borrow().read_files.get(path.as_str()) {
            evaluation.trace.replay_files(&known.files);
            return Ok(known.value.clone());
        }
        if let Some(known) = evaluation.remembered_read(path) {
            return known;
        }
        let work = || self.fresh_file(path);
        let (result, mut recording) = evaluation
            .trace
            .record(|| evaluation.while_reading(path, work, refused));
        // The file is its own unit: that it asked for its folder binds it to nobody else.
        recording.dependence = recording.dependence.without(Dependence::UNIT);
        self.remember_file(path, &result, recording);
        result
    }

    fn remember_file(
        &self,
        path: &Utf8Path,
        result: &Result<Value, Diagnostics>,
        recording: Recording,
    ) {
        let evaluation = self.evaluation;
        // An error may be that of a circle or of too many levels, which others do not have.
        let value = match result {
            Ok(value) if self.is_the_same_for_all(&recording) => value.clone(),
            Ok(_) | Err(_) => {
                evaluation.remember_read(path, result, Rc::new(recording));
                return;
            }
        };
        let files = recording.touched.files.into_iter().collect();
        let remembered = Remembered { value, files };
        let shared = evaluation.reader.shared(evaluation.mode.lenient);
        shared
            .borrow_mut()
            .read_files
            .insert(path.as_str().into(), remembered);
    }

    fn fresh_file(&self, path: &Utf8Path) -> Result<Value, Diagnostics> {
        let file = self
            .evaluation
            .file(path)
            .map_err(|reason| self.unreadable(path, &reason))?;
        match file.file_name() {
            VALUES_FILE => self.values_file(path),
            STACK_FILE => self.stack_value(&file),
            _ => {
                let scope = FileScope::own(file);
                let value = self.of(&scope).whole_value();
                debug_assert_eq!(folder_of(path), scope.file.folder());
                value
            }
        }
    }
}
