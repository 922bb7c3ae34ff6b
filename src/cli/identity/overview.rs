//! Who acts for many units, for people: one line for each role, or one for each unit.

use std::collections::{BTreeMap, BTreeSet};

use comfy_table::{CellAlignment, Table, presets};

use super::{Names, Portrait};
use crate::cli::identities::Actors;
use crate::identity::{Acting, DoerReason, Identity};
use crate::model::{AccountId, RoleChain};

/// What stands on one line: all but the units that share it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    folder: String,
    account: Option<AccountId>,
    plan: String,
    apply: String,
    state: String,
    named_by: String,
}

/// One line for each role, with how many units it acts for.
pub(super) fn by_role(portraits: &[Portrait<'_>], names: &Names<'_>) -> String {
    let mut rows: BTreeMap<Row, usize> = BTreeMap::new();
    for portrait in portraits {
        *rows.entry(Row::of(portrait, names)).or_default() += 1;
    }
    let lines: Vec<Line> = rows
        .into_iter()
        .map(|(row, units)| Line {
            first: vec![row.folder.clone(), row.id(), units.to_string()],
            row,
        })
        .collect();
    let table = table(&["account", "", "units"], &lines);
    hubs(portraits, names) + &table + &closing(portraits)
}

/// One line for each unit.
pub(super) fn by_unit(portraits: &[Portrait<'_>], names: &Names<'_>) -> String {
    let lines: Vec<Line> = portraits
        .iter()
        .map(|portrait| {
            let row = Row::of(portrait, names);
            Line {
                first: vec![portrait.name.clone(), row.id()],
                row,
            }
        })
        .collect();
    let table = table(&["unit", "account"], &lines);
    hubs(portraits, names) + &table + &closing(portraits)
}

/// From where everything starts: one line for each hub.
fn hubs(portraits: &[Portrait<'_>], names: &Names<'_>) -> String {
    let mut hubs = BTreeSet::new();
    for identity in identities(portraits) {
        let by = identity.because.hub.as_ref();
        let by = by.map(|source| format!(" ({source})"));
        let hub = identity.hub.shown_from(names.base);
        hubs.insert(format!("hub  {hub}{}\n", by.unwrap_or_default()));
    }
    if hubs.is_empty() {
        return String::new();
    }
    hubs.into_iter().collect::<String>() + "\n"
}

/// A row with what stands before it.
struct Line {
    first: Vec<String>,
    row: Row,
}

fn table(first: &[&str], lines: &[Line]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let apart = lines.iter().any(|line| line.row.plan != line.row.apply);
    let mut titles = first.to_vec();
    if apart {
        titles.extend(["plan", "apply"]);
    } else {
        titles.push("plan and apply");
    }
    titles.extend(["state", "named by"]);
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(titles);
    for Line { first, row } in lines {
        let mut cells = first.clone();
        cells.push(row.plan.clone());
        if apart {
            cells.push(row.apply.clone());
        }
        cells.extend([row.state.clone(), row.named_by.clone()]);
        table.add_row(cells);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
        if first.get(column.index) == Some(&"units") {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt() + "\n"
}

/// `16 units in 4 accounts; a run over all of them takes 6 sessions`
fn closing(portraits: &[Portrait<'_>]) -> String {
    if portraits.is_empty() {
        return "0 units\n".to_owned();
    }
    let accounts: BTreeSet<AccountId> = portraits
        .iter()
        .filter_map(|portrait| portrait.unit.account.as_ref())
        .map(|account| account.id)
        .collect();
    let mut sessions: Vec<RoleChain> = Vec::new();
    for identity in identities(portraits) {
        let all = [Some(&identity.hub), identity.doer.chain()];
        let state = identity.state_management.chain();
        for chain in all.into_iter().chain([state]).flatten() {
            if chain.role().is_some() && !sessions.contains(chain) {
                sessions.push(chain.clone());
            }
        }
    }
    let broken = portraits.iter().filter(|one| one.actors.is_err()).count();
    let broken = match broken {
        0 => String::new(),
        number => format!("; {number} cannot run as they are"),
    };
    format!(
        "\n{} in {}; they take {} in all{broken}\n",
        counted(portraits.len(), "unit"),
        counted(accounts.len(), "account"),
        counted(sessions.len(), "session"),
    )
}

fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

fn identities<'p>(portraits: &'p [Portrait<'_>]) -> impl Iterator<Item = &'p Identity> {
    let actors = portraits.iter().filter_map(|one| one.actors.as_ref().ok());
    actors.flat_map(|actors| [&actors.plan, &actors.apply])
}

impl Row {
    fn of(portrait: &Portrait<'_>, names: &Names<'_>) -> Self {
        let account = portrait.unit.account.as_ref();
        let here = account.map(|account| account.id);
        let shown = |acting: &Acting| role(acting, here, names);
        let (plan, apply, state, named_by) = match &portrait.actors {
            Ok(actors) => (
                shown(&actors.plan.doer),
                shown(&actors.apply.doer),
                shown(&actors.apply.state_management),
                named_by(actors),
            ),
            Err(_) => (
                "nobody".to_owned(),
                "nobody".to_owned(),
                String::new(),
                "see above".to_owned(),
            ),
        };
        Self {
            folder: account
                .map_or_else(|| "(not known)".to_owned(), |account| account.name.clone()),
            account: here,
            plan,
            apply,
            state,
            named_by,
        }
    }

    fn id(&self) -> String {
        self.account.map(|id| id.to_string()).unwrap_or_default()
    }
}

/// `doer-role`, or `state-mgmt-role @ 0-shared` for one of another account.
fn role(acting: &Acting, here: Option<AccountId>, names: &Names<'_>) -> String {
    let chain = match acting {
        Acting::As(chain) => chain,
        Acting::AfterOutputs(_) => return "an upstream's output".to_owned(),
    };
    let Some(role) = chain.role() else {
        return chain.shown_from(names.base);
    };
    if Some(role.account()) == here {
        return role.name().to_owned();
    }
    match names.folders.get(&role.account()) {
        Some(folder) => format!("{} @ {folder}", role.name()),
        None => format!("{} @ {}", role.name(), role.account()),
    }
}

fn named_by(actors: &Actors) -> String {
    let by = |identity: &Identity| match &identity.because.doer {
        DoerReason::Claimed(source)
        | DoerReason::IsTheHub(source)
        | DoerReason::AfterOutputs(source) => source.to_string(),
        DoerReason::ProviderAssumes { claimed_by, .. } => claimed_by.to_string(),
        DoerReason::NobodyNamedOne => "nobody".to_owned(),
    };
    let (plan, apply) = (by(&actors.plan), by(&actors.apply));
    if plan == apply {
        plan
    } else {
        format!("{plan}; {apply}")
    }
}
