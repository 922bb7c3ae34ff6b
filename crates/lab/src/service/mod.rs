//! The services. Each module reads its own requests, asks whether the caller may, and acts.
//!
//! A service is told who calls and never asks how that was proved. To add one: a module with an
//! operation and a way to serve it, an arm in each match here, and nothing anywhere else.

pub(crate) mod dynamodb;
pub(crate) mod json_rpc;
pub(crate) mod refusal;
pub(crate) mod s3;
pub(crate) mod sources;
pub(crate) mod ssm;
pub(crate) mod sts;

use std::sync::Mutex;

use jiff::Timestamp;

use self::refusal::{Protocol, Refusal};
pub(crate) use self::sources::new_token;
use crate::cloud::Cloud;
use crate::http::answer::Answer;
use crate::http::request::Request;
use crate::identity::Caller;
use crate::identity::signature::Rejection;
use crate::policy::decision::Denial;
use crate::record::IssuedSession;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Sts,
    S3,
    DynamoDb,
    Ssm,
    /// Where programs get keys from; nobody signs there.
    Source(&'static str),
    /// A service that the lab does not have, by the name in the signature.
    Other(String),
}

/// What a request asks for, before anybody decided whether it may.
#[derive(Debug)]
pub(crate) enum Operation {
    Sts(sts::Operation),
    S3(s3::Operation),
    DynamoDb(dynamodb::Operation),
    Ssm(ssm::Operation),
    Source(sources::Operation),
    Other { service: String, name: String },
}

/// A request of a caller who has proved who they are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visit<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) request: &'a Request,
    /// The region that the request was signed for.
    pub(crate) region: &'a str,
    pub(crate) now: Timestamp,
}

/// An answer, and the session that it opens.
pub(crate) type Served = (Answer, Option<IssuedSession>);

impl Service {
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "sts" => Self::Sts,
            "s3" => Self::S3,
            "dynamodb" => Self::DynamoDb,
            "ssm" => Self::Ssm,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The service that an unsigned request is meant for, as far as its shape tells.
    pub(crate) fn guessed(request: &Request) -> Self {
        let target = request.header("x-amz-target").unwrap_or_default();
        if target.starts_with("DynamoDB_") {
            Self::DynamoDb
        } else if target.starts_with("AmazonSSM.") {
            Self::Ssm
        } else if let Some(operation) = sources::Operation::read(request) {
            Self::Source(operation.service())
        } else if sts::is_meant(request) {
            Self::Sts
        } else {
            Self::S3
        }
    }

    /// Whether a request is for one of the places where programs get keys from.
    pub(crate) fn is_source(request: &Request) -> bool {
        let authorization = request.header("authorization").unwrap_or_default();
        let is_signed =
            authorization.starts_with("AWS4-") || request.query("X-Amz-Signature").is_some();
        !is_signed && sources::Operation::read(request).is_some()
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Sts => "sts",
            Self::S3 => "s3",
            Self::DynamoDb => "dynamodb",
            Self::Ssm => "ssm",
            Self::Source(name) => name,
            Self::Other(name) => name,
        }
    }

    pub(crate) fn protocol(&self, request: &Request) -> Protocol {
        match self {
            Self::S3 => Protocol::RestXml,
            Self::DynamoDb => dynamodb::PROTOCOL,
            Self::Ssm | Self::Source(_) => ssm::PROTOCOL,
            Self::Other(_) if request.header("x-amz-target").is_some() => ssm::PROTOCOL,
            Self::Sts | Self::Other(_) => Protocol::Query,
        }
    }

    /// Reads the operation. The account is the caller's, as most ARNs hold it.
    pub(crate) fn operation(&self, request: &Request, region: &str, account: &str) -> Operation {
        match self {
            Self::Sts => Operation::Sts(sts::Operation::read(request)),
            Self::S3 => Operation::S3(s3::Operation::read(request)),
            Self::DynamoDb => {
                Operation::DynamoDb(dynamodb::Operation::read(request, region, account))
            }
            Self::Ssm => Operation::Ssm(ssm::Operation::read(request, region, account)),
            Self::Source(_) => Operation::Source(
                sources::Operation::read(request).expect("it was read to guess the service"),
            ),
            Self::Other(service) => {
                let name = json_rpc::operation_name(request);
                let name = name
                    .or_else(|| sts::action(request))
                    .unwrap_or_else(|| format!("{}{}", request.method.as_str(), request.path()));
                Operation::Other {
                    service: service.clone(),
                    name,
                }
            }
        }
    }

    /// A failed proof of identity in the words of the service.
    pub(crate) fn refuse(&self, rejection: &Rejection, request: &Request) -> Refusal {
        let refusal = match self {
            Self::S3 => s3::refuse(rejection),
            Self::DynamoDb | Self::Ssm | Self::Source(_) => json_rpc::refuse(rejection),
            Self::Other(_) if request.header("x-amz-target").is_some() => {
                json_rpc::refuse(rejection)
            }
            Self::Sts | Self::Other(_) => sts::refuse(rejection),
        };
        refusal.because(rejection.to_string())
    }
}

