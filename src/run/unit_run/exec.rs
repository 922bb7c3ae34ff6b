//! A program of the user's own, with what a unit's engine would get: its inputs and its doer.

use super::UnitRunner;
use super::child::{Audience, ReadyChild, environment};
use super::roles::BackendUse;
use super::settings::OwnProgram;
use super::workplace::Subject;
use crate::config::Ready;
use crate::model::Changes;
use crate::process::Program;
use crate::run::attend::StdoutLines;
use crate::run::event::Step;
use crate::run::outcome::Failure;

impl UnitRunner<'_> {
    pub(super) async fn own_program(
        &self,
        audience: &Audience<'_>,
        mut subject: Subject<'_>,
        ready: &Ready,
        own: &OwnProgram,
    ) -> Result<Changes, Failure> {
        let workplace = if own.in_working_folder {
            let workplace = self.fetch(audience, &mut subject, ready).await?;
            self.initialise(Some(audience), &subject, &workplace)
                .await?;
            Some(workplace)
        } else {
            None
        };
        let code = workplace.as_ref().map(|place| &place.code);
        let backend = BackendUse::LeavesAlone;
        let world = self.child_world(&subject, code, &[], backend).await?;
        let unit_folder = &subject.unit.folder;
        let folder = workplace.as_ref().map(|place| place.dir.folder());
        let name = own.executable.to_string_lossy().into_owned();
        let child = ReadyChild {
            program: Program {
                executable: own.executable.clone(),
                args: own.arguments.clone(),
                folder: folder.unwrap_or(unit_folder).to_owned(),
                environment: environment(world.variables),
            },
            grant: world.grant,
            typed: name.clone(),
        };
        audience.handle.step(Step::Running {
            command: name.clone(),
        });
        audience.handle.point_of_no_return()?;
        if self.terminal.is_some() {
            return self.run_on_terminal(audience, &child).await;
        }
        let words = audience.words.next(&name);
        let stdout = StdoutLines::Suppressed;
        let attended = Self::attended(audience.handle, &child, words, stdout, |_| {});
        let attended = attended.await?;
        (self.world.take_data)(&attended.words.stdout);
        let checked = attended.checked(audience.handle, &name, Failure::Command);
        checked.map(|_| Changes::Unknown)
    }
}
