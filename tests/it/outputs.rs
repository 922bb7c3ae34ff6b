//! `outputs`, against accounts that enforce who may read a state.

use insta::assert_snapshot;
use jiff::SignedDuration;
use terrane_lab::{Lab, World};

use crate::sandbox::Sandbox;

const BUCKET: &str = "terraform-state-123456789011";

const STATE: &str = r#"{
  "version": 4, "terraform_version": "1.11.4", "serial": 41, "lineage": "b1946ac9",
  "outputs": {
    "id": {"value": "tgw-0a1b", "type": "string"},
    "asn": {"value": 64512, "type": "number"},
    "key": {"value": "hunter2", "type": "string", "sensitive": true},
    "routes": {"value": {"dev": ["10.2.0.0/16"]}, "type": ["object", {"dev": ["tuple", ["string"]]}]}
  },
  "resources": []
}"#;

/// The landing zone of the examples, and a lab in which one of its units was applied two days ago.
fn landing_zone() -> (Lab, Sandbox) {
    let lab = Lab::start(World::landing_zone()).expect("a lab");
    lab.set_clock_skew(SignedDuration::from_hours(-49));
    lab.put_object(BUCKET, "0-shared/transit_gateway/terraform.tfstate", STATE)
        .expect("the world has the bucket");
    lab.set_clock_skew(SignedDuration::ZERO);
    let mut sandbox = Sandbox::copy_of("examples/landing-zone");
    for (name, value) in [lab.environment(), lab.operator().environment()].concat() {
        sandbox = sandbox.variable(&name, &value);
    }
    (lab, sandbox)
}

/// Without the object's time and version, which differ from run to run.
fn without_version(json: &str) -> String {
    let lines = json.lines().map(|line| match line.split_once(": ") {
        Some((name, _)) if name.ends_with("\"last_modified\"") => format!("{name}: [TIME],\n"),
        Some((name, _)) if name.ends_with("\"version_id\"") => format!("{name}: [ID],\n"),
        Some(_) | None => format!("{line}\n"),
    });
    lines.collect()
}

