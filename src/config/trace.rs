//! What an evaluation touched on its way: files, outputs, questions to the world, and whether its
//! result holds for this unit alone.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashSet};
use std::ops::{BitOr, BitOrAssign};
use std::rc::Rc;

use camino::Utf8Path;
use terrane_hcl::{Location, Text};

use super::mocks::MocksGiven;

/// A file that was read, and by what.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FileRead {
    pub path: Rc<Utf8Path>,
    pub kind: ReadKind,
}

/// How a file came to be read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ReadKind {
    /// Configuration: an include, `read_terragrunt_config`, a values file.
    Config,
    /// `read_tfvars_file`, `sops_decrypt_file`, `mark_as_read` and `mark_glob_as_read`.
    Marked,
    /// `file`, `templatefile` and their kin, which Terragrunt does not count.
    Data,
    /// Code of a module in a folder of this machine.
    Module,
}

/// What a result depends on besides the files that were read.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Dependence(u8);

impl Dependence {
    pub(crate) const NONE: Self = Self(0);
    /// Where the unit lies, or the file that is read as if it were one; what it includes, its values.
    pub(crate) const UNIT: Self = Self(1);
    /// Outputs of other units.
    pub(crate) const OUTPUTS: Self = Self(2);
    /// A question to the world that was not asked.
    pub(crate) const QUESTION: Self = Self(4);
    /// The unit that the whole evaluation is about, seen from a file that it reads.
    pub(crate) const ORIGINAL: Self = Self(8);

    pub(crate) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl BitOr for Dependence {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Dependence {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

/// Outputs of a `dependency` block that an expression asked for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct OutputAsked {
    /// The folder or file that the block names, absolute.
    pub(crate) target: Rc<Utf8Path>,
    pub(crate) label: Text,
}

/// A question to the world that was put off.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct QuestionPutOff {
    pub(crate) function: &'static str,
    pub(crate) place: Location,
}

/// All that was touched so far.
#[derive(Default, Debug)]
pub(crate) struct Trace {
    dependence: Cell<Dependence>,
    /// What this evaluation itself has read, each file once; that of remembered values does not
    /// count, nor what is only marked as read.
    files_read: RefCell<HashSet<Rc<Utf8Path>>>,
    /// How many recordings are being made, one within the other.
    recordings: Cell<usize>,
    touched: RefCell<Touched>,
}

#[derive(Clone, Default, Debug)]
pub(crate) struct Touched {
    pub(crate) files: Vec<FileRead>,
    pub(crate) outputs: BTreeSet<OutputAsked>,
    pub(crate) questions: Vec<QuestionPutOff>,
    pub(crate) mocks: Vec<MocksGiven>,
}

/// What one part of an evaluation touched.
#[derive(Clone, Default, Debug)]
pub(crate) struct Recording {
    pub(crate) dependence: Dependence,
    pub(crate) touched: Touched,
}

impl Trace {
    pub(crate) fn depends_on(&self, more: Dependence) {
        self.dependence.set(self.dependence.get() | more);
    }

    pub(crate) fn read(&self, path: &Utf8Path, kind: ReadKind) {
        let path: Rc<Utf8Path> = path.into();
        match kind {
            ReadKind::Config | ReadKind::Data => {
                self.files_read.borrow_mut().insert(path.clone());
            }
            ReadKind::Marked | ReadKind::Module => {}
        }
        self.touched
            .borrow_mut()
            .files
            .push(FileRead { path, kind });
    }

    pub(crate) fn asked_outputs(&self, asked: OutputAsked) {
        self.depends_on(Dependence::OUTPUTS);
        self.touched.borrow_mut().outputs.insert(asked);
    }

    pub(crate) fn gave_mocks(&self, given: MocksGiven) {
        self.touched.borrow_mut().add_mocks([given]);
    }

    pub(crate) fn put_off(&self, question: QuestionPutOff) {
        self.depends_on(Dependence::QUESTION);
        self.touched.borrow_mut().questions.push(question);
    }

    /// Why one more file may not be read; one that was read before may be read again.
    pub(crate) fn refuses_to_read(&self, path: &Utf8Path, limit: usize) -> Option<String> {
        let read = self.files_read.borrow();
        let is_too_much = read.len() >= limit && !read.contains(path);
        is_too_much.then(|| format!("the unit has read {limit} files already, which is the limit"))
    }

    /// Does a part of the work and tells what it touched; the whole has touched that as well.
    pub(crate) fn record<T>(&self, work: impl FnOnce() -> T) -> (T, Recording) {
        let dependence_before = self.dependence.replace(Dependence::NONE);
        let touched_before = self.touched.take();
        self.recordings.set(self.recordings.get() + 1);
        let result = work();
        self.recordings.set(self.recordings.get() - 1);
        let recording = Recording {
            dependence: self.dependence.get(),
            touched: self.touched.borrow().clone(),
        };
        let touched = self.touched.replace(touched_before);
        self.dependence.set(dependence_before);
        self.add(recording.dependence, touched);
        (result, recording)
    }

    /// Counts what an earlier evaluation of the same unit touched, whose result is used again. What
    /// it touched is known already, but to a recording that is being made.
    pub(crate) fn replay(&self, recording: &Recording) {
        self.depends_on(recording.dependence);
        if self.recordings.get() > 0 {
            self.add(recording.dependence, recording.touched.clone());
        }
    }

    pub(crate) fn replay_files(&self, files: &[FileRead]) {
        self.touched.borrow_mut().files.extend_from_slice(files);
    }

    fn add(&self, dependence: Dependence, more: Touched) {
        self.depends_on(dependence);
        let mut touched = self.touched.borrow_mut();
        touched.files.extend(more.files);
        touched.outputs.extend(more.outputs);
        touched.questions.extend(more.questions);
        touched.add_mocks(more.mocks);
    }

    /// All that was touched; nothing is left.
    pub(crate) fn take(&self) -> Touched {
        self.touched.take()
    }
}

impl Touched {
    /// Each block once, however often it is asked.
    fn add_mocks(&mut self, more: impl IntoIterator<Item = MocksGiven>) {
        for given in more {
            if !self.mocks.contains(&given) {
                self.mocks.push(given);
            }
        }
    }
}
