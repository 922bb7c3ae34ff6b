//! Where a unit's state lies: the arguments of its backend, read once.

use std::fmt;

use serde_json::{Map, Value};
use thiserror::Error;

use crate::model::AccountId;

/// Where a unit's state lies. Equal locations are one state, whoever names them.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum StateLocation {
    S3(Box<S3State>),
    /// A backend that terrane reads through the engine's own `output`.
    Other {
        kind: String,
    },
}

/// An object in S3 and what it takes to reach it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct S3State {
    pub bucket: String,
    pub key: String,
    /// As the backend says. Where it says nothing the environment decides, never a profile.
    pub region: Option<String>,
    /// `None` is the workspace `default`.
    pub workspace: Option<String>,
    pub workspace_key_prefix: Option<String>,
    pub endpoint: Option<String>,
    pub path_style: bool,
    pub lock: Lock,
    pub encrypt: bool,
    pub kms_key_id: Option<String>,
    /// The bucket's owner, where known; a bucket of another account is then refused.
    pub owner: Option<AccountId>,
    /// A profile that the backend names instead of taking the environment's identity.
    pub profile: Option<String>,
    /// Why this object cannot be read without the engine.
    pub not_directly: Option<NotReadDirectly>,
}

/// What keeps two runs from writing one state.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Lock {
    pub dynamodb_table: Option<String>,
    pub lock_file: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Error)]
pub enum NotReadDirectly {
    #[error("the backend encrypts with a key of the customer's own (sse_customer_key)")]
    CustomerKey,
    #[error("the backend names its own credentials")]
    OwnCredentials,
}

#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum StateLocationError {
    #[error("the S3 backend names no {0}")]
    Missing(&'static str),
    #[error("the S3 backend's {argument} must be a {wanted}")]
    Kind {
        argument: String,
        wanted: &'static str,
    },
}

impl StateLocation {
    /// Where the state of that workspace lies, as the variable `TF_WORKSPACE` names it.
    #[must_use]
    pub fn in_workspace(&self, chosen: Option<&str>) -> Self {
        let mut location = self.clone();
        if let (Self::S3(state), Some(name)) = (&mut location, chosen)
            && !["", "default"].contains(&name)
        {
            state.workspace = Some(name.to_owned());
        }
        location
    }

    /// Reads a backend's arguments, as evaluated.
    pub fn from_backend(
        kind: &str,
        arguments: &Map<String, Value>,
    ) -> Result<Self, StateLocationError> {
        match kind {
            "s3" => Ok(Self::S3(Box::new(S3State::from_backend(arguments)?))),
            kind => Ok(Self::Other {
                kind: kind.to_owned(),
            }),
        }
    }
}

impl S3State {
    pub fn new(bucket: impl Into<String>, key: impl Into<String>) -> Self {
        Self {
            bucket: bucket.into(),
            key: key.into(),
            region: None,
            workspace: None,
            workspace_key_prefix: None,
            endpoint: None,
            path_style: false,
            lock: Lock::default(),
            encrypt: false,
            kms_key_id: None,
            owner: None,
            profile: None,
            not_directly: None,
        }
    }

    fn from_backend(arguments: &Map<String, Value>) -> Result<Self, StateLocationError> {
        let read = Arguments(arguments);
        let required = |name| read.text(name)?.ok_or(StateLocationError::Missing(name));
        let not_directly = if read.has("sse_customer_key") {
            Some(NotReadDirectly::CustomerKey)
        } else if read.has("access_key")
            || read.has("shared_credentials_file")
            || read.has("shared_credentials_files")
            || read.has("assume_role_with_web_identity")
        {
            Some(NotReadDirectly::OwnCredentials)
        } else {
            None
        };
        Ok(Self {
            bucket: required("bucket")?,
            key: required("key")?,
            region: read.text("region")?,
            workspace: None,
            workspace_key_prefix: read.text("workspace_key_prefix")?,
            endpoint: match arguments.get("endpoints").and_then(Value::as_object) {
                Some(endpoints) => Arguments(endpoints).text("s3")?,
                None => read.text("endpoint")?,
            },
            path_style: read.flag("use_path_style")? || read.flag("force_path_style")?,
            lock: Lock {
                dynamodb_table: match read.text("dynamodb_table")? {
                    Some(table) => Some(table),
                    None => read.text("lock_table")?,
                },
                lock_file: read.flag("use_lockfile")?,
            },
            encrypt: read.flag("encrypt")?,
            kms_key_id: read.text("kms_key_id")?,
            owner: None,
            profile: read.text("profile")?,
            not_directly,
        })
    }

