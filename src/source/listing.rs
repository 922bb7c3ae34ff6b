//! What lies in a folder: each file with what tells whether it changed.
#![expect(
    clippy::disallowed_methods,
    reason = "module code is listed here, on its way into working folders"
)]

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::copy_rules::CopyRules;
use crate::model::file_names::{DATA_FOLDER, HISTORY};

/// The files of a folder, by their paths from its top.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listing {
    pub folder: Utf8PathBuf,
    pub files: BTreeMap<Utf8PathBuf, Entry>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    pub stamp: Stamp,
    pub kind: EntryKind,
}

/// What changes when somebody writes to a file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Stamp {
    /// Nanoseconds since 1970.
    pub modified: i128,
    pub bytes: u64,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EntryKind {
    File {
        executable: bool,
    },
    /// Only of what was fetched: links in folders of this machine are followed.
    Link {
        target: Utf8PathBuf,
    },
}

#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum ListError {
    #[error("the folder {0} is not there")]
    Missing(Utf8PathBuf),
    #[error("{0} is not a folder")]
    NotAFolder(Utf8PathBuf),
    #[error("{path} cannot be read: {reason}")]
    Unreadable { path: Utf8PathBuf, reason: String },
    #[error("{folder} holds a name that is not UTF-8: {name}")]
    NotUtf8 { folder: Utf8PathBuf, name: String },
    #[error("{folder} holds more than {limit} files")]
    TooManyFiles { folder: Utf8PathBuf, limit: usize },
    #[error("{folder} is more than {limit} folders deep")]
    TooDeep { folder: Utf8PathBuf, limit: usize },
    #[error("the link {link} leads out of the source, to {target}")]
    LinkLeaves {
        link: Utf8PathBuf,
        target: Utf8PathBuf,
    },
}

/// More files than any module has; a mistake in `source`, such as the whole disk.
const MOST_FILES: usize = 200_000;
const DEEPEST: usize = 100;

impl Listing {
    /// A folder of this machine, as far as `rules` let it come along. Links are followed; one that
    /// leads back to where it was reached from, or nowhere, is left out. So is `without`: the
    /// folder that all this is copied into.
    pub fn of_local(
        folder: &Utf8Path,
        rules: &CopyRules,
        without: &Utf8Path,
    ) -> Result<Self, ListError> {
        let takes = Takes::ByRules { rules, without };
        Self::walk(folder, &takes)
    }

    /// All that was fetched, but the history of a repository.
    pub fn of_fetched(folder: &Utf8Path) -> Result<Self, ListError> {
        Self::walk(folder, &Takes::AllButHistory)
    }

    /// All that lies in a working folder, but what an engine keeps for itself. Links are listed as
    /// they are, wherever they lead.
    pub fn of_working_folder(folder: &Utf8Path) -> Result<Self, ListError> {
        Self::walk(folder, &Takes::AllButData)
    }

    /// Stands for the whole listing: equal listings have equal digests, others have not.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for (path, Entry { stamp, kind }) in &self.files {
            let kind = match kind {
                EntryKind::File { executable: false } => "-",
                EntryKind::File { executable: true } => "x",
                EntryKind::Link { target } => target.as_str(),
            };
            let line = format!("{path}\0{}\0{}\0{kind}\n", stamp.modified, stamp.bytes);
            hash.update(line);
        }
        BASE64_URL_SAFE_NO_PAD.encode(hash.finalize())
    }

    fn walk(folder: &Utf8Path, takes: &Takes<'_>) -> Result<Self, ListError> {
        let metadata = fs::metadata(folder).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => ListError::Missing(folder.to_owned()),
            _ => unreadable(folder, &error),
        })?;
        if !metadata.is_dir() {
            return Err(ListError::NotAFolder(folder.to_owned()));
        }
        let mut walk = Walk {
            listing: Self {
                folder: folder.to_owned(),
                files: BTreeMap::new(),
            },
            takes,
            entered: vec![identity(&metadata)],
        };
        walk.folder(Utf8Path::new(""))?;
        Ok(walk.listing)
    }
}

impl Entry {
    pub(super) fn of_file(metadata: &Metadata) -> Self {
        Self {
            stamp: Stamp::of(metadata),
            kind: EntryKind::File {
                executable: metadata.mode() & 0o111 != 0,
            },
        }
    }
}

impl Stamp {
    pub fn of(metadata: &Metadata) -> Self {
        Self {
            modified: i128::from(metadata.mtime()) * 1_000_000_000
                + i128::from(metadata.mtime_nsec()),
            bytes: metadata.len(),
        }
    }
}

enum Takes<'a> {
    ByRules {
        rules: &'a CopyRules,
        without: &'a Utf8Path,
    },
    AllButHistory,
    AllButData,
}

struct Walk<'a> {
    listing: Listing,
    takes: &'a Takes<'a>,
    /// The folders from the top down to the one that is being read.
    entered: Vec<(u64, u64)>,
}

