//! All units under one root, and the questions that a command may ask about them.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use terrane_hcl::{Diagnostic, Diagnostics};

use super::dependency::{Fetched, OutputSource, TargetOutputs};
use super::evaluation::{Evaluation, Mode};
use super::mocks::MocksGiven;
use super::nearest_unit::NearestUnits;
use super::options::{LoadOptions, Questions};
use super::parts::{Configuration, Reach};
use super::prepare;
use super::reader::{ByPath, Reader};
use super::scope::{FileScope, View};
use super::trace::Touched;
use super::unit::{OutputRead, Unit, Upstream, UpstreamTarget};
use crate::model::prepared::Prepared;
use crate::model::{RoleClaim, UnitIx, UnitMap};

/// What a load gives: every unit in scope, and those outside that they wait for.
#[derive(Debug)]
pub struct Estate<'s> {
    /// The repository's top folder, or the topmost folder that the units speak of.
    pub root: Utf8PathBuf,
    pub start: Utf8PathBuf,
    /// Ordered by their paths.
    pub units: UnitMap<Unit>,
    /// Folders with a stack file, ordered.
    pub stacks: Vec<Utf8PathBuf>,
    /// Folders that hold both a unit and a stack, which must not be.
    pub ambiguous_folders: Vec<Utf8PathBuf>,
    /// Folders that could not be looked into, so that units in them are not known.
    pub unread_folders: Vec<Utf8PathBuf>,
    pub(super) options: LoadOptions,
    pub(super) reader: Reader<'s>,
    pub(super) nearest: NearestUnits,
    /// What a path in a file means.
    pub(super) targets: ByPath<UpstreamTarget>,
}

/// What became of the outputs that a unit asks for.
#[derive(Clone, Debug, Default)]
pub struct UpstreamOutputs {
    by_unit: BTreeMap<UnitIx, Fetched>,
}

/// A unit that is ready to run, or what is missing.
#[derive(Debug)]
pub enum Preparation {
    Ready(Box<Ready>),
    /// These outputs are needed, too. Fetch them and prepare again.
    Wants(Vec<OutputRead>),
}

/// A unit with everything known.
#[derive(Debug)]
pub struct Ready {
    pub prepared: Prepared,
    /// Which may name a role that only the outputs told.
    pub role_claims: Vec<RoleClaim>,
    /// The blocks whose mocks are in it, or at least were looked at.
    pub mocks: Vec<MocksGiven>,
}

/// How the second evaluation takes unknown attributes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Strictness {
    /// An error, as in a run.
    Strict,
    /// An empty text, as `render` has it.
    Lenient,
}

impl UpstreamOutputs {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn insert(&mut self, unit: UnitIx, fetched: Fetched) {
        self.by_unit.insert(unit, fetched);
    }

    pub fn has(&self, unit: UnitIx) -> bool {
        self.by_unit.contains_key(&unit)
    }
}

