//! How much a text may ask for, so that no input hangs, overflows the stack or eats the memory.
//!
//! [`Limits`] are plain numbers given by the caller. A [`Budget`] counts against them and may be
//! shared by evaluations that ask one another for values, so that a loop over many files ends too.

use std::cell::{Cell, RefCell};

use crate::Text;
use crate::value::Value;

/// The limits of parsing and evaluating. Reaching one ends in a located diagnostic.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Bytes of one source.
    pub source_bytes: u32,
    /// How deep blocks, brackets, templates and operators may stand within each other in one text.
    pub nesting: u32,
    /// Items of one literal collection, arguments of one call, attributes and blocks of one body.
    pub items: u32,
    /// Syntax nodes evaluated, and elements looked at by functions and conversions.
    pub steps: u64,
    /// Syntax nodes waiting for one another, counted through all evaluations that share a budget.
    pub evaluation_depth: u32,
    /// Bytes of the thread's stack that these evaluations may use, the host's part included. A guard
    /// behind `evaluation_depth`, which does not know how much a level needs.
    pub stack_bytes: usize,
    /// Bytes of one value, shared parts counted each time they occur.
    pub value_bytes: u64,
    /// Bytes of all values made.
    pub total_bytes: u64,
    /// How deep collections may be nested in a value.
    pub value_depth: u32,
    /// Elements of a collection that a function or a `for` expression makes.
    pub collection_items: u64,
}

impl Default for Limits {
    /// Generous for people, small for machines. A stack of 2 MiB is enough for them.
    fn default() -> Self {
        Self {
            source_bytes: 16 << 20,
            nesting: 100,
            items: 100_000,
            steps: 10_000_000,
            evaluation_depth: 500,
            stack_bytes: 1 << 20,
            value_bytes: 16 << 20,
            total_bytes: 128 << 20,
            value_depth: 128,
            collection_items: 1_000_000,
        }
    }
}

/// What is left of the limits.
#[derive(Debug)]
pub struct Budget {
    limits: Limits,
    /// How many steps there may still be: none any more once a limit was reached.
    steps_left: Cell<u64>,
    bytes: Cell<u64>,
    depth: Cell<u32>,
    /// The address up to which the stack may grow, downwards as it does wherever this runs.
    stack_end: Cell<usize>,
    exhausted: Cell<bool>,
    /// Memory for texts and collections that are being made.
    spare: Spare,
}

/// Memory that was used and is empty again.
#[derive(Debug, Default)]
struct Spare {
    text: RefCell<String>,
    values: Vectors<Value>,
    entries: Vectors<(Text, Value)>,
}

/// The limit that was reached: the field of [`Limits`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exceeded {
    Steps,
    EvaluationDepth,
    StackBytes,
    ValueBytes,
    TotalBytes,
    ValueDepth,
    CollectionItems,
}

impl Exceeded {
    /// What there is too much of, in words.
    pub(crate) fn what(self) -> &'static str {
        match self {
            Self::Steps => "evaluation steps",
            Self::EvaluationDepth => "levels of evaluation",
            Self::StackBytes => "bytes of stack in use",
            Self::ValueBytes => "bytes in one value",
            Self::TotalBytes => "bytes in all values",
            Self::ValueDepth => "levels in one value",
            Self::CollectionItems => "items in one collection",
        }
    }

    /// The name of the limit, and how much it allows.
    pub(crate) fn limit(self, limits: &Limits) -> (&'static str, u64) {
        match self {
            Self::Steps => ("steps", limits.steps),
            Self::EvaluationDepth => ("evaluation_depth", limits.evaluation_depth.into()),
            Self::StackBytes => ("stack_bytes", limits.stack_bytes as u64),
            Self::ValueBytes => ("value_bytes", limits.value_bytes),
            Self::TotalBytes => ("total_bytes", limits.total_bytes),
            Self::ValueDepth => ("value_depth", limits.value_depth.into()),
            Self::CollectionItems => ("collection_items", limits.collection_items),
        }
    }
}

