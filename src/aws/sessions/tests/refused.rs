//! AWS is busy, away, or says no: how long it is asked again, and what is told of it.

use std::fmt::Write as _;

use futures_util::future::join_all;
use tokio::time::Instant;

use super::*;
use crate::aws::{AwsError, NoCredentials};

#[tokio::test(start_paused = true)]
async fn throttled_calls_are_made_again() {
    let bench = bench();
    bench
        .aws
        .fail("AssumeRole doer", 5, "Throttling", "Rate exceeded");
    let lives = join_all(
        vec![&doer(); 50]
            .into_iter()
            .map(|chain| bench.sessions.session(chain)),
    )
    .await;
    assert!(lives.iter().all(Result::is_ok));
    assert_eq!(bench.aws.count("AssumeRole doer"), 6);
}

#[tokio::test(start_paused = true)]
async fn throttling_without_end_fails_that_role_and_no_other() {
    let bench = bench();
    bench
        .aws
        .fail("AssumeRole doer", 1000, "Throttling", "Rate exceeded");
    let before = bench.sessions.clock().now();
    let error = bench
        .sessions
        .session(&doer())
        .await
        .expect_err("throttled");
    assert_eq!(error.refusal, Refusal::Throttled);
    let took = bench
        .sessions
        .clock()
        .now()
        .duration_since(before)
        .expect("time passes");
    assert!(took <= USUAL_PATIENCE, "{took:?}");
    bench
        .sessions
        .session(&state())
        .await
        .expect("a session of another role");
}

#[tokio::test(start_paused = true)]
async fn nobody_answering_is_told_within_half_a_minute() {
    let bench = bench();
    let silence = AwsError::NoAnswer {
        detail: "connection refused".into(),
    };
    bench.aws.fail_with("AssumeRole hub", 1000, silence);
    let error = bench
        .sessions
        .session(&doer())
        .await
        .expect_err("unreachable");
    insta::assert_snapshot!(error, @"could not assume arn:aws:iam::000000000000:role/hub as arn:aws:iam::000000000000:user/jane: STS did not answer (connection refused)");
}

#[tokio::test(start_paused = true)]
async fn who_only_looks_asks_once_and_waits_for_nothing() {
    let bench = bench_with(Patience::OfALook);
    bench
        .aws
        .fail("AssumeRole doer", 1000, "Throttling", "Rate exceeded");
    let began = Instant::now();
    for _ in 0..9 {
        bench.sessions.session(&doer()).await.expect_err("busy");
    }
    assert_eq!(bench.aws.count("AssumeRole doer"), 1);
    assert!(
        began.elapsed() < Duration::from_secs(1),
        "the fake's own answers take a little"
    );
}

#[tokio::test(start_paused = true)]
async fn while_sts_is_away_a_session_with_some_life_left_is_still_handed_out() {
    let bench = bench();
    let first = bench.sessions.session(&doer()).await.expect("a session");
    bench
        .aws
        .fail("AssumeRole doer", 1000, "Throttling", "Rate exceeded");
    pass(56 * 60).await;
    assert_eq!(
        bench.sessions.session(&doer()).await.expect("the old one"),
        first
    );
    pass(3 * 60).await;
    bench
        .sessions
        .session(&doer())
        .await
        .expect_err("less than a minute is left");
}

#[tokio::test(start_paused = true)]
async fn a_role_that_refuses_is_asked_once_a_minute_at_most() {
    let bench = bench();
    bench
        .aws
        .fail("AssumeRole doer", 1, "AccessDenied", "not authorized");
    for _ in 0..31 {
        bench.sessions.session(&doer()).await.expect_err("denied");
    }
    assert_eq!(bench.aws.count("AssumeRole doer"), 1);
    pass(61).await;
    bench
        .sessions
        .session(&doer())
        .await
        .expect("the trust policy was repaired");
}

