//! Operators.

use std::cmp::Ordering;

use super::{Evaluated, Frame};
use crate::ast::{Expression, Operation, Operator, Unary, UnaryOperator};
use crate::convert::convert;
use crate::diagnostic::Diagnostics;
use crate::number::{ArithmeticError, Number};
use crate::source::Span;
use crate::ty::Type;
use crate::value::{Marks, Value};

/// One operator of a chain: it works on all that stands before it, and on its operand.
#[derive(Clone, Copy)]
pub(super) struct Site<'o> {
    operation: &'o Operation,
    index: usize,
}

impl<'o> Site<'o> {
    pub(super) fn operator(self) -> Operator {
        self.operation.rest[self.index].operator
    }

    fn right(self) -> &'o Expression {
        &self.operation.rest[self.index].expression
    }

    fn left_span(self) -> Span {
        let before = &self.operation.rest[..self.index];
        match before.last() {
            Some(operand) => self.operation.first.span.to(operand.expression.span),
            None => self.operation.first.span,
        }
    }

    pub(super) fn whole_span(self) -> Span {
        self.left_span().to(self.right().span)
    }

    /// The expressions of the chain that stand within a span.
    pub(super) fn expressions_in(self, span: Span) -> Vec<&'o Expression> {
        let rest = self
            .operation
            .rest
            .iter()
            .map(|operand| &operand.expression);
        std::iter::once(&self.operation.first)
            .chain(rest)
            .filter(|expression| span.contains(expression.span))
            .collect()
    }
}

/// What an operator does with two numbers.
#[derive(Clone, Copy)]
enum Work {
    Compare(fn(Ordering) -> bool),
    Compute(fn(&Number, &Number) -> Result<Number, ArithmeticError>),
}

impl Work {
    /// `None` for operators that work on other values too.
    fn of(operator: Operator) -> Option<Self> {
        Some(match operator {
            Operator::Or | Operator::And | Operator::Equal | Operator::NotEqual => return None,
            Operator::Greater => Self::Compare(Ordering::is_gt),
            Operator::GreaterOrEqual => Self::Compare(Ordering::is_ge),
            Operator::Less => Self::Compare(Ordering::is_lt),
            Operator::LessOrEqual => Self::Compare(Ordering::is_le),
            Operator::Add => Self::Compute(Number::add),
            Operator::Subtract => Self::Compute(Number::subtract),
            Operator::Multiply => Self::Compute(Number::multiply),
            Operator::Divide => Self::Compute(Number::divide),
            Operator::Remainder => Self::Compute(Number::remainder),
        })
    }
}

