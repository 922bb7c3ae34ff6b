//! What reading a tree comes to, told by whole trees.

mod hostile;
mod landing_zone;
mod outputs;
mod removed;
mod stacks;
mod syntax;

use super::options::{Facts, LoadOptions, Thoroughness};

/// How a command that runs terraform loads.
fn for_run(command: &str) -> LoadOptions {
    LoadOptions {
        facts: Facts::ALL,
        thoroughness: Thoroughness::AllLocals,
        command: command.to_owned(),
        ..LoadOptions::default()
    }
}