#[tokio::test(start_paused = true)]
async fn each_role_on_the_way_names_itself_when_it_refuses() {
    let denied = "User: X is not authorized to perform: sts:AssumeRole on resource: Y because no role trust policy allows the sts:AssumeRole action";
    let mut said = String::new();
    for call in ["AssumeRole hub", "AssumeRole doer"] {
        let bench = bench();
        bench.aws.fail(call, 1, "AccessDenied", denied);
        let error = bench.sessions.session(&doer()).await.expect_err("denied");
        writeln!(said, "{error}\n  {}", error.help().expect("a help")).expect("a String");
    }
    insta::assert_snapshot!(said, @r"
    could not assume arn:aws:iam::000000000000:role/hub as arn:aws:iam::000000000000:user/jane: the role's trust policy does not let the caller in (because no role trust policy allows the sts:AssumeRole action)
      the trust policy of arn:aws:iam::000000000000:role/hub must allow sts:AssumeRole to arn:aws:iam::000000000000:user/jane
    no external id was sent; if its trust policy wants one, name it in external_ids of terrane.hcl
    could not assume arn:aws:iam::111111111111:role/doer as arn:aws:sts::000000000000:assumed-role/hub/terrane: the role's trust policy does not let the caller in (because no role trust policy allows the sts:AssumeRole action)
      the trust policy of arn:aws:iam::111111111111:role/doer must allow sts:AssumeRole to arn:aws:iam::000000000000:role/hub
    no external id was sent; if its trust policy wants one, name it in external_ids of terrane.hcl
    ");
}

#[tokio::test(start_paused = true)]
async fn an_expired_hub_session_is_replaced_once() {
    let bench = bench();
    bench
        .aws
        .fail("AssumeRole doer", 1, "ExpiredToken", "expired");
    bench.sessions.session(&doer()).await.expect("a session");
    assert_eq!(bench.aws.count("AssumeRole hub"), 2);
    assert_eq!(bench.aws.count("AssumeRole doer"), 2);
}

#[tokio::test(start_paused = true)]
async fn an_ended_login_is_told_after_one_more_try() {
    let bench = bench();
    bench
        .aws
        .fail("AssumeRole hub", 2, "ExpiredToken", "expired");
    let error = bench.sessions.session(&hub()).await.expect_err("expired");
    assert_eq!(bench.aws.count("BaseSession"), 2);
    insta::assert_snapshot!(
        format!("{error}\n{}", error.help().expect("a help")),
        @r"
    could not assume arn:aws:iam::000000000000:role/hub as arn:aws:iam::000000000000:user/jane: the base session has ended
    log in again, or put new keys into the environment, and run this once more
    "
    );
}

#[tokio::test(start_paused = true)]
async fn a_login_that_is_needed_names_its_command() {
    let bench = bench();
    let why = NoCredentials::LoginNeeded {
        profile: Some("assumer".into()),
        detail: "the SSO token has expired".into(),
    };
    bench
        .aws
        .fail_with("BaseSession", 1, AwsError::NoCredentials(why));
    let error = bench.sessions.session(&doer()).await.expect_err("no login");
    insta::assert_snapshot!(
        format!("{error}\n{}", error.help().expect("a help")),
        @r"
    the base identity cannot be used: no credentials were found: the SSO token has expired
    run: aws sso login --profile assumer
    "
    );
}

#[tokio::test(start_paused = true)]
async fn root_is_refused_before_sts_is_asked() {
    let bench = bench();
    bench.aws.base_is("arn:aws:iam::000000000000:root", None);
    let error = bench.sessions.session(&hub()).await.expect_err("root");
    assert_eq!(error.refusal, Refusal::RootUser);
    assert_eq!(bench.aws.count("AssumeRole"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_base_that_goes_away_is_waited_for_and_what_is_left_is_used_up() {
    let mut bench = bench();
    let base = "arn:aws:sts::000000000000:assumed-role/AWSReservedSSO_Admin_1a2b/jane";
    bench.aws.base_is(base, Some(Duration::from_mins(40)));
    bench.sessions.session(&doer()).await.expect("a session");
    let gone = AwsError::NoCredentials(NoCredentials::NoInstance {
        detail: "the metadata service does not answer".into(),
    });
    bench.aws.fail_with("BaseSession", 1000, gone);
    pass(56 * 60).await;
    let asked = bench.aws.count("BaseSession");
    let left = async || {
        let live = bench.sessions.session(&doer()).await.expect("a session");
        live.left(bench.sessions.clock().now())
    };
    assert!(
        left().await > Duration::from_mins(59),
        "by what is left of the hub"
    );
    assert!(
        bench.aws.count("BaseSession") > asked + 2,
        "it was looked for again"
    );
    pass(56 * 60).await;
    assert!(
        left().await < Duration::from_mins(4),
        "what is left of its own"
    );
    pass(3 * 60).await;
    let error = bench.sessions.session(&doer()).await.expect_err("it ends");
    insta::assert_snapshot!(error, @"the base identity cannot be used: no credentials were found: nothing names any credentials, and this is no EC2 instance with a role (the metadata service does not answer)");
    insta::assert_snapshot!(bench.told(), @"
    took a session of arn:aws:iam::000000000000:role/hub
    took a session of arn:aws:iam::111111111111:role/doer
    waiting for the base identity (nothing names any credentials, and this is no EC2 instance with a role (the metadata service does not answer))
    arn:aws:iam::000000000000:role/hub could not be renewed, and ends at 2023-11-14T23:13:20Z: the base identity cannot be used: no credentials were found: nothing names any credentials, and this is no EC2 instance with a role (the metadata service does not answer)
    renewed the session of arn:aws:iam::111111111111:role/doer
    arn:aws:iam::111111111111:role/doer could not be renewed, and ends at 2023-11-15T00:09:37Z: the base identity cannot be used: no credentials were found: nothing names any credentials, and this is no EC2 instance with a role (the metadata service does not answer)
    ");
}

#[tokio::test(start_paused = true)]
async fn who_did_not_answer_is_named_and_not_whoever_waits_for_it() {
    let bench = bench();
    bench.aws.sessions_last(Duration::from_mins(30));
    bench.sessions.session(&doer()).await.expect("a session");
    let silence = AwsError::NoAnswer {
        detail: "connection refused".into(),
    };
    bench.aws.fail_with("AssumeRole hub", 1000, silence);
    pass(31 * 60).await;
    let error = bench.sessions.session(&doer()).await.expect_err("away");
    assert_eq!(error.chain, hub());
}

#[tokio::test(start_paused = true)]
async fn those_who_come_right_after_a_failure_are_not_kept_waiting() {
    let bench = bench();
    bench
        .aws
        .fail("AssumeRole doer", 1000, "Throttling", "Rate exceeded");
    bench
        .sessions
        .session(&doer())
        .await
        .expect_err("throttled");
    let asked = bench.aws.count("AssumeRole doer");
    bench
        .sessions
        .session(&doer())
        .await
        .expect_err("throttled");
    assert_eq!(bench.aws.count("AssumeRole doer"), asked);
    pass(USUAL_PATIENCE.as_secs()).await;
    bench
        .sessions
        .session(&doer())
        .await
        .expect_err("throttled");
    assert!(
        bench.aws.count("AssumeRole doer") > asked,
        "later it is asked again"
    );
}
