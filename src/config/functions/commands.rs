//! `run_cmd`: the output of a program.

use terrane_hcl::{Arguments, CallError, Value};

use super::{Called, Function};
use crate::config::questions::put_off;
use crate::config::reader::HowOften;
use crate::config::scope::View;
use crate::config::surroundings::{Command, CommandEnd, WorldError};
use crate::config::trace::Dependence;

pub(super) const FUNCTIONS: &[Function] = &[Function {
    name: "run_cmd",
    usage: "run_cmd(\"--terragrunt-quiet\", \"program\", \"argument\")",
    about: "What a program prints, without the last end of line; it runs in the unit's folder, once.",
    body: run_cmd,
}];

/// How a call may be flagged before the program's name.
#[derive(Default)]
struct Flags {
    quiet: bool,
    global_cache: bool,
    no_cache: bool,
}

impl Flags {
    fn how_often(&self) -> HowOften {
        if self.no_cache {
            HowOften::Always
        } else if self.global_cache {
            HowOften::Once
        } else {
            HowOften::OncePerFolder
        }
    }
}

fn run_cmd(view: &View<'_>, arguments: &Arguments<'_>) -> Called {
    arguments.expect_count(1..=usize::MAX)?;
    let mut words = Vec::with_capacity(arguments.len());
    for index in 0..arguments.len() {
        words.push(arguments.string(index)?);
    }
    let mut words = words.into_iter().peekable();
    let mut flags = Flags::default();
    while let Some(word) = words.peek() {
        match word.as_str() {
            "--terragrunt-quiet" => flags.quiet = true,
            "--terragrunt-global-cache" => flags.global_cache = true,
            "--terragrunt-no-cache" => flags.no_cache = true,
            other if other.starts_with("--terragrunt-") => {
                return Err(CallError::failed(format!(
                    "It has no flag {other}; there are --terragrunt-quiet, \
                     --terragrunt-global-cache and --terragrunt-no-cache."
                )));
            }
            _ => break,
        }
        words.next();
    }
    if flags.global_cache && flags.no_cache {
        return Err(CallError::failed(
            "--terragrunt-global-cache and --terragrunt-no-cache exclude each other.",
        ));
    }
    let Some(program) = words.next() else {
        return Err(CallError::failed("There is no program to run."));
    };
    let command = Command {
        program,
        arguments: words.collect(),
        folder: view.folder().to_owned(),
        echo: !flags.quiet,
    };
    view.evaluation.trace.depends_on(Dependence::ORIGINAL);
    if let Some(later) = put_off(view, arguments, "run_cmd") {
        return Ok(later);
    }
    let end = view
        .evaluation
        .reader
        .run(&command, flags.how_often())
        .map_err(|error| CallError::failed(not_run(&command.program, error)))?;
    printed(&command, &end)
}

/// Why a program was not run.
pub(super) fn not_run(program: &str, error: WorldError) -> String {
    match error {
        // It names the program itself.
        WorldError::Other(text) => format!("{text}."),
        WorldError::NotFound | WorldError::NotAvailable => format!("{program}: {error}."),
    }
}

/// What the program printed, if it ended well.
fn printed(command: &Command, end: &CommandEnd) -> Called {
    if end.code != Some(0) {
        let how = match end.code {
            Some(code) => format!("ended with code {code}"),
            None => "was ended by a signal".to_owned(),
        };
        let said = String::from_utf8_lossy(&end.stderr);
        let last: Vec<&str> = said.lines().rev().take(5).collect();
        let last: Vec<&str> = last.into_iter().rev().collect();
        return Err(CallError::failed(format!(
            "{} {how}. {}",
            command.program,
            last.join("\n")
        )));
    }
    let text = String::from_utf8(end.stdout.clone()).map_err(|_| {
        CallError::failed(format!("What {} printed is not UTF-8.", command.program))
    })?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(Value::from(text))
}
