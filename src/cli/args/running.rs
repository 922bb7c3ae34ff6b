//! The arguments of the commands that run terraform.

use std::num::NonZeroUsize;

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};

use super::{EngineArgs, ReadingArgs, SelectionArgs};

/// `run`
#[derive(Debug, Args)]
#[command(override_usage = "terrane run [OPTIONS] [--] <COMMAND> [ARGS]...")]
pub struct RunArgs {
    /// Terraform's command and its own arguments
    #[arg(value_name = "COMMAND", required = true)]
    pub words: Vec<String>,
    #[command(flatten)]
    pub which: WhichUnitsArgs,
    #[command(flatten)]
    pub unit: UnitRunArgs,
}

/// `plan`, `apply` and the other commands of terraform that need no `run`.
#[derive(Debug, Args)]
pub struct ShortcutArgs {
    /// Arguments for terraform
    #[arg(value_name = "ARGS")]
    pub words: Vec<String>,
    #[command(flatten)]
    pub which: WhichUnitsArgs,
    #[command(flatten)]
    pub unit: UnitRunArgs,
}

/// `run-all` and `stack run`
#[derive(Debug, Args)]
pub struct RunAllArgs {
    /// Terraform's command and its own arguments
    #[arg(value_name = "COMMAND", required = true)]
    pub words: Vec<String>,
    #[command(flatten)]
    pub unit: UnitRunArgs,
}

/// One unit or many.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Selection")]
pub struct WhichUnitsArgs {
    /// All units from here down
    #[arg(long, short = 'a', conflicts_with = "graph")]
    pub all: bool,

    /// This unit, and all units that need it
    #[arg(long)]
    pub graph: bool,

    /// Where --graph looks for units that need this one [default: the repository]
    #[arg(long, value_name = "DIR", requires = "graph", hide_short_help = true)]
    pub graph_root: Option<Utf8PathBuf>,
}

/// Everything about a run but which units.
#[derive(Debug, Args)]
pub struct UnitRunArgs {
    #[command(flatten)]
    pub selection: SelectionArgs,
    #[command(flatten)]
    pub queue: QueueArgs,

    /// Add no -auto-approve of your own when many units are applied or destroyed
    #[arg(long, help_heading = "Running")]
    pub no_auto_approve: bool,

    /// Never run init by yourself
    #[arg(long, help_heading = "Running")]
    pub no_auto_init: bool,

    /// Never try again by yourself
    #[arg(long, help_heading = "Running")]
    pub no_auto_retry: bool,

    /// Tell a run of many units as events in JSON lines; for one unit, and for data such as
    /// `output`, it is terraform's -json
    #[arg(long, help_heading = "Running")]
    pub json: bool,

    /// Save plans into this folder, one per unit, and apply those that are there
    #[arg(long, value_name = "DIR", help_heading = "Running")]
    pub out_dir: Option<Utf8PathBuf>,

    /// Save plans as JSON into this folder, one per unit
    #[arg(long, value_name = "DIR", help_heading = "Running")]
    pub json_out_dir: Option<Utf8PathBuf>,

    /// Write what terraform is given into terragrunt-debug.tfvars.json
    #[arg(long, help_heading = "Running", hide_short_help = true)]
    pub inputs_debug: bool,

    /// Pass terraform's stdout on as it is
    #[arg(long, help_heading = "Running", hide_short_help = true)]
    pub tf_forward_stdout: bool,

    /// Do not write the units of stack files first
    #[arg(long, help_heading = "Running", hide_short_help = true)]
    pub no_stack_generate: bool,

    /// Run no hooks
    #[arg(long, help_heading = "Running", hide_short_help = true)]
    pub no_hooks: bool,

    /// Read no outputs: mocks only
    #[arg(long, help_heading = "Running", hide_short_help = true)]
    pub no_dependency_outputs: bool,

