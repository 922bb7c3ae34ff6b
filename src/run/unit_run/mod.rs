//! One unit from top to bottom: outputs, configuration, source, roles, init, the command.
//!
//! The story is [`UnitRunner::run`]; each of its steps has a file of its own beside this one. It
//! decides nothing about other units: what runs when, and what a failure means for others, is the
//! queue's.
//!
//! Invariants:
//! - Outputs are read as state-management, never as the doer.
//! - Each process gets a grant of its own, which ends with it.
//! - Whatever fails is a [`Failure`] with its facts; nothing is said in passing.

mod child;
mod engines;
mod exec;
mod hooks;
mod initialise;
mod judge;
mod mocks;
mod provided;
mod refusals;
mod roles;
mod saved_plan;
mod settings;
mod upstreams;
mod waits;
mod words;
mod workplace;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use camino::Utf8PathBuf;
use futures_util::stream::LocalBoxStream;
use tokio::sync::OnceCell;
use tokio::time::sleep;

use self::child::Audience;
use self::hooks::Moment;
use self::waits::Waits;
use self::words::UnitWords;
use self::workplace::{Subject, Workplace};
use super::event::{Interrupt, RunCommand, Step};
use super::outcome::{Failure, Remark, Success};
use super::unit_handle::UnitHandle;
use super::work_dir::write_signals;
use crate::aws::{Broker, Provided};
use crate::config::{Estate, Fetched, Ready};
use crate::model::{Changes, UnitIx};
use crate::source::fetch::Sources;
use crate::terraform::command::Effect;
use crate::terraform::error_rules::{ErrorPatterns, Reaction, Reactions};
use crate::terraform::module_code::KnownFiles;

pub use engines::{EngineError, Engines, UsableEngine};
pub use settings::{
    Approval, Automatic, OutputsFrom, OwnProgram, PlanFolders, Provide, RunSettings, RunWorld,
};

/// Runs units, one call each.
#[derive(Debug)]
pub struct UnitRunner<'r> {
    estate: &'r Estate<'r>,
    settings: &'r RunSettings,
    world: RunWorld<'r>,
    engines: Engines<'r>,
    sources: Sources,
    /// Each unit's outputs, read once until it is applied.
    outputs: RefCell<HashMap<UnitIx, Rc<OnceCell<Fetched>>>>,
    waits: RefCell<Waits>,
    /// Outputs that could not be read, where that is no failure.
    unread: Option<RefCell<Vec<(UnitIx, Failure)>>>,
    /// What units were given, by their folders.
    provided: RefCell<HashMap<Utf8PathBuf, Rc<OnceCell<Rc<Provided>>>>>,
    error_patterns: ErrorPatterns,
    known_files: KnownFiles,
    terminal: Option<Terminal>,
    warned_of_variables: Cell<bool>,
}

/// Our own terminal, for a command in a single unit: it may ask questions there.
pub struct Terminal {
    /// Whether a command has the terminal now. Then the terminal's signals reach it by themselves.
    pub taken: Rc<Cell<bool>>,
    /// The signals that arrive meanwhile.
    pub interrupts: RefCell<Option<Interrupts>>,
}

/// What arrives while a command has the terminal.
pub type Interrupts = LocalBoxStream<'static, Interrupt>;

impl<'r> UnitRunner<'r> {
    pub fn new(
        estate: &'r Estate<'r>,
        settings: &'r RunSettings,
        world: RunWorld<'r>,
        engines: Engines<'r>,
        sources: Sources,
    ) -> Self {
        Self {
            engines,
            estate,
            settings,
            world,
            sources,
            outputs: RefCell::default(),
            waits: RefCell::default(),
            unread: None,
            provided: RefCell::default(),
            error_patterns: ErrorPatterns::default(),
            known_files: KnownFiles::default(),
            terminal: None,
            warned_of_variables: Cell::new(false),
        }
    }

    /// Outputs that cannot be read are as if they were not there yet: for those who only look.
    #[must_use]
    pub fn making_do(self) -> Self {
        Self {
            unread: Some(RefCell::default()),
            ..self
        }
    }

    /// The command itself runs on our terminal.
    #[must_use]
    pub fn on_terminal(self, terminal: Terminal) -> Self {
        Self {
            terminal: Some(terminal),
            ..self
        }
    }

