//! Who acts for a unit: its claims brought together, and what its children are granted.

use terrane_hcl::{Diagnostic, Diagnostics};

use super::UnitRunner;
use super::refusals;
use crate::aws::{Grant, GrantError, GrantRequest};
use crate::config::{KnownState, StateFact, Unit};
use crate::identity::{Acting, BackendAccess, Identity, RoleOptions, UnitClaims, resolve};
use crate::model::prepared::RemoteState;
use crate::model::{Place, RoleChain, RoleClaim, StateLocation};
use crate::run::claims::{claims_at_load, claims_of, provider_role};
use crate::run::outcome::Failure;
use crate::run::work_dir::WorkDir;
use crate::terraform::module_code::ModuleCode;

/// What a child does with the backend.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum BackendUse {
    /// It reads or writes the state.
    Opens,
    /// It never asks for it, and so gets no way to it.
    LeavesAlone,
}

/// Who acts for a unit as far as its configuration says.
pub(super) fn identity_of(
    unit: &Unit,
    claims: &[RoleClaim],
    remote_state: Option<&RemoteState>,
    options: &RoleOptions,
) -> Result<Identity, Failure> {
    resolved(claims_of(unit, claims, remote_state), options)
}

/// Who acts for a unit whose code lies in its working folder: provider blocks have a say in it.
pub(super) fn identity_with_code(
    unit: &Unit,
    claims: &[RoleClaim],
    remote_state: Option<&RemoteState>,
    (dir, code): (&WorkDir, &ModuleCode),
    options: &RoleOptions,
) -> Result<Identity, Failure> {
    let claims = claims_of(unit, claims, remote_state).map(|claims| {
        let providers = code.assuming_providers.iter().map(|provider| {
            let place = Place {
                file: dir.folder().join(&provider.file),
                line: provider.line,
            };
            provider_role(provider, place)
        });
        UnitClaims {
            provider_roles: providers.collect(),
            ..claims
        }
    });
    resolved(claims, options)
}

fn resolved(
    claims: Result<UnitClaims, Diagnostics>,
    options: &RoleOptions,
) -> Result<Identity, Failure> {
    let claims = claims.map_err(|problems| Failure::Evaluate {
        diagnostics: problems.into_iter().collect(),
    })?;
    resolve(&claims, options).map_err(|wrong| refusals::wrong_account(&wrong))
}

/// Where the state of a unit lies, and by whose identity it is read, where both can be known.
pub(super) fn state_reader<'u>(
    unit: &'u Unit,
    options: &RoleOptions,
    beginning: &RoleChain,
) -> Result<Option<(&'u StateLocation, RoleChain, Identity)>, Failure> {
    let StateFact::Known(state) = &unit.state else {
        return Ok(None);
    };
    let KnownState { location, .. } = state.as_ref();
    let identity = resolved(claims_at_load(unit), options)?.begun_from(beginning);
    Ok(match identity.state_management.clone() {
        Acting::As(chain) => Some((location, chain, identity)),
        Acting::AfterOutputs(_) => None,
    })
}

impl UnitRunner<'_> {
    /// What a child may ask credentials with; nothing where terrane assumes nothing for the unit.
    pub(super) async fn grant(
        &self,
        unit: &Unit,
        identity: &Identity,
        code: Option<&ModuleCode>,
        backend: BackendUse,
    ) -> Result<Option<Grant>, Failure> {
        if identity.assumes_nothing() {
            return Ok(None);
        }
        let doer = known(&identity.doer)?;
        let opens = backend == BackendUse::Opens;
        let through_profile = identity.backend == BackendAccess::ThroughProfile;
        let state_management = (opens && through_profile)
            .then(|| known(&identity.state_management).cloned())
            .transpose()?;
        let block = code.and_then(|code| code.backend.as_ref());
        let keeps_its_role = block.is_some_and(|block| block.assumes_role);
        let request = GrantRequest {
            unit: unit.path.to_string(),
            doer: doer.clone(),
            account: identity.account.as_ref().map(|account| account.account),
            state_management,
            hub: (opens && keeps_its_role).then(|| identity.hub.clone()),
            region: None,
            delivery: self.settings.credentials,
        };
        let granted = self.broker()?.grant(request).await;
        granted.map(Some).map_err(|error| match error {
            GrantError::Session(error) => {
                let (estate, roles) = (self.estate, &self.settings.roles);
                refusals::no_session(estate, roles, identity, &error)
            }
            GrantError::Configuration(reason) => Failure::WorkDir {
                path: self.world.words.clone(),
                reason,
            },
        })
    }
}

/// Whether the backend is reached by a profile of terrane's: a state role stands beside a doer, or
/// a block that was written by hand would assume its role as the doer.
pub(super) fn uses_stand_in(
    identity: &Identity,
    remote_state: Option<&RemoteState>,
    code: Option<&ModuleCode>,
) -> bool {
    let by_hand = remote_state.is_none_or(|state| state.generate.is_none());
    let block = code.and_then(|code| code.backend.as_ref());
    let assumes_role = by_hand && block.is_some_and(|block| block.assumes_role);
    let doer_is_the_hub = identity.doer == Acting::As(identity.hub.clone());
    identity.backend == BackendAccess::ThroughProfile || (assumes_role && !doer_is_the_hub)
}

fn known(acting: &Acting) -> Result<&RoleChain, Failure> {
    acting.chain().ok_or_else(|| Failure::Evaluate {
        diagnostics: vec![
            Diagnostic::error("Role is not known")
                .detail("The unit's role is an output of another unit, which has none by now."),
        ],
    })
}
