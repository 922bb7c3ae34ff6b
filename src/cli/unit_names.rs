//! Which unit a name on the command line means.
//!
//! A path from the start folder comes first, then one from the root, then one from the root without
//! the numbers of its folders: `shared/vpc` is `0-shared/vpc`.

use camino::{Utf8Path, Utf8PathBuf};
use terrane_hcl::closest;

use super::exit::CommandError;
use super::loading::file_here;
use super::options::{Options, ReadingOptions};
use super::surroundings::World;
use crate::config::{Estate, LoadOptions, Unit, load, unit_file_in};

/// The file of the unit that `name` means. All units of the root are read only where the name is
/// not a path from here.
pub(super) fn file_of(
    name: &str,
    options: &Options,
    reading: &ReadingOptions,
    world: &World<'_>,
) -> Result<Utf8PathBuf, CommandError> {
    if name == "." {
        return file_here(options, reading, world);
    }
    let from_here = options.path(Utf8Path::new(name));
    if let Some(file) = unit_file_in(&from_here, world) {
        return Ok(file);
    }
    let whole_root = LoadOptions {
        whole_root: true,
        ..world.load_options(reading, "find")
    };
    let (estate, _) = load(&options.start, world, whole_root);
    find(name, &estate).map(|unit| unit.file.clone())
}

/// The unit of an estate that `name` means.
pub(super) fn find<'e>(name: &str, estate: &'e Estate<'_>) -> Result<&'e Unit, CommandError> {
    let name = name.trim_end_matches('/');
    let units = || estate.units.values();
    if let Some(unit) = units().find(|unit| unit.path.as_str() == name) {
        return Ok(unit);
    }
    let meant: Vec<&Unit> = units().filter(|unit| unit.path.alias() == name).collect();
    match meant.as_slice() {
        [unit] => Ok(unit),
        [] => Err(unknown(name, estate)),
        several => Err(ambiguous(name, several)),
    }
}

fn ambiguous(name: &str, several: &[&Unit]) -> CommandError {
    let paths: Vec<&str> = several.iter().map(|unit| unit.path.as_str()).collect();
    CommandError::usage(format!("{name} means more than one unit"))
        .detail(paths.join(", "))
        .help("write the whole path")
}

fn unknown(name: &str, estate: &Estate<'_>) -> CommandError {
    let error = CommandError::failed(format!("there is no unit {name}"));
    let names: Vec<String> = estate
        .units
        .values()
        .flat_map(|unit| {
            let from_here = estate.shown(&unit.folder).into_string();
            [unit.path.alias(), unit.path.to_string(), from_here]
        })
        .collect();
    let same_name = || {
        let last = Utf8Path::new(name).file_name()?;
        let alike = estate
            .units
            .values()
            .filter(|unit| unit.path.name() == last);
        let alike: Vec<String> = alike.map(|unit| unit.path.alias()).take(5).collect();
        (!alike.is_empty()).then(|| alike.join(", "))
    };
    let near = closest(name, names.iter().map(String::as_str)).map(str::to_owned);
    let error = match near.or_else(same_name) {
        Some(near) => error.help(format!("did you mean {near}?")),
        None => error,
    };
    error.help("names are paths from here or from the root; `terrane find` lists the units")
}
