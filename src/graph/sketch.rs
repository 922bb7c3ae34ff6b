//! Graphs as tests write them: `"app: db net | db: net | net"` reads "app waits for db and net, db
//! waits for net, net waits for nobody". A `~` before an upstream makes the edge one of order only.

use std::collections::BTreeSet;

use camino::Utf8Path;

use super::{Cycle, Edge, Graph, Purpose, Reason};
use crate::model::{AccountLabel, Place, UnitIx, UnitMap, UnitPath};

pub(crate) fn graph(text: &str) -> Graph {
    try_graph(text).expect("the sketch has no cycle")
}

pub(crate) fn try_graph(text: &str) -> Result<Graph, Cycle> {
    let lines: Vec<(&str, Vec<&str>)> = text
        .split('|')
        .map(|line| {
            let (unit, upstreams) = line.split_once(':').unwrap_or((line, ""));
            (unit.trim(), upstreams.split_whitespace().collect())
        })
        .collect();
    let names: BTreeSet<&str> = lines.iter().map(|(unit, _)| *unit).collect();
    let number = |name: &str| {
        let position = names.iter().position(|known| *known == name);
        UnitIx::new(position.expect("every unit of the sketch has a place of its own"))
    };
    let edges = lines.iter().flat_map(|(unit, upstreams)| {
        let number = &number;
        upstreams.iter().zip(1..).map(move |(upstream, line)| Edge {
            upstream: number(upstream.trim_start_matches('~')),
            downstream: number(unit),
            reason: reason(unit, upstream.starts_with('~'), line),
        })
    });
    Graph::build(names.iter().copied().map(path).collect(), edges)
}

fn reason(unit: &str, order_only: bool, line: u32) -> Reason {
    Reason {
        purpose: if order_only {
            Purpose::OrderOnly
        } else {
            Purpose::Outputs
        },
        place: Place {
            file: format!("{unit}/terragrunt.hcl").into(),
            line,
        },
    }
}

pub(crate) fn path(text: &str) -> UnitPath {
    UnitPath::new(Utf8Path::new(text))
}

/// The number of the unit with this path.
pub(crate) fn unit(graph: &Graph, text: &str) -> UnitIx {
    let found = graph
        .paths()
        .iter()
        .find(|(_, known)| known.as_str() == text);
    found.expect("the unit is in the sketch").0
}

pub(crate) fn units(graph: &Graph, text: &str) -> BTreeSet<UnitIx> {
    text.split_whitespace()
        .map(|name| unit(graph, name))
        .collect()
}

/// Paths, separated by spaces.
pub(crate) fn names(graph: &Graph, units: impl IntoIterator<Item = UnitIx>) -> String {
    let names: Vec<&str> = units
        .into_iter()
        .map(|unit| graph.path(unit).as_str())
        .collect();
    names.join(" ")
}

/// Takes each unit's first folder for its account; `1-dev` gets the number 111111111111.
pub(crate) fn accounts(graph: &Graph) -> UnitMap<Option<AccountLabel>> {
    graph.paths().map(|path| {
        let folder = path.top_folder();
        let digit = folder.split_once('-').map(|(digit, _)| digit);
        Some(AccountLabel {
            folder: folder.to_owned(),
            id: digit.map(|digit| digit.repeat(12)),
        })
    })
}
