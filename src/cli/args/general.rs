//! Flags that every command takes.

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};

/// Flags that every command takes, before or after its name.
#[derive(Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub struct GeneralArgs {
    /// Start in this folder instead of the current one
    ///
    /// A command works on the folder it starts in and on what lies below.
    #[arg(long, short = 'C', value_name = "DIR", alias = "chdir", global = true)]
    pub working_dir: Option<Utf8PathBuf>,

    /// Never ask: every question counts as answered with yes
    #[arg(long, global = true)]
    pub non_interactive: bool,

    /// No colours
    ///
    /// NO_COLOR does the same; CLICOLOR_FORCE asks for colours where there is no terminal.
    #[arg(long, alias = "no-colour", global = true)]
    pub no_color: bool,

    /// Say nothing but errors
    #[arg(long, short = 'q', visible_alias = "log-disable", global = true)]
    pub quiet: bool,

    /// How much to say on stderr
    #[arg(
        long,
        value_name = "LEVEL",
        value_enum,
        ignore_case = true,
        global = true,
        hide_short_help = true
    )]
    pub log_level: Option<LogLevel>,

    /// How to tell of a run
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        ignore_case = true,
        global = true,
        hide_short_help = true
    )]
    pub log_format: Option<LogFormat>,
}

/// How much is said on stderr beside the data.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, ValueEnum)]
pub enum LogLevel {
    /// Errors only
    #[value(alias = "stderr", alias = "stdout")]
    Error,
    /// Warnings too
    Warn,
    /// Hints too: the usual
    Info,
    /// Where each option came from too
    Debug,
    #[value(hide = true)]
    Trace,
}

/// How the story of a run is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum LogFormat {
    /// For people: bars on a terminal, plain lines elsewhere
    #[value(alias = "bare", alias = "key-value")]
    Pretty,
    /// Plain lines, also on a terminal
    Plain,
    /// One JSON object per event
    Json,
}
