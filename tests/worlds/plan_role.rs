//! A role for planning beside the one for applying: row 56 of the fault matrix.

use insta::assert_snapshot;
use serde_json::json;
use terrane_lab::{PolicyOf, World};

use crate::estate::{ASSUMER, DEV_DOER, Estate};

const READER: &str = "arn:aws:iam::234567890123:role/reader-role";

/// dev has a reader for plans; its doer trusts nobody.
fn with_a_reader() -> Estate {
    let statement = json!({
        "Effect": "Allow", "Principal": {"AWS": ASSUMER}, "Action": "sts:AssumeRole",
    });
    let reader = json!({
        "arn": READER,
        "trust": {"Version": "2012-10-17", "Statement": [statement]},
        "policies": [],
    });
    let world = World::landing_zone().with(&json!({"roles": [reader]}));
    let estate = Estate::of(world.expect("a world"));
    let may = json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": READER});
    estate.add(PolicyOf::Principals(ASSUMER), &may);
    estate.distrust(DEV_DOER);
    estate.account("1-dev", "234567890123");
    estate.unit("1-dev/vpc", "");
    let file = format!(
        "assumer_role = \"{ASSUMER}\"\nroles = {{\n  \"234567890123\" = {{\n    \
         plan  = \"{READER}\"\n    apply = \"{DEV_DOER}\"\n  }}\n}}\n"
    );
    estate.write("terrane.hcl", &file);
    estate
}

#[test]
fn a_plan_needs_the_plan_role_alone_and_no_lock() {
    let estate = with_a_reader();
    let done = estate.terrane("run-all plan -lock=false");
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    estate.nothing_is_left(&done);
    let assumed = estate.assumed();
    let roles: Vec<&str> = assumed.keys().map(String::as_str).collect();
    assert_eq!(
        roles,
        [
            "infrastructure-assumer-role@123456789011",
            "reader-role@234567890123",
            "state-mgmt-role@123456789011"
        ]
    );
    let calls = estate.calls_of("1-dev/vpc");
    assert!(calls.iter().any(|call| call.command == "plan"), "{calls:?}");
    assert!(estate.lab.calls().refused().is_empty(), "nobody tried more");
}

#[test]
fn an_apply_with_a_role_that_is_denied_names_the_role_of_the_command() {
    let estate = with_a_reader();
    let done = estate.terrane("run-all apply --non-interactive");
    assert_snapshot!(estate.vpc_was_not_applied(&done), @"
    identity  keys of the environment → infrastructure-assumer-role → doer-role, state-mgmt-role
    ✗ dev/vpc: could not assume the doer role (after [TIME])
      chain    base → infrastructure-assumer-role → doer-role, stopped at the last hop
      role     arn:aws:iam::234567890123:role/doer-role  (from terrane.hcl:3)
      as       arn:aws:sts::123456789011:assumed-role/infrastructure-assumer-role/terrane
      reason   one side refuses, or there is no such role
      hint     AWS does not tell which; look whether arn:aws:iam::234567890123:role/doer-role is there
               its trust policy must allow sts:AssumeRole to arn:aws:iam::123456789011:role/infrastructure-assumer-role
               and a policy of arn:aws:iam::123456789011:role/infrastructure-assumer-role must allow sts:AssumeRole on it
               no external id was sent; if its trust policy wants one, name it in external_ids of terrane.hcl
      next     terrane doctor
      doer     doer-role @ 1-dev
    ");
}
