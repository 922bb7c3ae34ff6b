//! What `find` and `list` show: units and stacks in scope, in order, with what they depend on.

use std::collections::BTreeSet;

use camino::Utf8PathBuf;
use terrane_hcl::Diagnostics;

use super::edges::{cycle_diagnostic, edges_of};
use super::options::{ListingOptions, Options, Order};
use crate::config::{Estate, ExcludeRule, Facts, LoadOptions, Unit, UpstreamTarget};
use crate::graph::Graph;
use crate::model::UnitIx;

/// One line of the list.
#[derive(Debug)]
pub(super) struct Row<'e> {
    /// As seen from the start folder.
    pub(super) path: Utf8PathBuf,
    pub(super) component: Component<'e>,
    /// What it depends on, seen from the start folder, in the order of the files.
    pub(super) dependencies: Vec<Utf8PathBuf>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Component<'e> {
    Unit(&'e Unit),
    Stack,
}

impl Component<'_> {
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Unit(_) => "unit",
            Self::Stack => "stack",
        }
    }
}

/// What a load must know so that the rows can be made.
pub(super) fn wanted(listing: &ListingOptions, load: LoadOptions) -> LoadOptions {
    let facts = match listing.as_command {
        Some(_) => load.facts | Facts::CONDITIONS,
        None => load.facts,
    };
    LoadOptions {
        hidden_folders: listing.hidden_folders,
        facts,
        ..load
    }
}

/// The rows in their order, and what is worth saying about that.
pub(super) fn rows<'e>(estate: &'e Estate<'_>, listing: &ListingOptions, options: &Options) -> (Vec<Row<'e>>, Diagnostics) {
    let mut problems = Diagnostics::new();
    let chosen = chosen(estate, listing, options);
    let units = match listing.order {
        Order::ByPath => chosen.into_iter().collect(),
        Order::UpstreamsFirst | Order::DownstreamsFirst => match graph(estate, &chosen) {
            Ok(graph) if listing.order == Order::DownstreamsFirst => graph.reversed().topological_order(),
            Ok(graph) => graph.topological_order(),
            Err(cycle) => {
                problems.extend([cycle]);
                chosen.into_iter().collect()
            }
        },
    };
    let mut rows: Vec<Row<'_>> = units.into_iter().map(|unit| unit_row(estate, unit)).collect();
    let stacks = estate.stacks.iter().filter(|folder| folder.starts_with(&estate.start));
    rows.extend(stacks.map(|folder| Row {
        path: estate.shown(folder),
        component: Component::Stack,
        dependencies: Vec::new(),
    }));
    if listing.order == Order::ByPath {
        rows.sort_by(|a, b| a.path.cmp(&b.path));
    }
    (rows, problems)
}
