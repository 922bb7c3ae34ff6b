//! Who tells of a run, and where to.

use std::io::{self, Write as _};
use std::time::Duration;

use super::options::{LogLevel, Options, Storytelling, Stream};
use super::run_folder::RunFolder;
use crate::model::Stream as LineStream;
use crate::report::{
    Failures, Journal, JsonLines, Plain, Progress, Reporter, Reporters, Summary, Terminal,
    TerminalEnd, Words, stderr_size,
};
use crate::run::event::{Event, EventKind};

/// How long the terminal may take to show the last of a run.
const PATIENCE: Duration = Duration::from_secs(2);

/// The reporters of a run, and how its failures are told at the end.
pub(super) struct Telling {
    pub(super) reporters: Reporters,
    failures: Failures,
    terminal: Option<TerminalEnd>,
}

/// What the children of a run print.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum StdoutIs {
    Words,
    /// It is passed on byte by byte, and told by nobody else.
    Data,
}

impl Telling {
    /// Of many units.
    pub(super) fn of_many(
        options: &Options,
        how: Storytelling,
        folder: &RunFolder,
        stdout: StdoutIs,
    ) -> Self {
        let mut reporters: Vec<Box<dyn Reporter>> = journal(folder).into_iter().collect();
        let mut failures = Failures::InOneLine;
        let mut terminal = None;
        let look = options.stderr.clone();
        let on_terminal = options.launch.stderr != Stream::Other;
        if how == Storytelling::JsonLines {
            reporters.push(Box::new(JsonLines::new(io::stdout())));
        } else if let Some((screen, end)) = (on_terminal && how == Storytelling::ForPeople)
            .then(|| Terminal::open(io::stderr(), stderr_size).ok())
            .flatten()
        {
            failures = Failures::InFull;
            terminal = Some(end);
            reporters.push(Box::new(Progress::new(screen, stderr_size, look)));
        } else {
            let words = match (stdout, options.talk) {
                (StdoutIs::Data, _) | (_, LogLevel::Error) => Words::OfFailed,
                (StdoutIs::Words, talk) if talk > LogLevel::Info => Words::Streamed,
                (StdoutIs::Words, _) => Words::Grouped,
            };
            // It flushes after each event: a line is out at once, and in one piece.
            let out = io::BufWriter::new(io::stderr());
            reporters.push(Box::new(Plain::new(out, look, words)));
        }
        Self {
            reporters: Reporters::new(reporters),
            failures,
            terminal,
        }
    }

    /// Of one unit, whose words are passed on as they come.
    pub(super) fn of_one(
        options: &Options,
        how: Storytelling,
        folder: &RunFolder,
        stdout: StdoutIs,
    ) -> Self {
        let mut reporters: Vec<Box<dyn Reporter>> = journal(folder).into_iter().collect();
        if how == Storytelling::JsonLines {
            reporters.push(Box::new(JsonLines::new(io::stdout())));
        } else {
            reporters.push(Box::new(Relay {
                stdout,
                coloured: options.stdout.colour,
            }));
        }
        Self {
            reporters: Reporters::new(reporters),
            failures: Failures::InOneLine,
            terminal: None,
        }
    }

    /// What is left of the run, once the terminal has shown all of it.
    pub(super) fn finish(self) -> (Summary, Failures, Vec<io::Error>) {
        let (summary, trouble) = self.reporters.finish();
        if let Some(terminal) = &self.terminal {
            terminal.wait(PATIENCE);
        }
        (summary, self.failures, trouble)
    }
}

/// A run is not stopped by a journal that cannot be kept.
fn journal(folder: &RunFolder) -> Option<Box<dyn Reporter>> {
    let journal = Journal::create(&folder.journal()).ok()?;
    Some(Box::new(journal))
}

/// Passes on what children say, line by line.
struct Relay {
    stdout: StdoutIs,
    coloured: bool,
}

impl Reporter for Relay {
    fn observe(&mut self, event: &Event) -> io::Result<()> {
        let EventKind::UnitLine { line, .. } = &event.kind else {
            return Ok(());
        };
        let text = if self.coloured {
            line.coloured().to_owned()
        } else {
            line.plain().into_owned()
        };
        match (line.stream, self.stdout) {
            (LineStream::Stdout, StdoutIs::Data) => Ok(()),
            (LineStream::Stdout, StdoutIs::Words) => writeln!(io::stdout().lock(), "{text}"),
            (LineStream::Stderr, _) => writeln!(io::stderr().lock(), "{text}"),
        }
    }
}
