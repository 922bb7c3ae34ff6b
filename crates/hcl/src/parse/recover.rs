//! After an error: what is told of it, and where the next item begins.
//!
//! The broken item, an attribute, a block or an item of an object, is read again without a grammar.
//! It ends with the first line at whose end all of its brackets are closed again, or where
//! indentation says that something new begins although they are not. On the way all characters are
//! told that no grammar knows.

use super::Parser;
use super::brackets::{behind_name, indentation, line_of, starts_item};
use super::walk::{Opened, Walk, opening};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lex::{Lexer, Token, TokenKind, invalid};
use crate::source::{Span, offset};

impl Parser<'_> {
    /// Tells of an error in the item that begins at `start`, and goes on behind the item.
    pub(super) fn recover(&mut self, start: u32, complaint: Diagnostic) {
        self.skips_newlines = false;
        let resume = self.report(start, complaint);
        self.go_on_at(resume);
        if self.diagnostics.len() >= Diagnostics::MOST {
            self.stop();
        }
    }

    fn go_on_at(&mut self, position: usize) {
        self.lexer.seek(position);
        self.token.span = Span::new(offset(position), offset(position));
        self.advance();
    }

    /// Passes over the rest of the line.
    pub(super) fn skip_line(&mut self) {
        let rest = &self.lexer.text()[self.token.span.end as usize..];
        let length = rest.find('\n').unwrap_or(rest.len());
        self.go_on_at(self.token.span.end as usize + length);
    }

    /// Tells of an error in a place where nothing has to be passed over.
    pub(super) fn tell(&mut self, complaint: Diagnostic) {
        self.diagnostics.push(complaint);
        if self.diagnostics.len() >= Diagnostics::MOST {
            self.stop();
        }
    }

    /// Tells of an error and reads nothing more.
    pub(super) fn give_up(&mut self, complaint: Diagnostic) {
        self.diagnostics.push(complaint);
        self.stop();
    }

    fn stop(&mut self) {
        self.told_unclosed = true;
        self.go_on_at(self.lexer.text().len());
    }

    /// Tells of an error, or rather of its cause if that is known. The result is where the broken
    /// item ends.
    pub(super) fn report(&mut self, start: u32, complaint: Diagnostic) -> usize {
        let error_at = complaint
            .subject
            .as_ref()
            .map_or(start, |subject| subject.span.start);
        // At the end of the text nothing is as expected if something is known to be open.
        let is_follow_up =
            (self.told_unclosed && self.token.kind == TokenKind::End) || error_at < self.told_up_to;
        let conflict = self.merge_conflict(error_at).filter(|_| !is_follow_up);
        if let Some((_, span)) = &conflict {
            self.told_up_to = span.end;
            if span.contains(Span::new(start, start)) {
                self.diagnostics
                    .extend(conflict.map(|(complaint, _)| complaint));
                return self.told_up_to as usize;
            }
        }
        let complaint = conflict.map_or(complaint, |(conflict, _)| conflict);
        let mut end = ItemEnd {
            walk: Walk::new(self.lexer.text(), start),
            indentation: indentation(self.lexer.text(), start),
            error_at: error_at as usize,
            invalid: Vec::new(),
        };
        let resume = end.find();
        let causes = self.causes(&end, error_at);
        let line = |at: u32| self.source.position(at).line;
        let is_caused = causes.iter().any(|cause| {
            let subject = cause.subject.as_ref();
            subject.is_some_and(|subject| line(subject.span.start) == line(error_at))
        });
        if !is_caused && !is_follow_up {
            self.diagnostics.push(complaint);
        }
        self.diagnostics.extend(causes);
        // What is left open here leaves what is around it open too, and needs no words of its own.
        self.told_unclosed |= !end.walk.open.is_empty() || end.walk.is_swallowed;
        self.left_open
            .extend(end.walk.open.iter().filter_map(|opened| match opened {
                Opened::Bracket { kind, .. } => Some(*kind),
                Opened::Sequence { .. } => None,
            }));
        resume
    }

    /// What is wrong with the characters of the item, and with what it means to other programs.
    fn causes(&self, end: &ItemEnd<'_>, error_at: u32) -> Vec<Diagnostic> {
        let mut causes: Vec<Diagnostic> = self.placeholder(error_at).into_iter().collect();
        let mut explained = self.placeholder(error_at).and_then(|cause| cause.subject);
        let is_follow_up = |span: &Span| {
            end.walk.broken_lines.iter().any(|broken| {
                let whole = broken.sequence.map(|sequence| sequence.to(broken.newline));
                whole.is_some_and(|whole| whole.contains(*span))
            })
        };
        for span in end.invalid.iter().filter(|span| !is_follow_up(span)) {
            let is_explained = explained
                .as_ref()
                .is_some_and(|location| location.span.contains(*span));
            if !is_explained {
                let cause = invalid::explain(self.source, *span);
                // A suggestion may be about more of the text than its first character.
                explained = cause
                    .suggestion
                    .as_ref()
                    .map(|change| change.location.clone());
                causes.push(cause);
            }
        }
        causes.extend(
            end.walk
                .broken_lines
                .iter()
                .map(|broken| *self.broken_line(*broken)),
        );
        causes
    }

    /// Whether a closing bracket closes what an error left open.
    pub(super) fn closes_left_open(&mut self, close: TokenKind) -> bool {
        let open = opening(close);
        let at = self.left_open.iter().rposition(|left| *left == open);
        if let Some(at) = at {
            self.left_open.truncate(at);
        }
        at.is_some()
    }
}

