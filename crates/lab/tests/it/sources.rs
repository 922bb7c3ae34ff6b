//! Where programs get keys from: each source refuses whoever lacks its own token.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use terrane_lab::Lab;

use crate::client::{Program, Response, SHARED, ask, landing_zone_with};
use crate::signer::Ask;

fn with_sources() -> Lab {
    let role = format!("arn:aws:iam::{SHARED}:role/runner");
    let alice = format!("arn:aws:iam::{SHARED}:user/alice");
    let issuer = "https://token.actions.example.com";
    landing_zone_with(&json!({
        "users": [{"arn": alice, "keys": [
            {"access_key_id": "AKIAALICE00000000001", "secret_access_key": "alice-secret"}]}],
        "roles": [{"arn": role}],
        "oidc_providers": [
            {"account": SHARED, "issuer": issuer, "audiences": ["sts.amazonaws.com"]}],
        "sources": {
            "portal": [{"user": "alice", "account": SHARED, "role_name": "Runner", "role": role}],
            "instance": {"id": "i-0123", "role": role},
            "containers": [
                {"path": "one", "role": role, "task": "task-1", "authorization": "ours"}],
            "github": {"issuer": issuer, "request_token": "job",
                "claims": {"sub": "repo:acme/live:ref:refs/heads/main"}},
            "devices": [{"serial": "mfa-alice", "user": alice, "codes": ["123456"]}],
        },
    }))
}

fn send(lab: &Lab, ask: Ask) -> Response {
    Program::new(lab, None).call(ask)
}

#[test]
fn metadata_takes_a_token_that_was_put_and_no_other() {
    let lab = with_sources();
    let roles = "/latest/meta-data/iam/security-credentials/";
    assert_eq!(send(&lab, ask("imds", "GET", roles)).status, 401);
    let with = |path: &str, token: &str| {
        send(
            &lab,
            ask("imds", "GET", path).header("x-aws-ec2-metadata-token", token),
        )
    };
    assert_eq!(with(roles, "of my own").status, 401);
    let put = ask("imds", "PUT", "/latest/api/token");
    assert_eq!(send(&lab, put.clone()).status, 400, "it needs a lifetime");
    let put = put.header("x-aws-ec2-metadata-token-ttl-seconds", "60");
    let token = send(&lab, put).text();
    assert_eq!(with(roles, &token).text(), "runner");
    let keys = with(&format!("{roles}runner"), &token).json();
    assert_eq!(keys["Code"], "Success");
    assert_eq!(with(&format!("{roles}other"), &token).status, 404);
    lab.set_clock_skew(SignedDuration::from_mins(2));
    assert_eq!(with(roles, &token).status, 401, "it has ended");
}

#[test]
fn a_container_needs_its_own_authorization() {
    let lab = with_sources();
    let path = "/v2/credentials/one";
    assert_eq!(send(&lab, ask("ecs", "GET", path)).status, 401);
    let with = |authorization: &str| {
        send(
            &lab,
            ask("ecs", "GET", path).header("authorization", authorization),
        )
    };
    assert_eq!(with("theirs").status, 401);
    assert_eq!(with("ours").status, 200);
    let opened = lab.calls().of("container:GetCredentials").succeeding();
    let opened = opened[0].issued.as_ref().expect("a session");
    assert_eq!(opened.session_name, "task-1");
}

#[test]
fn the_portal_gives_a_signed_in_person_what_is_assigned_to_them() {
    let lab = with_sources();
    let later = lab.now().saturating_add(SignedDuration::from_hours(1));
    let sign_in = lab.sign_in("alice", later.expect("within the calendar"));
    let get = |token: &str, role: &str| {
        let path = format!("/federation/credentials?role_name={role}&account_id={SHARED}");
        let ask = ask("sso", "GET", &path).header("x-amz-sso_bearer_token", token);
        send(&lab, ask).code()
    };
    assert_eq!(get("of my own", "Runner"), "UnauthorizedException");
    assert_eq!(get(&sign_in.access_token, "Admin"), "ForbiddenException");
    assert_eq!(get(&sign_in.access_token, "Runner"), "");
    lab.set_clock_skew(SignedDuration::from_hours(2));
    let ended = get(&sign_in.access_token, "Runner");
    assert_eq!(ended, "UnauthorizedException");
}

#[test]
fn a_login_is_prolonged_once_by_its_own_client() {
    let lab = with_sources();
    let sign_in = lab.sign_in("alice", Timestamp::UNIX_EPOCH);
    let prolong = |secret: &str, refresh_token: &str| {
        let document = json!({"grantType": "refresh_token", "refreshToken": refresh_token,
            "clientId": sign_in.client_id, "clientSecret": secret});
        send(
            &lab,
            ask("sso-oauth", "POST", "/token").body(document.to_string()),
        )
    };
    let stranger = prolong("of my own", &sign_in.refresh_token);
    assert_eq!(stranger.code(), "InvalidClientException");
    let prolonged = prolong(&sign_in.client_secret, &sign_in.refresh_token);
    assert_eq!(prolonged.status, 200);
    let again = prolong(&sign_in.client_secret, &sign_in.refresh_token);
    assert_eq!(again.code(), "InvalidGrantException");
}

#[test]
fn github_vouches_for_its_job_alone() {
    let lab = with_sources();
    let get = |authorization: &str| {
        let path = "/_apis/pipelines/1/idtoken?audience=sts.amazonaws.com";
        send(
            &lab,
            ask("github", "GET", path).header("authorization", authorization),
        )
    };
    assert_eq!(get("Bearer of-another-job").status, 401);
    let token = get("Bearer job").json();
    let parts = token["value"]
        .as_str()
        .map(|token| token.split('.').count());
    assert_eq!(parts, Some(3));
}

#[test]
fn a_code_is_good_once() {
    let lab = with_sources();
    let mut alice = Program::new(&lab, lab.keys("AKIAALICE00000000001"));
    let mut pass = |code: &str| {
        let parameters = [("SerialNumber", "mfa-alice"), ("TokenCode", code)];
        alice.sts("GetSessionToken", &parameters)
    };
    assert_eq!(pass("654321").code(), "AccessDenied");
    let passed = pass("123456");
    assert_eq!(passed.status, 200);
    assert_eq!(pass("123456").code(), "AccessDenied");
    // A session is no user: it cannot have another.
    let mut session = Program::new(&lab, Some(passed.keys()));
    assert_eq!(session.sts("GetSessionToken", &[]).code(), "AccessDenied");
}
