//! `run-all`, `run` and the commands of terraform that need no `run`: one pipeline for many units
//! and for one.
//!
//! ```text
//! options ─ load ─► Estate ─► Chosen (graph, excluded) ─► confirm ─► dispatch(UnitRunner) ─► Summary
//! ```

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;
use std::num::NonZeroUsize;
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use futures_util::stream::{Stream, StreamExt as _};
use jiff::Timestamp;
use terrane_hcl::{Diagnostic, Diagnostics, Severity};
use tokio::sync::mpsc::unbounded_channel;

use super::aws_access::AwsAccess;
use super::credential_notes::CredentialNotes;
use super::edges::accounts_of;
use super::exit::CommandError;
use super::loading::{file_here, load_one, until_the_end};
use super::options::{
    Approval, Asking, ExecOptions, OnFailure, Options, RunOptions, Storytelling, Stream as Output,
    Table, Units,
};
use super::run_confirm::{confirm, confirm_for_downstreams};
use super::run_facts::{RunFacts, engines_of, identities, prove_hubs};
use super::run_folder::RunFolder;
use super::run_reporters::{StdoutIs, Telling};
use super::run_settings::{extent_of, own_flags, plugin_cache, run_settings, sources};
use super::run_units::{Chosen, refuse_broken, refuse_shared_states, refuse_unread_folders};
use super::screen;
use super::stack::generate_all;
use super::surroundings::World;
use crate::config::{Estate, Facts, LoadOptions, Questions, Thoroughness, Unit, load};
use crate::model::{Purpose, UnitIx};
use crate::report::{ExitStatus, Failures, Summary};
use crate::run::dispatcher::{Run, dispatch};
use crate::run::event::Interrupt;
use crate::run::queue::{self, Limits, Order, Policy};
use crate::run::signals::interrupts;
use crate::run::unit_run::{
    Engines, OwnProgram, Provide, RunSettings, RunWorld, Terminal, UnitRunner,
};
use crate::terraform::command::{Effect, TerraformCommand};

/// Runs a command of terraform in one unit or in many.
pub(super) fn run(options: &Options, run: &RunOptions) -> Result<ExitStatus, CommandError> {
    run_program(options, run, None)
}

/// `exec`: runs a program of the user's own in terraform's place.
pub(super) fn exec(options: &Options, exec: &ExecOptions) -> Result<ExitStatus, CommandError> {
    let mut words = exec.program.iter().cloned();
    let executable = words
        .next()
        .ok_or_else(|| CommandError::usage("no program is given"))?;
    let own = OwnProgram {
        executable,
        arguments: words.collect(),
        in_working_folder: exec.in_working_folder,
    };
    run_program(options, &RunOptions::for_exec(exec, options), Some(own))
}

fn run_program(
    options: &Options,
    run: &RunOptions,
    own_program: Option<OwnProgram>,
) -> Result<ExitStatus, CommandError> {
    let command = command_of(options, run)?;
    let purpose = match command.effect() {
        Effect::Reads => Purpose::Plan,
        Effect::Changes | Effect::Destroys => Purpose::Apply,
    };
    let aws = options.aws(&run.reading, purpose)?;
    let world = options.world(&run.reading, &aws);
    let world = world.with_sources(&run.engine, extent_of(run), &options.start);
    let (estate, here, problems) = loaded(options, run, &command, &world)?;
    let chosen = Chosen::of(&estate, here, &command, options, run)?;
    refuse_broken(&estate, &chosen)?;
    options.tell(&warnings_of(problems));
    if purpose == Purpose::Apply {
        refuse_unread_folders(&estate)?;
    }
    let whole_root = (purpose == Purpose::Apply).then(|| states_of_root(options, run, &world));
    refuse_shared_states(&estate, &chosen, whole_root.as_deref())?;
    let identities = identities(&estate, &chosen, &aws, options)?;
    let accounts = accounts_of(&estate);
    let who = identities.in_one_line(&aws.base_shown("nobody"));
    if run.units != Units::Here {
        confirm(&command, run, &chosen, &accounts, who.as_deref())?;
    } else if run.check_downstreams_of_destroy && command.destroys() {
        confirm_for_downstreams(&downstreams_of(options, run, &estate, here, &world), run)?;
    }
    let facts = |engine| RunFacts {
        accounts: &accounts,
        identities: &identities,
        engine,
        who,
    };
    let settings = RunSettings {
        own_program,
        ..run_settings(options, run, command, &aws)?
    };
    let engines = Engines::new(
        run.engine.program.as_deref(),
        &options.launch.variables,
        &estate.start,
    );
    let parts = Parts {
        options,
        run,
        aws: &aws,
        estate: &estate,
        chosen: &chosen,
        settings: &settings,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let engine = engines_of(&estate, &chosen, &engines, options).await?;
        prove_hubs(&identities, &aws).await?;
        parts.dispatch(facts(engine), engines).await
    })
}

