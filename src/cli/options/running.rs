//! Options of the commands that run terraform.

use std::ffi::OsString;
use std::num::NonZeroUsize;

use camino::Utf8PathBuf;

use super::{Asking, EngineOptions, Options, ReadingOptions, Selection};
use crate::cli::args;
pub use crate::cli::args::ChildCredentials;
use crate::report::ReportFormat;
use crate::terraform::command::TerraformCommand;

/// A terraform command in one unit or in many.
#[derive(Debug)]
pub struct RunOptions {
    /// Terraform's command and its arguments, as typed.
    pub words: Vec<String>,
    pub units: Units,
    pub selection: Selection,
    pub queue: QueueOptions,
    pub approval: Approval,
    pub plans: PlanFolders,
    pub outputs_from: OutputsFrom,
    pub automatic: Automatic,
    pub child: ChildOptions,
    /// Write the units of stack files before anything else.
    pub generate_stacks: bool,
    /// Write the inputs into a file for debugging.
    pub inputs_debug: bool,
    /// Look for downstreams before one unit is destroyed.
    pub check_downstreams_of_destroy: bool,
    pub storytelling: Storytelling,
    pub report: ReportOptions,
    pub reading: ReadingOptions,
    pub engine: EngineOptions,
}

/// What terrane does around a command without being asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Automatic {
    /// Runs init where it is needed.
    pub init: bool,
    /// Tries again by the rules of the unit.
    pub retry: bool,
    pub hooks: bool,
}

/// What a child gets, and where its words go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChildOptions {
    pub credentials: ChildCredentials,
    pub keep_tf_cli_args: bool,
    /// Its stdout goes to ours as it is.
    pub forward_stdout: bool,
}

/// Which units a command runs in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Units {
    /// The one in the start folder.
    Here,
    /// All in scope that are selected.
    InScope,
    /// The one in the start folder and all its downstreams below `root`, or below the repository.
    HereAndDownstreams { root: Option<Utf8PathBuf> },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct QueueOptions {
    /// As many as one likes where nobody said.
    pub at_once: Option<NonZeroUsize>,
    pub on_failure: OnFailure,
    /// Whether edges are heeded.
    pub ordered: bool,
}

/// What a unit's failure means for the others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OnFailure {
    /// Its downstreams do not run; the others go on.
    BlockDownstreams,
    /// Nothing more is started.
    StopStarting,
    /// All others run, its downstreams too.
    GoOn,
}

/// Who says yes before something is changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Approval {
    /// Ask once for all units.
    Ask,
    /// It was given with `--non-interactive`.
    Given,
    /// Nobody can be asked; it has to come with the command's own words.
    MustBeTyped,
    /// `--no-auto-approve`: terraform asks in every unit, one unit at a time.
    ByTerraform,
}

/// Folders for saved plans, one file per unit; absolute.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct PlanFolders {
    pub binary: Option<Utf8PathBuf>,
    pub json: Option<Utf8PathBuf>,
}

/// Where a unit's outputs are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OutputsFrom {
    /// From the state itself, where terrane can.
    State,
    /// By terraform's own `output`.
    Terraform,
    /// Nowhere: mocks only.
    Mocks,
}

/// How a run is told of while it goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Storytelling {
    /// Bars on a terminal, plain lines elsewhere.
    ForPeople,
    Plain,
    JsonLines,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReportOptions {
    pub file: Option<(Utf8PathBuf, ReportFormat)>,
    pub table: Table,
}

/// What the table at the end holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Table {
    No,
    Accounts,
    EveryUnit,
}

/// `exec`
#[derive(Debug)]
pub struct ExecOptions {
    pub program: Vec<OsString>,
    /// In the unit's working folder instead of its own.
    pub in_working_folder: bool,
    pub auto_init: bool,
    pub child_credentials: ChildCredentials,
    pub reading: ReadingOptions,
    pub engine: EngineOptions,
}

impl Storytelling {
    pub(super) fn of(format: Option<args::LogFormat>) -> Self {
        match format {
            None | Some(args::LogFormat::Pretty) => Self::ForPeople,
            Some(args::LogFormat::Plain) => Self::Plain,
            Some(args::LogFormat::Json) => Self::JsonLines,
        }
    }
}

