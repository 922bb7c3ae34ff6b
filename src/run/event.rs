//! Everything that can be observed of a run.
//!
//! Events own their data: they name units by path and roles by text, so that a run can be
//! recorded, replayed, and written by hand in a test. They are made in one place, the dispatcher,
//! in one order; nothing of a unit follows its end. Reporters, the report file and the exit status
//! are folds over them.

use std::borrow::Cow;
use std::time::Duration;

use camino::Utf8PathBuf;
use jiff::Timestamp;

use super::outcome::Outcome;
use crate::model::{AccountLabel, Line, UnitPath};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// Counts from 0 without a gap.
    pub seq: u64,
    /// Since the run started, by a clock that only goes forward.
    pub at: Duration,
    pub kind: EventKind,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EventKind {
    RunStarted(Box<RunStarted>),
    UnitStarted {
        unit: UnitPath,
    },
    /// The unit turns to its next step, and has finished the one before.
    UnitStep {
        unit: UnitPath,
        step: Step,
    },
    /// One line of what a child of the unit says.
    UnitLine {
        unit: UnitPath,
        line: Line,
    },
    UnitEnded {
        unit: UnitPath,
        outcome: Outcome,
    },
    /// From now on nothing new starts, or what runs is asked more firmly to end.
    Stopping {
        cause: StopCause,
        stage: Stage,
    },
    /// Time has passed: a screen may be drawn again.
    Tick,
    RunEnded,
}

/// What is known of a run before its first unit starts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RunStarted {
    pub run_id: String,
    /// The version of terrane.
    pub version: String,
    pub started_at: Timestamp,
    pub command: RunCommand,
    /// The arguments of the command that reports name.
    pub args: Vec<String>,
    /// Whether the exit status tells a plan with changes from one without.
    pub detailed_exitcode: bool,
    pub engine: Engine,
    /// Who acts, in one line: `jane (SSO) → infrastructure-assumer-role → 4 doers`.
    pub identity: Option<String>,
    /// The folder that the run started in, as seen from the root; reports name units from here.
    pub scope: Utf8PathBuf,
    /// All units of the run, by path, those that their files exclude among them.
    pub units: Vec<RunUnit>,
    pub edges: usize,
    pub cross_account_edges: usize,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RunUnit {
    pub path: UnitPath,
    pub account: Option<AccountLabel>,
    /// The name of the role that does its work.
    pub doer_role: Option<String>,
}

/// The program that does the work.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Engine {
    /// `terraform` or `tofu`.
    pub name: String,
    pub version: String,
}

/// What is run in each unit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RunCommand {
    Plan,
    Apply,
    Destroy,
    Validate,
    Output,
    Other(String),
}

/// What a unit is doing. The same words on every screen and in every report.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    ReadingOutputs,
    Preparing,
    FetchingSource,
    AssumingRole,
    Initialising,
    RunningHook {
        name: String,
    },
    Planning,
    Applying,
    Destroying,
    Validating,
    /// Any other command of the engine.
    Running {
        command: String,
    },
    /// Before it is tried once more.
    WaitingToRetry {
        attempt: u32,
    },
}

/// A wish from outside that the run should end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Interrupt {
    /// SIGINT: Ctrl-C, or a CI system's first word.
    CtrlC,
    /// SIGTERM.
    Terminate,
    /// SIGHUP: the terminal has gone.
    HangUp,
}

/// Why a run is stopping.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StopCause {
    /// Somebody asked, for the first, second, … time.
    Interrupted { by: Interrupt, count: u32 },
    /// This unit failed, and the run was to stop at the first failure.
    UnitFailed { unit: UnitPath },
}

/// How firmly what still runs is asked to end.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Stage {
    /// Nothing new starts; what runs may finish.
    Draining,
    /// Each child has been asked to stop, once.
    Interrupting,
    /// Asked again, and nothing more is done: the children know.
    Waiting,
    /// Children are killed; what they were doing may be lost.
    Killing,
}

impl RunCommand {
    /// The command with this name: `plan`.
    pub fn named(name: &str) -> Self {
        match name {
            "plan" => Self::Plan,
            "apply" => Self::Apply,
            "destroy" => Self::Destroy,
            "validate" => Self::Validate,
            "output" => Self::Output,
            other => Self::Other(other.to_owned()),
        }
    }

    pub fn name(&self) -> &str {
        match self {
            Self::Plan => "plan",
            Self::Apply => "apply",
            Self::Destroy => "destroy",
            Self::Validate => "validate",
            Self::Output => "output",
            Self::Other(name) => name,
        }
    }

    /// Whether stopping it half-way may lose something. What is not known to be harmless is not.
    pub fn may_change_things(&self) -> bool {
        match self {
            Self::Apply | Self::Destroy | Self::Other(_) => true,
            Self::Plan | Self::Validate | Self::Output => false,
        }
    }

    /// The step of a unit in which this command runs.
    pub fn step(&self) -> Step {
        match self {
            Self::Plan => Step::Planning,
            Self::Apply => Step::Applying,
            Self::Destroy => Step::Destroying,
            Self::Validate => Step::Validating,
            Self::Output | Self::Other(_) => Step::Running {
                command: self.name().to_owned(),
            },
        }
    }
}

impl Step {
    /// What the unit is doing: "planning".
    pub fn doing(&self) -> Cow<'_, str> {
        Cow::Borrowed(match self {
            Self::ReadingOutputs => "reading outputs",
            Self::Preparing => "preparing",
            Self::FetchingSource => "fetching source",
            Self::AssumingRole => "assuming role",
            Self::Initialising => "initialising",
            Self::RunningHook { name } => return format!("running hook {name}").into(),
            Self::Planning => "planning",
            Self::Applying => "applying",
            Self::Destroying => "destroying",
            Self::Validating => "validating",
            Self::Running { command } => return format!("running {command}").into(),
            Self::WaitingToRetry { attempt } => {
                return format!("waiting to retry (attempt {attempt})").into();
            }
        })
    }

    /// What the unit was doing when it failed: "plan" of "plan failed".
    pub fn noun(&self) -> Cow<'_, str> {
        Cow::Borrowed(match self {
            Self::ReadingOutputs => "reading outputs",
            Self::Preparing => "preparing",
            Self::FetchingSource => "fetching source",
            Self::AssumingRole => "assuming role",
            Self::Initialising => "init",
            Self::RunningHook { name } => return format!("hook {name}").into(),
            Self::Planning => "plan",
            Self::Applying => "apply",
            Self::Destroying => "destroy",
            Self::Validating => "validate",
            Self::Running { command } => command,
            Self::WaitingToRetry { .. } => "waiting to retry",
        })
    }
}
