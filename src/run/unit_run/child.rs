//! One child of a unit: its words, its environment, its grant; started, attended, ended.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use futures_util::stream::{self, StreamExt as _};
use terrane_hcl::Diagnostic;

use super::UnitRunner;
use super::judge;
use super::mocks::end_of_plan;
use super::refusals;
use super::roles::BackendUse;
use super::words::UnitWords;
use super::workplace::{Subject, Workplace};
use crate::aws::{Grant, GrantedVariables, child_environment};
use crate::model::Changes;
use crate::model::ChildEnd;
use crate::process::{CaptureLimits, Captured, Environment, Program, WordFiles, capture_telling};
use crate::run::attend::{Attended, Errand, StdoutLines, attend, attend_attached};
use crate::run::outcome::Failure;
use crate::run::unit_handle::UnitHandle;
use crate::source::overrides::Extent;
use crate::terraform::command::TerraformCommand;
use crate::terraform::environment::{
    SizeLimits, UnitEnvironment, check_size, needs_code, plugin_cache,
};
use crate::terraform::invocation::{Additions, Call};
use crate::terraform::verdict::ChangesSeen;

/// How long a question to an engine may take whose answer is wanted in memory.
const ANSWER_LIMITS: CaptureLimits = CaptureLimits {
    time: Duration::from_mins(10),
    stdout_bytes: 64 << 20,
    stderr_bytes: 64 << 10,
};

/// Who hears a unit's children: the run, by the unit's handle; and files.
#[derive(Clone, Copy, Debug)]
pub(super) struct Audience<'a> {
    pub(super) handle: &'a UnitHandle<'a>,
    pub(super) words: &'a UnitWords,
}

/// A program with the right to ask for credentials.
#[derive(Debug)]
pub(super) struct ReadyChild {
    pub(super) program: Program,
    pub(super) grant: Option<Grant>,
    /// As a person would type it.
    pub(super) typed: String,
}

/// The environment of a child, and what goes with it.
#[derive(Debug)]
pub(super) struct ChildWorld {
    pub(super) variables: BTreeMap<OsString, OsString>,
    nulls: BTreeSet<String>,
    pub(super) grant: Option<Grant>,
}

