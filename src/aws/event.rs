//! What the credentials thread has to tell the run.

use std::fmt;
use std::time::SystemTime;

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
