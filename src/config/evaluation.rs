//! One unit, evaluated once: what all its files share.
//!
//! Loading makes an evaluation per unit in which outputs are unknown; preparing makes another one
//! over the same syntax in which they are given. Nothing else differs between the two.

use std::cell::RefCell;
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use terrane_hcl::{Budget, Diagnostic, Diagnostics, Location, Text, Value};

use super::config_file::ConfigFile;
use super::dependency::OutputSource;
use super::options::LoadOptions;
use super::reader::{ByPath, Reader};
use super::trace::{ReadKind, Recording, Trace};

pub(crate) struct Evaluation<'e> {
    pub(crate) reader: &'e Reader<'e>,
    pub(crate) options: &'e LoadOptions,
    /// The folder that `get_original_terragrunt_dir()` names.
    pub(crate) unit_folder: Utf8PathBuf,
    pub(crate) outputs: &'e dyn OutputSource,
    pub(crate) mode: Mode,
    pub(crate) budget: Budget,
    pub(crate) trace: Trace,
    /// Files that are being read because of one another, the unit's own first.
    reading: RefCell<Vec<Utf8PathBuf>>,
    /// Locals that wait for one another.
    waiting: RefCell<Vec<Waiting>>,
    /// What `read_terragrunt_config` gave for this unit.
    read_files: RefCell<ByPath<ReadFile>>,
    /// Whether the unit's own role is being looked for, so that functions which act as it cannot.
    pub(crate) seeks_role: bool,
}

/// What a file came to, and what finding it has touched.
type ReadFile = (Result<Value, Diagnostics>, Rc<Recording>);

/// How one evaluation differs from another.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Mode {
    /// Whether functions may ask the world now. Where they may not, their results are unknown.
    pub(crate) asks: bool,
    /// Whether an unknown attribute of a known name is an unknown value instead of an error, as
    /// Terragrunt's `render` has it.
    pub(crate) lenient: bool,
}

/// A local whose value is being found.
#[derive(Clone, Debug)]
struct Waiting {
    file: u32,
    name: Text,
    place: Location,
}

impl<'e> Evaluation<'e> {
    pub(crate) fn new(
        reader: &'e Reader<'e>,
        options: &'e LoadOptions,
        unit_folder: &Utf8Path,
        outputs: &'e dyn OutputSource,
        mode: Mode,
    ) -> Self {
        Self {
            reader,
            options,
            unit_folder: unit_folder.to_owned(),
            outputs,
            mode,
            budget: Budget::new(options.limits.language),
            trace: Trace::default(),
            reading: RefCell::default(),
            waiting: RefCell::default(),
            read_files: RefCell::default(),
            seeks_role: false,
        }
    }

    /// Another evaluation of the same unit, for nothing but its role.
    pub(crate) fn apart_to_seek_role(&self) -> Self {
        let mut apart = Self::new(
            self.reader,
            self.options,
            &self.unit_folder,
            self.outputs,
            self.mode,
        );
        apart.seeks_role = true;
        apart
    }

    /// Reads a configuration file on behalf of the unit. The error is one clause: why not.
    pub(crate) fn file(&self, path: &Utf8Path) -> Result<Rc<ConfigFile>, String> {
        let limit = self.options.limits.files_per_unit;
        if let Some(reason) = self.trace.refuses_to_read(path, limit) {
            return Err(reason);
        }
        let file = self.reader.file(path).map_err(|error| error.to_string())?;
        self.trace.read(path, ReadKind::Config);
        Ok(file)
    }

    /// Does the reading of one more file within another; refuses circles and endless depth.
    pub(crate) fn while_reading<T>(
        &self,
        path: &Utf8Path,
        work: impl FnOnce() -> Result<T, Diagnostics>,
        refused: impl FnOnce(Diagnostic) -> Diagnostics,
    ) -> Result<T, Diagnostics> {
        let problem = self.reading_problem(path);
        if let Some(problem) = problem {
            return Err(refused(problem));
        }
        self.reading.borrow_mut().push(path.to_owned());
        let result = work();
        self.reading.borrow_mut().pop();
        result
    }

    fn reading_problem(&self, path: &Utf8Path) -> Option<Diagnostic> {
        let reading = self.reading.borrow();
        let shown = |path: &Utf8PathBuf| self.reader.shown(path).into_string();
        if let Some(at) = reading.iter().position(|other| other == path) {
            let mut circle: Vec<String> = reading[at..].iter().map(shown).collect();
            circle.push(shown(&path.to_owned()));
            return Some(
                Diagnostic::error("Files read each other in a circle").detail(format!(
                    "None of them can be read to its end: {}.",
                    circle.join(" reads ")
                )),
            );
        }
        let limit = self.options.limits.read_depth;
        if reading.len() > limit {
            return Some(
                Diagnostic::error("Files are read too deep within each other").detail(format!(
                    "There are more than {limit} files, each read by the one before it:\n{}",
                    reading.iter().map(shown).collect::<Vec<_>>().join("\n")
                )),
            );
        }
        None
    }

    /// Notes that a local is being found; tells the circle if it waits for itself.
    pub(crate) fn begin_local(&self, file: &ConfigFile, name: &Text, place: Location) {
        self.waiting.borrow_mut().push(Waiting {
            file: file.number,
            name: name.clone(),
            place,
        });
    }

    pub(crate) fn end_local(&self) {
        self.waiting.borrow_mut().pop();
    }

    /// The circle that ends in a local which is being found already.
    pub(crate) fn local_circle(&self, file: &ConfigFile, name: &str) -> Diagnostic {
        let waiting = self.waiting.borrow();
        let start = waiting
            .iter()
            .position(|other| other.file == file.number && other.name == name)
            .unwrap_or(0);
        let circle = &waiting[start..];
        let names: Vec<&str> = circle
            .iter()
            .map(|other| other.name.as_str())
            .chain([name])
            .collect();
        let mut diagnostic = Diagnostic::error("Locals depend on each other").detail(format!(
            "None of them can have a value before the others: {}.",
            names.join(" needs ")
        ));
        for (index, other) in circle.iter().enumerate() {
            if index == 0 {
                diagnostic = diagnostic.at(&other.place.source, other.place.span);
            } else {
                let (source, span) = (&other.place.source, other.place.span);
                diagnostic = diagnostic.related(source, span, "which needs this one");
            }
        }
        diagnostic
    }

    /// What a file that was read by this unit before comes to.
    pub(crate) fn remembered_read(&self, path: &Utf8Path) -> Option<Result<Value, Diagnostics>> {
        let known = self.read_files.borrow();
        let (result, recording) = known.get(path.as_str())?;
        self.trace.replay(recording);
        Some(result.clone())
    }

    pub(crate) fn remember_read(
        &self,
        path: &Utf8Path,
        result: &Result<Value, Diagnostics>,
        recording: Rc<Recording>,
    ) {
        self.read_files
            .borrow_mut()
            .insert(path.as_str().into(), (result.clone(), recording));
    }
}

impl std::fmt::Debug for Evaluation<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Evaluation")
            .field("unit_folder", &self.unit_folder)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}
