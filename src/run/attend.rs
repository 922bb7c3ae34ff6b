//! Attending a child of a unit: its lines become events, and it is asked to end as the ladder says.
//!
//! Invariants:
//! - A child that has started is waited for, whatever happens; only its end ends the attendance.
//! - It gets at most one SIGINT, and a SIGKILL only on the last rung. Nothing else is ever sent.
//! - All it said is told before its end is known.
//! - When nobody attends it any more (a mistake of ours), a child that may change things is left to
//!   finish; its words go to files, so that nothing breaks under it.

use std::collections::VecDeque;
use std::future::pending;
use std::io;
use std::pin::pin;
use std::time::Duration;

use futures_util::stream::StreamExt as _;
use tokio::task::yield_now;
use tokio::time::sleep;

use super::event::{Interrupt, Stage};
use super::outcome::{CommandFailed, Failure, StateAtRisk};
use super::unit_handle::UnitHandle;
use crate::aws::Grant;
use crate::model::{ChildEnd, Line, Stream};
use crate::process::{Child, Follower, Program, Progress, StartError, WordFiles};

/// How many of a child's last lines are kept for whoever explains its failure.
const LAST_LINES: usize = 50;

/// A child to run for a unit.
#[derive(Clone, Debug)]
pub struct Errand<'a> {
    pub program: &'a Program,
    /// Where its words go; neither file may be there yet.
    pub words: WordFiles,
    /// After this long it is asked to stop as the second interrupt would.
    pub time_limit: Option<Duration>,
    /// What it may ask credentials with; it is told which process it is for.
    pub grant: Option<&'a Grant>,
    pub stdout: StdoutLines,
}

/// What becomes of the lines on a child's stdout. They are in its file in any case.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StdoutLines {
    Told,
    Suppressed,
}

/// A child that has ended, and how it came to that.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attended {
    pub end: ChildEnd,
    pub asked: Option<Asked>,
    /// The last lines on stderr; of a child that said nothing there, those on stdout.
    pub last_lines: Vec<Line>,
    pub words: WordFiles,
}

/// The firmest thing that was done to end a child.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Asked {
    /// Its time was up, and it was sent one SIGINT.
    ByTimeLimit { limit: Duration },
    /// It was sent one SIGINT.
    ByInterrupt,
    /// It was killed.
    Killed,
}

/// Starts a child, attends it to its end, and hands each of its lines also to `on_line`.
///
/// Nothing is started once the unit was asked to stop. A child that could not be started, or whose
/// words cannot be read, is a [`Failure`]; how it ended is for the caller to judge (for most,
/// [`Attended::checked`] does).
pub async fn attend(
    handle: &UnitHandle<'_>,
    errand: Errand<'_>,
    mut on_line: impl FnMut(&Line),
) -> Result<Attended, Failure> {
    if handle.stage() >= Some(Stage::Interrupting) {
        return Err(handle.interrupted(false));
    }
    let child = Child::start(errand.program, &errand.words);
    let child = child.map_err(|error| not_started(errand.program, &error))?;
    if let Some(grant) = errand.grant {
        grant.child_started(child.id());
    }
    let mut attendance = Attendance {
        handle,
        stdout: errand.stdout,
        child: if handle.may_change_things() {
            child
        } else {
            child.interrupted_when_dropped()
        },
        follower: None,
        progress: Progress::CaughtUp,
        asked: None,
        last_lines: LastLines::default(),
        on_line: &mut on_line,
    };
    attendance.follow(Follower::open(&errand.words));
    let end = attendance.until_its_end(errand.time_limit).await;
    attendance.hear_the_rest().await;
    let end = end.map_err(|error| not_waited_for(errand.program, &error))?;
    Ok(Attended {
        end,
        asked: attendance.asked,
        last_lines: attendance.last_lines.telling(),
        words: errand.words,
    })
}

/// Runs one command on our terminal. The terminal's own signals reach it directly and are not
/// passed on; a SIGTERM or SIGHUP that only we got becomes one SIGINT.
pub async fn attend_attached(
    program: &Program,
    grant: Option<&Grant>,
    interrupts: impl futures_util::Stream<Item = Interrupt>,
) -> Result<ChildEnd, Failure> {
    let child = Child::start_attached(program);
    let mut child = child.map_err(|error| not_started(program, &error))?;
    if let Some(grant) = grant {
        grant.child_started(child.id());
    }
    let mut interrupts = pin!(interrupts.fuse());
    loop {
        let interrupt = tokio::select! {
            biased;
            end = child.wait() => {
                return end.map_err(|error| not_waited_for(program, &error));
            }
            interrupt = interrupts.next(), if !interrupts.is_done() => interrupt,
        };
        match interrupt {
            Some(Interrupt::Terminate | Interrupt::HangUp) => {
                // If it cannot be told, it has just ended, and the next turn sees that.
                let _ = child.interrupt();
            }
            Some(Interrupt::CtrlC) | None => {}
        }
    }
}

struct Attendance<'a, 'run, F> {
    handle: &'a UnitHandle<'run>,
    stdout: StdoutLines,
    child: Child,
    /// Gone when the files cannot be read: then nothing is shown, but the child is still attended.
    follower: Option<Follower>,
    progress: Progress,
    asked: Option<Asked>,
    last_lines: LastLines,
    on_line: F,
}

impl<F: FnMut(&Line)> Attendance<'_, '_, F> {
    fn follow(&mut self, follower: io::Result<Follower>) {
        match follower {
            Ok(follower) => self.follower = Some(follower),
            Err(error) => self.stop_following(&error),
        }
    }

