//! Which outputs a unit asks for, and what it makes of them.

use insta::assert_snapshot;

use super::for_run;
use crate::config::testing::{Twin, inputs_of, outputs, told};
use crate::model::Origin;
use crate::model::origin::origin_of;

const READ_FILE_WITH_DEPENDENCY: &str = r#"
//- net/terragrunt.hcl
//- deps.hcl
dependency "net" {
  config_path  = "${get_terragrunt_dir()}/net"
  mock_outputs = { id = "mock" }
}
"#;

#[test]
fn outputs_are_read_through_a_file_that_a_local_reads() {
    let app = r#"
//- app/terragrunt.hcl
locals { deps = read_terragrunt_config("../deps.hcl") }
inputs = { id = local.deps.dependency.net.outputs.id }
"#;
    let world = Twin::new(&format!("{READ_FILE_WITH_DEPENDENCY}{app}"));
    let (estate, problems) = world.load_with("app", for_run("plan"));
    assert_eq!(told(&problems), "");
    let net = outputs(r#"{"id":"vpc-1"}"#);
    let ready = estate.prepare_with("app", &[("net", net)]);
    assert_snapshot!(inputs_of(&ready.expect("the output is there")), @r#"id = "vpc-1""#);
}

#[test]
fn outputs_are_read_through_a_file_that_only_inputs_read() {
    let app = r#"
//- app/terragrunt.hcl
inputs = { id = read_terragrunt_config("../deps.hcl").dependency.net.outputs.id }
"#;
    let world = Twin::new(&format!("{READ_FILE_WITH_DEPENDENCY}{app}"));
    let (estate, _) = world.load_with("app", for_run("plan"));
    let ready = estate.prepare_with("app", &[]);
    assert_snapshot!(inputs_of(&ready.expect("the mock is allowed")), @r#"id = "mock""#);
}

#[test]
fn the_upstream_of_a_read_file_is_no_edge() {
    let app = r#"
//- app/terragrunt.hcl
locals { deps = read_terragrunt_config("../deps.hcl") }
"#;
    let world = Twin::new(&format!("{READ_FILE_WITH_DEPENDENCY}{app}"));
    let (estate, _) = world.load_with("app", for_run("plan"));
    assert_eq!(estate.edges(), Vec::<String>::new());
    let app = &estate.units[estate.at("app")];
    assert_eq!(app.output_reads.len(), 1);
    assert_eq!(app.output_reads[0].named, "/w/net");
}

#[test]
fn a_stack_gives_the_outputs_of_its_units_by_name() {
    let world = Twin::new(
        r#"
//- stack/terragrunt.stack.hcl
unit "net" {
  source = "../catalog/net"
  path   = "net"
}
unit "db" {
  source = "../catalog/db"
  path   = "data/db"
}
//- stack/.terragrunt-stack/net/terragrunt.hcl
//- stack/.terragrunt-stack/data/db/terragrunt.hcl
//- app/terragrunt.hcl
dependency "stack" { config_path = "../stack" }
inputs = {
  vpc = dependency.stack.outputs.net.id
  db  = dependency.stack.outputs.db.url
}
"#,
    );
    let (estate, problems) = world.load_with("app", for_run("plan"));
    assert_eq!(told(&problems), "");
    let net = outputs(r#"{"id":"vpc-1"}"#);
    let db = outputs(r#"{"url":"postgres"}"#);
    let given = [
        ("stack/.terragrunt-stack/net", net),
        ("stack/.terragrunt-stack/data/db", db),
    ];
    let ready = estate.prepare_with("app", &given);
    assert_snapshot!(inputs_of(&ready.expect("all outputs are there")), @r#"
    db = "postgres"
    vpc = "vpc-1"
    "#);
}

#[test]
fn a_missing_output_names_the_place_that_asks() {
    let world = Twin::new(
        r#"
//- net/terragrunt.hcl
//- app/terragrunt.hcl
dependency "net" { config_path = "../net" }
inputs = { id = dependency.net.outputs.vcp_id }
"#,
    );
    let (estate, _) = world.load_with(".", for_run("plan"));
    let net = outputs(r#"{"vpc_id":"vpc-1"}"#);
    let problems = estate.prepare_with("app", &[("net", net)]);
    assert_snapshot!(told(&problems.expect_err("there is no such output")), @r#"
    app/terragrunt.hcl:2:39: Unknown attribute. `dependency.net.outputs` has no attribute "vcp_id".
      help: did you mean "vpc_id"?
    "#);
}

#[test]
fn prepare_asks_for_outputs_before_it_complains_of_their_absence() {
    let world = Twin::new(
        r#"
//- net/terragrunt.hcl
//- app/terragrunt.hcl
dependency "net" { config_path = "../net" }
inputs = { id = upper(dependency.net.outputs.id) }
"#,
    );
    let (estate, problems) = world.load_with(".", for_run("plan"));
    assert_eq!(told(&problems), "");
    let problems = estate.prepare_with("app", &[]);
    assert_snapshot!(told(&problems.expect_err("it was never applied")), @r#"
    app/terragrunt.hcl:1:20: No outputs yet. net has no outputs for dependency "net": it was never applied, or it was destroyed. Asked for at app/terragrunt.hcl:2.
      help: apply it first, or give the block mock_outputs
    "#);
}

#[test]
fn outputs_that_are_skipped_are_not_asked_for_and_the_edge_stays() {
    let world = Twin::new(
        r#"
//- net/terragrunt.hcl
//- app/terragrunt.hcl
dependency "net" {
  config_path  = "../net"
  skip_outputs = true
  mock_outputs = { id = "mock" }
}
inputs = { id = dependency.net.outputs.id }
"#,
    );
    let (estate, _) = world.load_with(".", for_run("plan"));
    assert_eq!(estate.edges(), ["app <- net"]);
    assert!(estate.units[estate.at("app")].output_reads.is_empty());
    let ready = estate.prepare_with("app", &[("net", outputs(r#"{"id":"real"}"#))]);
    let ready = ready.expect("the mock is allowed");
    assert_eq!(ready.prepared.inputs["id"].as_str(), Some("mock"));
}

#[test]
fn a_mock_that_fills_in_deep_below_is_known_as_one() {
    let world = Twin::new(
        r#"
//- net/terragrunt.hcl
//- app/terragrunt.hcl
dependency "net" {
  config_path  = "../net"
  mock_outputs = { subnets = { a = "mock-a", b = "mock-b" } }

  mock_outputs_merge_strategy_with_state = "deep_map_only"
}
inputs = {
  a = dependency.net.outputs.subnets.a
  b = dependency.net.outputs.subnets.b
}
"#,
    );
    let (estate, _) = world.load_with(".", for_run("plan"));
    let net = outputs(r#"{"subnets":{"a":"subnet-1"}}"#);
    let ready = estate.prepare_with("app", &[("net", net)]);
    let ready = ready.expect("all is there");
    let origin = |name: &str| origin_of(&ready.prepared.inputs[name]);
    assert_eq!((origin("a"), origin("b")), (Origin::State, Origin::Mock));
    assert_eq!(ready.prepared.made_of_mocks, ["inputs.b"]);
    assert_eq!(ready.mocks[0].place.to_string(), "app/terragrunt.hcl:1");
}

#[test]
fn mocks_that_are_looked_at_and_not_used_are_in_nothing() {
    let app = r#"
//- app/terragrunt.hcl
locals {
  deps = read_terragrunt_config("../deps.hcl")
  id   = local.deps.dependency.net.outputs.id
}
inputs = { id = "own" }
"#;
    let world = Twin::new(&format!("{READ_FILE_WITH_DEPENDENCY}{app}"));
    let (estate, _) = world.load_with("app", for_run("plan"));
    let ready = estate.prepare_with("app", &[]);
    let ready = ready.expect("the mock is allowed");
    assert_eq!(ready.prepared.made_of_mocks, [""; 0]);
}

#[test]
fn mocks_of_a_file_that_is_read_are_known_to_be_of_that_file() {
    let app = r#"
//- app/terragrunt.hcl
locals { deps = read_terragrunt_config("../deps.hcl") }
generate "x" {
  path      = "x.tf"
  if_exists = "skip"
  contents  = upper(local.deps.dependency.net.outputs.id)
}
"#;
    let world = Twin::new(&format!("{READ_FILE_WITH_DEPENDENCY}{app}"));
    let (estate, _) = world.load_with("app", for_run("plan"));
    let ready = estate.prepare_with("app", &[]);
    let ready = ready.expect("the mock is allowed");
    assert_eq!(ready.prepared.made_of_mocks, ["generate.x.contents"]);
    let places: Vec<_> = ready
        .mocks
        .iter()
        .map(|given| given.place.to_string())
        .collect();
    assert_eq!(places, ["/w/deps.hcl:1"]);
}

#[test]
fn an_edge_that_is_made_of_outputs_is_told_and_not_lost() {
    let world = Twin::new(&format!(
        "{READ_FILE_WITH_DEPENDENCY}{}",
        r#"
//- way.hcl
dependency "net" { config_path = "/w/net" }
inputs = { path = dependency.net.outputs.path }
//- app/terragrunt.hcl
dependency "x" {
  config_path = read_terragrunt_config("../way.hcl").inputs.path
}
dependencies {
  paths = [read_terragrunt_config("../way.hcl").inputs.path]
}
"#
    ));
    let (_, problems) = world.load_with("app", for_run("plan"));
    assert_snapshot!(told(&problems), @r"
    terragrunt.hcl:2:3: Edge depends on outputs. Whom a unit waits for must be known before any unit has run, and this is made of another unit's outputs.
      help: write the path, or make it of values that the files hold
    terragrunt.hcl:5:3: Edge depends on outputs. Whom a unit waits for must be known before any unit has run, and this is made of another unit's outputs.
      help: write the path, or make it of values that the files hold
    ");
}
