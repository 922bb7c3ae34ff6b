//! Filling a working folder with its source and the unit's own files.
//!
//! The unit's files lie over those of the source, and what `generate` blocks will write lies over
//! both: it is left alone here. Files that are up to date are not touched, files that no longer
//! belong there go, and what others put there stays.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use thiserror::Error;

use super::cache::{CachePlace, INIT_REQUIRED};
use super::listing::{Entry, EntryKind, ListError, Listing};
use super::manifest::Manifest;
use super::place_file::{
    copy_file, copy_new_file, make_folder, make_link, remove, remove_with_empty_folders,
    same_content, write_atomically,
};

/// What is to lie in a place.
#[derive(Clone, Copy, Debug)]
pub struct Contents<'a> {
    pub source: SourceFiles<'a>,
    /// The unit's own files; `None` where the unit's folder is the source.
    pub unit: Option<&'a Listing>,
    /// Paths from the place's root where generated files win over copied ones.
    pub generated: &'a BTreeSet<Utf8PathBuf>,
}

#[derive(Clone, Copy, Debug)]
pub enum SourceFiles<'a> {
    Listed {
        listing: &'a Listing,
        version: SourceVersion<'a>,
    },
    /// Those that lie there: a remote source is taken to be the same as long as its address is.
    AsBefore,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SourceVersion<'a> {
    /// The digest of the listing.
    OfFolder(&'a str),
    /// What the address says; kept where Terragrunt looks for it.
    OfAddress(&'a str),
}

/// A place that holds what it should, but for what is generated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Filled {
    pub manifest: Manifest,
    /// Whether terraform code was written or taken away.
    pub code_changed: bool,
    /// Whether the working folder was not there before.
    pub is_new: bool,
}

#[derive(Debug, Error)]
pub enum FillError {
    #[error("{source_folder} has no folder {subfolder}")]
    NoSubfolder {
        source_folder: Utf8PathBuf,
        subfolder: Utf8PathBuf,
    },
    /// A file of a remote source has to come back, and the source is not at hand.
    #[error("the source has to be fetched again for {0}")]
    NeedsSource(Utf8PathBuf),
    /// What lies in the place from before cannot be told.
    #[error(transparent)]
    Unknown(#[from] ListError),
    #[error("{path}: {error}")]
    Io {
        path: Utf8PathBuf,
        #[source]
        error: io::Error,
    },
}

/// One change to the files of a place.
#[derive(Debug)]
enum Action {
    Remove,
    Put {
        from: Utf8PathBuf,
        entry: Entry,
    },
    /// The bytes are right, the time is not.
    Touch {
        from: Utf8PathBuf,
    },
}

/// Whose file lies at a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Owner {
    Source,
    Unit,
    Generated,
}

/// Brings the place to what `contents` says. `before` is its manifest; the new one is saved.
pub fn fill(
    place: &CachePlace,
    contents: &Contents<'_>,
    before: &Manifest,
) -> Result<Filled, FillError> {
    check_subfolder(place, contents)?;
    let is_new = !place.working_folder().is_dir();
    let mut after = before.clone();
    if let SourceFiles::Listed { listing, version } = contents.source {
        after.version = Some(version.text().to_owned());
        after.of_source.clone_from(&listing.files);
    }
    after.of_unit = of_unit(place, contents.unit);

    let difference = Difference {
        place,
        contents,
        before,
        after: &after,
    };
    let actions = difference.actions()?;
    let code_changed = actions
        .iter()
        .any(|(path, action)| action.changes_code(path));
    let is_fresh = difference.leaves_nothing_in_doubt();
    if !actions.is_empty() || after != *before || !is_fresh {
        difference.perform(&actions, code_changed)?;
    }
    Ok(Filled {
        manifest: after,
        code_changed,
        is_new,
    })
}

/// Whether terraform or tofu reads a file of this name as code.
pub fn is_code(path: &Utf8Path) -> bool {
    const SUFFIXES: [&str; 4] = [".tf", ".tofu", ".tf.json", ".tofu.json"];
    let name = path.file_name().unwrap_or_default();
    SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
}

/// A state that a folder brings along is where the engine starts from. From then on the one in
/// the working folder is the newer one, and the only one.
fn is_state(path: &Utf8Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    name.starts_with("terraform.tfstate")
}

fn check_subfolder(place: &CachePlace, contents: &Contents<'_>) -> Result<(), FillError> {
    let SourceFiles::Listed { listing, .. } = contents.source else {
        return Ok(());
    };
    if listing.folder.join(&place.subfolder).is_dir() {
        return Ok(());
    }
    Err(FillError::NoSubfolder {
        source_folder: listing.folder.clone(),
        subfolder: place.subfolder.clone(),
    })
}

