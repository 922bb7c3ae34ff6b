//! What is said when a run begins to stop, or is asked more firmly to: for people whose next key
//! decides whether something is lost.

use super::board::{Board, Stop, Unit};
use super::words::{counted, listed, so_far};
use crate::run::event::{Interrupt, RunCommand, Stage, StopCause};

/// The lines for the last word about stopping; the first is the one that must be seen.
pub(super) fn lines(board: &Board, stop: &Stop) -> Vec<String> {
    let running = board.running();
    if running.is_empty() {
        return vec![format!(
            "{}nothing new starts, and nothing is running.",
            opening(board, stop)
        )];
    }
    let facts = Facts::of(board, stop, &running);
    let mut lines = match stop.stage {
        Stage::Draining => facts.draining(),
        Stage::Interrupting => facts.interrupting(),
        Stage::Waiting => facts.waiting(),
        Stage::Killing => facts.killing(),
    };
    lines[0].insert_str(0, &opening(board, stop));
    for line in lines.iter_mut().skip(1) {
        line.insert_str(0, "    ");
    }
    lines
}

fn opening(board: &Board, stop: &Stop) -> String {
    match &stop.cause {
        StopCause::Interrupted {
            by: Interrupt::CtrlC,
            ..
        } => "Stopping: ".to_owned(),
        StopCause::Interrupted {
            by: Interrupt::Terminate,
            ..
        } => "Stopping (SIGTERM): ".to_owned(),
        StopCause::Interrupted {
            by: Interrupt::HangUp,
            ..
        } => "Stopping (SIGHUP): ".to_owned(),
        StopCause::UnitFailed { unit } => format!("Stopping ({} failed): ", board.name(unit)),
    }
}

struct Facts {
    engine: String,
    doing: String,
    may_change_things: bool,
    /// `2 units are`
    units_are: String,
    /// `2 units`
    units: String,
    names: String,
    /// What does it once more: a key, or a signal.
    again: &'static str,
}

impl Facts {
    fn of(board: &Board, stop: &Stop, running: &[&Unit]) -> Self {
        let unknown = RunCommand::Other("command".to_owned());
        let command = board.run.as_ref().map_or(&unknown, |run| &run.command);
        let engine = board
            .run
            .as_ref()
            .map_or("terraform", |run| &run.engine.name);
        let names: Vec<String> = running.iter().map(|unit| with_time(board, unit)).collect();
        let units = counted(running.len(), "unit");
        let are = if running.len() == 1 { "is" } else { "are" };
        Self {
            engine: engine.to_owned(),
            doing: command.step().doing().into_owned(),
            may_change_things: command.may_change_things(),
            units_are: format!("{units} {are}"),
            units,
            names: listed(&names),
            again: match &stop.cause {
                StopCause::Interrupted {
                    by: Interrupt::CtrlC,
                    ..
                } => "Ctrl-C again",
                StopCause::Interrupted { .. } => "Another signal",
                StopCause::UnitFailed { .. } => "Ctrl-C",
            },
        }
    }

    fn draining(&self) -> Vec<String> {
        let Self {
            units_are,
            doing,
            names,
            ..
        } = self;
        let first = format!("nothing new starts. {units_are} {doing} and will finish: {names}.");
        if self.may_change_things {
            vec![
                first,
                format!(
                    "{} asks {} to stop (resources in flight may be lost to the state).",
                    self.again, self.engine
                ),
            ]
        } else {
            vec![first]
        }
    }

    fn interrupting(&self) -> Vec<String> {
        let Self {
            engine,
            units,
            names,
            again,
            ..
        } = self;
        let first = format!("{engine} was asked to stop in {units}: {names}.");
        let second = if self.may_change_things {
            format!(
                "It needs a moment to save its state. {again} kills it, and what it is making may be lost to the state."
            )
        } else {
            "It needs a moment to give back its locks.".to_owned()
        };
        vec![first, second]
    }

    fn waiting(&self) -> Vec<String> {
        let Self {
            engine,
            units_are,
            names,
            again,
            ..
        } = self;
        vec![
            format!("{units_are} still ending: {names}."),
            format!("{again} kills {engine}; a lock may stay behind."),
        ]
    }

