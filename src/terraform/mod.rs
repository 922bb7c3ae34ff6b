//! What to type to terraform or tofu, and what their answers mean.
//!
//! Starts nothing, reads no file, asks no clock: facts come in as arguments, and what comes out is
//! text to type, variables to set, or the meaning of an exit. What terrane adds to a command is
//! exactly what Terragrunt adds; where it differs, the reason stands at the place.

pub mod backend;
pub mod command;
pub mod engine;
pub mod environment;
pub mod error_rules;
pub mod init;
pub mod invocation;
pub mod module_code;
pub mod variables;
pub mod verdict;

#[cfg(test)]
mod written;