/// Everything that is decided before the first unit starts.
struct Parts<'p> {
    options: &'p Options,
    run: &'p RunOptions,
    aws: &'p AwsAccess<'p>,
    estate: &'p Estate<'p>,
    chosen: &'p Chosen,
    settings: &'p RunSettings,
}

impl Parts<'_> {
    async fn dispatch(
        &self,
        facts: RunFacts<'_>,
        engines: Engines<'_>,
    ) -> Result<ExitStatus, CommandError> {
        let (options, run) = (self.options, self.run);
        let now = Timestamp::try_from(options.launch.now).unwrap_or_default();
        let folder = RunFolder::create(&options.launch, &self.estate.root, now);
        let folder = folder.map_err(|error| {
            CommandError::failed("no folder for the words of this run could be made")
                .because(&error)
                .help("set XDG_STATE_HOME to a folder that can be written")
        })?;
        let facts = facts.started(self.estate, self.chosen, self.settings, &folder, now);
        let gives_data = self.settings.command.gives_data() || self.settings.own_program.is_some();
        let stdout = if gives_data {
            StdoutIs::Data
        } else {
            StdoutIs::Words
        };
        // Bars and questions on one terminal would be mixed up.
        let how = match run.storytelling {
            Storytelling::ForPeople if self.is_attached() => Storytelling::Plain,
            how => how,
        };
        let telling = match run.units {
            Units::Here => Telling::of_one(options, how, &folder, stdout),
            Units::InScope | Units::HereAndDownstreams { .. } => {
                Telling::of_many(options, how, &folder, stdout)
            }
        };
        let telling = RefCell::new(telling);
        let take_data = |file: &Utf8Path| {
            // A reader that has gone is no trouble; it is told by nobody.
            let _ = screen::print_file(file);
        };
        let notes = RefCell::new(Vec::new());
        let warn = |text: String| notes.borrow_mut().push(text);
        let broker = || self.aws.broker();
        let ask = self.aws.auth();
        let provide = ask.map(|auth| move |folder: Utf8PathBuf| auth.ask(folder));
        let world = RunWorld {
            environment: self.aws.variables(),
            provide: provide.as_ref().map(|provide| provide as Provide<'_>),
            broker: &broker,
            words: folder.path.clone(),
            plugin_cache: plugin_cache(options),
            take_data: &take_data,
            warn: &warn,
        };
        let sources = sources(options, run, &folder);
        let runner = UnitRunner::new(self.estate, self.settings, world, engines, sources);
        let (interrupts, terminal) = gate(interrupts()?);
        let taken = Rc::clone(&terminal.interrupted);
        let runner = if self.is_attached() {
            runner.on_terminal(terminal.terminal)
        } else {
            runner
        };
        let dispatched = Run {
            graph: &self.chosen.graph,
            policy: self.policy(),
            excluded: self.chosen.excluded.clone(),
            facts,
            redraws: telling.borrow().reporters.redraws(),
        };
        let credentials = CredentialNotes::new(self.aws, options);
        // Words of ours would be mixed up with what is drawn again and again.
        let is_drawn = dispatched.redraws;
        dispatch(
            dispatched,
            async |handle| runner.run(handle).await,
            interrupts,
            |event| {
                telling.borrow_mut().reporters.observe(event);
                if !is_drawn {
                    credentials.say_new();
                }
            },
        )
        .await;
        drop(runner);
        let status = self.finish(telling.into_inner(), &notes.into_inner(), &credentials)?;
        let was_interrupted = taken.get() && status == ExitStatus::Success;
        Ok(if was_interrupted {
            ExitStatus::Interrupted
        } else {
            status
        })
    }

    /// The last words, the report, the exit status.
    fn finish(
        &self,
        telling: Telling,
        notes: &[String],
        credentials: &CredentialNotes<'_>,
    ) -> Result<ExitStatus, CommandError> {
        let (summary, failures, trouble) = telling.finish();
        for note in notes {
            screen::say(&format!("warning: {note}\n"));
        }
        credentials.say_new();
        for error in trouble {
            screen::say(&format!("warning: part of the run was not told: {error}\n"));
        }
        if let Some(text) = self.closing_words(&summary, failures) {
            screen::say(&text);
        }
        if let Some((file, format)) = &self.run.report.file {
            let written = summary.write_report(file, *format);
            written.map_err(|error| {
                let shown = self.options.shown(file);
                CommandError::failed(format!("the report {shown} could not be written"))
                    .because(&error)
            })?;
        }
        Ok(summary.exit_status())
    }

    fn closing_words(&self, summary: &Summary, failures: Failures) -> Option<String> {
        let (look, again) = (&self.options.stderr, &self.options.again);
        let is_told = self.run.storytelling != Storytelling::JsonLines;
        match (&self.run.units, self.run.report.table) {
            _ if !is_told => None,
            (Units::Here, _) => summary.failures_told(look, Failures::Relayed),
            (_, Table::No) => summary.failures_told(look, failures),
            (_, Table::Accounts) => Some(summary.closing_words(look, failures, again)),
            (_, Table::EveryUnit) => {
                let closing = summary.closing_words(look, failures, again);
                Some(format!("{}\n{closing}", summary.unit_table()))
            }
        }
    }

    fn policy(&self) -> Policy {
        let queue = &self.run.queue;
        Policy {
            limits: Limits {
                parallelism: queue.at_once.unwrap_or_else(usual_parallelism),
            },
            on_failure: match queue.on_failure {
                OnFailure::BlockDownstreams => queue::OnFailure::KeepGoing,
                OnFailure::StopStarting => queue::OnFailure::FailFast,
                OnFailure::GoOn => queue::OnFailure::IgnoreErrors,
            },
            order: if queue.ordered {
                Order::ByGraph
            } else {
                Order::Ignored
            },
            usual: None,
        }
    }

    /// Whether the command gets our terminal: one unit, and a person who sees and answers.
    fn is_attached(&self) -> bool {
        let launch = &self.options.launch;
        let may_ask = self.run.units == Units::Here || self.run.approval == Approval::ByTerraform;
        may_ask
            && self.run.storytelling == Storytelling::ForPeople
            && self.options.asking == Asking::OnTerminal
            && launch.stdout != Output::Other
    }
}

