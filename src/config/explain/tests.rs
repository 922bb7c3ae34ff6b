//! What is told of one small tree.

use std::fmt::Write as _;

use insta::assert_snapshot;

use super::{Explanation, Use};
use crate::config::LoadOptions;
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
    explained_in(TREE, "dev/app", what)
}

fn explained_in(tree: &str, unit: &str, what: &str) -> String {
    let twin = Twin::new(tree);
    let (estate, problems) = twin.load(".");
    assert!(!problems.has_errors(), "{problems:?}");
    match estate.explain(estate.at(unit), what) {
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
        let reads = origin.reads.iter().map(|file| format!(" reads {file}"));
        let reads: String = reads.collect();
        writeln!(text, "  {:?} {}{reads}", origin.standing, origin.place).expect("a text grows");
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

#[test]
fn a_key_may_be_quoted_and_a_place_in_a_list_has_that_of_the_list() {
    let tree = r#"
//- app/terragrunt.hcl
inputs = {
  tags = {
    "a.b/c" = 1
  }
  zones = ["x", "y"]
}
"#;
    let explained = |what| explained_in(tree, "app", what);
    assert_snapshot!(explained("inputs.tags[\"a.b/c\"]"), @r#"
    inputs.tags["a.b/c"] = 1
      Counts app/terragrunt.hcl:3
    "#);
    assert_snapshot!(explained("inputs.zones[1]"), @r#"
    inputs.zones[1] = "y"
      Counts app/terragrunt.hcl:5
    "#);
    assert_snapshot!(explained("inputs.zones[2]"), @"
    : Nothing of that name. No file of this unit says anything of inputs.zones[2].
      help: did you mean inputs.zones?
    ");
}

#[test]
fn a_file_that_an_expression_itself_reads_is_named() {
    let tree = "\
//- app/v.json
{\"a\": 1}
//- app/terragrunt.hcl
locals {
  v = jsondecode(file(\"v.json\"))
}
inputs = jsondecode(file(\"v.json\"))
";
    assert_snapshot!(explained_in(tree, "app", "local.v"), @r#"
    local.v = {"a":1}
      Counts app/terragrunt.hcl:2 reads app/v.json
    "#);
    assert_snapshot!(explained_in(tree, "app", "inputs.a"), @"
    inputs.a = 1
      Counts app/terragrunt.hcl:4
        a app/v.json:1
    ");
}

#[test]
fn an_exposed_include_is_explained_by_the_name_that_expressions_use() {
    assert_snapshot!(explained("include.root.locals.region"), @r#"
    include.root.locals.region = "eu-west-1"
      Counts root.hcl:3
        local.account.locals.region root.hcl:2
          locals.region dev/account.hcl:3
    "#);
    assert_snapshot!(explained("include.root.inputs.tags.Owner"), @r#"
    include.root.inputs.tags.Owner = "root"
      Counts root.hcl:14
    "#);
    assert_snapshot!(explained("include.common.inputs"), @r#"
    : Nothing of that name. No file of this unit says anything of include.common.inputs.
      help: the include "common" is not exposed; expose = true lets a file see it
    "#);
}

#[test]
fn what_is_not_merged_is_told_as_such() {
    let tree = r#"
//- root.hcl
inputs = { size = 1 }
//- app/terragrunt.hcl
include "root" {
  path           = find_in_parent_folders("root.hcl")
  merge_strategy = "no_merge"
}
"#;
    assert_snapshot!(explained_in(tree, "app", "inputs.size"), @r#"
    : Nothing of that name. No file of this unit says anything of inputs.size.
      help: root.hcl:1 says it, in a file that is included with merge_strategy = "no_merge"
    "#);
}

#[test]
fn a_value_of_a_stack_is_followed_into_the_stacks_file() {
    let tree = r#"
//- live/terragrunt.stack.hcl
locals {
  base = "10.0"
}
unit "vpc" {
  source = "../units/vpc"
  path   = "vpc"
  values = {
    cidr = "${local.base}.0.0/16"
  }
}
//- live/.terragrunt-stack/vpc/terragrunt.values.hcl
cidr = "10.0.0.0/16"
//- live/.terragrunt-stack/vpc/terragrunt.hcl
inputs = { cidr = values.cidr }
"#;
    let explained = |what| explained_in(tree, "live/.terragrunt-stack/vpc", what);
    assert_snapshot!(explained("inputs.cidr"), @r#"
    inputs.cidr = "10.0.0.0/16"
      Counts live/.terragrunt-stack/vpc/terragrunt.hcl:1
        values.cidr live/.terragrunt-stack/vpc/terragrunt.values.hcl:1
          unit "vpc", values.cidr live/terragrunt.stack.hcl:8
            local.base live/terragrunt.stack.hcl:2
    "#);
    assert_snapshot!(explained("values.cidr"), @r#"
    values.cidr = "10.0.0.0/16"
      Counts live/.terragrunt-stack/vpc/terragrunt.values.hcl:1
        unit "vpc", values.cidr live/terragrunt.stack.hcl:8
          local.base live/terragrunt.stack.hcl:2
    "#);
}

#[test]
fn removed_attributes_are_where_what_they_became_comes_from() {
    let tree = "\
//- app/terragrunt.hcl
skip = true
retry_max_attempts = 4
";
    let explained = |what| explained_in(tree, "app", what);
    assert_snapshot!(explained("exclude.if"), @"
    exclude.if = true
      Counts app/terragrunt.hcl:1
    ");
    assert_snapshot!(explained("skip"), @"
    skip = true
      Counts app/terragrunt.hcl:1
    ");
    assert_snapshot!(explained("errors.retry.default.max_attempts"), @"
    errors.retry.default.max_attempts = 4
      Counts app/terragrunt.hcl:2
    ");
}

#[test]
fn a_feature_that_a_flag_sets_comes_from_the_flag() {
    let twin = Twin::new(
        "//- app/terragrunt.hcl\nfeature \"f\" {\n  default = true\n}\ninputs = { f = feature.f.value }\n",
    );
    let options = LoadOptions {
        features: [("f".to_owned(), "false".to_owned())].into(),
        ..LoadOptions::default()
    };
    let (estate, _) = twin.load_with(".", options);
    let explained = |what| estate.explain(estate.at("app"), what).expect("it is there");
    let feature = explained("feature.f");
    assert_eq!(feature.flag.as_deref(), Some("--feature f=false"));
    assert_snapshot!(text(&feature), @"
    feature.f = false
      Overridden app/terragrunt.hcl:1
    ");
    assert_snapshot!(text(&explained("inputs.f")), @"
    inputs.f = false
      Counts app/terragrunt.hcl:4
        feature.f.value app/terragrunt.hcl:1
          --feature f=false -
    ");
}
