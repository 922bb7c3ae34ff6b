//! Runs written by hand, for tests of what people see: each call is an event, `after` lets time pass.

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use terrane_hcl::{Diagnostic, Source, Span};

use crate::model::{
    AccountLabel, Changes, ChildEnd, Line, Place, ResourceCounts, Stream, UnitPath,
};
use crate::run::event::{
    Engine, Event, EventKind, RunCommand, RunStarted, RunUnit, Stage, Step, StopCause,
};
use crate::run::outcome::{
    CommandFailed, Failure, HookFailed, MockingBlock, MocksInApply, Outcome, OutputsNotRead,
    RoleRefused, Side, StateAtRisk, Success, WrongAccount,
};

pub(super) fn path(text: &str) -> UnitPath {
    UnitPath::new(Utf8Path::new(text))
}

pub(super) fn event(seq: u64, kind: EventKind) -> Event {
    Event {
        seq,
        at: Duration::from_millis(seq),
        kind,
    }
}

pub(super) struct Script {
    at: Duration,
    events: Vec<Event>,
}

impl Script {
    /// Begins a run at 14:02:11; each unit's first folder is its account.
    pub(super) fn new(command: RunCommand, units: &[&str]) -> Self {
        Self::of(run_started(command, units))
    }

    pub(super) fn of(run: RunStarted) -> Self {
        let mut script = Self {
            at: Duration::ZERO,
            events: Vec::new(),
        };
        script.push(EventKind::RunStarted(Box::new(run)));
        script
    }

    pub(super) fn events(&self) -> &[Event] {
        &self.events
    }

    pub(super) fn push(&mut self, kind: EventKind) -> &mut Self {
        let seq = self.events.len() as u64;
        self.events.push(Event {
            seq,
            at: self.at,
            kind,
        });
        self
    }

    pub(super) fn after(&mut self, seconds: u64) -> &mut Self {
        self.after_millis(seconds * 1000)
    }

    pub(super) fn after_millis(&mut self, millis: u64) -> &mut Self {
        self.at += Duration::from_millis(millis);
        self
    }

    pub(super) fn tick(&mut self) -> &mut Self {
        self.push(EventKind::Tick)
    }

    pub(super) fn starts(&mut self, unit: &str) -> &mut Self {
        self.push(EventKind::UnitStarted { unit: path(unit) })
    }

    pub(super) fn step(&mut self, unit: &str, step: Step) -> &mut Self {
        self.push(EventKind::UnitStep {
            unit: path(unit),
            step,
        })
    }

    pub(super) fn says(&mut self, unit: &str, text: &str) -> &mut Self {
        let line = Line::new(Stream::Stdout, text.as_bytes());
        self.push(EventKind::UnitLine {
            unit: path(unit),
            line,
        })
    }

    pub(super) fn ends(&mut self, unit: &str, outcome: Outcome) -> &mut Self {
        self.push(EventKind::UnitEnded {
            unit: path(unit),
            outcome,
        })
    }

    pub(super) fn changes(&mut self, unit: &str, add: u64, change: u64, destroy: u64) -> &mut Self {
        let counts = ResourceCounts {
            import: 0,
            add,
            change,
            destroy,
        };
        let changes = Changes::counted(counts);
        self.ends(
            unit,
            Outcome::Succeeded(Success {
                changes,
                remark: None,
            }),
        )
    }

    pub(super) fn fails(&mut self, unit: &str, failure: Failure) -> &mut Self {
        self.ends(unit, Outcome::Failed(failure))
    }

    pub(super) fn blocked(&mut self, unit: &str, cause: &str) -> &mut Self {
        self.ends(unit, Outcome::Blocked { cause: path(cause) })
    }

    pub(super) fn stops(&mut self, cause: StopCause, stage: Stage) -> &mut Self {
        self.push(EventKind::Stopping { cause, stage })
    }

    pub(super) fn run_ends(&mut self) -> &mut Self {
        self.push(EventKind::RunEnded)
    }
}

pub(super) fn run_started(command: RunCommand, units: &[&str]) -> RunStarted {
    RunStarted {
        run_id: "7f3a".into(),
        version: "0.1.0".into(),
        started_at: "2026-03-04T14:02:11Z".parse().expect("a time"),
        command,
        args: vec!["-no-color".into()],
        detailed_exitcode: false,
        engine: Engine {
            name: "terraform".into(),
            version: "1.11.4".into(),
        },
        identity: Some("jane (SSO) → infrastructure-assumer-role → 4 doers".into()),
        scope: "".into(),
        units: units.iter().copied().map(run_unit).collect(),
        edges: 18,
        cross_account_edges: 9,
    }
}

fn run_unit(unit: &str) -> RunUnit {
    let path = path(unit);
    let folder = path.top_folder().to_owned();
    let digit = folder.split_once('-').map(|(digit, _)| digit.repeat(12));
    RunUnit {
        account: digit.map(|id| AccountLabel {
            folder,
            id: Some(id),
        }),
        doer_role: Some("doer-role".into()),
        path,
    }
}

