//! Claims in, two role chains out.

use std::fmt;

use super::confinement::confined;
use super::merge::{Wish, merge};
use super::{
    BackendRole, Because, DoerReason, FolderAccount, ProviderRole, ProviderStart, Rejected,
    RoleOptions, StateFrom, StateReason, UnitClaims,
};
use crate::model::{
    Assumption, BaseIdentity, ClaimSource, ClaimedRole, RoleArn, RoleChain, RoleClaim,
};

/// Who acts for one unit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    /// From whom both siblings are reached: the assumer, or the base identity.
    pub hub: RoleChain,
    /// For the unit's resources: what the child's environment gives.
    pub doer: Acting,
    /// For the unit's state: reading, writing, locking; and for reading it from other units.
    pub state_management: Acting,
    pub backend: BackendAccess,
    /// The account that the session of the children must turn out to be in. `None` where the folder
    /// says nothing, or where it is the unit's own provider blocks that go to the account.
    pub account: Option<FolderAccount>,
    pub because: Because,
    pub rejected: Vec<Rejected>,
}

/// A chain, or the promise of one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Acting {
    As(RoleChain),
    /// The role is an upstream's output: resolve again when the outputs are read.
    AfterOutputs(ClaimSource),
}

/// How the child's backend comes to the state-management session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BackendAccess {
    /// The backend stays as it is written.
    AsWritten,
    /// A state role stands beside a doer: the backend takes a profile that terrane answers, so
    /// that it is not the doer that has to assume the state role.
    ThroughProfile,
}

/// A role of another account than the one that the unit's folder stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WrongAccount {
    pub folder: FolderAccount,
    pub role: RoleArn,
    pub claimed_by: ClaimSource,
}

/// Decides who acts for a unit.
pub fn resolve(unit: &UnitClaims, options: &RoleOptions) -> Result<Identity, Box<WrongAccount>> {
    let mut rejected = Vec::new();
    let assumer = merge(&options.assumer, options.purpose, &mut rejected);
    let hub = match &assumer.role {
        Some((ClaimedRole::Known(role), _)) => {
            RoleChain::base().then(assumer.assumption(role.clone(), options))
        }
        Some((ClaimedRole::AfterOutputs, _)) | None => RoleChain::base(),
    };

    let of_tables = options.role_map.claims_of(unit);
    let of_files = options.claims.iter().chain(&unit.claims).cloned();
    let claims: Vec<RoleClaim> = of_files.chain(of_tables).collect();
    let wish = merge(&claims, options.purpose, &mut rejected);
    check_account(unit, &wish)?;
    let (doer, doer_reason) = doer(unit, options, &wish, &hub);
    let (state_management, state_reason) = state(unit, options, &doer, &hub);
    let (state_management, confinement) = confined(
        state_management,
        &state_reason,
        unit,
        options.state_sessions,
    );
    let backend = if confinement.changes_the_session() {
        // An engine that assumes the role by itself knows nothing of the session's policy.
        BackendAccess::ThroughProfile
    } else {
        backend_access(&hub, &doer, &state_management, &state_reason)
    };

    Ok(Identity {
        account: account_to_prove(unit, &doer_reason),
        backend,
        because: Because {
            doer: doer_reason,
            state: state_reason,
            confinement,
            hub: assumer.role.as_ref().map(|(_, source)| source.clone()),
            decided: wish.decided(),
        },
        hub,
        doer,
        state_management,
        rejected,
    })
}

fn doer(
    unit: &UnitClaims,
    options: &RoleOptions,
    wish: &Wish,
    hub: &RoleChain,
) -> (Acting, DoerReason) {
    let (role, source) = match &wish.role {
        None => return (Acting::As(hub.clone()), DoerReason::NobodyNamedOne),
        Some((ClaimedRole::AfterOutputs, source)) => {
            return (
                Acting::AfterOutputs(source.clone()),
                DoerReason::AfterOutputs(source.clone()),
            );
        }
        Some((ClaimedRole::Known(role), source)) => (role, source.clone()),
    };
    if is_role_of(hub, role) {
        return (Acting::As(hub.clone()), DoerReason::IsTheHub(source));
    }
    let assumes_it = |block: &&ProviderRole| {
        let mut assumed = block.roles.iter().flatten();
        block.start == ProviderStart::Environment && assumed.any(|assumed| same(assumed, role))
    };
    if let Some(block) = unit.provider_roles.iter().find(assumes_it) {
        let (role, place) = (role.clone(), block.place.clone());
        let reason = DoerReason::ProviderAssumes {
            role,
            place,
            claimed_by: source,
        };
        return (Acting::As(hub.clone()), reason);
    }
    let chain = hub.then(wish.assumption(role.clone(), options));
    (Acting::As(chain), DoerReason::Claimed(source))
}

