//! `doctor`, in landing zones that are well and in such as are not.

mod bases;
mod files;
mod states;

use insta::assert_snapshot;
use serde_json::{Value, json};
use terrane_lab::{Lab, World};

use crate::sandbox::Sandbox;

const SHARED: &str = "123456789011";
const STAGE: &str = "345678901234";
const BUCKET: &str = "terraform-state-123456789011";

/// The examples' tree in a lab of that world, started by its operator.
fn landing_zone(world: World) -> (Lab, Sandbox) {
    let lab = Lab::start(world).expect("a lab");
    let mut sandbox = Sandbox::copy_of("examples/landing-zone");
    for (name, value) in [lab.environment(), lab.operator().environment()].concat() {
        sandbox = sandbox.variable(&name, &value);
    }
    with_terraform(&sandbox);
    (lab, sandbox)
}

fn with_terraform(sandbox: &Sandbox) {
    sandbox.install("terraform", "#!/bin/sh\necho 'Terraform v1.11.4'\n");
}

fn replace(sandbox: &Sandbox, file: &str, old: &str, new: &str) {
    let text = sandbox.read(file);
    assert!(text.contains(old), "{file} has no {old}");
    sandbox.write(file, &text.replace(old, new));
}

fn role(account: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:role/{name}")
}

fn statement(effect: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [effect]})
}

fn trusting(principals: &[String]) -> Value {
    statement(
        &json!({"Effect": "Allow", "Principal": {"AWS": principals}, "Action": "sts:AssumeRole"}),
    )
}

fn allowing(actions: &Value, resource: &Value) -> Value {
    statement(&json!({"Effect": "Allow", "Action": actions, "Resource": resource}))
}

/// The landing zone, with one of its roles made otherwise.
fn with_role(role: &Value) -> World {
    let world = World::landing_zone().with(&json!({"roles": [role]}));
    world.expect("a world")
}

fn doers() -> Vec<String> {
    let accounts = [SHARED, "234567890123", STAGE, "456789012345"];
    accounts.map(|account| role(account, "doer-role")).to_vec()
}

fn hub() -> String {
    role(SHARED, "infrastructure-assumer-role")
}

/// What is said when that many units of the landing zone are looked at. All that is as it should be
/// stands in one line, `well`, by the words of [`lines_of_what_is_well`].
fn looked_at(sandbox: &Sandbox, filter: &str, units: usize) -> String {
    let shown = match filter {
        "" => sandbox.terrane("doctor"),
        filter => sandbox.terrane(&format!("doctor --filter '{filter}'")),
    };
    let known = lines_of_what_is_well(units);
    let (mut well, mut rest) = (Vec::new(), Vec::new());
    for line in shown.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match known.iter().find(|(_, known)| *known == words.join(" ")) {
            Some((what, _)) => well.push(what.as_str()),
            None => rest.push(line),
        }
    }
    format!("well: {}\n{}", well.join(", "), rest.join("\n"))
}

/// Every line of a landing zone that is well, so many units of which are looked at, each with a word
/// for it. Blanks are not told apart.
fn lines_of_what_is_well(units: usize) -> Vec<(String, String)> {
    let counted = |number: usize, noun: &str| match number {
        1 => format!("1 {noun}"),
        number => format!("{number} {noun}s"),
    };
    let (all, of_account) = (counted(units, "unit"), counted(units.min(4), "unit"));
    let states = counted(units, "state");
    let doers = ["0-shared", "1-dev", "2-stage", "3-prod"].map(|folder| {
        let line = format!("infrastructure-assumer-role → doer-role @ {folder} {of_account}");
        (format!("doer of {folder}"), line)
    });
    let others = [
        (
            "base",
            "base arn:aws:sts::123456789011:assumed-role/AWSReservedSSO_AWSAdministratorAccess_\
             0123456789abcdef/alice@example.com keys of the environment"
                .to_owned(),
        ),
        (
            "hub",
            "base → infrastructure-assumer-role @ 0-shared AWS caps sessions from here on at 1 h"
                .to_owned(),
        ),
        (
            "state role",
            format!("infrastructure-assumer-role → state-mgmt-role @ 0-shared state of {all}"),
        ),
        (
            "bucket",
            format!("s3://{BUCKET} us-east-1 0 of {states}, keeps versions"),
        ),
        (
            "lock table",
            "DynamoDB table terraform-state-lock-123456789011 locks can be seen".to_owned(),
        ),
        ("clock", "clock agrees with AWS's".to_owned()),
        ("engine", "terraform 1.11.4 [TOP]/bin/terraform".to_owned()),
        (
            "files",
            format!("{all} accounts, roles and states fit together"),
        ),
    ];
    let others = others.map(|(what, line)| (what.to_owned(), line));
    let lines = others.into_iter().chain(doers);
    lines
        .map(|(what, line)| (what, format!("ok {line}")))
        .collect()
}