impl Budget {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            steps_left: Cell::new(limits.steps),
            bytes: Cell::new(0),
            depth: Cell::new(0),
            stack_end: Cell::new(0),
            exhausted: Cell::new(false),
            spare: Spare::default(),
        }
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Whether a limit was reached; nothing evaluates any more after that, also within `try`.
    pub fn is_exhausted(&self) -> bool {
        self.exhausted.get()
    }

    /// The steps that were counted; all that there may be, once a limit was reached.
    pub fn steps_taken(&self) -> u64 {
        self.limits.steps - self.steps_left.get()
    }

    /// Counts work: one step is about one syntax node or one element.
    #[inline]
    pub fn take_steps(&self, count: u64) -> Result<(), Exceeded> {
        let Some(left) = self.steps_left.get().checked_sub(count) else {
            return Err(self.exhaust(Exceeded::Steps));
        };
        self.steps_left.set(left);
        Ok(())
    }

    /// Notes where on the stack an evaluation begins, unless another waits for it.
    pub(crate) fn begin(&self) {
        if self.depth.get() == 0 {
            let end = stack_address().saturating_sub(self.limits.stack_bytes);
            self.stack_end.set(end);
        }
    }

    /// Counts a level that waits for another; [`Budget::leave`] ends it.
    #[inline]
    pub(crate) fn enter(&self) -> Result<(), Exceeded> {
        let depth = self.depth.get() + 1;
        if depth > self.limits.evaluation_depth {
            return Err(self.exhaust(Exceeded::EvaluationDepth));
        }
        if stack_address() < self.stack_end.get() {
            return Err(self.exhaust(Exceeded::StackBytes));
        }
        self.depth.set(depth);
        Ok(())
    }

    #[inline]
    pub(crate) fn leave(&self) {
        self.depth.set(self.depth.get() - 1);
    }

    /// Looks at the size of a value that was just made and counts its own part of it.
    #[inline]
    pub fn keep(&self, value: &Value) -> Result<(), Exceeded> {
        let size = value.size();
        if size.bytes > self.limits.value_bytes {
            return Err(self.exhaust(Exceeded::ValueBytes));
        }
        if size.depth > self.limits.value_depth {
            return Err(self.exhaust(Exceeded::ValueDepth));
        }
        let bytes = self.bytes.get().saturating_add(size.own_bytes);
        self.bytes.set(bytes);
        if bytes > self.limits.total_bytes {
            return Err(self.exhaust(Exceeded::TotalBytes));
        }
        Ok(())
    }

    /// Looks at the size of a collection before it is made.
    pub fn expect_items(&self, count: u64) -> Result<(), Exceeded> {
        if count > self.limits.collection_items {
            return Err(self.exhaust(Exceeded::CollectionItems));
        }
        Ok(())
    }

    /// Looks at the levels of a value before it is made.
    pub fn expect_depth(&self, levels: usize) -> Result<(), Exceeded> {
        if levels as u64 > u64::from(self.limits.value_depth) {
            return Err(self.exhaust(Exceeded::ValueDepth));
        }
        Ok(())
    }

    /// Looks at the size of a text before it is made.
    pub fn expect_bytes(&self, count: u64) -> Result<(), Exceeded> {
        if count > self.limits.value_bytes {
            return Err(self.exhaust(Exceeded::ValueBytes));
        }
        Ok(())
    }

    /// An empty text to write into, with the memory that the last one had. It goes back with
    /// [`Budget::return_buffer`]; where it does not, the next begins with new memory.
    pub(crate) fn take_buffer(&self) -> String {
        let mut text = self.spare.text.take();
        if text.capacity() == 0 {
            text.reserve(Self::FIRST_BUFFER);
        }
        text
    }

    pub(crate) fn return_buffer(&self, mut text: String) {
        if text.capacity() <= Self::LARGEST_BUFFER {
            text.clear();
            self.spare.text.replace(text);
        }
    }

    /// Few texts are longer, so that growing is rare.
    const FIRST_BUFFER: usize = 512;

    /// More memory than this is not held back for texts yet to come.
    const LARGEST_BUFFER: usize = 64 << 10;

    /// An empty vector for the elements of a tuple or the arguments of a call. It goes back with
    /// [`Budget::return_values`].
    pub(crate) fn take_values(&self) -> Vec<Value> {
        self.spare.values.take_one()
    }

    pub(crate) fn return_values(&self, values: Vec<Value>) {
        self.spare.values.hold_back(values);
    }

    /// An empty vector for the entries of an object. It goes back with [`Budget::return_entries`].
    pub(crate) fn take_entries(&self) -> Vec<(Text, Value)> {
        self.spare.entries.take_one()
    }

    pub(crate) fn return_entries(&self, entries: Vec<(Text, Value)>) {
        self.spare.entries.hold_back(entries);
    }

    /// Nothing evaluates any more after this.
    #[cold]
    fn exhaust(&self, limit: Exceeded) -> Exceeded {
        self.exhausted.set(true);
        self.steps_left.set(0);
        limit
    }
}

/// An address at the end of the stack that is in use.
#[inline]
fn stack_address() -> usize {
    let marker = 0u8;
    std::ptr::from_ref(&marker).addr()
}

/// Empty vectors with memory.
#[derive(Debug)]
struct Vectors<T>(RefCell<Vec<Vec<T>>>);

impl<T> Default for Vectors<T> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<T> Vectors<T> {
    /// Most collections that are written down are no longer than a new vector is.
    const FIRST_ELEMENTS: usize = 16;
    const MOST_ELEMENTS: usize = 256;
    const MOST_VECTORS: usize = 32;

    fn take_one(&self) -> Vec<T> {
        let spare = self.0.borrow_mut().pop();
        spare.unwrap_or_else(|| Vec::with_capacity(Self::FIRST_ELEMENTS))
    }

    /// Keeps the memory of a vector, unless it or all that is kept is large.
    fn hold_back(&self, mut vector: Vec<T>) {
        vector.clear();
        let mut spare = self.0.borrow_mut();
        if spare.len() < Self::MOST_VECTORS
            && (1..=Self::MOST_ELEMENTS).contains(&vector.capacity())
        {
            spare.push(vector);
        }
    }
}
