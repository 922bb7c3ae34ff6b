//! One file as one unit sees it, and the view of it that expressions are evaluated in.
//!
//! A [`FileScope`] remembers what was found out; a [`View`] finds it out. Nothing is evaluated before
//! it is asked for: of `include.root.locals.region` only that local of that file.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::{Rc, Weak};

use camino::Utf8Path;
use terrane_hcl::{
    Arguments, CallError, Context, Diagnostics, Expression, Host, Reference, Resolved, RootError,
    Source, Text, Value, World, evaluate,
};

use super::config_file::ConfigFile;
use super::dependency::Dependency;
use super::evaluation::Evaluation;
use super::feature::Feature;
use super::found_once::FoundOnce;
use super::functions;
use super::include::Include;
use super::locals::LocalState;
use super::stage::Stage;
use super::trace::Dependence;

/// A file in its part for one unit.
pub(crate) struct FileScope {
    pub(crate) file: Rc<ConfigFile>,
    pub(crate) part: Part,
    /// The folder that Terragrunt's functions answer for: the unit's, also in included files.
    pub(crate) folder: Rc<Utf8Path>,
    /// The file that includes this one; dangling where there is none.
    including: Weak<FileScope>,
    pub(crate) memo: Memo,
}

/// How a file came to be looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Part {
    /// A unit's own file, or a file that is read by itself as if it were one.
    Own,
    Included,
    /// A `terragrunt.autoinclude.hcl` beside a unit's file.
    AutoIncluded,
}

/// What was found out about a file.
#[derive(Default)]
pub(crate) struct Memo {
    pub(crate) locals: RefCell<HashMap<Text, LocalState>>,
    pub(crate) values: FoundOnce<Result<Option<Value>, Diagnostics>>,
    pub(crate) includes: FoundOnce<Result<Rc<[Include]>, Diagnostics>>,
    pub(crate) auto_include: OnceCell<Result<Option<Rc<FileScope>>, Diagnostics>>,
    pub(crate) features: FoundOnce<Result<Rc<[Feature]>, Diagnostics>>,
    pub(crate) dependencies: FoundOnce<Result<Rc<[Dependency]>, Diagnostics>>,
    pub(crate) outputs: RefCell<HashMap<Text, Result<Value, Diagnostics>>>,
    pub(crate) fields: RefCell<HashMap<&'static str, Result<Value, Diagnostics>>>,
}

impl FileScope {
    pub(crate) fn own(file: Rc<ConfigFile>) -> Rc<Self> {
        let folder = file.folder().into();
        Rc::new(Self {
            file,
            part: Part::Own,
            folder,
            including: Weak::new(),
            memo: Memo::default(),
        })
    }

    /// A file that belongs to another one.
    pub(crate) fn within(owner: &Rc<Self>, file: Rc<ConfigFile>, part: Part) -> Rc<Self> {
        Rc::new(Self {
            file,
            part,
            folder: owner.folder.clone(),
            including: Rc::downgrade(owner),
            memo: Memo::default(),
        })
    }

    /// The file whose includes, dependencies and features count here.
    pub(crate) fn owner(self: &Rc<Self>) -> Rc<Self> {
        self.including.upgrade().unwrap_or_else(|| self.clone())
    }

    /// The folder in which relative paths of functions like `file` start.
    pub(crate) fn base_folder(&self) -> &Utf8Path {
        self.file.folder()
    }
}

impl std::fmt::Debug for FileScope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileScope")
            .field("file", &self.file.path)
            .field("part", &self.part)
            .finish_non_exhaustive()
    }
}

/// A file at one stage of its evaluation: the host of its expressions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'v> {
    pub(crate) evaluation: &'v Evaluation<'v>,
    pub(crate) scope: &'v Rc<FileScope>,
    pub(crate) stage: Stage,
}

impl<'v> View<'v> {
    pub(crate) fn new(evaluation: &'v Evaluation<'v>, scope: &'v Rc<FileScope>) -> Self {
        Self {
            evaluation,
            scope,
            stage: Stage::Full,
        }
    }

    /// The same file at another stage.
    pub(crate) fn at(self, stage: Stage) -> Self {
        Self { stage, ..self }
    }

