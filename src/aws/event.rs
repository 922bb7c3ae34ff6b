//! What the credentials thread has to tell the run.

use std::fmt;
use std::time::SystemTime;

use super::clock::rfc3339;
use crate::model::{RoleArn, SessionDuration};

/// Something about identities that a person should be able to see.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CredentialEvent {
    /// A role's session was taken, or taken anew before the old one ended.
    SessionTaken {
        role: RoleArn,
        ends: Option<SystemTime>,
        renewed: bool,
    },
    /// A role's session is shorter than was asked for. Told once per role.
    DurationCut {
        role: RoleArn,
        asked: SessionDuration,
        given: SessionDuration,
        why: DurationCut,
    },
    /// AWS, or whatever gives the base identity, is busy or away, and is asked again.
    Waiting { who: String, why: String },
    /// A session is about to end, and there is no other to be had. It is used to its end.
    NotRenewed {
        who: String,
        why: String,
        ends: Option<SystemTime>,
    },
    /// No endpoint could be opened: children get their credentials by variables, which end.
    NoEndpoint { why: String },
    /// Somebody asked for credentials and got none. Told once per unit and reason.
    Refused {
        unit: String,
        wanted: String,
        by: String,
        why: String,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DurationCut {
    /// The role is assumed from another role's session, which AWS caps at an hour.
    Chained,
    /// The role's own maximum is shorter.
    RoleMaximum,
}

impl fmt::Display for CredentialEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SessionTaken {
                role,
                renewed: false,
                ..
            } => write!(f, "took a session of {role}"),
            Self::SessionTaken {
                role,
                renewed: true,
                ..
            } => {
                write!(f, "renewed the session of {role}")
            }
            Self::DurationCut {
                role,
                asked,
                given,
                why,
            } => {
                let (asked, given) = (asked.as_seconds(), given.as_seconds());
                let why = match why {
                    DurationCut::Chained => "AWS caps chained sessions at an hour",
                    DurationCut::RoleMaximum => "its maximum is shorter",
                };
                write!(
                    f,
                    "{role}: {given} s instead of {asked} s, renewed as needed ({why})"
                )
            }
            Self::Waiting { who, why } => write!(f, "waiting for {who} ({why})"),
            Self::NotRenewed { who, why, ends } => {
                write!(f, "{who} could not be renewed")?;
                if let Some(ends) = ends {
                    write!(f, ", and ends at {}", rfc3339(*ends))?;
                }
                write!(f, ": {why}")
            }
            Self::NoEndpoint { why } => write!(
                f,
                "no endpoint could be opened ({why}), so children get the doer's keys as \
                 variables; these end within the hour, and a longer apply would fail"
            ),
            Self::Refused {
                unit,
                wanted,
                by,
                why,
            } => {
                write!(f, "{unit}: refused {wanted} credentials to {by}: {why}")
            }
        }
    }
}
