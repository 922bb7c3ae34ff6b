//! What clap knows of a flag.

use std::ffi::OsStr;

use clap::{Arg, ArgAction, Command};

/// A flag somewhere among the commands.
#[derive(Clone, Copy)]
pub(super) struct Found {
    takes_value: bool,
    has_value: bool,
    requires_equals: bool,
}

impl Found {
    /// Whether the next word is its value.
    pub(super) fn wants_next(self) -> bool {
        self.takes_value && !self.has_value && !self.requires_equals
    }
}

/// The command that a path of names leads to.
pub(in crate::cli) fn leaf<'c>(commands: &'c Command, path: &[String]) -> &'c Command {
    path.iter().fold(commands, |command, name| {
        command
            .find_subcommand(name)
            .expect("the path was walked before")
    })
}

/// A flag of one command, by its name or one of its aliases.
pub(super) fn flag_of<'c>(command: &'c Command, name: &str) -> Option<&'c Arg> {
    command
        .get_arguments()
        .find(|arg| names_of(arg).contains(&name))
}

pub(super) fn short_of(command: &Command, letter: char) -> Option<&Arg> {
    let mut arguments = command.get_arguments();
    arguments.find(|arg| {
        arg.get_short() == Some(letter)
            || arg
                .get_all_short_aliases()
                .is_some_and(|all| all.contains(&letter))
    })
}

/// The long name of a flag and its aliases; empty for an operand.
pub(in crate::cli) fn names_of(arg: &Arg) -> Vec<&str> {
    let aliases = arg.get_all_aliases().unwrap_or_default();
    arg.get_long().into_iter().chain(aliases).collect()
}

pub(in crate::cli) fn takes_value(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Set | ArgAction::Append)
}

/// A flag that stands before the command, where it is not known yet whose it is. A test sees to it
/// that a name takes a value everywhere or nowhere.
pub(super) fn flag_anywhere(commands: &Command, word: &OsStr) -> Option<Found> {
    let text = word.to_string_lossy();
    if let Some(long) = text.strip_prefix("--") {
        let (name, has_value) = match long.split_once('=') {
            Some((name, _)) => (name, true),
            None => (long, false),
        };
        let bare = name.strip_prefix("terragrunt-").unwrap_or(name);
        let arg = find(commands, &|command| flag_of(command, bare));
        return match (arg, super::terragrunt::old_flag(bare)) {
            (Some(arg), _) => Some(found(arg, has_value)),
            (None, Some(old)) => Some(Found {
                takes_value: old.takes == super::Takes::Value,
                has_value,
                requires_equals: false,
            }),
            (None, None) => None,
        };
    }
    let letter = text.chars().nth(1)?;
    // Letters mean different things in different commands; before one only those count that every
    // command has.
    short_of(commands, letter).map(|arg| found(arg, text.chars().count() > 2))
}

fn found(arg: &Arg, has_value: bool) -> Found {
    Found {
        takes_value: takes_value(arg),
        has_value,
        requires_equals: arg.is_require_equals_set(),
    }
}

fn find<'c>(
    command: &'c Command,
    wanted: &impl Fn(&'c Command) -> Option<&'c Arg>,
) -> Option<&'c Arg> {
    wanted(command).or_else(|| {
        let mut subcommands = command.get_subcommands();
        subcommands.find_map(|subcommand| find(subcommand, wanted))
    })
}
