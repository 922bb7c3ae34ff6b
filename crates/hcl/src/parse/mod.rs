//! Text to a syntax tree.
//!
//! A parser by recursive descent that reads tokens as it needs them. As long as nothing is wrong it
//! does nothing else; after an error [`recover`] looks for the next attribute or block, so that all
//! broken ones of a file are told at once.

mod access;
mod body;
mod brackets;
mod collection;
mod complaint;
mod expression;
mod recover;
mod template;
mod walk;

pub(crate) use complaint::{too_deep, too_many_items};

use std::sync::Arc;

use crate::Text;
use crate::ast::{Body, Expression};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lex::{Lexer, Token, TokenKind, invalid};
use crate::limits::Limits;
use crate::source::{Source, Span, offset};

/// What could be read of a file, and what is wrong with it.
#[derive(Debug)]
pub struct Parsed {
    /// Without the attributes and blocks that are broken.
    pub body: Body,
    pub diagnostics: Diagnostics,
}

impl Parsed {
    /// The body, if nothing is wrong with it.
    pub fn into_result(self) -> Result<Body, Diagnostics> {
        if self.diagnostics.has_errors() {
            Err(self.diagnostics)
        } else {
            Ok(self.body)
        }
    }
}

/// Parses a file.
pub fn parse(source: &Arc<Source>, limits: &Limits) -> Parsed {
    let mut parser = match Parser::new(source, limits) {
        Ok(parser) => parser,
        Err(complaint) => {
            return Parsed {
                body: Body::default(),
                diagnostics: Diagnostics::from(*complaint),
            };
        }
    };
    parser.advance();
    let body = parser.body(None);
    let mut diagnostics = parser.diagnostics;
    diagnostics.settle();
    Parsed { body, diagnostics }
}

/// Parses one expression, as it might stand behind the equals sign of an attribute: a newline
/// outside of brackets ends it, and nothing may follow. A heredoc's closing marker needs a newline
/// behind it, here as in a file.
pub fn parse_expression(source: &Arc<Source>, limits: &Limits) -> Result<Expression, Diagnostics> {
    let read = |parser: &mut Parser<'_>| {
        parser.advance();
        while parser.peek().kind == TokenKind::Newline {
            parser.advance();
        }
        let expression = parser.expression()?;
        while parser.peek().kind == TokenKind::Newline {
            parser.advance();
        }
        match parser.peek().kind {
            TokenKind::End => Ok(expression),
            _ => Err(parser.after_expression()),
        }
    };
    parse_whole(source, limits, |parser| {
        read(parser).map_err(|complaint| {
            parser.report(0, *complaint);
        })
    })
}

/// Parses a text that is one template, without quotes around it and without escapes by backslash.
pub fn parse_template(source: &Arc<Source>, limits: &Limits) -> Result<Expression, Diagnostics> {
    parse_whole(source, limits, |parser| {
        parser
            .bare_template()
            .map_err(|complaint| parser.diagnostics.push(*complaint))
    })
}

/// Reads all of a text; what is wrong with it is told by `read`.
fn parse_whole<'s>(
    source: &'s Arc<Source>,
    limits: &'s Limits,
    read: impl FnOnce(&mut Parser<'s>) -> Result<Expression, ()>,
) -> Result<Expression, Diagnostics> {
    let mut parser = Parser::new(source, limits).map_err(|error| Diagnostics::from(*error))?;
    let result = read(&mut parser);
    parser.diagnostics.settle();
    match result {
        Ok(expression) if parser.diagnostics.is_empty() => Ok(expression),
        _ => Err(parser.diagnostics),
    }
}

/// What is wrong with a text before a word of it is read.
pub(crate) fn unreadable(source: &Arc<Source>, limits: &Limits) -> Option<Box<Diagnostic>> {
    let length = source.text().len();
    if length > limits.source_bytes as usize || length >= u32::MAX as usize {
        return Some(complaint::too_large(source, limits));
    }
    source.is_utf16().then(|| complaint::utf16(source))
}

/// A piece of the tree, or the first thing wrong in it.
type Parse<T> = Result<T, Box<Diagnostic>>;

