//! Roles by folder, by account and by command: `terrane.hcl` and Terrateam's file.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

const ESTATE: &str = r#"
//- .git/HEAD
//- root.hcl
iam_role = "arn:aws:iam::111111111111:role/doer"
//- 1-dev/vpc/terragrunt.hcl
include "root" {
  path = find_in_parent_folders("root.hcl")
}
//- 1-dev/eks/terragrunt.hcl
"#;

#[test]
fn planning_and_applying_have_roles_of_their_own() {
    let sandbox = Sandbox::new(ESTATE);
    sandbox.write(
        "terrane.hcl",
        r#"
roles = {
  dev = {
    plan = "arn:aws:iam::111111111111:role/reader"
    role = "arn:aws:iam::111111111111:role/of-table"
  }
}
"#,
    );
    assert_snapshot!(sandbox.terrane("explain dev/vpc role"), @"
    stdout:
    doer to plan: base → reader  (named by terrane.hcl:3)
      arn:aws:iam::111111111111:role/reader
    doer to apply: base → doer  (named by root.hcl:1)
      arn:aws:iam::111111111111:role/doer
    state-management to plan: base → reader  (the backend names no role)
      arn:aws:iam::111111111111:role/reader
    state-management to apply: base → doer  (the backend names no role)
      arn:aws:iam::111111111111:role/doer
    exit 0
    ");
    assert_snapshot!(sandbox.terrane("explain dev/eks role"), @"
    stdout:
    doer to plan: base → reader  (named by terrane.hcl:3)
      arn:aws:iam::111111111111:role/reader
    doer to apply: base → of-table  (named by terrane.hcl:3)
      arn:aws:iam::111111111111:role/of-table
    state-management to plan: base → reader  (the backend names no role)
      arn:aws:iam::111111111111:role/reader
    state-management to apply: base → of-table  (the backend names no role)
      arn:aws:iam::111111111111:role/of-table
    exit 0
    ");
    assert_snapshot!(sandbox.terrane("policy"), @r#"
    stdout:
    {
      "version": 1,
      "policies": {
        "base identity": {
          "Version": "2012-10-17",
          "Statement": [
            {
              "Sid": "AssumeRoles",
              "Effect": "Allow",
              "Action": "sts:AssumeRole",
              "Resource": [
                "arn:aws:iam::111111111111:role/doer",
                "arn:aws:iam::111111111111:role/of-table",
                "arn:aws:iam::111111111111:role/reader"
              ]
            }
          ]
        }
      }
    }
    stderr:
    warning: where the state of 1-dev/eks lies is not in its files as an s3 remote_state, and is left out
    warning: where the state of 1-dev/vpc lies is not in its files as an s3 remote_state, and is left out
    note: what doers need for their resources stands in modules, and is not among this
    exit 0
    "#);
}

#[test]
fn a_wrong_table_is_told_where_it_is_wrong() {
    let sandbox = Sandbox::new(ESTATE);
    sandbox.write(
        "terrane.hcl",
        "roles = {\n  dev  = { plans = \"arn:aws:iam::111111111111:role/x\" }\n  prod = \"reader\"\n}\n",
    );
    assert_snapshot!(sandbox.terrane("explain dev/vpc role"), @r#"
    stderr:
    error: Wrong value
     --> terrane.hcl:2:3
      |
    2 |   dev  = { plans = "arn:aws:iam::111111111111:role/x" }
      |   ^^^
      |
      = dev has no plans; it has role, plan and apply.

    error: Wrong value
     --> terrane.hcl:3:3
      |
    3 |   prod = "reader"
      |   ^^^^
      |
      = "reader" is not the ARN of a role: it does not begin with "arn:"; write arn:aws:iam::ACCOUNT:role/NAME.
    exit 1
    "#);
}

#[test]
fn terrateams_steps_are_a_table_of_roles() {
    let sandbox = Sandbox::new(ESTATE);
    sandbox.write(
        ".terrateam/config.yml",
        r#"
hooks:
  all:
    pre:
      - type: run
        cmd: ['echo', 'hello']
workflows:
  - tag_query: "dir:1-dev/**"
    plan:
      - type: oidc
        provider: aws
        role_arn: arn:aws:iam::000000000000:role/github
        assume_role_arn: arn:aws:iam::111111111111:role/planner
        session_name: terrateam-dev
        duration: 1800
        audience: sts.amazonaws.com
        region: us-east-1
      - type: init
      - type: plan
    apply:
      - type: oidc
        provider: aws
        role_arn: arn:aws:iam::000000000000:role/github
        assume_role_arn: arn:aws:iam::111111111111:role/applier
  - tag_query: "dir:2-prod/** and workspace:blue"
    plan:
      - type: oidc
        provider: aws
        role_arn: arn:aws:iam::222222222222:role/planner
"#,
    );
    assert_snapshot!(sandbox.terrane("explain dev/eks role"), @r#"
    stdout:
    doer to plan: base → planner  (named by .terrateam/config.yml:13)
      arn:aws:iam::111111111111:role/planner
    doer to apply: base → applier  (named by .terrateam/config.yml:24)
      arn:aws:iam::111111111111:role/applier
    state-management to plan: base → planner  (the backend names no role)
      arn:aws:iam::111111111111:role/planner
    state-management to apply: base → applier  (the backend names no role)
      arn:aws:iam::111111111111:role/applier
    stderr:
    warning: Workflow without effect
      --> .terrateam/config.yml:25:17
       |
    25 |   - tag_query: "dir:2-prod/** and workspace:blue"
       |                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = terrane understands dir:FOLDER in a tag_query, and several of them joined by or; the roles of "dir:2-prod/** and workspace:blue" are left out.
       = help: name the roles of these folders in terrane.hcl: roles = { FOLDER = … }
    exit 0
    "#);
    assert_snapshot!(sandbox.terrane("explain dev/vpc role"), @r#"
    stdout:
    doer: base → doer  (named by root.hcl:1)
      arn:aws:iam::111111111111:role/doer
    state-management: base → doer  (the backend names no role)
      arn:aws:iam::111111111111:role/doer
    stderr:
    warning: Workflow without effect
      --> .terrateam/config.yml:25:17
       |
    25 |   - tag_query: "dir:2-prod/** and workspace:blue"
       |                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = terrane understands dir:FOLDER in a tag_query, and several of them joined by or; the roles of "dir:2-prod/** and workspace:blue" are left out.
       = help: name the roles of these folders in terrane.hcl: roles = { FOLDER = … }
    exit 0
    "#);
    assert_snapshot!(sandbox.terrane("trust doer --filter ./1-dev/eks"), @r#"
    stdout:
    {
      "version": 1,
      "trust": {}
    }
    stderr:
    warning: Workflow without effect
      --> .terrateam/config.yml:25:17
       |
    25 |   - tag_query: "dir:2-prod/** and workspace:blue"
       |                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = terrane understands dir:FOLDER in a tag_query, and several of them joined by or; the roles of "dir:2-prod/** and workspace:blue" are left out.
       = help: name the roles of these folders in terrane.hcl: roles = { FOLDER = … }
    warning: where the state of 1-dev/eks lies is not in its files as an s3 remote_state, and is left out
    warning: arn:aws:iam::111111111111:role/applier is assumed by the base identity, and files do not say who that is; --base-principal does
    warning: arn:aws:iam::111111111111:role/planner is assumed by the base identity, and files do not say who that is; --base-principal does
    exit 0
    "#);
    sandbox.write(".terrateam/config.yml", "workflows: [");
    assert_snapshot!(sandbox.terrane("explain dev/eks role"), @"
    stderr:
    error: Unreadable table of roles
     |
     = .terrateam/config.yml: while parsing a node, did not find expected node content, in line 2, column 1.
     = help: its roles are roles of these units, so nothing is done without them
    exit 1
    ");
}
