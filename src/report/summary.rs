//! What is left of a run when it is over: its exit status, its closing words, its report file.
//!
//! A fold of the events, so it cannot disagree with what the screens showed.

use super::board::Board;
use super::exit_status::ExitStatus;
use crate::model::UnitPath;
use crate::run::event::{Event, EventKind, Interrupt, StopCause};
use crate::run::outcome::{Failure, Outcome};

/// A run as far as it was observed, ready to be told.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    pub(super) board: Board,
    /// In the order in which they failed.
    failed: Vec<UnitPath>,
    /// The first, which the exit status names.
    interrupt: Option<Interrupt>,
}

impl Summary {
    pub fn observe(&mut self, event: &Event) {
        self.board.observe(event);
        match &event.kind {
            EventKind::UnitEnded {
                unit,
                outcome: Outcome::Failed(_),
            } => {
                self.failed.push(unit.clone());
            }
            EventKind::Stopping {
                cause: StopCause::Interrupted { by, .. },
                ..
            } => {
                self.interrupt.get_or_insert(*by);
            }
            EventKind::RunStarted(_)
            | EventKind::UnitStarted { .. }
            | EventKind::UnitStep { .. }
            | EventKind::UnitLine { .. }
            | EventKind::UnitEnded { .. }
            | EventKind::Stopping { .. }
            | EventKind::Tick
            | EventKind::RunEnded => {}
        }
    }

    /// What the program ends with.
    ///
    /// A state at risk wins, then an interrupt. Otherwise Terragrunt's rule: the exit code of the
    /// first child that failed, with `-detailed-exitcode` the largest of them; 1 where no child
    /// brought one; and where all is well, 2 if something changes and the caller asked to be told.
    pub fn exit_status(&self) -> ExitStatus {
        let failures: Vec<&Failure> = self.failures().map(|(_, failure)| failure).collect();
        if failures
            .iter()
            .any(|failure| matches!(failure, Failure::StateAtRisk(_)))
        {
            return ExitStatus::StateAtRisk;
        }
        match self.interrupt {
            Some(Interrupt::CtrlC | Interrupt::HangUp) => return ExitStatus::Interrupted,
            Some(Interrupt::Terminate) => return ExitStatus::Terminated,
            None => {}
        }
        let detailed = self
            .board
            .run
            .as_ref()
            .is_some_and(|run| run.detailed_exitcode);
        if failures.is_empty() {
            return self.exit_status_without_failures(detailed);
        }
        let mut codes = failures.iter().filter_map(|failure| failure.exit_code());
        let code = if detailed { codes.max() } else { codes.next() };
        code.map_or(ExitStatus::Failure, ExitStatus::of_failed_child)
    }

    fn exit_status_without_failures(&self, detailed: bool) -> ExitStatus {
        let counts = self.board.counts();
        let not_done = counts.waiting + counts.running + counts.blocked + counts.cancelled;
        let changes = self.board.units().iter().any(|unit| match unit.outcome() {
            Some(Outcome::Succeeded(success)) => success.changes.any(),
            Some(_) | None => false,
        });
        if not_done > 0 {
            ExitStatus::Failure
        } else if detailed && changes {
            ExitStatus::ChangesPresent
        } else {
            ExitStatus::Success
        }
    }

    /// Each failed unit with its failure, in the order in which they failed.
    pub(super) fn failures(&self) -> impl Iterator<Item = (&UnitPath, &Failure)> {
        self.failed
            .iter()
            .filter_map(|path| match self.board.unit(path)?.outcome()? {
                Outcome::Failed(failure) => Some((path, failure)),
                Outcome::Succeeded(_)
                | Outcome::Blocked { .. }
                | Outcome::Cancelled
                | Outcome::Excluded { .. } => None,
            })
    }

