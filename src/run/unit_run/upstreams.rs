//! The outputs of upstreams, and with them a unit's whole configuration.
//!
//! A state in a bucket is read as it is; for any other the engine is asked, in the upstream's own
//! working folder. Each upstream is read once until a command of this run may have changed it.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::{LocalBoxFuture, join_all};
use serde::Deserialize;
use serde_json::value::RawValue;
use terrane_hcl::Diagnostic;

use super::UnitRunner;
use super::refusals;
use super::roles::state_reader;
use super::settings::OutputsFrom;
use crate::aws::ReadProblem;
use crate::config::{Fetched, Preparation, Ready, StateFact, UpstreamOutputs};
use crate::identity::Identity;
use crate::model::{Origin, OutputValue, Outputs, RoleChain, StateLocation, StateVersion, UnitIx};
use crate::run::outcome::{Failure, OutputsNotRead};
use crate::terraform::command::TerraformCommand;
use crate::terraform::invocation::Additions;

/// One output as `output -json` prints it.
#[derive(Deserialize)]
struct PrintedOutput {
    #[serde(default)]
    sensitive: bool,
    #[serde(default, rename = "type")]
    value_type: Option<Box<RawValue>>,
    value: Box<RawValue>,
}

impl UnitRunner<'_> {
    /// Everything that the unit's files say, once the outputs that they ask for are read.
    pub(super) async fn configuration(&self, unit: UnitIx) -> Result<Ready, Failure> {
        self.provided(&self.estate.unit(unit).folder).await?;
        let reads = self.estate.unit(unit).output_reads.iter();
        let mut wanted: BTreeSet<UnitIx> = reads.flat_map(|read| read.target.units()).collect();
        let mut outputs = UpstreamOutputs::new();
        loop {
            self.refuse_circle(unit, &wanted)?;
            let fetches = wanted.iter().map(async |upstream| {
                let fetched = self.outputs_of(*upstream).await;
                (*upstream, fetched)
            });
            for (upstream, fetched) in join_all(fetches).await {
                outputs.insert(upstream, fetched?);
            }
            let prepared = self.estate.prepare(unit, &outputs);
            let reads = match prepared.map_err(evaluation_failed)? {
                Preparation::Ready(ready) => return Ok(*ready),
                Preparation::Wants(reads) => reads,
            };
            wanted = reads.iter().flat_map(|read| read.target.units()).collect();
            wanted.retain(|upstream| !outputs.has(*upstream));
            assert!(!wanted.is_empty(), "who wants outputs says whose");
        }
    }

    /// Whoever would wait for itself is told so, instead of waiting without end.
    fn refuse_circle(&self, unit: UnitIx, wanted: &BTreeSet<UnitIx>) -> Result<(), Failure> {
        let mut waits = self.waits.borrow_mut();
        for upstream in wanted {
            if waits.begin(unit, *upstream) {
                continue;
            }
            let name = |unit: UnitIx| &self.estate.unit(unit).path;
            let circle = Diagnostic::error("Outputs that wait for each other").detail(format!(
                "{} needs outputs of {}, which cannot be asked for before its own are known.",
                name(unit),
                name(*upstream)
            ));
            return Err(evaluation_failed(circle.into()));
        }
        Ok(())
    }

    /// The unit was applied or destroyed: whoever needs its outputs reads them anew.
    pub(super) fn forget_outputs(&self, unit: UnitIx) {
        self.outputs.borrow_mut().remove(&unit);
        if let StateFact::Known(state) = &self.estate.unit(unit).state
            && let StateLocation::S3(_) = &state.location
            && let Ok(broker) = self.broker()
        {
            broker.invalidate(&self.in_workspace(&state.location));
        }
    }

    /// The outputs of a unit, read once until a command may have changed them.
    pub fn outputs_of(&self, upstream: UnitIx) -> LocalBoxFuture<'_, Result<Fetched, Failure>> {
        let cell = Rc::clone(self.outputs.borrow_mut().entry(upstream).or_default());
        async move {
            let read = cell.get_or_try_init(async || self.read_outputs(upstream).await);
            read.await.cloned()
        }
        .boxed_local()
    }

    async fn read_outputs(&self, upstream: UnitIx) -> Result<Fetched, Failure> {
        let read = match self.settings.outputs_from {
            OutputsFrom::Mocks => return Ok(Fetched::NeverApplied),
            OutputsFrom::Engine => self.ask_engine(upstream).await,
            OutputsFrom::State => self.ask_state(upstream).await,
        };
        match (read, &self.unread) {
            (Err(failure), Some(unread)) => {
                unread.borrow_mut().push((upstream, failure));
                Ok(Fetched::NeverApplied)
            }
            (read, _) => read,
        }
    }

    /// Whose outputs could not be read since the last call, where that is no failure.
    pub fn take_unread(&self) -> Vec<(UnitIx, Failure)> {
        self.unread.as_ref().map(RefCell::take).unwrap_or_default()
    }

    /// The engine is asked only where terrane cannot know where the state lies or how to open it:
    /// it would be given the same identity, and read the same object.
    async fn ask_state(&self, upstream: UnitIx) -> Result<Fetched, Failure> {
        let unit = self.estate.unit(upstream);
        let beginning = self.beginning(unit).await?;
        let reader = state_reader(unit, &self.settings.roles, &beginning)?;
        let Some((location @ StateLocation::S3(_), chain, identity)) = reader else {
            return self.ask_engine(upstream).await;
        };
        match self
            .read_state(upstream, location, &chain, &identity)
            .await?
        {
            Some(fetched) => Ok(fetched),
            None => self.ask_engine(upstream).await,
        }
    }

    /// Nothing where only the engine can read it.
    async fn read_state(
        &self,
        upstream: UnitIx,
        location: &StateLocation,
        chain: &RoleChain,
        identity: &Identity,
    ) -> Result<Option<Fetched>, Failure> {
        let location = self.in_workspace(location);
        match self.broker()?.read_outputs(&location, chain).await {
            Ok(outputs) => Ok(Some(Fetched::Outputs(Rc::new(outputs)))),
            Err(error) => match error.problem {
                ReadProblem::NeverApplied => Ok(Some(Fetched::NeverApplied)),
                ReadProblem::NeedsEngine(_) => Ok(None),
                _ => {
                    let path = &self.estate.unit(upstream).path;
                    let (estate, roles) = (self.estate, &self.settings.roles);
                    let failure = refusals::outputs_not_read(estate, roles, path, identity, &error);
                    Err(failure)
                }
            },
        }
    }

    /// The workspace that the environment chooses holds for all units.
    fn in_workspace(&self, location: &StateLocation) -> StateLocation {
        let chosen = self.world.environment.get(OsStr::new("TF_WORKSPACE"));
        location.in_workspace(chosen.and_then(|name| name.to_str()))
    }

    async fn ask_engine(&self, upstream: UnitIx) -> Result<Fetched, Failure> {
        let ready = self.configuration(upstream).await?;
        let mut subject = self.subject(upstream, &ready).await?;
        let workplace = match self.workplace(&mut subject, &ready).await {
            Ok(workplace) => workplace,
            // Without code there is nothing that was ever applied; an engine would say the same.
            Err(Failure::NoCode { .. }) => return Ok(Fetched::NeverApplied),
            Err(failure) => return Err(failure),
        };
        self.initialise(None, &subject, &workplace).await?;
        let output = TerraformCommand::named("output").with_flag("-json");
        let additions = Additions::default();
        let child = self
            .engine_child(&subject, &workplace, &output, &additions, &["output"])
            .await?;
        let not_read = |reason: String| {
            Failure::ReadOutputs(Box::new(OutputsNotRead {
                upstream: subject.unit.path.clone(),
                location: workplace.dir.folder().to_string(),
                role: None,
                reason,
                hint: None,
            }))
        };
        let answer = self.answer(&child).await.map_err(not_read)?;
        let printed = parse(&answer.stdout);
        let outputs = printed.map_err(|error| not_read(format!("{}: {error}", child.typed)))?;
        // The engine says the same of a unit that was never applied.
        if outputs.values.is_empty() {
            return Ok(Fetched::NeverApplied);
        }
        Ok(Fetched::Outputs(Rc::new(outputs)))
    }
}

fn parse(stdout: &[u8]) -> Result<Outputs, serde_json::Error> {
    let printed: std::collections::BTreeMap<String, PrintedOutput> =
        serde_json::from_slice(stdout)?;
    let values = printed.into_iter().map(|(name, output)| {
        let output = OutputValue {
            value: output.value,
            value_type: output.value_type,
            sensitive: output.sensitive,
            origin: Origin::State,
        };
        (name, output)
    });
    Ok(Outputs {
        values: values.collect(),
        version: StateVersion::default(),
    })
}

fn evaluation_failed(problems: terrane_hcl::Diagnostics) -> Failure {
    Failure::Evaluate {
        diagnostics: problems.into_iter().collect(),
    }
}
