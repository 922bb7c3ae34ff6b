//! The provider blocks of a unit, as far as they can be known without fetching anything: those of a
//! module on this machine, of the unit's own folder, and of the files that it generates.

use std::collections::BTreeMap;
use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};
use terrane_hcl::Diagnostics;

use super::disk;
use crate::config::Estate;
use crate::identity::{ProviderRole, UnitClaims};
use crate::model::{ModuleAddress, Place, UnitIx};
use crate::run::claims::{claims_at_load, provider_role};
use crate::terraform::engine::EngineKind;
use crate::terraform::module_code::{ModuleCode, files_read};

/// The provider blocks that choose by themselves who they act as.
#[derive(Debug, Default)]
pub(super) struct ProviderRoles {
    pub(super) found: Vec<ProviderRole>,
    /// Why there may be more.
    pub(super) unknown: Vec<UnknownCode>,
}

/// Code that cannot be looked into before a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum UnknownCode {
    /// It is fetched from elsewhere.
    AfterFetch { source: String },
    /// A generated file is made of outputs.
    AfterOutputs(Place),
    /// A file, or a folder, that is not there as it should be.
    Unreadable(Utf8PathBuf),
}

impl fmt::Display for UnknownCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AfterFetch { source } => write!(f, "the code of {source} is not fetched yet"),
            Self::AfterOutputs(at) => write!(f, "what is generated at {at} is made of outputs"),
            Self::Unreadable(path) => write!(f, "{path} cannot be read"),
        }
    }
}

/// A file of the working folder: its text and where that text is written.
struct CodeFile {
    text: String,
    origin: Origin,
}

enum Origin {
    File(Utf8PathBuf),
    /// A block of the configuration, whose lines are not those of the file.
    Generated(Place),
}

/// Finds them. Needs the fact `SOURCE` of the load.
pub(super) fn provider_roles_of(
    estate: &Estate<'_>,
    unit: UnitIx,
) -> Result<ProviderRoles, Diagnostics> {
    let mut unknown = Vec::new();
    let mut files = module_files(estate, unit, &mut unknown);
    files.extend(code_in(&estate.unit(unit).folder, estate, &mut unknown));
    for generated in estate.generated_texts(unit)? {
        let (Some(name), Some(text)) = (generated.path, generated.contents) else {
            unknown.push(UnknownCode::AfterOutputs(generated.place));
            continue;
        };
        if generated.keeps_existing && files.contains_key(&name) {
            continue;
        }
        let origin = Origin::Generated(generated.place);
        files.insert(name, CodeFile { text, origin });
    }
    Ok(ProviderRoles {
        found: providers_in(&files),
        unknown,
    })
}

/// What a unit's files and its provider blocks say about who acts. Needs the facts `ROLES`, `STATE`,
/// `ACCOUNT` and `SOURCE` of the load.
pub(super) fn claims_with_providers(
    estate: &Estate<'_>,
    unit: UnitIx,
) -> Result<(UnitClaims, ProviderRoles), Diagnostics> {
    let providers = provider_roles_of(estate, unit)?;
    let claims = UnitClaims {
        provider_roles: providers.found.clone(),
        ..claims_at_load(estate.unit(unit))?
    };
    Ok((claims, providers))
}

/// The files of the module, where it lies on this machine.
fn module_files(
    estate: &Estate<'_>,
    unit: UnitIx,
    unknown: &mut Vec<UnknownCode>,
) -> BTreeMap<String, CodeFile> {
    let unit = estate.unit(unit);
    let Some(source) = &unit.source else {
        return BTreeMap::new();
    };
    let address = ModuleAddress::parse(&source.text, &unit.folder).ok();
    let folder = address.as_ref().and_then(|address| {
        let top = address.local_folder()?;
        Some(top.join(&address.subfolder))
    });
    if let Some(folder) = folder {
        return code_in(&folder, estate, unknown);
    }
    unknown.push(UnknownCode::AfterFetch {
        source: address.map_or_else(|| source.text.clone(), |address| address.to_string()),
    });
    BTreeMap::new()
}

/// The code in a folder.
fn code_in(
    folder: &Utf8Path,
    estate: &Estate<'_>,
    unknown: &mut Vec<UnknownCode>,
) -> BTreeMap<String, CodeFile> {
    let Ok(entries) = disk::list(folder) else {
        unknown.push(UnknownCode::Unreadable(estate.name_of_file(folder)));
        return BTreeMap::new();
    };
    let entries = entries.flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let names = names.filter(|name| {
        let bare = name.strip_suffix(".json").unwrap_or(name);
        [Some("tf"), Some("tofu")].contains(&Utf8Path::new(bare).extension())
    });
    let mut files = BTreeMap::new();
    for name in names {
        let path = folder.join(&name);
        match disk::read(&path) {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let origin = Origin::File(estate.name_of_file(&path));
                files.insert(name, CodeFile { text, origin });
            }
            // No engine reads a folder.
            Err(_) if path.is_dir() => {}
            Err(_) => unknown.push(UnknownCode::Unreadable(estate.name_of_file(&path))),
        }
    }
    files
}

fn providers_in(files: &BTreeMap<String, CodeFile>) -> Vec<ProviderRole> {
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    // Whoever writes .tofu files runs tofu; without such files both engines read the same.
    let read = files_read(EngineKind::Tofu, &names).into_iter();
    let code = ModuleCode::read(read.map(|name| (name, files[name].text.as_str())));
    let providers = code.assuming_providers.iter().map(|provider| {
        let place = match &files[provider.file.as_str()].origin {
            Origin::Generated(place) => place.clone(),
            Origin::File(path) => Place {
                file: path.clone(),
                line: provider.line,
            },
        };
        provider_role(provider, place)
    });
    providers.collect()
}
