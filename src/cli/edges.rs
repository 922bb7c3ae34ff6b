//! An estate as a graph: the edges of its units, and the accounts that they work in.

use terrane_hcl::{Diagnostic, Diagnostics, Location};

use crate::config::{EdgePurpose, Estate, Unit, place_of};
use crate::graph::{Cycle, Edge, Graph, Purpose, Reason, Wait};
use crate::model::{AccountLabel, UnitIx, UnitMap};

/// Who waits for whom, of all units that were loaded.
///
/// A unit that waits for itself is left without that edge: the load has told of it, and such a unit
/// cannot be prepared.
pub(super) fn graph_of(estate: &Estate<'_>) -> Result<Graph, Diagnostics> {
    let paths = estate.units.map(|unit| unit.path.clone());
    let edges = estate
        .units
        .iter()
        .flat_map(|(number, unit)| edges_to(number, unit));
    Graph::build(paths, edges).map_err(|cycle| circle(estate, &cycle).into())
}

/// The account of each unit, as far as its folders say. Needs `Facts::ACCOUNT` of the load.
pub(super) fn accounts_of(estate: &Estate<'_>) -> UnitMap<Option<AccountLabel>> {
    estate.units.map(|unit| {
        let account = unit.account.as_ref()?;
        let within = account.folder.strip_prefix(&estate.root);
        let folder = match within {
            Ok(below) if !below.as_str().is_empty() => below.as_str(),
            Ok(_) | Err(_) => &account.name,
        };
        Some(AccountLabel {
            folder: folder.to_owned(),
            id: Some(account.id.to_string()),
        })
    })
}

fn edges_to(downstream: UnitIx, unit: &Unit) -> impl Iterator<Item = Edge> {
    unit.upstreams.iter().flat_map(move |upstream| {
        let reason = Reason {
            purpose: match upstream.purpose {
                EdgePurpose::Outputs => Purpose::Outputs,
                EdgePurpose::Identity => Purpose::Identity,
                EdgePurpose::OrderOnly => Purpose::OrderOnly,
            },
            place: place_of(&upstream.place),
        };
        let others = upstream.target.units().into_iter();
        others
            .filter(move |target| *target != downstream)
            .map(move |target| Edge {
                upstream: target,
                downstream,
                reason: reason.clone(),
            })
    })
}

/// A cycle with the line of each of its edges.
fn circle(estate: &Estate<'_>, cycle: &Cycle) -> Diagnostic {
    let names: Vec<&str> = cycle
        .waits()
        .iter()
        .map(|wait| wait.downstream.as_str())
        .collect();
    let mut told = Diagnostic::error("Units wait for each other in a circle")
        .detail(format!(
            "None of them can be the first: {}.",
            names
                .iter()
                .chain(names.first())
                .copied()
                .collect::<Vec<_>>()
                .join(" waits for ")
        ))
        .help("take away one of these dependencies");
    for wait in cycle.waits() {
        let Some(place) = location_of(estate, wait) else {
            continue;
        };
        let label = format!("{} waits for {}", wait.downstream, wait.upstream);
        told = match told.subject {
            None => told.at(&place.source, place.span).label(label),
            Some(_) => told.related(&place.source, place.span, label),
        };
    }
    told
}

fn location_of(estate: &Estate<'_>, wait: &Wait) -> Option<Location> {
    let downstream = estate
        .units
        .values()
        .find(|unit| unit.path == wait.downstream)?;
    let leads_there = |target: &UnitIx| estate.unit(*target).path == wait.upstream;
    let edge = downstream.upstreams.iter().find(|upstream| {
        place_of(&upstream.place) == wait.place && upstream.target.units().iter().any(leads_there)
    })?;
    Some(edge.place.clone())
}