impl Walk<'_> {
    fn folder(&mut self, relative: &Utf8Path) -> Result<(), ListError> {
        let folder = self.listing.folder.join(relative);
        let entries = fs::read_dir(&folder).map_err(|error| unreadable(&folder, &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| unreadable(&folder, &error))?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                return Err(ListError::NotUtf8 {
                    folder,
                    name: name.to_string_lossy().into_owned(),
                });
            };
            let relative = relative.join(name);
            let file_type = entry
                .file_type()
                .map_err(|error| unreadable(&folder, &error))?;
            match self.takes {
                Takes::ByRules { .. } => self.local(&relative, file_type)?,
                Takes::AllButHistory | Takes::AllButData => {
                    self.unfiltered(&relative, file_type)?;
                }
            }
        }
        Ok(())
    }

    fn local(&mut self, relative: &Utf8Path, file_type: fs::FileType) -> Result<(), ListError> {
        let Takes::ByRules { rules, without } = self.takes else {
            return Ok(());
        };
        let may_be_folder = !file_type.is_file();
        let may_be_file = !file_type.is_dir();
        let is_wanted =
            may_be_file && rules.takes(relative) || may_be_folder && rules.looks_into(relative);
        let path = self.listing.folder.join(relative);
        if !is_wanted || path == *without {
            return Ok(());
        }
        let metadata = match fs::metadata(&path) {
            Ok(metadata) => metadata,
            Err(_) if file_type.is_symlink() => return Ok(()),
            Err(error) => return Err(unreadable(&path, &error)),
        };
        if metadata.is_dir() && rules.looks_into(relative) {
            self.enter(relative, &metadata)
        } else if metadata.is_file() && rules.takes(relative) {
            self.add(relative, Entry::of_file(&metadata))
        } else {
            Ok(())
        }
    }

    /// Everything, links as they are, but what is left out by its name.
    fn unfiltered(
        &mut self,
        relative: &Utf8Path,
        file_type: fs::FileType,
    ) -> Result<(), ListError> {
        let is_fetched = matches!(self.takes, Takes::AllButHistory);
        let path = self.listing.folder.join(relative);
        let metadata = fs::symlink_metadata(&path).map_err(|error| unreadable(&path, &error))?;
        if file_type.is_dir() {
            let left_out = if is_fetched { HISTORY } else { DATA_FOLDER };
            if relative.file_name() == Some(left_out) {
                return Ok(());
            }
            self.enter(relative, &metadata)
        } else if file_type.is_symlink() {
            let target = path
                .read_link_utf8()
                .map_err(|error| unreadable(&path, &error))?;
            if is_fetched && !stays_within(relative, &target) {
                let link = relative.to_owned();
                return Err(ListError::LinkLeaves { link, target });
            }
            let entry = Entry {
                stamp: Stamp::of(&metadata),
                kind: EntryKind::Link { target },
            };
            self.add(relative, entry)
        } else if file_type.is_file() && relative != HISTORY {
            self.add(relative, Entry::of_file(&metadata))
        } else {
            Ok(())
        }
    }

    fn enter(&mut self, relative: &Utf8Path, metadata: &Metadata) -> Result<(), ListError> {
        let this = identity(metadata);
        if self.entered.contains(&this) {
            return Ok(());
        }
        if self.entered.len() > DEEPEST {
            return Err(ListError::TooDeep {
                folder: self.listing.folder.clone(),
                limit: DEEPEST,
            });
        }
        self.entered.push(this);
        self.folder(relative)?;
        self.entered.pop();
        Ok(())
    }

    fn add(&mut self, relative: &Utf8Path, entry: Entry) -> Result<(), ListError> {
        if self.listing.files.len() >= MOST_FILES {
            return Err(ListError::TooManyFiles {
                folder: self.listing.folder.clone(),
                limit: MOST_FILES,
            });
        }
        self.listing.files.insert(relative.to_owned(), entry);
        Ok(())
    }
}

/// Device and inode: the same folder whatever links lead to it.
fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

/// Whether a link at `link` that says `target` leads to a place below the top. It may climb only
/// before it descends: on its way down it may meet other links, and `..` behind one of those leads
/// anywhere.
pub(super) fn stays_within(link: &Utf8Path, target: &Utf8Path) -> bool {
    let depth = link.components().count().saturating_sub(1);
    let mut components = target.components().peekable();
    let is_climb = |component: &Utf8Component<'_>| *component == Utf8Component::ParentDir;
    let climbs = std::iter::from_fn(|| components.next_if(is_climb)).count();
    climbs <= depth
        && components
            .all(|component| matches!(component, Utf8Component::Normal(_) | Utf8Component::CurDir))
}

fn unreadable(path: &Utf8Path, error: &io::Error) -> ListError {
    ListError::Unreadable {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests;
