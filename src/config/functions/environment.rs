//! What the caller's environment and command line say.

use terrane_hcl::{Arguments, CallError, Value};

use super::{Called, Function, words};
use crate::config::scope::View;
use crate::model::engine_facts::{
    COMMANDS_THAT_NEED_INPUT, COMMANDS_THAT_NEED_LOCKING, COMMANDS_THAT_NEED_PARALLELISM,
    COMMANDS_THAT_NEED_VARS, DEFAULT_RETRYABLE_ERRORS,
};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "get_default_retryable_errors",
        usage: "get_default_retryable_errors()",
        about: "The patterns of errors that are tried again where a file says nothing.",
        body: |_, arguments| list(arguments, &DEFAULT_RETRYABLE_ERRORS),
    },
    Function {
        name: "get_env",
        usage: "get_env(\"NAME\", default)",
        about: "An environment variable; one that is set to nothing counts as set.",
        body: get_env,
    },
    Function {
        name: "get_platform",
        usage: "get_platform()",
        about: "The operating system: linux, darwin.",
        body: get_platform,
    },
    Function {
        name: "get_terraform_cli_args",
        usage: "get_terraform_cli_args()",
        about: "The terraform command with its arguments.",
        body: get_terraform_cli_args,
    },
    Function {
        name: "get_terraform_command",
        usage: "get_terraform_command()",
        about: "The terraform command that was asked for.",
        body: get_terraform_command,
    },
    Function {
        name: "get_terraform_commands_that_need_input",
        usage: "get_terraform_commands_that_need_input()",
        about: "The terraform commands that take -input.",
        body: |_, arguments| list(arguments, &COMMANDS_THAT_NEED_INPUT),
    },
    Function {
        name: "get_terraform_commands_that_need_locking",
        usage: "get_terraform_commands_that_need_locking()",
        about: "The terraform commands that take -lock and -lock-timeout.",
        body: |_, arguments| list(arguments, &COMMANDS_THAT_NEED_LOCKING),
    },
    Function {
        name: "get_terraform_commands_that_need_parallelism",
        usage: "get_terraform_commands_that_need_parallelism()",
        about: "The terraform commands that take -parallelism.",
        body: |_, arguments| list(arguments, &COMMANDS_THAT_NEED_PARALLELISM),
    },
    Function {
        name: "get_terraform_commands_that_need_vars",
        usage: "get_terraform_commands_that_need_vars()",
        about: "The terraform commands that take -var and -var-file.",
        body: |_, arguments| list(arguments, &COMMANDS_THAT_NEED_VARS),
    },
    Function {
        name: "get_terragrunt_source_cli_flag",
        usage: "get_terragrunt_source_cli_flag()",
        about: "The value of --source; empty where it is not given.",
        body: get_terragrunt_source_cli_flag,
    },
];

fn list(arguments: &Arguments<'_>, items: &[&str]) -> Called {
    arguments.expect_count(0..=0)?;
    Ok(words(items))
}

fn get_env(view: &View<'_>, arguments: &Arguments<'_>) -> Called {
    arguments.expect_count(1..=2)?;
    let name = arguments.string(0)?;
    let default = match arguments.len() {
        2 => Some(arguments.string(1)?),
        _ => None,
    };
    if name.is_empty() {
        return Err(CallError::argument(0, "must not be empty"));
    }
    let surroundings = view.evaluation.reader.surroundings();
    let given = if surroundings.gives_variables() {
        let given = surroundings.given_variable(&name, view.folder());
        given.map_err(|error| CallError::failed(format!("{error}.")))?
    } else {
        None
    };
    let value = given.or_else(|| surroundings.variable(&name));
    match value.or(default) {
        Some(value) => Ok(Value::from(value)),
        None => Err(CallError::failed(format!(
            "The environment variable {name} is not set, and no default is given."
        ))),
    }
}

fn get_platform(view: &View<'_>, arguments: &Arguments<'_>) -> Called {
    arguments.expect_count(0..=0)?;
    Ok(Value::from(
        view.evaluation.reader.surroundings().platform(),
    ))
}

fn get_terraform_command(view: &View<'_>, arguments: &Arguments<'_>) -> Called {
    arguments.expect_count(0..=0)?;
    Ok(Value::from(view.evaluation.options.command.as_str()))
}

fn get_terraform_cli_args(view: &View<'_>, arguments: &Arguments<'_>) -> Called {
    arguments.expect_count(0..=0)?;
    let typed = &view.evaluation.options.arguments;
    Ok(Value::tuple(
        typed.iter().map(|word| Value::from(word.as_str())),
    ))
}

fn get_terragrunt_source_cli_flag(view: &View<'_>, arguments: &Arguments<'_>) -> Called {
    arguments.expect_count(0..=0)?;
    let source = view.evaluation.options.source.as_deref();
    Ok(Value::from(source.unwrap_or_default()))
}
