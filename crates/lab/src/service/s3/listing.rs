//! What is in a bucket, and what kind of bucket it is.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;

use super::store::{Bucket, Content, Version};
use crate::clock::iso_millis;
use crate::http::answer::Answer;
use crate::http::request::{Request, encode_path};
use crate::service::refusal::Refusal;
use crate::xml::{element, within};

/// What all listings may be asked for.
struct Wish<'a> {
    prefix: &'a str,
    delimiter: Option<&'a str>,
    most: usize,
    /// Names in the answer are percent-encoded, since XML cannot hold every key.
    encoded: bool,
}

/// One page of names: what is listed, and what is only a common beginning.
struct Page<T> {
    entries: Vec<T>,
    prefixes: Vec<String>,
    /// The last name of the page, if there is more after it.
    next: Option<String>,
}

impl<'a> Wish<'a> {
    fn read(request: &'a Request) -> Self {
        let most = request.query("max-keys").and_then(|most| most.parse().ok());
        Self {
            prefix: request.query("prefix").unwrap_or_default(),
            delimiter: request.query("delimiter").filter(|text| !text.is_empty()),
            most: most.unwrap_or(1000).min(1000),
            encoded: request.query("encoding-type") == Some("url"),
        }
    }

    /// The part of a key up to the first delimiter after the prefix.
    fn common_prefix<'k>(&self, key: &'k str) -> Option<&'k str> {
        let delimiter = self.delimiter?;
        let position = key[self.prefix.len()..].find(delimiter)?;
        Some(&key[..self.prefix.len() + position + delimiter.len()])
    }

    /// Fills a page with names that come in their order and lie after the mark already; a common
    /// beginning that was listed before the mark is not listed again.
    fn page<'k, T>(&self, names: impl Iterator<Item = (&'k str, T)>, after: &str) -> Page<T> {
        let mut page = Page {
            entries: Vec::new(),
            prefixes: Vec::new(),
            next: None,
        };
        let mut last = "";
        for (key, entry) in names.filter(|(key, _)| key.starts_with(self.prefix)) {
            let common = self.common_prefix(key);
            if common.is_some_and(|prefix| prefix <= after || prefix == last) {
                continue;
            }
            let listed = page.entries.len() + page.prefixes.len();
            if listed == self.most {
                page.next = (listed > 0).then(|| last.to_owned());
                break;
            }
            last = common.unwrap_or(key);
            match common {
                Some(prefix) => page.prefixes.push(prefix.to_owned()),
                None => page.entries.push(entry),
            }
        }
        page
    }

    fn name(&self, name: &str) -> String {
        if self.encoded {
            encode_path(name)
        } else {
            name.to_owned()
        }
    }

    /// The elements that every listing has in common.
    fn elements(&self, bucket_name: &str, is_truncated: bool) -> String {
        let mut elements = element("Name", bucket_name)
            + &element("Prefix", &self.name(self.prefix))
            + &element("MaxKeys", &self.most.to_string())
            + &element("IsTruncated", &is_truncated.to_string());
        if let Some(delimiter) = self.delimiter {
            elements.push_str(&element("Delimiter", &self.name(delimiter)));
        }
        if self.encoded {
            elements.push_str(&element("EncodingType", "url"));
        }
        elements
    }

    fn prefix_elements(&self, prefixes: &[String]) -> String {
        let elements = prefixes
            .iter()
            .map(|prefix| within("CommonPrefixes", &element("Prefix", &self.name(prefix))));
        elements.collect()
    }

    fn contents(&self, entries: &[(&str, &Version, &Content)]) -> String {
        let elements = entries.iter().map(|(key, version, content)| {
            let object = element("Key", &self.name(key))
                + &element("LastModified", &iso_millis(version.modified))
                + &element("ETag", &content.etag)
                + &element("Size", &content.body.len().to_string())
                + &element("StorageClass", "STANDARD");
            within("Contents", &object)
        });
        elements.collect()
    }
}

pub(super) fn objects(bucket: &Bucket, bucket_name: &str, request: &Request) -> Answer {
    let wish = Wish::read(request);
    let marker = request.query("marker").unwrap_or_default();
    let page = wish.page(current_after(bucket, marker), marker);
    let mut elements = wish.elements(bucket_name, page.next.is_some());
    elements.push_str(&element("Marker", &wish.name(marker)));
    // Without a delimiter callers take the last key for the next marker.
    if let Some(next) = page.next.filter(|_| wish.delimiter.is_some()) {
        elements.push_str(&element("NextMarker", &wish.name(&next)));
    }
    elements.push_str(&wish.contents(&page.entries));
    elements.push_str(&wish.prefix_elements(&page.prefixes));
    document("ListBucketResult", &elements)
}