fn state(
    unit: &UnitClaims,
    options: &RoleOptions,
    doer: &Acting,
    hub: &RoleChain,
) -> (Acting, StateReason) {
    let profile = unit.backend_profile.as_ref();
    let from_profile =
        profile.map(|name| RoleChain::from_base(BaseIdentity::Profile(name.clone())));
    let Some(backend) = &unit.backend_role else {
        return match (from_profile, profile) {
            (Some(chain), Some(name)) => {
                (Acting::As(chain), StateReason::BackendProfile(name.clone()))
            }
            _ => (doer.clone(), StateReason::BackendNamesNothing),
        };
    };
    let place = backend.place.clone();
    if let Some(chain) = from_profile {
        let chain = chain.then(backend.assumption(options));
        return (Acting::As(chain), StateReason::Backend(place));
    }
    if is_role_of(hub, &backend.role) {
        return (Acting::As(hub.clone()), StateReason::IsTheHub(place));
    }
    match doer {
        Acting::As(chain) if is_role_of(chain, &backend.role) => {
            (doer.clone(), StateReason::SameRoleAsDoer(place))
        }
        Acting::As(chain) if options.state_from == StateFrom::Doer => {
            let chain = chain.then(backend.assumption(options));
            (Acting::As(chain), StateReason::BackendFromDoer(place))
        }
        Acting::AfterOutputs(_) if options.state_from == StateFrom::Doer => {
            (doer.clone(), StateReason::BackendFromDoer(place))
        }
        Acting::As(_) | Acting::AfterOutputs(_) => {
            let chain = hub.then(backend.assumption(options));
            (Acting::As(chain), StateReason::Backend(place))
        }
    }
}

/// Files change only where a state role stands beside a doer that would otherwise assume it.
fn backend_access(
    hub: &RoleChain,
    doer: &Acting,
    state: &Acting,
    reason: &StateReason,
) -> BackendAccess {
    let named_by_the_backend = match reason {
        StateReason::Backend(_)
        | StateReason::BackendFromDoer(_)
        | StateReason::IsTheHub(_)
        | StateReason::SameRoleAsDoer(_) => true,
        StateReason::BackendProfile(_) | StateReason::BackendNamesNothing => false,
    };
    let doer_is_the_hub = *doer == Acting::As(hub.clone());
    let is_profile =
        matches!(state, Acting::As(chain) if *chain.base_identity() != BaseIdentity::Ambient);
    if named_by_the_backend && !doer_is_the_hub && !is_profile {
        BackendAccess::ThroughProfile
    } else {
        BackendAccess::AsWritten
    }
}

/// A copied folder keeps the role of the account that it was copied from.
fn check_account(unit: &UnitClaims, wish: &Wish) -> Result<(), Box<WrongAccount>> {
    match (&unit.account, &wish.role) {
        (Some(folder), Some((ClaimedRole::Known(role), source)))
            if folder.account != role.account() =>
        {
            Err(Box::new(WrongAccount {
                folder: folder.clone(),
                role: role.clone(),
                claimed_by: source.clone(),
            }))
        }
        _ => Ok(()),
    }
}

/// The account that the session which a child gets must be in.
///
/// A provider that assumes the doer is handed the hub, which may be anywhere; and where nobody names
/// a doer, a provider that goes on to a role of its own does so from anywhere, too.
fn account_to_prove(unit: &UnitClaims, doer: &DoerReason) -> Option<FolderAccount> {
    let proves = match doer {
        DoerReason::Claimed(_) | DoerReason::IsTheHub(_) | DoerReason::AfterOutputs(_) => true,
        DoerReason::NobodyNamedOne => unit.provider_roles.is_empty(),
        DoerReason::ProviderAssumes { .. } => false,
    };
    unit.account.clone().filter(|_| proves)
}

/// Within an account a role's name is unique, whatever its path and its letters' case.
fn same(one: &RoleArn, other: &RoleArn) -> bool {
    one.account() == other.account() && one.name().eq_ignore_ascii_case(other.name())
}

fn is_role_of(chain: &RoleChain, role: &RoleArn) -> bool {
    chain.role().is_some_and(|last| same(last, role))
}

impl BackendRole {
    fn assumption(&self, options: &RoleOptions) -> Assumption {
        Assumption {
            role: self.role.clone(),
            session_name: self
                .session_name
                .clone()
                .unwrap_or_else(|| options.session_name.clone()),
            duration: self.duration.unwrap_or(options.duration),
            external_id: self
                .external_id
                .clone()
                .or_else(|| options.external_id_of(&self.role)),
            web_identity_token: None,
            limits: self.limits.clone(),
        }
    }
}

impl Acting {
    pub fn chain(&self) -> Option<&RoleChain> {
        match self {
            Self::As(chain) => Some(chain),
            Self::AfterOutputs(_) => None,
        }
    }
}

impl Identity {
    /// The same roles from another beginning than whoever terrane was started as.
    #[must_use]
    pub fn begun_from(self, beginning: &RoleChain) -> Self {
        let acting = |acting: Acting| match acting {
            Acting::As(chain) => Acting::As(chain.begun_from(beginning)),
            Acting::AfterOutputs(source) => Acting::AfterOutputs(source),
        };
        Self {
            hub: self.hub.begun_from(beginning),
            doer: acting(self.doer),
            state_management: acting(self.state_management),
            ..self
        }
    }

    /// Nothing is assumed by terrane: a child runs in the caller's own environment, as it would
    /// under Terragrunt.
    pub fn assumes_nothing(&self) -> bool {
        let base = |acting: &Acting| matches!(acting, Acting::As(chain) if chain.role().is_none());
        base(&self.doer) && self.backend == BackendAccess::AsWritten
    }
}

impl WrongAccount {
    pub const SUMMARY: &str = "Role of another account";

    /// What to do, for the end of a message.
    pub fn help(&self) -> String {
        format!(
            "name a role of {} in {}, or correct {}",
            self.folder.account, self.claimed_by, self.folder.place
        )
    }
}

impl fmt::Display for WrongAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            folder,
            role,
            claimed_by,
        } = self;
        write!(
            f,
            "this unit would run in {}, by {role} of {claimed_by}, but its folder {} is {} by {}",
            role.account(),
            folder.folder,
            folder.account,
            folder.place
        )
    }
}

impl std::error::Error for WrongAccount {}
