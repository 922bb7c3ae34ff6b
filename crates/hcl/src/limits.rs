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
    steps: Cell<u64>,
    /// How many steps there may be: none any more once a limit was reached.
    most_steps: Cell<u64>,
    bytes: Cell<u64>,
    depth: Cell<u32>,
    /// The address of something on the stack where the outermost evaluation began.
    stack_start: Cell<usize>,
    exhausted: Cell<bool>,
    /// Memory for texts and collections that are being made.
    spare: Spare,
}

/// Memory that was used and is empty again.
#[derive(Debug, Default)]
struct Spare {
    text: RefCell<String>,
    values: RefCell<Vec<Vec<Value>>>,
    entries: RefCell<Vec<Vec<(Text, Value)>>>,
}

/// The limit that was reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Exceeded {
    /// What there is too much of, in words.
    pub what: &'static str,
    /// The field of [`Limits`].
    pub name: &'static str,
    pub limit: u64,
}

impl Budget {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            steps: Cell::new(0),
            most_steps: Cell::new(limits.steps),
            bytes: Cell::new(0),
            depth: Cell::new(0),
            stack_start: Cell::new(0),
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

    pub fn steps_taken(&self) -> u64 {
        self.steps.get()
    }

    /// Counts work: one step is about one syntax node or one element.
    pub fn take_steps(&self, count: u64) -> Result<(), Exceeded> {
        let steps = self.steps.get().saturating_add(count);
        self.steps.set(steps);
        if steps > self.most_steps.get() {
            return Err(self.exceeded("evaluation steps", "steps", self.limits.steps));
        }
        Ok(())
    }

    /// Counts a level that waits for another; [`Budget::leave`] ends it.
    pub fn enter(&self) -> Result<(), Exceeded> {
        let marker = 0u8;
        let stack = std::ptr::from_ref(&marker).addr();
        let depth = self.depth.get() + 1;
        if depth == 1 {
            self.stack_start.set(stack);
        }
        if depth > self.limits.evaluation_depth {
            let limit = u64::from(self.limits.evaluation_depth);
            return Err(self.exceeded("levels of evaluation", "evaluation_depth", limit));
        }
        if self.stack_start.get().abs_diff(stack) > self.limits.stack_bytes {
            let limit = self.limits.stack_bytes as u64;
            return Err(self.exceeded("bytes of stack in use", "stack_bytes", limit));
        }
        self.depth.set(depth);
        Ok(())
    }

    pub fn leave(&self) {
        self.depth.set(self.depth.get().saturating_sub(1));
    }

    /// Looks at the size of a value that was just made and counts its own part of it.
    #[inline]
    pub fn keep(&self, value: &Value) -> Result<(), Exceeded> {
        let size = value.size();
        if size.bytes > self.limits.value_bytes {
            let limit = self.limits.value_bytes;
            return Err(self.exceeded("bytes in one value", "value_bytes", limit));
        }
        if size.depth > self.limits.value_depth {
            let limit = u64::from(self.limits.value_depth);
            return Err(self.exceeded("levels in one value", "value_depth", limit));
        }
        let bytes = self.bytes.get().saturating_add(size.own_bytes);
        self.bytes.set(bytes);
        if bytes > self.limits.total_bytes {
            let limit = self.limits.total_bytes;
            return Err(self.exceeded("bytes in all values", "total_bytes", limit));
        }
        Ok(())
    }

    /// Looks at the size of a collection before it is made.
    pub fn expect_items(&self, count: u64) -> Result<(), Exceeded> {
        if count > self.limits.collection_items {
            let limit = self.limits.collection_items;
            return Err(self.exceeded("items in one collection", "collection_items", limit));
        }
        Ok(())
    }

    /// Looks at the levels of a value before it is made.
    pub fn expect_depth(&self, levels: usize) -> Result<(), Exceeded> {
        let limit = u64::from(self.limits.value_depth);
        if levels as u64 > limit {
            return Err(self.exceeded("levels in one value", "value_depth", limit));
        }
        Ok(())
    }

    /// Looks at the size of a text before it is made.
    pub fn expect_bytes(&self, count: u64) -> Result<(), Exceeded> {
        if count > self.limits.value_bytes {
            let limit = self.limits.value_bytes;
            return Err(self.exceeded("bytes in one value", "value_bytes", limit));
        }
        Ok(())
    }

    /// An empty text to write into, with the memory that the last one had. It goes back with
    /// [`Budget::return_buffer`]; where it does not, the next begins with none.
    pub(crate) fn take_buffer(&self) -> String {
        self.spare.text.take()
    }

    pub(crate) fn return_buffer(&self, mut text: String) {
        if text.capacity() <= Self::LARGEST_BUFFER {
            text.clear();
            self.spare.text.replace(text);
        }
    }

    /// More memory than this is not held back for texts yet to come.
    const LARGEST_BUFFER: usize = 64 << 10;

    /// An empty vector for the elements of a tuple or the arguments of a call. It goes back with
    /// [`Budget::return_values`].
    pub(crate) fn take_values(&self) -> Vec<Value> {
        self.spare.values.borrow_mut().pop().unwrap_or_default()
    }

    pub(crate) fn return_values(&self, values: Vec<Value>) {
        hold_back(&self.spare.values, values);
    }

    /// An empty vector for the entries of an object. It goes back with [`Budget::return_entries`].
    pub(crate) fn take_entries(&self) -> Vec<(Text, Value)> {
        self.spare.entries.borrow_mut().pop().unwrap_or_default()
    }

    pub(crate) fn return_entries(&self, entries: Vec<(Text, Value)>) {
        hold_back(&self.spare.entries, entries);
    }

    fn exceeded(&self, what: &'static str, name: &'static str, limit: u64) -> Exceeded {
        self.exhausted.set(true);
        self.most_steps.set(0);
        Exceeded { what, name, limit }
    }
}

/// Keeps the memory of a vector, unless it or all that is kept is large.
fn hold_back<T>(spare: &RefCell<Vec<Vec<T>>>, mut vector: Vec<T>) {
    const MOST_VECTORS: usize = 32;
    const MOST_ELEMENTS: usize = 256;
    vector.clear();
    let mut spare = spare.borrow_mut();
    if spare.len() < MOST_VECTORS && (1..=MOST_ELEMENTS).contains(&vector.capacity()) {
        spare.push(vector);
    }
}
