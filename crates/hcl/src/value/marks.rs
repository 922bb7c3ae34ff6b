//! Marks: what sticks to a value through every operation.

use std::fmt;
use std::ops::{BitOr, BitOrAssign};

use super::elements::{Mapping, Sequence};
use super::{Repr, Value};

/// A set of marks. The language knows one of them, [`Marks::SENSITIVE`]; what the others mean is
/// the caller's affair.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Marks(u32);

impl Marks {
    pub const NONE: Marks = Marks(0);
    /// Not to be shown. `sensitive`, `nonsensitive` and `issensitive` speak of this one.
    pub const SENSITIVE: Marks = Marks(1);

    /// One of the 31 marks that the caller gives a meaning, counted from 0.
    ///
    /// # Panics
    /// If there is no mark with this number.
    pub const fn custom(number: u32) -> Self {
        assert!(number < 31, "there are 31 marks besides sensitive");
        Self(1 << (number + 1))
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all the marks of the other are here too.
    pub fn contains(self, other: Marks) -> bool {
        self.0 & other.0 == other.0
    }

    pub fn intersects(self, other: Marks) -> bool {
        self.0 & other.0 != 0
    }

    #[must_use]
    pub fn without(self, other: Marks) -> Self {
        Self(self.0 & !other.0)
    }
}

impl BitOr for Marks {
    type Output = Marks;

    fn bitor(self, other: Marks) -> Marks {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Marks {
    fn bitor_assign(&mut self, other: Marks) {
        self.0 |= other.0;
    }
}

impl fmt::Debug for Marks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Marks({:#b})", self.0)
    }
}

impl Value {
    /// The marks of the value itself, not of what is in it.
    pub fn marks(&self) -> Marks {
        match &self.0 {
            Repr::Null(marks, _)
            | Repr::Unknown(marks, _)
            | Repr::Bool(marks, _)
            | Repr::Number(marks, _)
            | Repr::String(marks, _)
            | Repr::List(marks, _)
            | Repr::Set(marks, _)
            | Repr::Tuple(marks, _)
            | Repr::Map(marks, _)
            | Repr::Object(marks, _) => *marks,
        }
    }

    fn marks_mut(&mut self) -> &mut Marks {
        match &mut self.0 {
            Repr::Null(marks, _)
            | Repr::Unknown(marks, _)
            | Repr::Bool(marks, _)
            | Repr::Number(marks, _)
            | Repr::String(marks, _)
            | Repr::List(marks, _)
            | Repr::Set(marks, _)
            | Repr::Tuple(marks, _)
            | Repr::Map(marks, _)
            | Repr::Object(marks, _) => marks,
        }
    }

    /// The marks of the value and of all that is in it.
    pub fn deep_marks(&self) -> Marks {
        self.marks() | self.contents().marks
    }

    /// Adds marks to the value itself.
    #[must_use]
    pub fn with_marks(mut self, marks: Marks) -> Self {
        *self.marks_mut() |= marks;
        self
    }

    /// Takes marks off the value itself.
    #[must_use]
    pub fn without_marks(mut self, marks: Marks) -> Self {
        *self.marks_mut() = self.marks().without(marks);
        self
    }

    /// The value without marks at any level, and all the marks that were there.
    pub fn unmark_deep(&self) -> (Value, Marks) {
        let marks = self.deep_marks();
        if marks.is_empty() {
            return (self.clone(), marks);
        }
        let bare = if self.contents().marks.is_empty() {
            self.clone()
        } else {
            self.map_children(|child| child.unmark_deep().0)
        };
        (bare.without_marks(marks), marks)
    }

    /// The same collection with each element replaced by one of the same type.
    fn map_children(&self, each: impl Fn(&Value) -> Value) -> Value {
        let items = |sequence: &Sequence| sequence.all().iter().map(&each).collect();
        let entries = |mapping: &Mapping| {
            let entries = mapping.all().iter();
            entries
                .map(|(key, value)| (key.clone(), each(value)))
                .collect()
        };
        let value = match &self.0 {
            Repr::List(_, list) => Self::list_from(list.element().clone(), items(list)),
            Repr::Set(_, set) => Self::set_from(set.element().clone(), items(set)),
            Repr::Tuple(_, tuple) => Self::tuple(items(tuple)),
            Repr::Map(_, map) => Self::map_from(map.element().clone(), entries(map)),
            Repr::Object(_, object) => Self::object_from(entries(object)),
            Repr::Null(..)
            | Repr::Unknown(..)
            | Repr::Bool(..)
            | Repr::Number(..)
            | Repr::String(..) => return self.clone(),
        };
        value.with_marks(self.marks())
    }
}
