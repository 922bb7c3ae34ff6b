//! What was most likely meant by something that other languages have and this one has not.

use super::super::Parser;
use crate::diagnostic::Diagnostic;
use crate::lex::TokenKind;
use crate::source::Span;

/// Advice, and what to put in place of the token if that is all there is to do.
struct Habit {
    help: &'static str,
    replacement: Option<&'static str>,
}

fn advice(help: &'static str) -> Habit {
    Habit {
        help,
        replacement: None,
    }
}

fn replace(replacement: &'static str, help: &'static str) -> Habit {
    Habit {
        help,
        replacement: Some(replacement),
    }
}

impl Parser<'_> {
    /// Adds what may have been meant by the current token, which stands behind a whole expression.
    pub(super) fn with_habit(&mut self, complaint: Diagnostic) -> Diagnostic {
        let token = self.peek();
        match self.habit_behind_expression(token.kind, token.span) {
            Some(habit) => self.with_advice(complaint, &habit),
            None => complaint,
        }
    }

    /// Adds what may have been meant by the current token, which begins no expression.
    pub(super) fn with_habit_of_start(&mut self, complaint: Diagnostic) -> Diagnostic {
        let token = self.peek();
        match self.habit_of_start(token.kind, token.span) {
            Some(habit) => self.with_advice(complaint, &habit),
            None => complaint,
        }
    }

    fn with_advice(&mut self, complaint: Diagnostic, habit: &Habit) -> Diagnostic {
        let span = self.peek().span;
        let complaint = complaint.help(habit.help);
        match habit.replacement {
            Some(replacement) => complaint.suggest(self.source, span, replacement),
            None => complaint,
        }
    }

    fn habit_behind_expression(&self, kind: TokenKind, span: Span) -> Option<Habit> {
        let before = self.before(span);
        let adjoins_number = || {
            let word = before
                .rsplit(|c: char| !c.is_alphanumeric() && c != '.')
                .next();
            before.len() == span.start as usize
                && word.is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()))
        };
        Some(match (kind, self.text(span)) {
            (TokenKind::Identifier, "and") => replace("&&", "the logical \"and\" is &&"),
            (TokenKind::Identifier, "or") => replace("||", "the logical \"or\" is ||"),
            (TokenKind::Identifier, _) if before.ends_with("not") => {
                advice("the logical \"not\" is !")
            }
            (TokenKind::Identifier, text) if adjoins_number() => advice(if text.starts_with('_') {
                "digits are written without anything between them"
            } else {
                "a number with a unit is a text, which stands in quotes"
            }),
            (TokenKind::Identifier | TokenKind::Quote, text)
                if before.ends_with(" if") || text == "if" =>
            {
                advice("a choice between two values is written `condition ? one : other`")
            }
            (TokenKind::Quote | TokenKind::Heredoc, _) => {
                advice("texts are joined within one string: \"${one}${other}\"")
            }
            (TokenKind::Equal, _) => replace("==", "values are compared with =="),
            (TokenKind::Arrow, _) => advice("`=>` belongs into `for` expressions only"),
            (TokenKind::Comma, _) => {
                replace("", "attributes are separated by newlines; remove the comma")
            }
            (TokenKind::CloseBrace, _) => advice("put the closing brace on a line of its own"),
            _ => return None,
        })
    }

    fn habit_of_start(&self, kind: TokenKind, span: Span) -> Option<Habit> {
        let before = self.before(span);
        let rest = &self.lexer.text()[span.start as usize..];
        let is_behind = |text: &str| before.ends_with(text);
        let is_behind_equals = is_behind("=")
            && !["==", "!=", "<=", ">="]
                .iter()
                .any(|operator| is_behind(operator));
        Some(match kind {
            TokenKind::Newline | TokenKind::CloseBrace | TokenKind::Comma if is_behind_equals => {
                advice("write a value behind the equals sign; where there is none, write null")
            }
            TokenKind::Newline => advice(
                "an expression goes on in the next line only within ( ), [ ] or { }; put parentheses around it",
            ),
            TokenKind::Equal if is_behind("==") => advice("values are compared with =="),
            TokenKind::Greater if is_behind("<") => advice("\"not equal\" is written !="),
            TokenKind::Star if is_behind("*") => advice("for a power call pow(number, exponent)"),
            TokenKind::Plus => advice("a number has no plus sign before it"),
            TokenKind::Ellipsis => {
                advice("lists are joined by concat(one, other), objects by merge(one, other)")
            }
            TokenKind::Question if is_behind("?") => {
                advice("for another value in place of null call coalesce(one, other)")
            }
            TokenKind::Dot if is_behind("?") => {
                advice("for another value where an attribute is missing call try(a.b, other)")
            }
            TokenKind::Dot if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => {
                advice("a number begins with a digit: 0.5")
            }
            TokenKind::Percent if rest.starts_with("%{") => {
                advice("a directive belongs into a string or a heredoc")
            }
            TokenKind::Less if rest.starts_with("<<") => {
                advice("a heredoc begins with << or <<-, its marker, and the end of the line")
            }
            _ => return None,
        })
    }
}
