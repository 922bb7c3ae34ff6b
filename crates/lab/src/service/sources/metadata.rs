//! An instance's metadata, version 2: a token by `PUT` first, and nothing without it.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{Served, end_of, open};
use crate::clock::iso_seconds;
use crate::cloud::Cloud;
use crate::http::answer::Answer;
use crate::identity::keyring::{hex, random};
use crate::service::refusal::Refusal;
use crate::world::sources::Instance;

/// Where the role's name and its credentials are.
pub(super) const ROLES: &str = "meta-data/iam/security-credentials/";
/// Six hours.
const LONGEST_TOKEN_SECONDS: u32 = 21_600;

pub(super) fn token(
    cloud: &mut Cloud,
    seconds: Option<u32>,
    now: Timestamp,
) -> Result<Served, Refusal> {
    let instance = instance(cloud)?;
    let seconds = seconds.filter(|seconds| (1..=LONGEST_TOKEN_SECONDS).contains(seconds));
    let Some(seconds) = seconds else {
        let message = "a token lasts 1 to 21600 seconds";
        return Err(Refusal::new(400, "BadRequest", message));
    };
    let token = hex(&random::<16>());
    let lasts = SignedDuration::from_secs(seconds.into());
    let ends = now.saturating_add(lasts).unwrap_or(Timestamp::MAX);
    instance.tokens.insert(token.clone(), ends);
    let answer = Answer::new(200)
        .with("x-aws-ec2-metadata-token-ttl-seconds", seconds.to_string())
        .with_body(token);
    Ok((answer, None))
}

pub(super) fn get(
    cloud: &mut Cloud,
    path: &str,
    token: Option<&str>,
    now: Timestamp,
) -> Result<Served, Refusal> {
    let instance = instance(cloud)?;
    let is_good = token
        .and_then(|token| instance.tokens.get(token))
        .is_some_and(|ends| *ends > now);
    if !is_good {
        let refusal = Refusal::new(401, "Unauthorized", "");
        return Err(refusal.because("there is no such token, or it has ended"));
    }
    let (role, id) = (instance.role.clone(), instance.id.clone());
    match path.strip_prefix(ROLES) {
        Some("") => Ok((Answer::new(200).with_body(role.name.clone()), None)),
        Some(name) if name == role.name => {
            let (credential, issued) = open(cloud, role, &id, now);
            let keys = &credential.keys;
            let answer = json!({
                "Code": "Success",
                "Type": "AWS-HMAC",
                "LastUpdated": iso_seconds(now),
                "AccessKeyId": keys.access_key_id,
                "SecretAccessKey": keys.secret_access_key,
                "Token": keys.session_token,
                "Expiration": iso_seconds(end_of(&credential)),
            });
            Ok((Answer::json(200, &answer), Some(issued)))
        }
        Some(_) | None => Err(Refusal::new(404, "NotFound", "")),
    }
}

fn instance(cloud: &mut Cloud) -> Result<&mut Instance, Refusal> {
    let instance = cloud.sources.instance.as_mut();
    instance.ok_or_else(|| Refusal::new(404, "NotFound", "").because("this is no instance"))
}
