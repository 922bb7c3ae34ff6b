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
