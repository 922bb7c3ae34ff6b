//! Sources of a run: each fetched once, whoever wants it, and listed once.
//!
//! What a remote source was when it was first fetched it stays, for the run and for the working
//! folder, until its address changes or somebody asks for an update. Folders of this machine are
//! looked at in every run.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use futures_util::FutureExt as _;
use futures_util::future::{LocalBoxFuture, Shared};
use thiserror::Error;

use super::cache::{CachePlace, remote_version};
use super::copy_rules::{BadPattern, CopyRules};
use super::download::{Downloads, FetchError, Scratch};
use super::fill::{SourceFiles, SourceVersion, is_code};
use super::git::Git;
use super::http::Http;
use super::listing::{ListError, Listing};
use super::registry::Registries;
use crate::model::{ModuleAddress, ModuleSource, S3Source};
use crate::process::Environment;

/// The sources of one run.
pub struct Sources {
    downloads: Rc<Downloads>,
    update: bool,
    folders: RefCell<HashMap<FolderKey, Rc<Source>>>,
    fetched: RefCell<HashMap<String, SharedFetch>>,
}

/// What the fetching of sources needs to know of the world.
#[derive(Debug)]
pub struct SourceOptions {
    /// A folder of this run, for what is fetched; nobody else's.
    pub scratch: Utf8PathBuf,
    /// The caller's environment, for git.
    pub environment: Environment,
    pub registries: Registries,
    /// Fetch everything anew: `--source-update`.
    pub update: bool,
}

/// Reads an object in S3 into a new file; its error is a sentence.
pub type ReadObject =
    Rc<dyn Fn(S3Source, Utf8PathBuf) -> LocalBoxFuture<'static, Result<(), String>>>;

/// What one unit wants.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    pub address: &'a ModuleAddress,
    pub place: &'a CachePlace,
    /// Where all of the unit's working folders lie: never copied into itself.
    pub download_folder: &'a Utf8Path,
    pub include_in_copy: &'a [String],
    pub exclude_from_copy: &'a [String],
    /// Whether a folder of this machine may have changed since another unit looked at it, as it may
    /// after a hook.
    pub look_again: bool,
}

/// A source as it is to be copied.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Source {
    Folder {
        listing: Listing,
        digest: String,
    },
    Fetched {
        listing: Listing,
        version: String,
    },
    /// It lies in the unit's working folder already.
    AsBefore,
}

#[derive(Clone, Debug, Error)]
pub enum SourceError {
    #[error(transparent)]
    Pattern(#[from] BadPattern),
    #[error(transparent)]
    Folder(#[from] ListError),
    #[error("{address}: {error}")]
    Fetch {
        address: String,
        error: Rc<FetchError>,
    },
}

/// Folder, both lists of patterns, and what is left out of it.
type FolderKey = (Utf8PathBuf, Vec<String>, Vec<String>, Option<Utf8PathBuf>);

type SharedFetch = Shared<LocalBoxFuture<'static, Result<Rc<Source>, Rc<FetchError>>>>;

impl Sources {
    /// `objects` reads what lies in S3.
    pub fn new(options: SourceOptions, objects: Option<ReadObject>) -> Self {
        let SourceOptions {
            scratch,
            environment,
            registries,
            update,
        } = options;
        Self {
            downloads: Rc::new(Downloads {
                scratch: Scratch::new(scratch),
                git: Git::new(&environment),
                http: Http::default(),
                registries,
                objects,
            }),
            update,
            folders: RefCell::default(),
            fetched: RefCell::default(),
        }
    }

    /// The source that a unit wants. A remote one that lies in its place is not fetched.
    pub async fn get(&self, wish: &Wish<'_>) -> Result<Rc<Source>, SourceError> {
        match &wish.address.source {
            ModuleSource::Folder(folder) => self.folder(folder, wish),
            ModuleSource::Git(_)
            | ModuleSource::Archive(_)
            | ModuleSource::S3(_)
            | ModuleSource::Registry(_) => {
                if !self.update && is_current(wish.place, wish.address) {
                    return Ok(Rc::new(Source::AsBefore));
                }
                self.fetch(wish.address).await
            }
        }
    }

    /// A remote source whether or not it lies in its place: it is needed for a file that had been
    /// written over there.
    pub async fn fetch(&self, address: &ModuleAddress) -> Result<Rc<Source>, SourceError> {
        let version = remote_version(address);
        let key = format!("{}?{version}", address.canonical_source());
        let fetch = {
            let mut fetched = self.fetched.borrow_mut();
            let begin = || {
                let downloads = Rc::clone(&self.downloads);
                let address = address.clone();
                let fetch = async move {
                    let listing = downloads.fetch(&address).await?;
                    Ok(Rc::new(Source::Fetched { listing, version }))
                };
                fetch
                    .map(|done| done.map_err(Rc::new))
                    .boxed_local()
                    .shared()
            };
            fetched.entry(key).or_insert_with(begin).clone()
        };
        fetch.await.map_err(|error| SourceError::Fetch {
            address: address.to_string(),
            error,
        })
    }

    fn folder(&self, folder: &Utf8Path, wish: &Wish<'_>) -> Result<Rc<Source>, SourceError> {
        let rules = CopyRules::for_module(wish.include_in_copy, wish.exclude_from_copy)?;
        // Most download folders need no mention: they lie elsewhere, or have a name that stays
        // behind anyway. Then all units share one listing.
        let inside = wish.download_folder.strip_prefix(folder).ok();
        let without = inside.filter(|inside| rules.looks_into(inside));
        let key = (
            folder.to_owned(),
            wish.include_in_copy.to_vec(),
            wish.exclude_from_copy.to_vec(),
            without.map(Utf8Path::to_owned),
        );
        if let Some(known) = self.folders.borrow().get(&key).filter(|_| !wish.look_again) {
            return Ok(Rc::clone(known));
        }
        let listing = Listing::of_local(folder, &rules, wish.download_folder)?;
        let digest = listing.digest();
        let source = Rc::new(Source::Folder { listing, digest });
        self.folders.borrow_mut().insert(key, Rc::clone(&source));
        Ok(source)
    }
}

impl Source {
    pub fn files(&self) -> SourceFiles<'_> {
        match self {
            Self::Folder { listing, digest } => SourceFiles::Listed {
                listing,
                version: SourceVersion::OfFolder(digest),
            },
            Self::Fetched { listing, version } => SourceFiles::Listed {
                listing,
                version: SourceVersion::OfAddress(version),
            },
            Self::AsBefore => SourceFiles::AsBefore,
        }
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources")
            .field("folders", &self.folders.borrow().len())
            .field("fetched", &self.fetched.borrow().len())
            .finish_non_exhaustive()
    }
}

/// Whether a place holds the version that an address names, with code in it.
fn is_current(place: &CachePlace, address: &ModuleAddress) -> bool {
    let version = remote_version(address);
    super::place_file::holds(&place.version_file(), version.as_bytes())
        && holds_code(&place.working_folder())
}

fn holds_code(folder: &Utf8Path) -> bool {
    let entries = folder.read_dir_utf8().into_iter().flatten().flatten();
    entries.into_iter().any(|entry| is_code(entry.path()))
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "tests set the scene and look at what was fetched"
)]
mod tests;
