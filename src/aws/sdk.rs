//! The real AWS. Only this module imports its SDK.
//!
//! The SDK finds the base identity and signs; every role is assumed by [`RoleSessions`], since the
//! SDK's own cache would assume again. Endpoints, proxies and profiles are the SDK's own reading
//! of the environment and of `~/.aws`.
//!
//! [`RoleSessions`]: super::RoleSessions

mod base;
mod caller;
mod looks;
mod signed;

use std::time::{Duration, SystemTime};

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_s3::config::{IdentityCache, ResponseChecksumValidation, SharedHttpClient};
use aws_sdk_sts::config::http::HttpResponse;
use aws_sdk_sts::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_sts::primitives::DateTime;
use aws_sdk_sts::types::{AssumedRoleUser, PolicyDescriptorType, Tag};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls;
use camino::Utf8Path;

use super::clock::from_http_date;
use super::{
    Assumed, Aws, AwsAnswer, AwsError, BaseSurroundings, KeyListing, KeyPage, NoCredentials,
    ObjectPart, ObjectRange, Versioning, github_token,
};
use crate::model::{
    Assumption, BaseIdentity, Principal, RoleChain, S3State, Secret, Session, SessionDuration,
    WebIdentityToken,
};

/// AWS by its SDK, over one shared HTTP client. It belongs to the runtime that it was loaded in.
#[derive(Debug)]
pub struct SdkAws {
    config: SdkConfig,
    http: SharedHttpClient,
    sts: aws_sdk_sts::Client,
    s3: aws_sdk_s3::Client,
    options: SdkOptions,
}

/// What the command line and the captured environment say about the base identity.
#[derive(Clone, Debug, Default)]
pub struct SdkOptions {
    /// The base profile, in place of `AWS_PROFILE`. Its region is taken where none is named.
    pub profile: Option<String>,
    /// The base identity itself, where somebody else has found it.
    pub base: Option<Session>,
    /// What decides about the base identity otherwise.
    pub surroundings: BaseSurroundings,
    /// What the device of the base identity's profile shows. It is good once.
    pub mfa_code: Option<Secret<String>>,
    /// Where all calls go, in place of `AWS_ENDPOINT_URL`.
    pub endpoint: Option<String>,
    /// The region of the environment, for states whose backend names none. A profile's region is
    /// never taken for a bucket.
    pub environment_region: Option<String>,
}

/// Where nobody names a region.
const FALLBACK_REGION: &str = "us-east-1";
/// The credentials that are given to the SDK are known by this name.
const PROVIDER_NAME: &str = "terrane";

impl SdkAws {
    pub async fn load(options: SdkOptions) -> Self {
        let http = http_client();
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .http_client(http.clone())
            .identity_cache(IdentityCache::no_cache())
            .retry_config(RetryConfig::standard())
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(5))
                    .read_timeout(Duration::from_secs(10))
                    .operation_attempt_timeout(Duration::from_secs(12))
                    .operation_timeout(Duration::from_secs(25))
                    .build(),
            );
        if let Some(profile) = &options.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(endpoint) = &options.endpoint {
            loader = loader.endpoint_url(endpoint);
        }
        let config = loader.load().await;
        // Sessions are asked for patiently by those who share them; the SDK would do it once more.
        let sts = aws_sdk_sts::config::Builder::from(&config)
            .region(region_or_fallback(&config))
            .retry_config(RetryConfig::disabled());
        Self {
            sts: aws_sdk_sts::Client::from_conf(sts.build()),
            s3: aws_sdk_s3::Client::new(&config),
            http,
            config,
            options,
        }
    }

    async fn token(&self, assumption: &Assumption) -> Result<String, AwsError> {
        match &assumption.web_identity_token {
            Some(WebIdentityToken::Literal(token)) => Ok(token.expose().clone()),
            Some(WebIdentityToken::File(path)) => token_in(path),
            Some(WebIdentityToken::GitHub) => {
                let token = github_token::fetch(&self.options.surroundings.variables).await?;
                Ok(token.expose().clone())
            }
            None => Err(AwsError::NoToken {
                detail: "no token was given".to_owned(),
            }),
        }
    }

    /// The client's settings for one call: its session, and where the bucket is.
    fn s3_for(&self, session: &Session, state: &S3State) -> aws_sdk_s3::config::Builder {
        let region = self.region_of(state);
        let mut builder = aws_sdk_s3::config::Builder::new()
            .credentials_provider(credentials(session))
            .region(Region::new(region));
        if let Some(endpoint) = &state.endpoint {
            builder = builder.endpoint_url(endpoint);
        }
        if state.path_style {
            builder = builder.force_path_style(true);
        }
        builder
    }
}

