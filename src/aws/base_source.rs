//! Where the base identity comes from, as far as the environment and the profiles tell: which
//! source wins, through which profiles, and by which roles.
//!
//! It reads texts and asks nobody, so that a screen can say it before anything has happened. The
//! credentials themselves are fetched by the SDK, and each role is assumed by terrane's own
//! sessions. The order of the sources is that of terraform's SDK, so that both mean the same
//! identity in the same environment.

mod settings;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::time::{Duration, SystemTime};

use self::settings::{Profile, Settings};
use super::{NoCredentials, UserProfiles};
use crate::model::{
    Assumption, BaseIdentity, CredentialSource, MfaDevice, RoleChain, Secret, Session,
    SessionDuration, SessionLimits, SessionName, WebIdentityToken,
};

/// Everything that decides about the base identity, as it was when terrane started.
#[derive(Clone, Debug, Default)]
pub struct BaseSurroundings {
    pub variables: BTreeMap<OsString, OsString>,
    pub user_profiles: UserProfiles,
    /// The profile that a flag names. It wins over all variables.
    pub profile: Option<String>,
    pub environment_credentials: EnvironmentCredentials,
    /// For roles of profiles that name no session.
    pub session_name: Option<SessionName>,
}

/// What becomes of keys and tokens in variables.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum EnvironmentCredentials {
    /// They win over a profile that a variable names.
    #[default]
    Count,
    /// They count only where a profile names them as its source.
    PassedOver,
}

/// Where an identity's credentials lie, and what is done with them first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BaseSource {
    /// The profiles on the way, the one that was asked for first.
    pub profiles: Vec<String>,
    pub origin: BaseOrigin,
    /// The device whose code is needed before the first role.
    pub mfa: Option<MfaDevice>,
    /// The roles that the profiles add, the first one to be assumed first.
    pub roles: Vec<Assumption>,
}

/// What the way begins with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BaseOrigin {
    Credentials(CredentialSource),
    /// A token that buys the first of the roles.
    WebIdentity(WebIdentityToken),
}

impl BaseSurroundings {
    /// Where the base identity comes from.
    pub fn source(&self) -> Result<BaseSource, NoCredentials> {
        self.source_of(&BaseIdentity::Ambient)
    }

    /// The keys that the variables hold.
    pub fn environment_keys(&self) -> Option<Session> {
        let secret = |name: &str| self.variable(name).map(Secret::new);
        Some(Session {
            access_key_id: secret("AWS_ACCESS_KEY_ID")?,
            secret_access_key: secret("AWS_SECRET_ACCESS_KEY")?,
            session_token: secret("AWS_SESSION_TOKEN"),
            // Tools that put keys into an environment often say until when they are good.
            expires_at: self
                .variable("AWS_CREDENTIAL_EXPIRATION")
                .and_then(|text| text.parse::<jiff::Timestamp>().ok())
                .map(SystemTime::from),
        })
    }

    pub(super) fn profile_keys(&self, profile: &str) -> Option<Session> {
        Settings::read(&self.user_profiles).profile(profile)?.keys()
    }

    pub(super) fn source_of(&self, base: &BaseIdentity) -> Result<BaseSource, NoCredentials> {
        match base {
            BaseIdentity::Ambient => self.ambient(),
            BaseIdentity::Profile(name) => self.through_profile(name),
            BaseIdentity::Source { source, mfa } => Ok(BaseSource {
                mfa: mfa.clone(),
                ..BaseSource::of(source.as_ref().clone())
            }),
        }
    }

    fn ambient(&self) -> Result<BaseSource, NoCredentials> {
        if let Some(name) = &self.profile {
            return self.through_profile(name);
        }
        let found = match self.environment_credentials {
            EnvironmentCredentials::Count => self.in_variables(),
            EnvironmentCredentials::PassedOver => None,
        };
        if let Some(found) = found {
            return found;
        }
        if let Some(name) = self.named_profile() {
            return self.through_profile(&name);
        }
        let settings = Settings::read(&self.user_profiles);
        match settings.profile("default") {
            Some(_) => self.through_profile("default"),
            None => self.of_the_machine(),
        }
    }

