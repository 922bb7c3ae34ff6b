//! Who waits for whom: the edges between units, acyclic by construction.
//!
//! It knows unit paths and numbers, not units: nothing of files, roles or terraform. petgraph does
//! the algorithms; the type is ours, so that nobody downstream has to ask about cycles.
//!
//! Invariants:
//! - Every `Graph` in existence is acyclic; [`Graph::build`] is the only way to one.
//! - Numbers are never renumbered: [`Graph::restricted_to`] and [`Graph::reversed`] keep every
//!   [`UnitIx`], so a number means the same unit in all graphs of one estate.
//! - Whatever is listed is listed in path order, whatever order the edges came in.

mod cycle;
pub mod filter;
mod reach;
pub mod render;
#[cfg(test)]
pub(crate) mod sketch;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use petgraph::Direction::{self, Incoming, Outgoing};
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

pub use cycle::{Cycle, Wait};
pub use reach::reached;

use crate::model::{AccountLabel, Place, UnitIx, UnitMap, UnitPath};

/// Units and their edges; an edge says that its upstream must be done before its downstream starts.
#[derive(Clone, Debug)]
pub struct Graph {
    paths: UnitMap<UnitPath>,
    selected: UnitMap<bool>,
    /// From upstream to downstream; node `n` is unit `n`.
    edges: DiGraph<(), Reason>,
    /// Edges with one end outside the selection.
    outside: Vec<Edge>,
    backwards: bool,
}

/// One unit waits for another, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edge {
    pub upstream: UnitIx,
    pub downstream: UnitIx,
    pub reason: Reason,
}

/// Why there is an edge, and where it is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reason {
    pub purpose: Purpose,
    pub place: Place,
}

/// What the downstream wants of its upstream. Where two units are joined more than once, the first
/// of this list wins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Purpose {
    /// Its inputs, or what is generated for it, read the upstream's outputs.
    Outputs,
    /// Its role is one of the upstream's outputs.
    Identity,
    /// Nothing but the order.
    OrderOnly,
}

impl Graph {
    /// Joins `paths` by `edges`. Two edges between the same two units become one; a unit that waits
    /// for itself is the shortest cycle there is.
    pub fn build(
        paths: UnitMap<UnitPath>,
        edges: impl IntoIterator<Item = Edge>,
    ) -> Result<Self, Cycle> {
        let selected = paths.map(|_| true);
        let graph = Self {
            edges: joined(&selected, edges),
            outside: Vec::new(),
            backwards: false,
            selected,
            paths,
        };
        match petgraph::algo::toposort(&graph.edges, None) {
            Ok(_) => Ok(graph),
            Err(_) => Err(Cycle::shortest_in(&graph)),
        }
    }

    /// The same graph with only the chosen units in it.
    ///
    /// An upstream outside the selection counts as done, as in Terragrunt: its outputs come from
    /// its state. So only the edges between two chosen units order them; two units that are joined
    /// only through one that was not chosen run in any order, because nothing that happens in this
    /// run can travel from the one to the other. The edges that were cut stay in
    /// [`Graph::outside_edges`].
    #[must_use]
    pub fn restricted_to(&self, chosen: &BTreeSet<UnitIx>) -> Self {
        let selected: UnitMap<bool> = self
            .paths
            .indices()
            .map(|unit| self.selected[unit] && chosen.contains(&unit))
            .collect();
        let known = self.edges().map(EdgeView::to_owned);
        let (inside, cut): (Vec<Edge>, Vec<Edge>) = known
            .chain(self.outside.iter().cloned())
            .partition(|edge| selected[edge.upstream] && selected[edge.downstream]);
        let half_inside = |edge: &Edge| selected[edge.upstream] || selected[edge.downstream];
        Self {
            paths: self.paths.clone(),
            edges: joined(&selected, inside),
            outside: in_order(cut.into_iter().filter(half_inside)),
            backwards: self.backwards,
            selected,
        }
    }

