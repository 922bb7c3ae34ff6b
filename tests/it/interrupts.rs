//! One, two and three interrupts, against real children: who gets which signal, who ends how.

use nix::sys::signal::Signal;

use crate::scene::{Scene, gone, is_alive, until_file_has};

const UNTIL_GO: &str = "say ready; until {}/go; say done; exit 0";
const STOPS_WHEN_ASKED: &str = "say ready; until-signal; say stopping; until {}/go; exit 1";

fn got(words: &[&str], signal: &str) -> usize {
    words
        .iter()
        .filter(|word| **word == format!("got {signal}"))
        .count()
}

#[tokio::test]
async fn one_interrupt_lets_an_apply_finish_what_runs() {
    let scene = Scene::new();
    let mut run = scene.run(
        "apply",
        &[&format!("a={UNTIL_GO}"), &format!("b:a={UNTIL_GO}")],
    );
    run.until_said("a", "ready").await;
    run.signal(Signal::SIGINT);
    run.until_stage("draining").await;
    scene.make("go");
    let ended = run.ended().await;
    assert_eq!(
        ended.words_of("a"),
        ["ready", "done"],
        "no signal reached it"
    );
    assert_eq!(ended.outcome_of("a"), "succeeded");
    assert_eq!(ended.outcome_of("b"), "cancelled");
    assert_eq!(ended.code, Some(130));
    assert!(
        ended
            .log
            .contains("1 unit is applying and will finish: a ("),
        "{}",
        ended.log
    );
}

#[tokio::test]
async fn two_interrupts_ask_each_child_of_an_apply_once() {
    let scene = Scene::new();
    let scripts = [
        &format!("a={STOPS_WHEN_ASKED}"),
        &format!("b={STOPS_WHEN_ASKED}"),
    ];
    let mut run = scene.run("apply", &scripts.map(String::as_str));
    run.until_said("a", "ready").await;
    run.until_said("b", "ready").await;
    run.signal(Signal::SIGINT);
    run.until_stage("draining").await;
    run.signal(Signal::SIGINT);
    run.until_said("a", "stopping").await;
    run.until_said("b", "stopping").await;
    scene.make("go");
    let ended = run.ended().await;
    for unit in ["a", "b"] {
        assert_eq!(ended.words_of(unit), ["ready", "got SIGINT", "stopping"]);
        assert_eq!(ended.failure_of(unit)["kind"], "interrupted");
    }
    assert_eq!(ended.code, Some(130));
}

#[tokio::test]
async fn three_interrupts_kill_a_child_that_does_not_listen_and_all_it_started() {
    let scene = Scene::new();
    let deaf = "a=say-pid; grandchild say-pid, write {}/g ready, until {}/never; until {}/g; \
                say ready; until {}/never";
    let mut run = scene.run("apply", &[deaf]);
    run.until_said("a", "ready").await;
    run.signal(Signal::SIGINT);
    run.until_stage("draining").await;
    run.signal(Signal::SIGINT);
    run.until_said("a", "got SIGINT").await;
    run.signal(Signal::SIGINT);
    run.until_stage("killing").await;
    let child = run.pid_of("a");
    let ended = run.ended().await;
    assert_eq!(ended.failure_of("a")["kind"], "state_at_risk");
    assert_eq!(ended.code, Some(6));
    assert!(
        ended.log.contains("may exist without being in the state"),
        "{}",
        ended.log
    );
    assert!(!is_alive(child));
    let pids = ended
        .words_of("a")
        .into_iter()
        .filter_map(|word| word.strip_prefix("pid "));
    let pids: Vec<u32> = pids.map(|pid| pid.parse().expect("a number")).collect();
    assert_eq!(
        pids.len(),
        2,
        "the child and its grandchild told their numbers"
    );
    for pid in pids {
        gone(pid).await;
    }
}

#[tokio::test]
async fn one_interrupt_asks_a_plan_to_stop_and_its_grandchildren_too() {
    let scene = Scene::new();
    let script = "a=grandchild write {}/g ready, until-signal, write {}/asked yes; until {}/g; \
                  say ready; until-signal; until {}/asked; exit 1";
    let mut run = scene.run("plan", &[script, &format!("b:a={UNTIL_GO}")]);
    run.until_said("a", "ready").await;
    run.signal(Signal::SIGINT);
    let ended = run.ended().await;
    assert_eq!(scene.read("asked"), "yes\n");
    assert_eq!(
        got(&ended.words_of("a"), "SIGINT"),
        2,
        "one each, in the same file"
    );
    assert_eq!(ended.failure_of("a")["kind"], "interrupted");
    assert_eq!(ended.outcome_of("b"), "cancelled");
    assert_eq!(ended.code, Some(130));
}

#[tokio::test]
async fn a_second_interrupt_of_a_plan_sends_nothing_more() {
    let scene = Scene::new();
    let mut run = scene.run("plan", &[&format!("a={STOPS_WHEN_ASKED}")]);
    run.until_said("a", "ready").await;
    run.signal(Signal::SIGINT);
    run.until_said("a", "stopping").await;
    run.signal(Signal::SIGINT);
    run.until_stage("waiting").await;
    scene.make("go");
    let ended = run.ended().await;
    assert_eq!(got(&ended.words_of("a"), "SIGINT"), 1);
}

#[tokio::test]
async fn sigterm_and_sighup_become_one_sigint_for_a_child() {
    for (signal, code) in [(Signal::SIGTERM, 143), (Signal::SIGHUP, 130)] {
        let scene = Scene::new();
        scene.make("go");
        let mut run = scene.run("plan", &[&format!("a={STOPS_WHEN_ASKED}")]);
        run.until_said("a", "ready").await;
        run.signal(signal);
        let ended = run.ended().await;
        assert_eq!(ended.words_of("a"), ["ready", "got SIGINT", "stopping"]);
        assert_eq!(ended.code, Some(code));
    }
}

#[tokio::test]
async fn a_child_that_ends_well_although_it_was_asked_has_succeeded() {
    let scene = Scene::new();
    let mut run = scene.run("plan", &["a=say ready; until-signal; exit 0"]);
    run.until_said("a", "ready").await;
    run.signal(Signal::SIGINT);
    let ended = run.ended().await;
    assert_eq!(ended.outcome_of("a"), "succeeded");
    assert_eq!(
        ended.code,
        Some(130),
        "the run was interrupted all the same"
    );
}

#[tokio::test]
async fn a_killed_terrane_leaves_its_child_to_finish_with_its_files_whole() {
    let scene = Scene::new();
    let mut run = scene.run(
        "apply",
        &["a=say-pid; say ready; until {}/go; say after; complain still here; write {}/state saved"],
    );
    run.until_said("a", "ready").await;
    let child = run.pid_of("a");
    run.killed().await;
    assert!(is_alive(child));
    scene.make("go");
    until_file_has(&scene.path().join("state"), "saved").await;
    gone(child).await;
    assert!(scene.read("a.out").ends_with("ready\nafter\n"));
    assert_eq!(scene.read("a.err"), "still here\n");
}

#[tokio::test]
async fn a_reader_that_goes_away_does_not_stop_a_run() {
    let scene = Scene::new();
    let mut run = scene.run("apply", &[&format!("a={UNTIL_GO}"), "b:a=say too; exit 0"]);
    run.until_said("a", "ready").await;
    run.close_its_stdout();
    scene.make("go");
    let ended = run.ended().await;
    assert_eq!(ended.code, Some(0), "{}", ended.log);
    assert!(scene.read("report.json").matches("succeeded").count() == 2);
    assert!(ended.log.contains("b  │ too"), "{}", ended.log);
}
