//! `dependency` and `dependencies` blocks: what a unit waits for, and what `dependency.x` is.

use std::collections::BTreeMap;
use std::rc::Rc;

use camino::Utf8Path;
use terrane_hcl::{Diagnostic, Diagnostics, Location, Reference, Resolved, RootError, Text, Value};

use super::block::{DecodedBlock, Decoder};
use super::marks;
use super::merge;
use super::mocks::{self, MocksGiven};
use super::schema::{DEPENDENCIES, DEPENDENCY};
use super::scope::{FileScope, View};
use super::stage::Stage;
use super::trace::OutputAsked;
use crate::model::Outputs;
use crate::model::paths::absolute;

/// A `dependency` block after merging.
#[derive(Clone, Debug)]
pub(crate) struct Dependency {
    pub(crate) block: DecodedBlock,
    /// The folder or file it names, absolute; `None` while it is not known.
    pub(crate) target: Option<Rc<Utf8Path>>,
}

/// What became of the outputs of one upstream.
#[derive(Clone, Debug)]
pub enum Fetched {
    Outputs(Rc<Outputs>),
    /// There is no state: the upstream was never applied, or it was destroyed.
    NeverApplied,
}

/// What a dependency's target has to give.
#[derive(Clone, Debug)]
pub(crate) enum TargetOutputs {
    /// Nothing can be known at this time.
    Pending,
    /// It can be known, and whoever asked for this evaluation did not hand it over.
    NotHanded,
    /// There is no unit.
    Missing,
    Unit(Fetched),
    /// The units of a stack by name.
    Stack(BTreeMap<String, Fetched>),
}

/// Who knows outputs.
pub(crate) trait OutputSource {
    fn outputs_of(&self, target: &Utf8Path) -> TargetOutputs;
}

/// While loading, no output is known.
pub(crate) struct NoOutputsYet;

impl OutputSource for NoOutputsYet {
    fn outputs_of(&self, _: &Utf8Path) -> TargetOutputs {
        TargetOutputs::Pending
    }
}

impl Dependency {
    pub(crate) fn label(&self) -> &Text {
        &self.block.label
    }

    pub(crate) fn is_enabled(&self) -> bool {
        self.block.bool("enabled").unwrap_or(true)
    }

    pub(crate) fn skips_outputs(&self) -> bool {
        self.block.bool("skip_outputs").unwrap_or(false)
    }

    pub(crate) fn place(&self) -> &Location {
        self.block.place_of("config_path")
    }
}

/// Which attributes of a `dependency` block are evaluated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum DependencyDetail {
    /// What an edge is made of.
    Edge,
    Everything,
}

