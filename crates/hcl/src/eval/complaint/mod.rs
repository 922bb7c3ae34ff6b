//! What the evaluator says when something is wrong.
//!
//! A complaint names the place, what was found there, and the values of the variables involved;
//! where a name is misspelt it says which one may have been meant. While an error is likely to be
//! thrown away, as within `try`, only the first of these is done.

mod access;
mod call;
mod collection;
mod operator;

use super::{Evaluated, Frame};
use crate::ast::{Expression, Traversal};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::limits::Exceeded;
use crate::references::Reference;
use crate::source::Span;
use crate::suggestion::closest;
use crate::value::{Kind, Marks, Value};

/// The values of more variables than this are not told.
const MOST_VALUES: usize = 6;

/// Names are listed if there are no more than this.
const MOST_NAMES: usize = 12;

impl Frame<'_> {
    fn error(&self, summary: &str, span: Span) -> Diagnostic {
        Diagnostic::error(summary).at(self.context.source, span)
    }

    /// Adds what the variables in a place hold.
    fn with_values(&self, mut complaint: Diagnostic, expressions: &[&Expression]) -> Diagnostics {
        if self.attempts {
            return complaint.into();
        }
        let quiet = self.attempting();
        for reference in expressions
            .iter()
            .flat_map(|expression| expression.references())
        {
            let name = self.context.source.slice(reference.span()).to_owned();
            let is_new = !complaint.values.iter().any(|(told, _)| *told == name);
            if !is_new || complaint.values.len() >= MOST_VALUES {
                continue;
            }
            if let Ok(value) = quiet.reference(&reference) {
                complaint.values.push((name, value.preview()));
            }
        }
        complaint.into()
    }

    /// Whether a value, or a part of it, may not be told.
    fn is_sensitive(value: &Value) -> bool {
        value.deep_marks().contains(Marks::SENSITIVE)
    }

    /// Whether the names of its attributes, or of those within it, may not be told either. A name
    /// that is sensitive makes the whole object so.
    fn hides_names(value: &Value) -> bool {
        let is_sensitive = value.marks().contains(Marks::SENSITIVE);
        match value.kind() {
            Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => false,
            Kind::Null | Kind::Unknown => is_sensitive,
            Kind::List(items) | Kind::Set(items) | Kind::Tuple(items) => {
                is_sensitive || items.iter().any(Self::hides_names)
            }
            Kind::Map(entries) | Kind::Object(entries) => {
                is_sensitive || entries.iter().any(|(_, value)| Self::hides_names(value))
            }
        }
    }

    /// A value as it is told in a sentence.
    fn told(value: &Value) -> String {
        match value.kind() {
            _ if Self::is_sensitive(value) => format!("a sensitive {}", value.ty()),
            Kind::Null => "null".to_owned(),
            Kind::Unknown => format!("a {} that is not known yet", value.ty()),
            Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => {
                format!("the {} {}", value.ty(), value.preview())
            }
            Kind::Object(_) => "an object".to_owned(),
            Kind::List(_) | Kind::Set(_) | Kind::Tuple(_) | Kind::Map(_) => {
                format!("a {}", value.ty())
            }
        }
    }

    #[cold]
    pub(in crate::eval) fn limit(&self, exceeded: Exceeded, span: Span) -> Diagnostics {
        let what = exceeded.what();
        let (name, limit) = exceeded.limit(self.context.budget.limits());
        self.error("Limit reached", span)
            .detail(format!(
                "There are more than {limit} {what}, which is the limit."
            ))
            .label("reached here")
            .help(format!("if this is meant, raise the limit `{name}`"))
            .into()
    }

    fn with_names(complaint: Diagnostic, intro: &str, names: &[impl AsRef<str>]) -> Diagnostic {
        if names.is_empty() || names.len() > MOST_NAMES {
            return complaint;
        }
        let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        complaint.help(format!("{intro}: {}", names.join(", ")))
    }

    fn with_suggestion(
        &self,
        complaint: Diagnostic,
        name: &str,
        names: &[impl AsRef<str>],
        span: Span,
    ) -> Diagnostic {
        match closest(name, names.iter().map(AsRef::as_ref)) {
            Some(meant) => complaint
                .help(format!("did you mean \"{meant}\"?"))
                .suggest(self.context.source, span, meant),
            None => complaint,
        }
    }

    /// Advice for a value that is null.
    fn with_fallback(&self, complaint: Diagnostic, value: Span, other: &str) -> Diagnostic {
        let value = self.context.source.slice(value);
        if value == "null" || value.contains('\n') {
            return complaint;
        }
        complaint.help(format!(
            "for another value in its place write coalesce({value}, {other})"
        ))
    }

    /// Advice for what has no value.
    fn with_attempt(&self, complaint: Diagnostic, whole: Span) -> Diagnostic {
        let whole = self.context.source.slice(whole);
        if self.attempts || whole.contains('\n') {
            return complaint;
        }
        complaint.help(format!(
            "for another value in its place write try({whole}, …)"
        ))
    }

    /// The value of a reference, which may stand deeper than this: it is looked for by its name.
    fn reference(&self, reference: &Reference<'_>) -> Evaluated {
        let traversal = Traversal {
            name: reference.name.into(),
            name_span: reference.name_span,
            steps: reference.steps.to_vec(),
            bound: None,
        };
        let mut scope = self.scope;
        while let Some(bound) = scope {
            if *bound.name == traversal.name {
                return self.steps(bound.value, &traversal, 0);
            }
            scope = bound.outer;
        }
        self.variable(&traversal)
    }
}