/// A terraform command that ended with this code and these last words.
pub(super) fn command_failed(command: &str, code: i32, words: &[&str]) -> CommandFailed {
    CommandFailed {
        command: command.to_owned(),
        end: ChildEnd::Code(code),
        last_lines: words
            .iter()
            .map(|text| Line::new(Stream::Stderr, text.as_bytes()))
            .collect(),
        words: vec!["/runs/7f3a/plan.out".into(), "/runs/7f3a/plan.err".into()],
    }
}

pub(super) fn plan_failed() -> Failure {
    let words = [
        "Error: Invalid value for variable",
        "",
        "  on main.tf line 3:",
        "   3: variable \"size\" {",
    ];
    Failure::Command(Box::new(command_failed("terraform plan", 1, &words)))
}

fn mocks_in_apply(plan: Option<Utf8PathBuf>) -> Failure {
    Failure::MocksInApply(Box::new(MocksInApply {
        command: "apply".into(),
        values: vec!["inputs.vpc_id".into()],
        blocks: vec![MockingBlock {
            upstream: path("2-stage/vpc"),
            place: place("2-stage/eks/terragrunt.hcl", 3),
            outputs_are_read: true,
        }],
        plan,
    }))
}

fn place(file: &str, line: u32) -> Place {
    Place {
        file: file.into(),
        line,
    }
}

/// In the first line of its file, so that it points at the same bytes when it was recorded.
pub(super) fn wrong_index() -> Diagnostic {
    let source = Source::new(
        "2-stage/eks/terragrunt.hcl",
        "inputs = { az = local.azs[3] }\n",
    );
    Diagnostic::error("Invalid index")
        .detail("The list has 3 elements, so its last index is 2.")
        .at(&source, Span::new(25, 28))
}

pub(super) fn role_refused() -> RoleRefused {
    RoleRefused {
        side: Side::Doer,
        role: "arn:aws:iam::222222222222:role/doer-role".into(),
        place: Some(place("2-stage/account.hcl", 4)),
        to_read: None,
        asked_as: "arn:aws:sts::111111111111:assumed-role/infrastructure-assumer/build-42".into(),
        chain: ["base", "infrastructure-assumer", "doer"]
            .map(Into::into)
            .into(),
        refused_hop: 1,
        reason: "AccessDenied: not authorized to perform sts:AssumeRole".into(),
        hint: Some("that role's trust policy must allow the identity above".into()),
    }
}

pub(super) fn state_at_risk() -> StateAtRisk {
    let mut failed = command_failed("terraform apply", 0, &["Applying..."]);
    failed.end = ChildEnd::Signal(9);
    StateAtRisk {
        what: "terraform apply was killed before it could save its state".into(),
        saved: Some("/runs/7f3a/errored.tfstate".into()),
        lock: Some("827f3ae5, held by us since 14:02:11".into()),
        next: vec![
            "terraform state push errored.tfstate".into(),
            "terraform force-unlock 827f3ae5".into(),
        ],
        failed: Some(failed),
    }
}

/// One of each kind, and of those that differ in what they say.
pub(super) fn every_failure() -> Vec<Failure> {
    let upstream = || path("0-shared/vpc");
    let location = || "s3://tfstate/0-shared/vpc".to_owned();
    vec![
        Failure::ReadOutputs(Box::new(OutputsNotRead {
            upstream: upstream(),
            location: location(),
            role: Some("state-mgmt-role".into()),
            reason: "AccessDenied on s3:GetObject".into(),
            hint: None,
        })),
        mocks_in_apply(None),
        mocks_in_apply(Some("plans/2-stage/eks/tfplan.tfplan".into())),
        Failure::Evaluate {
            diagnostics: vec![wrong_index(), Diagnostic::warning("Old habit")],
        },
        Failure::FetchSource {
            source: "git::https://x/y.git".into(),
            reason: "no route".into(),
        },
        Failure::WorkDir {
            path: "/runs".into(),
            reason: "disk full".into(),
        },
        Failure::NoCode {
            folder: "2-stage/eks".into(),
        },
        Failure::AssumeRole(Box::new(role_refused())),
        Failure::WrongAccount(Box::new(WrongAccount {
            role: "arn:aws:iam::333333333333:role/doer-role".into(),
            expected: "222222222222".into(),
            place: Some(place("2-stage/account.hcl", 2)),
            actual: "333333333333".into(),
        })),
        Failure::Spawn {
            program: "tofu".into(),
            reason: "tofu was not found in /bin".into(),
        },
        Failure::Init(Box::new(command_failed(
            "terraform init",
            1,
            &["no provider"],
        ))),
        plan_failed(),
        Failure::Hook(Box::new(HookFailed {
            name: "lint".into(),
            place: Some(place("root.hcl", 30)),
            failed: command_failed("tflint", 2, &["1 issue"]),
        })),
        Failure::StateAtRisk(Box::new(state_at_risk())),
        Failure::Protected {
            place: Some(place("2-stage/eks/terragrunt.hcl", 3)),
        },
        Failure::TimedOut {
            step: Step::Applying,
            limit: Duration::from_mins(10),
        },
        Failure::Interrupted {
            step: Step::Planning,
            killed: false,
        },
        Failure::Interrupted {
            step: Step::Planning,
            killed: true,
        },
        Failure::Bug {
            message: "index out of bounds".into(),
        },
    ]
}
