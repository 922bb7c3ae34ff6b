//! What a unit is given by the program that the user names for it: variables, and an identity to
//! begin from.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::rc::Rc;

use camino::Utf8Path;

use super::UnitRunner;
use crate::aws::Provided;
use crate::config::Unit;
use crate::model::RoleChain;
use crate::run::outcome::Failure;

impl UnitRunner<'_> {
    /// What the unit in that folder is given; the program is asked once in a run.
    pub(super) async fn provided(
        &self,
        folder: &Utf8Path,
    ) -> Result<Option<Rc<Provided>>, Failure> {
        let Some(provide) = self.world.provide else {
            return Ok(None);
        };
        let cell = {
            let mut provided = self.provided.borrow_mut();
            Rc::clone(provided.entry(folder.to_owned()).or_default())
        };
        let asked = cell.get_or_try_init(async || provide(folder.to_owned()).await.map(Rc::new));
        asked.await.cloned().map(Some)
    }

    /// Whom the unit's roles are assumed from.
    pub(super) async fn beginning(&self, unit: &Unit) -> Result<RoleChain, Failure> {
        let provided = self.provided(&unit.folder).await?;
        Ok(provided.map_or_else(RoleChain::base, |provided| provided.chain()))
    }

    /// The environment that the unit's children would have if terrane gave them nothing. Without a
    /// grant the keys that the unit is given are among it.
    pub(super) async fn environment_of(
        &self,
        unit: &Unit,
        has_grant: bool,
    ) -> Result<Cow<'_, BTreeMap<OsString, OsString>>, Failure> {
        let environment = self.world.environment;
        let Some(provided) = self.provided(&unit.folder).await? else {
            return Ok(Cow::Borrowed(environment));
        };
        let mut environment = environment.clone();
        provided.add_to(&mut environment, has_grant);
        Ok(Cow::Owned(environment))
    }
}