impl Aws for SdkAws {
    fn region(&self) -> Option<&str> {
        self.config.region().map(AsRef::as_ref)
    }

    fn stands_for(&self, base: &BaseIdentity) -> Result<Option<RoleChain>, AwsError> {
        match (base, &self.options.base) {
            (BaseIdentity::Source { .. }, _) | (BaseIdentity::Ambient, Some(_)) => Ok(None),
            (BaseIdentity::Ambient, None) | (BaseIdentity::Profile(_), _) => {
                let source = self.options.surroundings.source_of(base);
                let source = source.map_err(AwsError::NoCredentials)?;
                Ok(Some(source.chain()))
            }
        }
    }

    async fn base_session(&self, base: &BaseIdentity) -> Result<Session, AwsError> {
        if let (BaseIdentity::Ambient, Some(found)) = (base, &self.options.base) {
            return Ok(found.clone());
        }
        match base {
            BaseIdentity::Source { source, mfa } => self.fetch(source, mfa.as_ref()).await,
            // Whoever asks walks the chain that these stand for.
            BaseIdentity::Ambient | BaseIdentity::Profile(_) => {
                Err(AwsError::NoCredentials(NoCredentials::Nothing))
            }
        }
    }

    async fn assume_role(
        &self,
        source: &Session,
        assumption: &Assumption,
        duration: SessionDuration,
    ) -> Result<Assumed, AwsError> {
        let limits = &assumption.limits;
        let tags = limits.tags.iter().map(|(key, value)| {
            Tag::builder()
                .key(key)
                .value(value)
                .build()
                .expect("key and value are set")
        });
        let arns = limits.policy_arns.iter().map(|arn| policy_arn(arn));
        let answer = self
            .sts
            .assume_role()
            .role_arn(assumption.role.to_string())
            .role_session_name(assumption.session_name.as_str())
            .duration_seconds(seconds(duration))
            .set_external_id(assumption.external_id.as_ref().map(ToString::to_string))
            .set_policy(limits.policy.as_ref().map(|policy| policy.0.clone()))
            .set_policy_arns(some_of(arns.collect()))
            .set_tags(some_of(tags.collect()))
            .set_transitive_tag_keys(some_of(limits.transitive_tag_keys.clone()))
            .set_source_identity(limits.source_identity.clone())
            .customize()
            .config_override(sts_as(source))
            .send()
            .await
            .map_err(|error| failure(&error))?;
        assumed(answer.credentials, answer.assumed_role_user.as_ref())
    }

    async fn assume_role_with_web_identity(
        &self,
        assumption: &Assumption,
        duration: SessionDuration,
    ) -> Result<Assumed, AwsError> {
        let limits = &assumption.limits;
        let arns = limits.policy_arns.iter().map(|arn| policy_arn(arn));
        let answer = self
            .sts
            .assume_role_with_web_identity()
            .role_arn(assumption.role.to_string())
            .role_session_name(assumption.session_name.as_str())
            .duration_seconds(seconds(duration))
            .web_identity_token(self.token(assumption).await?)
            .set_policy(limits.policy.as_ref().map(|policy| policy.0.clone()))
            .set_policy_arns(some_of(arns.collect()))
            .send()
            .await
            .map_err(|error| failure(&error))?;
        assumed(answer.credentials, answer.assumed_role_user.as_ref())
    }

