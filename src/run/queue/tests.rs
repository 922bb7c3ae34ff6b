//! Named cases, random runs, and all small runs there are.

use std::num::NonZeroUsize;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::graph::sketch::{graph, names, unit};
use crate::run::outcome::{Failure, Success};

fn policy(parallelism: usize) -> Policy {
    Policy {
        limits: Limits {
            parallelism: NonZeroUsize::new(parallelism).expect("at least one at a time"),
        },
        on_failure: OnFailure::KeepGoing,
        order: Order::ByGraph,
        usual: None,
    }
}

fn success() -> Outcome {
    Outcome::Succeeded(Success::default())
}

fn failure() -> Outcome {
    Outcome::Failed(Failure::Bug {
        message: "it broke".into(),
    })
}

fn start_all(queue: &mut RunQueue<'_>) -> Vec<UnitIx> {
    std::iter::from_fn(|| queue.start_next()).collect()
}

/// The paths in the order in which they start when each ends well and at once.
fn start_order(graph: &Graph, policy: Policy) -> String {
    let mut queue = RunQueue::new(graph, policy);
    let mut order = Vec::new();
    while let Some(unit) = queue.start_next() {
        order.push(unit);
        queue.finish(unit, &success());
    }
    names(graph, order)
}

/// What a finish leaves behind, as `d<c` for "d is blocked by c" and `d!` for "d is cancelled".
fn told(graph: &Graph, never_started: &[NeverStarted]) -> String {
    let tell = |never: &NeverStarted| match never.because {
        NeverStartedBecause::Blocked { cause } => {
            format!("{}<{}", graph.path(never.unit), graph.path(cause))
        }
        NeverStartedBecause::Cancelled => format!("{}!", graph.path(never.unit)),
    };
    never_started.iter().map(tell).collect::<Vec<_>>().join(" ")
}

#[test]
fn what_heads_the_longest_chain_starts_first_and_then_the_path_decides() {
    let graph = graph("a | b | c | z1 | z2: z1 | z3: z2");
    assert_eq!(start_order(&graph, policy(1)), "z1 z2 a b c z3");
}

#[test]
fn recorded_times_outweigh_the_number_of_units() {
    let graph = graph("a | b: a | c: b | slow");
    let usual = graph
        .paths()
        .map(|path| Duration::from_secs(if path.as_str() == "slow" { 60 } else { 5 }));
    let by_time = Policy {
        usual: Some(usual),
        ..policy(1)
    };
    assert_eq!(start_order(&graph, by_time), "slow a b c");
    assert_eq!(start_order(&graph, policy(1)), "a b c slow");
}

#[test]
fn no_more_units_run_than_the_limit_allows() {
    let graph = graph("a | b | c");
    let mut queue = RunQueue::new(&graph, policy(2));
    assert_eq!(names(&graph, start_all(&mut queue)), "a b");
    queue.finish(unit(&graph, "b"), &success());
    assert_eq!(names(&graph, start_all(&mut queue)), "c");
}

#[test]
fn blocked_units_name_the_nearest_upstream_in_their_way() {
    let graph = graph("a | b: a | c: b | d: a c | e: b c | free");
    let mut queue = RunQueue::new(&graph, policy(8));
    start_all(&mut queue);
    queue.finish(unit(&graph, "a"), &success());
    start_all(&mut queue);
    let never_started = queue.finish(unit(&graph, "b"), &failure());
    assert_eq!(told(&graph, &never_started), "c<b e<b d<c");
    assert!(!queue.is_done(), "the free unit still runs");
    queue.finish(unit(&graph, "free"), &success());
    assert!(queue.is_done());
}

#[test]
fn the_shortest_way_to_the_failure_names_the_cause() {
    let graph = graph("a | b: a | d: b y | x: a | y: x");
    let mut queue = RunQueue::new(&graph, policy(1));
    start_all(&mut queue);
    let never_started = queue.finish(unit(&graph, "a"), &failure());
    assert_eq!(told(&graph, &never_started), "b<a x<a d<b y<x");
}

