//! A syntax tree in parentheses, without spans, to compare with another; and whether its spans are
//! sound.

use std::fmt::Write;

use terrane_hcl::ast::{AccessOperation, ObjectKey, Part, Step, StepKey, Traversal};
use terrane_hcl::{Body, Expression, ExpressionKind, Item, Span};

pub fn body(body: &Body, out: &mut String) {
    for item in body.items() {
        match item {
            Item::Attribute(attribute) => {
                let _ = write!(out, "({} = ", attribute.name);
                expression(&attribute.expression, out);
                out.push(')');
            }
            Item::Block(block) => {
                let _ = write!(out, "({}", block.kind);
                for label in &block.labels {
                    let _ = write!(out, " {:?}", label.text);
                }
                out.push('{');
                self::body(&block.body, out);
                out.push_str("})");
            }
        }
    }
}

pub fn expression(it: &Expression, out: &mut String) {
    match &it.kind {
        ExpressionKind::Null => out.push_str("null"),
        ExpressionKind::Bool(value) => write_text(out, value),
        ExpressionKind::Number(it) => out.push_str(&number(&it.to_string())),
        ExpressionKind::String(text) => literal(text, out),
        ExpressionKind::Template(template) => parts(template, out),
        ExpressionKind::Interpolation(inner) => list("${}", [&**inner], out),
        ExpressionKind::Parentheses(inner) => list("()", [&**inner], out),
        ExpressionKind::Variable(traversal) => variable(traversal, out),
        ExpressionKind::Access(access) => {
            out.push_str("(. ");
            expression(&access.target, out);
            operations(&access.operations, out);
            out.push(')');
        }
        ExpressionKind::Tuple(items) => list("[]", items, out),
        ExpressionKind::Constant(constant) => expression(&constant.written, out),
        ExpressionKind::Object(items) => {
            out.push_str("({}");
            for item in items {
                match &item.key {
                    ObjectKey::Name { name, .. } => {
                        let _ = write!(out, " {name:?}=");
                    }
                    ObjectKey::Expression(key) => {
                        out.push_str(" (");
                        expression(key, out);
                        out.push_str(")=");
                    }
                }
                expression(&item.value, out);
            }
            out.push(')');
        }
        ExpressionKind::Call(call) => {
            let _ = write!(out, "(call {}", call.name);
            list("", &call.arguments, out);
            out.push_str(if call.spread.is_some() { "...)" } else { ")" });
        }
        ExpressionKind::For(it) => {
            let _ = write!(out, "(for {:?} {} ", it.key_name.as_deref(), it.value_name);
            expression(&it.collection, out);
            for optional in [&it.key, &it.condition] {
                out.push(' ');
                match optional {
                    Some(optional) => expression(optional, out),
                    None => out.push('-'),
                }
            }
            out.push(' ');
            expression(&it.value, out);
            out.push_str(if it.group { "...)" } else { ")" });
        }
        ExpressionKind::Conditional(it) => list("?", [&it.condition, &it.yes, &it.no], out),
        ExpressionKind::Operation(operation) => {
            // From the left to the right, as if each operator had a node of its own.
            for operand in operation.rest.iter().rev() {
                let _ = write!(out, "({} ", operand.operator.symbol());
            }
            expression(&operation.first, out);
            for operand in &operation.rest {
                out.push(' ');
                expression(&operand.expression, out);
                out.push(')');
            }
        }
        ExpressionKind::Unary(unary) => {
            let _ = write!(out, "({:?} ", unary.operator);
            expression(&unary.operand, out);
            out.push(')');
        }
    }
}

/// A string, in NFC as ours are.
pub fn literal(text: &str, out: &mut String) {
    use unicode_normalization::UnicodeNormalization;
    let _ = write!(out, "{:?}", text.nfc().collect::<String>());
}

/// A number, as near as a float comes to it.
pub fn number(text: &str) -> String {
    text.parse::<f64>()
        .map_or_else(|_| text.to_owned(), |number| format!("{number:e}"))
}

fn write_text(out: &mut String, value: impl std::fmt::Display) {
    let _ = write!(out, "{value}");
}

fn list<'e>(name: &str, items: impl IntoIterator<Item = &'e Expression>, out: &mut String) {
    let _ = write!(out, "({name}");
    for item in items {
        out.push(' ');
        expression(item, out);
    }
    out.push(')');
}

fn variable(traversal: &Traversal, out: &mut String) {
    if traversal.steps.is_empty() {
        out.push_str(&traversal.name);
        return;
    }
    let _ = write!(out, "(. {}", traversal.name);
    for each in &traversal.steps {
        step(each, out);
    }
    out.push(')');
}

fn step(step: &Step, out: &mut String) {
    let _ = match &step.key {
        StepKey::Attribute(name) => write!(out, " .{name}"),
        StepKey::Key(name) => write!(out, " [{name:?}]"),
        StepKey::Index(index) => write!(out, " [{}]", number(&index.to_string())),
    };
}

fn operations(all: &[AccessOperation], out: &mut String) {
    for operation in all {
        match operation {
            AccessOperation::Step(each) => step(each, out),
            AccessOperation::Index { key, .. } => {
                out.push_str(" [");
                expression(key, out);
                out.push(']');
            }
            AccessOperation::Splat { each, .. } => {
                out.push_str(" (*");
                operations(each, out);
                out.push(')');
            }
        }
    }
}

