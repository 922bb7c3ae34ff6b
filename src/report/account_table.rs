//! The closing table: one row for each account, with how its units ended and what they change.

use std::collections::BTreeMap;

use comfy_table::{CellAlignment, Table, presets};

use super::board::{Board, Unit};
use crate::model::{AccountLabel, Changes, ResourceCounts, harmless};
use crate::run::event::RunCommand;
use crate::run::outcome::{Failure, Outcome};

/// Whether the command's successes differ in what they change.
pub(super) fn speaks_of_changes(command: &RunCommand) -> bool {
    match command {
        RunCommand::Plan | RunCommand::Apply | RunCommand::Destroy => true,
        RunCommand::Validate | RunCommand::Output | RunCommand::Other(_) => false,
    }
}

/// How the units of one account ended.
#[derive(Default)]
pub(super) struct Tally {
    units: usize,
    pub(super) changed: usize,
    pub(super) unchanged: usize,
    /// Ended well, and who knows what changed.
    pub(super) unknown: usize,
    failed: usize,
    interrupted: usize,
    blocked: usize,
    cancelled: usize,
    excluded: usize,
    resources: ResourceCounts,
}

impl Tally {
    pub(super) fn of<'u>(units: impl IntoIterator<Item = &'u Unit>) -> Self {
        let mut tally = Self::default();
        for unit in units {
            tally.units += 1;
            match unit.outcome() {
                Some(Outcome::Succeeded(success)) => tally.add_changes(success.changes),
                Some(Outcome::Failed(Failure::Interrupted { .. })) => tally.interrupted += 1,
                Some(Outcome::Failed(_)) => tally.failed += 1,
                Some(Outcome::Blocked { .. }) => tally.blocked += 1,
                Some(Outcome::Cancelled) => tally.cancelled += 1,
                Some(Outcome::Excluded { .. }) => tally.excluded += 1,
                None => {}
            }
        }
        tally
    }

    fn add_changes(&mut self, changes: Changes) {
        match changes {
            Changes::Unknown => self.unknown += 1,
            Changes::None => self.unchanged += 1,
            Changes::Uncounted => self.changed += 1,
            Changes::Counted(counts) => {
                self.changed += 1;
                self.resources = self.resources.plus(counts);
            }
        }
    }
}

/// A column of the table: its title, its number, and whether it is there even where it is empty.
type Column = (&'static str, fn(&Tally) -> u64, bool);

const FOR_CHANGES: &[Column] = &[
    ("units", |tally| tally.units as u64, true),
    ("changed", |tally| tally.changed as u64, true),
    ("unchanged", |tally| tally.unchanged as u64, true),
    ("done", |tally| tally.unknown as u64, false),
    ("failed", |tally| tally.failed as u64, true),
    ("interrupted", |tally| tally.interrupted as u64, false),
    ("blocked", |tally| tally.blocked as u64, true),
    ("cancelled", |tally| tally.cancelled as u64, false),
    ("excluded", |tally| tally.excluded as u64, false),
    ("import", |tally| tally.resources.import, false),
    ("add", |tally| tally.resources.add, true),
    ("change", |tally| tally.resources.change, true),
    ("destroy", |tally| tally.resources.destroy, true),
];

const FOR_OTHERS: &[Column] = &[
    ("units", |tally| tally.units as u64, true),
    (
        "succeeded",
        |tally| (tally.changed + tally.unchanged + tally.unknown) as u64,
        true,
    ),
    ("failed", |tally| tally.failed as u64, true),
    ("interrupted", |tally| tally.interrupted as u64, false),
    ("blocked", |tally| tally.blocked as u64, true),
    ("cancelled", |tally| tally.cancelled as u64, false),
    ("excluded", |tally| tally.excluded as u64, false),
];

/// One row for each account; no table where accounts are not known.
pub(super) fn table(board: &Board) -> Option<String> {
    let mut accounts: BTreeMap<_, Vec<&Unit>> = BTreeMap::new();
    for unit in board.units() {
        accounts
            .entry(unit.account.as_ref())
            .or_default()
            .push(unit);
    }
    let folder_of = |account: Option<&AccountLabel>| {
        account.map_or("(none)".to_owned(), |account| harmless(&account.folder))
    };
    accounts.keys().find(|account| account.is_some())?;
    let rows: Vec<(String, Tally)> = accounts
        .into_iter()
        .map(|(account, units)| (folder_of(account), Tally::of(units)))
        .collect();
    let all = board.run.as_ref().map_or(FOR_OTHERS, |run| {
        if speaks_of_changes(&run.command) {
            FOR_CHANGES
        } else {
            FOR_OTHERS
        }
    });
    let shown =
        |(_, number, always): &&Column| *always || rows.iter().any(|(_, tally)| number(tally) > 0);
    let columns: Vec<&Column> = all.iter().filter(shown).collect();

    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let titles = columns.iter().map(|(title, ..)| (*title).to_owned());
    table.set_header(std::iter::once("account".to_owned()).chain(titles));
    for (folder, tally) in &rows {
        let numbers = columns
            .iter()
            .map(|(_, number, _)| number(tally).to_string());
        table.add_row(std::iter::once(folder.clone()).chain(numbers));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
        if column.index > 0 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    Some(table.trim_fmt() + "\n")
}