/// So many lines of comments are looked past, at most.
const MOST_COMMENTS: usize = 20;

/// The search for the end of a broken item.
struct ItemEnd<'s> {
    walk: Walk<'s>,
    indentation: usize,
    error_at: usize,
    invalid: Vec<Span>,
}

impl ItemEnd<'_> {
    fn find(&mut self) -> usize {
        loop {
            let step = self.walk.step();
            match step.token.kind {
                TokenKind::End => return self.walk.lexer.position(),
                TokenKind::Invalid if self.invalid.len() < Diagnostics::MOST => {
                    self.invalid.push(step.token.span);
                }
                // It closes what is around the item.
                TokenKind::CloseBrace if step.is_stray => return step.token.span.start as usize,
                TokenKind::Newline if self.may_end_here() => return self.walk.lexer.position(),
                _ => {}
            }
        }
    }

    /// Whether the item ends with the newline that was just read. Where something is not closed the
    /// error is told in the next line, which may be a sound item.
    fn may_end_here(&self) -> bool {
        let here = self.walk.lexer.position();
        if here > self.error_at {
            if self.walk.open.is_empty() {
                !self.goes_on()
            } else {
                self.something_new_follows()
            }
        } else {
            let between = &self.walk.lexer.text()[here..self.error_at];
            !between.contains('\n') && self.something_new_follows()
        }
    }

    /// Whether the next line looks like the start of an item that stands no deeper than the broken
    /// one, or like the end of what is around it.
    fn something_new_follows(&self) -> bool {
        let (depth, first) = self.next_line();
        if first.kind == TokenKind::CloseBrace {
            return depth < self.indentation;
        }
        depth <= self.indentation && starts_item(self.walk.lexer.text(), first.span)
    }

    /// Whether the next line can only be a part of the broken item.
    fn goes_on(&self) -> bool {
        let (depth, first) = self.next_line();
        match first.kind {
            TokenKind::Newline | TokenKind::End | TokenKind::CloseBrace => false,
            TokenKind::Identifier
            | TokenKind::Quote
            | TokenKind::OpenParenthesis
            | TokenKind::OpenBracket
            | TokenKind::Number => {
                // A colon may belong to a conditional as well.
                let next = behind_name(self.walk.lexer.text(), first.span);
                let is_item = matches!(
                    next,
                    Some(TokenKind::Equal | TokenKind::OpenBrace | TokenKind::Quote)
                );
                depth > self.indentation && !is_item
            }
            TokenKind::Less | TokenKind::Greater | TokenKind::EqualEqual => {
                !is_conflict_marker(line_of(self.walk.lexer.text(), first.span.start))
            }
            _ => true,
        }
    }

    /// How deep the next line is indented, and its first token. Lines of comments do not count.
    fn next_line(&self) -> (usize, Token) {
        let text = self.walk.lexer.text();
        let mut lexer = Lexer::new(text);
        lexer.seek(self.walk.lexer.position());
        let mut first = lexer.next_token();
        for _ in 0..MOST_COMMENTS {
            let line = line_of(text, first.span.start);
            if first.kind != TokenKind::Newline || line.trim().is_empty() {
                break;
            }
            first = lexer.next_token();
        }
        (indentation(text, first.span.start), first)
    }
}

/// Whether git has left this line in a file where two versions of it disagree.
pub(super) fn is_conflict_marker(line: &str) -> bool {
    ["<<<<<<<", "|||||||", "=======", ">>>>>>>"]
        .iter()
        .any(|marker| {
            line.strip_prefix(marker)
                .is_some_and(|rest| rest.trim_end().is_empty() || rest.starts_with(' '))
        })
}
