//! What an expression is made of: locals, included files, outputs, and the files that it reads.

use std::collections::BTreeSet;
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use terrane_hcl::{AccessOperation, Expression, ExpressionKind, Reference};

use super::Use;
use super::given::feature_flag;
use super::syntax::{Spot, find, within};
use crate::config::scope::{FileScope, Part, View};
use crate::config::trace::ReadKind;
use crate::config::unit::place_of;

/// So many steps are followed; whoever needs more asks about the last one.
const MOST_STEPS: usize = 12;

/// The way that was followed so far.
#[derive(Clone, Copy)]
struct Followed {
    steps: usize,
}

impl View<'_> {
    /// What an expression of this file uses, where only the part `rest` of its value is asked for.
    pub(super) fn uses(&self, expression: &Expression, rest: &[&str]) -> Vec<Use> {
        self.uses_after(expression, rest, Followed { steps: 0 })
    }

    fn uses_after(&self, expression: &Expression, rest: &[&str], so_far: Followed) -> Vec<Use> {
        if so_far.steps == MOST_STEPS {
            return Vec::new();
        }
        let next = Followed {
            steps: so_far.steps + 1,
        };
        let references = expression.references();
        let is_whole = |reference: &Reference<'_>| reference.span() == expression.span;
        let mut uses: Vec<Use> = Vec::new();
        for reference in &references {
            let mut path: Vec<&str> = names_of(reference);
            if is_whole(reference) {
                path.extend(rest);
            }
            let used = self.one_use(reference, &path, next);
            if !uses.iter().any(|known| known.name == used.name) {
                uses.push(used);
            }
        }
        uses.extend(self.use_of_file(expression, rest, &uses));
        uses
    }

    fn one_use(&self, reference: &Reference<'_>, path: &[&str], next: Followed) -> Use {
        let file = &self.scope.file;
        let span = reference.span();
        let name = &file.source.text()[span.start as usize..span.end as usize];
        let mut used = Use {
            name: name.to_owned(),
            place: None,
            reads: Vec::new(),
            uses: Vec::new(),
        };
        let mut fill = |scope: &Rc<FileScope>, path: &[&str]| {
            let view = self.of(scope);
            let Some(spot) = find(&scope.file.body, path) else {
                return;
            };
            used.place = Some(place_of(&scope.file.at(spot.span)));
            if let Some(expression) = spot.expression {
                used.uses = view.within_locals().uses_after(expression, spot.rest, next);
                used.reads = view.files_read_by(expression, &used.uses);
            }
        };
        match (reference.name, path) {
            ("local", [_, ..]) => {
                let path: Vec<&str> = ["locals"].iter().chain(path).copied().collect();
                fill(self.scope, &path);
            }
            ("include", [label, rest @ ..]) if self.scope.part != Part::Included => {
                let includes = self.of(&self.scope.owner()).readable_includes();
                let include = includes.iter().find(|include| include.label == *label);
                let bare = includes.iter().find(|include| include.label.is_empty());
                match (include, bare) {
                    (Some(include), _) => fill(&include.scope, rest),
                    (None, Some(bare)) => fill(&bare.scope, path),
                    (None, None) => {}
                }
            }
            ("dependency", [label, ..]) => {
                let dependencies = self.dependencies().ok();
                let found = dependencies.iter().flat_map(|all| all.iter());
                let mut found = found.filter(|dependency| dependency.label() == *label);
                used.place = found.next().map(|found| place_of(&found.block.place));
            }
            ("values", [_, ..]) => {
                let owner = self.scope.owner();
                if let Some(origin) = self.of(&owner).origin_of_value(path) {
                    used.place = Some(origin.place);
                    used.uses = origin.uses;
                }
            }
            ("feature", [label, ..]) => {
                let owner = self.scope.owner();
                fill(&owner, &["feature", label]);
                let flag = feature_flag(self.evaluation, &["feature", label]);
                used.uses.extend(flag.map(|name| Use {
                    name,
                    place: None,
                    reads: Vec::new(),
                    uses: Vec::new(),
                }));
            }
            _ => {}
        }
        used
    }

    /// The files that evaluating an expression reads, beside those that belong to what it uses.
    pub(super) fn files_read_by(&self, expression: &Expression, uses: &[Use]) -> Vec<Utf8PathBuf> {
        let shown = |path: &Utf8Path| self.evaluation.reader.shown(path);
        let known = |path: &Utf8PathBuf| uses.iter().any(|used| used.has_read(path));
        let read = self.read_by(expression);
        let read: Vec<Utf8PathBuf> = read.iter().map(|path| shown(path)).collect();
        read.into_iter().filter(|path| !known(path)).collect()
    }

    fn read_by(&self, expression: &Expression) -> BTreeSet<Rc<Utf8Path>> {
        let trace = &self.evaluation.trace;
        let (_, recording) = trace.record(|| self.within_locals().evaluate(expression));
        let files = recording.touched.files.into_iter();
        let counts = |kind: ReadKind| match kind {
            ReadKind::Config | ReadKind::Marked | ReadKind::Data => true,
            ReadKind::Module => false,
        };
        files
            .filter(|file| counts(file.kind))
            .map(|file| file.path)
            .collect()
    }

    /// The place within a file that the expression reads, where it reads just one and leads into it.
    fn use_of_file(&self, expression: &Expression, rest: &[&str], uses: &[Use]) -> Option<Use> {
        // Of `read_terragrunt_config(…).locals` the part `id` is `locals.id` of the file.
        let mut path = steps_of(expression);
        path.extend(rest);
        if path.is_empty() {
            return None;
        }
        let shown = |path: &Utf8Path| self.evaluation.reader.shown(path);
        let read = self.read_by(expression);
        let own = read.iter().filter(|path| {
            let path = shown(path);
            !uses.iter().any(|used| used.has_read(&path))
        });
        let [read] = own.collect::<Vec<_>>()[..] else {
            return None;
        };
        let file = self.evaluation.reader.file(read).ok()?;
        let spot: Spot<'_, '_> = find(&file.body, &path)?;
        let place = place_of(&file.at(spot.span));
        let scope = FileScope::own(file.clone());
        let uses = spot.expression.map(|expression| {
            let narrowed = within(expression, spot.span, spot.rest);
            let expression = narrowed
                .and_then(|spot| spot.expression)
                .unwrap_or(expression);
            self.of(&scope).uses(expression, spot.rest)
        });
        Some(Use {
            name: path.join("."),
            place: Some(place),
            reads: Vec::new(),
            uses: uses.unwrap_or_default(),
        })
    }
}

impl Use {
    fn has_read(&self, path: &Utf8Path) -> bool {
        let is_here = self.place.as_ref().is_some_and(|place| place.file == *path);
        is_here
            || self.reads.iter().any(|read| read == path)
            || self.uses.iter().any(|used| used.has_read(path))
    }
}

/// The names that follow an expression's target.
fn steps_of(expression: &Expression) -> Vec<&str> {
    let ExpressionKind::Access(access) = &expression.kind else {
        return Vec::new();
    };
    let names = access
        .operations
        .iter()
        .map_while(|operation| match operation {
            AccessOperation::Step(step) => step.key.name(),
            AccessOperation::Index { .. } | AccessOperation::Splat { .. } => None,
        });
    names.collect()
}

/// The names that a reference leads through, up to the first number.
fn names_of<'r>(reference: &'r Reference<'_>) -> Vec<&'r str> {
    reference
        .steps
        .iter()
        .map_while(|step| step.key.name())
        .collect()
}
