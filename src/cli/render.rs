//! `render`: a unit's configuration after includes, merges and functions.

mod hcl;

use camino::Utf8Path;
use serde_json::Value as Json;

use super::args::RenderFormat;
use super::disk;
use super::exit::CommandError;
use super::loading::{file_here, load_one};
use super::options::{LogLevel, Options, RenderOptions};
use super::screen;
use super::surroundings::World;
use super::upstreams::{OutputReader, OutputsWanted, with_outputs};
use crate::config::{Estate, Facts, LoadOptions, Questions, Rendering, Thoroughness, load};
use crate::model::{Purpose, UnitIx};
use crate::report::ExitStatus;

pub(super) fn run(options: &Options, wanted: &RenderOptions) -> Result<ExitStatus, CommandError> {
    let aws = options.aws(&wanted.reading, Purpose::Plan)?;
    let world = options.world(&wanted.reading, &aws);
    let (estate, units) = loaded(options, wanted, &world)?;
    let outputs = OutputsWanted {
        from: wanted.outputs_from,
        reading: &wanted.reading,
        engine: &wanted.engine,
    };
    with_outputs(&estate, &aws, options, outputs, |outputs| {
        for unit in units {
            let rendered = rendered(&estate, unit, outputs)?;
            let text = match wanted.format {
                RenderFormat::Json => format!("{rendered:#}\n"),
                RenderFormat::Hcl => hcl::text(&rendered)?,
            };
            match &wanted.write_to {
                Some(name) => write(&estate.unit(unit).folder.join(name), &text, options)?,
                None => screen::print(&text)?,
            }
        }
        Ok(ExitStatus::Success)
    })
}

fn write(file: &Utf8Path, text: &str, options: &Options) -> Result<(), CommandError> {
    let shown = options.shown(file);
    disk::replace(file, text).map_err(|error| {
        CommandError::failed(format!("{shown} could not be written")).because(&error)
    })?;
    if options.talk >= LogLevel::Info {
        screen::say(&format!("{shown}: written\n"));
    }
    Ok(())
}

/// The unit of the start folder, or all that are chosen.
fn loaded<'w>(
    options: &Options,
    wanted: &RenderOptions,
    world: &'w World<'_>,
) -> Result<(Estate<'w>, Vec<UnitIx>), CommandError> {
    let reading = LoadOptions {
        facts: Facts::ROLES | Facts::STATE | Facts::ACCOUNT,
        thoroughness: Thoroughness::AllLocals,
        questions: Questions::Asked,
        source: wanted.engine.source.clone(),
        download_folder: wanted.engine.download_folder.clone(),
        ..world.load_options(&wanted.reading, "render")
    };
    if !wanted.all {
        let file = file_here(options, &wanted.reading, world)?;
        let (estate, unit, _) = load_one(&file, world, reading)?;
        return Ok((estate, vec![unit]));
    }
    let reading = wanted.selection.widen(reading, options)?;
    let (estate, problems) = load(&options.start, world, reading);
    options.tell(&problems);
    let units = wanted.selection.units(&estate, options)?;
    Ok((estate, units.into_iter().collect()))
}

/// Reads outputs for as long as some are wanted.
fn rendered(
    estate: &Estate<'_>,
    unit: UnitIx,
    outputs: &mut OutputReader<'_>,
) -> Result<Json, CommandError> {
    loop {
        match estate.render(unit, outputs.found())? {
            Rendering::Done(json) => return Ok(json),
            Rendering::Wants(wants) => outputs.read_wanted(&wants)?,
        }
    }
}
