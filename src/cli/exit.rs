//! How a command ends: the one place where errors become words and an exit code.
//!
//! Lower layers give facts; here they are said. A reader that went away is no error. A mistake of
//! terrane's own is told as such, without any value that was at hand.

use std::error::Error;
use std::io;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use terrane_hcl::{Diagnostic, Diagnostics};

use super::options::Chosen;
use super::screen;
use super::words::UsageError;
use crate::aws::{ReadOutputsError, ReadProblem, StartBrokerError};
use crate::identity::{ClaimError, WrongAccount};
use crate::report::{ExitStatus, Look, render_diagnostics};

/// The code of a mistake of terrane's own, apart from all others: nothing is known then about what
/// was done.
const BUG: u8 = 70;

/// Why a command cannot go on.
#[derive(Debug)]
pub struct CommandError {
    status: ExitStatus,
    words: Words,
}

#[derive(Debug)]
enum Words {
    /// What is wrong in people's files or in the world.
    Diagnostics(Diagnostics),
    /// Help or the version, which clap has written.
    Help(Box<clap::Error>),
    /// Whoever read our output has gone.
    ReaderGone,
}

/// Without `(os error 13)`, which says nothing to people.
pub(super) fn without_error_numbers(text: &str) -> String {
    let mut parts = text.split(" (os error ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let after = part.split_once(')').map_or(part, |(_, after)| after);
        text + after
    })
}

impl CommandError {
    /// The command cannot go on.
    pub fn failed(summary: impl Into<String>) -> Self {
        Self::new(ExitStatus::Failure, summary)
    }

    /// A safety check says no; nothing was started.
    pub fn refused(summary: impl Into<String>) -> Self {
        Self::new(ExitStatus::Refused, summary)
    }

    /// A safety check says no to what is in a file.
    pub fn refused_for(problem: Diagnostic) -> Self {
        Self {
            status: ExitStatus::Refused,
            words: Words::Diagnostics(problem.into()),
        }
    }

    /// The words on the command line do not go together.
    pub fn usage(summary: impl Into<String>) -> Self {
        Self::new(ExitStatus::Usage, summary)
    }

    /// A sentence with the data.
    #[must_use]
    pub fn detail(self, detail: impl Into<String>) -> Self {
        self.with(|diagnostic| diagnostic.detail(detail))
    }

    /// What led to it, down to the last cause.
    #[must_use]
    pub fn because(self, cause: &(dyn Error + 'static)) -> Self {
        let mut text = cause.to_string();
        let mut deeper = cause.source();
        while let Some(error) = deeper {
            text.push_str(": ");
            text.push_str(&error.to_string());
            deeper = error.source();
        }
        self.detail(without_error_numbers(&text))
    }

    /// What to type.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        self.with(|diagnostic| diagnostic.help(help))
    }

    /// A state could not be read.
    pub(super) fn outputs_not_read(unit: &str, error: &ReadOutputsError) -> Self {
        if error.problem == ReadProblem::NeverApplied {
            let told = Self::failed(format!("{unit} has no state yet"));
            return told.because(error).help("apply it first");
        }
        let told = Self::failed(format!("the outputs of {unit} could not be read"));
        let told = told.because(error);
        let told = error.help().into_iter().fold(told, Self::help);
        if matches!(error.problem, ReadProblem::Session(_)) {
            return told.help("run: terrane doctor");
        }
        told
    }

    /// Says what is wrong, and gives the code to exit with.
    pub fn tell(&self, look: &Look) -> ExitCode {
        let goes_to_stdout = matches!(&self.words, Words::Help(error) if !error.use_stderr());
        if goes_to_stdout {
            return match screen::print(&self.text(look)) {
                Ok(()) => self.status.into(),
                Err(error) => error.status.into(),
            };
        }
        screen::say(&self.text(look));
        self.status.into()
    }

