//! What is to be done by the commands about who acts.

use super::{Options, ReadingOptions, Selection};
use crate::cli::args;

#[derive(Debug)]
pub struct IdentityOptions {
    pub of: IdentityOf,
    pub json: bool,
    pub reading: ReadingOptions,
}

/// Whose identities are shown.
#[derive(Debug)]
pub enum IdentityOf {
    One(String),
    /// One line for each role.
    Roles(Selection),
    /// One line for each unit.
    Units(Selection),
}

impl IdentityOptions {
    pub(super) fn resolve(args: args::IdentityArgs, options: &Options) -> Self {
        let selection = Selection::resolve(args.selection, options);
        Self {
            of: match (args.unit, args.long) {
                (Some(unit), _) => IdentityOf::One(unit),
                (None, false) => IdentityOf::Roles(selection),
                (None, true) => IdentityOf::Units(selection),
            },
            json: args.json,
            reading: ReadingOptions::resolve(&args.reading, args.roles, options),
        }
    }
}
