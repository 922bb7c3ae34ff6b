//! Under a paused clock, against an AWS that counts.

mod refused;

use futures_util::future::join_all;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::*;
use crate::aws::AwsError;
use crate::aws::NoCredentials;
use crate::aws::fake::FakeAws;
use crate::model::{
    Assumption, SessionDuration, SessionLimits, SessionName, SessionPolicy, WebIdentityToken,
};

struct Bench {
    aws: FakeAws,
    sessions: RoleSessions<FakeAws>,
    events: UnboundedReceiver<CredentialEvent>,
}

fn bench() -> Bench {
    bench_with(Patience::default())
}

fn bench_with(patience: Patience) -> Bench {
    let clock = WallClock::starting_at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000));
    let (tell, events) = unbounded_channel();
    let aws = FakeAws::new(clock);
    Bench {
        sessions: RoleSessions::with_patience(patience, aws.clone(), clock, tell),
        aws,
        events,
    }
}

impl Bench {
    /// Every event so far, one a line.
    fn told(&mut self) -> String {
        let mut told = Vec::new();
        while let Ok(event) = self.events.try_recv() {
            told.push(event.to_string());
        }
        told.join("\n")
    }
}

fn assumption(account: &str, name: &str) -> Assumption {
    Assumption {
        role: format!("arn:aws:iam::{account}:role/{name}")
            .parse()
            .expect("a role"),
        session_name: SessionName::clean("terrane"),
        duration: SessionDuration::ONE_HOUR,
        external_id: None,
        web_identity_token: None,
        limits: SessionLimits::default(),
    }
}

fn hub() -> RoleChain {
    RoleChain::base().then(assumption("000000000000", "hub"))
}

fn doer() -> RoleChain {
    hub().then(assumption("111111111111", "doer"))
}

fn state() -> RoleChain {
    hub().then(assumption("000000000000", "state-mgmt"))
}

