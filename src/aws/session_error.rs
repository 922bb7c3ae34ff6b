//! Why a session could not be had: AWS's facts, read once, and put for people.

use std::fmt;
use std::time::{Duration, SystemTime};

use super::clock::rfc3339;
use super::{AwsAnswer, AwsError, NoCredentials};
use crate::model::{AccountId, Assumption, Principal, RoleChain};

/// Why there is no session for a chain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionError {
    /// The chain up to the role that failed, which may be the hub of the one that was asked for.
    pub chain: RoleChain,
    /// Who asked AWS, where that was known already.
    pub caller: Option<Principal>,
    pub refusal: Refusal,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// AWS forbids the assumption.
    Denied {
        side: DeniedSide,
        action: String,
        message: String,
    },
    /// The base identity's login or keys have ended.
    BaseExpired {
        ended: Option<SystemTime>,
    },
    /// There is no base identity at all.
    NoBase(NoCredentials),
    /// AWS does not know the base identity's keys, or their secret is another.
    BadKeys {
        message: String,
    },
    /// The account's root user may not assume roles.
    RootUser,
    /// The token that was to buy the session was refused or could not be read.
    WebIdentity {
        message: String,
    },
    Throttled,
    ClockSkewed {
        ours_is: Option<Skew>,
    },
    Unreachable {
        detail: String,
    },
    RegionDisabled {
        message: String,
        /// The one that was asked, where it has a name.
        region: Option<String>,
    },
    /// Session policies and tags are too big together.
    PackedPolicyTooLarge {
        percent: Option<u32>,
    },
    /// The session turned out to be in another account.
    WrongAccount {
        expected: AccountId,
        got: Principal,
    },
    /// Anything else that AWS says.
    Other {
        code: String,
        message: String,
    },
}

/// What a call was made with, which decides what its refusal means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum AskedWith {
    Base { ends: Option<SystemTime> },
    Session,
    Token,
}

/// Whose policy refuses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeniedSide {
    /// The caller's own policies do not allow the call.
    Caller,
    /// The role's trust policy does not let the caller in.
    Trust,
    SessionPolicy,
    PermissionsBoundary,
    Organization,
    /// AWS does not say, and says the same where there is no such role.
    Unknown,
}

/// How far our clock is from AWS's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Skew {
    Ahead(Duration),
    Behind(Duration),
}

impl Refusal {
    /// Reads what AWS said. `now` is our clock, to be compared with the answer's.
    pub(super) fn of(error: &AwsError, asked_with: AskedWith, now: SystemTime) -> Self {
        let answer = match error {
            AwsError::Answered(answer) => answer,
            AwsError::NoAnswer { detail } => {
                return Self::Unreachable {
                    detail: detail.clone(),
                };
            }
            AwsError::NoCredentials(why) => return Self::NoBase(why.clone()),
            AwsError::NoToken { detail } => {
                return Self::WebIdentity {
                    message: detail.clone(),
                };
            }
        };
        let message = answer.message.clone();
        if error.is_throttled() {
            return Self::Throttled;
        }
        match (answer.code.as_str(), asked_with) {
            _ if is_about_the_clock(answer) => Self::ClockSkewed {
                ours_is: skew(answer, now),
            },
            ("ExpiredToken" | "ExpiredTokenException", AskedWith::Base { ends }) => {
                Self::BaseExpired { ended: ends }
            }
            (_, AskedWith::Token)
                if answer.code.contains("Token") || answer.code.contains("IDP") =>
            {
                Self::WebIdentity { message }
            }
            ("AccessDenied" | "AccessDeniedException", _) => Self::Denied {
                side: DeniedSide::of(&message),
                action: denied_action(&message),
                message,
            },
            (
                "InvalidClientTokenId"
                | "UnrecognizedClientException"
                | "SignatureDoesNotMatch"
                | "InvalidSignatureException"
                | "InvalidAccessKeyId",
                _,
            ) => Self::BadKeys { message },
            ("RegionDisabledException", _) => Self::RegionDisabled {
                message,
                region: None,
            },
            ("PackedPolicyTooLarge" | "PackedPolicyTooLargeException", _) => {
                Self::PackedPolicyTooLarge {
                    percent: percentage(&message),
                }
            }
            (code, _) => Self::Other {
                code: code.to_owned(),
                message,
            },
        }
    }

    /// Asking again later may be answered otherwise.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Throttled | Self::Unreachable { .. })
    }

    /// It says nothing about the role: whoever asks for it is gone.
    pub(super) fn is_about_the_base(&self) -> bool {
        matches!(self, Self::NoBase(_) | Self::BaseExpired { .. })
    }
}

