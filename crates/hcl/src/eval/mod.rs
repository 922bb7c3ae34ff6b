//! Syntax trees to values.
//!
//! Evaluating is a plain recursion over the tree. Whatever can fail apart from the rest is evaluated
//! although something beside it failed, so that all errors of an expression are told at once. An
//! unknown value makes what depends on it unknown, and never anything else.

mod access;
mod attempt;
mod call;
mod collection;
mod complaint;
mod conditional;
mod operator;
mod template;

use std::fmt;
use std::sync::Arc;

use crate::Text;
use crate::ast::{Constant, Expression, ExpressionKind, Traversal};
use crate::diagnostic::Diagnostics;
use crate::host::Host;
use crate::limits::{Budget, Exceeded};
use crate::source::{Source, Span};
use crate::value::Value;

/// What an expression is evaluated in.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The text that the expression was parsed from.
    pub source: &'a Arc<Source>,
    pub host: &'a dyn Host,
    /// Shared by all evaluations of one question.
    pub budget: &'a Budget,
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Context({})", self.source.name())
    }
}

/// Evaluates an expression.
pub fn evaluate(expression: &Expression, context: &Context<'_>) -> Result<Value, Diagnostics> {
    context.budget.begin();
    let frame = Frame {
        context,
        scope: None,
        attempts: false,
    };
    frame.evaluate(expression).map_err(|mut diagnostics| {
        diagnostics.fold();
        diagnostics.settle();
        diagnostics
    })
}

type Evaluated = Result<Value, Diagnostics>;

/// A place in the evaluation: the context, and the names that are bound around it.
#[derive(Clone, Copy)]
struct Frame<'a> {
    context: &'a Context<'a>,
    scope: Option<&'a Scope<'a>>,
    /// Whether an error is likely to be thrown away, so that words for it need not be sought.
    attempts: bool,
}

/// A name bound by a `for`, and those bound around it.
struct Scope<'a> {
    name: &'a Text,
    value: &'a Value,
    outer: Option<&'a Scope<'a>>,
}

impl<'a> Frame<'a> {
    /// All recursion goes through here, so this does little beside the choice: each kind of node has
    /// its function, and each is kept from being inlined, so that a level needs little of the stack.
    fn evaluate(&self, expression: &Expression) -> Evaluated {
        let budget = self.context.budget;
        if let Err(exceeded) = budget.take_steps(1) {
            return self.stop(exceeded, expression);
        }
        let span = expression.span;
        match &expression.kind {
            ExpressionKind::Null => Ok(Value::null()),
            ExpressionKind::Bool(value) => Ok(Value::bool(*value)),
            ExpressionKind::Number(number) => Ok(Value::number(number.clone())),
            ExpressionKind::String(text) => Ok(Value::text(text.clone())),
            ExpressionKind::Constant(constant) => self.constant(constant, span),
            ExpressionKind::Variable(traversal) => {
                self.deeper(expression, || self.variable(traversal))
            }
            ExpressionKind::Access(access) => self.deeper(expression, || self.access(access)),
            ExpressionKind::Interpolation(inner) | ExpressionKind::Parentheses(inner) => {
                self.deeper(expression, || self.evaluate(inner))
            }
            ExpressionKind::Template(parts) => {
                self.deeper(expression, || self.template(parts, span))
            }
            ExpressionKind::Tuple(items) => self.deeper(expression, || self.tuple(items, span)),
            ExpressionKind::Object(items) => self.deeper(expression, || self.object(items, span)),
            ExpressionKind::Call(call) => self.deeper(expression, || self.call(call, span)),
            ExpressionKind::For(each) => {
                self.deeper(expression, || self.for_expression(each, span))
            }
            ExpressionKind::Conditional(conditional) => {
                self.deeper(expression, || self.conditional(conditional, span))
            }
            ExpressionKind::Operation(operation) => {
                self.deeper(expression, || self.operation(operation))
            }
            ExpressionKind::Unary(unary) => self.deeper(expression, || self.unary(unary)),
        }
    }

    /// Evaluates what may wait for others.
    #[inline]
    fn deeper(&self, expression: &Expression, evaluate: impl FnOnce() -> Evaluated) -> Evaluated {
        let budget = self.context.budget;
        if let Err(exceeded) = budget.enter() {
            return self.stop(exceeded, expression);
        }
        let result = evaluate();
        budget.leave();
        result
    }

    #[cold]
    fn stop(&self, exceeded: Exceeded, expression: &Expression) -> Evaluated {
        Err(self.limit(exceeded, expression.span))
    }

    #[inline(never)]
    fn constant(&self, constant: &Constant, span: Span) -> Evaluated {
        self.keep(constant.value.clone(), span)
    }

    /// The same place with one more name bound.
    fn with_scope<'b>(&self, scope: &'b Scope<'b>) -> Frame<'b>
    where
        'a: 'b,
    {
        Frame {
            context: self.context,
            scope: Some(scope),
            attempts: self.attempts,
        }
    }

    /// The same place, where an error is likely to be thrown away.
    fn attempting(&self) -> Self {
        Self {
            attempts: true,
            ..*self
        }
    }

    /// The value of a name that a `for` binds. There is none where only a part of the `for` is
    /// evaluated.
    fn bound(&self, traversal: &Traversal) -> Option<&'a Value> {
        let mut scope = self.scope?;
        for _ in 0..traversal.bound? {
            scope = scope.outer?;
        }
        Some(scope.value)
    }

    /// The names that each `for` around this binds, the innermost first.
    fn bound_names(&self) -> Vec<String> {
        let scopes = std::iter::successors(self.scope, |scope| scope.outer);
        scopes.map(|scope| scope.name.to_string()).collect()
    }

    /// Evaluates several expressions, and tells all errors of all of them.
    fn evaluate_all(
        &self,
        expressions: &[Expression],
        values: &mut Vec<Value>,
    ) -> Result<(), Diagnostics> {
        values.reserve(expressions.len());
        let mut rest = expressions.iter();
        while let Some(expression) = rest.next() {
            match self.evaluate(expression) {
                Ok(value) => values.push(value),
                Err(error) => return Err(self.errors_of_all(error, rest)),
            }
        }
        Ok(())
    }

    /// The first error of several expressions, and those of the expressions behind it.
    #[cold]
    fn errors_of_all<'e>(
        &self,
        mut errors: Diagnostics,
        mut rest: impl Iterator<Item = &'e Expression>,
    ) -> Diagnostics {
        while !self.context.budget.is_exhausted()
            && let Some(expression) = rest.next()
        {
            errors.extend(self.evaluate(expression).err().into_iter().flatten());
        }
        errors
    }

    /// Looks at the size of a value that was made here.
    #[inline]
    fn keep(&self, value: Value, span: Span) -> Evaluated {
        let kept = self.context.budget.keep(&value);
        kept.map_err(|exceeded| self.limit(exceeded, span))?;
        Ok(value)
    }

    /// Counts the work of looking at all of a value.
    fn count(&self, value: &Value, span: Span) -> Result<(), Diagnostics> {
        self.take_steps(value.size().bytes / 64, span)
    }

    fn take_steps(&self, steps: u64, span: Span) -> Result<(), Diagnostics> {
        let taken = self.context.budget.take_steps(steps);
        taken.map_err(|exceeded| self.limit(exceeded, span))
    }
}

#[cfg(test)]
mod tests;