#[test]
fn a_healthy_landing_zone_takes_a_line_for_each_thing() {
    let (lab, sandbox) = landing_zone(World::landing_zone());
    lab.put_object(BUCKET, "0-shared/vpc/terraform.tfstate", "{}")
        .expect("the world has the bucket");
    assert_snapshot!(sandbox.terrane("doctor"), @"
    stdout:
    ok    base  arn:aws:sts::123456789011:assumed-role/AWSReservedSSO_AWSAdministratorAccess_0123456789abcdef/alice@example.com  keys of the environment
    ok    base → infrastructure-assumer-role @ 0-shared             AWS caps sessions from here on at 1 h
    ok    infrastructure-assumer-role → state-mgmt-role @ 0-shared  state of 16 units
    ok    infrastructure-assumer-role → doer-role @ 0-shared        4 units
    ok    infrastructure-assumer-role → doer-role @ 1-dev           4 units
    ok    infrastructure-assumer-role → doer-role @ 2-stage         4 units
    ok    infrastructure-assumer-role → doer-role @ 3-prod          4 units
    ok    s3://terraform-state-123456789011  us-east-1      1 of 16 states, keeps versions
    ok    DynamoDB table terraform-state-lock-123456789011  locks can be seen
    ok    clock  agrees with AWS's
    ok    terraform 1.11.4  [TOP]/bin/terraform
    ok    16 units  accounts, roles and states fit together

    12 ok · 14 calls to STS, 3 to S3, 1 to DynamoDB · [TIME]  exit 0
    exit 0
    ");
    let calls = lab.calls();
    assert_eq!(calls.clone().of("sts:AssumeRole").len(), 6);
    let written = ["s3:PutObject", "s3:DeleteObject", "dynamodb:PutItem"];
    assert!(written.iter().all(|call| calls.clone().of(call).is_empty()));
    let long = |call: &&terrane_lab::Call| {
        let issued = call.issued.as_ref();
        issued.is_some_and(|session| session.seconds > 900)
    };
    assert_eq!(calls.iter().filter(long).count(), 0);
}

#[test]
fn a_doer_that_does_not_trust_the_hub_is_told_with_what_to_add() {
    let (_lab, sandbox) = landing_zone(with_role(&json!({
        "arn": role(STAGE, "doer-role"),
        "trust": trusting(&[role(STAGE, "somebody")]),
        "policies": [allowing(&json!("*"), &json!("*"))],
    })));
    assert_snapshot!(looked_at(&sandbox, "", 16), @r#"
    well: base, hub, state role, doer of 0-shared, doer of 1-dev, doer of 3-prod, bucket, lock table, clock, engine, files
    stdout:
    FAIL  infrastructure-assumer-role → doer-role @ 2-stage         4 units blocked
          named by   root.hcl:9
          AWS says   User: arn:aws:sts::123456789011:assumed-role/infrastructure-assumer-role/terrane is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::345678901234:role/doer-role
          side       AWS does not tell; most likely one of the two below is missing
          add to     the trust policy of arn:aws:iam::345678901234:role/doer-role
                     {
                       "Effect": "Allow",
                       "Principal": {
                         "AWS": "arn:aws:iam::123456789011:role/infrastructure-assumer-role"
                       },
                       "Action": "sts:AssumeRole"
                     }
          add to     a policy of arn:aws:iam::123456789011:role/infrastructure-assumer-role
                     {
                       "Effect": "Allow",
                       "Action": "sts:AssumeRole",
                       "Resource": "arn:aws:iam::345678901234:role/doer-role"
                     }
          note       no external id was sent: if the role demands one, name it in terrane.hcl (external_ids)
          note       AWS says the same when there is no such role: check its name first

    11 ok, 1 failed · 13 calls to STS, 2 to S3, 1 to DynamoDB · [TIME]  exit 4
    exit 4
    "#);
}

#[test]
fn a_hub_that_may_not_assume_a_doer_is_told_with_what_to_add() {
    let mut targets: Vec<String> = doers()
        .into_iter()
        .filter(|arn| !arn.contains(STAGE))
        .collect();
    targets.push(role(SHARED, "state-mgmt-role"));
    let world = with_role(&json!({
        "arn": hub(),
        "trust": statement(&json!({
            "Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"AWS": format!("arn:aws:iam::{SHARED}:root")},
        })),
        "policies": [allowing(&json!("sts:AssumeRole"), &json!(targets))],
    }));
    let (_lab, sandbox) = landing_zone(world);
    assert_snapshot!(looked_at(&sandbox, "./2-stage/*", 4), @r#"
    well: base, hub, state role, bucket, lock table, clock, engine, files
    stdout:
    FAIL  infrastructure-assumer-role → doer-role @ 2-stage         4 units blocked
          named by   root.hcl:9
          AWS says   User: arn:aws:sts::123456789011:assumed-role/infrastructure-assumer-role/terrane is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::345678901234:role/doer-role because no identity-based policy allows the sts:AssumeRole action
          side       the caller's own policies do not allow it
          add to     a policy of arn:aws:iam::123456789011:role/infrastructure-assumer-role
                     {
                       "Effect": "Allow",
                       "Action": "sts:AssumeRole",
                       "Resource": "arn:aws:iam::345678901234:role/doer-role"
                     }

    8 ok, 1 failed · 7 calls to STS, 2 to S3, 1 to DynamoDB · [TIME]  exit 4
    exit 4
    "#);
}

#[test]
fn a_state_role_that_trusts_the_doers_is_told_with_the_line_to_write() {
    let (_lab, sandbox) = landing_zone(with_role(&json!({
        "arn": role(SHARED, "state-mgmt-role"),
        "trust": trusting(&doers()),
        "policies": [allowing(&json!(["s3:*", "dynamodb:*"]), &json!("*"))],
    })));
    assert_snapshot!(looked_at(&sandbox, "./1-dev/*", 4), @r#"
    well: base, hub, doer of 1-dev, clock, engine, files
    stdout:
    FAIL  infrastructure-assumer-role → state-mgmt-role @ 0-shared  4 units blocked
          named by   root.hcl:12
          AWS says   User: arn:aws:sts::123456789011:assumed-role/infrastructure-assumer-role/terrane is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789011:role/state-mgmt-role
          but        doer-role @ 1-dev may assume it
          do         write state_from = "doer" in terrane.hcl, unless the hub is meant to be let in
    skip  s3://terraform-state-123456789011  us-east-1  state-mgmt-role @ 0-shared is out of reach

    6 ok, 1 failed, 1 skipped · 9 calls to STS · [TIME]  exit 4
    exit 4
    "#);
    let line = sandbox.read("terrane.hcl") + "\nstate_from = \"doer\"\n";
    sandbox.write("terrane.hcl", &line);
    assert_snapshot!(looked_at(&sandbox, "./1-dev/*", 4), @"
    well: base, hub, doer of 1-dev, bucket, lock table, clock, engine, files
    stdout:
    ok    doer-role → state-mgmt-role @ 0-shared           state of 4 units

    9 ok · 8 calls to STS, 2 to S3, 1 to DynamoDB · [TIME]  exit 0
    exit 0
    ");
}

#[test]
fn a_hub_that_cannot_be_reached_is_told_once() {
    let (_lab, sandbox) = landing_zone(with_role(&json!({
        "arn": hub(),
        "trust": trusting(&[role(SHARED, "somebody")]),
    })));
    assert_snapshot!(looked_at(&sandbox, "", 16), @r#"
    well: base, clock, engine, files
    stdout:
    FAIL  base → infrastructure-assumer-role @ 0-shared  16 units blocked
          named by   terrane.hcl:4
          AWS says   User: arn:aws:sts::123456789011:assumed-role/AWSReservedSSO_AWSAdministratorAccess_0123456789abcdef/alice@example.com is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789011:role/infrastructure-assumer-role
          side       AWS does not tell; most likely one of the two below is missing
          add to     the trust policy of arn:aws:iam::123456789011:role/infrastructure-assumer-role
                     {
                       "Effect": "Allow",
                       "Principal": {
                         "AWS": "arn:aws:iam::123456789011:root"
                       },
                       "Action": "sts:AssumeRole",
                       "Condition": {
                         "ArnLike": {
                           "aws:PrincipalArn": "arn:aws:iam::123456789011:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_AWSAdministratorAccess_*"
                         }
                       }
                     }
          add to     a policy of AWSReservedSSO_AWSAdministratorAccess_0123456789abcdef in 123456789011
                     {
                       "Effect": "Allow",
                       "Action": "sts:AssumeRole",
                       "Resource": "arn:aws:iam::123456789011:role/infrastructure-assumer-role"
                     }
          note       no external id was sent: if the role demands one, name it in terrane.hcl (external_ids)
          note       AWS says the same when there is no such role: check its name first
    skip  infrastructure-assumer-role → state-mgmt-role @ 0-shared and 4 more  infrastructure-assumer-role is out of reach
    skip  s3://terraform-state-123456789011  us-east-1  state-mgmt-role @ 0-shared is out of reach

    4 ok, 1 failed, 6 skipped · 3 calls to STS · [TIME]  exit 4
    exit 4
    "#);
}

#[test]
fn a_wrong_clock_is_told_before_it_hurts() {
    let (lab, sandbox) = landing_zone(World::landing_zone());
    lab.set_clock_skew(jiff::SignedDuration::from_mins(2));
    let shown = sandbox.terrane("doctor --filter './1-dev/vpc'");
    let line = shown.lines().find(|line| line.contains("clock"));
    assert_snapshot!(line.unwrap_or_default(), @"warn  clock  is [TIME] behind AWS's; AWS refuses from five minutes on");
}

#[test]
fn programs_get_all_of_it() {
    let (_lab, sandbox) = landing_zone(with_role(&json!({
        "arn": role(STAGE, "doer-role"),
        "trust": trusting(&[role(STAGE, "somebody")]),
    })));
    let shown = sandbox.terrane("doctor --filter './2-stage/vpc' --json");
    let shown = shown.trim_start_matches("stdout:\n");
    let (text, end) = shown.split_once("\nexit ").expect("it ends");
    assert_eq!(end, "4\n");
    let document: Value = serde_json::from_str(text).expect("JSON");
    let checks = document["checks"].as_array().expect("a list");
    let each = checks
        .iter()
        .map(|check| format!("{} {}\n", check["id"], check["status"]));
    assert_snapshot!(each.collect::<String>(), @r#"
    "base" "ok"
    "hub" "ok"
    "state-role" "ok"
    "doer" "failed"
    "bucket" "ok"
    "lock-table" "ok"
    "clock" "ok"
    "engine" "ok"
    "files" "ok"
    "#);
    assert_snapshot!(document["calls"], @r#"{"dynamodb":1,"s3":2,"sts":7}"#);
    let failed = checks.iter().find(|check| check["status"] == "failed");
    let failed = serde_json::to_string_pretty(&failed.expect("one that failed"));
    assert_snapshot!(failed.expect("JSON"), @r#"
    {
      "add": [
        {
          "statement": {
            "Action": "sts:AssumeRole",
            "Effect": "Allow",
            "Principal": {
              "AWS": "arn:aws:iam::123456789011:role/infrastructure-assumer-role"
            }
          },
          "to": "the trust policy of arn:aws:iam::345678901234:role/doer-role"
        },
        {
          "statement": {
            "Action": "sts:AssumeRole",
            "Effect": "Allow",
            "Resource": "arn:aws:iam::345678901234:role/doer-role"
          },
          "to": "a policy of arn:aws:iam::123456789011:role/infrastructure-assumer-role"
        }
      ],
      "blocks": [
        "2-stage/vpc"
      ],
      "detail": "1 unit blocked",
      "facts": [
        {
          "about": "named by",
          "text": "root.hcl:9"
        },
        {
          "about": "AWS says",
          "text": "User: arn:aws:sts::123456789011:assumed-role/infrastructure-assumer-role/terrane is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::345678901234:role/doer-role"
        },
        {
          "about": "side",
          "text": "AWS does not tell; most likely one of the two below is missing"
        },
        {
          "about": "note",
          "text": "no external id was sent: if the role demands one, name it in terrane.hcl (external_ids)"
        },
        {
          "about": "note",
          "text": "AWS says the same when there is no such role: check its name first"
        }
      ],
      "id": "doer",
      "status": "failed",
      "subject": "infrastructure-assumer-role → doer-role @ 2-stage"
    }
    "#);
}
