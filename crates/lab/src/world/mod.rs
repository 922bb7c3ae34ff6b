//! The world a lab starts with: accounts, people, roles, buckets and tables.
//!
//! It is read from JSON, with policies and trust policies as AWS writes them, so that what a
//! test grants reads like what an administrator would paste.

mod landing_zone;
pub(crate) mod sources;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

use self::sources::{Sources, SourcesDocument};

use crate::identity::arn::{NotAPrincipal, PrincipalArn, PrincipalKind, is_account_id};
use crate::identity::jwt::IssuerKeys;
use crate::identity::keyring::Keys;
use crate::policy::{Policy, PolicyError, PolicyKind};

/// Accounts and everything in them.
#[derive(Debug, Default)]
pub struct World {
    pub(crate) region: String,
    /// Account number to the name that people use.
    pub(crate) accounts: BTreeMap<String, String>,
    pub(crate) principals: BTreeMap<String, Principal>,
    pub(crate) keys: Vec<WorldKeys>,
    /// The access key of whoever sits at the keyboard.
    pub(crate) operator: Option<String>,
    pub(crate) providers: BTreeMap<String, Provider>,
    pub(crate) buckets: BTreeMap<String, BucketPlan>,
    pub(crate) tables: Vec<TablePlan>,
    pub(crate) sources: Sources,
}

/// A role or user, with what they may do.
#[derive(Debug)]
pub(crate) struct Principal {
    pub(crate) arn: PrincipalArn,
    pub(crate) policies: Vec<Policy>,
    /// Who may assume it; nobody assumes a user.
    pub(crate) trust: Option<Policy>,
    pub(crate) max_session_seconds: i64,
}

/// Keys that exist from the start: a user's, root's, or a role session that an SSO login gave.
#[derive(Debug)]
pub(crate) struct WorldKeys {
    pub(crate) keys: Keys,
    pub(crate) principal: PrincipalArn,
    pub(crate) session_name: Option<String>,
}

