//! Outputs of other units for those who only look at a unit: read from their states.

use std::rc::Rc;

use terrane_hcl::{Diagnostic, Diagnostics};

use super::aws_access::{AwsAccess, wait_for};
use super::exit::CommandError;
use super::options::Options;
use crate::aws::ReadProblem;
use crate::config::{Estate, Fetched, OutputRead, StateFact, Unit, UpstreamOutputs};
use crate::identity::Acting;
use crate::model::{StateLocation, UnitIx};

/// Reads what units want of one another. Nothing is applied here, so where only terraform could
/// read a state, a warning tells of it and mocks may stand in.
pub(super) struct StateReader<'a> {
    estate: &'a Estate<'a>,
    aws: &'a AwsAccess<'a>,
    options: &'a Options,
    found: UpstreamOutputs,
}

impl<'a> StateReader<'a> {
    pub(super) fn new(
        estate: &'a Estate<'a>,
        aws: &'a AwsAccess<'a>,
        options: &'a Options,
    ) -> Self {
        Self {
            estate,
            aws,
            options,
            found: UpstreamOutputs::new(),
        }
    }

    /// All that was read so far.
    pub(super) fn found(&self) -> &UpstreamOutputs {
        &self.found
    }

    /// Reads the outputs that somebody wants.
    pub(super) fn read(&mut self, wants: &[OutputRead]) -> Result<(), CommandError> {
        for unit in wants.iter().flat_map(|wanted| wanted.target.units()) {
            if !self.found.has(unit) {
                let fetched = self.fetch(unit)?;
                self.found.insert(unit, fetched);
            }
        }
        Ok(())
    }

    fn fetch(&self, unit: UnitIx) -> Result<Fetched, CommandError> {
        let unit = self.estate.unit(unit);
        let location = match &unit.state {
            StateFact::Known(state) => &state.location,
            StateFact::Broken => return Err(unit.diagnostics.clone().into()),
            StateFact::NotDeclared | StateFact::AfterOutputs(_) | StateFact::NotRead => {
                return Ok(self.only_by_terraform(unit));
            }
        };
        match location {
            StateLocation::S3(s3) if s3.not_directly.is_none() => self.of_state(unit, location),
            StateLocation::S3(_) | StateLocation::Other { .. } => Ok(self.only_by_terraform(unit)),
        }
    }

    fn of_state(&self, unit: &Unit, location: &StateLocation) -> Result<Fetched, CommandError> {
        let Acting::As(chain) = self.aws.identity_of(unit)?.state_management else {
            return Ok(self.only_by_terraform(unit));
        };
        match wait_for(self.aws.broker()?.read_outputs(location, &chain)) {
            Ok(outputs) => Ok(Fetched::Outputs(Rc::new(outputs))),
            Err(error) if error.problem == ReadProblem::NeverApplied => Ok(Fetched::NeverApplied),
            Err(error) => Err(CommandError::outputs_not_read(unit.path.as_str(), &error)),
        }
    }

    fn only_by_terraform(&self, unit: &Unit) -> Fetched {
        let warning = Diagnostic::warning("Outputs are not read").detail(format!(
            "Only terraform can read the state of {}; it counts as never applied here.",
            unit.path
        ));
        self.options.tell(&Diagnostics::from(warning));
        Fetched::NeverApplied
    }
}