impl Operation {
    /// Service and operation, as the record and faults name it.
    pub(crate) fn action(&self) -> String {
        match self {
            Self::Sts(operation) => format!("sts:{}", operation.name),
            Self::S3(operation) => format!("s3:{}", operation.kind.name()),
            Self::DynamoDb(operation) => format!("dynamodb:{}", operation.name),
            Self::Ssm(operation) => format!("ssm:{}", operation.name),
            Self::Source(operation) => operation.action().to_owned(),
            Self::Other { service, name } => format!("{service}:{name}"),
        }
    }

    pub(crate) fn resource(&self) -> String {
        match self {
            Self::Sts(operation) => operation.resource(),
            Self::S3(operation) => operation.arn(),
            Self::DynamoDb(operation) => operation.arn.clone(),
            Self::Ssm(operation) => operation.arn.clone(),
            Self::Source(operation) => operation.resource(),
            Self::Other { .. } => "*".to_owned(),
        }
    }

    pub(crate) fn serve(&self, cloud: &Mutex<Cloud>, visit: Visit<'_>) -> Result<Served, Refusal> {
        let plain = |answer| (answer, None);
        match self {
            Self::Sts(operation) => sts::serve(cloud, operation, visit),
            Self::S3(operation) => s3::serve(cloud, operation, visit).map(plain),
            Self::DynamoDb(operation) => dynamodb::serve(cloud, operation, visit).map(plain),
            Self::Ssm(operation) => ssm::serve(cloud, operation, visit).map(plain),
            Self::Source(operation) => operation.serve(cloud, visit.now),
            Self::Other { service, name } => Err(Refusal::new(
                400,
                "InvalidAction",
                format!("The lab has no service {service}, so it cannot answer {name}."),
            )),
        }
    }

    /// Serves one of the few operations that nobody signs; nothing for all others.
    pub(crate) fn serve_unsigned(
        &self,
        cloud: &Mutex<Cloud>,
        now: Timestamp,
    ) -> Option<Result<Served, Refusal>> {
        match self {
            Self::Sts(operation) if operation.name == sts::WEB_IDENTITY => {
                Some(sts::serve_unsigned(cloud, operation, now))
            }
            Self::Source(operation) => Some(operation.serve(cloud, now)),
            Self::Sts(_) | Self::S3(_) | Self::DynamoDb(_) | Self::Ssm(_) | Self::Other { .. } => {
                None
            }
        }
    }
}

/// AWS's sentence for a call that policies do not allow.
pub(crate) fn not_authorised(
    caller: &Caller,
    action: &str,
    resource: &str,
    denial: Denial,
) -> String {
    format!(
        "User: {} is not authorized to perform: {action} on resource: {resource} {}",
        caller.arn,
        denial.because(action)
    )
}

/// Locks the cloud for one step.
pub(crate) fn enter(cloud: &Mutex<Cloud>) -> std::sync::MutexGuard<'_, Cloud> {
    cloud.lock().expect("nobody panics while holding the cloud")
}
