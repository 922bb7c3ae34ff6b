//! Reading and filling buckets and tables from outside, past all permissions: what tests need
//! before and after the part that they test.

use hyper::body::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::cloud::Cloud;
use crate::service::dynamodb::Table;
use crate::service::s3::{Bucket, Content};

/// A terraform lock that somebody holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    pub kind: LockKind,
    /// The table or bucket that holds the lock.
    pub place: String,
    /// What is locked: bucket and key in a table, the lock object's key in a bucket.
    pub id: String,
    /// What terraform wrote about the holder; empty if it wrote nothing.
    pub info: String,
}

/// Where terraform keeps a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LockKind {
    /// An item in a DynamoDB table.
    Item,
    /// An object beside the state.
    Object,
}

/// Something was sought in a bucket or table that the world does not have.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SeedError {
    #[error("the world has no bucket {0}")]
    NoBucket(String),
    #[error("the world has no table {0}")]
    NoTable(String),
    #[error("the item does not fit into table {table}: {problem}")]
    Item { table: String, problem: String },
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

    pub(crate) fn put_item(
        &mut self,
        table: &str,
        item: Map<String, Value>,
    ) -> Result<(), SeedError> {
        let found = self
            .tables
            .iter_mut()
            .find(|candidate| candidate.name() == table);
        let found = found.ok_or_else(|| SeedError::NoTable(table.to_owned()))?;
        found
            .put(item)
            .map(|_| ())
            .map_err(|refusal| SeedError::Item {
                table: table.to_owned(),
                problem: refusal.message.into(),
            })
    }

    pub(crate) fn items(&self, table: &str) -> Vec<Value> {
        let tables = self
            .tables
            .iter()
            .filter(|candidate| candidate.name() == table);
        tables
            .flat_map(Table::items)
            .cloned()
            .map(Value::Object)
            .collect()
    }

    /// The locks that are held, of both kinds. Digests, which share the table, are not locks.
    pub(crate) fn locks(&self) -> Vec<Lock> {
        let text = |item: &Map<String, Value>, name: &str| {
            item.get(name)
                .and_then(|value| value["S"].as_str())
                .map(str::to_owned)
        };
        let items = self.tables.iter().flat_map(|table| {
            table.items().filter_map(move |item| {
                let id = text(item, "LockID").filter(|id| !id.ends_with("-md5"))?;
                let info = text(item, "Info").unwrap_or_default();
                Some(Lock {
                    kind: LockKind::Item,
                    place: table.name().to_owned(),
                    id,
                    info,
                })
            })
        });
        let objects = self.buckets.iter().flat_map(|(name, bucket)| {
            let files = bucket
                .current()
                .filter(|(key, _, _)| key.ends_with(".tflock"));
            files.map(move |(key, _, content)| Lock {
                kind: LockKind::Object,
                place: name.clone(),
                id: key.to_owned(),
                info: String::from_utf8_lossy(&content.body).into_owned(),
            })
        });
        items.chain(objects).collect()
    }
}