    pub(super) fn was_interrupted(&self) -> bool {
        self.interrupt.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Changes;
    use crate::report::script::{Script, command_failed, path, plan_failed, run_started};
    use crate::run::event::{RunCommand, Stage, Step};
    use crate::run::outcome::{StateAtRisk, Success};

    fn failed_with(code: i32) -> Failure {
        Failure::Command(Box::new(command_failed("terraform plan", code, &[])))
    }

    fn changed() -> Outcome {
        Outcome::Succeeded(Success {
            changes: Changes::Uncounted,
            remark: None,
        })
    }

    fn status(detailed: bool, ends: &[(&str, Outcome)], interrupt: Option<Interrupt>) -> u8 {
        let units: Vec<&str> = ends.iter().map(|(unit, _)| *unit).collect();
        let mut run = run_started(RunCommand::Plan, &units);
        run.detailed_exitcode = detailed;
        let mut script = Script::of(run);
        if let Some(by) = interrupt {
            script.stops(StopCause::Interrupted { by, count: 1 }, Stage::Interrupting);
        }
        for (unit, outcome) in ends {
            script.starts(unit).ends(unit, outcome.clone());
        }
        let mut summary = Summary::default();
        script
            .events()
            .iter()
            .for_each(|event| summary.observe(event));
        summary.exit_status().code()
    }

    fn fine() -> Outcome {
        Outcome::Succeeded(Success::default())
    }

    #[test]
    fn all_well_is_0_and_changes_are_2_only_when_asked() {
        let ends = [("a", fine()), ("b", changed())];
        assert_eq!(status(false, &ends, None), 0);
        assert_eq!(status(true, &ends, None), 2);
        assert_eq!(status(true, &[("a", fine())], None), 0);
    }

    #[test]
    fn the_first_failed_child_gives_its_code() {
        let ends = [
            ("b", Outcome::Failed(failed_with(3))),
            ("a", Outcome::Failed(failed_with(7))),
        ];
        assert_eq!(status(false, &ends, None), 3);
        assert_eq!(
            status(true, &ends, None),
            7,
            "the largest, where details were asked for"
        );
    }

    #[test]
    fn a_failure_without_a_child_is_1_and_wins_over_changes() {
        let bug = Outcome::Failed(Failure::Bug {
            message: "no".into(),
        });
        assert_eq!(
            status(true, &[("a", bug.clone()), ("b", changed())], None),
            1
        );
        assert_eq!(
            status(
                false,
                &[("a", bug), ("b", Outcome::Failed(failed_with(5)))],
                None
            ),
            5
        );
    }

    #[test]
    fn a_code_that_cannot_be_ours_is_1() {
        for code in [0, 1, -1, 256, 3_221_225_477u32.cast_signed()] {
            assert_eq!(
                status(false, &[("a", Outcome::Failed(failed_with(code)))], None),
                1
            );
        }
    }

    #[test]
    fn an_interrupted_run_never_ends_with_0() {
        assert_eq!(status(true, &[("a", fine())], Some(Interrupt::CtrlC)), 130);
        assert_eq!(
            status(false, &[("a", fine())], Some(Interrupt::HangUp)),
            130
        );
        assert_eq!(
            status(
                false,
                &[("a", Outcome::Failed(plan_failed()))],
                Some(Interrupt::Terminate)
            ),
            143
        );
    }

    #[test]
    fn a_state_at_risk_wins_over_everything() {
        let risk = Failure::StateAtRisk(Box::new(StateAtRisk {
            what: "killed".into(),
            saved: None,
            lock: None,
            next: Vec::new(),
            failed: None,
        }));
        let ends = [
            ("a", Outcome::Failed(plan_failed())),
            ("b", Outcome::Failed(risk)),
        ];
        assert_eq!(status(false, &ends, Some(Interrupt::CtrlC)), 6);
    }

    #[test]
    fn what_did_not_run_is_not_a_success() {
        assert_eq!(
            status(false, &[("a", fine()), ("b", Outcome::Cancelled)], None),
            1
        );
        assert_eq!(
            status(
                false,
                &[("a", fine()), ("b", Outcome::Blocked { cause: path("a") })],
                None
            ),
            1
        );
        let interrupted = Outcome::Failed(Failure::Interrupted {
            step: Step::Planning,
            killed: false,
        });
        assert_eq!(status(false, &[("a", interrupted)], None), 1);
        let excluded = Outcome::Excluded {
            reason: crate::run::outcome::Exclusion::ExcludeBlock,
        };
        assert_eq!(status(false, &[("a", excluded)], None), 0);
    }

    #[test]
    fn a_run_that_broke_off_is_not_a_success() {
        let mut script = Script::new(RunCommand::Plan, &["a", "b"]);
        script.starts("a");
        let mut summary = Summary::default();
        script
            .events()
            .iter()
            .for_each(|event| summary.observe(event));
        assert_eq!(summary.exit_status(), ExitStatus::Failure);
    }
}
