//! What a function is called with.

use crate::ast::Call;
use crate::diagnostic::Diagnostic;
use crate::eval::Context;
use crate::host::{CallError, World};
use crate::limits::Budget;
use crate::number::Number;
use crate::source::{Location, Span};
use crate::ty::Type;
use crate::value::Value;

/// The arguments of one call, and where it stands.
#[derive(Debug)]
pub struct Arguments<'a> {
    call: &'a Call,
    values: Vec<Value>,
    span: Span,
    context: &'a Context<'a>,
}

impl<'a> Arguments<'a> {
    /// None yet, with spare memory for them; it goes back with [`Arguments::give_back`].
    pub(crate) fn new(call: &'a Call, span: Span, context: &'a Context<'a>) -> Self {
        Self {
            call,
            values: context.budget.take_values(),
            span,
            context,
        }
    }

    pub(crate) fn values_mut(&mut self) -> &mut Vec<Value> {
        &mut self.values
    }

    pub(crate) fn give_back(self) {
        self.context.budget.return_values(self.values);
    }

    /// The function's name, as it was called.
    pub fn name(&self) -> &str {
        &self.call.name
    }

    pub fn len(&self) -> usize {
        self.values.len()
    }

    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub fn values(&self) -> &[Value] {
        &self.values
    }

    pub fn get(&self, index: usize) -> Option<&Value> {
        self.values.get(index)
    }

    /// An argument that is there.
    ///
    /// # Panics
    /// If there is none with this number.
    pub fn value(&self, index: usize) -> &Value {
        &self.values[index]
    }

    /// An argument as a string; it is converted if it can be.
    pub fn string(&self, index: usize) -> Result<String, CallError> {
        let value = self.converted(index, &Type::String)?;
        match value.as_str() {
            Some(text) => Ok(text.to_owned()),
            None => Err(CallError::argument(index, "must not be null")),
        }
    }

    /// An argument as a number; it is converted if it can be.
    pub fn number(&self, index: usize) -> Result<Number, CallError> {
        let value = self.converted(index, &Type::Number)?;
        match value.as_number() {
            Some(number) => Ok(number.clone()),
            None => Err(CallError::argument(index, "must not be null")),
        }
    }

    /// An argument as a bool; it is converted if it can be.
    pub fn bool(&self, index: usize) -> Result<bool, CallError> {
        let value = self.converted(index, &Type::Bool)?;
        match value.as_bool() {
            Some(value) => Ok(value),
            None => Err(CallError::argument(index, "must not be null")),
        }
    }

    /// A whole number that fits a machine's.
    pub(crate) fn integer(&self, index: usize) -> Result<i64, CallError> {
        let number = self.number(index)?;
        number.as_i64().ok_or_else(|| {
            let message = format!(
                "must be a whole number between {} and {}",
                i64::MIN,
                i64::MAX
            );
            CallError::argument(index, message)
        })
    }

    /// An argument whose parameter wants a string that is known.
    pub(crate) fn text(&self, index: usize) -> &str {
        let text = self.value(index).as_str();
        text.expect("the parameter wants a string that is known")
    }

    fn converted(&self, index: usize, ty: &Type) -> Result<Value, CallError> {
        let Some(value) = self.get(index) else {
            return Err(CallError::Count(format!(
                "It takes at least {} arguments, and got {}.",
                index + 1,
                self.len()
            )));
        };
        crate::convert::convert(value, ty)
            .map_err(|error| CallError::argument(index, format!("is not suitable: {error}")))
    }

    /// Refuses calls with too few or too many arguments.
    pub fn expect_count(&self, counts: std::ops::RangeInclusive<usize>) -> Result<(), CallError> {
        if counts.contains(&self.len()) {
            return Ok(());
        }
        let (least, most) = (counts.start(), counts.end());
        let wanted = if least == most {
            least.to_string()
        } else if *most == usize::MAX {
            format!("at least {least}")
        } else {
            format!("{least} to {most}")
        };
        let is_one = *least == 1 && (*most == 1 || *most == usize::MAX);
        let plural = if is_one { "" } else { "s" };
        Err(CallError::Count(format!(
            "It takes {wanted} argument{plural}, and got {}.",
            self.len()
        )))
    }

    /// Where the call stands.
    pub fn location(&self) -> Location {
        Location::new(self.context.source, self.span)
    }

    /// An error that stands at the call.
    pub fn error(&self, summary: impl Into<String>) -> Diagnostic {
        Diagnostic::error(summary).at(self.context.source, self.span)
    }

    pub fn context(&self) -> &'a Context<'a> {
        self.context
    }

    pub fn budget(&self) -> &'a Budget {
        self.context.budget
    }

    pub fn world(&self) -> &'a dyn World {
        self.context.host.world()
    }

    /// Counts the work of looking at all of an argument.
    pub(crate) fn count_all(&self) -> Result<(), CallError> {
        let bytes = self.values.iter().map(|value| value.size().bytes);
        let steps = bytes.fold(0u64, u64::saturating_add) / 64;
        Ok(self.budget().take_steps(steps)?)
    }

    /// Counts elements that were added to a collection which has so many now.
    pub(crate) fn count_items(&self, added: usize, all: usize) -> Result<(), CallError> {
        self.budget().take_steps(added as u64)?;
        Ok(self.budget().expect_items(all as u64)?)
    }

    pub(crate) fn replace(&mut self, index: usize, value: Value) {
        self.values[index] = value;
    }
}
