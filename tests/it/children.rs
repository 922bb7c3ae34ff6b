//! Attending real children from within: what is heard, what is sent, what is left alone.

use std::cell::RefCell;
use std::num::NonZeroUsize;
use std::time::Duration;

use futures_util::stream::{self, Stream, StreamExt as _};
use terrane::graph::Graph;
use terrane::model::{ChildEnd, UnitMap, UnitPath};
use terrane::process::{Environment, Program, WordFiles};
use terrane::run::attend::{Asked, Attended, Errand, StdoutLines, attend, attend_attached};
use terrane::run::dispatcher::{Run, dispatch};
use terrane::run::event::{Engine, Event, EventKind, Interrupt, RunCommand, RunStarted};
use terrane::run::outcome::{Failure, Success};
use terrane::run::queue::{Limits, OnFailure, Order, Policy};
use terrane::run::unit_handle::UnitHandle;
use tokio::sync::oneshot;

use crate::scene::{Scene, example, is_alive, make, until_file_has};

fn graph() -> Graph {
    let paths: UnitMap<UnitPath> = [UnitPath::new("unit".into())].into_iter().collect();
    Graph::build(paths, []).expect("one unit alone has no cycle")
}

fn run(graph: &Graph, command: RunCommand) -> Run<'_> {
    Run {
        graph,
        policy: Policy {
            limits: Limits {
                parallelism: NonZeroUsize::MIN,
            },
            on_failure: OnFailure::KeepGoing,
            order: Order::ByGraph,
            usual: None,
        },
        excluded: Vec::new(),
        facts: RunStarted {
            run_id: "test".into(),
            version: "0".into(),
            started_at: jiff::Timestamp::UNIX_EPOCH,
            command,
            args: Vec::new(),
            detailed_exitcode: false,
            engine: Engine {
                name: "witness_child".into(),
                version: "1".into(),
            },
            identity: None,
            scope: "".into(),
            units: Vec::new(),
            edges: 0,
            cross_account_edges: 0,
        },
        redraws: false,
    }
}

fn program(scene: &Scene, script: &str) -> Program {
    Program {
        executable: example("witness_child").into(),
        args: vec![scene.script(script).into()],
        folder: scene.path().to_owned(),
        environment: Environment::default(),
    }
}

/// Attends one child in a run of one unit, with these interrupts, and returns its end and all
/// lines that became events.
async fn attended(
    scene: &Scene,
    command: RunCommand,
    script: &str,
    time_limit: Option<Duration>,
    interrupts: impl Stream<Item = Interrupt>,
) -> (Result<Attended, Failure>, Vec<String>) {
    let graph = graph();
    let program = program(scene, script);
    let result = RefCell::new(None);
    let mut lines = Vec::new();
    dispatch(
        run(&graph, command),
        async |handle: &UnitHandle<'_>| {
            let words = WordFiles::in_folder(scene.path(), "unit");
            let errand = Errand {
                program: &program,
                words,
                time_limit,
                grant: None,
                stdout: StdoutLines::Told,
            };
            let attended = attend(handle, errand, |_| {}).await;
            result.replace(Some(attended));
            Ok(Success::default())
        },
        interrupts,
        |event: &Event| {
            if let EventKind::UnitLine { line, .. } = &event.kind {
                lines.push(line.plain().into_owned());
            }
        },
    )
    .await;
    (result.take().expect("the unit has ended"), lines)
}

#[tokio::test]
async fn a_flood_of_words_is_heard_whole_and_in_order() {
    let scene = Scene::new();
    let script = "flood 100000; complain the end; exit 3";
    let (end, lines) = attended(&scene, RunCommand::Plan, script, None, stream::pending()).await;
    let end = end.expect("it was started");
    assert_eq!((end.end, end.asked), (ChildEnd::Code(3), None));
    assert_eq!(lines.len(), 100_001);
    let flood = lines.iter().filter(|line| line.starts_with("line "));
    assert!(
        flood.eq((0..100_000)
            .map(|number| format!("line {number}"))
            .collect::<Vec<_>>()
            .iter())
    );
    let last: Vec<_> = end.last_lines.iter().map(|line| line.plain()).collect();
    assert_eq!(
        last,
        ["the end"],
        "what it complains of explains its failure best"
    );
}

