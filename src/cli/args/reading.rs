//! Flags about how the configuration is read. It cannot be read without knowing who acts.

use camino::Utf8PathBuf;
use clap::Args;

use super::RoleArgs;

/// How the configuration is read.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Reading")]
pub struct ReadingArgs {
    /// The configuration file of this unit, or its name in all units
    #[arg(long, value_name = "FILE")]
    pub config: Option<Utf8PathBuf>,

    /// Set a feature flag; may be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = name_and_value)]
    pub feature: Vec<(String, String)>,

    /// Start no process while reading
    ///
    /// For trees that one does not trust: run_cmd, sops_decrypt_file and their like are errors.
    #[arg(long, hide_short_help = true)]
    pub no_exec: bool,

    /// The root of the estate, where it is neither the repository nor found by includes
    #[arg(long, value_name = "DIR", hide_short_help = true)]
    pub root: Option<Utf8PathBuf>,

    /// Switch on a part of the language that is not settled yet: deep-merge
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub experiment: Vec<String>,

    #[command(flatten)]
    pub roles: RoleArgs,
}

/// `NAME=VALUE`
pub(super) fn name_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        Some(_) | None => Err("write NAME=VALUE".to_owned()),
    }
}
