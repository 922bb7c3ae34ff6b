//! `terragrunt.values.hcl`: the values that a stack gave to a unit.

use terrane_hcl::{Diagnostics, Resolved, RootError, Value};

use super::scope::{FileScope, View};
use super::stage::Stage;
use super::trace::Dependence;
use crate::model::file_names::VALUES_FILE;
use crate::model::paths::folder_of;

impl View<'_> {
    /// `values`; there is no such variable where no values file lies beside the file.
    pub(crate) fn values_root(&self) -> Result<Resolved, RootError> {
        self.evaluation.trace.depends_on(Dependence::UNIT);
        match self.values() {
            Ok(Some(values)) => Ok(Resolved::whole(values)),
            Ok(None) => Err(RootError::Unknown),
            Err(errors) => Err(RootError::Failed(errors)),
        }
    }

    /// What the values file beside this file says.
    pub(crate) fn values(&self) -> Result<Option<Value>, Diagnostics> {
        let values = &self.scope.memo.values;
        values
            .get(|| {
                let path = folder_of(&self.scope.file.path).join(VALUES_FILE);
                if !self.evaluation.reader.is_file(&path) {
                    return Ok(None);
                }
                self.values_file(&path).map(Some)
            })
            .unwrap_or(Ok(None))
    }

    /// The attributes of a file of plain values as an object.
    pub(crate) fn values_file(&self, path: &camino::Utf8Path) -> Result<Value, Diagnostics> {
        let file = match self.evaluation.file(path) {
            Ok(file) => file,
            Err(reason) => return Err(self.unreadable(path, &reason).into()),
        };
        if !file.is_sound() {
            return Err(file.problems.clone());
        }
        let scope = FileScope::own(file);
        let view = self.of(&scope).at(Stage::Plain);
        let mut attributes = Vec::new();
        let mut errors = Diagnostics::new();
        for attribute in &scope.file.body.attributes {
            match view.evaluate(&attribute.expression) {
                Ok(value) => attributes.push((attribute.name.clone(), value)),
                Err(more) => errors.extend(more),
            }
        }
        if errors.is_empty() {
            Ok(Value::object(attributes))
        } else {
            Err(errors)
        }
    }

    /// A file that cannot be read, told at the top of the file that needs it.
    pub(crate) fn unreadable(
        &self,
        path: &camino::Utf8Path,
        reason: &str,
    ) -> terrane_hcl::Diagnostic {
        terrane_hcl::Diagnostic::error("Unreadable file")
            .detail(format!("{}: {reason}.", self.evaluation.reader.shown(path)))
    }
}
