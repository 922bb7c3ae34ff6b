//! The examples that AWS publishes: requests, keys and the signatures that they must give.

use hyper::{HeaderMap, Method};

use super::*;
use crate::http::request::pairs;

const S3_SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const S3_KEY: &str = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request";
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn request(method: Method, target: &str, headers: &[(&'static str, &str)], body: &[u8]) -> Request {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(*name, value.parse().expect("a header's value"));
    }
    Request {
        method,
        raw_path: path.to_owned(),
        query: pairs(query),
        headers: map,
        body: body.to_vec().into(),
    }
}

fn authorization(signed_headers: &str, signature: &str) -> String {
    format!("{ALGORITHM} Credential={S3_KEY},SignedHeaders={signed_headers},Signature={signature}")
}

fn verify(request: &Request, secret: &str) -> Result<Option<Decoded>, Rejection> {
    Claim::read(request)?.verify(request, secret)
}

#[test]
fn the_published_get_with_a_range_verifies() {
    let authorization = authorization(
        "host;range;x-amz-content-sha256;x-amz-date",
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    );
    let headers = [
        ("host", "examplebucket.s3.amazonaws.com"),
        ("range", "bytes=0-9"),
        ("x-amz-content-sha256", EMPTY),
        ("x-amz-date", "20130524T000000Z"),
        ("authorization", authorization.as_str()),
    ];
    let mut get = request(Method::GET, "/test.txt", &headers, b"");
    assert_eq!(verify(&get, S3_SECRET), Ok(None));
    assert_eq!(
        verify(&get, "another secret"),
        Err(Rejection::WrongSignature)
    );
    get.headers
        .insert("range", "bytes=0-99".parse().expect("a header's value"));
    assert_eq!(verify(&get, S3_SECRET), Err(Rejection::WrongSignature));
}

#[test]
fn the_published_put_verifies_and_notices_another_body() {
    let authorization = authorization(
        "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    );
    let headers = [
        ("host", "examplebucket.s3.amazonaws.com"),
        ("date", "Fri, 24 May 2013 00:00:00 GMT"),
        ("x-amz-date", "20130524T000000Z"),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        (
            "x-amz-content-sha256",
            "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
        ),
        ("authorization", authorization.as_str()),
    ];
    let target = "/test%24file.text";
    let put = request(Method::PUT, target, &headers, b"Welcome to Amazon S3.");
    assert_eq!(verify(&put, S3_SECRET), Ok(None));
    let other = request(Method::PUT, target, &headers, b"Welcome to Amazon S4.");
    assert_eq!(verify(&other, S3_SECRET), Err(Rejection::WrongPayload));
}

#[test]
fn the_published_queries_verify() {
    for (target, signature) in [
        (
            "/?lifecycle",
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ),
        (
            "/?max-keys=2&prefix=J",
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ] {
        let authorization = authorization("host;x-amz-content-sha256;x-amz-date", signature);
        let headers = [
            ("host", "examplebucket.s3.amazonaws.com"),
            ("x-amz-content-sha256", EMPTY),
            ("x-amz-date", "20130524T000000Z"),
            ("authorization", authorization.as_str()),
        ];
        let get = request(Method::GET, target, &headers, b"");
        assert_eq!(verify(&get, S3_SECRET), Ok(None), "{target}");
    }
}

#[test]
fn the_published_presigned_address_verifies_for_a_day() {
    let target = "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=\
                  AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=\
                  20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=\
                  aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    let headers = [("host", "examplebucket.s3.amazonaws.com")];
    let get = request(Method::GET, target, &headers, b"");
    assert_eq!(verify(&get, S3_SECRET), Ok(None));
    let claim = Claim::read(&get).expect("the claim is whole");
    let at = |time: &str| claim.check_time(time.parse().expect("a time"));
    assert_eq!(at("2013-05-25T00:00:00Z"), Ok(()));
    assert_eq!(at("2013-05-25T00:00:01Z"), Err(Rejection::PresignEnded));
    assert!(matches!(
        at("2013-05-23T23:00:00Z"),
        Err(Rejection::Skewed { .. })
    ));
}

#[test]
fn the_published_chunked_upload_verifies_chunk_by_chunk() {
    let authorization = authorization(
        "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;\
         x-amz-decoded-content-length;x-amz-storage-class",
        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
    );
    let headers = [
        ("host", "s3.amazonaws.com"),
        ("x-amz-date", "20130524T000000Z"),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
        ("content-encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", "66560"),
        ("content-length", "66824"),
        ("authorization", authorization.as_str()),
    ];
    let mut body = Vec::new();
    for (size, signature) in [
        (
            65536,
            "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
        ),
        (
            1024,
            "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
        ),
        (
            0,
            "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
        ),
    ] {
        body.extend(format!("{size:x};chunk-signature={signature}\r\n").into_bytes());
        body.extend(vec![b'a'; size]);
        body.extend(b"\r\n");
    }
    let target = "/examplebucket/chunkObject.txt";
    let put = request(Method::PUT, target, &headers, &body);
    let decoded = verify(&put, S3_SECRET)
        .expect("every chunk verifies")
        .expect("it was chunked");
    assert_eq!(decoded.body, vec![b'a'; 66560]);

    let inside_second_chunk = body.len() - 200;
    body[inside_second_chunk] = b'b';
    let tampered = request(Method::PUT, target, &headers, &body);
    assert_eq!(verify(&tampered, S3_SECRET), Err(Rejection::WrongSignature));
}

#[test]
fn the_published_query_service_request_verifies() {
    let authorization = format!(
        "{ALGORITHM} Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
         SignedHeaders=content-type;host;x-amz-date, \
         Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    );
    let headers = [
        (
            "content-type",
            "application/x-www-form-urlencoded; charset=utf-8",
        ),
        ("host", "iam.amazonaws.com"),
        ("x-amz-date", "20150830T123600Z"),
        ("authorization", authorization.as_str()),
    ];
    let get = request(
        Method::GET,
        "/?Action=ListUsers&Version=2010-05-08",
        &headers,
        b"",
    );
    assert_eq!(
        verify(&get, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
        Ok(None)
    );
}

#[test]
fn a_header_of_amazons_own_has_to_be_signed() {
    let authorization = authorization("host;x-amz-date", "0");
    let headers = [
        ("host", "127.0.0.1"),
        ("x-amz-date", "20130524T000000Z"),
        ("x-amz-security-token", "somebody else's"),
        ("authorization", authorization.as_str()),
    ];
    let get = request(Method::GET, "/", &headers, b"");
    let missing = Rejection::UnsignedHeader("x-amz-security-token".to_owned());
    assert_eq!(verify(&get, S3_SECRET), Err(missing));
}

#[test]
fn a_claim_without_scope_or_date_is_malformed() {
    for (authorization, complaint) in [
        ("Bearer abc", "Unsupported authorization type: Bearer"),
        (
            "AWS4-HMAC-SHA256 Credential=AKIA",
            "requires 'SignedHeaders' parameter",
        ),
        (
            "AWS4-HMAC-SHA256 Credential=AKIA, SignedHeaders=host, Signature=0",
            "`AKIA` has no valid scope",
        ),
    ] {
        let headers = [
            ("x-amz-date", "20130524T000000Z"),
            ("authorization", authorization),
        ];
        let get = request(Method::GET, "/", &headers, b"");
        let error = Claim::read(&get).expect_err("the claim is malformed");
        assert!(error.to_string().contains(complaint), "{error}");
    }
}
