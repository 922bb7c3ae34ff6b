//! Single objects: whole or in part, on conditions, in their versions.

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::body::Bytes;
use md5::Md5;
use sha2::{Digest, Sha256};

use super::store::{Bucket, Content, Version, etag};
use crate::clock;
use crate::http::answer::Answer;
use crate::http::request::Request;
use crate::service::Visit;
use crate::service::refusal::Refusal;

/// Headers that an object keeps. What it is encrypted with is among them.
const KEPT: [&str; 8] = [
    "content-type",
    "cache-control",
    "content-disposition",
    "content-language",
    "expires",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-storage-class",
];

/// Whether the caller may be told that a key does not exist.
#[derive(Clone, Copy, Debug)]
pub(super) struct MayList(pub(super) bool);

/// A body that was sent whole and is what its checksums say.
#[derive(Debug)]
pub(super) struct Upload {
    pub(super) content: Content,
}

impl Upload {
    pub(super) fn read(request: &Request) -> Result<Self, Refusal> {
        let md5 = || STANDARD.encode(Md5::digest(&request.body));
        if request
            .header("content-md5")
            .is_some_and(|announced| announced != md5())
        {
            let message = "The Content-MD5 you specified did not match what we received.";
            return Err(Refusal::new(400, "BadDigest", message));
        }
        let sha256 = || STANDARD.encode(Sha256::digest(&request.body));
        if request
            .header("x-amz-checksum-sha256")
            .is_some_and(|announced| announced != sha256())
        {
            let message = "The sha256 you specified did not match the calculated checksum.";
            return Err(Refusal::new(400, "BadDigest", message));
        }
        let content = Content {
            etag: etag(&request.body),
            body: request.body.clone(),
            headers: kept_headers(request),
            checksums: headers_that(request, |name| {
                name.starts_with("x-amz-checksum-") && name != "x-amz-checksum-algorithm"
            }),
        };
        Ok(Self { content })
    }
}

/// The headers to keep with a new object. Without a wish, S3 encrypts with a key of its own.
pub(super) fn kept_headers(request: &Request) -> Vec<(String, String)> {
    let mut headers = headers_that(request, |name| {
        KEPT.contains(&name) || name.starts_with("x-amz-meta-")
    });
    let encoding = request.header("content-encoding").unwrap_or_default();
    // `aws-chunked` was the encoding of the way here, not of the object.
    let encodings = encoding.split(',').map(str::trim);
    let encodings: Vec<&str> = encodings
        .filter(|name| !name.is_empty() && *name != "aws-chunked")
        .collect();
    if !encodings.is_empty() {
        headers.push(("content-encoding".to_owned(), encodings.join(",")));
    }
    if request.header(ENCRYPTION).is_none() {
        headers.push((ENCRYPTION.to_owned(), "AES256".to_owned()));
    }
    headers
}

pub(super) const ENCRYPTION: &str = "x-amz-server-side-encryption";

fn headers_that(request: &Request, keep: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let headers = request
        .headers
        .iter()
        .filter(|(name, _)| keep(name.as_str()));
    headers
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
        .collect()
}

pub(super) fn get(
    bucket: &Bucket,
    key: &str,
    request: &Request,
    may_list: MayList,
) -> Result<Answer, Refusal> {
    let (version, content) = find(bucket, key, request, may_list)?;
    check_read_conditions(content, request)?;
    let size = content.body.len();
    let range = request
        .header("range")
        .and_then(|range| parse_range(range, size));
    let (status, part) = match &range {
        None => (200, 0..size),
        Some(Ok(part)) => (206, part.clone()),
        Some(Err(Unsatisfiable)) => {
            let asked = request.header("range").unwrap_or_default();
            return Err(Refusal::new(
                416,
                "InvalidRange",
                "The requested range is not satisfiable",
            )
            .detail("RangeRequested", asked)
            .detail("ActualObjectSize", size.to_string())
            .with("content-range", format!("bytes */{size}")));
        }
    };
    let mut answer = Answer::new(status)
        .with("etag", &content.etag)
        .with("last-modified", clock::http_date(version.modified))
        .with("accept-ranges", "bytes");
    if range.is_some() {
        let last = part.end - 1;
        answer = answer.with(
            "content-range",
            format!("bytes {}-{last}/{size}", part.start),
        );
    } else if request.header("x-amz-checksum-mode") == Some("ENABLED") {
        answer.headers.extend(content.checksums.iter().cloned());
    }
    if bucket.versioned {
        answer = answer.with("x-amz-version-id", &version.id);
    }
    answer.headers.extend(content.headers.iter().cloned());
    if !content
        .headers
        .iter()
        .any(|(name, _)| name == "content-type")
    {
        answer = answer.with("content-type", "binary/octet-stream");
    }
    Ok(answer.with_body(content.body.slice(part)))
}

pub(super) fn put(
    bucket: &mut Bucket,
    key: &str,
    upload: Upload,
    visit: Visit<'_>,
) -> Result<Answer, Refusal> {
    check_write_conditions(bucket, key, visit.request)?;
    let content = upload.content;
    let mut answer = Answer::new(200).with("etag", &content.etag);
    answer.headers.extend(content.checksums.iter().cloned());
    answer.headers.extend(
        content
            .headers
            .iter()
            .filter(|(name, _)| name == ENCRYPTION)
            .cloned(),
    );
    match bucket.put(key, content, visit.now) {
        Some(id) => Ok(answer.with("x-amz-version-id", id)),
        None => Ok(answer),
    }
}

