//! `info print`: folders, role and program of a unit.

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use super::exit::CommandError;
use super::loading::{file_here, load_one};
use super::options::{InfoOptions, Options};
use super::screen;
use crate::config::{Facts, LoadOptions, Questions, Unit};
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
    if estate.unit(unit).is_broken() {
        return Err(estate.unit(unit).diagnostics.clone().into());
    }
    // What is made of outputs is left out rather than read for; the rest is told all the same.
    let said = |name: &str| {
        let explained = estate.explain(unit, name).ok()?;
        let text = explained.value?.as_str()?.to_owned();
        (!text.is_empty()).then_some(text)
    };
    let folder = said("download_dir");
    let (role, program) = (said("iam_role"), said("terraform_binary"));
    let unit = estate.unit(unit);
    let wished = wanted.engine.download_folder.as_deref();
    let wished = wished.or_else(|| folder.as_deref().map(Utf8Path::new));
    let download_dir = download_folder(&unit.folder, wished);
    let info = Info {
        config_path: &unit.file,
        iam_role: role.as_deref().unwrap_or_default(),
        terraform_binary: engine(options, wanted, program.as_deref()),
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
