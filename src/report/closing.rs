//! The closing words of a run: its failures, a table by account, and one line that says it all.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets};
use console::measure_text_width;

use super::account_table::{Tally, speaks_of_changes, table};
use super::again::Again;
use super::board::{Counts, Unit};
use super::failure::{self, LastWords};
use super::look::Look;
use super::summary::Summary;
use super::words::{self, counted, listed, took};
use crate::model::{UnitPath, harmless};
use crate::run::event::RunCommand;
use crate::run::outcome::{Failure, Outcome};

/// How failures appear in the closing words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failures {
    /// Each whole: for screens on which they have scrolled away.
    InFull,
    /// One line each: where each was told in full when it happened.
    InOneLine,
    /// Whole, but for the words of children, which were passed on as they came.
    Relayed,
}

/// How many of the slowest units are named.
const SLOWEST: usize = 3;

impl Summary {
    /// How each unit ended, one line each: `--summary-per-unit`.
    pub fn unit_table(&self) -> String {
        let command = self.board.run.as_ref().map(|run| run.command.clone());
        let command = command.unwrap_or(RunCommand::Other(String::new()));
        let mut rows = Table::new();
        rows.load_style(presets::NOTHING);
        for unit in self.board.units() {
            let Some(outcome) = unit.outcome() else {
                continue;
            };
            let changed = match outcome {
                Outcome::Succeeded(success) => words::changes(success.changes),
                Outcome::Failed(_)
                | Outcome::Blocked { .. }
                | Outcome::Cancelled
                | Outcome::Excluded { .. } => None,
            };
            rows.add_row([
                harmless(&unit.name),
                words::outcome(outcome, &command),
                changed.unwrap_or_default(),
                unit.who_and_where().unwrap_or_default(),
                unit.time(self.board.now).map(took).unwrap_or_default(),
            ]);
        }
        if let Some(first) = rows.column_mut(0) {
            first.set_padding((0, 1));
        }
        if let Some(times) = rows.column_mut(4) {
            times.set_cell_alignment(CellAlignment::Right);
        }
        let lines = rows.lines().map(|line| format!("{}\n", line.trim_end()));
        lines.collect()
    }

    /// What is printed when the run is over. The last lines are the ones that people want.
    pub fn closing_words(&self, look: &Look, failures: Failures, again: &Again) -> String {
        let mut parts = Vec::new();
        parts.extend(self.failures_told(look, failures));
        parts.extend(table(&self.board));
        parts.extend(self.slowest());
        parts.push(self.last_lines(look, again));
        parts.join("\n")
    }

    /// The failures alone, where nothing else is to be said.
    pub fn failures_told(&self, look: &Look, how: Failures) -> Option<String> {
        let mut text = String::new();
        let mut interrupted = Vec::new();
        for (path, failure) in self.failures() {
            let unit = self.board.unit(path)?;
            match (failure, how) {
                // Somebody asked for it; there is nothing to explain.
                (Failure::Interrupted { .. }, _) => interrupted.push(unit.name.clone()),
                (Failure::Init(_) | Failure::Command(_) | Failure::Hook(_), Failures::Relayed)
                | (_, Failures::InOneLine) => text += &one_line(unit, failure, look),
                (_, Failures::InFull | Failures::Relayed) => {
                    text += &failure::block(&self.board, unit, failure, look, LastWords::Quoted);
                }
            }
        }
        if !interrupted.is_empty() {
            let names = listed(&interrupted);
            text += &[&look.notable("✗"), " interrupted: ", &names, "\n"].concat();
        }
        (!text.is_empty()).then_some(text)
    }

    /// Where the time went, in a run that is long enough to ask.
    fn slowest(&self) -> Option<String> {
        let timed = |unit| Some((Unit::time(unit, self.board.now)?, unit));
        let mut timed: Vec<(Duration, &Unit)> =
            self.board.units().iter().filter_map(timed).collect();
        if timed.len() <= SLOWEST {
            return None;
        }
        timed.sort_by_key(|(time, _)| Reverse(*time));
        let names: Vec<String> = timed[..SLOWEST]
            .iter()
            .map(|(time, unit)| format!("{} {}", harmless(&unit.name), took(*time)))
            .collect();
        Some(format!("slowest  {}\n", names.join(", ")))
    }

    fn last_lines(&self, look: &Look, again: &Again) -> String {
        let status = format!("exit {}", self.exit_status().code());
        let counts = self.board.counts();
        let line = format!(
            "{} in {}: {}",
            counted(self.board.units().len(), "unit"),
            took(self.board.now),
            self.counts_told(&counts)
        );
        let room = look.width.unwrap_or(0);
        let gap = room
            .saturating_sub(measure_text_width(&line) + status.len())
            .clamp(2, 40);
        let status = if self.exit_status().code() == 0 {
            look.good(status)
        } else {
            look.bad(status)
        };
        let mut text = format!("{}{}{status}\n", look.strong(line), " ".repeat(gap));
        text += &self
            .next_command(again)
            .map(|next| format!("next  {next}\n"))
            .unwrap_or_default();
        text
    }