fn of_unit(place: &CachePlace, unit: Option<&Listing>) -> BTreeMap<Utf8PathBuf, Entry> {
    let files = unit.map(|listing| &listing.files).into_iter().flatten();
    files
        .map(|(path, entry)| (place.subfolder.join(path), entry.clone()))
        .collect()
}

struct Difference<'a> {
    place: &'a CachePlace,
    contents: &'a Contents<'a>,
    before: &'a Manifest,
    after: &'a Manifest,
}

impl Difference<'_> {
    fn actions(&self) -> Result<BTreeMap<Utf8PathBuf, Action>, FillError> {
        let mut actions = BTreeMap::new();
        for path in self.paths_in_question() {
            if let Some(action) = self.action(path)? {
                actions.insert(path.to_owned(), action);
            }
        }
        let is_listed = matches!(self.contents.source, SourceFiles::Listed { .. });
        if is_listed && self.before.version.is_none() && self.place.root.is_dir() {
            for path in self.code_of_others()? {
                actions.entry(path).or_insert(Action::Remove);
            }
        }
        Ok(actions)
    }

    /// Every path, or where the source is the same only those that something else lies over.
    fn paths_in_question(&self) -> BTreeSet<&Utf8Path> {
        let mut maps = vec![&self.before.of_unit, &self.after.of_unit];
        if !self.source_is_the_same() {
            maps.extend([&self.before.of_source, &self.after.of_source]);
        }
        let of_maps = maps.into_iter().flat_map(BTreeMap::keys);
        let generated = self.before.generated().iter();
        let paths = of_maps.chain(generated.filter(|path| !path.is_absolute()));
        paths.map(Utf8PathBuf::as_path).collect()
    }

    fn source_is_the_same(&self) -> bool {
        match self.contents.source {
            SourceFiles::AsBefore => true,
            SourceFiles::Listed { version, .. } => match version {
                SourceVersion::OfFolder(digest) => {
                    self.before.version.as_deref() == Some(digest) && self.leaves_nothing_in_doubt()
                }
                // It was fetched again, so it may be another one of the same name.
                SourceVersion::OfAddress(_) => false,
            },
        }
    }

    /// Whether the times of all files tell their content.
    fn leaves_nothing_in_doubt(&self) -> bool {
        let source = match self.contents.source {
            SourceFiles::Listed { listing, .. } => Some(&listing.files),
            SourceFiles::AsBefore => None,
        };
        let mut entries = source.into_iter().chain([&self.after.of_unit]);
        entries.all(|files| {
            let mut entries = files.values();
            entries.all(|entry| !self.before.may_have_changed_since(entry.stamp))
        })
    }

    fn action(&self, path: &Utf8Path) -> Result<Option<Action>, FillError> {
        let generated = self.contents.generated;
        let was = owner(self.before, self.before.generated(), path);
        match owner(self.after, generated, path) {
            Some(Owner::Generated) => Ok(None),
            // What was generated and is no longer is taken away by whoever generates.
            None if was == Some(Owner::Generated) => Ok(None),
            None if is_state(path) => Ok(None),
            None => Ok(was.map(|_| Action::Remove)),
            Some(Owner::Unit) => {
                let unit = self
                    .contents
                    .unit
                    .expect("a unit's files come from its listing");
                let relative = path.strip_prefix(&self.place.subfolder);
                let relative = relative.expect("a unit's files lie in its module's folder");
                self.put(path, unit.folder.join(relative), &self.after.of_unit[path])
            }
            Some(Owner::Source) => match self.contents.source {
                SourceFiles::Listed { listing, .. } => {
                    self.put(path, listing.folder.join(path), &self.after.of_source[path])
                }
                SourceFiles::AsBefore if was == Some(Owner::Source) => Ok(None),
                SourceFiles::AsBefore => Err(FillError::NeedsSource(path.to_owned())),
            },
        }
    }

    /// What it takes to have this file there.
    fn put(
        &self,
        path: &Utf8Path,
        from: Utf8PathBuf,
        entry: &Entry,
    ) -> Result<Option<Action>, FillError> {
        let at = self.place.root.join(path);
        if let EntryKind::Link { target } = &entry.kind {
            let is_there = at.read_link_utf8().is_ok_and(|found| found == *target);
            return Ok((!is_there).then(|| put(from, entry)));
        }
        let metadata = at.symlink_metadata().ok();
        if is_state(path) && metadata.is_some() {
            return Ok(None);
        }
        let looks_the_same = metadata
            .filter(std::fs::Metadata::is_file)
            .is_some_and(|metadata| Entry::of_file(&metadata) == *entry);
        let is_known = [&self.before.of_source, &self.before.of_unit]
            .iter()
            .any(|files| files.get(path) == Some(entry));
        let is_in_doubt = !is_known || self.before.may_have_changed_since(entry.stamp);
        Ok(if looks_the_same && !is_in_doubt {
            None
        } else if same_content(&from, &at).or_io(&from)? {
            (!looks_the_same).then_some(Action::Touch { from })
        } else {
            Some(put(from, entry))
        })
    }

    /// Code that a folder holds from earlier, made by a program whose notes terrane cannot read.
    fn code_of_others(&self) -> Result<Vec<Utf8PathBuf>, FillError> {
        let listed = Listing::of_working_folder(&self.place.root)?;
        let is_of_others = |path: &Utf8PathBuf| {
            is_code(path) && owner(self.after, self.contents.generated, path).is_none()
        };
        let files = listed.files.into_keys();
        Ok(files.filter(is_of_others).collect())
    }

    fn perform(
        &self,
        actions: &BTreeMap<Utf8PathBuf, Action>,
        code_changed: bool,
    ) -> Result<(), FillError> {
        let root = &self.place.root;
        let working_folder = self.place.working_folder();
        let is_new = !working_folder.is_dir();
        // What nobody can see yet need not appear all at once.
        let copy = if root.is_dir() {
            copy_file
        } else {
            copy_new_file
        };
        std::fs::create_dir_all(root).or_io(root)?;
        if code_changed && !is_new {
            let marker = working_folder.join(INIT_REQUIRED);
            write_atomically(&marker, b"").or_io(&marker)?;
        }
        self.begin()?;
        let removals = actions.iter().filter(|(_, action)| action.removes());
        for (path, _) in removals {
            remove_with_empty_folders(root, path).or_io(path)?;
        }
        make_folder(root, &self.place.subfolder).or_io(&working_folder)?;
        let mut folder = None;
        for (path, action) in actions {
            if !action.removes() && folder != path.parent() {
                folder = path.parent();
                make_folder(root, folder.unwrap_or(Utf8Path::new(""))).or_io(path)?;
            }
            let at = root.join(path);
            match action {
                Action::Remove => {}
                Action::Put { entry, from } => match &entry.kind {
                    EntryKind::File { .. } => copy(from, &at).or_io(&at)?,
                    EntryKind::Link { target } => make_link(target, &at).or_io(&at)?,
                },
                Action::Touch { from } => copy_file(from, &at).or_io(&at)?,
            }
        }
        self.end()
    }

    /// From here on, until the end, the place holds neither the old version nor the new one.
    fn begin(&self) -> Result<(), FillError> {
        let root = &self.place.root;
        if self.before.version.is_some() && !self.source_is_the_same() {
            let doubtful = self.before.clone().without_version();
            doubtful.save(root).or_io(root)?;
        }
        if let SourceFiles::Listed { version, .. } = self.contents.source
            && let SourceVersion::OfAddress(_) = version
        {
            let file = self.place.version_file();
            remove(&file).or_io(&file)?;
        }
        Ok(())
    }

    fn end(&self) -> Result<(), FillError> {
        let root = &self.place.root;
        self.after.save(root).or_io(root)?;
        if let SourceFiles::Listed { version, .. } = self.contents.source
            && let SourceVersion::OfAddress(version) = version
        {
            let file = self.place.version_file();
            write_atomically(&file, version.as_bytes()).or_io(&file)?;
        }
        Ok(())
    }
}

