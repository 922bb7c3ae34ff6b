//! S3: objects, versions, ranges, conditions, listings, and whose bucket it is.

use serde_json::{Value, json};
use terrane_lab::{Lab, PolicyOf};

use crate::client::{
    BUCKET, DEV, DEV_DOER, Program, SHARED, STATE, ask, landing_zone, landing_zone_with, s3,
};

/// A lab, and a program that has the state-management role in it.
fn state_management() -> (Lab, Program) {
    let lab = landing_zone();
    let program = Program::in_role(&lab, STATE);
    (lab, program)
}

#[test]
fn what_was_put_is_got_back_with_its_headers() {
    let (_lab, mut state) = state_management();
    let put = s3("PUT", "/1-dev/vpc/terraform.tfstate")
        .header("content-type", "application/json")
        .header("x-amz-meta-unit", "1-dev/vpc")
        .body("{\"serial\": 1}");
    let put = state.call(put);
    assert_eq!(put.status, 200, "{}", put.summary());
    let got = state.get("/1-dev/vpc/terraform.tfstate");
    assert_eq!(got.text(), "{\"serial\": 1}");
    for name in ["etag", "x-amz-version-id", "x-amz-server-side-encryption"] {
        assert!(got.header(name).is_some(), "{name} is given");
        assert_eq!(got.header(name), put.header(name), "{name}");
    }
    assert_eq!(
        got.header("etag"),
        Some("\"c44c3f6c93909eefea053cfd89790473\"")
    );
    assert_eq!(got.header("content-type"), Some("application/json"));
    assert_eq!(got.header("x-amz-meta-unit"), Some("1-dev/vpc"));
    let head = state.call(s3("HEAD", "/1-dev/vpc/terraform.tfstate"));
    assert_eq!(head.header("content-length"), Some("13"));
    assert!(
        head.header("last-modified")
            .is_some_and(|date| date.ends_with(" GMT"))
    );
}

#[test]
fn a_range_is_answered_in_part_or_refused() {
    let (_lab, mut state) = state_management();
    state.put("/key", "0123456789");
    let mut ranged = |range| state.call(s3("GET", "/key").header("range", range));
    let part = ranged("bytes=2-4");
    assert_eq!((part.status, part.text().as_str()), (206, "234"));
    assert_eq!(part.header("content-range"), Some("bytes 2-4/10"));
    assert_eq!(ranged("bytes=0-8388607").text(), "0123456789");
    assert_eq!(ranged("bytes=-3").text(), "789");
    let beyond = ranged("bytes=10-");
    assert_eq!(
        beyond.summary(),
        "416 InvalidRange: The requested range is not satisfiable"
    );
    assert_eq!(beyond.element("ActualObjectSize"), "10");
    state.put("/empty", "");
    assert_eq!(state.get("/empty").status, 200);
    let empty = state.call(s3("GET", "/empty").header("range", "bytes=0-"));
    assert_eq!(empty.status, 416);
}

#[test]
fn reading_on_a_condition_pins_what_is_read() {
    let (_lab, mut state) = state_management();
    let etag = state
        .put("/key", "one")
        .header("etag")
        .expect("a tag")
        .to_owned();
    let read = |state: &mut Program, name, value: &str| {
        state.call(s3("GET", "/key").header(name, value)).status
    };
    assert_eq!(read(&mut state, "if-match", &etag), 200);
    assert_eq!(read(&mut state, "if-none-match", &etag), 304);
    state.put("/key", "two");
    assert_eq!(read(&mut state, "if-match", &etag), 412);
    assert_eq!(read(&mut state, "if-none-match", &etag), 200);
}

#[test]
fn writing_on_a_condition_has_one_winner() {
    let (_lab, mut state) = state_management();
    let create = || {
        s3("PUT", "/key.tflock")
            .header("if-none-match", "*")
            .body("me")
    };
    let first = state.call(create());
    assert_eq!(first.status, 200);
    let second = state.call(create());
    assert_eq!(
        second.summary(),
        "412 PreconditionFailed: At least one of the pre-conditions you specified did not hold"
    );
    let etag = first.header("etag").expect("a tag").to_owned();
    let replace = |tag: &str| s3("PUT", "/key.tflock").header("if-match", tag).body("you");
    assert_eq!(state.call(replace("\"0\"")).status, 412);
    assert_eq!(state.call(replace(&etag)).status, 200);
    let delete = |tag: &str| s3("DELETE", "/key.tflock").header("if-match", tag);
    assert_eq!(state.call(delete(&etag)).status, 412);
    assert_eq!(
        state
            .call(s3("PUT", "/none").header("if-match", &etag))
            .code(),
        "NoSuchKey"
    );
}

