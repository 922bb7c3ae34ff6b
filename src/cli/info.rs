//! `info print`: folders, role and program of a unit.

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;
use serde_json::Value as Json;

use super::exit::CommandError;
use super::loading::{file_here, load_one};
use super::options::{InfoOptions, Options};
use super::screen;
use crate::config::{Facts, LoadOptions, Questions, Rendering, Unit, UpstreamOutputs};
use crate::model::{ModuleAddress, Purpose};
use crate::report::ExitStatus;
use crate::run::unit_run::Engines;
use crate::source::cache::{CachePlace, download_folder};
use crate::source::overrides::{Extent, SourceOverrides};

/// Terragrunt's form, in its order.
#[derive(Serialize)]
struct Info<'i> {
    config_path: &'i Utf8Path,
    download_dir: Utf8PathBuf,
    iam_role: &'i str,
    terraform_binary: String,
    terraform_command: &'static str,
    working_dir: Utf8PathBuf,
}

pub(super) fn print(options: &Options, wanted: &InfoOptions) -> Result<ExitStatus, CommandError> {
    let aws = options
        .aws(&wanted.reading, Purpose::Plan)?
        .for_looking_only();
    let world = options.world(&wanted.reading, &aws);
    let world = world.with_sources(&wanted.engine, Extent::One, &options.start);
    let file = file_here(options, &wanted.reading, &world)?;
    let load = LoadOptions {
        facts: Facts::SOURCE,
        questions: Questions::Asked,
        source: wanted.engine.source.clone(),
        download_folder: wanted.engine.download_folder.clone(),
        ..world.load_options(&wanted.reading, "print")
    };
    let (estate, unit, _) = load_one(&file, &world, load)?;
    // A part that needs outputs is not shown rather than read for.
    let configuration = match estate.render(unit, &UpstreamOutputs::new())? {
        Rendering::Done(json) => json,
        Rendering::Wants(_) => Json::Null,
    };
    let unit = estate.unit(unit);
    let text = |name: &str| configuration[name].as_str().filter(|text| !text.is_empty());
    let wished = wanted.engine.download_folder.as_deref();
    let wished = wished.or_else(|| text("download_dir").map(Utf8Path::new));
    let download_dir = download_folder(&unit.folder, wished);
    let info = Info {
        config_path: &unit.file,
        iam_role: text("iam_role").unwrap_or_default(),
        terraform_binary: engine(options, wanted, text("terraform_binary")),
        terraform_command: "print",
        working_dir: working_folder(unit, wanted, options, &download_dir)?,
        download_dir,
    };
    let text = serde_json::to_string_pretty(&info);
    screen::print(&(text.expect("texts always have a JSON form") + "\n"))?;
    Ok(ExitStatus::Success)
}

/// What the program is called, whether or not it is there.
fn engine(options: &Options, wanted: &InfoOptions, configured: Option<&str>) -> String {
    let wish = wanted.engine.program.as_deref();
    let engines = Engines::new(wish, &options.launch.variables, &options.start);
    match engines.locate(configured) {
        Ok(found) => found.name,
        Err(missing) => missing.wanted.join(" or "),
    }
}

/// The unit's own folder, or where its source is brought.
fn working_folder(
    unit: &Unit,
    wanted: &InfoOptions,
    options: &Options,
    download_dir: &Utf8Path,
) -> Result<Utf8PathBuf, CommandError> {
    let overrides = SourceOverrides {
        source: wanted.engine.source.clone(),
        map: wanted.engine.source_map.clone(),
    };
    let written = unit.source.as_ref().map(|source| source.text.as_str());
    let Some(source) = overrides.apply(written, Extent::One) else {
        return Ok(unit.folder.clone());
    };
    // What was typed starts where the command started; what is written, at its unit.
    let from = match overrides.source {
        Some(_) => &options.start,
        None => &unit.folder,
    };
    let address = ModuleAddress::parse(&source, from).map_err(|error| {
        CommandError::failed(format!("the source {source} cannot be read")).because(&error)
    })?;
    Ok(CachePlace::new(download_dir, &unit.folder, &address).working_folder())
}
