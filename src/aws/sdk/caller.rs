//! What AWS tells a session about itself and its account.
//!
//! The alias of an account is one call to IAM that is signed here: a whole client would be built
//! for that single question.

use std::time::SystemTime;

use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityOutput;

use super::signed::SignedPost;
use super::{SdkAws, failure, nonsense, sts_as};
use crate::aws::{AwsAnswer, AwsError};
use crate::model::{Principal, Session};

const FORM: &str = "application/x-www-form-urlencoded";
const LIST_ALIASES: &str = "Action=ListAccountAliases&Version=2010-05-08";

impl SdkAws {
    pub(super) async fn id_of(&self, session: &Session) -> Result<String, AwsError> {
        let caller = self.caller(session).await?;
        let id = caller.user_id().map(ToOwned::to_owned);
        id.ok_or_else(|| nonsense("no user id"))
    }

    /// What AWS says of who has these keys.
    pub(super) async fn caller(
        &self,
        session: &Session,
    ) -> Result<GetCallerIdentityOutput, AwsError> {
        self.sts
            .get_caller_identity()
            .customize()
            .config_override(sts_as(session))
            .send()
            .await
            .map_err(|error| failure(&error))
    }

    pub(super) async fn alias_of(
        &self,
        session: &Session,
        principal: &Principal,
        now: SystemTime,
    ) -> Result<Option<String>, AwsError> {
        let (host, region) = iam_of(principal);
        let url = self
            .named_endpoint("IAM")
            .unwrap_or_else(|| host.to_owned());
        let post = SignedPost {
            service: "iam",
            region,
            url: &url,
            headers: &[("content-type", FORM)],
            body: LIST_ALIASES,
        };
        let reply = post.send(session, now).await?;
        if reply.is_success() {
            return Ok(within(&reply.text, "member").map(ToOwned::to_owned));
        }
        Err(refusal(reply.status, &reply.text, reply.server_time))
    }
}

/// IAM has one place in each of AWS's partitions, and its calls are signed for one region.
fn iam_of(principal: &Principal) -> (&'static str, &'static str) {
    match principal.arn().split(':').nth(1) {
        Some("aws-cn") => ("https://iam.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        Some("aws-us-gov") => ("https://iam.us-gov.amazonaws.com", "us-gov-west-1"),
        Some(_) | None => ("https://iam.amazonaws.com", "us-east-1"),
    }
}

/// IAM's no: `<ErrorResponse><Error><Code>AccessDenied</Code><Message>…`.
fn refusal(status: u16, text: &str, server_time: Option<SystemTime>) -> AwsError {
    let code = within(text, "Code");
    let message = within(text, "Message");
    AwsError::Answered(Box::new(AwsAnswer {
        status,
        code: code.map_or_else(|| format!("HTTP {status}"), ToOwned::to_owned),
        message: message.map_or_else(|| format!("IAM answered with HTTP {status}"), unescaped),
        server_time,
        bucket_region: None,
    }))
}

/// The text of the first element of a name. IAM's answers to this one call are flat enough that
/// nothing more is needed; an alias is made of letters, digits and hyphens.
fn within<'t>(text: &'t str, element: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(&format!("<{element}>"))?;
    let (inner, _) = rest.split_once(&format!("</{element}>"))?;
    Some(inner)
}

fn unescaped(text: &str) -> String {
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
    ];
    let plain = entities
        .iter()
        .fold(text.to_owned(), |text, (entity, plain)| {
            text.replace(entity, plain)
        });
    plain.replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_iam_is_told_by_its_code() {
        let text = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>\
            <Message>User: a &amp; b may not</Message></Error></ErrorResponse>";
        let error = refusal(403, text, None);
        assert_eq!(error.code(), "AccessDenied");
        assert_eq!(error.to_string(), "User: a & b may not");
        assert_eq!(refusal(502, "<html>", None).code(), "HTTP 502");
    }

    #[test]
    fn iam_is_where_the_sessions_partition_has_it() {
        let of = |arn: &str| iam_of(&Principal::parse(arn).expect("an ARN")).1;
        assert_eq!(of("arn:aws:iam::123456789011:user/me"), "us-east-1");
        assert_eq!(of("arn:aws-cn:iam::123456789011:user/me"), "cn-north-1");
        assert_eq!(
            of("arn:aws-us-gov:sts::123456789011:assumed-role/a/b"),
            "us-gov-west-1"
        );
    }
}
