//! What did not begin in the unit's own files: values that a stack gave, and features that a flag
//! set.

use std::rc::Rc;

use camino::Utf8Path;
use terrane_hcl::{Block, Diagnostics, Value};

use super::syntax::find;
use super::{Origin, Standing, Use};
use crate::config::evaluation::Evaluation;
use crate::config::scope::{FileScope, View};
use crate::config::unit::place_of;
use crate::model::file_names::{GENERATED_FOLDER, STACK_FILE, VALUES_FILE};
use crate::model::paths::folder_of;

impl View<'_> {
    /// The values file beside this file, where there is one.
    pub(super) fn values_scope(&self) -> Option<Rc<FileScope>> {
        let path = folder_of(&self.scope.file.path).join(VALUES_FILE);
        if !self.evaluation.reader.is_file(&path) {
            return None;
        }
        self.evaluation.file(&path).ok().map(FileScope::own)
    }

    /// Where a value stands in the values file, and what the stack made it of.
    pub(super) fn origin_of_value(&self, path: &[&str]) -> Option<Origin> {
        let scope = self.values_scope()?;
        let spot = find(&scope.file.body, path)?;
        Some(Origin {
            place: place_of(&scope.file.at(spot.span)),
            standing: Standing::Counts,
            reads: Vec::new(),
            uses: self.uses_of_stack(path),
        })
    }

    /// The same in the stack's own file, which the values file was written from.
    pub(super) fn uses_of_stack(&self, path: &[&str]) -> Vec<Use> {
        let folder = folder_of(&self.scope.file.path);
        let stacks = folder.ancestors().skip(1);
        let mut files = stacks.filter_map(|stack| {
            let file = stack.join(STACK_FILE);
            let is_there = self.evaluation.reader.is_file(&file);
            is_there.then(|| self.evaluation.file(&file).ok()).flatten()
        });
        let found = files.find_map(|file| {
            let scope = FileScope::own(file);
            let view = self.of(&scope);
            let parts = scope.file.body.blocks.iter();
            let part = parts
                .filter(|block| matches!(&*block.kind, "unit" | "stack"))
                .find(|block| view.is_written_to(block, folder))?;
            let values: Vec<&str> = ["values"].iter().chain(path).copied().collect();
            let spot = find(&part.body, &values)?;
            let expression = spot.expression?;
            let label = part.labels.first().map_or("", |label| &*label.text);
            let stage = view.within_locals();
            let uses = stage.uses(expression, spot.rest);
            Some(Use {
                name: format!("{} \"{label}\", {}", part.kind, values.join(".")),
                place: Some(place_of(&scope.file.at(spot.span))),
                reads: stage.files_read_by(expression, &uses),
                uses,
            })
        });
        found.into_iter().collect()
    }

    /// Whether a stack's part is generated into this folder.
    fn is_written_to(&self, part: &Block, folder: &Utf8Path) -> bool {
        let Some(path) = part.body.attribute("path") else {
            return false;
        };
        let path = self.evaluate(&path.expression).ok();
        let Some(path) = path.as_ref().and_then(Value::as_str) else {
            return false;
        };
        let stack = folder_of(&self.scope.file.path);
        folder == stack.join(path) || folder == stack.join(GENERATED_FOLDER).join(path)
    }

    /// What a feature comes to, where the path leads to that.
    pub(super) fn feature_at(&self, path: &[&str]) -> Result<Option<Value>, Diagnostics> {
        let ([name] | [name, "value"]) = path else {
            return Ok(None);
        };
        let features = self.features()?;
        self.feature_value(name, &features)
    }
}

/// The flag that says what a feature is.
pub(super) fn feature_flag(evaluation: &Evaluation<'_>, path: &[&str]) -> Option<String> {
    let (["feature", name] | ["feature", name, "value"]) = path else {
        return None;
    };
    let value = evaluation.options.features.get(*name)?;
    Some(format!("--feature {name}={value}"))
}
