//! Where programs without keys get theirs. Nobody signs these requests; each source has a token
//! of its own, and refuses whoever comes with another.

mod container;
mod github;
mod metadata;
mod portal;

use std::sync::Mutex;

use hyper::Method;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

pub(crate) use self::portal::new_token;
use super::{Served, enter};
use crate::cloud::Cloud;
use crate::http::request::Request;
use crate::identity::Caller;
use crate::identity::arn::PrincipalArn;
use crate::identity::keyring::Credential;
use crate::record::IssuedSession;
use crate::service::refusal::Refusal;
use crate::service::sts::issued;

/// What machines' roles are given; a portal's permission sets have the same by default.
const LASTS: SignedDuration = SignedDuration::from_hours(1);

/// A request to one of the sources, as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// `GET /federation/credentials`
    RoleCredentials {
        access_token: String,
        account: String,
        role_name: String,
    },
    /// `POST /token`
    CreateToken(Box<Value>),
    /// `PUT /latest/api/token`
    MetadataToken { seconds: Option<u32> },
    /// `GET /latest/…`
    Metadata { path: String, token: Option<String> },
    /// `GET /v2/credentials/…`
    Container {
        path: String,
        authorization: Option<String>,
    },
    /// `GET /_apis/pipelines/…/idtoken`
    GitHubToken {
        audience: Option<String>,
        authorization: Option<String>,
    },
}

impl Operation {
    /// The operation, if the request is for one of the sources.
    pub(super) fn read(request: &Request) -> Option<Self> {
        let header = |name: &str| request.header(name).map(str::to_owned);
        let query = |name: &str| request.query(name).map(str::to_owned);
        let path = request.path();
        if let Some(access_token) = header("x-amz-sso_bearer_token") {
            return (path == "/federation/credentials").then(|| Self::RoleCredentials {
                access_token,
                account: query("account_id").unwrap_or_default(),
                role_name: query("role_name").unwrap_or_default(),
            });
        }
        if request.method == Method::POST && path == "/token" {
            let document = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
            return Some(Self::CreateToken(Box::new(document)));
        }
        if request.method == Method::PUT && path == "/latest/api/token" {
            let seconds = header("x-aws-ec2-metadata-token-ttl-seconds");
            return Some(Self::MetadataToken {
                seconds: seconds.and_then(|text| text.parse().ok()),
            });
        }
        if request.method != Method::GET {
            return None;
        }
        if let Some(path) = path.strip_prefix("/latest/") {
            return Some(Self::Metadata {
                path: path.to_owned(),
                token: header("x-aws-ec2-metadata-token"),
            });
        }
        if let Some(path) = path.strip_prefix("/v2/credentials/") {
            return Some(Self::Container {
                path: path.to_owned(),
                authorization: header("authorization"),
            });
        }
        let of_a_job = path.starts_with("/_apis/pipelines/") && path.ends_with("/idtoken");
        of_a_job.then(|| Self::GitHubToken {
            audience: query("audience"),
            authorization: header("authorization"),
        })
    }

    pub(super) fn action(&self) -> &'static str {
        match self {
            Self::RoleCredentials { .. } => "sso:GetRoleCredentials",
            Self::CreateToken(_) => "sso-oauth:CreateToken",
            Self::MetadataToken { .. } => "imds:GetToken",
            Self::Metadata { path, .. } if path == metadata::ROLES => "imds:GetRoleName",
            Self::Metadata { .. } => "imds:GetMetadata",
            Self::Container { .. } => "container:GetCredentials",
            Self::GitHubToken { .. } => "github:GetIdToken",
        }
    }

    pub(super) fn service(&self) -> &'static str {
        let (service, _) = self.action().split_once(':').expect("an action has both");
        service
    }

    pub(super) fn resource(&self) -> String {
        match self {
            Self::RoleCredentials {
                account, role_name, ..
            } => format!("{account}/{role_name}"),
            Self::Metadata { path, .. } | Self::Container { path, .. } => path.clone(),
            Self::CreateToken(_) | Self::MetadataToken { .. } | Self::GitHubToken { .. } => {
                "*".to_owned()
            }
        }
    }

    pub(super) fn serve(&self, cloud: &Mutex<Cloud>, now: Timestamp) -> Result<Served, Refusal> {
        let cloud = &mut *enter(cloud);
        match self {
            Self::RoleCredentials {
                access_token,
                account,
                role_name,
            } => portal::role_credentials(cloud, access_token, account, role_name, now),
            Self::CreateToken(document) => portal::create_token(cloud, document, now),
            Self::MetadataToken { seconds } => metadata::token(cloud, *seconds, now),
            Self::Metadata { path, token } => metadata::get(cloud, path, token.as_deref(), now),
            Self::Container {
                path,
                authorization,
            } => container::credentials(cloud, path, authorization.as_deref(), now),
            Self::GitHubToken {
                audience,
                authorization,
            } => github::token(cloud, audience.as_deref(), authorization.as_deref(), now),
        }
    }
}

/// Opens a session of a role that somebody outside STS vouches for.
fn open(
    cloud: &mut Cloud,
    role: PrincipalArn,
    session_name: &str,
    now: Timestamp,
) -> (Credential, IssuedSession) {
    let caller = Caller::lasting(role, Some(session_name.to_owned()));
    let credential = cloud.open_session(caller, LASTS, now);
    let issued = issued(&credential, now);
    (credential, issued)
}

fn end_of(credential: &Credential) -> Timestamp {
    credential.expires.expect("a session has an end")
}
