//! The example that people copy loads as it is.

use insta::assert_snapshot;

use crate::config::testing::{Twin, inputs_of, outputs, told};
use crate::config::{Facts, LoadOptions, StateFact};
use crate::model::origin::origin_of;
use crate::model::{ClaimedRole, Origin, StateLocation};

fn example() -> Twin {
    Twin::of_folder("examples/landing-zone")
}

fn everything(command: &str) -> LoadOptions {
    LoadOptions {
        facts: Facts::ALL,
        command: command.to_owned(),
        ..LoadOptions::default()
    }
}

#[test]
fn the_example_has_sixteen_units_and_eighteen_edges_and_nothing_wrong() {
    let world = example();
    let (estate, problems) = world.load_with(".", everything("plan"));
    assert_eq!(told(&problems), "");
    assert_eq!(estate.units.len(), 16);
    let edges = estate.edges();
    assert_eq!(edges.len(), 18);
    assert_snapshot!(edges[..6].join("\n"), @r"
    1-dev/eks <- 1-dev/vpc
    1-dev/eks_controllers <- 0-shared/opensearch
    1-dev/eks_controllers <- 0-shared/prometheus
    1-dev/eks_controllers <- 1-dev/eks
    1-dev/transit_gateway_attachments <- 0-shared/transit_gateway
    1-dev/transit_gateway_attachments <- 1-dev/vpc
    ");
}

#[test]
fn every_unit_of_the_example_has_its_doer_its_state_and_its_account() {
    let world = example();
    let (estate, _) = world.load_with(".", everything("plan"));
    let mut lines = Vec::new();
    for (_, unit) in estate
        .in_scope()
        .filter(|(_, unit)| unit.path.name() == "vpc")
    {
        let claims = unit.role_claims.iter().map(|claim| match &claim.role {
            Some(ClaimedRole::Known(role)) => format!("{role} ({:?})", claim.source),
            other => panic!("{other:?}"),
        });
        let state = match &unit.state {
            StateFact::Known(state) => match &state.location {
                StateLocation::S3(state) => format!("{}/{}", state.bucket, state.key),
                other @ StateLocation::Other { .. } => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        };
        let account = unit.account.as_ref().expect("an account folder");
        lines.push(format!(
            "{}\n  {}\n  {state}\n  {} {} {:?}",
            unit.path,
            claims.collect::<Vec<_>>().join("\n  "),
            account.name,
            account.id,
            account.place,
        ));
    }
    assert_snapshot!(lines.join("\n"), @r#"
    0-shared/vpc
      arn:aws:iam::123456789011:role/doer-role (IncludedFile(Place { file: "root.hcl", line: 9 }))
      terraform-state-123456789011/0-shared/vpc/terraform.tfstate
      0-shared 123456789011 Place { file: "0-shared/account.hcl", line: 2 }
    1-dev/vpc
      arn:aws:iam::234567890123:role/doer-role (IncludedFile(Place { file: "root.hcl", line: 9 }))
      terraform-state-123456789011/1-dev/vpc/terraform.tfstate
      1-dev 234567890123 Place { file: "1-dev/account.hcl", line: 2 }
    2-stage/vpc
      arn:aws:iam::345678901234:role/doer-role (IncludedFile(Place { file: "root.hcl", line: 9 }))
      terraform-state-123456789011/2-stage/vpc/terraform.tfstate
      2-stage 345678901234 Place { file: "2-stage/account.hcl", line: 2 }
    3-prod/vpc
      arn:aws:iam::456789012345:role/doer-role (IncludedFile(Place { file: "root.hcl", line: 9 }))
      terraform-state-123456789011/3-prod/vpc/terraform.tfstate
      3-prod 456789012345 Place { file: "3-prod/account.hcl", line: 2 }
    "#);
}

#[test]
fn outputs_become_inputs() {
    let world = example();
    let (estate, _) = world.load_with(".", everything("apply"));
    let gateway =
        outputs(r#"{"id":"tgw-1","route_table_ids":{"spokes":"rtb-2","shared":"rtb-3"}}"#);
    let vpc = outputs(r#"{"vpc_id":"vpc-4","private_subnet_ids":["subnet-5","subnet-6"]}"#);
    let given = [("0-shared/transit_gateway", gateway), ("1-dev/vpc", vpc)];
    let ready = estate
        .prepare_with("1-dev/transit_gateway_attachments", &given)
        .expect("all outputs are there");
    assert_snapshot!(inputs_of(&ready), @r#"
    account_id = "234567890123"
    environment = "dev"
    route_table_id = "rtb-2"
    subnet_ids = ["subnet-5","subnet-6"]
    tags = {"Environment":"dev","ManagedBy":"terraform"}
    transit_gateway_id = "tgw-1"
    vpc_id = "vpc-4"
    "#);
    let origins = ready.prepared.inputs.values().map(origin_of);
    assert!(origins.into_iter().all(|origin| origin == Origin::State));
}

#[test]
fn mocks_become_inputs_where_nothing_was_applied_and_are_known_as_such() {
    let world = example();
    let (estate, _) = world.load_with(".", everything("plan"));
    let ready = estate
        .prepare_with("1-dev/eks_controllers", &[])
        .expect("mocks are allowed for plan");
    assert_snapshot!(inputs_of(&ready), @r#"
    account_id = "234567890123"
    cluster_name = "mock"
    cluster_token = "mock"
    environment = "dev"
    logs_endpoint = "https://opensearch.mock.invalid"
    metrics_endpoint = "https://prometheus.mock.invalid/api/v1/remote_write"
    tags = {"Environment":"dev","ManagedBy":"terraform"}
    "#);
    let origin = |name: &str| origin_of(&ready.prepared.inputs[name]);
    assert_eq!(origin("cluster_name"), Origin::Mock);
    assert_eq!(origin("account_id"), Origin::State);
}

#[test]
fn mocks_are_kept_out_of_apply() {
    let world = example();
    let (estate, _) = world.load_with(".", everything("apply"));
    let problems = estate
        .prepare_with("1-dev/eks", &[])
        .expect_err("mocks are not allowed for apply");
    assert_snapshot!(told(&problems), @r#"
    1-dev/eks/terragrunt.hcl:11:3: No outputs yet. 1-dev/vpc has no outputs for dependency "vpc": it was never applied, or it was destroyed. Asked for at 1-dev/eks/terragrunt.hcl:23.
      help: its mocks are not for apply; apply it first, or add "apply" to mock_outputs_allowed_terraform_commands
    1-dev/eks/terragrunt.hcl:11:3: No outputs yet. 1-dev/vpc has no outputs for dependency "vpc": it was never applied, or it was destroyed. Asked for at 1-dev/eks/terragrunt.hcl:24.
      help: its mocks are not for apply; apply it first, or add "apply" to mock_outputs_allowed_terraform_commands
    "#);
}

#[test]
fn a_start_in_one_account_knows_the_others_and_leaves_them_alone() {
    let world = example();
    let (estate, problems) = world.load_with("1-dev", everything("plan"));
    assert_eq!(told(&problems), "");
    let paths = |external: bool| {
        let units = estate
            .units
            .values()
            .filter(|unit| unit.external == external);
        units
            .map(|unit| unit.path.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_snapshot!(paths(false), @"1-dev/eks 1-dev/eks_controllers 1-dev/transit_gateway_attachments 1-dev/vpc");
    assert_snapshot!(paths(true), @"0-shared/opensearch 0-shared/prometheus 0-shared/transit_gateway");
}
