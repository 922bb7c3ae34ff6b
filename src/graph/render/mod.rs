//! A graph as text: for people a tree, for other programs dot, mermaid and JSON.
//!
//! Strings only; it prints nothing. All four say the same: who waits for whom, which account each
//! unit works in, and which edges lead from one account to another.

mod dot;
mod json;
mod mermaid;
mod tree;

use std::collections::BTreeMap;
use std::fmt::{Arguments, Write as _};

use super::{EdgeView, Graph};
use crate::model::{AccountLabel, UnitIx, UnitMap};

/// How a graph can be written down.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    Tree,
    Dot,
    Mermaid,
    Json,
}

/// Writes `graph` down, ending with a newline. A unit without an account stands outside all groups.
pub fn render(graph: &Graph, accounts: &UnitMap<Option<AccountLabel>>, format: Format) -> String {
    let picture = Picture { graph, accounts };
    match format {
        Format::Tree => tree::text(&picture),
        Format::Dot => dot::text(&picture),
        Format::Mermaid => mermaid::text(&picture),
        Format::Json => json::text(&picture),
    }
}

/// A graph with what is known of its accounts: what every format draws from.
struct Picture<'a> {
    graph: &'a Graph,
    accounts: &'a UnitMap<Option<AccountLabel>>,
}

/// The units of one account, or those without one.
struct Group<'a> {
    account: Option<&'a AccountLabel>,
    units: Vec<UnitIx>,
}

impl<'a> Picture<'a> {
    /// Units without an account first, then account by account in the order of their folders.
    fn groups(&self) -> Vec<Group<'a>> {
        let mut groups: BTreeMap<Option<&AccountLabel>, Vec<UnitIx>> = BTreeMap::new();
        for unit in self.graph.units() {
            let account = self.accounts[unit].as_ref();
            groups.entry(account).or_default().push(unit);
        }
        let group = |(account, units)| Group { account, units };
        groups.into_iter().map(group).collect()
    }

    /// Edges to chosen units, in their order; those from upstreams outside the selection last.
    fn edges(&self) -> impl Iterator<Item = EdgeView<'a>> {
        let graph = self.graph;
        let cut = graph.outside_edges();
        graph
            .edges()
            .chain(cut.filter(|edge| graph.contains(edge.downstream)))
    }

    fn edges_by_downstream(&self) -> UnitMap<Vec<EdgeView<'a>>> {
        let mut edges: UnitMap<Vec<EdgeView<'_>>> = self.accounts.map(|_| Vec::new());
        for edge in self.edges() {
            edges[edge.downstream].push(edge);
        }
        edges
    }

    fn crosses(&self, edge: EdgeView<'_>) -> bool {
        edge.crosses_accounts(self.accounts)
    }

    fn is_outside(&self, edge: EdgeView<'_>) -> bool {
        !self.graph.contains(edge.upstream)
    }
}

impl Group<'_> {
    /// The account's name and number in one line.
    fn title(&self) -> Option<String> {
        let account = self.account?;
        Some(match &account.id {
            Some(id) => format!("{} {id}", account.folder),
            None => account.folder.clone(),
        })
    }
}

fn push(text: &mut String, line: Arguments<'_>) {
    text.write_fmt(line).expect("a string takes everything");
}

#[cfg(test)]
mod tests;
