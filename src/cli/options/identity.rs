//! What is to be done by the commands about who acts.

use super::{EngineOptions, Options, ReadingOptions, Selection};
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

#[derive(Debug)]
pub struct DoctorOptions {
    /// Whether AWS may be asked.
    pub offline: bool,
    pub json: bool,
    pub selection: Selection,
    pub reading: ReadingOptions,
    pub engine: EngineOptions,
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
            reading: ReadingOptions::resolve(args.reading, options),
        }
    }
}

impl DoctorOptions {
    pub(super) fn resolve(args: args::DoctorArgs, options: &Options) -> Self {
        Self {
            offline: args.offline,
            json: args.json,
            selection: Selection::resolve(args.selection, options),
            reading: ReadingOptions::resolve(args.reading, options),
            engine: EngineOptions::resolve(args.engine, options),
        }
    }
}