    /// The same units waiting the other way round, as a destroy needs them.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let turned = |edge: EdgeView<'_>| Edge {
            upstream: edge.downstream,
            downstream: edge.upstream,
            reason: edge.reason.clone(),
        };
        Self {
            paths: self.paths.clone(),
            edges: joined(&self.selected, self.edges().map(turned)),
            outside: in_order(self.outside_edges().map(turned)),
            backwards: !self.backwards,
            selected: self.selected.clone(),
        }
    }

    /// Whether this graph was [`reversed`](Graph::reversed): downstreams go before upstreams.
    pub fn is_reversed(&self) -> bool {
        self.backwards
    }

    /// The paths of all units of the estate, chosen or not.
    pub fn paths(&self) -> &UnitMap<UnitPath> {
        &self.paths
    }

    pub fn path(&self, unit: UnitIx) -> &UnitPath {
        &self.paths[unit]
    }

    /// The chosen units.
    pub fn units(&self) -> impl DoubleEndedIterator<Item = UnitIx> {
        self.paths.indices().filter(|unit| self.selected[*unit])
    }

    pub fn contains(&self, unit: UnitIx) -> bool {
        self.selected.get(unit).is_some_and(|selected| *selected)
    }

    pub fn unit_count(&self) -> usize {
        self.units().count()
    }

    /// The chosen units that `unit` waits for.
    pub fn upstreams(&self, unit: UnitIx) -> impl Iterator<Item = UnitIx> {
        self.neighbours(unit, Incoming)
    }

    /// The chosen units that wait for `unit`.
    pub fn downstreams(&self, unit: UnitIx) -> impl Iterator<Item = UnitIx> {
        self.neighbours(unit, Outgoing)
    }

    /// The edges to `unit` from what it waits for.
    pub fn edges_to(&self, unit: UnitIx) -> impl Iterator<Item = EdgeView<'_>> {
        self.edges.edges_directed(node(unit), Incoming).map(view)
    }

    /// All edges between chosen units, by downstream and then by upstream.
    pub fn edges(&self) -> impl Iterator<Item = EdgeView<'_>> {
        self.units().flat_map(|unit| self.edges_to(unit))
    }

    /// The edges that the selection cut: one end is chosen, the other is not.
    pub fn outside_edges(&self) -> impl Iterator<Item = EdgeView<'_>> {
        self.outside.iter().map(Edge::view)
    }

    pub fn edge_count(&self) -> usize {
        self.edges.edge_count()
    }

    /// How many edges lead from one account to another. Units without an account cross nothing.
    pub fn cross_account_edge_count(&self, accounts: &UnitMap<Option<AccountLabel>>) -> usize {
        self.edges()
            .filter(|edge| edge.crosses_accounts(accounts))
            .count()
    }

    /// Upstreams before downstreams; among those that could come next, by path.
    pub fn topological_order(&self) -> Vec<UnitIx> {
        let mut waits: UnitMap<usize> = self.paths.indices().map(|_| 0).collect();
        let mut free = BinaryHeap::new();
        for unit in self.units() {
            waits[unit] = self.upstreams(unit).count();
            if waits[unit] == 0 {
                free.push(Reverse(unit));
            }
        }
        let mut order = Vec::with_capacity(self.paths.len());
        while let Some(Reverse(unit)) = free.pop() {
            order.push(unit);
            for downstream in self.downstreams(unit) {
                waits[downstream] -= 1;
                if waits[downstream] == 0 {
                    free.push(Reverse(downstream));
                }
            }
        }
        order
    }

    /// How many units the longest chain has; no run can be shorter than that many units in a row.
    pub fn depth(&self) -> usize {
        let mut chain: UnitMap<usize> = self.paths.indices().map(|_| 0).collect();
        for unit in self.topological_order() {
            let above = self.upstreams(unit).map(|upstream| chain[upstream]).max();
            chain[unit] = above.unwrap_or(0) + 1;
        }
        chain.values().copied().max().unwrap_or(0)
    }

    fn neighbours(&self, unit: UnitIx, way: Direction) -> impl Iterator<Item = UnitIx> {
        self.edges
            .neighbors_directed(node(unit), way)
            .map(|node| UnitIx::new(node.index()))
    }
}

/// An edge of a graph, borrowed from it.
#[derive(Clone, Copy, Debug)]
pub struct EdgeView<'a> {
    pub upstream: UnitIx,
    pub downstream: UnitIx,
    pub reason: &'a Reason,
}

impl EdgeView<'_> {
    pub fn to_owned(self) -> Edge {
        Edge {
            upstream: self.upstream,
            downstream: self.downstream,
            reason: self.reason.clone(),
        }
    }

    /// Whether its two ends are known to lie in different accounts.
    pub fn crosses_accounts(&self, accounts: &UnitMap<Option<AccountLabel>>) -> bool {
        match (&accounts[self.upstream], &accounts[self.downstream]) {
            (Some(upstream), Some(downstream)) => !upstream.is_same_account(downstream),
            (Some(_) | None, None) | (None, Some(_)) => false,
        }
    }
}

impl Edge {
    fn view(&self) -> EdgeView<'_> {
        EdgeView {
            upstream: self.upstream,
            downstream: self.downstream,
            reason: &self.reason,
        }
    }
}

fn in_order(edges: impl Iterator<Item = Edge>) -> Vec<Edge> {
    let mut edges: Vec<Edge> = edges.collect();
    edges.sort_by_key(|edge| (edge.downstream, edge.upstream));
    edges
}

fn node(unit: UnitIx) -> NodeIndex {
    NodeIndex::new(unit.index())
}

fn view(edge: petgraph::graph::EdgeReference<'_, Reason>) -> EdgeView<'_> {
    EdgeView {
        upstream: UnitIx::new(edge.source().index()),
        downstream: UnitIx::new(edge.target().index()),
        reason: edge.weight(),
    }
}

/// One edge for each pair of units, put in so that petgraph, which lists the last one first, lists
/// neighbours in path order.
fn joined(selected: &UnitMap<bool>, edges: impl IntoIterator<Item = Edge>) -> DiGraph<(), Reason> {
    let mut between: BTreeMap<(UnitIx, UnitIx), Reason> = BTreeMap::new();
    for edge in edges {
        let strongest = between
            .entry((edge.upstream, edge.downstream))
            .or_insert_with(|| edge.reason.clone());
        if edge.reason.purpose < strongest.purpose {
            *strongest = edge.reason;
        }
    }
    let mut graph = DiGraph::with_capacity(selected.len(), between.len());
    for _ in selected.values() {
        graph.add_node(());
    }
    for ((upstream, downstream), reason) in between.into_iter().rev() {
        graph.add_edge(node(upstream), node(downstream), reason);
    }
    graph
}

#[cfg(test)]
mod tests;
