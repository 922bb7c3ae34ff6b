//! Buckets and locks that are not as they should be.

use insta::assert_snapshot;
use serde_json::json;
use terrane_lab::{PolicyOf, World};

use super::{
    BUCKET, SHARED, allowing, hub, landing_zone, looked_at, replace, role, trusting, with_role,
};

#[test]
fn a_bucket_that_is_not_there_is_told() {
    let (_lab, sandbox) = landing_zone(World::landing_zone());
    replace(
        &sandbox,
        "root.hcl",
        "\"terraform-state-$",
        "\"terraform-states-$",
    );
    assert_snapshot!(looked_at(&sandbox, "./1-dev/*", 4), @"
    well: base, hub, state role, doer of 1-dev, clock, engine, files
    stdout:
    FAIL  s3://terraform-states-123456789011  us-east-1  4 units blocked
          reason     there is no such bucket
          do         create it, or correct its name; terrane creates none by itself

    7 ok, 1 failed · 8 calls to STS, 1 to S3 · [TIME]  exit 4
    exit 4
    ");
}

#[test]
fn a_bucket_in_another_region_is_told_with_its_region() {
    let (_lab, sandbox) = landing_zone(World::landing_zone());
    replace(&sandbox, "root.hcl", "us-east-1", "eu-central-1");
    assert_snapshot!(looked_at(&sandbox, "./1-dev/*", 4), @r#"
    well: base, hub, state role, doer of 1-dev, clock, engine, files
    stdout:
    FAIL  s3://terraform-state-123456789011  eu-central-1  4 units blocked
          reason     the bucket is in us-east-1, not in eu-central-1
          do         write region = "us-east-1" in the backend

    7 ok, 1 failed · 8 calls to STS, 1 to S3 · [TIME]  exit 4
    exit 4
    "#);
}

#[test]
fn a_bucket_without_versions_and_a_lock_that_is_held_are_warnings() {
    let world = World::landing_zone().with(&json!({"buckets": [
        {"name": BUCKET, "account": SHARED, "region": "us-east-1", "versioned": false},
    ]}));
    let (lab, sandbox) = landing_zone(world.expect("a world"));
    replace(
        &sandbox,
        "root.hcl",
        "    encrypt ",
        "    use_lockfile = true\n    encrypt ",
    );
    let lock = "1-dev/vpc/terraform.tfstate.tflock";
    let stopped = lab.now();
    lab.put_object(BUCKET, lock, "{}")
        .expect("the world has the bucket");
    let shown = looked_at(&sandbox, "./1-dev/*", 4);
    let time = stopped.strftime("%Y-%m-%d").to_string();
    let shown = without_time_of_day(&shown, &time);
    assert_snapshot!(shown, @"
    well: base, hub, state role, doer of 1-dev, lock table, clock, engine, files
    stdout:
    ok    s3://terraform-state-123456789011  us-east-1      0 of 4 states
    warn  s3://terraform-state-123456789011  us-east-1      keeps no versions
          do         switch on versioning: without it a state that is spoilt is lost
    warn  s3://terraform-state-123456789011/1-dev/vpc/terraform.tfstate.tflock  held since [TIME]
          do         if nobody is at work there: terrane force-unlock, in that unit

    9 ok, 2 warnings · 8 calls to STS, 2 to S3, 1 to DynamoDB · [TIME]  exit 0
    exit 0
    ");
}

/// `since 2026-11-21 10:20 UTC` becomes `since [TIME]`.
fn without_time_of_day(text: &str, day: &str) -> String {
    let Some((before, after)) = text.split_once(&format!("{day} ")) else {
        return text.to_owned();
    };
    let rest = after.split_once(" UTC").map_or("", |(_, rest)| rest);
    format!("{before}[TIME]{rest}")
}

#[test]
fn lock_tables_are_opened() {
    let (_lab, sandbox) = landing_zone(World::landing_zone());
    replace(&sandbox, "root.hcl", "terraform-state-lock-$", "locks-$");
    assert_snapshot!(looked_at(&sandbox, "./1-dev/vpc", 1), @r#"
    well: base, hub, state role, doer of 1-dev, bucket, clock, engine, files
    stdout:
    FAIL  DynamoDB table locks-123456789011             1 unit blocked
          AWS says   User: arn:aws:sts::123456789011:assumed-role/state-mgmt-role/terrane is not authorized to perform: dynamodb:GetItem on resource: arn:aws:dynamodb:us-east-1:123456789011:table/locks-123456789011 because no identity-based policy allows the dynamodb:GetItem action
          add to     a policy of arn:aws:iam::123456789011:role/state-mgmt-role
                     {
                       "Effect": "Allow",
                       "Action": [
                         "dynamodb:DescribeTable",
                         "dynamodb:GetItem",
                         "dynamodb:PutItem",
                         "dynamodb:DeleteItem"
                       ],
                       "Resource": "arn:aws:dynamodb:us-east-1:123456789011:table/locks-123456789011"
                     }

    8 ok, 1 failed · 8 calls to STS, 2 to S3, 1 to DynamoDB · [TIME]  exit 4
    exit 4
    "#);

    let world = World::landing_zone().with(&json!({"tables": [
        {"name": "locks-123456789011", "account": SHARED, "key": "Id"},
    ]}));
    let (lab, sandbox) = landing_zone(world.expect("a world"));
    lab.add_statement(
        PolicyOf::Principals("*state-mgmt-role"),
        &json!({"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "*"}),
    )
    .expect("a statement");
    replace(&sandbox, "root.hcl", "terraform-state-lock-$", "locks-$");
    assert_snapshot!(looked_at(&sandbox, "./1-dev/vpc", 1), @"
    well: base, hub, state role, doer of 1-dev, bucket, clock, engine, files
    stdout:
    FAIL  DynamoDB table locks-123456789011             1 unit blocked
          reason     its key is not LockID, the one that terraform uses
          do         make the table anew with the partition key LockID, a string

    8 ok, 1 failed · 8 calls to STS, 2 to S3, 1 to DynamoDB · [TIME]  exit 4
    exit 4
    ");
}

#[test]
fn a_state_role_that_may_not_list_or_lock_is_told_with_what_to_add() {
    let (_lab, sandbox) = landing_zone(with_role(&json!({
        "arn": role(SHARED, "state-mgmt-role"),
        "trust": trusting(&[hub()]),
        "policies": [allowing(&json!("s3:GetObject"), &json!("*"))],
    })));
    assert_snapshot!(looked_at(&sandbox, "./1-dev/vpc", 1), @r#"
    well: base, hub, state role, doer of 1-dev, clock, engine, files
    stdout:
    FAIL  s3://terraform-state-123456789011  us-east-1      1 unit blocked
          AWS says   User: arn:aws:sts::123456789011:assumed-role/state-mgmt-role/terrane is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::terraform-state-123456789011" because no identity-based policy allows the s3:ListBucket action
          add to     a policy of arn:aws:iam::123456789011:role/state-mgmt-role
                     {
                       "Effect": "Allow",
                       "Action": "s3:ListBucket",
                       "Resource": "arn:aws:s3:::terraform-state-123456789011"
                     }
    skip  s3://terraform-state-123456789011  us-east-1      whether it keeps versions cannot be seen: access denied (s3:GetBucketVersioning)
    FAIL  DynamoDB table terraform-state-lock-123456789011  1 unit blocked
          AWS says   User: arn:aws:sts::123456789011:assumed-role/state-mgmt-role/terrane is not authorized to perform: dynamodb:GetItem on resource: arn:aws:dynamodb:us-east-1:123456789011:table/terraform-state-lock-123456789011 because no identity-based policy allows the dynamodb:GetItem action
          add to     a policy of arn:aws:iam::123456789011:role/state-mgmt-role
                     {
                       "Effect": "Allow",
                       "Action": [
                         "dynamodb:DescribeTable",
                         "dynamodb:GetItem",
                         "dynamodb:PutItem",
                         "dynamodb:DeleteItem"
                       ],
                       "Resource": "arn:aws:dynamodb:us-east-1:123456789011:table/terraform-state-lock-123456789011"
                     }

    7 ok, 2 failed, 1 skipped · 8 calls to STS, 3 to S3, 1 to DynamoDB · [TIME]  exit 4
    exit 4
    "#);
}