struct Parser<'s> {
    source: &'s Arc<Source>,
    limits: &'s Limits,
    lexer: Lexer<'s>,
    /// The first token that is not taken yet.
    token: Token,
    /// Whether newlines mean nothing here, as within brackets.
    skips_newlines: bool,
    /// Where the last token taken ends.
    taken_end: u32,
    depth: u32,
    /// Whether this is within a sequence of a template. An item that is broken there has no end that
    /// could be told from that of the template.
    in_sequence: bool,
    /// The names that each `for` around this binds, the innermost last.
    bound: Vec<Text>,
    diagnostics: Diagnostics,
    /// Whether something that is never closed was told of: what is around it is not closed either.
    told_unclosed: bool,
    /// The brackets that broken items left open, whose closing ones may yet come.
    left_open: Vec<TokenKind>,
    /// Where the attribute or block begins that is being read.
    item_start: u32,
    /// Up to where all that is wrong was told at once.
    told_up_to: u32,
}

impl<'s> Parser<'s> {
    fn new(source: &'s Arc<Source>, limits: &'s Limits) -> Parse<Self> {
        if let Some(complaint) = unreadable(source, limits) {
            return Err(complaint);
        }
        Ok(Self {
            source,
            limits,
            lexer: Lexer::new(source.text()),
            token: Token {
                kind: TokenKind::End,
                span: Span::default(),
            },
            skips_newlines: false,
            taken_end: 0,
            depth: 0,
            in_sequence: false,
            bound: Vec::new(),
            diagnostics: Diagnostics::new(),
            told_unclosed: false,
            left_open: Vec::new(),
            item_start: 0,
            told_up_to: 0,
        })
    }

    /// Takes the current token and reads the next one.
    fn advance(&mut self) {
        self.taken_end = self.token.span.end;
        self.token = self.lexer.next_token();
    }

    /// The current token, behind newlines if they mean nothing here.
    fn peek(&mut self) -> Token {
        while self.skips_newlines && self.token.kind == TokenKind::Newline {
            self.token = self.lexer.next_token();
        }
        self.token
    }

    fn take(&mut self) -> Token {
        let token = self.peek();
        self.advance();
        token
    }

    /// Takes the current token if it is of this kind.
    fn take_if(&mut self, kind: TokenKind) -> Option<Token> {
        (self.peek().kind == kind).then(|| self.take())
    }

    /// Whether the current token is this word.
    fn at_word(&mut self, word: &str) -> bool {
        let token = self.peek();
        token.kind == TokenKind::Identifier && self.text(token.span) == word
    }

    fn text(&self, span: Span) -> &'s str {
        &self.lexer.text()[span.start as usize..span.end as usize]
    }

    /// From a start to the end of the last token taken.
    fn span_from(&self, start: u32) -> Span {
        Span::new(start, self.taken_end.max(start))
    }

    /// Reads something within brackets, where newlines mean nothing or, in objects, separate.
    fn bracketed<T>(
        &mut self,
        skips_newlines: bool,
        read: impl FnOnce(&mut Self) -> Parse<T>,
    ) -> Parse<T> {
        let outer = std::mem::replace(&mut self.skips_newlines, skips_newlines);
        let result = read(self);
        self.skips_newlines = outer;
        result
    }

    /// Reads something that stands within something else.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        if self.depth >= self.limits.nesting {
            return Err(self.too_deep());
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Reads something in which more names may be bound.
    fn binding<T>(&mut self, read: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        let outer = self.bound.len();
        let result = read(self);
        self.bound.truncate(outer);
        result
    }

    /// How many names are bound between a name's `for` and here, if there is one.
    fn bound_at(&self, name: &str) -> Option<u32> {
        let distance = self.bound.iter().rev().position(|bound| bound == name)?;
        Some(offset(distance))
    }

    /// The complaint about the current token, unless it is one that no grammar knows.
    fn unexpected(&mut self, complaint: Diagnostic) -> Box<Diagnostic> {
        let token = self.peek();
        let complaint = match token.kind {
            TokenKind::Invalid => invalid::explain(self.source, token.span),
            _ => complaint.at(self.source, token.span),
        };
        Box::new(complaint)
    }

    fn end_of_text(&self) -> Span {
        let end = offset(self.lexer.text().len());
        Span::new(end, end)
    }
}

#[cfg(test)]
mod tests;
