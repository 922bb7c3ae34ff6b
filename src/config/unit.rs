//! What is known of a unit once its files were read: everything but what waits for outputs.

use std::rc::Rc;

use camino::Utf8PathBuf;
use terrane_hcl::{Diagnostics, Location, Text};

use super::account::AccountFolder;
use super::questions::AskedFunction;
use super::trace::FileRead;
use crate::model::prepared::{RemoteState, Written};
use crate::model::{Place, RoleClaim, S3State, StateLocation, UnitIx, UnitPath};

/// One unit. Facts that were not wanted of the load are as if the files said nothing of them.
#[derive(Clone, Debug)]
pub struct Unit {
    pub path: UnitPath,
    /// Absolute.
    pub folder: Utf8PathBuf,
    /// The unit's own file.
    pub file: Utf8PathBuf,
    /// Outside the start folder: known because others wait for it, and never run.
    pub external: bool,
    pub upstreams: Vec<Upstream>,
    /// Whose outputs its evaluation asks for.
    pub output_reads: Vec<OutputRead>,
    pub includes: Vec<IncludedFile>,
    /// The own file's claim first, then those of included files, the nearer one first.
    pub role_claims: Vec<RoleClaim>,
    pub state: StateFact,
    pub account: Option<Rc<AccountFolder>>,
    pub source: Option<Written>,
    pub exclude: Option<ExcludeRule>,
    /// Where it says that nothing of the unit may be destroyed.
    pub prevent_destroy: Option<Location>,
    /// The engine that its files wish for.
    pub terraform_binary: Option<Written>,
    pub terraform_version_constraint: Option<Written>,
    pub terragrunt_version_constraint: Option<Written>,
    /// All files that were read for the unit but its own, in the order of their paths.
    pub files: Vec<FileRead>,
    /// Questions to the world that had to be asked to know all this.
    pub asked: Vec<AskedFunction>,
    pub diagnostics: Diagnostics,
}

/// An edge: whom a unit waits for, and why.
#[derive(Clone, Debug)]
pub struct Upstream {
    pub target: UpstreamTarget,
    /// The path that the file names, absolute and clean; it may name a unit's file.
    pub named: Utf8PathBuf,
    /// The label of the `dependency` block, where it is one.
    pub label: Option<Text>,
    pub purpose: EdgePurpose,
    pub place: Location,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum UpstreamTarget {
    Unit(UnitIx),
    /// The units of a stack, by their names in it.
    Stack(Vec<(String, UnitIx)>),
    /// No unit lies there.
    Missing,
}

/// What a unit wants of an upstream.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum EdgePurpose {
    Outputs,
    /// Its role is one of the upstream's outputs.
    Identity,
    OrderOnly,
}

/// Outputs that the evaluation of a unit asks for: of its own dependencies, and of those of files
/// that it reads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutputRead {
    pub target: UpstreamTarget,
    pub named: Utf8PathBuf,
    pub label: Text,
}

/// A file that a unit includes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IncludedFile {
    /// Empty for a bare include.
    pub label: Text,
    pub path: Utf8PathBuf,
}

/// Where a unit's state lies, as far as it is known before any unit has run.
#[derive(Clone, Debug, Default)]
pub enum StateFact {
    /// It was not wanted.
    #[default]
    NotRead,
    /// There is no `remote_state`; the module may have a backend of its own.
    NotDeclared,
    Known(Box<KnownState>),
    /// It is made of outputs.
    AfterOutputs(Location),
    /// What the file says is wrong; the unit's diagnostics say how.
    Broken,
}

#[derive(Clone, Debug)]
pub struct KnownState {
    pub location: StateLocation,
    pub remote_state: RemoteState,
}

impl StateFact {
    /// The state, where it is known to lie in S3.
    pub fn in_s3(&self) -> Option<&S3State> {
        match self {
            Self::Known(state) => match &state.location {
                StateLocation::S3(state) => Some(state),
                StateLocation::Other { .. } => None,
            },
            Self::NotRead | Self::NotDeclared | Self::AfterOutputs(_) | Self::Broken => None,
        }
    }
}

/// The `exclude` block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExcludeRule {
    /// The block's `if`.
    pub when: bool,
    pub actions: Vec<String>,
    /// `None` where the file does not say, which means no.
    pub exclude_dependencies: Option<bool>,
    /// `None` where the file does not say, which means no.
    pub no_run: Option<bool>,
    pub place: Location,
}

impl Unit {
    /// Whether what is wrong with the unit must keep it from running.
    pub fn is_broken(&self) -> bool {
        self.diagnostics.has_errors()
    }

    /// The units that it waits for, each once.
    pub fn waits_for(&self) -> Vec<UnitIx> {
        let mut all: Vec<UnitIx> = self
            .upstreams
            .iter()
            .flat_map(|upstream| upstream.target.units())
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

impl UpstreamTarget {
    /// The units behind the target: one, those of a stack, or none.
    pub fn units(&self) -> Vec<UnitIx> {
        match self {
            Self::Unit(unit) => vec![*unit],
            Self::Stack(units) => units.iter().map(|(_, unit)| *unit).collect(),
            Self::Missing => Vec::new(),
        }
    }
}

/// The line that a location begins in.
pub fn place_of(location: &Location) -> Place {
    Place {
        file: Utf8PathBuf::from(location.source.name()),
        line: location.line(),
    }
}
