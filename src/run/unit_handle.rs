//! What a unit's run holds: how it says what it is doing, and how it hears that it should end.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::pin;

use tokio::sync::{Notify, mpsc};

use super::event::{Stage, Step};
use super::outcome::{Failure, Success};
use crate::model::{Line, UnitIx, UnitPath};

/// What a unit's run says to the loop. Its end travels the same way as its progress, as the last
/// message, so that it can never overtake what was said before.
#[derive(Debug)]
pub(super) enum Said {
    Step(UnitIx, Step),
    Line(UnitIx, Line),
    /// It now waits for ticks; the loop must look up whether it makes any.
    WantsTicks,
    Ended(UnitIx, Result<Success, Failure>),
}

/// The two ways in which the loop speaks to all units, and the one in which they answer.
///
/// The channel has no bound because it needs none: units run only while it is empty, each for one
/// short turn. Those who wait are woken in the order in which they began to wait, so that the same
/// run makes the same events (a `watch` channel wakes in an order of its own).
#[derive(Debug)]
pub(super) struct Lines {
    say: mpsc::UnboundedSender<Said>,
    stage: Cell<Option<Stage>>,
    stage_changed: Notify,
    ticked: Notify,
    tick_listeners: Cell<usize>,
}

impl Lines {
    pub(super) fn new() -> (Self, mpsc::UnboundedReceiver<Said>) {
        let (say, said) = mpsc::unbounded_channel();
        let lines = Self {
            say,
            stage: Cell::new(None),
            stage_changed: Notify::new(),
            ticked: Notify::new(),
            tick_listeners: Cell::new(0),
        };
        (lines, said)
    }

    pub(super) fn reach(&self, stage: Stage) {
        self.stage.set(Some(stage));
        self.stage_changed.notify_waiters();
    }

    pub(super) fn tick(&self) {
        self.ticked.notify_waiters();
    }

    pub(super) fn somebody_wants_ticks(&self) -> bool {
        self.tick_listeners.get() > 0
    }
}

/// A unit's run, as seen by the code that does it.
#[derive(Debug)]
pub struct UnitHandle<'run> {
    unit: UnitIx,
    path: &'run UnitPath,
    lines: &'run Lines,
    may_change_things: bool,
    step: RefCell<Step>,
}

/// Comes by about ten times a second.
#[derive(Debug)]
pub struct Ticks<'run>(&'run Lines);

impl<'run> UnitHandle<'run> {
    pub(super) fn new(
        unit: UnitIx,
        path: &'run UnitPath,
        lines: &'run Lines,
        may_change_things: bool,
    ) -> Self {
        let step = RefCell::new(Step::Preparing);
        Self {
            unit,
            path,
            lines,
            may_change_things,
            step,
        }
    }

    pub fn unit(&self) -> UnitIx {
        self.unit
    }

    pub fn path(&self) -> &UnitPath {
        self.path
    }

    /// Whether the run's command may change things, so that stopping it half-way may lose some.
    pub fn may_change_things(&self) -> bool {
        self.may_change_things
    }

    /// Says what the unit turns to.
    pub fn step(&self, step: Step) {
        self.step.replace(step.clone());
        self.say(Said::Step(self.unit, step));
    }

    /// Passes on what a child says.
    pub fn line(&self, line: Line) {
        self.say(Said::Line(self.unit, line));
    }

    /// How firmly the unit is asked to end, if it is.
    pub fn stage(&self) -> Option<Stage> {
        self.lines.stage.get()
    }

    /// Waits until the unit is asked to end this firmly or more.
    pub async fn reaches(&self, stage: Stage) {
        loop {
            let mut changed = pin!(self.lines.stage_changed.notified());
            changed.as_mut().enable();
            if self.stage() >= Some(stage) {
                return;
            }
            changed.await;
        }
    }

    /// Does `work`, unless and until the unit is asked to stop. For waiting on others: a state that
    /// is read, a role, a module. (A child is asked by itself; see [`attend`](super::attend).)
    pub async fn unless_interrupted<T>(&self, work: impl Future<Output = T>) -> Result<T, Failure> {
        tokio::select! {
            biased;
            () = self.reaches(Stage::Interrupting) => Err(self.interrupted(false)),
            done = work => Ok(done),
        }
    }

    /// Ends the unit if the run is stopping at all. To be asked right before the command that
    /// changes things: up to there nothing is lost by ending, and from there on a drain lets it
    /// finish.
    pub fn point_of_no_return(&self) -> Result<(), Failure> {
        match self.stage() {
            None => Ok(()),
            Some(_) => Err(self.interrupted(false)),
        }
    }

    /// The failure of a unit that was stopped in its current step.
    pub fn interrupted(&self, killed: bool) -> Failure {
        Failure::Interrupted {
            step: self.step.borrow().clone(),
            killed,
        }
    }

    pub fn current_step(&self) -> Step {
        self.step.borrow().clone()
    }

    /// Ticks, for as long as the answer is kept.
    pub fn ticks(&self) -> Ticks<'run> {
        let listeners = &self.lines.tick_listeners;
        listeners.set(listeners.get() + 1);
        self.say(Said::WantsTicks);
        Ticks(self.lines)
    }

    pub(super) fn ended(&self, result: Result<Success, Failure>) {
        self.say(Said::Ended(self.unit, result));
    }

    fn say(&self, said: Said) {
        self.lines
            .say
            .send(said)
            .expect("the loop outlives the units that it runs");
    }
}

impl Ticks<'_> {
    /// The next tick from now on; one that passes while nobody waits is not made up for.
    pub async fn next(&mut self) {
        self.0.ticked.notified().await;
    }
}

impl Drop for Ticks<'_> {
    fn drop(&mut self) {
        let listeners = &self.0.tick_listeners;
        listeners.set(listeners.get() - 1);
    }
}
