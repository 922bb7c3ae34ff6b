//! The access portal: a signed-in person gets the credentials of a role, and a login that has
//! ended is prolonged for whoever has its refresh token.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Served, end_of, open};
use crate::cloud::Cloud;
use crate::http::answer::Answer;
use crate::identity::keyring::{hex, random};
use crate::service::refusal::Refusal;
use crate::world::sources::SignedIn;

/// How long a prolonged login lasts.
const PROLONGED: SignedDuration = SignedDuration::from_hours(1);

pub(super) fn role_credentials(
    cloud: &mut Cloud,
    access_token: &str,
    account: &str,
    role_name: &str,
    now: Timestamp,
) -> Result<Served, Refusal> {
    let portal = &cloud.sources.portal;
    let signed_in = portal
        .signed_in
        .get(access_token)
        .filter(|signed_in| signed_in.ends > now)
        .ok_or_else(|| {
            Refusal::new(
                401,
                "UnauthorizedException",
                "Session token not found or invalid",
            )
        })?;
    let user = signed_in.user.clone();
    let assigned = portal.assignments.iter().find(|assigned| {
        assigned.user == user && assigned.account == account && assigned.role_name == role_name
    });
    let Some(assigned) = assigned else {
        let refusal = Refusal::new(403, "ForbiddenException", "No access");
        return Err(refusal.because(format!("{user} has no {role_name} in {account}")));
    };
    let role = assigned.role.clone();
    let (credential, issued) = open(cloud, role, &user, now);
    let keys = &credential.keys;
    let answer = json!({"roleCredentials": {
        "accessKeyId": keys.access_key_id,
        "secretAccessKey": keys.secret_access_key,
        "sessionToken": keys.session_token,
        "expiration": end_of(&credential).as_millisecond(),
    }});
    Ok((Answer::json(200, &answer), Some(issued)))
}

pub(super) fn create_token(
    cloud: &mut Cloud,
    document: &Value,
    now: Timestamp,
) -> Result<Served, Refusal> {
    let text = |name: &str| document[name].as_str().unwrap_or_default();
    if text("grantType") != "refresh_token" {
        let message = "the lab knows no grant but refresh_token";
        return Err(Refusal::new(400, "UnsupportedGrantTypeException", message));
    }
    let portal = &mut cloud.sources.portal;
    let refreshable = portal.refreshable.get(text("refreshToken"));
    let Some(refreshable) = refreshable else {
        let message = "Invalid refresh token provided";
        return Err(Refusal::new(400, "InvalidGrantException", message));
    };
    let is_client = refreshable.client_id == text("clientId")
        && refreshable.client_secret == text("clientSecret");
    if !is_client {
        let message = "Invalid client provided";
        return Err(Refusal::new(401, "InvalidClientException", message));
    }
    let used = portal.refreshable.remove(text("refreshToken"));
    let used = used.expect("it was found just now");
    let (access_token, refresh_token) = (new_token("access"), new_token("refresh"));
    let ends = now.saturating_add(PROLONGED).unwrap_or(Timestamp::MAX);
    let user = used.user.clone();
    portal
        .signed_in
        .insert(access_token.clone(), SignedIn { user, ends });
    portal.refreshable.insert(refresh_token.clone(), used);
    let answer = json!({
        "accessToken": access_token,
        "refreshToken": refresh_token,
        "tokenType": "Bearer",
        "expiresIn": PROLONGED.as_secs(),
    });
    Ok((Answer::json(200, &answer), None))
}

pub(crate) fn new_token(what: &str) -> String {
    format!("lab-{what}-{}", hex(&random::<16>()))
}
