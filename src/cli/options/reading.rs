//! Options about reading, about terraform itself, and about who acts.

use std::collections::BTreeMap;
use std::time::Duration;

use camino::Utf8PathBuf;

use super::{Chosen, ChosenBy, Options};
use crate::aws::EnvironmentCredentials;
use crate::cli::args;
pub use crate::cli::environment::Variables;
use crate::identity::StateSessions;
use crate::model::Secret;

/// How the configuration is read.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct ReadingOptions {
    /// `--config`, absolute.
    pub config: Option<Utf8PathBuf>,
    pub root: Option<Utf8PathBuf>,
    pub features: BTreeMap<String, String>,
    /// Whether processes may be started while reading.
    pub processes: Processes,
    pub deep_merge: bool,
    pub roles: RoleFlags,
}

#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Processes {
    #[default]
    Allowed,
    /// `--no-exec`
    Forbidden,
}

/// What flags say about who acts. Variables and files are joined with it in `identity`.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct RoleFlags {
    /// By the flag as it was typed: `--iam-assume-role`.
    pub by_spelling: BTreeMap<String, String>,
    pub assumer_role: Option<String>,
    pub assumer_token: Option<Secret<String>>,
    /// `None` leaves it to `terrane.hcl`.
    pub state_sessions: Option<StateSessions>,
    pub aws_profile: Option<String>,
    pub aws_patience: Option<Duration>,
    pub environment_credentials: EnvironmentCredentials,
    pub auth_provider: Option<AuthProvider>,
}

/// A program that says who acts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuthProvider {
    /// As typed; it is split as a shell would.
    pub command: String,
    pub while_finding_units: bool,
}

/// Terraform or tofu, and where modules come from.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct EngineOptions {
    /// `--tf-path`: a path or a name to be found in PATH.
    pub program: Option<String>,
    pub source: Option<String>,
    pub source_map: Vec<(String, String)>,
    pub source_update: bool,
    /// `--download-dir`, absolute.
    pub download_folder: Option<Utf8PathBuf>,
}

impl ReadingOptions {
    pub(super) fn resolve(reading: args::ReadingArgs, options: &Options) -> Self {
        Self {
            config: reading.config.as_ref().map(|path| options.path(path)),
            root: reading.root.as_ref().map(|path| options.path(path)),
            features: reading.feature.into_iter().collect(),
            processes: if reading.no_exec {
                Processes::Forbidden
            } else {
                Processes::Allowed
            },
            deep_merge: reading.experiment.iter().any(|name| name == "deep-merge"),
            roles: RoleFlags::resolve(reading.roles, &options.chosen),
        }
    }
}

impl RoleFlags {
    fn resolve(roles: args::RoleArgs, chosen: &[Chosen]) -> Self {
        let mut by_spelling = BTreeMap::new();
        for (flag, value) in [
            ("role", roles.role),
            ("role-session-name", roles.role_session_name),
            ("role-duration", roles.role_duration),
            ("role-web-identity-token", roles.role_web_identity_token),
        ] {
            let of_flag = chosen.iter().rev().find(|chosen| chosen.flag == flag);
            if let (
                Some(value),
                Some(Chosen {
                    by: ChosenBy::Flag(spelled),
                    ..
                }),
            ) = (value, of_flag)
            {
                by_spelling.insert(spelled.clone(), value);
            }
        }
        let auth_provider = roles.auth_provider_cmd.map(|command| AuthProvider {
            command,
            while_finding_units: !roles.no_discovery_auth_provider_cmd,
        });
        // `--confine-state=false` is chosen, and not set.
        let is_chosen = |flag: &str| chosen.iter().any(|chosen| chosen.flag == flag);
        Self {
            by_spelling,
            assumer_role: roles.assumer_role,
            assumer_token: roles.assumer_web_identity_token.map(Secret::new),
            state_sessions: is_chosen("confine-state").then_some(if roles.confine_state {
                StateSessions::PerUnit
            } else {
                StateSessions::Shared
            }),
            aws_profile: roles.aws_profile,
            aws_patience: roles.aws_patience.map(Duration::from_secs),
            environment_credentials: if roles.ignore_env_credentials {
                EnvironmentCredentials::PassedOver
            } else {
                EnvironmentCredentials::Count
            },
            auth_provider,
        }
    }
}

impl EngineOptions {
    pub(super) fn resolve(engine: args::EngineArgs, options: &Options) -> Self {
        Self {
            program: engine.tf_path,
            source: engine.source,
            source_map: engine.source_map,
            source_update: engine.source_update,
            download_folder: engine.download_dir.map(|path| options.path(&path)),
        }
    }
}
