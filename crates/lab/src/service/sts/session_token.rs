//! `GetSessionToken`: a user's keys become temporary ones, after a device's code if one is given.

use jiff::SignedDuration;

use super::assume::issued;
use super::{Operation, response};
use crate::clock;
use crate::cloud::Cloud;
use crate::identity::Caller;
use crate::identity::arn::PrincipalKind;
use crate::service::refusal::Refusal;
use crate::service::{Served, Visit};
use crate::xml::{element, within};

const LASTS: SignedDuration = SignedDuration::from_hours(12);
const LONGEST_SECONDS: i64 = 129_600;

pub(super) fn get(
    cloud: &mut Cloud,
    operation: &Operation,
    visit: Visit<'_>,
) -> Result<Served, Refusal> {
    let caller = visit.caller;
    if caller.principal.kind != PrincipalKind::User || caller.session.is_some() {
        let message = "Cannot call GetSessionToken with session credentials";
        return Err(Refusal::new(403, "AccessDenied", message));
    }
    let lasts = match operation.parameter("DurationSeconds").map(str::parse) {
        None => LASTS,
        Some(Ok(seconds @ 900..=LONGEST_SECONDS)) => SignedDuration::from_secs(seconds),
        Some(_) => {
            let message = "DurationSeconds is not between 900 and 129600";
            return Err(Refusal::new(400, "ValidationError", message));
        }
    };
    let mfa = passes(cloud, operation, caller)?;
    let session = Caller {
        mfa: Some(mfa),
        ..caller.clone()
    };
    let credential = cloud.open_session(session, lasts, visit.now);
    let expires = credential.expires.expect("a session has an end");
    let keys = &credential.keys;
    let elements = element("AccessKeyId", &keys.access_key_id)
        + &element("SecretAccessKey", &keys.secret_access_key)
        + &element(
            "SessionToken",
            keys.session_token.as_deref().unwrap_or_default(),
        )
        + &element("Expiration", &clock::iso_seconds(expires));
    let answer = response("GetSessionToken", &within("Credentials", &elements));
    Ok((answer, Some(issued(&credential, visit.now))))
}

/// Whether a code was given; a wrong one is refused, as is one that was used before.
fn passes(cloud: &mut Cloud, operation: &Operation, caller: &Caller) -> Result<bool, Refusal> {
    let (serial, code) = (
        operation.parameter("SerialNumber"),
        operation.parameter("TokenCode"),
    );
    let (Some(serial), Some(code)) = (serial, code) else {
        return Ok(false);
    };
    let device = cloud.sources.devices.get_mut(serial);
    let device = device.filter(|device| device.user == caller.principal);
    if device.is_some_and(|device| device.codes.remove(code)) {
        return Ok(true);
    }
    let message = "MultiFactorAuthentication failed with invalid MFA one time pass code.";
    Err(Refusal::new(403, "AccessDenied", message))
}
