//! Who starts it: people of a login, root, a profile with roles of its own, nobody.

use insta::assert_snapshot;
use serde_json::json;
use terrane_lab::{Lab, World};

use super::{SHARED, hub, landing_zone, looked_at, role, trusting, with_role, with_terraform};
use crate::sandbox::Sandbox;

#[test]
fn people_of_a_login_are_better_let_in_by_one_role() {
    let (_lab, sandbox) = landing_zone(World::landing_zone());
    sandbox.write("terrane.hcl", "");
    assert_snapshot!(looked_at(&sandbox, "./1-dev/vpc", 1), @r#"
    well: base, clock, engine, files
    stdout:
    FAIL  base → state-mgmt-role @ 0-shared  1 unit blocked
          named by   root.hcl:12
          AWS says   User: arn:aws:sts::123456789011:assumed-role/AWSReservedSSO_AWSAdministratorAccess_0123456789abcdef/alice@example.com is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789011:role/state-mgmt-role
          side       AWS does not tell; most likely one of the two below is missing
          add to     the trust policy of arn:aws:iam::123456789011:role/state-mgmt-role
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
                       "Resource": "arn:aws:iam::123456789011:role/state-mgmt-role"
                     }
          note       no external id was sent: if the role demands one, name it in terrane.hcl (external_ids)
          note       AWS says the same when there is no such role: check its name first
          note       people of a login are best let in by one role only: name it as assumer_role in terrane.hcl, and let the others trust that one
    FAIL  base → doer-role @ 1-dev           1 unit blocked
          named by   root.hcl:9
          AWS says   User: arn:aws:sts::123456789011:assumed-role/AWSReservedSSO_AWSAdministratorAccess_0123456789abcdef/alice@example.com is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::234567890123:role/doer-role
          side       AWS does not tell; most likely one of the two below is missing
          add to     the trust policy of arn:aws:iam::234567890123:role/doer-role
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
                       "Resource": "arn:aws:iam::234567890123:role/doer-role"
                     }
          note       no external id was sent: if the role demands one, name it in terrane.hcl (external_ids)
          note       AWS says the same when there is no such role: check its name first
          note       people of a login are best let in by one role only: name it as assumer_role in terrane.hcl, and let the others trust that one
    skip  s3://terraform-state-123456789011  us-east-1  state-mgmt-role @ 0-shared is out of reach

    4 ok, 2 failed, 1 skipped · 4 calls to STS · [TIME]  exit 4
    exit 4
    "#);
}

