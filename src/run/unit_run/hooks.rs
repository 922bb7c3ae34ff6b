//! Hooks: programs around the commands of a unit.

use std::ffi::OsString;

use camino::Utf8Path;

use super::UnitRunner;
use super::child::{Audience, environment, folder_for};
use super::roles::BackendUse;
use super::words;
use super::workplace::{Subject, Workplace};
use crate::config::place_of;
use crate::model::prepared::Hook;
use crate::process::Program;
use crate::run::attend::{Errand, StdoutLines, attend};
use crate::run::event::Step;
use crate::run::outcome::{Failure, HookFailed};
use crate::terraform::environment::hook_variables;
use crate::terraform::invocation::{error_hooks_for, hooks_for};

/// What hooks call the moment when a unit's files have been read.
const READING: &str = "terragrunt-read-config";
/// What they call the fetching of its source.
pub(super) const FETCHING: &str = "init-from-module";

/// When hooks run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment<'a> {
    command: &'a str,
    which: Which,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Which {
    Before,
    /// Those with `run_on_error` alone, where something has failed.
    After {
        failed: bool,
    },
}

/// A hook of any kind, ready to run.
struct HookCall<'a> {
    label: &'a str,
    execute: &'a [String],
    working_dir: Option<&'a Utf8Path>,
    suppress_stdout: bool,
    place: &'a terrane_hcl::Location,
    command: &'a str,
}

impl<'a> Moment<'a> {
    pub(super) fn before(command: &'a str) -> Self {
        Self {
            command,
            which: Which::Before,
        }
    }

    pub(super) fn after(command: &'a str, failed: bool) -> Self {
        Self {
            command,
            which: Which::After { failed },
        }
    }
}

impl UnitRunner<'_> {
    /// The hooks for when the files have been read.
    pub(super) async fn after_reading(
        &self,
        audience: &Audience<'_>,
        subject: &Subject<'_>,
    ) -> Result<(), Failure> {
        let moment = Moment::after(READING, false);
        self.hooks(audience, subject, moment, None).await
    }

    /// Runs the hooks of a moment, in their order. After one has failed only those with
    /// `run_on_error` still run; the first failure is the one that counts.
    pub(super) async fn hooks(
        &self,
        audience: &Audience<'_>,
        subject: &Subject<'_>,
        moment: Moment<'_>,
        workplace: Option<&Workplace>,
    ) -> Result<(), Failure> {
        let terraform = &subject.prepared.terraform;
        let (hooks, mut failed) = match moment.which {
            Which::Before => (&terraform.before_hooks, false),
            Which::After { failed } => (&terraform.after_hooks, failed),
        };
        if !self.settings.automatic.hooks {
            return Ok(());
        }
        let mut first = Ok(());
        for hook in hooks_for(hooks, moment.command) {
            if failed && !hook.run_on_error {
                continue;
            }
            let call = HookCall::of(hook, moment.command);
            let done = self.hook(audience, subject, &call, workplace).await;
            failed |= done.is_err();
            first = first.and(done);
        }
        first
    }

    /// The hooks that are meant for this failure, by its words. What becomes of them changes
    /// nothing about it.
    pub(super) async fn error_hooks(
        &self,
        audience: &Audience<'_>,
        subject: &Subject<'_>,
        workplace: &Workplace,
        failure: &Failure,
    ) {
        let command = self.settings.command.name();
        let Some(error) = words::error_text(failure).filter(|_| self.settings.automatic.hooks)
        else {
            return;
        };
        let hooks = &subject.prepared.terraform.error_hooks;
        for hook in error_hooks_for(hooks, command) {
            match error.matches_any(&hook.label, &hook.on_errors, &self.error_patterns) {
                Ok(false) => continue,
                Ok(true) => {}
                Err(bad) => {
                    (self.world.warn)(format!("{}: {bad}", subject.unit.path));
                    continue;
                }
            }
            let call = HookCall {
                label: &hook.label,
                execute: &hook.execute,
                working_dir: hook.working_dir.as_deref(),
                suppress_stdout: hook.suppress_stdout,
                place: &hook.place,
                command,
            };
            if self
                .hook(audience, subject, &call, Some(workplace))
                .await
                .is_err()
            {
                let unit = &subject.unit.path;
                (self.world.warn)(format!("{unit}: the error hook {} failed, too", hook.label));
            }
        }
    }

    async fn hook(
        &self,
        audience: &Audience<'_>,
        subject: &Subject<'_>,
        call: &HookCall<'_>,
        workplace: Option<&Workplace>,
    ) -> Result<(), Failure> {
        let handle = audience.handle;
        let before = handle.current_step();
        handle.step(Step::RunningHook {
            name: call.label.to_owned(),
        });
        let done = self.run_hook(audience, subject, call, workplace).await;
        handle.step(before);
        done
    }

    async fn run_hook(
        &self,
        audience: &Audience<'_>,
        subject: &Subject<'_>,
        call: &HookCall<'_>,
        workplace: Option<&Workplace>,
    ) -> Result<(), Failure> {
        let code = workplace.map(|place| &place.code);
        let commands = [call.command];
        let mut world = self
            .child_world(subject, code, &commands, BackendUse::LeavesAlone)
            .await?;
        let engine = &subject.engine.found.name;
        for (name, value) in hook_variables(engine, call.command, call.label) {
            world.variables.insert(name.into(), value.into());
        }
        let folder = &subject.unit.folder;
        let usual = workplace.map_or(folder.as_path(), |place| place.dir.folder());
        let (program, arguments) = call
            .execute
            .split_first()
            .expect("a hook without a program is refused when it is read");
        let program = Program {
            executable: program.into(),
            args: arguments.iter().map(OsString::from).collect(),
            folder: folder_for(call.working_dir, folder, usual),
            environment: environment(world.variables),
        };
        let errand = Errand {
            program: &program,
            words: audience.words.next(&format!("hook-{}", call.label)),
            time_limit: None,
            grant: world.grant.as_ref(),
            stdout: if call.suppress_stdout {
                StdoutLines::Suppressed
            } else {
                StdoutLines::Told
            },
        };
        let attended = attend(audience.handle, errand, |_| {}).await?;
        let typed = call.execute.join(" ");
        let failed = |failed: Box<_>| {
            Failure::Hook(Box::new(HookFailed {
                name: call.label.to_owned(),
                place: Some(place_of(call.place)),
                failed: *failed,
            }))
        };
        attended
            .checked(audience.handle, &typed, failed)
            .map(|_| ())
    }
}

impl<'a> HookCall<'a> {
    fn of(hook: &'a Hook, command: &'a str) -> Self {
        Self {
            label: &hook.label,
            execute: &hook.execute,
            working_dir: hook.working_dir.as_deref(),
            suppress_stdout: hook.suppress_stdout,
            place: &hook.place,
            command,
        }
    }
}
