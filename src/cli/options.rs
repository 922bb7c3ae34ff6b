//! Arguments, environment and terminal become options, once; nothing changes them afterwards.
//!
//! This is the only place that reads the environment, the start folder and the wall clock: it
//! captures them in a [`Launch`], and everything else is a pure function of that.

mod chosen;
mod command;
mod identity;
mod launch;
mod policies;
mod reading;
mod running;
mod selection;
#[cfg(test)]
mod tests;

use camino::{Utf8Path, Utf8PathBuf};
use clap::FromArgMatches as _;
use clap::error::ErrorKind;

pub use chosen::{Chosen, ChosenBy};
pub use command::{
    Command, EvalOptions, ExplainOptions, FindOptions, FindParts, FormatFiles, FormatOptions,
    GraphOptions, InfoOptions, InputsCheck, ListOptions, ListingOptions, Order, OutputsForm,
    OutputsOptions, RenderOptions, StackOptions, StackOutputOptions, ValidateOptions,
};
pub use identity::{DoctorOptions, IdentityOf, IdentityOptions};
pub(super) use launch::asked_for_credentials;
pub use launch::{Launch, Stream};
pub use policies::{PolicyFormat, PolicyOptions, PolicySubject, TrustOptions};
pub use reading::{AuthProvider, EngineOptions, Processes, ReadingOptions, RoleFlags, Variables};
pub use running::{
    Approval, Automatic, ChildCredentials, ChildOptions, ExecOptions, OnFailure, OutputsFrom,
    PlanFolders, QueueOptions, ReportOptions, RunOptions, Storytelling, Table, Units,
};
pub(super) use selection::path_filter;
pub use selection::{Changed, FiltersFile, Reach, Selection, Steps};

pub use super::args::LogLevel;
use super::args::{self, Args};
use super::exit::CommandError;
use super::note::Note;
use super::words::{Words, leaf};
use super::{environment, help};
use crate::model::paths::absolute;
use crate::report::{Again, Look};

/// One invocation of terrane: what is to be done, and how.
#[derive(Debug)]
pub struct Invocation {
    pub options: Options,
    pub command: Command,
    /// What the user should know about the words that were typed.
    pub(super) notes: Vec<Note>,
}

/// What holds for every command.
#[derive(Debug)]
pub struct Options {
    /// The folder that the command works in: with what lies below it its scope. Absolute and clean.
    pub start: Utf8PathBuf,
    /// Where the user stands: paths in messages are seen from here.
    pub here: Utf8PathBuf,
    pub launch: Launch,
    pub asking: Asking,
    pub talk: LogLevel,
    pub storytelling: Storytelling,
    /// How text looks on stdout and on stderr.
    pub stdout: Look,
    pub stderr: Look,
    /// Every option that was chosen by somebody, and who that was.
    pub chosen: Vec<Chosen>,
    /// How the command is typed for some of its units.
    pub again: Again,
}

/// Whether questions can be asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asking {
    /// There is a person at a terminal.
    OnTerminal,
    /// `--non-interactive`: every answer is yes.
    AlwaysYes,
    /// Nobody is there, and nobody said yes beforehand.
    Nobody,
}

impl Invocation {
    /// Understands how the program was started.
    pub fn from_launch(launch: Launch) -> Result<Self, CommandError> {
        let mut commands = help::commands();
        let mut words = Words::split(&commands, &launch.words)?;
        let leaf = leaf(&commands, &words.command);
        let again = words.again(leaf);
        environment::add_flags(&mut words, leaf, &launch.variables)?;
        let chosen = Chosen::all(&words);
        let matches = commands
            .try_get_matches_from_mut(words.for_clap())
            .or_else(|error| match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                    help::commands_to_read().try_get_matches_from(words.for_clap())
                }
                _ => Err(error),
            })
            .map_err(|error| CommandError::from_clap(error, &chosen))?;
        let args = Args::from_arg_matches(&matches)
            .map_err(|error| CommandError::from_clap(error, &chosen))?;
        let notes = words.notes;
        let options = Options {
            again,
            ..Options::resolve(&args.general, launch, chosen)
        };
        let command = Command::resolve(args.command, &options);
        Ok(Self {
            options,
            command,
            notes,
        })
    }
}

impl Options {
    fn resolve(general: &args::GeneralArgs, launch: Launch, chosen: Vec<Chosen>) -> Self {
        let here = launch.folder.clone();
        let start = match &general.working_dir {
            Some(folder) => absolute(&here, folder),
            None => here.clone(),
        };
        let talk = match (general.quiet, general.log_level) {
            (true, _) => LogLevel::Error,
            (false, Some(level)) => level,
            (false, None) => LogLevel::Info,
        };
        let asking = match (general.non_interactive, launch.has_person()) {
            (true, _) => Asking::AlwaysYes,
            (false, true) => Asking::OnTerminal,
            (false, false) => Asking::Nobody,
        };
        let look = |stream: &Stream| launch.look_of(stream, general.no_color);
        Self {
            stdout: look(&launch.stdout),
            stderr: look(&launch.stderr),
            start,
            here,
            asking,
            talk,
            storytelling: Storytelling::of(general.log_format),
            chosen,
            again: Again::Unknown,
            launch,
        }
    }

    /// The name by which the user knows a path: from where they stand.
    pub(super) fn shown(&self, path: &Utf8Path) -> Utf8PathBuf {
        match path.strip_prefix(&self.here) {
            Ok(below) if !below.as_str().is_empty() => below.to_owned(),
            Ok(_) | Err(_) => path.to_owned(),
        }
    }

    /// A path that was typed, seen from the start folder.
    pub(super) fn path(&self, typed: &Utf8Path) -> Utf8PathBuf {
        absolute(&self.start, typed)
    }
}
