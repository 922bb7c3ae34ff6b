//! The units of a run: which are chosen, which are left out and why, and in which order they go.

use std::collections::{BTreeMap, BTreeSet};

use terrane_hcl::{Diagnostic, Diagnostics};

use super::edges::graph_of;
use super::exit::CommandError;
use super::options::{Options, RunOptions, Units};
use crate::config::{Estate, KnownState, StateFact, Unit};
use crate::graph::{Graph, reached};
use crate::model::{StateLocation, UnitIx, UnitPath};
use crate::run::outcome::Exclusion;
use crate::terraform::command::{Effect, TerraformCommand};

/// The units of a run, in their order.
#[derive(Debug)]
pub(super) struct Chosen {
    /// In the direction of the command.
    pub(super) graph: Graph,
    pub(super) excluded: Vec<(UnitPath, Exclusion)>,
}

impl Chosen {
    /// Decides which units run.
    pub(super) fn of(
        estate: &Estate<'_>,
        here: Option<UnitIx>,
        command: &TerraformCommand,
        options: &Options,
        run: &RunOptions,
    ) -> Result<Self, CommandError> {
        let graph = graph_of(estate)?;
        let selected: BTreeSet<UnitIx> = match (&run.units, here) {
            (Units::Here, Some(unit)) => {
                return Ok(Self::one(estate, &graph, unit));
            }
            (Units::HereAndDownstreams { .. }, Some(unit)) => with_downstreams(&graph, unit),
            (Units::Here | Units::HereAndDownstreams { .. } | Units::InScope, _) => {
                run.selection.units(estate, options)?
            }
        };
        let excluded = excluded_units(estate, &graph, &selected, command);
        let chosen: BTreeSet<UnitIx> = selected
            .into_iter()
            .filter(|unit| !excluded.contains_key(unit))
            .collect();
        let graph = if command.destroys() {
            graph.reversed()
        } else {
            graph
        };
        let excluded = excluded.into_iter();
        Ok(Self {
            graph: graph.restricted_to(&chosen),
            excluded: excluded
                .map(|(unit, why)| (estate.unit(unit).path.clone(), why))
                .collect(),
        })
    }

    /// One unit alone. Its `exclude` block counts only where it says so.
    fn one(estate: &Estate<'_>, graph: &Graph, unit: UnitIx) -> Self {
        let rule = estate.unit(unit).exclude.as_ref();
        let is_out = rule.is_some_and(|rule| {
            rule.no_run == Some(true) && rule.leaves_out(&estate.options().command)
        });
        let chosen = if is_out {
            BTreeSet::new()
        } else {
            BTreeSet::from([unit])
        };
        Self {
            graph: graph.restricted_to(&chosen),
            excluded: is_out
                .then(|| (estate.unit(unit).path.clone(), Exclusion::ExcludeBlock))
                .into_iter()
                .collect(),
        }
    }

    /// The chosen units, by path.
    pub(super) fn units(&self) -> impl Iterator<Item = UnitIx> {
        self.graph.units()
    }
}

fn with_downstreams(graph: &Graph, unit: UnitIx) -> BTreeSet<UnitIx> {
    let mut units = reached([unit], usize::MAX, |unit| graph.downstreams(unit));
    units.insert(unit);
    units
}

/// What the units' own files leave out of this command.
fn excluded_units(
    estate: &Estate<'_>,
    graph: &Graph,
    selected: &BTreeSet<UnitIx>,
    command: &TerraformCommand,
) -> BTreeMap<UnitIx, Exclusion> {
    let mut excluded = BTreeMap::new();
    let upstreams = |unit| reached([unit], usize::MAX, |unit| graph.upstreams(unit));
    let selected_unit = |unit: &UnitIx| selected.contains(unit);
    if command.effect() == Effect::Destroys {
        for unit in selected {
            if estate.unit(*unit).prevent_destroy.is_none() {
                continue;
            }
            for needed in upstreams(*unit).into_iter().filter(selected_unit) {
                excluded
                    .entry(needed)
                    .or_insert_with(|| Exclusion::NeededBy {
                        protected: estate.unit(*unit).path.clone(),
                    });
            }
            excluded.insert(*unit, Exclusion::PreventDestroy);
        }
    }
    for unit in selected {
        let rule = estate.unit(*unit).exclude.as_ref();
        let Some(rule) = rule.filter(|rule| rule.leaves_out(command.name())) else {
            continue;
        };
        excluded.insert(*unit, Exclusion::ExcludeBlock);
        if rule.exclude_dependencies == Some(true) {
            for upstream in upstreams(*unit).into_iter().filter(selected_unit) {
                excluded.entry(upstream).or_insert(Exclusion::ExcludeBlock);
            }
        }
    }
    excluded
}