async fn pass(seconds: u64) {
    tokio::time::advance(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn two_hundred_askers_share_one_session_per_role() {
    let bench = bench();
    let chains: Vec<RoleChain> = (0..200)
        .map(|n| if n % 2 == 0 { doer() } else { state() })
        .collect();
    let lives = join_all(chains.iter().map(|chain| bench.sessions.session(chain))).await;
    assert!(lives.iter().all(Result::is_ok));
    assert_eq!(bench.aws.count("AssumeRole"), 3);
    assert_eq!(bench.aws.count("BaseSession"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_hundred_and_fifty_roles_are_a_hundred_and_fifty_calls() {
    let bench = bench();
    let chains: Vec<RoleChain> = (0..150)
        .map(|n| hub().then(assumption(&format!("{n:012}"), "doer")))
        .collect();
    for _ in 0..2 {
        let lives = join_all(chains.iter().map(|chain| bench.sessions.session(chain))).await;
        assert!(lives.iter().all(Result::is_ok));
    }
    assert_eq!(bench.aws.count("AssumeRole doer"), 150);
    assert_eq!(bench.aws.count("AssumeRole hub"), 1);
}

#[tokio::test(start_paused = true)]
async fn whatever_makes_a_session_differ_makes_another_session() {
    let bench = bench();
    let plain = assumption("111111111111", "doer");
    let mut tagged = plain.clone();
    tagged.limits.tags.insert("unit".into(), "vpc".into());
    let variants = [
        plain.clone(),
        Assumption {
            session_name: SessionName::clean("other"),
            ..plain.clone()
        },
        Assumption {
            duration: SessionDuration::SHORTEST,
            ..plain.clone()
        },
        Assumption {
            external_id: "acme".parse().ok(),
            ..plain
        },
        tagged,
    ];
    for variant in &variants {
        bench
            .sessions
            .session(&hub().then(variant.clone()))
            .await
            .expect("a session");
    }
    assert_eq!(bench.aws.count("AssumeRole doer"), variants.len());
}

#[tokio::test(start_paused = true)]
async fn a_session_is_renewed_five_minutes_before_its_end() {
    let mut bench = bench();
    let first = bench.sessions.session(&doer()).await.expect("a session");
    pass(54 * 60).await;
    assert_eq!(
        bench.sessions.session(&doer()).await.expect("a session"),
        first
    );
    pass(60).await;
    let second = bench.sessions.session(&doer()).await.expect("a session");
    assert_ne!(second.session, first.session);
    assert!(second.left(bench.sessions.clock().now()) > Duration::from_mins(59));
    insta::assert_snapshot!(bench.told(), @r"
    took a session of arn:aws:iam::000000000000:role/hub
    took a session of arn:aws:iam::111111111111:role/doer
    renewed the session of arn:aws:iam::000000000000:role/hub
    renewed the session of arn:aws:iam::111111111111:role/doer
    ");
}

#[tokio::test(start_paused = true)]
async fn a_short_session_is_renewed_when_a_third_is_left() {
    let bench = bench();
    bench.aws.sessions_last(Duration::from_secs(9));
    bench.sessions.session(&doer()).await.expect("a session");
    pass(5).await;
    bench.sessions.session(&doer()).await.expect("a session");
    assert_eq!(bench.aws.count("AssumeRole doer"), 1);
    pass(1).await;
    let live = bench.sessions.session(&doer()).await.expect("a session");
    assert_eq!(bench.aws.count("AssumeRole doer"), 2);
    assert!(live.left(bench.sessions.clock().now()) > live.margin());
}

#[tokio::test(start_paused = true)]
async fn a_hub_session_is_renewed_for_a_doer_that_needs_it() {
    let bench = bench();
    bench.sessions.session(&doer()).await.expect("a session");
    pass(57 * 60).await;
    bench.sessions.session(&state()).await.expect("a session");
    assert_eq!(bench.aws.count("AssumeRole hub"), 2);
}

#[tokio::test(start_paused = true)]
async fn base_keys_that_end_are_found_anew() {
    let bench = bench();
    let base = "arn:aws:sts::000000000000:assumed-role/AWSReservedSSO_Admin_1a2b/jane";
    bench.aws.base_is(base, Some(Duration::from_hours(1)));
    bench.sessions.session(&hub()).await.expect("a session");
    pass(3600).await;
    bench.sessions.session(&hub()).await.expect("a session");
    assert_eq!(bench.aws.count("BaseSession"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_chained_session_is_asked_for_an_hour_and_the_cut_is_told_once() {
    let mut bench = bench();
    let long = Assumption {
        duration: SessionDuration::from_seconds(14_400).expect("four hours"),
        ..assumption("111111111111", "doer")
    };
    for name in ["one", "two"] {
        let named = Assumption {
            session_name: SessionName::clean(name),
            ..long.clone()
        };
        bench
            .sessions
            .session(&hub().then(named))
            .await
            .expect("a session");
    }
    assert_eq!(bench.aws.count("AssumeRole doer"), 2);
    insta::assert_snapshot!(bench.told(), @r"
    took a session of arn:aws:iam::000000000000:role/hub
    arn:aws:iam::111111111111:role/doer: 3600 s instead of 14400 s, renewed as needed (AWS caps chained sessions at an hour)
    took a session of arn:aws:iam::111111111111:role/doer
    took a session of arn:aws:iam::111111111111:role/doer
    ");
}

#[tokio::test(start_paused = true)]
async fn a_first_role_may_last_longer_unless_its_maximum_says_no() {
    let mut bench = bench();
    let long = Assumption {
        duration: SessionDuration::from_seconds(14_400).expect("four hours"),
        ..assumption("000000000000", "hub")
    };
    let chain = RoleChain::base().then(long);
    let live = bench.sessions.session(&chain).await.expect("a session");
    assert!(live.left(bench.sessions.clock().now()) > Duration::from_hours(3));
    pass(14_400).await;
    let message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
    bench
        .aws
        .fail("AssumeRole hub", 1, "ValidationError", message);
    let live = bench.sessions.session(&chain).await.expect("a session");
    assert!(live.left(bench.sessions.clock().now()) <= Duration::from_hours(1));
    insta::assert_snapshot!(bench.told(), @r"
    took a session of arn:aws:iam::000000000000:role/hub
    arn:aws:iam::000000000000:role/hub: 3600 s instead of 14400 s, renewed as needed (its maximum is shorter)
    renewed the session of arn:aws:iam::000000000000:role/hub
    ");
}

#[tokio::test(start_paused = true)]
async fn no_role_is_assumed_by_its_own_session() {
    let bench = bench();
    bench
        .aws
        .base_is("arn:aws:sts::000000000000:assumed-role/hub/runner", None);
    let live = bench.sessions.session(&doer()).await.expect("a session");
    assert_eq!(
        live.principal.arn(),
        "arn:aws:sts::111111111111:assumed-role/doer/terrane"
    );
    assert_eq!(bench.aws.count("AssumeRole hub"), 0);
    assert_eq!(bench.aws.count("AssumeRole doer"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_to_be_narrower_or_marked_is_never_its_source() {
    let bench = bench();
    bench
        .aws
        .base_is("arn:aws:sts::000000000000:assumed-role/hub/runner", None);
    let mut confined = assumption("000000000000", "hub");
    confined.limits.policy = Some(SessionPolicy("{}".into()));
    let mut marked = assumption("000000000000", "hub");
    marked.limits.source_identity = Some("alice".into());
    for (calls, own) in [confined, marked].into_iter().enumerate() {
        let session = bench.sessions.session(&RoleChain::base().then(own)).await;
        session.expect("a session");
        assert_eq!(bench.aws.count("AssumeRole hub"), calls + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn the_account_is_proved_before_anything_runs() {
    let bench = bench();
    let account = |id: &str| id.parse().ok();
    bench
        .sessions
        .prove(&doer(), account("111111111111"))
        .await
        .expect("the right account");
    assert_eq!(bench.aws.count("GetCallerIdentity assumed-role/doer"), 1);
    bench
        .aws
        .role_is_really("other", "arn:aws:sts::999999999999:assumed-role/other/x");
    let chain = hub().then(assumption("111111111111", "other"));
    let error = bench
        .sessions
        .prove(&chain, None)
        .await
        .expect_err("another account");
    assert!(matches!(error.refusal, Refusal::WrongAccount { .. }));
    let base = RoleChain::base();
    let error = bench
        .sessions
        .prove(&base, account("111111111111"))
        .await
        .expect_err("wrong");
    insta::assert_snapshot!(error, @"the base identity cannot be used: account 111111111111 was expected, but this is arn:aws:iam::000000000000:user/jane");
}

#[tokio::test(start_paused = true)]
async fn a_web_identity_token_needs_no_base_identity() {
    let bench = bench();
    bench.aws.fail_with(
        "BaseSession",
        1,
        AwsError::NoCredentials(NoCredentials::Nothing),
    );
    let by_token = Assumption {
        web_identity_token: Some(WebIdentityToken::from_value("/run/token")),
        ..assumption("111111111111", "doer")
    };
    bench
        .sessions
        .session(&hub().then(by_token))
        .await
        .expect("a session");
    assert_eq!(
        bench.aws.calls(),
        [
            "AssumeRoleWithWebIdentity doer",
            "GetCallerIdentity assumed-role/doer/terrane"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_behind_does_not_lengthen_a_session() {
    let bench = bench();
    bench.aws.clock_is_ahead(Duration::from_mins(10));
    let quarter = Assumption {
        duration: SessionDuration::SHORTEST,
        ..assumption("1".repeat(12).as_str(), "doer")
    };
    let live = bench
        .sessions
        .session(&hub().then(quarter))
        .await
        .expect("a session");
    assert!(live.left(bench.sessions.clock().now()) <= Duration::from_mins(15));
}

#[tokio::test(start_paused = true)]
async fn what_nobody_waits_for_any_more_is_taken_up_by_the_next_who_asks() {
    let bench = bench();
    let hasty =
        tokio::time::timeout(Duration::from_millis(10), bench.sessions.session(&doer())).await;
    assert!(hasty.is_err());
    bench.sessions.session(&doer()).await.expect("a session");
    assert_eq!(bench.aws.count("AssumeRole doer"), 1);
}

#[tokio::test(start_paused = true)]
async fn who_cannot_be_given_another_session_gets_one_with_half_of_its_life() {
    let bench = bench();
    let account = || "111111111111".parse().ok();
    let lasting = async || {
        let live = bench.sessions.prove_lasting(&doer(), account()).await;
        live.expect("a session").left(bench.sessions.clock().now())
    };
    lasting().await;
    pass(29 * 60).await;
    assert!(lasting().await >= Duration::from_mins(30));
    assert_eq!(bench.aws.count("AssumeRole doer"), 1);
    pass(2 * 60).await;
    assert!(lasting().await >= Duration::from_mins(59), "a new one");
    assert_eq!(bench.aws.count("AssumeRole doer"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_unit_that_starts_in_the_last_minute_of_a_session_gets_another() {
    let bench = bench();
    bench.sessions.session(&doer()).await.expect("a session");
    pass(59 * 60).await;
    let live = bench.sessions.session(&doer()).await.expect("a session");
    let left = live.left(bench.sessions.clock().now());
    assert!(left > Duration::from_mins(59), "{left:?}");
}
