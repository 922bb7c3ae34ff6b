//! The arguments of `trust` and `policy`.

use clap::{Args, ValueEnum};

use super::{ReadingArgs, SelectionArgs};

/// `trust`
#[derive(Debug, Args)]
pub struct TrustArgs {
    /// Only of this role: an ARN, a name, or hub, doer, state
    #[arg(value_name = "ROLE")]
    pub wanted: Option<String>,

    /// Who starts terrane, since files do not say; may be given several times
    ///
    /// The ARN of a role or a user; sso:PERMISSION_SET or sso:PERMISSION_SET@ACCOUNT; or
    /// oidc:repo:ORG/REPO:environment:NAME for jobs of GitHub.
    #[arg(long, value_name = "PRINCIPAL")]
    pub base_principal: Vec<String>,

    /// json, or hcl for terraform
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        ignore_case = true,
        default_value = "json"
    )]
    pub format: PolicyFormat,

    #[command(flatten)]
    pub selection: SelectionArgs,
    #[command(flatten)]
    pub reading: ReadingArgs,
}

/// `policy`
#[derive(Debug, Args)]
pub struct PolicyArgs {
    /// Only of this role: an ARN, a name, or hub, doer, state
    #[arg(value_name = "ROLE")]
    pub wanted: Option<String>,

    /// What one unit needs of the states: its own, and those whose outputs it reads
    #[arg(long, value_name = "UNIT", conflicts_with_all = ["wanted", "per_unit"])]
    pub unit: Option<String>,

    /// The same for each unit
    #[arg(long, conflicts_with = "wanted")]
    pub per_unit: bool,

    /// Name states by their first folder, so that new units need no new policy
    #[arg(long)]
    pub folders: bool,

    /// With the states of all workspaces
    #[arg(long)]
    pub workspaces: bool,

    /// json, or hcl for terraform
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        ignore_case = true,
        default_value = "json"
    )]
    pub format: PolicyFormat,

    #[command(flatten)]
    pub selection: SelectionArgs,
    #[command(flatten)]
    pub reading: ReadingArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum PolicyFormat {
    Json,
    Hcl,
}