fn put(from: Utf8PathBuf, entry: &Entry) -> Action {
    Action::Put {
        from,
        entry: entry.clone(),
    }
}

fn owner(manifest: &Manifest, generated: &BTreeSet<Utf8PathBuf>, path: &Utf8Path) -> Option<Owner> {
    if generated.contains(path) {
        Some(Owner::Generated)
    } else if manifest.of_unit.contains_key(path) {
        Some(Owner::Unit)
    } else if manifest.of_source.contains_key(path) {
        Some(Owner::Source)
    } else {
        None
    }
}

impl SourceVersion<'_> {
    fn text(&self) -> &str {
        match self {
            Self::OfFolder(text) | Self::OfAddress(text) => text,
        }
    }
}

impl Action {
    fn removes(&self) -> bool {
        matches!(self, Self::Remove)
    }

    fn changes_code(&self, path: &Utf8Path) -> bool {
        match self {
            Self::Remove | Self::Put { .. } => {
                is_code(path) || path.file_name() == Some(".terraform.lock.hcl")
            }
            Self::Touch { .. } => false,
        }
    }
}

trait OrIo<T> {
    fn or_io(self, path: &Utf8Path) -> Result<T, FillError>;
}

impl<T> OrIo<T> for io::Result<T> {
    fn or_io(self, path: &Utf8Path) -> Result<T, FillError> {
        self.map_err(|error| FillError::Io {
            path: path.to_owned(),
            error,
        })
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "tests set the scene and look at what was left"
)]
mod tests;