    fn killing(&self) -> Vec<String> {
        let Self {
            engine,
            units,
            names,
            ..
        } = self;
        let mut lines = vec![format!("{engine} is killed in {units}: {names}.")];
        if self.may_change_things {
            lines.push(format!(
                "What it was making may exist without being in the state: `{engine} plan` in the \
                 unit's folder shows what is missing."
            ));
        }
        lines.push(format!(
            "A lock may stay behind: `{engine} force-unlock ID` frees it."
        ));
        lines
    }
}

/// `dev/eks (40 s)`
fn with_time(board: &Board, unit: &Unit) -> String {
    match unit.time(board.now) {
        Some(time) => format!("{} ({})", unit.name, so_far(time)),
        None => unit.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::report::script::Script;

    fn said(command: RunCommand, cause: StopCause, stage: Stage) -> String {
        let mut script = Script::new(command, &["1-dev/eks", "3-prod/vpc", "3-prod/eks"]);
        script
            .starts("1-dev/eks")
            .after(28)
            .starts("3-prod/vpc")
            .after(12)
            .stops(cause, stage);
        let mut board = Board::default();
        script
            .events()
            .iter()
            .for_each(|event| board.observe(event));
        lines(&board, board.stop.as_ref().expect("it stops")).join("\n")
    }

    fn ctrl_c(count: u32) -> StopCause {
        StopCause::Interrupted {
            by: Interrupt::CtrlC,
            count,
        }
    }

    #[test]
    fn an_apply_says_what_finishes_and_what_the_next_key_does() {
        assert_snapshot!(said(RunCommand::Apply, ctrl_c(1), Stage::Draining), @"
        Stopping: nothing new starts. 2 units are applying and will finish: dev/eks (40 s), prod/vpc (12 s).
            Ctrl-C again asks terraform to stop (resources in flight may be lost to the state).
        ");
        assert_snapshot!(said(RunCommand::Apply, ctrl_c(2), Stage::Interrupting), @"
        Stopping: terraform was asked to stop in 2 units: dev/eks (40 s), prod/vpc (12 s).
            It needs a moment to save its state. Ctrl-C again kills it, and what it is making may be lost to the state.
        ");
        assert_snapshot!(said(RunCommand::Apply, ctrl_c(3), Stage::Killing), @"
        Stopping: terraform is killed in 2 units: dev/eks (40 s), prod/vpc (12 s).
            What it was making may exist without being in the state: `terraform plan` in the unit's folder shows what is missing.
            A lock may stay behind: `terraform force-unlock ID` frees it.
        ");
    }

    #[test]
    fn a_plan_says_that_it_was_asked_at_once() {
        assert_snapshot!(said(RunCommand::Plan, ctrl_c(1), Stage::Interrupting), @"
        Stopping: terraform was asked to stop in 2 units: dev/eks (40 s), prod/vpc (12 s).
            It needs a moment to give back its locks.
        ");
        assert_snapshot!(said(RunCommand::Plan, ctrl_c(2), Stage::Waiting), @"
        Stopping: 2 units are still ending: dev/eks (40 s), prod/vpc (12 s).
            Ctrl-C again kills terraform; a lock may stay behind.
        ");
        assert_snapshot!(said(RunCommand::Plan, ctrl_c(3), Stage::Killing), @"
        Stopping: terraform is killed in 2 units: dev/eks (40 s), prod/vpc (12 s).
            A lock may stay behind: `terraform force-unlock ID` frees it.
        ");
    }

    #[test]
    fn signals_and_failures_are_named_as_the_reason() {
        let signal = StopCause::Interrupted {
            by: Interrupt::Terminate,
            count: 1,
        };
        assert_snapshot!(said(RunCommand::Destroy, signal, Stage::Draining), @"
        Stopping (SIGTERM): nothing new starts. 2 units are destroying and will finish: dev/eks (40 s), prod/vpc (12 s).
            Another signal asks terraform to stop (resources in flight may be lost to the state).
        ");
        let failure = StopCause::UnitFailed {
            unit: crate::report::script::path("3-prod/eks"),
        };
        assert_snapshot!(said(RunCommand::Plan, failure, Stage::Draining), @"Stopping (prod/eks failed): nothing new starts. 2 units are planning and will finish: dev/eks (40 s), prod/vpc (12 s).");
    }
}