#[tokio::test]
async fn of_a_child_that_does_not_complain_the_last_words_are_kept() {
    let scene = Scene::new();
    let (end, _) = attended(
        &scene,
        RunCommand::Plan,
        "flood 60; exit 3",
        None,
        stream::pending(),
    )
    .await;
    let last = end.expect("it was started").last_lines;
    let last: Vec<_> = last.iter().map(|line| line.plain().into_owned()).collect();
    assert_eq!(
        last,
        (10..60)
            .map(|number| format!("line {number}"))
            .collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn a_child_whose_time_is_up_is_asked_once() {
    let scene = Scene::new();
    let script = "until-signal; exit 1";
    let limit = Duration::from_millis(50);
    let (end, lines) = attended(
        &scene,
        RunCommand::Apply,
        script,
        Some(limit),
        stream::pending(),
    )
    .await;
    let end = end.expect("it was started");
    assert_eq!(lines, ["got SIGINT"]);
    assert_eq!(end.asked, Some(Asked::ByTimeLimit { limit }));
}

#[tokio::test]
async fn a_child_whose_time_is_up_is_not_asked_again_by_an_interrupt() {
    let scene = Scene::new();
    let script = "until-signal; write {}/asked yes; until {}/go; exit 1";
    let (asked, go) = (scene.path().join("asked"), scene.path().join("go"));
    let interrupts = stream::once(async {
        until_file_has(&asked, "yes").await;
        Interrupt::CtrlC
    });
    let interrupts = interrupts.chain(stream::once(async { Interrupt::CtrlC }));
    let interrupts = interrupts.chain(
        stream::once(async {
            // Both interrupts were heard before this is asked for; the child may end now.
            make(&go);
            std::future::pending().await
        })
        .boxed_local(),
    );
    let limit = Some(Duration::from_millis(50));
    let (end, lines) = attended(&scene, RunCommand::Apply, script, limit, interrupts).await;
    assert_eq!(end.expect("it was started").asked, Some(Asked::ByInterrupt));
    assert_eq!(lines, ["got SIGINT"]);
}

#[tokio::test]
async fn what_a_child_leaves_behind_does_not_hold_its_unit() {
    let scene = Scene::new();
    let script = "grandchild write {}/g ready, flood 3000000; until {}/g; exit 0";
    let (end, lines) = attended(&scene, RunCommand::Apply, script, None, stream::pending()).await;
    assert_eq!(end.expect("it was started").end, ChildEnd::Code(0));
    assert!(
        lines.len() < 3_000_000,
        "it was not waited for: {}",
        lines.len()
    );
}

#[tokio::test]
async fn nothing_is_started_once_the_unit_was_asked_to_stop() {
    let scene = Scene::new();
    let interrupted = stream::iter([Interrupt::CtrlC]);
    let graph = graph();
    let program = program(&scene, "write {}/started yes");
    dispatch(
        run(&graph, RunCommand::Plan),
        async |handle: &UnitHandle<'_>| {
            handle
                .reaches(terrane::run::event::Stage::Interrupting)
                .await;
            let words = WordFiles::in_folder(scene.path(), "unit");
            let errand = Errand {
                program: &program,
                words,
                time_limit: None,
                grant: None,
                stdout: StdoutLines::Told,
            };
            match attend(handle, errand, |_| {}).await {
                Err(Failure::Interrupted { killed: false, .. }) => Ok(Success::default()),
                other => panic!("{other:?}"),
            }
        },
        stream::once(async {
            // The unit's run must be under way, or it would be cancelled.
            tokio::task::yield_now().await;
            Interrupt::CtrlC
        })
        .chain(interrupted),
        |event| {
            if let EventKind::UnitEnded { outcome, .. } = &event.kind {
                let succeeded = matches!(outcome, terrane::run::outcome::Outcome::Succeeded(_));
                assert!(succeeded, "{outcome:?}");
            }
        },
    )
    .await;
    assert!(!scene.path().join("started").exists());
}

#[tokio::test]
async fn a_program_that_is_not_there_is_a_failure_with_its_name() {
    let scene = Scene::new();
    let graph = graph();
    let missing = Program {
        executable: "no-such-engine".into(),
        ..program(&scene, "")
    };
    let failure = RefCell::new(None);
    dispatch(
        run(&graph, RunCommand::Plan),
        async |handle: &UnitHandle<'_>| {
            let words = WordFiles::in_folder(scene.path(), "unit");
            let errand = Errand {
                program: &missing,
                words,
                time_limit: None,
                grant: None,
                stdout: StdoutLines::Told,
            };
            failure.replace(attend(handle, errand, |_| {}).await.err());
            Ok(Success::default())
        },
        stream::pending(),
        |_| {},
    )
    .await;
    let expected = Failure::Spawn {
        program: "no-such-engine".into(),
        reason: "no-such-engine was not found".into(),
    };
    assert_eq!(failure.take(), Some(expected));
}