#[test]
fn writing_on_a_condition_about_the_content_takes_the_permission_to_read_it() {
    let (lab, mut state) = state_management();
    let etag = state
        .put("/key", "one")
        .header("etag")
        .expect("a tag")
        .to_owned();
    let deny = json!({"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"});
    lab.add_statement(PolicyOf::Principals("*state-mgmt-role"), &deny)
        .expect("a statement");
    assert_eq!(state.put("/key", "two").status, 200);
    for method in ["PUT", "DELETE"] {
        let refused = state
            .call(s3(method, "/key").header("if-match", &etag))
            .summary();
        assert!(
            refused.contains("not authorized to perform: s3:GetObject"),
            "{refused}"
        );
    }
}

#[test]
fn a_versioned_bucket_forgets_nothing() {
    let (_lab, mut state) = state_management();
    let first = state
        .put("/key", "one")
        .header("x-amz-version-id")
        .expect("an id")
        .to_owned();
    state.put("/key", "two");
    assert_eq!(state.get("/key").text(), "two");
    assert_eq!(state.get(&format!("/key?versionId={first}")).text(), "one");

    let deleted = state.call(s3("DELETE", "/key"));
    assert_eq!(
        (deleted.status, deleted.header("x-amz-delete-marker")),
        (204, Some("true"))
    );
    let gone = state.get("/key");
    assert_eq!(
        gone.summary(),
        "404 NoSuchKey: The specified key does not exist."
    );
    assert_eq!(gone.header("x-amz-delete-marker"), Some("true"));
    let marker = deleted.header("x-amz-version-id").expect("the marker's id");
    assert_eq!(
        state.get(&format!("/key?versionId={marker}")).code(),
        "MethodNotAllowed"
    );
    assert_eq!(state.get(&format!("/key?versionId={first}")).text(), "one");
    assert_eq!(state.get("/key?versionId=none").code(), "NoSuchVersion");
}

#[test]
fn a_bucket_without_versions_gives_none() {
    let lab = with_bucket("plain", &json!({"account": SHARED}));
    let mut operator = Program::operator(&lab);
    let put = operator.call(ask("s3", "PUT", "/plain/key").body("x"));
    assert_eq!((put.status, put.header("x-amz-version-id")), (200, None));
    assert_eq!(operator.call(ask("s3", "DELETE", "/plain/key")).status, 204);
    assert_eq!(
        operator.call(ask("s3", "GET", "/plain/key")).code(),
        "NoSuchKey"
    );
}

#[test]
fn listings_are_paged_and_grouped() {
    let (lab, mut state) = state_management();
    for key in [
        "0-shared/vpc/s",
        "1-dev/eks/s",
        "1-dev/vpc/s",
        "1-dev/vpc/t",
        "2-stage/vpc/s",
    ] {
        lab.put_object(BUCKET, key, "x")
            .expect("the bucket is there");
    }
    let all = state.get("?list-type=2");
    assert_eq!(
        (all.elements("Key").len(), all.element("KeyCount").as_str()),
        (5, "5")
    );
    let grouped = state.get("?list-type=2&prefix=1-dev%2F&delimiter=%2F");
    assert_eq!(
        grouped.elements("Prefix"),
        ["1-dev/", "1-dev/eks/", "1-dev/vpc/"]
    );

    let mut names = Vec::new();
    let mut token = String::new();
    loop {
        let page = state.get(&format!("?list-type=2&delimiter=%2F&max-keys=1{token}"));
        names.extend(
            page.elements("Prefix")
                .into_iter()
                .filter(|name| !name.is_empty()),
        );
        let next = page.element("NextContinuationToken");
        assert_eq!(page.element("IsTruncated"), (!next.is_empty()).to_string());
        if next.is_empty() {
            break;
        }
        token = format!(
            "&continuation-token={}",
            crate::signer::percent_encode(&next)
        );
    }
    assert_eq!(names, ["0-shared/", "1-dev/", "2-stage/"]);

    let older = state.get("?marker=1-dev%2Fvpc%2Fs&max-keys=1");
    assert_eq!(older.elements("Key"), ["1-dev/vpc/t"]);
    assert_eq!(older.element("IsTruncated"), "true");
}

