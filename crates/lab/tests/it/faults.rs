//! Each way in which a call can be made to go wrong.

use std::time::{Duration, Instant};

use serde_json::json;
use terrane_lab::{Fault, Lab};

use crate::client::{ASSUMER, BUCKET, DEV_DOER, Program, STATE, TABLE, landing_zone, s3};

fn state_management() -> (Lab, Program) {
    let lab = landing_zone();
    lab.put_object(BUCKET, "key", "0123456789")
        .expect("the bucket is there");
    let program = Program::in_role(&lab, STATE);
    lab.clear_record();
    (lab, program)
}

#[test]
fn an_answer_replaces_the_call_as_often_as_asked() {
    let (lab, mut state) = state_management();
    lab.add_fault(
        Fault::on("s3:PutObject")
            .answering(503, "SlowDown")
            .skip(1)
            .times(2),
    );
    let statuses = [(); 4].map(|()| state.put("/new", "x").status);
    assert_eq!(statuses, [200, 503, 503, 200]);
    assert_eq!(lab.calls().faulted().len(), 2);
    assert_eq!(state.get("/key").status, 200);
}

#[test]
fn an_answer_is_in_the_words_of_its_service() {
    let (lab, mut state) = state_management();
    lab.add_fault(Fault::on("*").answering_with(400, "Throttling", "Rate exceeded"));
    assert_eq!(state.get("/key").summary(), "400 Throttling: Rate exceeded");
    assert_eq!(
        state.sts("GetCallerIdentity", &[]).summary(),
        "400 Throttling: Rate exceeded"
    );
    let throttled = state.dynamodb("GetItem", &json!({"TableName": TABLE}));
    assert_eq!(throttled.code(), "Throttling");
}

#[test]
fn a_fault_strikes_one_principal_and_one_resource() {
    let (lab, mut state) = state_management();
    let mut doer = Program::in_role(&lab, DEV_DOER);
    let fault = Fault::on("sts:GetCallerIdentity")
        .by("*/doer-role/*")
        .answering(500, "Oops");
    lab.add_fault(fault);
    lab.add_fault(Fault::on("s3:*").to("*/other").answering(500, "Oops"));
    assert_eq!(state.sts("GetCallerIdentity", &[]).status, 200);
    assert_eq!(doer.sts("GetCallerIdentity", &[]).status, 500);
    assert_eq!(state.get("/key").status, 200);
    assert_eq!(state.get("/other").status, 500);
    lab.clear_faults();
    assert_eq!(state.get("/other").status, 404);
}

#[test]
fn a_dropped_call_was_not_made_and_a_lost_answer_was() {
    let (lab, mut state) = state_management();
    lab.add_fault(Fault::on("s3:PutObject").dropping_before().once());
    assert!(state.try_call(s3("PUT", "/new").body("x")).is_err());
    assert_eq!(lab.object(BUCKET, "new"), None);
    lab.add_fault(Fault::on("s3:PutObject").dropping_after().once());
    assert!(state.try_call(s3("PUT", "/new").body("x")).is_err());
    assert_eq!(lab.object(BUCKET, "new").as_deref(), Some(&b"x"[..]));
    insta::assert_snapshot!(lab.calls().tally(), @r"
    1 state-mgmt-role@shared s3:PutObject 200 (drop_after)
    1 state-mgmt-role@shared s3:PutObject unanswered (drop_before)
    ");
}

#[test]
fn a_lost_answer_to_a_conditional_put_meets_its_own_lock() {
    let (lab, mut state) = state_management();
    lab.add_fault(Fault::on("dynamodb:PutItem").dropping_after().once());
    let lock = json!({
        "TableName": TABLE, "Item": {"LockID": {"S": "bucket/key"}, "Info": {"S": "me"}},
        "ConditionExpression": "attribute_not_exists(LockID)",
    });
    let lost = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        state.dynamodb("PutItem", &lock)
    }));
    assert!(lost.is_err());
    let retried = Program::in_role(&lab, STATE).dynamodb("PutItem", &lock);
    assert_eq!(retried.code(), "ConditionalCheckFailedException");
    assert_eq!(lab.locks()[0].info, "me");
}

