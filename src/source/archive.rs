//! Unpacking archives that anybody may have made.
//!
//! Everything lands below the given folder or the archive is refused as a whole: no `..`, no
//! absolute path, no link that leads out, no device, and no more than a module can need. Links are
//! made last, so that nothing can be written through them.
#![expect(
    clippy::disallowed_methods,
    reason = "what was fetched is unpacked here, into a folder of its own"
)]

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, symlink};

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use flate2::read::MultiGzDecoder;
use tar::EntryType;
use thiserror::Error;
use zip::ZipArchive;

use super::listing::stays_within;
use super::place_file::make_folder;
use crate::model::ArchiveKind;

/// How much an archive may hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnpackLimits {
    pub files: usize,
    pub bytes: u64,
    /// How many times its own size it may unpack to, once that is more than [`Self::harmless`].
    pub ratio: u64,
    pub harmless: u64,
    /// Of a path, in bytes.
    pub path: usize,
}

#[derive(Debug, Error)]
pub enum UnpackError {
    #[error("it holds a path that leaves the folder it is unpacked to: {0}")]
    Leaves(String),
    #[error("it holds a link that leads out of it: {link} to {target}")]
    LinkLeaves { link: Utf8PathBuf, target: String },
    #[error("it holds {path}, which is neither a file nor a folder nor a link")]
    Special { path: Utf8PathBuf },
    #[error("it holds a path that is not UTF-8: {0}")]
    NotUtf8(String),
    #[error("it holds a path of more than {0} bytes")]
    LongPath(usize),
    #[error("it holds more than {0} files")]
    TooManyFiles(usize),
    #[error("it unpacks to more than {0} bytes")]
    TooManyBytes(u64),
    #[error("it cannot be unpacked: {0}")]
    Broken(String),
    #[error("{path} cannot be written: {error}")]
    Io {
        path: Utf8PathBuf,
        #[source]
        error: io::Error,
    },
}

impl Default for UnpackLimits {
    fn default() -> Self {
        Self {
            files: 50_000,
            bytes: 1 << 30,
            ratio: 100,
            harmless: 16 << 20,
            path: 1_024,
        }
    }
}

/// Unpacks an archive into `folder`, which is there and empty. After an error what lies there is
/// to be thrown away.
pub fn unpack(
    archive: &Utf8Path,
    kind: ArchiveKind,
    folder: &Utf8Path,
    limits: &UnpackLimits,
) -> Result<(), UnpackError> {
    let open = || {
        let file = File::open(archive)?;
        let size = file.metadata()?.len();
        Ok((file, size))
    };
    let (file, size) = open().map_err(|error| io_error(archive, error))?;
    let by_ratio = size.saturating_mul(limits.ratio).max(limits.harmless);
    let mut unpacking = Unpacking {
        folder,
        limits,
        files: 0,
        bytes_left: limits.bytes.min(by_ratio),
        bytes_allowed: limits.bytes.min(by_ratio),
        links: BTreeMap::new(),
    };
    match kind {
        ArchiveKind::Tar => unpacking.tar(file)?,
        ArchiveKind::TarGz => unpacking.tar(MultiGzDecoder::new(file))?,
        ArchiveKind::Zip => unpacking.zip(file)?,
    }
    unpacking.make_links()
}

/// Tells the kind of a file by its first bytes, for servers that name it otherwise.
pub fn kind_of_bytes(bytes: &[u8]) -> Option<ArchiveKind> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        Some(ArchiveKind::Zip)
    } else if bytes.starts_with(&[0x1f, 0x8b]) {
        Some(ArchiveKind::TarGz)
    } else if bytes.get(257..262) == Some(b"ustar") {
        Some(ArchiveKind::Tar)
    } else {
        None
    }
}

struct Unpacking<'a> {
    folder: &'a Utf8Path,
    limits: &'a UnpackLimits,
    files: usize,
    bytes_left: u64,
    bytes_allowed: u64,
    links: BTreeMap<Utf8PathBuf, Utf8PathBuf>,
}

