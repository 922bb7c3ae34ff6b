//! What a bucket holds: keys, each with its versions, and uploads that are not finished.

use std::collections::BTreeMap;

use hyper::body::Bytes;
use jiff::Timestamp;
use md5::{Digest, Md5};

use super::multipart::MultipartUpload;
use crate::identity::keyring::{hex, random};
use crate::policy::Policy;
use crate::world::BucketPlan;

#[derive(Debug)]
pub(crate) struct Bucket {
    pub(crate) owner: String,
    pub(crate) region: String,
    pub(crate) versioned: bool,
    pub(crate) policy: Option<Policy>,
    /// The newest version last.
    objects: BTreeMap<String, Vec<Version>>,
    pub(super) uploads: BTreeMap<String, MultipartUpload>,
}

#[derive(Clone, Debug)]
pub(crate) struct Version {
    pub(crate) id: String,
    pub(crate) modified: Timestamp,
    /// Nothing in a delete marker.
    pub(crate) content: Option<Content>,
}

#[derive(Clone, Debug)]
pub(crate) struct Content {
    pub(crate) body: Bytes,
    /// With its quotes.
    pub(crate) etag: String,
    /// Headers that are given back with the object.
    pub(crate) headers: Vec<(String, String)>,
    /// Checksum headers, which are given back to those who ask.
    pub(crate) checksums: Vec<(String, String)>,
}

impl Content {
    /// An object without any headers of its own.
    pub(crate) fn plain(body: Bytes) -> Self {
        let etag = etag(&body);
        Self {
            body,
            etag,
            headers: Vec::new(),
            checksums: Vec::new(),
        }
    }
}

impl Bucket {
    pub(crate) fn open(plan: BucketPlan, policy: Option<Policy>, default_region: &str) -> Self {
        Self {
            owner: plan.account,
            region: plan.region.unwrap_or_else(|| default_region.to_owned()),
            versioned: plan.versioned,
            policy,
            objects: BTreeMap::new(),
            uploads: BTreeMap::new(),
        }
    }

    /// All keys with their versions, oldest version first.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (&str, &[Version])> {
        self.objects
            .iter()
            .map(|(key, versions)| (key.as_str(), versions.as_slice()))
    }

    /// Keys that hold something now, with what they hold.
    pub(crate) fn current(&self) -> impl Iterator<Item = (&str, &Version, &Content)> {
        self.keys().filter_map(|(key, versions)| {
            let version = versions.last()?;
            Some((key, version, version.content.as_ref()?))
        })
    }

    pub(crate) fn newest(&self, key: &str) -> Option<&Version> {
        self.objects.get(key)?.last()
    }

    pub(crate) fn content(&self, key: &str) -> Option<&Content> {
        self.newest(key)?.content.as_ref()
    }

    pub(super) fn version(&self, key: &str, id: &str) -> Option<&Version> {
        self.objects
            .get(key)?
            .iter()
            .find(|version| version.id == id)
    }

    /// Puts an object; the id of its version, if the bucket keeps versions.
    pub(crate) fn put(&mut self, key: &str, content: Content, now: Timestamp) -> Option<String> {
        self.push(key, Some(content), now)
    }

    /// Deletes an object: by a marker where versions are kept, whose id this gives.
    pub(crate) fn delete(&mut self, key: &str, now: Timestamp) -> Option<String> {
        if self.versioned {
            return self.push(key, None, now);
        }
        self.objects.remove(key);
        None
    }

    /// Deletes one version for good, and gives it back.
    pub(super) fn delete_version(&mut self, key: &str, id: &str) -> Option<Version> {
        let versions = self.objects.get_mut(key)?;
        let position = versions.iter().position(|version| version.id == id)?;
        let removed = versions.remove(position);
        if versions.is_empty() {
            self.objects.remove(key);
        }
        Some(removed)
    }

    fn push(&mut self, key: &str, content: Option<Content>, now: Timestamp) -> Option<String> {
        let versions = self.objects.entry(key.to_owned()).or_default();
        if !self.versioned {
            *versions = vec![Version {
                id: "null".to_owned(),
                modified: now,
                content,
            }];
            return None;
        }
        let id = hex(&random::<16>());
        versions.push(Version {
            id: id.clone(),
            modified: now,
            content,
        });
        Some(id)
    }
}

pub(super) fn etag(body: &[u8]) -> String {
    format!("\"{}\"", hex(&Md5::digest(body)))
}
