//! Complaints about expressions.

use super::super::Parser;
use super::unclosed::Enclosed;
use crate::diagnostic::Diagnostic;
use crate::lex::TokenKind;
use crate::source::Span;

impl Parser<'_> {
    /// Something stands where an expression should begin.
    pub(in super::super) fn no_expression(&mut self) -> Box<Diagnostic> {
        let token = self.peek();
        let found = self.found();
        let summary = match token.kind {
            TokenKind::End | TokenKind::Newline => "Missing expression",
            _ => "Invalid expression",
        };
        let complaint = Diagnostic::error(summary)
            .detail(format!(
                "An expression must begin here, but this is {found}."
            ))
            .label("an expression is expected");
        let complaint = self.with_habit_of_start(complaint);
        match token.kind {
            TokenKind::Invalid => self.unexpected(complaint),
            // Behind what comes before, also where a comment follows.
            TokenKind::Newline => Box::new(complaint.at(self.source, self.behind_taken())),
            TokenKind::End
            | TokenKind::CloseBrace
            | TokenKind::CloseBracket
            | TokenKind::CloseParenthesis => {
                let complaint = complaint.at(self.source, token.span);
                Box::new(self.with_innermost(complaint, token))
            }
            _ => Box::new(complaint.at(self.source, token.span)),
        }
    }

    pub(in super::super) fn no_colon(&mut self, condition: Span) -> Box<Diagnostic> {
        let found = self.found();
        self.unexpected(
            Diagnostic::error("Incomplete conditional")
                .detail(format!(
                    "Behind the first result a colon and the second result must follow, not {found}."
                ))
                .label("a colon is expected")
                .related(self.source, condition, "the condition")
                .help("a conditional is written `condition ? one : other`"),
        )
    }

    pub(in super::super) fn unbalanced_parentheses(&mut self, open: Span) -> Box<Diagnostic> {
        if self.peek().kind == TokenKind::End {
            return self.unclosed_at_end(Enclosed::Parentheses, open);
        }
        let found = self.found();
        let complaint = Diagnostic::error("Unbalanced parentheses")
            .detail(format!(
                "The closing parenthesis is expected here, not {found}."
            ))
            .label("a closing parenthesis is expected");
        let complaint = self.with_habit(complaint);
        self.unless_unclosed(Enclosed::Parentheses, open, complaint)
    }

    pub(in super::super) fn bad_number(&self, span: Span) -> Box<Diagnostic> {
        let text = self.text(span);
        let complaint = Diagnostic::error("Invalid number")
            .detail(format!(
                "`{text}` is no number, or one that is out of range."
            ))
            .at(self.source, span)
            .label("not a number");
        let points = text.matches('.').count();
        Box::new(if points > 1 {
            complaint
                .help("put quotes around it if it is a version or an address")
                .suggest(self.source, span, format!("\"{text}\""))
        } else {
            complaint
        })
    }

    pub(in super::super) fn no_function_name(&mut self) -> Box<Diagnostic> {
        self.unexpected(
            Diagnostic::error("Missing function name")
                .detail("The name of a function must stand behind `::`.")
                .label("a name is expected"),
        )
    }

    pub(in super::super) fn no_open_parenthesis(&mut self, name: Span) -> Box<Diagnostic> {
        let name_text = self.text(name).to_owned();
        self.unexpected(
            Diagnostic::error("Missing parenthesis")
                .detail(format!(
                    "`{name_text}` is the name of a function, whose arguments must follow."
                ))
                .label("an opening parenthesis is expected")
                .related(self.source, name, "the function's name"),
        )
    }

    pub(in super::super) fn more_after_spread(&self, ellipsis: Span) -> Box<Diagnostic> {
        let complaint = Diagnostic::error("Argument behind a spread one")
            .detail("Only the last argument can be spread with `...`, and no comma follows it.")
            .at(self.source, ellipsis)
            .label("the closing parenthesis must follow");
        Box::new(complaint)
    }

    pub(in super::super) fn no_argument_separator(&mut self, open: Span) -> Box<Diagnostic> {
        let found = self.found();
        let complaint = Diagnostic::error("Missing comma")
            .detail(format!(
                "Behind an argument a comma or the closing parenthesis must follow, not {found}."
            ))
            .label("a comma or a closing parenthesis is expected");
        let complaint = self.with_comma(complaint);
        self.unless_unclosed(Enclosed::Arguments, open, complaint)
    }

    pub(in super::super) fn splat_within_splat(&mut self) -> Box<Diagnostic> {
        self.unexpected(
            Diagnostic::error("Splat within a splat")
                .detail("A splat written `.*` cannot stand behind another one.")
                .label("a second splat")
                .help("write both as [*]"),
        )
    }

    pub(in super::super) fn two_legacy_indexes(
        &self,
        span: Span,
        in_splat: bool,
    ) -> Box<Diagnostic> {
        let text = self.text(span);
        let brackets = text.replace('.', "][");
        let complaint = Diagnostic::error("Ambiguous index")
            .detail(format!("`{text}` may be two indexes or one number."))
            .at(self.source, span)
            .label("two indexes?")
            .help(format!("write [{brackets}] instead of .{text}"));
        Box::new(if in_splat {
            complaint.help("and the splat before it as [*]")
        } else {
            complaint
        })
    }

    pub(in super::super) fn no_attribute_name(&mut self) -> Box<Diagnostic> {
        let found = self.found();
        let complaint = Diagnostic::error("Missing attribute name")
            .detail(format!("Behind the dot a name must follow, not {found}."))
            .label("a name is expected");
        let complaint = match self.peek().kind {
            TokenKind::Quote => complaint.help("a name in quotes stands in brackets: [\"name\"]"),
            _ => complaint,
        };
        self.unexpected(complaint)
    }
}