    /// Runs one unit to its end.
    pub async fn run(&self, handle: &UnitHandle<'_>) -> Result<Success, Failure> {
        let unit = handle.unit();
        handle.step(Step::ReadingOutputs);
        let ready = handle
            .unless_interrupted(self.configuration(unit))
            .await??;
        self.refuse_protected(&ready)?;
        self.refuse_mocks(&ready)?;
        let words = UnitWords::new(&self.world.words, handle.path())?;
        let reactions = Reactions::new(&ready.prepared.errors, &self.error_patterns);
        let reactions = reactions.map_err(|error| judge::bad_pattern(&error))?;

        let mut attempts = 0;
        let mut retried_by = None;
        loop {
            attempts += 1;
            let failure = match self.attempt(handle, &ready, &words).await {
                Ok(changes) => {
                    let remark = retried_by.map(|rule| Remark::Retried { rule, attempts });
                    return Ok(Success { changes, remark });
                }
                Err(failure) => failure,
            };
            let Some(error) = words::error_text(&failure) else {
                return Err(failure);
            };
            match reactions.to(&error, attempts) {
                Reaction::Ignore(rule) => {
                    if !rule.message.is_empty() {
                        (self.world.warn)(format!("{}: {}", handle.path(), rule.message));
                    }
                    if !rule.signals.is_empty() {
                        let folder = &self.estate.unit(unit).folder;
                        write_signals(folder, &rule.signals).map_err(refusals::work_dir)?;
                    }
                    let rule = rule.label.clone();
                    return Ok(Success {
                        changes: Changes::Unknown,
                        remark: Some(Remark::ErrorIgnored { rule }),
                    });
                }
                Reaction::TryAgain { rule, after } if self.settings.automatic.retry => {
                    retried_by = Some(rule.to_owned());
                    self.wait_to_retry(handle, attempts + 1, after).await?;
                }
                Reaction::TryAgain { .. } | Reaction::GiveUp => return Err(failure),
            }
        }
    }

    /// Everything from the source to the command, once.
    async fn attempt(
        &self,
        handle: &UnitHandle<'_>,
        ready: &Ready,
        words: &UnitWords,
    ) -> Result<Changes, Failure> {
        handle.step(Step::Preparing);
        let audience = Audience { handle, words };
        let mut subject = self.subject(handle.unit(), ready).await?;
        if let Some(own) = &self.settings.own_program {
            return self.own_program(&audience, subject, ready, own).await;
        }
        self.after_reading(&audience, &subject).await?;
        handle.step(Step::FetchingSource);
        let workplace = self.fetch(&audience, &mut subject, ready).await?;
        self.initialise(Some(&audience), &subject, &workplace)
            .await?;
        let command = self.settings.command.name();
        let before = self.hooks(
            &audience,
            &subject,
            Moment::before(command),
            Some(&workplace),
        );
        let mut result = match before.await {
            Ok(()) => self.command(&audience, &subject, &workplace).await,
            Err(failure) => Err(failure),
        };
        let moment = Moment::after(command, result.is_err());
        let after = self
            .hooks(&audience, &subject, moment, Some(&workplace))
            .await;
        if let Err(failure) = &result {
            self.error_hooks(&audience, &subject, &workplace, failure)
                .await;
        }
        if let (Ok(_), Err(failure)) = (&result, after) {
            result = Err(failure);
        }
        let forgotten = workplace.forget_nulls();
        // Whatever the command came to must not be hidden by it.
        let changes = result?;
        forgotten?;
        Ok(changes)
    }

    /// The command, once everything is in place for it.
    async fn command(
        &self,
        audience: &Audience<'_>,
        subject: &Subject<'_>,
        workplace: &Workplace,
    ) -> Result<Changes, Failure> {
        let command = &self.settings.command;
        let handle = audience.handle;
        handle.step(RunCommand::named(command.name()).step());
        let changes_things = command.effect() != Effect::Reads;
        if changes_things {
            handle.point_of_no_return()?;
        }
        self.write_debug_file(subject, workplace)?;
        let done = self.run_command(audience, subject, workplace).await;
        if changes_things {
            self.forget_outputs(handle.unit());
        }
        let changes = done?;
        self.keep_plan_as_json(subject, workplace).await?;
        workplace.bring_lock_file_back(subject)?;
        Ok(changes)
    }

    async fn fetch(
        &self,
        audience: &Audience<'_>,
        subject: &mut Subject<'_>,
        ready: &Ready,
    ) -> Result<Workplace, Failure> {
        let before = Moment::before(hooks::FETCHING);
        self.hooks(audience, subject, before, None).await?;
        let fetched = audience
            .handle
            .unless_interrupted(self.workplace(subject, ready))
            .await?;
        let after = Moment::after(hooks::FETCHING, fetched.is_err());
        self.hooks(audience, subject, after, None).await?;
        fetched
    }

    async fn wait_to_retry(
        &self,
        handle: &UnitHandle<'_>,
        attempt: u32,
        after: Duration,
    ) -> Result<(), Failure> {
        handle.step(Step::WaitingToRetry { attempt });
        handle.unless_interrupted(sleep(after)).await
    }

    /// What must not be destroyed is not destroyed.
    fn refuse_protected(&self, ready: &Ready) -> Result<(), Failure> {
        let destroys = self.settings.command.effect() == Effect::Destroys;
        match &ready.prepared.prevent_destroy {
            Some(place) if destroys => Err(Failure::Protected {
                place: Some(crate::config::place_of(place)),
            }),
            Some(_) | None => Ok(()),
        }
    }

    fn broker(&self) -> Result<&'r Broker, Failure> {
        (self.world.broker)().map_err(|error| Failure::Spawn {
            program: "the credentials thread".to_owned(),
            reason: error.to_string(),
        })
    }
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Terminal")
            .field("taken", &self.taken)
            .finish_non_exhaustive()
    }
}
