//! AWS's words in, refusals out.

use super::*;

fn refusal(code: &str, message: &str) -> Refusal {
    let answer = AwsAnswer {
        status: 403,
        code: code.into(),
        message: message.into(),
        ..AwsAnswer::default()
    };
    let asked_with = AskedWith::Base { ends: None };
    Refusal::of(
        &AwsError::Answered(Box::new(answer)),
        asked_with,
        SystemTime::UNIX_EPOCH,
    )
}

#[test]
fn the_side_that_refuses_is_read_from_awss_words() {
    let denied = "User: arn:aws:sts::1:assumed-role/hub/x is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::2:role/doer";
    for (tail, side) in [
        ("", DeniedSide::Unknown),
        (
            " because no identity-based policy allows the sts:AssumeRole action",
            DeniedSide::Caller,
        ),
        (
            " with an explicit deny in an identity-based policy",
            DeniedSide::Caller,
        ),
        (
            " because no role trust policy allows the sts:AssumeRole action",
            DeniedSide::Trust,
        ),
        (
            " because no resource-based policy allows the sts:AssumeRole action",
            DeniedSide::Trust,
        ),
        (
            " with an explicit deny in the role trust policy",
            DeniedSide::Trust,
        ),
        (
            " because no session policy allows the sts:AssumeRole action",
            DeniedSide::SessionPolicy,
        ),
        (
            " because no permissions boundary allows the sts:AssumeRole action",
            DeniedSide::PermissionsBoundary,
        ),
        (
            " with an explicit deny in a service control policy",
            DeniedSide::Organization,
        ),
    ] {
        let message = format!("{denied}{tail}");
        let expected = Refusal::Denied {
            side,
            action: "sts:AssumeRole".into(),
            message: message.clone(),
        };
        assert_eq!(refusal("AccessDenied", &message), expected);
    }
}

#[test]
fn a_denied_mark_names_the_action_that_is_missing() {
    let message = "User: x is not authorized to perform: sts:SetSourceIdentity on resource: y";
    match refusal("AccessDenied", message) {
        Refusal::Denied { action, .. } => assert_eq!(action, "sts:SetSourceIdentity"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_other_no_of_aws_has_its_own_refusal() {
    for (code, message, said) in [
        ("ExpiredToken", "", "the base session has ended"),
        ("Throttling", "Rate exceeded", "AWS is throttling the calls"),
        (
            "RegionDisabledException",
            "STS is not activated",
            "STS is switched off in this region (STS is not activated)",
        ),
        (
            "PackedPolicyTooLarge",
            "Packed size of 112% is too big",
            "session policy and tags take 112 % of what AWS allows",
        ),
        (
            "InvalidClientTokenId",
            "The security token is invalid",
            "AWS does not accept the keys (The security token is invalid)",
        ),
        (
            "SignatureDoesNotMatch",
            "Signature expired: 20260101T000000Z is now earlier",
            "this machine's clock is wrong",
        ),
        (
            "MalformedPolicyDocument",
            "bad",
            "MalformedPolicyDocument: bad",
        ),
    ] {
        assert_eq!(refusal(code, message).to_string(), said);
    }
}

#[test]
fn a_refused_token_is_not_taken_for_an_ended_session() {
    let expired = AwsError::Answered(Box::new(AwsAnswer {
        code: "ExpiredTokenException".into(),
        message: "Token expired".into(),
        ..AwsAnswer::default()
    }));
    let of = |asked_with| Refusal::of(&expired, asked_with, SystemTime::UNIX_EPOCH);
    assert_eq!(
        of(AskedWith::Token),
        Refusal::WebIdentity {
            message: "Token expired".into()
        }
    );
    let ends = Some(SystemTime::UNIX_EPOCH);
    assert_eq!(
        of(AskedWith::Base { ends }).to_string(),
        "the base session has ended (1970-01-01T00:00:00Z)"
    );
}

#[test]
fn a_skewed_clock_is_told_by_how_much() {
    let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    let error = AwsError::Answered(Box::new(AwsAnswer {
        code: "RequestTimeTooSkewed".into(),
        server_time: Some(at(10_000)),
        ..AwsAnswer::default()
    }));
    let said = |now| Refusal::of(&error, AskedWith::Session, now).to_string();
    assert_eq!(
        said(at(13_600)),
        "this machine's clock is 3600 s ahead of AWS's"
    );
    assert_eq!(
        said(at(6_400)),
        "this machine's clock is 3600 s behind AWS's"
    );
}
