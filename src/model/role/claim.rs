//! What somebody wished for: one flag's, variable's or file's word on which role to take.

use std::fmt;
use std::hash::{Hash, Hasher};

use camino::{Utf8Path, Utf8PathBuf};

use super::{ExternalId, RoleArn, SessionDuration, SessionName};
use crate::model::{Place, Secret};

/// One source's wish for a role. Each field stands for itself: a flag may name the role and a file
/// its duration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoleClaim {
    pub source: ClaimSource,
    pub role: Option<ClaimedRole>,
    pub session_name: Option<SessionName>,
    pub duration: Option<SessionDuration>,
    pub web_identity_token: Option<WebIdentityToken>,
    pub external_id: Option<ExternalId>,
    /// Counts for this purpose only; `None` counts always.
    pub only_for: Option<Purpose>,
}

/// Where a claim was made, in the order in which claims win.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ClaimSource {
    Flag(String),
    Variable(String),
    /// `terrane.hcl`, for one command alone. It says more than a file's role for all commands.
    RoleOfCommand(Place),
    /// The unit's own file.
    OwnFile(Place),
    /// A file that the unit includes.
    IncludedFile(Place),
    /// A table of folders and roles beside the units, such as `terrane.hcl` or an imported one.
    RoleMap(Place),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ClaimedRole {
    Known(RoleArn),
    /// An upstream's output names the role, so it is known once that upstream has been read.
    AfterOutputs,
}

/// What a session is wanted for, where planning and applying have roles of their own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// Looking only: plan, validate, output, show.
    Plan,
    /// Changing things: apply, destroy, import.
    Apply,
}

/// The token that buys a session without any credentials: what a CI system says about a job.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum WebIdentityToken {
    Literal(Secret<String>),
    /// Read anew for each session, since such files are rewritten while a job runs.
    File(Utf8PathBuf),
    /// What GitHub says of the job of its that this is, asked anew for each session.
    GitHub,
}

impl RoleClaim {
    /// A claim that wishes nothing yet.
    pub fn new(source: ClaimSource) -> Self {
        Self {
            source,
            role: None,
            session_name: None,
            duration: None,
            web_identity_token: None,
            external_id: None,
            only_for: None,
        }
    }
}

impl WebIdentityToken {
    /// A value is the token itself when it has the three parts of one; `github` asks GitHub for
    /// it; all else is a file's path.
    pub fn from_value(value: &str) -> Self {
        let is_token = value.starts_with("eyJ") && value.matches('.').count() == 2;
        if is_token {
            Self::Literal(Secret::new(value.to_owned()))
        } else if value == "github" {
            Self::GitHub
        } else {
            Self::File(Utf8Path::new(value).to_owned())
        }
    }
}

impl Hash for WebIdentityToken {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Literal(token) => token.expose().hash(state),
            Self::File(path) => path.hash(state),
            Self::GitHub => "github".hash(state),
        }
    }
}

impl fmt::Display for ClaimSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) | Self::Variable(name) => f.write_str(name),
            Self::RoleOfCommand(place)
            | Self::OwnFile(place)
            | Self::IncludedFile(place)
            | Self::RoleMap(place) => place.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_web_identity_value_is_a_token_or_a_file_or_github() {
        let token = WebIdentityToken::from_value("eyJhbGciOi.eyJzdWIi.c2ln");
        assert_eq!(format!("{token:?}"), "Literal(Secret(…))");
        assert_eq!(
            WebIdentityToken::from_value("/run/token"),
            WebIdentityToken::File("/run/token".into())
        );
        assert_eq!(
            WebIdentityToken::from_value("github"),
            WebIdentityToken::GitHub
        );
    }
}