/// Two units with one state would overwrite each other. The other one may be any unit that is known,
/// and of the whole root where something is to be changed.
pub(super) fn refuse_shared_states(
    estate: &Estate<'_>,
    chosen: &Chosen,
    whole_root: Option<&Estate<'_>>,
) -> Result<(), CommandError> {
    let mut owners: BTreeMap<(&str, String), &Unit> = BTreeMap::new();
    let units = chosen.units().map(|unit| estate.unit(unit));
    for unit in units {
        let Some((key, _)) = state_of(unit) else {
            continue;
        };
        if let Some(other) = owners.insert(key, unit) {
            return Err(shared_state(other, unit));
        }
    }
    let others = whole_root.into_iter().flat_map(|all| all.units.values());
    for other in estate.units.values().chain(others) {
        let owner = state_of(other).and_then(|(key, _)| owners.get(&key).copied());
        if let Some(owner) = owner.filter(|owner| owner.folder != other.folder) {
            return Err(shared_state(other, owner));
        }
    }
    Ok(())
}

/// Units that nobody can see may need what is to be changed, or wait for it.
pub(super) fn refuse_unread_folders(estate: &Estate<'_>) -> Result<(), CommandError> {
    let unread = estate.unread_folders.iter();
    let shown: Vec<String> = unread
        .map(|folder| estate.way_to(folder).to_string())
        .collect();
    if shown.is_empty() {
        return Ok(());
    }
    Err(
        CommandError::refused("what units there are is not known, so that nothing is changed")
            .detail(format!("cannot be looked into: {}", shown.join(", ")))
            .help("make it readable, or start in a folder that does not have it: -C DIR"),
    )
}

/// What tells a state from all others, and what says where it is.
fn state_of(unit: &Unit) -> Option<((&str, String), &KnownState)> {
    let StateFact::Known(state) = &unit.state else {
        return None;
    };
    match &state.location {
        StateLocation::S3(s3) => Some(((&s3.bucket, s3.object_key()), state)),
        StateLocation::Other { .. } => None,
    }
}

fn shared_state(other: &Unit, unit: &Unit) -> CommandError {
    let (_, state) = state_of(unit).expect("only units with a known state share one");
    let place = &state.remote_state.place;
    let problem = Diagnostic::error("Two units have one state")
        .detail(format!(
            "{} and {} both keep their state in {}; whichever is applied last would take the \
             other's resources for its own.",
            other.path, unit.path, state.location
        ))
        .at(&place.source, place.span)
        .help("give each a key of its own, path_relative_to_include() for example")
        .help("where only one of them is ever used, --root DIR leaves out what lies elsewhere");
    CommandError::refused_for(problem)
}

/// Broken syntax, locals, includes, edges or folders stop the run before it starts; what is wrong in inputs
/// alone stops its unit.
pub(super) fn refuse_broken(estate: &Estate<'_>, chosen: &Chosen) -> Result<(), CommandError> {
    let mut problems: Diagnostics = estate.folder_problems().collect();
    for unit in chosen.units().map(|unit| estate.unit(unit)) {
        if unit.is_broken() {
            problems.extend(unit.diagnostics.clone());
        }
        problems.extend(estate.edge_problems(unit));
    }
    if !problems.has_errors() {
        return Ok(());
    }
    problems.sort();
    Err(problems.into())
}
