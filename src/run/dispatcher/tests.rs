//! Runs under a clock that stands still until somebody waits: transcripts of all that is seen.

use std::cell::RefCell;
use std::num::NonZeroUsize;

use futures_util::stream::{empty, iter};
use insta::assert_snapshot;
use proptest::prelude::*;
use tokio::time::sleep;

use super::*;
use crate::graph::sketch::graph;
use crate::model::{Line, Stream as WordStream};
use crate::run::event::{Engine, RunCommand, Step};
use crate::run::queue::{Limits, OnFailure, Order};

fn run(graph: &Graph, command: RunCommand) -> Run<'_> {
    Run {
        graph,
        policy: Policy {
            limits: Limits {
                parallelism: NonZeroUsize::new(2).expect("two"),
            },
            on_failure: OnFailure::KeepGoing,
            order: Order::ByGraph,
            usual: None,
        },
        excluded: Vec::new(),
        facts: RunStarted {
            run_id: "7f3a".into(),
            version: "0.1.0".into(),
            started_at: jiff::Timestamp::UNIX_EPOCH,
            command,
            args: Vec::new(),
            detailed_exitcode: false,
            engine: Engine {
                name: "terraform".into(),
                version: "1.11.4".into(),
            },
            identity: None,
            scope: "".into(),
            units: Vec::new(),
            edges: graph.edge_count(),
            cross_account_edges: 0,
        },
        redraws: false,
    }
}

fn told(event: &Event) -> String {
    let what = match &event.kind {
        EventKind::RunStarted(_) => "run started".to_owned(),
        EventKind::UnitStarted { unit } => format!("{unit} started"),
        EventKind::UnitStep { unit, step } => format!("{unit} {}", step.doing()),
        EventKind::UnitLine { unit, line } => format!("{unit} says {}", line.plain()),
        EventKind::UnitEnded { unit, outcome } => format!("{unit} ended: {outcome:?}"),
        EventKind::Stopping { cause, stage } => format!("stopping: {cause:?}, {stage:?}"),
        EventKind::Tick => "tick".to_owned(),
        EventKind::RunEnded => "run ended".to_owned(),
    };
    format!("{:>5.1}s  {what}", event.at.as_secs_f32())
}

