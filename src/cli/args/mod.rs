//! What was typed: clap's types, nothing resolved, nothing asked of the world.
//!
//! The doc comments here are the help that people read. Flags that several commands take stand in
//! groups of their own, so that a flag means the same wherever it is typed.
#![expect(
    clippy::doc_markdown,
    clippy::struct_excessive_bools,
    reason = "comments are the help, read on a terminal; each bool is a flag of its own"
)]

mod engine;
mod general;
mod identity;
mod listing;
mod policies;
mod reading;
mod running;
mod selection;

use clap::{Parser, Subcommand};

pub use engine::{EngineArgs, RoleArgs};
pub use general::{GeneralArgs, LogFormat, LogLevel};
pub use identity::{DoctorArgs, IdentityArgs};
pub use listing::{
    EvalArgs, ExplainArgs, FindArgs, FindFormat, FormatArgs, GraphArgs, GraphFormat, InfoCommand,
    ListArgs, ListFormat, ListingArgs, OutputSourceArgs, OutputsArgs, RenderArgs, RenderFormat,
    StackCleanArgs, StackGenerateArgs, StackOutputArgs, StackOutputFormat, ValidateArgs,
};
pub use policies::{PolicyArgs, PolicyFormat, TrustArgs};
pub use reading::ReadingArgs;
pub use running::{
    ChildCredentials, ExecArgs, QueueArgs, ReportArgs, ReportFormat, RunAllArgs, RunArgs,
    ShortcutArgs, UnitRunArgs, WhichUnitsArgs,
};
pub use selection::{SelectionArgs, Steps};

/// Runs Terragrunt trees that span several AWS accounts.
///
/// terrane reads Terragrunt's files as they are, finds the dependencies between units, also across
/// accounts, gives each unit two sibling identities, one for its resources and one for its state,
/// and runs terraform or tofu in all of them, side by side, in the order of their dependencies.
#[derive(Debug, Parser)]
#[command(
    name = "terrane",
    version,
    args_override_self = true,
    subcommand_required = true,
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
pub struct Args {
    #[command(flatten)]
    pub general: GeneralArgs,
    #[command(subcommand)]
    pub command: CommandArgs,
}

/// All commands. The order is that of the help; `help.rs` groups them.
#[derive(Debug, Subcommand)]
pub enum CommandArgs {
    /// Run a terraform command in this unit, or with --all in all units from here down
    ///
    /// What stands after `--` is terraform's and is handed on untouched. Flags of terraform stand
    /// there; without `--` only flags of terrane are understood.
    #[command(after_long_help = "\
Examples:
  terrane run plan                         this unit
  terrane run --all plan                   all units from here down, in dependency order
  terrane run --all -- plan -lock=false    with flags for terraform
  terrane run --graph apply                this unit, and all units that need it
  terrane run -- state list                any command of terraform's")]
    Run(Box<RunArgs>),

    /// Run a terraform command in all units from here down: `run --all`
    ///
    /// Flags with one dash, such as -target=x, are terraform's; so is all that stands after `--`.
    #[command(after_long_help = "\
Examples:
  terrane run-all plan
  terrane run-all apply --filter 'dev/**' --parallelism 4
  terrane run-all plan --filter-affected --include-dependents
  terrane run-all destroy --non-interactive")]
    RunAll(Box<RunAllArgs>),

    /// Show what terraform would change
    #[command(after_long_help = "\
Examples:
  terrane plan
  terrane plan -out=saved.tfplan
  terrane -C prod/vpc plan --no-auto-init
  terrane plan --all")]
    Plan(Box<ShortcutArgs>),
    /// Make the changes
    Apply(Box<ShortcutArgs>),
    /// Destroy what the unit manages
    Destroy(Box<ShortcutArgs>),
    /// Prepare the unit's working folder
    Init(Box<ShortcutArgs>),
    /// Let terraform check its code; `hcl validate` checks the configuration
    Validate(Box<ShortcutArgs>),
    /// Show terraform's outputs; `outputs` shows them without terraform
    Output(Box<ShortcutArgs>),
    /// Show a state or a saved plan
    Show(Box<ShortcutArgs>),
    /// Work on the state: list, mv, rm, pull and so on
    State(Box<ShortcutArgs>),
    /// Bring the state up to date with what is there
    Refresh(Box<ShortcutArgs>),
    /// Take something that exists into the state
    Import(Box<ShortcutArgs>),
    /// Run terraform's tests
    Test(Box<ShortcutArgs>),
    /// Release the lock of a state
    ForceUnlock(Box<ShortcutArgs>),

    /// Run any program with the unit's identity and inputs
    ///
    /// The program gets the unit's inputs as TF_VAR_ variables and the session of its doer role.
    #[command(after_long_help = "\
Examples:
  terrane exec -- aws s3 ls
  terrane exec --in-download-dir -- terraform state list")]
    Exec(Box<ExecArgs>),

    /// Print the paths of the units from here down
    ///
    /// Units that cannot be read are left out of nothing: they are listed, and what is wrong with
    /// them is told on stderr.
    #[command(after_long_help = "\
Examples:
  terrane find
  terrane find --dag                               upstreams first
  terrane find --dependencies --json               for scripts
  terrane find --filter '...shared/vpc'            who needs shared/vpc
  terrane find --reading --json --filter 'dev/*'   which files each of them reads")]
    Find(Box<FindArgs>),

    /// List the units from here down for people
    #[command(
        visible_alias = "ls",
        after_long_help = "\
Examples:
  terrane list
  terrane list --long --dependencies
  terrane list --tree --dag
  terrane list --format dot --dependencies | dot -Tsvg"
    )]
    List(Box<ListArgs>),

    /// Show who waits for whom, account by account
    ///
    /// Edges from one account to another are marked. Upstreams that lie outside the folder where
    /// you stand, or outside the selection, are shown as such.
    #[command(after_long_help = "\
