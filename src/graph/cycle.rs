//! Units that wait for each other in a circle, told whole.

use std::collections::VecDeque;
use std::fmt;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use super::{Graph, Purpose};
use crate::model::{Place, UnitIx, UnitPath};

/// The shortest circle of units in which each waits for the next and the last for the first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cycle {
    waits: Vec<Wait>,
}

/// One unit of a cycle, the unit it waits for, and where that is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wait {
    pub downstream: UnitPath,
    pub upstream: UnitPath,
    pub purpose: Purpose,
    pub place: Place,
}

impl Cycle {
    /// Each unit of the circle once, beginning with the first by path.
    pub fn waits(&self) -> &[Wait] {
        &self.waits
    }

    /// Finds the shortest circle, the first by path among equals.
    ///
    /// Only called when there is one. The first knotted unit is tried as a beginning, then taken
    /// out, and so on until nothing is knotted: one long circle falls apart at once, and many short
    /// ones keep each search short.
    pub(super) fn shortest_in(graph: &Graph) -> Self {
        let mut rest = graph.edges.map(|_, ()| (), |_, _| ());
        let mut best: Option<Vec<NodeIndex>> = None;
        while let Some(start) = first_knotted(&rest) {
            let limit = best.as_ref().map_or(usize::MAX, Vec::len);
            best = circle_through(start, &rest, limit).or(best);
            rest.retain_edges(|rest, edge| {
                let (from, to) = rest.edge_endpoints(edge).expect("the edge is still there");
                from != start && to != start
            });
        }
        let nodes = best.expect("a graph that cannot be sorted has a cycle");
        let units: Vec<UnitIx> = nodes.iter().map(|node| UnitIx::new(node.index())).collect();
        Self::along(graph, &units)
    }

    /// `units` in the order in which work would flow: each is the upstream of the next.
    fn along(graph: &Graph, units: &[UnitIx]) -> Self {
        let mut waits: Vec<Wait> = (0..units.len())
            .map(|position| {
                let upstream = units[position];
                let downstream = units[(position + 1) % units.len()];
                let edge = graph
                    .edges_to(downstream)
                    .find(|edge| edge.upstream == upstream)
                    .expect("the search walks along edges");
                Wait {
                    downstream: graph.path(downstream).clone(),
                    upstream: graph.path(upstream).clone(),
                    purpose: edge.reason.purpose,
                    place: edge.reason.place.clone(),
                }
            })
            .collect();
        // The search went from upstream to downstream; people read who waits for whom.
        waits.reverse();
        Self { waits }
    }
}

/// The first node, by number, that lies on some circle.
fn first_knotted(graph: &DiGraph<(), ()>) -> Option<NodeIndex> {
    kosaraju_scc(graph)
        .into_iter()
        .filter(|nodes| nodes.len() > 1 || graph.contains_edge(nodes[0], nodes[0]))
        .flatten()
        .min()
}

/// The shortest circle through `start` that has fewer nodes than `limit`, found breadth first.
fn circle_through(
    start: NodeIndex,
    graph: &DiGraph<(), ()>,
    limit: usize,
) -> Option<Vec<NodeIndex>> {
    let mut reached_from: Vec<Option<NodeIndex>> = vec![None; graph.node_count()];
    let mut next = VecDeque::from([(start, 1)]);
    while let Some((node, length)) = next.pop_front() {
        if length >= limit {
            return None;
        }
        for neighbour in graph.neighbors(node) {
            if neighbour == start {
                return Some(way_to(node, start, &reached_from));
            }
            if reached_from[neighbour.index()].is_none() {
                reached_from[neighbour.index()] = Some(node);
                next.push_back((neighbour, length + 1));
            }
        }
    }
    None
}

fn way_to(end: NodeIndex, start: NodeIndex, reached_from: &[Option<NodeIndex>]) -> Vec<NodeIndex> {
    let before = |node: &NodeIndex| reached_from[node.index()].filter(|_| *node != start);
    let mut way: Vec<NodeIndex> = std::iter::successors(Some(end), before).collect();
    way.reverse();
    way
}

impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("units wait for each other in a circle")?;
        for wait in &self.waits {
            let Wait {
                downstream,
                upstream,
                place,
                ..
            } = wait;
            write!(f, "\n  {downstream} waits for {upstream} ({place})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Cycle {}
