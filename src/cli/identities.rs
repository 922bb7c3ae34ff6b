//! Who acts for a unit: what its files say, joined with flags, variables and `terrane.hcl`.

use super::aws_access::AwsAccess;
use super::exit::CommandError;
use crate::config::Unit;
use crate::identity::{Identity, resolve};
use crate::run::claims::claims_at_load;

impl AwsAccess<'_> {
    /// Resolves who acts for a unit as its configuration says. Needs the facts `ROLES`, `STATE` and
    /// `ACCOUNT` of the load. Provider blocks are not looked at.
    pub(super) fn identity_of(&self, unit: &Unit) -> Result<Identity, CommandError> {
        let claims = claims_at_load(unit)?;
        Ok(resolve(&claims, self.roles()?)?)
    }
}
