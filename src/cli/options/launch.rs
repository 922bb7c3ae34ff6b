//! What the program finds when it is started: everything that is asked of the process, once.
#![expect(
    clippy::disallowed_methods,
    reason = "the environment, the start folder and the wall clock are read here and nowhere else"
)]

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::IsTerminal as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use camino::Utf8PathBuf;
use jiff::tz::TimeZone;

use crate::aws::{HELPER_SUBCOMMAND, HELPER_TOKEN};
use crate::cli::environment::Variables;
use crate::cli::exit::CommandError;
use crate::report::Look;

/// Where an engine that terrane started asks for credentials: the words after the subcommand, and
/// the token that tells the engine from others. Asked before anything else, because the current
/// folder may be gone by then and the engine waits.
pub(in crate::cli) fn asked_for_credentials()
-> Option<(impl Iterator<Item = OsString>, Option<OsString>)> {
    let mut words = std::env::args_os().skip(1);
    (words.next()? == HELPER_SUBCOMMAND).then(|| (words, std::env::var_os(HELPER_TOKEN)))
}

/// The process as it was started. Tests write one down by hand.
#[derive(Clone)]
pub struct Launch {
    /// The command line without the program's name.
    pub words: Vec<OsString>,
    pub variables: Variables,
    /// The current folder, by the name that the shell has for it.
    pub folder: Utf8PathBuf,
    /// This program's own file.
    pub executable: Option<PathBuf>,
    pub now: SystemTime,
    pub zone: TimeZone,
    pub stdin_is_terminal: bool,
    pub stdout: Stream,
    pub stderr: Stream,
}

/// Where an output stream leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stream {
    Terminal {
        columns: usize,
    },
    /// A file, a pipe, nothing.
    Other,
}

impl Launch {
    /// Asks the process.
    pub fn of_this_process() -> Result<Self, CommandError> {
        let variables: Variables = std::env::vars_os().collect();
        let folder = current_folder(variables.get(OsStr::new("PWD")))?;
        Ok(Self {
            words: std::env::args_os().skip(1).collect(),
            folder,
            executable: std::env::current_exe().ok(),
            now: SystemTime::now(),
            zone: TimeZone::system(),
            stdin_is_terminal: std::io::stdin().is_terminal(),
            stdout: Stream::of(&console::Term::stdout()),
            stderr: Stream::of(&console::Term::stderr()),
            variables,
        })
    }

    /// The time of day anew: sessions end at one, also when the machine slept meanwhile.
    pub fn wall_clock() -> SystemTime {
        SystemTime::now()
    }

    /// A variable that is set to something, and is text.
    pub fn variable(&self, name: &str) -> Option<String> {
        let value = self.variables.get(OsStr::new(name))?.to_str()?;
        (!value.is_empty()).then(|| value.to_owned())
    }

    pub fn home(&self) -> Option<Utf8PathBuf> {
        self.variable("HOME").map(Utf8PathBuf::from)
    }

    /// Whether somebody can be asked: questions go to stderr, answers come from stdin.
    pub(super) fn has_person(&self) -> bool {
        self.stdin_is_terminal && self.stderr != Stream::Other
    }

    pub(super) fn look_of(&self, stream: &Stream, no_color: bool) -> Look {
        let width = match stream {
            Stream::Terminal { columns } => Some(*columns),
            Stream::Other => None,
        };
        let variable = |name: &str| match name {
            "NO_COLOR" if no_color => Some("1".to_owned()),
            name => self.variable(name),
        };
        Look::choose(variable, width, self.zone.clone())
    }
}

/// Values of variables may be secrets, so only their names are shown.
impl fmt::Debug for Launch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Launch")
            .field("words", &self.words)
            .field("variables", &self.variables.keys())
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

impl Stream {
    fn of(terminal: &console::Term) -> Self {
        if !terminal.is_term() {
            return Self::Other;
        }
        let (_rows, columns) = terminal.size();
        Self::Terminal {
            columns: usize::from(columns),
        }
    }
}

/// The current folder. Where it was entered through a link, the shell knows it by the link's name,
/// and so do the user's files.
fn current_folder(name_in_shell: Option<&OsString>) -> Result<Utf8PathBuf, CommandError> {
    let real = std::env::current_dir()
        .map_err(|error| CommandError::failed("the current folder is not there").because(&error))?;
    let by_shell = name_in_shell
        .map(PathBuf::from)
        .filter(|path| path.is_absolute() && is_same_folder(path, &real));
    Utf8PathBuf::from_path_buf(by_shell.unwrap_or(real)).map_err(|path| {
        CommandError::failed("the current folder has a name that is not UTF-8")
            .detail(path.display().to_string())
    })
}

fn is_same_folder(a: &Path, b: &Path) -> bool {
    match (a.metadata(), b.metadata()) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        (Err(_), _) | (_, Err(_)) => false,
    }
}
