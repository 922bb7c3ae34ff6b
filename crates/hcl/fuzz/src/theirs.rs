//! The tree that hcl-edit has of a text, written as [`tree`](crate::tree) writes ours.

use std::fmt::Write;

use hcl_edit::expr::{BinaryOperator, Expression, ObjectKey, TraversalOperator, UnaryOperator};
use hcl_edit::structure::{Body, Structure};
use hcl_edit::template::{Directive, Element, Template};

use crate::tree::literal;

pub fn body(body: &Body, out: &mut String) {
    for structure in body {
        match structure {
            Structure::Attribute(attribute) => {
                let _ = write!(out, "({} = ", attribute.key.as_str());
                expression(&attribute.value, out);
                out.push(')');
            }
            Structure::Block(block) => {
                let _ = write!(out, "({}", block.ident.as_str());
                for label in &block.labels {
                    let _ = write!(out, " {:?}", label.as_str());
                }
                out.push('{');
                self::body(&block.body, out);
                out.push_str("})");
            }
        }
    }
}

pub fn expression(it: &Expression, out: &mut String) {
    match it {
        Expression::Null(_) => out.push_str("null"),
        Expression::Bool(value) => {
            let _ = write!(out, "{}", value.value());
        }
        Expression::Number(number) => {
            let written = number.as_repr().map(|text| text.to_string());
            let written = written.expect("it was read from a text");
            // The sign is an operator of ours.
            match written.strip_prefix('-') {
                Some(digits) => {
                    let _ = write!(out, "(Negate {})", crate::tree::number(digits));
                }
                None => out.push_str(&crate::tree::number(&written)),
            }
        }
        Expression::String(text) => literal(text, out),
        Expression::Array(items) => list("[]", items.iter(), out),
        Expression::Object(items) => {
            out.push_str("({}");
            for (key, value) in items {
                match key {
                    ObjectKey::Ident(name) => {
                        let _ = write!(out, " {:?}=", name.as_str());
                    }
                    ObjectKey::Expression(Expression::Variable(name)) => {
                        let _ = write!(out, " {:?}=", name.as_str());
                    }
                    ObjectKey::Expression(key) => {
                        out.push_str(" (");
                        expression(key, out);
                        out.push_str(")=");
                    }
                }
                expression(value.expr(), out);
            }
            out.push(')');
        }
        Expression::StringTemplate(elements) => {
            let elements: Vec<_> = elements.iter().collect();
            if let [Element::Interpolation(interpolation)] = elements[..] {
                list("${}", [&interpolation.expr], out);
            } else {
                parts(&elements, true, out);
            }
        }
        Expression::HeredocTemplate(heredoc) => {
            parts(&heredoc.template.iter().collect::<Vec<_>>(), true, out);
        }
        Expression::Parenthesis(inner) => list("()", [inner.inner()], out),
        Expression::Variable(name) => out.push_str(name.as_str()),
        Expression::Conditional(it) => {
            list("?", [&it.cond_expr, &it.true_expr, &it.false_expr], out)
        }
        Expression::FuncCall(call) => {
            out.push_str("(call ");
            for namespace in &call.name.namespace {
                let _ = write!(out, "{}::", namespace.as_str());
            }
            out.push_str(call.name.name.as_str());
            list("", call.args.iter(), out);
            out.push_str(if call.args.expand_final() {
                "...)"
            } else {
                ")"
            });
        }
        Expression::Traversal(it) => {
            let operators: Vec<_> = it
                .operators
                .iter()
                .map(|operator| operator.value())
                .collect();
            traversal(&it.expr, &operators, out);
        }
        Expression::UnaryOp(it) => {
            out.push_str(match it.operator.value() {
                UnaryOperator::Neg => "(Negate ",
                UnaryOperator::Not => "(Not ",
            });
            expression(&it.expr, out);
            out.push(')');
        }
        Expression::BinaryOp(it) => {
            let _ = write!(out, "({} ", symbol(*it.operator.value()));
            expression(&it.lhs_expr, out);
            out.push(' ');
            expression(&it.rhs_expr, out);
            out.push(')');
        }
        Expression::ForExpr(it) => {
            let key_name = it.intro.key_var.as_ref().map(|name| name.as_str());
            let _ = write!(out, "(for {key_name:?} {} ", it.intro.value_var.as_str());
            expression(&it.intro.collection_expr, out);
            let condition = it.cond.as_ref().map(|condition| &condition.expr);
            for optional in [it.key_expr.as_ref(), condition] {
                out.push(' ');
                match optional {
                    Some(optional) => expression(optional, out),
                    None => out.push('-'),
                }
            }
            out.push(' ');
            expression(&it.value_expr, out);
            out.push_str(if it.grouping { "...)" } else { ")" });
        }
    }
}

