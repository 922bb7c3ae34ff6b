//! The lock table: conditions, races, and who may touch it.

use std::thread;

use serde_json::{Value, json};
use terrane_lab::{Lab, LockKind};

use crate::client::{DEV_DOER, Program, STATE, TABLE, landing_zone};

fn lock_table() -> (Lab, Program) {
    let lab = landing_zone();
    let program = Program::in_role(&lab, STATE);
    (lab, program)
}

fn lock(holder: &str) -> Value {
    json!({
        "TableName": TABLE,
        "Item": {"LockID": {"S": "bucket/key"}, "Info": {"S": holder}},
        "ConditionExpression": "attribute_not_exists(LockID)",
    })
}

fn key() -> Value {
    json!({"TableName": TABLE, "Key": {"LockID": {"S": "bucket/key"}}})
}

#[test]
fn a_lock_is_taken_once_and_free_again_when_released() {
    let (lab, mut state) = lock_table();
    assert_eq!(state.dynamodb("PutItem", &lock("me")).status, 200);
    assert_eq!(
        state.dynamodb("PutItem", &lock("you")).summary(),
        "400 com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException: The conditional \
         request failed"
    );
    let held = state.dynamodb("GetItem", &key()).json();
    assert_eq!(held["Item"]["Info"]["S"], "me");
    let locks = lab.locks();
    assert_eq!(locks.len(), 1);
    assert_eq!(
        (locks[0].kind, locks[0].id.as_str()),
        (LockKind::Item, "bucket/key")
    );
    assert_eq!(state.dynamodb("DeleteItem", &key()).status, 200);
    assert_eq!(state.dynamodb("GetItem", &key()).json(), json!({}));
    assert_eq!(state.dynamodb("PutItem", &lock("you")).status, 200);
}

#[test]
fn of_many_who_want_a_lock_at_once_one_gets_it() {
    let (lab, state) = lock_table();
    let keys = state.keys.expect("a session");
    let won: usize = thread::scope(|scope| {
        let racers: Vec<_> = (0..32)
            .map(|racer| {
                let mut program = Program::new(&lab, Some(keys.clone()));
                scope.spawn(move || {
                    let answer = program.dynamodb("PutItem", &lock(&format!("racer {racer}")));
                    usize::from(answer.status == 200)
                })
            })
            .collect();
        racers
            .into_iter()
            .map(|racer| racer.join().expect("no racer panics"))
            .sum()
    });
    assert_eq!(won, 1);
    assert_eq!(
        lab.calls()
            .failing_with("ConditionalCheckFailedException")
            .len(),
        31
    );
}

#[test]
fn a_lock_is_released_only_by_its_holder_if_the_condition_says_so() {
    let (_lab, mut state) = lock_table();
    state.dynamodb("PutItem", &lock("me"));
    let release = |holder: &str| {
        let mut release = key();
        release["ConditionExpression"] = "#i = :me".into();
        release["ExpressionAttributeNames"] = json!({"#i": "Info"});
        release["ExpressionAttributeValues"] = json!({":me": {"S": holder}});
        release["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD".into();
        release
    };
    let refused = state.dynamodb("DeleteItem", &release("you"));
    assert_eq!(refused.code(), "ConditionalCheckFailedException");
    assert_eq!(refused.json()["Item"]["Info"]["S"], "me");
    assert_eq!(state.dynamodb("DeleteItem", &release("me")).status, 200);
}

#[test]
fn items_are_scanned_and_queried_page_by_page() {
    let (lab, mut state) = lock_table();
    for id in ["a", "b", "b-md5", "c"] {
        let item = json!({"LockID": {"S": id}, "Info": {"S": id}});
        let item = item.as_object().expect("an object").clone();
        lab.put_item(TABLE, item).expect("the table is there");
    }
    let mut found = Vec::new();
    let mut page = json!({"TableName": TABLE, "Limit": 3, "ProjectionExpression": "LockID",
                          "FilterExpression": "NOT contains(LockID, :md5)",
                          "ExpressionAttributeValues": {":md5": {"S": "-md5"}}});
    loop {
        let answer = state.dynamodb("Scan", &page).json();
        found.extend(answer["Items"].as_array().expect("items").clone());
        if answer["LastEvaluatedKey"].is_null() {
            break;
        }
        page["ExclusiveStartKey"] = answer["LastEvaluatedKey"].clone();
    }
    let expected = ["a", "b", "c"].map(|id| json!({"LockID": {"S": id}}));
    assert_eq!(found, expected);

    let query = json!({"TableName": TABLE, "KeyConditionExpression": "LockID = :id",
                       "ExpressionAttributeValues": {":id": {"S": "c"}}});
    assert_eq!(state.dynamodb("Query", &query).json()["Count"], 1);
}

#[test]
fn only_state_management_reaches_the_table() {
    let lab = landing_zone();
    let shared_doer = "arn:aws:iam::123456789011:role/doer-role";
    let mut neighbour = Program::in_role(&lab, shared_doer);
    let refused = neighbour.dynamodb("GetItem", &key());
    assert_eq!(refused.code(), "AccessDeniedException");
    let message = refused.json()["message"]
        .as_str()
        .expect("a message")
        .to_owned();
    assert!(
        message.contains("is not authorized to perform: dynamodb:GetItem"),
        "{message}"
    );
    // In another account the same name is another table, which is not there.
    let mut stranger = Program::in_role(&lab, DEV_DOER);
    assert_eq!(
        stranger.dynamodb("GetItem", &key()).code(),
        "ResourceNotFoundException"
    );
}

#[test]
fn a_table_describes_itself_and_a_wrong_request_is_told_why() {
    let (_lab, mut state) = lock_table();
    let table = state
        .dynamodb("DescribeTable", &json!({"TableName": TABLE}))
        .json();
    assert_eq!(table["Table"]["TableStatus"], "ACTIVE");
    assert_eq!(table["Table"]["KeySchema"][0]["AttributeName"], "LockID");
    let mut answers = Vec::new();
    for (operation, document) in [
        (
            "GetItem",
            json!({"TableName": TABLE, "Key": {"Id": {"S": "x"}}}),
        ),
        ("GetItem", json!({"TableName": TABLE})),
        (
            "PutItem",
            json!({"TableName": TABLE, "Item": {"LockID": {"S": "x"}},
                           "ConditionExpression": "attribute_exists(LockID"}),
        ),
    ] {
        answers.push(state.dynamodb(operation, &document).summary());
    }
    insta::assert_snapshot!(answers.join("\n"), @r#"
    400 com.amazon.coral.validate#ValidationException: The provided key element does not match the schema
    400 com.amazon.coral.validate#ValidationException: 1 validation error detected: Value null at 'Key' failed to satisfy constraint: Member must not be null
    400 com.amazon.coral.validate#ValidationException: Invalid ConditionExpression: Syntax error; token: "<EOF>"
    "#);
}
