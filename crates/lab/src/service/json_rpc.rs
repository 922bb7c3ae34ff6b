//! What DynamoDB and SSM have in common: an operation in a header, JSON in and out, and errors
//! that are 400 with a `__type`.

use serde_json::Value;

use crate::http::request::Request;
use crate::identity::signature::Rejection;
use crate::service::refusal::{Refusal, WRONG_SIGNATURE, skewed};

/// The last part of `X-Amz-Target`, such as `GetItem`.
pub(crate) fn operation_name(request: &Request) -> Option<String> {
    let target = request.header("x-amz-target")?;
    target.rsplit('.').next().map(str::to_owned)
}

/// The body, or null if it is not JSON: every operation then misses what it needs.
pub(crate) fn document(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap_or(Value::Null)
}

pub(crate) fn text<'a>(document: &'a Value, field: &str) -> Result<&'a str, Refusal> {
    document[field].as_str().ok_or_else(|| {
        let message = format!(
            "1 validation error detected: Value null at '{field}' failed to satisfy constraint: \
             Member must not be null"
        );
        Refusal::new(400, "ValidationException", message)
    })
}

pub(crate) fn refuse(rejection: &Rejection) -> Refusal {
    let (code, message) = match rejection {
        Rejection::Unsigned => (
            "MissingAuthenticationTokenException",
            "Missing Authentication Token".to_owned(),
        ),
        Rejection::Malformed(what) => ("IncompleteSignatureException", what.clone()),
        Rejection::UnknownKey | Rejection::WrongToken => (
            "UnrecognizedClientException",
            "The security token included in the request is invalid.".to_owned(),
        ),
        Rejection::Expired => (
            "ExpiredTokenException",
            "The security token included in the request is expired".to_owned(),
        ),
        Rejection::Skewed { sent, now } => ("InvalidSignatureException", skewed(*sent, *now)),
        Rejection::PresignEnded
        | Rejection::WrongSignature
        | Rejection::WrongPayload
        | Rejection::BrokenChunks
        | Rejection::UnsignedHeader(_) => ("InvalidSignatureException", WRONG_SIGNATURE.to_owned()),
    };
    Refusal::new(400, code, message)
}
