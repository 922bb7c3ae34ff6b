//! The commands: arguments and environment become options, and each command is one straight
//! pipeline over the layers below.
//!
//! It decides nothing about units, graphs or runs. It owns the flags, the environment, the exit
//! codes and the words of errors.

pub mod args;
mod asked;
mod auth_provider;
pub mod aws_access;
mod base_identity;
mod credential_notes;
pub mod credentials;
mod disk;
mod doctor;
mod edges;
mod environment;
mod eval;
pub mod exit;
mod explain;
mod find;
mod footprints;
mod git;
mod graph;
mod hcl_fmt;
mod help;
mod identities;
mod identity;
mod info;
mod list;
mod listing;
mod loading;
mod note;
pub mod options;
mod outputs;
mod policy;
mod policy_hcl;
mod policy_roles;
mod provider_code;
mod render;
mod role_tables;
mod run;
mod run_confirm;
mod run_facts;
mod run_folder;
mod run_reporters;
mod run_settings;
mod run_units;
pub mod screen;
mod selection;
mod stack;
pub mod surroundings;
mod terragrunt;
pub mod terrane_file;
mod terrateam;
mod tree_walk;
mod trust;
mod unit_names;
mod upstreams;
mod validate;
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
        Command::Find(find) => find::run(options, find),
        Command::List(list) => list::run(options, list),
        Command::Graph(graph) => graph::run(options, graph),
        Command::Outputs(outputs) => outputs::run(options, outputs),
        Command::Trust(trust) => trust::run(options, trust),
        Command::Policy(policy) => policy::run(options, policy),
        Command::Explain(explain) => explain::run(options, explain),
        Command::Identity(identity) => identity::run(options, identity),
        Command::Doctor(doctor) => doctor::run(options, doctor),
        Command::Eval(eval) => eval::run(options, eval),
        Command::Render(render) => render::run(options, render),
        Command::Validate(validate) => validate::run(options, validate),
        Command::StackGenerate(stack) => stack::generate(options, stack),
        Command::StackClean(selection) => stack::clean(options, selection),
        Command::Format(format) => hcl_fmt::run(options, format),
        Command::Run(run) => run::run(options, run),
        Command::Exec(exec) => run::exec(options, exec),
        Command::InfoPrint(info) => info::print(options, info),
        Command::StackOutput(output) => stack::output(options, output),
    }
}
