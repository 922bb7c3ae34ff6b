//! `render`: a unit's configuration after includes, merges and functions.

mod hcl;

use camino::Utf8Path;
use serde_json::Value as Json;
use terrane_hcl::{Diagnostic, Diagnostics};

use super::args::RenderFormat;
use super::disk;
use super::exit::CommandError;
use super::loading::{file_here, load_one};
use super::options::{LogLevel, Options, RenderOptions};
use super::screen;
use super::surroundings::World;
use super::upstreams::{OutputReader, OutputsWanted, Unreadable, with_outputs};
use crate::config::{Estate, Facts, LoadOptions, Questions, Rendering, Thoroughness, Unit, load};
use crate::model::{Purpose, UnitIx};
use crate::report::ExitStatus;
use crate::source::overrides::Extent;

pub(super) fn run(options: &Options, wanted: &RenderOptions) -> Result<ExitStatus, CommandError> {
    let aws = options
        .aws(&wanted.reading, Purpose::Plan)?
        .for_looking_only();
    let world = options.world(&wanted.reading, &aws);
    let extent = if wanted.all {
        Extent::Many
    } else {
        Extent::One
    };
    let world = world.with_sources(&wanted.engine, extent, &options.start);
    let (estate, units, told) = loaded(options, wanted, &world)?;
    let outputs = OutputsWanted {
        from: wanted.outputs_from,
        reading: &wanted.reading,
        engine: &wanted.engine,
        unreadable: Unreadable::IsTold,
    };
    with_outputs(&estate, &aws, options, outputs, |outputs| {
        outputs.read(units.iter().flat_map(|unit| known_reads(&estate, *unit)))?;
        let mut status = ExitStatus::Success;
        for unit in units {
            match rendered(&estate, unit, outputs)? {
                Ok(rendered) => show(&rendered, estate.unit(unit), wanted, options)?,
                // One unit that is wrong does not keep the others from being shown.
                Err(problems) if wanted.all => {
                    options.tell(&without(problems, &told));
                    status = ExitStatus::Failure;
                }
                Err(problems) => return Err(problems.into()),
            }
        }
        Ok(status)
    })
}

fn without(problems: Diagnostics, told: &Diagnostics) -> Diagnostics {
    let problems = problems.into_iter();
    let is_new = |problem: &Diagnostic| told.iter().all(|known| known != problem);
    problems.filter(is_new).collect()
}

/// Whose outputs a unit asks for, as far as that is known without any.
fn known_reads(estate: &Estate<'_>, unit: UnitIx) -> Vec<UnitIx> {
    let reads = estate.unit(unit).output_reads.iter();
    reads.flat_map(|read| read.target.units()).collect()
}

fn show(
    rendered: &Json,
    unit: &Unit,
    wanted: &RenderOptions,
    options: &Options,
) -> Result<(), CommandError> {
    let text = match wanted.format {
        RenderFormat::Json => format!("{rendered:#}\n"),
        RenderFormat::Hcl => hcl::text(rendered)?,
    };
    match &wanted.write_to {
        Some(name) => write(&unit.folder.join(name), &text, options),
        None => screen::print(&text),
    }
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

/// The unit of the start folder, or all that are chosen; and what was told of them.
fn loaded<'w>(
    options: &Options,
    wanted: &RenderOptions,
    world: &'w World<'_>,
) -> Result<(Estate<'w>, Vec<UnitIx>, Diagnostics), CommandError> {
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
        return Ok((estate, vec![unit], Diagnostics::new()));
    }
    let reading = wanted.selection.widen(reading, options)?;
    let (estate, problems) = load(&options.start, world, reading);
    options.tell(&problems);
    let units = wanted.selection.units(&estate, options)?;
    Ok((estate, units.into_iter().collect(), problems))
}

/// Reads outputs for as long as some are wanted.
fn rendered(
    estate: &Estate<'_>,
    unit: UnitIx,
    outputs: &mut OutputReader<'_>,
) -> Result<Result<Json, Diagnostics>, CommandError> {
    loop {
        match estate.render(unit, outputs.found()) {
            Ok(Rendering::Done(json)) => return Ok(Ok(json)),
            Ok(Rendering::Wants(wants)) => outputs.read_wanted(&wants)?,
            Err(problems) => return Ok(Err(problems)),
        }
    }
}
