//! Calls to services for which no client is built: one signed POST each, whose answer the caller
//! reads.

use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_types::service_config::ServiceConfigKey;

use super::{SdkAws, credentials, innermost};
use crate::aws::AwsError;
use crate::aws::clock::from_http_date;
use crate::model::Session;

/// How long a service may take to answer.
const PATIENCE: Duration = Duration::from_secs(12);

/// What is asked, of whom.
#[derive(Clone, Copy, Debug)]
pub(super) struct SignedPost<'p> {
    /// As signatures name it.
    pub(super) service: &'p str,
    pub(super) region: &'p str,
    pub(super) url: &'p str,
    pub(super) headers: &'p [(&'p str, &'p str)],
    pub(super) body: &'p str,
}

/// Whatever the service answered with.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    /// AWS's clock, from the answer's `Date`.
    pub(super) server_time: Option<SystemTime>,
    pub(super) text: String,
}

impl SignedPost<'_> {
    pub(super) async fn send(&self, session: &Session, now: SystemTime) -> Result<Reply, AwsError> {
        let unreachable = |error: reqwest::Error| AwsError::NoAnswer {
            detail: innermost(&error),
        };
        let signature = self.signature(session, now);
        let signature = signature.map_err(|detail| AwsError::NoAnswer { detail })?;
        let client = reqwest::Client::builder().build().map_err(unreachable)?;
        let mut request = client.post(self.url).timeout(PATIENCE);
        for (name, value) in self.headers {
            request = request.header(*name, *value);
        }
        for (name, value) in signature {
            request = request.header(name, value);
        }
        let answer = request.body(self.body.to_owned()).send().await;
        let answer = answer.map_err(unreachable)?;
        let date = answer.headers().get("date");
        let server_time = date
            .and_then(|date| date.to_str().ok())
            .and_then(from_http_date);
        Ok(Reply {
            status: answer.status().as_u16(),
            server_time,
            text: answer.text().await.map_err(unreachable)?,
        })
    }

    /// The headers that prove who asks.
    fn signature(
        &self,
        session: &Session,
        now: SystemTime,
    ) -> Result<Vec<(String, String)>, String> {
        let identity = credentials(session).into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name(self.service)
            .time(now)
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| error.to_string())?
            .into();
        let body = SignableBody::Bytes(self.body.as_bytes());
        let headers = self.headers.iter().copied();
        let request = SignableRequest::new("POST", self.url, headers, body)
            .map_err(|error| error.to_string())?;
        let (signed, _) = sign(request, &params)
            .map_err(|error| error.to_string())?
            .into_parts();
        let headers = signed.headers();
        Ok(headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect())
    }
}

impl Reply {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl SdkAws {
    /// Where a service is, if the environment or the profile says so.
    pub(super) fn named_endpoint(&self, service_id: &str) -> Option<String> {
        let key = ServiceConfigKey::builder()
            .service_id(service_id)
            .profile("endpoint_url")
            .env("AWS_ENDPOINT_URL")
            .build()
            .expect("all three are set");
        let of_service = self.config.service_config();
        of_service
            .and_then(|config| config.load_config(key))
            .or_else(|| self.config.endpoint_url().map(ToOwned::to_owned))
    }
}