#[test]
fn versions_are_listed_newest_first_and_page_by_page() {
    let (_lab, mut state) = state_management();
    for body in ["one", "two"] {
        state.put("/a", body);
    }
    state.call(s3("DELETE", "/a"));
    state.put("/b", "three");
    let all = state.get("?versions");
    assert_eq!(all.elements("Key"), ["a", "a", "a", "b"]);
    assert_eq!(all.elements("IsLatest"), ["true", "false", "false", "true"]);
    assert_eq!(all.elements("DeleteMarker").len(), 1);

    let first = state.get("?versions&max-keys=2");
    let (key, version) = (
        first.element("NextKeyMarker"),
        first.element("NextVersionIdMarker"),
    );
    let rest = state.get(&format!(
        "?versions&key-marker={key}&version-id-marker={version}"
    ));
    assert_eq!(rest.elements("Key"), ["a", "b"]);
    assert_eq!(rest.element("IsTruncated"), "false");
}

#[test]
fn a_bucket_tells_what_it_is() {
    let lab = with_bucket("europe", &json!({"account": SHARED, "region": "eu-west-1"}));
    let mut operator = Program::operator(&lab);
    assert_eq!(operator.get("?versioning").element("Status"), "Enabled");
    let head = operator.call(s3("HEAD", ""));
    assert_eq!(head.header("x-amz-bucket-region"), Some("us-east-1"));
    operator.region = "eu-west-1".to_owned();
    let location = operator.call(ask("s3", "GET", "/europe?location"));
    assert!(
        location.text().ends_with(">eu-west-1</LocationConstraint>"),
        "{}",
        location.text()
    );
}

#[test]
fn a_bucket_elsewhere_sends_the_caller_there() {
    let lab = with_bucket("europe", &json!({"account": SHARED, "region": "eu-west-1"}));
    let mut operator = Program::operator(&lab);
    let global = operator.call(ask("s3", "GET", "/europe/key"));
    assert_eq!(
        (global.status, global.code().as_str()),
        (400, "AuthorizationHeaderMalformed")
    );
    assert_eq!(global.element("Region"), "eu-west-1");
    operator.region = "us-west-2".to_owned();
    let regional = operator.call(ask("s3", "GET", "/europe/key"));
    assert_eq!(
        (regional.status, regional.code().as_str()),
        (301, "PermanentRedirect")
    );
    for answer in [
        global,
        regional,
        operator.call(ask("s3", "HEAD", "/europe")),
    ] {
        assert_eq!(answer.header("x-amz-bucket-region"), Some("eu-west-1"));
    }
}

#[test]
fn a_missing_bucket_is_missing_for_everybody() {
    let lab = landing_zone();
    let mut doer = Program::in_role(&lab, DEV_DOER);
    let answer = doer.call(ask("s3", "GET", "/no-such-bucket/key"));
    assert_eq!(
        answer.summary(),
        "404 NoSuchBucket: The specified bucket does not exist"
    );
    assert_eq!(doer.call(ask("s3", "HEAD", "/no-such-bucket")).status, 404);
}

#[test]
fn only_who_may_list_learns_that_a_key_is_missing() {
    let (lab, mut state) = state_management();
    assert_eq!(state.get("/missing").code(), "NoSuchKey");
    let deny = json!({"Sid": "Blind", "Effect": "Deny", "Action": "s3:ListBucket",
                      "Resource": "*"});
    lab.add_statement(PolicyOf::Principals("*state-mgmt-role"), &deny)
        .expect("a statement");
    assert_eq!(
        state.get("/missing").summary(),
        "403 AccessDenied: Access Denied"
    );
    let reason = lab
        .record()
        .pop()
        .and_then(|call| call.reason)
        .expect("a reason");
    assert_eq!(
        reason,
        "the key does not exist, and the caller may not list the bucket"
    );
}

#[test]
fn no_doer_reaches_the_state() {
    let lab = landing_zone();
    lab.put_object(BUCKET, "key", "state")
        .expect("the bucket is there");
    let shared_doer = format!("arn:aws:iam::{SHARED}:role/doer-role");
    let mut neighbour = Program::in_role(&lab, &shared_doer);
    assert_eq!(
        neighbour.get("/key").summary(),
        format!(
            "403 AccessDenied: User: arn:aws:sts::{SHARED}:assumed-role/doer-role/test is not \
             authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::{BUCKET}/key\" \
             because no identity-based policy allows the s3:GetObject action"
        )
    );
    let mut stranger = Program::in_role(&lab, DEV_DOER);
    assert_eq!(
        stranger.get("/key").summary(),
        "403 AccessDenied: Access Denied"
    );
    assert_eq!(stranger.call(s3("HEAD", "/key")).status, 403);
    assert_eq!(stranger.put("/key", "mine").status, 403);
    assert_eq!(
        lab.object(BUCKET, "key").expect("it is still there"),
        b"state"
    );
}

