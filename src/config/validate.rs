//! All that is wrong with all files below a folder, as far as it can be told without outputs.

use std::collections::BTreeSet;

use camino::Utf8Path;
use terrane_hcl::{Diagnostic, Diagnostics, Location, Source, Value, parse_expression};

use super::dependency::{Fetched, NoOutputsYet};
use super::estate::{Estate, Strictness, UpstreamOutputs};
use super::evaluation::{Evaluation, Mode};
use super::explain::find;
use super::options::Questions;
use super::parts::Reach;
use super::prepare;
use super::scope::{FileScope, View};
use super::stack;
use super::stage::Stage;
use super::unit::Unit;
use crate::model::UnitIx;
use crate::model::file_names::STACK_FILE;
use crate::model::prepared::Prepared;

impl Estate<'_> {
    /// Evaluates all that these units, and the stacks in these folders, say, with outputs unknown.
    pub fn validate<'f>(
        &self,
        units: &BTreeSet<UnitIx>,
        stacks: impl IntoIterator<Item = &'f Utf8Path>,
    ) -> Diagnostics {
        let mut written = Diagnostics::new();
        let mut problems = Diagnostics::new();
        for unit in units.iter().map(|unit| self.unit(*unit)) {
            written.extend(self.written_problems(unit));
            problems.extend(self.problems_of(unit));
            let result = self.with_view(&unit.file, Questions::Refused, |view| {
                view.configuration(Reach::Merged).map(drop)
            });
            problems.extend(result.err().into_iter().flatten());
        }
        for folder in stacks {
            let file = folder.join(STACK_FILE);
            let result = self.with_view(&file, Questions::Refused, |view| {
                stack::check(view.evaluation, &file)
            });
            problems.extend(result.err().into_iter().flatten());
        }
        written.sort();
        problems.sort();
        // What is written wrong comes first: the rest may follow from it.
        written.extend(problems);
        written
    }

    /// What loading found wrong with a unit.
    pub fn problems_of<'u>(&'u self, unit: &'u Unit) -> impl Iterator<Item = Diagnostic> + 'u {
        let own = unit.diagnostics.iter().cloned();
        own.chain(self.edge_problems(unit))
    }

    /// What a unit says to terraform where nobody has outputs: mocks stand in for them, or nothing.
    pub fn prepared_without_outputs(&self, unit: UnitIx) -> Result<Prepared, Diagnostics> {
        let mut outputs = UpstreamOutputs::new();
        loop {
            match self.configuration(unit, &outputs, Strictness::Lenient)? {
                Ok(mut configuration) => {
                    if let Some(inputs) = &mut configuration.inputs {
                        inputs.value = with_names_alone(&inputs.value);
                    }
                    return prepare::prepared(&configuration);
                }
                Err(wants) => {
                    for upstream in wants.iter().flat_map(|wanted| wanted.target.units()) {
                        outputs.insert(upstream, Fetched::NeverApplied);
                    }
                }
            }
        }
    }

    /// Where a unit's files write its inputs, or one of them; its own file comes first.
    pub fn place_of_inputs(&self, unit: UnitIx, name: Option<&str>) -> Option<Location> {
        let unit = self.unit(unit);
        let included = unit.includes.iter().map(|include| include.path.as_path());
        let mut paths = std::iter::once(unit.file.as_path()).chain(included);
        let path: Vec<&str> = std::iter::once("inputs").chain(name).collect();
        paths.find_map(|file| {
            let file = self.reader.file(file).ok()?;
            let spot = find(&file.body, &path)?;
            Some(file.at(spot.span))
        })
    }

    /// What is wrong with the words of a unit's own file and of those it includes.
    fn written_problems(&self, unit: &Unit) -> Diagnostics {
        let included = unit.includes.iter().map(|include| include.path.as_path());
        let paths = std::iter::once(unit.file.as_path()).chain(included);
        let files = paths.filter_map(|path| self.reader.file(path).ok());
        files.flat_map(|file| file.all_problems().clone()).collect()
    }

    /// The value of an expression as if it stood in the `locals` block of a unit.
    pub fn evaluate_expression(&self, unit: UnitIx, text: &str) -> Result<Value, Diagnostics> {
        let limits = &self.options.limits.language;
        let source = Source::new("<expression>", text);
        let expression = parse_expression(&source, limits)?;
        self.with_view(&self.units[unit].file, self.options.questions, |view| {
            view.all_problems()?;
            view.at(Stage::Locals).evaluate_text(&source, &expression)
        })
    }

    /// Looks at a file with outputs unknown.
    pub(super) fn with_view<T>(
        &self,
        file: &Utf8Path,
        questions: Questions,
        work: impl FnOnce(View<'_>) -> Result<T, Diagnostics>,
    ) -> Result<T, Diagnostics> {
        let mode = Mode {
            asks: questions != Questions::Refused,
            lenient: false,
        };
        let folder = crate::model::paths::folder_of(file);
        let evaluation = Evaluation::new(&self.reader, &self.options, folder, &NoOutputsYet, mode);
        let parsed = self.reader.file(file).map_err(|error| {
            let shown = self.reader.shown(file);
            terrane_hcl::Diagnostic::error("Unreadable file").detail(format!("{shown}: {error}."))
        })?;
        let scope = FileScope::own(parsed);
        work(View::new(&evaluation, &scope))
    }
}

/// An object with nothing in the place of what is not known.
fn with_names_alone(value: &Value) -> Value {
    let Some(entries) = value.entries() else {
        return value.clone();
    };
    let known = entries.iter().map(|(name, value)| {
        let known = if value.contains_unknown() {
            Value::null()
        } else {
            value.clone()
        };
        (name.clone(), known)
    });
    Value::object(known)
}
