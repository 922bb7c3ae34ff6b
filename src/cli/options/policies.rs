//! Options of `trust` and `policy`.

use super::{Options, ReadingOptions, Selection};
use crate::cli::args;
pub use crate::cli::args::PolicyFormat;
use crate::identity::policy::{KeyShape, Workspaces};

#[derive(Debug)]
pub struct TrustOptions {
    /// An ARN, a name or a kind; `None` for all roles.
    pub wanted: Option<String>,
    /// As typed.
    pub base: Vec<String>,
    pub format: PolicyFormat,
    pub selection: Selection,
    pub reading: ReadingOptions,
}

#[derive(Debug)]
pub struct PolicyOptions {
    pub subject: PolicySubject,
    pub shape: KeyShape,
    pub workspaces: Workspaces,
    pub format: PolicyFormat,
    pub selection: Selection,
    pub reading: ReadingOptions,
}

/// Whose policies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PolicySubject {
    Roles,
    Role(String),
    Unit(String),
    EachUnit,
}

impl TrustOptions {
    pub(super) fn resolve(args: args::TrustArgs, options: &Options) -> Self {
        Self {
            wanted: args.wanted,
            base: args.base_principal,
            format: args.format,
            selection: Selection::resolve(args.selection, options),
            reading: ReadingOptions::resolve(args.reading, options),
        }
    }
}

impl PolicyOptions {
    pub(super) fn resolve(args: args::PolicyArgs, options: &Options) -> Self {
        let subject = match (args.wanted, args.unit, args.per_unit) {
            (_, Some(unit), _) => PolicySubject::Unit(unit),
            (_, None, true) => PolicySubject::EachUnit,
            (Some(role), None, false) => PolicySubject::Role(role),
            (None, None, false) => PolicySubject::Roles,
        };
        Self {
            subject,
            shape: if args.folders {
                KeyShape::Folders
            } else {
                KeyShape::Exact
            },
            workspaces: if args.workspaces {
                Workspaces::All
            } else {
                Workspaces::Default
            },
            format: args.format,
            selection: Selection::resolve(args.selection, options),
            reading: ReadingOptions::resolve(args.reading, options),
        }
    }
}