    /// Keys, or a token and the role that it buys.
    fn in_variables(&self) -> Option<Result<BaseSource, NoCredentials>> {
        if self.environment_keys().is_some() {
            return Some(Ok(BaseSource::of(CredentialSource::Environment)));
        }
        let role = self.variable("AWS_ROLE_ARN")?;
        let token = match self.variable("AWS_WEB_IDENTITY_TOKEN_FILE") {
            Some(file) => WebIdentityToken::File(file.into()),
            None if self.has_github() => WebIdentityToken::GitHub,
            None => return None,
        };
        Some(self.bought(token, &role))
    }

    /// The profile that a variable names.
    fn named_profile(&self) -> Option<String> {
        self.variable("AWS_PROFILE")
            .or_else(|| self.variable("AWS_DEFAULT_PROFILE"))
    }

    /// A job of GitHub's that may ask for a token.
    pub(super) fn has_github(&self) -> bool {
        self.variable("ACTIONS_ID_TOKEN_REQUEST_URL").is_some()
            && self.variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN").is_some()
    }

    /// The role of `AWS_ROLE_ARN`, bought by a token.
    fn bought(&self, token: WebIdentityToken, role: &str) -> Result<BaseSource, NoCredentials> {
        let role = role.parse().map_err(|error| NoCredentials::BadProfile {
            whose: "the environment".to_owned(),
            problem: format!("AWS_ROLE_ARN: {error}"),
        })?;
        let name = self.variable("AWS_ROLE_SESSION_NAME");
        let assumption = Assumption {
            role,
            session_name: self.session_name(name.as_deref()),
            duration: SessionDuration::ONE_HOUR,
            external_id: None,
            web_identity_token: Some(token.clone()),
            limits: SessionLimits::default(),
        };
        Ok(BaseSource {
            profiles: Vec::new(),
            origin: BaseOrigin::WebIdentity(token),
            mfa: None,
            roles: vec![assumption],
        })
    }

    /// What is left where no variable and no profile says anything: container, then instance.
    fn of_the_machine(&self) -> Result<BaseSource, NoCredentials> {
        let has_endpoint = [
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        ]
        .iter()
        .any(|name| self.variable(name).is_some());
        let disabled = self
            .variable("AWS_EC2_METADATA_DISABLED")
            .is_some_and(|value| value.eq_ignore_ascii_case("true"));
        match (has_endpoint, disabled) {
            (true, _) => Ok(BaseSource::of(CredentialSource::Container)),
            (false, false) => Ok(BaseSource::of(CredentialSource::InstanceMetadata)),
            (false, true) if self.has_github() => Err(NoCredentials::OnlyGitHub),
            (false, true) => Err(NoCredentials::Nothing),
        }
    }

    fn through_profile(&self, name: &str) -> Result<BaseSource, NoCredentials> {
        let settings = Settings::read(&self.user_profiles);
        let mut walk = Walk {
            surroundings: self,
            settings: &settings,
            profiles: Vec::new(),
            mfa: None,
            roles: Vec::new(),
        };
        let origin = walk.enter(name)?;
        walk.roles.reverse();
        Ok(BaseSource {
            profiles: walk.profiles,
            origin,
            mfa: walk.mfa,
            roles: walk.roles,
        })
    }

    fn session_name(&self, named: Option<&str>) -> SessionName {
        match (named, &self.session_name) {
            (Some(name), _) => SessionName::clean(name),
            (None, Some(name)) => name.clone(),
            (None, None) => SessionName::clean("terrane"),
        }
    }

    fn variable(&self, name: &str) -> Option<String> {
        let value = self.variables.get(OsStr::new(name))?.to_str()?;
        (!value.is_empty()).then(|| value.to_owned())
    }
}

/// The way from a profile to the credentials that it ends in.
struct Walk<'w> {
    surroundings: &'w BaseSurroundings,
    settings: &'w Settings,
    profiles: Vec<String>,
    mfa: Option<MfaDevice>,
    /// The last one to be assumed first.
    roles: Vec<Assumption>,
}

