//! One remote source, fetched into a folder of its own.
#![expect(
    clippy::disallowed_methods,
    reason = "what was downloaded is looked at here before it is unpacked"
)]

use std::cell::OnceCell;
use std::fs::File;
use std::io::{self, Read as _};
use std::rc::Rc;

use camino::{Utf8DirEntry, Utf8Path, Utf8PathBuf};
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use regex::Regex;
use sha2::{Sha256, Sha512};
use tempfile::TempDir;
use thiserror::Error;

use super::archive::{UnpackError, UnpackLimits, kind_of_bytes, unpack};
use super::checksum::sum;
use super::fetch::ReadObject;
use super::git::{Git, GitError};
use super::http::{Http, HttpError, parse_url};
use super::listing::{ListError, Listing};
use super::registry::{Registries, RegistryError, resolved};
use crate::model::{
    ArchiveKind, ArchiveSource, Checksum, ModuleAddress, ModuleAddressError, ModuleSource, S3Source,
};

/// All that fetching takes.
pub(super) struct Downloads {
    pub(super) scratch: Scratch,
    pub(super) git: Git,
    pub(super) http: Http,
    pub(super) registries: Registries,
    pub(super) objects: Option<ReadObject>,
}

/// A folder for what is fetched, made when it is needed and gone with its owner.
pub(super) struct Scratch {
    within: Utf8PathBuf,
    folder: OnceCell<TempDir>,
}

#[derive(Debug, Error)]
pub enum FetchError {
    #[error(transparent)]
    Git(#[from] GitError),
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error(transparent)]
    Unpack(#[from] UnpackError),
    #[error(transparent)]
    List(#[from] ListError),
    #[error("its {algorithm} sum is {found} and not {wanted}")]
    Checksum {
        algorithm: String,
        wanted: String,
        found: String,
    },
    #[error("it is neither an archive nor a page that says where the module is")]
    NoModule,
    #[error("it says that the module is at {place}: {error}")]
    Place {
        place: String,
        error: ModuleAddressError,
    },
    #[error("it says that the module is in a folder of this machine: {0}")]
    PlaceIsFolder(Utf8PathBuf),
    #[error("one place says that the module is at another, more than {0} times")]
    TooManyPlaces(u32),
    #[error("{0}")]
    Object(String),
    #[error("{path}: {error}")]
    Io {
        path: Utf8PathBuf,
        #[source]
        error: io::Error,
    },
}

/// How often a page or a registry may refer to another.
const MOST_PLACES: u32 = 4;

impl Downloads {
    /// Fetches a source as a whole and lists it.
    pub(super) async fn fetch(&self, address: &ModuleAddress) -> Result<Listing, FetchError> {
        let folder = self.scratch.new_folder()?;
        let query = address.query.for_server();
        let folder = self.fetch_into(&address.source, query, folder, 0).await?;
        Ok(aside(move || Listing::of_fetched(&folder)).await?)
    }

    /// The folder in which the source came to lie, in or below `folder`.
    fn fetch_into<'a>(
        &'a self,
        source: &'a ModuleSource,
        query: String,
        folder: Utf8PathBuf,
        places: u32,
    ) -> LocalBoxFuture<'a, Result<Utf8PathBuf, FetchError>> {
        let fetch = async move {
            if places > MOST_PLACES {
                return Err(FetchError::TooManyPlaces(MOST_PLACES));
            }
            match source {
                ModuleSource::Folder(path) => Err(FetchError::PlaceIsFolder(path.clone())),
                ModuleSource::Git(git) => {
                    self.git.fetch(git, &folder).await?;
                    Ok(folder)
                }
                ModuleSource::Archive(archive) => {
                    self.archive(archive, &query, folder, places).await
                }
                ModuleSource::S3(object) => self.object(object, folder).await,
                ModuleSource::Registry(module) => {
                    let place = self.registries.place_of(&self.http, module).await?;
                    self.place(&place, folder, places).await
                }
            }
        };
        fetch.boxed_local()
    }

    async fn archive(
        &self,
        source: &ArchiveSource,
        query: &str,
        folder: Utf8PathBuf,
        places: u32,
    ) -> Result<Utf8PathBuf, FetchError> {
        let mut url = parse_url(source.url.expose())?;
        let is_page = source.kind.is_none();
        url.set_query(Some(query).filter(|query| !query.is_empty()));
        if is_page {
            url.query_pairs_mut().append_pair("terraform-get", "1");
        }
        let file = self.scratch.new_folder()?.join("archive");
        let head = self.http.download(&url, &file).await?;
        if let Some(place) = head.terraform_get.filter(|_| is_page) {
            return self
                .place(&resolved(&head.url, &place), folder, places)
                .await;
        }
        if let Some(checksum) = source.checksum.clone() {
            let file = file.clone();
            aside(move || check(&file, &checksum)).await?;
        }
        if let Some(kind) = kind_of(source.kind, &file)? {
            return unpacked(file, kind, folder).await;
        }
        let place = place_in_page(&file)?.ok_or(FetchError::NoModule)?;
        self.place(&resolved(&head.url, &place), folder, places)
            .await
    }

