//! Complaints about variables and steps into values.

use super::Frame;
use crate::ast::{Expression, Step, StepKey};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::references::Reference;
use crate::source::Span;
use crate::ty::Type;
use crate::value::{AccessError, Value};

impl Frame<'_> {
    #[cold]
    pub(in crate::eval) fn unknown_variable(&self, reference: &Reference<'_>) -> Diagnostics {
        let name = reference.name;
        let complaint = self
            .error("Unknown variable", reference.name_span)
            .detail(format!("There is no variable called \"{name}\" here."))
            .label("not known here");
        if self.attempts {
            return complaint.into();
        }
        let mut names = self.bound_names();
        names.extend(self.context.host.root_names());
        let complaint = self.with_suggestion(complaint, name, &names, reference.name_span);
        if complaint.suggestion.is_some() {
            return complaint.into();
        }
        let is_bare = reference.steps.is_empty();
        let complaint = match elsewhere(name) {
            Some(meant) if is_bare => {
                let source = self.context.source;
                let complaint = complaint.help(format!("here it is written {meant}"));
                return complaint.suggest(source, reference.name_span, meant).into();
            }
            _ if is_bare => complaint.help(format!("a text stands in quotes: \"{name}\"")),
            _ => complaint,
        };
        Self::with_names(complaint, "there are", &names).into()
    }

    #[cold]
    pub(in crate::eval) fn no_root_attribute(
        &self,
        reference: &Reference<'_>,
        step: usize,
        names: &[String],
    ) -> Diagnostics {
        let Some(at) = reference.steps.get(step) else {
            return self.unknown_variable(reference);
        };
        let owner = Span::new(reference.name_span.start, at.span.start);
        self.no_attribute(at, owner, names)
    }

    fn no_attribute(&self, step: &Step, owner: Span, names: &[impl AsRef<str>]) -> Diagnostics {
        let source = self.context.source;
        let owner = source.slice(owner).trim();
        let (name, inner) = match &step.key {
            StepKey::Attribute(name) => (name.to_string(), (1, 0)),
            StepKey::Key(name) => (name.to_string(), (2, 2)),
            StepKey::Index(number) => (number.to_string(), (1, 1)),
        };
        let complaint = self
            .error("Unknown attribute", step.span)
            .detail(format!("`{owner}` has no attribute \"{name}\"."))
            .label("no such attribute");
        if self.attempts {
            return complaint.into();
        }
        let span = Span::new(step.span.start + inner.0, step.span.end - inner.1);
        // Spaces or a comment within the step would make this another place.
        let span = if source.slice(span) == name {
            span
        } else {
            step.span
        };
        let complaint = self.with_suggestion(complaint, &name, names, span);
        if complaint.suggestion.is_some() {
            return complaint.into();
        }
        Self::with_names(complaint, "its attributes are", names).into()
    }

    #[cold]
    pub(in crate::eval) fn bad_step(
        &self,
        error: &AccessError,
        value: &Value,
        step: &Step,
        owner: Span,
    ) -> Diagnostics {
        if let AccessError::NoSuchKey = error {
            let names = if self.attempts || Self::hides_names(value) {
                Vec::new()
            } else {
                value.keys()
            };
            return self.no_attribute(step, owner, &names);
        }
        let (summary, detail) = self.access_words(error, value, owner);
        let complaint = self
            .error(summary, step.span)
            .detail(detail)
            .label(access_label(error));
        let complaint = match (error, &step.key) {
            (AccessError::AttributeOfList, StepKey::Attribute(name)) => {
                let owner = self.context.source.slice(owner).trim();
                complaint.help(format!(
                    "for all elements write {owner}[*].{name}, for one {owner}[0].{name}"
                ))
            }
            (AccessError::Null | AccessError::TooLarge { .. }, _) => {
                self.with_attempt(complaint, owner.to(step.span))
            }
            _ => with_way_around(complaint, error),
        };
        complaint.into()
    }

    #[cold]
    pub(in crate::eval) fn bad_index(
        &self,
        error: &AccessError,
        value: &Value,
        (key, key_value): (&Expression, &Value),
        span: Span,
        owner: Span,
    ) -> Diagnostics {
        let (summary, detail) = self.access_words(error, value, owner);
        let detail = if Self::is_sensitive(key_value) {
            "The index, which is sensitive, leads to no element.".to_owned()
        } else {
            detail
        };
        let complaint = self
            .error(summary, span)
            .detail(detail)
            .label(access_label(error));
        let complaint = match error {
            AccessError::Null | AccessError::TooLarge { .. } => {
                self.with_attempt(complaint, owner.to(span))
            }
            _ => with_way_around(complaint, error),
        };
        self.with_values(complaint, &[key])
    }

    fn access_words(
        &self,
        error: &AccessError,
        value: &Value,
        owner: Span,
    ) -> (&'static str, String) {
        let owner = self.context.source.slice(owner).trim();
        let told = Self::told(value);
        match error {
            AccessError::Null => (
                "Value is null",
                format!("`{owner}` is null, which has no attributes and no elements."),
            ),
            AccessError::NoAttributes(_) => (
                "Value without attributes",
                format!("`{owner}` is {told}, which has no attributes."),
            ),
            AccessError::AttributeOfList => (
                "Attribute of a list",
                format!("`{owner}` is {told}: its elements have attributes, the list has not."),
            ),
            AccessError::NoSuchKey => (
                "No such key",
                format!("`{owner}` is {told}, and has nothing under this key."),
            ),
            AccessError::NoIndexes(_) => (
                "Value without elements",
                format!("`{owner}` is {told}, which has no elements."),
            ),
            AccessError::IndexOfSet => (
                "Index of a set",
                format!(
                    "`{owner}` is a set: its elements have no places and no keys. tolist() makes a \
                     list of it, in the order of the elements."
                ),
            ),
            AccessError::NullKey => ("Index is null", "An index must not be null.".to_owned()),
            AccessError::KeyType(mismatch) => (
                "Invalid index",
                format!("For an index of `{owner}` {mismatch}."),
            ),
            AccessError::TooLarge { index, length } => (
                "No such element",
                match length {
                    0 => format!("`{owner}` is empty, so there is no element {index}."),
                    1 => format!("`{owner}` has 1 element, number 0; there is no element {index}."),
                    _ => format!(
                        "`{owner}` has {length} elements, numbered 0 to {}; there is no element \
                         {index}.",
                        length - 1
                    ),
                },
            ),
            AccessError::Negative { index } => (
                "No such element",
                format!("Elements are numbered from 0; there is no element {index}."),
            ),
            AccessError::NotWhole { index } => (
                "Invalid index",
                format!("The number of an element is whole, and {index} is not."),
            ),
        }
    }

    #[cold]
    pub(in crate::eval) fn splat_of_null(&self, marker: Span) -> Diagnostics {
        self.error("Value is null", marker)
            .detail("A splat goes over the elements of a list, and this list is null.")
            .label("of null there is nothing")
            .into()
    }
}