impl Walk<'_> {
    fn enter(&mut self, name: &str) -> Result<BaseOrigin, NoCredentials> {
        let Some(profile) = self.settings.profile(name) else {
            return Err(match self.profiles.last() {
                None => NoCredentials::NoProfile {
                    profile: name.to_owned(),
                },
                Some(from) => bad(from, format!("its source_profile {name:?} is not there")),
            });
        };
        let is_source = !self.profiles.is_empty();
        let is_loop = self.profiles.iter().any(|visited| visited == name);
        self.profiles.push(name.to_owned());
        if is_loop {
            let way = self.profiles.join(" → ");
            return Err(bad(
                name,
                format!("its source_profile leads back to it: {way}"),
            ));
        }
        match profile.get("role_arn") {
            // A profile that others build on gives its keys, not its role.
            Some(_) if is_source && profile.keys().is_some() => Ok(keys_of(name)),
            Some(role) => self.take_role(name, profile, role),
            None => self.credentials_of(name, profile),
        }
    }

    fn take_role(
        &mut self,
        name: &str,
        profile: &Profile,
        role: &str,
    ) -> Result<BaseOrigin, NoCredentials> {
        let file = profile.get("web_identity_token_file");
        let token = file.map(|file| WebIdentityToken::File(file.into()));
        let duration = match profile.get("duration_seconds") {
            None => SessionDuration::ONE_HOUR,
            Some(text) => text
                .parse()
                .map_err(|error| bad(name, format!("duration_seconds: {error}")))?,
        };
        let external_id = profile.get("external_id").map(str::parse).transpose();
        self.roles.push(Assumption {
            role: role
                .parse()
                .map_err(|error| bad(name, format!("role_arn: {error}")))?,
            session_name: self
                .surroundings
                .session_name(profile.get("role_session_name")),
            duration,
            external_id: external_id.map_err(|error| bad(name, format!("external_id: {error}")))?,
            web_identity_token: token.clone(),
            limits: SessionLimits::default(),
        });
        if let Some(token) = token {
            return Ok(BaseOrigin::WebIdentity(token));
        }
        if let Some(device) = profile.get("mfa_serial") {
            self.mfa = Some(MfaDevice::new(device));
        }
        match (
            profile.get("source_profile"),
            profile.get("credential_source"),
        ) {
            (Some(source), None) if source == name => match profile.keys() {
                Some(_) => Ok(keys_of(name)),
                None => Err(bad(
                    name,
                    "it is its own source_profile, and has no keys".to_owned(),
                )),
            },
            (Some(source), None) => self.enter(source),
            (None, Some(source)) => named_source(source)
                .ok_or_else(|| bad(name, format!("credential_source {source:?} is unknown")))
                .map(BaseOrigin::Credentials),
            (Some(_), Some(_)) => Err(bad(
                name,
                "it has both source_profile and credential_source".to_owned(),
            )),
            (None, None) => Err(bad(
                name,
                "it has a role_arn, and neither source_profile nor credential_source to assume it \
                 from"
                    .to_owned(),
            )),
        }
    }

    /// What a profile without a role has of its own.
    fn credentials_of(&self, name: &str, profile: &Profile) -> Result<BaseOrigin, NoCredentials> {
        let owned = || name.to_owned();
        if profile.keys().is_some() {
            return Ok(keys_of(name));
        }
        if let Some(session) = profile.get("sso_session") {
            if !self.settings.has_sso_session(session) {
                return Err(NoCredentials::NoSsoSession {
                    profile: owned(),
                    session: session.to_owned(),
                });
            }
            complete_sso(name, profile)?;
            return Ok(BaseOrigin::Credentials(CredentialSource::Sso {
                profile: owned(),
                session: Some(session.to_owned()),
            }));
        }
        if profile.get("sso_start_url").is_some() {
            complete_sso(name, profile)?;
            return Ok(BaseOrigin::Credentials(CredentialSource::Sso {
                profile: owned(),
                session: None,
            }));
        }
        if profile.get("credential_process").is_some() {
            let source = CredentialSource::Process { profile: owned() };
            return Ok(BaseOrigin::Credentials(source));
        }
        if profile.get("web_identity_token_file").is_some() {
            return Err(bad(
                name,
                "its web_identity_token_file needs a role_arn".to_owned(),
            ));
        }
        // A profile may hold nothing but a region; the machine then has the say.
        match self.surroundings.of_the_machine() {
            Ok(found) => Ok(found.origin),
            Err(_) => Err(bad(name, "it has no credentials".to_owned())),
        }
    }
}

