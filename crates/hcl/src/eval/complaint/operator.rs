//! Complaints about operators and conditionals.

use super::Frame;
use crate::ast::{Conditional, Expression, Operator, Unary, UnaryOperator};
use crate::convert::Mismatch;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::eval::Evaluated;
use crate::eval::operator::Site;
use crate::number::ArithmeticError;
use crate::source::Span;
use crate::ty::{ObjectType, Type};
use crate::value::{Kind, Value};

impl Frame<'_> {
    #[cold]
    pub(in crate::eval) fn bad_operand(
        &self,
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

    #[cold]
    pub(in crate::eval) fn null_operand(&self, site: Site<'_>, span: Span) -> Diagnostics {
        let symbol = site.operator().symbol();
        let complaint = self
            .error("Operand is null", span)
            .detail(format!(
                "Null has no value that `{symbol}` could work with."
            ))
            .label("this is null");
        let complaint = self.with_fallback(complaint, span, "…");
        self.with_values(complaint, &site.expressions_in(span))
    }

    #[cold]
    pub(in crate::eval) fn no_result(
        &self,
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

    #[cold]
    pub(in crate::eval) fn bad_unary_operand(
        &self,
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

    #[cold]
    pub(in crate::eval) fn null_unary_operand(&self, unary: &Unary) -> Diagnostics {
        let symbol = symbol(unary.operator);
        let complaint = self
            .error("Operand is null", unary.operand.span)
            .detail(format!(
                "Null has no value that `{symbol}` could work with."
            ))
            .label("this is null");
        self.with_values(complaint, &[&unary.operand])
    }

    #[cold]
    pub(in crate::eval) fn null_condition(&self, condition: &Expression) -> Diagnostics {
        let complaint = self
            .error("Condition is null", condition.span)
            .detail("A condition is true or false, and this one is null.")
            .label("this is null");
        let complaint = self.with_fallback(complaint, condition.span, "false");
        self.with_values(complaint, &[condition])
    }

    #[cold]
    pub(in crate::eval) fn bad_condition(
        &self,
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
    #[cold]
    pub(in crate::eval) fn inconsistent_results(
        &self,
        conditional: &Conditional,
        yes: &Evaluated,
        no: &Evaluated,
    ) -> Diagnostics {
        let span = conditional.yes.span.to(conditional.no.span);
        let may_tell = ![yes, no].into_iter().flatten().any(Self::hides_names);
        let ty = |value: &Evaluated| value.as_ref().map_or(Type::Dynamic, Value::ty);
        let (yes, no) = (ty(yes), ty(no));
        let (difference, help) = if may_tell {
            difference(&yes, &no)
        } else {
            difference_of_kinds(&yes, &no)
        };
        let complaint = self
            .error("Results of different types", span)
            .detail(format!(
                "Whatever the condition, the result is of one type, but {difference}."
            ))
            .label("no type in common");
        let spelled = if may_tell { spelled } else { with_article };
        let complaint = [(&conditional.yes, &yes), (&conditional.no, &no)]
            .into_iter()
            .fold(complaint, |complaint, (result, ty)| {
                complaint.related(self.context.source, result.span, spelled(ty))
            });
        let complaint = complaint.help(help);
        self.with_values(complaint, &[&conditional.yes, &conditional.no])
    }

    #[cold]
    pub(in crate::eval) fn bad_result(
        &self,
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

/// Where two types differ, as exactly as it can be said, and what to do about it.
fn difference(yes: &Type, no: &Type) -> (String, &'static str) {
    match (yes, no) {
        (Type::Object(yes), Type::Object(no)) => difference_of_objects(yes, no),
        (Type::Tuple(yes), Type::Tuple(no)) if yes.len() != no.len() => (
            format!(
                "the first has {} elements and the second {}, and these are not all of one type",
                yes.len(),
                no.len()
            ),
            "convert the elements, such as with tostring(), so that all are of one type",
        ),
        (Type::Tuple(yes), Type::Tuple(no)) => {
            let mut pairs = yes.iter().zip(no.iter()).enumerate();
            let differing = pairs.find(|(_, (a, b))| differ(a, b));
            let (index, (a, b)) = differing.unwrap_or((0, (&Type::Dynamic, &Type::Dynamic)));
            let (inner, help) = difference(a, b);
            (format!("in element {index} {inner}"), help)
        }
        _ => difference_of_kinds(yes, no),
    }
}

/// The same without a look at their parts.
fn difference_of_kinds(yes: &Type, no: &Type) -> (String, &'static str) {
    (
        format!(
            "the first is {} and the second {}",
            with_article(yes),
            with_article(no)
        ),
        "convert one of them, such as with tostring() or jsonencode()",
    )
}

fn difference_of_objects(yes: &ObjectType, no: &ObjectType) -> (String, &'static str) {
    let differing = yes.iter().find_map(|(name, ty)| {
        let other = no.get(name)?;
        differ(ty, other).then(|| (name, difference(ty, other)))
    });
    if let Some((name, (inner, help))) = differing {
        return (format!("in the attribute \"{name}\" {inner}"), help);
    }
    let only = |a: &ObjectType, b: &ObjectType| {
        let mut names = a.iter().map(|(name, _)| name);
        names.find(|name| b.get(name).is_none()).cloned()
    };
    let (which, name) = match (only(yes, no), only(no, yes)) {
        (Some(name), _) => ("first", name),
        (None, name) => ("second", name.unwrap_or_default()),
    };
    (
        format!(
            "only the {which} has the attribute \"{name}\", and the values of all attributes are \
             not of one type either"
        ),
        "give both the same attributes; what is missing in one can be null",
    )
}

fn differ(a: &Type, b: &Type) -> bool {
    crate::unify::unify(&[a.clone(), b.clone()]).is_none()
}

fn with_article(ty: &Type) -> String {
    match ty {
        Type::Object(_) => format!("an {ty}"),
        Type::Dynamic => "not known yet".to_owned(),
        _ => format!("a {ty}"),
    }
}

/// A type with its parts, as far as they fit into one line.
fn spelled(ty: &Type) -> String {
    const WIDTH: usize = 60;
    let parts = match ty {
        Type::Object(object) => {
            let parts = object.iter().map(|(name, ty)| format!("{name} = {ty}"));
            parts.collect::<Vec<_>>().join(", ")
        }
        Type::Tuple(elements) => {
            let parts = elements.iter().map(Type::to_string);
            parts.collect::<Vec<_>>().join(", ")
        }
        _ => return with_article(ty),
    };
    let shown: String = parts.chars().take(WIDTH).collect();
    let rest = if shown.len() < parts.len() { "…" } else { "" };
    format!("{} of {shown}{rest}", with_article(ty))
}
