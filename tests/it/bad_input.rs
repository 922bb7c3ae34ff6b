//! What people get wrong, and what the world gets wrong, in a run: each message names the place,
//! the cause and the next step.

use insta::assert_snapshot;
use terrane_lab::{Lab, PolicyOf, World};

use crate::sandbox::Sandbox;

const BUCKET: &str = "terraform-state-123456789011";

/// An engine that is found, and that does nothing.
const TERRAFORM: &str = r#"#!/bin/sh
case "$1" in *version) echo '{"terraform_version": "1.11.4"}' ;; esac
"#;

/// The landing zone of the examples, and a lab in which nothing was applied yet.
fn landing_zone() -> (Lab, Sandbox) {
    let lab = Lab::start(World::landing_zone()).expect("a lab");
    let mut sandbox = Sandbox::copy_of("examples/landing-zone");
    sandbox.install("terraform", TERRAFORM);
    for (name, value) in [lab.environment(), lab.operator().environment()].concat() {
        sandbox = sandbox.variable(&name, &value);
    }
    (lab, sandbox)
}

/// What a run says, without the lines that tell how far it has come, which come as they come.
fn told(sandbox: &Sandbox, line: &str) -> String {
    let all = sandbox.terrane(line);
    let is_progress =
        |line: &str| line.as_bytes().get(2) == Some(&b':') || line.starts_with("terrane ");
    let lines = all.lines().filter(|line| !is_progress(line));
    lines.collect::<Vec<_>>().join("\n")
}

fn replaced(sandbox: &Sandbox, file: &str, old: &str, new: &str) {
    let text = sandbox.read(file);
    assert!(text.contains(old), "{file} has no {old}");
    sandbox.write(file, &text.replace(old, new));
}