fn symbol(operator: BinaryOperator) -> &'static str {
    operator.as_str()
}

fn list<'e>(name: &str, items: impl IntoIterator<Item = &'e Expression>, out: &mut String) {
    let _ = write!(out, "({name}");
    for item in items {
        out.push(' ');
        expression(item, out);
    }
    out.push(')');
}

/// A variable with the constant steps behind it is one node of ours, and what follows another.
fn traversal(target: &Expression, operators: &[&TraversalOperator], out: &mut String) {
    let constant = |operator: &&TraversalOperator| match operator {
        TraversalOperator::GetAttr(_) | TraversalOperator::LegacyIndex(_) => true,
        TraversalOperator::Index(Expression::Number(number)) => number
            .as_repr()
            .is_some_and(|text| !text.to_string().starts_with('-')),
        TraversalOperator::Index(key) => matches!(key, Expression::String(_)),
        TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => false,
    };
    let is_variable = matches!(target, Expression::Variable(_));
    let count = operators
        .iter()
        .take_while(|operator| constant(operator))
        .count();
    let (steps, rest) = operators.split_at(if is_variable { count } else { 0 });
    if !rest.is_empty() {
        out.push_str("(. ");
    }
    if !steps.is_empty() {
        out.push_str("(. ");
    }
    expression(target, out);
    self::operators(steps, out);
    if !steps.is_empty() {
        out.push(')');
    }
    self::operators(rest, out);
    if !rest.is_empty() {
        out.push(')');
    }
}

fn operators(all: &[&TraversalOperator], out: &mut String) {
    for (index, operator) in all.iter().enumerate() {
        let rest = &all[index + 1..];
        let splat_over = |count: usize, out: &mut String| {
            out.push_str(" (*");
            operators(&rest[..count], out);
            out.push(')');
            operators(&rest[count..], out);
        };
        match operator {
            TraversalOperator::GetAttr(name) => {
                let _ = write!(out, " .{}", name.as_str());
            }
            TraversalOperator::LegacyIndex(number) => {
                let _ = write!(
                    out,
                    " [{}]",
                    crate::tree::number(&number.value().to_string())
                );
            }
            TraversalOperator::Index(key) => {
                out.push_str(" [");
                expression(key, out);
                out.push(']');
            }
            TraversalOperator::AttrSplat(_) => {
                let is_name = |operator: &&&TraversalOperator| {
                    matches!(operator, TraversalOperator::GetAttr(_))
                };
                return splat_over(rest.iter().take_while(is_name).count(), out);
            }
            TraversalOperator::FullSplat(_) => return splat_over(rest.len(), out),
        }
    }
}

/// Literals that follow one another are one; nothing but literals is a string.
fn parts(elements: &[&Element], is_whole: bool, out: &mut String) {
    let text = |element: &&Element| element.as_literal().map(|text| text.value().clone());
    if is_whole && let Some(texts) = elements.iter().map(text).collect::<Option<Vec<_>>>() {
        return literal(&texts.concat(), out);
    }
    out.push_str("(\"\"");
    let mut rest = elements;
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        match first {
            Element::Literal(_) => {
                let count = behind
                    .iter()
                    .take_while(|element| element.is_literal())
                    .count();
                let mut joined = text(first).unwrap_or_default();
                joined.extend(behind[..count].iter().filter_map(text));
                rest = &behind[count..];
                if !joined.is_empty() {
                    out.push(' ');
                    literal(&joined, out);
                }
            }
            Element::Interpolation(interpolation) => {
                out.push_str(" $");
                expression(&interpolation.expr, out);
            }
            Element::Directive(it) => directive(it, out),
        }
    }
    out.push(')');
}

fn directive(it: &Directive, out: &mut String) {
    let template = |template: &Template, out: &mut String| {
        parts(&template.iter().collect::<Vec<_>>(), false, out);
    };
    match it {
        Directive::If(it) => {
            out.push_str(" (if ");
            expression(&it.if_expr.cond_expr, out);
            template(&it.if_expr.template, out);
            match &it.else_expr {
                Some(other) => template(&other.template, out),
                None => parts(&[], false, out),
            }
        }
        Directive::For(it) => {
            let head = &it.for_expr;
            let key_name = head.key_var.as_ref().map(|name| name.as_str());
            let _ = write!(out, " (for {key_name:?} {} ", head.value_var.as_str());
            expression(&head.collection_expr, out);
            template(&head.template, out);
        }
    }
    out.push(')');
}
