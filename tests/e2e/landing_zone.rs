//! The whole life of the landing zone, and who did what in it.

use insta::assert_snapshot;

use crate::estate::Estate;

/// Every role that a run over all accounts assumes, once each.
const SIX: &str = "\
doer-role@123456789011
doer-role@234567890123
doer-role@345678901234
doer-role@456789012345
infrastructure-assumer-role@123456789011
state-mgmt-role@123456789011";

const ACCOUNTS: [&str; 4] = ["shared", "dev", "stage", "prod"];

#[test]
fn the_landing_zone_lives_its_whole_life() {
    let Some(estate) = Estate::of_the_example() else {
        return;
    };
    plans_on_mocks(&estate);
    applies(&estate);
    plans_nothing_more(&estate);
    reads_outputs_without_terraform(&estate);
    carries_a_changed_output_to_all_who_use_it(&estate);
    destroys_backwards(&estate);
}

fn plans_on_mocks(estate: &Estate) {
    estate.succeeds("run-all plan");
    by_whom(estate);
    assert!(
        estate.lab.calls().of("s3:PutObject").is_empty(),
        "a plan saves nothing"
    );
}

fn applies(estate: &Estate) {
    estate.succeeds("run-all apply --non-interactive");
    by_whom(estate);
    let calls = estate.lab.calls().of("s3:*");
    for (downstream, upstream) in Estate::edges() {
        Estate::begins_after(&calls, &downstream, &upstream);
    }
    for environment in ["1-dev", "2-stage", "3-prod"] {
        let attachments = format!("{environment}/transit_gateway_attachments");
        assert_eq!(
            estate.outputs_in_state(&attachments)["transit_gateway_id"]["value"],
            estate.outputs_in_state("0-shared/transit_gateway")["id"]["value"]
        );
    }
}

fn plans_nothing_more(estate: &Estate) {
    estate.succeeds("run-all plan -detailed-exitcode");
    by_whom(estate);
}

fn reads_outputs_without_terraform(estate: &Estate) {
    let raw = |name: &str| estate.succeeds(&format!("outputs shared/transit_gateway --raw {name}"));
    let id = &estate.outputs_in_state("0-shared/transit_gateway")["id"]["value"];
    assert_eq!(raw("id").trim_end(), id.as_str().expect("an id"));
    assert_eq!(raw("asn").trim_end(), "64512");
    assert_snapshot!(estate.assumed(), @"
    infrastructure-assumer-role@123456789011
    state-mgmt-role@123456789011
    ");
    assert_eq!(estate.lab.calls().of("s3:*").len(), 1, "one read");
    estate.nobody_strayed();
    let shown = estate.succeeds("outputs shared/transit_gateway");
    assert!(shown.contains("(sensitive)"), "{shown}");
    let key = &estate.outputs_in_state("0-shared/transit_gateway")["key"]["value"];
    assert!(!shown.contains(key.as_str().expect("a key")), "{shown}");
}

fn carries_a_changed_output_to_all_who_use_it(estate: &Estate) {
    let id = |estate: &Estate| estate.outputs_in_state("0-shared/transit_gateway")["id"].take();
    let before = id(estate);
    let unit = "0-shared/transit_gateway/terragrunt.hcl";
    estate.replace(unit, "asn = 64512", "asn = 64513");
    estate.succeeds("run-all apply --non-interactive");
    by_whom(estate);
    assert_ne!(id(estate), before);
    for environment in ["1-dev", "2-stage", "3-prod"] {
        let attachments = format!("{environment}/transit_gateway_attachments");
        let there = estate.outputs_in_state(&attachments)["transit_gateway_id"].take();
        assert_eq!(there["value"], id(estate)["value"], "{attachments}");
    }
}

fn destroys_backwards(estate: &Estate) {
    estate.succeeds("run-all destroy --non-interactive");
    by_whom(estate);
    // Upstreams' states are read all the time; what counts is who writes first.
    let calls = estate.lab.calls().of("s3:PutObject");
    for (downstream, upstream) in Estate::edges() {
        Estate::begins_after(&calls, &upstream, &downstream);
    }
    for unit in ["0-shared/vpc", "3-prod/eks_controllers"] {
        let outputs = estate.outputs_in_state(unit);
        assert_eq!(outputs.as_object().map(serde_json::Map::len), Some(0));
    }
}

/// One session for each role and run, doers in their own accounts, state by state-management.
fn by_whom(estate: &Estate) {
    assert_eq!(estate.assumed(), SIX);
    for account in ACCOUNTS {
        let doer = estate.lab.calls().by("doer-role").in_account(account);
        assert!(!doer.is_empty(), "the doer of {account} was at work");
    }
    estate.nobody_strayed();
}
