//! Names of principals, parsed once at the edge.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The ARN of something that can hold permissions: a role, a user, or an account's root.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PrincipalArn {
    text: String,
    pub(crate) account: String,
    pub(crate) kind: PrincipalKind,
    /// The last part of the path: what `assumed-role` ARNs and people call it.
    pub(crate) name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum PrincipalKind {
    Root,
    User,
    Role,
}

#[derive(Debug, Error)]
#[error("`{0}` is not the ARN of a role, a user or an account's root")]
pub(crate) struct NotAPrincipal(String);

impl PrincipalArn {
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The ARN that a session of this role goes by.
    pub(crate) fn session_arn(&self, session_name: &str) -> String {
        format!(
            "arn:aws:sts::{}:assumed-role/{}/{session_name}",
            self.account, self.name
        )
    }
}

impl FromStr for PrincipalArn {
    type Err = NotAPrincipal;

    fn from_str(text: &str) -> Result<Self, NotAPrincipal> {
        let wrong = || NotAPrincipal(text.to_owned());
        let rest = text.strip_prefix("arn:aws:iam::").ok_or_else(wrong)?;
        let (account, resource) = rest.split_once(':').ok_or_else(wrong)?;
        let (kind, name) = match resource.split_once('/') {
            None if resource == "root" => (PrincipalKind::Root, "root"),
            Some(("user", path)) => (PrincipalKind::User, last_segment(path)),
            Some(("role", path)) => (PrincipalKind::Role, last_segment(path)),
            None | Some(_) => return Err(wrong()),
        };
        if !is_account_id(account) || name.is_empty() {
            return Err(wrong());
        }
        let (text, account, name) = (text.to_owned(), account.to_owned(), name.to_owned());
        Ok(Self {
            text,
            account,
            kind,
            name,
        })
    }
}

impl fmt::Display for PrincipalArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

pub(crate) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn last_segment(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
