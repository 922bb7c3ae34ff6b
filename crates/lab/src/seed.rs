//! Reading and filling buckets from outside, past all permissions: what tests need
//! before and after the part that they test.

use hyper::body::Bytes;
use jiff::Timestamp;
use thiserror::Error;

use crate::cloud::Cloud;
use crate::service::s3::{Bucket, Content};

/// Something was sought in a bucket that the world does not have.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SeedError {
    #[error("the world has no bucket {0}")]
    NoBucket(String),
}

impl Cloud {
    pub(crate) fn bucket_named(&mut self, name: &str) -> Result<&mut Bucket, SeedError> {
        self.buckets
            .get_mut(name)
            .ok_or_else(|| SeedError::NoBucket(name.to_owned()))
    }

    /// Puts an object and gives the id of its version, if the bucket keeps versions.
    pub(crate) fn put_object(
        &mut self,
        bucket: &str,
        key: &str,
        body: Bytes,
        now: Timestamp,
    ) -> Result<Option<String>, SeedError> {
        Ok(self
            .bucket_named(bucket)?
            .put(key, Content::plain(body), now))
    }

    pub(crate) fn object(&self, bucket: &str, key: &str) -> Option<Bytes> {
        Some(self.buckets.get(bucket)?.content(key)?.body.clone())
    }

    pub(crate) fn object_keys(&self, bucket: &str) -> Vec<String> {
        let bucket = self.buckets.get(bucket).into_iter();
        bucket
            .flat_map(Bucket::current)
            .map(|(key, _, _)| key.to_owned())
            .collect()
    }
}
