//! The controls by HTTP, as another process uses them, and the end of a lab.

use std::net::TcpStream;

use serde_json::{Value, json};
use terrane_lab::{Call, Lab};

use crate::client::{ASSUMER, BUCKET, DEV_DOER, Program, STATE, TABLE, ask, landing_zone};

/// An unsigned request to the control plane.
fn control(lab: &Lab, method: &'static str, what: &str, body: &str) -> (u16, String) {
    let mut program = Program::new(lab, None);
    let host = program.host().to_owned();
    let ask = ask("", method, &format!("/_lab/{what}"))
        .header("host", &host)
        .body(body);
    let response = program.send(&ask).expect("an answer");
    (response.status, response.text())
}

fn done(lab: &Lab, method: &'static str, what: &str, body: &Value) -> Value {
    let (status, text) = control(lab, method, what, &body.to_string());
    assert_eq!(status, 200, "{text}");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn the_record_is_read_line_by_line_from_where_one_left_off() {
    let lab = landing_zone();
    Program::in_role(&lab, STATE).get("/missing");
    let (_, text) = control(&lab, "GET", "record", "");
    let calls: Vec<Call> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("a call for each line"))
        .collect();
    assert_eq!(calls, lab.record());
    let (_, text) = control(&lab, "GET", "record?since=2", "");
    assert_eq!(text.lines().count(), 1);
    done(&lab, "DELETE", "record", &Value::Null);
    assert!(lab.record().is_empty());
    Program::operator(&lab).sts("GetCallerIdentity", &[]);
    assert_eq!(lab.record()[0].seq, 4, "numbers are never given twice");
}

#[test]
fn a_call_says_who_did_what_in_which_session() {
    let lab = landing_zone();
    let mut state = Program::in_role(&lab, STATE);
    state.get("/1-dev/vpc/terraform.tfstate");
    let record = lab.record();
    let issued = record[1]
        .issued
        .as_ref()
        .expect("the second call opened a session");
    assert_eq!(
        (issued.number, issued.role_arn.as_str(), issued.chained),
        (2, STATE, true)
    );
    assert_eq!(
        (issued.seconds, issued.session_name.as_str()),
        (3600, "test")
    );
    let read = &record[2];
    assert_eq!(read.session, Some(2));
    assert_eq!(read.key.as_deref(), Some(issued.key.as_str()));
    assert_eq!(read.role.as_deref(), Some("state-mgmt-role"));
    assert_eq!(read.account_alias.as_deref(), Some("shared"));
    assert_eq!(
        read.resource,
        format!("arn:aws:s3:::{BUCKET}/1-dev/vpc/terraform.tfstate")
    );
    assert_eq!(
        (read.status, read.error.as_deref()),
        (Some(404), Some("NoSuchKey"))
    );
}