fn is_about_the_clock(answer: &AwsAnswer) -> bool {
    matches!(
        answer.code.as_str(),
        "RequestTimeTooSkewed" | "RequestInTheFuture"
    ) || (answer.code.contains("Signature")
        && (answer.message.contains("Signature expired")
            || answer.message.contains("Signature not yet current")))
}

fn skew(answer: &AwsAnswer, now: SystemTime) -> Option<Skew> {
    let theirs = answer.server_time?;
    Some(Skew::between(now, theirs))
}

impl Skew {
    pub(super) fn between(ours: SystemTime, theirs: SystemTime) -> Self {
        match ours.duration_since(theirs) {
            Ok(ahead) => Self::Ahead(ahead),
            Err(behind) => Self::Behind(behind.duration()),
        }
    }

    pub fn distance(self) -> Duration {
        match self {
            Self::Ahead(distance) | Self::Behind(distance) => distance,
        }
    }
}

impl DeniedSide {
    /// AWS names the side at the end of its newer messages: `because no … allows` when nothing
    /// allows the call, `with an explicit deny in a …` when something forbids it.
    fn of(message: &str) -> Self {
        let tail = ["because no ", "with an explicit deny in "]
            .iter()
            .find_map(|marker| message.split_once(marker));
        let Some((_, policy)) = tail else {
            return Self::Unknown;
        };
        if policy.contains("trust policy") || policy.contains("resource-based policy") {
            Self::Trust
        } else if policy.contains("session policy") {
            Self::SessionPolicy
        } else if policy.contains("permissions boundary") {
            Self::PermissionsBoundary
        } else if policy.contains("control policy") {
            Self::Organization
        } else if policy.contains("identity-based policy") {
            Self::Caller
        } else {
            Self::Unknown
        }
    }
}

/// What AWS says behind `User: … is not authorized to perform: … on resource: …`, which repeats who
/// asked for what; all of it, where it says something else.
fn beyond_the_usual(message: &str) -> &str {
    let usual = message.strip_prefix("User: ").and_then(|rest| {
        let (_, rest) = rest.split_once(" on resource: ")?;
        Some(rest.split_once(' ').map_or("", |(_, more)| more))
    });
    usual.unwrap_or(message).trim()
}

/// The action in AWS's `is not authorized to perform: ACTION on resource: …`.
fn denied_action(message: &str) -> String {
    let action = message
        .split_once("perform: ")
        .and_then(|(_, rest)| rest.split_whitespace().next())
        .unwrap_or("sts:AssumeRole");
    action.to_owned()
}

