//! Tabs where only spaces may stand.
//!
//! The scanner lets a tab pass before the first value of a line, where it reads like indentation
//! and is none. The original refuses it, as people cannot see it. Within brackets and braces
//! indentation has no meaning, and tabs are as good as spaces.

use saphyr_parser::{Event, Span};

use super::decode::Trouble;

/// Follows the events of a text and looks at what stands before each in its line.
pub(super) struct Tabs<'a> {
    /// The text from the start of a line on, and the number of that line.
    rest: &'a str,
    line: usize,
    /// How many collections are open from the outermost bracket or brace on.
    in_brackets: usize,
}

impl<'a> Tabs<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self {
            rest: text,
            line: 1,
            in_brackets: 0,
        }
    }

    pub(super) fn check(&mut self, event: &Event<'_>, span: Span) -> Result<(), Trouble> {
        match event {
            Event::Scalar(..) | Event::Alias(_) => self.check_start(span),
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                let checked = self.check_start(span);
                // A collection that begins with a bracket covers it; the others begin with a value.
                if self.in_brackets > 0 || !span.is_empty() {
                    self.in_brackets += 1;
                }
                checked
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.in_brackets = self.in_brackets.saturating_sub(1);
                Ok(())
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn check_start(&mut self, span: Span) -> Result<(), Trouble> {
        while self.line < span.start.line() {
            let Some((_, rest)) = self.rest.split_once('\n') else {
                return Ok(());
            };
            self.rest = rest;
            self.line += 1;
        }
        if self.in_brackets > 0 || self.line != span.start.line() || self.rest.starts_with("---") {
            return Ok(());
        }
        let mut before = self.rest.chars().take(span.start.col());
        let is_first = before.clone().all(|c| matches!(c, ' ' | '\t' | '-' | '?'));
        if is_first && before.any(|c| c == '\t') {
            return Err("a tab stands where only spaces may indent".into());
        }
        Ok(())
    }
}