#[test]
fn questions_to_the_record_read_like_sentences() {
    let lab = landing_zone();
    let mut doer = Program::in_role(&lab, DEV_DOER);
    doer.ssm(
        "PutParameter",
        &json!({"Name": "a", "Value": "1", "Type": "String"}),
    );
    doer.get("/state");
    Program::in_role(&lab, STATE).put("/state", "{}");
    assert_eq!(
        lab.calls()
            .by("doer-role")
            .in_account("dev")
            .of("ssm:*")
            .len(),
        1
    );
    assert_eq!(
        lab.calls()
            .of("s3:*")
            .not_by("state-mgmt-role")
            .refused()
            .len(),
        1
    );
    assert!(
        lab.calls()
            .of("s3:*")
            .not_by("state-mgmt-role")
            .succeeding()
            .is_empty()
    );
    assert_eq!(lab.calls().of("sts:AssumeRole").on(STATE).len(), 1);
    assert_eq!(
        lab.calls()
            .by("*assumed-role/infrastructure-assumer-role/*")
            .len(),
        2
    );
    insta::assert_snapshot!(lab.calls().tally(), @r"
    2 AWSReservedSSO_AWSAdministratorAccess_0123456789abcdef@shared sts:AssumeRole 123456789011/infrastructure-assumer-role 200
    1 doer-role@dev s3:GetObject 403 AccessDenied
    1 doer-role@dev ssm:PutParameter 200
    1 infrastructure-assumer-role@shared sts:AssumeRole 123456789011/state-mgmt-role 200
    1 infrastructure-assumer-role@shared sts:AssumeRole 234567890123/doer-role 200
    1 state-mgmt-role@shared s3:PutObject 200
    ");
}

#[test]
fn faults_come_and_go() {
    let lab = landing_zone();
    let fault = json!({"action": "sts:GetCallerIdentity", "times": 1,
                       "effect": {"answer": {"status": 503, "code": "ServiceUnavailable"}}});
    done(&lab, "POST", "faults", &fault);
    let mut operator = Program::operator(&lab);
    assert_eq!(
        operator.sts("GetCallerIdentity", &[]).code(),
        "ServiceUnavailable"
    );
    assert_eq!(operator.sts("GetCallerIdentity", &[]).status, 200);
    let left = done(&lab, "GET", "faults", &Value::Null);
    assert_eq!(left[0]["times"], 0);
    assert_eq!(done(&lab, "DELETE", "faults", &Value::Null), json!([]));
    let (status, problem) = control(&lab, "POST", "faults", r#"{"effect": "explode"}"#);
    assert_eq!(status, 400);
    assert!(problem.contains("unknown variant `explode`"), "{problem}");
}

#[test]
fn sessions_are_shortened_and_ended() {
    let lab = landing_zone();
    done(&lab, "PUT", "session-seconds", &json!(8));
    let mut assumer = Program::operator(&lab).assuming(ASSUMER);
    let issued = lab
        .record()
        .pop()
        .and_then(|call| call.issued)
        .expect("a session");
    assert_eq!(issued.seconds, 8);
    assert_eq!(
        done(&lab, "POST", "expire", &json!({"role": "*assumer*"}))["expired"],
        1
    );
    assert_eq!(assumer.assume(STATE, &[]).code(), "ExpiredToken");
    done(&lab, "PUT", "session-seconds", &Value::Null);
    Program::operator(&lab).assuming(ASSUMER);
    let issued = lab
        .record()
        .pop()
        .and_then(|call| call.issued)
        .expect("a session");
    assert_eq!(issued.seconds, 3600);
    done(&lab, "PUT", "clock", &json!({"skew_seconds": 3601}));
    assert_eq!(
        Program::operator(&lab).assume(ASSUMER, &[]).code(),
        "SignatureDoesNotMatch"
    );
}

#[test]
fn statements_come_and_go() {
    let lab = landing_zone();
    let mut doer = Program::in_role(&lab, DEV_DOER);
    let place = json!({"of": "principals", "name": "*:role/doer-role", "sid": "NoParameters"});
    let mut added = place.clone();
    added["statement"] =
        json!({"Sid": "NoParameters", "Effect": "Deny", "Action": "ssm:*", "Resource": "*"});
    assert_eq!(done(&lab, "POST", "statements", &added)["changed"], 4);
    assert_eq!(
        doer.ssm("DescribeParameters", &json!({})).code(),
        "AccessDeniedException"
    );
    assert_eq!(done(&lab, "DELETE", "statements", &place)["changed"], 4);
    assert_eq!(doer.ssm("DescribeParameters", &json!({})).status, 200);
}

#[test]
fn objects_and_items_are_read_and_seeded() {
    let lab = landing_zone();
    let object = format!("objects/{BUCKET}/1-dev/vpc/terraform.tfstate");
    control(&lab, "PUT", &object, "{\"version\": 4}");
    assert_eq!(control(&lab, "GET", &object, "").1, "{\"version\": 4}");
    let keys = done(&lab, "GET", &format!("objects/{BUCKET}"), &Value::Null);
    assert_eq!(keys, json!(["1-dev/vpc/terraform.tfstate"]));
    control(&lab, "DELETE", &object, "");
    assert_eq!(control(&lab, "GET", &object, "").0, 404);
    control(
        &lab,
        "PUT",
        &format!("objects/{BUCKET}/1-dev/vpc.tflock"),
        "{\"Who\": \"me\"}",
    );

    let item = json!({"LockID": {"S": "b/k"}, "Info": {"S": "held"}});
    done(&lab, "PUT", &format!("items/{TABLE}"), &item);
    assert_eq!(
        done(&lab, "GET", &format!("items/{TABLE}"), &Value::Null),
        json!([item])
    );
    let locks = done(&lab, "GET", "locks", &Value::Null);
    assert_eq!(
        locks,
        json!([
            {"kind": "item", "place": TABLE, "id": "b/k", "info": "held"},
            {"kind": "object", "place": BUCKET, "id": "1-dev/vpc.tflock",
             "info": "{\"Who\": \"me\"}"},
        ])
    );
    let (status, problem) = control(&lab, "PUT", "objects/nowhere/key", "");
    assert_eq!(
        (status, problem.as_str()),
        (400, r#"{"error":"the world has no bucket nowhere"}"#)
    );
    assert_eq!(control(&lab, "GET", "nothing", "").0, 404);
    assert!(lab.record().is_empty(), "controls are no calls");
}

#[test]
fn a_lab_that_is_gone_leaves_its_port() {
    let lab = landing_zone();
    let address = lab.endpoint().trim_start_matches("http://").to_owned();
    let mut idle = Program::operator(&lab);
    assert_eq!(idle.sts("GetCallerIdentity", &[]).status, 200);
    drop(lab);
    assert!(TcpStream::connect(&address).is_err());
}
