//! Runs written down and read again.

use insta::assert_snapshot;

use super::*;
use crate::model::Changes;
use crate::report::script::{Script, every_failure, path, plan_failed};
use crate::run::event::{Interrupt, RunCommand, Stage, Step, StopCause};
use crate::run::outcome::{Exclusion, Outcome, Remark, Success};

fn recorded(events: &[Event]) -> String {
    let mut lines = JsonLines::new(Vec::new());
    for event in events {
        lines.observe(event).expect("a vector takes everything");
    }
    String::from_utf8(lines.out).expect("JSON is text")
}

fn small_run() -> Script {
    let mut script = Script::new(RunCommand::Plan, &["0-shared/vpc", "1-dev/vpc", "app"]);
    script
        .starts("0-shared/vpc")
        .step("0-shared/vpc", Step::Planning)
        .after_millis(1_250)
        .tick();
    script
        .says("0-shared/vpc", "\u{1b}[1mPlan:\u{1b}[0m 3 to add")
        .changes("0-shared/vpc", 3, 0, 0);
    script.starts("1-dev/vpc").step(
        "1-dev/vpc",
        Step::RunningHook {
            name: "lint".into(),
        },
    );
    script
        .fails("1-dev/vpc", plan_failed())
        .blocked("app", "1-dev/vpc");
    let cause = StopCause::Interrupted {
        by: Interrupt::Terminate,
        count: 1,
    };
    script.stops(cause, Stage::Interrupting).run_ends();
    script
}

/// Changing one of these lines changes what other programs read: `docs/json-events.md` shows them.
#[test]
fn each_event_is_one_line() {
    assert_snapshot!(recorded(small_run().events()), @r#"
    {"version":1,"seq":0,"at_ms":0,"event":"run_started","run_id":"7f3a","terrane_version":"0.1.0","started_at":"2026-03-04T14:02:11Z","command":"plan","args":["-no-color"],"detailed_exitcode":false,"engine":{"name":"terraform","version":"1.11.4"},"identity":"jane (SSO) → infrastructure-assumer-role → 4 doers","scope":"","units":[{"path":"0-shared/vpc","account":{"folder":"0-shared","id":"000000000000"},"doer_role":"doer-role"},{"path":"1-dev/vpc","account":{"folder":"1-dev","id":"111111111111"},"doer_role":"doer-role"},{"path":"app","account":null,"doer_role":"doer-role"}],"edges":18,"cross_account_edges":9}
    {"version":1,"seq":1,"at_ms":0,"event":"unit_started","unit":"0-shared/vpc"}
    {"version":1,"seq":2,"at_ms":0,"event":"unit_step","unit":"0-shared/vpc","step":{"kind":"planning"}}
    {"version":1,"seq":4,"at_ms":1250,"event":"unit_line","unit":"0-shared/vpc","stream":"stdout","text":"\u001b[1mPlan:\u001b[0m 3 to add"}
    {"version":1,"seq":5,"at_ms":1250,"event":"unit_ended","unit":"0-shared/vpc","outcome":"succeeded","changes":{"kind":"counted","import":0,"add":3,"change":0,"destroy":0},"remark":null}
    {"version":1,"seq":6,"at_ms":1250,"event":"unit_started","unit":"1-dev/vpc"}
    {"version":1,"seq":7,"at_ms":1250,"event":"unit_step","unit":"1-dev/vpc","step":{"kind":"running_hook","name":"lint"}}
    {"version":1,"seq":8,"at_ms":1250,"event":"unit_ended","unit":"1-dev/vpc","outcome":"failed","message":"terraform plan ended with exit code 1","failure":{"kind":"command","command":"terraform plan","end":{"code":1},"last_lines":[{"stream":"stderr","text":"Error: Invalid value for variable"},{"stream":"stderr","text":""},{"stream":"stderr","text":"  on main.tf line 3:"},{"stream":"stderr","text":"   3: variable \"size\" {"}],"words":["/runs/7f3a/plan.out","/runs/7f3a/plan.err"]}}
    {"version":1,"seq":9,"at_ms":1250,"event":"unit_ended","unit":"app","outcome":"blocked","cause":"1-dev/vpc"}
    {"version":1,"seq":10,"at_ms":1250,"event":"stopping","cause":{"kind":"interrupted","by":"SIGTERM","count":1},"stage":"interrupting"}
    {"version":1,"seq":11,"at_ms":1250,"event":"run_ended"}
    "#);
}

#[test]
fn a_recording_makes_the_same_events_again() {
    let mut script = small_run();
    let steps = [
        Step::ReadingOutputs,
        Step::Preparing,
        Step::FetchingSource,
        Step::AssumingRole,
        Step::Initialising,
        Step::Applying,
        Step::Destroying,
        Step::Validating,
        Step::Running {
            command: "state".into(),
        },
        Step::WaitingToRetry { attempt: 2 },
    ];
    for step in steps {
        script.step("app", step);
    }
    for failure in every_failure() {
        script.fails("app", failure);
    }
    let remarks = [
        None,
        Some(Remark::Retried {
            rule: "again".into(),
            attempts: 2,
        }),
        Some(Remark::ErrorIgnored {
            rule: "known".into(),
        }),
    ];
    let changes = [Changes::Unknown, Changes::None, Changes::Uncounted];
    for (remark, changes) in remarks.into_iter().zip(changes) {
        script.ends("app", Outcome::Succeeded(Success { changes, remark }));
    }
    let needed = Exclusion::NeededBy {
        protected: path("db"),
    };
    for reason in [Exclusion::ExcludeBlock, Exclusion::PreventDestroy, needed] {
        script.ends("app", Outcome::Excluded { reason });
    }
    script.ends("app", Outcome::Cancelled);
    script.stops(StopCause::UnitFailed { unit: path("app") }, Stage::Draining);

    let text = recorded(script.events());
    let read: Vec<Event> = read_events(text.as_bytes())
        .collect::<Result<_, _>>()
        .expect("reads");
    let mut told = script.events().to_vec();
    told.retain(|event| event.kind != EventKind::Tick);
    assert_eq!(read, told);
}

#[test]
fn a_torn_line_is_named_and_the_others_are_read() {
    let text = recorded(small_run().events());
    let torn = &text[..text.len() - 10];
    let read: Vec<_> = read_events(torn.as_bytes()).collect();
    let (last, whole) = read.split_last().expect("there are lines");
    assert!(whole.iter().all(Result::is_ok));
    let error = last.as_ref().expect_err("it is torn").to_string();
    assert!(error.starts_with("line 11 is not an event: EOF"), "{error}");
}

#[test]
fn another_version_is_refused_by_its_number() {
    let read: Vec<_> = read_events(&b"{\"version\":2,\"later\":true}\n"[..]).collect();
    let error = read[0]
        .as_ref()
        .expect_err("it is from the future")
        .to_string();
    assert_eq!(
        error,
        "line 1 is of version 2; this terrane reads version 1"
    );
}

#[test]
fn what_a_later_version_adds_is_passed_over() {
    let text = b"{\"version\":1,\"seq\":3,\"at_ms\":5,\"event\":\"unit_started\",\"unit\":\"app\",\"new\":1}\n";
    let read: Vec<Event> = read_events(&text[..])
        .collect::<Result<_, _>>()
        .expect("reads");
    assert_eq!(read[0].kind, EventKind::UnitStarted { unit: path("app") });
}
