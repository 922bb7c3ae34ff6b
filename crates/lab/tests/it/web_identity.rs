//! Tokens of an OIDC issuer in the place of keys.

use jiff::SignedDuration;
use serde_json::{Value, json};
use terrane_lab::{Lab, TokenAlgorithm};

use crate::client::{DEV_DOER, Program, Response, SHARED, landing_zone_with};

const ISSUER: &str = "https://token.actions.example.com";
const CI: &str = "arn:aws:iam::123456789011:role/ci";

/// The landing zone, with a CI system whose jobs on one branch may become `ci`.
fn with_issuer() -> Lab {
    let provider = format!("arn:aws:iam::{SHARED}:oidc-provider/token.actions.example.com");
    landing_zone_with(&json!({
        "oidc_providers": [{
            "account": SHARED, "issuer": ISSUER, "audiences": ["sts.amazonaws.com"],
        }],
        "roles": [{
            "arn": CI,
            "max_session_seconds": 7200,
            "trust": {"Statement": {
                "Effect": "Allow",
                "Principal": {"Federated": provider},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {
                    "StringEquals": {"token.actions.example.com:aud": "sts.amazonaws.com"},
                    "StringLike": {"token.actions.example.com:sub": "repo:acme/infra:*"},
                },
            }},
            "policies": [{"Statement":
                {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}}],
        }],
    }))
}

fn claims() -> Value {
    json!({"aud": "sts.amazonaws.com", "sub": "repo:acme/infra:ref:refs/heads/main"})
}

fn token(lab: &Lab, change: impl Fn(&mut Value)) -> String {
    let mut claims = claims();
    change(&mut claims);
    lab.web_identity_token(ISSUER, TokenAlgorithm::Es256, &claims)
        .expect("the lab's own issuer")
}

fn assume(lab: &Lab, role: &str, token: &str, more: &[(&str, &str)]) -> Response {
    let mut parameters = vec![
        ("RoleArn", role),
        ("RoleSessionName", "job-42"),
        ("WebIdentityToken", token),
    ];
    parameters.extend(more);
    Program::new(lab, None).sts("AssumeRoleWithWebIdentity", &parameters)
}

#[test]
fn a_token_opens_a_session_without_any_key() {
    let lab = with_issuer();
    for algorithm in [TokenAlgorithm::Es256, TokenAlgorithm::Rs256] {
        let token = lab
            .web_identity_token(ISSUER, algorithm, &claims())
            .expect("own issuer");
        let answer = assume(&lab, CI, &token, &[]);
        assert_eq!(answer.status, 200, "{}", answer.summary());
        let subject = answer.element("SubjectFromWebIdentityToken");
        assert_eq!(subject, "repo:acme/infra:ref:refs/heads/main");
        assert_eq!(answer.element("Audience"), "sts.amazonaws.com");
        let mut ci = Program::new(&lab, Some(answer.keys()));
        let arn = ci.sts("GetCallerIdentity", &[]).element("Arn");
        assert_eq!(arn, format!("arn:aws:sts::{SHARED}:assumed-role/ci/job-42"));
    }
}

#[test]
fn the_first_session_is_not_chained_and_the_next_one_is() {
    let lab = with_issuer();
    let token = token(&lab, |_| {});
    assert_eq!(
        assume(&lab, CI, &token, &[("DurationSeconds", "7200")]).status,
        200
    );
    let longer = assume(&lab, CI, &token, &[("DurationSeconds", "7201")]);
    assert!(
        longer.summary().contains("exceeds the MaxSessionDuration"),
        "{}",
        longer.summary()
    );
    let mut ci = Program::new(&lab, Some(assume(&lab, CI, &token, &[]).keys()));
    let chained = ci.assume(CI, &[("DurationSeconds", "3601")]).summary();
    assert!(
        chained.contains("is not authorized to perform: sts:AssumeRole"),
        "{chained}"
    );
    let issued: Vec<bool> = lab
        .record()
        .into_iter()
        .filter_map(|call| call.issued)
        .map(|new| new.chained)
        .collect();
    assert_eq!(issued, [false, false]);
}