    async fn caller_identity(&self, session: &Session) -> Result<Principal, AwsError> {
        principal(self.caller(session).await?.arn())
    }

    async fn user_id(&self, session: &Session) -> Result<String, AwsError> {
        self.id_of(session).await
    }

    async fn account_alias(
        &self,
        session: &Session,
        principal: &Principal,
        now: SystemTime,
    ) -> Result<Option<String>, AwsError> {
        self.alias_of(session, principal, now).await
    }

    async fn get_object(
        &self,
        session: &Session,
        wanted: &ObjectRange<'_>,
    ) -> Result<ObjectPart, AwsError> {
        let state = wanted.state;
        let answer = self
            .s3
            .get_object()
            .bucket(&state.bucket)
            .key(state.object_key())
            .range(format!(
                "bytes={}-{}",
                wanted.bytes.start(),
                wanted.bytes.end()
            ))
            .set_if_match(wanted.if_match.map(ToOwned::to_owned))
            .set_expected_bucket_owner(state.owner.map(|owner| owner.to_string()))
            .customize()
            .config_override(self.s3_for(session, state))
            .send()
            .await
            .map_err(|error| failure(&error))?;
        let length = answer
            .content_length()
            .and_then(|length| u64::try_from(length).ok());
        let total = answer.content_range().and_then(total_of).or(length);
        let (etag, version_id) = (answer.e_tag, answer.version_id);
        let last_modified = answer
            .last_modified
            .and_then(|time| SystemTime::try_from(time).ok());
        let body = answer
            .body
            .collect()
            .await
            .map_err(|error| AwsError::NoAnswer {
                detail: format!("S3's answer broke off: {}", DisplayErrorContext(&error)),
            })?;
        let bytes = body.to_vec();
        Ok(ObjectPart {
            total_bytes: total.unwrap_or(bytes.len() as u64),
            bytes,
            etag,
            version_id,
            last_modified,
        })
    }

    async fn key_exists(&self, session: &Session, state: &S3State) -> Result<bool, AwsError> {
        let key = state.object_key();
        let answer = self
            .s3
            .list_objects_v2()
            .bucket(&state.bucket)
            .prefix(&key)
            .max_keys(1)
            .set_expected_bucket_owner(state.owner.map(|owner| owner.to_string()))
            .customize()
            .config_override(self.s3_for(session, state))
            .send()
            .await
            .map_err(|error| failure(&error))?;
        Ok(answer
            .contents()
            .iter()
            .any(|object| object.key() == Some(key.as_str())))
    }

    async fn list_keys(
        &self,
        session: &Session,
        wanted: &KeyListing<'_>,
    ) -> Result<KeyPage, AwsError> {
        self.page_of_keys(session, wanted).await
    }

    async fn bucket_versioning(
        &self,
        session: &Session,
        state: &S3State,
    ) -> Result<Versioning, AwsError> {
        self.versioning_of(session, state).await
    }

    async fn look_into_lock_table(
        &self,
        session: &Session,
        state: &S3State,
        table: &str,
        now: SystemTime,
    ) -> Result<(), AwsError> {
        self.get_lock(session, state, table, now).await
    }

    async fn server_time(&self, session: &Session) -> Result<Option<SystemTime>, AwsError> {
        self.date_of_an_answer(session).await
    }
}

fn region_or_fallback(config: &SdkConfig) -> Region {
    config
        .region()
        .cloned()
        .unwrap_or(Region::from_static(FALLBACK_REGION))
}

/// The SDK's default client, made by hand so that STS, S3 and the providers share it: rustls with
/// the system's roots, and the proxies of the environment.
fn http_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new().build_with_connector_fn(|settings, components| {
        let mut connector = aws_smithy_http_client::Connector::builder()
            .tls_provider(tls::Provider::Rustls(
                tls::rustls_provider::CryptoMode::AwsLc,
            ))
            .proxy_config(ProxyConfig::from_env());
        connector.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            connector.set_sleep_impl(components.sleep_impl());
        }
        connector.build()
    })
}