    /// Ask terraform for outputs instead of reading states from their bucket
    #[arg(
        long,
        help_heading = "Running",
        overrides_with = "dependency_fetch_output_from_state",
        hide_short_help = true
    )]
    pub no_dependency_fetch_output_from_state: bool,

    #[arg(long, hide = true)]
    pub dependency_fetch_output_from_state: bool,

    /// Before destroying one unit, look for units that need it
    #[arg(
        long,
        help_heading = "Running",
        overrides_with = "no_destroy_dependencies_check",
        hide_short_help = true
    )]
    pub destroy_dependencies_check: bool,

    #[arg(long, hide = true)]
    pub no_destroy_dependencies_check: bool,

    /// Keep TF_CLI_ARGS variables, which are dropped otherwise
    #[arg(long, help_heading = "Running", hide_short_help = true)]
    pub keep_tf_cli_args: bool,

    /// How terraform gets the doer's session
    #[arg(
        long,
        value_name = "HOW",
        value_enum,
        default_value = "broker",
        help_heading = "Identity",
        hide_short_help = true
    )]
    pub child_credentials: ChildCredentials,

    #[command(flatten)]
    pub report: ReportArgs,
    #[command(flatten)]
    pub engine: EngineArgs,
    #[command(flatten)]
    pub reading: ReadingArgs,
}

/// In which order, how many at once, and what a failure means for the others.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Running")]
pub struct QueueArgs {
    /// How many units at once
    #[arg(
        long,
        short = 'j',
        value_name = "N",
        alias = "parallel",
        alias = "max-concurrency",
        alias = "num-executors",
        value_parser = at_least_one
    )]
    pub parallelism: Option<NonZeroUsize>,

    /// Start nothing more after the first failure
    #[arg(long, conflicts_with = "queue_ignore_errors")]
    pub fail_fast: bool,

    /// Run units although something that they need has failed
    #[arg(
        long,
        short = 'k',
        visible_alias = "keep-going",
        alias = "continue-on-error"
    )]
    pub queue_ignore_errors: bool,

    /// Run all units at once, whatever they need
    #[arg(long, hide_short_help = true)]
    pub queue_ignore_dag_order: bool,
}

/// What is left of a run for people and programs.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Report")]
pub struct ReportArgs {
    /// Write how each unit ended into this file
    #[arg(long, value_name = "FILE")]
    pub report_file: Option<Utf8PathBuf>,

    /// csv or json [default: by the file's name]
    #[arg(long, value_name = "FORMAT", value_enum, ignore_case = true)]
    pub report_format: Option<ReportFormat>,

    /// No table at the end
    #[arg(long)]
    pub summary_disable: bool,

    /// Every unit in the table at the end
    #[arg(long)]
    pub summary_per_unit: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum ReportFormat {
    Csv,
    Json,
}

/// How a child is given its identity.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum ChildCredentials {
    /// From an endpoint on loopback: renewed for as long as terraform works
    Broker,
    /// In three variables, as Terragrunt does, for programs that know nothing else
    Env,
}

/// `exec`
#[derive(Debug, Args)]
#[command(override_usage = "terrane exec [OPTIONS] -- <PROGRAM> [ARGS]...")]
pub struct ExecArgs {
    /// The program and its arguments
    #[arg(value_name = "PROGRAM", required = true)]
    pub words: Vec<std::ffi::OsString>,

    /// Run it in the unit's working folder, after init
    #[arg(long)]
    pub in_download_dir: bool,

    /// Never run init by yourself
    #[arg(long)]
    pub no_auto_init: bool,

    /// How the program gets the doer's session
    #[arg(
        long,
        value_name = "HOW",
        value_enum,
        default_value = "broker",
        help_heading = "Identity",
        hide_short_help = true
    )]
    pub child_credentials: ChildCredentials,

    #[command(flatten)]
    pub engine: EngineArgs,
    #[command(flatten)]
    pub reading: ReadingArgs,
}

fn at_least_one(text: &str) -> Result<NonZeroUsize, String> {
    text.parse()
        .map_err(|_| "a number from 1 up is wanted".to_owned())
}
