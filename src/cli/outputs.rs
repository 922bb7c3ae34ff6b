//! `outputs`: a unit's outputs straight from its state, without terraform.

mod printed;

use std::time::Duration;

use tokio::time::Instant;

use super::aws_access::{AwsAccess, wait_for};
use super::credential_notes::CredentialNotes;
use super::exit::CommandError;
use super::loading::load_one;
use super::options::{LogLevel, Options, OutputsForm, OutputsOptions};
use super::{screen, unit_names};
use crate::config::{Facts, LoadOptions, StateFact, Unit};
use crate::identity::Acting;
use crate::model::{Outputs, Purpose, RoleChain, StateLocation};
use crate::report::ExitStatus;

pub(super) fn run(options: &Options, wanted: &OutputsOptions) -> Result<ExitStatus, CommandError> {
    let reading = &wanted.reading;
    let aws = options.aws(reading, Purpose::Plan)?;
    let world = options.world(reading, &aws);
    let file = unit_names::file_of(&wanted.unit, options, reading, &world)?;
    let facts = LoadOptions {
        facts: Facts::ROLES | Facts::STATE | Facts::ACCOUNT,
        ..world.load_options(reading, "output")
    };
    let (estate, unit, _) = load_one(&file, &world, facts)?;
    let unit = estate.unit(unit);
    if unit.is_broken() {
        return Err(unit.diagnostics.clone().into());
    }
    let found = read(unit, &aws, options)?;
    print(&found, wanted)?;
    // A bare value is for a program, and ends without a line break.
    let is_bare = matches!(wanted.form, OutputsForm::Raw(_));
    if options.talk >= LogLevel::Info && !is_bare {
        screen::say(&found.footer(options));
    }
    Ok(ExitStatus::Success)
}

/// Outputs, and how they were come by.
struct Found<'u> {
    unit: &'u Unit,
    location: StateLocation,
    outputs: Outputs,
    chain: RoleChain,
    took: Duration,
}

fn read<'u>(
    unit: &'u Unit,
    aws: &AwsAccess<'_>,
    options: &Options,
) -> Result<Found<'u>, CommandError> {
    let workspace = options.launch.variable("TF_WORKSPACE");
    let location = location_of(unit, options)?.in_workspace(workspace.as_deref());
    let mut identity = aws.identity_of(unit)?;
    if let Some(auth) = aws.auth() {
        let provided = auth.now(&unit.folder).map_err(|problem| {
            CommandError::failed("the auth provider command gives no credentials").detail(problem)
        })?;
        identity = identity.begun_from(&provided.chain());
    }
    let chain = match identity.state_management {
        Acting::As(chain) => chain,
        Acting::AfterOutputs(source) => {
            return Err(CommandError::failed(format!(
                "nobody can read the state of {} yet",
                unit.path
            ))
            .detail(format!("the role of {source} is an output of another unit")));
        }
    };
    let broker = aws.broker()?;
    let began = Instant::now();
    let answer = wait_for(broker.read_outputs(&location, &chain));
    let took = began.elapsed();
    CredentialNotes::new(aws, options).say_new();
    let outputs =
        answer.map_err(|error| CommandError::outputs_not_read(unit.path.as_str(), &error))?;
    Ok(Found {
        unit,
        location,
        outputs,
        chain,
        took,
    })
}

/// Where the state lies, if it can be known without terraform.
fn location_of<'u>(unit: &'u Unit, options: &Options) -> Result<&'u StateLocation, CommandError> {
    let path = options.shown(&unit.folder);
    let by_terraform = |why: String| {
        CommandError::failed(format!("terrane cannot read the state of {path} by itself"))
            .detail(why)
            .help(format!("`terrane -C {path} output` asks terraform"))
    };
    match &unit.state {
        StateFact::Known(state) => match &state.location {
            location @ StateLocation::S3(_) => Ok(location),
            StateLocation::Other { kind } => Err(by_terraform(format!(
                "its backend is \"{kind}\", and not s3"
            ))),
        },
        StateFact::NotDeclared => Err(by_terraform(
            "its files have no remote_state block, so that only its code can name a backend".into(),
        )),
        StateFact::AfterOutputs(place) => Err(by_terraform(format!(
            "where it lies depends on outputs of other units ({place})"
        ))),
        StateFact::Broken | StateFact::NotRead => Err(unit.diagnostics.clone().into()),
    }
}

fn print(found: &Found<'_>, wanted: &OutputsOptions) -> Result<(), CommandError> {
    let text = match &wanted.form {
        OutputsForm::Table => printed::table(&found.outputs, wanted.show_sensitive),
        OutputsForm::Json => printed::json(found, wanted.show_sensitive),
        OutputsForm::Raw(name) => printed::raw(found, name, wanted.show_sensitive)?,
    };
    screen::print(&text)
}
