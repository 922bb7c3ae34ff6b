//! The real SDK: what AWS's refusals, faults and states become.

use terrane::aws::{Aws, DeniedSide, ReadProblem, Refusal, SdkAws, SdkOptions};
use terrane::model::{RoleChain, S3State, Secret, Session, StateLocation};
use terrane_lab::Fault;

use super::{BUCKET, DEV, Estate, SHARED, doer, doer_named, location, state_management};
use crate::bench;

const STATE: &str = r#"{"version": 4, "terraform_version": "1.11.4", "serial": 7, "lineage": "l",
    "outputs": {"id": {"value": "tgw-1", "type": "string"}}, "resources": []}"#;

#[tokio::test]
async fn siblings_are_reached_from_the_hub_by_one_call_each() {
    let estate = Estate::new();
    for _ in 0..3 {
        let principal = estate.broker.prove(&doer(DEV), DEV.parse().ok()).await;
        let arn = principal.expect("the doer").to_string();
        assert_eq!(
            arn,
            format!("arn:aws:sts::{DEV}:assumed-role/doer-role/terrane")
        );
        estate
            .broker
            .prove(&state_management(), None)
            .await
            .expect("state-management");
    }
    assert_eq!(estate.lab.calls().of("sts:AssumeRole").len(), 3);
    let chained = estate
        .lab
        .calls()
        .of("sts:AssumeRole")
        .by("infrastructure-assumer-role");
    assert_eq!(chained.len(), 2);
}

#[tokio::test]
async fn a_role_that_refuses_is_told_with_its_side_where_aws_tells() {
    let estate = Estate::new();
    let direct = RoleChain::base().then(bench::assumption(SHARED, "state-mgmt-role"));
    let from_doer = doer(DEV).then(bench::assumption(SHARED, "state-mgmt-role"));
    let missing = super::hub().then(bench::assumption(DEV, "nobody"));
    for chain in [direct, from_doer, missing] {
        let error = estate
            .broker
            .prove(&chain, None)
            .await
            .expect_err("nobody trusts them");
        let Refusal::Denied { side, .. } = &error.refusal else {
            panic!("{error}")
        };
        assert!(matches!(
            side,
            DeniedSide::Unknown | DeniedSide::Caller | DeniedSide::Trust
        ));
        assert!(
            error
                .help()
                .is_some_and(|help| help.contains("sts:AssumeRole")),
            "{error}"
        );
    }
}

#[tokio::test]
async fn outputs_are_read_by_one_call_as_state_management() {
    let estate = Estate::new();
    estate
        .lab
        .put_object(BUCKET, "vpc.tfstate", STATE)
        .expect("an object");
    let (there, as_state) = (location("vpc.tfstate"), state_management());
    let read = async || estate.broker.read_outputs(&there, &as_state).await;
    let outputs = read().await.expect("outputs");
    assert_eq!(
        outputs.require("id").expect("an id").value.get(),
        "\"tgw-1\""
    );
    assert_eq!(outputs.version.serial, 7);
    assert!(outputs.version.version_id.is_some() && outputs.version.last_modified.is_some());
    read().await.expect("outputs");
    let calls = estate.lab.calls().of("s3:*");
    assert_eq!(calls.len(), 1);
    assert_eq!(calls.by("state-mgmt-role").len(), 1);
    estate.broker.invalidate(&location("vpc.tfstate"));
    read().await.expect("outputs");
    assert_eq!(estate.lab.calls().of("s3:*").len(), 2);
}

