//! Steps into a value: attributes, indexes, splats.

use super::{Parse, Parser};
use crate::ast::{Access, AccessOperation, Expression, ExpressionKind, Step, StepKey};
use crate::lex::{Token, TokenKind};
use crate::number::Number;
use crate::value::normalized;

impl Parser<'_> {
    /// Reads the steps behind a term.
    pub(super) fn access(&mut self, mut target: Expression) -> Parse<Expression> {
        let start = target.span.start;
        let mut operations = self.access_operations()?;
        let span = self.span_from(start);
        if let ExpressionKind::Variable(traversal) = &mut target.kind {
            let is_step =
                |operation: &AccessOperation| matches!(operation, AccessOperation::Step(_));
            let constant = operations
                .iter()
                .take_while(|operation| is_step(operation))
                .count();
            traversal.steps.reserve_exact(constant);
            for operation in operations.drain(..constant) {
                if let AccessOperation::Step(step) = operation {
                    target.span = target.span.to(step.span);
                    traversal.steps.push(step);
                }
            }
        }
        if operations.is_empty() {
            return Ok(target);
        }
        let access = Access { target, operations };
        Ok(Expression::new(
            span,
            ExpressionKind::Access(Box::new(access)),
        ))
    }

    fn access_operations(&mut self) -> Parse<Vec<AccessOperation>> {
        let mut operations = Vec::new();
        loop {
            let token = self.peek();
            match token.kind {
                TokenKind::Dot => {
                    let operation = self.after_dot(token)?;
                    operations.push(operation);
                }
                TokenKind::OpenBracket => {
                    let operation = self.in_brackets(token)?;
                    let is_splat = matches!(operation, AccessOperation::Splat { .. });
                    operations.push(operation);
                    if is_splat {
                        // All that follows is done with each element.
                        return Ok(operations);
                    }
                }
                _ => return Ok(operations),
            }
        }
    }

    fn after_dot(&mut self, dot: Token) -> Parse<AccessOperation> {
        self.advance();
        let token = self.peek();
        if token.kind != TokenKind::Star {
            return self.step_after_dot(dot, false).map(AccessOperation::Step);
        }
        self.advance();
        let mut each = Vec::new();
        loop {
            let dot = self.peek();
            if dot.kind != TokenKind::Dot {
                break;
            }
            self.advance();
            if self.peek().kind == TokenKind::Star {
                return Err(self.splat_within_splat());
            }
            each.push(AccessOperation::Step(self.step_after_dot(dot, true)?));
        }
        Ok(AccessOperation::Splat {
            each,
            marker: token.span,
            span: self.span_from(dot.span.start),
        })
    }

    /// Reads a name or, as it was once written, an index.
    fn step_after_dot(&mut self, dot: Token, in_splat: bool) -> Parse<Step> {
        let token = self.peek();
        let text = self.text(token.span);
        let key = match token.kind {
            TokenKind::Identifier => StepKey::Attribute(normalized(text)),
            TokenKind::Number if text.contains('.') => {
                return Err(self.two_legacy_indexes(token.span, in_splat));
            }
            TokenKind::Number => match Number::parse(text) {
                Some(number) => StepKey::Index(number),
                None => return Err(self.bad_number(token.span)),
            },
            _ => return Err(self.no_attribute_name()),
        };
        self.advance();
        Ok(Step {
            key,
            span: dot.span.to(token.span),
        })
    }

    fn in_brackets(&mut self, open: Token) -> Parse<AccessOperation> {
        self.advance();
        let token = self.peek();
        if token.kind == TokenKind::Star {
            self.advance();
            if self.peek().kind != TokenKind::CloseBracket {
                return Err(self.unclosed_splat(open.span));
            }
            self.advance();
            let each = self.nested(Self::access_operations)?;
            return Ok(AccessOperation::Splat {
                each,
                marker: token.span,
                span: self.span_from(open.span.start),
            });
        }
        let key = self.bracketed(true, |parser| {
            let key = parser.expression()?;
            match parser.peek().kind {
                TokenKind::CloseBracket => Ok(key),
                _ => Err(parser.unclosed_index(open.span)),
            }
        })?;
        self.advance();
        let span = self.span_from(open.span.start);
        let key = match key.kind {
            ExpressionKind::String(text) => StepKey::Key(text),
            ExpressionKind::Number(number) => StepKey::Index(number),
            kind => {
                let key = Expression::new(key.span, kind);
                return Ok(AccessOperation::Index { key, span });
            }
        };
        Ok(AccessOperation::Step(Step { key, span }))
    }
}