async fn transcript(
    run: Run<'_>,
    run_unit: impl AsyncFn(&UnitHandle<'_>) -> Result<Success, Failure>,
    interrupts: impl Stream<Item = Interrupt>,
) -> String {
    let mut lines = Vec::new();
    dispatch(run, run_unit, interrupts, |event| {
        assert_eq!(
            event.seq,
            lines.len() as u64,
            "events are counted without a gap"
        );
        lines.push(told(event));
    })
    .await;
    lines.join("\n")
}

async fn works(seconds: u64) -> Result<Success, Failure> {
    sleep(Duration::from_secs(seconds)).await;
    Ok(Success::default())
}

fn fails(message: &str) -> Result<Success, Failure> {
    Err(Failure::Spawn {
        program: "terraform".into(),
        reason: message.into(),
    })
}

fn after(seconds: &[u64]) -> impl Stream<Item = Interrupt> {
    iter(seconds.to_vec()).then(|seconds| async move {
        sleep(Duration::from_secs(seconds)).await;
        Interrupt::CtrlC
    })
}

#[tokio::test(start_paused = true)]
async fn units_run_beside_each_other_and_wait_for_their_upstreams() {
    let graph = graph("a | b: a | c");
    let seconds = |path: &str| if path == "c" { 3 } else { 2 };
    let unit = async |handle: &UnitHandle<'_>| works(seconds(handle.path().as_str())).await;
    assert_snapshot!(transcript(run(&graph, RunCommand::Plan), unit, empty()).await, @"
    0.0s  run started
    0.0s  a started
    0.0s  c started
    2.0s  a ended: Succeeded(Success { changes: Unknown, remark: None })
    2.0s  b started
    3.0s  c ended: Succeeded(Success { changes: Unknown, remark: None })
    4.0s  b ended: Succeeded(Success { changes: Unknown, remark: None })
    4.0s  run ended
    ");
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_told_before_what_it_blocks() {
    let graph = graph("a | b: a | c: b | d");
    let unit = async |handle: &UnitHandle<'_>| match handle.path().as_str() {
        "a" => fails("no"),
        _ => works(1).await,
    };
    assert_snapshot!(transcript(run(&graph, RunCommand::Plan), unit, empty()).await, @r#"
    0.0s  run started
    0.0s  a started
    0.0s  d started
    0.0s  a ended: Failed(Spawn { program: "terraform", reason: "no" })
    0.0s  b ended: Blocked { cause: "a" }
    0.0s  c ended: Blocked { cause: "b" }
    1.0s  d ended: Succeeded(Success { changes: Unknown, remark: None })
    1.0s  run ended
    "#);
}

#[tokio::test(start_paused = true)]
async fn the_first_failure_can_stop_the_run() {
    let graph = graph("a | b | c");
    let unit = async |handle: &UnitHandle<'_>| match handle.path().as_str() {
        "a" => fails("no"),
        _ => works(1).await,
    };
    let mut fail_fast = run(&graph, RunCommand::Plan);
    fail_fast.policy.on_failure = OnFailure::FailFast;
    assert_snapshot!(transcript(fail_fast, unit, empty()).await, @r#"
    0.0s  run started
    0.0s  a started
    0.0s  b started
    0.0s  a ended: Failed(Spawn { program: "terraform", reason: "no" })
    0.0s  stopping: UnitFailed { unit: "a" }, Draining
    0.0s  c ended: Cancelled
    1.0s  b ended: Succeeded(Success { changes: Unknown, remark: None })
    1.0s  run ended
    "#);
}

#[tokio::test(start_paused = true)]
async fn last_words_come_before_the_end() {
    let graph = graph("a");
    let unit = async |handle: &UnitHandle<'_>| {
        handle.step(Step::Planning);
        handle.line(Line::new(WordStream::Stdout, b"No changes."));
        Ok(Success::default())
    };
    assert_snapshot!(transcript(run(&graph, RunCommand::Plan), unit, empty()).await, @"
    0.0s  run started
    0.0s  a started
    0.0s  a planning
    0.0s  a says No changes.
    0.0s  a ended: Succeeded(Success { changes: Unknown, remark: None })
    0.0s  run ended
    ");
}

#[tokio::test(start_paused = true)]
async fn an_interrupted_plan_stops_at_once() {
    let graph = graph("a | b | c: a");
    let unit = async |handle: &UnitHandle<'_>| {
        handle.step(Step::ReadingOutputs);
        handle.unless_interrupted(works(60)).await?
    };
    let text = transcript(run(&graph, RunCommand::Plan), unit, after(&[5])).await;
    assert_snapshot!(text, @"
    0.0s  run started
    0.0s  a started
    0.0s  b started
    0.0s  a reading outputs
    0.0s  b reading outputs
    5.0s  stopping: Interrupted { by: CtrlC, count: 1 }, Interrupting
    5.0s  c ended: Cancelled
    5.0s  a ended: Failed(Interrupted { step: ReadingOutputs, killed: false })
    5.0s  b ended: Failed(Interrupted { step: ReadingOutputs, killed: false })
    5.0s  run ended
    ");
}

#[tokio::test(start_paused = true)]
async fn an_interrupted_apply_drains() {
    let graph = graph("a | b | c: a");
    let unit = async |handle: &UnitHandle<'_>| handle.unless_interrupted(works(60)).await?;
    let text = transcript(run(&graph, RunCommand::Apply), unit, after(&[5])).await;
    assert_snapshot!(text, @"
     0.0s  run started
     0.0s  a started
     0.0s  b started
     5.0s  stopping: Interrupted { by: CtrlC, count: 1 }, Draining
     5.0s  c ended: Cancelled
    60.0s  a ended: Succeeded(Success { changes: Unknown, remark: None })
    60.0s  b ended: Succeeded(Success { changes: Unknown, remark: None })
    60.0s  run ended
    ");
}

#[tokio::test(start_paused = true)]
async fn a_unit_that_has_not_begun_to_change_things_does_not_begin_after_an_interrupt() {
    let graph = graph("a | b");
    let unit = async |handle: &UnitHandle<'_>| {
        let preparing = if handle.path().as_str() == "a" { 2 } else { 8 };
        handle.step(Step::Initialising);
        works(preparing).await?;
        handle.point_of_no_return()?;
        handle.step(Step::Applying);
        works(20).await
    };
    let text = transcript(run(&graph, RunCommand::Apply), unit, after(&[5])).await;
    assert_snapshot!(text, @"
     0.0s  run started
     0.0s  a started
     0.0s  b started
     0.0s  a initialising
     0.0s  b initialising
     2.0s  a applying
     5.0s  stopping: Interrupted { by: CtrlC, count: 1 }, Draining
     8.0s  b ended: Failed(Interrupted { step: Initialising, killed: false })
    22.0s  a ended: Succeeded(Success { changes: Unknown, remark: None })
    22.0s  run ended
    ");
}

#[tokio::test(start_paused = true)]
async fn each_further_interrupt_of_an_apply_is_firmer() {
    let graph = graph("a");
    let unit = async |handle: &UnitHandle<'_>| {
        for stage in [Stage::Draining, Stage::Interrupting, Stage::Killing] {
            handle.reaches(stage).await;
            handle.line(Line::new(
                WordStream::Stdout,
                format!("{:?}", handle.stage()).as_bytes(),
            ));
        }
        Err(handle.interrupted(true))
    };
    let text = transcript(run(&graph, RunCommand::Apply), unit, after(&[5, 5, 5])).await;
    assert_snapshot!(text, @"
     0.0s  run started
     0.0s  a started
     5.0s  stopping: Interrupted { by: CtrlC, count: 1 }, Draining
     5.0s  a says Some(Draining)
    10.0s  stopping: Interrupted { by: CtrlC, count: 2 }, Interrupting
    10.0s  a says Some(Interrupting)
    15.0s  stopping: Interrupted { by: CtrlC, count: 3 }, Killing
    15.0s  a says Some(Killing)
    15.0s  a ended: Failed(Interrupted { step: Preparing, killed: true })
    15.0s  run ended
    ");
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_in_the_moment_of_an_end_wins() {
    let graph = graph("a | b: a");
    let unit = async |_: &UnitHandle<'_>| works(5).await;
    let text = transcript(run(&graph, RunCommand::Apply), unit, after(&[5])).await;
    assert_snapshot!(text, @"
    0.0s  run started
    0.0s  a started
    5.0s  stopping: Interrupted { by: CtrlC, count: 1 }, Draining
    5.0s  b ended: Cancelled
    5.0s  a ended: Succeeded(Success { changes: Unknown, remark: None })
    5.0s  run ended
    ");
}

#[tokio::test(start_paused = true)]
async fn a_mistake_of_ours_in_one_unit_lets_the_others_end() {
    let graph = graph("a | b | c");
    let unit = async |handle: &UnitHandle<'_>| {
        assert_ne!(handle.path().as_str(), "a", "this cannot be");
        works(1).await
    };
    let text = transcript(run(&graph, RunCommand::Apply), unit, empty()).await;
    assert_snapshot!(text, @r#"
    0.0s  run started
    0.0s  a started
    0.0s  b started
    0.0s  a ended: Failed(Bug { message: "assertion `left != right` failed: this cannot be\n  left: \"a\"\n right: \"a\"" })
    0.0s  stopping: UnitFailed { unit: "a" }, Draining
    0.0s  c ended: Cancelled
    1.0s  b ended: Succeeded(Success { changes: Unknown, remark: None })
    1.0s  run ended
    "#);
}

#[tokio::test(start_paused = true)]
async fn excluded_units_end_before_anything_starts() {
    let graph = graph("a");
    let mut with_excluded = run(&graph, RunCommand::Destroy);
    let kept = UnitPath::new("kept".into());
    with_excluded.excluded = vec![(kept, Exclusion::PreventDestroy)];
    let unit = async |_: &UnitHandle<'_>| works(1).await;
    assert_snapshot!(transcript(with_excluded, unit, empty()).await, @"
    0.0s  run started
    0.0s  kept ended: Excluded { reason: PreventDestroy }
    0.0s  a started
    1.0s  a ended: Succeeded(Success { changes: Unknown, remark: None })
    1.0s  run ended
    ");
}

#[tokio::test(start_paused = true)]
async fn ticks_are_told_only_where_somebody_redraws() {
    let graph = graph("a");
    let ticking = async |handle: &UnitHandle<'_>| {
        let mut ticks = handle.ticks();
        for _ in 0..20 {
            ticks.next().await;
        }
        Ok(Success::default())
    };
    let quiet = transcript(run(&graph, RunCommand::Plan), ticking, empty()).await;
    assert!(
        !quiet.contains("tick") && quiet.ends_with("2.0s  run ended"),
        "{quiet}"
    );

    let idle = async |_: &UnitHandle<'_>| works(2).await;
    let redrawn = Run {
        redraws: true,
        ..run(&graph, RunCommand::Plan)
    };
    let text = transcript(redrawn, idle, empty()).await;
    assert!(text.matches("tick").count() >= 20, "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_run_without_units_ends_at_once() {
    let whole = graph("a");
    let nothing = whole.restricted_to(&[].into());
    let unit = async |_: &UnitHandle<'_>| works(1).await;
    assert_snapshot!(transcript(run(&nothing, RunCommand::Plan), unit, empty()).await, @"
    0.0s  run started
    0.0s  run ended
    ");
}

/// Two units that never pause while they speak, and an interrupt that must be heard all the same.
#[tokio::test(start_paused = true)]
async fn talkative_units_lose_no_word_and_shut_nobody_out() {
    let graph = graph("a | b");
    let heard = RefCell::new(Vec::new());
    let unit = async |handle: &UnitHandle<'_>| {
        for number in 0..5_000 {
            handle.line(Line::new(
                WordStream::Stdout,
                format!("{number}").as_bytes(),
            ));
            if number % 7 == 0 {
                tokio::task::yield_now().await;
            }
        }
        handle.reaches(Stage::Interrupting).await;
        Err(handle.interrupted(false))
    };
    dispatch(run(&graph, RunCommand::Plan), unit, after(&[1]), |event| {
        if let EventKind::UnitLine { unit, line } = &event.kind {
            heard
                .borrow_mut()
                .push((unit.clone(), line.plain().into_owned()));
        }
    })
    .await;
    for path in ["a", "b"] {
        let words = heard.borrow();
        let own = words
            .iter()
            .filter(|(unit, _)| unit.as_str() == path)
            .map(|(_, word)| word);
        assert!(
            own.eq((0..5_000)
                .map(|number| number.to_string())
                .collect::<Vec<_>>()
                .iter())
        );
    }
}

/// How one unit of a made-up run behaves.
#[derive(Clone, Debug)]
struct Part {
    millis: u64,
    fails: bool,
    talks: bool,
}

fn part() -> impl Strategy<Value = Part> {
    (0..5_000u64, prop::bool::weighted(0.2), any::<bool>()).prop_map(|(millis, fails, talks)| {
        Part {
            millis,
            fails,
            talks,
        }
    })
}

/// All that is seen of a made-up run that is interrupted at these times.
fn events_of(parts: &[Part], interrupts: &[u64], command: RunCommand) -> Vec<Event> {
    let graph = graph("u0 | u1: u0 | u2: u0 | u3: u1 u2 | u4 | u5: u4");
    let mut events = Vec::new();
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime
        .enable_all()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(dispatch(
        run(&graph, command),
        async |handle: &UnitHandle<'_>| {
            let part = &parts[handle.unit().index()];
            if part.talks {
                handle.step(Step::Planning);
            }
            let work = sleep(Duration::from_millis(part.millis));
            handle.unless_interrupted(work).await?;
            if part.fails {
                fails("no")
            } else {
                Ok(Success::default())
            }
        },
        iter(interrupts.to_vec()).then(|millis| async move {
            sleep(Duration::from_millis(millis)).await;
            Interrupt::CtrlC
        }),
        |event| events.push(event.clone()),
    ));
    events
}

proptest! {
    /// Whatever units do and whenever they are interrupted: one start at most and one end exactly
    /// for each, nothing after its end, nothing started after a stop; and the same again.
    #[test]
    fn every_unit_ends_once_and_is_silent_afterwards(
        parts in prop::collection::vec(part(), 6),
        interrupts in prop::collection::vec(0..4_000u64, 0..4),
        drains in any::<bool>(),
    ) {
        let command = if drains { RunCommand::Apply } else { RunCommand::Plan };
        let events = events_of(&parts, &interrupts, command.clone());
        let mut started = Vec::new();
        let mut ended = Vec::new();
        let mut stopping = false;
        for event in &events {
            match &event.kind {
                EventKind::UnitStarted { unit } => {
                    prop_assert!(!stopping && !started.contains(unit) && !ended.contains(unit));
                    started.push(unit.clone());
                }
                EventKind::UnitStep { unit, .. } | EventKind::UnitLine { unit, .. } => {
                    prop_assert!(started.contains(unit) && !ended.contains(unit));
                }
                EventKind::UnitEnded { unit, .. } => {
                    prop_assert!(!ended.contains(unit));
                    ended.push(unit.clone());
                }
                EventKind::Stopping { .. } => stopping = true,
                EventKind::RunStarted(_) | EventKind::Tick | EventKind::RunEnded => {}
            }
        }
        prop_assert_eq!(ended.len(), 6);
        prop_assert!(matches!(events.last().map(|event| &event.kind), Some(EventKind::RunEnded)));
        prop_assert_eq!(events_of(&parts, &interrupts, command), events);
    }
}
