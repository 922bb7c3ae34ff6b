//! A reader plans, a writer applies.

use insta::assert_snapshot;
use serde_json::json;
use terrane_lab::{Lab, World};

use crate::estate::Estate;

const READER: &str = "arn:aws:iam::234567890123:role/reader-role";

#[test]
fn a_plan_takes_the_reader_and_an_apply_the_writer() {
    let Some(mut estate) = Estate::of_the_example() else {
        return;
    };
    let trust = json!({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {
        "AWS": "arn:aws:iam::123456789011:role/infrastructure-assumer-role"}}]});
    let hub =
        json!({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]});
    let world = World::landing_zone().with(&json!({"roles": [
        {"arn": READER, "trust": trust},
        {"arn": "arn:aws:iam::123456789011:role/infrastructure-assumer-role", "policies": [hub],
            "trust": {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
                "Principal": {"AWS": "arn:aws:iam::123456789011:root"}}]}},
    ]}));
    estate.lab = Lab::start(world.expect("a world")).expect("a lab");
    estate.append(
        "terrane.hcl",
        &format!("\nroles = {{\n  dev = {{ plan = \"{READER}\" }}\n}}\n"),
    );
    estate.succeeds("plan -C 1-dev/vpc");
    assert_snapshot!(estate.assumed(), @"
    infrastructure-assumer-role@123456789011
    reader-role@234567890123
    state-mgmt-role@123456789011
    ");
    estate.succeeds("apply -auto-approve -C 1-dev/vpc");
    assert_snapshot!(estate.assumed(), @"
    doer-role@234567890123
    infrastructure-assumer-role@123456789011
    state-mgmt-role@123456789011
    ");
}