#[test]
fn every_claim_is_held_against_provider_and_trust() {
    let lab = with_issuer();
    let elsewhere = lab.now().as_second() - 1;
    let mut answers = Vec::new();
    for token in [
        token(&lab, |claims| {
            claims["aud"] = "https://github.com/acme".into();
        }),
        token(&lab, |claims| {
            claims["sub"] = "repo:mallory/infra:ref:refs/heads/main".into();
        }),
        token(&lab, |claims| claims["sub"] = Value::Null),
        token(&lab, |claims| {
            claims["iss"] = "https://somebody.example.com".into();
        }),
        token(&lab, |claims| claims["exp"] = Value::Null),
        token(&lab, |_| {}) + "A",
        "not a token".to_owned(),
    ] {
        answers.push(assume(&lab, CI, &token, &[]).summary());
    }
    let expired = token(&lab, |claims| claims["exp"] = elsewhere.into());
    let refused = assume(&lab, CI, &expired, &[]).summary();
    assert!(
        refused.starts_with("400 ExpiredTokenException: Token expired"),
        "{refused}"
    );
    insta::assert_snapshot!(answers.join("\n"), @r"
    400 InvalidIdentityToken: Incorrect token audience
    403 AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity
    400 InvalidIdentityToken: Missing a required claim: sub
    400 InvalidIdentityToken: No OpenIDConnect provider found in your account for https://somebody.example.com
    400 InvalidIdentityToken: Missing a required claim: exp
    400 InvalidIdentityToken: Provided Token is not valid: its signature does not verify
    400 InvalidIdentityToken: The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)
    ");
}

#[test]
fn a_token_ends_after_five_minutes_by_the_labs_clock() {
    let lab = with_issuer();
    let token = token(&lab, |_| {});
    lab.set_clock_skew(SignedDuration::from_secs(299));
    assert_eq!(assume(&lab, CI, &token, &[]).status, 200);
    lab.set_clock_skew(SignedDuration::from_secs(301));
    assert_eq!(
        assume(&lab, CI, &token, &[]).code(),
        "ExpiredTokenException"
    );
}

#[test]
fn a_role_that_does_not_trust_the_provider_is_as_closed_as_one_that_is_not_there() {
    let lab = with_issuer();
    let token = token(&lab, |_| {});
    let missing = assume(&lab, "arn:aws:iam::123456789011:role/none", &token, &[]);
    let refused = "403 AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity";
    assert_eq!(missing.summary(), refused);
    let assumer = assume(&lab, crate::client::ASSUMER, &token, &[]);
    assert_eq!(assumer.summary(), refused);
    // The dev account has no such provider at all.
    let other_account = assume(&lab, DEV_DOER, &token, &[]);
    assert_eq!(
        other_account.summary(),
        format!(
            "400 InvalidIdentityToken: No OpenIDConnect provider found in your account for \
                 {ISSUER}"
        )
    );
}

#[test]
fn a_token_of_another_trusted_issuer_is_not_the_one_that_the_role_trusts() {
    let other = "https://gitlab.example.com";
    let provider = format!("arn:aws:iam::{SHARED}:oidc-provider/token.actions.example.com");
    let lab = landing_zone_with(&json!({
        "oidc_providers": [{"account": SHARED, "issuer": other, "audiences": ["sts.amazonaws.com"]}],
        "roles": [{"arn": CI, "trust": {"Statement": {
            "Effect": "Allow", "Principal": {"Federated": provider},
            "Action": "sts:AssumeRoleWithWebIdentity",
        }}}],
    }));
    let token = lab
        .web_identity_token(other, TokenAlgorithm::Es256, &claims())
        .expect("own issuer");
    assert_eq!(assume(&lab, CI, &token, &[]).code(), "AccessDenied");
}

#[test]
fn an_issuer_that_publishes_its_keys_is_believed_by_them() {
    // The key set and the token of RFC 7515, appendix A.3, whose claims lack an audience.
    let lab = landing_zone_with(&json!({"oidc_providers": [{
        "account": SHARED, "issuer": "joe", "audiences": ["sts.amazonaws.com"],
        "key_set": {"keys": [{
            "kty": "EC", "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        }]},
    }]}));
    let published = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6\
                     Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4Gawx\
                     aepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    let genuine = assume(&lab, CI, published, &[]).summary();
    assert_eq!(
        genuine,
        "400 InvalidIdentityToken: Missing a required claim: sub"
    );
    let forged = assume(&lab, CI, &published.replace("NU1Q", "NU1A"), &[]).summary();
    assert!(forged.contains("its signature does not verify"), "{forged}");
    assert!(
        lab.web_identity_token("joe", TokenAlgorithm::Es256, &json!({}))
            .is_none()
    );
}