impl RunOptions {
    pub(super) fn resolve(
        mut words: Vec<String>,
        which: Option<args::WhichUnitsArgs>,
        args: args::UnitRunArgs,
        options: &Options,
    ) -> Self {
        let selection = Selection::resolve(args.selection, options);
        let units = match which {
            None => Units::InScope,
            Some(which) if which.all => Units::InScope,
            Some(which) if which.graph => Units::HereAndDownstreams {
                root: which.graph_root.map(|folder| options.path(&folder)),
            },
            Some(_) if selection.is_made() => Units::InScope,
            Some(_) => Units::Here,
        };
        let mut queue = QueueOptions::resolve(&args.queue);
        let approval = match (args.no_auto_approve, options.asking) {
            (true, _) => Approval::ByTerraform,
            (false, Asking::OnTerminal) => Approval::Ask,
            (false, Asking::AlwaysYes) => Approval::Given,
            (false, Asking::Nobody) => Approval::MustBeTyped,
        };
        if approval == Approval::ByTerraform {
            // Two questions on one terminal cannot be told apart.
            queue.at_once = Some(NonZeroUsize::MIN);
        }
        let mut storytelling = options.storytelling;
        if args.json {
            match units {
                Units::InScope | Units::HereAndDownstreams { .. } if !prints_data(&words) => {
                    storytelling = Storytelling::JsonLines;
                }
                Units::InScope | Units::HereAndDownstreams { .. } | Units::Here => {
                    words.push("-json".to_owned());
                }
            }
        }
        Self {
            words,
            units,
            selection,
            queue,
            approval,
            plans: PlanFolders {
                binary: args.out_dir.map(|folder| options.path(&folder)),
                json: args.json_out_dir.map(|folder| options.path(&folder)),
            },
            outputs_from: match (
                args.no_dependency_outputs,
                args.no_dependency_fetch_output_from_state,
            ) {
                (true, _) => OutputsFrom::Mocks,
                (false, true) => OutputsFrom::Terraform,
                (false, false) => OutputsFrom::State,
            },
            automatic: Automatic {
                init: !args.no_auto_init,
                retry: !args.no_auto_retry,
                hooks: !args.no_hooks,
            },
            child: ChildOptions {
                credentials: args.child_credentials,
                keep_tf_cli_args: args.keep_tf_cli_args,
                forward_stdout: args.tf_forward_stdout,
            },
            generate_stacks: !args.no_stack_generate,
            inputs_debug: args.inputs_debug,
            check_downstreams_of_destroy: args.destroy_dependencies_check,
            storytelling,
            report: ReportOptions::resolve(args.report, options),
            reading: ReadingOptions::resolve(args.reading, options),
            engine: EngineOptions::resolve(args.engine, options),
        }
    }
}

/// Whether what the command prints is for programs by itself.
fn prints_data(words: &[String]) -> bool {
    TerraformCommand::parse(words).is_ok_and(|command| command.gives_data())
}

impl RunOptions {
    /// One unit, with nothing around the program but what it was asked for.
    pub(in crate::cli) fn for_exec(exec: &ExecOptions, options: &Options) -> Self {
        let mut run = Self::bare("exec", &exec.reading, &exec.engine, options);
        run.automatic.init = exec.auto_init;
        run.child.credentials = exec.child_credentials;
        run
    }

    /// For reading outputs outside of a run.
    pub(in crate::cli) fn for_reading(
        outputs_from: OutputsFrom,
        reading: &ReadingOptions,
        engine: &EngineOptions,
        options: &Options,
    ) -> Self {
        Self {
            outputs_from,
            ..Self::bare("output", reading, engine, options)
        }
    }

    fn bare(
        command: &str,
        reading: &ReadingOptions,
        engine: &EngineOptions,
        options: &Options,
    ) -> Self {
        Self {
            words: vec![command.to_owned()],
            units: Units::Here,
            selection: Selection::default(),
            queue: QueueOptions {
                at_once: None,
                on_failure: OnFailure::BlockDownstreams,
                ordered: true,
            },
            approval: Approval::Given,
            plans: PlanFolders::default(),
            outputs_from: OutputsFrom::State,
            automatic: Automatic {
                init: true,
                retry: false,
                hooks: false,
            },
            child: ChildOptions {
                credentials: ChildCredentials::Broker,
                keep_tf_cli_args: false,
                forward_stdout: true,
            },
            generate_stacks: false,
            inputs_debug: false,
            check_downstreams_of_destroy: false,
            storytelling: options.storytelling,
            report: ReportOptions {
                file: None,
                table: Table::No,
            },
            reading: reading.clone(),
            engine: engine.clone(),
        }
    }
}

impl OutputsFrom {
    pub(super) fn resolve(args: &args::OutputSourceArgs) -> Self {
        if args.no_dependency_fetch_output_from_state {
            Self::Terraform
        } else {
            Self::State
        }
    }
}

impl QueueOptions {
    fn resolve(args: &args::QueueArgs) -> Self {
        Self {
            at_once: args.parallelism,
            on_failure: match (args.fail_fast, args.queue_ignore_errors) {
                (true, _) => OnFailure::StopStarting,
                (false, true) => OnFailure::GoOn,
                (false, false) => OnFailure::BlockDownstreams,
            },
            ordered: !args.queue_ignore_dag_order,
        }
    }
}

impl ReportOptions {
    fn resolve(args: args::ReportArgs, options: &Options) -> Self {
        let format = args.report_format.map(|format| match format {
            args::ReportFormat::Csv => ReportFormat::Csv,
            args::ReportFormat::Json => ReportFormat::Json,
        });
        let file = args.report_file.map(|file| {
            let format = format.unwrap_or_else(|| ReportFormat::of_file(&file));
            (options.path(&file), format)
        });
        Self {
            file,
            table: match (args.summary_disable, args.summary_per_unit) {
                (true, _) => Table::No,
                (false, true) => Table::EveryUnit,
                (false, false) => Table::Accounts,
            },
        }
    }
}

impl ExecOptions {
    pub(super) fn resolve(args: args::ExecArgs, options: &Options) -> Self {
        Self {
            program: args.words,
            in_working_folder: args.in_download_dir,
            auto_init: !args.no_auto_init,
            child_credentials: args.child_credentials,
            reading: ReadingOptions::resolve(args.reading, options),
            engine: EngineOptions::resolve(args.engine, options),
        }
    }
}
