//! Calls.

use super::{Evaluated, Frame};
use crate::ast::{Call, Expression};
use crate::diagnostic::Diagnostics;
use crate::functions::{Arguments, Function};
use crate::host::CallError;
use crate::source::Span;
use crate::value::{Kind, Marks, Value};

/// What is known of the last argument, if it was a list that is spread out.
#[derive(Default)]
struct Spread {
    marks: Marks,
    is_unknown: bool,
}

impl Frame<'_> {
    #[inline(never)]
    pub(super) fn call(&self, call: &Call, span: Span) -> Evaluated {
        if let Some(function) = call.function {
            return self.language_call(call, function, span);
        }
        match call.name.as_str() {
            "try" => self.try_each(call, span),
            "can" => self.can(call, span),
            _ => self.host_call(call, span),
        }
    }

    /// Calls a function of the language.
    fn language_call(&self, call: &Call, function: &Function, span: Span) -> Evaluated {
        let mut arguments = Arguments::new(call, span, self.context);
        let spread = self.evaluate_arguments(call, arguments.values_mut())?;
        if spread.is_unknown {
            return Ok(Value::unknown().with_marks(spread.marks));
        }
        let all_marks = deep_marks(arguments.values()) | spread.marks;
        let result = function.call(&mut arguments);
        arguments.give_back();
        match result {
            Ok(value) => self.keep(value.with_marks(spread.marks), span),
            Err(error) => Err(self.failed_function(error, all_marks, call, Some(function), span)),
        }
    }

    /// Calls a function of the host, which sees no marks.
    #[inline(never)]
    fn host_call(&self, call: &Call, span: Span) -> Evaluated {
        let mut arguments = Arguments::new(call, span, self.context);
        let spread = match self.evaluate_arguments(call, arguments.values_mut()) {
            Ok(spread) => spread,
            Err(_) if !self.is_host_function(&call.name) => return Err(self.unknown_function(call)),
            Err(errors) => return Err(errors),
        };
        if spread.is_unknown {
            return Ok(Value::unknown().with_marks(spread.marks));
        }
        let marks = deep_marks(arguments.values()) | spread.marks;
        if !marks.is_empty() {
            for value in arguments.values_mut() {
                *value = value.unmark_deep().0;
            }
        }
        let host = self.context.host;
        let has_unknown = arguments.values().iter().any(Value::contains_unknown);
        if has_unknown && !host.takes_unknown(&call.name) {
            return if self.is_host_function(&call.name) {
                Ok(Value::unknown().with_marks(marks))
            } else {
                Err(self.unknown_function(call))
            };
        }
        let result = host.call(&call.name, &arguments);
        arguments.give_back();
        match result {
            Some(Ok(value)) => self.keep(value.with_marks(marks), span),
            Some(Err(error)) => Err(self.failed_function(error, marks, call, None, span)),
            None => Err(self.unknown_function(call)),
        }
    }

    fn is_host_function(&self, name: &str) -> bool {
        let names = self.context.host.function_names();
        names.iter().any(|known| known == name)
    }

    #[cold]
    fn failed_function(
        &self,
        error: CallError,
        marks: Marks,
        call: &Call,
        function: Option<&Function>,
        span: Span,
    ) -> Diagnostics {
        let is_secret = marks.contains(Marks::SENSITIVE);
        let error = if is_secret {
            without_values(error)
        } else {
            error
        };
        self.failed_call(error, call, function, span)
    }

    /// Evaluates the arguments, and spreads out the last one if so written.
    #[inline]
    fn evaluate_arguments(
        &self,
        call: &Call,
        values: &mut Vec<Value>,
    ) -> Result<Spread, Diagnostics> {
        self.evaluate_all(&call.arguments, values)?;
        match (call.spread, call.arguments.last()) {
            (Some(_), Some(argument)) => self.spread_last(argument, values),
            (Some(_), None) | (None, _) => Ok(Spread::default()),
        }
    }

    fn spread_last(
        &self,
        argument: &Expression,
        values: &mut Vec<Value>,
    ) -> Result<Spread, Diagnostics> {
        let last = values.pop().expect("there is a last argument");
        let items = self.spread(&last, argument)?;
        if let Some(items) = items {
            let count = self.context.budget.expect_items(items.len() as u64);
            count.map_err(|exceeded| self.limit(exceeded, argument.span))?;
            values.extend_from_slice(items);
        }
        Ok(Spread {
            marks: last.marks(),
            is_unknown: items.is_none(),
        })
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

fn deep_marks(values: &[Value]) -> Marks {
    let marks = values.iter().map(Value::deep_marks);
    marks.fold(Marks::NONE, |all, marks| all | marks)
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
