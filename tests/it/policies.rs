//! `trust` and `policy`

use insta::assert_snapshot;
use serde_json::Value;

use crate::sandbox::Sandbox;

const ESTATE: &str = r#"
//- terrane.hcl
assumer_role = "arn:aws:iam::000000000000:role/assumer"
external_ids = {
  "arn:aws:iam::000000000000:role/state" = "acme"
}
//- root.hcl
locals {
  account = read_terragrunt_config(find_in_parent_folders("account.hcl")).locals
}
iam_role = "arn:aws:iam::${local.account.id}:role/doer"
remote_state {
  backend = "s3"
  config = {
    bucket       = "states"
    key          = "${path_relative_to_include()}/terraform.tfstate"
    region       = "eu-west-1"
    use_lockfile = true
    role_arn     = "arn:aws:iam::000000000000:role/state"
  }
}
//- 1-dev/account.hcl
locals {
  id = "111111111111"
}
//- 1-dev/vpc/terragrunt.hcl
include "root" {
  path = find_in_parent_folders("root.hcl")
}
//- 1-dev/app/terragrunt.hcl
include "root" {
  path = find_in_parent_folders("root.hcl")
}
dependency "vpc" {
  config_path = "../vpc"
}
"#;

/// The documents that were printed, each statement on a line of its own.
fn by_statement(printed: &str, kind: &str) -> String {
    let text = printed
        .strip_prefix("stdout:\n")
        .and_then(|text| text.strip_suffix("\nexit 0\n"));
    let text = text.unwrap_or_else(|| panic!("more than documents:\n{printed}"));
    let printed: Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(printed["version"], 1);
    let documents = printed[kind].as_object().expect("documents by name").iter();
    let lines = documents.flat_map(|(name, document)| {
        assert_eq!(document["Version"], "2012-10-17");
        let statements = document["Statement"].as_array().expect("a list").iter();
        let statements = statements.map(|statement| format!("  {statement}\n"));
        std::iter::once(format!("{name}\n")).chain(statements)
    });
    lines.collect()
}

#[test]
fn trust_is_printed_for_each_role_that_somebody_assumes() {
    let sandbox = Sandbox::new(ESTATE);
    let printed = sandbox.terrane("trust --base-principal sso:Admin");
    assert_snapshot!(by_statement(&printed, "trust"), @r#"
    arn:aws:iam::000000000000:role/assumer
      {"Action":"sts:AssumeRole","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::000000000000:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Admin_*"}},"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:root"},"Sid":"PeopleAdmin"}
    arn:aws:iam::000000000000:role/state
      {"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"acme"}},"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:role/assumer"},"Sid":"FromRoles"}
    arn:aws:iam::111111111111:role/doer
      {"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:role/assumer"},"Sid":"FromRoles"}
    "#);
}

#[test]
fn one_role_stands_bare() {
    let sandbox = Sandbox::new(ESTATE);
    assert_snapshot!(sandbox.terrane("trust state"), @r#"
    stdout:
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "FromRoles",
          "Effect": "Allow",
          "Principal": {
            "AWS": "arn:aws:iam::000000000000:role/assumer"
          },
          "Action": "sts:AssumeRole",
          "Condition": {
            "StringEquals": {
              "sts:ExternalId": "acme"
            }
          }
        }
      ]
    }
    exit 0
    "#);
    assert_snapshot!(sandbox.terrane("policy hub"), @r#"
    stdout:
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "AssumeRoles",
          "Effect": "Allow",
          "Action": "sts:AssumeRole",
          "Resource": [
            "arn:aws:iam::000000000000:role/state",
            "arn:aws:iam::111111111111:role/doer"
          ]
        }
      ]
    }
    exit 0
    "#);
}