pub(super) fn delete(bucket: &mut Bucket, key: &str, visit: Visit<'_>) -> Result<Answer, Refusal> {
    if visit.request.header("if-match").is_some() {
        check_write_conditions(bucket, key, visit.request)?;
    }
    let answer = Answer::new(204);
    if let Some(id) = visit.request.query("versionId") {
        let removed = bucket.delete_version(key, id);
        let was_marker = removed.is_some_and(|version| version.content.is_none());
        let answer = answer.with("x-amz-version-id", id);
        return Ok(if was_marker {
            answer.with("x-amz-delete-marker", "true")
        } else {
            answer
        });
    }
    match bucket.delete(key, visit.now) {
        Some(id) => Ok(answer
            .with("x-amz-version-id", id)
            .with("x-amz-delete-marker", "true")),
        None => Ok(answer),
    }
}

/// The version that is meant. Who may not list keys hears the same of a missing key as of one
/// that is out of bounds.
fn find<'a>(
    bucket: &'a Bucket,
    key: &str,
    request: &Request,
    MayList(may_list): MayList,
) -> Result<(&'a Version, &'a Content), Refusal> {
    let wanted = request.query("versionId");
    let found = match wanted {
        Some(id) => bucket.version(key, id),
        None => bucket.newest(key),
    };
    match (found, found.and_then(|version| version.content.as_ref())) {
        (Some(version), Some(content)) => Ok((version, content)),
        _ if !may_list => Err(super::denied()
            .because("the key does not exist, and the caller may not list the bucket")),
        (Some(marker), None) if wanted.is_some() => {
            let message = "The specified method is not allowed against this resource.";
            Err(Refusal::new(405, "MethodNotAllowed", message)
                .with("x-amz-delete-marker", "true")
                .with("x-amz-version-id", &marker.id))
        }
        (Some(marker), None) => Err(no_such_key(key)
            .with("x-amz-delete-marker", "true")
            .with("x-amz-version-id", &marker.id)),
        (None, _) => match wanted {
            Some(id) => {
                let message = "The specified version does not exist.";
                Err(Refusal::new(404, "NoSuchVersion", message).detail("VersionId", id))
            }
            None => Err(no_such_key(key)),
        },
    }
}

fn check_read_conditions(content: &Content, request: &Request) -> Result<(), Refusal> {
    if request
        .header("if-match")
        .is_some_and(|wanted| !names(wanted, content))
    {
        return Err(precondition_failed("If-Match"));
    }
    if request
        .header("if-none-match")
        .is_some_and(|known| names(known, content))
    {
        return Err(Refusal::new(304, "NotModified", "").with("etag", &content.etag));
    }
    Ok(())
}

pub(super) fn check_write_conditions(
    bucket: &Bucket,
    key: &str,
    request: &Request,
) -> Result<(), Refusal> {
    let current = bucket.content(key);
    if request.header("if-none-match") == Some("*") && current.is_some() {
        return Err(precondition_failed("If-None-Match"));
    }
    match (request.header("if-match"), current) {
        (Some(_), None) => Err(no_such_key(key)),
        (Some(wanted), Some(content)) if !names(wanted, content) => {
            Err(precondition_failed("If-Match"))
        }
        (Some(_) | None, _) => Ok(()),
    }
}

/// Whether one of the listed entity tags is the object's.
fn names(listed: &str, content: &Content) -> bool {
    let bare = |tag: &str| {
        tag.trim()
            .trim_start_matches("W/")
            .trim_matches('"')
            .to_owned()
    };
    listed
        .split(',')
        .any(|tag| tag.trim() == "*" || bare(tag) == bare(&content.etag))
}

fn precondition_failed(condition: &str) -> Refusal {
    let message = "At least one of the pre-conditions you specified did not hold";
    Refusal::new(412, "PreconditionFailed", message).detail("Condition", condition)
}

fn no_such_key(key: &str) -> Refusal {
    Refusal::new(404, "NoSuchKey", "The specified key does not exist.").detail("Key", key)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Unsatisfiable;

/// Reads a `Range` header. Nothing if it is none that S3 heeds: then the whole is sent.
fn parse_range(header: &str, size: usize) -> Option<Result<Range<usize>, Unsatisfiable>> {
    let (first, last) = header.strip_prefix("bytes=")?.split_once('-')?;
    let range = match (first.trim(), last.trim()) {
        ("", suffix) => {
            let length: usize = suffix.parse().ok()?;
            size.saturating_sub(length)..if length == 0 { 0 } else { size }
        }
        (first, "") => first.parse().ok()?..size,
        (first, last) => {
            let (first, last): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
            if last < first {
                return None;
            }
            first..last.saturating_add(1).min(size)
        }
    };
    Some(if range.start < range.end {
        Ok(range)
    } else {
        Err(Unsatisfiable)
    })
}

/// Joins bodies without copying when there is only one.
pub(super) fn joined(bodies: &[Bytes]) -> Bytes {
    match bodies {
        [single] => single.clone(),
        several => several.concat().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_cut_to_the_object_or_refused() {
        for (header, expected) in [
            ("bytes=0-9", Some(Ok(0..10))),
            ("bytes=90-200", Some(Ok(90..100))),
            ("bytes=95-", Some(Ok(95..100))),
            ("bytes=-5", Some(Ok(95..100))),
            ("bytes=-500", Some(Ok(0..100))),
            ("bytes=100-", Some(Err(Unsatisfiable))),
            ("bytes=-0", Some(Err(Unsatisfiable))),
            ("bytes=9-0", None),
            ("lines=0-9", None),
            ("bytes=a-b", None),
        ] {
            assert_eq!(parse_range(header, 100), expected, "{header}");
        }
        assert_eq!(parse_range("bytes=0-9", 0), Some(Err(Unsatisfiable)));
    }
}
