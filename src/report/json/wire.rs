//! The lines of a recorded run, as types. They are the format that `docs/json-events.md` describes:
//! a change of meaning raises [`VERSION`]; new fields and new kinds do not.
//!
//! Each `…Wire` says how the type of the same name is written. The compiler holds the two together:
//! a new field or kind of event does not build until it has its place here.

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::wire_outcome::OutcomeWire;
use super::wrap::{listed, optional};
use crate::model::{AccountLabel, Line, Stream, UnitPath};
use crate::run::event::{
    Engine, Event, EventKind, Interrupt, RunCommand, RunStarted, RunUnit, Stage, Step, StopCause,
};
use crate::run::outcome::Outcome;

pub(super) const VERSION: u32 = 1;

/// One line.
#[derive(Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) version: u32,
    seq: u64,
    at_ms: u64,
    #[serde(flatten, with = "EventKindWire")]
    kind: EventKind,
}

impl Record {
    pub(super) fn of(event: &Event) -> Self {
        Self {
            version: VERSION,
            seq: event.seq,
            at_ms: u64::try_from(event.at.as_millis()).unwrap_or(u64::MAX),
            kind: event.kind.clone(),
        }
    }

    pub(super) fn into_event(self) -> Event {
        let at = Duration::from_millis(self.at_ms);
        Event {
            seq: self.seq,
            at,
            kind: self.kind,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "EventKind", tag = "event", rename_all = "snake_case")]
enum EventKindWire {
    RunStarted(#[serde(with = "run_started")] Box<RunStarted>),
    UnitStarted {
        #[serde(with = "unit_path")]
        unit: UnitPath,
    },
    UnitStep {
        #[serde(with = "unit_path")]
        unit: UnitPath,
        #[serde(with = "StepWire")]
        step: Step,
    },
    UnitLine {
        #[serde(with = "unit_path")]
        unit: UnitPath,
        #[serde(flatten, with = "LineWire")]
        line: Line,
    },
    UnitEnded {
        #[serde(with = "unit_path")]
        unit: UnitPath,
        #[serde(flatten, with = "OutcomeWire")]
        outcome: Outcome,
    },
    Stopping {
        #[serde(with = "StopCauseWire")]
        cause: StopCause,
        #[serde(with = "StageWire")]
        stage: Stage,
    },
    Tick,
    RunEnded,
}

super::wrap::boxed!(run_started: RunStarted as "super::RunStartedWire");
listed!(run_units: RunUnit as "super::RunUnitWire");
optional!(account: AccountLabel as "super::AccountLabelWire");

#[derive(Serialize, Deserialize)]
#[serde(remote = "RunStarted")]
struct RunStartedWire {
    run_id: String,
    #[serde(rename = "terrane_version")]
    version: String,
    started_at: Timestamp,
    #[serde(with = "command")]
    command: RunCommand,
    args: Vec<String>,
    detailed_exitcode: bool,
    #[serde(with = "EngineWire")]
    engine: Engine,
    identity: Option<String>,
    scope: Utf8PathBuf,
    #[serde(with = "run_units")]
    units: Vec<RunUnit>,
    edges: usize,
    cross_account_edges: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "RunUnit")]
struct RunUnitWire {
    #[serde(with = "unit_path")]
    path: UnitPath,
    #[serde(with = "account")]
    account: Option<AccountLabel>,
    doer_role: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "AccountLabel")]
struct AccountLabelWire {
    folder: String,
    id: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Engine")]
struct EngineWire {
    name: String,
    version: String,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Step", tag = "kind", rename_all = "snake_case")]
pub(super) enum StepWire {
    ReadingOutputs,
    Preparing,
    FetchingSource,
    AssumingRole,
    Initialising,
    RunningHook { name: String },
    Planning,
    Applying,
    Destroying,
    Validating,
    Running { command: String },
    WaitingToRetry { attempt: u32 },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Line")]
pub(super) struct LineWire {
    #[serde(with = "StreamWire")]
    stream: Stream,
    #[serde(getter = "coloured")]
    text: String,
}

/// What was recorded is made harmless once more: a recording may come from anywhere.
impl From<LineWire> for Line {
    fn from(line: LineWire) -> Self {
        Self::new(line.stream, line.text.as_bytes())
    }
}

fn coloured(line: &Line) -> String {
    line.coloured().to_owned()
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Stream", rename_all = "snake_case")]
enum StreamWire {
    Stdout,
    Stderr,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "StopCause", tag = "kind", rename_all = "snake_case")]
enum StopCauseWire {
    Interrupted {
        #[serde(with = "InterruptWire")]
        by: Interrupt,
        count: u32,
    },
    UnitFailed {
        #[serde(with = "unit_path")]
        unit: UnitPath,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Interrupt")]
enum InterruptWire {
    #[serde(rename = "SIGINT")]
    CtrlC,
    #[serde(rename = "SIGTERM")]
    Terminate,
    #[serde(rename = "SIGHUP")]
    HangUp,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Stage", rename_all = "snake_case")]
enum StageWire {
    Draining,
    Interrupting,
    Waiting,
    Killing,
}

/// A unit path is its text.
pub(super) mod unit_path {
    use super::{Deserialize, Deserializer, Serializer, UnitPath, Utf8Path};

    pub(crate) fn serialize<S: Serializer>(path: &UnitPath, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(path.as_str())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<UnitPath, D::Error> {
        let text = String::deserialize(from)?;
        Ok(UnitPath::new(Utf8Path::new(&text)))
    }
}

/// A command is its name.
mod command {
    use super::{Deserialize, Deserializer, RunCommand, Serializer};

    pub(super) fn serialize<S: Serializer>(command: &RunCommand, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(command.name())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<RunCommand, D::Error> {
        Ok(RunCommand::named(&String::deserialize(from)?))
    }
}
