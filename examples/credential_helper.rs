//! The hidden helper as a program of its own, for tests that need it without the rest.

use std::process::ExitCode;

use terrane::aws::{HELPER_SUBCOMMAND, HELPER_TOKEN};

#[expect(
    clippy::disallowed_methods,
    reason = "a main function reads the environment"
)]
fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    if arguments
        .next()
        .is_none_or(|first| first != HELPER_SUBCOMMAND)
    {
        return ExitCode::FAILURE;
    }
    terrane::cli::credentials::run(arguments, std::env::var_os(HELPER_TOKEN))
}
