//! Complaints about objects, `for` expressions and templates.

use super::Frame;
use crate::ast::Expression;
use crate::convert::Mismatch;
use crate::diagnostic::Diagnostics;
use crate::source::Span;
use crate::value::Value;

impl Frame<'_> {
    #[cold]
    pub(in crate::eval) fn ambiguous_key(&self, span: Span) -> Diagnostics {
        let text = self.context.source.slice(span);
        self.error("Ambiguous key", span)
            .detail(format!(
                "`{text}` may be a key with dots in it, or a variable whose value is the key."
            ))
            .label("a key or a variable?")
            .help(format!(
                "for the key write \"{text}\", for the variable ({text})"
            ))
            .into()
    }

    #[cold]
    pub(in crate::eval) fn null_key(&self, key: &Expression) -> Diagnostics {
        let complaint = self
            .error("Key is null", key.span)
            .detail("A key must be a text, and this one is null.")
            .label("this is null");
        self.with_values(complaint, &[key])
    }

    #[cold]
    pub(in crate::eval) fn bad_key(
        &self,
        mismatch: &Mismatch,
        value: &Value,
        key: &Expression,
    ) -> Diagnostics {
        let complaint = self
            .error("Invalid key", key.span)
            .detail(format!("A key must be a text: {mismatch}."))
            .label(format!("this is {}", Self::told(value)));
        self.with_values(complaint, &[key])
    }

    #[cold]
    pub(in crate::eval) fn duplicate_key(
        &self,
        key: &Value,
        expression: &Expression,
    ) -> Diagnostics {
        let told = if Self::is_sensitive(key) {
            "the same key, which is sensitive".to_owned()
        } else {
            format!("the key {}", key.preview())
        };
        let complaint = self
            .error("Duplicate key", expression.span)
            .detail(format!(
                "Two elements lead to {told}, and an object holds each key once."
            ))
            .label("not for the first time")
            .help("to gather the values of one key write ... behind the value");
        self.with_values(complaint, &[expression])
    }

    #[cold]
    pub(in crate::eval) fn null_collection(&self, collection: &Expression) -> Diagnostics {
        let complaint = self
            .error("Collection is null", collection.span)
            .detail("A \"for\" goes over a list, set or map, and this is null.")
            .label("this is null");
        let complaint = self.with_fallback(complaint, collection.span, "[]");
        self.with_values(complaint, &[collection])
    }

    #[cold]
    pub(in crate::eval) fn no_collection(
        &self,
        value: &Value,
        collection: &Expression,
    ) -> Diagnostics {
        let complaint = self
            .error("Not a collection", collection.span)
            .detail(format!(
                "A \"for\" goes over a list, set or map, and this is {}.",
                Self::told(value)
            ))
            .label("has no elements");
        self.with_values(complaint, &[collection])
    }

    #[cold]
    pub(in crate::eval) fn null_in_template(&self, expression: &Expression) -> Diagnostics {
        let complaint = self
            .error("Null in a string", expression.span)
            .detail("Null has no text, so it cannot be part of a string.")
            .label("this is null");
        let complaint = self.with_fallback(complaint, expression.span, "\"…\"");
        self.with_values(complaint, &[expression])
    }

    #[cold]
    pub(in crate::eval) fn no_text_in_template(
        &self,
        value: &Value,
        expression: &Expression,
    ) -> Diagnostics {
        let text = self.context.source.slice(expression.span);
        let complaint = self
            .error("Not a text", expression.span)
            .detail(format!(
                "Only texts, numbers and bools can be part of a string, and this is {}.",
                Self::told(value)
            ))
            .label("has no text");
        let complaint = match value.items() {
            Some(_) => complaint.help(format!("to join a list call join(\", \", {text})")),
            None => complaint.help(format!("for its JSON call jsonencode({text})")),
        };
        self.with_values(complaint, &[expression])
    }
}
