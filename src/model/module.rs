//! Where a unit's module comes from: what `terraform.source` says, understood.
//!
//! An address names a source (a folder, a git repository, an archive, a registry module) and a
//! folder within it, behind `//`. It has a canonical form, from which the working folder gets its
//! name, so that units are prepared where Terragrunt would prepare them. Nothing here looks at
//! the world: whether a folder is there is not asked.

mod archive;
mod git;
mod registry;
mod remote_url;

use std::fmt;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use thiserror::Error;

use super::paths::absolute;

pub use archive::{ArchiveKind, ArchiveSource, Checksum, S3Source};
pub use git::GitSource;
pub use registry::RegistrySource;
pub use remote_url::{Query, RemoteUrl};

/// Where a module comes from, and which folder of it is meant.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ModuleAddress {
    pub source: ModuleSource,
    /// The module's folder below the source; empty where the source is the module.
    pub subfolder: Utf8PathBuf,
    /// What stands behind `?`: for everything but a folder it holds the version.
    pub query: Query,
}

/// What is fetched, as a whole.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum ModuleSource {
    /// A folder of this machine, absolute and without `.` and `..`.
    Folder(Utf8PathBuf),
    Git(GitSource),
    /// A file behind a URL, or a page that says where it is.
    Archive(ArchiveSource),
    S3(S3Source),
    Registry(RegistrySource),
}

#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum ModuleAddressError {
    #[error("the source is empty")]
    Empty,
    #[error("{scheme} is not a way to fetch modules that terrane knows")]
    Unsupported { scheme: String },
    #[error("the folder behind //, {0}, leaves the source")]
    LeavesSource(Utf8PathBuf),
    #[error("{parameter} = \"{value}\" is not {wanted}")]
    Parameter {
        parameter: &'static str,
        value: String,
        wanted: &'static str,
    },
    #[error("a registry module is written tfr://HOST/NAMESPACE/NAME/PROVIDER?version=VERSION")]
    Registry,
    #[error("an object in S3 is written s3::https://s3-REGION.amazonaws.com/BUCKET/KEY")]
    S3,
    #[error("archives of kind {0} cannot be unpacked, only zip, tar and tar.gz")]
    Archive(String),
}

impl ModuleAddress {
    /// Reads a source as it is written in the file of the unit in `unit_folder`, from where
    /// relative paths start.
    pub fn parse(text: &str, unit_folder: &Utf8Path) -> Result<Self, ModuleAddressError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(ModuleAddressError::Empty);
        }
        let (forced, rest) = forced_scheme(text);
        let parts = Parts::split(rest);
        match forced {
            Some("git") => git::forced(parts, unit_folder),
            Some("s3") => archive::s3(parts),
            Some("http" | "https") | None => detect(parts, unit_folder),
            Some(scheme) => Err(ModuleAddressError::Unsupported {
                scheme: format!("{scheme}::"),
            }),
        }
    }

    /// The unit's own folder as its module, as where a file names no source.
    pub fn unit_folder(unit_folder: &Utf8Path) -> Self {
        Self {
            source: ModuleSource::Folder(absolute(unit_folder, Utf8Path::new(""))),
            subfolder: Utf8PathBuf::new(),
            query: Query::default(),
        }
    }

    /// The address without its version and its folder, in the one way that all its spellings
    /// share: `git@github.com:acme/net.git//vpc?ref=v1` is `git::ssh://git@github.com/acme/net.git`.
    pub fn canonical_source(&self) -> String {
        match &self.source {
            ModuleSource::Folder(folder) => format!("file://{}", remote_url::escaped(folder)),
            ModuleSource::Git(git) => format!("git::{}", git.url.expose()),
            ModuleSource::Archive(archive) => archive.url.expose().to_owned(),
            ModuleSource::S3(object) => format!("s3::{}", object.url.expose()),
            ModuleSource::Registry(module) => module.canonical(),
        }
    }

    /// The folder, where the source is one of this machine.
    pub fn local_folder(&self) -> Option<&Utf8Path> {
        match &self.source {
            ModuleSource::Folder(folder) => Some(folder),
            ModuleSource::Git(_)
            | ModuleSource::Archive(_)
            | ModuleSource::S3(_)
            | ModuleSource::Registry(_) => None,
        }
    }
}