    /// The object's key in the chosen workspace.
    pub fn object_key(&self) -> String {
        match &self.workspace {
            None => self.key.clone(),
            Some(workspace) => {
                let prefix = self.workspace_key_prefix.as_deref().unwrap_or("env:");
                format!("{prefix}/{workspace}/{}", self.key)
            }
        }
    }
}

/// A backend's arguments as Terragrunt takes them: `true` may be written `"true"`.
struct Arguments<'a>(&'a Map<String, Value>);

impl Arguments<'_> {
    fn has(&self, name: &str) -> bool {
        match self.0.get(name) {
            None | Some(Value::Null) => false,
            Some(Value::String(text)) => !text.is_empty(),
            Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => true,
        }
    }

    fn text(&self, name: &str) -> Result<Option<String>, StateLocationError> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => {
                Err(StateLocationError::Kind {
                    argument: name.to_owned(),
                    wanted: "string",
                })
            }
        }
    }

    fn flag(&self, name: &str) -> Result<bool, StateLocationError> {
        let wrong = || StateLocationError::Kind {
            argument: name.to_owned(),
            wanted: "bool",
        };
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(Value::String(text)) => text.parse().map_err(|_| wrong()),
            Some(Value::Number(_) | Value::Array(_) | Value::Object(_)) => Err(wrong()),
        }
    }
}

impl fmt::Display for S3State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.object_key())
    }
}

impl fmt::Display for StateLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::S3(state) => state.fmt(f),
            Self::Other { kind } => write!(f, "the {kind} backend"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn s3(arguments: &Value) -> Result<S3State, StateLocationError> {
        let arguments = arguments.as_object().expect("an object");
        match StateLocation::from_backend("s3", arguments)? {
            StateLocation::S3(state) => Ok(*state),
            StateLocation::Other { kind } => panic!("read as {kind}"),
        }
    }

    #[test]
    fn a_terragrunt_backend_gives_its_object() {
        let state = s3(&json!({
            "bucket": "b", "key": "0-shared/vpc/terraform.tfstate", "region": "us-east-1",
            "lock_table": "locks", "encrypt": "true", "role_arn": "arn:aws:iam::1:role/x",
        }))
        .expect("a state");
        assert_eq!(state.to_string(), "s3://b/0-shared/vpc/terraform.tfstate");
        assert_eq!(state.lock.dynamodb_table.as_deref(), Some("locks"));
        assert!(state.encrypt && !state.lock.lock_file);
    }

    #[test]
    fn another_workspace_lies_under_its_prefix() {
        let mut state = S3State::new("b", "vpc.tfstate");
        state.workspace = Some("blue".into());
        assert_eq!(state.object_key(), "env:/blue/vpc.tfstate");
        state.workspace_key_prefix = Some("spaces".into());
        assert_eq!(state.object_key(), "spaces/blue/vpc.tfstate");
    }

    #[test]
    fn what_is_missing_or_of_another_kind_is_named() {
        assert_eq!(
            s3(&json!({"key": "k"})),
            Err(StateLocationError::Missing("bucket"))
        );
        assert_eq!(
            s3(&json!({"bucket": "b", "key": ""})),
            Err(StateLocationError::Missing("key"))
        );
        assert_eq!(
            s3(&json!({"bucket": "b", "key": "k", "encrypt": "yes"})).map_err(|e| e.to_string()),
            Err("the S3 backend's encrypt must be a bool".into())
        );
    }

    #[test]
    fn a_backend_with_its_own_keys_is_left_to_the_engine() {
        let reason = |name: &str| {
            s3(&json!({"bucket": "b", "key": "k", name: "x"}))
                .expect("a state")
                .not_directly
        };
        assert_eq!(
            reason("sse_customer_key"),
            Some(NotReadDirectly::CustomerKey)
        );
        assert_eq!(reason("access_key"), Some(NotReadDirectly::OwnCredentials));
        assert_eq!(reason("kms_key_id"), None);
    }

    #[test]
    fn endpoints_may_be_nested_or_flat() {
        let flat = json!({"bucket": "b", "key": "k", "endpoint": "http://127.0.0.1:1"});
        let nested = json!({"bucket": "b", "key": "k", "endpoints": {"s3": "http://127.0.0.1:1"}});
        assert_eq!(
            s3(&flat).expect("flat").endpoint,
            s3(&nested).expect("nested").endpoint
        );
    }
}