/// An OIDC provider that an account trusts.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) issuer: String,
    pub(crate) account: String,
    pub(crate) audiences: Vec<String>,
    pub(crate) keys: IssuerKeys,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BucketPlan {
    pub(crate) name: String,
    pub(crate) account: String,
    pub(crate) region: Option<String>,
    #[serde(default)]
    pub(crate) versioned: bool,
    pub(crate) policy: Option<Value>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TablePlan {
    pub(crate) name: String,
    pub(crate) account: String,
    pub(crate) region: Option<String>,
    /// The name of the partition key.
    pub(crate) key: String,
}

#[derive(Debug, Error)]
pub enum WorldError {
    #[error("the world is not the JSON that it should be: {0}")]
    Shape(#[from] serde_json::Error),
    #[error("{0}")]
    Principal(String),
    #[error("`{0}` is not a twelve-digit account number")]
    Account(String),
    #[error("a policy of {of}: {problem}")]
    Policy { of: String, problem: String },
    #[error("keys of {0} need a `session_name`: a role's keys are those of a session")]
    Session(String),
    #[error("the key set of {0} is not a JSON web key set")]
    KeySet(String),
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Document {
    region: Option<String>,
    accounts: BTreeMap<String, String>,
    users: Vec<UserDocument>,
    roles: Vec<RoleDocument>,
    oidc_providers: Vec<ProviderDocument>,
    buckets: Vec<BucketPlan>,
    tables: Vec<TablePlan>,
    sources: SourcesDocument,
    operator: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UserDocument {
    arn: String,
    #[serde(default)]
    policies: Vec<Value>,
    #[serde(default)]
    keys: Vec<KeysDocument>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleDocument {
    arn: String,
    trust: Option<Value>,
    #[serde(default)]
    policies: Vec<Value>,
    max_session_seconds: Option<i64>,
    #[serde(default)]
    keys: Vec<KeysDocument>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeysDocument {
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
    session_name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProviderDocument {
    account: String,
    issuer: String,
    audiences: Vec<String>,
    /// The issuer's public keys. Without them the lab is the issuer itself.
    key_set: Option<Value>,
}

impl World {
    /// The organisation that terrane is made for: four accounts, an operator, one assumer in
    /// the shared account, and behind it a doer in each account and a state-management role.
    pub fn landing_zone() -> Self {
        Self::default()
            .with(&landing_zone::document())
            .expect("the landing zone's document is well formed")
    }

    pub fn from_json(text: &str) -> Result<Self, WorldError> {
        Self::default().with(&serde_json::from_str(text)?)
    }

    /// This world and what the document adds to it. What has the same name is replaced.
    pub fn with(mut self, document: &Value) -> Result<Self, WorldError> {
        let document: Document = serde_json::from_value(document.clone())?;
        let default_region = if self.region.is_empty() {
            "us-east-1"
        } else {
            &self.region
        };
        self.region = document.region.unwrap_or_else(|| default_region.to_owned());
        for (alias, account) in document.accounts {
            self.accounts.insert(account_id(account)?, alias);
        }
        for user in document.users {
            self.add_user(user)?;
        }
        for role in document.roles {
            self.add_role(role)?;
        }
        for provider in document.oidc_providers {
            self.add_provider(provider)?;
        }
        for bucket in document.buckets {
            account_id(bucket.account.clone())?;
            self.buckets.insert(bucket.name.clone(), bucket);
        }
        for table in document.tables {
            account_id(table.account.clone())?;
            self.tables.push(table);
        }
        self.sources.add(document.sources)?;
        self.operator = document.operator.or(self.operator);
        Ok(self)
    }

    fn add_user(&mut self, user: UserDocument) -> Result<(), WorldError> {
        let arn: PrincipalArn = user.arn.parse()?;
        let policies = policies_of(&user.arn, &user.policies)?;
        self.add_keys(&arn, user.keys)?;
        let principal = Principal {
            arn,
            policies,
            trust: None,
            max_session_seconds: 0,
        };
        self.principals.insert(user.arn, principal);
        Ok(())
    }

    fn add_role(&mut self, role: RoleDocument) -> Result<(), WorldError> {
        let arn: PrincipalArn = role.arn.parse()?;
        let policies = policies_of(&role.arn, &role.policies)?;
        let trust = role
            .trust
            .as_ref()
            .map(|policy| policy_of(&role.arn, policy, PolicyKind::Trust))
            .transpose()?;
        self.add_keys(&arn, role.keys)?;
        let max_session_seconds = role.max_session_seconds.unwrap_or(3600);
        let principal = Principal {
            arn,
            policies,
            trust,
            max_session_seconds,
        };
        self.principals.insert(role.arn, principal);
        Ok(())
    }

    fn add_keys(
        &mut self,
        principal: &PrincipalArn,
        documents: Vec<KeysDocument>,
    ) -> Result<(), WorldError> {
        for document in documents {
            if principal.kind == PrincipalKind::Role && document.session_name.is_none() {
                return Err(WorldError::Session(principal.to_string()));
            }
            let keys = Keys {
                access_key_id: document.access_key_id,
                secret_access_key: document.secret_access_key,
                session_token: document.session_token,
            };
            let (principal, session_name) = (principal.clone(), document.session_name);
            self.keys.push(WorldKeys {
                keys,
                principal,
                session_name,
            });
        }
        Ok(())
    }

    fn add_provider(&mut self, provider: ProviderDocument) -> Result<(), WorldError> {
        let account = account_id(provider.account)?;
        let host = provider.issuer.trim_start_matches("https://");
        let arn = format!("arn:aws:iam::{account}:oidc-provider/{host}");
        let keys = match &provider.key_set {
            Some(key_set) => {
                IssuerKeys::published(key_set).ok_or_else(|| WorldError::KeySet(arn.clone()))?
            }
            None => IssuerKeys::own(),
        };
        let (issuer, audiences) = (provider.issuer, provider.audiences);
        self.providers.insert(
            arn,
            Provider {
                issuer,
                account,
                audiences,
                keys,
            },
        );
        Ok(())
    }
}

impl From<NotAPrincipal> for WorldError {
    fn from(error: NotAPrincipal) -> Self {
        Self::Principal(error.to_string())
    }
}

pub(crate) fn policy_of(
    owner: &str,
    document: &Value,
    kind: PolicyKind,
) -> Result<Policy, WorldError> {
    let named = |problem: PolicyError| WorldError::Policy {
        of: owner.to_owned(),
        problem: problem.to_string(),
    };
    Policy::parse(document, kind).map_err(named)
}

fn policies_of(owner: &str, documents: &[Value]) -> Result<Vec<Policy>, WorldError> {
    documents
        .iter()
        .map(|document| policy_of(owner, document, PolicyKind::Identity))
        .collect()
}

fn account_id(text: String) -> Result<String, WorldError> {
    if is_account_id(&text) {
        Ok(text)
    } else {
        Err(WorldError::Account(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_world_says_whose_part_is_broken() {
        for (text, complaint) in [
            ("{", "not the JSON that it should be"),
            (r#"{"rolls": []}"#, "unknown field `rolls`"),
            (
                r#"{"accounts": {"dev": "12"}}"#,
                "`12` is not a twelve-digit account number",
            ),
            (
                r#"{"users": [{"arn": "me"}]}"#,
                "`me` is not the ARN of a role",
            ),
            (
                r#"{"roles": [{"arn": "arn:aws:iam::123456789011:role/doer",
                    "keys": [{"access_key_id": "ASIA", "secret_access_key": "s"}]}]}"#,
                "keys of arn:aws:iam::123456789011:role/doer need a `session_name`",
            ),
            (
                r#"{"roles": [{"arn": "arn:aws:iam::123456789011:role/doer", "policies": [{}]}]}"#,
                "a policy of arn:aws:iam::123456789011:role/doer: a policy needs a `Statement`",
            ),
        ] {
            let error = World::from_json(text).expect_err("the world is broken");
            assert!(error.to_string().contains(complaint), "{error}");
        }
    }

    #[test]
    fn a_later_document_replaces_what_has_the_same_name() {
        let role = "arn:aws:iam::234567890123:role/doer-role";
        let world = World::landing_zone()
            .with(&serde_json::json!({"roles": [{"arn": role, "max_session_seconds": 7200}]}))
            .expect("a world");
        assert_eq!(world.principals[role].max_session_seconds, 7200);
        assert!(world.principals[role].trust.is_none());
    }
}
