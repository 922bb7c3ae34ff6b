//! What is told of one small tree.

use std::fmt::Write as _;

use insta::assert_snapshot;

use super::{Explanation, Use};
use crate::config::testing::{Twin, told};

const TREE: &str = r#"
//- root.hcl
locals {
  account = read_terragrunt_config(find_in_parent_folders("account.hcl"))
  region  = local.account.locals.region
}
remote_state {
  backend = "s3"
  config = {
    bucket = "state-${local.account.locals.id}"
    key    = "${path_relative_to_include()}/terraform.tfstate"
  }
}
inputs = {
  region = local.region
  tags   = { Owner = "root", Cost = "1" }
}
//- _common/app.hcl
inputs = merge({ size = "s" }, { tags = { Owner = "common" } })
//- dev/account.hcl
locals {
  id     = "111111111111"
  region = "eu-west-1"
}
//- dev/vpc/terragrunt.hcl
//- dev/app/terragrunt.hcl
include "root" {
  path   = find_in_parent_folders("root.hcl")
  expose = true
}
include "common" {
  path           = "../../_common/app.hcl"
  merge_strategy = "deep"
}
locals {
  name = "app-${include.root.locals.region}"
}
dependency "vpc" {
  config_path = "../vpc"
}
inputs = {
  name   = local.name
  vpc_id = dependency.vpc.outputs.id
  tags   = { Name = local.name }
}
"#;

fn explained(what: &str) -> String {
    let twin = Twin::new(TREE);
    let (estate, problems) = twin.load(".");
    assert!(problems.is_empty(), "{problems:?}");
    match estate.explain(estate.at("dev/app"), what) {
        Ok(explanation) => text(&explanation),
        Err(problems) => told(&problems),
    }
}

fn text(explanation: &Explanation) -> String {
    let value = explanation.value.as_ref();
    let value = value.map_or("nothing".to_owned(), |value| {
        if value.contains_unknown() {
            return "not known".to_owned();
        }
        value.to_json().expect("it has a JSON form")
    });
    let mut text = format!("{} = {value}\n", explanation.subject);
    for origin in &explanation.origins {
        writeln!(text, "  {:?} {}", origin.standing, origin.place).expect("a text grows");
        uses(&origin.uses, 2, &mut text);
    }
    text
}

fn uses(all: &[Use], depth: usize, text: &mut String) {
    for used in all {
        let indent = "  ".repeat(depth);
        let place = used
            .place
            .as_ref()
            .map_or("-".to_owned(), ToString::to_string);
        let reads = used.reads.iter().map(|file| format!(" reads {file}"));
        let reads: String = reads.collect();
        writeln!(text, "{indent}{} {place}{reads}", used.name).expect("a text grows");
        uses(&used.uses, depth + 1, text);
    }
}

#[test]
fn an_input_is_followed_through_locals_and_files_that_are_read() {
    assert_snapshot!(explained("inputs.region"), @r#"
    inputs.region = "eu-west-1"
      Counts root.hcl:13
        local.region root.hcl:3
          local.account.locals.region root.hcl:2
            locals.region dev/account.hcl:3
    "#);
}

#[test]
fn a_local_is_followed_into_an_exposed_include() {
    assert_snapshot!(explained("local.name"), @r#"
    local.name = "app-eu-west-1"
      Counts dev/app/terragrunt.hcl:10
        include.root.locals.region root.hcl:3
          local.account.locals.region root.hcl:2
            locals.region dev/account.hcl:3
    "#);
}

#[test]
fn shallow_and_deep_merges_are_told_apart() {
    assert_snapshot!(explained("inputs.tags"), @r#"
    inputs.tags = {"Name":"app-eu-west-1","Owner":"common"}
      Counts dev/app/terragrunt.hcl:18
        local.name dev/app/terragrunt.hcl:10
          include.root.locals.region root.hcl:3
            local.account.locals.region root.hcl:2
              locals.region dev/account.hcl:3
      Merged _common/app.hcl:1
      Overridden root.hcl:14
    "#);
    assert_snapshot!(explained("inputs.tags.Owner"), @r#"
    inputs.tags.Owner = "common"
      Counts _common/app.hcl:1
      Overridden root.hcl:14
    "#);
}

#[test]
fn a_value_that_an_expression_makes_has_the_place_of_the_expression() {
    assert_snapshot!(explained("inputs.size"), @r#"
    inputs.size = "s"
      Counts _common/app.hcl:1
    "#);
}

#[test]
fn the_parts_of_a_state_location_have_places_of_their_own() {
    assert_snapshot!(explained("remote_state.config.bucket"), @r#"
    remote_state.config.bucket = "state-111111111111"
      Counts root.hcl:8
        local.account.locals.id root.hcl:2
          locals.id dev/account.hcl:2
    "#);
}

#[test]
fn an_output_is_followed_to_its_block() {
    assert_snapshot!(explained("inputs.vpc_id"), @"
    inputs.vpc_id = not known
      Counts dev/app/terragrunt.hcl:17
        dependency.vpc.outputs.id dev/app/terragrunt.hcl:12
    ");
}

#[test]
fn what_no_file_says_gets_a_neighbour() {
    assert_snapshot!(explained("inputs.regoin"), @"
    : Nothing of that name. No file of this unit says anything of inputs.regoin.
      help: did you mean inputs.region?
    ");
    assert_snapshot!(explained("local.region"), @"
    : Nothing of that name. No file of this unit says anything of local.region.
      help: the included file root.hcl has such a local; a file sees the locals of another one only through an exposed include
    ");
}

#[test]
fn all_that_can_be_asked_about_is_listed() {
    let twin = Twin::new(TREE);
    let (estate, _) = twin.load(".");
    let subjects = estate
        .explainable(estate.at("dev/app"))
        .expect("it is sound");
    assert_snapshot!(subjects.join("\n"), @"
    local.name
    dependency.vpc
    inputs.name
    inputs.region
    inputs.size
    inputs.tags
    inputs.vpc_id
    remote_state.backend
    remote_state.config
    ");
}
