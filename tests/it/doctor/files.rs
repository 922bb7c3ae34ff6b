//! What is seen without asking anybody.

use insta::assert_snapshot;

use super::{replace, with_terraform};
use crate::sandbox::Sandbox;

#[test]
fn offline_nobody_is_asked_and_files_and_variables_are_checked() {
    let sandbox = Sandbox::copy_of("examples/landing-zone")
        .variable("AWS_PROFILE", "assumer")
        .variable("AWS_ACCESS_KEY_ID", "AKIAOPERATOR")
        .variable("AWS_SECRET_ACCESS_KEY", "x")
        .variable("TF_CLI_ARGS_plan", "-destroy");
    with_terraform(&sandbox);
    replace(
        &sandbox,
        "root.hcl",
        "doer-role\"",
        "doer-role\"\niam_assume_role_duration = 14400",
    );
    let dev = "1-dev/vpc/terragrunt.hcl";
    sandbox.write(
        dev,
        &(sandbox.read(dev) + "\niam_role = \"arn:aws:iam::123456789011:role/doer-role\"\n"),
    );
    let stage = "2-stage/vpc/terragrunt.hcl";
    sandbox.write(
        stage,
        &(sandbox.read(stage) + "\nterraform_version_constraint = \"< 1.0\"\n"),
    );
    sandbox.write("3-prod/vpc/terragrunt.hcl", "locals {");
    assert_snapshot!(sandbox.terrane("doctor --offline"), @"
    stdout:
    ok    base  keys of the environment
    ok    terraform 1.11.4  [TOP]/bin/terraform
    FAIL  2-stage/vpc       1 unit blocked
          reason     version 1.11.4 does not meet < 1.0
    FAIL  3-prod/vpc  1 unit cannot be read
          do         run: terrane hcl validate
    FAIL  1-dev/vpc   1 unit blocked
          reason     this unit would run in 123456789011, by arn:aws:iam::123456789011:role/doer-role of 1-dev/vpc/terragrunt.hcl:14, but its folder 1-dev is 234567890123 by 1-dev/account.hcl:2
          do         name a role of 234567890123 in 1-dev/vpc/terragrunt.hcl:14, or correct 1-dev/account.hcl:2
    warn  root.hcl:9  asks for sessions of 14400 seconds for 14 units; AWS gives a chained role 3600, which are renewed
          do         ask for 3600 or nothing
    warn  AWS_ACCESS_KEY_ID  wins over AWS_PROFILE=assumer
          do         run: unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN, or let --ignore-env-credentials pass it over
    warn  TF_CLI_ARGS_plan   is not passed on, since it would change every command
          do         unset it, or keep it with --keep-tf-cli-args

    2 ok, 3 failed, 3 warnings · nobody was asked · [TIME]  exit 4
    stderr:
    error: Unclosed block
     --> 3-prod/vpc/terragrunt.hcl:1:8
      |
    1 | locals {
      |        ^ never closed
      |
      = The file ends before the `}` that closes this block.
      = help: add the closing `}`
    exit 4
    ");
}

#[test]
fn an_auth_provider_command_is_told_not_to_have_been_asked() {
    let sandbox = Sandbox::copy_of("examples/landing-zone");
    with_terraform(&sandbox);
    let line = "doctor --offline --filter './1-dev/vpc' --auth-provider-cmd nobody";
    assert_snapshot!(sandbox.terrane(line), @"
    stdout:
    skip  auth provider command  is not asked: what is tried begins with the base identity, and not with what it gives to units
    skip  base  nothing in the environment names any credentials
    ok    terraform 1.11.4  [TOP]/bin/terraform
    ok    1 unit  accounts, roles and states fit together

    2 ok, 2 skipped · nobody was asked · [TIME]  exit 0
    exit 0
    ");
}

#[test]
fn two_units_with_one_state_are_told() {
    let sandbox = Sandbox::copy_of("examples/landing-zone");
    with_terraform(&sandbox);
    replace(
        &sandbox,
        "root.hcl",
        "${path_relative_to_include()}",
        "${local.account.environment}",
    );
    assert_snapshot!(sandbox.terrane("doctor --offline --filter './1-dev/*'"), @"
    stdout:
    skip  base  nothing in the environment names any credentials
    ok    terraform 1.11.4  [TOP]/bin/terraform
    FAIL  s3://terraform-state-123456789011/dev/terraform.tfstate  is the state of 1-dev/eks, 1-dev/eks_controllers, 1-dev/transit_gateway_attachments and 1 more
          do         give each a key of its own, path_relative_to_include() for example

    1 ok, 1 failed, 1 skipped · nobody was asked · [TIME]  exit 4
    exit 4
    ");
}

#[test]
fn a_profile_whose_login_is_not_described_is_told_with_the_lines_to_add() {
    let sandbox = Sandbox::copy_of("examples/landing-zone")
        .variable("AWS_CONFIG_FILE", "[ROOT]/aws-config")
        .variable("AWS_PROFILE", "shared");
    with_terraform(&sandbox);
    let profile = "[profile shared]\nsso_session = sso\nsso_account_id = 123456789011\n\
                   sso_role_name = AWSAdministratorAccess\n";
    sandbox.write("aws-config", profile);
    assert_snapshot!(sandbox.terrane("doctor --offline --filter './1-dev/vpc'"), @r#"
    stdout:
    FAIL  base  no file defines [sso-session sso], which profile "shared" names
          do         add these lines to ~/.aws/config:
                     [sso-session sso]
                     sso_start_url = https://YOUR-PORTAL.awsapps.com/start
                     sso_region = REGION-OF-THE-PORTAL
                     sso_registration_scopes = sso:account:access
    ok    terraform 1.11.4  [TOP]/bin/terraform
    ok    1 unit  accounts, roles and states fit together

    2 ok, 1 failed · nobody was asked · [TIME]  exit 4
    exit 4
    "#);
}