#[tokio::test]
async fn each_way_of_not_reading_is_its_own() {
    let estate = Estate::new();
    estate
        .lab
        .put_object(BUCKET, "empty.tfstate", "")
        .expect("an object");
    estate
        .lab
        .put_object(BUCKET, "half.tfstate", &STATE[..90])
        .expect("an object");
    estate
        .lab
        .put_object(BUCKET, "there.tfstate", STATE)
        .expect("an object");
    let problem = async |location: StateLocation, chain: RoleChain| {
        let read = estate.broker.read_outputs(&location, &chain).await;
        read.map(|outputs| outputs.values.len())
            .expect_err("a problem")
            .problem
    };
    let at = |key: &str, change: &dyn Fn(&mut S3State)| match location(key) {
        StateLocation::S3(mut state) => {
            change(&mut state);
            StateLocation::S3(state)
        }
        StateLocation::Other { kind } => panic!("{kind}"),
    };
    let as_is = |_: &mut S3State| ();
    let state = state_management();
    assert_eq!(
        problem(at("nope", &as_is), state.clone()).await,
        ReadProblem::NeverApplied
    );
    let empty = problem(at("empty.tfstate", &as_is), state.clone()).await;
    assert!(matches!(empty, ReadProblem::Empty { .. }), "{empty:?}");
    let half = problem(at("half.tfstate", &as_is), state.clone()).await;
    assert!(
        matches!(
            half,
            ReadProblem::HalfWritten {
                size: 90,
                version_id: Some(_)
            }
        ),
        "{half:?}"
    );
    let denied = problem(at("there.tfstate", &as_is), doer(DEV)).await;
    assert!(matches!(denied, ReadProblem::Denied(_)), "{denied:?}");
    let other = at("there.tfstate", &|state| state.owner = DEV.parse().ok());
    let owner = problem(other, state.clone()).await;
    assert!(matches!(owner, ReadProblem::Denied(_)), "{owner:?}");
    let region = at("there.tfstate", &|state| {
        state.region = Some("eu-central-1".into());
    });
    let region = problem(region, state).await;
    assert!(
        matches!(&region, ReadProblem::WrongRegion { really: Some(really), .. } if really == "us-east-1"),
        "{region:?}"
    );
}

#[tokio::test]
async fn trouble_that_passes_is_waited_for() {
    let estate = Estate::new();
    estate
        .lab
        .put_object(BUCKET, "vpc.tfstate", STATE)
        .expect("an object");
    let throttled = Fault::on("sts:AssumeRole").answering_with(400, "Throttling", "Rate exceeded");
    estate.lab.add_fault(throttled.times(4));
    estate.lab.add_fault(
        Fault::on("s3:GetObject")
            .answering(503, "SlowDown")
            .times(2),
    );
    estate
        .lab
        .add_fault(Fault::on("s3:GetObject").dropping_before().once());
    estate
        .lab
        .add_fault(Fault::on("s3:GetObject").truncating_to(20).once());
    let read = estate
        .broker
        .read_outputs(&location("vpc.tfstate"), &state_management())
        .await;
    assert_eq!(read.expect("outputs").values.len(), 1);
}

#[tokio::test]
async fn an_ended_session_is_replaced_while_reading_and_while_assuming() {
    let estate = Estate::new();
    estate
        .lab
        .put_object(BUCKET, "vpc.tfstate", STATE)
        .expect("an object");
    estate
        .broker
        .prove(&state_management(), None)
        .await
        .expect("state-management");
    assert!(estate.lab.expire("*-role") >= 2);
    let read = estate
        .broker
        .read_outputs(&location("vpc.tfstate"), &state_management())
        .await;
    assert_eq!(read.expect("outputs").values.len(), 1);
    assert!(estate.lab.expire("*-role") >= 1);
    estate
        .broker
        .prove(&doer_named("later"), None)
        .await
        .expect("the doer, by a new hub");
}

#[tokio::test]
async fn nobody_answering_is_told_in_the_systems_own_words() {
    // Port 1 of loopback: nobody listens there.
    let endpoint = Some("http://127.0.0.1:1".into());
    let aws = SdkAws::load(SdkOptions {
        endpoint,
        ..SdkOptions::default()
    })
    .await;
    let secret = || Secret::new("x".into());
    let session = Session {
        access_key_id: secret(),
        secret_access_key: secret(),
        session_token: None,
        expires_at: None,
    };
    let error = aws
        .caller_identity(&session)
        .await
        .expect_err("nobody answers");
    assert!(error.is_passing());
    assert!(error.to_string().contains("refused"), "{error}");
}

#[tokio::test]
async fn a_skewed_clock_is_told_by_how_much() {
    let estate = Estate::new();
    let message = "Signature expired: 20260101T000000Z is now earlier than 20260101T010000Z";
    let refused = Fault::on("sts:AssumeRole").answering_with(403, "SignatureDoesNotMatch", message);
    estate.lab.add_fault(refused);
    let error = estate
        .broker
        .prove(&super::hub(), None)
        .await
        .expect_err("skewed");
    assert!(
        matches!(error.refusal, Refusal::ClockSkewed { ours_is: Some(_) }),
        "{error}"
    );
}

#[tokio::test]
async fn a_hundred_roles_are_a_hundred_calls() {
    let estate = Estate::new();
    for _ in 0..2 {
        for number in 0..100 {
            let chain = doer_named(&format!("role-{number}"));
            estate
                .broker
                .prove(&chain, DEV.parse().ok())
                .await
                .expect("a session");
        }
    }
    assert_eq!(estate.lab.calls().of("sts:AssumeRole").len(), 101);
}
