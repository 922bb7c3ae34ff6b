//! After an error: where the next attribute or block begins.
//!
//! The broken item is read again, token by token and without a grammar, only to see which brackets
//! and strings it opens. It ends with the first line at whose end all of them are closed again, or
//! where indentation says that something new begins although they are not. On the way all
//! characters are told that no grammar knows.

use super::Parser;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lex::literal::{Delimiter, LiteralEnd};
use crate::lex::{Lexer, TokenKind, invalid};
use crate::source::{Span, offset};

impl Parser<'_> {
    /// Tells of an error in the item that begins at `start`, and goes on behind the item.
    pub(super) fn recover(&mut self, start: u32, complaint: Diagnostic) {
        self.skips_newlines = false;
        let resume = self.report(start, complaint);
        self.lexer.seek(resume);
        self.token.span = Span::new(offset(resume), offset(resume));
        self.advance();
        if self.diagnostics.len() >= Diagnostics::MOST {
            self.lexer.seek(self.lexer.text().len());
            self.advance();
        }
    }

    /// Tells of an error and reads nothing more.
    pub(super) fn give_up(&mut self, complaint: Diagnostic) {
        self.diagnostics.push(complaint);
        self.told_unclosed = true;
        self.lexer.seek(self.lexer.text().len());
        self.advance();
    }

    /// Tells of an error, or rather of what is wrong with the characters of its line if that is
    /// the cause. The result is where the broken item ends.
    pub(super) fn report(&mut self, start: u32, complaint: Diagnostic) -> usize {
        let error_at = complaint
            .subject
            .as_ref()
            .map_or(start, |subject| subject.span.start);
        let mut walk = Walk {
            lexer: Lexer::new(self.lexer.text()),
            open: Vec::new(),
            indentation: self.indentation(start),
            error_at: error_at as usize,
            invalid: Vec::new(),
            broken_lines: Vec::new(),
        };
        walk.lexer.seek(start as usize);
        let end = walk.end();
        // What is left open here leaves the blocks around it open too, and needs no words of its own.
        self.told_unclosed |= !walk.open.is_empty() || end == self.lexer.text().len();
        let mut causes: Vec<Diagnostic> = walk
            .invalid
            .iter()
            .map(|span| invalid::explain(self.source, *span))
            .collect();
        causes.extend(
            walk.broken_lines
                .iter()
                .map(|(newline, open)| *self.broken_line(*newline, *open)),
        );
        let line = |at: u32| self.source.position(at).line;
        let is_caused = causes.iter().any(|cause| {
            let subject = cause.subject.as_ref();
            subject.is_some_and(|subject| line(subject.span.start) == line(error_at))
        });
        if !is_caused {
            self.diagnostics.push(complaint);
        }
        self.diagnostics.extend(causes);
        end
    }

    /// How many blanks stand before the first other character of the line of this place.
    pub(super) fn indentation(&self, at: u32) -> usize {
        let text = &self.lexer.text()[..at as usize];
        let line = &text[text.rfind('\n').map_or(0, |newline| newline + 1)..];
        line.bytes()
            .take_while(|b| matches!(b, b' ' | b'\t'))
            .count()
    }
}

/// What was opened and not yet closed.
enum Opened {
    Bracket(TokenKind),
    Sequence { delimiter: Delimiter, open: Span },
}

struct Walk<'s> {
    lexer: Lexer<'s>,
    open: Vec<Opened>,
    indentation: usize,
    error_at: usize,
    invalid: Vec<Span>,
    /// Newlines within quotes, and the quotes.
    broken_lines: Vec<(Span, Span)>,
}