impl Estate<'_> {
    pub fn unit(&self, unit: UnitIx) -> &Unit {
        &self.units[unit]
    }

    /// The unit whose folder this is.
    pub fn unit_in(&self, folder: &Utf8Path) -> Option<UnitIx> {
        match self.targets.get(folder.as_str())? {
            UpstreamTarget::Unit(unit) => Some(*unit),
            UpstreamTarget::Stack(_) | UpstreamTarget::Missing => None,
        }
    }

    /// The units that a command started here runs or lists.
    pub fn in_scope(&self) -> impl Iterator<Item = (UnitIx, &Unit)> {
        self.units.iter().filter(|(_, unit)| !unit.external)
    }

    pub fn options(&self) -> &LoadOptions {
        &self.options
    }

    /// What messages call a file: its path from where people stand, or the whole one.
    pub fn name_of_file(&self, path: &Utf8Path) -> Utf8PathBuf {
        self.reader.shown(path)
    }

    /// The way to a path from where people stand, for messages.
    pub fn way_to(&self, path: &Utf8Path) -> Utf8PathBuf {
        self.reader.way_to(path)
    }

    /// A path as it is seen from the start folder, for lists and filters.
    pub fn shown(&self, path: &Utf8Path) -> Utf8PathBuf {
        crate::model::paths::relative(&self.start, path)
    }

    /// Evaluates a unit with its upstreams' outputs. Pure but for what its functions ask of the
    /// world, each question once: called again with the same outputs it gives the same.
    pub fn prepare(
        &self,
        unit: UnitIx,
        outputs: &UpstreamOutputs,
    ) -> Result<Preparation, Diagnostics> {
        let (evaluated, touched) = self.evaluate(unit, outputs, Strictness::Strict);
        let wants = self.wanted_outputs(&touched, outputs);
        if !wants.is_empty() {
            return Ok(Preparation::Wants(wants));
        }
        let (configuration, role_claims) = evaluated?;
        let prepared = prepare::prepared(&configuration)?;
        Ok(Preparation::Ready(Box::new(Ready {
            prepared,
            role_claims,
            mocks: touched.mocks,
        })))
    }

    /// The merged configuration of a unit, for showing it.
    pub(crate) fn configuration(
        &self,
        unit: UnitIx,
        outputs: &UpstreamOutputs,
        strictness: Strictness,
    ) -> Result<Result<Configuration, Vec<OutputRead>>, Diagnostics> {
        let (evaluated, touched) = self.evaluate(unit, outputs, strictness);
        let wants = self.wanted_outputs(&touched, outputs);
        if !wants.is_empty() {
            return Ok(Err(wants));
        }
        evaluated.map(|(configuration, _)| Ok(configuration))
    }

    fn evaluate(
        &self,
        unit: UnitIx,
        outputs: &UpstreamOutputs,
        strictness: Strictness,
    ) -> (
        Result<(Configuration, Vec<RoleClaim>), Diagnostics>,
        Touched,
    ) {
        let unit = &self.units[unit];
        let handed = Handed {
            targets: &self.targets,
            outputs,
            edges: &unit.upstreams,
        };
        let mode = Mode {
            asks: self.options.questions != Questions::Refused,
            lenient: strictness == Strictness::Lenient,
        };
        let reader = &self.reader;
        let evaluation = Evaluation::new(reader, &self.options, &unit.folder, &handed, mode);
        let file = match reader.file(&unit.file) {
            Ok(file) => file,
            Err(error) => {
                let shown = reader.shown(&unit.file);
                let problem =
                    Diagnostic::error("Unreadable file").detail(format!("{shown}: {error}."));
                return (Err(problem.into()), Touched::default());
            }
        };
        let scope = FileScope::own(file);
        let view = View::new(&evaluation, &scope);
        // A unit that waits for itself or for nobody cannot run.
        let mut problems: Diagnostics = self.edge_problems(unit).collect();
        let result = match view.configuration(Reach::Merged) {
            Ok(configuration) if !problems.has_errors() => {
                Ok((configuration, view.role_claims().found))
            }
            Ok(_) => Err(problems),
            Err(more) => {
                problems.extend(more);
                problems.sort();
                Err(problems)
            }
        };
        (result, evaluation.trace.take())
    }

    /// Which of the outputs that were asked for nobody handed over.
    fn wanted_outputs(&self, touched: &Touched, outputs: &UpstreamOutputs) -> Vec<OutputRead> {
        let mut wants = Vec::new();
        for asked in &touched.outputs {
            let named = asked.target.to_path_buf();
            let target = self.target_of(&named);
            if target.units().iter().all(|unit| outputs.has(*unit)) {
                continue;
            }
            wants.push(OutputRead {
                target,
                named,
                label: asked.label.clone(),
            });
        }
        wants
    }

    pub(super) fn target_of(&self, named: &Utf8Path) -> UpstreamTarget {
        let known = self.targets.get(named.as_str()).cloned();
        known.unwrap_or(UpstreamTarget::Missing)
    }
}

/// The outputs that were handed to one evaluation.
struct Handed<'h> {
    targets: &'h ByPath<UpstreamTarget>,
    outputs: &'h UpstreamOutputs,
    /// Those of the unit itself: where they lead nowhere that is told of the edge.
    edges: &'h [Upstream],
}

impl OutputSource for Handed<'_> {
    fn outputs_of(&self, target: &Utf8Path) -> TargetOutputs {
        let fetched = |unit: &UnitIx| self.outputs.by_unit.get(unit).cloned();
        match self.targets.get(target.as_str()) {
            None | Some(UpstreamTarget::Missing) => {
                if self.edges.iter().any(|edge| edge.named == target) {
                    TargetOutputs::Pending
                } else {
                    TargetOutputs::Missing
                }
            }
            Some(UpstreamTarget::Unit(unit)) => match fetched(unit) {
                Some(fetched) => TargetOutputs::Unit(fetched),
                None => TargetOutputs::NotHanded,
            },
            Some(UpstreamTarget::Stack(units)) => {
                let all: Option<BTreeMap<String, Fetched>> = units
                    .iter()
                    .map(|(name, unit)| Some((name.clone(), fetched(unit)?)))
                    .collect();
                all.map_or(TargetOutputs::NotHanded, TargetOutputs::Stack)
            }
        }
    }
}
