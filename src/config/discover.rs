//! From a folder to the folders of units and stacks below it. Reads no file.

use camino::{Utf8Path, Utf8PathBuf};
use terrane_hcl::{Diagnostic, Diagnostics};

use super::options::LoadOptions;
use super::reader::{Listing, Reader};
use super::surroundings::EntryKind;
use crate::model::file_names::{MADE_BY_TOOLS, STACK_FILE, UNIT_FILE};

/// A folder with a unit, a stack, or, wrongly, both.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct FoundFolder {
    pub(crate) folder: Utf8PathBuf,
    pub(crate) has_unit: bool,
    pub(crate) has_stack: bool,
}

/// What a walk came to.
pub(crate) struct Discovered {
    /// In the order of their paths.
    pub(crate) folders: Vec<FoundFolder>,
    /// Folders that could not be looked into.
    pub(crate) unread: Vec<Utf8PathBuf>,
    pub(crate) problems: Diagnostics,
}

/// The folders below `start`.
pub(crate) fn discover(reader: &Reader<'_>, start: &Utf8Path, options: &LoadOptions) -> Discovered {
    let unit_file = options.file_name.as_deref().unwrap_or(UNIT_FILE);
    let mut found = Vec::new();
    let mut unread = Vec::new();
    let mut problems = Diagnostics::new();
    let mut waiting = vec![(start.to_owned(), 0)];
    while let Some((folder, depth)) = waiting.pop() {
        let mut listed = match list(reader, &folder, options, unit_file) {
            Ok(listed) => listed,
            Err(reason) => {
                let shown = reader.shown(&folder);
                problems.push(unreadable_folder(&shown, &reason));
                unread.push(folder);
                continue;
            }
        };
        if listed.strange_names > 0 {
            problems.push(strange_names(&reader.shown(&folder), listed.strange_names));
        }
        if listed.has_unit || listed.has_stack {
            found.push(FoundFolder {
                folder: folder.clone(),
                has_unit: listed.has_unit,
                has_stack: listed.has_stack,
            });
        }
        if depth == options.limits.folder_depth && !listed.folders.is_empty() {
            problems.push(too_deep(&reader.shown(&folder), depth));
            continue;
        }
        if found.len() > options.limits.units {
            problems.push(too_many_units(options.limits.units));
            break;
        }
        // The last one is the next one, so that the walk goes in the order of the paths.
        listed.folders.sort_unstable_by(|a, b| b.cmp(a));
        let below = listed.folders.into_iter();
        waiting.extend(below.map(|name| (folder.join(name), depth + 1)));
    }
    debug_assert!(found.is_sorted(), "each folder comes before those in it");
    Discovered {
        folders: found,
        unread,
        problems,
    }
}

/// What matters of one folder.
#[derive(Default)]
struct Listed {
    has_unit: bool,
    has_stack: bool,
    folders: Vec<String>,
    strange_names: usize,
}

fn list(
    reader: &Reader<'_>,
    folder: &Utf8Path,
    options: &LoadOptions,
    unit_file: &str,
) -> Result<Listed, String> {
    let mut listed = Listed::default();
    let mut links = Vec::new();
    let mut names: Vec<(Box<str>, EntryKind)> = Vec::new();
    let mut is_whole = true;
    let result = reader.surroundings().list(folder, &mut |entry| {
        let Some(name) = entry.name else {
            listed.strange_names += 1;
            return;
        };
        match entry.kind {
            EntryKind::Folder if is_visited(name, options) => {
                listed.folders.push(name.to_owned());
            }
            EntryKind::File if name == unit_file => listed.has_unit = true,
            EntryKind::File if name == STACK_FILE => listed.has_stack = true,
            EntryKind::Link if name == unit_file || name == STACK_FILE => {
                links.push(name.to_owned());
            }
            EntryKind::Folder | EntryKind::File | EntryKind::Link | EntryKind::Other => {}
        }
        if names.len() < Listing::MOST_NAMES {
            names.push((name.into(), entry.kind));
        } else {
            is_whole = false;
        }
    });
    result.map_err(|error| error.to_string())?;
    for name in links {
        if reader.is_file(&folder.join(&name)) {
            listed.has_unit |= name == unit_file;
            listed.has_stack |= name == STACK_FILE;
        }
    }
    reader.remember_listing(folder, Listing::new(names, is_whole));
    Ok(listed)
}

fn is_visited(name: &str, options: &LoadOptions) -> bool {
    !MADE_BY_TOOLS.contains(&name) && (options.hidden_folders || !name.starts_with('.'))
}

fn unreadable_folder(folder: &Utf8Path, reason: &str) -> Diagnostic {
    Diagnostic::warning("Unreadable folder").detail(format!(
        "{folder} was passed over, with all units that may be in it: {reason}."
    ))
}

fn strange_names(folder: &Utf8Path, count: usize) -> Diagnostic {
    let strange = match count {
        1 => "an entry whose name is not UTF-8; it was passed over".to_owned(),
        _ => format!("{count} entries whose names are not UTF-8; they were passed over"),
    };
    Diagnostic::warning("Names that are not UTF-8").detail(format!("{folder} has {strange}."))
}

fn too_deep(folder: &Utf8Path, depth: usize) -> Diagnostic {
    Diagnostic::warning("Folders too deep within each other").detail(format!(
        "{folder} lies {depth} folders deep, which is the limit; what is below was passed over."
    ))
}

fn too_many_units(limit: usize) -> Diagnostic {
    Diagnostic::error("Too many units").detail(format!(
        "There are more than {limit} units, which is the limit. Start further down in the tree."
    ))
}
