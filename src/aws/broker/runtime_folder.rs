//! The folder of this run's socket and of the children's AWS configuration: 0700, short, and gone
//! when the thread ends. Nothing in it is a secret.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

#[derive(Debug)]
pub(super) struct RuntimeFolder {
    folder: TempDir,
    owner: u32,
}

/// The longest path of a socket: 104 bytes on macOS, 108 on Linux, the last one a zero.
const SOCKET_PATH: usize = 103;
const SOCKET_NAME: &str = "broker.sock";

impl RuntimeFolder {
    /// Makes a folder in the first of these places that takes it and is short enough.
    pub(super) fn create(parents: &[PathBuf]) -> io::Result<Self> {
        let mut last = io::Error::new(io::ErrorKind::NotFound, "no place for it was given");
        for parent in parents {
            match Self::create_in(parent) {
                Ok(folder) => return Ok(folder),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn create_in(parent: &Path) -> io::Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("terrane-")
            .rand_bytes(6)
            .permissions(std::fs::Permissions::from_mode(0o700))
            .tempdir_in(parent)?;
        if folder.path().join(SOCKET_NAME).as_os_str().as_bytes().len() > SOCKET_PATH {
            let problem = format!("{} is too long for a socket", parent.display());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
        }
        let owner = folder.path().metadata()?.uid();
        Ok(Self { folder, owner })
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.folder.path().join(SOCKET_NAME)
    }

    /// The user who made the folder, which is who terrane runs as.
    pub(super) fn owner(&self) -> u32 {
        self.owner
    }

    pub(super) fn path_of(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file that nobody else may read.
    pub(super) fn write(&self, name: &str, text: &str) -> io::Result<PathBuf> {
        let path = self.path_of(name);
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        file.write_all(text.as_bytes())?;
        Ok(path)
    }

    /// Takes a file away; one that is gone already is no matter.
    pub(super) fn remove(&self, name: &str) {
        let _ = std::fs::remove_file(self.path_of(name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_ours_alone_and_goes_with_its_value() {
        let place = tempfile::tempdir().expect("a place");
        let parents = [place.path().join("missing"), place.path().to_owned()];
        let folder = RuntimeFolder::create(&parents).expect("a folder");
        let file = folder.write("a.config", "x").expect("a file");
        let mode = |path: &Path| path.metadata().expect("it is there").mode() & 0o777;
        assert_eq!(mode(file.parent().expect("the folder")), 0o700);
        assert_eq!(mode(&file), 0o600);
        assert!(
            folder.write("a.config", "y").is_err(),
            "it is never written twice"
        );
        drop(folder);
        assert!(!file.exists());
    }

    #[test]
    fn a_place_whose_name_is_too_long_for_a_socket_is_passed_over() {
        let place = tempfile::tempdir().expect("a place");
        let long = place.path().join("x".repeat(90));
        std::fs::create_dir(&long).expect("a long name");
        let error = RuntimeFolder::create(std::slice::from_ref(&long)).expect_err("too long");
        assert!(error.to_string().ends_with("is too long for a socket"));
        RuntimeFolder::create(&[long, place.path().to_owned()]).expect("the second place");
    }
}
