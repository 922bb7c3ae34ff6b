//! Lines for a log that nobody watches while it grows: CI, a file, a pipe.
//!
//! One line for each step of a unit that takes its time, with the clock, so that every line can be
//! found by its unit's name. No bars and no cursor. A unit's words come in one piece under the line
//! of its end; what did not start because of a failure is named there and nowhere else.

use std::collections::{HashMap, VecDeque};
use std::io::{self, Write};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::board::{Board, Unit};
use super::ci;
use super::failure::{self, LastWords};
use super::look::Look;
use super::reporter::Reporter;
use super::stopping;
use super::words;
use crate::model::{Line, UnitPath, harmless};
use crate::run::event::{Event, EventKind, RunCommand, Step};
use crate::run::outcome::{Failure, Outcome, Success};

/// A name longer than this does not push the columns of all others.
const WIDEST_NAME: usize = 40;

/// The width of `output missing`.
const STEP_WIDTH: usize = 14;

/// A log that is silent for longer looks dead, and some CI systems take it for that.
const LONGEST_SILENCE: Duration = Duration::from_secs(30);

/// What of a unit's words is kept to be shown in one piece.
const MOST_LINES: usize = 10_000;

/// Whose words are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Words {
    /// Those of units that failed: their last lines.
    OfFailed,
    /// Each unit's, in one piece when it has ended.
    Grouped,
    /// Each line when it comes, behind its unit's name.
    Streamed,
}

/// Writes a plain log.
#[derive(Debug)]
pub struct Plain<W> {
    out: W,
    look: Look,
    words: Words,
    board: Board,
    name_width: usize,
    kept: HashMap<UnitPath, Kept>,
    /// A failure that waits for the names of those that it blocks, which come right after it.
    untold_failure: Option<UnitPath>,
    cancelled: Vec<String>,
    last_line_at: Duration,
}

/// The last words of a unit.
#[derive(Debug, Default)]
struct Kept {
    lines: VecDeque<Line>,
    dropped: usize,
}

impl<W: Write> Plain<W> {
    pub fn new(out: W, look: Look, words: Words) -> Self {
        Self {
            out,
            look,
            words,
            board: Board::default(),
            name_width: 0,
            kept: HashMap::new(),
            untold_failure: None,
            cancelled: Vec::new(),
            last_line_at: Duration::ZERO,
        }
    }
}

impl<W: Write> Reporter for Plain<W> {
    fn observe(&mut self, event: &Event) -> io::Result<()> {
        self.board.observe(event);
        self.tell_what_was_put_off(event)?;
        match &event.kind {
            EventKind::RunStarted(_) => self.open(),
            EventKind::UnitStep { unit, step } => self.tell_step(unit, step),
            EventKind::UnitLine { unit, line } => self.tell_line(unit, line),
            EventKind::UnitEnded { unit, outcome } => self.tell_end(unit, outcome),
            EventKind::Stopping { .. } => self.tell_stop(),
            EventKind::Tick => self.break_the_silence(),
            EventKind::UnitStarted { .. } | EventKind::RunEnded => Ok(()),
        }?;
        self.out.flush()
    }

    fn redraws(&self) -> bool {
        true
    }
}

impl<W: Write> Plain<W> {
    fn open(&mut self) -> io::Result<()> {
        let widths = self
            .board
            .units()
            .iter()
            .map(|unit| unit.name.chars().count());
        self.name_width = widths.max().unwrap_or(0).min(WIDEST_NAME);
        let opening = self.board.run.as_ref().map(|run| words::opening(run));
        for line in opening.unwrap_or_default() {
            self.write_line(&line)?;
        }
        Ok(())
    }

    fn tell_step(&mut self, path: &UnitPath, step: &Step) -> io::Result<()> {
        if is_groundwork(step) {
            return Ok(());
        }
        let is_the_command = self
            .board
            .run
            .as_ref()
            .is_some_and(|run| run.command.step() == *step);
        let who = self.board.unit(path).and_then(Unit::who_and_where);
        let who = who.filter(|_| is_the_command).unwrap_or_default();
        self.write_row(path, &step.doing(), &self.look.faint(who))
    }

    fn tell_line(&mut self, path: &UnitPath, line: &Line) -> io::Result<()> {
        match self.words {
            Words::OfFailed => Ok(()),
            Words::Grouped => {
                self.kept
                    .entry(path.clone())
                    .or_default()
                    .keep(line.clone());
                Ok(())
            }
            Words::Streamed => {
                let text = self.look.quoted(line);
                self.write_prefixed(path, &format!("│ {text}"))
            }
        }
    }

