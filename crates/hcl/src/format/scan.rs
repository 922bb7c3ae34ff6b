//! A text as a flat list of tokens: with comments, with the literal text of templates, and with the
//! blanks before each token.

use super::spacing::Kind;
use crate::lex::literal::{Delimiter, LiteralEnd};
use crate::lex::{Lexer, TokenKind};
use crate::source::offset;

/// A token and what stands before it. All pieces together are the text, but for tabs between them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'s> {
    pub(super) kind: Kind,
    pub(super) text: &'s str,
    /// How many blanks stand before it.
    pub(super) blanks: u32,
}

pub(super) fn scan(text: &str) -> Vec<Piece<'_>> {
    let mut scan = Scan {
        lexer: Lexer::new(text),
        open: Vec::new(),
        pieces: Vec::with_capacity(text.len() / 4),
        end: 0,
    };
    scan.run();
    scan.pieces
}

/// What a closing brace may close.
enum Opened {
    Brace,
    /// A sequence of a template, whose text goes on behind it.
    Sequence(Delimiter),
}

struct Scan<'s> {
    lexer: Lexer<'s>,
    open: Vec<Opened>,
    pieces: Vec<Piece<'s>>,
    /// Where the last piece ends.
    end: usize,
}

impl Scan<'_> {
    fn run(&mut self) {
        loop {
            let token = self.lexer.next_token();
            self.comments_up_to(token.span.start as usize);
            let mut kind = Kind::Token(token.kind);
            let mut goes_on = None;
            match token.kind {
                TokenKind::OpenBrace => self.open.push(Opened::Brace),
                TokenKind::CloseBrace | TokenKind::TrimEnd => {
                    if token.kind == TokenKind::TrimEnd {
                        kind = Kind::SequenceEnd;
                    }
                    if let Some(Opened::Sequence(delimiter)) = self.open.pop() {
                        kind = Kind::SequenceEnd;
                        goes_on = Some(delimiter);
                    }
                }
                TokenKind::Quote => goes_on = Some(Delimiter::Quotes),
                TokenKind::Heredoc => {
                    goes_on = Some(Delimiter::of_heredoc(self.lexer.text(), token.span).0);
                }
                _ => {}
            }
            self.push(kind, token.span.end as usize);
            match goes_on {
                Some(delimiter) => self.literals(delimiter),
                None if token.kind == TokenKind::End => return,
                None => {}
            }
        }
    }

    /// Takes the text from the last piece up to here: blanks and a token.
    fn push(&mut self, kind: Kind, end: usize) {
        let text = &self.lexer.text()[self.end..end];
        let token = match kind {
            Kind::Literal => text,
            _ => text.trim_start_matches([' ', '\t']),
        };
        let blanks = match kind {
            Kind::Token(TokenKind::Newline) => 0,
            _ => offset(text.len() - token.len()),
        };
        self.pieces.push(Piece {
            kind,
            text: token,
            blanks,
        });
        self.end = end;
    }

    /// Takes the comments that the lexer passed over.
    fn comments_up_to(&mut self, next: usize) {
        loop {
            let between = &self.lexer.text()[self.end..next];
            let comment = between.trim_start_matches([' ', '\t']);
            if comment.is_empty() {
                return;
            }
            let start = next - comment.len();
            match comment
                .strip_prefix("/*")
                .and_then(|inner| inner.find("*/"))
            {
                Some(length) => self.push(Kind::Comment, start + length + 4),
                None => self.push(Kind::LineComment, next),
            }
        }
    }

    /// Takes literal text up to the template's end, or into its next sequence.
    fn literals(&mut self, delimiter: Delimiter) {
        loop {
            let literal = self.lexer.next_literal(delimiter);
            let end = match literal.end {
                LiteralEnd::Line => continue,
                // What is broken stays as it is.
                LiteralEnd::BrokenLine => {
                    self.lexer.seek(literal.end_span.end as usize + 1);
                    continue;
                }
                LiteralEnd::Interpolation { .. } | LiteralEnd::Directive { .. } => {
                    self.open.push(Opened::Sequence(delimiter));
                    Kind::SequenceOpen
                }
                LiteralEnd::Close if delimiter == Delimiter::Quotes => Kind::QuoteEnd,
                LiteralEnd::Close => Kind::HeredocEnd,
                LiteralEnd::Missing => Kind::Literal,
            };
            if self.end < literal.end_span.start as usize {
                self.push(Kind::Literal, literal.end_span.start as usize);
            }
            if literal.end != LiteralEnd::Missing {
                self.push(end, literal.end_span.end as usize);
            }
            return;
        }
    }
}
