//! What `find` and `list` show: units and stacks in scope, in order, with what they depend on.

use std::collections::BTreeSet;
use std::mem::ManuallyDrop;

use camino::Utf8PathBuf;

use super::edges::graph_of;
use super::exit::CommandError;
use super::loading::until_the_end;
use super::options::{ListingOptions, Options, Order};
use super::selection::Selected;
use super::surroundings::World;
use crate::config::{Estate, Facts, LoadOptions, Unit, load};
use crate::model::UnitIx;

/// One line of the list.
#[derive(Debug)]
pub(super) struct Row<'e> {
    /// As seen from the start folder.
    pub(super) path: Utf8PathBuf,
    pub(super) component: Component<'e>,
    /// What it depends on, seen from the start folder, each once.
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

/// Loads what the rows are made of, with further facts, and tells what is wrong.
pub(super) fn load_rows<'w>(
    options: &Options,
    listing: &ListingOptions,
    world: &'w World<'_>,
    further: &LoadOptions,
) -> Result<ManuallyDrop<Estate<'w>>, CommandError> {
    let conditions = match listing.as_command {
        Some(_) => Facts::CONDITIONS,
        None => Facts::EDGES,
    };
    let wanted = LoadOptions {
        hidden_folders: listing.hidden_folders,
        // An account that is not known is told here, where people look first.
        facts: further.facts | conditions | Facts::ACCOUNT,
        thoroughness: further.thoroughness,
        ..world.load_options(&listing.reading, "find")
    };
    let wanted = listing.selection.widen(wanted, options)?;
    let facts = wanted.facts;
    let (estate, problems) = load(&options.start, world, wanted);
    let (estate, problems) = (until_the_end(estate), until_the_end(problems));
    options.tell(&problems);
    options.tell_asked(&estate, facts);
    Ok(estate)
}

/// The rows in their order.
pub(super) fn rows<'e>(
    estate: &'e Estate<'_>,
    listing: &ListingOptions,
    options: &Options,
) -> Result<Vec<Row<'e>>, CommandError> {
    let Selected { units, stacks } = chosen(estate, listing, options)?;
    let mut rows: Vec<Row<'_>> = in_order(estate, listing.order, units, options)
        .into_iter()
        .map(|unit| unit_row(estate, unit))
        .collect();
    rows.extend(stacks.into_iter().map(|path| Row {
        path,
        component: Component::Stack,
        dependencies: Vec::new(),
    }));
    if listing.order == Order::ByPath {
        rows.sort_by(|a, b| a.path.as_str().cmp(b.path.as_str()));
    }
    Ok(rows)
}

fn chosen(
    estate: &Estate<'_>,
    listing: &ListingOptions,
    options: &Options,
) -> Result<Selected, CommandError> {
    let mut chosen = listing.selection.choose(estate, options)?;
    if listing.external {
        let others = estate.units.iter().filter(|(_, unit)| unit.external);
        chosen.units.extend(others.map(|(number, _)| number));
    }
    if let Some(command) = &listing.as_command {
        let command = command.split_whitespace().next().unwrap_or_default();
        chosen.units.retain(|unit| {
            let rule = estate.unit(*unit).exclude.as_ref();
            !rule.is_some_and(|rule| rule.leaves_out(command))
        });
    }
    Ok(chosen)
}

/// Units that wait for each other in a circle are listed as well, by their paths.
fn in_order(
    estate: &Estate<'_>,
    order: Order,
    chosen: BTreeSet<UnitIx>,
    options: &Options,
) -> Vec<UnitIx> {
    if order == Order::ByPath {
        return chosen.into_iter().collect();
    }
    match graph_of(estate) {
        Ok(graph) => {
            let graph = graph.restricted_to(&chosen);
            if order == Order::DownstreamsFirst {
                graph.reversed().topological_order()
            } else {
                graph.topological_order()
            }
        }
        Err(circle) => {
            options.tell(&circle);
            chosen.into_iter().collect()
        }
    }
}

fn unit_row<'e>(estate: &'e Estate<'_>, unit: UnitIx) -> Row<'e> {
    let unit = estate.unit(unit);
    let mut dependencies: Vec<Utf8PathBuf> = unit
        .upstreams
        .iter()
        .map(|upstream| estate.shown(&upstream.named))
        .collect();
    dependencies.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    dependencies.dedup();
    Row {
        path: estate.shown(&unit.folder),
        component: Component::Unit(unit),
        dependencies,
    }
}