#[test]
fn fail_fast_blocks_what_waits_and_cancels_the_rest() {
    let graph = graph("a | b: a | c | d");
    let fail_fast = Policy {
        on_failure: OnFailure::FailFast,
        ..policy(2)
    };
    let mut queue = RunQueue::new(&graph, fail_fast);
    assert_eq!(names(&graph, start_all(&mut queue)), "a c");
    let never_started = queue.finish(unit(&graph, "a"), &failure());
    assert_eq!(told(&graph, &never_started), "b<a d!");
    assert_eq!(queue.start_next(), None);
    queue.finish(unit(&graph, "c"), &success());
    assert!(queue.is_done());
}

#[test]
fn ignored_errors_let_downstreams_run() {
    let graph = graph("a | b: a");
    let ignoring = Policy {
        on_failure: OnFailure::IgnoreErrors,
        ..policy(1)
    };
    let mut queue = RunQueue::new(&graph, ignoring);
    start_all(&mut queue);
    assert!(queue.finish(unit(&graph, "a"), &failure()).is_empty());
    assert_eq!(names(&graph, start_all(&mut queue)), "b");
}

#[test]
fn without_order_everything_is_ready_at_once_and_nothing_is_blocked() {
    let graph = graph("a | b: a | c: b");
    let unordered = Policy {
        order: Order::Ignored,
        ..policy(8)
    };
    let mut queue = RunQueue::new(&graph, unordered);
    assert_eq!(start_all(&mut queue).len(), 3);
    assert!(queue.finish(unit(&graph, "a"), &failure()).is_empty());
}

#[test]
fn a_stop_cancels_what_has_not_started_and_lets_the_rest_end() {
    let graph = graph("a | b: a | c | d");
    let mut queue = RunQueue::new(&graph, policy(1));
    start_all(&mut queue);
    assert_eq!(told(&graph, &queue.stop()), "b! c! d!");
    assert!(queue.stop().is_empty(), "each is told once");
    assert!(queue.finish(unit(&graph, "a"), &success()).is_empty());
    assert_eq!(queue.start_next(), None);
    assert!(queue.is_done());
}

#[test]
fn one_at_a_time_a_destroy_retraces_the_apply() {
    let graph = graph("a | b: a | c: b | d | e: d | f");
    let apply = start_order(&graph, policy(1));
    let destroy = start_order(&graph.reversed(), policy(1));
    let backwards: Vec<&str> = apply.split(' ').rev().collect();
    assert_eq!(destroy, backwards.join(" "));
}

#[test]
fn only_chosen_units_run() {
    let whole = graph("a | b: a | c: b");
    let chosen = whole.restricted_to(&[unit(&whole, "c")].into());
    assert_eq!(start_order(&chosen, policy(1)), "c");
}

/// One thing that happened in a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Move {
    Started(UnitIx),
    Finished(UnitIx, bool),
    Stopped,
    Never(NeverStarted),
}

/// A world to run in: which units fail, which of those that run ends next, and when a stop comes.
#[derive(Clone, Debug)]
struct World {
    graph: Graph,
    policy: Policy,
    fails: Vec<bool>,
    ends_next: Vec<usize>,
    stop_after: Option<usize>,
}

impl World {
    /// Runs to the end and returns all that happened.
    fn run(&self) -> Vec<Move> {
        let mut queue = RunQueue::new(&self.graph, self.policy.clone());
        let mut moves = Vec::new();
        let mut running = Vec::new();
        for turn in 0.. {
            if self.stop_after == Some(turn) {
                moves.push(Move::Stopped);
                moves.extend(queue.stop().into_iter().map(Move::Never));
            }
            while let Some(unit) = queue.start_next() {
                moves.push(Move::Started(unit));
                running.push(unit);
            }
            assert_eq!(queue.running_count(), running.len());
            if running.is_empty() {
                break;
            }
            let which = self.ends_next.get(turn).copied().unwrap_or(0) % running.len();
            let unit = running.remove(which);
            let failed = self.fails[unit.index()];
            moves.push(Move::Finished(unit, failed));
            let outcome = if failed { failure() } else { success() };
            moves.extend(queue.finish(unit, &outcome).into_iter().map(Move::Never));
        }
        assert!(
            queue.is_done(),
            "nothing runs and yet something has not ended: {self:?}"
        );
        moves
    }
}

/// Follows a run move by move and holds each against what was promised.
struct Witness<'w> {
    world: &'w World,
    started: Vec<UnitIx>,
    running: Vec<UnitIx>,
    ended_well: Vec<UnitIx>,
    ended: Vec<UnitIx>,
    failed: Vec<UnitIx>,
    never: Vec<NeverStarted>,
    stopped: bool,
}