impl Frame<'_> {
    /// Applies the operators from left to right.
    #[inline(never)]
    pub(super) fn operation(&self, operation: &Operation) -> Evaluated {
        let mut left = self.evaluate(&operation.first);
        for index in 0..operation.rest.len() {
            let site = Site { operation, index };
            left = match site.operator() {
                Operator::And => self.logical(left, site, false),
                Operator::Or => self.logical(left, site, true),
                _ => self.binary(left, site),
            };
            if left.is_err() && self.context.budget.is_exhausted() {
                break;
            }
        }
        left
    }

    /// `&&` and `||`: one side that decides the result is enough, whatever is wrong with the other.
    fn logical(&self, left: Evaluated, site: Site<'_>, decisive: bool) -> Evaluated {
        let left = left.and_then(|value| self.bool_operand(site, &value, site.left_span()));
        if decides(&left, decisive) {
            return left.map(|left| Value::bool(decisive).with_marks(left.marks()));
        }
        let right = self
            .evaluate(site.right())
            .and_then(|value| self.bool_operand(site, &value, site.right().span));
        if self.context.budget.is_exhausted() {
            return left.and(right);
        }
        if decides(&right, decisive) {
            let sides = [&left, &right].into_iter().flatten();
            let marks = sides.fold(Marks::NONE, |marks, side| marks | side.marks());
            return Ok(Value::bool(decisive).with_marks(marks));
        }
        let (left, right) = both(left, right)?;
        for (value, span) in [(&left, site.left_span()), (&right, site.right().span)] {
            if value.is_null() {
                return Err(self.null_operand(site, span));
            }
        }
        let result = if left.is_unknown() || right.is_unknown() {
            Value::unknown_of(Type::Bool)
        } else {
            Value::bool(!decisive)
        };
        Ok(result.with_marks(left.marks() | right.marks()))
    }

    fn bool_operand(&self, site: Site<'_>, value: &Value, span: Span) -> Evaluated {
        convert(value, &Type::Bool).map_err(|error| self.bad_operand(site, value, span, &error))
    }

    fn number_operand(&self, site: Site<'_>, value: &Value, span: Span) -> Evaluated {
        let number = convert(value, &Type::Number)
            .map_err(|error| self.bad_operand(site, value, span, &error))?;
        if number.is_null() {
            return Err(self.null_operand(site, span));
        }
        Ok(number)
    }

    fn binary(&self, left: Evaluated, site: Site<'_>) -> Evaluated {
        let (left, right) = both(left, self.evaluate(site.right()))?;
        let result = match Work::of(site.operator()) {
            Some(work) => self.with_numbers(&left, &right, site, work)?,
            None => self.equality(&left, &right, site)?,
        };
        Ok(result.with_marks(left.deep_marks() | right.deep_marks()))
    }

    fn equality(&self, left: &Value, right: &Value, site: Site<'_>) -> Evaluated {
        self.count(left, site.left_span())?;
        self.count(right, site.right().span)?;
        Ok(match left.equals(right) {
            Some(equal) => Value::bool(equal == (site.operator() == Operator::Equal)),
            None => Value::unknown_of(Type::Bool),
        })
    }

    fn with_numbers(&self, left: &Value, right: &Value, site: Site<'_>, work: Work) -> Evaluated {
        if let (Work::Compare(holds), Some(a), Some(b)) =
            (work, left.as_number(), right.as_number())
        {
            return Ok(Value::bool(holds(a.cmp(b))));
        }
        let (left, right) = both(
            self.number_operand(site, left, site.left_span()),
            self.number_operand(site, right, site.right().span),
        )?;
        let (Some(a), Some(b)) = (left.as_number(), right.as_number()) else {
            return Ok(Value::unknown_of(match work {
                Work::Compare(_) => Type::Bool,
                Work::Compute(_) => Type::Number,
            }));
        };
        match work {
            Work::Compare(holds) => Ok(Value::bool(holds(a.cmp(b)))),
            Work::Compute(compute) => match compute(a, b) {
                Ok(number) => Ok(Value::number(number)),
                Err(error) => Err(self.no_result(site, error, &left, &right)),
            },
        }
    }

    #[inline(never)]
    pub(super) fn unary(&self, unary: &Unary) -> Evaluated {
        let value = self.evaluate(&unary.operand)?;
        let wanted = match unary.operator {
            UnaryOperator::Not => Type::Bool,
            UnaryOperator::Negate => Type::Number,
        };
        let operand = convert(&value, &wanted)
            .map_err(|error| self.bad_unary_operand(unary, &value, &error))?;
        if operand.is_null() {
            return Err(self.null_unary_operand(unary));
        }
        let result = match (operand.as_bool(), operand.as_number().map(Number::negate)) {
            (Some(value), _) => Value::bool(!value),
            (_, Some(number)) => Value::number(number),
            (None, None) => Value::unknown_of(wanted),
        };
        Ok(result.with_marks(operand.marks()))
    }
}

/// Whether one side decides alone. To "and" a null is as good as false, to "or" it is nothing.
fn decides(side: &Evaluated, decisive: bool) -> bool {
    match side {
        Ok(value) if decisive => value.as_bool() == Some(true),
        Ok(value) => value.as_bool() == Some(false) || value.is_null(),
        Err(_) => false,
    }
}

/// Both values, or all errors of both.
fn both(left: Evaluated, right: Evaluated) -> Result<(Value, Value), Diagnostics> {
    match (left, right) {
        (Ok(left), Ok(right)) => Ok((left, right)),
        (Err(mut left), Err(right)) => {
            left.extend(right);
            Err(left)
        }
        (Err(error), Ok(_)) | (Ok(_), Err(error)) => Err(error),
    }
}
