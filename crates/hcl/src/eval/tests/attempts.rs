//! What the host learns of `try`, `can` and branches that are not chosen.

use std::cell::RefCell;

use crate::eval::Context;
use crate::host::{Host, Resolved, RootError};
use crate::limits::Limits;
use crate::references::Reference;
use crate::testing::evaluate_with;
use crate::value::Value;

/// Knows every name, and notes which ones were only attempted.
#[derive(Default)]
struct Listener(RefCell<Vec<String>>);

impl Host for Listener {
    fn root(&self, reference: &Reference<'_>, _: &Context<'_>) -> Result<Resolved, RootError> {
        let how = if reference.attempted { "?" } else { "" };
        self.0.borrow_mut().push(format!("{}{how}", reference.name));
        Ok(Resolved::whole(Value::from(true)))
    }

    fn root_names(&self) -> Vec<String> {
        Vec::new()
    }
}

#[test]
fn the_host_knows_what_is_only_attempted() {
    let listener = Listener::default();
    let text = "[a, try(b, 1), can(c), d ? e : f, try([for x in [g] : h], 1)]";
    evaluate_with(text, &listener, Limits::default()).expect("all names are known");
    assert_eq!(
        listener.0.take(),
        ["a", "b?", "c?", "d", "e", "f?", "g?", "h?"]
    );
}
