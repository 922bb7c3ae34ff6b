//! Who the base identity is, as people say it: nothing in a tree tells.

use std::str::FromStr;

use thiserror::Error;

use crate::model::{AccountId, RoleArn};

/// Somebody whom the first role of a chain is to trust.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum BasePrincipal {
    /// A role, a user or a whole account.
    Arn(String),
    /// The people of a permission set of IAM Identity Center. Without an account they are those of
    /// the account of the role that trusts them.
    PermissionSet {
        set: String,
        account: Option<AccountId>,
    },
    /// Jobs of GitHub, by the subject of their tokens.
    GitHub { subject: String },
}

#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{text:?} is no principal: {problem}")]
pub struct BasePrincipalError {
    pub text: String,
    pub problem: String,
}

/// How it can be written.
const FORMS: &str = "write the ARN of a role or a user, sso:PERMISSION_SET, \
    sso:PERMISSION_SET@ACCOUNT, or oidc:repo:ORG/REPO:environment:NAME";

impl FromStr for BasePrincipal {
    type Err = BasePrincipalError;

    fn from_str(text: &str) -> Result<Self, BasePrincipalError> {
        let refuse = |problem: String| BasePrincipalError {
            text: text.to_owned(),
            problem,
        };
        match text.split_once(':') {
            Some(("arn", _)) => arn(text).map_err(refuse),
            Some(("sso", rest)) => permission_set(rest).map_err(refuse),
            Some(("oidc", subject)) if subject.starts_with("repo:") => Ok(Self::GitHub {
                subject: subject.to_owned(),
            }),
            _ => Err(refuse(FORMS.to_owned())),
        }
    }
}

fn arn(text: &str) -> Result<BasePrincipal, String> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [_, _, service, "", account, resource] = parts[..] else {
        return Err(FORMS.to_owned());
    };
    if service == "sts" {
        return Err("it is a session's ARN, and sessions end; name the role".to_owned());
    }
    let account: AccountId = account
        .parse()
        .map_err(|error: crate::model::AccountIdError| error.to_string())?;
    // What stands behind the last underscore is another one in each account, and changes when the
    // permission set is made anew.
    if let Some(rest) = text
        .rsplit_once("/AWSReservedSSO_")
        .map(|(_, rest)| rest)
        .filter(|_| resource.starts_with("role/aws-reserved/"))
    {
        let set = rest.rsplit_once('_').map_or(rest, |(set, _)| set);
        return Ok(BasePrincipal::PermissionSet {
            set: set.to_owned(),
            account: Some(account),
        });
    }
    let is_principal = service == "iam"
        && (resource == "root" || resource.starts_with("user/") || text.parse::<RoleArn>().is_ok());
    if is_principal {
        Ok(BasePrincipal::Arn(text.to_owned()))
    } else {
        Err(FORMS.to_owned())
    }
}

fn permission_set(text: &str) -> Result<BasePrincipal, String> {
    let (set, account) = match text.split_once('@') {
        None => (text, None),
        Some((set, account)) => {
            let account = account.parse::<AccountId>();
            (set, Some(account.map_err(|error| error.to_string())?))
        }
    };
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.-".contains(c);
    if set.is_empty() || !set.chars().all(allowed) {
        return Err(format!("{set:?} is no name of a permission set"));
    }
    Ok(BasePrincipal::PermissionSet {
        set: set.to_owned(),
        account,
    })
}
