//! Every way a unit can end, with the facts that explain it.
//!
//! Plain owned data: an outcome can be recorded, replayed, and written by hand in a test. Facts
//! only; the words around them are chosen in `report`. Nothing here knows which layer raised what:
//! whoever runs a unit turns the errors of the layers below into a [`Failure`].

use std::time::Duration;

use camino::Utf8PathBuf;
use terrane_hcl::Diagnostic;

use super::event::Step;
use crate::model::{Changes, ChildEnd, Line, Place, UnitPath};

/// How a unit ended. Every unit of a run gets exactly one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    Succeeded(Success),
    Failed(Failure),
    /// Not started, because the nearest upstream in its way failed or was itself blocked.
    Blocked {
        cause: UnitPath,
    },
    /// Not started, because the run was stopping.
    Cancelled,
    /// Not to be run, by its own files.
    Excluded {
        reason: Exclusion,
    },
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Success {
    pub changes: Changes,
    /// What was unusual about it.
    pub remark: Option<Remark>,
}

/// A success that needed one of the unit's `errors` rules.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Remark {
    /// The command failed and then, tried again by this `retry` rule, succeeded.
    Retried { rule: String, attempts: u32 },
    /// The command failed, and this `ignore` rule says that it does not matter.
    ErrorIgnored { rule: String },
}

/// Why a unit is not to be run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Exclusion {
    /// Its `exclude` block says so.
    ExcludeBlock,
    /// It has `prevent_destroy`.
    PreventDestroy,
    /// A unit with `prevent_destroy` needs it.
    NeededBy { protected: UnitPath },
}

/// Why a unit did not succeed: a closed list, each with who, what and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Failure {
    ReadOutputs(Box<OutputsNotRead>),
    /// Values that stand in for outputs would have come into a state or into the cloud.
    MocksInApply(Box<MocksInApply>),
    /// Its files say something that cannot be meant.
    Evaluate {
        diagnostics: Vec<Diagnostic>,
    },
    FetchSource {
        source: String,
        reason: String,
    },
    /// The folder that the command runs in could not be prepared.
    WorkDir {
        path: Utf8PathBuf,
        reason: String,
    },
    /// There is nothing to run: no terraform files in the folder.
    NoCode {
        folder: Utf8PathBuf,
    },
    AssumeRole(Box<RoleRefused>),
    WrongAccount(Box<WrongAccount>),
    /// A program could not be started.
    Spawn {
        program: String,
        reason: String,
    },
    Init(Box<CommandFailed>),
    Command(Box<CommandFailed>),
    Hook(Box<HookFailed>),
    /// What is in the cloud and what is in the state may differ.
    StateAtRisk(Box<StateAtRisk>),
    /// `prevent_destroy` refused a destroy of this unit alone.
    Protected {
        place: Option<Place>,
    },
    TimedOut {
        step: Step,
        limit: Duration,
    },
    /// It was asked to stop and did, or was killed where nothing can be lost by it.
    Interrupted {
        step: Step,
        killed: bool,
    },
    /// A mistake in terrane itself, caught so that the other units can end well.
    Bug {
        message: String,
    },
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutputsNotRead {
    pub upstream: UnitPath,
    /// Bucket and key, or a file.
    pub location: String,
    /// The role that read.
    pub role: Option<String>,
    pub reason: String,
    pub hint: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MocksInApply {
    /// As a list of allowed commands would name it: `apply`, `destroy`.
    pub command: String,
    /// What is made of mocks: `inputs.vpc_id`.
    pub values: Vec<String>,
    /// The blocks whose mocks they may be, and whose lists do not name the command.
    pub blocks: Vec<MockingBlock>,
    /// The saved plan that they are in.
    pub plan: Option<Utf8PathBuf>,
}

/// A `dependency` block that gave mocks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MockingBlock {
    pub upstream: UnitPath,
    pub place: Place,
    /// Whether the upstream's outputs will take their place once it has some.
    pub outputs_are_read: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoleRefused {
    pub side: Side,
    pub role: String,
    /// Where the role is named.
    pub place: Option<Place>,
    /// The upstream whose outputs were to be read, where it was wanted for that.
    pub to_read: Option<String>,
    /// Who asked.
    pub asked_as: String,
    /// From the base identity to the role, each by its short name.
    pub chain: Vec<String>,
    /// Which of the hops along the chain was refused; the first is 0.
    pub refused_hop: usize,
    pub reason: String,
    pub hint: Option<String>,
}

/// Which identity of a unit is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// Whoever terrane was started as.
    Base,
    Assumer,
    Doer,
    StateManagement,
    /// The profile that a backend names.
    BackendProfile,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WrongAccount {
    pub role: String,
    pub expected: String,
    /// Where the expected account is named.
    pub place: Option<Place>,
    pub actual: String,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CommandFailed {
    /// As a person would type it: `terraform plan`.
    pub command: String,
    pub end: ChildEnd,
    /// The last lines of what it said.
    pub last_lines: Vec<Line>,
    /// The files that hold all it said.
    pub words: Vec<Utf8PathBuf>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HookFailed {
    pub name: String,
    pub place: Option<Place>,
    pub failed: CommandFailed,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StateAtRisk {
    /// What happened, in a sentence.
    pub what: String,
    /// Where the state that could not be written was kept.
    pub saved: Option<Utf8PathBuf>,
    /// The lock that is left behind.
    pub lock: Option<String>,
    /// What to type, in this order.
    pub next: Vec<String>,
    /// The command that ended so, where one did.
    pub failed: Option<CommandFailed>,
}

impl Failure {
    /// The exit code of the child that failed, where it is a child that failed by itself.
    pub fn exit_code(&self) -> Option<i32> {
        let failed = match self {
            Self::Init(failed) | Self::Command(failed) => failed.as_ref(),
            Self::Hook(hook) => &hook.failed,
            Self::StateAtRisk(risk) => risk.failed.as_ref()?,
            Self::ReadOutputs(_)
            | Self::MocksInApply(_)
            | Self::Evaluate { .. }
            | Self::FetchSource { .. }
            | Self::WorkDir { .. }
            | Self::NoCode { .. }
            | Self::AssumeRole(_)
            | Self::WrongAccount(_)
            | Self::Spawn { .. }
            | Self::Protected { .. }
            | Self::TimedOut { .. }
            | Self::Interrupted { .. }
            | Self::Bug { .. } => return None,
        };
        match failed.end {
            ChildEnd::Code(code) => Some(code),
            ChildEnd::Signal(_) => None,
        }
    }
}