    async fn until_its_end(&mut self, time_limit: Option<Duration>) -> io::Result<ChildEnd> {
        let handle = self.handle;
        let mut ticks = handle.ticks();
        let mut time_is_up = pin!(time_out(time_limit));
        loop {
            tokio::select! {
                biased;
                () = handle.reaches(Stage::Killing), if self.asked < Some(Asked::Killed) => {
                    self.ask(Asked::Killed);
                }
                () = handle.reaches(Stage::Interrupting),
                    if self.asked < Some(Asked::ByInterrupt) =>
                {
                    self.ask(Asked::ByInterrupt);
                }
                limit = &mut time_is_up, if self.asked.is_none() => {
                    self.ask(Asked::ByTimeLimit { limit });
                }
                end = self.child.wait() => return end,
                () = ticks.next() => self.hear(),
                () = yield_now(), if self.progress == Progress::Behind => self.hear(),
            }
        }
    }

    fn ask(&mut self, how: Asked) {
        // If it cannot be told, it has just ended, and the next turn sees that.
        let _ = match how {
            Asked::ByTimeLimit { .. } | Asked::ByInterrupt => self.child.interrupt(),
            Asked::Killed => self.child.kill(),
        };
        self.asked = Some(how);
    }

    async fn hear_the_rest(&mut self) {
        if let Some(Err(error)) = self.follower.as_mut().map(Follower::end_here) {
            self.stop_following(&error);
        }
        self.hear();
        while self.progress == Progress::Behind {
            yield_now().await;
            self.hear();
        }
        if let Some(follower) = self.follower.take() {
            let mut last_words = Vec::new();
            follower.finish(|line| last_words.push(line));
            for line in last_words {
                self.tell(line);
            }
        }
    }

    fn hear(&mut self) {
        let Some(mut follower) = self.follower.take() else {
            return;
        };
        match follower.read(|line| self.tell(line)) {
            Ok(progress) => {
                self.progress = progress;
                self.follower = Some(follower);
            }
            Err(error) => self.stop_following(&error),
        }
    }

    fn stop_following(&mut self, error: &io::Error) {
        self.follower = None;
        self.progress = Progress::CaughtUp;
        let note = format!("(terrane cannot read on what it says: {error})");
        self.tell(Line::new(Stream::Stderr, note.as_bytes()));
    }

    fn tell(&mut self, line: Line) {
        (self.on_line)(&line);
        self.last_lines.keep(line.clone());
        if line.stream == Stream::Stderr || self.stdout == StdoutLines::Told {
            self.handle.line(line);
        }
    }
}

/// The last lines of each stream. They are apart because they are read apart: which of two lines
/// on different streams came first, nobody can tell.
#[derive(Debug, Default)]
struct LastLines {
    stdout: VecDeque<Line>,
    stderr: VecDeque<Line>,
}

impl LastLines {
    fn keep(&mut self, line: Line) {
        let lines = match line.stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        if lines.len() == LAST_LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    fn telling(self) -> Vec<Line> {
        let complains = self
            .stderr
            .iter()
            .any(|line| !line.plain().trim().is_empty());
        let lines = if complains { self.stderr } else { self.stdout };
        lines.into()
    }
}

async fn time_out(limit: Option<Duration>) -> Duration {
    match limit {
        Some(limit) => {
            sleep(limit).await;
            limit
        }
        None => pending().await,
    }
}

impl Attended {
    /// Takes an end with code 0 for a success and everything else for a failure. `failure` says
    /// whose: [`Failure::Command`] or [`Failure::Init`].
    pub fn checked(
        self,
        handle: &UnitHandle<'_>,
        command: &str,
        failure: impl FnOnce(Box<CommandFailed>) -> Failure,
    ) -> Result<Self, Failure> {
        if self.end.is_success() {
            return Ok(self);
        }
        Err(match self.asked {
            None => failure(Box::new(self.failed(command))),
            Some(Asked::ByTimeLimit { limit }) => Failure::TimedOut {
                step: handle.current_step(),
                limit,
            },
            Some(Asked::ByInterrupt) => handle.interrupted(false),
            Some(Asked::Killed) if handle.may_change_things() => {
                Failure::StateAtRisk(Box::new(self.killed_at_work(command)))
            }
            Some(Asked::Killed) => handle.interrupted(true),
        })
    }

    pub fn failed(self, command: &str) -> CommandFailed {
        CommandFailed {
            command: command.to_owned(),
            end: self.end,
            last_lines: self.last_lines,
            words: self.words.paths(),
        }
    }

    fn killed_at_work(self, command: &str) -> StateAtRisk {
        StateAtRisk {
            what: format!("{command} was killed before it could save its state"),
            saved: None,
            lock: None,
            next: Vec::new(),
            failed: Some(self.failed(command)),
        }
    }
}

fn not_started(program: &Program, error: &StartError) -> Failure {
    let reason = error.to_string();
    match error {
        StartError::NoFolder { folder } => Failure::WorkDir {
            path: folder.clone(),
            reason,
        },
        StartError::WordFile { file, .. } => Failure::WorkDir {
            path: file.clone(),
            reason,
        },
        StartError::NotFound { .. } | StartError::NotAllowed { .. } | StartError::Other { .. } => {
            Failure::Spawn {
                program: name_of(program),
                reason,
            }
        }
    }
}

fn not_waited_for(program: &Program, error: &io::Error) -> Failure {
    let reason = format!("it was started, but its end cannot be learnt: {error}");
    Failure::Spawn {
        program: name_of(program),
        reason,
    }
}

fn name_of(program: &Program) -> String {
    program.executable.to_string_lossy().into_owned()
}
