//! Which bracket is missing or too many, as far as indentation tells.
//!
//! The grammar notices an unclosed bracket at the end of the text and a superfluous one at the start
//! of another block, which may be far away from the mistake. People notice it where indentation and
//! brackets part.

use super::walk::{Opened, Walk};
use crate::lex::TokenKind;
use crate::source::Span;

/// Where indentation and brackets part.
#[derive(Clone, Copy)]
pub(super) struct Parting {
    /// The bracket that is most likely never closed.
    pub(super) open: Span,
    /// The first token that stands outside of it to the eye.
    pub(super) outside: Span,
}

/// The first bracket behind `start` within which something stands that is indented no deeper than
/// the line that opens it.
pub(super) fn unclosed(text: &str, start: u32) -> Option<Parting> {
    let mut lines = Lines::new(text, start, u32::MAX);
    loop {
        let (innermost, token) = lines.next_line_start()?;
        let Some(open) = innermost else { continue };
        let depth = indentation(text, token.span.start);
        let opened = indentation(text, open.span().start);
        let is_close = is_close(token.kind);
        if depth < opened || (depth == opened && !is_close && starts_item(text, token.span)) {
            return Some(Parting {
                open: open.span(),
                outside: token.span,
            });
        }
    }
}

/// The first closing brace before `end` that is indented deeper than the line whose brace it closes.
pub(super) fn superfluous(text: &str, end: u32) -> Option<Span> {
    let mut lines = Lines::new(text, 0, end);
    loop {
        let (innermost, token) = lines.next_line_start()?;
        let Some(open) = innermost else { continue };
        let is_deeper = indentation(text, token.span.start) > indentation(text, open.span().start);
        if token.kind == TokenKind::CloseBrace && is_deeper {
            return Some(token.span);
        }
    }
}

/// What is open at a place, looked for from `start` on.
pub(super) fn innermost(text: &str, start: u32, at: u32) -> Option<Opened> {
    let mut walk = Walk::new(text, start);
    loop {
        let innermost = walk.open.last().copied();
        let token = walk.step().token;
        if token.span.start >= at || token.kind == TokenKind::End {
            return innermost;
        }
    }
}

/// How many blanks stand before the first other character of the line of this place.
pub(super) fn indentation(text: &str, at: u32) -> usize {
    // Of a line without end only the end is looked at: its indentation tells nothing.
    let from = (at as usize).saturating_sub(LONGEST_LINE);
    let before = &text.as_bytes()[from..at as usize];
    let start = before
        .iter()
        .rposition(|b| *b == b'\n')
        .map_or(0, |at| at + 1);
    before[start..]
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t'))
        .count()
}

const LONGEST_LINE: usize = 1_000;

/// The line of a place, without its end.
pub(super) fn line_of(text: &str, at: u32) -> &str {
    let before = &text[..at as usize];
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let rest = &text[start..];
    &rest[..rest.find('\n').unwrap_or(rest.len())]
}

/// Whether a line looks like an attribute, a block or an item of an object from this token on.
pub(super) fn starts_item(text: &str, first: Span) -> bool {
    behind_name(text, first).is_some_and(|kind| {
        matches!(
            kind,
            TokenKind::Equal | TokenKind::Colon | TokenKind::OpenBrace | TokenKind::Quote
        )
    })
}

/// What stands behind a name or a quoted key, if this token begins one.
pub(super) fn behind_name(text: &str, first: Span) -> Option<TokenKind> {
    let mut lexer = crate::lex::Lexer::new(text);
    lexer.seek(first.start as usize);
    match lexer.next_token().kind {
        TokenKind::Identifier => Some(lexer.next_token().kind),
        TokenKind::Quote => {
            let line = text[lexer.position()..].lines().next()?;
            let (_, behind) = line.split_once('"')?;
            let mut lexer = crate::lex::Lexer::new(behind);
            let kind = lexer.next_token().kind;
            let has_value = lexer.next_token().kind != TokenKind::End;
            (matches!(kind, TokenKind::Equal | TokenKind::Colon) && has_value).then_some(kind)
        }
        _ => None,
    }
}

fn is_close(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::CloseBrace | TokenKind::CloseBracket | TokenKind::CloseParenthesis
    )
}

/// The first tokens of lines, templates passed over.
struct Lines<'s> {
    walk: Walk<'s>,
    end: u32,
    at_start: bool,
}

impl<'s> Lines<'s> {
    fn new(text: &'s str, start: u32, end: u32) -> Self {
        Self {
            walk: Walk::new(text, start),
            end,
            at_start: false,
        }
    }

    /// The next token that stands first in its line, and what is open before it.
    fn next_line_start(&mut self) -> Option<(Option<Opened>, crate::lex::Token)> {
        loop {
            let innermost = self.walk.open.last().copied();
            let token = self.walk.step().token;
            let was_at_start = self.at_start;
            self.at_start = token.kind == TokenKind::Newline;
            match token.kind {
                _ if token.span.start >= self.end => return None,
                TokenKind::End => return None,
                TokenKind::Newline => {}
                _ if was_at_start => return Some((innermost, token)),
                _ => {}
            }
        }
    }
}
