//! Who acts for a unit: what its files say, joined with flags, variables and `terrane.hcl`.

use std::fmt;

use terrane_hcl::Diagnostics;

use super::aws_access::AwsAccess;
use super::exit::CommandError;
use crate::config::Unit;
use crate::identity::{Identity, ProviderRole, RoleOptions, UnitClaims, WrongAccount, resolve};
use crate::model::Purpose;
use crate::run::claims::claims_at_load;

/// Who acts for a unit: when it is looked at, and when it is changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Actors {
    pub(super) plan: Identity,
    pub(super) apply: Identity,
}

/// Why it cannot be told who acts for a unit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum NoActors {
    /// Its backend says something that cannot be.
    Backend(Diagnostics),
    WrongAccount(Box<WrongAccount>),
}

impl Actors {
    /// Both of a unit. Needs the facts `ROLES`, `STATE` and `ACCOUNT` of the load.
    pub(super) fn of(
        unit: &Unit,
        provider_roles: Vec<ProviderRole>,
        roles: &RoleOptions,
    ) -> Result<Self, NoActors> {
        let claims = claims_at_load(unit).map_err(NoActors::Backend)?;
        let claims = UnitClaims {
            provider_roles,
            ..claims
        };
        let when = |purpose| {
            let roles = RoleOptions {
                purpose,
                ..roles.clone()
            };
            resolve(&claims, &roles).map_err(NoActors::WrongAccount)
        };
        Ok(Self {
            plan: when(Purpose::Plan)?,
            apply: when(Purpose::Apply)?,
        })
    }

    /// Whoever plans applies as well.
    pub(super) fn are_one(&self) -> bool {
        self.plan.doer == self.apply.doer
    }
}

impl fmt::Display for NoActors {
    /// In one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Backend(problems) => match problems.iter().next() {
                Some(first) => f.write_str(&first.detail),
                None => f.write_str("its backend cannot be used"),
            },
            Self::WrongAccount(wrong) => wrong.fmt(f),
        }
    }
}

impl From<NoActors> for CommandError {
    fn from(error: NoActors) -> Self {
        match error {
            NoActors::Backend(problems) => problems.into(),
            NoActors::WrongAccount(wrong) => wrong.into(),
        }
    }
}

impl AwsAccess<'_> {
    /// Resolves who acts for a unit as its configuration says. Needs the facts `ROLES`, `STATE` and
    /// `ACCOUNT` of the load. Provider blocks are not looked at.
    pub(super) fn identity_of(&self, unit: &Unit) -> Result<Identity, CommandError> {
        let claims = claims_at_load(unit)?;
        Ok(resolve(&claims, self.roles()?)?)
    }
}