    /// `12 to change, 2 unchanged, 1 failed, 1 blocked (by stage/eks)`
    fn counts_told(&self, counts: &Counts) -> String {
        let mut parts = self.successes_told(counts);
        let others = [
            (counts.failed, "failed"),
            (counts.interrupted, "interrupted"),
            (counts.blocked, "blocked"),
            (counts.cancelled, "cancelled"),
            (counts.excluded, "excluded"),
            (counts.waiting + counts.running, "not ended"),
        ];
        for (count, word) in others {
            match word {
                _ if count == 0 => {}
                "blocked" => parts.push(format!("{count} {word} (by {})", self.blockers())),
                _ => parts.push(format!("{count} {word}")),
            }
        }
        if parts.is_empty() {
            "nothing to do".to_owned()
        } else {
            parts.join(", ")
        }
    }

    fn successes_told(&self, counts: &Counts) -> Vec<String> {
        let command = self.board.run.as_ref().map(|run| &run.command);
        let told = match command {
            Some(command) if speaks_of_changes(command) => {
                let tally = Tally::of(self.board.units());
                let is_plan = *command == RunCommand::Plan;
                let changed = if is_plan { "to change" } else { "changed" };
                vec![
                    (tally.changed, changed),
                    (tally.unchanged, "unchanged"),
                    (tally.unknown, "done"),
                ]
            }
            Some(_) | None => vec![(counts.succeeded, "succeeded")],
        };
        let told = told.into_iter().filter(|(count, _)| *count > 0);
        told.map(|(count, word)| format!("{count} {word}"))
            .collect()
    }

    fn blockers(&self) -> String {
        let blocks = |path: &&UnitPath| !self.board.blocked_because_of(path).is_empty();
        let blockers: BTreeSet<&UnitPath> = self
            .failures()
            .map(|(path, _)| path)
            .filter(blocks)
            .collect();
        let names: Vec<String> = blockers
            .into_iter()
            .map(|path| self.board.name(path))
            .collect();
        listed(&names)
    }
}

