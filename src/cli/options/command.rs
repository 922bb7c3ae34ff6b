//! What is to be done: one type of options for each command.

use camino::Utf8PathBuf;

use super::{
    DoctorOptions, EngineOptions, ExecOptions, IdentityOptions, Options, OutputsFrom,
    PolicyOptions, ReadingOptions, RunOptions, Selection, TrustOptions,
};
use crate::cli::args::{self, CommandArgs, DagCommand, HclCommand, InfoCommand, StackCommand};
use crate::cli::args::{FindFormat, GraphFormat, ListFormat, RenderFormat, StackOutputFormat};

/// What is to be done.
#[derive(Debug)]
pub enum Command {
    Run(Box<RunOptions>),
    Exec(Box<ExecOptions>),
    Find(Box<FindOptions>),
    List(Box<ListOptions>),
    Graph(Box<GraphOptions>),
    Render(Box<RenderOptions>),
    Eval(EvalOptions),
    Explain(ExplainOptions),
    Identity(Box<IdentityOptions>),
    Doctor(Box<DoctorOptions>),
    Outputs(OutputsOptions),
    Trust(Box<TrustOptions>),
    Policy(Box<PolicyOptions>),
    InfoPrint(InfoOptions),
    Validate(Box<ValidateOptions>),
    Format(FormatOptions),
    StackGenerate(StackOptions),
    StackOutput(Box<StackOutputOptions>),
    StackClean(Selection),
}

/// What `find` and `list` have in common.
#[derive(Debug)]
pub struct ListingOptions {
    pub order: Order,
    /// With the upstreams of each unit.
    pub dependencies: bool,
    /// With upstreams outside the scope.
    pub external: bool,
    pub hidden_folders: bool,
    /// The command as which the queue is built: its order, and without what it excludes.
    pub as_command: Option<String>,
    pub selection: Selection,
    pub reading: ReadingOptions,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    ByPath,
    UpstreamsFirst,
    DownstreamsFirst,
}

#[derive(Debug)]
pub struct FindOptions {
    pub format: FindFormat,
    pub with: FindParts,
    pub listing: ListingOptions,
}

/// Which parts of a unit `find --json` shows beside its path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FindParts {
    pub exclude: bool,
    pub include: bool,
    pub reading: bool,
}

#[derive(Debug)]
pub struct ListOptions {
    pub format: ListFormat,
    pub listing: ListingOptions,
}

#[derive(Debug)]
pub struct GraphOptions {
    pub format: GraphFormat,
    pub selection: Selection,
    pub reading: ReadingOptions,
}

#[derive(Debug)]
pub struct RenderOptions {
    pub format: RenderFormat,
    pub all: bool,
    /// The file's name, where it goes into a file.
    pub write_to: Option<Utf8PathBuf>,
    pub outputs_from: OutputsFrom,
    pub selection: Selection,
    pub reading: ReadingOptions,
    pub engine: EngineOptions,
}

#[derive(Debug)]
pub struct EvalOptions {
    pub expression: String,
    pub reading: ReadingOptions,
}

#[derive(Debug)]
pub struct ExplainOptions {
    pub unit: String,
    /// `None` for an overview.
    pub what: Option<String>,
    pub json: bool,
    pub reading: ReadingOptions,
}

#[derive(Debug)]
pub struct OutputsOptions {
    pub unit: String,
    pub form: OutputsForm,
    pub show_sensitive: bool,
    pub reading: ReadingOptions,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OutputsForm {
    Table,
    Json,
    /// The bare value of one output.
    Raw(String),
}

#[derive(Debug)]
pub struct InfoOptions {
    pub reading: ReadingOptions,
    pub engine: EngineOptions,
}

#[derive(Debug)]
pub struct ValidateOptions {
    pub json: bool,
    pub inputs: InputsCheck,
    /// Only the paths of wrong files.
    pub only_paths: bool,
    pub selection: Selection,
    pub reading: ReadingOptions,
    pub engine: EngineOptions,
}

/// Whether inputs are compared with the module's variables.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InputsCheck {
    No,
    /// Missing inputs are errors, surplus ones warnings.
    Lenient,
    Strict,
}

