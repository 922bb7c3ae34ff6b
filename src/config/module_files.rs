//! The code of modules that lie on this machine: files that a unit reads although its own files
//! say nothing of them.

use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};

use super::reader::Reader;
use super::surroundings::EntryKind;
use super::trace::{FileRead, ReadKind};
use crate::model::ModuleAddress;
use crate::model::file_names::MADE_BY_TOOLS;

/// How terraform and tofu name their code; stack and unit files of a catalog count as well.
const ENDINGS: [&str; 5] = [".tf", ".tf.json", ".tofu", ".tofu.json", ".hcl"];

/// The files of the module that a unit names, if it is a folder of this machine. A folder that
/// cannot be looked into has none.
pub(crate) fn module_files(
    reader: &Reader<'_>,
    source: &str,
    unit_folder: &Utf8Path,
    limit: usize,
) -> Vec<FileRead> {
    let Ok(address) = ModuleAddress::parse(source, unit_folder) else {
        return Vec::new();
    };
    let Some(top) = address.local_folder() else {
        return Vec::new();
    };
    let mut files: Vec<Utf8PathBuf> = Vec::new();
    let mut folders = vec![top.join(&address.subfolder)];
    while let Some(folder) = folders.pop() {
        let listed = reader.surroundings().list(&folder, &mut |entry| {
            let Some(name) = entry.name else { return };
            match entry.kind {
                EntryKind::Folder if !MADE_BY_TOOLS.contains(&name) => {
                    folders.push(folder.join(name));
                }
                EntryKind::File | EntryKind::Link if is_code(name) && files.len() < limit => {
                    files.push(folder.join(name));
                }
                EntryKind::Folder | EntryKind::File | EntryKind::Link | EntryKind::Other => {}
            }
        });
        if listed.is_err() || files.len() >= limit {
            break;
        }
    }
    let read = |path: Utf8PathBuf| FileRead {
        path: Rc::from(path.as_path()),
        kind: ReadKind::Module,
    };
    files.into_iter().map(read).collect()
}

fn is_code(name: &str) -> bool {
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}
