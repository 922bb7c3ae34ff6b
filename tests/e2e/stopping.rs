//! terrane is interrupted, or killed, while terraform is making things.

use nix::sys::signal::Signal;

use crate::estate::Estate;
use crate::running::{GATE, Running};

const APPLY: &str = "run-all apply --non-interactive -C 1-dev";

/// Two units, eks after vpc, of which vpc waits at a gate.
fn at_the_gate() -> Option<(Estate, Running)> {
    let estate = Estate::of_the_example()?;
    estate.remove("1-dev/eks_controllers");
    estate.remove("1-dev/transit_gateway_attachments");
    estate.append("modules/vpc/main.tf", GATE);
    let running = Running::start(&estate, APPLY);
    Some((estate, running))
}

#[tokio::test]
async fn a_killed_terrane_leaves_terraform_to_finish_save_and_unlock() {
    let Some((estate, mut run)) = at_the_gate() else {
        return;
    };
    run.until_making(1).await;
    assert_eq!(estate.lab.locks().len(), 1, "terraform is at work");
    run.signal(Signal::SIGKILL);
    run.go().await;
    assert_eq!(run.all_gone().await, None);
    let vpc = estate.outputs_in_state("1-dev/vpc");
    assert_eq!(vpc["cidr"]["value"], "10.1.0.0/16");
    estate.nobody_strayed();
    assert!(estate.lab.calls().on("*1-dev/eks/*").is_empty());
}

#[tokio::test]
async fn one_interrupt_lets_terraform_finish_and_starts_nothing_more() {
    let Some((estate, mut run)) = at_the_gate() else {
        return;
    };
    run.until_making(1).await;
    run.signal(Signal::SIGINT);
    run.until_stage("draining").await;
    run.go().await;
    assert_eq!(run.all_gone().await, Some(130));
    assert_eq!(run.outcome_of("1-dev/vpc"), "succeeded");
    assert_eq!(run.outcome_of("1-dev/eks"), "cancelled");
    let vpc = estate.outputs_in_state("1-dev/vpc");
    assert_eq!(vpc["cidr"]["value"], "10.1.0.0/16");
    estate.nobody_strayed();
}

#[tokio::test]
async fn two_interrupts_ask_terraform_to_stop_which_saves_and_unlocks() {
    let Some((estate, mut run)) = at_the_gate() else {
        return;
    };
    run.until_making(1).await;
    run.signal(Signal::SIGINT);
    run.until_stage("draining").await;
    run.signal_again(Signal::SIGINT).await;
    assert_eq!(run.all_gone().await, Some(130));
    assert_eq!(run.outcome_of("1-dev/vpc"), "failed");
    assert_eq!(run.outcome_of("1-dev/eks"), "cancelled");
    let state = estate
        .lab
        .object(crate::estate::BUCKET, "1-dev/vpc/terraform.tfstate");
    let state = String::from_utf8(state.expect("it was saved")).expect("text");
    assert!(
        state.contains("\"10.1.0.0/16\""),
        "what was made is in it: {state}"
    );
    assert!(
        state.contains("tainted"),
        "what was cut off is marked: {state}"
    );
    estate.nobody_strayed();
}
