//! Sessions of state-management that open the state of one unit only, whatever their role may.

use std::fmt;

use super::policy::confined_to;
use super::{Acting, StateReason, StateSessions, UnitClaims};
use crate::model::{Assumption, BaseIdentity, RoleChain, SessionLimits};

/// What became of the wish to confine a unit's sessions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Confinement {
    NotWanted,
    /// The session opens the unit's own state and nothing else.
    ToOwnState,
    /// The unit's key was too long for a session's policy: everything that begins like this is open.
    ToBeginning(String),
    Impossible(NotConfined),
}

/// Why a session opens what its role may.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotConfined {
    /// The doer or the hub opens the state, and needs its rights for other things.
    NoRoleOfItsOwn,
    /// The backend names a profile, by which the engine goes on its own.
    OwnProfile,
    /// The backend gives the session policies of its own already.
    OwnPolicy,
    /// Where the state lies is not said in the unit's files.
    UnknownState,
    /// Even the beginning of the key makes a policy that is too long.
    TooLong,
}

/// Takes from the session what it does not need, where that is wanted and can be done.
pub(super) fn confined(
    state: Acting,
    reason: &StateReason,
    unit: &UnitClaims,
    wanted: StateSessions,
) -> (Acting, Confinement) {
    if wanted == StateSessions::Shared {
        return (state, Confinement::NotWanted);
    }
    match confined_chain(&state, reason, unit) {
        Ok((chain, confinement)) => (Acting::As(chain), confinement),
        Err(why) => (state, Confinement::Impossible(why)),
    }
}

fn confined_chain(
    state: &Acting,
    reason: &StateReason,
    unit: &UnitClaims,
) -> Result<(RoleChain, Confinement), NotConfined> {
    match reason {
        StateReason::Backend(_) | StateReason::BackendFromDoer(_) => {}
        StateReason::BackendProfile(_) => return Err(NotConfined::OwnProfile),
        StateReason::SameRoleAsDoer(_)
        | StateReason::IsTheHub(_)
        | StateReason::BackendNamesNothing => return Err(NotConfined::NoRoleOfItsOwn),
    }
    let chain = state.chain().ok_or(NotConfined::NoRoleOfItsOwn)?;
    if *chain.base_identity() != BaseIdentity::Ambient {
        return Err(NotConfined::OwnProfile);
    }
    let location = unit.state.as_ref().ok_or(NotConfined::UnknownState)?;
    let (Some(last), Some(before)) = (chain.last(), chain.source()) else {
        return Err(NotConfined::NoRoleOfItsOwn);
    };
    // AWS allows what any one of a session's policies allows: beside another one ours would confine
    // nothing, and open what that one keeps closed.
    if last.limits.policy.is_some() || !last.limits.policy_arns.is_empty() {
        return Err(NotConfined::OwnPolicy);
    }
    let (policy, cut) = confined_to(location, &last.role).ok_or(NotConfined::TooLong)?;
    let chain = before.then(Assumption {
        limits: SessionLimits {
            policy: Some(policy),
            ..last.limits.clone()
        },
        ..last.clone()
    });
    let confinement = cut.map_or(Confinement::ToOwnState, Confinement::ToBeginning);
    Ok((chain, confinement))
}

impl Confinement {
    pub(super) fn changes_the_session(&self) -> bool {
        match self {
            Self::ToOwnState | Self::ToBeginning(_) => true,
            Self::NotWanted | Self::Impossible(_) => false,
        }
    }

    /// What people should know, where they do not get all that they wanted.
    pub fn remark(&self) -> Option<String> {
        match self {
            Self::NotWanted | Self::ToOwnState => None,
            Self::ToBeginning(beginning) => Some(format!(
                "its key is too long for the policy of a session, which therefore opens every state \
                 whose key is like {beginning}"
            )),
            Self::Impossible(why) => Some(format!("its state is not confined: {why}")),
        }
    }
}

impl fmt::Display for NotConfined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoRoleOfItsOwn => "the backend names no role of its own",
            Self::OwnProfile => "the backend names a profile",
            Self::OwnPolicy => "the backend gives its session another policy",
            Self::UnknownState => "its files have no remote_state in s3",
            Self::TooLong => "the policy of its session would be too long",
        })
    }
}