/// The units of the repository that need this one.
fn downstreams_of(
    options: &Options,
    run: &RunOptions,
    estate: &Estate<'_>,
    here: Option<UnitIx>,
    world: &World<'_>,
) -> Vec<String> {
    let folder = here.map(|unit| estate.unit(unit).folder.clone());
    let wanted = LoadOptions {
        whole_root: true,
        ..world.load_options(&run.reading, &estate.options().command)
    };
    let (whole, _) = load(&options.start, world, wanted);
    let this = folder.and_then(|folder| whole.unit_in(&folder));
    let needs_it = |unit: &&Unit| this.is_some_and(|this| unit.waits_for().contains(&this));
    let units = whole.units.values().filter(needs_it);
    units.map(|unit| unit.path.to_string()).collect()
}

/// The command that was typed, as far as it can be run.
fn command_of(options: &Options, run: &RunOptions) -> Result<TerraformCommand, CommandError> {
    let command = TerraformCommand::parse(&run.words)
        .map_err(|error| CommandError::usage(error.to_string()))?;
    let command = own_flags(options)
        .into_iter()
        .fold(command, TerraformCommand::with_flag);
    if run.units == Units::Here {
        return Ok(command);
    }
    if command.is_refused_for_many() {
        let name = command.name();
        return Err(
            CommandError::refused(format!("`{name}` cannot be run in many units")).help(format!(
                "write `terrane run -- {name}` in the folder of one unit"
            )),
        );
    }
    Ok(command.for_many())
}

