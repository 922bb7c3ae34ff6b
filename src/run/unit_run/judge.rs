//! What the end of a command means for its unit.

use terrane_hcl::Diagnostic;

use super::words::said;
use super::workplace::Workplace;
use crate::model::{ChildEnd, shell_word};
use crate::run::attend::Attended;
use crate::run::outcome::{Failure, StateAtRisk};
use crate::run::unit_handle::UnitHandle;
use crate::terraform::command::{Effect, TerraformCommand};
use crate::terraform::error_rules::BadErrorPattern;
use crate::terraform::verdict::{Trouble, troubles};

/// Takes an end for a success, or says what kind of failure it is.
pub(super) fn ended(
    handle: &UnitHandle<'_>,
    attended: Attended,
    command: &TerraformCommand,
    typed: &str,
    workplace: &Workplace,
) -> Result<(), Failure> {
    if tells_of_changes(command, attended.end) {
        return Ok(());
    }
    let at_risk = |attended: &Attended| state_at_risk(attended, command, typed, workplace);
    if let Some(risk) = at_risk(&attended) {
        return Err(Failure::StateAtRisk(Box::new(risk)));
    }
    attended
        .checked(handle, typed, Failure::Command)
        .map(|_| ())
}

/// A plan that was asked to tell by its exit code whether anything changes.
pub(super) fn tells_of_changes(command: &TerraformCommand, end: ChildEnd) -> bool {
    command.name() == "plan" && command.has_flag("detailed-exitcode") && end == ChildEnd::Code(2)
}

pub(super) fn bad_pattern(error: &BadErrorPattern) -> Failure {
    let help = "patterns are regular expressions in the syntax of RE2";
    Failure::Evaluate {
        diagnostics: vec![
            Diagnostic::error("Unusable pattern")
                .detail(format!("{error}."))
                .help(help),
        ],
    }
}

/// Whether something may be in the cloud that is not in the state.
fn state_at_risk(
    attended: &Attended,
    command: &TerraformCommand,
    typed: &str,
    workplace: &Workplace,
) -> Option<StateAtRisk> {
    if attended.end.is_success() || command.effect() == Effect::Reads {
        return None;
    }
    let (stdout, stderr) = said(&attended.words.paths(), &attended.last_lines);
    let found = troubles(&stdout, &stderr);
    let not_saved = found.iter().find_map(|trouble| match trouble {
        Trouble::StateNotSaved { kept } => Some(*kept),
        _ => None,
    });
    let lock_left = found.iter().find_map(|trouble| match trouble {
        Trouble::LockNotReleased { id } => Some(id.clone()),
        _ => None,
    });
    if not_saved.is_none() && lock_left.is_none() {
        return None;
    }
    let saved = not_saved.and_then(|_| workplace.dir.errored_state());
    let unit = shell_word(workplace.dir.unit_folder().as_str());
    let mut next = Vec::new();
    if let Some(saved) = &saved {
        // By terrane, since the engine alone would have no way to the state.
        // As long as the lock is there, it keeps others from applying on the older state.
        let past_our_own_lock = if lock_left.is_some() {
            "-lock=false "
        } else {
            ""
        };
        next.push(format!(
            "terrane run -C {unit} -- state push {past_our_own_lock}{}",
            shell_word(saved.as_str())
        ));
    }
    if let Some(Some(id)) = &lock_left {
        next.push(format!("terrane run -C {unit} -- force-unlock {id}"));
    }
    Some(StateAtRisk {
        what: if not_saved.is_some() {
            format!("{typed} changed things and could not save its state")
        } else {
            format!("{typed} left the lock of its state behind")
        },
        saved,
        lock: lock_left.map(|id| id.unwrap_or_else(|| "it may still be held".to_owned())),
        next,
        failed: Some(attended.clone().failed(typed)),
    })
}
