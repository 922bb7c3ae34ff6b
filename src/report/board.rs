//! Where every unit of a run stands, folded from its events. What screens and summaries draw from.

use std::collections::HashMap;
use std::time::Duration;

use crate::model::{AccountLabel, UnitPath};
use crate::run::event::{Event, EventKind, RunStarted, RunUnit, Stage, Step, StopCause};
use crate::run::outcome::{Failure, Outcome};

/// A run as far as it was observed.
#[derive(Clone, Debug, Default)]
pub(super) struct Board {
    pub(super) run: Option<Box<RunStarted>>,
    units: Vec<Unit>,
    by_path: HashMap<UnitPath, usize>,
    /// The time of the last event.
    pub(super) now: Duration,
    pub(super) stop: Option<Stop>,
}

/// The last word about stopping.
#[derive(Clone, Debug)]
pub(super) struct Stop {
    pub(super) cause: StopCause,
    pub(super) stage: Stage,
}

#[derive(Clone, Debug)]
pub(super) struct Unit {
    pub(super) path: UnitPath,
    /// What it is called on screens: its alias, unless another unit of the run has the same.
    pub(super) name: String,
    pub(super) account: Option<AccountLabel>,
    pub(super) doer_role: Option<String>,
    pub(super) standing: Standing,
}

#[derive(Clone, Debug)]
pub(super) enum Standing {
    Waiting,
    Running {
        since: Duration,
        step: Option<Step>,
        /// Whether it has come to the run's command itself.
        begun: bool,
    },
    Ended {
        /// `None` for one that never started.
        started: Option<Duration>,
        ended: Duration,
        outcome: Outcome,
    },
}

/// How many units stand where.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Counts {
    pub(super) waiting: usize,
    pub(super) running: usize,
    pub(super) succeeded: usize,
    pub(super) failed: usize,
    /// Failed only because somebody asked for it.
    pub(super) interrupted: usize,
    pub(super) blocked: usize,
    pub(super) cancelled: usize,
    pub(super) excluded: usize,
}

impl Board {
    pub(super) fn observe(&mut self, event: &Event) {
        self.now = event.at;
        match &event.kind {
            EventKind::RunStarted(run) => {
                for unit in &run.units {
                    self.add(unit.clone());
                }
                self.name_apart();
                self.run = Some(run.clone());
            }
            EventKind::UnitStarted { unit } => {
                self.unit_mut(unit).standing = Standing::Running {
                    since: event.at,
                    step: None,
                    begun: false,
                };
            }
            EventKind::UnitStep { unit, step } => {
                let run = self.run.as_ref();
                let is_the_command = run.is_some_and(|run| run.command.step() == *step);
                if let Standing::Running {
                    step: current,
                    begun,
                    ..
                } = &mut self.unit_mut(unit).standing
                {
                    *current = Some(step.clone());
                    *begun |= is_the_command;
                }
            }
            EventKind::UnitEnded { unit, outcome } => {
                let unit = self.unit_mut(unit);
                let started = match unit.standing {
                    Standing::Running { since, .. } => Some(since),
                    Standing::Waiting | Standing::Ended { .. } => None,
                };
                let outcome = outcome.clone();
                unit.standing = Standing::Ended {
                    started,
                    ended: event.at,
                    outcome,
                };
            }
            EventKind::Stopping { cause, stage } => {
                self.stop = Some(Stop {
                    cause: cause.clone(),
                    stage: *stage,
                });
            }
            EventKind::UnitLine { .. } | EventKind::Tick | EventKind::RunEnded => {}
        }
    }

    /// All units, by path, those that came up without having been announced last.
    pub(super) fn units(&self) -> &[Unit] {
        &self.units
    }

    pub(super) fn unit(&self, path: &UnitPath) -> Option<&Unit> {
        self.by_path.get(path).map(|index| &self.units[*index])
    }

    /// What a unit is called, known or not.
    pub(super) fn name(&self, path: &UnitPath) -> String {
        self.unit(path)
            .map_or_else(|| path.to_string(), |unit| unit.name.clone())
    }

    /// Those that run now, the longest first.
    pub(super) fn running(&self) -> Vec<&Unit> {
        let mut running: Vec<(Duration, &Unit)> = self
            .units
            .iter()
            .filter_map(|unit| match unit.standing {
                Standing::Running { since, .. } => Some((since, unit)),
                Standing::Waiting | Standing::Ended { .. } => None,
            })
            .collect();
        running.sort_by_key(|(since, _)| *since);
        running.into_iter().map(|(_, unit)| unit).collect()
    }

