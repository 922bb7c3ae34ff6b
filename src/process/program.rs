//! What to run: a program, its arguments, its folder, and all of its environment.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::{fmt, io};

use camino::{Utf8Path, Utf8PathBuf};
use process_wrap::tokio::CommandWrap;

/// A program ready to be started.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Program {
    /// A path, or a name that the child's own `PATH` finds.
    pub executable: OsString,
    pub args: Vec<OsString>,
    /// The folder it starts in.
    pub folder: Utf8PathBuf,
    /// Everything it gets; nothing is inherited.
    pub environment: Environment,
}

/// The environment of a child. Values may be secrets: its `Debug` shows names only.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    pub fn get(&self, name: impl AsRef<OsStr>) -> Option<&OsStr> {
        self.0.get(name.as_ref()).map(OsString::as_os_str)
    }

    pub fn set(&mut self, name: impl Into<OsString>, value: impl Into<OsString>) {
        self.0.insert(name.into(), value.into());
    }

    pub fn remove(&mut self, name: impl AsRef<OsStr>) -> Option<OsString> {
        self.0.remove(name.as_ref())
    }

    pub fn iter(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }
}

impl<N: Into<OsString>, V: Into<OsString>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        let owned = |(name, value): (N, V)| (name.into(), value.into());
        Self(variables.into_iter().map(owned).collect())
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Why a program could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{program} was not found{}", looked_in(.path.as_ref()))]
    NotFound {
        program: String,
        path: Option<String>,
    },
    #[error("{program} may not be executed")]
    NotAllowed { program: String },
    #[error("the folder {folder} is not there")]
    NoFolder { folder: Utf8PathBuf },
    #[error("its words cannot be kept in {file}: {source}")]
    WordFile {
        file: Utf8PathBuf,
        source: io::Error,
    },
    #[error("{program} could not be started: {source}")]
    Other { program: String, source: io::Error },
}

fn looked_in(path: Option<&String>) -> String {
    path.map(|path| format!(" in {path}")).unwrap_or_default()
}

impl Program {
    /// The command as process-wrap takes it, before its words have a place to go.
    pub(super) fn command(&self) -> CommandWrap {
        CommandWrap::with_new(&self.executable, |command| {
            command
                .args(&self.args)
                .current_dir(&self.folder)
                .env_clear()
                .envs(self.environment.iter());
        })
    }

    /// Finds out what an error of the system meant.
    pub(super) fn start_error(&self, source: io::Error) -> StartError {
        let program = self.executable.to_string_lossy().into_owned();
        match source.kind() {
            io::ErrorKind::NotFound if !self.folder.is_dir() => StartError::NoFolder {
                folder: self.folder.clone(),
            },
            io::ErrorKind::NotFound => StartError::NotFound {
                path: self.searched_path(&program),
                program,
            },
            io::ErrorKind::PermissionDenied => StartError::NotAllowed { program },
            _ => StartError::Other { program, source },
        }
    }

    /// Where a bare name was looked for.
    fn searched_path(&self, program: &str) -> Option<String> {
        let is_bare_name = Utf8Path::new(program).components().count() == 1;
        let path = self.environment.get("PATH")?;
        is_bare_name.then(|| path.to_string_lossy().into_owned())
    }
}
