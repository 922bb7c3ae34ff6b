//! The parameters that both ways of assuming a role take, held against AWS's limits.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::Operation;
use crate::policy::{Policy, PolicyKind};
use crate::service::refusal::Refusal;

const LONGEST_POLICY: usize = 2048;

/// What every request for a session says.
#[derive(Debug)]
pub(super) struct SessionRequest {
    pub(super) role_arn: String,
    pub(super) session_name: String,
    pub(super) lasts: SignedDuration,
    pub(super) policy: Option<Policy>,
}

impl SessionRequest {
    pub(super) fn read(operation: &Operation) -> Result<Self, Refusal> {
        let role_arn = required(operation, "RoleArn", "roleArn")?;
        let session_name = required(operation, "RoleSessionName", "roleSessionName")?;
        check_name("roleSessionName", session_name, 2..=64, "+=,.@-")?;
        Ok(Self {
            role_arn: role_arn.to_owned(),
            session_name: session_name.to_owned(),
            lasts: duration(operation)?,
            policy: session_policy(operation)?,
        })
    }
}

pub(super) fn required<'a>(
    operation: &'a Operation,
    name: &str,
    member: &str,
) -> Result<&'a str, Refusal> {
    let value = operation.parameter(name).filter(|value| !value.is_empty());
    value.ok_or_else(|| unsatisfied("null", member, "Member must not be null"))
}

/// Checks length and characters: letters, digits, `_` and the extra ones.
pub(super) fn check_name(
    member: &str,
    value: &str,
    lengths: std::ops::RangeInclusive<usize>,
    extra: &str,
) -> Result<(), Refusal> {
    let quoted = format!("'{value}'");
    let length = value.chars().count();
    if length < *lengths.start() {
        let limit = format!(
            "Member must have length greater than or equal to {}",
            lengths.start()
        );
        return Err(unsatisfied(&quoted, member, &limit));
    }
    if length > *lengths.end() {
        let limit = format!(
            "Member must have length less than or equal to {}",
            lengths.end()
        );
        return Err(unsatisfied(&quoted, member, &limit));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || extra.contains(c);
    if !value.chars().all(allowed) {
        let escaped = extra.replace('/', "\\/");
        let rule = format!("Member must satisfy regular expression pattern: [\\w{escaped}]*");
        return Err(unsatisfied(&quoted, member, &rule));
    }
    Ok(())
}

/// The session's tags and which of them go on to sessions that it opens.
pub(super) fn tags(operation: &Operation) -> (BTreeMap<String, String>, Vec<String>) {
    let mut tags = BTreeMap::new();
    for index in 1.. {
        let part = |part| operation.parameter(&format!("Tags.member.{index}.{part}"));
        let Some(key) = part("Key") else { break };
        tags.insert(key.to_owned(), part("Value").unwrap_or_default().to_owned());
    }
    let member = |index| operation.parameter(&format!("TransitiveTagKeys.member.{index}"));
    let transitive = (1..).map_while(member).map(str::to_owned).collect();
    (tags, transitive)
}

fn duration(operation: &Operation) -> Result<SignedDuration, Refusal> {
    let member = "durationSeconds";
    let text = operation.parameter("DurationSeconds").unwrap_or("3600");
    let quoted = format!("'{text}'");
    let seconds: i64 = text.parse().map_err(|_| malformed_input())?;
    if seconds < 900 {
        let limit = "Member must have value greater than or equal to 900";
        return Err(unsatisfied(&quoted, member, limit));
    }
    if seconds > 43200 {
        let limit = "Member must have value less than or equal to 43200";
        return Err(unsatisfied(&quoted, member, limit));
    }
    Ok(SignedDuration::from_secs(seconds))
}

fn session_policy(operation: &Operation) -> Result<Option<Policy>, Refusal> {
    if operation.parameter("PolicyArns.member.1.arn").is_some() {
        let message = "The lab holds no managed policies; pass the policy itself.";
        return Err(Refusal::new(400, "ValidationError", message));
    }
    let Some(text) = operation.parameter("Policy") else {
        return Ok(None);
    };
    if text.len() > LONGEST_POLICY {
        let limit = format!("Member must have length less than or equal to {LONGEST_POLICY}");
        return Err(unsatisfied(&format!("'{text}'"), "policy", &limit));
    }
    match Policy::parse_text(text, PolicyKind::Identity) {
        Ok(policy) => Ok(Some(policy)),
        Err(problem) => {
            let refusal = Refusal::new(
                400,
                "MalformedPolicyDocument",
                "The policy is not in the valid JSON format.",
            );
            Err(refusal.because(problem.to_string()))
        }
    }
}

fn unsatisfied(value: &str, member: &str, constraint: &str) -> Refusal {
    let message = format!(
        "1 validation error detected: Value {value} at '{member}' failed to satisfy constraint: \
         {constraint}"
    );
    Refusal::new(400, "ValidationError", message)
}

fn malformed_input() -> Refusal {
    Refusal::new(400, "MalformedInput", "Invalid Integer")
}
