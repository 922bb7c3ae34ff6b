//! Data to stdout, talk to stderr.

use std::io::{self, Write as _};

use super::exit::CommandError;

/// Prints data. A reader that has gone ends the command, successfully.
pub(super) fn print(text: &str) -> Result<(), CommandError> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    Ok(stdout.flush()?)
}

/// Says something to the user. When even that fails there is nobody left to tell.
pub(super) fn say(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
