//! The one loop: it starts units, hears what they say, and decides what happens next.
//!
//! One thread, one task, one owner of everything that changes. The runs of units are futures held
//! inside the loop, so they borrow what they need; nothing is shared and nothing is locked. Each
//! turn waits for one thing, takes note of it, and lets the [`RunQueue`] decide. It does not know
//! what a unit does.
//!
//! ```text
//!  interrupts ────┐
//!  units speak ───┼─► select ─► Wake ─► take note ─┬─► emit(Event)
//!  tick ──────────┘                                ├─► queue.finish / stop ─► units that never start
//!        ▲                                         └─► queue.start_next ────► a new unit's run ─┐
//!        └── the runs of units, polled last ◄───────────────────────────────────────────────────┘
//! ```
//!
//! Invariants:
//! - Every event passes through one `emit`, in one order; nothing of a unit follows its end.
//! - It returns only when every unit has ended, and no run of a unit is left half-way.
//! - Units are polled only when nothing they said before and no interrupt is waiting to be heard.
//!   After an interrupt was seen, nothing starts.
//! - The words about a stop are out before the first child feels it.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::FutureExt as _;
use futures_util::stream::{self, FuturesUnordered, Stream, StreamExt as _};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::event::{Event, EventKind, Interrupt, RunStarted, Stage, StopCause};
use super::ladder::Ladder;
use super::outcome::{Exclusion, Failure, Outcome, Success};
use super::queue::{NeverStarted, NeverStartedBecause, Policy, RunQueue};
use super::unit_handle::{Lines, Said, UnitHandle};
use crate::graph::Graph;
use crate::model::{UnitIx, UnitPath};

const TICK: Duration = Duration::from_millis(100);

/// A run before it starts.
#[derive(Clone, Debug)]
pub struct Run<'g> {
    /// What runs, in which order: for a destroy the reversed graph.
    pub graph: &'g Graph,
    pub policy: Policy,
    /// Units of the run that their own files exclude. They are not in the graph.
    pub excluded: Vec<(UnitPath, Exclusion)>,
    pub facts: RunStarted,
    /// Whether somebody draws again as time passes. Without, no [`EventKind::Tick`] is made.
    pub redraws: bool,
}

/// Runs every unit of `run.graph`, each with `run_unit`, and returns when all have ended.
pub async fn dispatch(
    run: Run<'_>,
    run_unit: impl AsyncFn(&UnitHandle<'_>) -> Result<Success, Failure>,
    interrupts: impl Stream<Item = Interrupt>,
    emit: impl FnMut(&Event),
) {
    let (lines, mut said) = Lines::new();
    let graph = run.graph;
    let may_change_things = run.facts.command.may_change_things();
    let redraws = run.redraws;
    let mut interrupts = pin!(interrupts.chain(stream::pending()));
    let mut running = FuturesUnordered::new();
    let mut tick = interval_at(Instant::now() + TICK, TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut loop_state = Dispatcher::start(run, &lines, emit);

    loop {
        while let Some(unit) = loop_state.start_next() {
            let handle = UnitHandle::new(unit, graph.path(unit), &lines, may_change_things);
            running.push(run_to_its_end(handle, &run_unit));
        }
        if loop_state.queue.is_done() {
            break;
        }
        let somebody_wants_ticks = redraws || lines.somebody_wants_ticks();
        // Each branch only receives. What does not fit a pattern here would be lost.
        let wake = tokio::select! {
            biased;
            interrupt = interrupts.next() => Wake::Interrupt(interrupt),
            said = said.recv() => Wake::Said(said),
            _ = tick.tick(), if somebody_wants_ticks => Wake::Tick,
            _ = running.next(), if !running.is_empty() => Wake::UnitRan,
        };
        match wake {
            Wake::Interrupt(by) => loop_state.interrupt(by.expect("the stream goes on for ever")),
            Wake::Said(said) => loop_state.hear(said.expect("the loop holds a sender itself")),
            Wake::Tick => loop_state.tick(),
            // What it did, it said; that comes next.
            Wake::UnitRan => {}
        }
    }
    loop_state.emit(EventKind::RunEnded);
}

/// Everything that can wake the loop.
enum Wake {
    Interrupt(Option<Interrupt>),
    Said(Option<Said>),
    Tick,
    UnitRan,
}

/// One unit from start to end. A mistake of ours in one unit must not leave the children of the
/// others alone, so a panic ends this unit only.
async fn run_to_its_end(
    handle: UnitHandle<'_>,
    run_unit: &impl AsyncFn(&UnitHandle<'_>) -> Result<Success, Failure>,
) {
    let result = AssertUnwindSafe(run_unit(&handle)).catch_unwind().await;
    handle.ended(result.unwrap_or_else(|panic| {
        Err(Failure::Bug {
            message: message_of(panic.as_ref()),
        })
    }));
}

fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "a panic without a message".to_owned())
}

/// What the loop owns.
struct Dispatcher<'g, E> {
    queue: RunQueue<'g>,
    graph: &'g Graph,
    ladder: Ladder,
    lines: &'g Lines,
    interrupt_count: u32,
    redraws: bool,
    started: Instant,
    next_seq: u64,
    observe: E,
}

