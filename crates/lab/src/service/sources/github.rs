//! GitHub's word for one of its jobs: a signed token for the audience that the job names.

use jiff::Timestamp;
use serde_json::json;

use super::Served;
use crate::cloud::Cloud;
use crate::http::answer::Answer;
use crate::identity::jwt::TokenAlgorithm;
use crate::service::refusal::Refusal;

/// Minutes are enough: a job asks anew.
const TOKEN_SECONDS: i64 = 300;

pub(super) fn token(
    cloud: &mut Cloud,
    audience: Option<&str>,
    authorization: Option<&str>,
    now: Timestamp,
) -> Result<Served, Refusal> {
    let Some(github) = &cloud.sources.github else {
        return Err(Refusal::new(404, "NotFound", "this is no job of GitHub's"));
    };
    if authorization != Some(&format!("Bearer {}", github.request_token)) {
        return Err(Refusal::new(401, "Unauthorized", "Bad credentials"));
    }
    let now = now.as_second();
    let mut claims = github.claims.clone();
    claims["iss"] = github.issuer.as_str().into();
    claims["aud"] = audience.unwrap_or("https://github.com/acme").into();
    claims["iat"] = now.into();
    claims["exp"] = (now + TOKEN_SECONDS).into();
    let mut providers = cloud.providers.values();
    let issuer = providers.find(|provider| provider.issuer == github.issuer);
    let value = issuer.and_then(|issuer| issuer.keys.sign(TokenAlgorithm::Rs256, &claims));
    let Some(value) = value else {
        let message = "the world has no issuer of that name whose keys the lab holds";
        return Err(Refusal::new(500, "NoIssuer", message));
    };
    let answer = json!({"count": value.len(), "value": value});
    Ok((Answer::json(200, &answer), None))
}
