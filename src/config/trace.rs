//! What an evaluation touched on its way: files, outputs, questions to the world, and whether its
//! result holds for this unit alone.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashSet};
use std::hash::{Hash, Hasher};
use std::ops::{BitOr, BitOrAssign};
use std::rc::Rc;

use camino::Utf8Path;
use terrane_hcl::Text;

use super::mocks::MocksGiven;
use super::questions::AskedFunction;

/// A file that was read, and by what.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct FileRead {
    /// Absolute and clean.
    pub path: Rc<Utf8Path>,
    pub kind: ReadKind,
}

/// By the text: going from name to name, as paths are hashed otherwise, takes ten times as long.
impl Hash for FileRead {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.path.as_str().hash(state);
        self.kind.hash(state);
    }
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

/// All that was touched so far.
#[derive(Default, Debug)]
pub(crate) struct Trace {
    dependence: Cell<Dependence>,
    /// What this evaluation itself has read, each file once; that of remembered values does not
    /// count, nor what is only marked as read.
    files_read: RefCell<HashSet<Rc<Utf8Path>>>,
    /// How many recordings are being made, one within the other.
    recordings: Cell<usize>,
    /// The recordings of which all is in `touched` already.
    contained: RefCell<HashSet<u32>>,
    next_number: Cell<u32>,
    touched: RefCell<Touched>,
}

/// Each thing once, however many ways lead to it: locals that are made of one another repeat what
/// they touched to each of their users, so that lists would grow with the number of ways.
#[derive(Clone, Default, Debug)]
pub(crate) struct Touched {
    pub(crate) files: HashSet<FileRead>,
    pub(crate) outputs: BTreeSet<OutputAsked>,
    pub(crate) questions: Vec<AskedFunction>,
    pub(crate) mocks: Vec<MocksGiven>,
}

/// What one part of an evaluation touched.
#[derive(Debug)]
pub(crate) struct Recording {
    /// Tells the recordings of one evaluation apart.
    number: u32,
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
            .insert(FileRead { path, kind });
    }

    pub(crate) fn asked_outputs(&self, asked: OutputAsked) {
        self.depends_on(Dependence::OUTPUTS);
        self.touched.borrow_mut().outputs.insert(asked);
    }

    pub(crate) fn gave_mocks(&self, given: MocksGiven) {
        add_new(&mut self.touched.borrow_mut().mocks, &[given]);
    }

    pub(crate) fn put_off(&self, question: AskedFunction) {
        self.depends_on(Dependence::QUESTION);
        add_new(&mut self.touched.borrow_mut().questions, &[question]);
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
        let contained_before = self.contained.take();
        self.recordings.set(self.recordings.get() + 1);
        let result = work();
        self.recordings.set(self.recordings.get() - 1);
        let number = self.next_number.get();
        self.next_number.set(number + 1);
        let recording = Recording {
            number,
            dependence: self.dependence.replace(dependence_before),
            touched: self.touched.replace(touched_before),
        };
        self.contained.replace(contained_before);
        self.depends_on(recording.dependence);
        self.contain(&recording);
        (result, recording)
    }

    /// Counts what an earlier evaluation of the same unit touched, whose result is used again. What
    /// it touched is known already, but to a recording that is being made.
    pub(crate) fn replay(&self, recording: &Recording) {
        self.depends_on(recording.dependence);
        if self.recordings.get() > 0 {
            self.contain(recording);
        }
    }

    pub(crate) fn replay_files(&self, files: &[FileRead]) {
        self.touched
            .borrow_mut()
            .files
            .extend(files.iter().cloned());
    }

    /// Adds what a recording touched; nothing the second time, as in a loop over a local.
    fn contain(&self, recording: &Recording) {
        if !self.contained.borrow_mut().insert(recording.number) {
            return;
        }
        let mut touched = self.touched.borrow_mut();
        let more = &recording.touched;
        touched.files.extend(more.files.iter().cloned());
        touched.outputs.extend(more.outputs.iter().cloned());
        add_new(&mut touched.questions, &more.questions);
        add_new(&mut touched.mocks, &more.mocks);
    }

    /// All that was touched; nothing is left.
    pub(crate) fn take(&self) -> Touched {
        self.contained.take();
        self.touched.take()
    }
}

/// Adds what is not there yet; in the order of the first time.
fn add_new<T: Clone + PartialEq>(known: &mut Vec<T>, more: &[T]) {
    for one in more {
        if !known.contains(one) {
            known.push(one.clone());
        }
    }
}
