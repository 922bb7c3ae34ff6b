//! What lies below a folder.

use camino::{Utf8Path, Utf8PathBuf};

use super::disk;
use super::exit::CommandError;

/// How many folders may lie within one another.
const DEEPEST: usize = 128;

/// Files and folders below a folder, in order.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) files: Vec<Utf8PathBuf>,
    /// Those that were not looked into.
    pub(super) left: Vec<Utf8PathBuf>,
}

/// Walks down from `start` through all folders that are to be looked into. Links are not followed,
/// and what has a name that is not UTF-8 is passed over.
pub(super) fn walk(
    start: &Utf8Path,
    looks_into: impl Fn(&Utf8Path) -> bool,
) -> Result<Found, CommandError> {
    let mut found = Found::default();
    let mut open = vec![(start.to_owned(), 0)];
    while let Some((folder, depth)) = open.pop() {
        let unreadable = |error: std::io::Error| {
            CommandError::failed(format!("{folder} cannot be listed")).because(&error)
        };
        for entry in disk::list(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let (Ok(name), Ok(kind)) = (entry.file_name().into_string(), entry.file_type()) else {
                continue;
            };
            let path = folder.join(&name);
            if kind.is_file() {
                found.files.push(path);
            } else if kind.is_dir() && depth < DEEPEST && looks_into(&path) {
                open.push((path, depth + 1));
            } else if kind.is_dir() {
                found.left.push(path);
            }
        }
    }
    found.files.sort();
    found.left.sort();
    Ok(found)
}