#[test]
fn a_bucket_policy_opens_a_bucket_to_another_account() {
    let grant = json!({"Statement": {
        "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{DEV}:root")},
        "Action": "s3:GetObject", "Resource": "arn:aws:s3:::artifacts/*",
    }});
    let lab = with_bucket("artifacts", &json!({"account": SHARED, "policy": grant}));
    lab.put_object("artifacts", "module.zip", "zip")
        .expect("the bucket is there");
    let mut doer = Program::in_role(&lab, DEV_DOER);
    assert_eq!(
        doer.call(ask("s3", "GET", "/artifacts/module.zip")).text(),
        "zip"
    );
    assert_eq!(
        doer.call(ask("s3", "PUT", "/artifacts/module.zip")).status,
        403
    );
    let mut state = Program::in_role(&lab, STATE);
    assert_eq!(
        state.call(ask("s3", "GET", "/artifacts/module.zip")).status,
        403
    );
}

#[test]
fn the_expected_owner_must_be_the_owner() {
    let (lab, mut state) = state_management();
    lab.put_object(BUCKET, "key", "state")
        .expect("the bucket is there");
    let expecting = |account| s3("GET", "/key").header("x-amz-expected-bucket-owner", account);
    assert_eq!(state.call(expecting(SHARED)).status, 200);
    assert_eq!(
        state.call(expecting(DEV)).summary(),
        "403 AccessDenied: Access Denied"
    );
}

#[test]
fn a_long_object_comes_in_parts() {
    let (lab, mut state) = state_management();
    let created = state.call(s3("POST", "/big?uploads"));
    let id = created.element("UploadId");
    let (long, short) = ("x".repeat(5 << 20), "end");
    let parts = [(1, long.as_str()), (2, short)].map(|(number, body)| {
        let part = state.put(&format!("/big?partNumber={number}&uploadId={id}"), body);
        let etag = part.header("etag").expect("a tag");
        format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>")
    });
    let list = parts.concat();
    let complete = |list: &str| {
        let body = format!("<CompleteMultipartUpload>{list}</CompleteMultipartUpload>");
        s3("POST", &format!("/big?uploadId={id}")).body(body)
    };
    let wrong = list.replacen("<ETag>\"", "<ETag>\"0", 1);
    assert_eq!(state.call(complete(&wrong)).code(), "InvalidPart");
    let done = state.call(complete(&list));
    assert_eq!(done.status, 200, "{}", done.summary());
    assert!(
        done.element("ETag").ends_with("-2\""),
        "{}",
        done.element("ETag")
    );
    assert_eq!(
        lab.object(BUCKET, "big").expect("it is there").len(),
        (5 << 20) + 3
    );
    assert_eq!(state.call(complete(&list)).code(), "NoSuchUpload");
    assert_eq!(
        state
            .call(s3("DELETE", &format!("/big?uploadId={id}")))
            .code(),
        "NoSuchUpload"
    );
}

#[test]
fn a_body_that_is_not_what_its_checksum_says_is_refused() {
    let (lab, mut state) = state_management();
    for (name, value) in [
        ("content-md5", "XUFAKrxLKna5cZ2REBfFkg=="),
        (
            "x-amz-checksum-sha256",
            "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
        ),
    ] {
        let sent = |body: &str| s3("PUT", "/key").header(name, value).body(body);
        assert_eq!(state.call(sent("hello")).status, 200, "{name}");
        assert_eq!(state.call(sent("hullo")).code(), "BadDigest", "{name}");
    }
    assert_eq!(lab.object(BUCKET, "key").expect("it is there"), b"hello");
}

#[test]
fn what_the_lab_does_not_serve_it_refuses_by_name() {
    let (lab, mut state) = state_management();
    let answer = state.get("/key?tagging");
    assert_eq!(
        answer.summary(),
        "501 NotImplemented: The lab's S3 does not implement GETObject?tagging."
    );
    assert_eq!(lab.calls().of("s3:GETObject?tagging").len(), 1);
}

fn with_bucket(name: &str, plan: &Value) -> Lab {
    let mut bucket = plan.clone();
    bucket["name"] = name.into();
    landing_zone_with(&json!({ "buckets": [bucket] }))
}