/// STS's settings for one call by that session.
fn sts_as(session: &Session) -> aws_sdk_sts::config::Builder {
    aws_sdk_sts::config::Builder::new().credentials_provider(credentials(session))
}

fn credentials(session: &Session) -> Credentials {
    Credentials::new(
        session.access_key_id.expose(),
        session.secret_access_key.expose(),
        session
            .session_token
            .as_ref()
            .map(|token| token.expose().clone()),
        None,
        PROVIDER_NAME,
    )
}

#[expect(
    clippy::disallowed_methods,
    reason = "a token's file is read anew for each session"
)]
fn token_in(path: &Utf8Path) -> Result<String, AwsError> {
    match std::fs::read_to_string(path) {
        Ok(token) => Ok(token.trim().to_owned()),
        Err(error) => Err(AwsError::NoToken {
            detail: format!("{path}: {error}"),
        }),
    }
}

fn seconds(duration: SessionDuration) -> i32 {
    i32::try_from(duration.as_seconds()).expect("a session lasts twelve hours at most")
}

fn policy_arn(arn: &str) -> PolicyDescriptorType {
    PolicyDescriptorType::builder().arn(arn).build()
}

/// An empty list is not sent at all.
fn some_of<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

fn assumed(
    credentials: Option<aws_sdk_sts::types::Credentials>,
    user: Option<&AssumedRoleUser>,
) -> Result<Assumed, AwsError> {
    let session = sts_session(credentials)?;
    let principal = principal(user.map(AssumedRoleUser::arn))?;
    Ok(Assumed { session, principal })
}

fn sts_session(credentials: Option<aws_sdk_sts::types::Credentials>) -> Result<Session, AwsError> {
    let Some(credentials) = credentials else {
        return Err(nonsense("no credentials"));
    };
    Ok(Session {
        access_key_id: Secret::new(credentials.access_key_id),
        secret_access_key: Secret::new(credentials.secret_access_key),
        session_token: Some(Secret::new(credentials.session_token)),
        expires_at: system_time(credentials.expiration),
    })
}

fn system_time(time: DateTime) -> Option<SystemTime> {
    SystemTime::try_from(time).ok()
}

fn principal(arn: Option<&str>) -> Result<Principal, AwsError> {
    arn.and_then(Principal::parse)
        .ok_or_else(|| nonsense("no caller"))
}

fn nonsense(what: &str) -> AwsError {
    AwsError::NoAnswer {
        detail: format!("STS answered with {what}"),
    }
}

/// The whole size, out of `bytes 0-99/1234`.
fn total_of(content_range: &str) -> Option<u64> {
    content_range.rsplit('/').next()?.parse().ok()
}

fn failure<E>(error: &SdkError<E, HttpResponse>) -> AwsError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let answered = matches!(
        error,
        SdkError::ServiceError(_) | SdkError::ResponseError(_)
    );
    let Some(response) = error.raw_response().filter(|_| answered) else {
        return AwsError::NoAnswer {
            detail: innermost(error),
        };
    };
    let header = |name: &str| response.headers().get(name);
    let status = response.status().as_u16();
    AwsError::Answered(Box::new(AwsAnswer {
        status,
        code: error
            .code()
            .map_or_else(|| format!("HTTP {status}"), ToOwned::to_owned),
        message: error
            .message()
            .map_or_else(|| innermost(error), ToOwned::to_owned),
        server_time: header("date").and_then(from_http_date),
        bucket_region: header("x-amz-bucket-region").map(ToOwned::to_owned),
    }))
}

/// The SDK wraps its causes in several layers of "dispatch failure"; the last one says something.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_size_is_read_from_a_content_range() {
        assert_eq!(total_of("bytes 0-99/1234"), Some(1234));
        assert_eq!(total_of("bytes */0"), Some(0));
        assert_eq!(total_of("bytes 0-99/*"), None);
    }
}
