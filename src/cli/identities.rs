//! Who acts for a unit: what its files say, joined with flags, variables and `terrane.hcl`.

use serde_json::{Map, Value as Json};
use terrane_hcl::{Diagnostic, Diagnostics};

use super::aws_access::AwsAccess;
use super::exit::CommandError;
use crate::config::{KnownState, StateFact, Unit, place_of};
use crate::identity::{BackendRole, FolderAccount, Identity, UnitClaims, resolve};
use crate::model::StateLocation;

impl AwsAccess<'_> {
    /// Resolves who acts for a unit. Needs the facts `ROLES`, `STATE` and `ACCOUNT` of the load.
    pub(super) fn identity_of(&self, unit: &Unit) -> Result<Identity, CommandError> {
        let claims = claims_of(unit)?;
        Ok(resolve(&claims, self.roles()?)?)
    }
}

/// What the files say about who acts. Provider blocks of the module's code are not among it.
pub(super) fn claims_of(unit: &Unit) -> Result<UnitClaims, Diagnostics> {
    let state = match &unit.state {
        StateFact::Known(state) => Some(state.as_ref()),
        StateFact::NotRead
        | StateFact::NotDeclared
        | StateFact::AfterOutputs(_)
        | StateFact::Broken => None,
    };
    Ok(UnitClaims {
        claims: unit.role_claims.clone(),
        backend_role: state.map(backend_role).transpose()?.flatten(),
        backend_profile: state.and_then(|state| match &state.location {
            StateLocation::S3(s3) => s3.profile.clone(),
            StateLocation::Other { .. } => None,
        }),
        provider_roles: Vec::new(),
        account: unit.account.as_ref().map(|account| FolderAccount {
            folder: account.name.clone(),
            account: account.id,
            place: account.place.clone(),
        }),
    })
}

/// The role that an S3 backend names for itself.
fn backend_role(state: &KnownState) -> Result<Option<BackendRole>, Diagnostics> {
    let place = &state.remote_state.place;
    let wrong = |problem: String| -> Diagnostics {
        Diagnostic::error("Unusable backend")
            .detail(problem)
            .at(&place.source, place.span)
            .into()
    };
    if !matches!(state.location, StateLocation::S3(_)) {
        return Ok(None);
    }
    let mut arguments = Map::new();
    for (name, value) in &state.remote_state.config {
        let text = value
            .to_json()
            .map_err(|error| wrong(format!("{name}: {error}")))?;
        let json: Json = serde_json::from_str(&text).expect("the language writes JSON");
        arguments.insert(name.clone(), json);
    }
    BackendRole::from_backend(&arguments, Some(place_of(place)))
        .map_err(|error| wrong(error.to_string()))
}
