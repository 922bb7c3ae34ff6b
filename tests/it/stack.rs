//! `stack generate`, `stack output`, `stack clean` and `info print`

use insta::assert_snapshot;

use crate::sandbox::Sandbox;
use crate::scene::example;

const ESTATE: &str = r#"
//- units/vpc/terragrunt.hcl
inputs = { cidr = values.cidr }
//- units/vpc/main.tf
variable "cidr" {}
//- stacks/env/terragrunt.stack.hcl
unit "vpc" {
  source = "${values.units}/vpc"
  path   = "vpc"
  values = { cidr = "10.0.0.0/16", name = "a-${values.env}" }
}
//- live/terragrunt.stack.hcl
stack "dev" {
  source = "../stacks/env"
  path   = "dev"
  values = { env = "dev", units = "${get_terragrunt_dir()}/../units" }
}
"#;

#[test]
fn units_of_stacks_in_stacks_are_written_once() {
    let sandbox = Sandbox::new(ESTATE).start_in("live");
    assert_snapshot!(sandbox.terrane("stack generate"), @"
    stderr:
    .terragrunt-stack/dev: generated
    .terragrunt-stack/dev/.terragrunt-stack/vpc: generated
    exit 0
    ");
    let unit = "live/.terragrunt-stack/dev/.terragrunt-stack/vpc";
    assert_snapshot!(sandbox.read(&format!("{unit}/terragrunt.values.hcl")), @r#"
    # Written from the stack file; changes here are lost.
    cidr = "10.0.0.0/16"
    name = "a-dev"
    "#);
    assert_eq!(
        sandbox.read(&format!("{unit}/main.tf")),
        "variable \"cidr\" {}\n"
    );
    assert_snapshot!(sandbox.terrane("stack generate"), @"exit 0");
    assert_snapshot!(sandbox.terrane("find"), @"
    stdout:
    .
    .terragrunt-stack/dev
    .terragrunt-stack/dev/.terragrunt-stack/vpc
    exit 0
    ");
    assert_snapshot!(sandbox.terrane("stack clean"), @"
    stderr:
    .terragrunt-stack: removed
    exit 0
    ");
    assert_snapshot!(sandbox.terrane("find"), @"
    stdout:
    .
    exit 0
    ");
}

#[test]
fn a_stack_that_cannot_be_written_names_its_line() {
    let sandbox = Sandbox::new(
        r#"
//- terragrunt.stack.hcl
unit "a" {
  source = "./nowhere"
  path   = "a"
}
"#,
    );
    assert_snapshot!(sandbox.terrane("stack generate"), @r#"
    stderr:
    error: Source cannot be read
     --> terragrunt.stack.hcl:2:3
      |
    2 |   source = "./nowhere"
      |   ^^^^^^^^^^^^^^^^^^^^
      |
      = the folder [ROOT]/nowhere is not there.
    exit 1
    "#);
    sandbox.write("nowhere/readme.txt", "");
    assert_snapshot!(sandbox.terrane("stack generate"), @r#"
    stderr:
    error: Source is not of that kind
     --> terragrunt.stack.hcl:2:3
      |
    2 |   source = "./nowhere"
      |   ^^^^^^^^^^^^^^^^^^^^
      |
      = ./nowhere has no terragrunt.hcl.
    exit 1
    "#);
}

#[test]
fn a_stack_that_holds_itself_ends_with_a_message() {
    let sandbox = Sandbox::new(
        r#"
//- s/terragrunt.stack.hcl
stack "s" {
  source = "[ROOT]/s"
  path   = "s"
}
"#,
    );
    let text = sandbox.read("s/terragrunt.stack.hcl");
    let root = sandbox.root();
    let text = text.replace("[ROOT]", root.to_str().expect("a UTF-8 path"));
    sandbox.write("s/terragrunt.stack.hcl", &text);
    let said = sandbox.terrane("stack generate --quiet");
    assert!(
        said.contains("without end") && said.ends_with("exit 1\n"),
        "{said}"
    );
}

#[test]
fn info_says_where_terraform_runs_and_as_whom() {
    let sandbox = Sandbox::new(
        r#"
//- app/terragrunt.hcl
iam_role = "arn:aws:iam::111111111111:role/doer"
terraform {
  source = "../m//net"
}
//- m/net/main.tf
"#,
    )
    .start_in("app");
    sandbox.install("terraform", "");
    assert_snapshot!(sandbox.terrane("info print"), @r#"
    stdout:
    {
      "config_path": "[ROOT]/app/terragrunt.hcl",
      "download_dir": "[ROOT]/app/.terragrunt-cache",
      "iam_role": "arn:aws:iam::111111111111:role/doer",
      "terraform_binary": "terraform",
      "terraform_command": "print",
      "working_dir": "[ROOT]/app/.terragrunt-cache/[UNIT]/[SOURCE]/net"
    }
    exit 0
    "#);
    assert_snapshot!(sandbox.terrane("info print --tf-path tofu --source ../x"), @r#"
    stdout:
    {
      "config_path": "[ROOT]/app/terragrunt.hcl",
      "download_dir": "[ROOT]/app/.terragrunt-cache",
      "iam_role": "arn:aws:iam::111111111111:role/doer",
      "terraform_binary": "tofu",
      "terraform_command": "print",
      "working_dir": "[ROOT]/app/.terragrunt-cache/[UNIT]/[SOURCE]"
    }
    exit 0
    "#);
}

#[test]
fn an_autoinclude_block_becomes_a_file_beside_the_unit() {
    let sandbox = Sandbox::new(
        r#"
//- units/net/terragrunt.hcl
//- units/app/terragrunt.hcl
//- live/terragrunt.stack.hcl
unit "net" {
  source = "../units/net"
  path   = "net"
}
unit "app" {
  source = "../units/app"
  path   = "app"
  autoinclude {
    dependency "net" {
      config_path = unit.net.path
    }
    inputs = { id = dependency.net.outputs.id }
  }
}
"#,
    )
    .start_in("live");
    sandbox.terrane("stack generate");
    let written = "live/.terragrunt-stack/app/terragrunt.autoinclude.hcl";
    assert_snapshot!(sandbox.read(written), @r#"
    # Written from the stack file; changes here are lost.
    dependency "net" {
      config_path = "../net"
    }

    inputs = { id = dependency.net.outputs.id }
    "#);
    assert_snapshot!(sandbox.terrane("find --dag --dependencies --json"), @r#"
    stdout:
    [
      {
        "type": "unit",
        "path": ".terragrunt-stack/net"
      },
      {
        "type": "unit",
        "path": ".terragrunt-stack/app",
        "dependencies": [
          ".terragrunt-stack/net"
        ]
      },
      {
        "type": "stack",
        "path": "."
      }
    ]
    exit 0
    "#);
}

/// Two units, one of them in a stack of its own; only that one was applied.
fn with_outputs() -> Sandbox {
    let engine = example("fake_engine");
    let engine = engine.to_str().expect("a UTF-8 path");
    Sandbox::new(
        r#"
//- units/vpc/terragrunt.hcl
//- units/vpc/main.tf
//- units/vpc/outputs.json
{
  "id": {"value": "vpc-1", "type": "string", "sensitive": false},
  "key": {"value": "hush", "type": "string", "sensitive": true}
}
//- units/dns/terragrunt.hcl
//- units/dns/main.tf
//- stacks/env/terragrunt.stack.hcl
unit "vpc" {
  source = "${values.units}/vpc"
  path   = "vpc"
}
//- live/terragrunt.stack.hcl
unit "dns" {
  source = "../units/dns"
  path   = "dns"
}
stack "dev" {
  source = "../stacks/env"
  path   = "dev"
  values = { units = "${get_terragrunt_dir()}/../units" }
}
"#,
    )
    .start_in("live")
    .variable("TERRANE_TF_PATH", engine)
    .variable("FAKE_RECORD", "[ROOT]/../calls")
    .variable("TERRANE_LOG_LEVEL", "error")
}

#[test]
fn outputs_of_a_stack_stand_under_the_names_of_its_units() {
    let sandbox = with_outputs();
    assert_snapshot!(sandbox.terrane("stack output"), @r#"
    stdout:
    dev = {
      vpc = {
        id  = "vpc-1"
        key = "(sensitive)"
      }
    }
    dns = {}
    exit 0
    "#);
    assert_snapshot!(sandbox.terrane("stack output dev.vpc --json"), @r#"
    stdout:
    {
      "dev": {
        "vpc": {
          "id": "vpc-1",
          "key": "hush"
        }
      }
    }(no newline)
    exit 0
    "#);
    assert_snapshot!(sandbox.terrane("stack output dev.vpc.key --format raw"), @"
    stdout:
    hush(no newline)
    exit 0
    ");
}

#[test]
fn what_a_stack_does_not_have_is_told_with_what_it_has() {
    let sandbox = with_outputs();
    assert_snapshot!(sandbox.terrane("stack output dev.db"), @"
    stderr:
    error: dev has no db
     |
     = there are vpc
    exit 1
    ");
    assert_snapshot!(sandbox.terrane("-C .. stack output"), @"
    stderr:
    error: there is no stack here
     |
     = [ROOT] has no terragrunt.stack.hcl
     = help: -C DIR starts in the folder of a stack; `terrane outputs UNIT` reads one unit
    exit 1
    ");
    assert_snapshot!(sandbox.terrane("stack output dev --format raw"), @"
    stderr:
    error: dev is neither a string, a number nor a bool
     |
     = help: name one output, as in `stack output vpc.vpc_id --format raw`; --json prints values of any kind
    exit 1
    ");
}

#[test]
fn stacks_are_chosen_by_their_folders() {
    let sandbox = Sandbox::new(
        r#"
//- units/a/terragrunt.hcl
//- dev/terragrunt.stack.hcl
unit "a" {
  source = "../units/a"
  path   = "a"
}
//- prod/terragrunt.stack.hcl
unit "a" {
  source = "../units/a"
  path   = "a"
}
"#,
    );
    assert_snapshot!(sandbox.terrane("stack generate --filter dev"), @"
    stderr:
    dev/.terragrunt-stack/a: generated
    exit 0
    ");
    assert_snapshot!(sandbox.terrane("stack generate"), @"
    stderr:
    prod/.terragrunt-stack/a: generated
    exit 0
    ");
    assert_snapshot!(sandbox.terrane("stack clean --filter '!./dev'"), @"
    stderr:
    prod/.terragrunt-stack: removed
    exit 0
    ");
    assert_snapshot!(sandbox.terrane("find"), @"
    stdout:
    dev
    dev/.terragrunt-stack/a
    prod
    units/a
    exit 0
    ");
}

#[test]
fn nothing_runs_where_one_folder_holds_a_unit_and_a_stack() {
    let tree = "\
//- app/terragrunt.hcl
//- app/main.tf
//- both/terragrunt.hcl
//- both/terragrunt.stack.hcl
";
    let sandbox = Sandbox::new(tree);
    assert_snapshot!(sandbox.terrane("run-all plan --filter app"), @"
    stderr:
    error: Unit and stack in one folder
     |
     = both has both a terragrunt.hcl and a terragrunt.stack.hcl, and may have one of them.
    exit 1
    ");
}

#[test]
fn info_of_a_unit_that_needs_outputs_has_all_that_needs_none() {
    let tree = r#"
//- vpc/terragrunt.hcl
//- app/terragrunt.hcl
download_dir = ".cache"
iam_role     = "arn:aws:iam::111111111111:role/doer"
dependency "vpc" {
  config_path = "../vpc"
}
inputs = { id = dependency.vpc.outputs.id }
"#;
    assert_snapshot!(Sandbox::new(tree).terrane("info print -C app"), @r#"
    stdout:
    {
      "config_path": "[ROOT]/app/terragrunt.hcl",
      "download_dir": "[ROOT]/app/.cache",
      "iam_role": "arn:aws:iam::111111111111:role/doer",
      "terraform_binary": "tofu or terraform",
      "terraform_command": "print",
      "working_dir": "[ROOT]/app"
    }
    exit 0
    "#);
}
