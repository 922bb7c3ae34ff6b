//! One child: started, told to stop at most once, waited for.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitStatus, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use process_wrap::tokio::{ChildWrapper, CommandWrap, ProcessSession};
use tokio::process::{ChildStderr, ChildStdout};

use super::program::{Program, StartError};
use crate::model::ChildEnd;

/// The numbers that Linux and macOS share.
const SIGINT: i32 = 2;
const SIGKILL: i32 = 9;

/// Where a child's words go: one file for each stream, readable by the user alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WordFiles {
    pub stdout: Utf8PathBuf,
    pub stderr: Utf8PathBuf,
}

/// A child process.
///
/// Dropping it leaves the process alone, whatever it is doing, unless it was declared harmless to
/// stop. After its end was seen no signal is sent: its number may belong to somebody else by then.
#[derive(Debug)]
pub struct Child {
    process: Box<dyn ChildWrapper>,
    id: u32,
    end: Option<ChildEnd>,
    was_interrupted: bool,
    when_dropped: WhenDropped,
}

/// What happens to a process that nobody waits for any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum WhenDropped {
    LeaveAlone,
    Interrupt,
    Kill,
}

impl WordFiles {
    /// `plan.out` and `plan.err` in `folder`, for the name `plan`.
    pub fn in_folder(folder: &Utf8Path, name: &str) -> Self {
        Self {
            stdout: folder.join(format!("{name}.out")),
            stderr: folder.join(format!("{name}.err")),
        }
    }

    pub fn paths(&self) -> Vec<Utf8PathBuf> {
        vec![self.stdout.clone(), self.stderr.clone()]
    }
}

impl Child {
    /// Starts `program` in a session of its own, with nothing to read and its words into new files.
    ///
    /// In a session of its own no signal of our terminal reaches it: neither Ctrl-C, which it would
    /// otherwise get a second time from us, nor the hang-up when the terminal closes.
    pub fn start(program: &Program, words: &WordFiles) -> Result<Self, StartError> {
        let mut command = program.command();
        command
            .command_mut()
            .stdin(Stdio::null())
            .stdout(new_private_file(&words.stdout)?)
            .stderr(new_private_file(&words.stderr)?);
        command.wrap(ProcessSession);
        Self::spawn(program, command, WhenDropped::LeaveAlone)
    }

    /// Starts `program` on our terminal and in our process group: it can ask questions, and the
    /// terminal's signals reach it directly.
    pub fn start_attached(program: &Program) -> Result<Self, StartError> {
        let mut command = program.command();
        command
            .command_mut()
            .stdin(Stdio::inherit())
            .stdout(Stdio::inherit())
            .stderr(Stdio::inherit());
        Self::spawn(program, command, WhenDropped::LeaveAlone)
    }

    /// Starts `program` with its words into pipes that [`Child::take_pipes`] gives. It is killed
    /// when nobody waits for it.
    pub(super) fn start_captured(program: &Program) -> Result<Self, StartError> {
        let mut command = program.command();
        command
            .command_mut()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.wrap(ProcessSession);
        Self::spawn(program, command, WhenDropped::Kill)
    }

    fn spawn(
        program: &Program,
        mut command: CommandWrap,
        when_dropped: WhenDropped,
    ) -> Result<Self, StartError> {
        let process = command
            .spawn()
            .map_err(|source| program.start_error(source))?;
        let id = process
            .id()
            .expect("a child that nobody has waited for has a number");
        Ok(Self {
            process,
            id,
            end: None,
            was_interrupted: false,
            when_dropped,
        })
    }

    pub(super) fn take_pipes(&mut self) -> (ChildStdout, ChildStderr) {
        let stdout = self.process.stdout().take();
        let stderr = self.process.stderr().take();
        (
            stdout.expect("its stdout is a pipe"),
            stderr.expect("its stderr is a pipe"),
        )
    }

    /// Declares that nothing is lost if it is interrupted when nobody waits for it any more.
    #[must_use]
    pub fn interrupted_when_dropped(mut self) -> Self {
        self.when_dropped = WhenDropped::Interrupt;
        self
    }

    pub fn id(&self) -> u32 {
        self.id
    }

    /// Asks it and what it has started to stop, with one SIGINT. Only the first call does so:
    /// terraform takes a second one as a wish to leave at once and lose what it holds.
    pub fn interrupt(&mut self) -> io::Result<()> {
        if self.was_interrupted {
            return Ok(());
        }
        self.was_interrupted = true;
        self.signal(SIGINT)
    }

    /// Ends it and what it has started, at once and without asking.
    pub fn kill(&mut self) -> io::Result<()> {
        self.signal(SIGKILL)
    }

    /// Waits for its end. May be dropped and called again.
    pub async fn wait(&mut self) -> io::Result<ChildEnd> {
        if let Some(end) = self.end {
            return Ok(end);
        }
        // The innermost wait: the wrapper's own would go on waiting for grandchildren where they
        // become our children, as they do in a container whose first process we are.
        let end = end_of(self.process.inner_mut().wait().await?);
        self.end = Some(end);
        Ok(end)
    }

    fn signal(&self, signal: i32) -> io::Result<()> {
        if self.end.is_some() {
            return Ok(());
        }
        self.process.signal(signal)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended just now; then there is nothing to do and nobody to tell.
        let _ = match self.when_dropped {
            WhenDropped::LeaveAlone => Ok(()),
            WhenDropped::Interrupt => self.interrupt(),
            WhenDropped::Kill => self.kill(),
        };
    }
}

fn end_of(status: ExitStatus) -> ChildEnd {
    match (status.code(), status.signal()) {
        (Some(code), _) => ChildEnd::Code(code),
        (None, Some(signal)) => ChildEnd::Signal(signal),
        (None, None) => unreachable!("a process that was waited for has a code or a signal"),
    }
}

/// Made new, so that nobody can have put a link to some other file there.
fn new_private_file(path: &Utf8Path) -> Result<File, StartError> {
    let opened = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    opened.map_err(|source| StartError::WordFile {
        file: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests;
