//! Where the state lies, as the engine is told: a generated `backend` block, or arguments of
//! `init`.
//!
//! Keys that only Terragrunt understands are left out, roles are written in the form that the
//! engine takes, and where terrane gives the backend an identity of its own, a profile stands in
//! for every other way to one.

mod print;
mod recorded;

use std::collections::BTreeMap;

use terrane_hcl::Value;
use thiserror::Error;

use super::engine::Engine;
use super::module_code::ModuleCode;
use crate::model::prepared::RemoteState;

pub use recorded::{Extent, InitialisedBackend};

/// The arguments of a backend as an engine gets them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Backend {
    pub kind: String,
    pub arguments: BTreeMap<String, Value>,
}

/// The profiles by which a child's backend reaches the identities that terrane gives it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StandIn<'a> {
    /// For a backend that assumes no role.
    pub state: &'a str,
    /// For one whose block assumes its role by itself: this is who it starts from.
    pub hub: &'a str,
}

#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum BackendError {
    #[error("remote_state has no generate, and the module has no backend \"{kind}\" block")]
    NoBlock { kind: String },
    #[error("encryption names no key_provider")]
    NoKeyProvider,
    #[error("remote_state holds a value that is not known: {0}")]
    Unknown(String),
    #[error("remote_state has {0:?} among its arguments, which is no name")]
    NoName(String),
    #[error("remote_state holds a number without end: {0}")]
    Infinite(String),
}

/// What `init` is told, and what its backend will be.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct InitBackend {
    /// `-backend-config=…`
    pub arguments: Vec<String>,
    /// To be held against what the folder was initialised for.
    pub expected: Option<(Backend, Extent)>,
}

const S3: &str = "s3";

/// What Terragrunt reads for itself when it makes buckets and tables.
const TERRAGRUNT_ONLY: [(&str, &[&str]); 2] = [
    (
        S3,
        &[
            "accesslogging_bucket_name",
            "accesslogging_bucket_tags",
            "accesslogging_target_object_partition_date_source",
            "accesslogging_target_prefix",
            "bucket_sse_algorithm",
            "bucket_sse_kms_key_id",
            "disable_aws_client_checksums",
            "disable_bucket_update",
            "dynamodb_table_tags",
            "enable_lock_table_ssencryption",
            "s3_bucket_tags",
            "skip_accesslogging_bucket_acl",
            "skip_accesslogging_bucket_enforced_tls",
            "skip_accesslogging_bucket_public_access_blocking",
            "skip_accesslogging_bucket_ssencryption",
            "skip_bucket_accesslogging",
            "skip_bucket_enforced_tls",
            "skip_bucket_public_access_blocking",
            "skip_bucket_root_access",
            "skip_bucket_ssencryption",
            "skip_bucket_versioning",
        ],
    ),
    (
        "gcs",
        &[
            "enable_bucket_policy_only",
            "gcs_bucket_labels",
            "location",
            "project",
            "skip_bucket_creation",
            "skip_bucket_versioning",
        ],
    ),
];

/// Arguments that are booleans even where a conditional has made a string of them.
const BOOLEANS: [&str; 3] = ["encrypt", "force_path_style", "use_lockfile"];

/// The flat way to write a role, and its name within `assume_role`.
const FLAT_ROLE: [(&str, &str); 8] = [
    ("assume_role_duration_seconds", "duration"),
    ("assume_role_policy", "policy"),
    ("assume_role_policy_arns", "policy_arns"),
    ("assume_role_tags", "tags"),
    ("assume_role_transitive_tag_keys", "transitive_tag_keys"),
    ("external_id", "external_id"),
    ("role_arn", "role_arn"),
    ("session_name", "session_name"),
];

/// The other arguments by which an S3 backend comes to an identity.
const IDENTITY: [&str; 9] = [
    "access_key",
    "assume_role",
    "assume_role_with_web_identity",
    "profile",
    "secret_key",
    "shared_config_files",
    "shared_credentials_file",
    "shared_credentials_files",
    "token",
];

/// The text of the file that `remote_state` generates, without signature. Formatted.
pub fn generated_file(
    remote_state: &RemoteState,
    engine: &Engine,
    stand_in: Option<StandIn<'_>>,
) -> Result<String, BackendError> {
    let mut backend = Backend::of(remote_state)?.for_engine(engine);
    if let Some(stand_in) = stand_in.filter(|_| backend.kind == S3) {
        backend = backend.reached_by(stand_in.state);
    }
    print::terraform_block(&backend, remote_state.encryption.as_ref())
}

