//! `render` and `eval`

use insta::assert_snapshot;

use crate::sandbox::Sandbox;
use crate::scene::example;

const ESTATE: &str = r#"
//- root.hcl
locals {
  region = "eu-west-1"
}
remote_state {
  backend = "local"
  config  = { path = "${path_relative_to_include()}/x.tfstate" }
}
generate "provider" {
  path      = "provider.tf"
  if_exists = "overwrite_terragrunt"
  contents  = <<-EOT
    provider "aws" {
      region = "${local.region}"
    }
  EOT
}
//- app/terragrunt.hcl
include "root" {
  path   = find_in_parent_folders("root.hcl")
  expose = true
}
locals {
  names = ["a", "b"]
}
terraform {
  source = "../module"
  extra_arguments "locks" {
    commands  = ["plan"]
    arguments = ["-lock=false"]
  }
}
errors {
  retry "busy" {
    retryable_errors   = [".*busy.*"]
    max_attempts       = 3
    sleep_interval_sec = 5
  }
}
inputs = {
  names = local.names
  where = include.root.locals.region
  text  = "a \"quoted\" $${text}"
}
//- web/terragrunt.hcl
dependency "app" {
  config_path  = "../app"
  mock_outputs = { id = "mock" }
}
inputs = { id = dependency.app.outputs.id }
//- module/main.tf
terraform {
  backend "local" {}
}
output "id" { value = "real" }
"#;

/// An engine that prints `outputs.json` where it is asked for outputs.
fn with_engine(sandbox: Sandbox) -> Sandbox {
    let engine = example("fake_engine");
    let engine = engine.to_str().expect("a UTF-8 path");
    sandbox
        .variable("TERRANE_TF_PATH", engine)
        .variable("FAKE_RECORD", "[ROOT]/../calls")
}

#[test]
fn outputs_are_read_as_a_run_reads_them() {
    let outputs = r#"
//- module/outputs.json
{"id": {"value": "real", "type": "string", "sensitive": false}}
"#;
    let sandbox = with_engine(Sandbox::new(&format!("{ESTATE}{outputs}"))).start_in("web");
    let shown = sandbox.terrane("render --json");
    assert!(shown.contains("\"id\": \"real\""), "{shown}");
}

fn app() -> Sandbox {
    Sandbox::new(ESTATE).start_in("app")
}

