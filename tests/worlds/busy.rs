//! AWS is busy, or nobody answers: rows 39, 40 and 48 of the fault matrix. Where terrane gives up,
//! its patience is made short: how long it really is, is tested under a paused clock beside it.

use std::time::Duration;

use insta::assert_snapshot;
use terrane_lab::Fault;

use crate::estate::{DEV_DOER, Estate};

#[test]
fn throttling_that_passes_is_waited_for_and_costs_no_second_session() {
    let estate = Estate::new();
    for number in 0..10 {
        estate.unit(&format!("1-dev/unit-{number}"), "");
    }
    let throttled = Fault::on("sts:AssumeRole").to(DEV_DOER);
    estate.fault(
        throttled
            .answering_with(400, "Throttling", "Rate exceeded")
            .times(5),
    );
    let done = estate.terrane("run-all plan");
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let calls = estate.lab.calls().of("sts:AssumeRole").on(DEV_DOER);
    assert_eq!(calls.len(), 6, "five were throttled:\n{}", calls.tally());
    assert_eq!(estate.assumed()["doer-role@234567890123"], 1);
    let told: Vec<&str> = done
        .stderr
        .lines()
        .filter(|line| line.starts_with("credentials"))
        .collect();
    assert_snapshot!(told.join("\n"), @"credentials: waiting for arn:aws:iam::234567890123:role/doer-role (Throttling: Rate exceeded)");
}

#[test]
fn throttling_without_end_fails_the_units_of_that_role_with_a_word_about_quotas() {
    let estate = Estate::new();
    let throttled = Fault::on("sts:AssumeRole").to(DEV_DOER);
    estate.fault(throttled.answering_with(400, "Throttling", "Rate exceeded"));
    let done = estate.terrane("run-all plan --aws-patience 2");
    assert_snapshot!(estate.dev_failed_alone(&done), @"
    as       arn:aws:sts::123456789011:assumed-role/infrastructure-assumer-role/terrane
    reason   AWS is throttling the calls
    hint     other calls use up this account's quota of STS; try again later, or ask AWS for a higher quota
             to wait longer: --aws-patience SECONDS
    credentials: waiting for arn:aws:iam::234567890123:role/doer-role (Throttling: Rate exceeded)
    next  terrane run-all plan --aws-patience 2 --filter '...1-dev/vpc'
    ");
}

#[test]
fn a_connection_that_breaks_off_again_and_again_fails_the_units_of_that_role() {
    let estate = Estate::new();
    estate.fault(Fault::on("sts:AssumeRole").to(DEV_DOER).dropping_before());
    let done = estate.terrane("run-all plan --aws-patience 2");
    assert_snapshot!(estate.dev_failed_alone(&done), @"
    as       arn:aws:sts::123456789011:assumed-role/infrastructure-assumer-role/terrane
    reason   STS did not answer (connection closed before message completed)
    hint     check the network, proxies (HTTPS_PROXY), and AWS_ENDPOINT_URL if it is set
             to wait longer: --aws-patience SECONDS
    credentials: waiting for arn:aws:iam::234567890123:role/doer-role (connection closed before message completed)
    next  terrane run-all plan --aws-patience 2 --filter '...1-dev/vpc'
    ");
}

#[test]
fn an_answer_that_never_comes_is_not_waited_for_any_longer() {
    let estate = Estate::new();
    let silent = Fault::on("sts:AssumeRole").to(DEV_DOER);
    estate.fault(silent.delaying(Duration::from_mins(2)));
    let done = estate.terrane("run-all plan --aws-patience 2");
    assert_snapshot!(estate.dev_failed_alone(&done), @"
    as       arn:aws:iam::123456789011:role/infrastructure-assumer-role
    reason   STS did not answer (nothing within [TIME])
    hint     check the network, proxies (HTTPS_PROXY), and AWS_ENDPOINT_URL if it is set
             to wait longer: --aws-patience SECONDS
    next  terrane run-all plan --aws-patience 2 --filter '...1-dev/vpc'
    ");
}

#[test]
fn an_endpoint_where_nobody_listens_is_told_before_any_unit() {
    let estate = Estate::new();
    // The port of discarding, which nobody serves.
    let nowhere = [("AWS_ENDPOINT_URL", "http://127.0.0.1:9")];
    let done = estate.terrane_with("run-all plan --aws-patience 1", &nowhere);
    assert_snapshot!(estate.nobody_could_act(&done), @"
    = the base identity cannot be used: STS did not answer (Connection refused)
    = help: terrane was started with: keys of the environment
    = help: check the network, proxies (HTTPS_PROXY), and AWS_ENDPOINT_URL if it is set
            to wait longer: --aws-patience SECONDS
    ");
}
