//! What a child is given instead of a session: addresses, a token, a profile's name. And the
//! environment that it runs in.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;

use tokio::sync::mpsc::UnboundedSender;

use super::broker::Request;
use crate::model::{AccountId, RoleChain, Secret};

/// The profile by which a backend reaches state-management.
pub const STATE_PROFILE: &str = "terrane-state";
/// The profile by which a backend that assumes its role by itself reaches the hub.
pub const HUB_PROFILE: &str = "terrane-hub";
/// The variable by which a child's helper shows whose child it is.
pub const HELPER_TOKEN: &str = "TERRANE_CREDENTIAL_TOKEN";

/// Everything that an SDK could take an identity from. A child that is given one starts without.
pub const IDENTITY_VARIABLES: [&str; 17] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
];

/// What one child is to be given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GrantRequest {
    /// The unit's name, for what is told about refusals.
    pub unit: String,
    /// Who the child's environment makes it: the doer, or the hub where the provider assumes.
    pub doer: RoleChain,
    /// The account that the doer must turn out to be in.
    pub account: Option<AccountId>,
    /// Who `profile = "terrane-state"` is. `None` for a command that does not open the backend.
    pub state_management: Option<RoleChain>,
    /// Who `profile = "terrane-hub"` is, for a backend that keeps an `assume_role` of its own.
    pub hub: Option<RoleChain>,
    /// The region for programs that are told none otherwise; `None` is the base identity's, whose
    /// profile the child does not see.
    pub region: Option<String>,
    pub delivery: ChildCredentials,
}

/// How the doer's credentials come to the child.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ChildCredentials {
    /// By an address and a token: renewed as long as the child runs.
    #[default]
    Endpoint,
    /// As Terragrunt does, by three variables: for programs that know nothing else. They end
    /// within the hour.
    Environment,
}

/// One child's right to ask for credentials. It ends when this is dropped.
#[derive(Debug)]
pub struct Grant {
    pub(super) id: GrantId,
    pub(super) variables: GrantedVariables,
    pub(super) requests: UnboundedSender<Request>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct GrantId(pub(super) String);

/// The variables that a grant adds to a child's environment.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct GrantedVariables {
    pub(super) added: BTreeMap<&'static str, Secret<OsString>>,
    pub(super) region: Option<String>,
}

impl Grant {
    /// What [`child_environment`] adds for it.
    pub fn variables(&self) -> &GrantedVariables {
        &self.variables
    }

    /// Says which process the grant is for. Until then the helper waits.
    pub fn child_started(&self, pid: u32) {
        let _ = self.requests.send(Request::ChildStarted {
            id: self.id.clone(),
            pid,
        });
    }
}

impl GrantedVariables {
    /// The names that nobody may set after this: they would take the identity's place.
    pub fn withheld(&self) -> Vec<&'static str> {
        let scrubbed = IDENTITY_VARIABLES
            .into_iter()
            .filter(|name| !self.added.contains_key(name));
        self.added.keys().copied().chain(scrubbed).collect()
    }
}

impl Drop for Grant {
    fn drop(&mut self) {
        let _ = self.requests.send(Request::Close {
            id: self.id.clone(),
        });
    }
}

/// What becomes of `TF_CLI_ARGS` and its kin: a leftover `-destroy` in one of them turns an apply
/// into a destroy.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum TfCliArgs {
    #[default]
    Drop,
    /// `--keep-tf-cli-args`
    Keep,
}

/// The environment of a child.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ChildEnvironment {
    pub variables: BTreeMap<OsString, OsString>,
    pub warnings: Vec<EnvironmentWarning>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EnvironmentWarning {
    /// The variable was set, and is not passed on.
    TfCliArgsDropped { name: String },
}

