//! `init`, where a unit's folder needs one.

use super::UnitRunner;
use super::child::{Audience, arguments};
use super::hooks::Moment;
use super::refusals;
use super::workplace::{Subject, Workplace};
use crate::run::attend::StdoutLines;
use crate::run::event::Step;
use crate::run::outcome::Failure;
use crate::source::overrides::Extent;
use crate::terraform::command::TerraformCommand;
use crate::terraform::init::{BackendChange, InitFacts, InitPlan, InitRecord, reason};
use crate::terraform::invocation::Additions;

impl UnitRunner<'_> {
    /// Initialises the folder where the run's command needs it.
    pub(super) async fn initialise(
        &self,
        audience: Option<&Audience<'_>>,
        subject: &Subject<'_>,
        workplace: &Workplace,
    ) -> Result<(), Failure> {
        let command = &self.settings.command;
        // A command that informs only needs no init; the outputs that it is asked for do.
        let command = match audience {
            Some(_) => command.clone(),
            None => TerraformCommand::named("output"),
        };
        let backend = backend_change(workplace);
        if !self.settings.automatic.init || !self.is_needed(&command, subject, workplace, backend) {
            return Ok(());
        }
        let reconfigure = backend == BackendChange::IdentityOnly;
        let additions = self.init_additions(workplace, reconfigure);
        let init = self.init_command();
        if let Some(audience) = audience {
            audience.handle.step(Step::Initialising);
            let before = Moment::before("init");
            self.hooks(audience, subject, before, Some(workplace))
                .await?;
        }
        workplace.dir.init_begins().map_err(refusals::work_dir)?;
        let commands = [command.name(), "init"];
        let child = self
            .engine_child(subject, workplace, &init, &additions, &commands)
            .await?;
        let Some(audience) = audience else {
            let answer = self.answer(&child).await;
            answer.map_err(|reason| Failure::WorkDir {
                path: workplace.dir.folder().to_owned(),
                reason,
            })?;
            return self.note_init(subject, workplace);
        };
        let words = audience.words.next("init");
        // Among the words of many units nobody looks for those of an init that went well.
        let stdout = match self.settings.extent {
            Extent::One => StdoutLines::Told,
            Extent::Many => StdoutLines::Suppressed,
        };
        let attended = Self::attended(audience.handle, &child, words, stdout, |_| {});
        let attended = attended.await?;
        let checked = attended.checked(audience.handle, &child.typed, Failure::Init);
        let after = Moment::after("init", checked.is_err());
        let after = self.hooks(audience, subject, after, Some(workplace)).await;
        checked?;
        self.note_init(subject, workplace)?;
        workplace.bring_lock_file_back(subject)?;
        after
    }

    /// Remembers an init that went well.
    pub(super) fn note_init(
        &self,
        subject: &Subject<'_>,
        workplace: &Workplace,
    ) -> Result<(), Failure> {
        let record = InitRecord {
            plan: self.init_plan(subject, workplace),
            left: workplace.dir.traces(&workplace.data_folder),
        };
        let noted = workplace.dir.init_went_well(&record);
        noted.map_err(refusals::work_dir)
    }

    fn is_needed(
        &self,
        command: &TerraformCommand,
        subject: &Subject<'_>,
        workplace: &Workplace,
        backend: BackendChange,
    ) -> bool {
        let dir = &workplace.dir;
        let last = dir.last_init();
        let facts = InitFacts {
            is_required: dir.requires_init(),
            backend,
            there: &dir.traces(&workplace.data_folder),
            last: last.as_ref(),
            planned: &self.init_plan(subject, workplace),
            uses_modules: workplace.code.uses_modules,
        };
        reason(command, &facts).is_some()
    }

    /// What an init would be now. Whether somebody can be asked changes nothing about what it leaves.
    fn init_plan(&self, subject: &Subject<'_>, workplace: &Workplace) -> InitPlan {
        let additions = Additions {
            for_many: false,
            ..self.init_additions(workplace, false)
        };
        let init = self.init_command();
        let arguments = arguments(subject, workplace, &init, &additions);
        InitPlan::new(subject.engine.engine.kind, &arguments)
    }

    fn init_command(&self) -> TerraformCommand {
        let flags = self.settings.own_flags.iter();
        flags.fold(TerraformCommand::named("init"), |init, flag| {
            init.with_flag(flag.as_str())
        })
    }

    fn init_additions(&self, workplace: &Workplace, reconfigure: bool) -> Additions {
        Additions {
            for_many: self.settings.extent == Extent::Many,
            backend: workplace.backend.arguments.clone(),
            reconfigure,
            ..Additions::default()
        }
    }
}

/// How the backend differs from the one that the folder was initialised for.
fn backend_change(workplace: &Workplace) -> BackendChange {
    let before = workplace.dir.initialised_backend(&workplace.data_folder);
    match (before, &workplace.backend.expected) {
        (Some(before), Some((now, extent))) => before.change_to(now, *extent),
        (None, _) | (_, None) => BackendChange::None,
    }
}
