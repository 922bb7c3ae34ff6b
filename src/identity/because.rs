//! Why an identity is what it is: what won, what lost, and to whom.

use std::fmt;

use super::{ClaimField, Confinement};
use crate::model::{ClaimSource, Place, RoleArn};

/// The reasons for one unit's identity.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Because {
    pub doer: DoerReason,
    pub state: StateReason,
    pub confinement: Confinement,
    /// Who named the hub; `None` when it is the base identity.
    pub hub: Option<ClaimSource>,
    /// Which source decided each field of the doer's session that somebody spoke of.
    pub decided: Vec<Decided>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decided {
    pub field: ClaimField,
    pub source: ClaimSource,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DoerReason {
    Claimed(ClaimSource),
    /// Nobody named a role, so the hub acts itself.
    NobodyNamedOne,
    /// The named role is the hub already. A role that assumes itself needs a trust of its own.
    IsTheHub(ClaimSource),
    /// The unit's provider block assumes the named role itself, and must be handed the hub.
    ProviderAssumes {
        role: RoleArn,
        place: Place,
        claimed_by: ClaimSource,
    },
    /// An upstream's output names the role.
    AfterOutputs(ClaimSource),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StateReason {
    /// The backend names the role, which is reached from the hub.
    Backend(Option<Place>),
    /// The backend names the role, and this tree says that the doer assumes it.
    BackendFromDoer(Option<Place>),
    /// The backend names the very role of the doer.
    SameRoleAsDoer(Option<Place>),
    /// The backend names the hub itself.
    IsTheHub(Option<Place>),
    /// The backend names a profile of its own.
    BackendProfile(String),
    /// The backend names nothing: it takes what the child's environment gives.
    BackendNamesNothing,
}

/// A wish that did not come true.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rejected {
    pub source: ClaimSource,
    pub field: ClaimField,
    /// What was wished for, as text. A token shows nothing of itself.
    pub wish: String,
    pub why: WhyRejected,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum WhyRejected {
    BeatenBy(ClaimSource),
    /// It counts for planning or for applying only, and this is the other.
    OtherPurpose,
}

impl fmt::Display for DoerReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Claimed(source) => write!(f, "named by {source}"),
            Self::NobodyNamedOne => f.write_str("nobody names a role"),
            Self::IsTheHub(source) => write!(f, "{source} names the hub itself"),
            Self::ProviderAssumes {
                role,
                place,
                claimed_by,
            } => {
                write!(
                    f,
                    "{claimed_by} names {role}, which the provider at {place} assumes itself"
                )
            }
            Self::AfterOutputs(source) => write!(f, "{source} takes it from an upstream's output"),
        }
    }
}

impl fmt::Display for StateReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (words, place) = match self {
            Self::Backend(place) => ("named by the backend", place.as_ref()),
            Self::BackendFromDoer(place) => (
                "named by the backend, assumed by the doer (state_from)",
                place.as_ref(),
            ),
            Self::SameRoleAsDoer(place) => ("the backend names the doer's role", place.as_ref()),
            Self::IsTheHub(place) => ("the backend names the hub itself", place.as_ref()),
            Self::BackendProfile(name) => return write!(f, "the backend names profile {name:?}"),
            Self::BackendNamesNothing => ("the backend names no role", None),
        };
        f.write_str(words)?;
        place.map_or(Ok(()), |place| write!(f, " at {place}"))
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            source,
            field,
            wish,
            why,
        } = self;
        write!(f, "{field} {wish} of {source}, ")?;
        match why {
            WhyRejected::BeatenBy(winner) => write!(f, "beaten by {winner}"),
            WhyRejected::OtherPurpose => f.write_str("which is for another command"),
        }
    }
}
