//! The arguments of the commands that only read.

use camino::Utf8PathBuf;
use clap::{Args, Subcommand, ValueEnum};

use super::{EngineArgs, ReadingArgs, SelectionArgs};

/// Which units, and what of each.
#[derive(Debug, Default, Args)]
pub struct ListingArgs {
    /// Upstreams before those that need them, instead of by name
    #[arg(long, help_heading = "What to show")]
    pub dag: bool,

    /// With what each unit depends on
    #[arg(long, help_heading = "What to show")]
    pub dependencies: bool,

    /// With needed units that lie outside this folder
    #[arg(long, help_heading = "What to show")]
    pub external: bool,

    /// Leave out folders whose names begin with a dot
    #[arg(long, help_heading = "What to show", overrides_with = "hidden")]
    pub no_hidden: bool,

    #[arg(long, hide = true)]
    pub hidden: bool,

    /// Order and leave out units as this command would
    #[arg(
        long,
        value_name = "COMMAND",
        visible_alias = "as",
        help_heading = "What to show",
        hide_short_help = true
    )]
    pub queue_construct_as: Option<String>,

    #[command(flatten)]
    pub selection: SelectionArgs,
    #[command(flatten)]
    pub reading: ReadingArgs,
}

/// `find`
#[derive(Debug, Args)]
pub struct FindArgs {
    /// text, or json for scripts
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        ignore_case = true,
        default_value = "text"
    )]
    pub format: FindFormat,

    /// The same as --format json
    #[arg(long, short = 'j')]
    pub json: bool,

    /// With each unit's `exclude` block (in JSON)
    #[arg(long, help_heading = "What to show")]
    pub exclude: bool,

    /// With the files that each unit includes (in JSON)
    #[arg(long, help_heading = "What to show")]
    pub include: bool,

    /// With the files that each unit reads (in JSON)
    #[arg(long, help_heading = "What to show")]
    pub reading: bool,

    #[command(flatten)]
    pub listing: ListingArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum FindFormat {
    Text,
    Json,
}

/// `list`
#[derive(Debug, Args)]
pub struct ListArgs {
    /// text, long, tree or dot
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        ignore_case = true,
        default_value = "text"
    )]
    pub format: ListFormat,

    /// The same as --format long
    #[arg(long, short = 'l')]
    pub long: bool,

    /// The same as --format tree
    #[arg(long, short = 'T')]
    pub tree: bool,

    #[command(flatten)]
    pub listing: ListingArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum ListFormat {
    Text,
    Long,
    Tree,
    Dot,
}

/// `graph`
#[derive(Debug, Args)]
pub struct GraphArgs {
    /// tree for people; dot, mermaid and json for programs
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        ignore_case = true,
        default_value = "tree"
    )]
    pub format: GraphFormat,

    /// The same as --format json
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub selection: SelectionArgs,
    #[command(flatten)]
    pub reading: ReadingArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum GraphFormat {
    Tree,
    Dot,
    Mermaid,
    Json,
}

/// `render`
#[derive(Debug, Args)]
pub struct RenderArgs {
    /// hcl or json
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        ignore_case = true,
        default_value = "hcl"
    )]
    pub format: RenderFormat,

    /// The same as --format json
    #[arg(long)]
    pub json: bool,

    /// All units from here down; with --write each beside its file
    #[arg(long, short = 'a')]
    pub all: bool,

    /// Into a file beside the configuration instead of onto stdout
    #[arg(long, short = 'w')]
    pub write: bool,

    /// What that file is called [default: terragrunt.rendered.hcl or .json]
    #[arg(long, value_name = "FILE")]
    pub out: Option<Utf8PathBuf>,

    #[command(flatten)]
    pub outputs: OutputSourceArgs,
    #[command(flatten)]
    pub selection: SelectionArgs,
    #[command(flatten)]
    pub reading: ReadingArgs,
    #[command(flatten)]
    pub engine: EngineArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum RenderFormat {
    Hcl,
    Json,
}

/// `hcl validate`
#[derive(Debug, Args)]
pub struct ValidateArgs {
    /// As JSON, in the shape of `terraform validate -json`
    #[arg(long)]
    pub json: bool,

    /// Also check that inputs and the module's variables fit
    #[arg(long)]
    pub inputs: bool,

    /// With --inputs: an input that no variable takes is an error
    #[arg(long, requires = "inputs")]
    pub strict: bool,

    /// Only print the paths of the files that are wrong
    #[arg(long)]
    pub show_config_path: bool,

