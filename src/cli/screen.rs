//! Data to stdout, talk to stderr.

use std::fs::OpenOptions;
use std::io::{self, Write as _};

use camino::Utf8Path;

use super::exit::CommandError;
use crate::model::harmless;

/// Prints data. A reader that has gone ends the command, successfully.
pub(super) fn print(text: &str) -> Result<(), CommandError> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    Ok(stdout.flush()?)
}

/// Prints text for people. Whatever a name in it could do to a terminal is taken out, but for colours.
pub(super) fn print_for_people(text: &str) -> Result<(), CommandError> {
    let lines = text.split_inclusive('\n');
    let lines = lines.map(|line| match line.strip_suffix('\n') {
        Some(line) => harmless(line) + "\n",
        None => harmless(line),
    });
    print(&lines.collect::<String>())
}

/// Prints a file of data as it is.
pub(super) fn print_file(file: &Utf8Path) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).open(file)?;
    let mut stdout = io::stdout().lock();
    io::copy(&mut file, &mut stdout)?;
    stdout.flush()
}

/// Says something to the user. When even that fails there is nobody left to tell.
pub(super) fn say(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
