//! Outcomes and failures as they are recorded.

use std::time::Duration;

use camino::Utf8PathBuf;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use terrane_hcl::Diagnostic;

use super::wire::{LineWire, StepWire, unit_path};
use super::wrap::{boxed, listed, optional};
use crate::model::{Changes, ChildEnd, Line, Place, ResourceCounts, UnitPath};
use crate::run::event::Step;
use crate::run::outcome::{
    CommandFailed, Exclusion, Failure, HookFailed, MockingBlock, MocksInApply, Outcome,
    OutputsNotRead, Remark, RoleRefused, Side, StateAtRisk, Success, WrongAccount,
};

#[derive(Serialize, Deserialize)]
#[serde(remote = "Outcome", tag = "outcome", rename_all = "snake_case")]
pub(super) enum OutcomeWire {
    Succeeded(#[serde(with = "SuccessWire")] Success),
    Failed(#[serde(with = "failed")] Failure),
    Blocked {
        #[serde(with = "unit_path")]
        cause: UnitPath,
    },
    Cancelled,
    Excluded {
        #[serde(with = "ExclusionWire")]
        reason: Exclusion,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Success")]
struct SuccessWire {
    #[serde(with = "ChangesWire")]
    changes: Changes,
    #[serde(with = "remark")]
    remark: Option<Remark>,
}

optional!(remark: Remark as "super::RemarkWire");
optional!(place: Place as "super::PlaceWire");
optional!(command_failed: CommandFailed as "super::CommandFailedWire");
listed!(lines: Line as "super::LineWire");
listed!(mocking_blocks: MockingBlock as "super::MockingBlockWire");

#[derive(Serialize, Deserialize)]
#[serde(remote = "Changes", tag = "kind", rename_all = "snake_case")]
enum ChangesWire {
    Unknown,
    None,
    Uncounted,
    Counted(#[serde(with = "ResourceCountsWire")] ResourceCounts),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ResourceCounts")]
struct ResourceCountsWire {
    import: u64,
    add: u64,
    change: u64,
    destroy: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Remark", tag = "kind", rename_all = "snake_case")]
enum RemarkWire {
    Retried { rule: String, attempts: u32 },
    ErrorIgnored { rule: String },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Exclusion", tag = "kind", rename_all = "snake_case")]
enum ExclusionWire {
    ExcludeBlock,
    PreventDestroy,
    NeededBy {
        #[serde(with = "unit_path")]
        protected: UnitPath,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Place")]
struct PlaceWire {
    file: Utf8PathBuf,
    line: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ChildEnd", rename_all = "snake_case")]
enum ChildEndWire {
    Code(i32),
    Signal(i32),
}

/// A failure, beside the sentence that says it to people. The sentence is not read back.
mod failed {
    use super::{Deserialize, Deserializer, Failure, FailureWire, Serialize, Serializer};
    use crate::report::failure::explain;

    #[derive(Serialize)]
    struct Borrowed<'a> {
        message: String,
        #[serde(with = "FailureWire")]
        failure: &'a Failure,
    }

    #[derive(Deserialize)]
    struct Owned {
        #[serde(with = "FailureWire")]
        failure: Failure,
    }

    pub(super) fn serialize<S: Serializer>(failure: &Failure, to: S) -> Result<S::Ok, S::Error> {
        let message = explain(failure).headline;
        Borrowed { message, failure }.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Failure, D::Error> {
        Ok(Owned::deserialize(from)?.failure)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Failure", tag = "kind", rename_all = "snake_case")]
enum FailureWire {
    ReadOutputs(#[serde(with = "outputs_not_read")] Box<OutputsNotRead>),
    MocksInApply(#[serde(with = "mocks_in_apply")] Box<MocksInApply>),
    Evaluate {
        #[serde(with = "diagnostics")]
        diagnostics: Vec<Diagnostic>,
    },
    FetchSource {
        source: String,
        reason: String,
    },
    WorkDir {
        path: Utf8PathBuf,
        reason: String,
    },
    NoCode {
        folder: Utf8PathBuf,
    },
    AssumeRole(#[serde(with = "role_refused")] Box<RoleRefused>),
    WrongAccount(#[serde(with = "wrong_account")] Box<WrongAccount>),
    Spawn {
        program: String,
        reason: String,
    },
    Init(#[serde(with = "boxed_command")] Box<CommandFailed>),
    Command(#[serde(with = "boxed_command")] Box<CommandFailed>),
    Hook(#[serde(with = "hook_failed")] Box<HookFailed>),
    StateAtRisk(#[serde(with = "state_at_risk")] Box<StateAtRisk>),
    Protected {
        #[serde(with = "place")]
        place: Option<Place>,
    },
    TimedOut {
        #[serde(with = "StepWire")]
        step: Step,
        #[serde(rename = "limit_ms", with = "millis")]
        limit: Duration,
    },
    Interrupted {
        #[serde(with = "StepWire")]
        step: Step,
        killed: bool,
    },
    Bug {
        message: String,
    },
}

boxed!(outputs_not_read: OutputsNotRead as "super::OutputsNotReadWire");
boxed!(mocks_in_apply: MocksInApply as "super::MocksInApplyWire");
boxed!(role_refused: RoleRefused as "super::RoleRefusedWire");
boxed!(wrong_account: WrongAccount as "super::WrongAccountWire");
boxed!(boxed_command: CommandFailed as "super::CommandFailedWire");
boxed!(hook_failed: HookFailed as "super::HookFailedWire");
boxed!(state_at_risk: StateAtRisk as "super::StateAtRiskWire");

#[derive(Serialize, Deserialize)]
#[serde(remote = "OutputsNotRead")]
struct OutputsNotReadWire {
    #[serde(with = "unit_path")]
    upstream: UnitPath,
    location: String,
    role: Option<String>,
    reason: String,
    hint: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "MocksInApply")]
struct MocksInApplyWire {
    command: String,
    values: Vec<String>,
    #[serde(with = "mocking_blocks")]
    blocks: Vec<MockingBlock>,
    plan: Option<Utf8PathBuf>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "MockingBlock")]
struct MockingBlockWire {
    #[serde(with = "unit_path")]
    upstream: UnitPath,
    #[serde(with = "PlaceWire")]
    place: Place,
    outputs_are_read: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "RoleRefused")]
struct RoleRefusedWire {
    #[serde(with = "SideWire")]
    side: Side,
    role: String,
    #[serde(with = "place")]
    place: Option<Place>,
    #[serde(default)]
    to_read: Option<String>,
    asked_as: String,
    chain: Vec<String>,
    refused_hop: usize,
    reason: String,
    hint: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Side", rename_all = "snake_case")]
enum SideWire {
    Base,
    Assumer,
    Doer,
    StateManagement,
    BackendProfile,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "WrongAccount")]
struct WrongAccountWire {
    role: String,
    expected: String,
    #[serde(with = "place")]
    place: Option<Place>,
    actual: String,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "CommandFailed")]
struct CommandFailedWire {
    command: String,
    #[serde(with = "ChildEndWire")]
    end: ChildEnd,
    #[serde(with = "lines")]
    last_lines: Vec<Line>,
    words: Vec<Utf8PathBuf>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "HookFailed")]
struct HookFailedWire {
    name: String,
    #[serde(with = "place")]
    place: Option<Place>,
    #[serde(flatten, with = "CommandFailedWire")]
    failed: CommandFailed,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "StateAtRisk")]
struct StateAtRiskWire {
    what: String,
    saved: Option<Utf8PathBuf>,
    lock: Option<String>,
    next: Vec<String>,
    #[serde(with = "command_failed")]
    failed: Option<CommandFailed>,
}

/// Diagnostics are written as everywhere else.
mod diagnostics {
    use super::{Deserialize, Deserializer, Diagnostic, Serializer};
    use crate::report::diagnostics::DiagnosticWire;

    pub(super) fn serialize<S: Serializer>(
        diagnostics: &[Diagnostic],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_seq(diagnostics.iter().map(DiagnosticWire::from))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<Diagnostic>, D::Error> {
        let wire = Vec::<DiagnosticWire>::deserialize(from)?;
        Ok(wire.into_iter().map(Diagnostic::from).collect())
    }
}

/// A time span is a number of milliseconds.
mod millis {
    use super::{Deserialize, Deserializer, Duration, Serializer};

    pub(super) fn serialize<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_millis)
    }
}