/// Literals that follow one another are one, and empty ones none.
fn parts(all: &[Part], out: &mut String) {
    out.push_str("(\"\"");
    let mut rest = all;
    while let Some((part, behind)) = rest.split_first() {
        rest = behind;
        match part {
            Part::Literal(text) => {
                let mut joined = text.to_string();
                while let Some((Part::Literal(more), behind)) = rest.split_first() {
                    joined.push_str(more);
                    rest = behind;
                }
                if !joined.is_empty() {
                    out.push(' ');
                    literal(&joined, out);
                }
            }
            Part::Interpolation(inner) => {
                out.push_str(" $");
                expression(inner, out);
            }
            Part::If(directive) => {
                out.push_str(" (if ");
                expression(&directive.condition, out);
                parts(&directive.yes, out);
                parts(&directive.no, out);
                out.push(')');
            }
            Part::For(it) => {
                let _ = write!(out, " (for {:?} {} ", it.key_name.as_deref(), it.value_name);
                expression(&it.collection, out);
                parts(&it.body, out);
                out.push(')');
            }
        }
    }
    out.push(')');
}

/// Panics unless all spans of a body lie in the text, at its characters, and within one another as
/// the tree says.
pub fn check_spans(text: &str, body: &Body) {
    let whole = Span::new(0, u32::try_from(text.len()).expect("texts are small"));
    check_body(text, body, whole);
}

fn check(text: &str, span: Span, within: Span) {
    assert!(span.start <= span.end, "{span:?} runs backwards");
    assert!(within.contains(span), "{span:?} is not within {within:?}");
    assert!(text.is_char_boundary(span.start as usize));
    assert!(text.is_char_boundary(span.end as usize));
}

fn check_body(text: &str, body: &Body, within: Span) {
    check(text, body.span, within);
    let mut end = body.span.start;
    for item in body.items() {
        let span = item.span();
        check(text, span, within);
        assert!(end <= span.start, "items overlap");
        end = span.end;
        match item {
            Item::Attribute(attribute) => {
                check(text, attribute.name_span, span);
                check_expression(text, &attribute.expression, span);
            }
            Item::Block(block) => {
                for part in [
                    block.kind_span,
                    block.header_span,
                    block.open_span,
                    block.close_span,
                ] {
                    check(text, part, span);
                }
                for label in &block.labels {
                    check(text, label.span, block.header_span);
                }
                check_body(text, &block.body, span);
            }
        }
    }
}

pub fn check_expression(text: &str, it: &Expression, within: Span) {
    check(text, it.span, within);
    let all = |items: &[&Expression]| {
        items
            .iter()
            .for_each(|item| check_expression(text, item, it.span));
    };
    match &it.kind {
        ExpressionKind::Null
        | ExpressionKind::Bool(_)
        | ExpressionKind::Number(_)
        | ExpressionKind::String(_) => {}
        ExpressionKind::Template(template) => check_parts(text, template, it.span),
        ExpressionKind::Interpolation(inner) | ExpressionKind::Parentheses(inner) => all(&[inner]),
        ExpressionKind::Variable(traversal) => {
            check(text, traversal.name_span, it.span);
            for step in &traversal.steps {
                check(text, step.span, it.span);
            }
        }
        ExpressionKind::Access(access) => {
            all(&[&access.target]);
            check_operations(text, &access.operations, it.span);
        }
        ExpressionKind::Tuple(items) => {
            items
                .iter()
                .for_each(|item| check_expression(text, item, it.span));
        }
        ExpressionKind::Constant(constant) => all(&[&constant.written]),
        ExpressionKind::Object(items) => {
            for item in items {
                check(text, item.key.span(), it.span);
                if let ObjectKey::Expression(key) = &item.key {
                    all(&[key]);
                }
                all(&[&item.value]);
            }
        }
        ExpressionKind::Call(call) => {
            check(text, call.name_span, it.span);
            call.spread
                .iter()
                .for_each(|spread| check(text, *spread, it.span));
            let arguments = call.arguments.iter();
            arguments.for_each(|argument| check_expression(text, argument, it.span));
        }
        ExpressionKind::For(inner) => {
            all(&[&inner.collection, &inner.value]);
            for optional in [&inner.key, &inner.condition].into_iter().flatten() {
                all(&[optional]);
            }
        }
        ExpressionKind::Conditional(inner) => all(&[&inner.condition, &inner.yes, &inner.no]),
        ExpressionKind::Operation(operation) => {
            all(&[&operation.first]);
            for operand in &operation.rest {
                check(text, operand.operator_span, it.span);
                all(&[&operand.expression]);
            }
        }
        ExpressionKind::Unary(unary) => all(&[&unary.operand]),
    }
}

fn check_operations(text: &str, all: &[AccessOperation], within: Span) {
    for operation in all {
        check(text, operation.span(), within);
        match operation {
            AccessOperation::Step(_) => {}
            AccessOperation::Index { key, span } => check_expression(text, key, *span),
            AccessOperation::Splat { each, marker, span } => {
                check(text, *marker, *span);
                check_operations(text, each, *span);
            }
        }
    }
}

fn check_parts(text: &str, all: &[Part], within: Span) {
    for part in all {
        match part {
            Part::Literal(_) => {}
            Part::Interpolation(inner) => check_expression(text, inner, within),
            Part::If(directive) => {
                check_expression(text, &directive.condition, within);
                check_parts(text, &directive.yes, within);
                check_parts(text, &directive.no, within);
            }
            Part::For(directive) => {
                check_expression(text, &directive.collection, within);
                check_parts(text, &directive.body, within);
            }
        }
    }
}