/// For people: without secrets.
impl fmt::Display for ModuleAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            ModuleSource::Folder(folder) => write!(f, "{folder}")?,
            ModuleSource::Git(git) => write!(f, "git::{}", git.url)?,
            ModuleSource::Archive(archive) => write!(f, "{}", archive.url)?,
            ModuleSource::S3(object) => write!(f, "s3::{}", object.url)?,
            ModuleSource::Registry(module) => f.write_str(&module.canonical())?,
        }
        if !self.subfolder.as_str().is_empty() {
            write!(f, "//{}", self.subfolder)?;
        }
        self.query.fmt(f)
    }
}

/// An address cut into its pieces.
struct Parts<'a> {
    source: &'a str,
    subfolder: &'a str,
    query: Query,
}

/// Cuts an address as it is written into its source, the folder behind its first `//` that is not
/// part of `://`, and what stands behind `?`.
pub fn split_address(text: &str) -> (&str, &str, &str) {
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    let after_scheme = path.find("://").map_or(0, |at| at + "://".len());
    match path[after_scheme..].find("//") {
        Some(at) => {
            let (source, subfolder) = path.split_at(after_scheme + at);
            (source, subfolder.trim_matches('/'), query)
        }
        None => (path, "", query),
    }
}

impl<'a> Parts<'a> {
    fn split(text: &'a str) -> Self {
        let (source, subfolder, query) = split_address(text);
        Self {
            source,
            subfolder,
            query: Query::new(query),
        }
    }

    fn address(self, source: ModuleSource) -> Result<ModuleAddress, ModuleAddressError> {
        let subfolder = Utf8Path::new(self.subfolder);
        Ok(ModuleAddress {
            source,
            subfolder: within(subfolder)
                .ok_or_else(|| ModuleAddressError::LeavesSource(subfolder.to_owned()))?,
            query: self.query,
        })
    }
}

/// `git` of `git::https://…`.
fn forced_scheme(text: &str) -> (Option<&str>, &str) {
    match text.split_once("::") {
        Some((scheme, rest))
            if !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) =>
        {
            (Some(scheme), rest)
        }
        _ => (None, text),
    }
}

/// Tells the kind of an address that does not say it.
fn detect(parts: Parts<'_>, unit_folder: &Utf8Path) -> Result<ModuleAddress, ModuleAddressError> {
    if let Some((scheme, rest)) = parts.source.split_once("://") {
        return match scheme {
            "http" | "https" => archive::http(parts),
            "git" | "ssh" => git::at_url(parts),
            "tfr" => registry::parse(parts),
            "file" => {
                let folder = absolute(unit_folder, Utf8Path::new(rest));
                parts.address(ModuleSource::Folder(folder))
            }
            _ => Err(ModuleAddressError::Unsupported {
                scheme: format!("{scheme}://"),
            }),
        };
    }
    if let Some(url) = git::well_known_host(parts.source) {
        return git::on_well_known_host(&url, parts);
    }
    if git::is_scp_like(parts.source) {
        return git::forced(parts, unit_folder);
    }
    if archive::is_bare_s3(parts.source) {
        return archive::s3(parts);
    }
    let folder = absolute(unit_folder, parts.source);
    parts.address(ModuleSource::Folder(folder))
}

/// The relative path without `.`; `None` when it climbs out or is absolute.
fn within(path: &Utf8Path) -> Option<Utf8PathBuf> {
    let mut clean = Utf8PathBuf::new();
    for component in path.components() {
        match component {
            Utf8Component::CurDir => {}
            Utf8Component::Normal(name) => clean.push(name),
            Utf8Component::ParentDir | Utf8Component::Prefix(_) | Utf8Component::RootDir => {
                return None;
            }
        }
    }
    Some(clean)
}

#[cfg(test)]
mod tests;
