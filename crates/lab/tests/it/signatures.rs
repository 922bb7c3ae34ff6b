//! What a request has to prove, and what each service says if it does not.

use jiff::SignedDuration;
use serde_json::json;
use terrane_lab::{Keys, Lab};

use crate::client::{ASSUMER, BUCKET, Program, STATE, TABLE, ask, landing_zone, s3};
use crate::signer::sha256_hex;

/// The same failing proof, to each service.
fn refusals(program: &mut Program) -> String {
    let answers = [
        program.sts("GetCallerIdentity", &[]),
        program.get("/key"),
        program.dynamodb("DescribeTable", &json!({"TableName": TABLE})),
        program.ssm("GetParameter", &json!({"Name": "/a"})),
    ];
    answers.map(|answer| answer.summary()).join("\n")
}

fn with_keys(lab: &Lab, change: impl Fn(&mut Keys)) -> Program {
    let mut keys = Program::in_role(lab, STATE).keys.expect("a role has keys");
    change(&mut keys);
    Program::new(lab, Some(keys))
}

#[test]
fn without_a_signature_nobody_is_let_in() {
    let lab = landing_zone();
    insta::assert_snapshot!(refusals(&mut Program::new(&lab, None)), @r"
    403 MissingAuthenticationToken: Request is missing Authentication Token
    403 AccessDenied: Access Denied
    400 com.amazon.coral.service#MissingAuthenticationTokenException: Missing Authentication Token
    400 MissingAuthenticationTokenException: Missing Authentication Token
    ");
}

#[test]
fn a_wrong_secret_is_refused() {
    let lab = landing_zone();
    let mut forger = with_keys(&lab, |keys| keys.secret_access_key.push('x'));
    insta::assert_snapshot!(refusals(&mut forger), @r"
    403 SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.
    403 SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided. Check your key and signing method.
    400 com.amazon.coral.service#InvalidSignatureException: The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.
    400 InvalidSignatureException: The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.
    ");
    assert_eq!(lab.calls().failing_with("SignatureDoesNotMatch").len(), 2);
    assert!(
        lab.calls()
            .refused()
            .iter()
            .all(|call| call.principal.is_none())
    );
}

#[test]
fn an_unknown_key_is_refused() {
    let lab = landing_zone();
    let mut stranger = with_keys(&lab, |keys| keys.access_key_id = "ASIASTRANGER".to_owned());
    insta::assert_snapshot!(refusals(&mut stranger), @r"
    403 InvalidClientTokenId: The security token included in the request is invalid.
    403 InvalidAccessKeyId: The AWS Access Key Id you provided does not exist in our records.
    400 com.amazon.coral.service#UnrecognizedClientException: The security token included in the request is invalid.
    400 UnrecognizedClientException: The security token included in the request is invalid.
    ");
}

#[test]
fn a_session_token_of_another_session_is_refused() {
    let lab = landing_zone();
    let other = Program::operator(&lab)
        .assuming(ASSUMER)
        .keys
        .expect("a session");
    let mut mixed = with_keys(&lab, |keys| {
        keys.session_token.clone_from(&other.session_token);
    });
    insta::assert_snapshot!(refusals(&mut mixed), @r"
    403 InvalidClientTokenId: The security token included in the request is invalid.
    400 InvalidToken: The provided token is malformed or otherwise invalid.
    400 com.amazon.coral.service#UnrecognizedClientException: The security token included in the request is invalid.
    400 UnrecognizedClientException: The security token included in the request is invalid.
    ");
    let mut without = with_keys(&lab, |keys| keys.session_token = None);
    assert_eq!(
        without.sts("GetCallerIdentity", &[]).code(),
        "InvalidClientTokenId"
    );
}

#[test]
fn an_ended_session_is_refused() {
    let lab = landing_zone();
    let mut late = with_keys(&lab, |_| {});
    lab.expire("*state-mgmt-role");
    insta::assert_snapshot!(refusals(&mut late), @r"
    403 ExpiredToken: The security token included in the request is expired
    400 ExpiredToken: The provided token has expired.
    400 com.amazon.coral.service#ExpiredTokenException: The security token included in the request is expired
    400 ExpiredTokenException: The security token included in the request is expired
    ");
    assert_eq!(lab.calls().by("state-mgmt-role").refused().len(), 4);
}

#[test]
fn a_clock_that_is_off_by_more_than_a_quarter_of_an_hour_is_refused() {
    let lab = landing_zone();
    let mut program = with_keys(&lab, |_| {});
    for minutes in [-16, 16] {
        program.clock = SignedDuration::from_mins(minutes);
        assert_eq!(program.get("/key").code(), "RequestTimeTooSkewed");
        let answer = program.sts("GetCallerIdentity", &[]);
        assert_eq!(answer.code(), "SignatureDoesNotMatch");
        let words = if minutes < 0 {
            "Signature expired: "
        } else {
            "Signature not yet current: "
        };
        assert!(
            answer.element("Message").starts_with(words),
            "{}",
            answer.summary()
        );
    }
    // The other way about: the lab's clock is the one that is off.
    lab.set_clock_skew(SignedDuration::from_mins(-16));
    program.clock = SignedDuration::ZERO;
    assert_eq!(program.get("/key").code(), "RequestTimeTooSkewed");
    program.clock = SignedDuration::from_mins(-2);
    assert_eq!(program.get("/key").code(), "NoSuchKey");
}

#[test]
fn a_changed_body_is_noticed() {
    let lab = landing_zone();
    let mut program = with_keys(&lab, |_| {});
    let mut tampered = s3("PUT", "/key").body("{\"serial\": 1}");
    tampered
        .headers
        .push(("host".to_owned(), program.host().to_owned()));
    let payload = sha256_hex(&tampered.body);
    program
        .signer("s3")
        .expect("it has keys")
        .sign(&mut tampered, &payload);
    tampered.body = b"{\"serial\": 9}".to_vec();
    let answer = program.send(&tampered).expect("an answer");
    assert_eq!(answer.code(), "XAmzContentSHA256Mismatch");
    assert!(lab.object_keys(BUCKET).is_empty());
}

#[test]
fn a_presigned_address_opens_one_object_for_a_while() {
    let lab = landing_zone();
    lab.put_object(BUCKET, "a b/key", "content")
        .expect("the bucket is there");
    let mut program = with_keys(&lab, |_| {});
    let mut presigned = s3("GET", "/a%20b/key").header("host", program.host());
    program
        .signer("s3")
        .expect("it has keys")
        .presign(&mut presigned, 60, "UNSIGNED-PAYLOAD");
    assert_eq!(
        program.send(&presigned).expect("an answer").text(),
        "content"
    );

    let mut other = presigned.clone();
    other.path = format!("/{BUCKET}/other");
    assert_eq!(
        program.send(&other).expect("an answer").code(),
        "SignatureDoesNotMatch"
    );
    lab.set_clock_skew(SignedDuration::from_secs(62));
    let late = program.send(&presigned).expect("an answer").summary();
    assert_eq!(late, "403 AccessDenied: Request has expired");
}

#[test]
fn an_identity_can_be_proved_by_a_presigned_address() {
    let lab = landing_zone();
    let mut program = with_keys(&lab, |_| {});
    let target = "/?Action=GetCallerIdentity&Version=2011-06-15";
    let mut presigned = ask("sts", "GET", target).header("host", program.host());
    let empty = sha256_hex(b"");
    program
        .signer("sts")
        .expect("it has keys")
        .presign(&mut presigned, 60, &empty);
    let answer = program.send(&presigned).expect("an answer");
    assert!(
        answer
            .element("Arn")
            .ends_with("assumed-role/state-mgmt-role/test")
    );
}

#[test]
fn an_unsigned_payload_is_for_s3_only() {
    let lab = landing_zone();
    let mut program = with_keys(&lab, |_| {});
    for (service, expected) in [("s3", 200), ("sts", 403)] {
        let mut unsigned = s3("PUT", "/key")
            .body("anything")
            .header("host", program.host());
        unsigned.service = service;
        if service == "sts" {
            unsigned
                .headers
                .push(("x-amz-content-sha256".into(), "UNSIGNED-PAYLOAD".into()));
        }
        program
            .signer(service)
            .expect("it has keys")
            .sign(&mut unsigned, "UNSIGNED-PAYLOAD");
        assert_eq!(
            program.send(&unsigned).expect("an answer").status,
            expected,
            "{service}"
        );
    }
}

#[test]
fn a_body_in_signed_chunks_arrives_whole_or_not_at_all() {
    let lab = landing_zone();
    let mut program = with_keys(&lab, |_| {});
    let content = b"0123456789".repeat(1000);
    let mut put = s3("PUT", "/key")
        .header("host", program.host())
        .header("content-encoding", "aws-chunked")
        .header("x-amz-decoded-content-length", &content.len().to_string());
    let signer = program.signer("s3").expect("it has keys");
    signer.sign(&mut put, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
    let (_, authorization) = put.headers.last().expect("it is signed");
    let seed = authorization
        .rsplit('=')
        .next()
        .expect("a signature")
        .to_owned();
    put.body = signer.chunks(&seed, &content, 4096);
    let mut tampered = put.clone();
    let middle = tampered.body.len() / 2;
    tampered.body[middle] ^= 1;
    assert_eq!(
        program.send(&tampered).expect("an answer").code(),
        "SignatureDoesNotMatch"
    );
    assert_eq!(program.send(&put).expect("an answer").status, 200);
    assert_eq!(lab.object(BUCKET, "key").expect("it was stored"), content);
    let stored = program.call(s3("HEAD", "/key"));
    assert_eq!(stored.header("content-encoding"), None);
}

#[test]
fn unsigned_chunks_bring_their_checksum_behind_them() {
    let lab = landing_zone();
    let mut program = with_keys(&lab, |_| {});
    let mut put = s3("PUT", "/key")
        .header("host", program.host())
        .header("content-encoding", "aws-chunked")
        .header("x-amz-trailer", "x-amz-checksum-crc32")
        .header("x-amz-decoded-content-length", "11");
    let signer = program.signer("s3").expect("it has keys");
    signer.sign(&mut put, "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
    put.body = b"b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n".to_vec();
    let answer = program.send(&put).expect("an answer");
    assert_eq!(answer.header("x-amz-checksum-crc32"), Some("DUoRhQ=="));
    let get = s3("GET", "/key").header("x-amz-checksum-mode", "ENABLED");
    let answer = program.call(get);
    assert_eq!(answer.text(), "hello world");
    assert_eq!(answer.header("x-amz-checksum-crc32"), Some("DUoRhQ=="));
}

#[test]
fn a_service_that_the_lab_does_not_have_says_so() {
    let lab = landing_zone();
    let mut program = with_keys(&lab, |_| {});
    let answer = program.call(ask("ec2", "POST", "/?Action=DescribeVpcs"));
    assert_eq!(
        answer.summary(),
        "400 InvalidAction: The lab has no service ec2, so it cannot answer DescribeVpcs."
    );
}
