//! `identity`: who acts for whom, told without asking anybody.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

/// The landing zone of the examples, started with keys that nobody ever asks for.
fn landing_zone() -> Sandbox {
    Sandbox::copy_of("examples/landing-zone")
        .variable("AWS_ACCESS_KEY_ID", "AKIAOPERATOR")
        .variable("AWS_SECRET_ACCESS_KEY", "x")
}

#[test]
fn a_unit_shows_both_siblings_and_the_hub_that_they_are_reached_from() {
    let sandbox = landing_zone();
    assert_snapshot!(sandbox.terrane("identity dev/eks_controllers"), @"
    stdout:
    1-dev/eks_controllers  234567890123 (1-dev/account.hcl:2)

    plan and apply    arn:aws:iam::234567890123:role/doer-role
                      keys of the environment → infrastructure-assumer-role → doer-role
                      named by root.hcl:9; session terrane, 1 h
    own state, lock   arn:aws:iam::123456789011:role/state-mgmt-role
                      keys of the environment → infrastructure-assumer-role → state-mgmt-role
                      named by the backend at root.hcl:12; session terrane, 1 h
                      s3://terraform-state-123456789011/1-dev/eks_controllers/terraform.tfstate  us-east-1
                      locked in the DynamoDB table terraform-state-lock-123456789011
    upstream outputs  the same session
                      reads the states of 0-shared/opensearch, 0-shared/prometheus, 1-dev/eks
    hub               arn:aws:iam::123456789011:role/infrastructure-assumer-role
                      keys of the environment → infrastructure-assumer-role
                      named by terrane.hcl:4; session terrane, 1 h
    exit 0
    ");
}

#[test]
fn without_a_unit_each_role_has_a_line() {
    let sandbox = landing_zone();
    assert_snapshot!(sandbox.terrane("identity"), @"
    stdout:
    hub  keys of the environment → infrastructure-assumer-role (terrane.hcl:4)

    account                 units  plan and apply  state                       named by
    0-shared  123456789011      4  doer-role       state-mgmt-role             root.hcl:9
    1-dev     234567890123      4  doer-role       state-mgmt-role @ 0-shared  root.hcl:9
    2-stage   345678901234      4  doer-role       state-mgmt-role @ 0-shared  root.hcl:9
    3-prod    456789012345      4  doer-role       state-mgmt-role @ 0-shared  root.hcl:9

    16 units in 4 accounts; they take 6 sessions in all
    exit 0
    ");
    assert_snapshot!(sandbox.terrane("identity --long --filter './1-dev/*'"), @"
    stdout:
    hub  keys of the environment → infrastructure-assumer-role (terrane.hcl:4)

    unit                               account       plan and apply  state                       named by
    1-dev/eks                          234567890123  doer-role       state-mgmt-role @ 0-shared  root.hcl:9
    1-dev/eks_controllers              234567890123  doer-role       state-mgmt-role @ 0-shared  root.hcl:9
    1-dev/transit_gateway_attachments  234567890123  doer-role       state-mgmt-role @ 0-shared  root.hcl:9
    1-dev/vpc                          234567890123  doer-role       state-mgmt-role @ 0-shared  root.hcl:9

    4 units in 1 account; they take 3 sessions in all
    exit 0
    ");
}

#[test]
fn what_wins_and_what_loses_is_told() {
    let sandbox = landing_zone()
        .variable("TERRANE_ROLE", "arn:aws:iam::234567890123:role/by-variable")
        .variable("USER", "jane");
    let line =
        "identity dev/vpc --role arn:aws:iam::234567890123:role/by-flag --role-duration 7200";
    assert_snapshot!(sandbox.terrane(line), @"
    stdout:
    1-dev/vpc  234567890123 (1-dev/account.hcl:2)

    plan and apply    arn:aws:iam::234567890123:role/by-flag
                      keys of the environment → infrastructure-assumer-role → by-flag
                      named by --role; session terrane-jane, 2 h (--role-duration); AWS gives a chained role 1 h, which is renewed
    own state, lock   arn:aws:iam::123456789011:role/state-mgmt-role
                      keys of the environment → infrastructure-assumer-role → state-mgmt-role
                      named by the backend at root.hcl:12; session terrane-jane, 1 h
                      s3://terraform-state-123456789011/1-dev/vpc/terraform.tfstate  us-east-1
                      locked in the DynamoDB table terraform-state-lock-123456789011
    hub               arn:aws:iam::123456789011:role/infrastructure-assumer-role
                      keys of the environment → infrastructure-assumer-role
                      named by terrane.hcl:4; session terrane-jane, 1 h
    lost              role arn:aws:iam::234567890123:role/by-variable of TERRANE_ROLE, beaten by --role
                      role arn:aws:iam::234567890123:role/doer-role of root.hcl:9, beaten by --role
    exit 0
    ");
}

#[test]
fn planning_and_applying_may_have_roles_of_their_own() {
    let sandbox = landing_zone();
    let table = r#"
roles = {
  dev = { plan = "arn:aws:iam::234567890123:role/reader" }
}
"#;
    sandbox.write("terrane.hcl", &(sandbox.read("terrane.hcl") + table));
    assert_snapshot!(sandbox.terrane("identity"), @"
    stdout:
    hub  keys of the environment → infrastructure-assumer-role (terrane.hcl:4)

    account                 units  plan       apply      state                       named by
    0-shared  123456789011      4  doer-role  doer-role  state-mgmt-role             root.hcl:9
    1-dev     234567890123      4  reader     doer-role  state-mgmt-role @ 0-shared  terrane.hcl:7; root.hcl:9
    2-stage   345678901234      4  doer-role  doer-role  state-mgmt-role @ 0-shared  root.hcl:9
    3-prod    456789012345      4  doer-role  doer-role  state-mgmt-role @ 0-shared  root.hcl:9

    16 units in 4 accounts; they take 7 sessions in all
    exit 0
    ");
    assert_snapshot!(sandbox.terrane("identity dev/vpc"), @"
    stdout:
    1-dev/vpc  234567890123 (1-dev/account.hcl:2)

    plan              arn:aws:iam::234567890123:role/reader
                      keys of the environment → infrastructure-assumer-role → reader
                      named by terrane.hcl:7; session terrane, 1 h
    apply             arn:aws:iam::234567890123:role/doer-role
                      keys of the environment → infrastructure-assumer-role → doer-role
                      named by root.hcl:9; session terrane, 1 h
    own state, lock   arn:aws:iam::123456789011:role/state-mgmt-role
                      keys of the environment → infrastructure-assumer-role → state-mgmt-role
                      named by the backend at root.hcl:12; session terrane, 1 h
                      s3://terraform-state-123456789011/1-dev/vpc/terraform.tfstate  us-east-1
                      locked in the DynamoDB table terraform-state-lock-123456789011
    hub               arn:aws:iam::123456789011:role/infrastructure-assumer-role
                      keys of the environment → infrastructure-assumer-role
                      named by terrane.hcl:4; session terrane, 1 h
    lost              role arn:aws:iam::234567890123:role/doer-role of root.hcl:9, beaten by terrane.hcl:7
    exit 0
    ");
}

#[test]
fn a_role_of_another_account_is_refused() {
    let sandbox = landing_zone();
    let line = "--role arn:aws:iam::123456789011:role/doer-role";
    assert_snapshot!(sandbox.terrane(&format!("identity dev/vpc {line}")), @"
    stderr:
    error: Role of another account
     |
     = this unit would run in 123456789011, by arn:aws:iam::123456789011:role/doer-role of --role, but its folder 1-dev is 234567890123 by 1-dev/account.hcl:2
     = help: name a role of 234567890123 in --role, or correct 1-dev/account.hcl:2
    exit 4
    ");
    assert_snapshot!(sandbox.terrane(&format!("identity --filter ./1-dev/vpc {line}")), @"
    stdout:
    account                units  plan and apply  state  named by
    1-dev    234567890123      1  nobody                 see above

    1 unit in 1 account; they take 0 sessions in all; 1 cannot run as they are
    stderr:
    error: Role of another account
     |
     = this unit would run in 123456789011, by arn:aws:iam::123456789011:role/doer-role of --role, but its folder 1-dev is 234567890123 by 1-dev/account.hcl:2
     = help: name a role of 234567890123 in --role, or correct 1-dev/account.hcl:2
    exit 0
    ");
}

#[test]
fn a_provider_that_assumes_the_doer_by_itself_is_given_the_hub() {
    let sandbox = landing_zone();
    let provider = r#"
generate "provider" {
  path      = "provider.tf"
  if_exists = "overwrite"
  contents  = <<-EOF
    provider "aws" {
      assume_role {
        role_arn = "arn:aws:iam::234567890123:role/doer-role"
      }
    }
  EOF
}
"#;
    let unit = "1-dev/vpc/terragrunt.hcl";
    sandbox.write(unit, &(sandbox.read(unit) + provider));
    assert_snapshot!(sandbox.terrane("identity dev/vpc"), @"
    stdout:
    1-dev/vpc  234567890123 (1-dev/account.hcl:2)

    plan and apply    arn:aws:iam::123456789011:role/infrastructure-assumer-role
                      keys of the environment → infrastructure-assumer-role
                      root.hcl:9 names arn:aws:iam::234567890123:role/doer-role, which the provider at 1-dev/vpc/terragrunt.hcl:14 assumes itself; session terrane, 1 h
    own state, lock   arn:aws:iam::123456789011:role/state-mgmt-role
                      keys of the environment → infrastructure-assumer-role → state-mgmt-role
                      named by the backend at root.hcl:12; session terrane, 1 h
                      s3://terraform-state-123456789011/1-dev/vpc/terraform.tfstate  us-east-1
                      locked in the DynamoDB table terraform-state-lock-123456789011
    hub               arn:aws:iam::123456789011:role/infrastructure-assumer-role
                      keys of the environment → infrastructure-assumer-role
                      named by terrane.hcl:4; session terrane, 1 h
    provider aws      whoever applies → doer-role
                      by itself, at 1-dev/vpc/terragrunt.hcl:14
    exit 0
    ");
}

#[test]
fn a_role_that_is_an_output_names_the_unit_that_makes_it() {
    let sandbox = Sandbox::new(
        r#"
//- iam/terragrunt.hcl
//- app/terragrunt.hcl
dependency "iam" {
  config_path = "../iam"
}
iam_role = dependency.iam.outputs.role_arn
"#,
    );
    assert_snapshot!(sandbox.terrane("identity app"), @"
    stdout:
    app  its account is not known

    plan and apply    a role that is an output of iam
                      known once that has been applied (app/terragrunt.hcl:4)
    own state, lock   whoever applies, once that is known
                      the backend names no role
    upstream outputs  base
                      reads the states of iam
    hub               base
                      nobody names another hub
    exit 0
    ");
    assert_snapshot!(sandbox.terrane("identity"), @"
    stdout:
    hub  base

    account         units  plan and apply        state                 named by
    (not known)         1  an upstream's output  an upstream's output  app/terragrunt.hcl:4
    (not known)         1  base                  base                  nobody

    2 units in 0 accounts; they take 0 sessions in all
    exit 0
    ");
}

#[test]
fn programs_get_all_of_it() {
    let sandbox = landing_zone();
    assert_snapshot!(sandbox.terrane("identity dev/vpc --json"), @r#"
    stdout:
    {
      "version": 1,
      "base": "keys of the environment",
      "units": [
        {
          "unit": "1-dev/vpc",
          "account": {
            "id": "234567890123",
            "folder": "1-dev",
            "named_at": "1-dev/account.hcl:2"
          },
          "hub": {
            "role": "arn:aws:iam::123456789011:role/infrastructure-assumer-role",
            "hops": [
              "arn:aws:iam::123456789011:role/infrastructure-assumer-role"
            ],
            "session_name": "terrane",
            "duration_seconds": 3600,
            "because": "named by terrane.hcl:4"
          },
          "plan": {
            "role": "arn:aws:iam::234567890123:role/doer-role",
            "hops": [
              "arn:aws:iam::123456789011:role/infrastructure-assumer-role",
              "arn:aws:iam::234567890123:role/doer-role"
            ],
            "session_name": "terrane",
            "duration_seconds": 3600,
            "because": "named by root.hcl:9",
            "decided": [
              {
                "field": "role",
                "by": "root.hcl:9"
              }
            ]
          },
          "apply": {
            "role": "arn:aws:iam::234567890123:role/doer-role",
            "hops": [
              "arn:aws:iam::123456789011:role/infrastructure-assumer-role",
              "arn:aws:iam::234567890123:role/doer-role"
            ],
            "session_name": "terrane",
            "duration_seconds": 3600,
            "because": "named by root.hcl:9",
            "decided": [
              {
                "field": "role",
                "by": "root.hcl:9"
              }
            ]
          },
          "state": {
            "role": "arn:aws:iam::123456789011:role/state-mgmt-role",
            "hops": [
              "arn:aws:iam::123456789011:role/infrastructure-assumer-role",
              "arn:aws:iam::123456789011:role/state-mgmt-role"
            ],
            "session_name": "terrane",
            "duration_seconds": 3600,
            "because": "named by the backend at root.hcl:12"
          },
          "location": "s3://terraform-state-123456789011/1-dev/vpc/terraform.tfstate",
          "reads_outputs_of": []
        }
      ]
    }
    exit 0
    "#);
}