#[test]
fn terraform_code_can_be_pasted() {
    let sandbox = Sandbox::new(ESTATE);
    assert_snapshot!(sandbox.terrane("trust state --format hcl"), @r#"
    stdout:
    # arn:aws:iam::000000000000:role/state
    data "aws_iam_policy_document" "state_000000000000_trust" {
      statement {
        sid     = "FromRoles"
        actions = ["sts:AssumeRole"]

        principals {
          type        = "AWS"
          identifiers = ["arn:aws:iam::000000000000:role/assumer"]
        }

        condition {
          test     = "StringEquals"
          variable = "sts:ExternalId"
          values   = ["acme"]
        }
      }
    }

    resource "aws_iam_role" "state_000000000000" {
      name               = "state"
      assume_role_policy = data.aws_iam_policy_document.state_000000000000_trust.json
    }
    exit 0
    "#);
    assert_snapshot!(sandbox.terrane("policy state --folders --format hcl"), @r#"
    stdout:
    # arn:aws:iam::000000000000:role/state
    data "aws_iam_policy_document" "state_000000000000" {
      statement {
        sid       = "ListStates"
        actions   = ["s3:ListBucket"]
        resources = ["arn:aws:s3:::states"]

        condition {
          test     = "StringLikeIfExists"
          variable = "s3:prefix"
          values = [
            "1-dev/*",
            "env:/*",
          ]
        }
      }

      statement {
        sid = "WriteStates"
        actions = [
          "s3:GetObject",
          "s3:PutObject",
        ]
        resources = ["arn:aws:s3:::states/1-dev/*"]
      }

      statement {
        sid = "LockFiles"
        actions = [
          "s3:GetObject",
          "s3:PutObject",
          "s3:DeleteObject",
        ]
        resources = ["arn:aws:s3:::states/1-dev/*.tflock"]
      }
    }

    resource "aws_iam_role_policy" "state_000000000000" {
      name   = "terrane"
      role   = "state"
      policy = data.aws_iam_policy_document.state_000000000000.json
    }
    exit 0
    "#);
}

#[test]
fn a_unit_writes_its_own_state_and_reads_those_of_its_upstreams() {
    let sandbox = Sandbox::new(ESTATE);
    assert_snapshot!(sandbox.terrane("policy --unit dev/app --format hcl"), @r#"
    stdout:
    # unit 1-dev/app
    data "aws_iam_policy_document" "unit_1_dev_app" {
      statement {
        sid       = "ListStates"
        actions   = ["s3:ListBucket"]
        resources = ["arn:aws:s3:::states"]

        condition {
          test     = "StringLikeIfExists"
          variable = "s3:prefix"
          values = [
            "1-dev/app/terraform.tfstate",
            "1-dev/vpc/terraform.tfstate",
            "env:/*",
          ]
        }
      }

      statement {
        sid       = "ReadStates"
        actions   = ["s3:GetObject"]
        resources = ["arn:aws:s3:::states/1-dev/vpc/terraform.tfstate"]
      }

      statement {
        sid = "WriteStates"
        actions = [
          "s3:GetObject",
          "s3:PutObject",
        ]
        resources = ["arn:aws:s3:::states/1-dev/app/terraform.tfstate"]
      }

      statement {
        sid = "LockFiles"
        actions = [
          "s3:GetObject",
          "s3:PutObject",
          "s3:DeleteObject",
        ]
        resources = ["arn:aws:s3:::states/1-dev/app/terraform.tfstate.tflock"]
      }
    }
    exit 0
    "#);
}

#[test]
fn units_may_be_told_of_one_by_one() {
    let sandbox = Sandbox::new(ESTATE);
    let printed = sandbox.terrane("policy --per-unit --workspaces --filter vpc");
    assert_snapshot!(by_statement(&printed, "policies"), @r#"
    1-dev/vpc
      {"Action":"s3:ListBucket","Condition":{"StringLikeIfExists":{"s3:prefix":["1-dev/vpc/terraform.tfstate","env:/*","env:/*/1-dev/vpc/terraform.tfstate"]}},"Effect":"Allow","Resource":"arn:aws:s3:::states","Sid":"ListStates"}
      {"Action":["s3:GetObject","s3:PutObject"],"Effect":"Allow","Resource":["arn:aws:s3:::states/1-dev/vpc/terraform.tfstate","arn:aws:s3:::states/env:/*/1-dev/vpc/terraform.tfstate"],"Sid":"WriteStates"}
      {"Action":["s3:GetObject","s3:PutObject","s3:DeleteObject"],"Effect":"Allow","Resource":["arn:aws:s3:::states/1-dev/vpc/terraform.tfstate.tflock","arn:aws:s3:::states/env:/*/1-dev/vpc/terraform.tfstate.tflock"],"Sid":"LockFiles"}
    "#);
}

#[test]
fn a_doer_that_opens_its_own_state_is_allowed_to() {
    let sandbox = Sandbox::new(
        r#"
//- vpc/terragrunt.hcl
iam_role = "arn:aws:iam::111111111111:role/doer"
remote_state {
  backend = "s3"
  config = {
    bucket     = "states"
    key        = "vpc.tfstate"
    kms_key_id = "alias/states"
  }
}
"#,
    );
    assert_snapshot!(sandbox.terrane("policy doer --format hcl"), @r#"
    stdout:
    # arn:aws:iam::111111111111:role/doer
    data "aws_iam_policy_document" "doer_111111111111" {
      statement {
        sid       = "ListStates"
        actions   = ["s3:ListBucket"]
        resources = ["arn:aws:s3:::states"]

        condition {
          test     = "StringLikeIfExists"
          variable = "s3:prefix"
          values = [
            "env:/*",
            "vpc.tfstate",
          ]
        }
      }

      statement {
        sid = "WriteStates"
        actions = [
          "s3:GetObject",
          "s3:PutObject",
        ]
        resources = ["arn:aws:s3:::states/vpc.tfstate"]
      }

      statement {
        sid = "Keys"
        actions = [
          "kms:Decrypt",
          "kms:Encrypt",
          "kms:GenerateDataKey",
        ]
        resources = ["arn:aws:kms:*:111111111111:key/*"]

        condition {
          test     = "ForAnyValue:StringEquals"
          variable = "kms:ResourceAliases"
          values   = ["alias/states"]
        }
      }
    }

    resource "aws_iam_role_policy" "doer_111111111111" {
      name   = "terrane"
      role   = "doer"
      policy = data.aws_iam_policy_document.doer_111111111111.json
    }
    stderr:
    note: what doers need for their resources stands in modules, and is not among this
    exit 0
    "#);
}

#[test]
fn what_is_not_known_is_said() {
    let sandbox = Sandbox::new(ESTATE);
    assert_snapshot!(sandbox.terrane("trust hub"), @r#"
    stdout:
    {
      "version": 1,
      "trust": {}
    }
    stderr:
    warning: arn:aws:iam::000000000000:role/assumer is assumed by the base identity, and files do not say who that is; --base-principal does
    exit 0
    "#);
    assert_snapshot!(sandbox.terrane("policy doer"), @r#"
    stdout:
    {
      "version": 1,
      "policies": {}
    }
    stderr:
    note: what doers need for their resources stands in modules, and is not among this
    warning: arn:aws:iam::111111111111:role/doer needs nothing that follows from the units
    exit 0
    "#);
    assert_snapshot!(sandbox.terrane("policy deployer"), @"
    stderr:
    error: no unit has to do with the role deployer
     |
     = help: the roles of these units are arn:aws:iam::000000000000:role/assumer, arn:aws:iam::000000000000:role/state, arn:aws:iam::111111111111:role/doer
    exit 1
    ");
    assert_snapshot!(sandbox.terrane("trust --base-principal jane"), @r#"
    stderr:
    error: --base-principal cannot be read
     |
     = "jane" is no principal: write the ARN of a role or a user, sso:PERMISSION_SET, sso:PERMISSION_SET@ACCOUNT, or oidc:repo:ORG/REPO:environment:NAME
    exit 64
    "#);
    sandbox.write(
        "1-dev/vpc/main.tf",
        "provider \"aws\" {\n  assume_role {\n    role_arn = var.role\n  }\n}\n",
    );
    sandbox.write("1-dev/app/terragrunt.hcl", "iam_role = \"doer\"\n");
    assert_snapshot!(sandbox.terrane("policy state"), @r#"
    stderr:
    error: Unsuitable role
     --> 1-dev/app/terragrunt.hcl:1:1
      |
    1 | iam_role = "doer"
      | ^^^^^^^^^^^^^^^^^
      |
      = "doer" is not the ARN of a role: it does not begin with "arn:"; write arn:aws:iam::ACCOUNT:role/NAME.
    exit 1
    "#);
    sandbox.remove("1-dev/app");
    let nowhere = sandbox.root().join("1-dev/vpc/more.tf");
    std::os::unix::fs::symlink("nowhere", nowhere).expect("a new link");
    let told = sandbox.terrane("policy hub");
    let warnings = told.lines().filter(|line| line.starts_with("warning"));
    assert_snapshot!(warnings.collect::<Vec<_>>().join("\n"), @"
    warning: 1-dev/vpc/more.tf cannot be read: provider blocks there are left out
    warning: the provider at 1-dev/vpc/main.tf:1 assumes a role that terraform alone knows
    ");
}
