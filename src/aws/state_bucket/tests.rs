//! Under a paused clock, against an AWS that counts.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use futures_util::future::join_all;
use tokio::sync::mpsc::unbounded_channel;

use super::*;
use crate::aws::fake::{FakeAws, answer};
use crate::aws::{NoCredentials, WallClock};

fn bench() -> (FakeAws, StateBucket<FakeAws>) {
    let clock = WallClock::starting_at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000));
    let aws = FakeAws::new(clock);
    let (tell, _) = unbounded_channel();
    let sessions = RoleSessions::new(aws.clone(), clock, tell);
    (aws, StateBucket::new(sessions))
}

fn vpc() -> StateLocation {
    let mut state = S3State::new("bucket", "vpc.tfstate");
    state.region = Some("eu-central-1".into());
    StateLocation::S3(Box::new(state))
}

/// A state whose `resources` come before or after its outputs, and weigh that many bytes.
fn state(id: &str, resource_bytes: usize, outputs_late: bool) -> String {
    let resources = format!(r#""resources": ["{}"]"#, "x".repeat(resource_bytes));
    let outputs = format!(r#""outputs": {{"id": {{"value": "{id}", "type": "string"}}}}"#);
    let (first, second) = if outputs_late {
        (resources, outputs)
    } else {
        (outputs, resources)
    };
    let serial = if id == "one" { 1 } else { 2 };
    format!(r#"{{"version": 4, "serial": {serial}, "lineage": "l", {first}, {second}}}"#)
}

async fn id(bucket: &StateBucket<FakeAws>) -> String {
    let outputs = bucket
        .read(&vpc(), &RoleChain::base())
        .await
        .expect("outputs");
    outputs.require("id").expect("an id").value.get().to_owned()
}

/// What is said when the call fails that way, and what to do.
async fn said(call: &str, error: AwsError) -> String {
    let (aws, bucket) = bench();
    aws.fail_with(call, 100, error);
    let error = bucket
        .read(&vpc(), &RoleChain::base())
        .await
        .expect_err("a problem");
    format!("{error}\n{}", error.help().unwrap_or_default())
}

#[tokio::test(start_paused = true)]
async fn three_hundred_readers_are_one_call_and_one_more_after_an_apply() {
    let (aws, bucket) = bench();
    aws.put("bucket", "vpc.tfstate", state("one", 10, false).as_bytes());
    let reads = join_all((0..300).map(|_| id(&bucket))).await;
    assert!(reads.iter().all(|id| id == "\"one\""));
    assert_eq!(id(&bucket).await, "\"one\"");
    assert_eq!(aws.count("GetObject"), 1);

    aws.put("bucket", "vpc.tfstate", state("two", 10, false).as_bytes());
    bucket.invalidate(&vpc());
    assert_eq!(id(&bucket).await, "\"two\"");
    assert_eq!(aws.count("GetObject"), 2);
}

#[tokio::test(start_paused = true)]
async fn what_was_begun_before_an_apply_is_not_kept_after_it() {
    let (aws, bucket) = bench();
    aws.put("bucket", "vpc.tfstate", state("one", 10, false).as_bytes());
    let slow = bucket.clone();
    let (early, ()) = tokio::join!(id(&slow), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        aws.put("bucket", "vpc.tfstate", state("two", 10, false).as_bytes());
        bucket.invalidate(&vpc());
        assert_eq!(id(&bucket).await, "\"two\"");
    });
    assert_eq!(early, "\"one\"");
    assert_eq!(id(&bucket).await, "\"two\"");
}

#[tokio::test(start_paused = true)]
async fn only_the_beginning_of_a_large_state_is_read() {
    let (aws, bucket) = bench();
    aws.put(
        "bucket",
        "vpc.tfstate",
        state("one", 5_000_000, false).as_bytes(),
    );
    id(&bucket).await;
    assert_eq!(
        aws.calls().last().map(String::as_str),
        Some("GetObject bucket/vpc.tfstate 0-131071")
    );
    assert_eq!(aws.count("GetObject"), 1);
}

#[tokio::test(start_paused = true)]
async fn outputs_that_come_late_are_found_in_pieces_that_double() {
    let (aws, bucket) = bench();
    aws.put(
        "bucket",
        "vpc.tfstate",
        state("one", 600_000, true).as_bytes(),
    );
    id(&bucket).await;
    let pieces: Vec<String> = aws
        .calls()
        .into_iter()
        .filter(|call| call.starts_with("GetObject"))
        .collect();
    assert_eq!(
        pieces,
        [
            "GetObject bucket/vpc.tfstate 0-131071",
            "GetObject bucket/vpc.tfstate 131072-262143",
            "GetObject bucket/vpc.tfstate 262144-524287",
            "GetObject bucket/vpc.tfstate 524288-1048575",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_state_that_changes_between_two_pieces_is_read_from_its_start() {
    let (aws, bucket) = bench();
    aws.put(
        "bucket",
        "vpc.tfstate",
        state("one", 200_000, true).as_bytes(),
    );
    let (read, ()) = tokio::join!(id(&bucket), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        aws.put(
            "bucket",
            "vpc.tfstate",
            state("two", 200_000, true).as_bytes(),
        );
    });
    assert_eq!(read, "\"two\"");
    let outputs = bucket
        .read(&vpc(), &RoleChain::base())
        .await
        .expect("outputs");
    assert_eq!(outputs.version.serial, 2, "head and tail are of one state");
}

#[tokio::test(start_paused = true)]
async fn each_identity_reads_for_itself() {
    let (aws, bucket) = bench();
    aws.put("bucket", "vpc.tfstate", state("one", 10, false).as_bytes());
    id(&bucket).await;
    let profile = crate::model::BaseIdentity::Profile("other".into());
    let denied = answer(
        403,
        "AccessDenied",
        "not authorized to perform: s3:GetObject",
    );
    aws.fail_with("GetObject", 1, denied);
    bucket
        .read(&vpc(), &RoleChain::from_base(profile))
        .await
        .expect_err("denied");
}

#[tokio::test(start_paused = true)]
async fn a_state_that_is_not_there_is_asked_for_once() {
    let (aws, bucket) = bench();
    for _ in 0..20 {
        let error = bucket
            .read(&vpc(), &RoleChain::base())
            .await
            .expect_err("no state");
        assert_eq!(error.problem, ReadProblem::NeverApplied);
    }
    assert_eq!(aws.count("GetObject"), 1);
    aws.put("bucket", "vpc.tfstate", state("one", 10, false).as_bytes());
    bucket.invalidate(&vpc());
    assert_eq!(id(&bucket).await, "\"one\"");
}

#[tokio::test(start_paused = true)]
async fn trouble_that_passes_is_waited_for() {
    let (aws, bucket) = bench();
    aws.put("bucket", "vpc.tfstate", state("one", 10, false).as_bytes());
    aws.fail_with("GetObject", 2, answer(500, "InternalError", "try again"));
    aws.fail_with("GetObject", 2, answer(503, "SlowDown", "slow down"));
    assert_eq!(id(&bucket).await, "\"one\"");
    assert_eq!(aws.count("GetObject"), 5);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_has_ended_is_replaced_once() {
    let (aws, bucket) = bench();
    aws.put("bucket", "vpc.tfstate", state("one", 10, false).as_bytes());
    aws.fail_with("GetObject", 1, answer(400, "ExpiredToken", "expired"));
    assert_eq!(id(&bucket).await, "\"one\"");
    assert_eq!(aws.count("BaseSession"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_plain_403_is_told_apart_by_listing() {
    let (aws, bucket) = bench();
    aws.put("bucket", "vpc.tfstate", state("one", 10, false).as_bytes());
    aws.fail_with("GetObject", 2, answer(403, "AccessDenied", "Access Denied"));
    let problem = async || {
        bucket
            .read(&vpc(), &RoleChain::base())
            .await
            .expect_err("403")
            .problem
    };
    assert_eq!(
        problem().await,
        ReadProblem::Denied(Denied::Object {
            action: "s3:GetObject".into()
        })
    );
    aws.fail_with(
        "ListObjects",
        1,
        answer(403, "AccessDenied", "Access Denied"),
    );
    assert!(matches!(
        problem().await,
        ReadProblem::Denied(Denied::CannotTell { .. })
    ));
}

#[tokio::test(start_paused = true)]
async fn every_refusal_of_s3_is_told_in_its_own_words() {
    let mut all = String::new();
    for (status, code, message) in [
        (404, "NoSuchKey", ""),
        (404, "NoSuchBucket", ""),
        (
            403,
            "AccessDenied",
            "User: x is not authorized to perform: s3:GetObject on resource: y",
        ),
        (
            403,
            "AccessDenied",
            "User: x is not authorized to perform: kms:Decrypt on resource: k",
        ),
        (400, "KMS.DisabledException", "k is disabled"),
        (301, "PermanentRedirect", ""),
        (
            400,
            "AuthorizationHeaderMalformed",
            "the region 'eu-central-1' is wrong; expecting 'us-east-1'",
        ),
        (416, "InvalidRange", ""),
        (503, "SlowDown", ""),
        (400, "ExpiredToken", ""),
        (400, "Strange", "odd"),
    ] {
        all.push_str(&said("GetObject", answer(status, code, message)).await);
        all.push('\n');
    }
    let silence = AwsError::NoAnswer {
        detail: "connection refused".into(),
    };
    all.push_str(&said("GetObject", silence).await);
    insta::assert_snapshot!(all, @r#"
    not applied yet: s3://bucket/vpc.tfstate does not exist
    apply that unit first, or give mock_outputs
    s3://bucket/vpc.tfstate, read as the base identity: there is no such bucket
    check the bucket's name; terrane creates none by itself
    s3://bucket/vpc.tfstate, read as the base identity: access denied (s3:GetObject)
    allow s3:GetObject on this object to the base identity
    s3://bucket/vpc.tfstate, read as the base identity: its key may not be used (User: x is not authorized to perform: kms:Decrypt on resource: k)
    allow kms:Decrypt with the bucket's key to the base identity
    s3://bucket/vpc.tfstate, read as the base identity: its key may not be used (k is disabled)
    allow kms:Decrypt with the bucket's key to the base identity
    s3://bucket/vpc.tfstate, read as the base identity: the bucket is in another region, not in eu-central-1
    write the bucket's own region in the backend
    s3://bucket/vpc.tfstate, read as the base identity: the bucket is in us-east-1, not in eu-central-1
    write region = "us-east-1" in the backend
    s3://bucket/vpc.tfstate, read as the base identity: the object is empty, which is no state
    restore an earlier version of the object, if the bucket keeps versions
    s3://bucket/vpc.tfstate, read as the base identity: S3 is throttling the calls

    s3://bucket/vpc.tfstate, read as the base identity: the session has ended, and so has the one after it

    s3://bucket/vpc.tfstate, read as the base identity: Strange: odd

    s3://bucket/vpc.tfstate, read as the base identity: S3 did not answer (connection refused)
    "#);
}

#[tokio::test(start_paused = true)]
async fn every_broken_state_is_told_in_its_own_words() {
    let mut all = String::new();
    for body in [
        "",
        "<html>",
        r#"{"version": 4, "outputs": {"id": {"va"#,
        "{}",
        r#"{"version": 5}"#,
        r#"{"version": 3}"#,
        r#"{"encrypted_data": ""}"#,
        r#"{"version": 4, "outputs": {"a": {"value": 1}, "a": {"value": 1}}}"#,
    ] {
        let (aws, bucket) = bench();
        aws.put("bucket", "vpc.tfstate", body.as_bytes());
        let error = bucket
            .read(&vpc(), &RoleChain::base())
            .await
            .expect_err("a broken state");
        writeln!(all, "{error}").expect("a String takes all");
    }
    insta::assert_snapshot!(all, @r#"
    s3://bucket/vpc.tfstate, read as the base identity: the object is empty, which is no state, object version version-1
    s3://bucket/vpc.tfstate, read as the base identity: it is not JSON from byte 0 of 6 on, object version version-1 (expected value at line 1 column 1)
    s3://bucket/vpc.tfstate, read as the base identity: it breaks off after 37 bytes, object version version-1
    s3://bucket/vpc.tfstate, read as the base identity: it is JSON but no state, object version version-1
    s3://bucket/vpc.tfstate, read as the base identity: its format is version 5, terrane knows 4
    s3://bucket/vpc.tfstate, read as the base identity: its format is version 3, older than 4
    s3://bucket/vpc.tfstate, read as the base identity: only the engine can read it: OpenTofu has encrypted it
    s3://bucket/vpc.tfstate, read as the base identity: it has the output "a" twice
    "#);
}

#[tokio::test(start_paused = true)]
async fn what_only_the_engine_can_read_is_said_without_a_call() {
    let (aws, bucket) = bench();
    let other = StateLocation::Other { kind: "gcs".into() };
    let mut keyed = S3State::new("bucket", "vpc.tfstate");
    keyed.not_directly = Some(crate::model::NotReadDirectly::CustomerKey);
    for location in [other, StateLocation::S3(Box::new(keyed))] {
        let error = bucket
            .read(&location, &RoleChain::base())
            .await
            .expect_err("not directly");
        assert!(matches!(error.problem, ReadProblem::NeedsEngine(_)));
    }
    assert!(aws.calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_role_that_refuses_is_told_as_such() {
    let (aws, bucket) = bench();
    aws.fail_with(
        "BaseSession",
        1,
        AwsError::NoCredentials(NoCredentials::Nothing),
    );
    let error = bucket
        .read(&vpc(), &RoleChain::base())
        .await
        .expect_err("no session");
    assert_eq!(error.help(), Some(NoCredentials::Nothing.help()));
}
