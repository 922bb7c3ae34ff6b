//! What sticks to values that did not come from the files alone.
//!
//! A value from mocks or from a plan keeps its origin through every operation, so that it can be
//! told in what terraform would be given. A value that waits, for outputs or for an answer from the
//! world, is unknown and says for which of the two.

use terrane_hcl::{Marks, Value};

pub(crate) use crate::model::origin::MOCK;

/// Waits for outputs.
pub(crate) const PENDING_OUTPUTS: Marks = Marks::custom(2);
/// Waits for an answer from the world.
pub(crate) const PENDING_ANSWER: Marks = Marks::custom(3);
/// Stands for an attribute that is not there; never leaves this layer.
const ABSENT: Marks = Marks::custom(4);

pub(crate) fn pending_outputs() -> Value {
    Value::unknown().with_marks(PENDING_OUTPUTS)
}

pub(crate) fn pending_answer() -> Value {
    Value::unknown_of(terrane_hcl::Type::String).with_marks(PENDING_ANSWER)
}

pub(crate) fn absent() -> Value {
    Value::null().with_marks(ABSENT)
}

pub(crate) fn is_absent(value: &Value) -> bool {
    value.marks().contains(ABSENT)
}
