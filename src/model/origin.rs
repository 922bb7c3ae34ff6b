//! Where a value came from, as marks that stick to it through every expression.

use terrane_hcl::{Marks, Value};

use super::Origin;

/// It is made of a mock output.
pub const MOCK: Marks = Marks::custom(0);
/// It is made of an output that a plan announces and no state holds.
pub const PLANNED: Marks = Marks::custom(1);

/// The marks of values of this origin.
pub fn marks_of(origin: Origin) -> Marks {
    match origin {
        Origin::State => Marks::NONE,
        Origin::Planned => PLANNED,
        Origin::Mock => MOCK,
    }
}

/// The least trustworthy origin of anything in the value.
pub fn origin_of(value: &Value) -> Origin {
    let marks = value.deep_marks();
    if marks.contains(MOCK) {
        Origin::Mock
    } else if marks.contains(PLANNED) {
        Origin::Planned
    } else {
        Origin::State
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_trustworthy_part_decides() {
        let mock = Value::from("vpc-mock").with_marks(marks_of(Origin::Mock));
        let planned = Value::from(1).with_marks(marks_of(Origin::Planned));
        let state = Value::from(true).with_marks(marks_of(Origin::State));
        assert_eq!(origin_of(&state), Origin::State);
        assert_eq!(
            origin_of(&Value::tuple([state.clone(), planned.clone()])),
            Origin::Planned
        );
        assert_eq!(
            origin_of(&Value::tuple([mock, planned, state])),
            Origin::Mock
        );
    }
}
