//! Values for tests, as a file would say them.

use std::collections::BTreeMap;

use terrane_hcl::{
    Budget, Context, Host, Limits, Reference, Resolved, RootError, Source, Value, evaluate,
    parse_expression,
};

struct NoVariables;

impl Host for NoVariables {
    fn root(&self, _: &Reference<'_>, _: &Context<'_>) -> Result<Resolved, RootError> {
        Err(RootError::Unknown)
    }

    fn root_names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// The attributes of an object.
pub(super) fn values(text: &str) -> BTreeMap<String, Value> {
    let limits = Limits::default();
    let source = Source::new("test.hcl", text);
    let expression = parse_expression(&source, &limits).expect("the text is an expression");
    let context = Context {
        source: &source,
        host: &NoVariables,
        budget: &Budget::new(limits),
    };
    let value = evaluate(&expression, &context).expect("the expression has a value");
    let entries = value.entries().expect("it is an object").iter();
    entries
        .map(|(name, value)| (name.to_string(), value.clone()))
        .collect()
}