fn one_line(unit: &Unit, failure: &Failure, look: &Look) -> String {
    let headline = harmless(&failure::explain(failure).headline);
    format!("{} {}  {headline}\n", look.bad("✗"), harmless(&unit.name))
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::model::{Changes, without_colours};
    use crate::report::script::{Script, plan_failed};
    use crate::run::event::{Interrupt, Stage, Step, StopCause};
    use crate::run::outcome::{Outcome, Success};

    const UNITS: [&str; 5] = [
        "0-shared/vpc",
        "1-dev/eks",
        "1-dev/vpc",
        "2-stage/eks",
        "2-stage/eks_controllers",
    ];

    fn closed(script: &Script, look: &Look, failures: Failures) -> String {
        let mut summary = Summary::default();
        script
            .events()
            .iter()
            .for_each(|event| summary.observe(event));
        summary.closing_words(look, failures, &again())
    }

    fn again() -> Again {
        Again::Line {
            before: "terrane run-all plan -C live".to_owned(),
            behind: " -- -lock=false".to_owned(),
        }
    }

    fn with_a_failure() -> Script {
        let mut script = Script::new(RunCommand::Plan, &UNITS);
        script
            .starts("0-shared/vpc")
            .starts("1-dev/vpc")
            .starts("2-stage/eks")
            .after(2);
        script
            .changes("0-shared/vpc", 3, 0, 0)
            .changes("1-dev/vpc", 0, 0, 0);
        script
            .starts("1-dev/eks")
            .fails("2-stage/eks", plan_failed());
        script.blocked("2-stage/eks_controllers", "2-stage/eks");
        script
            .after_millis(16_400)
            .changes("1-dev/eks", 9, 2, 1)
            .run_ends();
        script
    }

    #[test]
    fn a_run_with_a_failure_ends_with_what_to_do_next() {
        let wide = Look {
            width: Some(100),
            ..Look::plain()
        };
        assert_snapshot!(closed(&with_a_failure(), &wide, Failures::InFull), @r#"
        ✗ stage/eks: terraform plan ended with exit code 1 (after 2.0 s)
          │ Error: Invalid value for variable
          │
          │   on main.tf line 3:
          │    3: variable "size" {
          words    /runs/7f3a/plan.out, /runs/7f3a/plan.err
          doer     doer-role @ 2-stage
          blocked  stage/eks_controllers

        account   units  changed  unchanged  failed  blocked  add  change  destroy
        0-shared      1        1          0       0        0    3       0        0
        1-dev         2        1          1       0        0    9       2        1
        2-stage       2        0          0       1        1    0       0        0

        slowest  dev/eks 16.4 s, shared/vpc 2.0 s, dev/vpc 2.0 s

        5 units in 18.4 s: 2 to change, 1 unchanged, 1 failed, 1 blocked (by stage/eks)               exit 1
        next  terrane run-all plan -C live --filter '...2-stage/eks' -- -lock=false
        "#);
    }

    #[test]
    fn where_failures_were_told_before_they_are_one_line_each() {
        assert_snapshot!(closed(&with_a_failure(), &Look::plain(), Failures::InOneLine), @"
        ✗ stage/eks  terraform plan ended with exit code 1

        account   units  changed  unchanged  failed  blocked  add  change  destroy
        0-shared      1        1          0       0        0    3       0        0
        1-dev         2        1          1       0        0    9       2        1
        2-stage       2        0          0       1        1    0       0        0

        slowest  dev/eks 16.4 s, shared/vpc 2.0 s, dev/vpc 2.0 s

        5 units in 18.4 s: 2 to change, 1 unchanged, 1 failed, 1 blocked (by stage/eks)  exit 1
        next  terrane run-all plan -C live --filter '...2-stage/eks' -- -lock=false
        ");
    }

    #[test]
    fn a_run_in_which_all_went_well_is_short() {
        let mut script = Script::new(RunCommand::Apply, &["0-shared/vpc", "1-dev/vpc"]);
        script.starts("0-shared/vpc").starts("1-dev/vpc").after(75);
        script
            .changes("0-shared/vpc", 1, 0, 0)
            .changes("1-dev/vpc", 0, 0, 0)
            .run_ends();
        assert_snapshot!(closed(&script, &Look::plain(), Failures::InFull), @"
        account   units  changed  unchanged  failed  blocked  add  change  destroy
        0-shared      1        1          0       0        0    1       0        0
        1-dev         1        0          1       0        0    0       0        0

        2 units in 1m15s: 1 changed, 1 unchanged  exit 0
        ");
    }

    #[test]
    fn commands_that_change_nothing_have_a_smaller_table() {
        let mut script = Script::new(RunCommand::Validate, &["0-shared/vpc", "1-dev/vpc"]);
        let fine = || {
            Outcome::Succeeded(Success {
                changes: Changes::Unknown,
                remark: None,
            })
        };
        script.starts("0-shared/vpc").starts("1-dev/vpc").after(1);
        script
            .ends("0-shared/vpc", fine())
            .ends("1-dev/vpc", fine())
            .run_ends();
        assert_snapshot!(closed(&script, &Look::plain(), Failures::InFull), @"
        account   units  succeeded  failed  blocked
        0-shared      1          1       0        0
        1-dev         1          1       0        0

        2 units in 1.0 s: 2 succeeded  exit 0
        ");
    }

    #[test]
    fn an_interrupted_run_explains_nothing_that_was_asked_for() {
        let mut script = Script::new(RunCommand::Plan, &UNITS);
        script
            .starts("0-shared/vpc")
            .starts("1-dev/vpc")
            .after(2)
            .changes("0-shared/vpc", 1, 0, 0);
        let cause = StopCause::Interrupted {
            by: Interrupt::CtrlC,
            count: 1,
        };
        script.stops(cause, Stage::Interrupting);
        for unit in ["1-dev/eks", "2-stage/eks", "2-stage/eks_controllers"] {
            script.ends(unit, Outcome::Cancelled);
        }
        script.fails(
            "1-dev/vpc",
            Failure::Interrupted {
                step: Step::Planning,
                killed: false,
            },
        );
        script.run_ends();
        assert_snapshot!(closed(&script, &Look::plain(), Failures::InFull), @"
        ✗ interrupted: dev/vpc

        account   units  changed  unchanged  failed  interrupted  blocked  cancelled  add  change  destroy
        0-shared      1        1          0       0            0        0          0    1       0        0
        1-dev         2        0          0       0            1        0          1    0       0        0
        2-stage       2        0          0       0            0        0          2    0       0        0

        5 units in 2.0 s: 1 to change, 1 interrupted, 3 cancelled  exit 130
        ");
    }

    #[test]
    fn without_accounts_there_is_no_table() {
        let mut script = Script::new(RunCommand::Plan, &["app"]);
        script
            .starts("app")
            .after(1)
            .changes("app", 1, 0, 0)
            .run_ends();
        assert_snapshot!(closed(&script, &Look::plain(), Failures::InFull), @"1 unit in 1.0 s: 1 to change  exit 0");
    }

    #[test]
    fn colours_do_not_move_the_columns() {
        let look = Look {
            colour: true,
            width: Some(100),
            ..Look::plain()
        };
        let coloured = closed(&with_a_failure(), &look, Failures::InFull);
        let plain = closed(
            &with_a_failure(),
            &Look {
                colour: false,
                ..look
            },
            Failures::InFull,
        );
        assert_ne!(coloured, plain);
        assert_eq!(without_colours(&coloured), plain);
    }
}
