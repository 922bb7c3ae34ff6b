//! Functions that ask the world: they are put off until an edge, a role or a state location needs
//! their answer, so that looking at a tree starts no process and calls nobody.

use terrane_hcl::{Arguments, Location, Value};

use super::marks::pending_answer;
use super::scope::View;

/// A function that was asked although nothing may be: it and its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AskedFunction {
    pub function: &'static str,
    pub place: Location,
}

/// The stand-in for an answer that is not asked for now.
pub(crate) fn put_off(
    view: &View<'_>,
    arguments: &Arguments<'_>,
    function: &'static str,
) -> Option<Value> {
    if view.evaluation.mode.asks {
        return None;
    }
    view.evaluation.trace.put_off(AskedFunction {
        function,
        place: arguments.location(),
    });
    Some(pending_answer())
}