#[test]
fn a_truncated_body_breaks_off_and_the_next_call_is_whole() {
    let (lab, mut state) = state_management();
    lab.add_fault(Fault::on("s3:GetObject").truncating_to(4).once());
    let broken = state
        .try_call(s3("GET", "/key"))
        .expect_err("the body ends early");
    assert_eq!(broken.kind(), std::io::ErrorKind::UnexpectedEof);
    assert_eq!(state.get("/key").text(), "0123456789");
}

#[test]
fn a_slow_body_takes_its_time() {
    let (lab, mut state) = state_management();
    lab.add_fault(Fault::on("s3:GetObject").slowing_to(100).once());
    let began = Instant::now();
    assert_eq!(state.get("/key").text(), "0123456789");
    assert!(
        began.elapsed() >= Duration::from_millis(100),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn a_delayed_call_is_handled_later() {
    let (lab, mut state) = state_management();
    let delay = Duration::from_millis(50);
    lab.add_fault(Fault::on("s3:HeadObject").delaying(delay).once());
    let began = Instant::now();
    assert_eq!(state.call(s3("HEAD", "/key")).status, 200);
    assert!(began.elapsed() >= delay, "{:?}", began.elapsed());
    assert!(lab.record()[0].ms >= 50.0);
}

#[test]
fn garbage_is_no_answer_of_aws() {
    let (lab, mut state) = state_management();
    lab.add_fault(Fault::on("*").garbling().times(2));
    let answer = state.get("/key");
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("text/html"))
    );
    assert!(std::str::from_utf8(&answer.body).is_err());
    let identity = state.sts("GetCallerIdentity", &[]);
    assert_eq!(identity.element("Arn"), "");
}

#[test]
fn a_session_can_end_in_the_middle() {
    let (lab, mut state) = state_management();
    lab.add_fault(Fault::on("s3:PutObject").expiring().once());
    assert_eq!(state.get("/key").status, 200);
    assert_eq!(
        state.put("/key", "new").summary(),
        "400 ExpiredToken: The provided token has expired."
    );
    assert_eq!(state.get("/key").code(), "ExpiredToken");
    assert_eq!(
        Program::in_role(&lab, STATE).get("/key").text(),
        "0123456789"
    );
}

#[test]
fn a_redirect_names_another_place() {
    let (lab, mut state) = state_management();
    lab.add_fault(
        Fault::on("s3:GetObject")
            .redirecting_to("http://169.254.169.254/")
            .once(),
    );
    let answer = state.get("/key");
    assert_eq!(
        (answer.status, answer.header("location")),
        (307, Some("http://169.254.169.254/"))
    );
}

#[test]
fn the_date_of_an_answer_can_be_wrong() {
    let (lab, mut state) = state_management();
    let date_of = |state: &mut Program| {
        let answer = state.get("/key");
        let date = answer
            .header("date")
            .expect("every answer is dated")
            .to_owned();
        jiff::fmt::rfc2822::parse(&date)
            .expect("an HTTP date")
            .timestamp()
    };
    let honest = date_of(&mut state);
    lab.add_fault(Fault::on("*").skewing_date_by(7200).once());
    let skewed = date_of(&mut state);
    let ahead = skewed.duration_since(honest).as_secs();
    assert!((7199..=7205).contains(&ahead), "{ahead} seconds ahead");
}

#[test]
fn an_answer_that_http_cannot_carry_becomes_one_that_it_can() {
    let (lab, mut state) = state_management();
    lab.add_fault(Fault::on("s3:GetObject").answering(99, "Impossible").once());
    assert_eq!(state.get("/key").status, 500);
    assert_eq!(state.get("/key").status, 200);
}

#[test]
fn an_unsigned_caller_can_be_struck_too() {
    let lab = landing_zone();
    lab.add_fault(Fault::on("sts:AssumeRole").by("").answering(500, "Oops"));
    let refused = Program::new(&lab, None).assume(ASSUMER, &[]);
    assert_eq!(refused.code(), "Oops");
    assert_eq!(Program::operator(&lab).assume(ASSUMER, &[]).status, 200);
}
