//! How long it takes to decide, without anything being run: the queue alone, and the whole loop
//! with units that end at once.

use std::num::NonZeroUsize;

use divan::{Bencher, black_box};
use terrane::graph::{Edge, Graph, Purpose, Reason};
use terrane::model::{Place, UnitIx, UnitMap, UnitPath};
use terrane::run::dispatcher::{Run, dispatch};
use terrane::run::event::{Engine, RunCommand, RunStarted};
use terrane::run::outcome::{Outcome, Success};
use terrane::run::queue::{Limits, OnFailure, Order, Policy, RunQueue};
use terrane::run::unit_handle::UnitHandle;

const UNITS: [usize; 3] = [10, 1_000, 10_000];

fn main() {
    divan::main();
}

#[divan::bench(args = UNITS)]
fn graph(bencher: Bencher<'_, '_>, units: usize) {
    let paths = paths(units);
    bencher.bench(|| Graph::build(paths.clone(), edges(units)).expect("edges only go up"));
}

#[divan::bench(args = UNITS)]
fn queue(bencher: Bencher<'_, '_>, units: usize) {
    let graph = layered(units);
    let success = Outcome::Succeeded(Success::default());
    bencher.bench(|| {
        let mut queue = RunQueue::new(&graph, policy());
        let mut running = Vec::new();
        while !queue.is_done() {
            running.extend(std::iter::from_fn(|| queue.start_next()));
            let unit = running.swap_remove(0);
            black_box(queue.finish(unit, &success));
        }
    });
}

#[divan::bench(args = UNITS)]
fn dispatch_all(bencher: Bencher<'_, '_>, units: usize) {
    let graph = layered(units);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    let runtime = runtime.expect("a runtime can be built");
    bencher.bench(|| {
        let run = Run {
            graph: &graph,
            policy: policy(),
            excluded: Vec::new(),
            facts: facts(&graph),
            redraws: false,
        };
        let unit = async |_: &UnitHandle<'_>| Ok(Success::default());
        runtime.block_on(dispatch(
            run,
            unit,
            futures_util::stream::pending(),
            |event| {
                black_box(event);
            },
        ));
    });
}

/// About four edges for each unit, all from units before it.
fn layered(units: usize) -> Graph {
    Graph::build(paths(units), edges(units)).expect("edges only go up")
}

fn paths(units: usize) -> UnitMap<UnitPath> {
    let path = |number| format!("account{:02}/region/unit{number:05}", number % 16);
    let mut paths: Vec<String> = (0..units).map(path).collect();
    paths.sort();
    paths
        .iter()
        .map(|path| UnitPath::new(path.as_str().into()))
        .collect()
}

fn edges(units: usize) -> impl Iterator<Item = Edge> {
    (1..units).flat_map(|unit| {
        [unit - 1 - unit % 7 / 2, unit / 2, unit / 3, unit / 5].map(|upstream| Edge {
            upstream: UnitIx::new(upstream.min(unit - 1)),
            downstream: UnitIx::new(unit),
            reason: Reason {
                purpose: Purpose::Outputs,
                place: Place {
                    file: "terragrunt.hcl".into(),
                    line: 1,
                },
            },
        })
    })
}

fn policy() -> Policy {
    Policy {
        limits: Limits {
            parallelism: NonZeroUsize::MIN.saturating_add(15),
        },
        on_failure: OnFailure::KeepGoing,
        order: Order::ByGraph,
        usual: None,
    }
}

fn facts(graph: &Graph) -> RunStarted {
    RunStarted {
        run_id: "bench".into(),
        version: "0".into(),
        started_at: jiff::Timestamp::UNIX_EPOCH,
        command: RunCommand::Plan,
        args: Vec::new(),
        detailed_exitcode: false,
        engine: Engine {
            name: "none".into(),
            version: "0".into(),
        },
        identity: None,
        scope: "".into(),
        units: Vec::new(),
        edges: graph.edge_count(),
        cross_account_edges: 0,
    }
}