impl<'g, E: FnMut(&Event)> Dispatcher<'g, E> {
    fn start(run: Run<'g>, lines: &'g Lines, observe: E) -> Self {
        let mut dispatcher = Self {
            queue: RunQueue::new(run.graph, run.policy),
            graph: run.graph,
            ladder: Ladder::of(&run.facts.command),
            lines,
            interrupt_count: 0,
            redraws: run.redraws,
            started: Instant::now(),
            next_seq: 0,
            observe,
        };
        dispatcher.emit(EventKind::RunStarted(Box::new(run.facts)));
        for (unit, reason) in run.excluded {
            dispatcher.emit(EventKind::UnitEnded {
                unit,
                outcome: Outcome::Excluded { reason },
            });
        }
        dispatcher
    }

    fn emit(&mut self, kind: EventKind) {
        let event = Event {
            seq: self.next_seq,
            at: self.started.elapsed(),
            kind,
        };
        self.next_seq += 1;
        (self.observe)(&event);
    }

    /// The intent is told before anything of the unit exists.
    fn start_next(&mut self) -> Option<UnitIx> {
        let unit = self.queue.start_next()?;
        self.emit(EventKind::UnitStarted {
            unit: self.path(unit),
        });
        Some(unit)
    }

    fn hear(&mut self, said: Said) {
        match said {
            Said::Step(unit, step) => {
                let unit = self.path(unit);
                self.emit(EventKind::UnitStep { unit, step });
            }
            Said::Line(unit, line) => {
                let unit = self.path(unit);
                self.emit(EventKind::UnitLine { unit, line });
            }
            Said::WantsTicks => {}
            Said::Ended(unit, result) => self.end(unit, result),
        }
    }

    fn end(&mut self, unit: UnitIx, result: Result<Success, Failure>) {
        let outcome = match result {
            Ok(success) => Outcome::Succeeded(success),
            Err(failure) => Outcome::Failed(failure),
        };
        let was_stopping = self.queue.is_stopping();
        let mut never_started = self.queue.finish(unit, &outcome);
        if matches!(outcome, Outcome::Failed(Failure::Bug { .. })) {
            never_started.extend(self.queue.stop());
        }
        let path = self.path(unit);
        self.emit(EventKind::UnitEnded {
            unit: path.clone(),
            outcome,
        });
        if self.queue.is_stopping() && !was_stopping {
            let cause = StopCause::UnitFailed { unit: path };
            self.emit(EventKind::Stopping {
                cause,
                stage: Stage::Draining,
            });
        }
        self.end_all(&never_started);
    }

    fn interrupt(&mut self, by: Interrupt) {
        self.interrupt_count += 1;
        let stage = self.ladder.stage(self.interrupt_count);
        let never_started = self.queue.stop();
        let cause = StopCause::Interrupted {
            by,
            count: self.interrupt_count,
        };
        self.emit(EventKind::Stopping { cause, stage });
        self.end_all(&never_started);
        self.lines.reach(stage);
    }

    fn end_all(&mut self, never_started: &[NeverStarted]) {
        for never in never_started {
            let outcome = match never.because {
                NeverStartedBecause::Blocked { cause } => Outcome::Blocked {
                    cause: self.path(cause),
                },
                NeverStartedBecause::Cancelled => Outcome::Cancelled,
            };
            let unit = self.path(never.unit);
            self.emit(EventKind::UnitEnded { unit, outcome });
        }
    }

    /// First the units, which have something new to read; then the screens.
    fn tick(&mut self) {
        self.lines.tick();
        if self.redraws {
            self.emit(EventKind::Tick);
        }
    }

    fn path(&self, unit: UnitIx) -> UnitPath {
        self.graph.path(unit).clone()
    }
}

#[cfg(test)]
mod tests;
