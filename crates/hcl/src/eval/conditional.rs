//! `condition ? one : other`.

use super::{Evaluated, Frame};
use crate::ast::{Conditional, Expression};
use crate::convert::convert;
use crate::diagnostic::Diagnostics;
use crate::source::Span;
use crate::ty::Type;
use crate::unify::unify;
use crate::value::Value;

impl Frame<'_> {
    /// Both results are evaluated, since the type of the whole comes from both; but only the errors
    /// of the chosen one count.
    #[inline(never)]
    pub(super) fn conditional(&self, conditional: &Conditional, span: Span) -> Evaluated {
        let condition = self.evaluate(&conditional.condition)?;
        let chosen = self.decide(&condition, &conditional.condition)?;
        let marks = condition.deep_marks();
        let frame = |branch: bool| match chosen {
            Some(chosen) if chosen == branch => *self,
            _ => self.attempting(),
        };
        let yes = frame(true).evaluate(&conditional.yes);
        let no = frame(false).evaluate(&conditional.no);
        if self.context.budget.is_exhausted() {
            return yes.and(no);
        }
        for value in [&yes, &no].into_iter().flatten() {
            self.count(value, span)?;
        }
        if let (Some(chosen), Ok(yes), Ok(no)) = (chosen, &yes, &no)
            && yes.is_of_same_primitive_type(no)
        {
            let result = if chosen { yes } else { no };
            return Ok(result.clone().with_marks(marks));
        }
        let ty = common_type(&yes, &no)
            .ok_or_else(|| self.inconsistent_results(conditional, &yes, &no))?;
        let Some(chosen) = chosen else {
            let marks = [&yes, &no]
                .into_iter()
                .flatten()
                .fold(marks, |marks, value| marks | value.deep_marks());
            return Ok(Value::unknown_of(ty).with_marks(marks));
        };
        let (result, expression) = if chosen {
            (yes?, &conditional.yes)
        } else {
            (no?, &conditional.no)
        };
        let is_of_type = ty.is_primitive() && result.ty() == ty;
        let converted = if is_of_type {
            result
        } else {
            convert(&result, &ty).map_err(|error| self.bad_result(&error, &ty, expression))?
        };
        Ok(converted.with_marks(marks))
    }

    /// What a condition says; `None` if it is unknown.
    pub(super) fn decide(
        &self,
        value: &Value,
        condition: &Expression,
    ) -> Result<Option<bool>, Diagnostics> {
        if let Some(decision) = value.as_bool() {
            return Ok(Some(decision));
        }
        if value.is_null() {
            return Err(self.null_condition(condition));
        }
        match convert(value, &Type::Bool) {
            Ok(value) => Ok(value.as_bool()),
            Err(error) => Err(self.bad_condition(&error, value, condition)),
        }
    }

    /// Evaluates and decides.
    pub(super) fn condition(
        &self,
        condition: &Expression,
    ) -> Result<(Option<bool>, Value), Diagnostics> {
        let value = self.evaluate(condition)?;
        Ok((self.decide(&value, condition)?, value))
    }
}

/// The type that both results can become. A null that is of no type yet takes the other's.
fn common_type(yes: &Evaluated, no: &Evaluated) -> Option<Type> {
    let is_bare_null = |value: &Evaluated| matches!(value, Ok(value) if value.is_null() && value.ty() == Type::Dynamic);
    let ty = |value: &Evaluated| value.as_ref().map_or(Type::Dynamic, Value::ty);
    let (yes_type, no_type) = (ty(yes), ty(no));
    if is_bare_null(yes) || yes_type == no_type {
        return Some(no_type);
    }
    if is_bare_null(no) {
        return Some(yes_type);
    }
    if yes_type == Type::Dynamic || no_type == Type::Dynamic {
        return Some(Type::Dynamic);
    }
    unify(&[yes_type, no_type])
}
