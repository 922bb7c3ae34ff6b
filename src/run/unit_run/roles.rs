//! Who acts for a unit: its claims brought together, and what its children are granted.

use serde_json::{Map, Value as Json};
use terrane_hcl::Diagnostic;

use super::UnitRunner;
use super::refusals;
use crate::aws::{Grant, GrantError, GrantRequest};
use crate::config::{AccountFolder, KnownState, StateFact, Unit};
use crate::identity::{
    Acting, BackendAccess, BackendRole, FolderAccount, Identity, ProviderRole, RoleOptions,
    UnitClaims, resolve,
};
use crate::model::prepared::RemoteState;
use crate::model::{Place, RoleChain, RoleClaim, StateLocation};
use crate::run::outcome::Failure;
use crate::terraform::module_code::ModuleCode;

/// What a child does with the backend.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum BackendUse {
    /// It reads or writes the state.
    Opens,
    /// It never asks for it, and so gets no way to it.
    LeavesAlone,
}

/// Who acts for a unit as its files say it before any output is known.
pub fn identity_at_load(unit: &Unit, options: &RoleOptions) -> Result<Identity, Failure> {
    let remote_state = match &unit.state {
        StateFact::Known(state) => Some(&state.remote_state),
        StateFact::NotRead
        | StateFact::NotDeclared
        | StateFact::AfterOutputs(_)
        | StateFact::Broken => None,
    };
    identity_of(unit, &unit.role_claims, remote_state, None, options)
}

/// Who acts for a unit.
pub(super) fn identity_of(
    unit: &Unit,
    claims: &[RoleClaim],
    remote_state: Option<&RemoteState>,
    code: Option<&ModuleCode>,
    options: &RoleOptions,
) -> Result<Identity, Failure> {
    let arguments = remote_state.filter(|state| state.backend == "s3");
    let arguments = arguments.map(arguments_of).transpose()?;
    let backend_role = match (&arguments, remote_state) {
        (Some(arguments), Some(state)) => {
            let place = Some(crate::config::place_of(&state.place));
            BackendRole::from_backend(arguments, place)
                .map_err(|error| wrong_backend(state, &error.to_string()))?
        }
        _ => None,
    };
    let profile = arguments.as_ref().and_then(|all| all.get("profile"));
    let profile = profile
        .and_then(Json::as_str)
        .filter(|name| !name.is_empty());
    let unit_claims = UnitClaims {
        claims: claims.to_vec(),
        backend_role,
        backend_profile: profile.map(str::to_owned),
        provider_roles: code
            .map(|code| provider_roles(unit, code))
            .unwrap_or_default(),
        account: unit.account.as_ref().map(folder_account),
    };
    resolve(&unit_claims, options).map_err(|wrong| refusals::wrong_account(&wrong))
}

/// Where the state of a unit lies, and by whose identity it is read, where both can be known.
pub(super) fn state_reader<'u>(
    unit: &'u Unit,
    options: &RoleOptions,
) -> Result<Option<(&'u StateLocation, RoleChain, Identity)>, Failure> {
    let StateFact::Known(state) = &unit.state else {
        return Ok(None);
    };
    let KnownState { location, .. } = state.as_ref();
    let identity = identity_at_load(unit, options)?;
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

fn arguments_of(state: &RemoteState) -> Result<Map<String, Json>, Failure> {
    let mut arguments = Map::new();
    for (name, value) in &state.config {
        let text = value
            .to_json()
            .map_err(|error| wrong_backend(state, &format!("{name}: {error}")))?;
        let json = serde_json::from_str(&text).expect("it was written as JSON just now");
        arguments.insert(name.clone(), json);
    }
    Ok(arguments)
}

fn wrong_backend(state: &RemoteState, problem: &str) -> Failure {
    let place = &state.place;
    Failure::Evaluate {
        diagnostics: vec![
            Diagnostic::error("Unusable backend")
                .detail(format!("{problem}."))
                .at(&place.source, place.span),
        ],
    }
}

fn provider_roles(unit: &Unit, code: &ModuleCode) -> Vec<ProviderRole> {
    let providers = code.assuming_providers.iter();
    let roles = providers.map(|provider| ProviderRole {
        role: provider.role.as_ref().and_then(|role| role.parse().ok()),
        place: Place {
            file: unit.folder.join(&provider.file),
            line: provider.line,
        },
    });
    roles.collect()
}

fn folder_account(account: &AccountFolder) -> FolderAccount {
    FolderAccount {
        folder: account.name.clone(),
        account: account.id,
        place: account.place.clone(),
    }
}
