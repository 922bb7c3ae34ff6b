//! Files as they are: JSON, broken ones, files of modules.

use insta::assert_snapshot;

use super::for_run;
use crate::config::testing::{Twin, inputs_of, told};
use crate::config::{Facts, LoadOptions, ReadKind, load_unit};

#[test]
fn a_unit_may_be_written_in_json() {
    let world = Twin::new(
        r#"
//- net/terragrunt.hcl
//- app/terragrunt.hcl.json
{"locals": {"n": 2},
 "dependency": {"net": {"config_path": "../net", "mock_outputs": {"id": "mock"}}},
 "terraform": {"extra_arguments": {"x": {"commands": ["plan"], "arguments": ["-lock=false"]}}},
 "inputs": {"n": "${local.n + 1}", "id": "${dependency.net.outputs.id}", "list": ["x", null]}}
"#,
    );
    let file = "/w/app/terragrunt.hcl.json".into();
    let (estate, problems) = load_unit(file, &world, for_run("plan"));
    assert_eq!(told(&problems), "");
    assert_eq!(estate.edges(), [". <- ../net"]);
    let ready = estate.prepare_with("app", &[]).expect("it is sound");
    assert_snapshot!(inputs_of(&ready), @r#"
    id = "mock"
    list = ["x",null]
    n = 3
    "#);
    assert_eq!(
        ready.prepared.terraform.extra_arguments[0].arguments,
        ["-lock=false"]
    );
}

#[test]
fn an_included_file_in_json_is_refused() {
    let world = Twin::new(
        r#"
//- root.hcl.json
{"inputs": {"n": 1}}
//- app/terragrunt.hcl
include "root" { path = "../root.hcl.json" }
"#,
    );
    let (_, problems) = world.load(".");
    assert_snapshot!(told(&problems), @r"
    app/terragrunt.hcl:1:18: Included file in JSON syntax. JSON is read where it is a unit's own file. root.hcl.json:1 is included, and must be in the native syntax.
      help: write the included file in the native syntax, under another name
    ");
}

#[test]
fn code_of_a_module_counts_as_read_where_it_is_asked_for() {
    let world = Twin::new(
        r#"
//- modules/net/main.tf
//- modules/net/sub/more.tf.json
//- modules/net/README.md
//- app/terragrunt.hcl
terraform { source = "../modules//net" }
"#,
    );
    let code = |facts| {
        let options = LoadOptions {
            facts,
            ..LoadOptions::default()
        };
        let (estate, _) = world.load_with("app", options);
        let files = estate.units[estate.at("app")].files.clone();
        let code = files.iter().filter(|file| file.kind == ReadKind::Module);
        code.map(|file| file.path.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(code(Facts::EDGES), Vec::<String>::new());
    assert_eq!(
        code(Facts::MODULE_FILES),
        ["/w/modules/net/main.tf", "/w/modules/net/sub/more.tf.json"]
    );
}

#[test]
fn one_broken_unit_does_not_hide_the_others() {
    let world = Twin::new(
        r#"
//- a/terragrunt.hcl
inputs = {
//- b/terragrunt.hcl
dependency "a" { config_path = "../a" }
"#,
    );
    let (estate, problems) = world.load(".");
    assert_eq!(estate.units.len(), 2);
    assert_eq!(estate.edges(), ["b <- a"]);
    assert!(problems.has_errors());
}

#[test]
fn a_misspelt_name_of_a_for_is_told_with_the_names_that_it_binds() {
    let world = Twin::new(
        r#"
//- app/terragrunt.hcl
locals {
  zones = [for zone in ["a", "b"] : upper(zonne)]
  tags  = { for k, v in { a = 1 } : k => nothing }
  alone = nothing
}
"#,
    );
    let (_, problems) = world.load_with(".", for_run("plan"));
    assert_snapshot!(told(&problems), @r#"
    app/terragrunt.hcl:2:43: Unknown variable. There is no variable "zonne".
      help: did you mean "zone"?
    app/terragrunt.hcl:3:42: Unknown variable. There is no variable "nothing".
      help: a text stands in quotes: "nothing"
      help: the names of "for" here are: k, v
    app/terragrunt.hcl:4:11: Unknown variable. There is no variable "nothing".
      help: a text stands in quotes: "nothing"
    "#);
}

/// Places in its text mean nothing in the unit's file.
#[test]
fn an_expression_beside_the_file_has_the_names_of_its_own_fors() {
    let world =
        Twin::new("//- app/terragrunt.hcl\nlocals { a = [for zone in [1] : zone + other] }\n");
    let (estate, _) = world.load(".");
    let wrong = |text: &str| {
        let value = estate.evaluate_expression(estate.at("app"), text);
        told(&value.expect_err("a name is unknown"))
    };
    assert_snapshot!(wrong("[for k in [1] : other]"), @r#"
    <expression>:1:17: Unknown variable. There is no variable "other".
      help: a text stands in quotes: "other"
      help: the names of "for" here are: k
    "#);
    let at_the_same_place = format!("{:39}other", "");
    assert_snapshot!(wrong(&at_the_same_place), @r#"
    <expression>:1:40: Unknown variable. There is no variable "other".
      help: a text stands in quotes: "other"
    "#);
}
