//! The arguments of the commands about who acts.

use clap::Args;

use super::{EngineArgs, ReadingArgs, SelectionArgs};

/// `identity`
#[derive(Debug, Args)]
pub struct IdentityArgs {
    /// The unit: its path from here or from the root, with or without the numbers of its folders
    #[arg(value_name = "UNIT")]
    pub unit: Option<String>,

    /// One line for each unit instead of one for each role
    #[arg(long, short = 'l', conflicts_with = "unit")]
    pub long: bool,

    /// As JSON
    #[arg(long, short = 'j')]
    pub json: bool,

    #[command(flatten)]
    pub selection: SelectionArgs,
    #[command(flatten)]
    pub reading: ReadingArgs,
}

/// `doctor`
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Ask nobody: look at files, variables and programs only
    #[arg(long)]
    pub offline: bool,

    /// As JSON
    #[arg(long, short = 'j')]
    pub json: bool,

    #[command(flatten)]
    pub selection: SelectionArgs,
    #[command(flatten)]
    pub reading: ReadingArgs,
    #[command(flatten)]
    pub engine: EngineArgs,
}