fn complete_sso(name: &str, profile: &Profile) -> Result<(), NoCredentials> {
    let missing = ["sso_account_id", "sso_role_name"]
        .into_iter()
        .find(|setting| profile.get(setting).is_none());
    match missing {
        None => Ok(()),
        Some(setting) => Err(bad(name, format!("its login lacks {setting}"))),
    }
}

fn keys_of(profile: &str) -> BaseOrigin {
    BaseOrigin::Credentials(CredentialSource::Keys {
        profile: profile.to_owned(),
    })
}

fn named_source(name: &str) -> Option<CredentialSource> {
    match name {
        "Environment" => Some(CredentialSource::Environment),
        "Ec2InstanceMetadata" => Some(CredentialSource::InstanceMetadata),
        "EcsContainer" => Some(CredentialSource::Container),
        _ => None,
    }
}

fn bad(profile: &str, problem: String) -> NoCredentials {
    NoCredentials::BadProfile {
        whose: format!("profile {profile:?}"),
        problem,
    }
}

impl BaseSource {
    fn of(source: CredentialSource) -> Self {
        Self {
            profiles: Vec::new(),
            origin: BaseOrigin::Credentials(source),
            mfa: None,
            roles: Vec::new(),
        }
    }

    /// The chain that terrane walks to it.
    pub(super) fn chain(&self) -> RoleChain {
        let base = match &self.origin {
            BaseOrigin::Credentials(source) => BaseIdentity::Source {
                source: Box::new(source.clone()),
                mfa: self.mfa.clone(),
            },
            BaseOrigin::WebIdentity(_) => BaseIdentity::Ambient,
        };
        let roles = self.roles.iter().cloned();
        roles.fold(RoleChain::from_base(base), |chain, role| chain.then(role))
    }

    /// Keys of a user, which a code must go with. Temporary ones have passed already.
    pub fn has_lasting_keys(&self, base: &BaseSurroundings) -> bool {
        let keys = match &self.origin {
            BaseOrigin::Credentials(CredentialSource::Environment) => base.environment_keys(),
            BaseOrigin::Credentials(CredentialSource::Keys { profile }) => {
                base.profile_keys(profile)
            }
            // Only the program knows; a code that is not needed does no harm.
            BaseOrigin::Credentials(CredentialSource::Process { .. }) => return true,
            BaseOrigin::Credentials(
                CredentialSource::Sso { .. }
                | CredentialSource::Container
                | CredentialSource::InstanceMetadata
                | CredentialSource::Given(_),
            )
            | BaseOrigin::WebIdentity(_) => None,
        };
        keys.is_some_and(|keys| keys.session_token.is_none())
    }

    /// As screens show it, with what is left of the login where that is known:
    /// `profile assumer ← shared (SSO session sso, ends in 7h 12m)`.
    pub fn shown(&self, left: Option<Duration>) -> String {
        let mut kind = match &self.origin {
            BaseOrigin::Credentials(source) => source.to_string(),
            BaseOrigin::WebIdentity(WebIdentityToken::GitHub) => "GitHub's token".to_owned(),
            BaseOrigin::WebIdentity(WebIdentityToken::File(_) | WebIdentityToken::Literal(_)) => {
                "web identity".to_owned()
            }
        };
        if self.mfa.is_some() {
            kind.push_str(", MFA");
        }
        let end = left.map(|left| format!("ends in {}", hours_and_minutes(left)));
        match (self.profiles.is_empty(), end) {
            (true, None) => kind,
            (true, Some(end)) => format!("{kind} ({end})"),
            (false, end) => {
                let kind = end.map_or(kind.clone(), |end| format!("{kind}, {end}"));
                format!("profile {} ({kind})", self.profiles.join(" ← "))
            }
        }
    }
}

impl fmt::Display for BaseSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown(None))
    }
}

fn hours_and_minutes(left: Duration) -> String {
    let minutes = left.as_secs() / 60;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes}m"),
        (hours, minutes) => format!("{hours}h {minutes}m"),
    }
}

#[cfg(test)]
mod tests;