impl Unpacking<'_> {
    fn tar(&mut self, reader: impl Read) -> Result<(), UnpackError> {
        let mut archive = tar::Archive::new(reader);
        for entry in archive.entries().map_err(broken)? {
            let mut entry = entry.map_err(broken)?;
            let kind = entry.header().entry_type();
            if matches!(kind, EntryType::XGlobalHeader | EntryType::XHeader) {
                continue;
            }
            let bytes = entry.path_bytes();
            let Some(path) = self.path(&bytes)? else {
                continue;
            };
            drop(bytes);
            match kind {
                EntryType::Directory => self.make_folder(&path)?,
                EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
                    let mode = entry.header().mode().unwrap_or(0o644);
                    self.write(&path, mode, &mut entry)?;
                }
                EntryType::Symlink => {
                    let target = entry.link_name_bytes().unwrap_or_default();
                    let target = text(&target)?;
                    self.remember_link(path, target)?;
                }
                EntryType::Link => {
                    let bytes = entry.link_name_bytes().unwrap_or_default();
                    let original = self.path(&bytes)?;
                    self.copy(original.as_deref(), &path)?;
                }
                _ => return Err(UnpackError::Special { path }),
            }
        }
        Ok(())
    }

    fn zip(&mut self, file: File) -> Result<(), UnpackError> {
        const KIND: u32 = 0o170_000;
        const LINK: u32 = 0o120_000;
        let mut archive = ZipArchive::new(file).map_err(broken)?;
        for index in 0..archive.len() {
            let mut entry = archive.by_index(index).map_err(broken)?;
            let Some(path) = self.path(entry.name_raw())? else {
                continue;
            };
            let mode = entry.unix_mode().unwrap_or(0o644);
            if entry.is_dir() {
                self.make_folder(&path)?;
            } else if mode & KIND == LINK {
                let mut target = Vec::new();
                let longest = self.limits.path as u64 + 1;
                let mut content = (&mut entry).take(longest);
                content.read_to_end(&mut target).map_err(broken)?;
                self.remember_link(path, text(&target)?)?;
            } else {
                self.write(&path, mode, &mut entry)?;
            }
        }
        Ok(())
    }

    /// The path below the folder; `None` for the folder itself.
    fn path(&self, bytes: &[u8]) -> Result<Option<Utf8PathBuf>, UnpackError> {
        if bytes.len() > self.limits.path {
            return Err(UnpackError::LongPath(self.limits.path));
        }
        let text = text(bytes)?;
        let mut path = Utf8PathBuf::new();
        for component in Utf8Path::new(text).components() {
            match component {
                Utf8Component::CurDir => {}
                Utf8Component::Normal(name) if !name.contains('\0') => path.push(name),
                Utf8Component::Normal(_)
                | Utf8Component::ParentDir
                | Utf8Component::RootDir
                | Utf8Component::Prefix(_) => return Err(UnpackError::Leaves(text.to_owned())),
            }
        }
        Ok((path != "").then_some(path))
    }

    fn count(&mut self) -> Result<(), UnpackError> {
        self.files += 1;
        if self.files > self.limits.files {
            return Err(UnpackError::TooManyFiles(self.limits.files));
        }
        Ok(())
    }

    fn make_folder(&mut self, path: &Utf8Path) -> Result<(), UnpackError> {
        self.count()?;
        make_folder(self.folder, path).map_err(|error| io_error(path, error))
    }

    fn write(
        &mut self,
        path: &Utf8Path,
        mode: u32,
        content: &mut impl Read,
    ) -> Result<(), UnpackError> {
        self.count()?;
        let parent = path.parent().unwrap_or(Utf8Path::new(""));
        make_folder(self.folder, parent).map_err(|error| io_error(parent, error))?;
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(if mode & 0o111 == 0 { 0o644 } else { 0o755 })
            .open(self.folder.join(path))
            .map_err(|error| io_error(path, error))?;
        let mut buffer = vec![0; 64 << 10];
        loop {
            let length = content.read(&mut buffer).map_err(broken)?;
            if length == 0 {
                return Ok(());
            }
            self.bytes_left = self
                .bytes_left
                .checked_sub(length as u64)
                .ok_or(UnpackError::TooManyBytes(self.bytes_allowed))?;
            file.write_all(&buffer[..length])
                .map_err(|error| io_error(path, error))?;
        }
    }

    /// A hard link: another name of a file that came before.
    fn copy(&mut self, original: Option<&Utf8Path>, path: &Utf8Path) -> Result<(), UnpackError> {
        let original = original.map(|original| self.folder.join(original));
        let file = original.filter(|original| original.is_file());
        let file = file.ok_or_else(|| broken(format!("{path} is a link to nothing")))?;
        let mut content = File::open(&file).map_err(|error| io_error(&file, error))?;
        self.write(path, 0o644, &mut content)
    }

    fn remember_link(&mut self, path: Utf8PathBuf, target: &str) -> Result<(), UnpackError> {
        self.count()?;
        if !stays_within(&path, Utf8Path::new(target)) {
            let target = target.to_owned();
            return Err(UnpackError::LinkLeaves { link: path, target });
        }
        self.links.insert(path, target.into());
        Ok(())
    }

    fn make_links(&self) -> Result<(), UnpackError> {
        for (path, target) in &self.links {
            let parent = path.parent().unwrap_or(Utf8Path::new(""));
            make_folder(self.folder, parent)
                .and_then(|()| symlink(target, self.folder.join(path)))
                .map_err(|error| io_error(path, error))?;
        }
        Ok(())
    }
}

fn text(bytes: &[u8]) -> Result<&str, UnpackError> {
    std::str::from_utf8(bytes)
        .map_err(|_| UnpackError::NotUtf8(String::from_utf8_lossy(bytes).into_owned()))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is given to map_err, which gives it away"
)]
fn broken(error: impl ToString) -> UnpackError {
    UnpackError::Broken(error.to_string())
}

fn io_error(path: &Utf8Path, error: io::Error) -> UnpackError {
    UnpackError::Io {
        path: path.to_owned(),
        error,
    }
}

#[cfg(test)]
mod tests;