    /// What clap says, in the words and the look of all other errors. Its help and its version are
    /// errors to it, too.
    pub(super) fn from_clap(error: clap::Error, chosen: &[Chosen]) -> Self {
        if !error.use_stderr()
            || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        {
            return Self {
                status: if error.use_stderr() {
                    ExitStatus::Usage
                } else {
                    ExitStatus::Success
                },
                words: Words::Help(Box::new(error)),
            };
        }
        let text = error.render().to_string();
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let summary = lines.next().unwrap_or_default();
        let mut told = Self::usage(summary.trim_start_matches("error: ").trim_end_matches(':'));
        let mut details = Vec::new();
        for line in lines {
            let is_missing = error.kind() == ErrorKind::MissingRequiredArgument;
            match (line.strip_prefix("tip: "), line.strip_prefix("Usage: ")) {
                (Some(tip), _) => told = told.help(tip),
                (None, Some(usage)) if is_missing => told = told.help(format!("write {usage}")),
                (None, Some(_)) => {}
                (None, None) if line.starts_with("For more information") => {}
                (None, None) => details.push(line),
            }
        }
        told = told.detail(details.join(" "));
        // The value may be one that nobody typed.
        let flag = match error.get(ContextKind::InvalidArg) {
            Some(ContextValue::String(flag)) => flag.as_str(),
            Some(_) | None => "",
        };
        let variables = chosen.iter().filter_map(|chosen| chosen.variable_of(flag));
        variables.fold(told, |told, name| {
            told.help(format!("the value comes from the variable {name}"))
        })
    }

    /// What is said, as it is shown.
    pub(super) fn text(&self, look: &Look) -> String {
        match &self.words {
            Words::Diagnostics(diagnostics) => render_diagnostics(diagnostics, look),
            Words::Help(error) if look.colour => error.render().ansi().to_string(),
            Words::Help(error) => error.render().to_string(),
            Words::ReaderGone => String::new(),
        }
    }

    fn new(status: ExitStatus, summary: impl Into<String>) -> Self {
        let diagnostic = Diagnostic::error(summary.into());
        Self {
            status,
            words: Words::Diagnostics(diagnostic.into()),
        }
    }

    fn with(mut self, change: impl FnOnce(Diagnostic) -> Diagnostic) -> Self {
        if let Words::Diagnostics(diagnostics) = &mut self.words {
            let mut all: Vec<Diagnostic> = std::mem::take(diagnostics).into_iter().collect();
            if let Some(last) = all.pop() {
                all.push(change(last));
            }
            *diagnostics = all.into_iter().collect();
        }
        self
    }
}

impl From<Diagnostics> for CommandError {
    fn from(diagnostics: Diagnostics) -> Self {
        Self {
            status: ExitStatus::Failure,
            words: Words::Diagnostics(diagnostics),
        }
    }
}

impl From<Diagnostic> for CommandError {
    fn from(diagnostic: Diagnostic) -> Self {
        Diagnostics::from(diagnostic).into()
    }
}

/// A role that cannot be one.
impl From<ClaimError> for CommandError {
    fn from(error: ClaimError) -> Self {
        Self::usage("who acts cannot be told").because(&error)
    }
}

impl From<Box<WrongAccount>> for CommandError {
    fn from(error: Box<WrongAccount>) -> Self {
        Self::refused(WrongAccount::SUMMARY)
            .because(&*error)
            .help(error.help())
    }
}

impl From<StartBrokerError> for CommandError {
    fn from(error: StartBrokerError) -> Self {
        Self::failed("nobody can be asked for credentials").because(&error)
    }
}

impl From<UsageError> for CommandError {
    fn from(error: UsageError) -> Self {
        let usage = Self::usage(error.message);
        error.help.into_iter().fold(usage, Self::help)
    }
}

/// An error of our own stdout.
impl From<io::Error> for CommandError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self {
                status: ExitStatus::Success,
                words: Words::ReaderGone,
            };
        }
        Self::failed("the output could not be written").because(&error)
    }
}

/// Runs the program, and tells a panic as the mistake of terrane's that it is.
///
/// The message of a panic may hold values, secret ones too, so only its place is told.
pub fn guarded(program: impl FnOnce() -> ExitCode) -> ExitCode {
    panic::set_hook(Box::new(|info| screen::say(&bug_report(info))));
    panic::catch_unwind(AssertUnwindSafe(program)).unwrap_or(ExitCode::from(BUG))
}

fn bug_report(info: &PanicHookInfo<'_>) -> String {
    let place = info
        .location()
        .map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
    format!(
        "error: this is a bug in terrane {}{place}\n\
         help: please report it with the command that you typed; what was running may have been \
         left half-way, so look before you run it again\n",
        env!("CARGO_PKG_VERSION")
    )
}
