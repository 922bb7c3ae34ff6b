//! Complaints about operators and conditionals.

use super::Frame;
use crate::ast::{Conditional, Expression, Operator, Unary, UnaryOperator};
use crate::convert::Mismatch;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::eval::Evaluated;
use crate::eval::operator::Site;
use crate::number::ArithmeticError;
use crate::source::Span;
use crate::ty::Type;
use crate::value::{Kind, Value};

impl Frame<'_> {
    pub(in crate::eval) fn bad_operand(
        self,
        site: Site<'_>,
        value: &Value,
        span: Span,
        mismatch: &Mismatch,
    ) -> Diagnostics {
        let symbol = site.operator().symbol();
        let complaint = self
            .error("Invalid operand", span)
            .detail(format!("For `{symbol}` {mismatch}."))
            .label(format!("this is {}", Self::told(value)));
        let complaint = match (site.operator(), value.kind()) {
            (Operator::Add, Kind::String(_)) => {
                complaint.help("texts are joined within a string: \"${one}${other}\"")
            }
            (Operator::Add, Kind::List(_) | Kind::Tuple(_) | Kind::Set(_)) => {
                complaint.help("lists are joined with concat(one, other)")
            }
            (Operator::Add, Kind::Map(_) | Kind::Object(_)) => {
                complaint.help("maps are joined with merge(one, other)")
            }
            _ => complaint,
        };
        self.with_values(complaint, &site.expressions_in(span))
    }

    pub(in crate::eval) fn null_operand(self, site: Site<'_>, span: Span) -> Diagnostics {
        let symbol = site.operator().symbol();
        let complaint = self
            .error("Operand is null", span)
            .detail(format!(
                "Null has no value that `{symbol}` could work with."
            ))
            .label("this is null");
        self.with_values(complaint, &site.expressions_in(span))
    }

    pub(in crate::eval) fn no_result(
        self,
        site: Site<'_>,
        error: ArithmeticError,
        left: &Value,
        right: &Value,
    ) -> Diagnostics {
        let symbol = site.operator().symbol();
        let complaint = self.error("No result", site.whole_span()).detail(format!(
            "Of {} {symbol} {} {error}.",
            left.preview(),
            right.preview()
        ));
        self.with_values(complaint, &site.expressions_in(site.whole_span()))
    }

    pub(in crate::eval) fn bad_unary_operand(
        self,
        unary: &Unary,
        value: &Value,
        mismatch: &Mismatch,
    ) -> Diagnostics {
        let complaint = self
            .error("Invalid operand", unary.operand.span)
            .detail(format!("For `{}` {mismatch}.", symbol(unary.operator)))
            .label(format!("this is {}", Self::told(value)));
        self.with_values(complaint, &[&unary.operand])
    }

    pub(in crate::eval) fn null_unary_operand(self, unary: &Unary) -> Diagnostics {
        let symbol = symbol(unary.operator);
        let complaint = self
            .error("Operand is null", unary.operand.span)
            .detail(format!(
                "Null has no value that `{symbol}` could work with."
            ))
            .label("this is null");
        self.with_values(complaint, &[&unary.operand])
    }

    pub(in crate::eval) fn null_condition(self, condition: &Expression) -> Diagnostics {
        let complaint = self
            .error("Condition is null", condition.span)
            .detail("A condition is true or false, and this one is null.")
            .label("this is null");
        self.with_values(complaint, &[condition])
    }

    pub(in crate::eval) fn bad_condition(
        self,
        mismatch: &Mismatch,
        value: &Value,
        condition: &Expression,
    ) -> Diagnostics {
        let complaint = self
            .error("Invalid condition", condition.span)
            .detail(format!("A condition is true or false: {mismatch}."))
            .label(format!("this is {}", Self::told(value)));
        self.with_values(complaint, &[condition])
    }

    /// The two results of a conditional have no type in common.
    pub(in crate::eval) fn inconsistent_results(
        self,
        conditional: &Conditional,
        yes: &Evaluated,
        no: &Evaluated,
    ) -> Diagnostics {
        let span = conditional.yes.span.to(conditional.no.span);
        let ty = |value: &Evaluated| value.as_ref().map_or(Type::Dynamic, Value::ty);
        let (yes, no) = (ty(yes), ty(no));
        let complaint = self
            .error("Results of different types", span)
            .detail(format!(
                "Whatever the condition, the result must be of one type, but {}.",
                difference(&yes, &no)
            ))
            .label(format!("{yes} or {no}"))
            .help("convert one of them, such as with tostring(), or give both the same attributes");
        self.with_values(complaint, &[&conditional.yes, &conditional.no])
    }

    pub(in crate::eval) fn bad_result(
        self,
        mismatch: &Mismatch,
        ty: &Type,
        result: &Expression,
    ) -> Diagnostics {
        let complaint: Diagnostic = self
            .error("Results of different types", result.span)
            .detail(format!(
                "The other result makes this one a {ty}, which it cannot become: {mismatch}."
            ))
            .label("cannot be converted");
        self.with_values(complaint, &[result])
    }
}

fn symbol(operator: UnaryOperator) -> &'static str {
    match operator {
        UnaryOperator::Not => "!",
        UnaryOperator::Negate => "-",
    }
}

/// Where two types differ, as exactly as it can be said.
fn difference(yes: &Type, no: &Type) -> String {
    match (yes, no) {
        (Type::Object(yes), Type::Object(no)) => {
            let differing = yes.iter().find_map(|(name, ty)| {
                let other = no.get(name)?;
                crate::unify::unify(&[ty.clone(), other.clone()])
                    .is_none()
                    .then(|| (name, difference(ty, other)))
            });
            match differing {
                Some((name, inner)) => format!("in the attribute \"{name}\" {inner}"),
                None => "their attributes differ, and are not all of one type".to_owned(),
            }
        }
        (Type::Tuple(yes), Type::Tuple(no)) if yes.len() != no.len() => format!(
            "one has {} elements and the other {}, and they are not all of one type",
            yes.len(),
            no.len()
        ),
        _ => format!("one is a {yes} and the other a {no}"),
    }
}
