//! The loopback endpoint's side: one address, one token, one answer.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::net::TcpStream;

use terrane::aws::{ChildCredentials, CredentialEvent, Grant, GrantRequest};

use crate::bench::{Bench, request};

/// Where a grant's endpoint is, and what opens it.
struct Door {
    host: String,
    path: String,
    token: String,
}

fn door(bench: &Bench, grant: &Grant) -> Door {
    let environment = bench.environment_of(grant.variables());
    let text = |name: &str| {
        environment[OsStr::new(name)]
            .to_str()
            .expect("text")
            .to_owned()
    };
    let url = text("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    let rest = url.strip_prefix("http://").expect("plain HTTP on loopback");
    let (host, path) = rest.split_once('/').expect("a path");
    Door {
        host: host.to_owned(),
        path: format!("/{path}"),
        token: text("AWS_CONTAINER_AUTHORIZATION_TOKEN"),
    }
}

/// The answer's status and body.
fn ask(door: &Door, method: &str, path: &str, host: &str, token: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(&door.host).expect("somebody listens");
    let question =
        format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\n\r\n");
    stream.write_all(question.as_bytes()).expect("it listens");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    let status = answer
        .get(9..12)
        .and_then(|status| status.parse().ok())
        .expect("a status");
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    (status, body.to_owned())
}

#[tokio::test]
async fn the_childs_own_token_opens_the_doer() {
    let bench = Bench::new();
    let grant = bench.grant().await;
    let door = door(&bench, &grant);
    let (status, body) = ask(&door, "GET", &door.path, &door.host, &door.token);
    assert_eq!(status, 200);
    assert!(body.contains("\"AccessKeyId\":\"ASIA1doer\"") && body.contains("\"Expiration\""));
}

#[tokio::test]
async fn everything_else_is_refused() {
    let mut bench = Bench::new();
    let (grant, other) = (bench.grant().await, bench.grant().await);
    let (mine, others) = (door(&bench, &grant), door(&bench, &other));
    let Door { host, path, token } = &mine;
    let local = host.replace("127.0.0.1", "localhost");
    for (status, method, path, host, token) in [
        (403, "GET", path, host, ""),
        (403, "GET", path, host, &token.replace(&token[..1], "z")[..]),
        (403, "GET", path, host, &others.token),
        (403, "GET", &others.path, host, token),
        (403, "GET", &"/".to_owned(), host, token),
        (403, "GET", &format!("{path}/more"), host, token),
        (405, "POST", path, host, token),
        (405, "HEAD", path, host, token),
        (405, "OPTIONS", path, host, token),
        (403, "GET", path, &local, token),
        (403, "GET", path, &"evil.example".to_owned(), token),
        (
            403,
            "GET",
            &format!("http://evil.example{path}"),
            host,
            token,
        ),
    ] {
        let (given, body) = ask(&mine, method, path, host, token);
        assert_eq!(given, status, "{method} {path} of {host}");
        assert!(!body.contains("ASIA"), "{body}");
        assert!(method == "HEAD" || body.contains("\"message\":"), "{body}");
    }
    insta::assert_snapshot!(bench.refusals(), @r"
    dev/vpc: refused the doer's credentials to a program on this machine: a wrong token
    dev/vpc: refused the doer's credentials to a program on this machine: a wrong token
    ");
}

#[tokio::test]
async fn the_door_closes_with_the_child() {
    let bench = Bench::new();
    let grant = bench.grant().await;
    let door = door(&bench, &grant);
    drop(grant);
    // Any answer shows that the word of the end has arrived.
    bench.grant().await;
    let (status, body) = ask(&door, "GET", &door.path, &door.host, &door.token);
    assert_eq!(status, 403);
    assert!(body.contains("this token opens nothing"), "{body}");
    drop(bench);
    assert!(
        TcpStream::connect(&door.host).is_err(),
        "nobody listens any more"
    );
}

#[tokio::test]
async fn programs_that_know_nothing_else_get_three_variables() {
    let bench = Bench::new();
    let by_variables = GrantRequest {
        delivery: ChildCredentials::Environment,
        ..request()
    };
    let grant = bench.broker.grant(by_variables).await.expect("a grant");
    let environment = bench.environment_of(grant.variables());
    let given = |name: &str| {
        environment
            .get(OsStr::new(name))
            .and_then(|value| value.to_str())
    };
    assert_eq!(given("AWS_ACCESS_KEY_ID"), Some("ASIA1doer"));
    assert_eq!(
        given("AWS_SECRET_ACCESS_KEY"),
        Some("canary-secret-of-1doer")
    );
    assert_eq!(given("AWS_SESSION_TOKEN"), Some("canary-token-of-1doer"));
    assert_eq!(given("AWS_CONTAINER_CREDENTIALS_FULL_URI"), None);
    assert_eq!(
        given("AWS_REGION"),
        Some("eu-central-1"),
        "the base identity's"
    );
    let engine = bench.program("terraform");
    let said = bench
        .start(&grant, &engine, &["/bin/sh", "backend", "terrane-state"])
        .said();
    assert_eq!(said, "backend terrane-state: ASIA0state\n");
}

#[tokio::test]
async fn without_an_endpoint_children_get_variables_and_the_hour_is_told_once() {
    let mut bench = Bench::without_endpoint();
    let (grant, _other) = (bench.grant().await, bench.grant().await);
    let environment = bench.environment_of(grant.variables());
    let given = |name: &str| {
        environment
            .get(OsStr::new(name))
            .and_then(|value| value.to_str())
    };
    assert_eq!(given("AWS_ACCESS_KEY_ID"), Some("ASIA1doer"));
    assert_eq!(given("AWS_CONTAINER_CREDENTIALS_FULL_URI"), None);
    let engine = bench.program("terraform");
    let asks = ["/bin/sh", "backend", "terrane-state"];
    let said = bench.start(&grant, &engine, &asks).said();
    assert_eq!(
        said, "backend terrane-state: ASIA0state\n",
        "the socket is still there"
    );
    let told: Vec<String> = std::iter::from_fn(|| bench.events.try_recv().ok())
        .filter(|event| matches!(event, CredentialEvent::NoEndpoint { .. }))
        .map(|event| event.to_string())
        .collect();
    insta::assert_snapshot!(told.join("\n"), @"no endpoint could be opened (Cannot assign requested address (os error 99)), so children get the doer's keys as variables; these end within the hour, and a longer apply would fail");
}