/// The estate, and the unit in the start folder where one is meant.
/// All units of the root with the places of their states, as far as nobody has to be asked for them.
fn states_of_root<'w>(
    options: &Options,
    run: &RunOptions,
    world: &'w World<'_>,
) -> ManuallyDrop<Estate<'w>> {
    let wanted = LoadOptions {
        whole_root: true,
        facts: Facts::STATE,
        questions: Questions::Refused,
        ..world.load_options(&run.reading, "find")
    };
    // What is wrong with units that do not run keeps no other from running.
    let (estate, _) = load(&options.start, world, wanted);
    until_the_end(estate)
}

fn loaded<'w>(
    options: &Options,
    run: &RunOptions,
    command: &TerraformCommand,
    world: &'w World<'_>,
) -> Result<(Estate<'w>, Option<UnitIx>, Diagnostics), CommandError> {
    let wanted = LoadOptions {
        facts: Facts::ALL,
        thoroughness: Thoroughness::AllLocals,
        questions: Questions::Asked,
        arguments: command.words(),
        source: run.engine.source.clone(),
        download_folder: run.engine.download_folder.clone(),
        ..world.load_options(&run.reading, command.name())
    };
    match &run.units {
        Units::Here => {
            let file = file_here(options, &run.reading, world)?;
            let (estate, unit, problems) = load_one(&file, world, wanted)?;
            Ok((estate, Some(unit), problems))
        }
        Units::InScope => {
            if run.generate_stacks {
                generate_all(options, &run.reading, &run.engine, world)?;
            }
            let wanted = run.selection.widen(wanted, options)?;
            let (estate, problems) = load(&options.start, world, wanted);
            Ok((estate, None, problems))
        }
        Units::HereAndDownstreams { root } => {
            let file = file_here(options, &run.reading, world)?;
            let wanted = LoadOptions {
                whole_root: root.is_none(),
                ..wanted
            };
            let from = root.as_ref().unwrap_or(&options.start);
            let (estate, problems) = load(from, world, wanted);
            let here = estate.units.iter().find(|(_, unit)| unit.file == file);
            match here.map(|(unit, _)| unit) {
                Some(unit) => Ok((estate, Some(unit), problems)),
                None => Err(problems.into()),
            }
        }
    }
}

/// Signals for the loop, but for those that arrive while a command has the terminal.
struct Gate {
    terminal: Terminal,
    /// Whether any arrived then.
    interrupted: Rc<Cell<bool>>,
}

fn gate(
    interrupts: impl Stream<Item = Interrupt> + Unpin,
) -> (impl Stream<Item = Interrupt>, Gate) {
    let taken = Rc::new(Cell::new(false));
    let interrupted = Rc::new(Cell::new(false));
    let (send, mut meanwhile) = unbounded_channel();
    let (is_taken, note) = (Rc::clone(&taken), Rc::clone(&interrupted));
    let for_loop = interrupts.filter_map(move |interrupt| {
        let passed_on = if is_taken.get() {
            note.set(true);
            // The command may have ended just now; then nobody needs to know.
            let _ = send.send(interrupt);
            None
        } else {
            Some(interrupt)
        };
        std::future::ready(passed_on)
    });
    let meanwhile = futures_util::stream::poll_fn(move |context| meanwhile.poll_recv(context));
    let terminal = Terminal {
        taken,
        interrupts: RefCell::new(Some(meanwhile.boxed_local())),
    };
    (
        for_loop,
        Gate {
            terminal,
            interrupted,
        },
    )
}

/// Engines wait for the network most of the time, and each takes memory for its providers.
fn usual_parallelism() -> NonZeroUsize {
    let cores = std::thread::available_parallelism().map_or(2, NonZeroUsize::get);
    NonZeroUsize::new((4 * cores).clamp(8, 32)).expect("it is at least 8")
}

fn warnings_of(problems: Diagnostics) -> Diagnostics {
    let is_warning = |problem: &Diagnostic| problem.severity == Severity::Warning;
    problems.into_iter().filter(is_warning).collect()
}