#[derive(Debug)]
pub struct FormatOptions {
    pub files: FormatFiles,
    /// Change nothing, and fail where something would change.
    pub check: bool,
    pub diff: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FormatFiles {
    Stdin,
    One(Utf8PathBuf),
    All {
        exclude_folders: Vec<String>,
        selection: Selection,
    },
}

#[derive(Debug)]
pub struct StackOptions {
    pub selection: Selection,
    pub reading: ReadingOptions,
    pub engine: EngineOptions,
}

#[derive(Debug)]
pub struct StackOutputOptions {
    pub what: Option<String>,
    pub format: StackOutputFormat,
    pub generate: bool,
    pub outputs_from: OutputsFrom,
    pub stack: StackOptions,
}

impl Command {
    pub(super) fn resolve(args: CommandArgs, options: &Options) -> Self {
        let shortcut = |name: &str, args: Box<args::ShortcutArgs>| {
            let words = std::iter::once(name.to_owned()).chain(args.words).collect();
            run(words, Some(args.which), args.unit, options)
        };
        match args {
            CommandArgs::Run(args) => run(args.words, Some(args.which), args.unit, options),
            CommandArgs::RunAll(args) => run(args.words, None, args.unit, options),
            CommandArgs::Plan(args) => shortcut("plan", args),
            CommandArgs::Apply(args) => shortcut("apply", args),
            CommandArgs::Destroy(args) => shortcut("destroy", args),
            CommandArgs::Init(args) => shortcut("init", args),
            CommandArgs::Validate(args) => shortcut("validate", args),
            CommandArgs::Output(args) => shortcut("output", args),
            CommandArgs::Show(args) => shortcut("show", args),
            CommandArgs::State(args) => shortcut("state", args),
            CommandArgs::Refresh(args) => shortcut("refresh", args),
            CommandArgs::Import(args) => shortcut("import", args),
            CommandArgs::Test(args) => shortcut("test", args),
            CommandArgs::ForceUnlock(args) => shortcut("force-unlock", args),
            CommandArgs::Exec(args) => Self::Exec(Box::new(ExecOptions::resolve(*args, options))),
            CommandArgs::Find(args) => Self::Find(Box::new(FindOptions::resolve(*args, options))),
            CommandArgs::List(args) => Self::List(Box::new(ListOptions::resolve(*args, options))),
            CommandArgs::Graph(args) => {
                Self::Graph(Box::new(GraphOptions::resolve(*args, options)))
            }
            CommandArgs::Dag(DagCommand::Graph(args)) => {
                let listing = ListingOptions::resolve(*args, options);
                Self::List(Box::new(ListOptions::as_terragrunts_graph(listing)))
            }
            CommandArgs::Render(args) => {
                Self::Render(Box::new(RenderOptions::resolve(*args, options)))
            }
            CommandArgs::Eval(args) => Self::Eval(EvalOptions::resolve(*args, options)),
            CommandArgs::Explain(args) => Self::Explain(ExplainOptions::resolve(*args, options)),
            CommandArgs::Identity(args) => {
                Self::Identity(Box::new(IdentityOptions::resolve(*args, options)))
            }
            CommandArgs::Doctor(args) => {
                Self::Doctor(Box::new(DoctorOptions::resolve(*args, options)))
            }
            CommandArgs::Outputs(args) => Self::Outputs(OutputsOptions::resolve(*args, options)),
            CommandArgs::Trust(args) => {
                Self::Trust(Box::new(TrustOptions::resolve(*args, options)))
            }
            CommandArgs::Policy(args) => {
                Self::Policy(Box::new(PolicyOptions::resolve(*args, options)))
            }
            CommandArgs::Info(InfoCommand::Print(args)) => Self::InfoPrint(InfoOptions {
                reading: ReadingOptions::resolve(args.reading, options),
                engine: EngineOptions::resolve(args.engine, options),
            }),
            CommandArgs::Hcl(HclCommand::Validate(args)) => {
                Self::Validate(Box::new(ValidateOptions::resolve(*args, options)))
            }
            CommandArgs::Hcl(HclCommand::Fmt(args)) => {
                Self::Format(FormatOptions::resolve(*args, options))
            }
            CommandArgs::Stack(StackCommand::Generate(args)) => Self::StackGenerate(StackOptions {
                selection: Selection::resolve(args.selection, options),
                reading: ReadingOptions::resolve(args.reading, options),
                engine: EngineOptions::resolve(args.engine, options),
            }),
            CommandArgs::Stack(StackCommand::Run(args)) => {
                run(args.words, None, args.unit, options)
            }
            CommandArgs::Stack(StackCommand::Output(args)) => {
                Self::StackOutput(Box::new(StackOutputOptions::resolve(*args, options)))
            }
            CommandArgs::Stack(StackCommand::Clean(args)) => {
                Self::StackClean(Selection::resolve(args.selection, options))
            }
        }
    }
}

fn run(
    words: Vec<String>,
    which: Option<args::WhichUnitsArgs>,
    unit: args::UnitRunArgs,
    options: &Options,
) -> Command {
    Command::Run(Box::new(RunOptions::resolve(words, which, unit, options)))
}

impl ListingOptions {
    fn resolve(args: args::ListingArgs, options: &Options) -> Self {
        let order = match args.queue_construct_as.as_deref() {
            Some(command) if destroys(command) => Order::DownstreamsFirst,
            Some(_) => Order::UpstreamsFirst,
            None if args.dag => Order::UpstreamsFirst,
            None => Order::ByPath,
        };
        Self {
            order,
            dependencies: args.dependencies,
            external: args.external,
            hidden_folders: !args.no_hidden,
            as_command: args.queue_construct_as,
            selection: Selection::resolve(args.selection, options),
            reading: ReadingOptions::resolve(args.reading, options),
        }
    }
}

/// `destroy`, or `plan -destroy`.
fn destroys(command: &str) -> bool {
    let mut words = command.split_whitespace();
    words.next() == Some("destroy") || words.any(|word| word.trim_start_matches('-') == "destroy")
}

impl FindOptions {
    fn resolve(args: args::FindArgs, options: &Options) -> Self {
        Self {
            format: if args.json {
                FindFormat::Json
            } else {
                args.format
            },
            with: FindParts {
                exclude: args.exclude,
                include: args.include,
                reading: args.reading,
            },
            listing: ListingOptions::resolve(args.listing, options),
        }
    }
}

impl ListOptions {
    fn resolve(args: args::ListArgs, options: &Options) -> Self {
        Self {
            format: match (args.long, args.tree) {
                (_, true) => ListFormat::Tree,
                (true, false) => ListFormat::Long,
                (false, false) => args.format,
            },
            listing: ListingOptions::resolve(args.listing, options),
        }
    }

