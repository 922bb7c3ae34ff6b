//! AWS for the commands: who acts by flags, variables and `terrane.hcl`, and the credentials
//! thread, which is started when it is needed first.

use std::cell::{OnceCell, RefCell};
use std::future::Future;
use std::net::Ipv4Addr;
use std::path::PathBuf;

use camino::{Utf8Path, Utf8PathBuf};
use tokio::sync::mpsc::UnboundedReceiver;

use super::auth_provider::AuthCommand;
use super::base_identity;
use super::disk;
use super::options::{Asking, Launch, RoleFlags, Variables};
use super::terrane_file::TerraneFile;
use super::terrateam::Terrateam;
use crate::aws::{
    BaseSource, BaseSurroundings, Broker, BrokerSettings, CredentialEvent, EnvironmentCredentials,
    NoCredentials, Patience, SdkAws, SdkOptions, StartBrokerError, UserProfiles, WallClock,
};
use crate::identity::{
    Acting, ClaimError, RoleOptions, UnitClaims, assumer_from_environment, assumer_from_flag,
    claims_from_environment, claims_from_flags, resolve,
};
use crate::model::{
    ClaimSource, ClaimedRole, Purpose, RoleArn, RoleChain, RoleClaim, Secret, SessionName,
    WebIdentityToken,
};

/// What lies beside the units about who acts.
#[derive(Clone, Copy, Debug)]
pub(super) struct RoleTables<'t> {
    pub(super) file: &'t TerraneFile,
    pub(super) of_terrateam: &'t Terrateam,
}

/// One way to AWS for one invocation.
#[derive(Debug)]
pub struct AwsAccess<'a> {
    launch: &'a Launch,
    /// For children that are given no other identity.
    variables: Variables,
    profile: Option<String>,
    environment_credentials: EnvironmentCredentials,
    asking: Asking,
    estate_root: Option<Utf8PathBuf>,
    roles: Result<RoleOptions, ClaimError>,
    patience: Patience,
    auth: Option<AuthCommand<'a>>,
    started: OnceCell<Started>,
}

#[derive(Debug)]
struct Started {
    broker: Broker,
    events: RefCell<Option<UnboundedReceiver<CredentialEvent>>>,
}

impl<'a> AwsAccess<'a> {
    /// Nothing is asked and nothing is started yet.
    pub(super) fn new(
        launch: &'a Launch,
        flags: &'a RoleFlags,
        tables: &RoleTables<'_>,
        purpose: Purpose,
    ) -> Self {
        Self {
            launch,
            variables: base_identity::variables_of_children(&launch.variables, flags),
            profile: flags.aws_profile.clone(),
            environment_credentials: flags.environment_credentials,
            asking: Asking::Nobody,
            estate_root: tables.file.folder().map(ToOwned::to_owned),
            roles: role_options(launch, flags, tables, purpose),
            patience: match flags.aws_patience {
                Some(within) => Patience::OfARun { within },
                None => Patience::default(),
            },
            auth: flags
                .auth_provider
                .as_ref()
                .map(|typed| AuthCommand::new(typed, &launch.variables, session_name(launch))),
            started: OnceCell::new(),
        }
    }

    /// What AWS does not answer at once is not waited for.
    #[must_use]
    pub(super) fn for_looking_only(self) -> Self {
        Self {
            patience: Patience::OfALook,
            ..self
        }
    }

    /// Whether somebody can be asked for the code of a device.
    #[must_use]
    pub(super) fn asking(self, asking: Asking) -> Self {
        Self { asking, ..self }
    }

    /// Where the base identity comes from, as far as that can be told without asking anybody.
    pub fn base(&self) -> Result<BaseSource, NoCredentials> {
        self.surroundings().source()
    }

    /// The same as screens show it, with a name for nobody.
    pub(super) fn base_shown(&self, nobody: &str) -> String {
        if self.auth.is_some() {
            return "auth provider command".to_owned();
        }
        self.base()
            .map_or_else(|_| nobody.to_owned(), |base| base.to_string())
    }

    /// The environment for children that are given no other identity.
    pub(super) fn variables(&self) -> &Variables {
        &self.variables
    }

