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
    /// All that run.
    running: Vec<String>,
    /// Those of them that were told to end before they come to the command itself.
    not_begun: Vec<String>,
    /// What does it once more: a key, or a signal.
    again: &'static str,
}

impl Facts {
    fn of(board: &Board, stop: &Stop, running: &[&Unit]) -> Self {
        let unknown = RunCommand::Other("command".to_owned());
        let run = board.run.as_ref();
        let command = run.map_or(&unknown, |run| &run.command);
        let was_told = matches!(stop.cause, StopCause::Interrupted { .. });
        let not_begun = |unit: &&&Unit| was_told && !unit.has_begun();
        let name = |unit: &&Unit| with_time(board, unit);
        Self {
            engine: run.map_or("terraform".to_owned(), |run| run.engine.name.clone()),
            doing: command.step().doing().into_owned(),
            may_change_things: command.may_change_things(),
            running: running.iter().map(name).collect(),
            not_begun: running.iter().filter(not_begun).map(name).collect(),
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
            engine,
            doing,
            not_begun,
            again,
            ..
        } = self;
        let begun = |name: &&String| !not_begun.contains(name);
        let begun: Vec<String> = self.running.iter().filter(begun).cloned().collect();
        let mut first = "nothing new starts.".to_owned();
        if !begun.is_empty() {
            let are = units_are(&begun);
            first += &[
                " ",
                &are,
                " ",
                doing,
                " and will finish: ",
                &listed(&begun),
                ".",
            ]
            .concat();
        }
        if !not_begun.is_empty() {
            first += &[
                " Not yet ",
                doing,
                ", and ending: ",
                &listed(not_begun),
                ".",
            ]
            .concat();
        }
        if begun.is_empty() || !self.may_change_things {
            return vec![first];
        }
        let next = format!(
            "{again} asks {engine} to stop (resources in flight may be lost to the state)."
        );
        vec![first, next]
    }

    fn interrupting(&self) -> Vec<String> {
        let Self {
            engine,
            running,
            again,
            ..
        } = self;
        let units = counted(running.len(), "unit");
        let first = format!(
            "{engine} was asked to stop in {units}: {}.",
            listed(running)
        );
        let second = if self.may_change_things {
            format!(
                "It needs a moment to save its state. {again} kills it, and what it is making may \
                 be lost to the state."
            )
        } else {
            "It needs a moment to give back its locks.".to_owned()
        };
        vec![first, second]
    }

    fn waiting(&self) -> Vec<String> {
        let Self {
            engine,
            running,
            again,
            ..
        } = self;
        vec![
            format!("{} still ending: {}.", units_are(running), listed(running)),
            format!("{again} kills {engine}; a lock may stay behind."),
        ]
    }

    fn killing(&self) -> Vec<String> {
        let Self {
            engine, running, ..
        } = self;
        let units = counted(running.len(), "unit");
        let mut lines = vec![format!(
            "{engine} is killed in {units}: {}.",
            listed(running)
        )];
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

fn units_are(units: &[String]) -> String {
    let are = if units.len() == 1 { "is" } else { "are" };
    format!("{} {are}", counted(units.len(), "unit"))
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
    use crate::run::event::Step;

    fn said(command: RunCommand, cause: StopCause, stage: Stage) -> String {
        let step = command.step();
        let mut script = Script::new(command, &["1-dev/eks", "3-prod/vpc", "3-prod/eks"]);
        script
            .starts("1-dev/eks")
            .step("1-dev/eks", step.clone())
            .after(28);
        script
            .starts("3-prod/vpc")
            .step("3-prod/vpc", step)
            .after(12)
            .stops(cause, stage);
        told(&script)
    }

    fn told(script: &Script) -> String {
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
    fn an_apply_says_what_ends_before_it_begins() {
        let mut script = Script::new(RunCommand::Apply, &["a", "b"]);
        script.starts("a").step("a", Step::Initialising).after(3);
        script.stops(ctrl_c(1), Stage::Draining);
        assert_snapshot!(told(&script), @"Stopping: nothing new starts. Not yet applying, and ending: a (3 s).");
        script
            .starts("b")
            .step("b", Step::Applying)
            .step(
                "b",
                Step::RunningHook {
                    name: "after".into(),
                },
            )
            .stops(ctrl_c(1), Stage::Draining);
        assert_snapshot!(told(&script), @"
        Stopping: nothing new starts. 1 unit is applying and will finish: b (0 s). Not yet applying, and ending: a (3 s).
            Ctrl-C again asks terraform to stop (resources in flight may be lost to the state).
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