#[test]
fn a_configuration_is_shown_after_includes_and_functions() {
    assert_snapshot!(app().terrane("render"), @r##"
    stdout:
    errors {
      retry "busy" {
        max_attempts       = 3
        retryable_errors   = [".*busy.*"]
        sleep_interval_sec = 5
      }
    }

    generate "provider" {
      comment_prefix    = "# "
      contents          = "provider \"aws\" {\n  region = \"eu-west-1\"\n}\n"
      disable           = false
      disable_signature = false
      if_disabled       = "skip"
      if_exists         = "overwrite_terragrunt"
      path              = "provider.tf"
    }

    locals {
      names = ["a", "b"]
    }

    remote_state {
      backend = "local"
      config = {
        path = "app/x.tfstate"
      }
      disable_dependency_optimization = false
      disable_init                    = false
    }

    terraform {
      source = "../module"

      extra_arguments "locks" {
        arguments = ["-lock=false"]
        commands  = ["plan"]
      }
    }

    inputs = {
      names = ["a", "b"]
      text  = "a \"quoted\" $${text}"
      where = "eu-west-1"
    }
    exit 0
    "##);
}

#[test]
fn what_was_rendered_means_the_same() {
    let sandbox = app();
    let json = sandbox.terrane("render --json");
    sandbox.terrane("render --write --out again.hcl");
    assert_eq!(sandbox.terrane("render --json --config again.hcl"), json);
}

#[test]
fn all_units_are_written_beside_their_files() {
    let sandbox = with_engine(Sandbox::new(ESTATE));
    assert_snapshot!(sandbox.terrane("render --all --json --write"), @"
    stderr:
    app/terragrunt.rendered.json: written
    web/terragrunt.rendered.json: written
    exit 0
    ");
    assert_snapshot!(sandbox.read("web/terragrunt.rendered.json"), @r#"
    {
      "dependencies": null,
      "dependency": {
        "app": {
          "config_path": "../app",
          "enabled": null,
          "inputs": null,
          "mock_outputs": {
            "id": "mock"
          },
          "mock_outputs_allowed_terraform_commands": null,
          "mock_outputs_merge_strategy_with_state": null,
          "mock_outputs_merge_with_state": null,
          "name": "app",
          "outputs": null,
          "skip": null
        }
      },
      "download_dir": "",
      "feature": {},
      "generate": {},
      "iam_assume_role_duration": null,
      "iam_assume_role_session_name": "",
      "iam_role": "",
      "iam_web_identity_token": "",
      "inputs": {
        "id": "mock"
      },
      "locals": null,
      "terraform_binary": "",
      "terraform_version_constraint": "",
      "terragrunt_version_constraint": ""
    }
    "#);
}

#[test]
fn outputs_that_cannot_be_read_are_told_and_shown_as_mocks() {
    let state = r#"
//- net/terragrunt.hcl
remote_state {
  backend = "s3"
  config  = { bucket = "states", key = "net", region = "eu-west-1" }
}
//- app/terragrunt.hcl
dependency "net" {
  config_path  = "../net"
  mock_outputs = { id = "mock" }
}
inputs = { id = dependency.net.outputs.id, none = dependency.net.outputs.other }
"#;
    let shown = Sandbox::new(state).terrane("render --all --filter app");
    let (_, inputs_and_warnings) = shown.split_once("inputs =").expect("inputs");
    assert_snapshot!(inputs_and_warnings, @r#"
     {
      id   = "mock"
      none = ""
    }
    stderr:
    warning: the base identity cannot be used, which is to read the outputs of net
     |
     = base: what the environment gives; reason: no credentials were found: nothing in the environment names any credentials. What needs the outputs of net is shown with mocks, or without them.
     = help: set AWS_PROFILE, or log in, or give keys in the environment
    exit 0
    "#);
}

#[test]
fn a_working_folder_is_told_where_a_run_would_have_it() {
    let sandbox = Sandbox::new(
        "//- app/terragrunt.hcl\nterraform {\n  source = \"../module\"\n}\n\
         inputs = { where = get_working_dir() }\n//- module/main.tf\n//- other/main.tf\n",
    );
    for flags in [
        "--source ./other",
        "--source-map ../module=[ROOT]/other",
        "",
    ] {
        let line = |command: &str| format!("{command} --config app/terragrunt.hcl {flags}");
        let told = sandbox.terrane(&line("info print"));
        let told = told
            .lines()
            .find_map(|line| line.trim().strip_prefix("\"working_dir\": "));
        let shown = sandbox.terrane(&line("render --json"));
        let shown = shown
            .lines()
            .find_map(|line| line.trim().strip_prefix("\"where\": "));
        assert!(told.is_some());
        assert_eq!(told, shown, "{flags}");
    }
}

#[test]
fn units_in_a_circle_can_be_looked_at() {
    let unit = |name: &str, upstream: &str| {
        format!(
            "//- {name}/terragrunt.hcl\ndependency \"x\" {{\n  config_path = \"../{upstream}\"\n}}\n\
             inputs = {{ x = dependency.x.outputs.y, {name} = 1 }}\n//- {name}/main.tf\n"
        )
    };
    let estate = [
        unit("a", "b"),
        unit("b", "a"),
        unit("c", "c"),
        unit("d", "gone"),
    ]
    .concat();
    let sandbox = with_engine(Sandbox::new(&estate));
    let shown = sandbox.terrane("render --all");
    for name in ["a", "b"] {
        assert!(shown.contains(&format!("{name} = 1")), "{shown}");
    }
    assert_snapshot!(shown.split_once("stderr:\n").expect("what is wrong is told").1, @r#"
    error: Unit waits for itself
     --> c/terragrunt.hcl:2:3
      |
    2 |   config_path = "../c"
      |   ^^^^^^^^^^^^^^^^^^^^
      |
      = A unit cannot run after itself: this path leads back to the unit's own folder.

    error: Unknown upstream
     --> d/terragrunt.hcl:2:3
      |
    2 |   config_path = "../gone"
      |   ^^^^^^^^^^^^^^^^^^^^^^^ no unit at gone
      |
      = There is no unit at gone.
    warning: Configuration is not complete
     |
     = Without it the engine cannot be asked for the unit's outputs. What needs the outputs of a, b, c is shown with mocks, or without them.
    exit 1
    "#);
}

#[test]
fn one_unit_that_is_wrong_keeps_no_other_from_being_shown() {
    let sandbox = Sandbox::new(
        "//- a/terragrunt.hcl\ninputs = { a = nothing }\n//- b/terragrunt.hcl\ninputs = { b = 1 }\n",
    );
    let shown = sandbox.terrane("render --all");
    assert_snapshot!(shown, @r#"
    stdout:
    inputs = {
      b = 1
    }
    stderr:
    error: Unknown variable
     --> a/terragrunt.hcl:1:16
      |
    1 | inputs = { a = nothing }
      |                ^^^^^^^ not known here
      |
      = There is no variable called "nothing" here.
      = help: a text stands in quotes: "nothing"
      = help: there are: local, include, feature, values, dependency
    exit 1
    "#);
}

#[test]
fn a_unit_that_is_wrong_is_not_rendered() {
    let sandbox = Sandbox::new("//- terragrunt.hcl\ninputs = { a = locals.b }\n");
    assert_snapshot!(sandbox.terrane("render"), @r#"
    stderr:
    error: Unknown variable
     --> terragrunt.hcl:1:16
      |
    1 | inputs = { a = locals.b }
      |                ^^^^^^ not known here
      |
      = There is no variable called "locals" here.
      = help: did you mean "local"?
    help: write this instead
      |
    1 - inputs = { a = locals.b }
    1 + inputs = { a = local.b }
      |
    exit 1
    "#);
    assert_snapshot!(Sandbox::new("").terrane("render"), @"
    stderr:
    error: there is no unit here
     |
     = [ROOT] has no terragrunt.hcl
     = help: `terrane find` lists the units from here down; -C DIR starts in another folder
    exit 1
    ");
}

#[test]
fn an_expression_has_the_value_that_it_would_have_in_the_unit() {
    let sandbox = app();
    assert_snapshot!(sandbox.terrane("eval '{ names = local.names, up = upper(include.root.locals.region) }'"), @r#"
    stdout:
    {
      "names": [
        "a",
        "b"
      ],
      "up": "EU-WEST-1"
    }
    exit 0
    "#);
    assert_snapshot!(sandbox.terrane("eval -3"), @"
    stdout:
    -3
    exit 0
    ");
    assert_snapshot!(sandbox.terrane("eval '-3 + 2'"), @"
    stdout:
    -1
    exit 0
    ");
    assert_snapshot!(sandbox.terrane("eval 9007199254740993"), @"
    stdout:
    9007199254740993
    exit 0
    ");
    assert_snapshot!(sandbox.terrane("eval local.nmaes"), @r#"
    stderr:
    error: Unknown local
     --> <expression>:1:1
      |
    1 | local.nmaes
      | ^^^^^^^^^^^
      |
      = There is no local "nmaes" in this file.
      = help: did you mean local.names?
    exit 1
    "#);
    assert_snapshot!(sandbox.terrane("eval 1/0"), @"
    stderr:
    error: the value has no JSON form
     |
     = infinity has no JSON form
    exit 1
    ");
}

#[test]
fn commands_in_files_run_unless_that_is_forbidden() {
    let sandbox = Sandbox::new("//- terragrunt.hcl\n");
    sandbox.install("greet", "#!/bin/sh\necho hello\n");
    assert_snapshot!(sandbox.terrane("eval 'run_cmd(\"--terragrunt-quiet\", \"greet\")'"), @r#"
    stdout:
    "hello"
    exit 0
    "#);
    assert_snapshot!(sandbox.terrane("eval --no-exec 'run_cmd(\"greet\")'"), @r#"
    stderr:
    error: Call failed
     --> <expression>:1:1
      |
    1 | run_cmd("greet")
      | ^^^^^^^^^^^^^^^^ in this call of run_cmd
      |
      = run_cmd(): greet is not started, because of --no-exec.
      = help: for another value in its place write try(run_cmd("greet"), …)
    exit 1
    "#);
}

#[test]
fn sops_is_asked_to_decrypt_in_words_that_all_its_versions_know() {
    let sandbox = Sandbox::new("//- app/terragrunt.hcl\n//- app/secret.yaml\n").start_in("app");
    assert_snapshot!(sandbox.terrane("eval 'sops_decrypt_file(\"secret.yaml\")'"), @r#"
    stderr:
    error: Call failed
     --> <expression>:1:1
      |
    1 | sops_decrypt_file("secret.yaml")
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ in this call of sops_decrypt_file
      |
      = sops_decrypt_file(): sops was not found in [TOP]/bin.
      = help: for another value in its place write try(sops_decrypt_file("secret.yaml"), …)
    exit 1
    "#);
    sandbox.install("sops", "#!/bin/sh\necho \"$1 ${2##*/}\"\n");
    assert_snapshot!(sandbox.terrane("eval 'sops_decrypt_file(\"secret.yaml\")'"), @r#"
    stdout:
    "--decrypt secret.yaml\n"
    exit 0
    "#);
}