pub(super) fn objects_v2(
    bucket: &Bucket,
    bucket_name: &str,
    request: &Request,
) -> Result<Answer, Refusal> {
    let wish = Wish::read(request);
    let token = request.query("continuation-token");
    let after = match token {
        Some(token) => from_token(token)?,
        None => request.query("start-after").unwrap_or_default().to_owned(),
    };
    let page = wish.page(current_after(bucket, &after), &after);
    let mut elements = wish.elements(bucket_name, page.next.is_some());
    let count = page.entries.len() + page.prefixes.len();
    elements.push_str(&element("KeyCount", &count.to_string()));
    if let Some(token) = token {
        elements.push_str(&element("ContinuationToken", token));
    }
    if let Some(next) = &page.next {
        elements.push_str(&element("NextContinuationToken", &URL_SAFE.encode(next)));
    }
    elements.push_str(&wish.contents(&page.entries));
    elements.push_str(&wish.prefix_elements(&page.prefixes));
    Ok(document("ListBucketResult", &elements))
}

pub(super) fn versions(bucket: &Bucket, bucket_name: &str, request: &Request) -> Answer {
    let wish = Wish::read(request);
    let key_mark = request.query("key-marker").unwrap_or_default();
    let version_mark = request
        .query("version-id-marker")
        .filter(|id| !id.is_empty());
    let page = wish.page(versions_after(bucket, key_mark, version_mark), key_mark);
    let mut elements = wish.elements(bucket_name, page.next.is_some());
    elements.push_str(&element("KeyMarker", &wish.name(key_mark)));
    elements.push_str(&element(
        "VersionIdMarker",
        version_mark.unwrap_or_default(),
    ));
    if let Some(next) = &page.next {
        elements.push_str(&element("NextKeyMarker", &wish.name(next)));
        // After a common beginning there is no version to go on from.
        let last = page.entries.last().filter(|entry| entry.key == next);
        if let Some(entry) = last {
            elements.push_str(&element("NextVersionIdMarker", &entry.version.id));
        }
    }
    elements.extend(page.entries.iter().map(|entry| entry.element(&wish)));
    elements.push_str(&wish.prefix_elements(&page.prefixes));
    document("ListVersionsResult", &elements)
}

pub(super) fn location(bucket: &Bucket) -> Answer {
    // The oldest region has no name of its own here.
    let region = if bucket.region == "us-east-1" {
        ""
    } else {
        &bucket.region
    };
    let namespace = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";
    Answer::xml(
        200,
        &format!("<LocationConstraint {namespace}>{region}</LocationConstraint>"),
    )
}

pub(super) fn versioning(bucket: &Bucket) -> Answer {
    let status = if bucket.versioned {
        element("Status", "Enabled")
    } else {
        String::new()
    };
    document("VersioningConfiguration", &status)
}

/// One version of one key, as a listing of versions has it.
struct VersionEntry<'a> {
    key: &'a str,
    version: &'a Version,
    is_latest: bool,
}

impl VersionEntry<'_> {
    fn element(&self, wish: &Wish<'_>) -> String {
        let mut elements = element("Key", &wish.name(self.key))
            + &element("VersionId", &self.version.id)
            + &element("IsLatest", &self.is_latest.to_string())
            + &element("LastModified", &iso_millis(self.version.modified));
        match &self.version.content {
            None => within("DeleteMarker", &elements),
            Some(content) => {
                elements.push_str(&element("ETag", &content.etag));
                elements.push_str(&element("Size", &content.body.len().to_string()));
                elements.push_str(&element("StorageClass", "STANDARD"));
                within("Version", &elements)
            }
        }
    }
}

type CurrentEntry<'a> = (&'a str, &'a Version, &'a Content);

fn current_after<'a>(
    bucket: &'a Bucket,
    mark: &'a str,
) -> impl Iterator<Item = (&'a str, CurrentEntry<'a>)> {
    let entries = bucket
        .current()
        .filter(move |(key, _, _)| mark.is_empty() || *key > mark);
    entries.map(|entry| (entry.0, entry))
}

/// All versions, the newest of a key first, from after the mark on. A mark without a version
/// stands behind all versions of its key.
fn versions_after<'a>(
    bucket: &'a Bucket,
    key_mark: &'a str,
    version_mark: Option<&'a str>,
) -> impl Iterator<Item = (&'a str, VersionEntry<'a>)> {
    let keys = bucket.keys().filter(move |(key, _)| {
        key_mark.is_empty() || *key > key_mark || (*key == key_mark && version_mark.is_some())
    });
    keys.flat_map(move |(key, versions)| {
        let marked = version_mark.filter(|_| key == key_mark);
        let older = marked.map_or(versions.len(), |mark| {
            versions
                .iter()
                .position(|version| version.id == mark)
                .unwrap_or(0)
        });
        let entries = versions[..older].iter().enumerate().rev();
        entries.map(move |(index, version)| {
            (
                key,
                VersionEntry {
                    key,
                    version,
                    is_latest: index + 1 == versions.len(),
                },
            )
        })
    })
}

fn from_token(token: &str) -> Result<String, Refusal> {
    let decoded = URL_SAFE
        .decode(token)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.ok_or_else(|| {
        Refusal::new(
            400,
            "InvalidArgument",
            "The continuation token provided is incorrect",
        )
    })
}

fn document(name: &str, elements: &str) -> Answer {
    let namespace = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";
    Answer::xml(200, &format!("<{name} {namespace}>{elements}</{name}>"))
}