    /// Another file of the same evaluation.
    pub(crate) fn of<'w>(self, scope: &'w Rc<FileScope>) -> View<'w>
    where
        'v: 'w,
    {
        View {
            evaluation: self.evaluation,
            scope,
            stage: Stage::Full,
        }
    }

    pub(crate) fn evaluate(&self, expression: &Expression) -> Result<Value, Diagnostics> {
        let context = Context {
            source: &self.scope.file.source,
            host: self,
            budget: &self.evaluation.budget,
        };
        evaluate(expression, &context)
    }

    /// Evaluates what does not stand in the file, as if it stood there.
    pub(crate) fn evaluate_text(
        &self,
        source: &std::sync::Arc<Source>,
        expression: &Expression,
    ) -> Result<Value, Diagnostics> {
        for reference in expression.references() {
            if let Some(mut problem) = self.reference_problem(&reference, expression) {
                problem.subject = Some(reference.span().in_source(source));
                problem.suggestion = None;
                return Err(problem.into());
            }
        }
        let context = Context {
            source,
            host: self,
            budget: &self.evaluation.budget,
        };
        evaluate(expression, &context)
    }

    /// Whether the file and those it includes can be read at all.
    pub(crate) fn all_problems(&self) -> Result<(), Diagnostics> {
        let problems = self.scope.file.all_problems();
        if problems.has_errors() {
            return Err(problems.clone());
        }
        self.includes().map(drop)
    }

    /// The folder of the unit. Whoever asks has a result that holds for this unit alone.
    pub(crate) fn folder(&self) -> &'v Utf8Path {
        self.evaluation.trace.depends_on(Dependence::UNIT);
        &self.scope.folder
    }

    /// Whether an unknown attribute is passed over here; never where its absence is asked about.
    pub(crate) fn is_lenient(&self, reference: &Reference<'_>) -> bool {
        self.evaluation.mode.lenient && self.stage == Stage::Full && !reference.attempted
    }

    /// The value of a root, where it may be used.
    fn known_root(&self, reference: &Reference<'_>) -> Result<Resolved, RootError> {
        match reference.name {
            "local" => self.local_root(reference),
            "include" => self.include_root(reference),
            "feature" => self.feature_root(reference),
            "values" => self.values_root(),
            "dependency" => self.dependency_root(reference),
            _ => Err(RootError::Unknown),
        }
    }

    /// What Terragrunt's `render` makes of an unknown attribute: a value that is not known.
    fn soften(
        reference: &Reference<'_>,
        found: Result<Resolved, RootError>,
    ) -> Result<Resolved, RootError> {
        let all = reference.steps.len();
        let Resolved { mut value, steps } = match found {
            Err(RootError::NoAttribute { .. }) => {
                return Ok(Resolved::after(all, Value::unknown()));
            }
            other => other?,
        };
        for (taken, step) in reference.steps.iter().enumerate().skip(steps) {
            let terrane_hcl::StepKey::Attribute(name) = &step.key else {
                return Ok(Resolved::after(taken, value));
            };
            match value.get_attr(name) {
                Ok(inner) => value = inner,
                Err(_) => return Ok(Resolved::after(all, Value::unknown())),
            }
        }
        Ok(Resolved::after(all, value))
    }
}

impl Host for View<'_> {
    fn root(
        &self,
        reference: &Reference<'_>,
        _context: &Context<'_>,
    ) -> Result<Resolved, RootError> {
        if let Some(refused) = self.stage.refusal(reference, &self.scope.file) {
            return Err(RootError::Failed(refused.into()));
        }
        let found = self.known_root(reference);
        if self.is_lenient(reference) {
            Self::soften(reference, found)
        } else {
            found
        }
    }

    fn root_names(&self) -> Vec<String> {
        self.stage
            .names()
            .iter()
            .map(|name| (*name).to_owned())
            .collect()
    }

    fn call(&self, name: &str, arguments: &Arguments<'_>) -> Option<Result<Value, CallError>> {
        let function = functions::find(name, self.evaluation.options)?;
        Some((function.body)(self, arguments))
    }

    fn function_names(&self) -> Vec<String> {
        functions::names(self.evaluation.options)
    }

    fn world(&self) -> &dyn World {
        self
    }
}