    async fn object(
        &self,
        object: &S3Source,
        folder: Utf8PathBuf,
    ) -> Result<Utf8PathBuf, FetchError> {
        let read = self.objects.as_ref().map(Rc::clone);
        let read = read.ok_or_else(|| FetchError::Object("S3 is not within reach here".into()))?;
        let file = self.scratch.new_folder()?.join("archive");
        read(object.clone(), file.clone())
            .await
            .map_err(FetchError::Object)?;
        let kind = kind_of(object.kind, &file)?.ok_or(FetchError::NoModule)?;
        unpacked(file, kind, folder).await
    }

    /// Goes on where a page or a registry says that the module is. The folder behind `//` of that
    /// place is then the source; a `*` in it stands for the one folder there is.
    async fn place(
        &self,
        place: &str,
        folder: Utf8PathBuf,
        places: u32,
    ) -> Result<Utf8PathBuf, FetchError> {
        let address = ModuleAddress::parse(place, Utf8Path::new("/"));
        let address = address.map_err(|error| FetchError::Place {
            place: place.split('?').next().unwrap_or_default().to_owned(),
            error,
        })?;
        let query = address.query.for_server();
        let mut folder = self
            .fetch_into(&address.source, query, folder, places + 1)
            .await?;
        for component in &address.subfolder {
            folder = match component {
                "*" => only_folder(&folder)?,
                name => folder.join(name),
            };
        }
        Ok(folder)
    }
}

impl Scratch {
    pub(super) fn new(within: Utf8PathBuf) -> Self {
        Self {
            within,
            folder: OnceCell::new(),
        }
    }

    fn new_folder(&self) -> Result<Utf8PathBuf, FetchError> {
        let make = || {
            if self.folder.get().is_none() {
                std::fs::create_dir_all(&self.within)?;
                let folder = tempfile::Builder::new()
                    .prefix("sources-")
                    .tempdir_in(&self.within)?;
                let _ = self.folder.set(folder);
            }
            let all = self.folder.get().expect("it was made just now");
            Ok(tempfile::tempdir_in(all.path())?.keep())
        };
        let folder = make().map_err(|error| io_error(&self.within, error))?;
        let folder = Utf8PathBuf::try_from(folder);
        Ok(folder.expect("it has an ASCII name in a folder with a UTF-8 path"))
    }
}

/// Work on files that may take seconds, in a thread of its own: units that run have lines to be
/// followed and interrupts to be heard meanwhile.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
    }
}

async fn unpacked(
    archive: Utf8PathBuf,
    kind: ArchiveKind,
    folder: Utf8PathBuf,
) -> Result<Utf8PathBuf, FetchError> {
    let unpack = move || unpack(&archive, kind, &folder, &UnpackLimits::default()).map(|()| folder);
    Ok(aside(unpack).await?)
}

fn only_folder(folder: &Utf8Path) -> Result<Utf8PathBuf, FetchError> {
    let entries = folder.read_dir_utf8().and_then(Iterator::collect);
    let entries: Vec<Utf8DirEntry> = entries.map_err(|error| io_error(folder, error))?;
    let paths = entries.iter().map(|entry| entry.path().to_owned());
    let mut folders = paths.filter(|path| path.is_dir());
    match (folders.next(), folders.next()) {
        (Some(only), None) => Ok(only),
        _ => Err(FetchError::NoModule),
    }
}

fn check(file: &Utf8Path, wanted: &Checksum) -> Result<(), FetchError> {
    let found = match wanted.algorithm.as_str() {
        "sha512" => sum::<Sha512>(file),
        _ => sum::<Sha256>(file),
    };
    let found = found.map_err(|error| io_error(file, error))?;
    if found == wanted.hex {
        return Ok(());
    }
    Err(FetchError::Checksum {
        algorithm: wanted.algorithm.clone(),
        wanted: wanted.hex.clone(),
        found,
    })
}

/// What an address says of a file, or else its first bytes.
fn kind_of(said: Option<ArchiveKind>, file: &Utf8Path) -> Result<Option<ArchiveKind>, FetchError> {
    match said {
        Some(kind) => Ok(Some(kind)),
        None => Ok(kind_of_bytes(&beginning_of(file, 512)?)),
    }
}

fn beginning_of(file: &Utf8Path, bytes: u64) -> Result<Vec<u8>, FetchError> {
    let read = || {
        let mut beginning = Vec::new();
        File::open(file)?.take(bytes).read_to_end(&mut beginning)?;
        Ok(beginning)
    };
    read().map_err(|error| io_error(file, error))
}

/// `<meta name="terraform-get" content="PLACE">`
fn place_in_page(file: &Utf8Path) -> Result<Option<String>, FetchError> {
    const LONGEST_PAGE: u64 = 1 << 20;
    let page = beginning_of(file, LONGEST_PAGE)?;
    let page = String::from_utf8_lossy(&page);
    let meta = Regex::new(r#"(?i)<meta\s+name\s*=\s*"?terraform-get"?\s+content\s*=\s*"([^"]+)""#);
    let meta = meta.expect("our own pattern is well-formed");
    let found = meta.captures(&page);
    Ok(found.map(|found| found[1].replace("&amp;", "&")))
}

fn io_error(path: &Utf8Path, error: io::Error) -> FetchError {
    FetchError::Io {
        path: path.to_owned(),
        error,
    }
}