fn percentage(message: &str) -> Option<u32> {
    let (before, _) = message.split_once('%')?;
    let digits = before.rsplit(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

impl SessionError {
    pub(super) fn without_caller(chain: &RoleChain, refusal: Refusal) -> Self {
        Self {
            chain: chain.clone(),
            caller: None,
            refusal,
        }
    }

    /// What to do about it, where we know.
    pub fn help(&self) -> Option<String> {
        let text = match &self.refusal {
            Refusal::Denied {
                side,
                action,
                message,
            } => return Some(self.denied_help(*side, action, message)),
            Refusal::NoBase(why) => why.help(),
            Refusal::BaseExpired { .. } => {
                "log in again, or put new keys into the environment, and run this once more".into()
            }
            Refusal::RootUser => "take a user or a role of that account instead of root".into(),
            Refusal::ClockSkewed { .. } => "set this machine's clock by NTP".into(),
            Refusal::Throttled => {
                "other calls use up this account's quota of STS; try again later, or ask AWS for a \
                 higher quota\nto wait longer: --aws-patience SECONDS"
                    .into()
            }
            Refusal::Unreachable { .. } => {
                "check the network, proxies (HTTPS_PROXY), and AWS_ENDPOINT_URL if it is set\nto \
                 wait longer: --aws-patience SECONDS"
                    .into()
            }
            Refusal::RegionDisabled { region, .. } => {
                let region = region.as_deref().unwrap_or("this region");
                format!(
                    "activate STS in {region} in the account settings of IAM\n\
                     or set AWS_REGION to a region where it is active"
                )
            }
            Refusal::PackedPolicyTooLarge { .. } => {
                "shorten the policy, policy_arns, tags or transitive_tag_keys of this role's \
                 session"
                    .into()
            }
            Refusal::WrongAccount { expected, .. } => {
                format!("name a role of {expected}, or correct the folder's account")
            }
            Refusal::BadKeys { .. } => {
                "log in again, or correct the keys where they come from: AWS_ACCESS_KEY_ID and \
                 AWS_SECRET_ACCESS_KEY belong together, with AWS_SESSION_TOKEN if they are a session's"
                    .into()
            }
            Refusal::WebIdentity { .. } | Refusal::Other { .. } => return None,
        };
        Some(text)
    }

    fn denied_help(&self, side: DeniedSide, action: &str, message: &str) -> String {
        let Some(Assumption {
            role, external_id, ..
        }) = self.chain.last()
        else {
            return String::new();
        };
        let source = self.chain.source();
        // Policies name the role, not the session that it is used by.
        let caller = match (source.as_ref().and_then(RoleChain::role), &self.caller) {
            (Some(role), _) => role.to_string(),
            (None, Some(caller)) => caller.in_policies(),
            (None, None) => "the caller".to_owned(),
        };
        let must = if message.contains("explicit deny") {
            "must not deny"
        } else {
            "must allow"
        };
        let external_id = match external_id {
            Some(id) => format!(
                "the external id {} was sent; its trust policy may want another",
                id.as_str()
            ),
            None => "no external id was sent; if its trust policy wants one, name it in \
                     external_ids of terrane.hcl"
                .to_owned(),
        };
        match side {
            DeniedSide::Trust => {
                format!("the trust policy of {role} {must} {action} to {caller}\n{external_id}")
            }
            DeniedSide::Caller => format!("a policy of {caller} {must} {action} on {role}"),
            DeniedSide::SessionPolicy => {
                format!("the session policy of {caller} {must} {action} on {role}")
            }
            DeniedSide::PermissionsBoundary => {
                format!("the permissions boundary of {caller} {must} {action} on {role}")
            }
            DeniedSide::Organization => {
                format!("a policy of the organization forbids {action} on {role}")
            }
            DeniedSide::Unknown => format!(
                "AWS does not tell which; look whether {role} is there\n\
                 its trust policy must allow {action} to {caller}\n\
                 and a policy of {caller} must allow {action} on it\n\
                 {external_id}"
            ),
        }
    }
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.chain.role(), self.chain.base_identity().profile()) {
            (Some(role), _) => write!(f, "could not assume {role}")?,
            (None, None) => f.write_str("the base identity cannot be used")?,
            (None, Some(name)) => write!(f, "profile {name:?} cannot be used")?,
        }
        if let (Some(caller), Some(_)) = (&self.caller, self.chain.role()) {
            write!(f, " as {caller}")?;
        }
        write!(f, ": {}", self.refusal)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied { side, message, .. } => {
                write!(f, "{side}")?;
                match beyond_the_usual(message) {
                    "" => Ok(()),
                    more => write!(f, " ({more})"),
                }
            }
            Self::BaseExpired { ended: None } => f.write_str("the base session has ended"),
            Self::BaseExpired { ended: Some(ended) } => {
                write!(f, "the base session has ended ({})", rfc3339(*ended))
            }
            Self::NoBase(why) => write!(f, "no credentials were found: {why}"),
            Self::BadKeys { message } => write!(f, "AWS does not accept the keys ({message})"),
            Self::RootUser => f.write_str("AWS lets the root user assume no role"),
            Self::WebIdentity { message } => {
                write!(f, "the web identity token was not accepted ({message})")
            }
            Self::Throttled => f.write_str("AWS is throttling the calls"),
            Self::ClockSkewed { ours_is: None } => f.write_str("this machine's clock is wrong"),
            Self::ClockSkewed {
                ours_is: Some(skew),
            } => write!(f, "this machine's clock is {skew}"),
            Self::Unreachable { detail } => write!(f, "STS did not answer ({detail})"),
            Self::RegionDisabled { message, region } => {
                let region = region.as_deref().unwrap_or("this region");
                write!(f, "STS is switched off in {region} ({message})")
            }
            Self::PackedPolicyTooLarge { percent: None } => {
                f.write_str("session policy and tags are too large together")
            }
            Self::PackedPolicyTooLarge {
                percent: Some(percent),
            } => {
                write!(
                    f,
                    "session policy and tags take {percent} % of what AWS allows"
                )
            }
            Self::WrongAccount { expected, got } => {
                write!(f, "account {expected} was expected, but this is {got}")
            }
            Self::Other { code, message } => write!(f, "{code}: {message}"),
        }
    }
}

impl fmt::Display for DeniedSide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Caller => "the caller's own policies do not allow it",
            Self::Trust => "the role's trust policy does not let the caller in",
            Self::SessionPolicy => "the caller's session policy does not allow it",
            Self::PermissionsBoundary => "the caller's permissions boundary does not allow it",
            Self::Organization => "a policy of the organization forbids it",
            Self::Unknown => "one side refuses, or there is no such role",
        })
    }
}

impl fmt::Display for Skew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (distance, word) = match self {
            Self::Ahead(distance) => (distance, "ahead of"),
            Self::Behind(distance) => (distance, "behind"),
        };
        write!(f, "{} s {word} AWS's", distance.as_secs())
    }
}

impl std::error::Error for SessionError {}

#[cfg(test)]
mod tests;
