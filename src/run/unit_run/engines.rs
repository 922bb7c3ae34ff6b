//! The engines of a run: each found once and asked once for its version.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::ffi::{OsStr, OsString};
use std::os::unix::fs::PermissionsExt as _;
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use thiserror::Error;
use tokio::sync::OnceCell;

use crate::process::{CaptureError, CaptureLimits, Program, capture};
use crate::terraform::engine::{
    Engine, EngineNotFound, EngineWishes, FoundEngine, UnknownVersion, VERSION_ARGUMENTS,
    VERSION_TIME_LIMIT,
};

/// A program that is there and has said what it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UsableEngine {
    pub found: FoundEngine,
    pub engine: Engine,
}

#[derive(Debug, Error)]
pub enum EngineError {
    #[error(transparent)]
    NotFound(#[from] EngineNotFound),
    #[error("{executable}: {error}")]
    NotAsked {
        executable: Utf8PathBuf,
        #[source]
        error: CaptureError,
    },
    #[error("{executable} is no terraform and no tofu: asked for its version it said \"{}\"", .error.answer)]
    NoVersion {
        executable: Utf8PathBuf,
        #[source]
        error: UnknownVersion,
    },
}

/// All engines of a run, by what the units' files call them.
#[derive(Debug)]
pub struct Engines<'r> {
    /// By flag or variable: wins over everything.
    option: Option<&'r str>,
    environment: &'r BTreeMap<OsString, OsString>,
    start: &'r Utf8Path,
    known: RefCell<HashMap<Option<String>, Rc<Answer>>>,
}

type Answer = OnceCell<Rc<UsableEngine>>;

impl<'r> Engines<'r> {
    /// `option` is the engine by flag or variable; relative paths start at `start`.
    pub fn new(
        option: Option<&'r str>,
        environment: &'r BTreeMap<OsString, OsString>,
        start: &'r Utf8Path,
    ) -> Self {
        Self {
            option,
            environment,
            start,
            known: RefCell::default(),
        }
    }

    /// The engine of a unit whose files wish for `configured`.
    pub async fn get(&self, configured: Option<&str>) -> Result<Rc<UsableEngine>, EngineError> {
        let key = configured.map(str::to_owned);
        let cell = Rc::clone(self.known.borrow_mut().entry(key).or_default());
        let found = cell.get_or_try_init(async || self.find(configured).await.map(Rc::new));
        found.await.map(Rc::clone)
    }

    /// Where that engine is. It is not started.
    pub fn locate(&self, configured: Option<&str>) -> Result<FoundEngine, EngineNotFound> {
        let path = self.environment.get(OsStr::new("PATH"));
        let folders = path.map(std::env::split_paths).into_iter().flatten();
        let folders: Vec<Utf8PathBuf> = folders
            .filter_map(|folder| Utf8PathBuf::from_path_buf(folder).ok())
            .collect();
        let wishes = EngineWishes {
            option: self.option,
            configured,
            search_path: &folders,
            start_folder: self.start,
        };
        wishes.find(is_executable)
    }

    async fn find(&self, configured: Option<&str>) -> Result<UsableEngine, EngineError> {
        let found = self.locate(configured)?;
        let engine = self.ask(&found).await?;
        Ok(UsableEngine { found, engine })
    }

    async fn ask(&self, found: &FoundEngine) -> Result<Engine, EngineError> {
        let executable = &found.executable;
        let program = Program {
            executable: executable.into(),
            args: VERSION_ARGUMENTS.map(OsString::from).to_vec(),
            folder: self.start.to_owned(),
            environment: self.environment.iter().collect(),
        };
        let limits = CaptureLimits {
            time: VERSION_TIME_LIMIT,
            stdout_bytes: 64 << 10,
            stderr_bytes: 64 << 10,
        };
        let answer = capture(&program, &limits).await;
        let answer = answer.map_err(|error| EngineError::NotAsked {
            executable: executable.clone(),
            error,
        })?;
        let answer = String::from_utf8_lossy(&answer.stdout);
        Engine::parse(&answer, executable).map_err(|error| EngineError::NoVersion {
            executable: executable.clone(),
            error,
        })
    }
}

fn is_executable(path: &Utf8Path) -> bool {
    let file = path.metadata();
    file.is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}
