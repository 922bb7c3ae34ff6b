//! Outputs of units for those who run nothing: read exactly as a run reads them.
//!
//! A state in a bucket is read as it is; for any other the engine is asked, in a working folder of
//! the unit that is asked about.

use camino::Utf8PathBuf;
use futures_util::StreamExt as _;
use futures_util::stream;
use tempfile::TempDir;
use terrane_hcl::{Diagnostic, Diagnostics, Severity};
use tokio::runtime::Runtime;

use super::aws_access::AwsAccess;
use super::exit::CommandError;
use super::options::{EngineOptions, Options, OutputsFrom, ReadingOptions, RunOptions};
use super::run_settings::{plugin_cache, run_settings, sources_into};
use super::screen;
use crate::config::{Estate, Fetched, OutputRead, UpstreamOutputs};
use crate::model::UnitIx;
use crate::report::failure_as_problems;
use crate::run::outcome::Failure;
use crate::run::unit_run::{Engines, Provide, RunWorld, UnitRunner};
use crate::terraform::command::TerraformCommand;

/// What was typed about the reading of outputs.
#[derive(Clone, Copy, Debug)]
pub(super) struct OutputsWanted<'o> {
    pub(super) from: OutputsFrom,
    pub(super) reading: &'o ReadingOptions,
    pub(super) engine: &'o EngineOptions,
    pub(super) unreadable: Unreadable,
}

/// What becomes of outputs that cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unreadable {
    /// The command cannot go on.
    Fails,
    /// They are as if they were not there yet, which is told once the work is done.
    IsTold,
}

/// How many outputs are read at one time. For some of them a child is started.
const READS_AT_ONCE: usize = 8;
/// How many units a warning names.
const NAMED_UNITS: usize = 3;

/// Reads the outputs of units, each once.
#[derive(Debug)]
pub(super) struct OutputReader<'r> {
    runner: UnitRunner<'r>,
    runtime: Runtime,
    found: UpstreamOutputs,
}

/// Hands a reader to whoever needs one for as long as it works.
pub(super) fn with_outputs<T>(
    estate: &Estate<'_>,
    aws: &AwsAccess<'_>,
    options: &Options,
    wanted: OutputsWanted<'_>,
    work: impl FnOnce(&mut OutputReader<'_>) -> Result<T, CommandError>,
) -> Result<T, CommandError> {
    let OutputsWanted {
        reading,
        engine,
        from,
        unreadable,
    } = wanted;
    let run = RunOptions::for_reading(from, reading, engine, options);
    let settings = run_settings(options, &run, TerraformCommand::named("output"), aws)?;
    let program = engine.program.as_deref();
    let engines = Engines::new(program, &options.launch.variables, &estate.start);
    let (_scratch, folder) = scratch_folder()?;
    let broker = || aws.broker();
    let provide = aws
        .auth()
        .map(|auth| move |folder: Utf8PathBuf| auth.ask(folder));
    let world = RunWorld {
        environment: aws.variables(),
        provide: provide.as_ref().map(|provide| provide as Provide<'_>),
        broker: &broker,
        words: folder.clone(),
        plugin_cache: plugin_cache(options),
        take_data: &|_| {},
        warn: &|text| screen::say(&format!("warning: {text}\n")),
    };
    let sources = sources_into(folder, engine.source_update, options);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let runner = UnitRunner::new(estate, &settings, world, engines, sources);
    let mut reader = OutputReader {
        runner: match unreadable {
            Unreadable::Fails => runner,
            Unreadable::IsTold => runner.making_do(),
        },
        runtime,
        found: UpstreamOutputs::new(),
    };
    let done = work(&mut reader);
    options.tell(&unread_as_warnings(&reader.runner.take_unread(), estate));
    done
}

/// One warning for each reason, which many units may share.
fn unread_as_warnings(unread: &[(UnitIx, Failure)], estate: &Estate<'_>) -> Diagnostics {
    let mut reasons: Vec<(Diagnostics, Vec<&str>)> = Vec::new();
    for (unit, failure) in unread {
        let path = estate.unit(*unit).path.as_str();
        let reason = match failure {
            // What is wrong in its files is told of them, and what they lack of their upstreams.
            Failure::Evaluate { .. } => Diagnostic::warning("Configuration is not complete")
                .detail("Without it the engine cannot be asked for the unit's outputs.")
                .into(),
            failure => failure_as_problems(failure),
        };
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, units)) => units.push(path),
            None => reasons.push((reason, vec![path])),
        }
    }
    let warnings = reasons.into_iter().flat_map(|(reason, units)| {
        let whose = listed(&units, NAMED_UNITS);
        let problems = reason.into_iter();
        problems.map(move |mut problem| {
            problem.severity = Severity::Warning;
            let instead =
                format!("What needs the outputs of {whose} is shown with mocks, or without them.");
            let reason = problem.detail.trim_end_matches('.').to_owned();
            let details = [reason, instead]
                .into_iter()
                .filter(|text| !text.is_empty());
            problem.detail(details.collect::<Vec<_>>().join(". "))
        })
    });
    warnings.collect()
}

/// The first of many, and how many more there are.
fn listed(names: &[&str], most: usize) -> String {
    match names.len().checked_sub(most) {
        None | Some(0) => names.join(", "),
        Some(more) => format!("{} and {more} more", names[..most].join(", ")),
    }
}

impl OutputReader<'_> {
    /// All that was read so far.
    pub(super) fn found(&self) -> &UpstreamOutputs {
        &self.found
    }

    /// Reads the outputs that a configuration wants.
    pub(super) fn read_wanted(&mut self, wants: &[OutputRead]) -> Result<(), CommandError> {
        let units = wants.iter().flat_map(|wanted| wanted.target.units());
        self.read(units).map(drop)
    }

    /// Reads the outputs of units, and gives them in the same order.
    pub(super) fn read(
        &mut self,
        units: impl IntoIterator<Item = UnitIx>,
    ) -> Result<Vec<Fetched>, CommandError> {
        let units: Vec<UnitIx> = units.into_iter().collect();
        let reads = units.iter().map(|unit| self.runner.outputs_of(*unit));
        // Each child comes to its end, whatever becomes of the others.
        let reads = stream::iter(reads).buffered(READS_AT_ONCE);
        let fetched: Vec<_> = self.runtime.block_on(reads.collect());
        let fetched: Result<Vec<Fetched>, Failure> = fetched.into_iter().collect();
        let fetched = fetched.map_err(|failure| failure_as_problems(&failure))?;
        for (unit, fetched) in units.iter().zip(&fetched) {
            self.found.insert(*unit, fetched.clone());
        }
        Ok(fetched)
    }
}

/// A folder that goes when its guard is dropped.
pub(super) fn scratch_folder() -> Result<(TempDir, Utf8PathBuf), CommandError> {
    let scratch = tempfile::tempdir().map_err(|error| {
        CommandError::failed("no folder for temporary files could be made").because(&error)
    })?;
    let folder = Utf8PathBuf::from_path_buf(scratch.path().to_owned()).map_err(|path| {
        CommandError::failed("the folder for temporary files has a name that is not UTF-8")
            .detail(path.display().to_string())
    })?;
    Ok((scratch, folder))
}
