//! Complaints about lists, objects, indexes and `for` expressions.

use super::super::Parser;
use super::unclosed::Enclosed;
use crate::ast::{ExpressionKind, ObjectKey, Operator};
use crate::diagnostic::Diagnostic;
use crate::lex::TokenKind;
use crate::source::Span;

impl Parser<'_> {
    pub(in super::super) fn unclosed_index(&mut self, open: Span) -> Box<Diagnostic> {
        if self.peek().kind == TokenKind::End {
            return self.unclosed_at_end(Enclosed::Index, open);
        }
        let found = self.found();
        let complaint = Diagnostic::error("Unclosed index")
            .detail(format!(
                "The index must end with a closing bracket, not {found}."
            ))
            .label("a closing bracket is expected");
        let complaint = match self.peek().kind {
            TokenKind::Colon | TokenKind::Comma => {
                complaint.help("for a part of a list call slice(list, from, to)")
            }
            _ => complaint,
        };
        self.unless_unclosed(Enclosed::Index, open, complaint)
    }

    pub(in super::super) fn no_item_separator(&mut self, open: Span) -> Box<Diagnostic> {
        let found = self.found();
        let complaint = Diagnostic::error("Missing comma")
            .detail(format!(
                "Behind an item of a list a comma or the closing bracket must follow, not {found}."
            ))
            .label("a comma or a closing bracket is expected");
        let complaint = self.with_comma(complaint);
        self.unless_unclosed(Enclosed::List, open, complaint)
    }

    /// Adds what was most likely meant where a comma is missing: a comma, unless the token is known
    /// from elsewhere.
    pub(super) fn with_comma(&mut self, complaint: Diagnostic) -> Diagnostic {
        let token = self.peek();
        let is_value = matches!(
            token.kind,
            TokenKind::Quote
                | TokenKind::Heredoc
                | TokenKind::Number
                | TokenKind::OpenBrace
                | TokenKind::OpenBracket
        );
        if is_value || self.before(token.span).ends_with('\n') {
            let behind = Span::new(self.taken_end, self.taken_end);
            return complaint.suggest(self.source, behind, ",");
        }
        self.with_habit(complaint)
    }

    /// The key of an object without an equals sign behind it.
    pub(in super::super) fn no_value_separator(
        &mut self,
        key: &ObjectKey,
        open: Span,
    ) -> Box<Diagnostic> {
        let token = self.peek();
        if token.kind == TokenKind::End {
            return self.unclosed_at_end(Enclosed::Object, open);
        }
        let found = self.found();
        let summary = match token.kind {
            TokenKind::Newline | TokenKind::Comma | TokenKind::CloseBrace => "Missing value",
            _ => "Missing equals sign",
        };
        let complaint = Diagnostic::error(summary)
            .detail(format!(
                "Behind a key an equals sign and a value must follow, not {found}."
            ))
            .label("an equals sign is expected")
            .related(self.source, key.span(), "the key");
        let complaint = self.with_key_habit(complaint, key, token.kind);
        self.unexpected(complaint)
    }

    /// Whether this stands in `terragrunt = { … }`, which once held all settings.
    fn is_in_old_settings(&self) -> bool {
        let item = &self.lexer.text()[self.item_start as usize..];
        let behind = item.strip_prefix("terragrunt");
        behind.is_some_and(|behind| behind.trim_start().starts_with('='))
    }

    fn with_key_habit(
        &self,
        complaint: Diagnostic,
        key: &ObjectKey,
        next: TokenKind,
    ) -> Diagnostic {
        let name = self.text(key.span());
        let expression = match key {
            ObjectKey::Name { .. } => {
                return match next {
                    TokenKind::OpenBrace | TokenKind::Quote if self.is_in_old_settings() => {
                        complaint.help(
                            "so Terragrunt was configured before version 0.19: take away \
                             `terragrunt = {` and the brace that closes it",
                        )
                    }
                    TokenKind::OpenBrace | TokenKind::Quote => complaint.help(format!(
                        "there are no blocks within an object; since version 2 of the language one \
                         writes `{name} = {{ … }}`"
                    )),
                    TokenKind::Identifier => {
                        complaint.help("a key with spaces in it stands in quotes")
                    }
                    TokenKind::Arrow => complaint.help("`=>` belongs into `for` expressions only"),
                    TokenKind::Comma | TokenKind::CloseBrace | TokenKind::Newline => {
                        complaint.help(format!("there is no short form: write `{name} = …`"))
                    }
                    _ => complaint,
                };
            }
            ObjectKey::Expression(expression) => &expression.written().kind,
        };
        match expression {
            ExpressionKind::Number(_) => {
                complaint.help("a key that begins with a digit stands in quotes")
            }
            ExpressionKind::Object(_) => complaint.help(
                "put a key before the opening brace, or turn the brace around if it was meant to \
                 close something",
            ),
            ExpressionKind::Operation(operation) => match operation.rest.as_slice() {
                [operand] if operand.operator == Operator::Equal => complaint
                    .help("a key and its value are joined by one equals sign")
                    .suggest(self.source, operand.operator_span, "="),
                _ => complaint,
            },
            _ if next == TokenKind::Arrow => {
                complaint.help("`=>` belongs into `for` expressions only")
            }
            _ => complaint,
        }
    }

    pub(in super::super) fn no_attribute_separator(&mut self, open: Span) -> Box<Diagnostic> {
        let found = self.found();
        let complaint = Diagnostic::error("Missing comma or newline")
            .detail(format!(
                "Behind a value of an object a comma, a newline or the closing brace must follow, \
                 not {found}."
            ))
            .label("a comma or a newline is expected");
        let complaint = self.with_habit(complaint);
        self.unless_unclosed(Enclosed::Object, open, complaint)
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

    pub(in super::super) fn unclosed_for(
        &mut self,
        introducer: Span,
        close: TokenKind,
    ) -> Box<Diagnostic> {
        let found = self.found();
        let complaint = Diagnostic::error("Invalid \"for\"")
            .detail(format!(
                "The \"for\" must end with its closing bracket, not with {found}."
            ))
            .label("the closing bracket is expected");
        let complaint = self.with_habit(complaint);
        if self.peek().kind == TokenKind::End {
            let complaint = complaint.related(self.source, introducer, "the \"for\"");
            return self.unexpected(complaint);
        }
        let what = match close {
            TokenKind::CloseBrace => Enclosed::Object,
            _ => Enclosed::List,
        };
        self.unless_unclosed(what, introducer, complaint)
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
