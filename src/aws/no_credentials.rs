//! Why there is no base identity, and what to do about it.

use thiserror::Error;

use crate::model::CredentialSource;

/// Why there is no base identity.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum NoCredentials {
    #[error("nothing in the environment names any credentials")]
    Nothing,
    #[error("there is no profile {profile:?}")]
    NoProfile { profile: String },
    /// A login by hand is needed, or needed again.
    #[error("{detail}")]
    LoginNeeded {
        profile: Option<String>,
        detail: String,
    },
    #[error("no file defines [sso-session {session}], which profile {profile:?} names")]
    NoSsoSession { profile: String, session: String },
    /// A profile, or the variables that stand for one, that leads nowhere.
    #[error("{whose}: {problem}")]
    BadProfile { whose: String, problem: String },
    /// A code of a device is needed, and nobody can be asked for it.
    #[error("profile {profile:?} asks for a code of the device {device}, and nobody can be asked")]
    MfaNeeded { profile: String, device: String },
    #[error("the code of the device {device} was not accepted ({detail})")]
    MfaRefused { device: String, detail: String },
    /// GitHub vouches for this job, and no role is named that its word would buy.
    #[error("GitHub would vouch for this job, but no role is named that its token buys")]
    OnlyGitHub,
    /// Nothing else is named, and the machine has no role either.
    #[error("nothing names any credentials, and this is no EC2 instance with a role ({detail})")]
    NoInstance { detail: String },
    #[error("{} gives none: {detail}", whose(.from))]
    Refused {
        from: Box<CredentialSource>,
        detail: String,
    },
}

impl NoCredentials {
    /// Why a login gave no credentials. The SDK tells it in words alone; what is not recognised is
    /// passed on as it is.
    pub(super) fn of_login(chain: &str, detail: String, source: &CredentialSource) -> Self {
        let profile = source.profile().map(ToOwned::to_owned);
        // The portal no longer takes a token that looks good here.
        let is_over = ["SSO token", "UnauthorizedException", "token has expired"];
        if is_over.iter().any(|words| chain.contains(words)) {
            Self::LoginNeeded { profile, detail }
        } else {
            Self::Refused {
                from: Box::new(source.clone()),
                detail,
            }
        }
    }

    /// Whatever gave credentials before may give them again by itself, or once somebody has
    /// logged in elsewhere.
    pub(super) fn may_come_back(&self) -> bool {
        match self {
            Self::LoginNeeded { .. } | Self::NoInstance { .. } | Self::Refused { .. } => true,
            Self::Nothing
            | Self::NoProfile { .. }
            | Self::NoSsoSession { .. }
            | Self::BadProfile { .. }
            | Self::MfaNeeded { .. }
            | Self::MfaRefused { .. }
            | Self::OnlyGitHub => false,
        }
    }

    /// What to type, or to write.
    pub fn help(&self) -> String {
        match self {
            Self::Nothing | Self::NoInstance { .. } => {
                "set AWS_PROFILE, or log in, or give keys in the environment".to_owned()
            }
            Self::Refused { from, .. } => match from.as_ref() {
                CredentialSource::Sso { profile, .. } => format!(
                    "compare sso_account_id and sso_role_name of profile {profile:?} with what \
                     the portal offers"
                ),
                CredentialSource::Process { profile } => {
                    format!("try the credential_process of profile {profile:?} by itself")
                }
                CredentialSource::Container => "compare AWS_CONTAINER_AUTHORIZATION_TOKEN, or \
                     the file that AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names, with what the \
                     endpoint wants"
                    .to_owned(),
                CredentialSource::Environment
                | CredentialSource::Keys { .. }
                | CredentialSource::InstanceMetadata
                | CredentialSource::Given(_) => {
                    format!("see what keeps {} from giving any", whose(from))
                }
            },
            Self::BadProfile { whose, .. } if whose.starts_with("profile") => {
                "correct it in ~/.aws/config".to_owned()
            }
            Self::BadProfile { .. } => "correct the variable".to_owned(),
            Self::MfaNeeded { .. } => "run terrane on a terminal, where it can ask; or give it \
                keys that have passed: by aws sts get-session-token, by aws-vault exec, or by a \
                credential_process"
                .to_owned(),
            Self::MfaRefused { .. } => {
                "codes are good once and for half a minute; try again with the next one".to_owned()
            }
            Self::OnlyGitHub => "set AWS_ROLE_ARN to the role that trusts GitHub, or name it by \
                 --assumer-role with --assumer-web-identity-token github"
                .to_owned(),
            Self::NoProfile { profile } => format!("define [profile {profile}] in ~/.aws/config"),
            Self::LoginNeeded { profile: None, .. } => "run: aws sso login".to_owned(),
            Self::LoginNeeded {
                profile: Some(profile),
                ..
            } => {
                format!("run: aws sso login --profile {profile}")
            }
            Self::NoSsoSession { session, .. } => format!(
                "add these lines to ~/.aws/config:\n[sso-session {session}]\nsso_start_url = \
                 https://YOUR-PORTAL.awsapps.com/start\nsso_region = REGION-OF-THE-PORTAL\n\
                 sso_registration_scopes = sso:account:access"
            ),
        }
    }
}

fn whose(source: &CredentialSource) -> String {
    match source.profile() {
        Some(profile) => format!("the {source} of profile {profile:?}"),
        None => format!("the {source}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_that_has_ended_is_told_from_other_trouble() {
        let source = CredentialSource::Sso {
            profile: "shared".into(),
            session: None,
        };
        let why = |chain: &str| NoCredentials::of_login(chain, "detail".into(), &source);
        let login = NoCredentials::LoginNeeded {
            profile: Some("shared".into()),
            detail: "detail".into(),
        };
        assert_eq!(login.help(), "run: aws sso login --profile shared");
        assert_eq!(why("failed to load the cached SSO token"), login);
        assert_eq!(why("UnauthorizedException: Session token not found"), login);
        let other = NoCredentials::Refused {
            from: Box::new(source.clone()),
            detail: "detail".into(),
        };
        assert_eq!(why("ForbiddenException: No access"), other);
    }
}
