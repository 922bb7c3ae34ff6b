//! `explain`

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

const ESTATE: &str = r#"
//- root.hcl
locals {
  account = read_terragrunt_config(find_in_parent_folders("account.hcl")).locals
}
iam_role = "arn:aws:iam::${local.account.id}:role/doer"
remote_state {
  backend = "s3"
  config = {
    bucket = "state-${local.account.id}"
    key    = "${path_relative_to_include()}/terraform.tfstate"
    region = "eu-west-1"
  }
}
inputs = {
  owner = "root"
}
//- dev/account.hcl
locals {
  id = "111111111111"
}
//- dev/vpc/terragrunt.hcl
//- dev/app/terragrunt.hcl
include "root" {
  path = find_in_parent_folders("root.hcl")
}
dependency "vpc" {
  config_path = "../vpc"
}
inputs = {
  owner = "app"
  vpc   = dependency.vpc.outputs.id
}
"#;

#[test]
fn a_value_is_told_with_its_way_through_the_files() {
    let sandbox = Sandbox::new(ESTATE);
    assert_snapshot!(sandbox.terrane("explain dev/app remote_state.config.bucket"), @r#"
    stdout:
    remote_state.config.bucket = "state-111111111111"
      root.hcl:8
        local.account.id  root.hcl:2
          locals.id  dev/account.hcl:2
    exit 0
    "#);
    assert_snapshot!(sandbox.terrane("explain dev/app inputs.owner --json"), @r#"
    stdout:
    {
      "version": 1,
      "unit": "dev/app",
      "values": [
        {
          "subject": "inputs.owner",
          "value": "app",
          "origins": [
            {
              "file": "dev/app/terragrunt.hcl",
              "line": 8,
              "standing": "counts"
            },
            {
              "file": "root.hcl",
              "line": 14,
              "standing": "overridden"
            }
          ]
        }
      ]
    }
    exit 0
    "#);
}

#[test]
fn roles_and_edges_are_told_with_their_reasons() {
    let sandbox = Sandbox::new(ESTATE);
    assert_snapshot!(sandbox.terrane("explain dev/app role"), @"
    stdout:
    doer: base → doer  (named by root.hcl:4)
      arn:aws:iam::111111111111:role/doer
        local.account.id  root.hcl:2
          locals.id  dev/account.hcl:2
    state-management: base → doer  (the backend names no role)
      arn:aws:iam::111111111111:role/doer
    exit 0
    ");
    assert_snapshot!(sandbox.terrane("explain dev/app edges"), @"
    stdout:
    waits for dev/vpc as dependency.vpc (outputs)  dev/app/terragrunt.hcl:5
    exit 0
    ");
}

#[test]
fn provider_blocks_that_choose_their_own_role_are_told_with_their_places() {
    let sandbox = Sandbox::new(ESTATE);
    sandbox.write(
        "dev/app/terragrunt.hcl",
        r#"
include "root" {
  path = find_in_parent_folders("root.hcl")
}
terraform {
  source = "../../modules//app"
}
dependency "vpc" {
  config_path = "../vpc"
}
generate "provider" {
  path      = "provider.tf"
  if_exists = "overwrite"
  contents  = <<-END
    provider "aws" {
      assume_role {
        role_arn = "arn:aws:iam::111111111111:role/doer"
      }
    }
  END
}
generate "dns" {
  path      = "dns.tf"
  if_exists = "overwrite"
  contents  = "provider \"aws\" { profile = \"${dependency.vpc.outputs.profile}\" }"
}
"#,
    );
    sandbox.write(
        "modules/app/main.tf",
        "provider \"aws\" {\n  alias = \"destination\"\n  profile = \"destination\"\n}\n",
    );
    assert_snapshot!(sandbox.terrane("explain dev/app role"), @"
    stdout:
    doer: base  (root.hcl:4 names arn:aws:iam::111111111111:role/doer, which the provider at dev/app/terragrunt.hcl:11 assumes itself)
        local.account.id  root.hcl:2
          locals.id  dev/account.hcl:2
    state-management: base  (the backend names no role)
    provider aws.destination: profile destination  (its own block at modules/app/main.tf:1)
    provider aws: base → doer  (its own block at dev/app/terragrunt.hcl:11)
    other providers: not known yet  (what is generated at dev/app/terragrunt.hcl:22 is made of outputs)
    exit 0
    ");
    let root = "locals {\n  account = { id = \"111111111111\" }\n}\n\
        terraform {\n  source = \"git::https://example.org/app.git?ref=v1\"\n}\n";
    sandbox.write("dev/vpc/terragrunt.hcl", root);
    assert_snapshot!(sandbox.terrane("explain dev/vpc role"), @"
    stdout:
    doer: base  (nobody names a role)
    state-management: base  (the backend names no role)
    other providers: not known yet  (the code of git::https://example.org/app.git?ref=v1 is not fetched yet)
    exit 0
    ");
}

#[test]
fn without_a_name_all_that_the_files_say_is_told() {
    assert_snapshot!(Sandbox::new(ESTATE).start_in("dev/app").terrane("explain"), @r#"
    stdout:
    dependency.vpc = {"config_path":"../vpc","name":"vpc","outputs":(known after …  terragrunt.hcl:4
    iam_role = "arn:aws:iam::111111111111:role/doer"  [ROOT]/root.hcl:4
    inputs.owner = "app"  terragrunt.hcl:8
    inputs.vpc = (known after upstreams have run)  terragrunt.hcl:9
    remote_state.backend = "s3"  [ROOT]/root.hcl:6
    remote_state.config = {"bucket":"state-111111111111","key":"dev/app/terraform.tfst…  [ROOT]/root.hcl:7
    doer: base → doer  (named by [ROOT]/root.hcl:4)
    state-management: base → doer  (the backend names no role)
    waits for [ROOT]/dev/vpc as dependency.vpc (outputs)  terragrunt.hcl:5
    exit 0
    "#);
}

#[test]
fn a_name_that_no_file_says_has_a_neighbour() {
    assert_snapshot!(Sandbox::new(ESTATE).terrane("explain dev/app inputs.onwer"), @"
    stderr:
    error: Nothing of that name
     |
     = No file of this unit says anything of inputs.onwer.
     = help: did you mean inputs.owner?
    exit 1
    ");
}

#[test]
fn the_backends_role_is_told_with_its_own_line_and_what_that_is_made_of() {
    let tree = r#"
//- app/terragrunt.hcl
locals {
  shared = "222222222222"
}
remote_state {
  backend = "s3"
  config = {
    bucket = "states"
    key    = "app.tfstate"
    region = "eu-west-1"
    assume_role = {
      role_arn = "arn:aws:iam::${local.shared}:role/state-mgmt"
    }
  }
}
"#;
    assert_snapshot!(Sandbox::new(tree).terrane("explain app role"), @"
    stdout:
    doer: base  (nobody names a role)
    state-management: base → state-mgmt  (named by the backend at app/terragrunt.hcl:4)
      arn:aws:iam::222222222222:role/state-mgmt
        remote_state.config.assume_role.role_arn  app/terragrunt.hcl:11
          local.shared  app/terragrunt.hcl:2
    exit 0
    ");
}