    /// The program that says who acts, where one is named.
    pub(super) fn auth(&self) -> Option<&AuthCommand<'a>> {
        self.auth.as_ref()
    }

    fn surroundings(&self) -> BaseSurroundings {
        BaseSurroundings {
            variables: self.launch.variables.clone(),
            user_profiles: user_profiles(self.launch),
            profile: self.profile.clone(),
            environment_credentials: self.environment_credentials,
            session_name: Some(session_name(self.launch)),
        }
    }

    /// Where `terrane.hcl` lies.
    pub(super) fn estate_root(&self) -> Option<&Utf8Path> {
        self.estate_root.as_deref()
    }

    /// What holds for every unit: flags, variables, `terrane.hcl`.
    pub fn roles(&self) -> Result<&RoleOptions, ClaimError> {
        self.roles.as_ref().map_err(Clone::clone)
    }

    /// The chain to a role that a file names, or to whoever acts where none does.
    pub fn chain_of(&self, role: Option<&RoleArn>) -> Result<RoleChain, ClaimError> {
        let claims = role.map(|role| {
            let mut claim = RoleClaim::new(ClaimSource::Variable("iam_role".into()));
            claim.role = Some(ClaimedRole::Known(role.clone()));
            claim
        });
        let unit = UnitClaims {
            claims: claims.into_iter().collect(),
            ..UnitClaims::default()
        };
        let roles = self.roles()?;
        let identity = resolve(&unit, roles).expect("a unit without an account folder is in none");
        Ok(match identity.doer {
            Acting::As(chain) => chain,
            Acting::AfterOutputs(_) => identity.hub,
        })
    }

    /// The credentials thread, started by the first who asks.
    pub fn broker(&self) -> Result<&Broker, StartBrokerError> {
        if self.started.get().is_none() {
            let (broker, events) = self.start()?;
            let events = RefCell::new(Some(events));
            // Nobody else is here: there is one thread.
            let _ = self.started.set(Started { broker, events });
        }
        let started = self.started.get().expect("it was started above");
        Ok(&started.broker)
    }

    /// What the credentials thread tells, for the first who asks.
    pub fn events(&self) -> Option<UnboundedReceiver<CredentialEvent>> {
        self.started.get()?.events.take()
    }

    fn start(&self) -> Result<(Broker, UnboundedReceiver<CredentialEvent>), StartBrokerError> {
        let surroundings = self.surroundings();
        base_identity::warn_of_shadows(&surroundings);
        let sdk = SdkOptions {
            profile: self.profile.clone(),
            base: None,
            mfa_code: base_identity::mfa_code(&surroundings, self.asking),
            surroundings,
            endpoint: None,
            environment_region: self
                .launch
                .variable("AWS_REGION")
                .or_else(|| self.launch.variable("AWS_DEFAULT_REGION")),
        };
        let helper = self.launch.executable.clone().unwrap_or_default();
        let settings = BrokerSettings {
            clock: WallClock::reading(Launch::wall_clock),
            loopback: Ipv4Addr::LOCALHOST,
            runtime_parents: runtime_parents(self.launch),
            helper,
            user_profiles: user_profiles(self.launch),
            patience: self.patience,
        };
        Broker::start(settings, async move || SdkAws::load(sdk).await)
    }
}

/// Waits for an answer of the credentials thread from where nothing can be awaited: while
/// configuration is read. On a thread and in a runtime of its own, since the caller may be within
/// a runtime itself.
pub(super) fn wait_for<T: Send>(answer: impl Future<Output = T> + Send) -> T {
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().build();
            runtime
                .expect("a runtime without timers needs nothing")
                .block_on(answer)
        });
        waiting
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn role_options(
    launch: &Launch,
    flags: &RoleFlags,
    tables: &RoleTables<'_>,
    purpose: Purpose,
) -> Result<RoleOptions, ClaimError> {
    let RoleTables { file, of_terrateam } = tables;
    let mut roles = RoleOptions::new(purpose, session_name(launch));
    roles.claims = claims_from_flags(&flags.by_spelling)?;
    roles
        .claims
        .extend(claims_from_environment(&launch.variables)?);
    if let Some(role) = &flags.assumer_role {
        roles.assumer.push(assumer_from_flag(role)?);
    }
    roles
        .assumer
        .extend(assumer_from_environment(&launch.variables)?);
    roles.assumer.extend(file.assumer.clone());
    let tables = [&file.roles, &of_terrateam.table].into_iter().flatten();
    roles.role_map.tables.extend(tables.cloned());
    roles
        .assumer
        .extend(flags.assumer_token.as_ref().map(|token| {
            let mut claim =
                RoleClaim::new(ClaimSource::Flag("--assumer-web-identity-token".into()));
            claim.web_identity_token = Some(WebIdentityToken::from_value(token.expose()));
            claim
        }));
    roles.external_ids.clone_from(&file.external_ids);
    roles.state_from = file.state_from;
    roles.state_sessions = flags.state_sessions.unwrap_or(file.state_sessions);
    Ok(roles)
}

/// What the audit trail shows: the program and whoever started it.
fn session_name(launch: &Launch) -> SessionName {
    let user = launch
        .variable("USER")
        .or_else(|| launch.variable("LOGNAME"));
    SessionName::clean(&match user {
        Some(user) => format!("terrane-{user}"),
        None => "terrane".to_owned(),
    })
}

/// Where the socket of the credentials thread may lie; its path must be short.
fn runtime_parents(launch: &Launch) -> Vec<PathBuf> {
    let named = ["XDG_RUNTIME_DIR", "TMPDIR"]
        .into_iter()
        .filter_map(|name| launch.variable(name));
    named
        .map(PathBuf::from)
        .chain([PathBuf::from("/tmp")])
        .collect()
}

/// The user's own AWS files. One that cannot be read is as if it were not there: AWS's own tools
/// complain about it where it matters.
fn user_profiles(launch: &Launch) -> UserProfiles {
    let file = |variable: &str, name: &str| {
        let by_name = || launch.home().map(|home| home.join(".aws").join(name));
        let path = launch.variable(variable).map(Into::into).or_else(by_name)?;
        String::from_utf8(disk::read(&path).ok()?).ok()
    };
    UserProfiles {
        config: file("AWS_CONFIG_FILE", "config"),
        credentials: file("AWS_SHARED_CREDENTIALS_FILE", "credentials").map(Secret::new),
    }
}