#[test]
fn the_workspace_that_the_environment_chooses_is_meant() {
    let (lab, sandbox) = landing_zone();
    let key = "env:/blue/0-shared/transit_gateway/terraform.tfstate";
    lab.put_object(BUCKET, key, STATE.replace("tgw-0a1b", "tgw-blue"))
        .expect("the world has the bucket");
    let id = "outputs shared/transit_gateway --raw id";
    let sandbox = sandbox.variable("TF_WORKSPACE", "blue");
    assert_snapshot!(sandbox.terrane(id), @"
    stdout:
    tgw-blue(no newline)
    exit 0
    ");
    let sandbox = sandbox.variable("TF_WORKSPACE", "default");
    assert_snapshot!(sandbox.terrane(id), @"
    stdout:
    tgw-0a1b(no newline)
    exit 0
    ");
}

#[test]
fn outputs_come_from_the_state_as_the_state_management_role() {
    let (lab, sandbox) = landing_zone();
    assert_snapshot!(sandbox.terrane("outputs shared/transit_gateway"), @r#"
    stdout:
    asn     64512
    id      "tgw-0a1b"
    key     (sensitive)
    routes  {"dev":["10.2.0.0/16"]}
    stderr:
    serial 41 · 2 days ago · read as state-mgmt-role in [TIME]
    exit 0
    "#);
    let states = lab.calls().of("s3:GetObject");
    assert!(!states.is_empty());
    assert!(states.not_by("state-mgmt-role").is_empty());
    assert!(lab.calls().by("doer-role").is_empty());
}

#[test]
fn a_unit_is_named_by_path_or_without_numbers_or_by_where_one_stands() {
    let (_lab, sandbox) = landing_zone();
    let shown = sandbox.terrane("outputs 0-shared/transit_gateway");
    let there = sandbox.start_in("0-shared/transit_gateway");
    assert_eq!(there.terrane("outputs"), shown);
    let beside = there.start_in("0-shared");
    assert_eq!(beside.terrane("outputs transit_gateway"), shown);
    let elsewhere = beside.start_in("1-dev/vpc");
    assert_eq!(elsewhere.terrane("outputs shared/transit_gateway"), shown);
}

#[test]
fn programs_get_json_or_one_bare_value() {
    let (_lab, sandbox) = landing_zone();
    let shown = sandbox.terrane("outputs shared/transit_gateway --json --quiet");
    assert_snapshot!(without_version(&shown), @r#"
    stdout:
    {
      "version": 1,
      "unit": "0-shared/transit_gateway",
      "outputs": {
        "asn": {
          "sensitive": false,
          "type": "number",
          "value": 64512
        },
        "id": {
          "sensitive": false,
          "type": "string",
          "value": "tgw-0a1b"
        },
        "key": {
          "sensitive": true,
          "type": "string"
        },
        "routes": {
          "sensitive": false,
          "type": ["object", {"dev": ["tuple", ["string"]]}],
          "value": {"dev": ["10.2.0.0/16"]}
        }
      },
      "state": {
        "location": "s3://terraform-state-123456789011/0-shared/transit_gateway/terraform.tfstate",
        "serial": 41,
        "lineage": "b1946ac9",
        "terraform_version": "1.11.4",
        "last_modified": [TIME],
        "version_id": [ID],
        "read_as": "arn:aws:iam::123456789011:role/state-mgmt-role"
      }
    }
    exit 0
    "#);
    assert_snapshot!(sandbox.terrane("outputs shared/transit_gateway --raw asn --quiet"), @"
    stdout:
    64512(no newline)
    exit 0
    ");
}

#[test]
fn sensitive_outputs_are_shown_only_when_asked_for() {
    let (_lab, sandbox) = landing_zone();
    assert_snapshot!(sandbox.terrane("outputs shared/transit_gateway --raw key"), @"
    stderr:
    error: key is sensitive
     |
     = help: --show-sensitive prints it all the same
    exit 1
    ");
    assert_snapshot!(
        sandbox.terrane("outputs shared/transit_gateway --raw key --show-sensitive --quiet"),
        @"
        stdout:
        hunter2(no newline)
        exit 0
        "
    );
}

#[test]
fn what_is_not_there_is_named() {
    let (_lab, sandbox) = landing_zone();
    assert_snapshot!(sandbox.terrane("outputs shared/transit_gateway --raw ids"), @"
    stderr:
    error: 0-shared/transit_gateway has no output ids
     |
     = there are asn, id, key, routes
    exit 1
    ");
    assert_snapshot!(sandbox.terrane("outputs dev/vpc"), @"
    stderr:
    error: 1-dev/vpc has no state yet
     |
     = not applied yet: s3://terraform-state-123456789011/1-dev/vpc/terraform.tfstate does not exist
     = help: apply it first
    exit 1
    ");
    assert_snapshot!(sandbox.terrane("outputs shared/transit_gatway"), @"
    stderr:
    error: there is no unit shared/transit_gatway
     |
     = help: did you mean shared/transit_gateway?
     = help: names are paths from here or from the root; `terrane find` lists the units
    exit 1
    ");
}

#[test]
fn a_state_that_may_not_be_read_names_who_and_what() {
    let (_lab, sandbox) = landing_zone();
    let wrong = sandbox
        .read("terrane.hcl")
        .replace("assumer_role", "# assumer_role");
    sandbox.write("terrane.hcl", &wrong);
    assert_snapshot!(sandbox.terrane("outputs shared/transit_gateway"), @"
    stderr:
    error: the outputs of 0-shared/transit_gateway could not be read
     |
     = s3://terraform-state-123456789011/0-shared/transit_gateway/terraform.tfstate, read as arn:aws:iam::123456789011:role/state-mgmt-role: could not assume arn:aws:iam::123456789011:role/state-mgmt-role as arn:aws:sts::123456789011:assumed-role/AWSReservedSSO_AWSAdministratorAccess_0123456789abcdef/alice@example.com: one side refuses, or there is no such role
     = help: AWS does not tell which; look whether arn:aws:iam::123456789011:role/state-mgmt-role is there
             its trust policy must allow sts:AssumeRole to the role AWSReservedSSO_AWSAdministratorAccess_0123456789abcdef of account 123456789011
             and a policy of the role AWSReservedSSO_AWSAdministratorAccess_0123456789abcdef of account 123456789011 must allow sts:AssumeRole on it
             no external id was sent; if its trust policy wants one, name it in external_ids of terrane.hcl
     = help: run: terrane doctor
    exit 1
    ");
}

#[test]
fn a_state_elsewhere_is_left_to_terraform() {
    let sandbox = Sandbox::new(
        r#"
//- a/terragrunt.hcl
remote_state {
  backend = "local"
  config  = { path = "x" }
}
//- 1-x/a/terragrunt.hcl
//- 2-x/a/terragrunt.hcl
"#,
    );
    assert_snapshot!(sandbox.terrane("outputs a"), @r#"
    stderr:
    error: terrane cannot read the state of a by itself
     |
     = its backend is "local", and not s3
     = help: `terrane -C a output` asks terraform
    exit 1
    "#);
    assert_snapshot!(sandbox.terrane("outputs x/a"), @"
    stderr:
    error: x/a means more than one unit
     |
     = 1-x/a, 2-x/a
     = help: write the whole path
    exit 64
    ");
}
