//! Saved plans: where they lie, and the same as JSON.

use camino::Utf8PathBuf;

use super::UnitRunner;
use super::refusals;
use super::workplace::{Subject, Workplace};
use crate::run::outcome::Failure;
use crate::run::work_dir::{make_folder_for, write_plan_as_json};
use crate::terraform::command::TerraformCommand;
use crate::terraform::invocation::{Additions, json_plan_file, passing_plan_file, plan_file};

impl UnitRunner<'_> {
    /// Where this unit's plan is written to, or lies. For an apply only where there is one.
    pub(super) fn plan_file(
        &self,
        subject: &Subject<'_>,
        workplace: &Workplace,
    ) -> Result<Option<Utf8PathBuf>, Failure> {
        let plans = &self.settings.plans;
        let unit = self.estate.shown(&subject.unit.folder);
        let kept = plans.binary.as_ref().map(|folder| plan_file(folder, &unit));
        Ok(match self.settings.command.name() {
            "plan" => {
                if let Some(file) = &kept {
                    make_folder_for(file).map_err(refusals::work_dir)?;
                }
                kept.or_else(|| {
                    let json = plans.json.as_ref();
                    json.map(|_| passing_plan_file(workplace.dir.folder()))
                })
            }
            "apply" | "destroy" | "show" => kept.filter(|file| file.is_file()),
            _ => None,
        })
    }

    /// Writes the plan that was just made as JSON, where that is wanted.
    pub(super) async fn keep_plan_as_json(
        &self,
        subject: &Subject<'_>,
        workplace: &Workplace,
    ) -> Result<(), Failure> {
        let Some(folder) = &self.settings.plans.json else {
            return Ok(());
        };
        let plan = self.plan_file(subject, workplace)?;
        let Some(plan) = plan.filter(|_| self.settings.command.name() == "plan") else {
            return Ok(());
        };
        let show = TerraformCommand::show_plan(plan.as_str());
        let additions = Additions::default();
        let child = self
            .engine_child(subject, workplace, &show, &additions, &["show"])
            .await?;
        let file = json_plan_file(folder, &self.estate.shown(&subject.unit.folder));
        let answer = self.answer(&child).await;
        let answer = answer.map_err(|reason| Failure::WorkDir {
            path: file.clone(),
            reason,
        })?;
        write_plan_as_json(&file, &answer.stdout).map_err(refusals::work_dir)
    }
}
