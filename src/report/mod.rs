//! What people and machines see of a run: bytes, made from events and from nothing else.
//!
//! It decides nothing about the run and cannot stop it. Each reporter is a fold of the same events;
//! the words in it are the same everywhere.

mod account_table;
mod again;
mod board;
mod ci;
mod closing;
mod diagnostics;
mod exit_status;
mod failure;
mod json;
mod look;
mod plain;
mod problem;
mod progress;
mod report_file;
mod reporter;
#[cfg(test)]
mod script;
mod stopping;
mod summary;
mod terminal;
mod words;

pub use again::Again;
pub use closing::Failures;
pub use diagnostics::{diagnostics_as_json, first_of_each_kind, render_diagnostics};
pub use exit_status::ExitStatus;
pub use json::{Journal, JsonLines, ReadError, read_events};
pub use look::{Ci, Look};
pub use plain::{Plain, Words};
pub use problem::failure_as_problems;
pub use progress::Progress;
pub use report_file::ReportFormat;
pub use reporter::{Reporter, Reporters};
pub use summary::Summary;
pub use terminal::{Size, Terminal, TerminalEnd, stderr_size};
