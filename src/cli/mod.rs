//! The commands: arguments and environment become options, and each command is one straight
//! pipeline over the layers below.
//!
//! It decides nothing about units, graphs or runs. It owns the flags, the environment, the exit
//! codes and the words of errors.

pub mod args;
pub mod aws_access;
pub mod credentials;
mod disk;
mod environment;
pub mod exit;
mod hcl_fmt;
mod help;
mod note;
pub mod options;
pub mod screen;
pub mod surroundings;
mod terragrunt;
pub mod terrane_file;
mod words;

use std::process::ExitCode;

use exit::CommandError;
use options::{Command, Invocation, Launch, LogLevel};

use crate::report::{ExitStatus, Look};

/// Runs the program as it was started.
pub fn main() -> ExitCode {
    if let Some((arguments, token)) = options::asked_for_credentials() {
        return credentials::run(arguments, token);
    }
    exit::guarded(|| {
        let look = Look::plain();
        let invocation = Launch::of_this_process().and_then(Invocation::from_launch);
        match invocation {
            Ok(invocation) => run(&invocation),
            Err(error) => error.tell(&look),
        }
    })
}

fn run(invocation: &Invocation) -> ExitCode {
    let options = &invocation.options;
    if options.talk >= LogLevel::Info {
        for note in &invocation.notes {
            screen::say(&format!("note: {note}\n"));
        }
    }
    match command(invocation) {
        Ok(status) => status.into(),
        Err(error) => error.tell(&options.stderr),
    }
}

fn command(invocation: &Invocation) -> Result<ExitStatus, CommandError> {
    let options = &invocation.options;
    if !options.start.is_dir() {
        let start = options.shown(&options.start);
        return Err(CommandError::usage(format!("there is no folder {start}")));
    }
    match &invocation.command {
        Command::Format(format) => hcl_fmt::run(options, format),
        Command::Run(_)
        | Command::Exec(_)
        | Command::Find(_)
        | Command::List(_)
        | Command::Graph(_)
        | Command::Render(_)
        | Command::Eval(_)
        | Command::Outputs(_)
        | Command::InfoPrint(_)
        | Command::Validate(_)
        | Command::StackGenerate(_)
        | Command::StackOutput(_)
        | Command::StackClean(_) => Err(CommandError::failed(
            "this version of terrane understands the command and cannot do it",
        )),
    }
}