impl UnitRunner<'_> {
    /// Runs the run's command, and says what it changed.
    pub(super) async fn run_command(
        &self,
        audience: &Audience<'_>,
        subject: &Subject<'_>,
        workplace: &Workplace,
    ) -> Result<Changes, Failure> {
        let command = &self.settings.command;
        let additions = self.additions(subject, workplace)?;
        let is_init = command.name() == "init";
        if is_init {
            workplace.dir.init_begins().map_err(refusals::work_dir)?;
        }
        let child = self
            .engine_child(subject, workplace, command, &additions, &[command.name()])
            .await?;
        self.refuse_plan_of_mocks(&child)?;
        let plan = self.begin_plan(subject, &child)?;
        let changes = self.hear_command(audience, workplace, &child).await;
        let noted = plan.map_or(Ok(()), end_of_plan);
        let changes = changes?;
        noted?;
        if is_init {
            self.note_init(subject, workplace)?;
        }
        Ok(changes)
    }

    /// Runs the child that is the run's command, and says what it changed.
    async fn hear_command(
        &self,
        audience: &Audience<'_>,
        workplace: &Workplace,
        child: &ReadyChild,
    ) -> Result<Changes, Failure> {
        let command = &self.settings.command;
        if self.terminal.is_some() && !command.gives_data() {
            return self.run_on_terminal(audience, child).await;
        }
        let words = audience.words.next(&name_of(command));
        let mut seen = ChangesSeen::default();
        let attended = Self::attended(audience.handle, child, words, StdoutLines::Told, |line| {
            seen.see(line);
        })
        .await?;
        let end = attended.end;
        let stdout = attended.words.stdout.clone();
        let judged = judge::ended(audience.handle, attended, command, &child.typed, workplace);
        if command.gives_data() {
            (self.world.take_data)(&stdout);
        }
        judged?;
        Ok(seen.changes(end))
    }

    /// The command on our own terminal. What it changed, only it can tell.
    pub(super) async fn run_on_terminal(
        &self,
        audience: &Audience<'_>,
        child: &ReadyChild,
    ) -> Result<Changes, Failure> {
        let Some(terminal) = &self.terminal else {
            return Ok(Changes::Unknown);
        };
        terminal.taken.set(true);
        // Only one command at a time has the terminal.
        let interrupts = terminal.interrupts.take();
        let mut interrupts = interrupts.unwrap_or_else(|| stream::pending().boxed_local());
        let grant = child.grant.as_ref();
        let end = attend_attached(&child.program, grant, &mut interrupts).await;
        terminal.interrupts.replace(Some(interrupts));
        terminal.taken.set(false);
        let end = end?;
        let succeeded = end.is_success() || judge::tells_of_changes(&self.settings.command, end);
        if succeeded {
            return Ok(Changes::Unknown);
        }
        let words = audience.words.next("terminal");
        let attended = Attended {
            end,
            asked: None,
            last_lines: Vec::new(),
            words,
        };
        Err(Failure::Command(Box::new(attended.failed(&child.typed))))
    }

    /// An engine's process for this unit, ready to start.
    pub(super) async fn engine_child(
        &self,
        subject: &Subject<'_>,
        workplace: &Workplace,
        command: &TerraformCommand,
        additions: &Additions,
        commands: &[&str],
    ) -> Result<ReadyChild, Failure> {
        let backend = if opens_backend(command) {
            BackendUse::Opens
        } else {
            BackendUse::LeavesAlone
        };
        let code = Some(&workplace.code);
        let world = self.child_world(subject, code, commands, backend).await?;
        let nulls = workplace.dir.write_nulls(&world.nulls);
        nulls.map_err(refusals::work_dir)?;
        let arguments = arguments(subject, workplace, command, additions);
        let folder = workplace.dir.folder();
        let fits = check_size(&arguments, &world.variables, SizeLimits::HERE);
        fits.map_err(|error| Failure::WorkDir {
            path: folder.to_owned(),
            reason: error.to_string(),
        })?;
        Ok(ReadyChild {
            typed: typed(subject.engine.engine.kind.name(), command),
            program: Program {
                executable: subject.engine.found.executable.clone().into(),
                args: arguments.into_iter().map(OsString::from).collect(),
                folder: folder.to_owned(),
                environment: environment(world.variables),
            },
            grant: world.grant,
        })
    }

    /// The environment of a child of this unit, and its grant.
    pub(super) async fn child_world(
        &self,
        subject: &Subject<'_>,
        code: Option<&crate::terraform::module_code::ModuleCode>,
        commands: &[&str],
        backend: BackendUse,
    ) -> Result<ChildWorld, Failure> {
        let grant = self.grant(subject.unit, &subject.identity, code, backend);
        let grant = grant.await?;
        let granted = grant.as_ref().map(Grant::variables);
        let captured = self.environment_of(subject.unit, granted.is_some()).await?;
        let mut base = child_environment(&captured, granted, self.settings.tf_cli_args);
        if !self.warned_of_variables.replace(true) {
            for warning in &base.warnings {
                (self.world.warn)(warning.to_string());
            }
        }
        self.share_providers(subject, &mut base.variables);
        let withheld = granted.map(GrantedVariables::withheld).unwrap_or_default();
        let prepared = subject.prepared;
        let own = UnitEnvironment {
            base: &base.variables,
            withheld: &withheld,
            extra_arguments: &prepared.terraform.extra_arguments,
            commands,
            inputs: &prepared.inputs,
            code: code.filter(|_| needs_code(&prepared.inputs)),
        };
        let own = own.variables().map_err(|error| Failure::Evaluate {
            diagnostics: vec![
                Diagnostic::error("Unusable input")
                    .detail(format!("In {}: {error}.", subject.unit.path)),
            ],
        })?;
        for name in &own.withheld {
            (self.world.warn)(format!(
                "{}: extra_arguments may not set {name}, which would take the place of the \
                 identity that terrane gives",
                subject.unit.path
            ));
        }
        Ok(ChildWorld {
            variables: own.variables,
            nulls: own.nulls,
            grant,
        })
    }

    /// Runs a child in a session of its own, and tells its lines.
    pub(super) async fn attended(
        handle: &UnitHandle<'_>,
        child: &ReadyChild,
        words: WordFiles,
        stdout: StdoutLines,
        mut on_stdout: impl FnMut(&str),
    ) -> Result<Attended, Failure> {
        let errand = Errand {
            program: &child.program,
            words,
            time_limit: None,
            grant: child.grant.as_ref(),
            stdout,
        };
        attend(handle, errand, |line| {
            if line.stream == crate::model::Stream::Stdout {
                on_stdout(&line.plain());
            }
        })
        .await
    }

    /// Asks an engine something in passing: nobody hears it, and it is killed when nobody waits.
    pub(super) async fn answer(&self, child: &ReadyChild) -> Result<Captured, String> {
        let started = |pid| {
            if let Some(grant) = &child.grant {
                grant.child_started(pid);
            }
        };
        let answer = capture_telling(&child.program, &ANSWER_LIMITS, started).await;
        let answer = answer.map_err(|error| format!("{}: {error}", child.typed))?;
        if answer.end.is_success() {
            return Ok(answer);
        }
        let stderr = String::from_utf8_lossy(&answer.stderr);
        let lines = crate::terraform::verdict::plain_lines(&stderr);
        let lines: Vec<String> = lines.filter(|line| !line.trim().is_empty()).collect();
        let end = match answer.end {
            ChildEnd::Code(code) => format!("ended with {code}"),
            ChildEnd::Signal(signal) => format!("was ended by signal {signal}"),
        };
        Err(format!("{} {end}: {}", child.typed, lines.join(" ")))
    }

    fn share_providers(&self, subject: &Subject<'_>, variables: &mut BTreeMap<OsString, OsString>) {
        let engine = &subject.engine.engine;
        let folder = self.world.plugin_cache.as_deref();
        let cache = folder.and_then(|folder| plugin_cache(engine, variables, folder));
        if let Some((name, folder)) = cache {
            // An engine does without where there is none.
            if std::fs::create_dir_all(&folder).is_ok() {
                variables.insert(name.into(), folder.into_os_string());
            }
        }
    }

    fn additions(
        &self,
        subject: &Subject<'_>,
        workplace: &Workplace,
    ) -> Result<Additions, Failure> {
        let settings = self.settings;
        let is_init = settings.command.name() == "init";
        Ok(Additions {
            // Whoever has the terminal may answer.
            for_many: settings.extent == Extent::Many && self.terminal.is_none(),
            approve: settings.approval == super::Approval::Given,
            plan_file: self.plan_file(subject, workplace)?,
            backend: if is_init {
                workplace.backend.arguments.clone()
            } else {
                Vec::new()
            },
            reconfigure: false,
        })
    }
}

