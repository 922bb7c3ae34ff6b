//! The question before things are changed in many units.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, BufRead as _};

use super::exit::CommandError;
use super::options::{Approval, RunOptions};
use super::run_units::Chosen;
use super::screen;
use crate::model::{AccountLabel, UnitMap};
use crate::terraform::command::{Effect, TerraformCommand};

/// Commands that are asked about. Others change nothing in the cloud, or are for one unit.
const ASKED_ABOUT: [&str; 4] = ["apply", "destroy", "refresh", "state"];

/// Makes sure that somebody wants this.
pub(super) fn confirm(
    command: &TerraformCommand,
    run: &RunOptions,
    chosen: &Chosen,
    accounts: &UnitMap<Option<AccountLabel>>,
    identity: Option<&str>,
) -> Result<(), CommandError> {
    let is_asked_about = command.effect() != Effect::Reads && ASKED_ABOUT.contains(&command.name());
    let said_yes = command.has_flag("auto-approve");
    if !is_asked_about || said_yes || chosen.units().next().is_none() {
        return Ok(());
    }
    match run.approval {
        Approval::Given | Approval::ByTerraform => Ok(()),
        Approval::Ask => ask(command, chosen, accounts, identity),
        Approval::MustBeTyped => {
            let name = command.name();
            Err(CommandError::refused(format!(
                "nobody is here to confirm `{name}` for {}",
                units(chosen.graph.unit_count())
            ))
            .help(format!(
                "write `terrane run-all {name} --non-interactive`, or add -auto-approve"
            )))
        }
    }
}

/// Makes sure that somebody wants to destroy a unit that others need.
pub(super) fn confirm_for_downstreams(
    downstreams: &[String],
    run: &RunOptions,
) -> Result<(), CommandError> {
    if downstreams.is_empty() || run.approval == Approval::Given {
        return Ok(());
    }
    let names = downstreams.join(", ");
    if run.approval == Approval::Ask {
        return answered(&format!(
            "These units need it: {names}. Destroy it? Type yes: "
        ));
    }
    Err(CommandError::refused("other units need this one")
        .detail(names)
        .help("destroy them first, or add --non-interactive"))
}

fn ask(
    command: &TerraformCommand,
    chosen: &Chosen,
    accounts: &UnitMap<Option<AccountLabel>>,
    identity: Option<&str>,
) -> Result<(), CommandError> {
    answered(&question(command, chosen, accounts, identity))
}

fn answered(question: &str) -> Result<(), CommandError> {
    screen::say(question);
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    match read {
        Ok(_) if answer.trim() == "yes" => Ok(()),
        Ok(_) | Err(_) => Err(CommandError::refused("not confirmed, nothing was started")
            .help("the answer that goes on is: yes")),
    }
}

fn question(
    command: &TerraformCommand,
    chosen: &Chosen,
    accounts: &UnitMap<Option<AccountLabel>>,
    identity: Option<&str>,
) -> String {
    let mut rows: BTreeMap<Option<&AccountLabel>, usize> = BTreeMap::new();
    for unit in chosen.units() {
        *rows.entry(accounts[unit].as_ref()).or_default() += 1;
    }
    let folder = |label: Option<&AccountLabel>| match label {
        Some(label) => label.folder.clone(),
        None => "(no account)".to_owned(),
    };
    let widest = rows
        .keys()
        .map(|label| folder(*label).chars().count())
        .max();
    let widest = widest.unwrap_or_default();
    let mut text = String::new();
    for (label, count) in &rows {
        let id = label.and_then(|label| label.id.clone()).unwrap_or_default();
        let folder = folder(*label);
        let line = format!("  {folder:<widest$}  {id:<12}  {:>10}", units(*count));
        let _ = writeln!(text, "{}", line.trim_end());
    }
    let in_accounts = match rows.keys().filter(|label| label.is_some()).count() {
        0 => units(chosen.graph.unit_count()),
        1 => "1 account".to_owned(),
        more => format!("{more} accounts"),
    };
    let verb = match command.effect() {
        Effect::Destroys => "DESTROY everything in".to_owned(),
        Effect::Changes | Effect::Reads if command.name() == "apply" => "Apply to".to_owned(),
        Effect::Changes | Effect::Reads => format!("Run {} in", command.words().join(" ")),
    };
    let who = identity.map(|who| format!(" as {who}")).unwrap_or_default();
    let _ = write!(text, "{verb} {in_accounts}{who}? Type yes: ");
    text
}

fn units(count: usize) -> String {
    match count {
        1 => "1 unit".to_owned(),
        more => format!("{more} units"),
    }
}
