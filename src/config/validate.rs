//! All that is wrong with all files below a folder, as far as it can be told without outputs.

use camino::Utf8Path;
use terrane_hcl::{Diagnostic, Diagnostics, Source, Value, parse_expression};

use super::dependency::NoOutputsYet;
use super::estate::Estate;
use super::evaluation::{Evaluation, Mode};
use super::options::Questions;
use super::parts::Reach;
use super::scope::{FileScope, View};
use super::stack;
use super::stage::Stage;
use super::unit::Unit;
use crate::model::UnitIx;
use crate::model::file_names::STACK_FILE;

impl Estate<'_> {
    /// Evaluates all that every unit and stack in scope says, with outputs unknown.
    pub fn validate(&self) -> Diagnostics {
        let mut written = Diagnostics::new();
        let mut problems = Diagnostics::new();
        for (_, unit) in self.in_scope() {
            written.extend(self.written_problems(unit));
            problems.extend(unit.diagnostics.clone());
            problems.extend(self.edge_problems(unit));
            let result = self.with_view(&unit.file, Questions::Refused, |view| {
                view.configuration(Reach::Merged).map(drop)
            });
            problems.extend(result.err().into_iter().flatten());
        }
        for folder in &self.stacks {
            let file = folder.join(STACK_FILE);
            let result = self.with_view(&file, Questions::Refused, |view| {
                stack::check(view.evaluation, &file)
            });
            problems.extend(result.err().into_iter().flatten());
        }
        written.sort();
        problems.sort();
        // What is written wrong comes first: the rest may follow from it.
        let known: Vec<Diagnostic> = written.iter().cloned().collect();
        written.extend(problems.into_iter().filter(|other| !known.contains(other)));
        written
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
