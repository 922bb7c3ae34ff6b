//! STS: who am I, and may I be somebody else.

mod assume;
mod parameters;
mod session_token;
mod web_identity;

use std::sync::Mutex;

use jiff::Timestamp;

pub(super) use self::assume::issued;
use super::{Served, Visit, enter};
use crate::clock;
use crate::cloud::Cloud;
use crate::http::answer::Answer;
use crate::http::request::{Request, find, pairs};
use crate::identity::keyring::{Credential, hex, random};
use crate::identity::signature::Rejection;
use crate::identity::unique_id;
use crate::service::refusal::{Refusal, WRONG_SIGNATURE, skewed};
use crate::xml::{element, within};

pub(super) const WEB_IDENTITY: &str = "AssumeRoleWithWebIdentity";

#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) name: String,
    parameters: Vec<(String, String)>,
}

impl Operation {
    pub(super) fn read(request: &Request) -> Self {
        let parameters = parameters_of(request);
        let name = find(&parameters, "Action")
            .unwrap_or("(no action)")
            .to_owned();
        Self { name, parameters }
    }

    pub(super) fn resource(&self) -> String {
        self.parameter("RoleArn").unwrap_or("*").to_owned()
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        find(&self.parameters, name)
    }
}

/// Whether an unsigned request looks like one for STS.
pub(super) fn is_meant(request: &Request) -> bool {
    action(request).is_some()
}

pub(super) fn action(request: &Request) -> Option<String> {
    find(&parameters_of(request), "Action").map(str::to_owned)
}

/// Parameters come in the query, or as a form in the body.
fn parameters_of(request: &Request) -> Vec<(String, String)> {
    let content_type = request.header("content-type").unwrap_or_default();
    let mut parameters = request.query.clone();
    if content_type.starts_with("application/x-www-form-urlencoded") {
        parameters.extend(pairs(&String::from_utf8_lossy(&request.body)));
    }
    parameters
}

pub(super) fn serve(
    cloud: &Mutex<Cloud>,
    operation: &Operation,
    visit: Visit<'_>,
) -> Result<Served, Refusal> {
    match operation.name.as_str() {
        "GetCallerIdentity" => Ok((caller_identity(visit), None)),
        "AssumeRole" => assume::assume_role(&mut enter(cloud), operation, visit),
        "GetSessionToken" => session_token::get(&mut enter(cloud), operation, visit),
        WEB_IDENTITY => serve_unsigned(cloud, operation, visit.now),
        name => {
            let message = format!("Could not find operation {name} for version 2011-06-15");
            Err(Refusal::new(400, "InvalidAction", message))
        }
    }
}

pub(super) fn serve_unsigned(
    cloud: &Mutex<Cloud>,
    operation: &Operation,
    now: Timestamp,
) -> Result<Served, Refusal> {
    web_identity::assume_role(&mut enter(cloud), operation, now)
}

/// Everybody may know who they are, whatever their policies say.
fn caller_identity(visit: Visit<'_>) -> Answer {
    let identity = element("Arn", &visit.caller.arn)
        + &element("UserId", &visit.caller.user_id())
        + &element("Account", visit.caller.account());
    response("GetCallerIdentity", &identity)
}

/// The parts that both ways of assuming a role answer with.
fn session_elements(credential: &Credential) -> String {
    let (keys, caller) = (&credential.keys, &credential.caller);
    let expires = credential.expires.expect("a session has an end");
    let credentials = element("AccessKeyId", &keys.access_key_id)
        + &element("SecretAccessKey", &keys.secret_access_key)
        + &element(
            "SessionToken",
            keys.session_token.as_deref().unwrap_or_default(),
        )
        + &element("Expiration", &clock::iso_seconds(expires));
    let session_name = caller.session_name.as_deref().unwrap_or_default();
    let id = format!("{}:{session_name}", unique_id(&caller.principal));
    let user = element("AssumedRoleId", &id) + &element("Arn", &caller.arn);
    let mut elements = within("Credentials", &credentials) + &within("AssumedRoleUser", &user);
    if let Some(source_identity) = &caller.source_identity {
        elements.push_str(&element("SourceIdentity", source_identity));
    }
    elements
}

fn response(operation: &str, result: &str) -> Answer {
    let result = within(&format!("{operation}Result"), result);
    let request_id = hex(&random::<16>());
    let metadata = within("ResponseMetadata", &element("RequestId", &request_id));
    let namespace = "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"";
    let name = format!("{operation}Response");
    Answer::xml(
        200,
        &format!("<{name} {namespace}>{result}{metadata}</{name}>"),
    )
    .with("content-type", "text/xml")
    .with("x-amzn-requestid", request_id)
}

pub(super) fn refuse(rejection: &Rejection) -> Refusal {
    let (status, code, message) = match rejection {
        Rejection::Unsigned => (
            403,
            "MissingAuthenticationToken",
            "Request is missing Authentication Token".into(),
        ),
        Rejection::Malformed(what) => (400, "IncompleteSignature", what.clone()),
        Rejection::UnknownKey | Rejection::WrongToken => (
            403,
            "InvalidClientTokenId",
            "The security token included in the request is invalid.".into(),
        ),
        Rejection::Expired => (
            403,
            "ExpiredToken",
            "The security token included in the request is expired".into(),
        ),
        Rejection::Skewed { sent, now } => (403, "SignatureDoesNotMatch", skewed(*sent, *now)),
        Rejection::PresignEnded
        | Rejection::WrongSignature
        | Rejection::WrongPayload
        | Rejection::BrokenChunks
        | Rejection::UnsignedHeader(_) => (403, "SignatureDoesNotMatch", WRONG_SIGNATURE.into()),
    };
    Refusal::new(status, code, message)
}
