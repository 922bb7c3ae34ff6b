//! Who may start, and what a finish means.
//!
//! Pure: no clock, no async, no processes; it does not know what a unit does. It has one owner,
//! the dispatcher, which asks it again after every finish, so there is never a stale picture of
//! what is ready. Asking what may start and starting it are one step ([`RunQueue::start_next`]):
//! there is no moment at which a unit is claimed but could still be called back.
//!
//! Each unit moves along one line and never back:
//!
//! ```text
//! Waiting ──► Ready ──► Running ──► Ended        finish
//!    └──────────┴────────────────► Ended         blocked by a failure, or cancelled by a stop
//! ```
//!
//! Invariants, all of them property-tested:
//! - A unit starts only after all its upstreams let it; it ends exactly once.
//! - Never more units run than the limit; never is a place free while a unit is ready.
//! - After a failure nothing below it starts, and each says which upstream stood in its way.
//! - After a stop nothing starts, whatever happens afterwards.
//! - The same graph, policy and finishes give the same starts.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::num::NonZeroUsize;
use std::time::Duration;

use super::outcome::Outcome;
use crate::graph::Graph;
use crate::model::{UnitIx, UnitMap};

/// What the queue is told once, before the run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Policy {
    pub limits: Limits,
    pub on_failure: OnFailure,
    pub order: Order,
    /// How long each unit usually takes. Without it every unit counts the same.
    pub usual: Option<UnitMap<Duration>>,
}

/// How much may run at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    pub parallelism: NonZeroUsize,
}

/// What a unit's failure means for the others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OnFailure {
    /// What waits for it is blocked; everything else goes on.
    KeepGoing,
    /// Nothing starts any more.
    FailFast,
    /// Nothing at all: what waits for it runs as if it had succeeded.
    IgnoreErrors,
}

/// Whether units wait for their upstreams.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    ByGraph,
    Ignored,
}

/// A unit that ended without having been started.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NeverStarted {
    pub unit: UnitIx,
    pub because: NeverStartedBecause,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NeverStartedBecause {
    /// This upstream of it failed, or was itself blocked.
    Blocked { cause: UnitIx },
    /// The run is stopping.
    Cancelled,
}

/// The units of one run, each with where it stands.
#[derive(Clone, Debug)]
pub struct RunQueue<'g> {
    graph: &'g Graph,
    policy: Policy,
    status: UnitMap<Status>,
    /// May still hold units that were cancelled since; their status says so.
    ready: BinaryHeap<(Priority, Reverse<UnitIx>)>,
    priority: UnitMap<Priority>,
    running: usize,
    not_ended: usize,
    stopping: bool,
}

/// The larger, the sooner.
type Priority = u128;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Status {
    Waiting { upstreams: usize },
    Ready,
    Running,
    Ended,
}

impl<'g> RunQueue<'g> {
    pub fn new(graph: &'g Graph, policy: Policy) -> Self {
        let status: UnitMap<Status> = graph
            .paths()
            .indices()
            .map(|unit| {
                let upstreams = match policy.order {
                    Order::ByGraph => graph.upstreams(unit).count(),
                    Order::Ignored => 0,
                };
                if graph.contains(unit) {
                    Status::Waiting { upstreams }
                } else {
                    Status::Ended
                }
            })
            .collect();
        let mut queue = Self {
            priority: priorities(graph, &policy),
            not_ended: graph.unit_count(),
            graph,
            policy,
            status,
            ready: BinaryHeap::new(),
            running: 0,
            stopping: false,
        };
        for unit in graph.units() {
            queue.make_ready_if_free(unit);
        }
        queue
    }

    /// Starts the ready unit with the longest work below it, if there is one and a place for it.
    pub fn start_next(&mut self) -> Option<UnitIx> {
        if self.stopping || self.running >= self.policy.limits.parallelism.get() {
            return None;
        }
        let (_, Reverse(unit)) = self.ready.pop()?;
        debug_assert_eq!(self.status[unit], Status::Ready);
        self.status[unit] = Status::Running;
        self.running += 1;
        Some(unit)
    }

    /// Takes note that `unit` has ended, and returns those that will now never start, each after
    /// the one that stood in its way.
    pub fn finish(&mut self, unit: UnitIx, outcome: &Outcome) -> Vec<NeverStarted> {
        assert_eq!(
            self.status[unit],
            Status::Running,
            "only a running unit can finish"
        );
        self.running -= 1;
        self.end(unit);
        let failed = match outcome {
            Outcome::Succeeded(_) | Outcome::Excluded { .. } => false,
            Outcome::Failed(_) | Outcome::Blocked { .. } | Outcome::Cancelled => true,
        };
        match (failed, self.policy.on_failure) {
            (false, _) | (true, OnFailure::IgnoreErrors) => {
                self.release_downstreams_of(unit);
                Vec::new()
            }
            (true, OnFailure::KeepGoing) => self.block_downstreams_of(unit),
            (true, OnFailure::FailFast) => {
                let mut never_started = self.block_downstreams_of(unit);
                never_started.extend(self.stop());
                never_started
            }
        }
    }

