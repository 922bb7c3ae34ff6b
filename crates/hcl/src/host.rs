//! What the language asks of its caller.
//!
//! The language knows its own functions and nothing else. Variables, the caller's functions and the
//! world outside come through the traits here, one question at a time.

use std::fmt;
use std::time::Duration;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::eval::Context;
use crate::functions::Arguments;
use crate::limits::Exceeded;
use crate::references::Reference;
use crate::value::Value;

/// Whoever has expressions evaluated.
pub trait Host {
    /// The value of a variable, or of a part of it: the reference tells the constant steps that
    /// follow, so that of `local.a.b` only what is needed must be found. The context is the one of
    /// the expression that asks; its budget is to be shared with what is evaluated on its behalf.
    fn root(&self, reference: &Reference<'_>, context: &Context<'_>)
    -> Result<Resolved, RootError>;

    /// The names that [`Host::root`] knows, for suggestions.
    fn root_names(&self) -> Vec<String>;

    /// Calls a function of the caller's own; `None` if there is none of that name. Asked only for
    /// names that the language itself does not know, so that what a function of the language means
    /// is the same everywhere. The arguments are wholly known, unless [`Host::takes_unknown`] says
    /// otherwise, and what marks they had are put on the result.
    fn call(&self, name: &str, arguments: &Arguments<'_>) -> Option<Result<Value, CallError>> {
        let _ = (name, arguments);
        None
    }

    /// Whether a function of the caller's own looks at arguments that are unknown, in whole or in
    /// part. The result of the others is unknown as soon as an argument is.
    fn takes_unknown(&self, name: &str) -> bool {
        let _ = name;
        false
    }

    /// The names that [`Host::call`] knows, for suggestions.
    fn function_names(&self) -> Vec<String> {
        Vec::new()
    }

    /// Whether what is evaluated is a template that `templatefile` read, which cannot read another.
    fn is_template(&self) -> bool {
        false
    }

    /// The world outside, for functions that read files, tell the time or throw dice.
    fn world(&self) -> &dyn World {
        &Nowhere
    }
}

/// The value of a variable, as far as the host followed its steps.
#[derive(Clone, Debug)]
pub struct Resolved {
    pub value: Value,
    /// How many steps led to the value; the evaluator takes the others.
    pub steps: usize,
}

impl Resolved {
    /// The variable itself, none of whose steps were looked at.
    pub fn whole(value: Value) -> Self {
        Self { value, steps: 0 }
    }

    /// What the first so many steps lead to.
    pub fn after(steps: usize, value: Value) -> Self {
        Self { value, steps }
    }
}

/// Why a variable has no value.
#[derive(Clone, Debug)]
pub enum RootError {
    /// There is no variable of that name.
    Unknown,
    /// The variable exists, but has nothing by the name of this step. With the names it has, for
    /// suggestions.
    NoAttribute { step: usize, names: Vec<String> },
    /// Finding the value failed, perhaps in another file.
    Failed(Diagnostics),
}

/// Why a call has no value.
#[derive(Clone, Debug)]
pub enum CallError {
    /// Too few or too many arguments. The message is a sentence.
    Count(String),
    /// One argument is wrong; arguments count from 0. The message is a clause: `must not be empty`.
    Argument { index: usize, message: String },
    /// The call as a whole failed. The message is a sentence.
    Failed(String),
    /// What is wrong has a place of its own, perhaps in another file.
    Diagnostics(Diagnostics),
    /// A limit was reached.
    Limit(Exceeded),
}

impl CallError {
    pub fn argument(index: usize, message: impl Into<String>) -> Self {
        Self::Argument {
            index,
            message: message.into(),
        }
    }

    pub fn failed(message: impl Into<String>) -> Self {
        Self::Failed(message.into())
    }
}

impl From<Exceeded> for CallError {
    fn from(exceeded: Exceeded) -> Self {
        Self::Limit(exceeded)
    }
}

impl From<Diagnostic> for CallError {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Diagnostics(diagnostic.into())
    }
}

impl From<Diagnostics> for CallError {
    fn from(diagnostics: Diagnostics) -> Self {
        Self::Diagnostics(diagnostics)
    }
}

impl From<WorldError> for CallError {
    fn from(error: WorldError) -> Self {
        Self::Failed(error.to_string())
    }
}

/// The world outside, as far as functions may see it. Paths are absolute, or relative to
/// [`World::base_folder`] as the function was given them; each implementation resolves them.
pub trait World {
    /// The bytes of a file.
    fn read(&self, path: &str) -> Result<Vec<u8>, WorldError> {
        let _ = path;
        Err(WorldError::NotAvailable)
    }

    /// What there is under a path; `None` if nothing.
    fn look(&self, path: &str) -> Result<Option<PathKind>, WorldError> {
        let _ = path;
        Err(WorldError::NotAvailable)
    }

    /// The names in a folder and what they are, in any order.
    fn list(&self, folder: &str) -> Result<Vec<(String, PathKind)>, WorldError> {
        let _ = folder;
        Err(WorldError::NotAvailable)
    }

    /// The absolute folder from which relative paths start: that of the file being evaluated.
    fn base_folder(&self) -> Result<String, WorldError> {
        Err(WorldError::NotAvailable)
    }

    /// What `~` stands for.
    fn home_folder(&self) -> Result<String, WorldError> {
        Err(WorldError::NotAvailable)
    }

    /// The time since the start of 1970, UTC.
    fn now(&self) -> Result<Duration, WorldError> {
        Err(WorldError::NotAvailable)
    }

    /// Fills a buffer with random bytes.
    fn random(&self, buffer: &mut [u8]) -> Result<(), WorldError> {
        let _ = buffer;
        Err(WorldError::NotAvailable)
    }
}

/// What a path leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PathKind {
    File,
    Folder,
    Other,
}

/// Why the world does not answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum WorldError {
    /// There is no world here, or this part of it is closed.
    NotAvailable,
    NotFound,
    /// Anything else, in a sentence.
    Other(String),
}

impl fmt::Display for WorldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAvailable => "this function is not available here",
            Self::NotFound => "there is no such file",
            Self::Other(message) => message,
        })
    }
}

impl std::error::Error for WorldError {}

/// A world in which there is nothing.
#[derive(Clone, Copy, Debug)]
pub struct Nowhere;

impl World for Nowhere {}