/// Adds what does the same where there is something that does.
fn with_way_around(complaint: Diagnostic, error: &AccessError) -> Diagnostic {
    match error {
        AccessError::NoIndexes(Type::String) => {
            complaint.help("for a part of a text call substr(text, offset, length)")
        }
        _ => complaint,
    }
}

/// The word of this language for one of another.
fn elsewhere(name: &str) -> Option<&'static str> {
    match name {
        "None" | "nil" | "NULL" | "Null" | "undefined" => Some("null"),
        "True" | "TRUE" | "yes" | "on" => Some("true"),
        "False" | "FALSE" | "no" | "off" => Some("false"),
        _ => None,
    }
}

fn access_label(error: &AccessError) -> &'static str {
    match error {
        AccessError::Null => "of null there is nothing",
        AccessError::NoAttributes(_) => "there are no attributes",
        AccessError::AttributeOfList => "not an attribute of the list",
        AccessError::NoSuchKey => "no such key",
        AccessError::NoIndexes(_) => "there are no elements",
        AccessError::IndexOfSet => "sets have no indexes",
        AccessError::NullKey => "the index is null",
        AccessError::KeyType(_) | AccessError::NotWhole { .. } => "not an index",
        AccessError::TooLarge { .. } | AccessError::Negative { .. } => "no such element",
    }
}