    /// From now on nothing starts. Returns everything that had not started, by path.
    pub fn stop(&mut self) -> Vec<NeverStarted> {
        self.stopping = true;
        let graph = self.graph;
        let mut cancelled = Vec::new();
        for unit in graph.units() {
            if self.has_not_started(unit) {
                self.end(unit);
                cancelled.push(NeverStarted {
                    unit,
                    because: NeverStartedBecause::Cancelled,
                });
            }
        }
        cancelled
    }

    /// Whether every unit has ended.
    pub fn is_done(&self) -> bool {
        self.not_ended == 0
    }

    pub fn is_stopping(&self) -> bool {
        self.stopping
    }

    pub fn running_count(&self) -> usize {
        self.running
    }

    fn end(&mut self, unit: UnitIx) {
        self.status[unit] = Status::Ended;
        self.not_ended -= 1;
    }

    fn has_not_started(&self, unit: UnitIx) -> bool {
        match self.status[unit] {
            Status::Waiting { .. } | Status::Ready => true,
            Status::Running | Status::Ended => false,
        }
    }

    fn make_ready_if_free(&mut self, unit: UnitIx) {
        if self.status[unit] == (Status::Waiting { upstreams: 0 }) {
            self.status[unit] = Status::Ready;
            self.ready.push((self.priority[unit], Reverse(unit)));
        }
    }

    fn release_downstreams_of(&mut self, unit: UnitIx) {
        if self.policy.order == Order::Ignored {
            return;
        }
        let graph = self.graph;
        for downstream in graph.downstreams(unit) {
            if let Status::Waiting { upstreams } = &mut self.status[downstream] {
                *upstreams -= 1;
                self.make_ready_if_free(downstream);
            }
        }
    }

    /// Breadth first, so that each unit is blocked by the nearest upstream in its way.
    fn block_downstreams_of(&mut self, failed: UnitIx) -> Vec<NeverStarted> {
        if self.policy.order == Order::Ignored {
            return Vec::new();
        }
        let graph = self.graph;
        let mut blocked = Vec::new();
        let mut causes = VecDeque::from([failed]);
        while let Some(cause) = causes.pop_front() {
            for unit in graph.downstreams(cause) {
                if self.has_not_started(unit) {
                    self.end(unit);
                    causes.push_back(unit);
                    blocked.push(NeverStarted {
                        unit,
                        because: NeverStartedBecause::Blocked { cause },
                    });
                }
            }
        }
        blocked
    }
}

/// The longest chain of work that waits for each unit, itself included: no run ends sooner than
/// its longest chain, so what heads one must not wait. (The number of units below would be another
/// measure; it takes more than linear time to count and says less about the end of the run.)
///
/// One unit at a time, no choice makes the run shorter, and a destroy simply retraces the apply.
fn priorities(graph: &Graph, policy: &Policy) -> UnitMap<Priority> {
    let one_at_a_time = policy.limits.parallelism.get() == 1;
    if graph.is_reversed() && one_at_a_time {
        return retraced(graph, policy);
    }
    let mut longest: UnitMap<Priority> = graph.paths().indices().map(|_| 0).collect();
    for unit in graph.topological_order().into_iter().rev() {
        let below = graph
            .downstreams(unit)
            .map(|downstream| longest[downstream]);
        let own = match &policy.usual {
            // A unit that takes no time at all still counts, or its whole chain would not.
            Some(usual) => usual[unit].as_millis().max(1),
            None => 1,
        };
        longest[unit] = below.max().unwrap_or(0) + own;
    }
    longest
}

/// What an apply of one unit at a time starts last, its destroy starts first.
fn retraced(graph: &Graph, policy: &Policy) -> UnitMap<Priority> {
    let forwards = graph.reversed();
    let mut apply = RunQueue::new(
        &forwards,
        Policy {
            on_failure: OnFailure::KeepGoing,
            ..policy.clone()
        },
    );
    let mut position: UnitMap<Priority> = graph.paths().indices().map(|_| 0).collect();
    let mut next = 1;
    while let Some(unit) = apply.start_next() {
        position[unit] = next;
        next += 1;
        apply.finish(
            unit,
            &Outcome::Succeeded(super::outcome::Success::default()),
        );
    }
    position
}

#[cfg(test)]
mod tests;
