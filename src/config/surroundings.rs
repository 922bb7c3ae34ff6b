//! What reading the configuration may ask of the world, and nothing else.
//!
//! The real one is in `cli/surroundings.rs`; tests have one in memory. Implementations answer and
//! remember nothing: the reader asks each question once and keeps the answer for as
//! long as the estate lives, so that a file which changes while a run goes on cannot be read as two
//! different ones.
//!
//! All paths are absolute and clean. Everything is synchronous: whoever answers by way of the
//! network waits for it.

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
pub use terrane_hcl::{PathKind, WorldError};

use crate::model::RoleArn;

pub trait Surroundings {
    /// The bytes of a file; links are followed.
    fn read(&self, file: &Utf8Path) -> Result<Vec<u8>, WorldError>;

    /// What there is under a path, links followed; `None` if nothing.
    fn look(&self, path: &Utf8Path) -> Result<Option<PathKind>, WorldError>;

    /// Shows every entry of a folder in any order, links not followed. One call per entry instead
    /// of a list, so that a folder of a million files costs no memory.
    fn list(
        &self,
        folder: &Utf8Path,
        each: &mut dyn FnMut(FolderEntry<'_>),
    ) -> Result<(), WorldError>;

    /// An environment variable; one that is not UTF-8 does not exist.
    fn variable(&self, name: &str) -> Option<String>;

    /// Whether units are given variables of their own, beyond those of the environment.
    fn gives_variables(&self) -> bool {
        false
    }

    /// A variable that this unit is given.
    fn given_variable(&self, _name: &str, _unit: &Utf8Path) -> Result<Option<String>, WorldError> {
        Ok(None)
    }

    /// What `~` stands for.
    fn home_folder(&self) -> Option<Utf8PathBuf>;

    /// The operating system as Go names it: `linux`, `darwin`.
    fn platform(&self) -> &str;

    /// The time since the start of 1970, UTC.
    fn now(&self) -> Duration;

    /// Fills a buffer with random bytes.
    fn random(&self, buffer: &mut [u8]);

    /// Runs a program to its end: what `run_cmd` and `sops_decrypt_file` want. Where processes are
    /// forbidden while reading, this is the place to refuse.
    fn run(&self, command: &Command) -> Result<CommandEnd, WorldError>;

    /// What AWS says about who we are, as the role if one is given, else as the base identity.
    fn identity(
        &self,
        question: IdentityQuestion,
        role: Option<&RoleArn>,
    ) -> Result<String, WorldError>;

    /// The folder in which terraform will run for this unit: what `get_working_dir()` says.
    fn working_folder(&self, question: &WorkingFolder) -> Result<Utf8PathBuf, WorldError>;
}

/// One entry of a folder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FolderEntry<'a> {
    /// `None` for a name that is not UTF-8.
    pub name: Option<&'a str>,
    pub kind: EntryKind,
}

/// What an entry itself is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EntryKind {
    File,
    Folder,
    Link,
    Other,
}

/// A program to run, with its arguments.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Command {
    pub program: String,
    pub arguments: Vec<String>,
    pub folder: Utf8PathBuf,
    /// Whether what it prints is shown to the user as well.
    pub echo: bool,
}

/// How a program ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CommandEnd {
    /// `None` when a signal ended it.
    pub code: Option<i32>,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

/// What may be asked about the identity that we act as.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum IdentityQuestion {
    AccountId,
    AccountAlias,
    Arn,
    UserId,
}

/// What the name of a working folder is made of.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct WorkingFolder {
    pub unit_folder: Utf8PathBuf,
    /// As the file or an option says, seen from the unit's folder.
    pub download_folder: Option<Utf8PathBuf>,
    /// `terraform.source` as written, where there is one.
    pub source: Option<String>,
}
