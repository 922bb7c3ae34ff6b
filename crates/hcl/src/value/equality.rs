//! When values are equal: for the language, and for a program.

use super::elements::{Mapping, Sequence};
use super::{Repr, Value};

impl Value {
    /// The `==` of the language: values of different types are never equal, and nothing is
    /// converted; all nulls are equal to each other. `None` if it depends on something unknown.
    pub fn equals(&self, other: &Value) -> Option<bool> {
        match (&self.0, &other.0) {
            (Repr::Null(..), Repr::Null(..)) => Some(true),
            (Repr::Unknown(..), _) | (_, Repr::Unknown(..)) => match (self, other) {
                (a, b) if a.is_null() || b.is_null() || (a.is_unknown() && b.is_unknown()) => None,
                (a, b) => may_be_equal(a, b),
            },
            _ => self.equals_within(other),
        }
    }

    /// Equality of what stands in collections, where the types of nulls count too.
    fn equals_within(&self, other: &Value) -> Option<bool> {
        match (&self.0, &other.0) {
            (Repr::Unknown(..), _) | (_, Repr::Unknown(..)) => may_be_equal(self, other),
            (Repr::Null(_, a), Repr::Null(_, b)) => Some(a == b),
            (Repr::Bool(_, a), Repr::Bool(_, b)) => Some(a == b),
            (Repr::Number(_, a), Repr::Number(_, b)) => Some(a == b),
            (Repr::String(_, a), Repr::String(_, b)) => Some(a == b),
            (Repr::List(_, a), Repr::List(_, b)) | (Repr::Set(_, a), Repr::Set(_, b)) => {
                sequences(a, b, a.element() == b.element())
            }
            (Repr::Tuple(_, a), Repr::Tuple(_, b)) => sequences(a, b, true),
            (Repr::Map(_, a), Repr::Map(_, b)) => mappings(a, b, a.element() == b.element()),
            (Repr::Object(_, a), Repr::Object(_, b)) => mappings(a, b, true),
            _ => Some(false),
        }
    }
}

/// With one side unknown, only the types can tell that two values differ.
fn may_be_equal(a: &Value, b: &Value) -> Option<bool> {
    let (a, b) = (a.ty(), b.ty());
    (!a.contains_dynamic() && !b.contains_dynamic() && a != b).then_some(false)
}

fn sequences(a: &Sequence, b: &Sequence, same_type: bool) -> Option<bool> {
    if !same_type || a.all().len() != b.all().len() {
        return Some(false);
    }
    all(a.all().iter().zip(b.all()))
}

fn mappings(a: &Mapping, b: &Mapping, same_type: bool) -> Option<bool> {
    let pairs = || a.all().iter().zip(b.all());
    let same_keys = a.all().len() == b.all().len() && pairs().all(|(a, b)| a.0 == b.0);
    if !same_type || !same_keys {
        return Some(false);
    }
    all(pairs().map(|(a, b)| (&a.1, &b.1)))
}

/// Different if some pair differs, else unknown if some pair is.
fn all<'a>(pairs: impl Iterator<Item = (&'a Value, &'a Value)>) -> Option<bool> {
    let mut result = Some(true);
    for (a, b) in pairs {
        match a.equals_within(b) {
            Some(true) => {}
            Some(false) => return Some(false),
            None => result = None,
        }
    }
    result
}

/// The same value: type, marks and unknown parts included.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        let items = |a: &Sequence, b: &Sequence| a.element() == b.element() && a.all() == b.all();
        let entries = |a: &Mapping, b: &Mapping| a.element() == b.element() && a.all() == b.all();
        self.marks() == other.marks()
            && match (&self.0, &other.0) {
                (Repr::Null(_, a), Repr::Null(_, b))
                | (Repr::Unknown(_, a), Repr::Unknown(_, b)) => a == b,
                (Repr::Bool(_, a), Repr::Bool(_, b)) => a == b,
                (Repr::Number(_, a), Repr::Number(_, b)) => a == b,
                (Repr::String(_, a), Repr::String(_, b)) => a == b,
                (Repr::List(_, a), Repr::List(_, b))
                | (Repr::Set(_, a), Repr::Set(_, b))
                | (Repr::Tuple(_, a), Repr::Tuple(_, b)) => items(a, b),
                (Repr::Map(_, a), Repr::Map(_, b)) | (Repr::Object(_, a), Repr::Object(_, b)) => {
                    entries(a, b)
                }
                _ => false,
            }
    }
}

impl Eq for Value {}

impl Value {
    /// Whether all values have one type.
    pub(crate) fn have_one_type(values: &[Value]) -> bool {
        let Some((first, rest)) = values.split_first() else {
            return true;
        };
        let ty = first.ty();
        rest.iter().all(|value| value.ty() == ty)
    }
}
