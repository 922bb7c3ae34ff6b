//! Moves the spans of an expression, which was read from another text than it is shown in.

use crate::ast::{
    Access, AccessOperation, Expression, ExpressionKind, ObjectKey, Part, Step, Traversal,
};
use crate::source::Span;

/// Where a place of one text is in another.
pub(super) struct Mapping<'m>(pub(super) &'m dyn Fn(u32) -> u32);

impl Mapping<'_> {
    pub(super) fn span(&self, span: Span) -> Span {
        Span::new((self.0)(span.start), (self.0)(span.end))
    }

    fn replace(&self, span: &mut Span) {
        *span = self.span(*span);
    }

    pub(super) fn expression(&self, expression: &mut Expression) {
        self.replace(&mut expression.span);
        match &mut expression.kind {
            ExpressionKind::Null
            | ExpressionKind::Bool(_)
            | ExpressionKind::Number(_)
            | ExpressionKind::String(_) => {}
            ExpressionKind::Template(parts) => self.parts(parts),
            ExpressionKind::Interpolation(inner) | ExpressionKind::Parentheses(inner) => {
                self.expression(inner);
            }
            ExpressionKind::Variable(traversal) => self.traversal(traversal),
            ExpressionKind::Access(access) => self.access(access),
            ExpressionKind::Tuple(items) => self.expressions(items),
            ExpressionKind::Object(items) => {
                for item in items {
                    match &mut item.key {
                        ObjectKey::Name { span, .. } => self.replace(span),
                        ObjectKey::Expression(key) => self.expression(key),
                    }
                    self.expression(&mut item.value);
                }
            }
            ExpressionKind::Constant(constant) => self.expression(&mut constant.written),
            ExpressionKind::Call(call) => {
                self.replace(&mut call.name_span);
                self.expressions(&mut call.arguments);
                if let Some(spread) = &mut call.spread {
                    self.replace(spread);
                }
            }
            ExpressionKind::For(for_expression) => {
                self.expression(&mut for_expression.collection);
                self.expression(&mut for_expression.value);
                self.optional(&mut for_expression.key);
                self.optional(&mut for_expression.condition);
            }
            ExpressionKind::Conditional(conditional) => {
                self.expression(&mut conditional.condition);
                self.expression(&mut conditional.yes);
                self.expression(&mut conditional.no);
            }
            ExpressionKind::Operation(operation) => {
                self.expression(&mut operation.first);
                for operand in &mut operation.rest {
                    self.replace(&mut operand.operator_span);
                    self.expression(&mut operand.expression);
                }
            }
            ExpressionKind::Unary(unary) => self.expression(&mut unary.operand),
        }
    }

    fn expressions(&self, expressions: &mut [Expression]) {
        for expression in expressions {
            self.expression(expression);
        }
    }

    fn optional(&self, expression: &mut Option<Expression>) {
        if let Some(expression) = expression {
            self.expression(expression);
        }
    }

    fn traversal(&self, traversal: &mut Traversal) {
        self.replace(&mut traversal.name_span);
        for Step { span, .. } in &mut traversal.steps {
            self.replace(span);
        }
    }

    fn access(&self, access: &mut Access) {
        self.expression(&mut access.target);
        self.operations(&mut access.operations);
    }

    fn operations(&self, operations: &mut [AccessOperation]) {
        for operation in operations {
            match operation {
                AccessOperation::Step(step) => self.replace(&mut step.span),
                AccessOperation::Index { key, span } => {
                    self.expression(key);
                    self.replace(span);
                }
                AccessOperation::Splat { each, marker, span } => {
                    self.operations(each);
                    self.replace(marker);
                    self.replace(span);
                }
            }
        }
    }

    fn parts(&self, parts: &mut [Part]) {
        for part in parts {
            match part {
                Part::Literal(_) => {}
                Part::Interpolation(expression) => self.expression(expression),
                Part::If(directive) => {
                    self.expression(&mut directive.condition);
                    self.parts(&mut directive.yes);
                    self.parts(&mut directive.no);
                }
                Part::For(directive) => {
                    self.expression(&mut directive.collection);
                    self.parts(&mut directive.body);
                }
            }
        }
    }
}
