//! Calls.

use super::{Evaluated, Frame};
use crate::ast::{Call, Expression};
use crate::diagnostic::Diagnostics;
use crate::functions::Arguments;
use crate::host::CallError;
use crate::source::Span;
use crate::value::{Kind, Marks, Value};

/// Arguments as they are evaluated.
struct Evaluations {
    values: Vec<Value>,
    /// Marks of a list that was spread out.
    marks: Marks,
    /// Whether a list that was to be spread out is unknown.
    is_unknown: bool,
}

impl Frame<'_> {
    #[inline(never)]
    pub(super) fn call(&self, call: &Call, span: Span) -> Evaluated {
        match call.name.as_str() {
            "try" => return self.try_each(call, span),
            "can" => return self.can(call, span),
            _ => {}
        }
        let function = call.function;
        let arguments = self.arguments(call);
        if function.is_none() && arguments.is_err() && !self.is_host_function(&call.name) {
            return Err(self.unknown_function(call));
        }
        let Evaluations {
            values,
            marks,
            is_unknown,
        } = arguments?;
        if is_unknown {
            return Ok(Value::unknown().with_marks(marks));
        }
        let all_marks = values
            .iter()
            .fold(marks, |marks, value| marks | value.deep_marks());
        let result = match function {
            Some(function) => {
                let mut arguments = Arguments::new(call, values, span, self.context);
                let result = function.call(&mut arguments);
                self.context.budget.return_values(arguments.into_values());
                result
            }
            None => match self.host_call(call, values, span) {
                Some(result) => result,
                None => return Err(self.unknown_function(call)),
            },
        };
        match result {
            Ok(value) => self.keep(value.with_marks(marks), span),
            Err(error) if all_marks.contains(Marks::SENSITIVE) => {
                Err(self.failed_call(without_values(error), call, function, span))
            }
            Err(error) => Err(self.failed_call(error, call, function, span)),
        }
    }

    fn is_host_function(&self, name: &str) -> bool {
        let names = self.context.host.function_names();
        names.iter().any(|known| known == name)
    }

    /// Calls a function of the host, which sees no marks.
    fn host_call(
        &self,
        call: &Call,
        mut values: Vec<Value>,
        span: Span,
    ) -> Option<Result<Value, CallError>> {
        let mut marks = Marks::NONE;
        let marked = values
            .iter_mut()
            .filter(|value| !value.deep_marks().is_empty());
        for value in marked {
            let (bare, its_marks) = value.unmark_deep();
            *value = bare;
            marks |= its_marks;
        }
        let has_unknown = values.iter().any(Value::contains_unknown);
        if has_unknown && !self.context.host.takes_unknown(&call.name) {
            let is_known = self.is_host_function(&call.name);
            return is_known.then(|| Ok(Value::unknown().with_marks(marks)));
        }
        let arguments = Arguments::new(call, values, span, self.context);
        let result = self.context.host.call(&call.name, &arguments);
        self.context.budget.return_values(arguments.into_values());
        let result = result?;
        Some(result.map(|value| value.with_marks(marks)))
    }

    /// Evaluates the arguments, and spreads out the last one if so written.
    fn arguments(&self, call: &Call) -> Result<Evaluations, Diagnostics> {
        let values = self.evaluate_all(call.arguments.iter())?;
        let mut evaluations = Evaluations {
            values,
            marks: Marks::NONE,
            is_unknown: false,
        };
        let (true, Some(argument)) = (call.spread.is_some(), call.arguments.last()) else {
            return Ok(evaluations);
        };
        let last = evaluations.values.pop().expect("there is a last argument");
        evaluations.marks = last.marks();
        match self.spread(&last, argument)? {
            Some(items) => {
                let count = self.context.budget.expect_items(items.len() as u64);
                count.map_err(|exceeded| self.limit(exceeded, argument.span))?;
                evaluations.values.extend_from_slice(items);
            }
            None => evaluations.is_unknown = true,
        }
        Ok(evaluations)
    }

    /// The elements of a list that is spread out; `None` if they are unknown.
    pub(super) fn spread<'v>(
        &self,
        list: &'v Value,
        argument: &Expression,
    ) -> Result<Option<&'v [Value]>, Diagnostics> {
        match list.kind() {
            Kind::List(items) | Kind::Set(items) | Kind::Tuple(items) => Ok(Some(items)),
            Kind::Unknown if list.is_dynamic() || is_list(list) => Ok(None),
            Kind::Null
            | Kind::Unknown
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::String(_)
            | Kind::Map(_)
            | Kind::Object(_) => Err(self.bad_spread(list, argument)),
        }
    }
}

/// An error without words that may tell something of a sensitive argument.
fn without_values(error: CallError) -> CallError {
    match error {
        CallError::Argument { index, .. } => CallError::argument(
            index,
            "is not suitable; why is not shown, as it is sensitive",
        ),
        CallError::Failed(_) => {
            CallError::failed("Why it failed is not shown, as an argument is sensitive.")
        }
        CallError::Count(_) | CallError::Diagnostics(_) | CallError::Limit(_) => error,
    }
}

fn is_list(value: &Value) -> bool {
    use crate::ty::Type;
    matches!(value.ty(), Type::List(_) | Type::Set(_) | Type::Tuple(_))
}
