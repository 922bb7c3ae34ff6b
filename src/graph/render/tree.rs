//! The tree for people: units under their accounts, each with what it waits for.

use std::collections::HashMap;

use unicode_width::UnicodeWidthStr;

use super::{Group, Picture};
use crate::graph::EdgeView;
use crate::model::{AccountLabel, UnitMap};

/// Names longer than this do not push the arrows of all the others to the right.
const WIDEST_NAME: usize = 48;

pub(super) fn text(picture: &Picture<'_>) -> String {
    let names = Names::of(picture);
    let edges = picture.edges_by_downstream();
    let groups = picture.groups();
    let accounts = groups.iter().filter_map(|group| group.account);
    let folder_width = widest(accounts.map(|account| account.folder.as_str()));
    let name_width = widest(picture.graph.units().map(|unit| names.short[unit]));

    let mut text = String::new();
    for group in &groups {
        push_title(&mut text, group, folder_width);
        let indent = if group.account.is_some() { "  " } else { "" };
        for unit in &group.units {
            let arrows = arrows(picture, &names, &edges[*unit]);
            let line = format!("{indent}{}{arrows}", padded(names.short[*unit], name_width));
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    text.push_str(&closing_line(picture));
    text
}

fn push_title(text: &mut String, group: &Group<'_>, folder_width: usize) {
    if let Some(AccountLabel { folder, id }) = group.account {
        let line = format!(
            "{}{}",
            padded(folder, folder_width),
            id.as_deref().unwrap_or("")
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

/// First what lies in the same account, then what lies in others, each behind its own arrow.
fn arrows(picture: &Picture<'_>, names: &Names<'_>, edges: &[EdgeView<'_>]) -> String {
    let list = |arrow: &str, across: bool| {
        let upstreams: Vec<String> = edges
            .iter()
            .filter(|edge| picture.crosses(**edge) == across)
            .map(|edge| names.upstream(picture, *edge))
            .collect();
        if upstreams.is_empty() {
            String::new()
        } else {
            format!("  {arrow} {}", upstreams.join(", "))
        }
    };
    list("←", false) + &list("⇠", true)
}

fn closing_line(picture: &Picture<'_>) -> String {
    let graph = picture.graph;
    let mut parts = vec![
        counted(graph.unit_count(), "unit"),
        counted(graph.edge_count(), "edge"),
    ];
    if graph.units().any(|unit| picture.accounts[unit].is_some()) {
        let across = graph.cross_account_edge_count(picture.accounts);
        parts.push(format!("{across} across accounts (⇠)"));
    }
    parts.push(format!("deepest {}", graph.depth()));
    let outside = picture
        .edges()
        .filter(|edge| picture.is_outside(*edge))
        .count();
    if outside > 0 {
        parts.push(format!(
            "{} from outside the selection",
            counted(outside, "edge")
        ));
    }
    parts.join(", ") + "\n"
}

fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

fn padded(name: &str, width: usize) -> String {
    let missing = (width + 2).saturating_sub(name.width());
    format!("{name}{}", " ".repeat(missing.max(2)))
}

fn widest<'a>(names: impl Iterator<Item = &'a str>) -> usize {
    let widths = names.map(UnicodeWidthStr::width);
    widths
        .filter(|width| *width <= WIDEST_NAME)
        .max()
        .unwrap_or(0)
}

/// What each unit is called: within its account by what follows the account's folder, from another
/// account by its alias where that means one unit only.
struct Names<'a> {
    short: UnitMap<&'a str>,
    far: UnitMap<String>,
}

impl<'a> Names<'a> {
    fn of(picture: &Picture<'a>) -> Self {
        let paths = picture.graph.paths();
        let mut meanings: HashMap<String, usize> = HashMap::new();
        for path in paths.values() {
            *meanings.entry(path.alias()).or_default() += 1;
        }
        let far = paths.map(|path| {
            let alias = path.alias();
            if meanings[&alias] == 1 {
                alias
            } else {
                path.to_string()
            }
        });
        let short = paths.iter().map(|(unit, path)| {
            let within = picture.accounts[unit].as_ref().and_then(|account| {
                let rest = path.as_str().strip_prefix(&account.folder)?;
                rest.strip_prefix('/')
            });
            within.unwrap_or(path.as_str())
        });
        Self {
            short: short.collect(),
            far,
        }
    }

    /// The upstream as it stands behind an arrow in its downstream's line.
    fn upstream(&self, picture: &Picture<'_>, edge: EdgeView<'_>) -> String {
        let near = picture.accounts[edge.upstream] == picture.accounts[edge.downstream];
        let name = if near {
            self.short[edge.upstream]
        } else {
            &self.far[edge.upstream]
        };
        if picture.is_outside(edge) {
            format!("{name} (outside)")
        } else {
            name.to_owned()
        }
    }
}