impl View<'_> {
    /// The dependencies of the unit, merged over all its files.
    pub(crate) fn dependencies(&self) -> Result<Rc<[Dependency]>, Diagnostics> {
        let owner = self.scope.owner();
        if !Rc::ptr_eq(&owner, self.scope) {
            return self.of(&owner).dependencies();
        }
        let memo = &self.scope.memo.dependencies;
        memo.get(|| self.merged_dependencies(DependencyDetail::Everything))
            .unwrap_or_else(|| Ok(Rc::from([])))
    }

    pub(crate) fn merged_dependencies(
        &self,
        detail: DependencyDetail,
    ) -> Result<Rc<[Dependency]>, Diagnostics> {
        let blocks = self.merged_over_files(
            |view| view.own_dependency_blocks(detail),
            merge::dependency_blocks,
        )?;
        Ok(blocks
            .into_iter()
            .map(|block| self.dependency_of(block))
            .collect())
    }

    /// What edges are made of: the merged dependencies, and those blocks of included files that
    /// another file's block of the same name has replaced. Terragrunt orders units by these, too.
    pub(crate) fn dependencies_for_edges(
        &self,
    ) -> Result<(Rc<[Dependency]>, Vec<Dependency>), Diagnostics> {
        let detail = DependencyDetail::Edge;
        let merged = self.merged_dependencies(detail)?;
        let mut replaced = Vec::new();
        for include in self.includes()?.iter() {
            if include.strategy == super::include::Strategy::NoMerge {
                continue;
            }
            for block in self.of(&include.scope).own_dependency_blocks(detail)? {
                let dependency = self.dependency_of(block);
                if dependency.is_enabled() && merged.iter().all(|d| d.target != dependency.target) {
                    replaced.push(dependency);
                }
            }
        }
        Ok((merged, replaced))
    }

    fn dependency_of(&self, block: DecodedBlock) -> Dependency {
        let folder = &self.scope.folder;
        Dependency {
            target: block
                .string("config_path")
                .map(|path| absolute(folder, path).as_path().into()),
            block,
        }
    }

    /// The blocks of this very file.
    fn own_dependency_blocks(
        &self,
        detail: DependencyDetail,
    ) -> Result<Vec<DecodedBlock>, Diagnostics> {
        let view = self.at(Stage::Links);
        let decoder = Decoder {
            file: &self.scope.file,
            evaluate: &|expression| view.evaluate(expression),
        };
        let wanted = |name: &str| match detail {
            DependencyDetail::Edge => matches!(name, "config_path" | "enabled"),
            DependencyDetail::Everything => true,
        };
        let mut blocks = Vec::new();
        let mut errors = Diagnostics::new();
        for block in self.scope.file.body.blocks_of("dependency") {
            match decoder.block_of(block, &DEPENDENCY, &wanted) {
                Ok(block) => blocks.push(block),
                Err(more) => errors.extend(more),
            }
        }
        if errors.is_empty() {
            Ok(blocks)
        } else {
            Err(errors)
        }
    }

    /// The `dependencies` block, merged over all files of the unit.
    pub(crate) fn merged_dependency_paths(&self) -> Result<Option<DecodedBlock>, Diagnostics> {
        self.merged_over_files(
            |view| {
                let view = view.at(Stage::Links);
                view.own_block(&DEPENDENCIES)
            },
            |parent, child, strategy| Ok(merge::dependency_paths(parent, child, strategy)),
        )
    }

    /// `dependency`, or the outputs that are meant.
    pub(crate) fn dependency_root(&self, reference: &Reference<'_>) -> Result<Resolved, RootError> {
        let dependencies = self.dependencies().map_err(RootError::Failed)?;
        let object =
            |outputs: Option<Value>| Value::object(outputs.map(|outputs| ("outputs", outputs)));
        let Some(label) = reference.step_name(0) else {
            let mut all = Vec::new();
            for dependency in dependencies.iter() {
                let outputs = self.outputs_of(dependency).map_err(RootError::Failed)?;
                all.push((dependency.label().clone(), object(outputs)));
            }
            return Ok(Resolved::whole(Value::object(all)));
        };
        let Some(dependency) = dependencies.iter().find(|d| d.label() == label) else {
            let names = dependencies.iter().map(|d| d.label().to_string()).collect();
            return Err(RootError::NoAttribute { step: 0, names });
        };
        if reference.step_name(1) == Some("inputs") {
            return Err(RootError::Failed(self.removed_inputs(reference).into()));
        }
        match self.outputs_of(dependency) {
            Ok(outputs) => Ok(Resolved::after(1, object(outputs))),
            Err(problems) => {
                let place = reference.span();
                let source = &self.scope.file.source;
                let asked = place.in_source(source);
                let with_place = |problem: Diagnostic| {
                    let line = asked.line();
                    let detail =
                        format!("{} Asked for at {}:{line}.", problem.detail, source.name());
                    let problem = problem.detail(detail);
                    problem.related(source, place, "asked for here")
                };
                Err(RootError::Failed(
                    problems.into_iter().map(with_place).collect(),
                ))
            }
        }
    }

    fn removed_inputs(&self, reference: &Reference<'_>) -> Diagnostic {
        Diagnostic::error("Inputs of a dependency cannot be read")
            .detail("Terragrunt 1.0 removed dependency.NAME.inputs.")
            .at(&self.scope.file.source, reference.span())
            .help("make the value an output of that unit, or read its file with read_terragrunt_config")
    }

    /// What `dependency.x.outputs` is; `None` if there is no such attribute.
    pub(crate) fn outputs_of(&self, dependency: &Dependency) -> Result<Option<Value>, Diagnostics> {
        let owner = self.scope.owner();
        if let Some(target) = &dependency.target
            && dependency.is_enabled()
            && !dependency.skips_outputs()
        {
            self.evaluation.trace.asked_outputs(OutputAsked {
                target: target.clone(),
                label: dependency.label().clone(),
            });
        }
        let known = owner.memo.outputs.borrow().get(dependency.label()).cloned();
        let result = known.unwrap_or_else(|| {
            let result = self.fresh_outputs(dependency);
            let result = result.map(|value| value.unwrap_or_else(marks::absent));
            let mut memo = owner.memo.outputs.borrow_mut();
            memo.insert(dependency.label().clone(), result.clone());
            result
        });
        if let Ok(value) = &result
            && value.deep_marks().contains(marks::MOCK)
        {
            self.evaluation.trace.gave_mocks(MocksGiven::of(dependency));
        }
        result.map(|value| (!marks::is_absent(&value)).then_some(value))
    }

    fn fresh_outputs(&self, dependency: &Dependency) -> Result<Option<Value>, Diagnostics> {
        let Some(target) = &dependency.target else {
            return Ok(Some(marks::pending_outputs()));
        };
        if !dependency.is_enabled() || dependency.skips_outputs() {
            return Ok(mocks::without_fetching(dependency, self.evaluation.options));
        }
        match self.evaluation.outputs.outputs_of(target) {
            TargetOutputs::Pending | TargetOutputs::NotHanded => Ok(Some(marks::pending_outputs())),
            TargetOutputs::Missing => Err(unknown_upstream(
                dependency.place(),
                &self.evaluation.reader.way_to(target),
            )
            .into()),
            TargetOutputs::Unit(fetched) => mocks::resolve(dependency, &fetched, self.evaluation),
            TargetOutputs::Stack(units) => {
                mocks::resolve_stack(dependency, &units, self.evaluation)
            }
        }
    }

    /// Folds what each file of the unit says into one, the strongest last: the first include, the
    /// later ones, the unit's own file, the autoinclude file.
    pub(crate) fn merged_over_files<T>(
        &self,
        read: impl Fn(&View<'_>) -> Result<T, Diagnostics>,
        merge: impl Fn(T, T, super::include::Strategy) -> Result<T, Diagnostics>,
    ) -> Result<T, Diagnostics> {
        use super::include::Strategy;
        let mut errors = Diagnostics::new();
        let mut merged = errors.keep(read(self));
        if let Some(auto) = errors.keep(self.auto_include()).flatten() {
            let above = errors.keep(read(&self.same_stage(&auto)));
            if let (Some(below), Some(above)) = (merged.take(), above) {
                merged = errors.keep(merge(below, above, Strategy::Shallow));
            }
        }
        for include in self.includes()?.iter().rev() {
            let below = errors.keep(read(&self.same_stage(&include.scope)));
            if include.strategy == Strategy::NoMerge {
                continue;
            }
            if let (Some(below), Some(above)) = (below, merged.take()) {
                merged = errors.keep(merge(below, above, include.strategy));
            }
        }
        match merged {
            Some(merged) if errors.is_empty() => Ok(merged),
            _ => Err(errors),
        }
    }

    fn same_stage<'w>(self, scope: &'w Rc<FileScope>) -> View<'w>
    where
        Self: 'w,
    {
        View { scope, ..self }
    }
}

/// A path that leads to no unit.
pub(crate) fn unknown_upstream(place: &Location, shown: &Utf8Path) -> Diagnostic {
    Diagnostic::error("Unknown upstream")
        .detail(format!("There is no unit at {shown}."))
        .at(&place.source, place.span)
        .label(format!("no unit at {shown}"))
}
