//! What opens the states: buckets, locks and keys, for roles and for single sessions.

use super::*;

#[test]
fn a_state_role_opens_exactly_the_states() {
    let mut footprint = landing_zone();
    let state = hub().then(assumption(SHARED, "state"));
    footprint.opens(&state, &state_of("0-shared/vpc"), Touch::Reads);
    assert_snapshot!(policy(&footprint, &role(SHARED, "state")), @r#"
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "ListStates",
          "Effect": "Allow",
          "Action": "s3:ListBucket",
          "Resource": "arn:aws:s3:::states",
          "Condition": {
            "StringLikeIfExists": {
              "s3:prefix": [
                "0-shared/vpc/terraform.tfstate",
                "1-dev/vpc/terraform.tfstate",
                "env:/*"
              ]
            }
          }
        },
        {
          "Sid": "ReadStates",
          "Effect": "Allow",
          "Action": "s3:GetObject",
          "Resource": "arn:aws:s3:::states/0-shared/vpc/terraform.tfstate"
        },
        {
          "Sid": "WriteStates",
          "Effect": "Allow",
          "Action": [
            "s3:GetObject",
            "s3:PutObject"
          ],
          "Resource": "arn:aws:s3:::states/1-dev/vpc/terraform.tfstate"
        },
        {
          "Sid": "LockFiles",
          "Effect": "Allow",
          "Action": [
            "s3:GetObject",
            "s3:PutObject",
            "s3:DeleteObject"
          ],
          "Resource": "arn:aws:s3:::states/1-dev/vpc/terraform.tfstate.tflock"
        }
      ]
    }
    "#);
}

#[test]
fn a_lock_table_is_opened_for_the_items_of_the_states() {
    let mut footprint = Footprint::default();
    let state = hub().then(assumption(SHARED, "state"));
    let mut locked = state_of("1-dev/vpc");
    locked.lock.lock_file = false;
    locked.lock.dynamodb_table = Some("locks".to_owned());
    footprint.opens(&state, &locked, Touch::Writes);
    let text = policy(&footprint, &role(SHARED, "state"));
    let statement = text.find("\"Sid\": \"LockItems\"").expect("a statement");
    assert_snapshot!(&text[statement..], @r#"
    "Sid": "LockItems",
          "Effect": "Allow",
          "Action": [
            "dynamodb:DescribeTable",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:DeleteItem"
          ],
          "Resource": "arn:aws:dynamodb:eu-west-1:000000000000:table/locks",
          "Condition": {
            "ForAllValues:StringLike": {
              "dynamodb:LeadingKeys": [
                "states/1-dev/vpc/terraform.tfstate",
                "states/1-dev/vpc/terraform.tfstate-md5"
              ]
            }
          }
        }
      ]
    }
    "#);
}

#[test]
fn a_kms_key_is_named_in_each_way_that_backends_name_it() {
    let statement = |key: &str| {
        let mut footprint = Footprint::default();
        let state = hub().then(assumption(SHARED, "state"));
        let mut encrypted = state_of("1-dev/vpc");
        encrypted.kms_key_id = Some(key.to_owned());
        footprint.opens(&state, &encrypted, Touch::Writes);
        let actor = Actor::Role(role(SHARED, "state"));
        let document = footprint.policy_of(&actor, KeyShape::Exact, Workspaces::Default);
        let keys = document
            .statements
            .into_iter()
            .find(|one| one.sid == "Keys");
        let keys = keys.expect("a statement");
        let condition = keys.conditions.first().map(|one| one.values.join(","));
        format!(
            "{} {}",
            keys.resources.join(","),
            condition.unwrap_or_default()
        )
    };
    let arn = "arn:aws:kms:eu-west-1:222222222222:key/1234";
    assert_eq!(statement(arn), format!("{arn} "));
    assert_eq!(
        statement("1234"),
        "arn:aws:kms:eu-west-1:000000000000:key/1234 "
    );
    assert_eq!(
        statement("alias/state"),
        "arn:aws:kms:eu-west-1:000000000000:key/* alias/state"
    );
    assert_eq!(
        statement("arn:aws:kms:eu-west-1:222222222222:alias/state"),
        "arn:aws:kms:eu-west-1:222222222222:key/* alias/state"
    );
}