    /// `dag graph`
    fn as_terragrunts_graph(listing: ListingOptions) -> Self {
        Self {
            format: ListFormat::Dot,
            listing: ListingOptions {
                dependencies: true,
                external: true,
                ..listing
            },
        }
    }
}

impl GraphOptions {
    fn resolve(args: args::GraphArgs, options: &Options) -> Self {
        Self {
            format: if args.json {
                GraphFormat::Json
            } else {
                args.format
            },
            selection: Selection::resolve(args.selection, options),
            reading: ReadingOptions::resolve(args.reading, options),
        }
    }
}

impl RenderOptions {
    fn resolve(args: args::RenderArgs, options: &Options) -> Self {
        let format = if args.json {
            RenderFormat::Json
        } else {
            args.format
        };
        let usual_name = match format {
            RenderFormat::Hcl => "terragrunt.rendered.hcl",
            RenderFormat::Json => "terragrunt.rendered.json",
        };
        let write = args.write || args.out.is_some();
        Self {
            format,
            all: args.all,
            write_to: write.then(|| args.out.unwrap_or_else(|| usual_name.into())),
            outputs_from: OutputsFrom::resolve(&args.outputs),
            selection: Selection::resolve(args.selection, options),
            reading: ReadingOptions::resolve(args.reading, options),
            engine: EngineOptions::resolve(args.engine, options),
        }
    }
}

impl EvalOptions {
    fn resolve(args: args::EvalArgs, options: &Options) -> Self {
        Self {
            expression: args.expression,
            reading: ReadingOptions::resolve(args.reading, options),
        }
    }
}

impl ExplainOptions {
    fn resolve(args: args::ExplainArgs, options: &Options) -> Self {
        Self {
            unit: args.unit,
            what: args.what,
            json: args.json,
            reading: ReadingOptions::resolve(args.reading, options),
        }
    }
}

impl OutputsOptions {
    fn resolve(args: args::OutputsArgs, options: &Options) -> Self {
        Self {
            unit: args.unit,
            form: match (args.raw, args.json) {
                (Some(name), _) => OutputsForm::Raw(name),
                (None, true) => OutputsForm::Json,
                (None, false) => OutputsForm::Table,
            },
            show_sensitive: args.show_sensitive,
            reading: ReadingOptions::resolve(args.reading, options),
        }
    }
}

impl ValidateOptions {
    fn resolve(args: args::ValidateArgs, options: &Options) -> Self {
        Self {
            json: args.json,
            inputs: match (args.inputs, args.strict) {
                (false, _) => InputsCheck::No,
                (true, false) => InputsCheck::Lenient,
                (true, true) => InputsCheck::Strict,
            },
            only_paths: args.show_config_path,
            selection: Selection::resolve(args.selection, options),
            reading: ReadingOptions::resolve(args.reading, options),
            engine: EngineOptions::resolve(args.engine, options),
        }
    }
}

impl FormatOptions {
    fn resolve(args: args::FormatArgs, options: &Options) -> Self {
        let files = match (args.stdin, args.file) {
            (true, _) => FormatFiles::Stdin,
            (false, Some(file)) => FormatFiles::One(options.path(&file)),
            (false, None) => FormatFiles::All {
                exclude_folders: args.exclude_dir,
                selection: Selection::resolve(args.selection, options),
            },
        };
        Self {
            files,
            check: args.check,
            diff: args.diff,
        }
    }
}

impl StackOutputOptions {
    fn resolve(args: args::StackOutputArgs, options: &Options) -> Self {
        Self {
            what: args.what,
            format: if args.json {
                StackOutputFormat::Json
            } else {
                args.format
            },
            generate: !args.no_stack_generate,
            outputs_from: OutputsFrom::resolve(&args.outputs),
            stack: StackOptions {
                selection: Selection::resolve(args.selection, options),
                reading: ReadingOptions::resolve(args.reading, options),
                engine: EngineOptions::resolve(args.engine, options),
            },
        }
    }
}