    pub(super) fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for unit in &self.units {
            *match &unit.standing {
                Standing::Waiting => &mut counts.waiting,
                Standing::Running { .. } => &mut counts.running,
                Standing::Ended { outcome, .. } => match outcome {
                    Outcome::Succeeded(_) => &mut counts.succeeded,
                    Outcome::Failed(Failure::Interrupted { .. }) => &mut counts.interrupted,
                    Outcome::Failed(_) => &mut counts.failed,
                    Outcome::Blocked { .. } => &mut counts.blocked,
                    Outcome::Cancelled => &mut counts.cancelled,
                    Outcome::Excluded { .. } => &mut counts.excluded,
                },
            } += 1;
        }
        counts
    }

    /// The units that did not start because of `failed`, near ones and far ones, by path.
    pub(super) fn blocked_because_of(&self, failed: &UnitPath) -> Vec<&Unit> {
        let mut by_cause: HashMap<&UnitPath, Vec<&Unit>> = HashMap::new();
        for unit in &self.units {
            if let Some(cause) = unit.cause() {
                by_cause.entry(cause).or_default().push(unit);
            }
        }
        // Each unit has one cause, so each is met once.
        let mut blocked = by_cause.remove(failed).unwrap_or_default();
        let mut next = 0;
        while let Some(unit) = blocked.get(next) {
            blocked.extend(by_cause.remove(&unit.path).unwrap_or_default());
            next += 1;
        }
        blocked.sort_by_key(|unit| &unit.path);
        blocked
    }

    fn unit_mut(&mut self, path: &UnitPath) -> &mut Unit {
        if !self.by_path.contains_key(path) {
            self.add(RunUnit {
                path: path.clone(),
                account: None,
                doer_role: None,
            });
        }
        &mut self.units[self.by_path[path]]
    }

    fn add(&mut self, unit: RunUnit) {
        self.by_path.insert(unit.path.clone(), self.units.len());
        self.units.push(Unit {
            name: unit.path.alias(),
            path: unit.path,
            account: unit.account,
            doer_role: unit.doer_role,
            standing: Standing::Waiting,
        });
    }

    fn name_apart(&mut self) {
        let mut bearers: HashMap<String, usize> = HashMap::new();
        for unit in &self.units {
            *bearers.entry(unit.name.clone()).or_default() += 1;
        }
        for unit in &mut self.units {
            if bearers[&unit.name] > 1 {
                unit.name = unit.path.to_string();
            }
        }
    }
}

impl Unit {
    /// The unit that stood in its way, if it was blocked.
    pub(super) fn cause(&self) -> Option<&UnitPath> {
        match &self.standing {
            Standing::Ended {
                outcome: Outcome::Blocked { cause },
                ..
            } => Some(cause),
            Standing::Waiting | Standing::Running { .. } | Standing::Ended { .. } => None,
        }
    }

    /// What it is doing now.
    pub(super) fn step(&self) -> Option<&Step> {
        match &self.standing {
            Standing::Running { step, .. } => step.as_ref(),
            Standing::Waiting | Standing::Ended { .. } => None,
        }
    }

    pub(super) fn has_begun(&self) -> bool {
        matches!(self.standing, Standing::Running { begun: true, .. })
    }

    pub(super) fn outcome(&self) -> Option<&Outcome> {
        match &self.standing {
            Standing::Ended { outcome, .. } => Some(outcome),
            Standing::Waiting | Standing::Running { .. } => None,
        }
    }

    /// How long it has run, or ran.
    pub(super) fn time(&self, now: Duration) -> Option<Duration> {
        match self.standing {
            Standing::Waiting => None,
            Standing::Running { since, .. } => Some(now.saturating_sub(since)),
            Standing::Ended { started, ended, .. } => Some(ended.saturating_sub(started?)),
        }
    }

    /// `doer-role @ 1-dev`
    pub(super) fn who_and_where(&self) -> Option<String> {
        let folder = self.account.as_ref().map(|account| &account.folder);
        match (&self.doer_role, folder) {
            (Some(role), Some(folder)) => Some(format!("{role} @ {folder}")),
            (Some(role), None) => Some(role.clone()),
            (None, Some(folder)) => Some(format!("@ {folder}")),
            (None, None) => None,
        }
    }
}
