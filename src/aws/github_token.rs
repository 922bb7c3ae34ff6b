//! What GitHub says of the job that terrane runs in: a token that AWS takes for a role.
//!
//! A job may ask for one where its workflow has the permission `id-token: write`; GitHub then sets
//! two variables. The token names the repository and the branch, lives for minutes, and is asked
//! for anew whenever a session is bought.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::time::Duration;

use reqwest::{Client, Url};

use super::AwsError;
use crate::model::Secret;

/// Whom the token is for. Roles that trust GitHub are made with this audience.
const AUDIENCE: &str = "sts.amazonaws.com";
const URL: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
const TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);

/// Asks GitHub for a token.
pub(super) async fn fetch(
    variables: &BTreeMap<OsString, OsString>,
) -> Result<Secret<String>, AwsError> {
    let (url, request_token) = (variable(variables, URL)?, variable(variables, TOKEN)?);
    let mut url = Url::parse(url).map_err(|_| no_token(format!("{URL} is not a URL")))?;
    url.query_pairs_mut().append_pair("audience", AUDIENCE);
    let answer = ask(url, request_token)
        .await
        .map_err(|error| AwsError::NoAnswer {
            detail: format!(
                "GitHub did not answer with a token: {}",
                error.without_url()
            ),
        })?;
    let (status, body) = answer;
    if status.is_server_error() {
        return Err(AwsError::NoAnswer {
            detail: format!("GitHub answers {status}"),
        });
    }
    if !status.is_success() {
        return Err(no_token(format!("GitHub refuses a token with {status}")));
    }
    let document: serde_json::Value =
        serde_json::from_slice(&body).map_err(|_| no_token("GitHub's answer is no JSON".into()))?;
    let token = document["value"].as_str();
    token
        .map(|token| Secret::new(token.to_owned()))
        .ok_or_else(|| no_token("GitHub's answer holds no token".to_owned()))
}

async fn ask(url: Url, token: &str) -> reqwest::Result<(reqwest::StatusCode, Vec<u8>)> {
    let client = Client::builder().timeout(ANSWERED_WITHIN).build()?;
    let answer = client.get(url).bearer_auth(token).send().await?;
    let status = answer.status();
    Ok((status, answer.bytes().await?.to_vec()))
}

fn variable<'v>(
    variables: &'v BTreeMap<OsString, OsString>,
    name: &str,
) -> Result<&'v str, AwsError> {
    variables
        .get(OsStr::new(name))
        .and_then(|value| value.to_str())
        .filter(|value| !value.is_empty())
        .ok_or_else(|| {
            no_token(format!(
                "{name} is not set: GitHub sets it for jobs with the permission id-token: write"
            ))
        })
}

fn no_token(detail: String) -> AwsError {
    AwsError::NoToken { detail }
}