/// All words behind the engine's name.
pub(super) fn arguments(
    subject: &Subject<'_>,
    workplace: &Workplace,
    command: &TerraformCommand,
    additions: &Additions,
) -> Vec<String> {
    let call = Call {
        command,
        extra_arguments: &subject.prepared.terraform.extra_arguments,
        additions,
        unit_folder: &subject.unit.folder,
        working_folder: workplace.dir.folder(),
    };
    call.arguments(Utf8Path::exists)
}

pub(super) fn environment(variables: BTreeMap<OsString, OsString>) -> Environment {
    variables.into_iter().collect()
}

/// The name of a command's files: `plan`, `state-list`.
fn name_of(command: &TerraformCommand) -> String {
    match command.subcommand() {
        Some(subcommand) => format!("{}-{subcommand}", command.name()),
        None => command.name().to_owned(),
    }
}

fn typed(engine: &str, command: &TerraformCommand) -> String {
    match command.subcommand() {
        Some(subcommand) => format!("{engine} {} {subcommand}", command.name()),
        None => format!("{engine} {}", command.name()),
    }
}

/// Whether a command asks the backend for the state. What is not known to leave it alone may.
fn opens_backend(command: &TerraformCommand) -> bool {
    let leaves_alone = [
        "validate", "get", "fmt", "version", "login", "logout", "metadata",
    ];
    let without = command.flags().iter().any(|flag| flag == "-backend=false");
    !(leaves_alone.contains(&command.name()) || without || command.only_informs())
}

/// A folder that children are started in, seen from a unit.
pub(super) fn folder_for(
    wished: Option<&Utf8Path>,
    unit: &Utf8Path,
    usual: &Utf8Path,
) -> Utf8PathBuf {
    wished.map_or_else(|| usual.to_owned(), |wished| unit.join(wished))
}