#[test]
fn arns_are_of_the_partition_of_the_role() {
    let mut footprint = Footprint::default();
    let role: RoleArn = "arn:aws-us-gov:iam::000000000000:role/state"
        .parse()
        .expect("a role");
    let chain = RoleChain::base().then(Assumption {
        role: role.clone(),
        ..assumption(SHARED, "state")
    });
    footprint.opens(&chain, &state_of("1-dev/vpc"), Touch::Writes);
    let text = policy(&footprint, &role);
    assert!(
        text.contains("arn:aws-us-gov:s3:::states/1-dev/vpc"),
        "{text}"
    );
    assert!(!text.contains("arn:aws:"), "{text}");
}

#[test]
fn folders_stand_for_all_units_in_them() {
    let mut footprint = Footprint::default();
    let state = hub().then(assumption(SHARED, "state"));
    for unit in ["1-dev/vpc", "1-dev/eks", "0-shared/vpc"] {
        footprint.opens(&state, &state_of(unit), Touch::Writes);
    }
    let actor = Actor::Role(role(SHARED, "state"));
    let document = footprint.policy_of(&actor, KeyShape::Folders, Workspaces::Default);
    let resources = |sid: &str| {
        let mut statements = document.statements.iter();
        let statement = statements.find(|statement| statement.sid == sid);
        statement.expect("a statement").resources.join(" ")
    };
    assert_eq!(
        resources("WriteStates"),
        "arn:aws:s3:::states/0-shared/* arn:aws:s3:::states/1-dev/*"
    );
    // States themselves are never deleted.
    assert_eq!(
        resources("LockFiles"),
        "arn:aws:s3:::states/0-shared/*.tflock arn:aws:s3:::states/1-dev/*.tflock"
    );
}

#[test]
fn a_session_is_confined_to_the_state_of_its_unit() {
    let (policy, cut) = confined_to(&state_of("1-dev/vpc"), &role(SHARED, "state")).expect("short");
    assert_eq!(cut, None);
    let document: serde_json::Value = serde_json::from_str(&policy.0).expect("JSON");
    let text = serde_json::to_string_pretty(&document).expect("JSON");
    assert_snapshot!(text, @r#"
    {
      "Statement": [
        {
          "Action": "s3:ListBucket",
          "Condition": {
            "StringLikeIfExists": {
              "s3:prefix": [
                "1-dev/vpc/terraform.tfstate",
                "env:/*",
                "env:/*/1-dev/vpc/terraform.tfstate"
              ]
            }
          },
          "Effect": "Allow",
          "Resource": "arn:aws:s3:::states"
        },
        {
          "Action": [
            "s3:GetObject",
            "s3:PutObject"
          ],
          "Effect": "Allow",
          "Resource": [
            "arn:aws:s3:::states/1-dev/vpc/terraform.tfstate",
            "arn:aws:s3:::states/env:/*/1-dev/vpc/terraform.tfstate"
          ]
        },
        {
          "Action": [
            "s3:GetObject",
            "s3:PutObject",
            "s3:DeleteObject"
          ],
          "Effect": "Allow",
          "Resource": [
            "arn:aws:s3:::states/1-dev/vpc/terraform.tfstate.tflock",
            "arn:aws:s3:::states/env:/*/1-dev/vpc/terraform.tfstate.tflock"
          ]
        },
        {
          "Action": [
            "kms:Decrypt",
            "kms:Encrypt",
            "kms:GenerateDataKey"
          ],
          "Effect": "Allow",
          "Resource": "*"
        }
      ],
      "Version": "2012-10-17"
    }
    "#);
}

#[test]
fn a_key_that_is_too_long_for_a_session_policy_is_cut_and_that_is_said() {
    let long = format!("1-dev/{}", "very-long-name/".repeat(60));
    let (policy, cut) = confined_to(&state_of(&long), &role(SHARED, "state")).expect("short");
    assert!(policy.0.len() <= 2048, "{}", policy.0.len());
    let cut = cut.expect("it was too long");
    assert!(cut.ends_with('*') && long.starts_with(cut.trim_end_matches('*')));
    assert!(cut.len() > "1-dev/".len(), "{cut}");
}
