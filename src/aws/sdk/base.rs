//! The base identity's credentials, fetched from where they lie. No role is assumed here.

use std::error::Error as _;

use aws_config::BehaviorVersion;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::error::DisplayErrorContext;

use super::{SdkAws, failure, innermost, region_or_fallback, sts_session};
use crate::aws::{AwsError, NoCredentials};
use crate::model::{CredentialSource, MfaDevice, Secret, Session};

/// AWS's longest for such a session is three times this, and a working day is enough.
const MFA_SESSION_SECONDS: i32 = 12 * 3600;
/// A machine that is no instance does not answer at all, and each attempt takes a second.
const METADATA_ATTEMPTS: u32 = 3;

impl SdkAws {
    /// The credentials of a source, after its device's code where one is asked for.
    pub(super) async fn fetch(
        &self,
        source: &CredentialSource,
        mfa: Option<&MfaDevice>,
    ) -> Result<Session, AwsError> {
        let session = self.fetch_as_is(source).await?;
        match mfa {
            // Temporary keys have passed already, and cannot pass again.
            Some(device) if session.session_token.is_none() => {
                self.pass(&session, device, source).await
            }
            Some(_) | None => Ok(session),
        }
    }

    async fn fetch_as_is(&self, source: &CredentialSource) -> Result<Session, AwsError> {
        let missing = || AwsError::NoCredentials(NoCredentials::Nothing);
        let base = &self.options.surroundings;
        let given = match source {
            CredentialSource::Environment => return base.environment_keys().ok_or_else(missing),
            CredentialSource::Given(keys) => return Ok(keys.session().clone()),
            CredentialSource::Keys { profile } => {
                return base.profile_keys(profile).ok_or_else(missing);
            }
            CredentialSource::Sso { profile, .. } | CredentialSource::Process { profile } => {
                let provider = ProfileFileCredentialsProvider::builder()
                    .configure(&self.provider_config())
                    .profile_name(profile)
                    .build();
                provider.provide_credentials().await
            }
            CredentialSource::Container => {
                let provider = EcsCredentialsProvider::builder()
                    .configure(&self.provider_config())
                    .build();
                provider.provide_credentials().await
            }
            CredentialSource::InstanceMetadata => {
                let config = self.provider_config();
                let client = imds::Client::builder()
                    .configure(&config)
                    .max_attempts(METADATA_ATTEMPTS)
                    .build();
                let provider = ImdsCredentialsProvider::builder()
                    .configure(&config)
                    .imds_client(client)
                    .build();
                provider.provide_credentials().await
            }
        };
        given.map(|found| session(&found)).map_err(|error| {
            let may_ask_github = self.options.surroundings.has_github();
            AwsError::NoCredentials(not_had(&error, source, may_ask_github))
        })
    }

    /// Takes a session by the device's code, from which every role is then assumed: one code for
    /// all of them, and for their renewals.
    async fn pass(
        &self,
        keys: &Session,
        device: &MfaDevice,
        source: &CredentialSource,
    ) -> Result<Session, AwsError> {
        let Some(code) = &self.options.mfa_code else {
            return Err(AwsError::NoCredentials(NoCredentials::MfaNeeded {
                profile: source.profile().unwrap_or("(environment)").to_owned(),
                device: device.to_string(),
            }));
        };
        let answer = self
            .sts
            .get_session_token()
            .serial_number(device.to_string())
            .token_code(code.expose())
            .duration_seconds(MFA_SESSION_SECONDS)
            .customize()
            .config_override(super::sts_as(keys))
            .send()
            .await
            .map_err(|error| failure(&error));
        match answer {
            Ok(answer) => sts_session(answer.credentials),
            Err(error) if error.code() == "AccessDenied" => {
                Err(AwsError::NoCredentials(NoCredentials::MfaRefused {
                    device: device.to_string(),
                    detail: error.to_string(),
                }))
            }
            Err(error) => Err(error),
        }
    }

    fn provider_config(&self) -> ProviderConfig {
        ProviderConfig::without_region()
            .with_region(Some(region_or_fallback(&self.config)))
            .with_http_client(self.http.clone())
            .with_behavior_version(Some(BehaviorVersion::v2026_01_12()))
    }
}

fn session(found: &Credentials) -> Session {
    Session {
        access_key_id: Secret::new(found.access_key_id().to_owned()),
        secret_access_key: Secret::new(found.secret_access_key().to_owned()),
        session_token: found
            .session_token()
            .map(|token| Secret::new(token.to_owned())),
        expires_at: found.expiry(),
    }
}

/// The SDK tells its reasons in words alone. Only what the source is decides what they mean.
fn not_had(
    error: &CredentialsError,
    source: &CredentialSource,
    may_ask_github: bool,
) -> NoCredentials {
    let detail = match error.source() {
        Some(source) => innermost(source),
        None => error.to_string(),
    };
    let detail = of_a_service(detail.trim_end());
    let chain = DisplayErrorContext(error).to_string();
    match source {
        CredentialSource::Sso { .. } => NoCredentials::of_login(&chain, detail, source),
        CredentialSource::InstanceMetadata if may_ask_github => NoCredentials::OnlyGitHub,
        CredentialSource::InstanceMetadata => NoCredentials::NoInstance { detail },
        CredentialSource::Environment
        | CredentialSource::Keys { .. }
        | CredentialSource::Process { .. }
        | CredentialSource::Given(_)
        | CredentialSource::Container => NoCredentials::Refused {
            from: Box::new(source.clone()),
            detail,
        },
    }
}

/// An error that the SDK has no type for comes as `Error { code: "…", message: "…", … }`.
fn of_a_service(detail: &str) -> String {
    let field = |name: &str| {
        let (_, rest) = detail.split_once(&format!("{name}: \""))?;
        rest.split_once('"').map(|(value, _)| value)
    };
    match (
        detail.starts_with("Error {"),
        field("code"),
        field("message"),
    ) {
        (true, Some(code), Some(message)) => format!("{code}: {message}"),
        _ => detail.to_owned(),
    }
}
