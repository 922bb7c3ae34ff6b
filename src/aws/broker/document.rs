//! Credentials in the two forms in which SDKs read them.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::aws::clock::rfc3339;
use crate::model::{Secret, Session};

/// What a container's endpoint answers.
pub(super) fn for_endpoint(session: &Session, now: SystemTime) -> String {
    with_end(
        json!({
            "AccessKeyId": session.access_key_id.expose(),
            "SecretAccessKey": session.secret_access_key.expose(),
            "Token": session.session_token.as_ref().map(Secret::expose),
        }),
        session,
        now,
    )
}

/// What a `credential_process` prints.
pub(super) fn for_process(session: &Session, now: SystemTime) -> String {
    with_end(
        json!({
            "Version": 1,
            "AccessKeyId": session.access_key_id.expose(),
            "SecretAccessKey": session.secret_access_key.expose(),
            "SessionToken": session.session_token.as_ref().map(Secret::expose),
        }),
        session,
        now,
    )
}

/// What an SDK shows of a refusal.
pub(super) fn refusal(code: &str, message: &str) -> String {
    json!({ "code": code, "message": message }).to_string()
}

/// The end that a child is told lies a little before the real one: some SDKs use credentials up
/// to their last moment, and a request that is signed then arrives too late.
fn with_end(mut document: Value, session: &Session, now: SystemTime) -> String {
    if let Some(end) = session.expires_at {
        let left = end.duration_since(now).unwrap_or_default();
        let early = (left / 10).min(Duration::from_mins(1));
        let early = Duration::from_secs(early.as_secs());
        document["Expiration"] = rfc3339(end - early).into();
    }
    document.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(seconds: Option<u64>) -> Session {
        let secret = |text: &str| Secret::new(text.to_owned());
        Session {
            access_key_id: secret("ASIA1"),
            secret_access_key: secret("s"),
            session_token: Some(secret("t")),
            expires_at: seconds
                .map(|seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)),
        }
    }

    #[test]
    fn both_forms_hold_the_same_session() {
        let now = SystemTime::UNIX_EPOCH;
        insta::assert_snapshot!(for_endpoint(&session(Some(3600)), now), @r#"{"AccessKeyId":"ASIA1","Expiration":"1970-01-01T00:59:00Z","SecretAccessKey":"s","Token":"t"}"#);
        insta::assert_snapshot!(for_process(&session(None), now), @r#"{"AccessKeyId":"ASIA1","SecretAccessKey":"s","SessionToken":"t","Version":1}"#);
    }

    #[test]
    fn children_are_told_an_end_before_the_real_one() {
        let end = |seconds| {
            let document: Value = serde_json::from_str(&for_process(
                &session(Some(seconds)),
                SystemTime::UNIX_EPOCH,
            ))
            .expect("JSON");
            document["Expiration"].as_str().expect("an end").to_owned()
        };
        assert_eq!(end(3600), "1970-01-01T00:59:00Z");
        assert_eq!(end(100), "1970-01-01T00:01:30Z");
        assert_eq!(end(8), "1970-01-01T00:00:08Z");
    }
}
