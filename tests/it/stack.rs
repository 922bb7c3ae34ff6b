//! `stack generate`, `stack clean` and `info print`

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

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