Examples:
  terrane graph
  terrane graph --filter 'prod/**'
  terrane graph --format mermaid >> README.md")]
    Graph(Box<GraphArgs>),

    /// The graph as Terragrunt prints it
    #[command(subcommand, hide = true)]
    Dag(DagCommand),

    /// Print a unit's configuration as it is after includes, merges and functions
    #[command(after_long_help = "\
Examples:
  terrane render
  terrane render --json
  terrane render --all --json
  terrane render --json --write       into terragrunt.rendered.json beside the file")]
    Render(Box<RenderArgs>),

    /// Evaluate an expression in a unit, and print it as JSON
    #[command(after_long_help = "\
Examples:
  terrane eval 'local.account_id'
  terrane -C dev/eks eval 'include.root.locals'
  terrane eval 'cidrsubnet(\"10.0.0.0/16\", 4, 2)'")]
    Eval(Box<EvalArgs>),

    /// Say where a value, a role or an edge of a unit comes from
    ///
    /// File and line, through includes, merges, locals and files that are read. Without WHAT an
    /// overview of all that the unit's files say.
    #[command(after_long_help = "\
Examples:
  terrane explain
  terrane explain dev/eks inputs.tags
  terrane explain dev/eks local.region
  terrane explain dev/eks remote_state.config.bucket
  terrane explain dev/eks role
  terrane explain dev/eks edges --json")]
    Explain(Box<ExplainArgs>),

    /// Show who plans, who applies and who touches the state, and why
    ///
    /// Without UNIT an overview of all units from here down, account by account. Nobody is asked:
    /// `terrane doctor` tries it.
    #[command(after_long_help = "\
Examples:
  terrane identity
  terrane identity dev/eks_controllers
  terrane identity --long --filter 'prod/**'
  terrane identity --json")]
    Identity(Box<IdentityArgs>),

    /// Try everything that runs depend on, without changing anything
    ///
    /// Every role on the way is really assumed, for fifteen minutes; buckets of states and lock
    /// tables are looked at; clock, programs and files are checked. What fails is told with what to
    /// add, and where. Exits with 4 when something failed.
    #[command(after_long_help = "\
Examples:
  terrane doctor
  terrane doctor --filter 'prod/**'
  terrane doctor --offline              files and programs only; nobody is asked
  terrane doctor --json")]
    Doctor(Box<DoctorArgs>),

    /// Print the outputs of a unit straight from its state
    ///
    /// Neither init nor terraform is needed: the state is read from its bucket as the
    /// state-management role. Sensitive values are hidden unless asked for.
    #[command(after_long_help = "\
Examples:
  terrane outputs shared/transit_gateway
  terrane outputs shared/transit_gateway --json
  terrane outputs dev/vpc --raw vpc_id
  terrane -C dev/vpc outputs .")]
    Outputs(Box<OutputsArgs>),

    /// Print the trust policies that the units from here down need of their roles
    ///
    /// Who must trust whom follows from the files: the hub is trusted by doers and state roles. Who
    /// starts terrane does not; --base-principal says it. AWS is not asked.
    #[command(after_long_help = "\
Examples:
  terrane trust --base-principal sso:AWSAdministratorAccess
  terrane trust hub --base-principal oidc:repo:acme/live:environment:prod
  terrane trust state
  terrane trust --format hcl > trust.tf")]
    Trust(Box<TrustArgs>),

    /// Print the policies that hub, state roles and doers need for what terrane does with them
    ///
    /// The hub assumes exactly the roles of the units; a state role opens exactly their states. What a
    /// doer needs for its resources stands in modules and is not among it. AWS is not asked.
    #[command(after_long_help = "\
Examples:
  terrane policy
  terrane policy hub
  terrane policy state --folders --format hcl
  terrane policy --unit dev/eks
  terrane policy --per-unit --filter 'dev/**'")]
    Policy(Box<PolicyArgs>),

    /// Facts about this unit
    #[command(subcommand)]
    Info(InfoCommand),

    /// Check and format configuration files
    #[command(subcommand)]
    Hcl(HclCommand),

    /// Units that a terragrunt.stack.hcl describes
    #[command(subcommand)]
    Stack(StackCommand),
}

/// `dag`
#[derive(Debug, Subcommand)]
pub enum DagCommand {
    /// The units and their edges in dot format
    Graph(Box<ListingArgs>),
}

/// `hcl`
#[derive(Debug, Subcommand)]
pub enum HclCommand {
    /// Check every configuration file from here down, and tell all that is wrong
    #[command(after_long_help = "\
Examples:
  terrane hcl validate
  terrane hcl validate --json
  terrane hcl validate --inputs --strict    also whether inputs and variables fit")]
    Validate(Box<ValidateArgs>),
    /// Format configuration files
    #[command(
        visible_alias = "format",
        after_long_help = "\
Examples:
  terrane hcl fmt
  terrane hcl fmt --check --diff
  terrane hcl fmt --stdin < root.hcl"
    )]
    Fmt(Box<FormatArgs>),
}

/// `stack`
#[derive(Debug, Subcommand)]
pub enum StackCommand {
    /// Write the units that the stack files from here down describe
    Generate(Box<StackGenerateArgs>),
    /// Generate, then run a terraform command in all units
    Run(Box<RunAllArgs>),
    /// Print the outputs of the stack's units
    #[command(after_long_help = "\
Examples:
  terrane stack output
  terrane stack output --format json
  terrane stack output vpc.vpc_id --format raw")]
    Output(Box<StackOutputArgs>),
    /// Remove what was generated
    Clean(Box<StackCleanArgs>),
}
