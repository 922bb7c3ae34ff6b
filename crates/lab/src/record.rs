//! What happened: every call with its caller, in the order in which they were settled, and
//! questions about them that read like sentences.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::pattern;

/// One call, as it was understood and settled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    pub seq: u64,
    /// When the request had arrived.
    pub time: Timestamp,
    pub service: String,
    /// Service and operation, such as `s3:HeadObject`; not the permission that it takes.
    pub action: String,
    /// The ARN of what it was about, `*` if nothing in particular.
    pub resource: String,
    /// The caller's ARN; none if the call carried no signature, or one that proved nothing.
    pub principal: Option<String>,
    /// The name of the caller's role or user.
    pub role: Option<String>,
    pub account: Option<String>,
    pub account_alias: Option<String>,
    /// The last four characters of the access key id.
    pub key: Option<String>,
    /// The caller's session, numbered as the lab gave them out; none for keys that last.
    pub session: Option<u64>,
    /// The session that this call opened.
    pub issued: Option<IssuedSession>,
    /// None if the caller never got an answer because the call was dropped unhandled.
    pub status: Option<u16>,
    pub error: Option<String>,
    /// Why it was refused, more truly than the caller was told.
    pub reason: Option<String>,
    pub fault: Option<String>,
    /// From the whole request's arrival to the beginning of the answer.
    pub ms: f64,
}

/// A session that STS gave out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IssuedSession {
    pub number: u64,
    pub role_arn: String,
    pub session_name: String,
    pub key: String,
    /// How long it lasts, after the lab's own limit.
    pub seconds: i64,
    /// Whether a session was used to open it.
    pub chained: bool,
    pub external_id: Option<String>,
    pub source_identity: Option<String>,
    pub tags: BTreeMap<String, String>,
}

/// Calls to ask about. Every question narrows them:
/// `lab.calls().by("doer-role").in_account("dev").of("ssm:*").refused()`.
#[derive(Clone, Debug, Default)]
pub struct Calls(Vec<Call>);

impl Calls {
    pub(crate) fn new(calls: Vec<Call>) -> Self {
        Self(calls)
    }

    /// Of these actions; `*` and `?` as in policies.
    #[must_use]
    pub fn of(self, action: &str) -> Self {
        self.that(|call| pattern::matches(action, &call.action))
    }

    /// By a role or user, by its name or by the ARN of the principal.
    #[must_use]
    pub fn by(self, principal: &str) -> Self {
        self.that(|call| {
            let mut names = [&call.role, &call.principal].into_iter().flatten();
            names.any(|name| pattern::matches(principal, name))
        })
    }

    /// By anybody but a role or user.
    #[must_use]
    pub fn not_by(self, principal: &str) -> Self {
        self.that(|call| {
            let mut names = [&call.role, &call.principal].into_iter().flatten();
            !names.any(|name| pattern::matches(principal, name))
        })
    }

    /// By callers of an account, by its number or its alias.
    #[must_use]
    pub fn in_account(self, account: &str) -> Self {
        self.that(|call| {
            [&call.account, &call.account_alias]
                .into_iter()
                .flatten()
                .any(|name| name == account)
        })
    }

    /// About resources whose ARN the pattern covers.
    #[must_use]
    pub fn on(self, resource: &str) -> Self {
        self.that(|call| pattern::matches(resource, &call.resource))
    }

    /// In this session, by its number.
    #[must_use]
    pub fn in_session(self, number: u64) -> Self {
        self.that(|call| call.session == Some(number))
    }

    #[must_use]
    pub fn failing_with(self, code: &str) -> Self {
        self.that(|call| call.error.as_deref() == Some(code))
    }

    #[must_use]
    pub fn succeeding(self) -> Self {
        self.that(|call| call.status.is_some_and(|status| status < 400))
    }

    /// Refused because the caller may not, or did not prove to be who they claim to be.
    #[must_use]
    pub fn refused(self) -> Self {
        self.that(|call| {
            call.fault.is_none()
                && matches!(call.status, Some(400 | 401 | 403))
                && call.error.as_deref().is_some_and(is_about_identity)
        })
    }

    #[must_use]
    pub fn faulted(self) -> Self {
        self.that(|call| call.fault.is_some())
    }

    #[must_use]
    pub fn that(mut self, keep: impl Fn(&Call) -> bool) -> Self {
        self.0.retain(keep);
        self
    }

    /// One line for each kind of call, with how often it happened: who, where, what, how it
    /// ended. Sorted, and free of times and keys, so that it can be compared as a whole.
    pub fn tally(&self) -> String {
        let mut counts = BTreeMap::<String, usize>::new();
        for call in &self.0 {
            *counts.entry(call.to_string()).or_default() += 1;
        }
        let lines: Vec<String> = counts
            .into_iter()
            .map(|(call, count)| format!("{count:4} {call}"))
            .collect();
        lines.join("\n")
    }
}

fn is_about_identity(code: &str) -> bool {
    let about_identity = [
        "AccessDenied",
        "ExpiredToken",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidIdentityToken",
        "InvalidSignature",
        "InvalidToken",
        "MissingAuthenticationToken",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "UnrecognizedClient",
    ];
    about_identity.contains(&code.strip_suffix("Exception").unwrap_or(code))
}

impl Deref for Calls {
    type Target = [Call];

    fn deref(&self) -> &[Call] {
        &self.0
    }
}

impl IntoIterator for Calls {
    type Item = Call;
    type IntoIter = std::vec::IntoIter<Call>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// `doer-role@dev ssm:PutParameter 200`, with the target's account and name for a role.
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let role = self.role.as_deref().unwrap_or("nobody");
        let account = self.account_alias.as_ref().or(self.account.as_ref());
        write!(
            f,
            "{role}@{} {}",
            account.map_or("-", String::as_str),
            self.action
        )?;
        if let Some(target) = self.resource.strip_prefix("arn:aws:iam::") {
            write!(f, " {}", target.replacen(":role/", "/", 1))?;
        }
        match self.status {
            Some(status) => write!(f, " {status}")?,
            None => f.write_str(" unanswered")?,
        }
        if let Some(error) = &self.error {
            write!(f, " {error}")?;
        }
        match &self.fault {
            Some(fault) => write!(f, " ({fault})"),
            None => Ok(()),
        }
    }
}

/// All calls so far, and the number that the next one gets.
#[derive(Debug, Default)]
pub(crate) struct Record {
    calls: Vec<Call>,
    last_seq: u64,
}

impl Record {
    /// Files a call under the next number.
    pub(crate) fn add(&mut self, call: Call) {
        self.last_seq += 1;
        self.calls.push(Call {
            seq: self.last_seq,
            ..call
        });
    }

    pub(crate) fn since(&self, seq: u64) -> Vec<Call> {
        self.calls
            .iter()
            .filter(|call| call.seq > seq)
            .cloned()
            .collect()
    }

    /// Forgets the calls, not their number: numbers are never given twice.
    pub(crate) fn clear(&mut self) {
        self.calls.clear();
    }
}