impl<'w> Witness<'w> {
    fn of(world: &'w World) -> Self {
        let mut witness = Self {
            world,
            started: Vec::new(),
            running: Vec::new(),
            ended_well: Vec::new(),
            ended: Vec::new(),
            failed: Vec::new(),
            never: Vec::new(),
            stopped: false,
        };
        let moves = world.run();
        for (position, step) in moves.iter().enumerate() {
            witness.see(*step);
            // The queue has had its say when the next unit ends, or when nothing more happens.
            if matches!(moves.get(position + 1), None | Some(Move::Finished(..))) {
                witness.check_that_no_place_is_wasted();
            }
        }
        let mut ended = witness.ended.clone();
        ended.sort_unstable();
        assert!(
            ended.iter().copied().eq(world.graph.units()),
            "each unit ends exactly once"
        );
        witness
    }

    fn see(&mut self, step: Move) {
        match step {
            Move::Started(unit) => {
                assert!(!self.stopped, "something starts after a stop");
                assert!(
                    self.lets_start(unit),
                    "{unit:?} starts before its upstreams let it"
                );
                self.started.push(unit);
                self.running.push(unit);
                assert!(self.running.len() <= self.world.policy.limits.parallelism.get());
            }
            Move::Finished(unit, failed) => {
                self.running.retain(|running| *running != unit);
                self.ended.push(unit);
                if failed {
                    self.failed.push(unit);
                    self.stopped |= self.world.policy.on_failure == OnFailure::FailFast;
                } else {
                    self.ended_well.push(unit);
                }
            }
            Move::Stopped => self.stopped = true,
            Move::Never(never) => {
                assert!(!self.started.contains(&never.unit), "it did start");
                match never.because {
                    NeverStartedBecause::Cancelled => assert!(self.stopped),
                    NeverStartedBecause::Blocked { cause } => self.check_cause(never.unit, cause),
                }
                self.ended.push(never.unit);
                self.never.push(never);
            }
        }
    }

    fn lets_start(&self, unit: UnitIx) -> bool {
        let world = self.world;
        let satisfied = |upstream: UnitIx| {
            self.ended_well.contains(&upstream)
                || (world.policy.on_failure == OnFailure::IgnoreErrors
                    && self.failed.contains(&upstream))
        };
        world.policy.order == Order::Ignored || world.graph.upstreams(unit).all(satisfied)
    }

    /// The cause is a direct upstream that failed, or that was blocked before.
    fn check_cause(&self, unit: UnitIx, cause: UnitIx) {
        assert!(
            self.world
                .graph
                .upstreams(unit)
                .any(|upstream| upstream == cause)
        );
        let blocked = self.never.iter().any(|never| never.unit == cause);
        assert!(self.failed.contains(&cause) || blocked);
        let failed_upstreams = self.world.graph.upstreams(unit);
        let nearest = failed_upstreams
            .filter(|upstream| self.failed.contains(upstream))
            .count();
        assert!(
            nearest == 0 || self.failed.contains(&cause),
            "a failed upstream is nearer"
        );
    }

    fn check_that_no_place_is_wasted(&self) {
        let free = self.running.len() < self.world.policy.limits.parallelism.get();
        if free && !self.stopped {
            let mut idle = self.world.graph.units().filter(|unit| {
                !self.started.contains(unit) && !self.ended.contains(unit) && self.lets_start(*unit)
            });
            assert_eq!(idle.next(), None, "a place is free and a unit is ready");
        }
    }
}

fn numbered_graph(units: usize, edges: &[(usize, usize)]) -> Graph {
    let name = |number: usize| format!("u{number}");
    let lines: Vec<String> = (0..units)
        .map(|downstream| {
            let upstreams = edges.iter().filter(|(_, to)| *to == downstream);
            let upstreams: Vec<String> = upstreams.map(|(from, _)| name(*from)).collect();
            format!("{}: {}", name(downstream), upstreams.join(" "))
        })
        .collect();
    graph(&lines.join("|"))
}

fn on_failure() -> impl Strategy<Value = OnFailure> {
    prop_oneof![
        Just(OnFailure::KeepGoing),
        Just(OnFailure::FailFast),
        Just(OnFailure::IgnoreErrors)
    ]
}

