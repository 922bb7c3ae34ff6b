//! `try` and `can`, which look at whether an argument fails instead of at its value.

use super::{Evaluated, Frame};
use crate::ast::{Call, Expression};
use crate::diagnostic::Diagnostics;
use crate::source::Span;
use crate::ty::Type;
use crate::value::Value;

impl Frame<'_> {
    /// The first argument that has a value. If a part of that value is unknown, it may yet fail or
    /// be of another type, so nothing is known of the result.
    pub(super) fn try_each(&self, call: &Call, span: Span) -> Evaluated {
        let mut failures = Vec::with_capacity(call.arguments.len());
        for (index, argument) in call.arguments.iter().enumerate() {
            let is_last = index + 1 == call.arguments.len();
            match self
                .attempting()
                .attempt(argument, is_last && call.spread.is_some())
            {
                Err(failure) if self.context.budget.is_exhausted() => return Err(failure),
                Err(failure) => failures.push((argument.span, failure)),
                Ok(value) if value.contains_unknown() => {
                    return Ok(Value::unknown().with_marks(value.deep_marks()));
                }
                Ok(value) => return Ok(value),
            }
        }
        Err(self.nothing_succeeded(failures, call, span))
    }

    /// Whether the argument has a value.
    pub(super) fn can(&self, call: &Call, span: Span) -> Evaluated {
        let [argument] = call.arguments.as_slice() else {
            return Err(self.wrong_can(call, span));
        };
        match self.attempting().attempt(argument, call.spread.is_some()) {
            Err(failure) if self.context.budget.is_exhausted() => Err(failure),
            Err(_) => Ok(Value::bool(false)),
            Ok(value) if value.contains_unknown() => {
                Ok(Value::unknown_of(Type::Bool).with_marks(value.deep_marks()))
            }
            Ok(_) => Ok(Value::bool(true)),
        }
    }

    fn attempt(&self, argument: &Expression, is_spread: bool) -> Result<Value, Diagnostics> {
        let value = self.evaluate(argument)?;
        if !is_spread {
            return Ok(value);
        }
        let marks = value.marks();
        if value.contains_unknown() {
            // Whatever is unknown beside the first element may yet fail.
            return Ok(Value::unknown().with_marks(value.deep_marks()));
        }
        match self.spread(&value, argument)? {
            Some([first, ..]) => Ok(first.clone().with_marks(marks)),
            Some([]) => Err(self.bad_spread(&value, argument)),
            None => Ok(Value::unknown().with_marks(marks)),
        }
    }
}
