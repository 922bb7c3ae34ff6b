//! Mocks are for looking: what may keep its values gets none, unless a block's own list says so.

use camino::{Utf8Path, Utf8PathBuf};

use super::UnitRunner;
use super::child::ReadyChild;
use super::workplace::Subject;
use crate::config::{MocksGiven, Ready};
use crate::model::UnitPath;
use crate::run::mocked_plan::{PlanInTheMaking, mocks_in};
use crate::run::outcome::{Failure, MockingBlock, MocksInApply};
use crate::terraform::invocation::saved_plan_of;

impl UnitRunner<'_> {
    /// Refuses a command that may keep the values it is given, where some are made of mocks.
    pub(super) fn refuse_mocks(&self, ready: &Ready) -> Result<(), Failure> {
        let command = &self.estate.options().command;
        let mocks = self.unlisted_mocks(&ready.prepared.made_of_mocks, &ready.mocks, command);
        match mocks {
            Some(mocks) if self.settings.command.may_keep_values() => {
                Err(Failure::MocksInApply(Box::new(mocks)))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Notes what mocks are in a plan that is to be saved, before it is made.
    pub(super) fn begin_plan(
        &self,
        subject: &Subject<'_>,
        child: &ReadyChild,
    ) -> Result<Option<PlanInTheMaking>, Failure> {
        let file = self.file_of("plan", child);
        // What lies there may be a device, which keeps nothing.
        let Some(file) = file.filter(|file| file.is_file() || !file.exists()) else {
            return Ok(None);
        };
        let made_of_mocks = &subject.prepared.made_of_mocks;
        let mocks = self.unlisted_mocks(made_of_mocks, subject.mocks, "apply");
        let making = PlanInTheMaking::begin(file.clone(), mocks.as_ref());
        making.map(Some).map_err(|error| note_failed(&file, &error))
    }

    /// Refuses to apply a plan that was made with mocks.
    pub(super) fn refuse_plan_of_mocks(&self, child: &ReadyChild) -> Result<(), Failure> {
        let Some(plan) = self.file_of("apply", child) else {
            return Ok(());
        };
        match mocks_in(&plan, "apply") {
            Ok(None) => Ok(()),
            Ok(Some(mocks)) => Err(Failure::MocksInApply(Box::new(mocks))),
            Err(error) => Err(note_failed(&plan, &error)),
        }
    }

    /// The saved plan that a command of this name writes or takes.
    fn file_of(&self, command: &str, child: &ReadyChild) -> Option<Utf8PathBuf> {
        if self.settings.command.name() != command {
            return None;
        }
        let words = child.program.args.iter();
        let words: Vec<&str> = words.filter_map(|word| word.to_str()).collect();
        saved_plan_of(&words, &child.program.folder, Utf8Path::is_file)
    }

    /// The mocks in what the engine would be given, but those of blocks that list the command.
    fn unlisted_mocks(
        &self,
        values: &[String],
        given: &[MocksGiven],
        command: &str,
    ) -> Option<MocksInApply> {
        let is_unlisted = |mocks: &&MocksGiven| mocks.commands.iter().all(|name| name != command);
        let blocks: Vec<MockingBlock> = given
            .iter()
            .filter(is_unlisted)
            .map(|mocks| self.block_of(mocks))
            .collect();
        if values.is_empty() || blocks.is_empty() {
            return None;
        }
        Some(MocksInApply {
            command: command.to_owned(),
            values: values.to_vec(),
            blocks,
            plan: None,
        })
    }

    fn block_of(&self, mocks: &MocksGiven) -> MockingBlock {
        let known = self.estate.unit_in(&mocks.named);
        let upstream = match known {
            Some(unit) => self.estate.unit(unit).path.clone(),
            None => UnitPath::new(&self.estate.shown(&mocks.named)),
        };
        MockingBlock {
            upstream,
            place: mocks.place.clone(),
            outputs_are_read: mocks.outputs_are_read,
        }
    }
}

/// Notes what became of a plan that was to be saved.
pub(super) fn end_of_plan(making: PlanInTheMaking) -> Result<(), Failure> {
    let file = making.file().to_owned();
    making.end().map_err(|error| note_failed(&file, &error))
}

/// Whether a plan was made with mocks cannot be known.
fn note_failed(plan: &Utf8Path, error: &std::io::Error) -> Failure {
    Failure::WorkDir {
        path: plan.to_owned(),
        reason: format!("the note of the mocks in it: {error}"),
    }
}
