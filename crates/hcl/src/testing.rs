//! Short ways to parse and evaluate in tests.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::eval::{Context, evaluate};
use crate::functions::Arguments;
use crate::host::{CallError, Host, Resolved, RootError};
use crate::limits::{Budget, Limits};
use crate::number::Number;
use crate::references::Reference;
use crate::value::Value;
use crate::{Diagnostics, Source, parse_expression};

/// A host with variables that are plain values, and two functions: `shout` makes a text louder,
/// `count` counts its arguments whatever they are.
#[derive(Default)]
pub(crate) struct Variables(BTreeMap<&'static str, Value>);

impl Variables {
    pub(crate) fn new(variables: impl IntoIterator<Item = (&'static str, Value)>) -> Self {
        Self(variables.into_iter().collect())
    }
}

impl Host for Variables {
    fn root(
        &self,
        reference: &Reference<'_>,
        _context: &Context<'_>,
    ) -> Result<Resolved, RootError> {
        match self.0.get(reference.name) {
            Some(value) => Ok(Resolved::whole(value.clone())),
            None => Err(RootError::Unknown),
        }
    }

    fn root_names(&self) -> Vec<String> {
        self.0.keys().map(|name| (*name).to_owned()).collect()
    }

    fn call(&self, name: &str, arguments: &Arguments<'_>) -> Option<Result<Value, CallError>> {
        match name {
            "shout" => Some(shout(arguments)),
            "count" => Some(Ok(Value::number(Number::count(arguments.len())))),
            _ => None,
        }
    }

    fn takes_unknown(&self, name: &str) -> bool {
        name == "count"
    }

    fn function_names(&self) -> Vec<String> {
        vec!["shout".to_owned(), "count".to_owned()]
    }
}

fn shout(arguments: &Arguments<'_>) -> Result<Value, CallError> {
    arguments.expect_count(1..=1)?;
    Ok(Value::string(arguments.string(0)?.to_uppercase() + "!"))
}

pub(crate) fn evaluate_with(
    text: &str,
    host: &dyn Host,
    limits: Limits,
) -> Result<Value, Diagnostics> {
    let source = Source::new("test.hcl", format!("{text}\n"));
    let expression = parse_expression(&source, &limits)?;
    let budget = Budget::new(limits);
    let context = Context {
        source: &source,
        host,
        budget: &budget,
    };
    evaluate(&expression, &context)
}

pub(crate) fn result(text: &str) -> Result<Value, Diagnostics> {
    evaluate_with(text, &Variables::default(), Limits::default())
}

/// The value of an expression that has one.
pub(crate) fn value(text: &str) -> Value {
    result(text).unwrap_or_else(|error| panic!("{text}\n{error}"))
}

/// All that diagnostics say, in the order in which people read it.
pub(crate) fn told(diagnostics: &Diagnostics) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        let place = diagnostic
            .subject
            .as_ref()
            .map(|place| place.start().to_string());
        let _ = writeln!(out, "{} {}", place.unwrap_or_default(), diagnostic.summary);
        let mut line = |intro: &str, text: &str| {
            if !text.is_empty() {
                let _ = writeln!(out, "  {intro}{text}");
            }
        };
        line("", &diagnostic.detail);
        line("here: ", &diagnostic.label);
        for (place, text) in &diagnostic.related {
            line(&format!("{}: ", place.start()), text);
        }
        for (name, value) in &diagnostic.values {
            line(&format!("{name} = "), value);
        }
        for help in &diagnostic.help {
            line("help: ", help);
        }
        if let Some(suggestion) = &diagnostic.suggestion {
            let change = format!(
                "{} -> {}",
                suggestion.location.text(),
                suggestion.replacement
            );
            line("change: ", &change);
        }
    }
    out
}

/// So many texts, one behind the other.
pub(crate) fn repeated(count: usize, each: impl Fn(usize) -> String) -> String {
    (0..count).map(each).collect::<Vec<_>>().concat()
}
