//! Templates.

use super::{Evaluated, Frame};
use crate::ast::{Expression, ForDirective, IfDirective, Part};
use crate::convert::convert;
use crate::diagnostic::Diagnostics;
use crate::source::Span;
use crate::ty::Type;
use crate::value::{Marks, Value};

/// The text of a template as far as it is made.
struct Output {
    text: String,
    /// Whether a part of it is unknown, and so the whole.
    is_unknown: bool,
    marks: Marks,
}

impl Frame<'_> {
    #[inline(never)]
    pub(super) fn template(&self, parts: &[Part], span: Span) -> Evaluated {
        let mut output = Output {
            text: self.context.budget.take_buffer(),
            is_unknown: false,
            marks: Marks::NONE,
        };
        self.parts(parts, span, &mut output)?;
        let value = if output.is_unknown {
            Value::unknown_of(Type::String)
        } else {
            Value::string(&output.text)
        };
        self.context.budget.return_buffer(output.text);
        self.keep(value.with_marks(output.marks), span)
    }

    fn parts(&self, parts: &[Part], span: Span, output: &mut Output) -> Result<(), Diagnostics> {
        let mut rest = parts.iter();
        while let Some(part) = rest.next() {
            // No longer than the source, which has a limit of its own.
            if let Part::Literal(text) = part {
                output.text.push_str(text);
            } else if let Err(error) = self.sequence(part, span, output) {
                return Err(self.errors_of_parts(error, rest, span, output));
            }
        }
        Ok(())
    }

    /// The first error of several parts, and those of the parts behind it.
    #[cold]
    fn errors_of_parts(
        &self,
        mut errors: Diagnostics,
        rest: std::slice::Iter<'_, Part>,
        span: Span,
        output: &mut Output,
    ) -> Diagnostics {
        for part in rest {
            if self.context.budget.is_exhausted() {
                break;
            }
            let result = self.sequence(part, span, output);
            errors.extend(result.err().into_iter().flatten());
        }
        errors
    }

    fn sequence(&self, part: &Part, span: Span, output: &mut Output) -> Result<(), Diagnostics> {
        match part {
            Part::Interpolation(expression) => self.interpolation(expression, output)?,
            // Only errors are looked for where this comes by.
            Part::Literal(_) => {}
            Part::If(directive) => self.if_directive(directive, span, output)?,
            Part::For(directive) => self.for_directive(directive, span, output)?,
        }
        let length = output.text.len() as u64;
        let expected = self.context.budget.expect_bytes(length);
        expected.map_err(|exceeded| self.limit(exceeded, span))
    }

    fn interpolation(
        &self,
        expression: &Expression,
        output: &mut Output,
    ) -> Result<(), Diagnostics> {
        if let Some((text, marks)) = self.bound_text(expression) {
            output.marks |= marks;
            output.text.push_str(text);
            return self.take_steps(1, expression.span);
        }
        let value = self.evaluate(expression)?;
        output.marks |= value.deep_marks();
        if value.is_null() {
            return Err(self.null_in_template(expression));
        }
        if let Some(text) = value.as_str() {
            output.text.push_str(text);
            return Ok(());
        }
        if let Some(number) = value.as_number() {
            let written = number.write_to(&mut output.text);
            written.expect("a text takes all");
            return Ok(());
        }
        let text = convert(&value, &Type::String)
            .map_err(|_| self.no_text_in_template(&value, expression))?;
        match text.as_str() {
            Some(text) => output.text.push_str(text),
            None => output.is_unknown = true,
        }
        Ok(())
    }

    fn if_directive(
        &self,
        directive: &IfDirective,
        span: Span,
        output: &mut Output,
    ) -> Result<(), Diagnostics> {
        let (decision, value) = self.condition(&directive.condition)?;
        output.marks |= value.deep_marks();
        match decision {
            Some(true) => self.parts(&directive.yes, span, output),
            Some(false) => self.parts(&directive.no, span, output),
            None => {
                output.is_unknown = true;
                Ok(())
            }
        }
    }

    fn for_directive(
        &self,
        directive: &ForDirective,
        span: Span,
        output: &mut Output,
    ) -> Result<(), Diagnostics> {
        let collection = self.evaluate(&directive.collection)?;
        output.marks |= collection.marks();
        let Some(elements) = self.elements(&collection, &directive.collection)? else {
            output.is_unknown = true;
            return Ok(());
        };
        for index in 0..elements.len() {
            self.take_steps(1, span)?;
            let names = (&directive.key_name, &directive.value_name);
            let (key, value) = (|| elements.key(index), elements.value(index));
            self.bind(names, key, &value, |frame| {
                frame.parts(&directive.body, span, output)
            })?;
        }
        Ok(())
    }
}
