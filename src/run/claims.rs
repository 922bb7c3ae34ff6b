//! What a unit's files say about who acts, brought from the configuration's words to those of
//! `identity`. The one place where the two siblings meet.
//!
//! It decides nothing: who wins is for [`crate::identity::resolve`]. Provider blocks are not among
//! what it reads, since they stand in the module's code; whoever knows that code adds them.

use serde_json::{Map, Value as Json};
use terrane_hcl::{Diagnostic, Diagnostics};

use crate::config::{AccountFolder, StateFact, Unit, place_of};
use crate::identity::{BackendRole, FolderAccount, ProviderRole, ProviderStart, UnitClaims};
use crate::model::prepared::RemoteState;
use crate::model::{Place, RoleClaim, S3State, StateLocation};
use crate::terraform::module_code::{AssumingProvider, StartsAs};

/// What is known before any output is. Needs the facts `ROLES`, `STATE` and `ACCOUNT` of the load.
pub fn claims_at_load(unit: &Unit) -> Result<UnitClaims, Diagnostics> {
    let remote_state = match &unit.state {
        StateFact::Known(state) => Some(&state.remote_state),
        StateFact::NotRead
        | StateFact::NotDeclared
        | StateFact::AfterOutputs(_)
        | StateFact::Broken => None,
    };
    claims_of(unit, &unit.role_claims, remote_state)
}

/// What is known of a unit with these claims and this `remote_state`, which outputs may have
/// filled in.
pub fn claims_of(
    unit: &Unit,
    claims: &[RoleClaim],
    remote_state: Option<&RemoteState>,
) -> Result<UnitClaims, Diagnostics> {
    let s3 = remote_state.filter(|state| state.backend == "s3");
    let backend = s3.map(Backend::of).transpose()?.unwrap_or_default();
    Ok(UnitClaims {
        folder: unit.folder.clone(),
        claims: claims.to_vec(),
        backend_role: backend.role,
        backend_profile: backend.profile,
        state: backend.state,
        provider_roles: Vec::new(),
        account: unit.account.as_deref().map(folder_account),
    })
}

/// A provider block of the code, where `place` is the line that it begins in.
pub fn provider_role(provider: &AssumingProvider, place: Place) -> ProviderRole {
    let role = |text: &Option<String>| text.as_ref().and_then(|text| text.parse().ok());
    ProviderRole {
        alias: provider.alias.clone(),
        start: match &provider.starts_as {
            StartsAs::Environment => ProviderStart::Environment,
            StartsAs::Profile(name) => ProviderStart::Profile(name.clone()),
            StartsAs::WebIdentity => ProviderStart::WebIdentity,
        },
        roles: provider.roles.iter().map(role).collect(),
        place,
    }
}

/// What an S3 backend says about who opens it.
#[derive(Default)]
struct Backend {
    role: Option<BackendRole>,
    profile: Option<String>,
    state: Option<Box<S3State>>,
}

impl Backend {
    fn of(state: &RemoteState) -> Result<Self, Diagnostics> {
        let arguments = arguments_of(state)?;
        let profile = arguments.get("profile").and_then(Json::as_str);
        let role = BackendRole::from_backend(&arguments, Some(place_of(&state.place)));
        let location = StateLocation::from_backend(&state.backend, &arguments);
        let location = location.map_err(|error| unusable(state, &error.to_string()))?;
        Ok(Self {
            state: match location {
                StateLocation::S3(state) => Some(state),
                StateLocation::Other { .. } => None,
            },
            profile: profile.filter(|name| !name.is_empty()).map(str::to_owned),
            role: role.map_err(|error| unusable(state, &error.to_string()))?,
        })
    }
}

fn arguments_of(state: &RemoteState) -> Result<Map<String, Json>, Diagnostics> {
    let mut arguments = Map::new();
    for (name, value) in &state.config {
        let json = value
            .to_json_value()
            .map_err(|error| unusable(state, &format!("{name}: {error}")))?;
        arguments.insert(name.clone(), json);
    }
    Ok(arguments)
}

fn unusable(state: &RemoteState, problem: &str) -> Diagnostics {
    let place = &state.place;
    Diagnostic::error("Unusable backend")
        .detail(format!("{problem}."))
        .at(&place.source, place.span)
        .into()
}

fn folder_account(account: &AccountFolder) -> FolderAccount {
    FolderAccount {
        folder: account.name.clone(),
        account: account.id,
        place: account.place.clone(),
    }
}
