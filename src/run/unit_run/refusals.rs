//! Errors of the layers below as failures of a unit: facts carried over, nothing decided.

use crate::aws::{ReadOutputsError, ReadProblem, Refusal, SessionError};
use crate::config::Estate;
use crate::identity::{
    Acting, ClaimField, DoerReason, Identity, RoleOptions, StateReason, WrongAccount,
};
use crate::model::{BaseIdentity, ClaimSource, Place, RoleChain, UnitPath};
use crate::run::outcome::{Failure, OutputsNotRead, RoleRefused, Side};
use crate::run::work_dir::WorkDirError;

/// A role that cannot be assumed, or that is in another account than it must be.
pub(super) fn no_session(
    estate: &Estate<'_>,
    roles: &RoleOptions,
    identity: &Identity,
    error: &SessionError,
) -> Failure {
    if let Refusal::WrongAccount { expected, got } = &error.refusal {
        let place = identity.account.as_ref();
        return Failure::WrongAccount(Box::new(crate::run::outcome::WrongAccount {
            role: role_of(&error.chain),
            expected: expected.to_string(),
            place: place.map(|account| seen_from_here(estate, &account.place)),
            actual: got.account().to_string(),
        }));
    }
    Failure::AssumeRole(Box::new(refused_role(estate, roles, identity, error)))
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

/// Outputs of a unit with that identity that could not be read.
pub(super) fn outputs_not_read(
    estate: &Estate<'_>,
    roles: &RoleOptions,
    upstream: &UnitPath,
    identity: &Identity,
    error: &ReadOutputsError,
) -> Failure {
    if let ReadProblem::Session(session) = &error.problem {
        let mut refused = refused_role(estate, roles, identity, session);
        let reader = error.chain.base_identity();
        // A profile may have credentials and roles of its own.
        if refused.side == Side::Base && matches!(reader, BaseIdentity::Profile(_)) {
            refused.side = Side::BackendProfile;
            reader
                .profile()
                .unwrap_or_default()
                .clone_into(&mut refused.role);
            refused.reason = session.to_string();
        }
        refused.to_read = Some(upstream.to_string());
        return Failure::AssumeRole(Box::new(refused));
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

fn refused_role(
    estate: &Estate<'_>,
    roles: &RoleOptions,
    identity: &Identity,
    error: &SessionError,
) -> RoleRefused {
    let side = side_of(identity, &error.chain);
    let base = error.chain.base_identity().shown("base");
    let hops = error.chain.assumptions().iter();
    let names = hops.map(|hop| hop.role.name().to_owned());
    let caller = error.caller.as_ref().map(ToString::to_string);
    let source = error.chain.source();
    let source = source.as_ref().and_then(RoleChain::role);
    let asked_as = caller.or_else(|| source.map(ToString::to_string));
    let id_is_named = external_id_place(estate, roles, identity, side, error);
    let hint = error.help().into_iter().chain(id_is_named);
    let hint: Vec<String> = hint.collect();
    RoleRefused {
        side,
        role: role_of(&error.chain),
        place: place_of(identity, side).map(|place| seen_from_here(estate, &place)),
        to_read: None,
        asked_as: asked_as.unwrap_or_else(|| base.clone()),
        chain: std::iter::once(base).chain(names).collect(),
        refused_hop: error.chain.assumptions().len().saturating_sub(1),
        reason: error.refusal.to_string(),
        hint: Some(hint.join("\n")).filter(|hint| !hint.is_empty()),
    }
}

/// Where the external id is named that did not help.
fn external_id_place(
    estate: &Estate<'_>,
    roles: &RoleOptions,
    identity: &Identity,
    side: Side,
    error: &SessionError,
) -> Option<String> {
    let assumption = error.chain.last()?;
    let sent = assumption.external_id.as_ref()?;
    if !matches!(error.refusal, Refusal::Denied { .. }) {
        return None;
    }
    let tabled = roles.external_ids.get(&assumption.role);
    let tabled = tabled.filter(|tabled| tabled.id == *sent);
    let mut decided = identity.because.decided.iter();
    let claim = decided.find(|decided| decided.field == ClaimField::ExternalId);
    let place = match (side, claim, tabled) {
        (Side::Doer, Some(decided), _) => match &decided.source {
            ClaimSource::Flag(name) | ClaimSource::Variable(name) => {
                return Some(format!("{sent} is named by {name}"));
            }
            ClaimSource::OwnFile(place)
            | ClaimSource::IncludedFile(place)
            | ClaimSource::RoleOfCommand(place)
            | ClaimSource::RoleMap(place) => place.clone(),
        },
        (_, _, Some(tabled)) => tabled.place.clone(),
        (_, _, None) => place_of(identity, side)?,
    };
    let source = seen_from_here(estate, &place);
    Some(format!("{sent} is named by {source}"))
}

fn role_of(chain: &RoleChain) -> String {
    match chain.role() {
        Some(role) => role.to_string(),
        None => chain.base_identity().shown("what the environment gives"),
    }
}

/// Roles before the hub are those of a profile, or of a program that says who acts: whoever terrane
/// begins from.
fn side_of(identity: &Identity, failed: &RoleChain) -> Side {
    let is = |acting: &Acting| acting.chain() == Some(failed);
    if failed.role().is_none() {
        Side::Base
    } else if *failed == identity.hub {
        let named = identity.because.hub.as_ref();
        named.map_or(Side::Base, |_| Side::Assumer)
    } else if is(&identity.doer) {
        Side::Doer
    } else if is(&identity.state_management) {
        Side::StateManagement
    } else {
        Side::Base
    }
}

/// A place as the user finds it from where they stand.
fn seen_from_here(estate: &Estate<'_>, place: &Place) -> Place {
    let file = if place.file.is_absolute() {
        estate.way_to(&place.file)
    } else {
        place.file.clone()
    };
    Place {
        file,
        line: place.line,
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
        Side::Base | Side::BackendProfile => None,
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