#[test]
fn a_login_that_has_ended_leaves_nothing_to_try() {
    let (lab, sandbox) = landing_zone(World::landing_zone());
    lab.expire("*AWSReservedSSO*");
    assert_snapshot!(looked_at(&sandbox, "", 16), @"
    well: engine, files
    stdout:
    FAIL  base  16 units blocked
          tried      keys of the environment
          reason     the base session has ended
          do         log in again, or put new keys into the environment, and run this once more
    skip  base → infrastructure-assumer-role @ 0-shared and 5 more  the base identity is out of reach
    skip  s3://terraform-state-123456789011  us-east-1  state-mgmt-role @ 0-shared is out of reach

    2 ok, 1 failed, 7 skipped · 1 call to STS · [TIME]  exit 4
    exit 4
    ");
}

#[test]
fn the_root_user_is_refused_before_aws_does() {
    let root = json!({"users": [{
        "arn": format!("arn:aws:iam::{SHARED}:root"),
        "keys": [{"access_key_id": "AKIAROOT000000000001", "secret_access_key": "root-secret"}],
    }]});
    let lab = Lab::start(World::landing_zone().with(&root).expect("a world")).expect("a lab");
    let keys = lab.keys("AKIAROOT000000000001").expect("root's keys");
    let mut sandbox = Sandbox::copy_of("examples/landing-zone");
    for (name, value) in [lab.environment(), keys.environment()].concat() {
        sandbox = sandbox.variable(&name, &value);
    }
    with_terraform(&sandbox);
    assert_snapshot!(looked_at(&sandbox, "./1-dev/vpc", 1), @"
    well: clock, engine, files
    stdout:
    FAIL  base  arn:aws:iam::123456789011:root: AWS lets the root user assume no role
          do         take a user or a role of that account instead of root
    FAIL  base → infrastructure-assumer-role @ 0-shared  1 unit blocked
          named by   terrane.hcl:4
          reason     AWS lets the root user assume no role
          do         take a user or a role of that account instead of root
    skip  infrastructure-assumer-role → state-mgmt-role @ 0-shared and 1 more  infrastructure-assumer-role is out of reach
    skip  s3://terraform-state-123456789011  us-east-1  state-mgmt-role @ 0-shared is out of reach

    3 ok, 2 failed, 3 skipped · 2 calls to STS · [TIME]  exit 4
    exit 4
    ");
    assert!(lab.calls().of("sts:AssumeRole").is_empty());
}

#[test]
fn without_credentials_the_way_to_some_is_told() {
    let sandbox = Sandbox::copy_of("examples/landing-zone");
    with_terraform(&sandbox);
    assert_snapshot!(looked_at(&sandbox, "./1-dev/*", 4), @"
    well: engine, files
    stdout:
    FAIL  base  4 units blocked
          reason     no credentials were found: nothing in the environment names any credentials
          do         set AWS_PROFILE, or log in, or give keys in the environment
    skip  base → infrastructure-assumer-role @ 0-shared and 2 more  the base identity is out of reach
    skip  s3://terraform-state-123456789011  us-east-1  state-mgmt-role @ 0-shared is out of reach

    2 ok, 1 failed, 4 skipped · 0 calls to STS · [TIME]  exit 4
    exit 4
    ");
}

#[test]
fn a_tree_without_roles_is_looked_at_as_whoever_starts_it() {
    let lab = Lab::start(World::landing_zone()).expect("a lab");
    let mut sandbox = Sandbox::new(
        r#"
//- vpc/terragrunt.hcl
remote_state {
  backend = "s3"
  config = {
    bucket = "terraform-state-123456789011"
    key    = "vpc/terraform.tfstate"
    region = "us-east-1"
  }
}
"#,
    );
    for (name, value) in [lab.environment(), lab.operator().environment()].concat() {
        sandbox = sandbox.variable(&name, &value);
    }
    assert_snapshot!(looked_at(&sandbox, "", 16), @"
    well: base, clock
    stdout:
    ok    s3://terraform-state-123456789011  us-east-1  0 of 1 state, keeps versions
    warn  the state of 1 unit                           nothing keeps two runs from writing it at once
          do         write use_lockfile = true in the backend
    FAIL  terraform or tofu  1 unit blocked
          reason     tofu or terraform was not found
          do         install it, or name its path with --tf-path
    ok    1 unit  accounts, roles and states fit together

    4 ok, 1 failed, 1 warning · 2 calls to STS, 2 to S3 · [TIME]  exit 4
    exit 4
    ");
}

/// The operator's keys in a profile, and above it one that assumes the hub.
fn by_profile(world: World) -> (Lab, Sandbox) {
    let lab = Lab::start(world).expect("a lab");
    let mut sandbox = Sandbox::copy_of("examples/landing-zone")
        .variable("AWS_CONFIG_FILE", "[ROOT]/aws-config")
        .variable("AWS_PROFILE", "assumer");
    for (name, value) in lab.environment() {
        sandbox = sandbox.variable(&name, &value);
    }
    let keys = lab.operator().environment();
    let key = |name: &str| {
        let found = keys.iter().find(|(known, _)| known == name);
        found
            .map(|(_, value)| value.as_str())
            .expect("it has all three")
    };
    let profiles = format!(
        "[profile assumer]\nrole_arn = {}\nsource_profile = shared\n\n[profile shared]\n\
         aws_access_key_id = {}\naws_secret_access_key = {}\naws_session_token = {}\n",
        hub(),
        key("AWS_ACCESS_KEY_ID"),
        key("AWS_SECRET_ACCESS_KEY"),
        key("AWS_SESSION_TOKEN"),
    );
    sandbox.write("aws-config", &profiles);
    sandbox.write("terrane.hcl", "");
    with_terraform(&sandbox);
    (lab, sandbox)
}

#[test]
fn roles_of_a_profile_are_part_of_the_base_identity() {
    let (_lab, sandbox) = by_profile(World::landing_zone());
    let shown = sandbox.terrane("doctor --filter './1-dev/vpc'");
    let base = shown.lines().nth(1).unwrap_or_default();
    let (base, left) = base
        .split_once(", ends in ")
        .expect("a role's session ends");
    assert_snapshot!(base, @"ok    base  arn:aws:sts::123456789011:assumed-role/infrastructure-assumer-role/terrane  profile assumer ← shared (keys");
    assert!(left.ends_with("m)"), "{left}");
    let hops: Vec<&str> = shown.lines().skip(2).take(2).collect();
    assert_snapshot!(hops.join("\n"), @"
    ok    base → state-mgmt-role @ 0-shared  state of 1 unit
    ok    base → doer-role @ 1-dev           1 unit
    ");

    let (_lab, sandbox) = by_profile(with_role(&json!({
        "arn": hub(),
        "trust": trusting(&[role(SHARED, "somebody")]),
    })));
    assert_snapshot!(looked_at(&sandbox, "./1-dev/vpc", 1), @r#"
    well: engine, files
    stdout:
    FAIL  base  1 unit blocked
          tried      profile assumer ← shared (keys)
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
          note       AWS says the same when there is no such role: check its name first
    skip  base → state-mgmt-role @ 0-shared and 1 more  infrastructure-assumer-role is out of reach
    skip  s3://terraform-state-123456789011  us-east-1  state-mgmt-role @ 0-shared is out of reach

    2 ok, 1 failed, 3 skipped · 2 calls to STS · [TIME]  exit 4
    exit 4
    "#);
}
