//! The endpoint that a container is told of, with the token that is its own.

use jiff::Timestamp;
use serde_json::json;

use super::{Served, end_of, open};
use crate::clock::iso_seconds;
use crate::cloud::Cloud;
use crate::http::answer::Answer;
use crate::service::refusal::Refusal;

pub(super) fn credentials(
    cloud: &mut Cloud,
    path: &str,
    authorization: Option<&str>,
    now: Timestamp,
) -> Result<Served, Refusal> {
    let Some(container) = cloud.sources.containers.get(path) else {
        return Err(Refusal::new(404, "NotFound", "there is no such container"));
    };
    if authorization != Some(&container.authorization) {
        let message = "the authorization is not this container's";
        return Err(Refusal::new(401, "Unauthorized", message));
    }
    let (role, task) = (container.role.clone(), container.task.clone());
    let arn = role.to_string();
    let (credential, issued) = open(cloud, role, &task, now);
    let keys = &credential.keys;
    let answer = json!({
        "RoleArn": arn,
        "AccessKeyId": keys.access_key_id,
        "SecretAccessKey": keys.secret_access_key,
        "Token": keys.session_token,
        "Expiration": iso_seconds(end_of(&credential)),
    });
    Ok((Answer::json(200, &answer), Some(issued)))
}
