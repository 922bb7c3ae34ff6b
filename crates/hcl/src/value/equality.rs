//! When values are equal: for the language, and for a program.

use super::{Mapping, Repr, Sequence, Value};

impl Value {
    /// The `==` of the language: values of different types are never equal, and nothing is
    /// converted; all nulls are equal to each other. `None` if it depends on something unknown.
    pub fn equals(&self, other: &Value) -> Option<bool> {
        match (&self.repr, &other.repr) {
            (Repr::Null(_), Repr::Null(_)) => Some(true),
            (Repr::Unknown(_), _) | (_, Repr::Unknown(_)) => match (self, other) {
                (a, b) if a.is_null() || b.is_null() || (a.is_unknown() && b.is_unknown()) => None,
                (a, b) => may_be_equal(a, b),
            },
            _ => self.equals_within(other),
        }
    }

    /// Equality of what stands in collections, where the types of nulls count too.
    fn equals_within(&self, other: &Value) -> Option<bool> {
        match (&self.repr, &other.repr) {
            (Repr::Unknown(_), _) | (_, Repr::Unknown(_)) => may_be_equal(self, other),
            (Repr::Null(a), Repr::Null(b)) => Some(a == b),
            (Repr::Bool(a), Repr::Bool(b)) => Some(a == b),
            (Repr::Number(a), Repr::Number(b)) => Some(a == b),
            (Repr::String(a), Repr::String(b)) => Some(a == b),
            (Repr::List(a), Repr::List(b)) | (Repr::Set(a), Repr::Set(b)) => {
                sequences(a, b, a.element == b.element)
            }
            (Repr::Tuple(a), Repr::Tuple(b)) => sequences(a, b, true),
            (Repr::Map(a), Repr::Map(b)) => mappings(a, b, a.element == b.element),
            (Repr::Object(a), Repr::Object(b)) => mappings(a, b, true),
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
    if !same_type || a.items.len() != b.items.len() {
        return Some(false);
    }
    all(a.items.iter().zip(&b.items))
}

fn mappings(a: &Mapping, b: &Mapping, same_type: bool) -> Option<bool> {
    let pairs = || a.entries.iter().zip(&b.entries);
    let same_keys = a.entries.len() == b.entries.len() && pairs().all(|(a, b)| a.0 == b.0);
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
        let items = |a: &Sequence, b: &Sequence| a.element == b.element && a.items == b.items;
        let entries = |a: &Mapping, b: &Mapping| a.element == b.element && a.entries == b.entries;
        self.marks == other.marks
            && match (&self.repr, &other.repr) {
                (Repr::Null(a), Repr::Null(b)) | (Repr::Unknown(a), Repr::Unknown(b)) => a == b,
                (Repr::Bool(a), Repr::Bool(b)) => a == b,
                (Repr::Number(a), Repr::Number(b)) => a == b,
                (Repr::String(a), Repr::String(b)) => a == b,
                (Repr::List(a), Repr::List(b))
                | (Repr::Set(a), Repr::Set(b))
                | (Repr::Tuple(a), Repr::Tuple(b)) => items(a, b),
                (Repr::Map(a), Repr::Map(b)) | (Repr::Object(a), Repr::Object(b)) => entries(a, b),
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
