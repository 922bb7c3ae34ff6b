//! What `doctor` looks at and a run does not: keys, versioning, lock tables, AWS's clock.
//!
//! Everything here only reads. A lock table is asked with one call that is signed here: a whole
//! client for `DynamoDB` would be built for that single question.

use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use aws_sdk_s3::types::BucketVersioningStatus;
use aws_sdk_sts::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_sts::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_sts::error::BoxError;
use serde_json::{Value as Json, json};

use super::signed::SignedPost;
use super::{FALLBACK_REGION, SdkAws, failure, sts_as};
use crate::aws::clock::from_http_date;
use crate::aws::{AwsAnswer, AwsError, KeyListing, KeyPage, ListedKey, Versioning};
use crate::model::{S3State, Session};

/// The name of the key by which engines know locks.
const LOCK_KEY: &str = "LockID";
const JSON_1_0: &str = "application/x-amz-json-1.0";
const GET_ITEM: &str = "DynamoDB_20120810.GetItem";

impl SdkAws {
    pub(super) async fn page_of_keys(
        &self,
        session: &Session,
        wanted: &KeyListing<'_>,
    ) -> Result<KeyPage, AwsError> {
        let state = wanted.state;
        let answer = self
            .s3
            .list_objects_v2()
            .bucket(&state.bucket)
            .prefix(wanted.prefix)
            .set_continuation_token(wanted.after.clone())
            .set_expected_bucket_owner(state.owner.map(|owner| owner.to_string()))
            .customize()
            .config_override(self.s3_for(session, state))
            .send()
            .await
            .map_err(|error| failure(&error))?;
        let next = answer.next_continuation_token.clone();
        let keys = answer.contents().iter().filter_map(|object| {
            Some(ListedKey {
                key: object.key()?.to_owned(),
                last_modified: object
                    .last_modified()
                    .and_then(|time| SystemTime::try_from(*time).ok()),
            })
        });
        Ok(KeyPage {
            keys: keys.collect(),
            next,
        })
    }

    pub(super) async fn versioning_of(
        &self,
        session: &Session,
        state: &S3State,
    ) -> Result<Versioning, AwsError> {
        let answer = self
            .s3
            .get_bucket_versioning()
            .bucket(&state.bucket)
            .set_expected_bucket_owner(state.owner.map(|owner| owner.to_string()))
            .customize()
            .config_override(self.s3_for(session, state))
            .send()
            .await
            .map_err(|error| failure(&error))?;
        Ok(match answer.status() {
            Some(BucketVersioningStatus::Enabled) => Versioning::Enabled,
            Some(_) => Versioning::Suspended,
            None => Versioning::Never,
        })
    }

    /// AWS's clock, by the `Date` of an answer.
    pub(super) async fn date_of_an_answer(
        &self,
        session: &Session,
    ) -> Result<Option<SystemTime>, AwsError> {
        let seen = DateSeen::default();
        let answer = self
            .sts
            .get_caller_identity()
            .customize()
            .interceptor(seen.clone())
            .config_override(sts_as(session))
            .send()
            .await;
        answer.map_err(|error| failure(&error))?;
        Ok(seen.0.get().copied())
    }

    /// Asks for one lock, as an engine does before it takes it.
    pub(super) async fn get_lock(
        &self,
        session: &Session,
        state: &S3State,
        table: &str,
        now: SystemTime,
    ) -> Result<(), AwsError> {
        let region = self.region_of(state);
        let url = self.dynamodb_endpoint(&region);
        let id = format!("{}/{}", state.bucket, state.object_key());
        let body = json!({"TableName": table, "Key": {LOCK_KEY: {"S": id}}}).to_string();
        let post = SignedPost {
            service: "dynamodb",
            region: &region,
            url: &url,
            headers: &[("content-type", JSON_1_0), ("x-amz-target", GET_ITEM)],
            body: &body,
        };
        let reply = post.send(session, now).await?;
        if reply.is_success() {
            return Ok(());
        }
        Err(refusal(reply.status, &reply.text, reply.server_time))
    }

    /// Where `DynamoDB` is, by the environment, the profile, or AWS's rule.
    fn dynamodb_endpoint(&self, region: &str) -> String {
        self.named_endpoint("DynamoDB").unwrap_or_else(|| {
            let partition = if region.starts_with("cn-") { ".cn" } else { "" };
            format!("https://dynamodb.{region}.amazonaws.com{partition}")
        })
    }

    /// Where a bucket and its lock table are. A profile's region is never taken.
    pub(super) fn region_of(&self, state: &S3State) -> String {
        let named = state.region.clone();
        named
            .or_else(|| self.options.environment_region.clone())
            .unwrap_or_else(|| FALLBACK_REGION.to_owned())
    }
}

/// `DynamoDB`'s no: `{"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", …}`.
fn refusal(status: u16, text: &str, server_time: Option<SystemTime>) -> AwsError {
    let json: Json = serde_json::from_str(text).unwrap_or_default();
    let code = json["__type"].as_str().map_or_else(
        || format!("HTTP {status}"),
        |code| code.rsplit('#').next().unwrap_or(code).to_owned(),
    );
    let message = ["message", "Message"]
        .iter()
        .find_map(|name| json[name].as_str())
        .unwrap_or_default();
    AwsError::Answered(Box::new(AwsAnswer {
        status,
        code,
        message: message.to_owned(),
        server_time,
        bucket_region: None,
    }))
}

/// Keeps the `Date` of the answer that it sees.
#[derive(Clone, Debug, Default)]
struct DateSeen(Arc<OnceLock<SystemTime>>);

impl Intercept for DateSeen {
    fn name(&self) -> &'static str {
        "DateSeen"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        if let Some(date) = date.and_then(from_http_date) {
            // The first answer counts; a second attempt would say nearly the same.
            let _ = self.0.set(date);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_a_lock_table_is_told_by_its_code() {
        let text = r#"{"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
            "message": "Requested resource not found"}"#;
        let error = refusal(400, text, None);
        assert_eq!(error.code(), "ResourceNotFoundException");
        assert_eq!(error.to_string(), "Requested resource not found");
        assert_eq!(refusal(502, "<html>", None).code(), "HTTP 502");
    }
}
