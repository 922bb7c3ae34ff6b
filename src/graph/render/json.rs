//! JSON for other programs. These types are the format: a change of meaning raises the version.

use serde::Serialize;

use super::Picture;
use crate::graph::{EdgeView, Purpose};

const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    units: Vec<Unit<'a>>,
    edges: usize,
    cross_account_edges: usize,
    depth: usize,
}

#[derive(Serialize)]
struct Unit<'a> {
    path: &'a str,
    account: Option<Account<'a>>,
    upstreams: Vec<Upstream<'a>>,
}

#[derive(Serialize)]
struct Account<'a> {
    folder: &'a str,
    id: Option<&'a str>,
}

#[derive(Serialize)]
struct Upstream<'a> {
    unit: &'a str,
    purpose: &'static str,
    across_accounts: bool,
    /// Whether the upstream lies outside the selection, and so is not among the units.
    outside: bool,
    file: &'a str,
    line: u32,
}

pub(super) fn text(picture: &Picture<'_>) -> String {
    let edges = picture.edges_by_downstream();
    let units = picture.graph.units().map(|unit| Unit {
        path: picture.graph.path(unit).as_str(),
        account: picture.accounts[unit].as_ref().map(|account| Account {
            folder: &account.folder,
            id: account.id.as_deref(),
        }),
        upstreams: edges[unit]
            .iter()
            .map(|edge| upstream(picture, *edge))
            .collect(),
    });
    let document = Document {
        version: VERSION,
        units: units.collect(),
        edges: picture.graph.edge_count(),
        cross_account_edges: picture.graph.cross_account_edge_count(picture.accounts),
        depth: picture.graph.depth(),
    };
    let json = serde_json::to_string_pretty(&document);
    json.expect("strings and numbers always have a JSON form") + "\n"
}

fn upstream<'a>(picture: &Picture<'a>, edge: EdgeView<'a>) -> Upstream<'a> {
    Upstream {
        unit: picture.graph.path(edge.upstream).as_str(),
        purpose: match edge.reason.purpose {
            Purpose::Outputs => "outputs",
            Purpose::Identity => "identity",
            Purpose::OrderOnly => "order",
        },
        across_accounts: picture.crosses(edge),
        outside: picture.is_outside(edge),
        file: edge.reason.place.file.as_str(),
        line: edge.reason.place.line,
    }
}