fn edges(units: usize) -> impl Strategy<Value = Vec<(usize, usize)>> {
    let ends = (0..units, 0..units).prop_filter_map("an edge goes up", |(a, b)| {
        (a != b).then(|| (a.min(b), a.max(b)))
    });
    prop::collection::vec(ends, 0..24)
}

fn world() -> impl Strategy<Value = World> {
    (
        edges(10),
        (1..5usize, on_failure(), any::<bool>(), any::<bool>()),
        prop::collection::vec(prop::bool::weighted(0.2), 10),
        prop::collection::vec(0..8usize, 10),
        prop::option::weighted(0.3, 0..10usize),
    )
        .prop_map(
            |(edges, (limit, on_failure, ordered, destroy), fails, ends_next, stop_after)| {
                let forwards = numbered_graph(10, &edges);
                World {
                    graph: if destroy {
                        forwards.reversed()
                    } else {
                        forwards
                    },
                    policy: Policy {
                        on_failure,
                        order: if ordered {
                            Order::ByGraph
                        } else {
                            Order::Ignored
                        },
                        ..policy(limit)
                    },
                    fails,
                    ends_next,
                    stop_after,
                }
            },
        )
}

proptest! {
    /// Order, limit, blame, stop, one end each, no wasted place, and an end at all.
    #[test]
    fn every_run_keeps_every_promise(world in world()) {
        Witness::of(&world);
    }

    #[test]
    fn the_same_world_runs_the_same_way(world in world()) {
        prop_assert_eq!(world.run(), world.run());
    }

    #[test]
    fn nothing_below_a_failure_starts(mut world in world()) {
        world.policy.on_failure = OnFailure::KeepGoing;
        world.policy.order = Order::ByGraph;
        let witness = Witness::of(&world);
        let mut tainted = witness.failed.clone();
        for unit in world.graph.topological_order() {
            if world.graph.upstreams(unit).any(|upstream| tainted.contains(&upstream)) {
                prop_assert!(!witness.started.contains(&unit));
                tainted.push(unit);
            }
        }
    }

    #[test]
    fn a_destroy_of_one_at_a_time_is_the_apply_backwards(edges in edges(8)) {
        let graph = numbered_graph(8, &edges);
        let apply = start_order(&graph, policy(1));
        let destroy = start_order(&graph.reversed(), policy(1));
        prop_assert!(apply.split(' ').eq(destroy.split(' ').rev()));
    }

    #[test]
    fn a_unit_that_nobody_needs_does_not_disturb_the_others(edges in edges(8)) {
        let lonely = numbered_graph(9, &edges);
        let without = numbered_graph(8, &edges);
        let order = start_order(&lonely, policy(1));
        let others: Vec<&str> = order.split(' ').filter(|name| *name != "u8").collect();
        prop_assert_eq!(others.join(" "), start_order(&without, policy(1)));
    }
}

/// All graphs of four units, all sets of failures, all orders of finishing, a stop at every moment.
#[test]
fn every_small_run_keeps_every_promise() {
    const PAIRS: [(usize, usize); 6] = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)];
    for shape in 0..64u32 {
        let edges = PAIRS
            .iter()
            .zip(0..)
            .filter(|(_, bit)| shape >> bit & 1 == 1);
        let edges: Vec<(usize, usize)> = edges.map(|(pair, _)| *pair).collect();
        let graph = numbered_graph(4, &edges);
        for failing in 0..16u32 {
            for on_failure in [
                OnFailure::KeepGoing,
                OnFailure::FailFast,
                OnFailure::IgnoreErrors,
            ] {
                let world = World {
                    graph: graph.clone(),
                    policy: Policy {
                        on_failure,
                        ..policy(2)
                    },
                    fails: (0..4).map(|bit| failing >> bit & 1 == 1).collect(),
                    ends_next: Vec::new(),
                    stop_after: None,
                };
                in_every_order(&world);
            }
        }
    }
}

fn in_every_order(world: &World) {
    for choices in 0..8usize {
        for stop_after in [None, Some(0), Some(1), Some(2), Some(3)] {
            Witness::of(&World {
                ends_next: (0..3).map(|bit| choices >> bit & 1).collect(),
                stop_after,
                ..world.clone()
            });
        }
    }
}
