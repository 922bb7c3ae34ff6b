//! A command line that cannot be understood, in words.

use clap::{Arg, Command};

use super::super::terragrunt;
use super::names_of;

/// What is wrong, and what to type instead.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::cli) struct UsageError {
    pub(in crate::cli) message: String,
    pub(in crate::cli) help: Vec<String>,
}

/// How alike two words must be for one to be meant by the other, from 0 to 1.
const ALIKE: f64 = 0.8;

impl UsageError {
    pub(in crate::cli) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: Vec::new(),
        }
    }

    #[must_use]
    pub(in crate::cli) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    pub(super) fn unknown_command(parent: &Command, path: &[String], name: &str) -> Self {
        let error = Self::new(format!("there is no command `{}`", typed(path, name)));
        if terragrunt::is_command_of_terraform(name) && path.is_empty() {
            return error.help(format!(
                "it is a command of terraform's: write `terrane run -- {name}`"
            ));
        }
        let names: Vec<&str> = parent
            .get_subcommands()
            .filter(|command| !command.is_hide_set())
            .flat_map(|command| {
                std::iter::once(command.get_name()).chain(command.get_all_aliases())
            })
            .collect();
        let error = match nearest(name, names.iter().copied()) {
            Some(near) => error.help(format!("did you mean `{}`?", typed(path, near))),
            None if path.is_empty() => error.help(format!(
                "`terrane run -- {name}` hands a command to terraform, whatever its name"
            )),
            None => error,
        };
        error.help(format!(
            "`{} --help` lists all commands",
            typed(path, "").trim_end()
        ))
    }

    pub(super) fn refused_command(name: &str, why: &str) -> Self {
        Self::new(format!("terrane has no command `{name}`")).help(why)
    }

    pub(super) fn refused_flag(typed: &str, why: &str) -> Self {
        Self::new(format!("`{typed}` cannot be used with terrane")).help(why)
    }

    pub(super) fn unknown_flag(leaf: &Command, path: &[String], flag: &str) -> Self {
        let command = typed(path, "");
        let error = Self::new(format!("`{}` has no flag `{flag}`", command.trim_end()));
        let known = leaf.get_arguments().filter(|arg| !arg.is_hide_set());
        let names: Vec<&str> = known.flat_map(names_of).collect();
        let bare = flag.trim_start_matches('-');
        let error = match nearest(bare, names.into_iter()) {
            Some(near) => error.help(format!("did you mean `--{near}`?")),
            None => error,
        };
        if super::is_shortcut(leaf.get_name()) || ["run", "run-all"].contains(&leaf.get_name()) {
            let of_terraform = nearest(bare, terragrunt::flags_of_terraform());
            let error = match of_terraform.filter(|_| error.help.is_empty()) {
                Some(near) => error.help(format!("terraform has a flag `-{near}`")),
                None => error,
            };
            return error.help("flags of terraform's stand after `--`");
        }
        error.help(format!("`{command}--help` lists all flags"))
    }

    /// `line` is how to type it.
    pub(super) fn needs_separation(flag: &str, line: &str) -> Self {
        Self::new(format!(
            "`{flag}` stands where only flags of terrane can stand"
        ))
        .help(format!("flags of terraform's stand after `--`: `{line}`"))
    }

    pub(in crate::cli) fn not_boolean(spelled: &str, value: &str) -> Self {
        Self::new(format!(
            "`{spelled}` is either true or false, not `{value}`"
        ))
    }

    pub(super) fn no_value(leaf: &Command, arg: &Arg, spelled: &str) -> Self {
        let name = arg.get_value_names().and_then(|names| names.first());
        let wanted = name.map_or("a value", |name| name.as_str());
        Self::new(format!(
            "`{spelled}` is the last word, but {wanted} must follow it"
        ))
        .help(format!(
            "`terrane {} --help` says what it is for",
            leaf.get_name()
        ))
    }
}

/// `terrane hcl fmt `
fn typed(path: &[String], name: &str) -> String {
    let words = std::iter::once("terrane").chain(path.iter().map(String::as_str));
    words.chain([name]).collect::<Vec<_>>().join(" ")
}

/// What may have been meant.
pub(in crate::cli) fn nearest<'n>(
    name: &str,
    known: impl Iterator<Item = &'n str>,
) -> Option<&'n str> {
    let scored = known.map(|other| (strsim::jaro_winkler(name, other), other));
    let best = scored.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    (best.0 >= ALIKE).then_some(best.1)
}
