//! `hcl validate`

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

const WRONG: &str = r#"
//- root.hcl
locals {
  region = "x
}
//- a/terragrunt.hcl
include "root" {
  path = find_in_parent_folders("root.hcl")
}
//- b/terragrunt.hcl
include "root" {
  path = find_in_parent_folders("root.hcl")
}
//- c/terragrunt.hcl
input = {}
dependency "d" {
  config_path = "../bb"
}
inputs = { x = local.nope }
//- d/terragrunt.hcl
inputs = {}
"#;

#[test]
fn all_problems_of_all_files_are_told_each_once() {
    assert_snapshot!(Sandbox::new(WRONG).terrane("hcl validate"), @r#"
    stderr:
    error: Unknown attribute
     --> c/terragrunt.hcl:1:1
      |
    1 | input = {}
      | ^^^^^
      |
      = There is no attribute "input" at the top of a file.
      = help: did you mean "inputs"?
    help: write this instead
      |
    1 | inputs = {}
      |      +

    error: String goes beyond its line
     --> root.hcl:2:14
      |
    2 |   region = "x
      |            - ^ the closing quote is missing
      |            |
      |            begins here
      |
      = A string in quotes must end on the line where it begins.
      = help: end it with a quote on this line; for a newline in it write \n, and for many lines use a heredoc

    error: Unknown upstream
     --> c/terragrunt.hcl:3:3
      |
    3 |   config_path = "../bb"
      |   ^^^^^^^^^^^^^^^^^^^^^ no unit at bb
      |
      = There is no unit at bb.

    error: Unknown attribute
     --> c/terragrunt.hcl:5:21
      |
    5 | inputs = { x = local.nope }
      |                     ^^^^^ no such attribute
      |
      = `local` has no attribute "nope".
    exit 1
    "#);
}

#[test]
fn programs_get_places_as_from_terraform() {
    let sandbox = Sandbox::new("//- terragrunt.hcl\nlocals {\n  a = upper(1, 2)\n}\n");
    assert_snapshot!(sandbox.terrane("hcl validate --json"), @r#"
    stdout:
    [
      {
        "severity": "error",
        "summary": "Call failed",
        "detail": "upper(): It takes 1 argument, and got 2.",
        "range": {
          "filename": "terragrunt.hcl",
          "start": {
            "line": 2,
            "column": 7,
            "byte": 15
          },
          "end": {
            "line": 2,
            "column": 18,
            "byte": 26
          }
        },
        "snippet": {
          "code": "  a = upper(1, 2)",
          "start_line": 2,
          "highlight_start_offset": 6,
          "highlight_end_offset": 17
        },
        "label": "in this call of upper",
        "help": [
          "it is called as upper(text)"
        ]
      }
    ]
    exit 1
    "#);
    assert_snapshot!(sandbox.terrane("hcl validate --show-config-path"), @"
    stdout:
    terragrunt.hcl
    exit 1
    ");
}

#[test]
fn sound_files_are_passed_over_in_silence() {
    let sandbox = Sandbox::new("//- a/terragrunt.hcl\ninputs = {}\n");
    assert_snapshot!(sandbox.terrane("hcl validate"), @"exit 0");
    assert_snapshot!(sandbox.terrane("hcl validate --json"), @"
    stdout:
    []
    exit 0
    ");
}

#[test]
fn only_chosen_units_are_checked_where_some_are_chosen() {
    let sandbox = Sandbox::new(WRONG);
    assert_snapshot!(sandbox.terrane("hcl validate --filter d"), @"exit 0");
    assert_snapshot!(sandbox.terrane("hcl validate --show-config-path --filter ./a"), @"
    stdout:
    root.hcl
    exit 1
    ");
}

const MODULES: &str = r#"
//- modules/net/main.tf
variable "cidr" {}
variable "name" {
  default = "net"
}
variable "zone" {}
variable "region" {}
variable "secret" {}
variable "account" {}
//- region.tfvars
region = "eu-west-1"
//- net/terragrunt.hcl
terraform {
  source = "../modules//net"
  extra_arguments "values" {
    commands           = ["plan"]
    arguments          = ["-var", "account=1"]
    required_var_files = ["../region.tfvars"]
    env_vars           = { TF_VAR_secret = "x" }
  }
}
dependency "other" {
  config_path = "../other"
}
inputs = {
  cdir = dependency.other.outputs.cidr
  cidr = dependency.other.outputs.cidr
}
//- other/terragrunt.hcl
generate "variables" {
  path      = "variables.tf"
  if_exists = "overwrite"
  contents  = "variable \"tags\" {}"
}
inputs = { tags = {} }
"#;

#[test]
fn inputs_and_the_variables_of_modules_must_fit() {
    let sandbox = Sandbox::new(MODULES);
    assert_snapshot!(sandbox.terrane("hcl validate --inputs"), @r#"
    stderr:
    error: Missing input
      --> net/terragrunt.hcl:13:1
       |
    13 | inputs = {
       | ^^^^^^
       |
       = net gives no value for the variable "zone", which its module declares without a default (modules/net/main.tf:5).
       = help: add zone to its inputs

    warning: Input that nobody takes
      --> net/terragrunt.hcl:14:3
       |
    14 |   cdir = dependency.other.outputs.cidr
       |   ^^^^
       |
       = The module of net has no variable "cdir".
       = help: did you mean "cidr"?
    exit 1
    "#);
    assert_snapshot!(sandbox.terrane("hcl validate --inputs --strict --show-config-path"), @"
    stdout:
    net/terragrunt.hcl
    exit 1
    ");
    let sandbox = sandbox.variable("TF_VAR_zone", "a");
    let told = sandbox.terrane("hcl validate --inputs");
    assert!(told.ends_with("exit 0\n"), "{told}");
}

#[test]
fn attributes_that_were_removed_come_with_the_lines_to_write_instead() {
    let tree = r#"
//- app/terragrunt.hcl
skip = get_env("SKIP", false)
retry_max_attempts = 4
retryable_errors = [
  ".*TLS.*",
]
//- done/terragrunt.hcl
skip = true
exclude {
  if      = true
  actions = ["plan"]
}
"#;
    assert_snapshot!(Sandbox::new(tree).terrane("hcl validate"), @r#"
    stderr:
    warning: Removed attribute
     --> app/terragrunt.hcl:1:1
      |
    1 | skip = get_env("SKIP", false)
      | ^^^^
      |
      = Terragrunt 1.0 removed "skip"; terrane still understands it.
    help: write this instead
      |
    1 + exclude {
    2 +   if      = get_env("SKIP", false)
    3 +   actions = ["all"]
    4 +   no_run  = true
    5 + }
      |

    warning: Removed attribute
      --> app/terragrunt.hcl:2:1
       |
     2 | retry_max_attempts = 4
       | ^^^^^^^^^^^^^^^^^^
       |
       = Terragrunt 1.0 removed "retry_max_attempts"; terrane still understands it.
    help: write this instead
       |
     2 + errors {
     3 +   retry "default" {
     4 +     retryable_errors   = [
     5 +       ".*TLS.*",
     6 +     ]
     7 +     max_attempts       = 4
     8 +     sleep_interval_sec = 5
     9 +   }
    10 + }
       |

    warning: Removed attribute
     --> app/terragrunt.hcl:3:1
      |
    3 | retryable_errors = [
      | ^^^^^^^^^^^^^^^^
      |
      = Terragrunt 1.0 removed "retryable_errors"; terrane still understands it.
      = help: take it away: the errors block that is to stand in line 2 says it as well

    warning: Removed attribute
     --> done/terragrunt.hcl:1:1
      |
    1 | skip = true
      | ^^^^
      |
      = Terragrunt 1.0 removed "skip"; terrane still understands it.
      = help: take it away: the exclude block in line 2 counts in its place
    exit 0
    "#);
}