#[test]
fn smart_quotes_stop_a_run() {
    let (_lab, sandbox) = landing_zone();
    let file = "0-shared/opensearch/terragrunt.hcl";
    replaced(&sandbox, file, "\"logs\"", "“logs”");
    assert_snapshot!(sandbox.terrane("run-all plan"), @r#"
    stderr:
    error: Invalid character
      --> 0-shared/opensearch/terragrunt.hcl:11:20
       |
    11 |   domain         = “logs”
       |                    ^ a curly quote
       |
       = This is a typographic quote, as text processors and chat programs put in place of straight ones. Strings stand in straight double quotes.
       = help: replace the curly quotes by straight ones: "…"
    help: write this instead
       |
    11 -   domain         = “logs”
    11 +   domain         = "logs"
       |
    exit 1
    "#);
}

#[test]
fn a_missing_upstream_is_named_with_its_neighbour() {
    let (_lab, sandbox) = landing_zone();
    replaced(&sandbox, "1-dev/eks/terragrunt.hcl", "../vpc", "../vcp");
    for unit in ["eks_controllers", "transit_gateway_attachments"] {
        sandbox.remove(&format!("1-dev/{unit}"));
    }
    assert_snapshot!(told(&sandbox, "run-all plan -C 1-dev"), @r#"
    stderr:
    error: Unknown upstream
      --> 1-dev/eks/terragrunt.hcl:11:3
       |
    11 |   config_path = "../vcp"
       |   ^^^^^^^^^^^^^^^^^^^^^^ no unit at 1-dev/vcp
       |
       = There is no unit at 1-dev/vcp.
       = help: did you mean "../vpc"?
    exit 1
    "#);
}

#[test]
fn a_circle_stops_a_run() {
    let (_lab, sandbox) = landing_zone();
    let vpc = sandbox.read("1-dev/vpc/terragrunt.hcl");
    let circle = "\ndependencies {\n  paths = [\"../eks_controllers\"]\n}\n";
    sandbox.write("1-dev/vpc/terragrunt.hcl", &(vpc + circle));
    assert_snapshot!(sandbox.terrane("run-all plan"), @r#"
    stderr:
    error: Units wait for each other in a circle
      --> 1-dev/eks/terragrunt.hcl:11:3
       |
    11 |   config_path = "../vpc"
       |   ^^^^^^^^^^^^^^^^^^^^^^ 1-dev/eks waits for 1-dev/vpc
       |
      ::: 1-dev/vpc/terragrunt.hcl:15:3
       |
    15 |   paths = ["../eks_controllers"]
       |   ------------------------------ 1-dev/vpc waits for 1-dev/eks_controllers
       |
      ::: 1-dev/eks_controllers/terragrunt.hcl:11:3
       |
    11 |   config_path = "../eks"
       |   ---------------------- 1-dev/eks_controllers waits for 1-dev/eks
       |
       = None of them can be the first: 1-dev/eks waits for 1-dev/vpc waits for 1-dev/eks_controllers waits for 1-dev/eks.
       = help: take away one of these dependencies
    exit 1
    "#);
}

#[test]
fn a_role_that_refuses_is_told_with_both_sides() {
    let (lab, sandbox) = landing_zone();
    let deny = serde_json::json!({
        "Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole",
    });
    let reached = lab.add_statement(PolicyOf::Trust("*234567890123:role/doer-role"), &deny);
    assert_eq!(reached.expect("a statement"), 1);
    assert_snapshot!(told(&sandbox, "run-all plan -C 1-dev/vpc"), @"
    stderr:
    identity  keys of the environment → infrastructure-assumer-role → doer-role, state-mgmt-role
    ✗ dev/vpc: could not assume the doer role (after [TIME])
      chain    base → infrastructure-assumer-role → doer-role, stopped at the last hop
      role     arn:aws:iam::234567890123:role/doer-role  (from root.hcl:9)
      as       arn:aws:sts::123456789011:assumed-role/infrastructure-assumer-role/terrane
      reason   one side refuses, or there is no such role
      hint     AWS does not tell which; look whether arn:aws:iam::234567890123:role/doer-role is there
               its trust policy must allow sts:AssumeRole to arn:aws:iam::123456789011:role/infrastructure-assumer-role
               and a policy of arn:aws:iam::123456789011:role/infrastructure-assumer-role must allow sts:AssumeRole on it
               no external id was sent; if its trust policy wants one, name it in external_ids of terrane.hcl
      next     terrane doctor
      doer     doer-role @ 1-dev
    ✗ dev/vpc  could not assume the doer role

    account  units  changed  unchanged  failed  blocked  add  change  destroy
    1-dev        1        0          0       1        0    0       0        0

    1 unit in [TIME]: 1 failed  exit 1
    next  terrane run-all plan -C 1-dev/vpc
    exit 1
    ");
}

#[test]
fn a_bucket_that_is_not_there_is_told() {
    let (_lab, sandbox) = landing_zone();
    replaced(
        &sandbox,
        "root.hcl",
        "terraform-state-$",
        "terraform-sate-$",
    );
    assert_snapshot!(told(&sandbox, "run-all plan -C 1-dev/eks"), @"
    stderr:
    identity  keys of the environment → infrastructure-assumer-role → doer-role, state-mgmt-role
    ✗ dev/eks: could not read the outputs of 1-dev/vpc (after [TIME])
      state    s3://terraform-sate-123456789011/1-dev/vpc/terraform.tfstate
      as       arn:aws:iam::123456789011:role/state-mgmt-role
      reason   there is no such bucket
      hint     check the bucket's name; terrane creates none by itself
      doer     doer-role @ 1-dev
    ✗ dev/eks  could not read the outputs of 1-dev/vpc

    account  units  changed  unchanged  failed  blocked  add  change  destroy
    1-dev        1        0          0       1        0    0       0        0

    1 unit in [TIME]: 1 failed  exit 1
    next  terrane run-all plan -C 1-dev/eks
    exit 1
    ");
}

#[test]
fn without_terraform_it_is_told_where_it_was_looked_for() {
    let (_lab, sandbox) = landing_zone();
    sandbox.uninstall("terraform");
    let told = sandbox.terrane("run-all plan");
    assert_snapshot!(told, @"
    stderr:
    error: tofu or terraform was not found
     |
     = looked for: [TOP]/bin/tofu, [TOP]/bin/terraform
     = help: install terraform or tofu, or name one with --tf-path
    exit 1
    ");
    assert_eq!(sandbox.terrane("plan -C 1-dev/vpc"), told);
}

#[test]
fn a_file_that_cannot_be_read_stops_a_run() {
    let (_lab, sandbox) = landing_zone();
    sandbox.make_folder_of("root.hcl");
    assert_snapshot!(told(&sandbox, "run-all plan -C 1-dev/vpc"), @r#"
    stderr:
    error: Included file cannot be read
     --> 1-dev/vpc/terragrunt.hcl:2:3
      |
    2 |   path   = find_in_parent_folders("root.hcl")
      |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this is [ROOT]/root.hcl
      |
      = root.hcl: is a directory.
    exit 1
    "#);
}

#[test]
fn a_half_written_state_is_told() {
    let (lab, sandbox) = landing_zone();
    let half = r#"{"version": 4, "serial": 7, "lineage": "l", "outputs": {"vpc_id": {"va"#;
    let version = lab
        .put_object(BUCKET, "1-dev/vpc/terraform.tfstate", half)
        .expect("the world has the bucket");
    let told = told(&sandbox, "run-all plan -C 1-dev/eks");
    let told = told.replace(&version.expect("it has versions"), "[VERSION ID]");
    assert_snapshot!(told, @"
    stderr:
    identity  keys of the environment → infrastructure-assumer-role → doer-role, state-mgmt-role
    ✗ dev/eks: could not read the outputs of 1-dev/vpc (after [TIME])
      state    s3://terraform-state-123456789011/1-dev/vpc/terraform.tfstate
      as       arn:aws:iam::123456789011:role/state-mgmt-role
      reason   it breaks off after 70 bytes, object version [VERSION ID]
      hint     restore an earlier version of the object, if the bucket keeps versions
      doer     doer-role @ 1-dev
    ✗ dev/eks  could not read the outputs of 1-dev/vpc

    account  units  changed  unchanged  failed  blocked  add  change  destroy
    1-dev        1        0          0       1        0    0       0        0

    1 unit in [TIME]: 1 failed  exit 1
    next  terrane run-all plan -C 1-dev/eks
    exit 1
    ");
}

#[test]
fn files_are_named_from_where_one_stands() {
    let sandbox = Sandbox::new(
        "//- prod/app/terragrunt.hcl\nlocals {\n  name = local.nmae\n}\ninputs = { name = local.name }\n",
    );
    for command in [
        "explain prod/app",
        "render -C prod/app",
        "render --config prod/app/terragrunt.hcl",
        "eval local.name -C prod/app",
        "hcl validate -C prod",
        "run-all plan -C prod",
    ] {
        let told = sandbox.terrane(command);
        assert!(
            told.contains(" --> prod/app/terragrunt.hcl:2:10\n"),
            "{command}: {told}"
        );
    }
}
