//! Who terrane is before it assumes a role that anybody asked for.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use super::Session;

/// Who terrane is before it assumes anything.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum BaseIdentity {
    /// What the environment gives: keys, a profile, a login, a runner's role.
    #[default]
    Ambient,
    /// A profile that a file names, such as a backend's `profile`.
    Profile(String),
    /// Credentials where they lie, before the roles that a profile adds to them.
    Source {
        source: Box<CredentialSource>,
        /// The device whose code is asked for before the credentials are used.
        mfa: Option<MfaDevice>,
    },
}

/// Where credentials lie.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CredentialSource {
    /// Keys in variables of the environment.
    Environment,
    /// Keys in a profile.
    Keys { profile: String },
    /// A login at AWS's access portal, by the profile that describes it.
    Sso {
        profile: String,
        /// The `[sso-session]`; older profiles describe their portal themselves.
        session: Option<String>,
    },
    /// A program that a profile names.
    Process { profile: String },
    /// The endpoint that ECS, EKS and their like tell a container of.
    Container,
    /// The role of the EC2 instance.
    InstanceMetadata,
    /// What a program that the user names for it has printed.
    Given(GivenKeys),
}

/// Keys that somebody handed over, for one unit or for all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GivenKeys(Box<Session>);

/// A device for one-time codes, by its serial number or ARN.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MfaDevice(Box<str>);

impl GivenKeys {
    pub fn new(session: Session) -> Self {
        Self(Box::new(session))
    }

    pub fn session(&self) -> &Session {
        &self.0
    }
}

impl Ord for GivenKeys {
    fn cmp(&self, other: &Self) -> Ordering {
        let parts = |keys: &Self| {
            let session = keys.session();
            let token = session
                .session_token
                .as_ref()
                .map(|token| token.expose().clone());
            let id = session.access_key_id.expose().clone();
            (
                id,
                session.secret_access_key.expose().clone(),
                token,
                session.expires_at,
            )
        };
        parts(self).cmp(&parts(other))
    }
}

impl PartialOrd for GivenKeys {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for GivenKeys {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.access_key_id.expose().hash(state);
    }
}

impl MfaDevice {
    pub fn new(serial: &str) -> Self {
        Self(serial.into())
    }
}

impl BaseIdentity {
    /// The profile that has it, where one has.
    pub fn profile(&self) -> Option<&str> {
        match self {
            Self::Ambient => None,
            Self::Profile(name) => Some(name),
            Self::Source { source, .. } => source.profile(),
        }
    }

    /// As screens show it, with a name for whoever terrane was started as.
    pub fn shown(&self, ambient: &str) -> String {
        match self {
            Self::Ambient => ambient.to_owned(),
            Self::Profile(name) => format!("profile {name}"),
            Self::Source { source, .. } => match source.profile() {
                Some(name) => format!("profile {name}"),
                None => source.to_string(),
            },
        }
    }
}

impl CredentialSource {
    /// The profile that it stands in.
    pub fn profile(&self) -> Option<&str> {
        match self {
            Self::Keys { profile } | Self::Sso { profile, .. } | Self::Process { profile } => {
                Some(profile)
            }
            Self::Environment | Self::Container | Self::InstanceMetadata | Self::Given(_) => None,
        }
    }
}

/// As screens show it. Where it says so, a profile's name goes before it.
impl fmt::Display for CredentialSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("keys of the environment"),
            Self::Keys { .. } => f.write_str("keys"),
            Self::Sso { session: None, .. } => f.write_str("SSO"),
            Self::Sso {
                session: Some(name),
                ..
            } => write!(f, "SSO session {name}"),
            Self::Process { .. } => f.write_str("credential_process"),
            Self::Container => f.write_str("role of the container"),
            Self::InstanceMetadata => f.write_str("role of the instance"),
            Self::Given(_) => f.write_str("keys of the auth provider command"),
        }
    }
}

impl fmt::Display for MfaDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