/// Begins a run with one child and drops everything in the middle; returns the child's number.
async fn dropped_in_the_middle(scene: &Scene, command: RunCommand) -> u32 {
    let script = "say-pid; until {}/go; write {}/end finished; exit 0";
    let graph = graph();
    let program = program(scene, script);
    let (tell, told) = oneshot::channel();
    let tell = RefCell::new(Some(tell));
    let run = dispatch(
        run(&graph, command),
        async |handle: &UnitHandle<'_>| {
            let words = WordFiles::in_folder(scene.path(), "unit");
            let errand = Errand {
                program: &program,
                words,
                time_limit: None,
                grant: None,
                stdout: StdoutLines::Told,
            };
            attend(handle, errand, |_| {})
                .await
                .map(|_| Success::default())
        },
        stream::pending(),
        |event| {
            if let EventKind::UnitLine { line, .. } = &event.kind
                && let Some(pid) = line.plain().strip_prefix("pid ")
                && let Some(tell) = tell.take()
            {
                tell.send(pid.parse().expect("a number"))
                    .expect("the test listens");
            }
        },
    );
    tokio::select! {
        () = run => panic!("it cannot end by itself"),
        pid = told => pid.expect("it has told its number"),
    }
}

#[tokio::test]
async fn a_dropped_run_leaves_an_apply_alone() {
    let scene = Scene::new();
    let child = dropped_in_the_middle(&scene, RunCommand::Apply).await;
    assert!(is_alive(child));
    scene.make("go");
    until_file_has(&scene.path().join("end"), "finished").await;
    assert!(
        !scene.read("unit.out").contains("SIG"),
        "no signal reached it"
    );
}

#[tokio::test]
async fn a_dropped_run_asks_a_plan_to_stop() {
    let scene = Scene::new();
    dropped_in_the_middle(&scene, RunCommand::Plan).await;
    until_file_has(&scene.path().join("unit.out"), "got SIGINT").await;
    scene.make("go");
    until_file_has(&scene.path().join("end"), "finished").await;
}

#[tokio::test]
async fn an_attached_command_is_passed_only_what_its_terminal_does_not_send() {
    let scene = Scene::new();
    let script = "write {}/ready yes; until-signal; write {}/asked yes; exit 4";
    let program = program(&scene, script);
    let ready = scene.path().join("ready");
    let interrupts = stream::once(async {
        until_file_has(&ready, "yes").await;
        Interrupt::CtrlC
    });
    let then = stream::iter([Interrupt::Terminate, Interrupt::Terminate]);
    let interrupts = interrupts.chain(then).chain(stream::pending());
    let end = attend_attached(&program, None, interrupts)
        .await
        .expect("it was started");
    assert_eq!(end, ChildEnd::Code(4));
    assert_eq!(scene.read("asked"), "yes\n");
}
