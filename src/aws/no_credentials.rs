//! Why there is no base identity, and what to do about it.

use thiserror::Error;

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
    #[error("{detail}")]
    Other { detail: String },
}

impl NoCredentials {
    /// The SDK tells its reasons in words alone. What is not recognised is passed on as it is.
    pub(super) fn from_words(
        chain: &str,
        is_empty: bool,
        detail: String,
        profile: Option<&String>,
    ) -> Self {
        let profile = profile.cloned();
        let missing_session = chain
            .split_once("sso-session named `")
            .filter(|(_, rest)| rest.contains("was not found"))
            .and_then(|(_, rest)| rest.split('`').next());
        match (missing_session, profile) {
            (Some(session), Some(profile)) => Self::NoSsoSession {
                profile,
                session: session.to_owned(),
            },
            (None, Some(profile)) if chain.contains("was not defined") => {
                Self::NoProfile { profile }
            }
            (_, profile) if chain.contains("SSO token") => Self::LoginNeeded { profile, detail },
            (_, None) if is_empty => Self::Nothing,
            _ => Self::Other {
                detail: detail.trim_end().to_owned(),
            },
        }
    }

    /// What to type, or to write.
    pub fn help(&self) -> String {
        match self {
            Self::Nothing | Self::Other { .. } => {
                "set AWS_PROFILE, or log in, or give keys in the environment".to_owned()
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sdks_words_are_told_apart() {
        let why = |chain: &str, profile: Option<&str>| {
            NoCredentials::from_words(
                chain,
                false,
                "detail".into(),
                profile.map(ToOwned::to_owned).as_ref(),
            )
        };
        let profile = || Some("assumer".to_owned());
        let detail = || "detail".to_owned();
        assert_eq!(
            why(
                "sso-session named `sso` (referenced by profile `x`) was not found",
                Some("x")
            ),
            NoCredentials::NoSsoSession {
                profile: "x".into(),
                session: "sso".into()
            }
        );
        assert_eq!(
            why("failed to load the cached SSO token", Some("assumer")),
            NoCredentials::LoginNeeded {
                profile: profile(),
                detail: detail()
            }
        );
        assert_eq!(
            why("profile `assumer` was not defined", Some("assumer")),
            NoCredentials::NoProfile {
                profile: "assumer".into()
            }
        );
        assert_eq!(
            why("Stderr: locked", None),
            NoCredentials::Other { detail: detail() }
        );
        assert_eq!(
            NoCredentials::from_words("", true, detail(), None),
            NoCredentials::Nothing
        );
    }
}
