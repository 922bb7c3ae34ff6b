//! What collections are made of.

use triomphe::{Arc, HeaderWithLength, ThinArc};

use super::{Marks, Repr, Value};
use crate::Text;
use crate::ty::Type;

/// The elements of a list, set or tuple; the element type of a tuple is not looked at.
pub(super) type Sequence = Elements<Value>;

/// The entries of a map or object, ordered by key; the element type of an object is not looked at.
pub(super) type Mapping = Elements<(Text, Value)>;

/// Shared elements, in one piece of memory with what is known of them.
pub(super) struct Elements<T>(ThinArc<Head, T>);

struct Head {
    element: Type,
    contents: Contents,
}

/// What is known of a collection's elements, all levels down.
#[derive(Clone, Copy, Default)]
pub(super) struct Contents {
    pub(super) bytes: u64,
    pub(super) depth: u32,
    pub(super) has_unknown: bool,
    pub(super) marks: Marks,
}

/// What has a value in it.
pub(super) trait Element {
    fn value(&self) -> &Value;
}

impl Element for Value {
    fn value(&self) -> &Value {
        self
    }
}

impl Element for (Text, Value) {
    fn value(&self) -> &Value {
        &self.1
    }
}

impl<T: Element> Elements<T> {
    /// Takes what is in the vector, and leaves its memory to be filled again.
    pub(super) fn drained(element: Type, all: &mut Vec<T>) -> Self {
        let contents = Contents::of(all.iter().map(T::value), 1);
        let head = Head { element, contents };
        Self(ThinArc::from_header_and_iter(head, all.drain(..)))
    }

    pub(super) fn of(element: Type, all: Vec<T>) -> Self {
        let contents = Contents::of(all.iter().map(T::value), 1);
        let head = HeaderWithLength::new(Head { element, contents }, all.len());
        Self(Arc::into_thin(Arc::from_header_and_vec(head, all)))
    }

    /// Takes what an iterator has, and puts it in order where it will stay.
    pub(super) fn collected(
        element: Type,
        all: impl Iterator<Item = T>,
        order: impl FnOnce(&mut [T]),
    ) -> Self {
        let (least, most) = all.size_hint();
        if most != Some(least) {
            let mut all: Vec<T> = all.collect();
            order(&mut all);
            return Self::of(element, all);
        }
        let contents = Contents::default();
        let head = Head { element, contents };
        let mut collected = ThinArc::from_header_and_iter(head, Counted(all));
        collected.with_arc_mut(|shared| {
            let shared = Arc::get_mut(shared).expect("nobody else has it yet");
            order(shared.slice_mut());
            let contents = Contents::of(shared.slice().iter().map(T::value), 1);
            shared.header_mut().contents = contents;
        });
        Self(collected)
    }

    pub(super) fn all(&self) -> &[T] {
        &self.0.slice
    }

    pub(super) fn element(&self) -> &Type {
        &self.0.header.header.element
    }

    pub(super) fn contents(&self) -> &Contents {
        &self.0.header.header.contents
    }

    pub(super) fn own_bytes(&self) -> u64 {
        (size_of::<Head>() + size_of_val(self.all())) as u64
    }
}

/// An iterator that knows how much it has.
struct Counted<I>(I);

impl<I: Iterator> Iterator for Counted<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<I: Iterator> ExactSizeIterator for Counted<I> {}

impl<T> Clone for Elements<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl Contents {
    pub(super) fn of<'a>(values: impl Iterator<Item = &'a Value>, levels: u32) -> Self {
        let mut all = Self {
            depth: levels,
            ..Self::default()
        };
        for value in values {
            all.marks |= value.marks();
            match &value.0 {
                Repr::Null(..) | Repr::Bool(..) | Repr::Number(..) => {}
                Repr::Unknown(..) => all.has_unknown = true,
                Repr::String(_, text) => {
                    all.bytes = all.bytes.saturating_add(text.len() as u64);
                }
                Repr::List(_, sequence) | Repr::Set(_, sequence) | Repr::Tuple(_, sequence) => {
                    all.add(sequence.contents(), sequence.own_bytes(), levels);
                }
                Repr::Map(_, mapping) | Repr::Object(_, mapping) => {
                    all.add(mapping.contents(), mapping.own_bytes(), levels);
                }
            }
        }
        all
    }

    /// Adds a collection so many levels further in.
    fn add(&mut self, inner: &Self, own_bytes: u64, levels: u32) {
        let bytes = own_bytes.saturating_add(inner.bytes);
        self.bytes = self.bytes.saturating_add(bytes);
        self.depth = self.depth.max(levels + inner.depth);
        self.has_unknown |= inner.has_unknown;
        self.marks |= inner.marks;
    }
}
