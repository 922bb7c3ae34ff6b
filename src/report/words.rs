//! The words that every screen and log shares.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::model::{Changes, ResourceCounts};
use crate::run::event::{RunCommand, RunStarted};
use crate::run::outcome::{Exclusion, Failure, Outcome, Remark, Success};

/// More names than this are counted instead.
const NAMES_IN_A_LIST: usize = 10;

/// The first lines of a run: what it is, and who acts.
pub(super) fn opening(run: &RunStarted) -> Vec<String> {
    if run.units.is_empty() {
        return Vec::new();
    }
    let accounts: BTreeSet<_> = run
        .units
        .iter()
        .filter_map(|unit| unit.account.as_ref())
        .collect();
    let of_accounts = match accounts.len() {
        0 => String::new(),
        count => format!(" in {}", counted(count, "account")),
    };
    let across = match run.cross_account_edges {
        0 => String::new(),
        count => format!(", {} across accounts", counted(count, "edge")),
    };
    let mut lines = vec![format!(
        "terrane {} · {}{of_accounts}{across} · {} {} · run {}",
        run.version,
        counted(run.units.len(), "unit"),
        run.engine.name,
        run.engine.version,
        run.run_id,
    )];
    lines.extend(
        run.identity
            .iter()
            .map(|identity| format!("identity  {identity}")),
    );
    lines
}

/// `1 unit`, `2 units`
pub(super) fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// `a, b, c and 12 more`
pub(super) fn listed(names: &[String]) -> String {
    if names.len() <= NAMES_IN_A_LIST + 1 {
        return names.join(", ");
    }
    let rest = names.len() - NAMES_IN_A_LIST;
    format!("{} and {rest} more", names[..NAMES_IN_A_LIST].join(", "))
}

/// A time that has passed: `1.2 s`, `1m40s`, `2h05m`.
pub(super) fn took(time: Duration) -> String {
    if time < Duration::from_mins(1) {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        minutes(time)
    }
}

/// A time that is still passing, without tenths that would flicker: `12 s`.
pub(super) fn so_far(time: Duration) -> String {
    if time < Duration::from_mins(1) {
        format!("{} s", time.as_secs())
    } else {
        minutes(time)
    }
}

fn minutes(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 3600 {
        format!("{}m{:02}s", seconds / 60, seconds % 60)
    } else {
        format!("{}h{:02}m", seconds / 3600, seconds % 3600 / 60)
    }
}

/// `+3 ~0 -0`
pub(super) fn changes(changes: Changes) -> Option<String> {
    match changes {
        Changes::Unknown => None,
        Changes::None => Some("no changes".to_owned()),
        Changes::Uncounted => Some("changes".to_owned()),
        Changes::Counted(ResourceCounts {
            import,
            add,
            change,
            destroy,
        }) => {
            let imports = if import > 0 {
                format!(" ={import} imported")
            } else {
                String::new()
            };
            Some(format!("+{add} ~{change} -{destroy}{imports}"))
        }
    }
}

/// What has been done when the command ends well: "planned".
pub(super) fn done(command: &RunCommand) -> String {
    match command {
        RunCommand::Plan => "planned".to_owned(),
        RunCommand::Apply => "applied".to_owned(),
        RunCommand::Destroy => "destroyed".to_owned(),
        RunCommand::Validate => "valid".to_owned(),
        RunCommand::Output | RunCommand::Other(_) => format!("{} done", command.name()),
    }
}

/// The outcome in two or three words: "planned", "plan failed", "blocked".
pub(super) fn outcome(outcome: &Outcome, command: &RunCommand) -> String {
    match outcome {
        Outcome::Succeeded(Success {
            remark: Some(Remark::ErrorIgnored { .. }),
            ..
        }) => "error ignored".to_owned(),
        Outcome::Succeeded(_) => done(command),
        Outcome::Failed(failed) => failure(failed, command),
        Outcome::Blocked { .. } => "blocked".to_owned(),
        Outcome::Cancelled => "cancelled".to_owned(),
        Outcome::Excluded { .. } => "excluded".to_owned(),
    }
}

/// A failure in two or three words.
pub(super) fn failure(failure: &Failure, command: &RunCommand) -> String {
    match failure {
        Failure::ReadOutputs(_) => "outputs not read".to_owned(),
        Failure::MocksInApply(_) => "mocks refused".to_owned(),
        Failure::Evaluate { .. } => "configuration wrong".to_owned(),
        Failure::FetchSource { .. } => "source not fetched".to_owned(),
        Failure::WorkDir { .. } => "files not written".to_owned(),
        Failure::NoCode { .. } => "nothing to run".to_owned(),
        Failure::AssumeRole(_) => "role refused".to_owned(),
        Failure::WrongAccount(_) => "wrong account".to_owned(),
        Failure::Spawn { .. } => "not started".to_owned(),
        Failure::Init(_) => "init failed".to_owned(),
        Failure::Command(_) => format!("{} failed", command.name()),
        Failure::Hook(_) => "hook failed".to_owned(),
        Failure::StateAtRisk(_) => "state at risk".to_owned(),
        Failure::Protected { .. } => "protected".to_owned(),
        Failure::TimedOut { step, .. } => format!("{} timed out", step.noun()),
        Failure::Interrupted { killed: true, .. } => "killed".to_owned(),
        Failure::Interrupted { killed: false, .. } => "interrupted".to_owned(),
        Failure::Bug { .. } => "bug in terrane".to_owned(),
    }
}

/// What was unusual about a success.
pub(super) fn remark(remark: &Remark) -> String {
    match remark {
        Remark::Retried { rule, attempts } => format!("at attempt {attempts} (retry \"{rule}\")"),
        Remark::ErrorIgnored { rule } => format!("ignore \"{rule}\""),
    }
}

pub(super) fn exclusion(reason: &Exclusion) -> String {
    match reason {
        Exclusion::ExcludeBlock => "by its exclude block".to_owned(),
        Exclusion::PreventDestroy => "it has prevent_destroy".to_owned(),
        Exclusion::NeededBy { protected } => {
            format!("{protected} needs it and has prevent_destroy")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_grow_coarser_as_they_grow() {
        let both = |seconds: f64| {
            let time = Duration::from_secs_f64(seconds);
            format!("{} {}", took(time), so_far(time))
        };
        assert_eq!(both(0.04), "0.0 s 0 s");
        assert_eq!(both(12.34), "12.3 s 12 s");
        assert_eq!(both(100.0), "1m40s 1m40s");
        assert_eq!(both(7_500.0), "2h05m 2h05m");
    }

    #[test]
    fn long_lists_are_cut_and_the_rest_is_counted() {
        let names = |count: u32| {
            (0..count)
                .map(|number| number.to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(listed(&names(3)), "0, 1, 2");
        assert_eq!(listed(&names(11)), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10");
        assert_eq!(
            listed(&names(12)),
            "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more"
        );
    }
}