impl Walk<'_> {
    /// Where the item ends.
    fn end(&mut self) -> usize {
        loop {
            let token = self.lexer.next_token();
            match token.kind {
                TokenKind::End => return self.lexer.position(),
                TokenKind::Invalid => self.invalid.push(token.span),
                TokenKind::Quote => self.template(Delimiter::Quotes, token.span),
                TokenKind::Heredoc => self.template(self.heredoc(token.span), token.span),
                TokenKind::OpenBrace | TokenKind::OpenBracket | TokenKind::OpenParenthesis => {
                    self.open.push(Opened::Bracket(token.kind));
                }
                TokenKind::CloseBrace
                | TokenKind::TrimEnd
                | TokenKind::CloseBracket
                | TokenKind::CloseParenthesis
                    if !self.close(token.kind) =>
                {
                    return token.span.start as usize;
                }
                TokenKind::Newline if self.may_end_here() => return self.lexer.position(),
                _ => {}
            }
        }
    }

    /// Whether the item ends with the newline that was just read. Where something is not closed the
    /// error is told at the start of the next line, which may be a sound item.
    fn may_end_here(&self) -> bool {
        let here = self.lexer.position();
        let between = self
            .lexer
            .text()
            .get(here..self.error_at)
            .unwrap_or_default();
        if here > self.error_at {
            self.open.is_empty() || self.something_new_follows()
        } else {
            between.trim_matches([' ', '\t']).is_empty() && self.something_new_follows()
        }
    }

    fn heredoc(&self, open: Span) -> Delimiter {
        let text = &self.lexer.text()[open.start as usize..open.end as usize];
        let name = text.trim_start_matches(['<', '-']).trim_end();
        let start = open.start + offset(text.find(name).unwrap_or(0));
        Delimiter::Heredoc {
            marker: Span::new(start, start + offset(name.len())),
        }
    }

    /// Passes over literal text, up to the template's end or into its next sequence.
    fn template(&mut self, delimiter: Delimiter, open: Span) {
        loop {
            let literal = self.lexer.next_literal(delimiter);
            match literal.end {
                LiteralEnd::Line => {}
                LiteralEnd::Close | LiteralEnd::Missing => return,
                LiteralEnd::BrokenLine => {
                    self.broken_lines.push((literal.end_span, open));
                    while let Some(Opened::Sequence { .. }) = self.open.last() {
                        self.open.pop();
                    }
                    return;
                }
                LiteralEnd::Interpolation { .. } | LiteralEnd::Directive { .. } => {
                    self.open.push(Opened::Sequence { delimiter, open });
                    return;
                }
            }
        }
    }

    /// Closes what this token closes, and what was left open in it. False if it closes the body
    /// around the item.
    fn close(&mut self, kind: TokenKind) -> bool {
        let closes = |opened: &Opened| {
            matches!(
                (opened, kind),
                (
                    Opened::Sequence { .. },
                    TokenKind::CloseBrace | TokenKind::TrimEnd
                ) | (Opened::Bracket(TokenKind::OpenBrace), TokenKind::CloseBrace)
                    | (
                        Opened::Bracket(TokenKind::OpenBracket),
                        TokenKind::CloseBracket
                    )
                    | (
                        Opened::Bracket(TokenKind::OpenParenthesis),
                        TokenKind::CloseParenthesis
                    )
            )
        };
        let Some(at) = self.open.iter().rposition(closes) else {
            return kind != TokenKind::CloseBrace;
        };
        self.open.truncate(at + 1);
        if let Some(Opened::Sequence { delimiter, open }) = self.open.pop() {
            self.template(delimiter, open);
        }
        true
    }

    /// Whether the next line looks like the start of an item that stands no deeper than the broken
    /// one, or like the end of the block around it.
    fn something_new_follows(&self) -> bool {
        let rest = &self.lexer.text()[self.lexer.position()..];
        let line = rest.trim_start_matches([' ', '\t']);
        let indentation = rest.len() - line.len();
        if line.starts_with('}') {
            return indentation < self.indentation;
        }
        if indentation > self.indentation {
            return false;
        }
        let mut lexer = Lexer::new(line);
        lexer.next_token().kind == TokenKind::Identifier
            && matches!(
                lexer.next_token().kind,
                TokenKind::Equal | TokenKind::OpenBrace | TokenKind::Quote
            )
    }
}
