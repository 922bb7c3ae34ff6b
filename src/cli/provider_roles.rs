//! Roles that a unit's own provider blocks assume, as far as they can be read without fetching
//! anything: in a module of this machine, and in files that the unit generates.

use camino::Utf8Path;

use super::disk;
use crate::config::{Estate, Unit};
use crate::identity::ProviderRole;
use crate::model::{ModuleAddress, Place, UnitIx};
use crate::terraform::engine::EngineKind;
use crate::terraform::module_code::{ModuleCode, files_read};

/// The roles that the unit's provider blocks name. Needs the fact `SOURCE` of the load.
pub(super) fn provider_roles(estate: &Estate<'_>, unit: UnitIx) -> Vec<ProviderRole> {
    let mut roles = in_generated_files(estate, unit);
    roles.extend(in_module(estate.unit(unit)));
    roles
}

fn in_generated_files(estate: &Estate<'_>, unit: UnitIx) -> Vec<ProviderRole> {
    // A unit that cannot be explained is told of elsewhere.
    let Ok(generate) = estate.explain(unit, "generate") else {
        return Vec::new();
    };
    let place = generate.origins.first().map(|origin| origin.place.clone());
    let (Some(blocks), Some(place)) = (generate.value, place) else {
        return Vec::new();
    };
    let blocks = blocks.entries().unwrap_or_default();
    let texts = blocks.iter().filter_map(|(name, block)| {
        let contents = block.entry("contents")?.as_str()?.to_owned();
        Some((name.to_string() + ".tf", contents))
    });
    texts
        .flat_map(|(name, text)| ModuleCode::read([(&*name, &*text)]).assuming_providers)
        .map(|provider| ProviderRole {
            role: provider.role.and_then(|role| role.parse().ok()),
            place: place.clone(),
        })
        .collect()
}

fn in_module(unit: &Unit) -> Vec<ProviderRole> {
    let folder = match &unit.source {
        None => Some(unit.folder.clone()),
        Some(source) => {
            let address = ModuleAddress::parse(&source.text, &unit.folder).ok();
            address.and_then(|address| {
                let top = address.local_folder()?;
                Some(top.join(&address.subfolder))
            })
        }
    };
    let Some(folder) = folder else {
        return Vec::new();
    };
    let code = code_in(&folder);
    let roles = code.assuming_providers.into_iter();
    roles
        .map(|provider| ProviderRole {
            role: provider.role.and_then(|role| role.parse().ok()),
            place: Place {
                file: folder.join(provider.file),
                line: provider.line,
            },
        })
        .collect()
}

/// The code that lies in a folder. What cannot be read is left to the engine.
fn code_in(folder: &Utf8Path) -> ModuleCode {
    let entries = disk::list(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let names: Vec<String> = names.collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let texts = files_read(EngineKind::Terraform, &names)
        .into_iter()
        .filter_map(|name| {
            let bytes = disk::read(&folder.join(name)).ok()?;
            Some((name, String::from_utf8(bytes).ok()?))
        });
    let texts: Vec<(&str, String)> = texts.collect();
    ModuleCode::read(texts.iter().map(|(name, text)| (*name, text.as_str())))
}
