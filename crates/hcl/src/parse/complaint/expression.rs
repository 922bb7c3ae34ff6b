//! Complaints about expressions.

use super::super::Parser;
use crate::ast::{ExpressionKind, ObjectKey};
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
        let before = self.before(token.span);
        let rest = &self.lexer.text()[token.span.start as usize..];
        let help = match token.kind {
            TokenKind::Newline => {
                "an expression may go on in the next line only within ( ), [ ] or { }"
            }
            TokenKind::Equal if before.ends_with("==") => "values are compared with ==",
            TokenKind::Greater if before.ends_with('<') => "\"not equal\" is written !=",
            TokenKind::Star if before.ends_with('*') => "for a power call pow(number, exponent)",
            TokenKind::Plus => "a number has no plus sign before it",
            TokenKind::Dot if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => {
                "a number begins with a digit: 0.5"
            }
            TokenKind::Less if rest.starts_with("<<") => {
                "a heredoc begins with << or <<-, its marker, and the end of the line"
            }
            _ => "",
        };
        let complaint = if help.is_empty() {
            complaint
        } else {
            complaint.help(help)
        };
        self.unexpected(complaint)
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
        let found = self.found();
        self.unexpected(
            Diagnostic::error("Unbalanced parentheses")
                .detail(format!(
                    "The closing parenthesis is expected here, not {found}."
                ))
                .label("a closing parenthesis is expected")
                .related(self.source, open, "opened here"),
        )
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

    pub(in super::super) fn unclosed_call(&self, span: Span) -> Box<Diagnostic> {
        let complaint = Diagnostic::error("Unclosed call")
            .detail("The file ends before the closing parenthesis of this call.")
            .at(self.source, span)
            .label("never closed");
        Box::new(complaint)
    }

    pub(in super::super) fn no_argument_separator(&mut self) -> Box<Diagnostic> {
        let found = self.found();
        let complaint = Diagnostic::error("Missing comma")
            .detail(format!(
                "Behind an argument a comma or the closing parenthesis must follow, not {found}."
            ))
            .label("a comma or a closing parenthesis is expected");
        let complaint = self.with_habit(complaint);
        self.unexpected(complaint)
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

    pub(in super::super) fn unclosed_splat(&mut self, open: Span) -> Box<Diagnostic> {
        self.unexpected(
            Diagnostic::error("Unclosed splat")
                .detail("The closing bracket of `[*]` must follow the star at once.")
                .label("a closing bracket is expected")
                .related(self.source, open, "opened here"),
        )
    }

    pub(in super::super) fn unclosed_index(&mut self, open: Span) -> Box<Diagnostic> {
        let found = self.found();
        let complaint = Diagnostic::error("Unclosed index")
            .detail(format!(
                "The index must end with a closing bracket, not {found}."
            ))
            .label("a closing bracket is expected")
            .related(self.source, open, "opened here");
        let complaint = match self.peek().kind {
            TokenKind::Colon | TokenKind::Comma => {
                complaint.help("for a part of a list call slice(list, from, to)")
            }
            _ => complaint,
        };
        self.unexpected(complaint)
    }

    pub(in super::super) fn unclosed_tuple(&self, open: Span) -> Box<Diagnostic> {
        let complaint = Diagnostic::error("Unclosed list")
            .detail("The file ends before the closing bracket of this list.")
            .at(self.source, open)
            .label("never closed");
        Box::new(complaint)
    }

    pub(in super::super) fn no_item_separator(&mut self) -> Box<Diagnostic> {
        let found = self.found();
        let complaint = Diagnostic::error("Missing comma")
            .detail(format!(
                "Behind an item of a list a comma or the closing bracket must follow, not {found}."
            ))
            .label("a comma or a closing bracket is expected");
        let complaint = self.with_habit(complaint);
        self.unexpected(complaint)
    }

    pub(in super::super) fn unclosed_object(&self, open: Span) -> Box<Diagnostic> {
        let complaint = Diagnostic::error("Unclosed object")
            .detail("The file ends before the closing brace of this object.")
            .at(self.source, open)
            .label("never closed");
        Box::new(complaint)
    }

    /// The key of an object without an equals sign behind it.
    pub(in super::super) fn no_value_separator(
        &mut self,
        key: &ObjectKey,
        open: Span,
    ) -> Box<Diagnostic> {
        let token = self.peek();
        if token.kind == TokenKind::End {
            return self.unclosed_object(open);
        }
        let found = self.found();
        let summary = match token.kind {
            TokenKind::Newline | TokenKind::Comma => "Missing value",
            _ => "Missing equals sign",
        };
        let complaint = Diagnostic::error(summary)
            .detail(format!(
                "Behind a key an equals sign and a value must follow, not {found}."
            ))
            .label("an equals sign is expected")
            .related(self.source, key.span(), "the key");
        let name = self.text(key.span());
        let complaint = match (key, token.kind) {
            (ObjectKey::Name { .. }, TokenKind::OpenBrace | TokenKind::Quote) => {
                complaint.help(format!(
                    "there are no blocks within an object; since version 2 of the language one \
                     writes `{name} = {{ … }}`"
                ))
            }
            (ObjectKey::Name { .. }, TokenKind::Identifier) => {
                complaint.help("a key with spaces in it stands in quotes")
            }
            (ObjectKey::Expression(expression), _)
                if matches!(expression.kind, ExpressionKind::Number(_)) =>
            {
                complaint.help("a key that begins with a digit stands in quotes")
            }
            (ObjectKey::Expression(expression), TokenKind::Arrow) => {
                let _ = expression;
                complaint.help("`=>` belongs into `for` expressions only")
            }
            _ => complaint,
        };
        self.unexpected(complaint)
    }

    pub(in super::super) fn no_attribute_separator(&mut self) -> Box<Diagnostic> {
        let found = self.found();
        let complaint = Diagnostic::error("Missing comma or newline")
            .detail(format!(
                "Behind a value of an object a comma, a newline or the closing brace must follow, \
                 not {found}."
            ))
            .label("a comma or a newline is expected");
        let complaint = self.with_habit(complaint);
        self.unexpected(complaint)
    }

    pub(in super::super) fn bad_for(&mut self, wanted: &str, introducer: Span) -> Box<Diagnostic> {
        let found = self.found();
        self.unexpected(
            Diagnostic::error("Invalid \"for\"")
                .detail(format!("In a \"for\" {wanted}, not {found}."))
                .label("not what is expected here")
                .related(self.source, introducer, "the \"for\"")
                .help(
                    "a key named \"for\" stands in quotes; a loop is `for value in collection : …`",
                ),
        )
    }

    pub(in super::super) fn unclosed_for(&mut self, introducer: Span) -> Box<Diagnostic> {
        let found = self.found();
        let complaint = Diagnostic::error("Invalid \"for\"")
            .detail(format!(
                "The \"for\" must end with its closing bracket, not with {found}."
            ))
            .label("the closing bracket is expected")
            .related(self.source, introducer, "the \"for\"");
        let complaint = self.with_habit(complaint);
        self.unexpected(complaint)
    }

    pub(in super::super) fn for_without_key(&self, value: Span) -> Box<Diagnostic> {
        let complaint = Diagnostic::error("Invalid \"for\"")
            .detail("Within { } a \"for\" makes an object, which needs a key for each value.")
            .at(self.source, value)
            .label("a key is missing")
            .help("write `key => value`, or [ ] around it for a list");
        Box::new(complaint)
    }

    pub(in super::super) fn for_with_key(&self, key: Span) -> Box<Diagnostic> {
        let complaint = Diagnostic::error("Invalid \"for\"")
            .detail("Within [ ] a \"for\" makes a list, whose values have no keys.")
            .at(self.source, key)
            .label("a key that has no use")
            .help("leave out the key, or write { } around it for an object");
        Box::new(complaint)
    }

    pub(in super::super) fn for_with_group(&self, ellipsis: Span) -> Box<Diagnostic> {
        let complaint = Diagnostic::error("Invalid \"for\"")
            .detail("`...` gathers values with the same key, and the values of a list have none.")
            .at(self.source, ellipsis)
            .label("nothing to gather by");
        Box::new(complaint)
    }
}
