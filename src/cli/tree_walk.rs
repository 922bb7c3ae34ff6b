//! What lies below a folder.

use camino::{Utf8Path, Utf8PathBuf};

use super::disk;
use super::exit::CommandError;

/// How many folders may lie within one another.
const DEEPEST: usize = 128;
const TOO_DEEP: &str = "it lies more than 128 folders deep";

/// Files and folders below a folder, in order.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) files: Vec<Utf8PathBuf>,
    /// Those that were not looked into.
    pub(super) left: Vec<Utf8PathBuf>,
    /// Folders that cannot be looked into, each with the reason.
    pub(super) unreadable: Vec<(Utf8PathBuf, String)>,
    /// Folders that nobody looks into, here as everywhere: what is in them is no part of the tree.
    pub(super) passed_over: Vec<(Utf8PathBuf, &'static str)>,
}

/// Walks down from `start` through all folders that are to be looked into. Links are not followed,
/// and files whose names are not UTF-8 are passed over.
pub(super) fn walk(
    start: &Utf8Path,
    looks_into: impl Fn(&Utf8Path) -> bool,
) -> Result<Found, CommandError> {
    let mut found = Found::default();
    let mut open = Vec::new();
    found
        .add(start, 0, &looks_into, &mut open)
        .map_err(|error| {
            CommandError::failed(format!("{start} cannot be listed")).because(&error)
        })?;
    while let Some((folder, depth)) = open.pop() {
        if let Err(error) = found.add(&folder, depth, &looks_into, &mut open) {
            found.unreadable.push((folder, disk::reason(&error)));
        }
    }
    found.files.sort();
    found.left.sort();
    found.unreadable.sort();
    found.passed_over.sort();
    Ok(found)
}

impl Found {
    fn add(
        &mut self,
        folder: &Utf8Path,
        depth: usize,
        looks_into: impl Fn(&Utf8Path) -> bool,
        open: &mut Vec<(Utf8PathBuf, usize)>,
    ) -> std::io::Result<()> {
        for entry in disk::list(folder)? {
            let entry = entry?;
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            let name = match entry.file_name().into_string() {
                Ok(name) => name,
                Err(strange) => {
                    if kind.is_dir() {
                        let shown = folder.join(&*strange.to_string_lossy());
                        self.passed_over.push((shown, "its name is not UTF-8"));
                    }
                    continue;
                }
            };
            let path = folder.join(&name);
            if kind.is_file() {
                self.files.push(path);
            } else if kind.is_dir() && !looks_into(&path) {
                self.left.push(path);
            } else if kind.is_dir() && depth < DEEPEST {
                open.push((path, depth + 1));
            } else if kind.is_dir() {
                self.passed_over.push((path, TOO_DEEP));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the test sets the scene")]
    fn one_folder_that_cannot_be_listed_hides_no_other() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let start = Utf8Path::from_path(folder.path()).expect("its name is UTF-8");
        for name in ["gone", "here"] {
            std::fs::create_dir(start.join(name)).expect("a new folder");
        }
        std::fs::write(start.join("here/a.hcl"), "").expect("a new file");
        // As soon as it is to be looked into, it is there no more.
        let looks_into =
            |path: &Utf8Path| path.file_name() != Some("gone") || std::fs::remove_dir(path).is_ok();
        let found = walk(start, looks_into).expect("the start can be listed");
        assert_eq!(found.files, [start.join("here/a.hcl")]);
        let (path, reason) = &found.unreadable[0];
        assert_eq!(
            (path.as_str(), reason.as_str()),
            (start.join("gone").as_str(), "no such file or directory")
        );
        assert!(walk(&start.join("nowhere"), |_| true).is_err());
    }
}
