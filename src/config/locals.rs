//! Locals: evaluated when asked for, once, and never in a circle.

use std::rc::Rc;

use terrane_hcl::{
    Attribute, Diagnostic, Diagnostics, Expression, Reference, Resolved, RootError, Text, Value,
    closest,
};

use super::reader::Remembered;
use super::scope::{Part, View};
use super::stage::Stage;
use super::trace::{Dependence, Recording};

/// What is known of a local.
#[derive(Clone, Debug)]
pub(crate) enum LocalState {
    /// Its value is being found.
    Begun,
    /// With what finding it has touched.
    Known(Result<Value, Diagnostics>, Rc<Recording>),
}

impl View<'_> {
    /// `local`, or the one local that is meant.
    pub(crate) fn local_root(&self, reference: &Reference<'_>) -> Result<Resolved, RootError> {
        let Some(name) = reference.step_name(0) else {
            return self
                .all_locals()
                .map(Resolved::whole)
                .map_err(RootError::Failed);
        };
        self.local_step(name, 0)
    }

    /// A local that a reference names in one of its steps.
    pub(crate) fn local_step(&self, name: &str, step: usize) -> Result<Resolved, RootError> {
        let Some(attribute) = self.scope.file.local(name) else {
            let names = self.scope.file.locals().iter();
            let names = names.map(|local| local.name.to_string()).collect();
            return Err(RootError::NoAttribute { step, names });
        };
        self.local(attribute)
            .map(|value| Resolved::after(step + 1, value))
            .map_err(RootError::Failed)
    }

    /// All locals of the file as an object, and all that is wrong with any of them.
    pub(crate) fn all_locals(&self) -> Result<Value, Diagnostics> {
        let mut values = Vec::new();
        let mut errors = Diagnostics::new();
        for attribute in self.scope.file.locals() {
            match self.local(attribute) {
                Ok(value) => values.push((attribute.name.clone(), value)),
                Err(more) => errors.extend(more),
            }
            // All others would say of themselves that they were not evaluated any more.
            if self.evaluation.budget.is_exhausted() {
                break;
            }
        }
        if errors.is_empty() {
            Ok(Value::object(values))
        } else {
            errors.sort();
            Err(errors)
        }
    }

    /// The value of a local.
    pub(crate) fn local(&self, attribute: &Attribute) -> Result<Value, Diagnostics> {
        let name = &attribute.name;
        let known = self.scope.memo.locals.borrow().get(name).cloned();
        match known {
            Some(LocalState::Known(result, recording)) => {
                self.evaluation.trace.replay(&recording);
                return result;
            }
            Some(LocalState::Begun) => {
                let circle = self.evaluation.local_circle(&self.scope.file, name);
                return Err(circle.into());
            }
            None => {}
        }
        self.note_local(name, LocalState::Begun);
        let trace = &self.evaluation.trace;
        let (result, recording) = trace.record(|| self.known_local(attribute));
        if let Ok(value) = &result {
            self.share_local(attribute, value, &recording);
        }
        let state = LocalState::Known(result.clone(), Rc::new(recording));
        self.note_local(name, state);
        result
    }

    fn note_local(&self, name: &Text, state: LocalState) {
        let mut locals = self.scope.memo.locals.borrow_mut();
        locals.insert(name.clone(), state);
    }

    /// A local of an included file may have the same value for all units that include it.
    fn known_local(&self, attribute: &Attribute) -> Result<Value, Diagnostics> {
        if self.scope.part == Part::Included {
            let shared = self.evaluation.reader.shared(self.evaluation.mode.lenient);
            let key = (self.scope.file.number, attribute.name.clone());
            if let Some(known) = shared.borrow().locals.get(&key) {
                self.evaluation.trace.replay_files(&known.files);
                return Ok(known.value.clone());
            }
        }
        self.fresh_local(attribute)
    }

    fn share_local(&self, attribute: &Attribute, value: &Value, recording: &Recording) {
        if self.scope.part != Part::Included || !self.is_the_same_for_all(recording) {
            return;
        }
        let shared = self.evaluation.reader.shared(self.evaluation.mode.lenient);
        let key = (self.scope.file.number, attribute.name.clone());
        let remembered = Remembered {
            value: value.clone(),
            files: recording.touched.files.iter().cloned().collect(),
        };
        shared.borrow_mut().locals.entry(key).or_insert(remembered);
    }

    /// Whether what was recorded holds for every unit.
    pub(crate) fn is_the_same_for_all(&self, recording: &Recording) -> bool {
        recording.dependence == Dependence::NONE && !self.evaluation.budget.is_exhausted()
    }

    fn fresh_local(&self, attribute: &Attribute) -> Result<Value, Diagnostics> {
        self.check_references(attribute)?;
        let file = &self.scope.file;
        let place = file.at(attribute.name_span);
        self.evaluation.begin_local(file, &attribute.name, place);
        let result = self.at(Stage::Locals).evaluate(&attribute.expression);
        self.evaluation.end_local();
        result
    }

    /// What a local refers to must exist, also where `try` would hide that it does not: Terragrunt
    /// orders locals by their references before it evaluates any.
    pub(crate) fn check_references(&self, attribute: &Attribute) -> Result<(), Diagnostics> {
        let mut errors = Diagnostics::new();
        for reference in attribute.expression.references() {
            errors.extend(self.reference_problem(&reference, &attribute.expression));
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(errors)
        }
    }

    /// What is wrong with a reference in an expression that may use locals.
    pub(crate) fn reference_problem(
        &self,
        reference: &Reference<'_>,
        within: &Expression,
    ) -> Option<Diagnostic> {
        let file = &self.scope.file;
        if let Some(refused) = Stage::Locals.refusal(reference, file) {
            return Some(refused);
        }
        if reference.name != "local" {
            return self.unknown_root(reference, within);
        }
        let Some(name) = reference.step_name(0) else {
            return Some(
                Diagnostic::error("Locals refer to each other by name")
                    .detail("Within locals, one local must be named: local.NAME.")
                    .at(&file.source, reference.name_span),
            );
        };
        if file.local(name).is_some() {
            return None;
        }
        let names = file.locals().iter().map(|local| local.name.as_str());
        let mut diagnostic = Diagnostic::error("Unknown local")
            .detail(format!("There is no local \"{name}\" in this file."))
            .at(&file.source, reference.span());
        if let Some(meant) = closest(name, names) {
            let step = reference.steps[0].span;
            diagnostic = diagnostic
                .help(format!("did you mean local.{meant}?"))
                .suggest(&file.source, step, format!(".{meant}"));
        }
        Some(diagnostic)
    }

    fn unknown_root(&self, reference: &Reference<'_>, within: &Expression) -> Option<Diagnostic> {
        let names = Stage::Locals.names();
        if names.contains(&reference.name) {
            return None;
        }
        let file = &self.scope.file;
        let (name, place) = (reference.name, reference.name_span);
        let diagnostic = Diagnostic::error("Unknown variable")
            .detail(format!("There is no variable \"{name}\"."))
            .at(&file.source, place);
        let bound = within.names_bound_at(place);
        if let Some(meant) = closest(name, bound.iter().chain(names).copied()) {
            let diagnostic = diagnostic.help(format!("did you mean \"{meant}\"?"));
            return Some(diagnostic.suggest(&file.source, place, meant));
        }
        if file.local(name).is_some() {
            return Some(diagnostic.help(format!("a local is written local.{name}")));
        }
        let is_bare = reference.steps.is_empty();
        let helps = [
            is_bare.then(|| format!("a text stands in quotes: \"{name}\"")),
            (!bound.is_empty())
                .then(|| format!("the names of \"for\" here are: {}", bound.join(", "))),
        ];
        let helps = helps.into_iter().flatten();
        Some(helps.fold(diagnostic, Diagnostic::help))
    }
}
