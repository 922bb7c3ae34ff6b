//! `--auth-provider-cmd`: a program of the user's own that says who acts in a unit and which
//! variables it has, by Terragrunt's JSON. It runs in the unit's folder.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use terrane_hcl::Diagnostic;

use super::options::{AuthProvider, Variables};
use super::screen;
use crate::aws::Provided;
use crate::config::surroundings::WorldError;
use crate::model::{ChildEnd, Line, SessionName, Stream};
use crate::process::{
    CaptureError, CaptureLimits, Captured, Environment, Program, capture, capture_blocking,
};
use crate::run::outcome::{CommandFailed, Failure};

/// Somebody may have to be asked for a login; longer than this is a mistake.
const LIMITS: CaptureLimits = CaptureLimits {
    time: Duration::from_mins(10),
    stdout_bytes: 1 << 20,
    stderr_bytes: 64 << 10,
};

/// The program, and what it has said so far.
#[derive(Debug)]
pub(super) struct AuthCommand<'a> {
    typed: &'a AuthProvider,
    variables: &'a Variables,
    session_name: SessionName,
    /// By the folders of units. A run asks anew, since keys do not last.
    answers: RefCell<HashMap<Utf8PathBuf, Rc<Provided>>>,
}

/// How it gives nothing.
#[derive(Debug)]
enum Trouble {
    Words(String),
    Failed(CommandFailed),
}

impl<'a> AuthCommand<'a> {
    pub(super) fn new(
        typed: &'a AuthProvider,
        variables: &'a Variables,
        session_name: SessionName,
    ) -> Self {
        Self {
            typed,
            variables,
            session_name,
            answers: RefCell::default(),
        }
    }

    /// Asks for a unit that is about to run.
    pub(super) fn ask(&self, folder: Utf8PathBuf) -> LocalBoxFuture<'_, Result<Provided, Failure>> {
        async move {
            let program = self.program(&folder).map_err(Trouble::into_failure)?;
            let said = capture(&program, &LIMITS).await;
            let provided = self.read(said).map_err(Trouble::into_failure)?;
            let kept = Rc::new(provided.clone());
            self.answers.borrow_mut().insert(folder, kept);
            Ok(provided)
        }
        .boxed_local()
    }

    /// What the unit was given, which is asked for now where it was not yet: for those who read
    /// configuration. Nothing where the program is not to be asked for that.
    pub(super) fn for_reading(
        &self,
        folder: &Utf8Path,
    ) -> Result<Option<Rc<Provided>>, WorldError> {
        if let Some(known) = self.answers.borrow().get(folder) {
            return Ok(Some(Rc::clone(known)));
        }
        if !self.typed.while_finding_units {
            return Ok(None);
        }
        self.now(folder).map(Some).map_err(WorldError::Other)
    }

    /// Asks and waits, for those who run nothing.
    pub(super) fn now(&self, folder: &Utf8Path) -> Result<Rc<Provided>, String> {
        let answer = self
            .program(folder)
            .and_then(|program| self.read(capture_blocking(&program, &LIMITS)));
        let provided = Rc::new(answer.map_err(Trouble::into_words)?);
        let kept = Rc::clone(&provided);
        self.answers.borrow_mut().insert(folder.to_owned(), kept);
        Ok(provided)
    }

    fn program(&self, folder: &Utf8Path) -> Result<Program, Trouble> {
        let unclear = || Trouble::Words(format!("{}: its quotes do not end", self.typed.command));
        let mut words = shlex::split(&self.typed.command)
            .ok_or_else(unclear)?
            .into_iter();
        let executable = words.next().ok_or_else(unclear)?;
        Ok(Program {
            executable: executable.into(),
            args: words.map(Into::into).collect(),
            folder: folder.to_owned(),
            environment: self.variables.clone().into_iter().collect::<Environment>(),
        })
    }

    fn read(&self, said: Result<Captured, CaptureError>) -> Result<Provided, Trouble> {
        let command = &self.typed.command;
        let said = said.map_err(|error| Trouble::Words(format!("{command}: {error}")))?;
        if said.end != ChildEnd::Code(0) {
            let words = String::from_utf8_lossy(&said.stderr);
            let last_lines = words
                .lines()
                .map(|line| Line::new(Stream::Stderr, line.as_bytes()));
            return Err(Trouble::Failed(CommandFailed {
                command: format!("{command} (auth provider)"),
                end: said.end,
                last_lines: last_lines.collect(),
                words: Vec::new(),
            }));
        }
        Provided::parse(&said.stdout, &self.session_name)
            .map_err(|problem| Trouble::Words(format!("{command}: {problem}")))
    }
}

impl Trouble {
    /// In one line, after the program's own words. A failed unit brings those along.
    fn into_words(self) -> String {
        match self {
            Self::Words(words) => words,
            Self::Failed(failed) => {
                for line in &failed.last_lines {
                    screen::say(&format!("{}\n", line.plain()));
                }
                format!("{} ended with {}", failed.command, failed.end)
            }
        }
    }

    fn into_failure(self) -> Failure {
        match self {
            Self::Failed(failed) => Failure::Command(Box::new(failed)),
            Self::Words(words) => Failure::Evaluate {
                diagnostics: vec![
                    Diagnostic::error("The auth provider command gives no credentials")
                        .detail(words),
                ],
            },
        }
    }
}
