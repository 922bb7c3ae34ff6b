//! `doctor`: everything that runs depend on, tried without changing anything.
//!
//! What there is to try comes from the units; each distinct hop is really assumed, once, for the
//! shortest time that AWS gives. Nothing is written, neither here nor there.

mod check;
mod files;
mod hops;
mod json;
mod programs;
mod remedy;
mod states;
mod survey;
mod text;

use tokio::time::Instant;

use self::check::{Check, Status};
use self::hops::Trials;
use self::survey::Survey;
use self::text::Asked;
use super::aws_access::{AwsAccess, wait_for};
use super::exit::CommandError;
use super::loading::until_the_end;
use super::options::{DoctorOptions, Launch, Options};
use super::screen;
use crate::aws::Broker;
use crate::config::{Facts, LoadOptions, Unit, load};
use crate::model::Purpose;
use crate::report::ExitStatus;

pub(super) fn run(options: &Options, wanted: &DoctorOptions) -> Result<ExitStatus, CommandError> {
    let began = Instant::now();
    let aws = options.aws(&wanted.reading, Purpose::Plan)?;
    let world = options.world(&wanted.reading, &aws);
    let load_options = LoadOptions {
        facts: Facts::ROLES | Facts::STATE | Facts::ACCOUNT | Facts::CONDITIONS,
        ..world.load_options(&wanted.reading, "doctor")
    };
    let load_options = wanted.selection.widen(load_options, options)?;
    let (estate, problems) = load(&options.start, &world, load_options);
    let (estate, problems) = (until_the_end(estate), until_the_end(problems));
    options.tell(&problems);
    let chosen = wanted.selection.units(&estate, options)?;
    let broken = |unit: &&Unit| unit.is_broken();
    let broken: Vec<&Unit> = chosen
        .iter()
        .map(|unit| estate.unit(*unit))
        .filter(broken)
        .collect();
    let sound = chosen
        .iter()
        .copied()
        .filter(|unit| !estate.unit(*unit).is_broken());
    let survey = Survey::of(sound, &estate, aws.roles()?);

    let mut report = Report::new(options, wanted.json);
    report.add(aws.auth().map(|_| files::of_auth_provider()))?;
    let asked = if wanted.offline {
        report.add([files::of_base(&aws.base())])?;
        None
    } else {
        Some(try_all(&survey, &aws, &mut report)?)
    };
    report.add(programs::checks(&survey, &wanted.engine, options)?)?;
    report.add(files::of_units(&survey, &broken))?;
    report.add(files::of_environment(
        &options.launch,
        &wanted.reading.roles,
    ))?;
    report.close(asked, began)
}

/// Asks AWS: first who may be whom, then what can be seen of the states.
fn try_all(
    survey: &Survey<'_>,
    aws: &AwsAccess<'_>,
    report: &mut Report<'_>,
) -> Result<Asked, CommandError> {
    let broker = aws.broker()?;
    let trials = Trials::of(survey, broker, aws.base().ok(), Launch::wall_clock());
    let mut checks = trials.checks(broker).into_iter();
    // The base identity stands alone: what it is called is longer than any hop.
    report.add(checks.next())?;
    report.add(checks)?;
    let (checks, look) = states::checks(survey, &trials, broker);
    report.add(checks)?;
    let (clock, sts) = clock(broker);
    report.add(clock)?;
    Ok(Asked { sts, look })
}

/// This machine's clock, by which requests are signed; and how often STS was asked.
fn clock(broker: &Broker) -> (Option<Check>, usize) {
    const NOTABLE_SECONDS: u64 = 30;

    let vitals = wait_for(broker.vitals());
    let check = vitals.skew.map(|skew| {
        if skew.distance().as_secs() < NOTABLE_SECONDS {
            return Check::new("clock", Status::Ok, "clock").detail("agrees with AWS's");
        }
        Check::new("clock", Status::Warn, "clock")
            .detail(format!("is {skew}; AWS refuses from five minutes on"))
            .fix("set this machine's clock by NTP")
    });
    (check, vitals.sts_calls)
}

/// What was found so far. People see it as it comes, programs at the end.
struct Report<'r> {
    options: &'r Options,
    as_json: bool,
    checks: Vec<Check>,
}

impl<'r> Report<'r> {
    fn new(options: &'r Options, as_json: bool) -> Self {
        Self {
            options,
            as_json,
            checks: Vec::new(),
        }
    }

    fn add(&mut self, checks: impl IntoIterator<Item = Check>) -> Result<(), CommandError> {
        let checks: Vec<Check> = checks.into_iter().collect();
        if !self.as_json {
            screen::print_for_people(&text::section(&checks, &self.options.stdout))?;
        }
        self.checks.extend(checks);
        Ok(())
    }

    fn close(self, asked: Option<Asked>, began: Instant) -> Result<ExitStatus, CommandError> {
        let took = began.elapsed();
        let mut checks = self.checks.iter();
        let status = if checks.any(|check| check.status == Status::Failed) {
            ExitStatus::Refused
        } else {
            ExitStatus::Success
        };
        screen::print(&if self.as_json {
            json::document(&self.checks, asked, took)
        } else {
            let look = &self.options.stdout;
            let code = look.faint(format_args!("exit {}", status.code()));
            text::closing(&self.checks, asked, took, look) + &format!("  {code}\n")
        })?;
        Ok(status)
    }
}