/// What `init` is told about the backend. `code` is the module's, as it lies in the working folder
/// with all that was generated.
pub fn for_init(
    remote_state: Option<&RemoteState>,
    code: &ModuleCode,
    engine: &Engine,
    stand_in: Option<StandIn<'_>>,
) -> Result<InitBackend, BackendError> {
    let block = code.backend.as_ref();
    let stand_in = stand_in.filter(|_| block.is_some_and(|block| block.kind == S3));
    let keeps_its_role = block.is_some_and(|block| block.assumes_role);
    let Some(remote_state) = remote_state else {
        let Some(stand_in) = stand_in else {
            return Ok(InitBackend::default());
        };
        let profile = if keeps_its_role {
            stand_in.hub
        } else {
            stand_in.state
        };
        return InitBackend::of_arguments(Backend {
            kind: S3.to_owned(),
            arguments: [("profile".to_owned(), Value::string(profile))].into(),
        });
    };
    let backend = Backend::of(remote_state)?.for_engine(engine);
    if remote_state.generate.is_some() {
        let backend = match stand_in {
            Some(stand_in) => backend.reached_by(stand_in.state),
            None => backend,
        };
        return Ok(InitBackend {
            arguments: Vec::new(),
            expected: Some((backend, Extent::Whole)),
        });
    }
    if block.is_none_or(|block| block.kind != backend.kind) {
        return Err(BackendError::NoBlock { kind: backend.kind });
    }
    InitBackend::of_arguments(match stand_in {
        Some(stand_in) if keeps_its_role => backend.with_profile(stand_in.hub),
        Some(stand_in) => backend.reached_by(stand_in.state),
        None => backend,
    })
}

impl Backend {
    /// What `remote_state` says, without what only Terragrunt understands.
    pub fn of(remote_state: &RemoteState) -> Result<Self, BackendError> {
        let kind = remote_state.backend.as_str();
        let only_for_terragrunt = TERRAGRUNT_ONLY.iter().find(|(known, _)| *known == kind);
        let only_for_terragrunt = only_for_terragrunt.map_or(&[][..], |(_, names)| names);
        let mut arguments = BTreeMap::new();
        for (name, value) in &remote_state.config {
            if value.contains_unknown() {
                return Err(BackendError::Unknown(name.clone()));
            }
            if value.is_null() || only_for_terragrunt.contains(&name.as_str()) {
                continue;
            }
            if !is_name(name) {
                return Err(BackendError::NoName(name.clone()));
            }
            arguments.insert(name.clone(), value.clone());
        }
        if kind == S3 {
            normalise_s3(&mut arguments);
        }
        Ok(Self {
            kind: kind.to_owned(),
            arguments,
        })
    }

    /// In the form that the engine takes: where it refuses a flat role, an `assume_role`.
    #[must_use]
    pub fn for_engine(mut self, engine: &Engine) -> Self {
        if self.kind != S3 || !engine.refuses_flat_roles() {
            return self;
        }
        let mut role = Vec::new();
        for (flat, nested) in FLAT_ROLE {
            if let Some(value) = self.arguments.remove(flat) {
                let value = match value.as_number().filter(|_| nested == "duration") {
                    Some(seconds) => Value::string(format!("{seconds}s")),
                    None => value,
                };
                role.push((nested, value));
            }
        }
        if !role.is_empty() {
            let nested = Value::object(role);
            self.arguments.entry("assume_role".into()).or_insert(nested);
        }
        self
    }

    /// With a profile in place of every other way to an identity.
    #[must_use]
    pub fn reached_by(mut self, profile: &str) -> Self {
        self.arguments.retain(|name, _| !is_identity(name));
        self.with_profile(profile)
    }

    fn with_profile(mut self, profile: &str) -> Self {
        let profile = Value::string(profile);
        self.arguments.insert("profile".to_owned(), profile);
        self
    }
}

impl InitBackend {
    fn of_arguments(backend: Backend) -> Result<Self, BackendError> {
        let arguments = backend.arguments.iter().map(|(name, value)| {
            let value = print::argument(name, value)?;
            Ok(format!("-backend-config={name}={value}"))
        });
        Ok(Self {
            arguments: arguments.collect::<Result<_, BackendError>>()?,
            expected: Some((backend, Extent::Part)),
        })
    }
}

fn is_name(name: &str) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    name.starts_with(|c: char| c.is_alphabetic() || c == '_') && name.chars().all(goes_on)
}

fn is_identity(name: &str) -> bool {
    IDENTITY.contains(&name) || FLAT_ROLE.iter().any(|(flat, _)| *flat == name)
}

fn normalise_s3(arguments: &mut BTreeMap<String, Value>) {
    if let Some(table) = arguments.remove("lock_table") {
        arguments.entry("dynamodb_table".into()).or_insert(table);
    }
    for name in BOOLEANS {
        if let Some(value) = arguments.get_mut(name) {
            match value.as_str() {
                Some("true") => *value = Value::bool(true),
                Some("false") => *value = Value::bool(false),
                Some(_) | None => {}
            }
        }
    }
}

#[cfg(test)]
mod tests;