    #[command(flatten)]
    pub selection: SelectionArgs,
    #[command(flatten)]
    pub reading: ReadingArgs,
    #[command(flatten)]
    pub engine: EngineArgs,
}

/// `hcl fmt`
#[derive(Debug, Args)]
pub struct FormatArgs {
    /// Change nothing; exit with 1 when a file is not formatted
    #[arg(long)]
    pub check: bool,

    /// Show what changes
    #[arg(long)]
    pub diff: bool,

    /// Format what comes on stdin, and print it
    #[arg(long, conflicts_with_all = ["file", "check"])]
    pub stdin: bool,

    /// Only this file
    #[arg(long, value_name = "FILE")]
    pub file: Option<Utf8PathBuf>,

    /// Leave out a folder; may be given several times
    #[arg(long, value_name = "DIR")]
    pub exclude_dir: Vec<String>,

    #[command(flatten)]
    pub selection: SelectionArgs,
}

/// `eval`
#[derive(Debug, Args)]
pub struct EvalArgs {
    /// The expression, as it would stand in the unit's `locals`
    #[arg(value_name = "EXPR")]
    pub expression: String,

    #[command(flatten)]
    pub reading: ReadingArgs,
}

/// `explain`
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The unit: its path from here or from the root, with or without the numbers of its folders
    #[arg(value_name = "UNIT", default_value = ".")]
    pub unit: String,

    /// A name with dots, such as inputs.tags.Owner or generate.provider; role; or edges
    #[arg(value_name = "WHAT")]
    pub what: Option<String>,

    /// As JSON
    #[arg(long, short = 'j')]
    pub json: bool,

    #[command(flatten)]
    pub reading: ReadingArgs,
}

/// `outputs`
#[derive(Debug, Args)]
pub struct OutputsArgs {
    /// The unit: its path from here or from the root, with or without the numbers of its folders
    #[arg(value_name = "UNIT", default_value = ".")]
    pub unit: String,

    /// As JSON
    #[arg(long, conflicts_with = "raw")]
    pub json: bool,

    /// Only the value of this output: a string, a number or a bool, without quotes
    #[arg(long, value_name = "NAME")]
    pub raw: Option<String>,

    /// Show what is marked as sensitive
    #[arg(long)]
    pub show_sensitive: bool,

    #[command(flatten)]
    pub reading: ReadingArgs,
}

/// `info`
#[derive(Debug, Subcommand)]
pub enum InfoCommand {
    /// Folders, role and program of this unit, as JSON
    Print(Box<InfoArgs>),
}

/// `info print`
#[derive(Debug, Args)]
pub struct InfoArgs {
    #[command(flatten)]
    pub reading: ReadingArgs,
    #[command(flatten)]
    pub engine: EngineArgs,
}

/// `stack generate`
#[derive(Debug, Args)]
pub struct StackGenerateArgs {
    #[command(flatten)]
    pub selection: SelectionArgs,
    #[command(flatten)]
    pub reading: ReadingArgs,
    #[command(flatten)]
    pub engine: EngineArgs,
}

/// `stack output`
#[derive(Debug, Args)]
pub struct StackOutputArgs {
    /// A unit, or one of its outputs: `vpc`, `vpc.vpc_id`
    #[arg(value_name = "UNIT[.OUTPUT]")]
    pub what: Option<String>,

    /// default, json or raw
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        ignore_case = true,
        default_value = "default"
    )]
    pub format: StackOutputFormat,

    /// The same as --format json
    #[arg(long)]
    pub json: bool,

    /// Do not write the units first
    #[arg(long)]
    pub no_stack_generate: bool,

    #[command(flatten)]
    pub outputs: OutputSourceArgs,

    #[command(flatten)]
    pub selection: SelectionArgs,
    #[command(flatten)]
    pub reading: ReadingArgs,
    #[command(flatten)]
    pub engine: EngineArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum StackOutputFormat {
    Default,
    Json,
    Raw,
}

/// How outputs are read where nothing is run.
#[derive(Debug, Args)]
pub struct OutputSourceArgs {
    /// Ask terraform for outputs instead of reading the state from its bucket
    #[arg(
        long,
        help_heading = "Terraform",
        overrides_with = "dependency_fetch_output_from_state",
        hide_short_help = true
    )]
    pub no_dependency_fetch_output_from_state: bool,

    #[arg(long, hide = true)]
    pub dependency_fetch_output_from_state: bool,
}

/// `stack clean`
#[derive(Debug, Args)]
pub struct StackCleanArgs {
    #[command(flatten)]
    pub selection: SelectionArgs,
}