/// The environment that a child runs in.
///
/// It is the caller's own, since people rely on `TF_VAR_*`, provider tokens and proxies. Where
/// terrane gives an identity, every other one is taken out first; without a grant the caller's
/// stays.
pub fn child_environment(
    captured: &BTreeMap<OsString, OsString>,
    granted: Option<&GrantedVariables>,
    tf_cli_args: TfCliArgs,
) -> ChildEnvironment {
    let withheld = granted.map(GrantedVariables::withheld).unwrap_or_default();
    let mut child = ChildEnvironment::default();
    for (name, value) in captured {
        if withheld
            .iter()
            .any(|withheld| *name == OsStr::new(withheld))
        {
            continue;
        }
        if tf_cli_args == TfCliArgs::Drop && is_tf_cli_args(name) && !value.is_empty() {
            let name = name.to_string_lossy().into_owned();
            child
                .warnings
                .push(EnvironmentWarning::TfCliArgsDropped { name });
            continue;
        }
        child.variables.insert(name.clone(), value.clone());
    }
    let Some(granted) = granted else { return child };
    let has_region = ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().any(|name| {
        child
            .variables
            .get(OsStr::new(name))
            .is_some_and(|value| !value.is_empty())
    });
    if let Some(region) = granted.region.as_ref().filter(|_| !has_region) {
        child.variables.insert("AWS_REGION".into(), region.into());
    }
    for (name, value) in &granted.added {
        child.variables.insert(name.into(), value.expose().clone());
    }
    child
}

fn is_tf_cli_args(name: &OsStr) -> bool {
    name.as_encoded_bytes()
        .strip_prefix(b"TF_CLI_ARGS")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(b"_"))
}

impl fmt::Display for EnvironmentWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TfCliArgsDropped { name } => write!(
                f,
                "{name} is set in your environment and is not passed on, since it would change \
                 every command; --keep-tf-cli-args keeps it"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> BTreeMap<OsString, OsString> {
        variables
            .iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect()
    }

    fn granted(region: Option<&str>) -> GrantedVariables {
        let added = [
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "ours"),
            ("AWS_CONFIG_FILE", "/run/x"),
        ];
        GrantedVariables {
            added: added
                .into_iter()
                .map(|(name, value)| (name, Secret::new(value.into())))
                .collect(),
            region: region.map(ToOwned::to_owned),
        }
    }

    fn shown(child: &ChildEnvironment) -> Vec<String> {
        child
            .variables
            .iter()
            .map(|(n, v)| format!("{}={}", n.display(), v.display()))
            .collect()
    }

    #[test]
    fn every_other_identity_is_taken_out_and_all_else_stays() {
        let mut captured = environment(&[
            ("PATH", "/bin"),
            ("TF_VAR_x", "1"),
            ("AWS_REGION", "eu-west-1"),
        ]);
        captured.extend(IDENTITY_VARIABLES.map(|name| (name.into(), "leftover".into())));
        let child = child_environment(
            &captured,
            Some(&granted(Some("us-east-1"))),
            TfCliArgs::Drop,
        );
        assert_eq!(
            shown(&child),
            [
                "AWS_CONFIG_FILE=/run/x",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN=ours",
                "AWS_REGION=eu-west-1",
                "PATH=/bin",
                "TF_VAR_x=1"
            ]
        );
    }

    #[test]
    fn without_a_grant_the_callers_identity_stays() {
        let captured = environment(&[("AWS_PROFILE", "mine"), ("AWS_ACCESS_KEY_ID", "AKIA")]);
        assert_eq!(
            child_environment(&captured, None, TfCliArgs::Drop).variables,
            captured
        );
    }

    #[test]
    fn a_region_is_given_where_there_is_none() {
        let with = |captured| {
            shown(&child_environment(
                &captured,
                Some(&granted(Some("us-east-1"))),
                TfCliArgs::Drop,
            ))
        };
        assert!(with(environment(&[])).contains(&"AWS_REGION=us-east-1".to_owned()));
        assert!(
            !with(environment(&[("AWS_DEFAULT_REGION", "x")]))
                .contains(&"AWS_REGION=us-east-1".to_owned())
        );
    }

    #[test]
    fn leftover_arguments_are_dropped_and_named() {
        let captured = environment(&[
            ("TF_CLI_ARGS", "-destroy"),
            ("TF_CLI_ARGS_plan", "-destroy"),
            ("TF_CLI_ARGSX", "other"),
            ("TF_CLI_CONFIG_FILE", "x"),
        ]);
        let child = child_environment(&captured, None, TfCliArgs::Drop);
        assert_eq!(
            shown(&child),
            ["TF_CLI_ARGSX=other", "TF_CLI_CONFIG_FILE=x"]
        );
        let names: Vec<String> = child.warnings.iter().map(ToString::to_string).collect();
        assert_eq!(names.len(), 2);
        assert!(names[1].starts_with("TF_CLI_ARGS_plan is set"));
        let kept = child_environment(&captured, None, TfCliArgs::Keep);
        assert_eq!((kept.variables, kept.warnings), (captured, Vec::new()));
    }
}