    fn tell_end(&mut self, path: &UnitPath, outcome: &Outcome) -> io::Result<()> {
        match outcome {
            Outcome::Succeeded(success) => {
                self.tell_success(path, success, outcome)?;
                self.tell_kept_words(path)
            }
            Outcome::Failed(_) => {
                self.untold_failure = Some(path.clone());
                Ok(())
            }
            Outcome::Excluded { reason } => {
                self.write_row(path, "excluded", &words::exclusion(reason))
            }
            // Told with the failure.
            Outcome::Blocked { .. } => Ok(()),
            Outcome::Cancelled => {
                self.cancelled.push(self.board.name(path));
                Ok(())
            }
        }
    }

    fn tell_success(
        &mut self,
        path: &UnitPath,
        success: &Success,
        outcome: &Outcome,
    ) -> io::Result<()> {
        let word = words::outcome(outcome, &self.command());
        let details: Vec<String> = [
            words::changes(success.changes),
            self.time_of(path),
            success.remark.as_ref().map(words::remark),
        ]
        .into_iter()
        .flatten()
        .collect();
        self.write_row(path, &word, &details.join("   "))
    }

    /// What comes in one piece is written when the last of its facts is known.
    fn tell_what_was_put_off(&mut self, event: &Event) -> io::Result<()> {
        let outcome = match &event.kind {
            EventKind::UnitEnded { outcome, .. } => Some(outcome),
            EventKind::RunStarted(_)
            | EventKind::UnitStarted { .. }
            | EventKind::UnitStep { .. }
            | EventKind::UnitLine { .. }
            | EventKind::Stopping { .. }
            | EventKind::Tick
            | EventKind::RunEnded => None,
        };
        if !matches!(outcome, Some(Outcome::Blocked { .. }))
            && let Some(path) = self.untold_failure.take()
        {
            self.tell_failure(&path)?;
        }
        if outcome != Some(&Outcome::Cancelled) && !self.cancelled.is_empty() {
            let names = words::listed(&std::mem::take(&mut self.cancelled));
            self.write_clocked(&format!("cancelled: {names}"))?;
        }
        Ok(())
    }

    fn tell_failure(&mut self, path: &UnitPath) -> io::Result<()> {
        let Some(unit) = self.board.unit(path) else {
            return Ok(());
        };
        let Some(Outcome::Failed(failure)) = unit.outcome() else {
            return Ok(());
        };
        let name = unit.name.clone();
        let word = words::failure(failure, &self.command());
        let last_words = if self.kept.contains_key(path) {
            LastWords::StandAbove
        } else {
            LastWords::Quoted
        };
        let block = failure::block(&self.board, unit, failure, &self.look, last_words);
        let annotation = self.annotation(&name, failure);
        // Somebody asked for an interruption; there is nothing to explain.
        let explains_itself = matches!(failure, Failure::Interrupted { .. });
        let time = self.time_of(path).unwrap_or_default();
        self.write_row(path, &self.look.bad(&word), &time)?;
        self.tell_kept_words(path)?;
        if explains_itself {
            return Ok(());
        }
        if let Some(annotation) = annotation {
            writeln!(self.out, "{annotation}")?;
        }
        self.write_group(path, &format!("{name}: {word}"), &block)
    }

    fn annotation(&self, name: &str, failure: &Failure) -> Option<String> {
        let ci = self.look.ci;
        let explanation = failure::explain(failure);
        let (title, message) = (harmless(name), harmless(&explanation.headline));
        let (title, message) = (ci::inert(ci, &title), ci::inert(ci, &message));
        ci::error_annotation(ci, &title, &message, explanation.place.as_ref())
    }

    fn tell_kept_words(&mut self, path: &UnitPath) -> io::Result<()> {
        let Some(kept) = self.kept.remove(path) else {
            return Ok(());
        };
        let before = format!("  │ … {} lines before these", kept.dropped);
        let first = (kept.dropped > 0).then_some(before);
        let lines = kept
            .lines
            .iter()
            .map(|line| format!("  │ {}", self.look.quoted(line)));
        let text: Vec<String> = first.into_iter().chain(lines).collect();
        let title = format!("{}: what it said", self.board.name(path));
        self.write_group(path, &title, &text.join("\n"))
    }

