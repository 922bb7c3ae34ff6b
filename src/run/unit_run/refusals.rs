//! Errors of the layers below as failures of a unit: facts carried over, nothing decided.

use crate::aws::{ReadOutputsError, ReadProblem, Refusal, SessionError};
use crate::identity::{DoerReason, Identity, StateReason, WrongAccount};
use crate::model::{ClaimSource, Place, RoleChain, UnitPath};
use crate::run::outcome::{Failure, OutputsNotRead, RoleRefused, Side};
use crate::run::work_dir::WorkDirError;

/// A role that cannot be assumed, or that is in another account than it must be.
pub(super) fn no_session(identity: &Identity, error: &SessionError) -> Failure {
    let side = side_of(identity, &error.chain);
    if let Refusal::WrongAccount { expected, got } = &error.refusal {
        let place = identity.account.as_ref();
        return Failure::WrongAccount(Box::new(crate::run::outcome::WrongAccount {
            role: role_of(&error.chain),
            expected: expected.to_string(),
            place: place.map(|account| account.place.clone()),
            actual: got.account().to_string(),
        }));
    }
    let mut refused = refused_role(error, side);
    refused.place = place_of(identity, side);
    Failure::AssumeRole(Box::new(refused))
}

/// The role of a folder that stands for another account.
pub(super) fn wrong_account(wrong: &WrongAccount) -> Failure {
    Failure::WrongAccount(Box::new(crate::run::outcome::WrongAccount {
        role: wrong.role.to_string(),
        expected: wrong.folder.account.to_string(),
        place: Some(wrong.folder.place.clone()),
        actual: wrong.role.account().to_string(),
    }))
}

/// Outputs that could not be read.
pub(super) fn outputs_not_read(upstream: &UnitPath, error: &ReadOutputsError) -> Failure {
    if let ReadProblem::Session(error) = &error.problem {
        return Failure::AssumeRole(Box::new(refused_role(error, Side::StateManagement)));
    }
    Failure::ReadOutputs(Box::new(OutputsNotRead {
        upstream: upstream.clone(),
        location: error.location.to_string(),
        role: error.chain.role().map(ToString::to_string),
        reason: error.problem.to_string(),
        hint: error.help(),
    }))
}

pub(super) fn work_dir(error: WorkDirError) -> Failure {
    let reason = error.to_string();
    match error {
        WorkDirError::NoCode { folder } => Failure::NoCode { folder },
        WorkDirError::Source(error) => Failure::FetchSource {
            source: match &error {
                crate::source::fetch::SourceError::Fetch { address, .. } => address.clone(),
                crate::source::fetch::SourceError::Pattern(_)
                | crate::source::fetch::SourceError::Folder(_) => String::new(),
            },
            reason,
        },
        WorkDirError::FileExists { ref path, .. }
        | WorkDirError::LeavesSource { ref path, .. }
        | WorkDirError::Io { ref path, .. } => Failure::WorkDir {
            path: path.clone(),
            reason,
        },
        WorkDirError::Pattern(_) | WorkDirError::UnitFolder(_) | WorkDirError::Fill(_) => {
            Failure::WorkDir {
                path: ".".into(),
                reason,
            }
        }
    }
}

fn refused_role(error: &SessionError, side: Side) -> RoleRefused {
    let base = error.chain.base_identity().shown("base");
    let roles = error.chain.assumptions().iter();
    let roles = roles.map(|hop| hop.role.name().to_owned());
    let caller = error.caller.as_ref().map(ToString::to_string);
    RoleRefused {
        side,
        role: role_of(&error.chain),
        place: None,
        asked_as: caller.unwrap_or_else(|| base.clone()),
        chain: std::iter::once(base).chain(roles).collect(),
        refused_hop: error.chain.assumptions().len().saturating_sub(1),
        reason: error.refusal.to_string(),
        hint: error.help(),
    }
}

fn role_of(chain: &RoleChain) -> String {
    chain
        .role()
        .map_or_else(|| "the base identity".to_owned(), ToString::to_string)
}

fn side_of(identity: &Identity, failed: &RoleChain) -> Side {
    if *failed == identity.hub {
        Side::Assumer
    } else if identity.doer.chain() == Some(failed) {
        Side::Doer
    } else {
        Side::StateManagement
    }
}

/// Where the role of a side is named.
fn place_of(identity: &Identity, side: Side) -> Option<Place> {
    let of_source = |source: &ClaimSource| match source {
        ClaimSource::RoleOfCommand(place)
        | ClaimSource::OwnFile(place)
        | ClaimSource::IncludedFile(place)
        | ClaimSource::RoleMap(place) => Some(place.clone()),
        ClaimSource::Flag(_) | ClaimSource::Variable(_) => None,
    };
    match side {
        Side::Assumer => identity.because.hub.as_ref().and_then(of_source),
        Side::Doer => match &identity.because.doer {
            DoerReason::Claimed(source)
            | DoerReason::IsTheHub(source)
            | DoerReason::AfterOutputs(source) => of_source(source),
            DoerReason::ProviderAssumes { place, .. } => Some(place.clone()),
            DoerReason::NobodyNamedOne => None,
        },
        Side::StateManagement => match &identity.because.state {
            StateReason::Backend(place)
            | StateReason::BackendFromDoer(place)
            | StateReason::IsTheHub(place)
            | StateReason::SameRoleAsDoer(place) => place.clone(),
            StateReason::BackendProfile(_) | StateReason::BackendNamesNothing => None,
        },
    }
}
