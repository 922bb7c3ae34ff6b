//! Flags that choose units.

use camino::Utf8PathBuf;
use clap::Args;

/// Which of the units from here down.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Selection")]
pub struct SelectionArgs {
    /// Choose units; several filters are joined
    ///
    /// `vpc` is a name and `./dev/*` a path; `!x` leaves x out, `a | b` wants both; `x...` adds
    /// what x needs, `...x` what needs x; `reading=FILE`, `[main...HEAD]` for what changed.
    #[arg(long, value_name = "FILTER")]
    pub filter: Vec<String>,

    /// Choose what changed since the default branch
    #[arg(long, visible_alias = "changed", short_alias = 'c')]
    pub filter_affected: bool,

    /// The git reference that --filter-affected compares with
    #[arg(long, short = 'B', value_name = "REF")]
    pub base: Option<String>,

    /// Also choose what the chosen units need, N steps far
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "all", value_parser = steps)]
    pub include_dependencies: Option<Steps>,

    /// Also choose what needs the chosen units, N steps far
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "all", value_parser = steps)]
    pub include_dependents: Option<Steps>,

    /// A file of filters, one per line [default: .terragrunt-filters, where it exists]
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub filters_file: Option<Utf8PathBuf>,

    /// Do not read .terragrunt-filters
    #[arg(long, hide_short_help = true)]
    pub no_filters_file: bool,

    /// Stop where a git filter finds units whose files are gone, and say how to destroy them
    #[arg(long, hide_short_help = true)]
    pub filter_allow_destroy: bool,

    /// Choose the units in a folder: `--filter` says more
    #[arg(long, value_name = "DIR", hide_short_help = true)]
    pub queue_include_dir: Vec<String>,

    /// Leave out the units in a folder: `--filter '!DIR'`
    #[arg(long, value_name = "DIR", hide_short_help = true)]
    pub queue_exclude_dir: Vec<String>,

    /// A file of folders to leave out [default: .terragrunt-excludes, where it exists]
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub queue_excludes_file: Option<Utf8PathBuf>,

    /// Also choose needed units that lie outside this folder
    #[arg(long, hide_short_help = true)]
    pub queue_include_external: bool,

    /// Choose the units that read a file: `--filter reading=FILE`
    #[arg(
        long,
        value_name = "FILE",
        alias = "units-that-include",
        hide_short_help = true
    )]
    pub queue_include_units_reading: Vec<String>,
}

/// How far along the edges.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Steps {
    All,
    AtMost(u32),
}

fn steps(text: &str) -> Result<Steps, String> {
    match text {
        "all" => Ok(Steps::All),
        number => number
            .parse()
            .map(Steps::AtMost)
            .map_err(|_| "a number of steps is wanted".to_owned()),
    }
}
