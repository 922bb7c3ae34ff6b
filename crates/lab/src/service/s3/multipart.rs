//! Uploads in parts, which clients choose for anything longer than a few megabytes.

use std::collections::BTreeMap;

use hyper::body::Bytes;
use md5::{Digest, Md5};

use super::Operation;
use super::object::{ENCRYPTION, Upload, check_write_conditions, joined, kept_headers};
use super::store::{Bucket, Content};
use crate::http::answer::Answer;
use crate::http::request::Request;
use crate::identity::keyring::{hex, random};
use crate::service::Visit;
use crate::service::refusal::Refusal;
use crate::xml::{element, texts};

/// Every part but the last is at least this long.
const SHORTEST_PART: usize = 5 << 20;

#[derive(Debug)]
pub(crate) struct MultipartUpload {
    headers: Vec<(String, String)>,
    parts: BTreeMap<u32, Part>,
}

#[derive(Debug)]
struct Part {
    body: Bytes,
    etag: String,
}

pub(super) fn create(bucket: &mut Bucket, operation: &Operation, request: &Request) -> Answer {
    let id = hex(&random::<24>());
    let headers = kept_headers(request);
    bucket.uploads.insert(
        id.clone(),
        MultipartUpload {
            headers,
            parts: BTreeMap::new(),
        },
    );
    let elements = element("Bucket", &operation.bucket)
        + &element("Key", &operation.key)
        + &element("UploadId", &id);
    result("InitiateMultipartUploadResult", &elements)
}

pub(super) fn add_part(
    bucket: &mut Bucket,
    upload: Upload,
    request: &Request,
) -> Result<Answer, Refusal> {
    let number = request
        .query("partNumber")
        .and_then(|number| number.parse().ok());
    let number = number
        .filter(|number| (1..=10_000).contains(number))
        .ok_or_else(|| {
            let message = "Part number must be an integer between 1 and 10000, inclusive";
            Refusal::new(400, "InvalidArgument", message)
        })?;
    let target = running(bucket, request)?;
    let content = upload.content;
    let mut answer = Answer::new(200).with("etag", &content.etag);
    answer.headers.extend(content.checksums.iter().cloned());
    target.parts.insert(
        number,
        Part {
            body: content.body,
            etag: content.etag,
        },
    );
    Ok(answer)
}

pub(super) fn complete(
    bucket: &mut Bucket,
    operation: &Operation,
    visit: Visit<'_>,
) -> Result<Answer, Refusal> {
    check_write_conditions(bucket, &operation.key, visit.request)?;
    let upload = running(bucket, visit.request)?;
    let parts = chosen_parts(upload, &String::from_utf8_lossy(&visit.request.body))?;
    let bodies: Vec<Bytes> = parts.iter().map(|part| part.body.clone()).collect();
    let digests: Vec<u8> = bodies.iter().flat_map(Md5::digest).collect();
    let content = Content {
        body: joined(&bodies),
        etag: format!("\"{}-{}\"", hex(&Md5::digest(&digests)), bodies.len()),
        headers: upload.headers.clone(),
        checksums: Vec::new(),
    };
    let elements = element("Bucket", &operation.bucket)
        + &element("Key", &operation.key)
        + &element("ETag", &content.etag);
    let encryption = content
        .headers
        .iter()
        .find(|(name, _)| name == ENCRYPTION)
        .cloned();
    bucket
        .uploads
        .remove(visit.request.query("uploadId").unwrap_or_default());
    let id = bucket.put(&operation.key, content, visit.now);
    let mut answer = result("CompleteMultipartUploadResult", &elements);
    answer.headers.extend(encryption);
    answer
        .headers
        .extend(id.map(|id| ("x-amz-version-id".to_owned(), id)));
    Ok(answer)
}

pub(super) fn abort(bucket: &mut Bucket, request: &Request) -> Result<Answer, Refusal> {
    running(bucket, request)?;
    bucket
        .uploads
        .remove(request.query("uploadId").unwrap_or_default());
    Ok(Answer::new(204))
}

/// The parts that the caller lists, in the caller's order, each as it was uploaded.
fn chosen_parts<'a>(upload: &'a MultipartUpload, list: &str) -> Result<Vec<&'a Part>, Refusal> {
    let numbers = texts(list, "PartNumber");
    let etags = texts(list, "ETag");
    if numbers.is_empty() || numbers.len() != etags.len() {
        let message = "The XML you provided was not well-formed or did not validate against our \
                       published schema";
        return Err(Refusal::new(400, "MalformedXML", message));
    }
    let found = numbers.iter().zip(&etags).map(|(number, etag)| {
        let part = number
            .parse()
            .ok()
            .and_then(|number: u32| upload.parts.get(&number));
        part.filter(|part| part.etag.trim_matches('"') == etag.trim_matches('"'))
    });
    let parts: Vec<&Part> = found.collect::<Option<_>>().ok_or_else(|| {
        let message = "One or more of the specified parts could not be found. The part may not \
                       have been uploaded, or the specified entity tag may not match the part's \
                       entity tag.";
        Refusal::new(400, "InvalidPart", message)
    })?;
    let all_but_last = &parts[..parts.len() - 1];
    if all_but_last
        .iter()
        .any(|part| part.body.len() < SHORTEST_PART)
    {
        let message = "Your proposed upload is smaller than the minimum allowed size";
        return Err(Refusal::new(400, "EntityTooSmall", message));
    }
    Ok(parts)
}

fn running<'a>(
    bucket: &'a mut Bucket,
    request: &Request,
) -> Result<&'a mut MultipartUpload, Refusal> {
    let id = request.query("uploadId").unwrap_or_default();
    bucket.uploads.get_mut(id).ok_or_else(|| {
        let message = "The specified upload does not exist. The upload ID may be invalid, or the \
                       upload may have been aborted or completed.";
        Refusal::new(404, "NoSuchUpload", message)
    })
}

fn result(name: &str, elements: &str) -> Answer {
    let namespace = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";
    Answer::xml(200, &format!("<{name} {namespace}>{elements}</{name}>"))
}
