//! Which variables an expression speaks of, without evaluating it.

use crate::Text;
use crate::ast::{
    Access, AccessOperation, Expression, ExpressionKind, For, ForDirective, ObjectKey, Part, Step,
    Traversal,
};
use crate::source::Span;

/// A variable that an expression refers to, with the constant steps that follow it. A name that a
/// `for` around it binds is no reference.
#[derive(Clone, Copy, Debug)]
pub struct Reference<'a> {
    pub name: &'a str,
    pub name_span: Span,
    pub steps: &'a [Step],
    /// Whether a failure to find it is likely to be thrown away: it stands within `try` or `can`, or
    /// in the branch that a condition does not choose. Known only while evaluating.
    pub attempted: bool,
}

impl<'a> Reference<'a> {
    pub(crate) fn of(traversal: &'a Traversal) -> Self {
        Self {
            name: &traversal.name,
            name_span: traversal.name_span,
            steps: &traversal.steps,
            attempted: false,
        }
    }

    /// The whole of it.
    pub fn span(&self) -> Span {
        match self.steps.last() {
            Some(step) => self.name_span.to(step.span),
            None => self.name_span,
        }
    }

    /// The name of a step, if there is such a step and it has one: of `local.a[0]` step 0 is `a`.
    pub fn step_name(&self, index: usize) -> Option<&'a str> {
        self.steps.get(index)?.key.name()
    }
}

impl Expression {
    /// All references in the expression, in the order of the text.
    pub fn references(&self) -> Vec<Reference<'_>> {
        let mut found = Vec::new();
        self.walk(|reference, _| found.push(reference));
        found
    }

    /// The names that each `for` around a reference binds, the innermost last; the span is that of
    /// the reference's name.
    pub fn names_bound_at(&self, name_span: Span) -> Vec<&str> {
        let mut names = Vec::new();
        self.walk(|reference, bound| {
            if reference.name_span == name_span {
                names.extend(bound.iter().map(|name| name.as_str()));
            }
        });
        names
    }

    fn walk<'a>(&'a self, found: impl FnMut(Reference<'a>, &[&'a Text])) {
        let mut walk = Walk {
            found,
            bound: Vec::new(),
        };
        walk.expression(self);
    }
}

struct Walk<'a, F> {
    /// Is told of each reference, and of the names that are bound around it.
    found: F,
    bound: Vec<&'a Text>,
}

impl<'a, F: FnMut(Reference<'a>, &[&'a Text])> Walk<'a, F> {
    fn expression(&mut self, expression: &'a Expression) {
        match &expression.kind {
            ExpressionKind::Null
            | ExpressionKind::Bool(_)
            | ExpressionKind::Number(_)
            | ExpressionKind::String(_)
            | ExpressionKind::Constant(_) => {}
            ExpressionKind::Variable(traversal) => self.variable(traversal),
            ExpressionKind::Interpolation(inner) | ExpressionKind::Parentheses(inner) => {
                self.expression(inner);
            }
            ExpressionKind::Template(parts) => self.parts(parts),
            ExpressionKind::Access(access) => self.access(access),
            ExpressionKind::Tuple(items) => items.iter().for_each(|item| self.expression(item)),
            ExpressionKind::Object(items) => {
                for item in items {
                    if let ObjectKey::Expression(key) = &item.key {
                        self.expression(key);
                    }
                    self.expression(&item.value);
                }
            }
            ExpressionKind::Call(call) => {
                call.arguments
                    .iter()
                    .for_each(|argument| self.expression(argument));
            }
            ExpressionKind::For(for_expression) => self.for_expression(for_expression),
            ExpressionKind::Conditional(conditional) => {
                self.expression(&conditional.condition);
                self.expression(&conditional.yes);
                self.expression(&conditional.no);
            }
            ExpressionKind::Operation(operation) => {
                self.expression(&operation.first);
                operation
                    .rest
                    .iter()
                    .for_each(|operand| self.expression(&operand.expression));
            }
            ExpressionKind::Unary(unary) => self.expression(&unary.operand),
        }
    }

    fn variable(&mut self, traversal: &'a Traversal) {
        if !self.bound.contains(&&traversal.name) {
            (self.found)(Reference::of(traversal), &self.bound);
        }
    }

    fn access(&mut self, access: &'a Access) {
        self.expression(&access.target);
        self.operations(&access.operations);
    }

    fn operations(&mut self, operations: &'a [AccessOperation]) {
        for operation in operations {
            match operation {
                AccessOperation::Step(_) => {}
                AccessOperation::Index { key, .. } => self.expression(key),
                AccessOperation::Splat { each, .. } => self.operations(each),
            }
        }
    }

    fn for_expression(&mut self, for_expression: &'a For) {
        self.expression(&for_expression.collection);
        self.with(
            for_expression.key_name.as_ref(),
            &for_expression.value_name,
            |walk| {
                if let Some(key) = &for_expression.key {
                    walk.expression(key);
                }
                walk.expression(&for_expression.value);
                if let Some(condition) = &for_expression.condition {
                    walk.expression(condition);
                }
            },
        );
    }

    fn for_directive(&mut self, directive: &'a ForDirective) {
        self.expression(&directive.collection);
        self.with(directive.key_name.as_ref(), &directive.value_name, |walk| {
            walk.parts(&directive.body);
        });
    }

    /// Walks where these names are bound.
    fn with(&mut self, key: Option<&'a Text>, value: &'a Text, walk: impl FnOnce(&mut Self)) {
        let outer = self.bound.len();
        self.bound.extend(key);
        self.bound.push(value);
        walk(self);
        self.bound.truncate(outer);
    }

    fn parts(&mut self, parts: &'a [Part]) {
        for part in parts {
            match part {
                Part::Literal(_) => {}
                Part::Interpolation(expression) => self.expression(expression),
                Part::If(directive) => {
                    self.expression(&directive.condition);
                    self.parts(&directive.yes);
                    self.parts(&directive.no);
                }
                Part::For(directive) => self.for_directive(directive),
            }
        }
    }
}