    fn tell_stop(&mut self) -> io::Result<()> {
        let stop = self.board.stop.clone();
        let lines = stop
            .map(|stop| stopping::lines(&self.board, &stop))
            .unwrap_or_default();
        for (number, line) in lines.iter().enumerate() {
            let line = if number == 0 {
                self.look.notable(line)
            } else {
                line.clone()
            };
            self.write_clocked(&line)?;
        }
        Ok(())
    }

    fn break_the_silence(&mut self) -> io::Result<()> {
        if self.board.now.saturating_sub(self.last_line_at) < LONGEST_SILENCE {
            return Ok(());
        }
        let running: Vec<String> = self
            .board
            .running()
            .iter()
            .map(|unit| self.still(unit))
            .collect();
        if running.is_empty() {
            return Ok(());
        }
        self.write_clocked(&format!("still running: {}", words::listed(&running)))
    }

    /// `dev/eks (planning, 1m02s)`
    fn still(&self, unit: &Unit) -> String {
        let time = words::so_far(unit.time(self.board.now).unwrap_or_default());
        match unit.step() {
            Some(step) => format!("{} ({}, {time})", unit.name, step.doing()),
            None => format!("{} ({time})", unit.name),
        }
    }

    fn command(&self) -> RunCommand {
        let run = self.board.run.as_ref();
        run.map_or(RunCommand::Other("command".to_owned()), |run| {
            run.command.clone()
        })
    }

    fn time_of(&self, path: &UnitPath) -> Option<String> {
        Some(words::took(self.board.unit(path)?.time(self.board.now)?))
    }

    fn now(&self) -> Timestamp {
        let start = self
            .board
            .run
            .as_ref()
            .map_or(Timestamp::UNIX_EPOCH, |run| run.started_at);
        let since = SignedDuration::try_from(self.board.now).unwrap_or_default();
        start.checked_add(since).unwrap_or(start)
    }

    fn write_row(&mut self, path: &UnitPath, word: &str, details: &str) -> io::Result<()> {
        let width = console::measure_text_width(word);
        let gap = " ".repeat(STEP_WIDTH.saturating_sub(width) + 2);
        self.write_prefixed(path, &format!("{word}{gap}{details}"))
    }

    fn write_prefixed(&mut self, path: &UnitPath, text: &str) -> io::Result<()> {
        let name = harmless(&self.board.name(path));
        let name = format!("{name:<width$}", width = self.name_width);
        self.write_clocked(&format!("{}  {text}", self.look.strong(name)))
    }

    fn write_clocked(&mut self, text: &str) -> io::Result<()> {
        let clock = self
            .now()
            .to_zoned(self.look.zone.clone())
            .strftime("%H:%M:%S")
            .to_string();
        self.write_line(&format!("{}  {text}", self.look.faint(clock)))
    }

    fn write_group(&mut self, path: &UnitPath, title: &str, text: &str) -> io::Result<()> {
        let (ci, now) = (self.look.ci, self.now());
        let title = ci::inert(ci, &harmless(title)).into_owned();
        if let Some(start) = ci::group_start(ci, path.as_str(), &title, now) {
            writeln!(self.out, "{start}")?;
        }
        for line in text.lines() {
            self.write_line(line)?;
        }
        if let Some(end) = ci::group_end(ci, path.as_str(), now) {
            writeln!(self.out, "{end}")?;
        }
        Ok(())
    }

    /// The only way into the log for words that may be somebody else's.
    fn write_line(&mut self, line: &str) -> io::Result<()> {
        self.last_line_at = self.board.now;
        writeln!(self.out, "{}", ci::inert(self.look.ci, line).trim_end())
    }
}

/// Steps that are over at once, as a rule. When one is not, the log says so once it has been silent
/// for long.
fn is_groundwork(step: &Step) -> bool {
    match step {
        Step::ReadingOutputs | Step::Preparing | Step::FetchingSource | Step::AssumingRole => true,
        Step::Initialising
        | Step::RunningHook { .. }
        | Step::Planning
        | Step::Applying
        | Step::Destroying
        | Step::Validating
        | Step::Running { .. }
        | Step::WaitingToRetry { .. } => false,
    }
}

impl Kept {
    fn keep(&mut self, line: Line) {
        if self.lines.len() == MOST_LINES {
            self.lines.pop_front();
            self.dropped += 1;
        }
        self.lines.push_back(line);
    }
}

#[cfg(test)]
mod tests;
