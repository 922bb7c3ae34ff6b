//! The landing zone: one hub in the shared account, and siblings behind it.
//!
//! ```text
//! operator (SSO session, shared)
//!   └─ infrastructure-assumer-role (shared)
//!        ├─ doer-role in shared, dev, stage and prod
//!        └─ state-mgmt-role (shared): the state bucket and the lock table, nothing else
//! ```

use serde_json::{Value, json};

const SHARED: &str = "123456789011";
const ACCOUNTS: [(&str, &str); 4] = [
    ("shared", SHARED),
    ("dev", "234567890123"),
    ("stage", "345678901234"),
    ("prod", "456789012345"),
];
const OPERATOR_KEY: &str = "ASIAOPERATOR00000001";

pub(super) fn document() -> Value {
    let accounts: Value = ACCOUNTS.iter().map(|(alias, id)| (*alias, *id)).collect();
    let mut roles = vec![operator(), assumer(), state_management()];
    roles.extend(ACCOUNTS.iter().map(|(_, account)| doer(account)));
    json!({
        "region": "us-east-1",
        "accounts": accounts,
        "roles": roles,
        "operator": OPERATOR_KEY,
        "buckets": [{
            "name": bucket(), "account": SHARED, "region": "us-east-1", "versioned": true,
        }],
        "tables": [{
            "name": table(), "account": SHARED, "region": "us-east-1", "key": "LockID",
        }],
    })
}

/// What an SSO login gives an administrator of the shared account: a running session.
fn operator() -> Value {
    json!({
        "arn": format!("arn:aws:iam::{SHARED}:role/aws-reserved/sso.amazonaws.com/us-west-2/\
                        AWSReservedSSO_AWSAdministratorAccess_0123456789abcdef"),
        "max_session_seconds": 43200,
        "policies": [policy(&json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]))],
        "keys": [{
            "access_key_id": OPERATOR_KEY,
            "secret_access_key": "the-operators-secret-access-key-00000001",
            "session_token": "the-operators-session-token",
            "session_name": "alice@example.com",
        }],
    })
}

/// The hub. It trusts the account's people of one permission set, and may only assume.
fn assumer() -> Value {
    let mut targets: Vec<String> = ACCOUNTS
        .iter()
        .map(|(_, account)| doer_arn(account))
        .collect();
    targets.push(role_arn(SHARED, "state-mgmt-role"));
    json!({
        "arn": assumer_arn(),
        "trust": policy(&json!([{
            "Effect": "Allow",
            "Principal": {"AWS": format!("arn:aws:iam::{SHARED}:root")},
            "Action": assuming(),
            "Condition": {"ArnLike": {"aws:PrincipalArn": format!(
                "arn:aws:iam::{SHARED}:role/aws-reserved/sso.amazonaws.com/*\
                 AWSReservedSSO_AWSAdministratorAccess_*"
            )}},
        }])),
        "policies": [policy(&json!([{
            "Effect": "Allow", "Action": assuming(), "Resource": targets,
        }]))],
    })
}

/// Anything in its own account but the state: there is no grant for bucket and table at all.
fn doer(account: &str) -> Value {
    let state = [bucket_arn(), format!("{}/*", bucket_arn()), table_arn()];
    json!({
        "arn": doer_arn(account),
        "trust": trusting_the_assumer(),
        "policies": [policy(&json!([{
            "Effect": "Allow", "Action": "*", "NotResource": state,
        }]))],
    })
}

fn state_management() -> Value {
    json!({
        "arn": role_arn(SHARED, "state-mgmt-role"),
        "trust": trusting_the_assumer(),
        "policies": [policy(&json!([
            {
                "Effect": "Allow",
                "Action": [
                    "s3:ListBucket", "s3:ListBucketVersions", "s3:GetBucketVersioning",
                    "s3:GetBucketLocation",
                ],
                "Resource": bucket_arn(),
            },
            {
                "Effect": "Allow",
                "Action": [
                    "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObject",
                    "s3:AbortMultipartUpload",
                ],
                "Resource": format!("{}/*", bucket_arn()),
            },
            {
                "Effect": "Allow",
                "Action": [
                    "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:PutItem",
                    "dynamodb:DeleteItem", "dynamodb:Query", "dynamodb:Scan",
                ],
                "Resource": table_arn(),
            },
        ]))],
    })
}

fn trusting_the_assumer() -> Value {
    policy(&json!([{
        "Effect": "Allow", "Principal": {"AWS": assumer_arn()}, "Action": assuming(),
    }]))
}

fn policy(statements: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn assuming() -> Value {
    json!(["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"])
}

fn role_arn(account: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:role/{name}")
}

fn assumer_arn() -> String {
    role_arn(SHARED, "infrastructure-assumer-role")
}

fn doer_arn(account: &str) -> String {
    role_arn(account, "doer-role")
}

fn bucket() -> String {
    format!("terraform-state-{SHARED}")
}

fn table() -> String {
    format!("terraform-state-lock-{SHARED}")
}

fn bucket_arn() -> String {
    format!("arn:aws:s3:::{}", bucket())
}

fn table_arn() -> String {
    format!("arn:aws:dynamodb:us-east-1:{SHARED}:table/{}", table())
}
